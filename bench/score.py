"""How fast is scoring? The stream's consume-judge-produce transactions beside bare consume-and-forward ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event

from confluent_kafka import Message

from bench import evaluation
from bench.contenders import collector
from bench.environment import Environment
from bench.options import Options
from bench.stopwatch import Run, Stopwatch
from bench.verdict import Verdict, figures, ratio
from schema.evaluation import DOMAIN
from schema.heartbeat import Heartbeat
from streams.exchange import BATCH_RECORDS_MAX, TRANSACTION_SECONDS_MAX, Exchange, positions_after
from streams.log import Log
from streams.score import Bench

EVENTS = 400_000
OUTPUT = "evaluation.scores"


class Counted(Heartbeat):
    """The heartbeat of a worker whose transactions a stopwatch counts; stops it after so many records."""

    def __init__(self, watch: Stopwatch, until: int, stop: Event) -> None:
        super().__init__("bench")
        self.watch, self.until, self.stop = watch, until, stop

    def record_done(self, things: int) -> None:
        """A transaction with so many input records was committed."""
        super().record_done(things)
        self.watch.lap(things)
        if self.done >= self.until:
            self.stop.set()


def run(environment: Environment, options: Options) -> Verdict:
    """Score the same answers again and again, under a new group each time."""
    pairs = []
    with evaluation.published(environment, options.events or EVENTS) as namespace:
        count = sum(environment.ends(namespace, [evaluation.TOPIC]).values())
        for turn in range(options.pairs):
            log = Log(environment.settings.kafka.client(), namespace, DOMAIN.topics)
            with collector(tuned=True):
                ours = _scored(environment, log, turn, count)
                pairs.append((ours, _forwarded(environment, log, turn, count)))
    return Verdict(
        "score",
        "How much of the speed of a bare consume-and-forward transaction loop does scoring keep?",
        f"Both read {evaluation.TOPIC}, write {OUTPUT} and commit offsets and outputs in one Kafka transaction a batch "
        "of up to 10,000 records. Scoring decodes, checks, judges against gold labels and encodes; the bare loop "
        "passes bytes on. Timed from the first commit to the last.",
        [ratio("score / consume and forward", pairs, 0.5)],
        figures("score", [one for one, _ in pairs]) | figures("consume and forward", [other for _, other in pairs]),
    )


def _scored(environment: Environment, log: Log, turn: int, count: int) -> Run:
    watch, stop = Stopwatch(environment.server), Event()
    heartbeat = Counted(watch, count, stop)
    with Bench(log, DOMAIN).opened() as bench:
        bench.references.load(stop)
        Exchange(log, f"scored.{turn}", 0, [evaluation.TOPIC], bench.scores, heartbeat).run(stop)
    return watch.stop()


def _forwarded(environment: Environment, log: Log, turn: int, count: int) -> Run:
    watch = Stopwatch(environment.server)
    producer = log.producer({"transactional.id": log.named(f"forwarded.{turn}")})
    producer.init_transactions(TRANSACTION_SECONDS_MAX)
    consumer = log.consumer(f"forwarded.{turn}", {"auto.offset.reset": "earliest"})
    consumer.subscribe([log.named(evaluation.TOPIC)])
    for batch in _batches(consumer, count):
        producer.begin_transaction()
        for message in batch:
            producer.produce(log.named(OUTPUT), message.value(), message.key())
        positions = positions_after(batch, log.topics[evaluation.TOPIC])
        producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata(), TRANSACTION_SECONDS_MAX)
        producer.commit_transaction(TRANSACTION_SECONDS_MAX)
        watch.lap(len(batch))
    consumer.close()
    return watch.stop()


def _batches(consumer: object, count: int) -> Iterator[Sequence[Message]]:
    left = count
    while left > 0:
        first = consumer.poll(1.0)  # type: ignore[attr-defined]
        if first is None:
            continue
        batch = [first, *consumer.consume(BATCH_RECORDS_MAX - 1, 0)]  # type: ignore[attr-defined]
        left -= len(batch)
        yield batch
