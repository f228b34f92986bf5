"""What does a transaction of one record cost? Podium's beside the least that moves an offset and inserts a row."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from bench.contenders import COLUMNS, BareEvent, batches, podium
from bench.domain import DOMAIN
from bench.environment import Ends, Environment
from bench.feed import made, predictions, publish
from bench.options import Options
from bench.stopwatch import Run, Stopwatch
from bench.verdict import Verdict, figures, measure, ratio
from consumers.loop import Limits
from consumers.record import Delivered
from podium.settings import Postgres

TOPIC = "bench.predictions"
EVENTS = 1_000

CLAIM = "INSERT INTO ledger.offset (topic, partition, position, epoch, topic_id) VALUES (%s, 0, 0, 1, '')"
MOVE = (
    "UPDATE ledger.offset SET position = %s, read = read + 1, applied = applied + 1 "
    "WHERE topic = %s AND partition = 0 AND position = %s AND epoch = 1"
)
INSERT = (
    f"INSERT INTO bench.predictions ({COLUMNS}, place_partition, place_offset) VALUES (%s, %s, %s, %s, %s, %s, 0, %s)"
)


def run(environment: Environment, options: Options) -> Verdict:
    """A thousand records of one partition, each committed by itself."""
    namespace = environment.topics({TOPIC: 1})
    publish(environment.settings, namespace + TOPIC, made(predictions(options.events or EVENTS)))
    until = environment.ends(namespace, [TOPIC])
    pairs = []
    for _ in range(options.pairs):
        with environment.database() as database:
            ours = podium(environment, (DOMAIN,), database, namespace, until, Limits(batch_records_max=1))
        with environment.database() as database:
            pairs.append((ours, _least(environment, database, namespace, until)))
    environment.forget(namespace)
    return Verdict(
        "small",
        "What does a transaction of a single record cost, beside begin, compare-and-set, insert, commit?",
        "Records are in the client's queue already; both commit asynchronously and read the same topic one record at "
        "a time. The other side decodes, moves the offset by one UPDATE and inserts by one INSERT, both prepared.",
        [
            ratio("podium / least", pairs),
            measure("podium, a transaction", [1e6 / one.rate for one, _ in pairs], unit="us"),
            measure("least, a transaction", [1e6 / other.rate for _, other in pairs], unit="us"),
        ],
        figures("podium", [one for one, _ in pairs]) | figures("least", [other for _, other in pairs]),
    )


def _least(environment: Environment, database: Postgres, namespace: str, until: Ends) -> Run:
    watch = Stopwatch(environment.server)
    decode = msgspec.json.Decoder(BareEvent).decode
    with psycopg.connect(database.dsn("consumer")) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute(CLAIM, [TOPIC])
        connection.commit()
        for (message,) in batches(environment, namespace + TOPIC, until, size=1):
            _insert(connection, message, decode(message.value()).data)
            watch.lap(1)
    return watch.stop()


def _insert(connection: Connection[Any], message: Delivered, d: Any) -> None:
    offset = message.offset()
    if connection.execute(MOVE, [offset + 1, TOPIC, offset]).rowcount != 1:
        raise AssertionError("the offset has moved")
    values = [d.id, d.model_id, d.horizon, d.value, d.made_at, d.payload, offset]
    connection.execute(INSERT, values)
    connection.commit()
