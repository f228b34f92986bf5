"""Reads the vendored texts: one dataset a file, one row a line, nothing changed on the way."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import Final, NamedTuple

from samples.sentiment.labels import GOLD, Label

LINE_END: Final = "\r\n"


class CorpusDamaged(Exception):
    """A vendored text file does not read as rows of id, rating and text."""


class Row(NamedTuple):
    """One text and what people made of it: `rating` is their mean on a scale from -4 to 4."""

    source_id: str
    rating: Decimal
    content: str

    @property
    def label(self) -> Label:
        return GOLD.label(self.rating)


@dataclass(frozen=True)
class Dataset:
    """Rows in the order of their source; ids are unique within a dataset, texts are not."""

    name: str
    description: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class TextSet:
    """One file of the corpus: `sha256` is that of the text as its authors published it."""

    name: str
    description: str
    sha256: str

    @property
    def member(self) -> str:
        return f"{self.name}_GroundTruth.txt"


TEXT_SETS: Final = (
    TextSet(
        "tweets",
        "4,200 human-rated tweets",
        "dfbe7102e2f92579ed8b19df9a3822491880697c67adf712fb66e520cc05102f",
    ),
    TextSet(
        "amazonReviewSnippets",
        "3,708 human-rated sentences from customer reviews of products",
        "11a9807a0974a2506a2d3b4851eaf69b3d6d20688ce4923adda2312a4f6dd6c2",
    ),
    TextSet(
        "movieReviewSnippets",
        "10,605 human-rated sentences from film reviews",
        "c8293b0d942e90e223ea2c0955d969040d1a1be514a978b9af0698940bd13350",
    ),
    TextSet(
        "nytEditorialSnippets",
        "5,190 human-rated sentences from newspaper editorials",
        "7d8fbcce7dde5d716da53e78f4ef4be6b706e9ef1e1d51887e6d0ad4b69cc27e",
    ),
)


def load() -> list[Dataset]:
    """The four datasets, 23,703 rows in all. Raises CorpusDamaged."""
    return [Dataset(one.name, one.description, parse(one.member, text(one))) for one in TEXT_SETS]


def text(one: TextSet) -> str:
    """The file's whole text as published, HTML entities and line ends included. Raises CorpusDamaged."""
    packed = files(__package__) / "texts" / f"{one.member}.gz"
    try:
        return unpack(one, packed.read_bytes())
    except FileNotFoundError:
        raise CorpusDamaged(f"{one.member}.gz is missing; vendor it again") from None


def unpack(one: TextSet, packed: bytes) -> str:
    """The text of a packed file, checked against its digest. Raises CorpusDamaged."""
    try:
        content = gzip.decompress(packed)
    except (EOFError, OSError, zlib.error) as error:
        raise CorpusDamaged(f"{one.member}.gz does not unpack ({error}); vendor it again") from None
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise CorpusDamaged(f"{one.member} is not the published text; vendor it again")
    return content.decode()


def parse(member: str, content: str) -> tuple[Row, ...]:
    """Rows of a text whose lines are id, rating and content, tab-separated. Raises CorpusDamaged."""
    # str.splitlines would also break at characters that belong to a text.
    lines = content.split(LINE_END)
    rows = tuple(_row(member, number, line) for number, line in enumerate(lines, start=1))
    if len({row.source_id for row in rows}) != len(rows):
        raise CorpusDamaged(f"{member}: an id occurs twice; vendor the file again")
    return rows


def _row(member: str, number: int, line: str) -> Row:
    try:
        source_id, rating, content = line.split("\t")
        return Row(source_id, Decimal(rating), content)
    except (ValueError, InvalidOperation):
        raise CorpusDamaged(
            f"{member}, line {number}: expected id, rating and text, found {line[:80]!r}; vendor the file again"
        ) from None
