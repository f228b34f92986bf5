"""SEG-Y, revision 1: as much of the format as one gather of IEEE floats needs.

Source: Society of Exploration Geophysicists, SEG Y rev 1 Data Exchange format, 2002.
"""

import struct
from collections.abc import Sequence
from typing import Final

from samples.denoising.recordings import Trace

TEXT_BYTES: Final = 3200
BINARY_BYTES: Final = 400
TRACE_HEADER_BYTES: Final = 240
SAMPLE_BYTES: Final = 4
IEEE_FLOAT: Final = 5
INTERVAL_AT, SAMPLES_AT, FORMAT_AT, REVISION_AT = 16, 20, 24, 300
"""In the binary header, 16 bits each, big-endian: microseconds, samples a trace, format code, revision."""


class NotSegy(ValueError):
    """The bytes are no gather that this reader knows."""


def encode(gather: Sequence[Sequence[float]], sample_rate: float) -> bytes:
    """The file of a gather: all traces of one length, samples rounded to 32 bits."""
    samples = len(gather[0])
    interval = round(1_000_000 / sample_rate)
    binary = bytearray(BINARY_BYTES)
    for at, value in ((INTERVAL_AT, interval), (SAMPLES_AT, samples), (FORMAT_AT, IEEE_FLOAT), (REVISION_AT, 0x100)):
        struct.pack_into(">H", binary, at, value)
    parts = ["C 1".ljust(TEXT_BYTES).encode("cp037"), bytes(binary)]
    for n, trace in enumerate(gather, start=1):
        header = bytearray(TRACE_HEADER_BYTES)
        struct.pack_into(">ii", header, 0, n, n)
        struct.pack_into(">HH", header, 114, samples, interval)
        parts += [bytes(header), struct.pack(f">{samples}f", *trace)]
    return b"".join(parts)


def decode(content: bytes) -> list[Trace]:
    """The traces of a file that `encode` could have made. Raises NotSegy."""
    if len(content) < TEXT_BYTES + BINARY_BYTES:
        raise NotSegy(f"{len(content)} bytes are shorter than the headers")
    samples, code = (struct.unpack_from(">H", content, TEXT_BYTES + at)[0] for at in (SAMPLES_AT, FORMAT_AT))
    step = TRACE_HEADER_BYTES + SAMPLE_BYTES * samples
    if code != IEEE_FLOAT or not samples or (len(content) - TEXT_BYTES - BINARY_BYTES) % step:
        raise NotSegy(f"format {code} with {samples} samples a trace in {len(content)} bytes")
    starts = range(TEXT_BYTES + BINARY_BYTES + TRACE_HEADER_BYTES, len(content), step)
    return [list(struct.unpack_from(f">{samples}f", content, at)) for at in starts]
