"""podium schema: the contract, for people and for tools."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from podium import __version__, topics
from podium.cli import console
from podium.cli.console import err
from podium.errors import Problem
from schema import LEDGER, contract
from schema.compatibility import Broken
from schema.declare import Domain, EventType
from schema.page import page
from schema.vectors import vectors

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="The contract: events, their schemas, where they land.")
app.add_typer(group, name="schema", rich_help_panel="Events")

FORMATS = ("json-schema", "asyncapi", "vectors")


class UnknownType(Problem):
    """No event of that type is declared."""

    code = "PD044"
    exit_code = 2


class Incompatible(Problem):
    """The declared events would no longer read old logs."""

    code = "PD045"


def _domains(ctx: typer.Context) -> tuple[Domain, ...]:
    return (*topics.domains(console.settings(ctx)), LEDGER)


@group.command("list")
def list_(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Every event: its topic, keys, and the tables in which it lands."""
    rows = [_row(event) for domain in _domains(ctx) for event in domain.events]
    if not as_json:
        rows = [_brief(row) for row in rows]
    console.show(rows, as_json)


def _row(event: EventType) -> dict[str, Any]:
    lands = contract.landings(event)
    return {
        "type": event.type,
        "topic": event.topic,
        "key": list(event.key),
        "partition_by": list(event.partition_by),
        "tables": [landing["table"] for landing in lands],
        "policy": lands[0]["policy"] if lands else "",
    }


def _brief(row: dict[str, Any]) -> dict[str, str]:
    return {"type": row["type"], "lands": ", ".join(row["tables"]), "key": ":".join(row["key"])}


@group.command()
def show(
    ctx: typer.Context,
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="An event type, as `list` prints it.")],
    as_json: console.Json = False,
) -> None:
    """One event: what it means, its fields, an example record, where it lands."""
    known = {event.type: event for domain in _domains(ctx) for event in domain.events}
    if type_ not in known:
        raise UnknownType(f"{type_} is not declared", _nearest(type_, known))
    event = known[type_]
    if as_json:
        return console.show_json(_described(event))
    return _print(event)


def _nearest(type_: str, known: dict[str, EventType]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(type_, known, n=1)
    return f"Did you mean {close[0]}?" if close else "`podium schema list` names all of them."


def _described(event: EventType) -> dict[str, Any]:
    return {
        **_row(event),
        "meaning": (event.model.__doc__ or "").strip(),
        "lands": contract.landings(event),
        "schema": contract.json_schema(event),
        "example": contract.example(event),
    }


def _print(event: EventType) -> None:
    described = _described(event)
    print_ = console.out.print
    print_(event.type, style="bold", end=" ")
    print_(f"in topic {event.topic}, Kafka key {':'.join(event.partition_by)}")
    print_(described["meaning"], markup=False)
    print_()
    data = described["schema"]["properties"]["data"]
    required = set(data.get("required", ()))
    console.show([_field(name, each, name in required) for name, each in data["properties"].items()], False)
    print_()
    console.show([{**each, "merges": ", ".join(each["merges"])} for each in described["lands"]], False)
    print_()
    print_(json.dumps(described["example"], ensure_ascii=False), markup=False, highlight=False)


def _field(name: str, schema: dict[str, Any], required: bool) -> dict[str, str]:
    kinds = [_kind(choice) for choice in schema.get("anyOf", [schema])]
    default = "" if required else json.dumps(schema.get("default"))
    return {"field": name, "type": " or ".join(kinds), "default": default}


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    limits = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {schema[word]}" for word, sign in limits.items() if word in schema]
    lengths = [f"{word} {schema[word]}" for word in ("minLength", "maxLength", "pattern") if word in schema]
    return " ".join([schema.get("format") or schema.get("type", "any"), *bounds, *lengths])


@group.command()
def export(
    ctx: typer.Context,
    format_: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "json-schema",
    out: Annotated[Path | None, typer.Option(help="Folder to write into; printed if left out.")] = None,
    as_json: console.Json = False,
) -> None:
    """The whole contract: a JSON Schema for each event, one AsyncAPI document, or vectors to prove a client by."""
    if format_ not in FORMATS:
        raise typer.BadParameter(f"{format_}: not one of {', '.join(FORMATS)}", param_hint="--format")
    documents = _documents(ctx, format_)
    if out is None:
        return console.show_json(documents[format_] if format_ in documents else list(documents.values()))
    out.mkdir(parents=True, exist_ok=True)
    paths = [_write(out / f"{name}.json", document) for name, document in documents.items()]
    if as_json:
        return console.show_json({"written": [str(path) for path in paths]})
    return err.print(f"{len(paths)} files written to {out}")


def _documents(ctx: typer.Context, format_: str) -> dict[str, Any]:
    domains = _domains(ctx)
    if format_ == "asyncapi":
        return {"asyncapi": contract.asyncapi(domains, __version__, console.settings(ctx).kafka.namespace)}
    if format_ == "vectors":
        return {"vectors": vectors(domains)}
    return contract.json_schemas(domains)


def _write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


@group.command()
def accept(ctx: typer.Context, as_json: console.Json = False) -> None:
    """Write the declared contract and missing golden examples into the tree, unless old logs would break."""
    try:
        written = [str(path) for domain in _domains(ctx) for path in contract.accept(domain)]
    except Broken as broken:
        raise Incompatible(str(broken)) from None
    if as_json:
        return console.show_json({"written": written})
    return err.print("\n".join(written) or "the contract is as accepted")


@group.command()
def docs(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("docs/domains"),
    as_json: console.Json = False,
) -> None:
    """A page for each domain: its tables, life cycles as diagrams, events and boards, from the declarations."""
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / f"{domain.name}.md" for domain in topics.domains(console.settings(ctx))]
    for path, domain in zip(paths, topics.domains(console.settings(ctx)), strict=True):
        path.write_text(page(domain), encoding="utf-8")
    if as_json:
        return console.show_json({"written": [str(path) for path in paths]})
    return err.print(f"{len(paths)} pages written to {out}")
