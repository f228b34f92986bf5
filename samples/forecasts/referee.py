"""The referee in a process of its own: says what came true, who was absent, and closes each round.

python -m samples.forecasts.referee
"""

import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from time import monotonic
from typing import Final

from podium import embedded
from podium.client import Producer
from podium.settings import Settings, load
from podium.supervisor import AT_WORK
from samples.forecasts import log
from samples.forecasts.contest import Round, rounds
from samples.forecasts.log import Reader, Told
from samples.pace import report

PATIENCE_SECONDS: Final = 30.0
"""Nobody answers for so long: who has not answered by now is absent."""


class Book:
    """Who answered which round, and which rounds are closed."""

    def __init__(self) -> None:
        self.answered: dict[Round, set[str]] = defaultdict(set)
        self.closed: set[Round] = set()
        self._passed: dict[tuple[str, str], Round] = {}

    def see(self, told: Told) -> None:
        """Take in an event: those of one model come in the order in which it told them."""
        match told.type:
            case log.CLOSED:
                self.closed.add(told.round)
            case log.ANSWERED:
                self.answered[told.round].add(told.model)
                at = (told.model, told.round.config_id)
                self._passed[at] = max(told.round, self._passed.get(at, told.round))

    def complete(self, each: Round) -> bool:
        """Whether everybody who is expected has answered, or has gone on without."""
        return all(
            one.name in self.answered[each]
            or ((passed := self._passed.get((one.name, each.config_id))) is not None and passed > each)
            for one in each.expected
        )


def run(settings: Settings) -> Iterator[int]:
    """Close all rounds; yields how many at a time."""
    reader, book = Reader(settings.kafka, [log.JOBS, log.PREDICTIONS]), Book()
    try:
        for told in reader.begun():
            book.see(told)
        with Producer(settings, source="samples/forecasts/referee") as producer:
            waiting = [each for each in rounds() if each not in book.closed]
            yield len(rounds()) - len(waiting)
            moved = monotonic()
            while waiting:
                news = list(reader.read(0.1))
                for told in news:
                    book.see(told)
                if news or not AT_WORK.is_set():
                    moved = monotonic()
                late = monotonic() - moved > PATIENCE_SECONDS
                due = [each for each in waiting if late or book.complete(each)]
                for each in due:
                    close(producer, each, book.answered[each])
                waiting = [each for each in waiting if each not in set(due)]
                yield len(due)
    finally:
        reader.close()


def close(producer: Producer, each: Round, answered: set[str]) -> None:
    """Publish the truth, if all of it was observed, the absences, and the end of the round: the truth comes first.

    Both lie in one partition, so a round that can be scored is never taken for one whose truth is overdue.
    """
    if (truth := each.truth) is not None:
        producer.publish(
            "competition.truth.published.v1", {**each.key, "truth_jsonb": {"values": truth}, "lag_seconds": 0.0}
        )
    counted = sorted(one.name for one in each.expected if one.name in answered)
    absent = [one.name for one in each.expected if one.name not in answered]
    for name in absent:
        producer.publish(log.ABSENT, {**each.asked, "model_id": name})
    producer.publish(log.CLOSED, {**each.key, "answered": counted, "absent": len(absent)})


def main() -> None:
    """The command: exits 0 when every round is closed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    report(run(embedded.resolve(load())))


if __name__ == "__main__":
    main()
