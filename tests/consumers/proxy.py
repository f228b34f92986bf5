"""A wire between a client and PostgreSQL that loses the answer to COMMIT: the worst moment to be cut off."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Wire:
    """Forwards connections; of the next `losses` transactions the answer to COMMIT is kept back, and the wire cut."""

    def __init__(self, dsn: str) -> None:
        given = conninfo_to_dict(dsn)
        self._host, self._port = str(given["host"]), int(str(given["port"]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        address = {"host": "127.0.0.1", "port": self._listener.getsockname()[1]}
        self.dsn = make_conninfo(dsn, **address)
        self.losses = 0
        self.lost = 0
        self.barred = b""
        """The next statement with this text in it is not let through, and the wire cut."""
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=_Line(self, client, self._server()).run, daemon=True).start()

    def _server(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server


class _Line:
    """One connection through the wire."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self.wire = wire
        self.client = client
        self.server = server
        self.committing = threading.Event()

    def run(self) -> None:
        back = threading.Thread(target=self._answers, daemon=True)
        back.start()
        with suppress(OSError):
            while sent := self.client.recv(65536):
                if self.wire.barred and self.wire.barred in sent:
                    self.wire.barred = b""
                    self.wire.lost += 1
                    break
                if b"COMMIT" in sent and self.wire.losses:
                    self.committing.set()
                self.server.sendall(sent)
        self._cut()

    def _answers(self) -> None:
        with suppress(OSError):
            while answer := self.server.recv(65536):
                if self.committing.is_set() and b"COMMIT\x00" in answer:
                    self.wire.losses -= 1
                    self.wire.lost += 1
                    break
                self.client.sendall(answer)
        self._cut()

    def _cut(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def wire(dsn: str) -> Iterator[Wire]:
    """A wire to the server of a connection string; its own string is `dsn`."""
    one = Wire(dsn)
    try:
        yield one
    finally:
        one.close()
