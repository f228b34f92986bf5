"""Podium: streams of predictions, scores and job updates turned into trustworthy tables and leaderboards.

For producers: `from podium import Producer, Refused, Undelivered`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podium.client import Producer, Undelivered
    from schema.refusal import Refused

__version__ = "0.1.0"
__all__ = ["Producer", "Refused", "Undelivered", "__version__"]

_HOMES = {"Producer": "podium.client", "Undelivered": "podium.client", "Refused": "schema.refusal"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: the command line starts without Kafka."""
    if name in _HOMES:
        from importlib import import_module

        from podium import shadow

        shadow.check()
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
