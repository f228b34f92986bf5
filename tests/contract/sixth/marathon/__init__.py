"""Marathon: runners, their splits and their standings."""

from pathlib import Path

from schema.declare import Domain
from schema.ledger import snapshot_published
from schema.parts import part_published

from . import boards, events, tables

DOMAIN = Domain(
    name="marathon",
    title="Runners and their splits",
    folder=Path(__file__).parent,
    metadata=tables.METADATA,
    models=(*events.EVENTS, snapshot_published("marathon.standings.1"), part_published("marathon.standings.1")),
    lifecycles=(events.RUN,),
    boards=(boards.STANDINGS,),
)
