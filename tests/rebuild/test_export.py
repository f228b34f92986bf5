"""Tables written to files and read into an empty database are the same, at the same offsets, and follow the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from podium.rebuild import plan, prove
from podium.rebuild.export import CUT, Damaged, NotEmpty, export, load
from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain
from tests.contract.conftest import copied
from tests.log import story
from tests.rebuild.conftest import fill_up, podium, publish


@pytest.fixture
def empty(live: Settings, template: str, namespace: str) -> Iterator[Settings]:
    """The same log beside an empty, migrated database."""
    with copied(live, template, f"{namespace.strip('.')}_import") as postgres:
        yield live.model_copy(update={"postgres": postgres})


@pytest.mark.parametrize(
    ("form", "domain"),
    [(("csv", "json")[n % 2], domain) for n, domain in enumerate(DOMAINS)],
    ids=lambda one: getattr(one, "name", one),
)
def test_out_and_in_again(live: Settings, empty: Settings, domain: Domain, form: str, tmp_path: Path) -> None:
    cut = export(live, [domain], tmp_path / "out", "csv" if form == "csv" else "json")
    assert load(empty, DOMAINS, tmp_path / "out") == cut["digests"]
    with psycopg.connect(empty.postgres.dsn("owner")) as connection:
        assert plan.positions(connection, [domain]) == plan.ends(live, [domain])
        always = connection.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'")
        assert always.fetchone() == (0,)
    with pytest.raises(NotEmpty):
        load(empty, DOMAINS, tmp_path / "out")


def test_consumers_go_on_from_an_import_that_is_proven(
    live: Settings, empty: Settings, domain: Domain, tmp_path: Path
) -> None:
    export(live, [domain], tmp_path / "out")
    table = next(path for path in sorted((tmp_path / "out").glob(f"{domain.name}.*.csv")) if path.stat().st_size > 200)
    whole = table.read_text(encoding="utf-8")
    table.write_text("".join(whole.splitlines(keepends=True)[:-1]), encoding="utf-8")
    with pytest.raises((Damaged, psycopg.IntegrityError)):
        load(empty, [domain], tmp_path / "out")
    table.write_text(whole, encoding="utf-8")
    publish(live, domain, story(domain))
    code, out, _ = podium(empty, "import", str(tmp_path / "out"), "--verify", "--json")
    assert (code, json.loads(out)["equal"]) == (0, True)
    fill_up(empty, domain)
    assert json.loads((tmp_path / "out" / CUT).read_text())["version"] == 1
    assert prove.verify(empty, [domain]).equal
