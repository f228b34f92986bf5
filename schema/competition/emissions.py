"""Events about checkpoints that came round, and about the rewards of a period until they are paid."""

from __future__ import annotations

from pydantic import Field

from schema.competition import tables
from schema.competition.names import emission_of
from schema.declare import Event, Furthest, Greatest, Lifecycle, Once, Register, happens
from schema.types import Json, Name, Time

EMISSION = Lifecycle(
    "emission",
    moves={"PENDING": ("SUBMITTED",), "SUBMITTED": ("CLAIMABLE",), "CLAIMABLE": ("PAID",), "PAID": ()},
    initial="PENDING",
)


@happens(
    "checkpoint.reached.v1",
    family="jobs",
    key=("id", "last_run_at"),
    partition_by=("id",),
    lands=Register(tables.checkpoints, creates=False, merges=(Greatest("last_run_at", moves=("next_run_at",)),)),
    example={"id": "hourly", "last_run_at": "2026-03-01T10:00:00Z", "next_run_at": "2026-03-01T11:00:00Z"},
)
class CheckpointReached(Event):
    """A checkpoint that emits nothing came round, at its planned time."""

    id: Name
    last_run_at: Time
    next_run_at: Time


_PERIOD = {"checkpoint_id": "weekly", "period_start": "2026-03-01T00:00:00Z"}


@happens(
    "emission.made.v1",
    family="jobs",
    key=("checkpoint_id", "period_start"),
    partition_by=("checkpoint_id",),
    lands=(
        Once(
            tables.emission_checkpoints,
            time="emitted_at",
            omit=("next_run_at",),
            values={"status": "PENDING"},
            derived={"id": emission_of},
        ),
        Register(
            tables.checkpoints,
            creates=False,
            omit=(
                "checkpoint_id", "period_start", "period_end", "payload_jsonb", "ranking_jsonb", "prizes_jsonb",
            ),
            renamed={"id": "checkpoint_id", "last_run_at": "period_end"},
            merges=(Greatest("last_run_at", moves=("next_run_at",)),),
        ),
    ),
    example={
        **_PERIOD,
        "period_end": "2026-03-08T00:00:00Z",
        "next_run_at": "2026-03-15T00:00:00Z",
        "payload_jsonb": {
            "crunch": "btc",
            "cruncher_rewards": [
                {"cruncher_index": 0, "reward_pct": 625000000}, {"cruncher_index": 1, "reward_pct": 375000000},
            ],
            "compute_provider_rewards": [],
            "data_provider_rewards": [],
        },
        "ranking_jsonb": [
            {"model_id": "12345", "mean": 0.7, "n": 168}, {"model_id": "777", "mean": 0.4, "n": 168},
        ],
        "prizes_jsonb": [],
    },
)  # fmt: skip
class EmissionMade(Event):
    """The rewards of (period_start, period_end], frozen: `cruncher_index` is the place in `ranking_jsonb`."""

    checkpoint_id: Name
    period_start: Time
    period_end: Time
    next_run_at: Time
    payload_jsonb: Json
    ranking_jsonb: list[Json]
    prizes_jsonb: list[Json] = Field(default_factory=list)


class _EmissionMoved(Event):
    checkpoint_id: Name
    period_start: Time
    tx_hash: Name


def _emission_moved(name: str, state: str, fact: Once):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="jobs",
        key=("checkpoint_id", "period_start"),
        partition_by=("checkpoint_id",),
        lands=(
            fact,
            Register(
                tables.emission_checkpoints,
                creates=False,
                merges=(Furthest(EMISSION, state, "status", moves=("tx_hash",)),),
            ),
        ),
        example={**_PERIOD, "tx_hash": "0x5f1c"},
    )


def _confirmed(state: str) -> Once:
    return Once(
        tables.confirmations,
        time="confirmed_at",
        omit=("checkpoint_id", "period_start"),
        values={"status": state},
        derived={"emission_id": emission_of},
    )


@_emission_moved(
    "emission.submitted.v1",
    "SUBMITTED",
    Once(
        tables.submissions,
        time="submitted_at",
        omit=("checkpoint_id", "period_start"),
        derived={"emission_id": emission_of},
    ),
)
class EmissionSubmitted(_EmissionMoved):
    """The transaction that pays an emission was sent; a second one with another hash is dead."""


@_emission_moved("emission.claimable.v1", "CLAIMABLE", _confirmed("CLAIMABLE"))
class EmissionClaimable(_EmissionMoved):
    """The submitted transaction was confirmed: rewards can be claimed."""


@_emission_moved("emission.paid.v1", "PAID", _confirmed("PAID"))
class EmissionPaid(_EmissionMoved):
    """All rewards of the emission were claimed."""
