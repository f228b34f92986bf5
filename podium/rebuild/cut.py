"""What an export says of itself: domains, offsets, digests, the sums of its files, and the seal over all that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from podium.errors import Problem
from podium.settings import Settings

CUT = "cut.json"
VERSION = 1

Form = Literal["csv", "json", "parquet"]
Place = tuple[str, int]


class NoExport(Problem):
    """The folder holds no export that this version can read."""

    code = "PD098"
    exit_code = 2


class Damaged(Problem):
    """What was imported is not what was exported."""

    code = "PD099"


class OtherVersion(Problem):
    """An export was written from tables of another version than those that it is to be loaded into."""

    code = "PD101"
    exit_code = 2


@dataclass(frozen=True)
class Base:
    """An export that recomputing begins from, instead of offset 0."""

    folder: Path
    seal: str
    stand: Mapping[Place, int]
    """(topic without namespace, partition) -> next offset to read after it."""
    appended: Mapping[Place, datetime]
    """When the last record that it accounts for was appended."""
    bytes: int

    @property
    def told(self) -> dict[str, Any]:
        """As it is recorded."""
        offsets = [[topic, n, offset] for (topic, n), offset in sorted(self.stand.items())]
        return {"folder": str(self.folder), "seal": self.seal, "offsets": offsets}

    def fits(self, until: Mapping[Place, int]) -> bool:
        """Whether it reaches beyond none of these offsets."""
        return all(self.stand.get(place, 0) <= end for place, end in until.items())

    def ends_before(self, place: Place, offset: int, moment: datetime) -> bool:
        """Whether it ends at this offset, and all before it was appended before a moment."""
        appended = self.appended.get(place)
        return self.stand.get(place, 0) == offset and (appended is None or appended < moment)


def given(settings: Settings) -> Base | None:
    """The base that the settings name, if any. Raises NoExport, Damaged."""
    folder = settings.rebuild.base
    if folder is None:
        return None
    cut = read(folder)
    if "offsets" not in cut:
        raise NoExport(f"{folder} holds no tables", "A base is what podium export writes without --board.")
    rows = cut["offsets"]
    return Base(
        folder,
        cut["seal"],
        {(topic, n): position for topic, n, position, *_ in rows},
        {(topic, n): datetime.fromisoformat(appended) for topic, n, *_, appended in rows if appended},
        sum(path.stat().st_size for path in folder.iterdir()),
    )


def seal(folder: Path, cut: Mapping[str, Any]) -> None:
    """State the cut, last of all: a folder that has one is a whole export."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    whole = {**cut, "at": at, "files": {path.name: _sum(path) for path in sorted(folder.iterdir())}}
    whole = json.loads(json.dumps(whole, default=str))
    text = json.dumps({**whole, "seal": _seal(whole)}, indent=1)
    (folder / CUT).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The cut of an export. Raises NoExport, Damaged for one that was changed since."""
    try:
        cut: dict[str, Any] = json.loads((folder / CUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoExport(f"{folder}: {error}", "podium export writes one.") from None
    if cut.get("version") != VERSION:
        raise NoExport(f"{folder} is an export of version {cut.get('version')}", "Use the version that wrote it.")
    if cut.get("seal") != _seal(cut):
        raise Damaged(f"{folder / CUT} was changed since it was written", "Export it again.")
    return cut


def check_file(path: Path, cut: Mapping[str, Any]) -> None:
    """Raises Damaged for a file that is not as it was exported."""
    try:
        found = _sum(path)
    except OSError as error:
        raise Damaged(str(error), "Export it again.") from None
    if found != cut["files"].get(path.name):
        raise Damaged(f"{path} was changed since it was written", "Export it again.")


def _seal(cut: Mapping[str, Any]) -> str:
    stated = {name: value for name, value in cut.items() if name != "seal"}
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
