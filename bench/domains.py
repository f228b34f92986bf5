"""How much of the speed of prebuilt COPY do consumers reach on each domain's mix of events, and on all together?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal
from sqlalchemy import Table

from bench.contenders import commits, podium
from bench.environment import Ends, Environment
from bench.feed import publish
from bench.mix import Line, Mix, Teller, sound, story
from bench.options import Options
from bench.stopwatch import Run, Stopwatch
from bench.verdict import Measure, Verdict, figures, ratio
from consumers.plan import column_type, listed, makes_row, qualified
from podium.settings import Postgres
from schema import DOMAINS, LEDGER
from schema.binding import HEADER, TRAILER
from schema.declare import Domain, Furthest, Register, columns_of

EVENTS = 40_000
"""Of each domain."""

MIXES = {
    # A round asks every model, and each answer is judged and scored once.
    "competition": Mix("model_id", times=25),
    # A job answers thousands of rows: each is added, claimed, answered and scored once; few are told again.
    "evaluation": Mix(
        "row_id",
        times=40,
        rare={"row.relabelled.v1": 20, "task.released.v1": 20, "task.failed.v1": 20, "prediction.failed.v1": 5},
    ),
    # A job runs over the traces of a file, and each is denoised and measured.
    "seismic": Mix("trace", times=50),
    # A test of a network is hundreds of pairs of games.
    "chess": Mix("pair_key", times=20),
}
"""Domain -> what its events are in real use. One that is not named here is its story, told often."""

FACTS_SHARE_MIN = 0.8
"""A domain is mostly facts if they are this share of the rows that its events land."""

Prepared = list[tuple[str, list[tuple[int, list[bytes]]]]]
"""COPY statements, each with its commits: rows and writes."""


@dataclass(frozen=True)
class Feed:
    """A domain's events in the log, and the same rows packed for COPY."""

    domain: Domain
    until: Ends
    events: int
    rows: int
    """Rows that the events land, repeats of a key included."""
    facts: int


def run(environment: Environment, options: Options) -> Verdict:
    """Each domain alone and then all together, in turn with COPY."""
    domains = [domain for domain in DOMAINS if options.domain in (None, domain.name)]
    if not domains:
        raise SystemExit(f"no domain {options.domain!r}; there are {[one.name for one in DOMAINS]}")
    namespace = environment.topics({name: n for domain in (LEDGER, *domains) for name, n in domain.topics.items()})
    feeds = [_feed(environment, namespace, domain, options.events or EVENTS) for domain in domains]
    sides = [[feed] for feed in feeds] + ([feeds] if len(feeds) > 1 else [])
    packed: dict[str, Prepared] = {}
    pairs = [[_pair(environment, namespace, side, packed) for side in sides] for _ in range(options.pairs)]
    environment.forget(namespace)
    names = [*(domain.name for domain in domains), "together"][: len(sides)]
    rounds = {name: [one[at] for one in pairs] for at, name in enumerate(names)}
    return Verdict(
        "domains",
        "How much of the speed of prebuilt COPY do consumers reach on the real mix of events of each domain?",
        "Each domain's story under fresh ids, its frequent events multiplied as declared beside the benchmark, read "
        "from Kafka into empty tables: rows that events land, a second. COPY: the rows that this left in tables where "
        "events make rows, in the columns that these set and the state that they give, packed beforehand, 20,000 a "
        "commit, parents first, into the same tables, empty, with all triggers on: rows a second. Timed from the first "
        "commit to the last.",
        list(reversed([_measure(name, rounds[name], side) for name, side in zip(names, sides, strict=True)])),
        {
            key: value
            for name in names
            for key, value in {
                **figures(f"{name}: podium", [ours for ours, _ in rounds[name]]),
                **figures(f"{name}: COPY", [copied for _, copied in rounds[name]]),
            }.items()
        },
    )


def _measure(name: str, rounds: Sequence[tuple[Run, Run]], side: Sequence[Feed]) -> Measure:
    facts = sum(feed.facts for feed in side) / sum(feed.rows for feed in side)
    mostly = len(side) == 1 and facts >= FACTS_SHARE_MIN
    target = 0.3 if len(side) > 1 else 0.6 if mostly else None
    return ratio(f"{name}, {facts:.0%} facts: podium / COPY", rounds, target)


