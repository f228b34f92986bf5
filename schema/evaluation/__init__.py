"""Evaluation: classifiers and prompts scored on labelled text."""

from pathlib import Path

from schema.declare import Domain
from schema.evaluation import events, tables

DOMAIN = Domain(
    name="evaluation",
    title="Classifiers and prompts on labelled text",
    folder=Path(__file__).parent,
    metadata=tables.METADATA,
    models=events.EVENTS,
    lifecycles=(events.JOB, events.TASK),
    bookkeeping={"status_update_log": ("id", "updated_at"), "predictions": ("prediction_id",)},
)
