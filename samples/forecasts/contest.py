"""What is asked: configurations, their rounds on the time of the events, and who is expected to answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from samples.forecasts.forecasters import FORECASTERS, Forecaster
from samples.forecasts.series import HOUR, STATIONS, load

BEGIN: Final = datetime(2013, 8, 5, tzinfo=UTC)
DAYS: Final = 16
PAST_HOURS: Final = 14 * 24
GRACE_SECONDS, PATIENCE_SECONDS = 60, 86_400
PLACES: Final = {"EWR": "Newark", "JFK": "Kennedy", "LGA": "LaGuardia"}
RULES: Final = {"metric": "crps", "normalise": True, "absence": "worst"}
CHECKPOINT: Final = {
    "id": "temperatures-weekly",
    "checkpoint_kind": "weekly_emission",
    "interval_seconds": 604_800,
    "starts_at": BEGIN,
    "meta_jsonb": {"crunch": "temperatures", "pool": 2500},
}


@dataclass(frozen=True)
class Question:
    """One configuration: a station, how many hours ahead, in steps of how many, asked every so many hours."""

    station: str
    horizon: int
    step: int
    every: int
    order: int

    @property
    def id(self) -> str:
        """Of the configuration."""
        return f"CFG_{self.scope_key}"

    @property
    def scope_key(self) -> str:
        """Station, horizon and step, the latter two in seconds."""
        return f"{self.station}-{self.horizon * 3600}-{self.step * 3600}"

    @property
    def scope(self) -> dict[str, Any]:
        """The same as a document."""
        return {"station": self.station, "horizon": self.horizon * 3600, "step": self.step * 3600, "unit": "degF"}

    @cached_property
    def ahead(self) -> list[int]:
        """Hours ahead of every step."""
        return list(range(self.step, self.horizon + 1, self.step))

    @property
    def declared(self) -> dict[str, Any]:
        """For `competition.config.declared.v1`."""
        return {
            "id": self.id,
            "scope_key": self.scope_key,
            "scope_template_jsonb": self.scope,
            "schedule_jsonb": {
                "prediction_interval_seconds": self.every * 3600,
                "resolve_after_seconds": self.horizon * 3600,
                "grace_seconds": GRACE_SECONDS,
                "expire_after_seconds": PATIENCE_SECONDS,
            },
            "order": self.order,
            "meta_jsonb": {"title": f"{PLACES[self.station]}, {self.horizon} h ahead"},
            "scoring_jsonb": RULES,
        }


@dataclass(frozen=True, order=True)
class Round:
    """One slot of a configuration."""

    performed_at: datetime
    config_id: str

    @property
    def key(self) -> dict[str, Any]:
        """As events name it."""
        return {"prediction_config_id": self.config_id, "performed_at": self.performed_at}

    @property
    def question(self) -> Question:
        """What it asks."""
        return QUESTIONS[self.config_id]

    @property
    def resolvable_at(self) -> datetime:
        """When the truth of its last step can be known."""
        return self.performed_at + self.question.horizon * HOUR

    @property
    def asked(self) -> dict[str, Any]:
        """What each prediction repeats of it."""
        scope = {"scope_key": self.question.scope_key, "scope_jsonb": self.question.scope}
        return {**self.key, **scope, "resolvable_at": self.resolvable_at}

    @property
    def opened(self) -> dict[str, Any]:
        """For `competition.round.opened.v1`."""
        return {
            **self.asked,
            "scoring_jsonb": RULES,
            "closes_at": self.performed_at + timedelta(seconds=GRACE_SECONDS),
            "expires_at": self.resolvable_at + timedelta(seconds=PATIENCE_SECONDS),
            "replayed": True,
        }

    @property
    def truth(self) -> list[float] | None:
        """What came true at every step; None if one of them was not observed."""
        series = load()[self.question.station]
        seen = [series.at(self.performed_at + hours * HOUR) for hours in self.question.ahead]
        known = [value for value in seen if value is not None]
        return known if len(known) == len(seen) else None

    @property
    def expected(self) -> list[Forecaster]:
        """Who takes part by then."""
        return [one for one in FORECASTERS.values() if joined(one) <= self.performed_at]


QUESTIONS: Final = {
    one.id: one
    for one in (
        Question(station, *hours, order=number)
        for number, (hours, station) in enumerate(
            [(hours, station) for hours in ((1, 1, 3), (6, 2, 6), (24, 6, 12)) for station in STATIONS], start=1
        )
    )
}


def joined(forecaster: Forecaster) -> datetime:
    """When a forecaster registered, on the time of the events."""
    return BEGIN + forecaster.joins


def rounds() -> list[Round]:
    """All rounds in the order of their slots."""
    return sorted(_rounds(list(QUESTIONS.values())))


def _rounds(questions: Sequence[Question]) -> Iterator[Round]:
    for question in questions:
        for hours in range(0, DAYS * 24, question.every):
            yield Round(BEGIN + hours * HOUR, question.id)
