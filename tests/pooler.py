"""A pooler before PostgreSQL, as PgBouncer is one: many clients over a few connections of its own."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from threading import Lock, Thread

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

READY = b"Z"
REPORTED = ("server_version", "server_encoding", "client_encoding", "standard_conforming_strings", "integer_datetimes")


class Pooler:
    """Listens on loopback for clients of one connection string, and lets everybody in.

    `shared`: in transaction mode, with a single connection to the server; else every client has one until it leaves.
    """

    def __init__(self, dsn: str, shared: bool) -> None:
        self._upstream = dsn
        self._shared = _Server(dsn) if shared else None
        self._listener = socket.create_server(("127.0.0.1", 0))
        parts = conninfo_to_dict(dsn)
        here = {
            "host": "127.0.0.1",
            "port": self._listener.getsockname()[1],
            "sslmode": "disable",
            "gssencmode": "disable",
        }
        self.dsn = make_conninfo(**{**parts, **here})
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more clients."""
        self._listener.close()
        if self._shared:
            self._shared.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, EOFError):
            (length,) = struct.unpack("!I", _exactly(client, 4))
            words = _exactly(client, length - 4)[4:].rstrip(b"\0").split(b"\0")
            given = dict(zip(words[::2], words[1::2], strict=False))
            if b"options" in given:
                client.sendall(_error("08P01", "unsupported startup parameter: options"))
                return
            server = self._shared or _Server(self._upstream)
            try:
                client.sendall(server.greeting)
                while server.relay(client):
                    continue
            finally:
                if server is not self._shared:
                    server.close()


class _Server:
    """One connection to the real server, used by one client at a time."""

    def __init__(self, dsn: str) -> None:
        self._login = psycopg.connect(dsn, autocommit=True)
        self._lock = Lock()
        self._socket = socket.socket(fileno=os.dup(self._login.fileno()))
        self._socket.setblocking(True)
        told = {name: self._login.info.parameter_status(name) or "" for name in REPORTED}
        reports = b"".join(_message(b"S", f"{name}\0{value}\0".encode()) for name, value in told.items())
        made_up = struct.pack("!II", int.from_bytes(os.urandom(3), "big") + 10_000_000, 7)
        self.greeting = _message(b"R", struct.pack("!I", 0)) + reports + _message(b"K", made_up) + _message(READY, b"I")

    def close(self) -> None:
        """Leave the real server."""
        self._socket.close()
        self._login.close()

    def relay(self, client: socket.socket) -> bool:
        """Everything from a client's first word to the end of its transaction. False once it has left."""
        held = False
        try:
            while True:
                kind, message = _read(client)
                if kind == b"X":
                    return False
                if not held:
                    held = self._lock.acquire()
                self._socket.sendall(message)
                if kind in b"QS" and self._answer(client) == b"I":
                    return True
        finally:
            if held:
                self._lock.release()

    def _answer(self, client: socket.socket) -> bytes:
        while True:
            kind, message = _read(self._socket)
            client.sendall(message)
            if kind == READY:
                return message[-1:]
            if kind == b"G":
                self._copy_in(client)

    def _copy_in(self, client: socket.socket) -> None:
        kind = b""
        while kind not in (b"c", b"f"):
            kind, message = _read(client)
            self._socket.sendall(message)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _error(sqlstate: str, text: str) -> bytes:
    return _message(b"E", f"SFATAL\0VFATAL\0C{sqlstate}\0M{text}\0\0".encode())


def _read(wire: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(wire, 5)
    return head[:1], head + _exactly(wire, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(wire: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        if not (more := wire.recv(count - len(found))):
            raise EOFError
        found += more
    return found
