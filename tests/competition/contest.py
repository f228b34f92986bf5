"""A contest that a test leads: events in a log in memory, timers and judge run when the test says, at its own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from schema.competition import DOMAIN
from schema.competition.scoring import Judge
from schema.decode import decoders
from tests.consumers.worker import Worker
from tests.log import Log

T0 = datetime(2026, 2, 1, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
RULES = {"metric": "crps", "normalise": True, "absence": "worst"}
ROUNDS_MAX = 20
REFERENCES = ("competition.round.opened.v1", "competition.truth.published.v1")

Row = dict[str, Any]


class Contest:
    """One hourly configuration unless told otherwise; a slot resolves after an hour, a truth may be a day late."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self.log = Log((DOMAIN,))
        self.worker = Worker(connection, (DOMAIN,), self.log)
        self.worker.take(self.log.entries)

    # What happens

    def tell(self, type_: str, at: datetime = T0, **data: Any) -> None:
        """Append an event; the tables follow at `settle`."""
        self.log.append({"type": f"competition.{type_}.v1", "time": at.isoformat(), "data": _plain(data)})

    def settle(self) -> None:
        """The tables catch up with the log."""
        self.worker.finish()

    def models(self, *ids: str, at: datetime = T0) -> None:
        """Models take part from then on."""
        for id_ in ids:
            self.tell("model.registered", at, id=id_, name=f"name of {id_}", deployment_identifier="1")

    def config(self, id_: str = "C", every: timedelta = HOUR, at: datetime = T0, **schedule: Any) -> None:
        """A configuration is declared."""
        seconds = {
            "prediction_interval_seconds": int(every.total_seconds()),
            "resolve_after_seconds": 3600,
            "expire_after_seconds": 86_400,
        }
        self.tell(
            "config.declared",
            at,
            id=id_,
            scope_key=f"scope {id_}",
            schedule_jsonb={**seconds, **schedule},
            scoring_jsonb=RULES,
        )

    def open(self, slot: datetime = T0, config: str = "C", **more: Any) -> None:
        """A round is opened by whoever replays it."""
        opened = {
            "scope_key": f"scope {config}", "scope_jsonb": {}, "scoring_jsonb": RULES, "closes_at": slot + MINUTE,
            "resolvable_at": slot + HOUR, "expires_at": slot + 25 * HOUR, "replayed": True,
        }  # fmt: skip
        self.tell("round.opened", slot, **_slot(slot, config), **{**opened, **more})

    def answer(
        self, model: str, value: Any, slot: datetime = T0, config: str = "C", status: str = "SUCCESS", **more: Any
    ) -> None:
        """A model's answer: a point, or a whole output."""
        output = value if isinstance(value, Mapping) else {"value": value}
        self.tell(
            "prediction.recorded", slot, **self._asked(model, slot, config), status=status, exec_time_ms=1.5,
            inference_output_jsonb=output, **more,
        )  # fmt: skip

    def absent(self, model: str, slot: datetime = T0, config: str = "C") -> None:
        """A model did not answer."""
        self.tell("prediction.absent", slot, **self._asked(model, slot, config))

    def close(self, answered: Sequence[str], slot: datetime = T0, config: str = "C", absent: int = 0) -> None:
        """The round's counted answers are fixed."""
        self.tell("round.closed", slot, **_slot(slot, config), answered=list(answered), absent=absent)

    def truth(self, *values: float, slot: datetime = T0, config: str = "C") -> None:
        """What came true."""
        self.tell("truth.published", slot, **_slot(slot, config), truth_jsonb={"values": values}, lag_seconds=0.0)

    def scored(self, model: str, value: float | None, slot: datetime = T0, config: str = "C", **more: Any) -> None:
        """The final score of a prediction, told when its round can be resolved."""
        reason = "the call failed" if value is None else None
        score = {"score_value": value, "score_success": value is not None, "score_failed_reason": reason}
        at = more.pop("at", slot + HOUR)
        self.tell("prediction.scored", at, model_id=model, **_slot(slot, config), **{"absent": False, **score, **more})

    def _asked(self, model: str, slot: datetime, config: str) -> Row:
        scope = {"scope_key": f"scope {config}", "scope_jsonb": {}}
        return {"model_id": model, **_slot(slot, config), **scope, "resolvable_at": slot + HOUR}

    # What decides

    def turn(self, watch: str, now: datetime, limit: int = 2_000, publish: bool = True) -> list[tuple[str, Row]]:
        """One turn of a timer at a time; what it said."""
        (declared,) = (one for one in DOMAIN.watches if one.name == watch)
        with self.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(DOMAIN.sql(declared.sql).encode(), {"now": now, "limit": limit}).fetchall()
        found = list(declared.decide(rows, now)) if declared.decide else [(row["type"], row["data"]) for row in rows]
        if publish:
            for type_, data in found:
                self.log.append({"type": type_, "time": now.isoformat(), "data": _plain(data)})
            self.settle()
        return found

    def judge(self) -> int:
        """What the sweep of the score stream does: judges what has a truth and no judgement; how many."""
        judge, decoder = Judge(), decoders([DOMAIN])["competition.jobs"]
        jobs = [
            one for (topic, _), entries in self.log.entries.items() if topic == "competition.jobs" for one in entries
        ]
        for entry in jobs:
            event = decoder.decode(entry.value())
            if (type_ := decoder.declared[type(event)].type) in REFERENCES:
                judge.learn(type_, event.data)
        with self.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(DOMAIN.sql("unscored.sql").encode(), {"limit": 10_000}).fetchall()
        found = [
            each
            for row in rows
            for each in judge.judge(row["type"], SimpleNamespace(**row["data"]), row["digest"]) or ()
        ]
        for type_, data in found:
            self.log.append({"type": type_, "time": (T0 + HOUR).isoformat(), "data": _plain(data)})
        self.settle()
        return len(found)

    def run(self, now: datetime) -> None:
        """Judge and timers, again and again, until nobody has anything to say at this time."""
        for _ in range(ROUNDS_MAX):
            if not (self.judge() + sum(len(self.turn(watch.name, now)) for watch in DOMAIN.watches)):
                return
        raise AssertionError("the timers find no end")

    # What is there

    def rows(self, query: str, *parameters: Any) -> list[Row]:
        """Rows as dictionaries."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), parameters).fetchall()

    def scores(self, slot: datetime = T0) -> dict[str, tuple[Any, ...]]:
        """Score and reason of each prediction of a slot, by its id up to the slot."""
        found = self.rows(
            "SELECT left(id, 3) || ' ' || model_id AS id, score_status, score_value, score_failed_reason"
            " FROM competition.predictions WHERE performed_at = %s ORDER BY id",
            slot,
        )
        return {row["id"]: (row["score_status"], row["score_value"], row["score_failed_reason"]) for row in found}

    def dead(self) -> list[str]:
        """Types of the dead letters."""
        return [row["type"] for row in self.rows('SELECT type FROM ledger.dead ORDER BY topic, "offset"')]


def _slot(slot: datetime, config: str) -> Row:
    return {"prediction_config_id": config, "performed_at": slot}


def _plain(value: Any) -> Any:
    """As JSON has it."""
    match value:
        case datetime():
            return value.isoformat()
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value
