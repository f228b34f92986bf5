"""Three strong-motion stations in the Ridgecrest earthquake of 6 July 2019, cut into traces."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "recordings"
SAMPLE_RATE: Final = 100.0
"""Hz."""

CHANNELS: Final = 3
TRACE_SAMPLES: Final = 1024
"""10.24 s: a power of two, as transforms like it."""

Trace = list[float]


class Damaged(Exception):
    """A file of recordings is not the one that was vendored."""


@dataclass(frozen=True)
class Station:
    """A station, the published file with its record, and the part of it that is kept."""

    code: str
    place: str
    member: str
    sha256: str
    first: int
    """Index of the first sample kept."""

    unpacked: str
    """sha256 of what is kept, unpacked."""

    samples: int = 8 * TRACE_SAMPLES

    @property
    def file(self) -> str:
        """Name of the packed extract."""
        return f"{self.code}.txt.gz"


STATIONS: Final = (
    Station(
        "CCC",
        "Christmas Canyon Road, China Lake",
        "CICCC.RAW",
        "36f3e1828cc6753d74713b141a453ea361b4c31cfe813a248f18711ae4ac98e0",
        2048,
        "379e17edde3e207258d9579ad7f70760a675c6cb0860e0cb63607af652036c14",
    ),
    Station(
        "TOW2",
        "Tower 2",
        "CITOW2.RAW",
        "15fd29c135fd54a2c155c2ab17535bec53e550168931661d48fd853f6c005a1d",
        2048,
        "24534a841dd75c0328be8d040ca0df3d819780f7b9c9ce6ca96747142ab655b7",
    ),
    Station(
        "CLC",
        "G2 Tower Road, China Lake",
        "CICLC.v1",
        "ca29380a432a15142814322eec1a0bf199b15016a0e98548bdfcbba4ed9c0079",
        22528,
        "06d26a50e6cfa5dce533a9b0119c9a0f114c0258585ea64a8ce5b4c7c35e12c7",
    ),
)


@cache
def traces(station: Station) -> tuple[tuple[float, ...], ...]:
    """24 traces of 1,024 samples in g: channel after channel (east, north, up), window after window.

    Raises Damaged.
    """
    content = gzip.decompress((FOLDER / station.file).read_bytes())
    if sha256(content).hexdigest() != station.unpacked:
        raise Damaged(f"{station.file} is not the vendored one; python -m samples.denoising.vendor makes it again")
    rows = [[int(field) / 1_000_000 for field in line.split()] for line in content.splitlines()]
    channels = list(zip(*rows, strict=True))
    cuts = range(0, station.samples, TRACE_SAMPLES)
    return tuple(channel[at : at + TRACE_SAMPLES] for channel in channels for at in cuts)
