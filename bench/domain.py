"""The domain of the benchmarks: one table of facts without tallies and references, with one index beside its key."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from pydantic import FiniteFloat
from sqlalchemy import Column, DateTime, Double, Index, Integer, Table, Text, Uuid

from schema.declare import Domain, Event, Once, domain_metadata, happens, places
from schema.types import Count, Name, Time
from schema.types import Text as Words

METADATA = domain_metadata("bench")

predictions = Table(
    "predictions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("horizon", Integer, nullable=False),
    Column("value", Double, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("payload", Text, nullable=False),
    *places(),
    Index("idx_predictions_model_id_made_at", "model_id", "made_at"),
)


@happens(
    "prediction.made.v1",
    family="predictions",
    key=("id",),
    lands=Once(predictions),
    example={
        "id": "0192f0c1-2345-7abc-8def-0123456789ab", "model_id": "m-1", "horizon": 60, "value": 0.5,
        "made_at": "2026-03-01T10:00:00Z", "payload": "x" * 60,
    },
)  # fmt: skip
class PredictionMade(Event):
    """A forecast, as narrow as forecasts are."""

    id: UUID
    model_id: Name
    horizon: Count
    value: FiniteFloat
    made_at: Time
    payload: Words


DOMAIN = Domain(
    name="bench",
    folder=Path(__file__).parent,
    metadata=METADATA,
    models=(PredictionMade,),
)
