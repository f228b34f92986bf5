"""Reads the vendored observations: one series a station, hour by hour, with the gaps that they have."""

import gzip
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

HOUR: Final = timedelta(hours=1)
MEMBER: Final = "temperatures.csv"
HEAD: Final = "origin,time_hour,temp"
SHA256: Final = "519fe1bd4e4635c8599b83aef17ab60fcf928768d2b1a6a211d4a842e9e186ca"
BEGIN: Final = datetime(2013, 7, 1, tzinfo=UTC)
END: Final = datetime(2013, 9, 1, tzinfo=UTC)
"""The first hour that is not vendored."""

STATIONS: Final = ("EWR", "JFK", "LGA")


class SeriesDamaged(Exception):
    """The vendored file does not read as stations, hours and temperatures."""


@dataclass(frozen=True)
class Series:
    """Degrees Fahrenheit at one station in each hour from BEGIN; None where nothing was observed."""

    station: str
    values: Sequence[float | None]

    def at(self, moment: datetime) -> float | None:
        """The observation of an hour."""
        hours = (moment - BEGIN) // HOUR
        return self.values[hours] if 0 <= hours < len(self.values) else None

    def until(self, moment: datetime, hours: int) -> list[float | None]:
        """The last so many hours, oldest first, up to and with `moment`: what a forecaster may know by then."""
        end = (moment - BEGIN) // HOUR + 1
        return list(self.values[max(0, end - hours) : end])


@cache
def load() -> dict[str, Series]:
    """The series of every station. Raises SeriesDamaged."""
    packed = files(__package__) / "series" / f"{MEMBER}.gz"
    try:
        content = gzip.decompress(packed.read_bytes())
    except (EOFError, OSError, zlib.error) as error:
        raise SeriesDamaged(f"{MEMBER}.gz does not unpack ({error}); vendor it again") from None
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SeriesDamaged(f"{MEMBER} is not the vendored text; vendor it again")
    return parse(content.decode())


def parse(content: str) -> dict[str, Series]:
    """Series of a text with a line for each observation: station, hour and degrees. Raises SeriesDamaged."""
    head, *lines = content.splitlines()
    if head != HEAD:
        raise SeriesDamaged(f"{MEMBER} begins with {head!r}, expected {HEAD!r}; vendor it again")
    found: dict[str, list[float | None]] = {station: [None] * ((END - BEGIN) // HOUR) for station in STATIONS}
    for number, line in enumerate(lines, start=2):
        try:
            station, hour, degrees = line.split(",")
            found[station][(datetime.fromisoformat(hour) - BEGIN) // HOUR] = float(degrees)
        except (ValueError, KeyError, IndexError, TypeError):
            raise SeriesDamaged(f"{MEMBER}, line {number}: {line[:80]!r}; vendor it again") from None
    return {station: Series(station, values) for station, values in found.items()}
