"""podium db: migrations, connection strings, a shell."""

import os
import subprocess
from typing import Annotated

import typer

from podium import database, embedded
from podium.cli import console
from podium.cli.console import err
from podium.settings import Role, Settings

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="The database: migrations, connection strings, a shell.")
app.add_typer(group, name="db", rich_help_panel="Services")

RoleOption = Annotated[Role, typer.Option(help="Whose connection.")]


@group.command()
def upgrade(
    ctx: typer.Context,
    revision: Annotated[str, typer.Argument(help="Where to; the newest if left out.")] = "head",
) -> None:
    """Run the migrations that are missing, all of them in one transaction."""
    dsn = console.connected(ctx).postgres.dsn()
    before = database.migrations(dsn).pending
    database.upgrade(dsn, revision)
    now = database.migrations(dsn)
    done = [each for each in before if each not in now.pending]
    err.print(f"migrated: {', '.join(done)}" if done else "nothing to migrate")
    if now.pending:
        err.print(f"the database is at {now.current}; still to come: {', '.join(now.pending)}")


@group.command()
def downgrade(
    ctx: typer.Context,
    revision: Annotated[str, typer.Argument(help="Where to, such as -1, or `base` for before the first.")],
    yes: console.Yes = False,
) -> None:
    """Undo migrations, and lose what only they keep."""
    dsn = console.connected(ctx).postgres.dsn()
    before = database.migrations(dsn).current
    effect = f"This would take the database from {before} down to {revision}, with all that only lies between."
    console.confirm(yes, effect, f"podium db downgrade {revision}")
    database.downgrade(dsn, revision)
    err.print(f"the database is at {database.migrations(dsn).current or 'base'}")


@group.command("status")
def db_status(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Which migration the database has. Exits 1 if some are missing."""
    found = database.migrations(console.connected(ctx).postgres.dsn())
    console.show([found], as_json)
    if found.pending:
        raise typer.Exit(console.FOUND_A_PROBLEM)


@group.command()
def url(ctx: typer.Context, role: RoleOption = "reader") -> None:
    """Print a connection string with its password, over TCP on loopback if the server is the embedded one."""
    typer.echo(embedded.tcp(console.settings(ctx)).postgres.dsn(role))


@group.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(ctx: typer.Context, role: RoleOption = "owner") -> None:
    """Open psql as the owner, or as --role; what follows `--` goes to psql."""
    raise typer.Exit(_psql(console.connected(ctx), role, ctx.args))


@group.command()
def roles() -> None:
    """Print what an administrator runs once in a cluster of one's own."""
    from podium.embedded.roles import statements

    typer.echo(statements())


def _psql(settings: Settings, role: Role, arguments: list[str]) -> int:
    """The password goes by the environment: the list of processes shows arguments to everybody."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from podium.embedded.postgres import binaries

    parts = conninfo_to_dict(settings.postgres.dsn(role))
    environment = os.environ | {"PGPASSWORD": str(parts.pop("password", ""))}
    command = [str(binaries() / "psql"), make_conninfo("", **parts), *arguments]
    return subprocess.run(command, env=environment, check=False).returncode
