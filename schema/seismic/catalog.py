"""What jobs refer to: accounts, models, metrics, and data sets on their way in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, FiniteFloat

from schema.declare import Event, Furthest, Greatest, Latest, Lifecycle, Once, Register, happens
from schema.envelope import v5
from schema.seismic import tables
from schema.seismic.ranges import BYTES_MAX, HERTZ_MAX, HERTZ_MIN
from schema.types import Attempt, Count, Email, Id, Json, Name, Text, Uuid, Whole, normal, storable

Label = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(storable), AfterValidator(normal)]
Path = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(storable)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hertz = Annotated[FiniteFloat, Field(ge=HERTZ_MIN, le=HERTZ_MAX)]
Bytes = Annotated[int, Field(ge=1, le=BYTES_MAX)]
Purpose = Literal["reconstruction", "denoising"]

DATASET = Lifecycle(
    "dataset",
    moves={"uploading": ("processing", "error"), "processing": ("ready", "error"), "ready": (), "error": ()},
    initial="uploading",
    backward={"error": ("uploading",)},
    final=("ready",),
)
"""What events say of an upload; parts that are missing keep it `uploading`, whatever was said."""

MODEL = Lifecycle("model", moves={"registered": ("retired",), "retired": ()}, initial="registered")

MEASURES = ("traces", "samples", "sample_rate", "size_bytes", "sample_bytes", "extended_headers")
_OF_STATES = (*MEASURES, "storage_path", "metadata", "error_message")
DATASET_EXAMPLE = "5b0f7c1e-8a4d-4a1f-9a55-0a7c2f3d9e01"

_AT_UPLOAD: dict[str, Any] = {
    "family": "catalog",
    "key": ("dataset_id", "attempt"),
    "partition_by": ("dataset_id",),
    "order_by": ("dataset_id",),
}


def _becomes(state: str, *told: str, creates: bool = False, **landing: Any) -> Register:
    """A data set's move; of the columns that belong to states it sets those `told` and empties the others."""
    emptied = {name: None for name in _OF_STATES if name not in told}
    landing["values"] = {**landing.get("values", {}), **emptied}
    landing["omit"] = ("dataset_id", *landing.get("omit", ()))
    return Register(
        tables.datasets,
        creates=creates,
        renamed={"id": "dataset_id"},
        merges=(Furthest(DATASET, state, "event_status", attempt="attempt", moves=_OF_STATES),),
        **landing,
    )


@happens(
    "user.registered.v1",
    family="catalog",
    key=("email",),
    lands=Register(tables.users, time=("created_at", "updated_at"), derived={"id": v5("seismic.user", "email")}),
    example={"email": "ana@example.org", "role": "user"},
)
class UserRegistered(Event):
    """Somebody has an account; a password never travels."""

    email: Email
    role: Literal["user", "admin"] = "user"


@happens(
    "user.role_changed.v1",
    family="catalog",
    key=("email",),
    lands=Register(
        tables.users,
        creates=False,
        time="updated_at",
        merges=(Latest(("role",)), Greatest("updated_at")),
    ),
    example={"email": "ana@example.org", "role": "admin"},
)
class UserRoleChanged(Event):
    """An account has another role from now on."""

    email: Email
    role: Literal["user", "admin"]


@happens(
    "model.registered.v1",
    family="catalog",
    key=("name", "version"),
    lands=Once(tables.models, time="created_at", derived={"id": v5("seismic.model", "name", "version")}),
    example={
        "name": "wiener",
        "version": "1.0.0",
        "architecture": "wiener",
        "type": "denoising",
        "storage_path": None,
        "config": {"window": 5},
    },
)
class ModelRegistered(Event):
    """A version of a model, for good: other weights or another configuration are another version."""

    name: Name
    version: Label
    architecture: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(storable)]
    type: Purpose
    storage_path: Path | None = None
    config: Json = Field(default_factory=dict)


@happens(
    "model.retired.v1",
    family="catalog",
    key=("name", "version"),
    lands=Register(tables.models, creates=False, omit=("reason",), merges=(Furthest(MODEL, "retired", "stage"),)),
    example={"name": "wiener", "version": "1.0.0", "reason": "replaced by 2.0.0"},
)
class ModelRetired(Event):
    """A version should not be used for new jobs; its results stay."""

    name: Name
    version: Label
    reason: Text = ""


@happens(
    "metric.defined.v1",
    family="catalog",
    key=("metric", "definition"),
    lands=Once(tables.definitions),
    example={
        "metric": "snr_improvement_db",
        "definition": 1,
        "unit": "dB",
        "direction": "up",
        "formula": "10 log10(mse of the input / mse of the output)",
        "source": None,
    },
)
class MetricDefined(Event):
    """A version of a metric's formula; only figures of one version are ever compared."""

    metric: Label
    definition: Id
    unit: Label
    direction: Literal["up", "down"]
    formula: Text
    source: Text | None = None


