"""Loopback ports: which are free, which answer."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below the ports that systems give outgoing connections: a stopped service finds its own free again.
RANGE = range(20_000, 32_000)
TRIES = 200


def free(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether somebody accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def choose(remembered: int | None, taken: set[int]) -> int:
    """The remembered port if it is still free, else a free one outside `taken`."""
    candidates = [remembered] if remembered else []
    candidates += random.sample(RANGE, TRIES)
    return next(port for port in candidates if port not in taken and free(port))
