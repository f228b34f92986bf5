"""The broker's jars: pinned by coordinate and sha256, fetched once into the user's cache."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from podium.errors import Problem
from podium.settings import Maven

FETCHES_MAX = 8
TIMEOUT_SECONDS = 30
OWN_CLUSTER = "or set PODIUM_KAFKA__BOOTSTRAP to a Kafka of your own"


class JarsMissing(Problem):
    """Jars are neither in the cache nor to be had from the repository."""

    code = "PD013"
    exit_code = 3


class JarRefused(Problem):
    """A fetched jar is not the one that was pinned."""

    code = "PD014"
    exit_code = 1


class Jar(NamedTuple):
    """One line of jars.lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        """`group:artifact:version`"""
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def path(self) -> Path:
        """Where it lies below the cache, as in every Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, f"{self.artifact}-{self.version}.jar")


def locked() -> Iterator[Jar]:
    """The jars of jars.lock."""
    for line in files(__package__).joinpath("jars.lock").read_text().splitlines():
        coordinate, digest = line.split()
        group, artifact, version = coordinate.split(":")
        yield Jar(group, artifact, version, digest.removeprefix("sha256:"))


def classpath(maven: Maven, report: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Paths of all jars, verified; what is missing or damaged in the cache is fetched.

    Raises JarsMissing with every coordinate that could not be had, JarRefused at a wrong checksum.
    """
    jars = list(locked())
    missing = [jar for jar in jars if not _intact(jar, maven.cache)]
    if missing:
        report(f"fetching {len(missing)} of the broker's {len(jars)} jars into {maven.cache}")
        _fetch_all(missing, maven)
    return [maven.cache / jar.path for jar in jars]


def _intact(jar: Jar, cache: Path) -> bool:
    path = cache / jar.path
    return path.is_file() and _sha256(path) == jar.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_all(missing: list[Jar], maven: Maven) -> None:
    """Everything that can be had is kept, so that the next try has less to do."""
    import truststore

    # What the system trusts, a company's own authority included, as pip does.
    truststore.inject_into_ssl()
    maven.cache.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=maven.cache, prefix=".fetch-"))
    try:
        with ThreadPoolExecutor(FETCHES_MAX) as pool:
            failures = list(pool.map(lambda jar: _fetch(jar, maven, staging), missing))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    refused = [text for text in failures if isinstance(text, JarRefused)]
    if refused:
        raise refused[0]
    absent = [f"{jar.coordinate} ({why})" for jar, why in zip(missing, failures, strict=True) if why]
    if absent:
        head = f"{len(absent)} of the broker's jars are not in {maven.cache} and cannot be fetched:"
        raise JarsMissing(
            "\n  ".join([head, *absent]),
            _remedy(failures),
        )


def _remedy(failures: list[Exception | str | None]) -> str:
    if "SSLError" in failures:
        return (
            "The certificate of the repository, or of a proxy before it, is of an authority that this system does not"
            f" trust: add that to the system's store, or name its file in SSL_CERT_FILE, {OWN_CLUSTER}."
        )
    return f"Connect to the network, or set PODIUM_MAVEN__MIRROR, {OWN_CLUSTER}."


def _fetch(jar: Jar, maven: Maven, staging: Path) -> Exception | str | None:
    """What went wrong, or None. A jar reaches the cache whole and verified, or not at all."""
    from jgo.maven import MavenContext

    repositories = {"mirror": maven.mirror.rstrip("/")} if maven.mirror else None
    context = MavenContext(repo_cache=staging, remote_repos=repositories, timeout=TIMEOUT_SECONDS)
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    try:
        fetched = component.artifact().resolve()
    except (OSError, RuntimeError) as error:
        return type(error).__name__ if isinstance(error, OSError) else "not in the repository"
    actual = _sha256(fetched)
    if actual != jar.sha256:
        return JarRefused(
            f"{jar.coordinate} has the checksum {actual}, but {jar.sha256} is pinned; it was thrown away",
            "Something on the way changed it: check PODIUM_MAVEN__MIRROR and your proxy.",
        )
    target = maven.cache / jar.path
    target.parent.mkdir(parents=True, exist_ok=True)
    fetched.replace(target)
    return None
