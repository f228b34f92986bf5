"""Folders of any letters, half-made data and full disks: up, or one line with the cause, and nothing left running."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from hypothesis import given
from hypothesis import strategies as st

from podium import embedded
from podium.embedded.home import HomeUnusable
from podium.embedded.java import is_plain
from podium.embedded.kafka import _properties
from podium.embedded.postgres import _configuration, _listed, binaries
from podium.embedded.process import CAUSES, StartFailed, start_failed
from podium.settings import Settings, load

ODD = "Müller, ein \"Ordner\" \\ 100% $HOME 'x' #! é 🧀"
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not below pytest's own folder: that is closed to the account under which root runs the database.
    made = Path(tempfile.mkdtemp(prefix="podium-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def settings_of(home: Path) -> Settings:
    return load({"home": home, "kafka.bootstrap": "", "postgres.url": ""})


def running(home: Path) -> list[str]:
    """Server processes of a home."""
    found = psutil.process_iter(["cmdline"])
    return [str(one.info["cmdline"][0]) for one in found if str(home) in " ".join(one.info["cmdline"] or ())]


def test_services_start_in_a_folder_of_any_letters(folder: Path) -> None:
    settings = settings_of(folder / ODD)
    try:
        for _ in range(2):
            resolved = embedded.up(settings)
            with psycopg.connect(resolved.postgres.dsn()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert AdminClient(resolved.kafka.client()).list_topics(timeout=10).brokers
            assert embedded.down(settings) == ["kafka", "postgres"]
        assert (folder / ODD / "kafka" / "data" / "meta.properties").is_file()
    finally:
        embedded.down(settings)
    assert not any((folder / ODD).rglob("making-*"))


def test_what_fails_takes_down_what_had_started(folder: Path) -> None:
    settings = settings_of(folder)
    (folder / "kafka" / "data").mkdir(parents=True)
    with pytest.raises(StartFailed, match=r"the log in .* is not complete"):
        embedded.up(settings)
    assert running(folder) == []


def test_a_half_made_database_is_told(folder: Path) -> None:
    settings = settings_of(folder)
    (folder / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(StartFailed, match=r"the database in .* is not complete"):
        embedded.up(settings)
    assert running(folder) == []


def test_a_folder_that_is_no_folder_is_told(folder: Path) -> None:
    (folder / "kafka").write_text("")
    with pytest.raises(HomeUnusable, match="cannot use"):
        embedded.up(settings_of(folder))


@pytest.mark.parametrize("letter", ["\n", "\r"])
def test_a_letter_that_no_server_takes_is_named(folder: Path, letter: str) -> None:
    with pytest.raises(HomeUnusable, match=re.escape(repr(letter))):
        embedded.up(settings_of(folder / f"a{letter}b"))


@given(st.sampled_from([*CAUSES]), ANY)
def test_the_true_cause_comes_in_one_line(cause: str, around: str) -> None:
    told = start_failed("Kafka ended at start", f"java.io.IOException: {cause}\n\tat {around}", "See the log.")
    assert told.what == f"Kafka ended at start: {CAUSES[cause][0]}"
    assert "\n" not in told.what


@given(ANY)
def test_a_broker_reads_what_was_written(value: str) -> None:
    text = _properties({"a.name": value, "b": "1"})
    assert text.isascii()
    assert read_properties(text) == {"a.name": value, "b": "1"}


def read_properties(text: str) -> dict[str, str]:
    """As java.util.Properties reads a file: escapes of UTF-16 units, blanks before a value left out."""
    found = {}
    for line in text.split("\n")[:-1]:
        name, _, value = line.partition("=")
        units = re.sub(r"\\u([0-9a-f]{4})", lambda unit: chr(int(unit[1], 16)), value.lstrip(" \t\f"))
        found[name] = units.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
    return found


@pytest.mark.parametrize("path", [ODD, "/a b/'c'", '/"quoted"', "/back\\slash\\n", "/x=y#z"])
def test_a_database_reads_what_was_written(folder: Path, path: str) -> None:
    (folder / "postgresql.conf").write_text(_configuration({"unix_socket_directories": _listed(path)}))
    command = [str(binaries() / "postgres"), "-D", str(folder), "-C", "unix_socket_directories"]
    drop = {"user": "nobody"} if psutil.Process().username() == "root" else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False, **drop)  # type: ignore[call-overload]
    assert done.stdout.rstrip("\n") == _listed(path), done.stderr


@given(st.from_regex(r"/[A-Za-z0-9._/+-]+", fullmatch=True), st.characters())
def test_only_plain_paths_are_given_to_options_that_expand_them(path: str, letter: str) -> None:
    assert is_plain(Path(path))
    assert is_plain(Path(path + letter)) == bool(re.fullmatch(r"[A-Za-z0-9._/+-]", letter))
