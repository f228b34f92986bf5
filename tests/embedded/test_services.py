"""The embedded services in good and bad times: started, killed, half made, crowded out, and still the same data."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from podium import embedded
from podium.embedded import NotRunning
from podium.embedded.home import Home
from podium.embedded.kafka import Kafka
from podium.embedded.postgres import Postgres
from podium.settings import ROLES, Settings, load

DEADLINE_SECONDS = 60.0


def kafka_of(settings: Settings) -> Kafka:
    return Kafka(settings, Home(settings.home))


def postgres_of(settings: Settings) -> Postgres:
    return Postgres(settings, Home(settings.home))


def pids(settings: Settings) -> tuple[int, int]:
    """Process numbers of broker and database, which must run."""
    kafka, postgres = kafka_of(settings).process.find(), postgres_of(settings).process.find()
    assert kafka is not None
    assert postgres is not None
    return kafka.pid, postgres.pid


def kill(pid: int) -> None:
    """kill -9, and wait until the process is gone."""
    process = psutil.Process(pid)
    process.kill()
    psutil.wait_procs([process], timeout=DEADLINE_SECONDS)


def count_ours(settings: Settings) -> list[str]:
    """Programs that run for this home, server processes only."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if any(argument.startswith(str(settings.home)) for argument in command):
            found.append(Path(command[0]).name)
    return sorted(found)


def leave_a_trace(settings: Settings, name: str) -> None:
    """A topic and a table that must survive."""
    resolved = embedded.resolve(settings)
    admin = AdminClient({"bootstrap.servers": resolved.kafka.bootstrap})
    admin.create_topics([NewTopic(name, 2, 1)])[name].result(DEADLINE_SECONDS)
    with psycopg.connect(resolved.postgres.dsn()) as connection:
        connection.execute(f'CREATE TABLE "{name}" AS SELECT 1 AS one')


def traces(settings: Settings) -> tuple[set[str], set[str]]:
    """Topics and tables that survived."""
    resolved = embedded.resolve(settings)
    topics = AdminClient({"bootstrap.servers": resolved.kafka.bootstrap}).list_topics(timeout=10).topics
    with psycopg.connect(resolved.postgres.dsn()) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return set(topics), {name for (name,) in tables}


