"""A database as five domains leave it: their stories, again with names that trip addresses, boards cut twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import Connection

from podium.settings import Settings
from schema import DOMAINS
from schema.board import digest
from schema.declare import Domain
from streams.rank import entries, rule
from tests.contract.outcome import play
from tests.log import story

ODD = (
    "lab/net-8b", "/x", "y/", "@z", "@", "t.csv", "t.json", "..", ".", "~", "~2F", "a b", "a+b", "50% off", "%2F",
    "?q=1", "#top", '"quoted"', "it's", "<b>", "a\\b", "München", "日本", "a.", "...", "a//b", "x" * 255, "ü/" * 127,
    "=1+1", "&amp;",
)  # fmt: skip
"""Ids that mean something to browsers, proxies, file names, spreadsheets or HTML."""

FEW = ("a/b?.csv", "..", '@ "q" #%')
AT = datetime(2026, 3, 2, tzinfo=UTC)
CUTS = 2


def fill(settings: Settings) -> None:
    """Play everything, then cut every board."""
    with psycopg.connect(settings.postgres.dsn("consumer"), autocommit=True) as connection:
        for domain in DOMAINS:
            play(connection, domain, [*story(domain), *odd(domain)])
    with psycopg.connect(settings.postgres.dsn("owner")) as connection:
        for domain in DOMAINS:
            cut(connection, domain)


def odd(domain: Domain) -> Iterator[dict[str, Any]]:
    """Parts of a domain's story again, under odd names."""
    match domain.name:
        case "competition":
            for number, name in enumerate(ODD):
                yield from renamed(domain, {'"103"': name, '"d-103-1"': f"d-{number}", '"quantile_forest"': name})
            for number, scope in enumerate(("EUR/CHF-60", "..", "all.json")):
                yield from renamed(domain, {'"BTC-3600-3600"': scope, '"CFG_001"': f"CFG_{number}"}, every=True)
        case "replays":
            for number, name in enumerate(FEW):
                names = {f'"{plain}"': f"{plain} {name}" for plain in ("Alice", "Bob", "Red Eyes", "Burn", "Warrior")}
                numbers = {"0192f0c1-": f"0192f0c{number + 2}-", "id=1": f"id={number + 2}1"}
                yield from renamed(domain, names, every=True, text=numbers)
        case "seismic":
            for number, name in enumerate(FEW):
                numbers = {"00000000-0000-4000-": f"0000000{number + 1}-0000-4000-"}
                yield from renamed(domain, {'"wiener"': f"wiener {name}"}, every=True, text=numbers)
        case "evaluation":
            yield from renamed(domain, {'"tweets"': "tweets/?.csv", '"lexicon"': "../lexicon"}, every=True)
        case "chess":
            yield from renamed(domain, {'"ps-1"': "../ps@1.csv", '"cpuct 2.1"': "cpuct/2.1?"}, every=True)


def renamed(
    domain: Domain, names: Mapping[str, str], *, every: bool = False, text: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """The lines of a story that hold one of some JSON strings, or every line, with these replaced."""
    for line in (domain.folder / "story.jsonl").read_text(encoding="utf-8").splitlines():
        if every or any(plain in line for plain in names):
            for plain, name in names.items():
                line = line.replace(plain, json.dumps(name))
            for plain, other in (text or {}).items():
                line = line.replace(plain, other)
            yield json.loads(line)


def cut(connection: Connection[Any], domain: Domain) -> None:
    """Store snapshots of every board of a domain, as a ranker would publish them."""
    positions = connection.execute(
        "SELECT topic, partition, position FROM ledger.offset WHERE topic LIKE %s ORDER BY 1, 2", [f"{domain.name}.%"]
    ).fetchall()
    for board in domain.boards:
        for id_, text in list(entries(connection, domain, board)):
            for number in range(CUTS):
                at = AT + timedelta(minutes=number)
                connection.execute(
                    "INSERT INTO ledger.snapshot (board, snapshot, as_of, cut_at, cut, rule, digest, entries)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                    (id_, uuid4(), at, at, json.dumps(positions), json.dumps(rule(board)), digest(text), text.decode()),
                )
