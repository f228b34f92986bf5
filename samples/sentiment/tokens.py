"""Cuts a text into words, runs of marks and faces."""

import re
from itertools import pairwise
from typing import Final

TOKEN: Final = re.compile(r"[a-z0-9]+(?:['\u2019-][a-z0-9]+)*|[:;=][-o']?[)(dp/\\|]|[!?]+")


def words(text: str) -> list[str]:
    return TOKEN.findall(text.lower())


def grams(text: str) -> list[str]:
    """Words and pairs of neighbours."""
    single = words(text)
    return single + [f"{left} {right}" for left, right in pairwise(single)]
