"""The demonstration: seven forecasters, each in a process of its own, and a referee that closes their rounds."""

from collections.abc import Sequence

from podium.client import Producer
from podium.demo import Bar, Step, Worker
from samples.forecasts import contest, log
from samples.forecasts.contest import CHECKPOINT, QUESTIONS, joined
from samples.forecasts.forecasters import FORECASTERS

IMPORTS = ("samples.forecasts.log", "samples.forecasts.series", "podium.client")
ROUNDS_PER_SECOND = 70
"""Of each forecaster: slow enough to watch the board move."""


class Forecasts:
    """Sixteen days of August 2013, replayed on the time of the events."""

    title = "seven forecasters, hourly temperatures at three airports, horizons of 1, 6 and 24 hours"
    domain = "competition"
    headline = "competition.windows.all"

    def steps(self) -> Sequence[Step]:
        """Models and configurations, then the rounds, then what is to be paid."""
        return (register, open_rounds, promise)

    def workers(self) -> Sequence[Worker]:
        """One process a forecaster, and the referee."""
        everything = contest.rounds()
        pace = ("--rounds-per-second", str(ROUNDS_PER_SECOND))
        return [
            *(
                Worker(
                    one.name,
                    "samples.forecasts.forecaster",
                    (one.name, *pace),
                    sum(one in each.expected for each in everything),
                    IMPORTS,
                )
                for one in FORECASTERS.values()
            ),
            Worker("referee", "samples.forecasts.referee", (), len(everything), IMPORTS),
        ]


def register(producer: Producer, bar: Bar) -> None:
    """Models, from their beginning on, and configurations that no clock opens rounds for."""
    for one in FORECASTERS.values():
        described = {"id": one.name, "name": one.name, "deployment_identifier": "1", "player_id": one.player}
        producer.publish("competition.model.registered.v1", {**described, "player_name": one.player}, time=joined(one))
    for question in QUESTIONS.values():
        producer.publish("competition.config.declared.v1", question.declared)
        producer.publish("competition.config.deactivated.v1", {"id": question.id, "reason": "replayed"})


def open_rounds(producer: Producer, bar: Bar) -> None:
    """All rounds: the past knows its slots."""
    everything = contest.rounds()
    advance = bar("rounds", len(everything))
    for each in everything:
        producer.publish(log.OPENED, each.opened)
        advance(1)


def promise(producer: Producer, bar: Bar) -> None:
    """A reward for each week."""
    producer.publish("competition.checkpoint.declared.v1", CHECKPOINT)


DEMO = Forecasts()
