"""Files that the browser loads: named by their content, so that they may be kept forever."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

FOLDER = Path(__file__).parent / "static"
SERVED = {".css", ".js", ".svg", ".txt", ".woff2"}
HASH_CHARACTERS = 12
CSS_URL = re.compile(rb'url\("([^"]+)"\)')

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True)
class Asset:
    """One file under its hashed name."""

    name: str
    content: bytes
    type: str


class Assets:
    """All files of a folder, read once. Names in style sheets are replaced by the hashed ones."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._by_plain: dict[str, Asset] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix in SERVED:
                self.named(path.relative_to(folder).as_posix())

    def named(self, plain: str) -> Asset:
        """The file of a plain name, relative to the folder. Raises KeyError if it is not there."""
        if plain not in self._by_plain:
            path = self.folder / plain
            if not path.is_file():
                raise KeyError(plain)
            self._by_plain[plain] = self._read(plain, path)
        return self._by_plain[plain]

    def _read(self, plain: str, path: Path) -> Asset:
        content = path.read_bytes()
        if path.suffix == ".css":
            content = CSS_URL.sub(lambda found: f'url("{self.url(found[1].decode())}")'.encode(), content)
        digest = hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]
        name = PurePosixPath(plain).with_suffix(f".{digest}{path.suffix}").as_posix()
        return Asset(name, content, mimetypes.guess_type(plain)[0] or "application/octet-stream")

    @cached_property
    def by_name(self) -> dict[str, Asset]:
        """Files by hashed name."""
        return {asset.name: asset for asset in self._by_plain.values()}

    @cached_property
    def build(self) -> str:
        """Changes with any file or template: a page drawn by another build is another page."""
        templates = sorted((self.folder.parent / "templates").glob("*.html"))
        names = [asset.name.encode() for asset in self._by_plain.values()]
        return hashlib.sha256(b"\0".join([*names, *(path.read_bytes() for path in templates)])).hexdigest()[:8]

    def url(self, plain: str) -> str:
        """Address of a file, for templates."""
        return f"/static/{self.named(plain).name}"
