"""What the marathon domain keeps: races, runners and splits."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Table, text

from schema.declare import domain_metadata, hot, places

METADATA = domain_metadata("marathon")
RUNNER_KEY = ("race_id", "bib")

races = Table(
    "races",
    METADATA,
    Column("race_id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("metres", Integer, nullable=False),
    *places(),
)

runners = Table(
    "runners",
    METADATA,
    Column("race_id", Integer, ForeignKey(races.c.race_id), primary_key=True),
    Column("bib", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("since", DateTime(timezone=True), comment="when it reached the status"),
    Column("marks", Integer, nullable=False, server_default=text("0"), comment="splits taken"),
    Column("metres", Integer, nullable=False, server_default=text("0"), comment="of the furthest split"),
    Column("milliseconds", Integer, nullable=False, server_default=text("0"), comment="of the slowest split"),
    info={"tallied": ("marks", "metres", "milliseconds")},
    postgresql_with={"fillfactor": 50},
)

splits = Table(
    "splits",
    METADATA,
    Column("race_id", Integer, primary_key=True),
    Column("bib", Integer, primary_key=True),
    Column("metres", Integer, primary_key=True),
    Column("milliseconds", Integer, nullable=False, comment="since the start"),
    *places(),
    hot(RUNNER_KEY, runners, RUNNER_KEY),
)
