"""The clients and how they identify themselves."""

from __future__ import annotations

from hashlib import sha256

from schema.chess.keys import key_id

CLIENTS = ("amber", "birch", "cedar")


def token(name: str) -> str:
    """SHA-256 of the token of a client: of this demonstration, so it may be guessed."""
    return sha256(f"samples.engines {name}".encode()).hexdigest()


def token_id(name: str) -> int:
    """The id of a client's token in the tables."""
    return key_id("token", token(name))