def podium(settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-c", "from podium.cli.main import run; run()", "--home", str(settings.home), *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_up_twice_is_once(own: Settings) -> None:
    first = embedded.up(own)
    before = pids(own)
    said: list[str] = []
    assert embedded.up(own, said.append) == first
    assert pids(own) == before
    assert said == []


def test_two_at_once_do_not_collide(own: Settings) -> None:
    embedded.down(own)
    with ThreadPoolExecutor(2) as pool:
        done = [
            process.communicate(timeout=DEADLINE_SECONDS) for process in pool.map(lambda _: podium(own, "up"), "ab")
        ]
    assert len(done) == 2
    assert count_ours(own) == ["java", "postgres"]
    assert all(state.running for state in embedded.states(own))


def test_data_and_addresses_survive_down_and_up(own: Settings) -> None:
    before = embedded.up(own)
    leave_a_trace(own, "kept")
    assert embedded.down(own) == ["kafka", "postgres"]
    assert embedded.down(own) == []
    assert count_ours(own) == []
    with pytest.raises(NotRunning, match="podium up"):
        embedded.resolve(own)
    assert embedded.up(own) == before
    topics, tables = traces(own)
    assert "kept" in topics
    assert "kept" in tables


@pytest.mark.faults
def test_killed_services_come_back(own: Settings) -> None:
    before = embedded.up(own)
    leave_a_trace(own, "killed")
    kafka, postgres = pids(own)
    kill(kafka)
    assert {state.service: state.running for state in embedded.states(own)} == {"kafka": False, "postgres": True}
    assert embedded.up(own) == before
    assert pids(own)[1] == postgres
    for pid in pids(own):
        kill(pid)
    assert embedded.up(own) == before
    topics, tables = traces(own)
    assert "killed" in topics
    assert "killed" in tables


@pytest.mark.faults
def test_a_pid_file_may_lie_or_be_lost(own: Settings) -> None:
    embedded.up(own)
    before = pids(own)
    for text in (str(os.getpid()), "", "nonsense"):
        for name in ("kafka.pid", "postgres.pid"):
            (own.home / "run" / name).write_text(text)
        assert pids(own) == before
    for name in ("kafka.pid", "postgres.pid"):
        (own.home / "run" / name).unlink()
    embedded.up(own)
    assert pids(own) == before
    embedded.down(own)
    (own.home / "run" / "kafka.pid").write_text(str(os.getpid()))
    (own.home / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{own.home}\n0\n1\n\n\n\nready\n")
    embedded.up(own)
    assert count_ours(own) == ["java", "postgres"]


@pytest.mark.faults
def test_a_port_taken_meanwhile_is_replaced(own: Settings) -> None:
    embedded.up(own)
    leave_a_trace(own, "moved")
    before = Home(own.home).ports
    embedded.down(own)
    with closing(socket.socket()) as first, closing(socket.socket()) as second, closing(socket.socket()) as third:
        for taker, port in zip((first, second, third), before.values(), strict=True):
            taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taker.bind(("127.0.0.1", port))
            taker.listen()
        embedded.up(own)
        after = Home(own.home).ports
        assert set(after.values()).isdisjoint(before.values())
        topics, tables = traces(own)
    assert "moved" in topics
    assert "moved" in tables


@pytest.mark.faults
def test_half_made_storage_is_made_anew(own: Settings) -> None:
    embedded.down(own)
    for service, file in (("kafka", "meta.properties"), ("postgres", "PG_VERSION")):
        shutil.rmtree(own.home / service / "data", ignore_errors=True)
        half_made = own.home / service / "making-half"
        half_made.mkdir(parents=True)
        (half_made / file).write_text("1")
    embedded.up(own)
    leave_a_trace(own, "anew")
    for service in ("kafka", "postgres"):
        assert not list((own.home / service).glob("making-*"))


@pytest.mark.faults
@pytest.mark.parametrize("seconds", [0.8, 1.6, 2.6])
def test_podium_itself_is_killed_while_starting(own: Settings, seconds: float) -> None:
    embedded.down(own)
    shutil.rmtree(own.home / "kafka" / "data", ignore_errors=True)
    shutil.rmtree(own.home / "postgres" / "data", ignore_errors=True)
    process = podium(own, "up")
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    embedded.up(own)
    assert count_ours(own) == ["java", "postgres"]
    with psycopg.connect(embedded.resolve(own).postgres.dsn("stream")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("podium_stream",)


def test_roles_have_what_they_need_and_no_more(own: Settings) -> None:
    postgres = embedded.up(own).postgres
    for role in ROLES:
        with psycopg.connect(postgres.dsn(role)) as connection:
            name, zone = connection.execute("SELECT current_user, current_setting('timezone')").fetchone() or ("", "")
            assert (name, zone) == (f"podium_{role}", "UTC")
            if role != "owner":
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("CREATE TABLE no_more ()")
    with psycopg.connect(postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE second")
        connection.execute("ALTER DATABASE second RENAME TO third")
        connection.execute("DROP DATABASE third")
        assert not connection.execute("SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper").rowcount


def test_nobody_enters_without_the_password(own: Settings) -> None:
    embedded.up(own)
    port, socket_folder = Home(own.home).ports["postgres"], own.home / "socket"
    for host in ("127.0.0.1", str(socket_folder)):
        for password in ("", "wrong"):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(host=host, port=port, user="podium_owner", dbname="podium", password=password)


def test_passwords_are_kept_from_others(own: Settings) -> None:
    embedded.up(own)
    file = own.home / "passwords.json"
    assert file.stat().st_mode & 0o777 == 0o600
    passwords = json.loads(file.read_text()).values()
    seen = " ".join(" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    seen += "".join(path.read_text(errors="replace") for path in (own.home / "logs").iterdir())
    seen += repr(embedded.states(own)) + repr(embedded.resolve(own))
    assert not [password for password in passwords if password in seen]


def test_two_homes_live_side_by_side(own: Settings, services: Settings) -> None:
    mine = embedded.up(own)
    assert mine.kafka.bootstrap != services.kafka.bootstrap
    assert mine.postgres.dsn() != services.postgres.dsn()
    leave_a_trace(own, "mine")
    other = AdminClient({"bootstrap.servers": services.kafka.bootstrap}).list_topics(timeout=10).topics
    assert "mine" not in other


def test_a_cluster_of_ones_own_is_left_alone(own: Settings) -> None:
    theirs = load({"home": own.home / "unused", "kafka.bootstrap": "k:1", "postgres.url": "postgresql://o@h/d"})
    assert embedded.up(theirs) == theirs
    assert embedded.down(theirs) == []
    assert not theirs.home.exists()
    assert [state.kind for state in embedded.states(theirs)] == ["own", "own"]


def test_a_path_too_long_for_a_socket_is_served_by_tcp(own: Settings) -> None:
    deep = own.home.joinpath(*["a-folder-with-a-rather-long-name"] * 4)
    settings = load({"home": deep, "kafka.bootstrap": "k:1", "postgres.url": ""})
    try:
        postgres = embedded.up(settings).postgres
        assert "host=" not in postgres.dsn()
        with psycopg.connect(postgres.dsn("reader")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        embedded.down(settings)


def test_an_account_may_be_shut_out_of_the_folder(tmp_path: Path) -> None:
    """Pytest's own folders are closed to others; as root the database runs under another account."""
    settings = load({"home": tmp_path / "home", "kafka.bootstrap": "k:1", "postgres.url": ""})
    try:
        started = time.monotonic()
        with psycopg.connect(embedded.up(settings).postgres.dsn()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert time.monotonic() - started < DEADLINE_SECONDS
    finally:
        embedded.down(settings)


@pytest.mark.faults
def test_a_home_deleted_under_its_services_starts_anew(own: Settings) -> None:
    embedded.up(own)
    leave_a_trace(own, "deleted")
    shutil.rmtree(own.home)
    embedded.up(own)
    assert count_ours(own) == ["java", "postgres"]
    topics, tables = traces(own)
    assert "deleted" not in topics | tables
