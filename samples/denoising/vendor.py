"""Takes nine strong-motion records out of a wheel of gmprocess and packs an extract of them beside this file."""

import argparse
import gzip
import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from samples.denoising.recordings import STATIONS, Station

FOLDER: Final = "gmprocess/data/demo/ci38457511/raw"
LICENCE: Final = "licenses/LICENSE.md"
HERE: Final = Path(__file__).parent
FIELD_CHARACTERS: Final = 9
"""Samples stand in columns of nine characters, six of them decimals of g."""


class SourceRefused(Exception):
    """The wheel is not the one whose records are vendored."""


def vendor(wheel: Path, target: Path) -> list[Path]:
    """Writes the licence and one packed file a station below `target`; the same input gives the same bytes.

    Raises SourceRefused if a file is missing or differs from the published one.
    """
    folder = target / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(LICENCE))
        (target / "LICENSE.md").write_bytes(archive.read(name))
        written = [target / "LICENSE.md"]
        for station in STATIONS:
            packed = folder / station.file
            packed.write_bytes(pack(_extract(_verified(archive, station), station)))
            written.append(packed)
    return written


def pack(content: bytes) -> bytes:
    """Gzip without a name or a time of its own."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def _verified(archive: zipfile.ZipFile, station: Station) -> str:
    try:
        content = archive.read(f"{FOLDER}/{station.member}")
    except KeyError:
        raise SourceRefused(f"the wheel holds no {station.member}; take gmprocess 2.8.0") from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != station.sha256:
        raise SourceRefused(f"{station.member} has sha256 {digest}, expected {station.sha256}; fetch it again")
    return content.decode("ascii")


def _extract(text: str, station: Station) -> bytes:
    """A line a sample, a column a channel, in millionths of g."""
    channels = list(_channels(text.splitlines()))
    cut = [channel[station.first : station.first + station.samples] for channel in channels]
    return "".join(f"{' '.join(map(str, row))}\n" for row in zip(*cut, strict=True)).encode()


def _channels(lines: list[str]) -> Iterator[list[int]]:
    """The samples of each channel of a COSMOS file, after the line that announces how many there are."""
    for n, line in enumerate(lines):
        if "Accelerogram points at" in line:
            wanted, samples, at = int(line.split()[0]), list[int](), n + 1
            while len(samples) < wanted:
                samples += _fields(lines[at])
                at += 1
            yield samples[:wanted]


def _fields(line: str) -> list[int]:
    fields = (line[at : at + FIELD_CHARACTERS] for at in range(0, len(line.rstrip()), FIELD_CHARACTERS))
    return [round(float(field) * 1_000_000) for field in fields]


def main() -> None:
    parser = argparse.ArgumentParser(description="Vendor the strong-motion records of gmprocess.")
    parser.add_argument("wheel", type=Path, help="gmprocess-2.8.0-py3-none-any.whl")
    parser.add_argument("--target", type=Path, default=HERE, help="default: the folder of this script")
    arguments = parser.parse_args()
    for path in vendor(arguments.wheel, arguments.target):
        print(f"{path.stat().st_size:>9,} bytes  {path}")


if __name__ == "__main__":
    main()
