"""Live pages: what a stream says, when, to how many, and how it ends."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import quote

import psycopg
import pytest

from podium.web import stream
from tests.web import sample
from tests.web.conftest import Served, until
from tests.web.markup import read
from tests.web.sample import BOARD, SCORES, START

LIVE = f"/live/b/{BOARD}"
MOVED = sample.shifted(SCORES, {3: 600})


@dataclass
class Event:
    """A server-sent event."""

    id: str
    data: str


class Listener:
    """Reads one stream in a thread."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response
        self.events: list[Event] = []
        self.comments = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def shows(self, id_: str) -> bool:
        """Whether the last event has that id."""
        return bool(self.events) and self.events[-1].id == id_

    def _read(self) -> None:
        lines: list[str] = []
        try:
            for raw in self.response:
                line = raw.decode().rstrip("\n")
                if line:
                    lines.append(line)
                    continue
                self._take(lines)
                lines = []
        except (OSError, http.client.HTTPException):
            pass
        self.ended.set()

    def _take(self, lines: list[str]) -> None:
        self.comments += sum(line.startswith(":") for line in lines)
        ids = [line.removeprefix("id: ") for line in lines if line.startswith("id: ")]
        if ids:
            data = "\n".join(line.removeprefix("data: ") for line in lines if line.startswith("data: "))
            self.events.append(Event(ids[0], data))


@contextmanager
def listening(served: Served, path: str, seen: str = "") -> Iterator[Listener]:
    """An open stream."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("GET", path, headers={"Last-Event-ID": seen} if seen else {})
    response = connection.getresponse()
    assert response.status == 200
    assert response.getheader("content-type", "").startswith("text/event-stream")
    assert response.getheader("content-encoding") is None
    listener = Listener(response)
    try:
        yield listener
    finally:
        if not listener.ended.is_set():
            connection.sock.shutdown(socket.SHUT_RDWR)
        listener.thread.join()
        response.close()
        connection.close()


def test_a_new_snapshot_arrives_within_a_second(served: Served, owner: psycopg.Connection) -> None:
    with listening(served, LIVE) as listener:
        until(lambda: listener.events)
        published = time.monotonic()
        snapshot = sample.publish(owner, MOVED, START + timedelta(hours=1))
        until(lambda: len(listener.events) == 2)
        assert time.monotonic() - published < 1
    assert listener.events[1].id == str(snapshot)
    rows = read(listener.events[1].data).one("table", id="rows").one("tbody").all("tr")
    assert rows[0].one("th", scope="row").one("a").text == "naive Bayes"


def test_all_get_the_same_bytes_drawn_once(served: Served, owner: psycopg.Connection) -> None:
    with listening(served, LIVE) as one, listening(served, LIVE) as two, listening(served, f"{LIVE}?q=naive") as other:
        until(lambda: one.events and two.events and other.events)
        sample.publish(owner, MOVED, START + timedelta(hours=1))
        until(lambda: len(one.events) == len(two.events) == len(other.events) == 2)
        assert one.events == two.events
        assert other.events[1].id == one.events[1].id
        assert len(read(other.events[1].data).one("table", id="rows").one("tbody").all("tr")) == 2
        assert len(served.server.page.state.site.hub.channels) == 2
    until(lambda: served.hub_streams == 0)
    assert not served.server.page.state.site.hub.channels


def test_who_comes_back_gets_only_what_is_newer(served: Served, owner: psycopg.Connection) -> None:
    with listening(served, LIVE) as listener:
        until(lambda: listener.events)
    seen = listener.events[0].id
    with listening(served, LIVE, seen) as again:
        until(lambda: again.comments)
        newer = sample.publish(owner, MOVED, START + timedelta(hours=1))
        until(lambda: again.events)
    assert [event.id for event in again.events] == [str(newer)]


def test_a_burst_of_snapshots_is_at_most_four_updates_a_second(served: Served, owner: psycopg.Connection) -> None:
    with listening(served, LIVE) as listener:
        until(lambda: listener.events)
        began = time.monotonic()
        for step in range(40):
            last = sample.publish(owner, MOVED, START + timedelta(hours=1, seconds=step))
        until(lambda: listener.events[-1].id == str(last))
        took = time.monotonic() - began
    assert len(listener.events) - 1 <= took / stream.LOOK_SECONDS + 1


def test_the_list_and_an_entry_move_too(served: Served, owner: psycopg.Connection) -> None:
    entry = f"{LIVE}/{quote('3:3', safe=':')}"
    with listening(served, "/live") as boards, listening(served, entry) as standing:
        until(lambda: boards.events and standing.events)
        sample.publish(owner, MOVED, START + timedelta(hours=1))
        until(lambda: len(boards.events) == len(standing.events) == 2)
    assert read(boards.events[1].data).all("span", class_="who")[0].text == "naive Bayes"
    assert read(standing.events[1].data).all("dd")[0].text == "1"


def test_streams_outlive_a_lost_database_connection(served: Served, owner: psycopg.Connection) -> None:
    with listening(served, LIVE) as listener:
        until(lambda: listener.events)
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'podium serve'"
        )
        sample.publish(owner, MOVED, START + timedelta(hours=1))
        until(lambda: len(listener.events) == 2)


def test_the_server_stops_within_two_seconds_with_streams_open(served: Served) -> None:
    with listening(served, LIVE) as one, listening(served, "/live") as two:
        until(lambda: one.events and two.events)
        assert served.stop() < 2
        assert one.ended.wait(2)
        assert two.ended.wait(2)


def test_too_many_streams_are_refused_and_pages_still_served(served: Served) -> None:
    served.server.page.state.site.hub.streams_max = 1
    with listening(served, LIVE) as listener:
        until(lambda: listener.events)
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", LIVE)
        refused = connection.getresponse()
        assert (refused.status, refused.getheader("retry-after")) == (503, "5")
        connection.close()


def test_a_client_that_does_not_read_is_dropped(served: Served, owner: psycopg.Connection) -> None:
    hub = served.server.page.state.site.hub
    hub.send_seconds_max = 0.5
    big = [sample.Score(model, "a very long name " * 400, 10, 50) for model in range(1, 80)]
    with socket.create_connection(("127.0.0.1", served.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(f"GET {LIVE} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        until(lambda: hub.streams == 1)
        with listening(served, LIVE) as reads:
            until(lambda: reads.events)
            for step in range(8):
                name = sample.publish(owner, sample.shifted(big, {1: step}), START + timedelta(hours=1, seconds=step))
                until(partial(reads.shows, str(name)))
            until(lambda: hub.streams == 1)
            assert reads.events


@pytest.mark.parametrize("text", ["one", "two\nlines", "", "a\r\nb"])
def test_a_message_is_one_event_whatever_its_lines(text: str) -> None:
    sent = stream.message("id-1", text).decode()
    assert sent.startswith("id: id-1\n")
    assert sent.endswith("\n\n")
    assert sent.count("\n\n") == 1
    assert [line[6:] for line in sent.split("\n") if line.startswith("data: ")] == text.splitlines()
