"""What the machinery keeps: positions, parked events, dead letters, snapshots of boards, outside writes, id ranges."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schema.declare import Domain, Event, Once, domain_metadata, happens, places
from schema.types import BigCount, Bulk, Count, Name, Time

METADATA = domain_metadata("ledger")

epoch = Sequence("epoch", metadata=METADATA, data_type=BigInteger)
"""Fencing tokens: each assignment of a partition takes the next."""

offset = Table(
    "offset",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False, comment="next offset to read; all below it is accounted for"),
    Column("epoch", BigInteger, nullable=False, comment="of the assignment that owns the partition"),
    Column("topic_id", Text, nullable=False, comment="of the topic read; another one is another log"),
    Column("leader_epoch", Integer, comment="of the last record read"),
    Column("read", BigInteger, nullable=False, server_default=text("0")),
    Column("applied", BigInteger, nullable=False, server_default=text("0"), comment="with repeats and superseded"),
    Column("parked", BigInteger, nullable=False, server_default=text("0"), comment="waiting now"),
    Column("released", BigInteger, nullable=False, server_default=text("0"), comment="parked once, applied since"),
    Column("dead", BigInteger, nullable=False, server_default=text("0")),
    Column("event_time", DateTime(timezone=True), comment="append time of the last record accounted for"),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("owner", Text, comment="process that holds the partition"),
    CheckConstraint("read = applied + parked + released + dead", name="adds_up"),
    postgresql_with={"fillfactor": 50},
)

parked = Table(
    "parked",
    METADATA,
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("append_time", DateTime(timezone=True), nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary, nullable=False),
    Column("headers", JSONB, nullable=False, server_default=text("'[]'")),
    Column("subject", Text, nullable=False, comment="natural key: later events of it wait behind this one"),
    Column("parent_table", Text, nullable=False, comment="schema.table that lacks the row waited for"),
    Column("parent_key", JSONB, nullable=False, comment="key of that row: column -> value"),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("held", Uuid, comment="request of the operator who gives it up: it is not released any more"),
    PrimaryKeyConstraint("topic", "partition", "offset"),
    Index("idx_parked_parent", "parent_table", "parent_key"),
)

dead = Table(
    "dead",
    METADATA,
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("append_time", DateTime(timezone=True)),
    Column("key", LargeBinary),
    Column("value", LargeBinary, comment="original bytes, or their beginning; NULL: the record was a tombstone"),
    Column("headers", JSONB, nullable=False, server_default=text("'[]'"), comment="[name, base64 or null] pairs"),
    Column("size", BigInteger, comment="bytes of the whole value; NULL: the record was a tombstone"),
    Column("digest", Text, comment="sha256 of the whole value, hex, where only its beginning is kept"),
    Column(
        "truncated",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="whether value, key or headers are only a beginning: the log has the rest",
    ),
    Column("type", Text, comment="event type, as far as it could be read"),
    Column("reason", Text, nullable=False, comment="short label"),
    Column("sqlstate", String(5)),
    Column("message", Text, nullable=False, comment="what is wrong, where, and what to do"),
    Column("died_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("relayed_at", DateTime(timezone=True), comment="when `<topic>.dead` acknowledged it"),
    Column("handled", BigInteger, nullable=False, server_default=text("-1"), comment="offset of its last operation"),
    Column("dropped_at", DateTime(timezone=True), comment="when an operator closed it"),
    PrimaryKeyConstraint("topic", "partition", "offset"),
    Index("idx_dead_relay", "topic", postgresql_where=text("relayed_at IS NULL")),
)

snapshot = Table(
    "snapshot",
    METADATA,
    Column("board", Text, nullable=False, comment="id of the board: `<domain>.<board>.<scope>`"),
    Column("snapshot", Uuid, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False, comment="event time of the newest record in the cut"),
    Column("cut_at", DateTime(timezone=True), nullable=False, comment="when it was decided"),
    Column("cut", JSONB, nullable=False, comment="[[topic, partition, offset], ...] of every input partition"),
    Column("rule", JSONB, nullable=False, comment="rank rule, direction, handling of missing and NaN, decimals"),
    Column("digest", Text, nullable=False, comment="sha256 of the canonical bytes of the entries, hex"),
    Column("entries", Text, nullable=False, comment="canonical JSON: the bytes that the digest covers; '': in parts"),
    Column("parts", Integer, comment="rows of snapshot_part that hold the entries; NULL: `entries` has them"),
    *places(),
    PrimaryKeyConstraint("board", "snapshot"),
    Index("idx_snapshot_board_cut_at", "board", "cut_at"),
    info={"fact": True},
)
"""Snapshots as they were published. Readers look at `published_snapshot`, where entries are whole."""

snapshot_part = Table(
    "snapshot_part",
    METADATA,
    Column("board", Text, nullable=False),
    Column("snapshot", Uuid, nullable=False),
    Column("part", Integer, nullable=False, comment="from 1, in the order of ranks"),
    Column("entries_count", Integer, nullable=False),
    Column("entries", Text, nullable=False, comment="canonical JSON: a list of whole entries"),
    *places(),
    PrimaryKeyConstraint("board", "snapshot", "part"),
    info={"fact": True},
)
"""Entries of a snapshot that is too large for one record; published before it, in the same transaction."""

id_range = Table(
    "id_range",
    METADATA,
    Column("kind", Text, nullable=False),
    Column("request", Uuid, nullable=False),
    Column("size", Integer, nullable=False),
    *places(),
    PrimaryKeyConstraint("kind", "request"),
)

operation = Table(
    "operation",
    METADATA,
    Column("request", Uuid, primary_key=True),
    Column("verb", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("by", Text, nullable=False, comment="who asked: user@host"),
    Column("why", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    *places(),
    CheckConstraint("verb IN ('redrive', 'drop', 'expire')", name="verb"),
    Index("idx_operation_place_offset", "place_offset"),
)
"""What operators decided about single records; consumers of the records' partitions carry it out."""

