"""The streams' SQL, one statement a file."""

from functools import cache
from importlib.resources import files

from psycopg.sql import SQL


@cache
def load(name: str) -> SQL:
    """The statement in `<name>.sql`. Raises FileNotFoundError for a name without a file."""
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return SQL(text)
