"""Links to replay pages: one canonical form of all spellings, in Python and in SQL by the same expression."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

CANONICAL = "https://www.duelingbook.com/replay?id="

SPELLINGS = (
    r"^[ \t\r\n]*[Hh][Tt][Tt][Pp][Ss]?://([Ww][Ww][Ww]\.)?[Dd][Uu][Ee][Ll][Ii][Nn][Gg][Bb][Oo][Oo][Kk]\.[Cc][Oo][Mm]"
    r"/replay\?((?!id=)[^#& \t\r\n]*&)*id=0*([1-9][0-9]{0,14})(&[^# \t\r\n]*)?(#[^ \t\r\n]*)?[ \t\r\n]*$"
)
"""Every accepted spelling: either scheme, with or without `www.`, further parameters, a fragment, blanks around.

The number of the page is the first parameter `id`. triggers.sql has the same text.
"""

_SPELLINGS = re.compile(SPELLINGS[:-1] + r"\Z")


def canonical(link: str) -> str | None:
    """The canonical form of a link, the same for every link to the page; None if it leads to no replay page."""
    found = _SPELLINGS.match(link)
    return f"{CANONICAL}{found[3]}" if found else None


def distinct(links: Iterable[str]) -> list[str]:
    """The canonical forms of links, each once, in order; what leads nowhere is left out."""
    forms = (canonical(link) for link in links)
    return list(dict.fromkeys(form for form in forms if form))


def _leads(link: str) -> str:
    if canonical(link) is None:
        raise PydanticCustomError("link", "must be like https://www.duelingbook.com/replay?id=1234567")
    return link


LINK_CHARACTERS_MAX = 500

Link = Annotated[str, Field(max_length=LINK_CHARACTERS_MAX), AfterValidator(_leads)]
"""A link as somebody typed it; `canonical` tells its page."""

Url = Annotated[str, Field(pattern=r"^https://www\.duelingbook\.com/replay\?id=[1-9][0-9]{0,14}$")]
"""The canonical link of a replay page."""
