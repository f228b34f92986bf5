"""Competition: models forecast on a schedule, are scored when the truth is known, and rewarded by period."""

from pathlib import Path

from schema.competition import boards, events, finals, rewards, scoring, tables
from schema.declare import Domain, Scoring, Watch

DOMAIN = Domain(
    name="competition",
    title="Live forecasting contests",
    folder=Path(__file__).parent,
    metadata=tables.METADATA,
    models=events.EVENTS,
    lifecycles=events.LIFECYCLES,
    boards=boards.BOARDS,
    scoring=Scoring(
        inputs=("competition.prediction.recorded.v1",),
        references=("competition.round.opened.v1", "competition.truth.published.v1"),
        judge=scoring.Judge,
        unscored="unscored.sql",
    ),
    watches=(
        Watch("due_rounds", "due_rounds.sql", every_seconds=1.0, by_partition=True),
        Watch("absences", "absences.sql", every_seconds=1.0, by_partition=True),
        Watch("closings", "closings.sql", every_seconds=1.0),
        Watch(
            "finals",
            "finals.sql",
            every_seconds=1.0,
            decide=finals.decide,
            per=("prediction_config_id", "performed_at"),
        ),
        Watch("overdue_rounds", "overdue_rounds.sql", every_seconds=5.0, by_partition=True),
        Watch("expiries", "expiries.sql", every_seconds=5.0),
        Watch("round_ends", "round_ends.sql", every_seconds=1.0),
        Watch("checkpoints", "checkpoints.sql", every_seconds=5.0),
        Watch("emissions", "emissions.sql", every_seconds=5.0, decide=rewards.decide, per=("checkpoint_id",)),
    ),
    sleeps={"predictions": ("idx_predictions_model_id_scope_key",)},
)
