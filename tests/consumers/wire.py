"""Records that no well-behaved client would send, written to the broker byte by byte."""

from __future__ import annotations

import socket
import struct

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

CRC_AT, CRC_FROM = 17, 21
"""Where a batch has its checksum, and from where on that is taken."""


def batch(key: bytes, value: bytes, header_name: bytes) -> bytes:
    """A batch of one record with a header of that name."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    stand_in = "~" * len(header_name)
    builder.append(0, 0, key, value, [(stand_in, b"1")])
    made = bytearray(builder.build().replace(stand_in.encode(), header_name))
    struct.pack_into(">I", made, CRC_AT, calc_crc32c(bytes(made[CRC_FROM:])))
    return bytes(made)


def produce(server: str, topic: str, partition: int, records: bytes) -> None:
    """Send a batch, by version 3 of the request to produce; it must be acknowledged."""
    name = topic.encode()
    body = struct.pack(">hhihhhi", 0, 3, 1, 0, -1, 1, 10_000)
    body += struct.pack(">ih", 1, len(name)) + name + struct.pack(">iii", 1, partition, len(records)) + records
    host, _, port = server.partition(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        answer = connection.recv(65_536)
    error = struct.unpack_from(">h", answer, 4 + 4 + 4 + 2 + len(name) + 4 + 4)[0]
    assert error == 0, f"error {error}"
