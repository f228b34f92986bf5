"""Services of one's own, to be killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podium import embedded
from podium.settings import Settings, load


@pytest.fixture(scope="session")
def mortal() -> Iterator[Settings]:
    """Addresses of embedded services that no other test uses."""
    home = Path(tempfile.mkdtemp(prefix="podium-"))
    own = load({"home": home, "kafka.bootstrap": "", "postgres.url": ""})
    try:
        yield embedded.up(own)
    finally:
        embedded.down(own)
        shutil.rmtree(home, ignore_errors=True)
