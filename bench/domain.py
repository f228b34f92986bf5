"""The domain of the benchmarks: a table of facts without tallies and references, and a register."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from pydantic import FiniteFloat
from sqlalchemy import Column, DateTime, Double, Index, Integer, LargeBinary, Table, Text, Uuid

from schema.declare import Domain, Event, Latest, Once, Register, domain_metadata, happens, places
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

forecasts = Table(
    "forecasts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("horizon", Integer, nullable=False),
    Column("value", Double, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("payload", Text, nullable=False),
    Column("latest_time", DateTime(timezone=True)),
    Column("latest_id", Uuid),
    Column("latest_digest", LargeBinary),
    Index("idx_forecasts_model_id_made_at", "model_id", "made_at"),
)


EXAMPLE = {
    "id": "0192f0c1-2345-7abc-8def-0123456789ab", "model_id": "m-1", "horizon": 60, "value": 0.5,
    "made_at": "2026-03-01T10:00:00Z", "payload": "x" * 50,
}  # fmt: skip


class _Forecast(Event):
    id: UUID
    model_id: Name
    horizon: Count
    value: FiniteFloat
    made_at: Time
    payload: Words


@happens("prediction.made.v1", family="predictions", key=("id",), lands=Once(predictions), example=EXAMPLE)
class PredictionMade(_Forecast):
    """A forecast, as narrow as forecasts are."""


@happens(
    "forecast.revised.v1",
    family="catalog",
    key=("id",),
    lands=Register(forecasts, merges=(Latest(("model_id", "horizon", "value", "made_at", "payload")),)),
    example=EXAMPLE,
)
class ForecastRevised(_Forecast):
    """The same columns as a register: the latest revision stays."""


DOMAIN = Domain(
    name="bench",
    title="Benchmarks",
    folder=Path(__file__).parent,
    metadata=METADATA,
    models=(PredictionMade, ForecastRevised),
)
