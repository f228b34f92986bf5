"""The small world of the streams' tests, looked at by `podium status`."""

from tests.streams.conftest import world

__all__ = ["world"]
