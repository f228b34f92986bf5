"""HTTP connections that are given up: whoever begins a request and does not end its headers holds nothing for long."""

from __future__ import annotations

import asyncio

from h11 import IDLE
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS_MAX = 10.0
"""From a connection, or the first byte of a further request, to the end of its headers."""
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HeaderDeadline(H11Protocol):
    """Closes a connection whose request does not come in time; that some of it comes now and then does not help."""

    header_seconds = HEADER_SECONDS_MAX
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on, unless all of a request is there."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._rest()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Leave the connection to the limit of idle ones, until it says something."""
        self._rest()
        super().on_response_complete()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        if self._answering:
            self._rest()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._answering or self.transport.is_closing():
            return
        if self.conn.our_state is IDLE:
            self.transport.write(TOO_LATE)
        self.transport.close()


def within(seconds: float) -> type[HeaderDeadline]:
    """The protocol with another limit."""
    return type("HeaderDeadlineWithin", (HeaderDeadline,), {"header_seconds": seconds})
