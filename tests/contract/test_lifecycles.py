"""Every legal move of every life cycle is accepted and every illegal one refused: through events, and in plain SQL."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from schema import DOMAINS
from schema.triggers import Guarded, guarded
from tests.contract.lives import Key, Lives

EACH = [(domain, one) for domain in DOMAINS for one in guarded(domain)]


@pytest.fixture(params=EACH, ids=lambda pair: f"{pair[0].name}-{pair[1].table.name}.{pair[1].status}")
def world(request: pytest.FixtureRequest, connection: Connection[Any], owner: Connection[Any]) -> Lives:
    return Lives(connection, owner, *request.param)


def test_moves(world: Lives) -> None:
    one = world.one
    states = one.lifecycle.states
    subjects = [key for key in world.subjects if world.status(key) == one.lifecycle.initial]
    assert subjects, f"the story has no row of {one.table.fullname} that begins in {one.lifecycle.initial}"
    beside = {state: world.companions(subjects[0], state) for state in states}
    for origin in states:
        world.begin()
        there = [key for key in subjects if world.lead(key, origin)]
        assert there, f"no event leads to {origin}"
        for target in states:
            if target != origin:
                _check(world, there, origin, target, beside[target])


def _check(world: Lives, keys: list[Key], origin: str, target: str, beside: dict[str, Any]) -> None:
    """What is illegal is refused for every row that is tried; what is legal is accepted for one of them."""
    accepted: set[str] = set()
    refused: dict[str, list[str]] = {}
    for key in keys:
        for way, verdict in _tried(world, key, target, beside).items():
            if not _is_legal(world.one, way, origin, target):
                assert verdict, f"{origin} -> {target} by {way} was accepted"
            elif verdict:
                refused.setdefault(way, []).append(verdict)
            else:
                accepted.add(way)
        if refused.keys() <= accepted:
            return
    raise AssertionError(f"{origin} -> {target} was refused: {refused}")


def _is_legal(one: Guarded, way: str, origin: str, target: str) -> bool:
    life = one.lifecycle
    match way:
        case "event":
            # Events overtake each other: they need only lead to the new state.
            return life.reaches(origin, target)
        case "event of a later epoch":
            return origin not in life.final
        case "sql":
            return target in life.moves[origin]
    return life.reopens(origin, target)


def _tried(world: Lives, key: Key, target: str, beside: dict[str, Any]) -> dict[str, str]:
    """How each way of moving a row went: empty where it was accepted."""
    order = world.order(key)
    later = (order[0] + 1, *order[1:]) if order else None
    found = {"sql": world.write(key, target, order, beside)}
    if (moved := _by_event(world, key, target, order)) is not None:
        found["event"] = moved
    if later:
        found["sql of a later epoch"] = world.write(key, target, later, beside)
        if (moved := _by_event(world, key, target, later)) is not None:
            found["event of a later epoch"] = moved
    return found


def _by_event(world: Lives, key: Key, target: str, order: tuple[int, ...]) -> str | None:
    with world.undone():
        if not world.publish(key, target, order):
            return None
        if world.waits():
            world.precede(key, target)
        return "" if world.status(key) == target else f"it stays {world.status(key)}"