outside_write = Table(
    "outside_write",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("role", Text, nullable=False, server_default=text("session_user")),
    Column("application", Text, server_default=text("current_setting('application_name', true)")),
    Column("statement", Text, nullable=False, comment="INSERT, UPDATE, DELETE or TRUNCATE"),
    Column("relation", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("keys", JSONB, comment="keys of the rows, up to a bound"),
)

rebuild = Table(
    "rebuild",
    METADATA,
    Column("run", Uuid, primary_key=True),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("by", Text, nullable=False, comment="who asked for it, on which machine"),
    Column("why", Text, nullable=False, server_default=text("''")),
    Column("domains", JSONB, nullable=False),
    Column("base", JSONB, comment="export that it began from: folder, seal, offsets; NULL: from offset 0"),
    Column("upto", JSONB, nullable=False, comment="[[topic, partition, offset], ...]: all up to these"),
    Column("records", BigInteger, nullable=False, comment="offsets read by the last go"),
    Column("seconds", Double, nullable=False, comment="of filling, in the last go"),
    Column("equal", Boolean, comment="whether live had the same rows; NULL: not compared"),
    Column("digests", JSONB, nullable=False, comment="table -> digest of the rows that the log determines"),
    Column("code", Text, nullable=False, comment="newest migration of the code that filled it"),
)
"""Runs of `podium rebuild`; a swap carries the history over."""

repair = Table(
    "repair",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("repaired_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("by", Text, nullable=False, comment="who asked for it, on which machine"),
    Column("why", Text, nullable=False, server_default=text("''")),
    Column("relation", Text, nullable=False),
    Column("key", JSONB, nullable=False),
    Column("before", JSONB, nullable=False, comment="the rows as they were found"),
    Column("after", JSONB, nullable=False, comment="the rows as the log has them"),
)
"""Rows put back to what the log says, one by one."""

lease = Table(
    "lease",
    METADATA,
    Column("name", Text, primary_key=True, comment="of the duty that one process at a time may have"),
    Column("holder", Text, nullable=False, comment="host:pid"),
    Column("token", BigInteger, nullable=False, comment="fencing token, from ledger.epoch: the greatest is the holder"),
    Column("taken_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="by this server's clock; 'epoch': released"),
)
"""Who ranks, keeps timers, relays and sweeps. Rows are written by the roles that do so, and by nobody else."""

loop = Table(
    "loop",
    METADATA,
    Column("name", Text, nullable=False, comment="as in its heartbeat, such as podium.score.<domain>"),
    Column("process", Text, nullable=False, comment="host:pid"),
    Column("reported_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("ready", Boolean, nullable=False),
    Column("waits_for", Text, nullable=False, server_default=text("''")),
    Column("turn_age_seconds", Double, nullable=False, comment="since its last turn, when it reported"),
    Column(
        "progress_age_seconds", Double, nullable=False, comment="since it finished something or found nothing to do"
    ),
    Column("done", BigInteger, nullable=False),
    Column("restarts", Integer, nullable=False),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("failed_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("name", "process"),
)
"""The last report of every loop of every process; a report that grows old is a process that is gone or hangs."""

failure = Table(
    "failure",
    METADATA,
    Column("loop", Text, nullable=False, comment="name of the loop that met it"),
    Column("subject", Text, nullable=False, comment="the key, board, timer or record that stands still"),
    Column("error", Text, nullable=False),
    Column("topic", Text),
    Column("partition", Integer),
    Column("offset", BigInteger, comment="of the record that raised, where one did"),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("process", Text, nullable=False, comment="host:pid that met it last"),
    PrimaryKeyConstraint("loop", "subject"),
)
"""What raised and was confined: its neighbours went on. Taken out when it works again."""

identity = Table(
    "identity",
    METADATA,
    Column("only", SmallInteger, primary_key=True, server_default=text("1")),
    Column("database", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    CheckConstraint('"only" = 1', name="one_row"),
)
"""The uuid of this database: a consumer that reconnects to another one starts from that one's positions."""

PARTS_MAX = 32_767

CutPlace = tuple[Name, Count, Annotated[int, Field(ge=0)]]


@happens(
    "range.requested.v1",
    family="ids",
    key=("kind", "request"),
    partition_by=("kind",),
    lands=Once(id_range),
    example={"kind": "evaluation.row", "request": "0192f0c1-2345-7abc-8def-0123456789ab", "size": 1000},
)
class RangeRequested(Event):
    """A producer wants `size` integer ids of a kind; its range starts at the sum of the earlier requests, plus 1."""

    kind: Name
    request: UUID
    size: Annotated[int, Field(ge=1, le=100_000_000)]


@happens(
    "operation.requested.v1",
    family="operations",
    key=("request",),
    lands=Once(operation, time="asked_at"),
    example={
        "request": "0192f0c1-2345-7abc-8def-0123456789ab",
        "verb": "redrive",
        "topic": "evaluation.predictions",
        "partition": 0,
        "offset": 42,
        "by": "ana@host",
        "why": "the rule that refused it was wrong",
    },
)
class OperationRequested(Event):
    """An operator decides about one record: try a dead letter again, close it, or give up a parked event."""

    request: UUID
    verb: Literal["redrive", "drop", "expire"]
    topic: Name
    partition: Annotated[int, Field(ge=0, le=32_767)]
    offset: BigCount
    by: Name
    why: Name


class SnapshotPublished(Event):
    """A board was cut at the given offsets; `entries` is canonical JSON and `digest` its sha256.

    With `parts` the entries came before it in so many records of their own, and `digest` is that of all of them.
    """

    board: Name
    snapshot: UUID
    as_of: Time
    cut_at: Time
    cut: list[CutPlace]
    rule: dict[str, Any]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    entries: Bulk
    parts: Annotated[int, Field(ge=1, le=PARTS_MAX)] | None = None


def snapshot_published(board_example: str, lands: tuple[Once, ...] = ()) -> type[Event]:
    """The event of a domain by which its boards are published; each domain with boards declares its own.

    It lands in the ledger, and in further tables of the domain that keep snapshots.
    """
    model = type("SnapshotPublished", (SnapshotPublished,), {"__doc__": SnapshotPublished.__doc__})
    return happens(
        "board.published.v1",
        family="leaderboards",
        key=("board", "snapshot"),
        partition_by=("board",),
        lands=(Once(snapshot), *lands),
        example={
            "board": board_example,
            "snapshot": "0192f0c1-2345-7abc-8def-0123456789ab",
            "as_of": "2026-03-01T10:00:00Z",
            "cut_at": "2026-03-01T10:00:01Z",
            "cut": [["evaluation.scores", 0, 42]],
            "rule": {"rank": "standard", "direction": "down", "missing": "last"},
            "digest": "0" * 64,
            "entries": "[]",
        },
    )(model)


DOMAIN = Domain(
    name="podium",
    title="Podium's own ledger",
    folder=Path(__file__).parent,
    metadata=METADATA,
    models=(RangeRequested, OperationRequested),
    partitions={"ids": 1, "operations": 1},
    # They hold events, or keys, of tables that readers may not see.
    private=("parked", "dead", "operation", "outside_write", "repair", "lease", "loop", "failure"),
)
