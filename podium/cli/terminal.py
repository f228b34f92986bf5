"""Where text is printed for people: names of others are neither markup nor commands to a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from podium.plain import plain_lines


class Terminal(Console):
    """A console that takes text as it is, without markup, and shows what would act on a terminal as its escape."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "highlight": False, "emoji": False, "soft_wrap": True, **options})

    def print(self, *objects: Any, **options: Any) -> None:
        """As Rich prints, but nothing of a text is lost: it would drop bells and carriage returns."""
        super().print(*(plain_lines(each) if isinstance(each, str) else each for each in objects), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The parts of what is drawn, each harmless; colours are Rich's own and are added later."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(plain_lines(segment.text), segment.style)
