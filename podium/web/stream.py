"""Live pages: one look at the database for all, one rendering a view and snapshot, the same bytes to everybody.

The hub asks for the newest snapshots a few times a second while anybody watches. Asking, rather than LISTEN, survives a
swap of databases and a lost connection without a gap, and its pace is also the bound on updates a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from psycopg import Error as DatabaseError
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from podium.web.reading import Mark, Reading

LOOK_SECONDS = 0.25
LOOK_AGAIN_SECONDS = 1.0
KEEPALIVE_SECONDS = 15.0
SEND_SECONDS_MAX = 10.0
STREAMS_MAX = 2000
RECONNECT_MS = 300
KEEPALIVE = b": still here\n\n"

log = logging.getLogger(__name__)


class Full(Exception):
    """This process serves as many streams as it may."""


class Frame(NamedTuple):
    """What a view looks like at a snapshot, ready to be sent."""

    id: str
    message: bytes


Render = Callable[[], Awaitable[tuple[str, str] | None]]
"""Makes (id, HTML) of a view as it is now; None if there is nothing to show."""


def message(id_: str, html: str) -> bytes:
    """A server-sent event without a name, so that the page swaps it in."""
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"id: {id_}\nretry: {RECONNECT_MS}\n{lines}\n".encode()


@dataclass
class Channel:
    """One view of one board (or of the list, for the board None) and those who watch it."""

    board: str | None
    render: Render
    frame: Frame | None = None
    watchers: int = 0
    shown: object = None
    """What the newest snapshots were when the frame was made."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def refresh(self, latest: Mapping[str, Mark]) -> None:
        """Render again if the board has a newer snapshot than the frame shows."""
        now = _snapshots(latest, self.board)
        if now == self.shown:
            return
        try:
            rendered = await self.render()
        except DatabaseError:
            raise
        except Exception:  # one view that cannot be drawn must not still the others
            log.exception("board %s cannot be drawn", self.board)
            rendered = None
        self.shown = now
        if rendered and (self.frame is None or rendered[0] != self.frame.id):
            await self._publish(Frame(rendered[0], message(*rendered)))

    async def _publish(self, frame: Frame) -> None:
        async with self.changed:
            self.frame = frame
            self.changed.notify_all()

    async def wake(self) -> None:
        """Let the watchers look up although nothing changed."""
        async with self.changed:
            self.changed.notify_all()


def _snapshots(latest: Mapping[str, Mark], board: str | None) -> object:
    if board is None:
        return tuple(mark.snapshot for mark in latest.values())
    return latest[board].snapshot if board in latest else None


class Hub:
    """All channels of a process. Channels exist while somebody watches; `run` is the one loop that looks."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.streams_max = STREAMS_MAX
        self.send_seconds_max = SEND_SECONDS_MAX
        self.channels: dict[tuple[str | None, str], Channel] = {}
        self.closing = False
        self._watched = asyncio.Event()
        self._lost = False

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return sum(channel.watchers for channel in self.channels.values())

    async def run(self) -> None:
        """Look for newer snapshots until cancelled, only while somebody watches."""
        while True:
            await self._watched.wait()
            await asyncio.sleep(await self._look())

    async def _look(self) -> float:
        """Bring every channel up to date; seconds until the next look."""
        try:
            latest = await self.reading.latest()
            for channel in list(self.channels.values()):
                await channel.refresh(latest)
        except DatabaseError as error:
            self._tell(lost=True, why=type(error).__name__)
            return LOOK_AGAIN_SECONDS
        self._tell(lost=False)
        if not self.channels:
            self._watched.clear()
        return LOOK_SECONDS

    def _tell(self, lost: bool, why: str = "") -> None:
        """Log that the database went away or came back, once each."""
        if lost != self._lost:
            self._lost = lost
            log.warning("live pages wait for the database: %s" if lost else "live pages move again%s", why)

    def watch(self, board: str | None, view: str, render: Render, seen: str) -> AsyncIterator[bytes]:
        """Messages of one view, from the first newer than `seen` on; ends when the hub closes. Raises Full."""
        if self.streams >= self.streams_max:
            raise Full
        return self._messages((board, view), render, seen)

    async def _messages(self, key: tuple[str | None, str], render: Render, seen: str) -> AsyncIterator[bytes]:
        channel = self.channels.setdefault(key, Channel(key[0], render))
        channel.watchers += 1
        self._watched.set()
        try:
            yield KEEPALIVE
            while not self.closing:
                frame = await self._next(channel, seen)
                seen = frame.id if frame else seen
                yield frame.message if frame else KEEPALIVE
        finally:
            channel.watchers -= 1
            if not channel.watchers:
                self.channels.pop(key, None)

    async def _next(self, channel: Channel, seen: str) -> Frame | None:
        """The channel's frame once it is another than `seen`; None when it is time for a sign of life."""
        try:
            async with asyncio.timeout(KEEPALIVE_SECONDS), channel.changed:
                await channel.changed.wait_for(lambda: self.closing or _other(channel.frame, seen))
        except TimeoutError:
            return None
        return channel.frame if _other(channel.frame, seen) and not self.closing else None

    async def close(self) -> None:
        """End every stream, so that the server can stop at once; browsers come back by themselves."""
        self.closing = True
        for channel in list(self.channels.values()):
            await channel.wake()


def _other(frame: Frame | None, seen: str) -> bool:
    return frame is not None and frame.id != seen


class EventStream(StreamingResponse):
    """Server-sent events. Who does not take a message in time is dropped and may come back."""

    media_type = "text/event-stream"

    def __init__(self, messages: AsyncIterator[bytes], send_seconds_max: float) -> None:
        super().__init__(messages, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self.send_seconds_max = send_seconds_max

    async def stream_response(self, send: Send) -> None:
        """Send the messages as they come."""

        async def promptly(part: Message) -> None:
            async with asyncio.timeout(self.send_seconds_max):
                await send(part)

        try:
            await super().stream_response(promptly)
        except TimeoutError:
            log.info("a stream was dropped: its client took no message for %g s", self.send_seconds_max)
