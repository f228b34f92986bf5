"""A made-up domain of folds: coins are tossed in a bet until its goal of heads is reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Integer, String, Table

from schema.decisions import Decision, Folding
from schema.declare import Domain, Event, Once, domain_metadata, happens, places
from schema.types import Id, Name

METADATA = domain_metadata("tossing")
bets = Table(
    "bets", METADATA, Column("bet_id", BigInteger, primary_key=True, autoincrement=False),
    Column("goal", Integer), *places(),
)  # fmt: skip
tosses = Table(
    "tosses", METADATA, Column("bet_id", BigInteger, primary_key=True, autoincrement=False),
    Column("toss", String, primary_key=True), Column("side", String), *places(),
)  # fmt: skip
outcomes = Table(
    "outcomes", METADATA, Column("bet_id", BigInteger, primary_key=True, autoincrement=False),
    Column("toss", String), Column("tosses", Integer), *places(),
)  # fmt: skip


@happens("bet.made.v1", family="jobs", key=("bet_id",), lands=Once(bets), example={"bet_id": 1, "goal": 3})
class BetMade(Event):
    """A bet on so many heads; one on none is void."""

    bet_id: Id
    goal: int


_TOSS: dict[str, Any] = {"family": "predictions", "key": ("bet_id", "toss"), "partition_by": ("bet_id",)}


@happens("coin.tossed.v1", **_TOSS, lands=Once(tosses), example={"bet_id": 1, "toss": "a", "side": "heads"})
class CoinTossed(Event):
    """A coin fell."""

    bet_id: Id
    toss: Name
    side: Literal["heads", "tails"]


@happens("coin.lost.v1", **_TOSS, lands=Once(tosses, values={"side": None}), example={"bet_id": 1, "toss": "a"})
class CoinLost(Event):
    """A coin was not found again."""

    bet_id: Id
    toss: Name


@happens(
    "bet.won.v1",
    family="scores",
    key=("bet_id",),
    lands=Once(outcomes),
    example={"bet_id": 1, "toss": "c", "tosses": 5},
)
class BetWon(Event):
    """The goal was reached with that toss, which was the so maniest."""

    bet_id: Id
    toss: Name
    tosses: int


@happens("bet.off.v1", family="jobs", key=("bet_id",), lands=Once(bets, values={"goal": None}), example={"bet_id": 1})
class BetOff(Event):
    """Nobody bets any longer."""

    bet_id: Id


class Bet:
    """One bet on its way."""

    def __init__(self, goal: int) -> None:
        self.closed = False
        self._goal = goal
        self._heads = self._tosses = 0

    def take(self, type_: str, data: Any) -> Sequence[Decision]:
        """Count a toss; a lost coin shows nothing."""
        if type_ != "tossing.coin.tossed.v1":
            return ()
        self._tosses += 1
        self._heads += data.side == "heads"
        self.closed = self._heads == self._goal
        won = {"bet_id": data.bet_id, "toss": data.toss, "tosses": self._tosses}
        return [("tossing.bet.won.v1", won)] if self.closed else ()


def begin(type_: str, data: Any) -> Bet | None:
    """The fold of a bet."""
    return Bet(data.goal) if data.goal else None


def bet_of(data: Any) -> tuple[int]:
    """Its key."""
    return (data.bet_id,)


FOLDING = Folding(
    name="bets",
    inputs=("tossing.coin.tossed.v1", "tossing.coin.lost.v1"),
    key=("bet_id",),
    begins={"tossing.bet.made.v1": bet_of},
    begin=begin,
    ends={"tossing.bet.won.v1": bet_of, "tossing.bet.off.v1": bet_of},
    decides=("tossing.bet.won.v1",),
)
DOMAIN = Domain(
    name="tossing",
    folder=Path(__file__).parent,
    metadata=METADATA,
    models=(BetMade, CoinTossed, CoinLost, BetWon, BetOff),
    folds=(FOLDING,),
    partitions={"predictions": 3, "scores": 2, "jobs": 2},
)
