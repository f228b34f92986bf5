"""Seismic: denoising and reconstruction of recorded ground motion, jobs over data sets."""

from pathlib import Path

from schema.declare import Domain, Watch
from schema.ledger import snapshot_published
from schema.parts import part_published
from schema.seismic import boards, catalog, events, tables

DOMAIN = Domain(
    name="seismic",
    title="Denoising of recorded ground motion",
    folder=Path(__file__).parent,
    metadata=tables.METADATA,
    models=(
        *events.EVENTS,
        snapshot_published("seismic.upward.denoising-snr_improvement_db-1-5b0f7c1e"),
        part_published("seismic.upward.denoising-snr_improvement_db-1-5b0f7c1e"),
    ),
    lifecycles=(catalog.DATASET, events.JOB, catalog.MODEL),
    boards=boards.BOARDS,
    watches=(Watch("silent_jobs", "silent_jobs.sql", every_seconds=15.0, by_partition=True),),
    sleeps={"denoised": ("denoised_500_insert",), "measurements": ("measurements_500_insert",)},
    secret={"users": ("password_hash",)},
    personal={"users": ("email",)},
)