def _pair(
    environment: Environment, namespace: str, side: Sequence[Feed], packed: dict[str, Prepared]
) -> tuple[Run, Run]:
    """Podium and COPY. `packed` takes the rows of a domain when Podium has written them for the first time."""
    until = {place: end for feed in side for place, end in feed.until.items()}
    with environment.database() as database:
        ours = podium(environment, [feed.domain for feed in side], database, namespace, until)
        _nothing_lost(database)
        for feed in side:
            if feed.domain.name not in packed:
                packed[feed.domain.name] = _packed(database, feed.domain)
    # The consumer counts events; one may land in several tables.
    ours.events = round(ours.events * sum(feed.rows for feed in side) / sum(feed.events for feed in side))
    with environment.database() as database:
        return ours, _copied(environment, database, [one for feed in side for one in packed[feed.domain.name]])


def _feed(environment: Environment, namespace: str, domain: Domain, events: int) -> Feed:
    mix = MIXES.get(domain.name, Mix())
    teller = Teller(domain, _sound(environment, domain, story(domain)), mix)
    told = [one for telling in islice(teller.tellings(), _tellings(teller, events)) for one in telling]
    for topic in domain.topics:
        publish(environment.settings, namespace + topic, (one.record for one in told if one.event.topic == topic))
    lands = [landing for one in told for landing in one.event.lands]
    return Feed(
        domain,
        environment.ends(namespace, list(domain.topics)),
        len(told),
        len(lands),
        sum(type(landing).__name__ == "Once" for landing in lands),
    )


def _tellings(teller: Teller, events: int) -> int:
    return max(1, round(events / len(next(teller.tellings()))))


def _sound(environment: Environment, domain: Domain, lines: list[Line]) -> list[Line]:
    """The lines of a story that do not end as dead letters, nor wait for ever."""
    namespace = environment.topics({**LEDGER.topics, **domain.topics})
    (told,) = islice(Teller(domain, lines, Mix()).tellings(), 1)
    for topic in domain.topics:
        publish(environment.settings, namespace + topic, (one.record for one in told if one.event.topic == topic))
    with environment.database() as database:
        podium(environment, (domain,), database, namespace, environment.ends(namespace, list(domain.topics)))
        unsound = _unsound(database)
    environment.forget(namespace)
    return sound(lines, domain, unsound)


def _unsound(database: Postgres) -> list[bytes]:
    with psycopg.connect(database.dsn("owner")) as connection:
        query = "SELECT value FROM ledger.dead UNION ALL SELECT value FROM ledger.parked"
        return [value for (value,) in connection.execute(query)]


def _nothing_lost(database: Postgres) -> None:
    lost = _unsound(database)
    assert not lost, f"{len(lost)} events came to nothing, the first: {lost[0]!r}"


def _packed(database: Postgres, domain: Domain) -> Prepared:
    """Rows that events made, table by table, parents first: as they ended, in the state in which they were made."""
    prepared: Prepared = []
    with psycopg.connect(database.dsn("owner")) as connection:
        for table in domain.tables:
            columns = _made(domain, table)
            if rows := list(_rows(connection, table, columns)) if columns else []:
                into = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(qualified(table), listed(list(columns)))
                prepared.append((into.as_string(connection), commits(rows)))
    return prepared


def _made(domain: Domain, table: Table) -> dict[str, Composable]:
    """Columns that the events which make a row set -> what is copied into them: the constant, or what is there."""
    found: dict[str, Composable] = {}
    for event in domain.events:
        for landing in event.lands:
            if landing.table is table and makes_row(landing):
                fixed = dict(landing.values)
                merges = landing.merges if isinstance(landing, Register) else ()
                fixed |= {merge.status: merge.state for merge in merges if isinstance(merge, Furthest)}
                for name in columns_of(event, landing):
                    given = SQL("{}::{}").format(Literal(fixed.get(name)), column_type(table.c[name]))
                    sure = name in fixed and found.get(name, given) == given
                    found[name] = given if sure else Identifier(name)
    return found


def _rows(connection: psycopg.Connection, table: Table, columns: dict[str, Composable]) -> Iterator[bytes]:
    """Rows of COPY BINARY, which come one a message, the first behind the header, the trailer at the end."""
    query = SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT BINARY)").format(
        SQL(", ").join(columns.values()), qualified(table)
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for message in copy:
            row = bytes(message).removeprefix(HEADER)
            if row and row != TRAILER:
                yield row


def _copied(environment: Environment, database: Postgres, prepared: Prepared) -> Run:
    watch = Stopwatch(environment.server)
    with psycopg.connect(database.dsn("consumer")) as connection:
        for statement, many in prepared:
            for count, writes in many:
                with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                    for each in writes:
                        copy.write(each)
                connection.commit()
                watch.lap(count)
    return watch.stop()
