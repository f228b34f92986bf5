"""podium rebuild: the tables anew from the log beside the running ones, proven, swapped in, and back again."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from podium.cli import console
from podium.cli.bar import shown
from podium.cli.console import err, out
from podium.cli.verify import Base, Only, based, chosen, quiet, tell_proof
from podium.errors import Problem
from podium.settings import Settings

app = typer.Typer()
group = typer.Typer(invoke_without_command=True, help="Rebuild from the log, prove equal, swap, go back.")
app.add_typer(group, name="rebuild", rich_help_panel="Rebuild")

MEGABYTE = 1e6
IS = {"rebuild": "the next one", "before": "the one before the last swap", "verify": "to compare with"}

Until = Annotated[
    str,
    typer.Option(help="Only up to a time, or to offsets as `topic\\[partition]@offset,…`; nothing is compared then."),
]


class Contradiction(Problem):
    """Options that do not go together."""

    code = "PD093"
    exit_code = 2


@group.callback()
def rebuild(
    ctx: typer.Context,
    domain: Only = None,
    until: Until = "",
    base: Base = None,
    swap: Annotated[bool, typer.Option("--swap", help="Then put it in the place of the live one.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Undo the last swap, after catching up.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Swap although live differs from the log.")] = False,
    rate: Annotated[float | None, typer.Option(min=1, help="Read at most so many records a second.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that fill; by default as many as pay.")] = None,
    keep: Annotated[float, typer.Option(min=0, help="Days for which a swap keeps the database before it.")] = 7.0,
    intended: Annotated[
        list[str] | None, typer.Option(help="`schema.table.column` that newer code fills otherwise; may be repeated.")
    ] = None,
    why: Annotated[str, typer.Option(help="Recorded with the run.")] = "",
    as_json: console.Json = False,
    yes: console.Yes = False,
) -> None:
    """Fill a new database from the log while live goes on, and compare every row; with --swap let it take over.

    A run that was stopped or killed goes on where it was. Exits 1 if live differs from the log.
    """
    if ctx.invoked_subcommand is not None:
        return
    if ((swap or back) and (domain or until)) or (swap and back):
        raise Contradiction("--swap and --back go alone: they are about everything there is", "Leave the others out.")
    settings = based(console.migrated(ctx), base)
    quiet(settings)
    if back:
        _back(settings, keep, as_json, yes)
        return
    if swap:
        _foresee(settings)
    outcome = _rebuilt(settings, domain, until, rate, workers, frozenset(intended or ()), why, as_json, yes)
    equal = outcome.proof is None or outcome.proof.equal
    if swap and not equal and not accept:
        err.print("Not swapped, since live differs. If that is what the rebuild is for: podium rebuild --swap --accept")
    if swap and (equal or accept):
        _swap(settings, "rebuild", keep, as_json, yes)
    if not equal and not accept:
        raise typer.Exit(console.FOUND_A_PROBLEM)


def _rebuilt(
    settings: Settings, names: list[str] | None, until: str, rate: float | None, workers: int | None,
    intended: frozenset[str], why: str, as_json: bool, yes: bool,
) -> Any:  # fmt: skip
    from podium.cli.run import stopping
    from podium.rebuild import plan, run

    domains = chosen(settings, names)
    upto = plan.read_until(settings, domains, until) if until else None
    order = run.Order(domains, upto, rate, workers, why, intended)
    _show(run.planned(settings, order), as_json)
    console.confirm(yes, "This fills a new database beside the live one, which goes on.", "podium rebuild")
    with stopping() as stop, shown(as_json) as (step, report):
        outcome = run.rebuild(settings, order, step=step, report=report, stop=stop)
    if as_json:
        console.show_json(_document(outcome))
    elif outcome.proof is None:
        err.print(f"{outcome.database} is filled; it was not compared, since live stands elsewhere")
        console.show([{"table": name, "digest": digest} for name, digest in outcome.digests.items()], as_json)
    else:
        tell_proof(outcome.proof)
        out.print(f"{outcome.database} is {'equal to' if outcome.proof.equal else 'different from'} live")
    return outcome


def _show(plan: Any, as_json: bool) -> None:
    """What will be read, before it is read; to stderr, so that JSON stays alone on stdout."""
    if as_json:
        return
    if plan.base:
        size = f"{plan.base.bytes / MEGABYTE:,.1f} MB, up to {sum(plan.base.stand.values()):,} offsets"
        err.print(f"  base {plan.base.folder}: {size}; what came after it is read", **console.PLAIN, soft_wrap=True)
    for topic in plan.topics:
        if topic.records:
            size = f"about {topic.bytes / MEGABYTE:,.1f} MB"
            err.print(f"  {topic.topic}: {topic.records:,} records in {topic.partitions} partitions, {size}")
    err.print(
        f"{plan.records:,} records, about {plan.seconds:,.0f} s at {plan.rate:,.0f} a second, "
        f"about {plan.disk_bytes / MEGABYTE:,.0f} MB of disk"
    )


def _foresee(settings: Settings) -> None:
    from podium.rebuild.swap import foresee

    foresee(settings, chosen(settings, None))


def _swap(settings: Settings, part: Any, keep: float, as_json: bool, yes: bool) -> None:
    from podium.cli.run import stopping
    from podium.rebuild.swap import swap

    effect = "This ends every session of the live database once; writing stands still for about a second."
    console.confirm(yes, effect, "podium rebuild --back" if part == "before" else "podium rebuild --swap")
    with stopping() as stop, shown(as_json) as (step, _):
        done = swap(settings, chosen(settings, None), part, keep_days=keep, step=step, stop=stop)
    if as_json:
        console.show_json(dataclasses.asdict(done))
    else:
        out.print(
            f"{done.now} is the other database now; the one before is kept as {done.kept}\n"
            f"writing stood still for {done.stopped_seconds:.2f} s, logins waited {done.renaming_seconds:.2f} s",
            highlight=False,
        )


def _back(settings: Settings, keep: float, as_json: bool, yes: bool) -> None:
    _swap(settings, "before", keep, as_json, yes)


def _document(outcome: Any) -> dict[str, Any]:
    proof = outcome.proof
    return {
        "run": outcome.run,
        "database": outcome.database,
        "equal": proof.equal if proof else None,
        "records": outcome.progress.done,
        "seconds": outcome.progress.seconds,
        "offsets": [[topic, n, offset] for (topic, n), offset in sorted(outcome.until.items())],
        "digests": outcome.digests,
        "base": outcome.base,
        "tables": [dataclasses.asdict(table) for table in proof.tables] if proof else [],
    }


@group.command("list")
def list_(ctx: typer.Context, as_json: console.Json = False) -> None:
    """The databases beside the live one: what each is, since when, how large."""
    from podium.rebuild import database

    settings = console.migrated(ctx)
    with database.administering(settings.postgres) as admin:
        found = [_line(one) for one in database.all_beside(admin, settings.postgres)]
    console.show(found, as_json, empty="no database beside the live one")


def _line(one: Any) -> dict[str, Any]:
    journal = one.journal
    return {
        "database": one.name,
        "is": IS[journal.part],
        "state": one.state(datetime.now(UTC)),
        "started": journal.started,
        "filled": journal.filled or "not yet",
        "swapped": journal.swapped or None,
        "keep until": journal.keep_until or None,
        "by": journal.by,
        "why": journal.why,
        "MB": round((one.bytes or 0) / MEGABYTE),
    }


@group.command()
def runs(ctx: typer.Context, as_json: console.Json = False) -> None:
    """What was rebuilt: who, when, why, up to where, what came of it; with --json offsets and digests too."""
    from podium.rebuild import history

    found = history.runs(console.migrated(ctx).postgres)
    console.show(found if as_json else map(_run, found), as_json, empty="nothing was rebuilt")


def _run(row: dict[str, Any]) -> dict[str, Any]:
    equal = {None: "not compared", True: "equal to live", False: "live differed"}[row["equal"]]
    return {
        "run": row["run"],
        "started": f"{row['started_at']:%Y-%m-%d %H:%M:%S}",
        "finished": f"{row['finished_at']:%Y-%m-%d %H:%M:%S}",
        "by": row["by"],
        "why": row["why"],
        "domains": ", ".join(row["domains"]),
        "after the base": (row.get("base") or {}).get("folder"),
        "offsets": f"{sum(offset for _, _, offset in row['upto']):,}",
        "read last": f"{row['records']:,} in {row['seconds']:,.1f} s",
        "outcome": equal if row["digests"] else "not finished",
        "tables": len(row["digests"]),
        "migration": row["code"],
    }


@group.command()
def cancel(ctx: typer.Context, yes: console.Yes = False) -> None:
    """Drop the rebuilt database that was not swapped in."""
    _drop(ctx, "rebuild", "cancel", yes)


@group.command()
def prune(
    ctx: typer.Context,
    early: Annotated[bool, typer.Option("--early", help="Before the time for which it is kept has passed.")] = False,
    yes: console.Yes = False,
) -> None:
    """Drop the database that was live before the last swap, after showing what it is."""
    from podium.rebuild import database, run

    settings = console.migrated(ctx)
    with database.administering(settings.postgres) as admin:
        kept = run.begun(admin, settings.postgres, "before").journal.keep_until
    if not early and kept and datetime.fromisoformat(kept) > datetime.now(UTC):
        raise Contradiction(f"it is kept until {kept}, so that you can go back", "podium rebuild prune --early")
    _drop(ctx, "before", "prune --early" if early else "prune", yes)


def _drop(ctx: typer.Context, part: Any, command: str, yes: bool) -> None:
    from podium.rebuild import database, history, run

    settings = console.migrated(ctx)
    with database.alone(settings.postgres) as admin:
        found = run.begun(admin, settings.postgres, part)
        console.show([_line(found)], as_json=False)
        console.confirm(yes, f"This would drop {found.name} for good.", f"podium rebuild {command}")
        history.keep(settings.postgres, found.name)
        database.drop(admin, found.name)
    err.print(f"dropped {found.name}")
