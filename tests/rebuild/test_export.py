"""Tables written to files and read into an empty database are the same, at the same offsets, and follow the log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from pyarrow import parquet
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Enum,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateTable

from podium import session
from podium.rebuild import plan, prove
from podium.rebuild.cut import CUT, Damaged, Form
from podium.rebuild.digest import Rows
from podium.rebuild.export import export, write_table
from podium.rebuild.imports import NotEmpty, load, read_table
from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain, domain_metadata
from schema.quoting import DIALECT
from schema.session import VERIFY
from tests.contract.conftest import copied
from tests.log import story
from tests.rebuild.conftest import fill_up, podium, publish


@pytest.fixture
def empty(live: Settings, template: str, namespace: str) -> Iterator[Settings]:
    """The same log beside an empty, migrated database."""
    with copied(live, template, f"{namespace.strip('.')}_import") as postgres:
        yield live.model_copy(update={"postgres": postgres})


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_out_and_in_again_in_every_form(
    live: Settings, domain: Domain, template: str, namespace: str, tmp_path: Path
) -> None:
    digests = []
    for form in get_args(Form):
        cut = export(live, [domain], tmp_path / form, form)
        with copied(live, template, f"{namespace.strip('.')}_{form}") as postgres:
            there = live.model_copy(update={"postgres": postgres})
            digests.append(load(there, DOMAINS, tmp_path / form))
            assert digests[-1] == cut["digests"]
            with psycopg.connect(postgres.dsn("owner")) as connection:
                assert plan.positions(connection, [domain]) == plan.ends(live, [domain])
                always = connection.execute(
                    "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'"
                )
                assert always.fetchone() == (0,)
            with pytest.raises(NotEmpty):
                load(there, DOMAINS, tmp_path / form)
    assert digests[0] == digests[1] == digests[2]
    with pytest.raises(NotEmpty):
        export(live, [domain], tmp_path / "csv")


MOOD = Enum("glad", "sad", "", name="mood", schema="made_up")
METADATA = domain_metadata("made_up")
EXACT = Table(
    "exact",
    METADATA,
    Column("big", BigInteger, primary_key=True),
    Column("small", SmallInteger),
    Column("yes", Boolean),
    Column("half", Double),
    Column("money", Numeric(12, 4)),
    Column("wide", Numeric(60, 30)),
    Column("any", Numeric),
    Column("said", Text),
    Column("mood", MOOD),
    Column("more", JSONB),
    Column("raw", LargeBinary),
    Column("at", DateTime(timezone=True)),
    Column("plain", DateTime),
    Column("day", Date),
    Column("id", Uuid),
)
VALUES = """
(9223372036854775807, -32768, true, '-0', 12345678.9000, 1e-30, 1.500, '', '', '{"a": 1.0, "b": null}', '',
 '1969-12-31T23:59:59.999999-12', '0001-01-01', '2024-02-29', '0192f0c1-2345-7abc-8def-000000000000'),
(-9223372036854775808, 32767, false, 'NaN', -0.0001, 123456789012345678901234567890, 'NaN', E'a\t\\N"\n,', 'sad',
 'null', '\\x00ff', '2026-03-01T00:00:00.000001Z', '2026-03-01', '1970-01-01', NULL),
(0, NULL, NULL, NULL, NULL, NULL, 1e500, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(1, 0, NULL, 'Infinity', 0, 0, -1.50, 'NULL', 'glad', '"\\u20ac"', '\\x5c4e', NULL, NULL, NULL, NULL)
"""
"""What is easily lost: signs of zero, trailing noughts, microseconds, empty text beside none, the ends of a range."""


@pytest.mark.parametrize("form", get_args(Form))
def test_every_value_comes_back_as_it_was(database: Settings, form: Form, tmp_path: Path) -> None:
    rows = Rows(Domain(name="made_up", folder=DOMAINS[0].folder, metadata=METADATA, models=()), EXACT)
    with session.connect(database.postgres.dsn("owner"), VERIFY) as connection:
        connection.execute("CREATE SCHEMA made_up")
        connection.execute(str(CreateEnumType(MOOD).compile(dialect=DIALECT)).encode())
        connection.execute(str(CreateTable(EXACT).compile(dialect=DIALECT)).encode())
        connection.execute(f"INSERT INTO made_up.exact VALUES {VALUES}".encode())
        before = rows.digest(connection), [rows.read(connection, (big,)) for big in (2**63 - 1, -(2**63), 0, 1)]
        write_table(connection, rows, tmp_path / "exact", form, {"digest": str(before[0])})
        connection.execute("TRUNCATE made_up.exact")
        read_table(connection, rows, tmp_path / "exact", form)
        assert [rows.read(connection, (big,)) for big in (2**63 - 1, -(2**63), 0, 1)] == before[1]
        assert rows.digest(connection) == before[0]


def test_a_parquet_file_says_what_it_is(live: Settings, domain: Domain, tmp_path: Path) -> None:
    cut = export(live, [domain], tmp_path / "out", "parquet")
    said = {str(field.type) for table in domain.tables for field in parquet.read_schema(_file(tmp_path, table))}
    assert {"int32", "int64", "string", "timestamp[us, tz=UTC]", "double"} <= said
    schema = parquet.read_schema(_file(tmp_path, domain.tables[0]))
    assert schema.metadata[b"digest"].decode() == cut["digests"][domain.tables[0].fullname]
    assert json.loads(schema.metadata[b"offsets"]) == [[*row[:3]] for row in cut["offsets"]]


def _file(folder: Path, table: Table) -> Path:
    return folder / "out" / f"{table.fullname}.parquet"


def test_without_the_package_the_refusal_names_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['pyarrow'] = None; from podium.cli.main import run; run()"
    command = [sys.executable, "-c", code, *("-X", "kafka.bootstrap=127.0.0.1:9", "-X", "postgres.url=host=127.0.0.1")]
    done = subprocess.run(
        [*command, "export", str(tmp_path / "out"), "--form", "parquet"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "podium-pipeline[parquet]" in done.stderr
    assert not (tmp_path / "out").exists()


def test_consumers_go_on_from_an_import_that_is_proven(
    live: Settings, empty: Settings, domain: Domain, tmp_path: Path
) -> None:
    export(live, [domain], tmp_path / "out")
    table = next(path for path in sorted((tmp_path / "out").glob(f"{domain.name}.*.csv")) if path.stat().st_size > 200)
    whole = table.read_text(encoding="utf-8")
    table.write_text("".join(whole.splitlines(keepends=True)[:-1]), encoding="utf-8")
    with pytest.raises(Damaged):
        load(empty, [domain], tmp_path / "out")
    table.write_text(whole, encoding="utf-8")
    publish(live, domain, story(domain))
    code, out, _ = podium(empty, "import", str(tmp_path / "out"), "--verify", "--json")
    assert (code, json.loads(out)["equal"]) == (0, True)
    fill_up(empty, domain)
    assert json.loads((tmp_path / "out" / CUT).read_text())["version"] == 1
    assert prove.verify(empty, [domain]).equal
