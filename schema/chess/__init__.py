"""Chess: networks trained by self-play, matched, tested sequentially and tuned by volunteers' games."""

from pathlib import Path

from schema.chess import boards, catalog, events, folds, scoring
from schema.declare import Domain, Watch
from schema.ledger import snapshot_published
from schema.parts import part_published

DOMAIN = Domain(
    name="chess",
    title="Networks, matches, sequential tests and tuning",
    folder=Path(__file__).parent,
    metadata=catalog.METADATA,
    models=(*events.EVENTS, snapshot_published("chess.ratings.all"), part_published("chess.ratings.all")),
    lifecycles=events.LIFECYCLES,
    boards=boards.BOARDS,
    folds=(folds.VERDICTS,),
    watches=(
        Watch("expired_assignments", "expired_assignments.sql", every_seconds=15.0, by_partition=True),
        Watch("due_promotions", "due_promotions.sql", every_seconds=5.0),
        Watch(
            "finished_tunes", "finished_tunes.sql", every_seconds=15.0, decide=scoring.finished_tunes, per=("task_id",)
        ),
    ),
    sleeps={
        "game_results": ("game_results_500_tally",),
        "training_games": (
            "idx_training_games_created_at",
            "idx_training_games_user_id",
            "idx_training_games_client_id",
            "idx_training_games_network_id",
        ),
    },
    secret={"users": ("password",)},
    bookkeeping={"tune_param_sets": ("id",)},
)
