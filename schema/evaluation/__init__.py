"""Evaluation: classifiers and prompts scored on labelled text."""

from pathlib import Path

from schema.declare import Domain, Scoring, Watch
from schema.evaluation import boards, events, scoring, tables
from schema.ledger import snapshot_published
from schema.parts import part_published

DOMAIN = Domain(
    name="evaluation",
    title="Classifiers and prompts on labelled text",
    folder=Path(__file__).parent,
    metadata=tables.METADATA,
    models=(*events.EVENTS, snapshot_published("evaluation.accuracy.1"), part_published("evaluation.accuracy.1")),
    lifecycles=(events.JOB, events.TASK),
    boards=boards.BOARDS,
    scoring=Scoring(
        inputs=("evaluation.prediction.recorded.v1",),
        references=("evaluation.row.added.v1", "evaluation.row.relabelled.v1"),
        judge=scoring.Judge,
        unscored="unscored.sql",
    ),
    watches=(
        Watch("expired_leases", "expired_leases.sql", every_seconds=5.0, by_partition=True),
        Watch("stuck_jobs", "stuck_jobs.sql", every_seconds=30.0),
    ),
    # Jobs are held apart from rows, of another family, and from each other only as locks have no more modes. What
    # updates a task for each prediction or score gains nothing by sleeping.
    sleeps={"predictionstatus": ("uq_predictionstatus_model_id_prompt_id_dataset_id_row_id", "hold_datasets")},
    bookkeeping={"status_update_log": ("id", "updated_at"), "predictions": ("prediction_id",)},
)
