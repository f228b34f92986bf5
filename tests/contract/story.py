"""Writes what the stories come to beside them: `python -m tests.contract.story [DOMAIN ...] [--home FOLDER]`.

Look at the difference before you commit it: a story's outcome changes only when a rule of its domain does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import psycopg

from schema import DOMAINS
from tests.contract.outcome import outcome_of, path_of, play, written
from tests.scratch import scratch


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.story", description=__doc__)
    parser.add_argument("domain", nargs="*", help="which (default: all)")
    parser.add_argument("--home", type=Path, help="use these embedded services and leave them running")
    given = parser.parse_args()
    for domain in DOMAINS:
        if given.domain and domain.name not in given.domain:
            continue
        with scratch(given.home) as postgres, psycopg.connect(postgres.dsn("consumer"), autocommit=True) as connection:
            play(connection, domain)
            path_of(domain).write_text(written(outcome_of(connection, domain)), encoding="utf-8")
            print(path_of(domain))


if __name__ == "__main__":
    main()