@happens(
    "upload.started.v1",
    family="catalog",
    key=("dataset_id",),
    lands=(
        _becomes(
            "uploading",
            creates=True,
            time="created_at",
            derived={"user_id": v5("seismic.user", "owner")},
            values={"attempt": 1},
            omit=("owner", "size_bytes", "part_bytes", "sha256"),
        ),
        Once(tables.uploads, time="started_at", values={"attempt": 1}, omit=("owner", "name", "format")),
    ),
    example={
        "dataset_id": DATASET_EXAMPLE,
        "owner": "ana@example.org",
        "name": "survey_2025.sgy",
        "format": "segy",
        "size_bytes": 8_243_600,
        "part_bytes": 5_242_880,
        "sha256": None,
    },
)
class UploadStarted(Event):
    """A data set begins to arrive: its announced size, cut into parts of the chosen one."""

    dataset_id: Uuid
    owner: Email
    name: Name
    format: Literal["segy", "miniseed", "sac", "seg2", "gcf", "npy"]
    size_bytes: Bytes
    part_bytes: Id
    sha256: Sha256 | None = None


@happens(
    "upload.restarted.v1",
    **_AT_UPLOAD,
    lands=(
        _becomes("uploading", omit=("size_bytes", "part_bytes", "sha256")),
        Once(tables.uploads, time="started_at"),
    ),
    example={
        "dataset_id": DATASET_EXAMPLE,
        "attempt": 2,
        "size_bytes": 8_243_600,
        "part_bytes": 5_242_880,
        "sha256": None,
    },
)
class UploadRestarted(Event):
    """What went wrong is uploaded again, from the first part."""

    dataset_id: Uuid
    attempt: Attempt
    size_bytes: Bytes
    part_bytes: Id
    sha256: Sha256 | None = None


@happens(
    "part.stored.v1",
    family="catalog",
    key=("dataset_id", "attempt", "part"),
    partition_by=("dataset_id",),
    lands=Once(tables.parts, time="stored_at"),
    example={"dataset_id": DATASET_EXAMPLE, "attempt": 1, "part": 0, "bytes": 5_242_880, "sha256": "0" * 64},
)
class PartStored(Event):
    """A part arrived; the same index with other bytes is a rival."""

    dataset_id: Uuid
    attempt: Attempt = 1
    part: Count
    bytes: Id
    sha256: Sha256


@happens(
    "upload.finalized.v1",
    **_AT_UPLOAD,
    lands=_becomes("processing"),
    example={"dataset_id": DATASET_EXAMPLE, "attempt": 1},
)
class UploadFinalized(Event):
    """No more parts will come; the data set is processed once all of them are there, whole and none too many."""

    dataset_id: Uuid
    attempt: Attempt = 1


@happens(
    "dataset.prepared.v1",
    **_AT_UPLOAD,
    lands=_becomes("ready", *MEASURES, "storage_path", "metadata"),
    example={
        "dataset_id": DATASET_EXAMPLE,
        "attempt": 1,
        "traces": 1000,
        "samples": 2000,
        "sample_rate": 250.0,
        "size_bytes": 8_243_600,
        "sample_bytes": 4,
        "extended_headers": 0,
        "storage_path": "datasets/5b0f7c1e/raw/survey_2025.sgy",
        "metadata": {"tags": ["land"]},
    },
)
class DatasetPrepared(Event):
    """A data set was read through: it is ready if its size is what was stored and what its format says."""

    dataset_id: Uuid
    attempt: Attempt = 1
    traces: Id
    samples: Id
    sample_rate: Hertz
    size_bytes: Bytes
    sample_bytes: Annotated[Literal[1, 2, 4, 8], Whole] = 4
    extended_headers: Count = 0
    storage_path: Path
    metadata: Json = Field(default_factory=dict)


@happens(
    "dataset.failed.v1",
    **_AT_UPLOAD,
    lands=_becomes("error", "error_message"),
    example={"dataset_id": DATASET_EXAMPLE, "attempt": 1, "error_message": "trace 17 ends early"},
)
class DatasetFailed(Event):
    """An upload or its processing ended in an error; a restart opens the next attempt."""

    dataset_id: Uuid
    attempt: Attempt = 1
    error_message: Text


EVENTS = (
    UserRegistered, UserRoleChanged, ModelRegistered, ModelRetired, MetricDefined, UploadStarted, UploadRestarted,
    PartStored, UploadFinalized, DatasetPrepared, DatasetFailed,
)  # fmt: skip
