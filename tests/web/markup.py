"""Reads pages as a strict browser would: every tag closed, every id once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br"}
DRAWN = {"rect", "circle", "path", "line", "polyline", "polygon"}


@dataclass
class Element:
    """An element, its attributes, its children and its own text."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Descendants of a tag with these attributes; `class_` means one of the classes."""
        return [each for each in self if tag in ("", each.tag) and each._has(attributes)]

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only such descendant."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} elements {tag} {attributes}"
        return found[0]

    def _has(self, wanted: dict[str, str]) -> bool:
        classes = (self.attributes.get("class") or "").split()
        rest = {name.replace("_", "-"): value for name, value in wanted.items() if name != "class_"}
        return all(self.attributes.get(name) == value for name, value in rest.items()) and (
            wanted.get("class_") in (None, *classes)
        )

    @property
    def text(self) -> str:
        """All text within, with single spaces."""
        parts = (child.text if isinstance(child, Element) else child for child in self.children)
        return " ".join(" ".join(parts).split())

    def attribute(self, name: str) -> str:
        """An attribute that must be there."""
        value = self.attributes[name]
        assert value is not None
        return value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(attrs) == len(element.attributes), f"an attribute twice in <{tag}>"
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in DRAWN, f"<{tag}/> is not how HTML closes an element"
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    """The tree of a page or a part of one. Fails for markup that is not well formed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    ids = [each.attributes["id"] for each in reader.open[0] if "id" in each.attributes]
    assert len(ids) == len(set(ids)), "an id twice"
    return reader.open[0]
