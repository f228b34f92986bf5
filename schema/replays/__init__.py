"""Replays: analysis jobs over the public replay pages of an online card game."""

from pathlib import Path

from schema.declare import Domain, Watch
from schema.ledger import snapshot_published
from schema.parts import part_published
from schema.replays import boards, events, tables

DOMAIN = Domain(
    name="replays",
    title="Analysis jobs over the replay pages of an online card game",
    folder=Path(__file__).parent,
    metadata=tables.METADATA,
    models=(*events.EVENTS, snapshot_published("replays.players.all"), part_published("replays.players.all")),
    lifecycles=events.LIFECYCLES,
    boards=boards.BOARDS,
    watches=(
        Watch("due_jobs", "due_jobs.sql", every_seconds=0.5),
        Watch("expired_claims", "expired_claims.sql", every_seconds=5.0, by_partition=True),
        Watch("wanted_again", "wanted_again.sql", every_seconds=5.0),
    ),
    private=tuple(table.name for table in tables.METADATA.sorted_tables),
)
