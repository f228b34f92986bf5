"""Where does the client's time go? CPU of each step from a record to a packed row, one thread, in memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from bench.contenders import BareEvent, bare_row
from bench.domain import DOMAIN
from bench.environment import Environment
from bench.feed import made, predictions
from bench.options import Options
from bench.verdict import Measure, Verdict, measure
from consumers.plan import Plan
from schema.envelope import canonical, digest

EVENTS = 50_000


def run(environment: Environment | None, options: Options) -> Verdict:
    """Each step over the same records, all steps in turn, several times."""
    steps = _steps(options.events or EVENTS)
    count, rounds = options.events or EVENTS, max(options.pairs, 3)
    taken: dict[str, list[float]] = {what: [] for what in steps}
    for _ in range(rounds):
        for what, step in steps.items():
            began = time.process_time()
            step()
            taken[what].append((time.process_time() - began) / count * 1e6)
    bare, ours = taken["bare: decode and pack"], taken["podium: decode, key, pack"]
    measures: list[Measure] = [measure("bare / podium", [a / b for a, b in zip(bare, ours, strict=True)])]
    measures += [measure(what, values, unit="us") for what, values in taken.items()]
    return Verdict(
        "decode",
        "What does each step from the bytes of a record to a row of COPY cost?",
        f"{count:,} records of the bench domain in memory, CPU time of one thread, an event.",
        measures,
    )


def _steps(count: int) -> dict[str, Callable[[], Any]]:
    records = list(made(predictions(count)))
    keys, values = [key for key, _ in records], [value for _, value in records]
    plan = Plan((DOMAIN,)).topics["bench.predictions"]
    assert plan.stream is not None
    event = DOMAIN.by_type["bench.prediction.made.v1"]
    decoder = plan.decoder
    key_of = plan.admission.keys[decoder.structs[event.type]]
    pack = plan.stream.landed[event.type].bound.pack
    events = [decoder.decode(value) for value in values]
    bare = msgspec.json.Decoder(BareEvent).decode
    rows = [pack(e, 0, n) for n, e in enumerate(events)]
    return {
        "bare: decode": lambda: _drain(map(bare, values)),
        "bare: decode and pack": lambda: _drain(bare_row(bare(value).data, 8) for value in values),
        "podium: fast(value)": lambda: _drain(map(decoder.fast, values)),
        "podium: decode(value)": lambda: _drain(map(decoder.decode, values)),
        "podium: key": lambda: _drain(key_of(e.data) == key for e, key in zip(events, keys, strict=True)),
        "podium: pack": lambda: _drain(pack(e, 0, n) for n, e in enumerate(events)),
        "podium: digest": lambda: _drain(digest(e.data) for e in events),
        "podium: canonical": lambda: _drain(canonical(e.data) for e in events),
        "podium: join in slices": lambda: _drain(b"".join(rows[n : n + 100]) for n in range(0, count, 100)),
        "podium: decode, key, pack": lambda: _all(values, keys, decoder.decode, key_of, pack),
    }


def _drain(results: Iterable[object]) -> None:
    # Nothing is kept, as in the consumer: otherwise the garbage collector would be measured.
    deque(results, maxlen=0)


def _all(values: Sequence[bytes], keys: Sequence[bytes], decode: Any, key_of: Callable[[Any], bytes], pack: Any) -> int:
    good = 0
    for n, (value, key) in enumerate(zip(values, keys, strict=True)):
        e = decode(value)
        if key_of(e.data) == key:
            good += len(pack(e, 0, n)) > 0
    return good
