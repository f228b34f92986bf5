"""The consumers' SQL, one statement a file."""

from functools import cache
from importlib.resources import files


@cache
def load(name: str) -> bytes:
    """The statement in `<name>.sql`. Raises FileNotFoundError for a name without a file."""
    return files(__package__).joinpath(f"{name}.sql").read_bytes()
