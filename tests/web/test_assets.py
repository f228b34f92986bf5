"""What the browser loads is what was vendored, whole, under names made of its content."""

from __future__ import annotations

import hashlib
import re

import pytest
from fastapi.testclient import TestClient

from podium.web.assets import FOLDER, Assets

VENDOR = FOLDER / "vendor"
FOREIGN = re.compile(rb"(?:src|href|url\(|import)\s*[=(]?\s*[\"']?(?:https?:)?//")


def locked() -> dict[str, str]:
    """Files of the lock with their digests."""
    lines = [line.split() for line in (VENDOR / "vendor.lock").read_text().splitlines() if not line.startswith("#")]
    return {name: digest for digest, name, *_ in lines}


def test_vendored_files_are_those_of_the_lock() -> None:
    assert locked().keys() == {path.name for path in VENDOR.iterdir()} - {"vendor.lock"}
    for name, digest in locked().items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_every_vendored_package_has_its_licence_beside_it() -> None:
    assert {"htmx.LICENSE.txt", "inter.LICENSE.txt"} <= locked().keys()


@pytest.mark.parametrize("plain", ["podium.css", "podium.js", "podium.svg", "vendor/htmx.min.js"])
def test_assets_are_named_by_content_and_kept_forever(client: TestClient, plain: str) -> None:
    asset = Assets().named(plain)
    answer = client.get(f"/static/{asset.name}")
    assert answer.content == asset.content
    assert "immutable" in answer.headers["cache-control"]
    assert hashlib.sha256(asset.content).hexdigest()[:12] in asset.name
    assert client.get(f"/static/{plain}").status_code == 404


def test_style_sheets_point_at_hashed_names() -> None:
    assets = Assets()
    assert assets.url("vendor/inter-latin.woff2").encode() in assets.named("podium.css").content


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (*FOLDER.glob("*.css"), *FOLDER.glob("*.js"), *(FOLDER.parent / "templates").glob("*.html")):
        assert not FOREIGN.search(path.read_bytes()), path.name


def test_an_asset_that_is_not_there_is_an_error_when_the_page_is_drawn() -> None:
    with pytest.raises(KeyError):
        Assets().url("nothing.css")
