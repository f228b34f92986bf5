"""How much is held in memory at once: batches end at a number of bytes as well as at a number of records."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

BATCH_BYTES_MAX = 8 * 1024 * 1024
"""A batch ends with the record that reaches this; the next ones wait."""
CHUNK_RECORDS_MAX = 512
"""Records taken from the client in one call, while they are small."""
CHUNK_RECORDS_FIRST = 8
"""In the first call of a batch: what comes may be large."""

FETCH: dict[str, int] = {
    # librdkafka decompresses all batches of a response at once, and 300 records of 4 MB that compress to nothing are
    # 66 KB on the wire. The best of the codecs is bounded by 32,000 to 1, so this bounds a response to 262 MB; only
    # the first batch of a response may be larger on the wire.
    "fetch.message.max.bytes": 8 * 1024,
    "fetch.max.bytes": 8 * 1024,
    "message.max.bytes": 8 * 1024,  # Or librdkafka raises fetch.max.bytes to it; a consumer has no other use for it.
    # What zstd may decompress one batch to, a third of it at the least: librdkafka guesses in steps of three. A
    # greater batch is an error at its place. The other codecs have no such bound.
    "receive.message.max.bytes": 256 * 1024 * 1024,
    "queued.max.messages.kbytes": 8 * 1024,
}
"""Properties of every consumer that reads what others wrote."""


class Sized(Protocol):
    """A record as Kafka delivered it; its length is that of its value, 0 without one."""

    def __len__(self) -> int: ...

    def key(self) -> Any:
        """The key, None without one."""


R = TypeVar("R", bound=Sized)
Consume = Callable[[int, float], list[R]]
"""At most so many records, waiting at most so many seconds for them."""


class BoundedReader:
    """Takes records in chunks that shrink as they grow, until a batch is full by records or by bytes.

    At most one chunk is taken beyond what fits, and a chunk is sized by the largest record of the one before: what
    does not fit stays with the caller, in its order.
    """

    def __init__(self, bytes_max: int = BATCH_BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self._largest = 0

    def read(self, kept: list[R], consume: Consume[R], records_max: int, seconds: float) -> bool:
        """Append to `kept` until it is a full batch, or nothing more comes; whether it is full.

        `consume` may take records out of `kept`, as a rebalance does.
        """
        late = time.monotonic() + seconds
        bytes_taken = size_of(kept)
        self._largest = max(self._largest, self.bytes_max // CHUNK_RECORDS_FIRST)
        while len(kept) < records_max and bytes_taken < self.bytes_max:
            room = (self.bytes_max - bytes_taken) // max(self._largest, 1)
            wanted = max(1, min(CHUNK_RECORDS_MAX, records_max - len(kept), room))
            found = consume(wanted, max(0.0, late - time.monotonic()))
            kept += found
            sizes = list(map(_size, found))
            bytes_taken += sum(sizes)
            # Growing again takes a few calls: a small record tells little of the next one.
            self._largest = max([self._largest // 4, *sizes])
            if len(found) < wanted:
                return bytes_taken >= self.bytes_max
        return True

    def cut(self, kept: list[R], records_max: int) -> list[R]:
        """Take a batch from the front of `kept`: it ends with the record that reaches a limit."""
        end = min(len(kept), records_max)
        if size_of(kept[:end]) > self.bytes_max:
            end = _end(kept, end, self.bytes_max)
        batch = kept[:end]
        del kept[:end]
        return batch


def _size(record: Sized) -> int:
    key = record.key()
    return len(record) + (len(key) if key else 0)


def size_of(records: Sequence[Sized]) -> int:
    """Bytes of the values and keys of some records."""
    return sum(map(_size, records))


def _end(records: Sequence[Sized], end: int, bytes_max: int) -> int:
    total = 0
    for n, record in enumerate(records[:end], 1):
        total += _size(record)
        if total >= bytes_max:
            return n
    return end
