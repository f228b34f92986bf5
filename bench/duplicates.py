"""What do repeats cost? A replay whose records all, or half of them, are in the table already, beside a fresh one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bench.contenders import podium
from bench.domain import DOMAIN
from bench.environment import PARTITIONS, Environment
from bench.feed import Prediction, made, predictions, publish
from bench.options import Options
from bench.stopwatch import Run
from bench.verdict import Verdict, figures, ratio

TOPIC = "bench.predictions"
EVENTS = 200_000

Round = tuple[Run, Run, Run]
"""Fresh, all repeats, half repeats."""


def run(environment: Environment, options: Options) -> Verdict:
    """Three stretches of one log, one after the other into a fresh database."""
    count = options.events or EVENTS
    fresh = predictions(count)
    namespace = environment.topics({TOPIC: PARTITIONS})
    stretches = []
    for rows in (fresh, fresh, _mixed(fresh, predictions(count // 2))):
        publish(environment.settings, namespace + TOPIC, made(rows))
        stretches.append(environment.ends(namespace, [TOPIC]))
    rounds: list[Round] = []
    for _ in range(options.pairs):
        with environment.database() as database:
            first, second, third = (podium(environment, (DOMAIN,), database, namespace, end) for end in stretches)
            rounds.append((first, second, third))
    environment.forget(namespace)
    return Verdict(
        "duplicates",
        "How fast is a replay of records that the table has, compared with fresh ones?",
        "The log holds the fresh records, all of them again at new offsets (other envelope ids, equal data, so that "
        "payloads are compared), then half of them again among as many new ones. Each stretch is timed from its "
        "first commit to its last.",
        [
            ratio("all repeats / fresh", [(again, new) for new, again, _ in rounds], 0.8),
            ratio("half repeats / fresh", [(half, new) for new, _, half in rounds], 0.5),
        ],
        figures("fresh", [new for new, _, _ in rounds])
        | figures("all repeats", [again for _, again, _ in rounds])
        | figures("half repeats", [half for _, _, half in rounds]),
    )


def _mixed(old: list[Prediction], new: list[Prediction]) -> Iterator[Prediction]:
    return chain.from_iterable(zip(old, new, strict=False))
