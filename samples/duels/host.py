"""The replay host: serves the pages of the duels on the loopback, as their site would; plays a duel when asked for it.

python -m samples.duels.host
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Final

from podium.settings import Settings
from samples.duels.page import html
from samples.duels.process import folder, run, write
from samples.duels.schedule import WISHES
from samples.duels.wanted import Follower

NAME: Final = "www.duelingbook.com"
"""The site that the host stands for: whoever asks names it."""

ADDRESS_FILE: Final = "address"
LOOPBACK: Final = "127.0.0.1"
BUSY_EVERY = 9
"""Every ninth page shows a riddle to who asks first."""

_PATH: Final = re.compile(r"/replay\?id=([1-9][0-9]{0,14})")


class Host(ThreadingHTTPServer):
    """Knows how often it served a page, and who has solved its riddle."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), Answer)
        self.served: dict[int, int] = {}
        self._lock = Lock()
        self._met: set[int] = set()

    def greets(self, page: int) -> bool:
        """Whether the page is shown; some show a riddle first."""
        with self._lock:
            if page % BUSY_EVERY == 0 and page not in self._met:
                self._met.add(page)
                return False
            return True

    def count(self, page: int) -> None:
        """The page was served."""
        with self._lock:
            self.served[page] = self.served.get(page, 0) + 1


class Answer(BaseHTTPRequestHandler):
    """Answers one request: 200 with the page, 403 with a riddle, 404 if there is no such page, 421 for another site."""

    server: Host

    def do_GET(self) -> None:
        """Serve a page."""
        found = _PATH.fullmatch(self.path)
        if self.headers.get("Host") != NAME:
            self._say(421, "another site")
        elif found is None:
            self._say(404, "no replay")
        elif not self.server.greets(int(found[1])):
            self._say(403, "captcha")
        elif (text := html(int(found[1]))) is None:
            self._say(404, "no such replay")
        else:
            self.server.count(int(found[1]))
            self._say(200, text)

    def _say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what goes wrong the scrapers tell."""


def serve(settings: Settings) -> Iterator[int]:
    """Serve until all jobs of the demonstration are over; yields the number of pages served so far."""
    address = folder(settings) / ADDRESS_FILE
    follower = Follower(settings.kafka)
    with Host() as host:
        Thread(target=host.serve_forever, name="host", daemon=True).start()
        write(address, f"{LOOPBACK}:{host.server_port}")
        try:
            while not follower.look().over([wish.id for wish in WISHES]):
                yield len(host.served)
            yield len(host.served)
        finally:
            address.unlink(missing_ok=True)
            host.shutdown()
            follower.close()


if __name__ == "__main__":
    run(serve)
