"""Embedded services of one's own, for tests that break them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podium import embedded
from podium.settings import Settings, load


@pytest.fixture(scope="module")
def own() -> Iterator[Settings]:
    """Settings of a home that the tests of a module share; it may be in any state."""
    home = Path(tempfile.mkdtemp(prefix="podium-"))
    settings = load({"home": home, "kafka.bootstrap": "", "postgres.url": ""})
    yield settings
    embedded.down(settings)
    shutil.rmtree(home)
