"""`python -m bench list`, `python -m bench NAME [--json] [--write]`, `python -m bench all`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.environment import environment
from bench.options import Options
from bench.report import text_of, write
from bench.verdict import Verdict

NAMES = (
    "guarantees", "copy", "evaluation", "duplicates", "upsert", "small", "latency", "memory", "score", "fold", "client",
    "decode", "domains", "rebuild", "interference", "competition", "swap",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; 0 if every target is met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=("list", "all", *NAMES))
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON")
    parser.add_argument("--pairs", type=int, default=3, help="how often each side runs, in turn (default 3)")
    parser.add_argument("--events", type=int, help="events of one run (default: what is steady)")
    parser.add_argument("--domain", help="only this one, for benchmarks of each domain")
    parser.add_argument("--home", type=Path, help="use these embedded services and leave them running")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    chosen = parser.parse_args(arguments)
    if chosen.name == "list":
        _list(chosen.json)
        return 0
    names = NAMES if chosen.name == "all" else (chosen.name,)
    verdicts = []
    for verdict in _verdicts(names, Options(chosen.pairs, chosen.events, chosen.domain), chosen.home):
        verdicts.append(verdict)
        sys.stdout.write(json.dumps(verdict.document()) + "\n" if chosen.json else text_of(verdict))
        sys.stdout.flush()
        if chosen.write or chosen.name == "all":
            write(verdict, _command(verdict.name, chosen))
    return 0 if all(verdict.document()["met"] for verdict in verdicts) else 1


def _verdicts(names: tuple[str, ...], options: Options, home: Path | None) -> Iterator[Verdict]:
    with environment(home) as found:
        for name in names:
            yield importlib.import_module(f"bench.{name}").run(found, options)


def _command(name: str, chosen: argparse.Namespace) -> str:
    """What to type for the same."""
    given = {"--pairs": chosen.pairs, "--events": chosen.events, "--domain": chosen.domain}
    return " ".join(["python -m bench", name, *(f"{flag} {value}" for flag, value in given.items() if value)])


def _list(as_json: bool) -> None:
    known = {name: (importlib.import_module(f"bench.{name}").__doc__ or "").strip() for name in NAMES}
    if as_json:
        sys.stdout.write(json.dumps([{"name": name, "question": text} for name, text in known.items()]) + "\n")
    else:
        sys.stdout.writelines(f"{name:<12} {text}\n" for name, text in known.items())


if __name__ == "__main__":
    sys.exit(main())
