"""What sleeps while a database is filled: once all is awake, it is as if nothing had slept, in every domain."""

from __future__ import annotations

from contextlib import suppress
from threading import Event

import pytest

from podium.proof import scratch
from podium.rebuild import digest, plan, prove
from podium.rebuild.fill import Cancelled, fill
from podium.settings import Settings
from schema import DOMAINS
from schema.declare import Domain
from tests.migrations.catalog import read


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_once_awake_all_is_as_if_nothing_had_slept(live: Settings, domain: Domain) -> None:
    ends, told, stops = plan.ends(live, [domain]), list[str](), (Event(), Event())

    def step(what: str) -> None:
        """Stops the first go when a trigger has heard of one partition."""
        told.append(what)
        if what.startswith("woken"):
            stops[0].set()

    with scratch(live.postgres, lambda _: None) as log:
        migrated = read(log.dsn("owner"))
        for stop in stops:
            with suppress(Cancelled):
                fill(live, log, [domain], ends, stop=stop, step=step, asleep_records_min=0)
        proof = prove.at_live(live, log, [domain], digest.parts([domain]), step)
        assert read(log.dsn("owner")) == migrated
    assert [one for table in proof.tables for one in table.wrong] == []
    asleep = {name for what in told if what.startswith("asleep") for name in what.partition(": ")[2].split(", ")}
    assert asleep >= {name for names in domain.sleeps.values() for name in names}
