"""The command line's SQL, one statement a file."""

from functools import cache
from importlib.resources import files

from psycopg.sql import SQL


@cache
def load(name: str) -> SQL:
    """The statement in `<name>.sql`. Raises FileNotFoundError for a name without a file."""
    return SQL(files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8"))
