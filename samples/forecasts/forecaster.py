"""One forecaster in a process of its own: answers every round once from what could be known at its slot.

python -m samples.forecasts.forecaster autoregression
"""

import argparse
import signal
import sys
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any

from podium import embedded
from podium.client import Producer
from podium.settings import Settings, load
from samples.forecasts import log
from samples.forecasts.contest import PAST_HOURS, Round, rounds
from samples.forecasts.forecasters import FORECASTERS, Forecaster
from samples.forecasts.log import Reader
from samples.forecasts.past import CannotForecast, Past
from samples.forecasts.series import load as observations
from samples.pace import paced, report


def run(settings: Settings, forecaster: Forecaster) -> Iterator[int]:
    """Answer the rounds that expect this forecaster, in the order of their slots; yields how many at a time.

    What it answered in an earlier life is left alone: one answer a round counts.
    """
    reader = Reader(settings.kafka, [log.JOBS, log.PREDICTIONS])
    try:
        told = set(reader.begun())
        with Producer(settings, source=f"samples/forecasts/{forecaster.name}") as producer:
            for each in _due(reader, told, forecaster):
                if log.Told(log.ANSWERED, each, forecaster.name) not in told:
                    answer(producer, forecaster, each)
                yield 1
    finally:
        reader.close()


def _due(reader: Reader, told: set[log.Told], forecaster: Forecaster) -> Iterator[Round]:
    """Rounds as they are opened, one after the other."""
    for each in rounds():
        if forecaster not in each.expected:
            continue
        while log.Told(log.OPENED, each, "") not in told:
            told.update(reader.read(0.1))
        yield each


def answer(producer: Producer, forecaster: Forecaster, each: Round) -> None:
    """Publish the forecast of one round, or why there is none; nothing where the forecaster stays silent."""
    series = observations()[each.question.station]
    past = Past(series.until(each.performed_at, PAST_HOURS))
    begun = perf_counter()
    status, output = called(forecaster, past, each.question.ahead)
    milliseconds = round((perf_counter() - begun) * 1000, 3)
    if output is not None:
        called_with = {"observations": len(past.values) - past.gaps(PAST_HOURS), "until": each.performed_at.isoformat()}
        prediction = {"model_id": forecaster.name, "status": status, "exec_time_ms": milliseconds}
        told = {"inference_input_jsonb": called_with, "inference_output_jsonb": output}
        producer.publish(log.ANSWERED, {**each.asked, **prediction, **told})


def called(forecaster: Forecaster, past: Past, ahead: list[int]) -> tuple[str, dict[str, Any] | None]:
    """Outcome of the call and what it returned."""
    try:
        found = forecaster.answer(past, ahead)
    except CannotForecast as why:
        return "FAILED", {"_validation_error": str(why)}
    return "SUCCESS", None if found is None else {"steps": [one._asdict() for one in found]}


def main() -> None:
    """The command: exits 0 when every round was looked at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=FORECASTERS, help="which forecaster")
    parser.add_argument("--rounds-per-second", type=float, default=0, help="at most so many; 0: as fast as it goes")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    answered: Iterable[int] = run(embedded.resolve(load()), FORECASTERS[arguments.name])
    report(paced(answered, arguments.rounds_per_second))


if __name__ == "__main__":
    main()
