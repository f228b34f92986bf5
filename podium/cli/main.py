"""The command `podium`."""

import re
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from podium import __version__
from podium.cli.console import Invocation, refuse
from podium.errors import Problem
from podium.settings import SettingsInvalid

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Podium: predictions in, a proven leaderboard out.",
    epilog="Exit codes: 0 ok, 1 found a problem, 2 usage or configuration, 3 a dependency is down, 130 interrupted.",
)

# Module below podium.cli -> the commands in it. Only those modules are imported whose commands are called.
COMMANDS = {
    "services": ("up", "down", "logs"),
    "status": ("status",),
    "db": ("db",),
    "config": ("config",),
    "run": ("run",),
    "dead": ("dead",),
    "parked": ("parked",),
    "demo": ("demo",),
    "topics": ("topics",),
    "board": ("board",),
    "schema": ("schema",),
    "publish": ("publish",),
    "serve": ("serve",),
    "verify": ("verify",),
    "rebuild": ("rebuild",),
    "repair": ("repair",),
    "patrol": ("patrol",),
    "export": ("export", "import"),
}


class Unreachable(Problem):
    """A service that is needed does not answer."""

    code = "PD003"
    exit_code = 3


class NotAllowed(Problem):
    """The database refuses to the login that is set what the command needs."""

    code = "PD004"
    exit_code = 2


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def podium(
    ctx: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Folder of the embedded services (setting `home`).")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", "-X", metavar="KEY=VALUE", help="Any setting, such as kafka.bootstrap=host:9092."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    ctx.obj = Invocation(_flags(home, setting or []))


def _flags(home: Path | None, settings: list[str]) -> dict[str, Any]:
    flags: dict[str, Any] = {"home": home} if home else {}
    for each in settings:
        key, equals, value = each.partition("=")
        if not equals:
            # What follows the name may be a secret.
            name = re.split(r"[^\w.-]", each, maxsplit=1)[0]
            raise SettingsInvalid(f"--set {name}: not of the form KEY=VALUE", "For example: --set web.port=8080")
        flags[key] = value
    return flags


def modules(arguments: Sequence[str]) -> Iterable[str]:
    """The modules that these arguments may need: all of them if no command is named, for the help."""
    if list(arguments) == ["--version"]:
        return ()
    named = [module for module, commands in COMMANDS.items() if not set(commands).isdisjoint(arguments)]
    return named or COMMANDS


def run() -> None:
    """Entry point of the installed command."""
    try:
        for module in modules(sys.argv[1:]):
            app.add_typer(import_module(f"podium.cli.{module}").app)
        app()
    except Problem as problem:
        refuse(problem)
    except Exception as error:
        known = explained(error)
        if known is None:
            raise
        refuse(known)


def explained(error: Exception) -> Problem | None:
    """A service lost or a login without the rights, told in a line; anything else is ours to mend: a traceback."""
    from confluent_kafka import KafkaException
    from psycopg import OperationalError
    from psycopg.errors import InsufficientPrivilege

    from consumers.login import ROLE, AnotherLogin
    from podium import versions
    from schema.session import SessionRefused

    error = getattr(error, "orig", error)  # what SQLAlchemy wrapped
    if isinstance(error, AnotherLogin):
        return NotAllowed(f"PostgreSQL: {error}", f"Set PODIUM_POSTGRES__CONSUMER_URL to a URL of {ROLE}.")
    if isinstance(error, SessionRefused):
        return versions.refused(error)
    if isinstance(error, InsufficientPrivilege):
        remedy = "Set PODIUM_POSTGRES__URL to a URL of the database's owner, or PODIUM_POSTGRES__…_URL to the role's."
        return NotAllowed(f"PostgreSQL: {str(error).strip()}", remedy)
    if isinstance(error, OperationalError) and versions.login_refused(error):
        login = error.pgconn.user.decode() if error.pgconn else "the role"
        what = f"PostgreSQL does not let {login} in: {_server_words(error)}"
        return NotAllowed(what, f"Check the password and the rights of {login} in PODIUM_POSTGRES__…_URL.")
    if isinstance(error, OperationalError):
        return Unreachable(f"PostgreSQL: {str(error).strip()}", "podium up, or check PODIUM_POSTGRES__URL.")
    if isinstance(error, KafkaException):
        return kafka_explained(error.args[0])
    return None


def kafka_explained(error: Any) -> Problem:
    """What a KafkaError comes to: a right or a login that is missing, or a broker that does not answer."""
    from confluent_kafka import KafkaError

    text = f"Kafka: {error.str()}"
    if error.code() in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED):
        return NotAllowed(text, "Check user and password in PODIUM_KAFKA__PROPERTIES (sasl.username, sasl.password).")
    if error.name().endswith("AUTHORIZATION_FAILED"):
        remedy = "Give the principal the right: docs/operators.md lists which part needs which."
        return NotAllowed(f"{text}: the broker knows the login, but it lacks a right", remedy)
    return Unreachable(text, "podium up, or check PODIUM_KAFKA__BOOTSTRAP.")


def _server_words(error: Exception) -> str:
    """The reason alone, of one host: the driver repeats where it tried."""
    return str(error).strip().splitlines()[-1].rpartition("FATAL:")[2].strip()
