"""Duels are played by the rules, their pages say what happened, and who may scrape what the log decides."""

from __future__ import annotations

from collections import Counter
from http.client import HTTPConnection
from random import Random
from threading import Thread
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.duels import decks, page, reading
from samples.duels.cards import CARDS
from samples.duels.duel import HAND_MAX, HEALTH, Creature, Duel, Side, shuffled, strike
from samples.duels.host import LOOPBACK, NAME, Host
from samples.duels.players import DECK_CARDS, STYLES, Player, deck, draft
from samples.duels.schedule import BROKEN_OFF, HIDDEN, MEETINGS, WISHES
from samples.duels.wanted import Wanted
from schema.replays.jobs import LINKS_MAX, JobSubmitted
from schema.replays.links import canonical, distinct

URL = "https://www.duelingbook.com/replay?id=700001"
players = st.builds(Player, st.just("x"), st.sampled_from(sorted(STYLES)), st.floats(0, 1), st.booleans())


@given(seed=st.integers(), one=players, other=players)
def test_every_duel_ends_with_a_winner_and_keeps_its_bounds(seed: int, one: Player, other: Player) -> None:
    chance, lines = Random(seed), list[tuple[int, str]]()
    choices = draft(chance)
    sides = (shuffled(deck(one.style, choices), chance), shuffled(deck(other.style, choices), chance))

    def tell(seat: int, play: str, line: str) -> None:
        lines.append((seat, line))
        assert all(side.mana >= 0 and len(side.hand) <= HAND_MAX for side in sides)

    winner = Duel(sides, (one, other), 0, tell).play()
    assert lines[-1][0] == 1 - winner if winner is not None else False
    drawn = Counter(seat for seat, line in lines if line.startswith("Drew"))
    assert max(drawn.values()) <= DECK_CARDS


def test_wards_and_venom() -> None:
    card = CARDS[0]
    veiled, venomous = Creature(card, 1, 5, "W", True), Creature(card, 1, 1, "L", True)
    assert not strike(venomous, veiled)
    assert (veiled.ability, veiled.defence) == ("", 5)
    assert strike(venomous, veiled)
    assert not veiled.alive
    assert not strike(Creature(card, 0, 1, "L", True), venomous)


def test_runes_draw_more_once() -> None:
    side = Side([])
    side.hurt(HEALTH - 18)
    assert (side.rune, side.more) == (15, 2)
    side.health += 10
    side.hurt(10)
    assert side.more == 2


def test_pages_say_who_won_and_what_was_played() -> None:
    told, right = 0, 0
    for number, meeting in MEETINGS.items():
        text = page.html(number)
        assert text is not None
        match = reading.read(page.raw_json(text))
        assert match.players == tuple(player.name for player in meeting.players)
        assert [game.unfinished for game in match.games].count(True) == (number in BROKEN_OFF)
        assert all((game.winner is None) == game.unfinished and game.first for game in match.games)
        wins = Counter(game.winner for game in match.games)
        assert max(wins[1], wins[2]) == 2 or number in BROKEN_OFF
        for _, data in decks.events(URL, match):
            told += 1
            right += data["deck"] == meeting.players[data["player"] - 1].style
    assert right / told > 0.9
    assert page.html(1) is None
    with pytest.raises(page.Unreadable):
        page.raw_json("<html></html>")


def test_jobs_are_as_the_domain_wants_them_and_each_page_is_asked_for() -> None:
    asked = Counter[str]()
    for wish in WISHES:
        event = JobSubmitted.model_validate({**wish.event, "user_id": UUID(int=1)}, strict=False)
        assert len(distinct(event.urls)) <= (LINKS_MAX if event.job_type == "INDIVIDUAL" else len(MEETINGS))
        asked.update(distinct(wish.links))
    pages = {canonical(f"http://duelingbook.com/replay?id={number}") for number in MEETINGS}
    assert pages <= asked.keys()
    hidden = {player.name for player in HIDDEN}
    for wish in WISHES:
        if wish.shared == (True,):
            numbers = [int(link.rsplit("=", 1)[1]) for link in distinct(wish.links)]
            named = {player.name for number in numbers if number in MEETINGS for player in MEETINGS[number].players}
            assert not named & hidden


def test_of_two_claims_the_first_has_the_page_until_its_attempt_ends() -> None:
    seen = Wanted()
    job = {"job_id": str(WISHES[0].id), "urls": [URL]}
    seen.see("replays.job.submitted.v1", job)
    assert seen.unclaimed() == [URL]
    for worker in ("a", "b"):
        seen.see("replays.url.claimed.v1", {"url": URL, "epoch": 1, "attempt": 1, "worker": worker})
    assert (seen.page(URL).holder, seen.unclaimed()) == ("a", [])
    seen.see("replays.url.released.v1", {"url": URL, "epoch": 1, "attempt": 2})
    seen.see("replays.url.claimed.v1", {"url": URL, "epoch": 1, "attempt": 1, "worker": "late"})
    assert seen.unclaimed() == [URL]
    seen.see("replays.url.failed.v1", {"url": URL, "epoch": 1, "attempt": 2})
    assert seen.unclaimed() == []
    seen.see("replays.url.retried.v1", {"url": URL, "epoch": 2, "attempt": 1})
    assert seen.unclaimed() == [URL]
    seen.see("replays.url.scraped.v1", {"url": URL})
    seen.see("replays.job.completed.v1", {"job_id": job["job_id"]})
    assert not seen.over([WISHES[0].id])
    seen.see("replays.replay.parsed.v1", {"url": URL, "player1": "A", "player2": "B"})
    assert seen.over([WISHES[0].id])


def test_the_host_serves_pages_some_behind_a_riddle_and_only_its_own_site() -> None:
    with Host() as host:
        Thread(target=host.serve_forever, daemon=True).start()

        def ask(path: str, site: str = NAME) -> int:
            connection = HTTPConnection(LOOPBACK, host.server_port, timeout=10)
            connection.request("GET", path, headers={"Host": site})
            status = connection.getresponse().status
            connection.close()
            return status

        riddle = next(number for number in MEETINGS if number % 9 == 0)
        assert [ask(f"/replay?id={riddle}") for _ in range(2)] == [403, 200]
        assert ask("/replay?id=1") == ask("/other") == 404
        assert ask(f"/replay?id={riddle}", "elsewhere") == 421
        assert host.served == {riddle: 1}
        host.shutdown()
