"""`python -m tests.rebuild.child rebuild|swap|back STEP…`: begins it once for each step, where it is killed by kill -9.

Prints a JSON list: for each step how the process ended, and which databases there were afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence

import psycopg

from podium import logs
from podium.rebuild import database
from podium.rebuild.run import Order, rebuild
from podium.rebuild.swap import swap
from podium.settings import Log, Settings, load
from podium.topics import domains
from tests.streams.conftest import until


def main(what: str, steps: Sequence[str]) -> None:
    """Do it on the services that the environment names. Forks before any thread is started."""
    logs.configure(Log(level="error"))
    settings, told = load({}), []
    for step in steps:
        pid = os.fork()
        if not pid:
            _do(settings, what, step)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        until(lambda: _free(settings))
        told.append([os.waitstatus_to_exitcode(status), names(settings)])
    print(json.dumps(told))


def _do(settings: Settings, what: str, fatal: str) -> None:
    def step(name: str) -> None:
        if fatal in name:
            os.kill(os.getpid(), signal.SIGKILL)

    if what == "rebuild":
        rebuild(settings, Order(domains(settings), why="a test", asleep_records_min=0), step=step)
    else:
        swap(settings, domains(settings), "before" if what == "back" else "rebuild", step=step)


def _free(settings: Settings) -> bool:
    """Whether the server has noticed that the other one is gone."""
    try:
        with database.alone(settings.postgres):
            return True
    except database.Busy:
        return False


def names(settings: Settings) -> dict[str, str]:
    """The databases of these settings: end of the name -> its uuid, empty if it has none yet."""
    own = database.name_of(settings.postgres)
    with database.administering(settings.postgres) as admin:
        found = admin.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [own]).fetchall()
    return {name.removeprefix(own): _uuid(settings, name) for (name,) in found}


def _uuid(settings: Settings, name: str) -> str:
    with psycopg.connect(settings.postgres.at(name).dsn("owner")) as connection:
        if connection.execute("SELECT to_regclass('ledger.identity')").fetchone() == (None,):
            return ""
        row = connection.execute("SELECT database::text FROM ledger.identity").fetchone()
        assert row is not None
        return str(row[0])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
