"""The command line as scripts see it: exit codes, what goes to stdout, what is refused and with which words."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from podium.settings import Role, Settings
from tests.podium.command import forked, text_of

PODIUM = Path(sys.executable).with_name("podium")
OK, FOUND_A_PROBLEM, USAGE, DOWN = 0, 1, 2, 3
NOWHERE = ("-X", "kafka.bootstrap=127.0.0.1:9", "-X", "postgres.url=host=127.0.0.1 port=9")


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, away from any terminal and from the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
    return text_of(forked(arguments, kept | environment, folder=folder))


def test_settings_are_shown_with_their_origin(tmp_path: Path) -> None:
    (tmp_path / "podium.toml").write_text("[web]\nport = 9000\n")
    secret = {"PODIUM_POSTGRES__URL": "postgresql://me:tiger@h/d"}
    done = run("-X", "log.level=debug", "config", "show", "--origin", "--json", folder=tmp_path, **secret)
    assert done.returncode == OK, done.stderr
    shown = {each["key"]: (each["value"], each["origin"]) for each in json.loads(done.stdout)}
    assert shown["web.port"] == ("9000", str(tmp_path / "podium.toml"))
    assert shown["log.level"] == ("debug", "flag")
    assert shown["postgres.url"] == ("********", "environment")
    assert shown["web.host"] == ("127.0.0.1", "default")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--set", "web.port", "config", "show"), USAGE, "PD001 --set web.port: not of the form KEY=VALUE"),
        (("--set", "web.colour=red", "config", "show"), USAGE, "PD001 web.colour (flag): no such setting"),
        (("no-such-command",), USAGE, "No such command"),
        (("logs", "mysql"), USAGE, "not one of kafka, postgres"),
        (("db", "url", "--role", "king"), USAGE, "'king' is not one of"),
        (("verify", "--tables", "a.b"), USAGE, "No such option"),
        ((*NOWHERE, "verify", "--domain", "no-such-domain"), USAGE, "PD041 no-such-domain: no domain"),
        ((*NOWHERE, "verify", "--table", "no.such"), USAGE, "PD089 no.such: not kept here"),
        ((*NOWHERE, "verify"), DOWN, "PD003"),
        ((*NOWHERE, "export", "out", "--form", "xml"), USAGE, "'xml' is not one of"),
        ((*NOWHERE, "import", "out"), USAGE, "PD098"),
        ((*NOWHERE, "rebuild", "--swap", "--until", "2026-03-01T12:00:00Z"), USAGE, "PD093"),
        (("db", "status"), DOWN, "podium up"),
        ((*NOWHERE, "db", "status"), DOWN, "PD003"),
    ],
)
def test_refusals(arguments: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_variable_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    done = run("config", "show", folder=tmp_path, PODIUM_KAFAK__BOOTSTRAP="x")
    assert done.returncode == USAGE
    assert "Did you mean PODIUM_KAFKA?" in done.stderr


def test_version_goes_to_stdout(tmp_path: Path) -> None:
    done = subprocess.run([str(PODIUM), "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (OK, "")
    assert done.stdout.count(".") == 2


def test_migrations_go_up_and_down(database: Settings, tmp_path: Path) -> None:
    """Downgrading off a terminal does nothing but say how it would be done."""
    where = {
        "PODIUM_KAFKA__BOOTSTRAP": database.kafka.bootstrap,
        "PODIUM_POSTGRES__URL": database.postgres.dsn("owner"),
    }
    status = run("db", "status", "--json", folder=tmp_path, **where)
    assert status.returncode == OK, status.stderr
    refused = run("db", "downgrade", "base", folder=tmp_path, **where)
    assert refused.returncode == USAGE
    assert "podium db downgrade base --yes" in refused.stderr
    assert run("db", "status", "--json", folder=tmp_path, **where).stdout == status.stdout
    down = run("db", "downgrade", "base", "--yes", folder=tmp_path, **where)
    assert down.returncode == OK, down.stderr
    behind = run("db", "status", "--json", folder=tmp_path, **where)
    assert json.loads(behind.stdout)[0]["current"] is None
    assert behind.returncode == (FOUND_A_PROBLEM if json.loads(behind.stdout)[0]["head"] else OK)
    again = run("db", "upgrade", folder=tmp_path, **where)
    assert again.returncode == OK, again.stderr
    assert run("db", "status", "--json", folder=tmp_path, **where).stdout == status.stdout


@pytest.mark.parametrize(
    ("role", "arguments", "said"),
    [
        ("reader", ("db", "downgrade", "base", "--yes"), "PD004 PostgreSQL: must be owner of schema"),
        ("owner", ("run", "consumers"), "PD004 PostgreSQL: the consumers would log in as podium_owner"),
    ],
)
def test_a_login_without_the_rights(
    role: Role, arguments: tuple[str, ...], said: str, database: Settings, tmp_path: Path
) -> None:
    where = {
        "PODIUM_KAFKA__BOOTSTRAP": database.kafka.bootstrap,
        "PODIUM_POSTGRES__URL": database.postgres.dsn(role),
    }
    done = run(*arguments, folder=tmp_path, **where)
    assert done.returncode == USAGE, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_shell_is_psql(database: Settings, tmp_path: Path) -> None:
    where = {"PODIUM_KAFKA__BOOTSTRAP": "unused:1", "PODIUM_POSTGRES__URL": database.postgres.dsn("owner")}
    done = run("db", "shell", "--", "-X", "-At", "-c", "SELECT current_user", folder=tmp_path, **where)
    assert (done.returncode, done.stdout) == (OK, "podium_owner\n"), done.stderr


@pytest.mark.embedded
def test_the_url_of_the_embedded_server_is_tcp(services: Settings, tmp_path: Path) -> None:
    done = run("--home", str(services.home), "db", "url", "--role", "stream", folder=tmp_path)
    assert done.stdout.startswith("postgresql://podium_stream:"), done.stderr
    assert "@127.0.0.1:" in done.stdout


@pytest.mark.parametrize("arguments", [("run", "consumers"), ("db", "status")])
def test_a_wrong_password_is_called_so(arguments: tuple[str, ...], database: Settings, tmp_path: Path) -> None:
    wrong = make_conninfo(database.postgres.dsn("stream"), password="wrongSecret9")
    where = {"PODIUM_KAFKA__BOOTSTRAP": database.kafka.bootstrap, "PODIUM_POSTGRES__URL": wrong}
    done = run(*arguments, folder=tmp_path, **where)
    assert done.returncode == USAGE, done.stderr
    assert "PD004 PostgreSQL does not let podium_stream in" in done.stderr
    assert "ecret9" not in done.stderr
