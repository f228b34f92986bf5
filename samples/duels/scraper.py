"""A scraper: claims pages that jobs wait for, fetches those that the log grants, keeps and reads them.

python -m samples.duels.scraper browser-1
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic
from typing import Final
from zlib import crc32

from podium.client import Producer
from podium.settings import Settings
from samples.duels import decks, reading
from samples.duels.host import ADDRESS_FILE, NAME
from samples.duels.page import Unreadable, raw_json
from samples.duels.process import folder, run, write
from samples.duels.schedule import WISHES
from samples.duels.wanted import Follower, Wanted
from schema.envelope import uuid7
from schema.replays.links import CANONICAL
from schema.replays.pages import ATTEMPTS_MAX

LEASE: Final = timedelta(seconds=20)
SECONDS_MAX = 8.0
FINAL: Final = ("not found",)
"""Kinds of failures that another try does not mend."""


class NotScraped(Exception):
    """A try at a page failed; `kind` is one of those that the event knows."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass
class Scraper:
    """One scraper; two with the same name still have claims of their own."""

    name: str
    folder: Path
    producer: Producer
    follower: Follower

    def work(self) -> Iterator[int]:
        """Until all jobs of the demonstration are over; yields how many pages are settled, whoever did it."""
        worker = f"{self.name}-{uuid7().hex[-8:]}"
        self._read_again(self.follower.seen)
        while not (seen := self.follower.look()).over([wish.id for wish in WISHES]):
            # Everybody begins elsewhere, or all would claim the same page and all but one in vain.
            waiting = sorted(seen.unclaimed(), key=lambda url: crc32(f"{worker} {url}".encode()))
            if waiting:
                self._try(waiting[0], worker)
            yield _settled(seen)
        yield _settled(seen)

    def _try(self, url: str, worker: str) -> None:
        newest = epoch, attempt = self.follower.seen.page(url).newest
        asked = {"url": url, "epoch": epoch, "attempt": attempt}
        until = datetime.now(UTC) + LEASE
        self.producer.publish("replays.url.claimed.v1", {**asked, "worker": worker, "lease_until": until.isoformat()})
        self.producer.flush()
        if not self.follower.granted(url, newest, worker):
            return
        begun = monotonic()
        try:
            raw = self._fetch(url)
        except NotScraped as failure:
            self._give_up(asked, failure)
            return
        write(self._kept(url), raw)
        stored = {"s3_key": f"replays/{self._kept(url).name}", "seconds": round(monotonic() - begun, 3)}
        self.producer.publish("replays.url.scraped.v1", {**asked, **stored})
        self._read(url, raw)

    def _fetch(self, url: str) -> str:
        """Ask the host of the demonstration, wherever it listens, as one would ask the site."""
        try:
            connection = self._connect()
            connection.request("GET", url.removeprefix(f"https://{NAME}"), headers={"Host": NAME})
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
        except (OSError, HTTPException, ValueError) as error:
            raise NotScraped("timeout", f"the host does not answer: {error!r}") from error
        if answer.status != 200:
            raise NotScraped({403: "captcha", 404: "not found"}.get(answer.status, "other"), f"{answer.status}: {text}")
        try:
            return raw_json(text)
        except Unreadable as error:
            raise NotScraped("other", str(error)) from error

    def _connect(self) -> HTTPConnection:
        """To the host, which may just be starting. Raises OSError if it does not for too long."""
        late = monotonic() + SECONDS_MAX
        while True:
            try:
                where, port = (self.folder / ADDRESS_FILE).read_text(encoding="utf-8").split(":")
                connection = HTTPConnection(where, int(port), timeout=SECONDS_MAX)
                connection.connect()
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                if monotonic() > late:
                    raise
                self.follower.look()

    def _give_up(self, asked: dict[str, object], failure: NotScraped) -> None:
        told = {**asked, "error_kind": failure.kind, "error": str(failure)}
        attempt = self.follower.seen.page(str(asked["url"])).attempt
        if attempt == ATTEMPTS_MAX or failure.kind in FINAL:
            self.producer.publish("replays.url.failed.v1", told)
        else:
            self.producer.publish("replays.url.released.v1", {**told, "attempt": attempt + 1})
        self.producer.flush()

    def _kept(self, url: str) -> Path:
        return self.folder / "replays" / f"{url.removeprefix(CANONICAL)}.json"

    def _read(self, url: str, raw: str) -> None:
        match = reading.read(raw)
        for type_, data in (*reading.events(url, match), *decks.events(url, match)):
            self.producer.publish(type_, data)
        self.producer.flush()

    def _read_again(self, seen: Wanted) -> None:
        """Whoever died between keeping and reading a page left it to others; to read it twice says the same."""
        for url, page in seen.pages.items():
            if page.scraped and not page.settled and self._kept(url).exists():
                self._read(url, self._kept(url).read_text(encoding="utf-8"))


def _settled(seen: Wanted) -> int:
    return sum(page.settled for page in seen.pages.values())


def scrape(name: str, settings: Settings) -> Iterator[int]:
    """Be a scraper until the demonstration is over."""
    decks.trained()
    follower = Follower(settings.kafka)
    try:
        with Producer(settings, source=f"samples/duels/{name}") as producer:
            yield from Scraper(name, folder(settings), producer, follower).work()
    finally:
        follower.close()


if __name__ == "__main__":
    run(partial(scrape, sys.argv[1]))
