"""Real services for every test: started once, then each test has its own database and its own topics."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from psycopg import sql

from podium import database as migrations
from podium import embedded
from podium.embedded.home import Home
from podium.embedded.postgres import SUPERUSER
from podium.settings import Settings, load

EMBEDDED = Path(__file__).parent / "embedded"
LONGEST = ("rebuild", "faults", "embedded", "podium", "cli")
RUN = f"t{os.getpid()}"
_numbers = itertools.count(1)

# How long an example takes says how busy the machine is, not whether the property holds.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    """Say at once what `--services=containers` lacks, instead of failing every test."""
    if config.getoption("--services") == "containers":
        from docker import from_env
        from docker.errors import DockerException

        try:
            from_env().close()
        except DockerException as error:
            raise pytest.UsageError(f"--services=containers needs a running container engine: {error}") from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, or one process ends long after the others; of others' services nothing that is about ours."""
    items.sort(key=lambda item: [*LONGEST, folder := item.path.parent.name].index(folder))
    if config.getoption("--services") != "embedded":
        left_out = [item for item in items if _about_embedded(item)]
        items[:] = [item for item in items if not _about_embedded(item)]
        config.hook.pytest_deselected(items=left_out)


def _about_embedded(item: pytest.Item) -> bool:
    return item.get_closest_marker("embedded") is not None or EMBEDDED in item.path.parents


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--services",
        choices=["embedded", "containers"],
        default="embedded",
        help="where Kafka and PostgreSQL run",
    )
    parser.addoption("--home", type=Path, help="use the embedded services of this folder and leave them running")


@pytest.fixture(scope="session")
def services(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings with the addresses of a running Kafka and a running PostgreSQL."""
    kept: Path | None = request.config.getoption("--home")
    if request.config.getoption("--services") == "containers":
        from tests.containers import containers

        with containers(load()) as settings:
            yield settings
    elif kept:
        yield embedded.up(_isolated(kept))
    else:
        # Not below pytest's own folder: that is closed to the account under which root runs the database.
        home = Path(tempfile.mkdtemp(prefix="podium-"))
        try:
            yield embedded.up(_isolated(home))
        finally:
            embedded.down(_isolated(home))
            shutil.rmtree(home, ignore_errors=True)


def _isolated(home: Path) -> Settings:
    return load({"home": home, "kafka.bootstrap": "", "postgres.url": ""})


@pytest.fixture(scope="session")
def administrator(request: pytest.FixtureRequest, services: Settings) -> str:
    """Connection string of the administrator of the whole server."""
    if request.config.getoption("--services") == "containers":
        from tests.containers import PASSWORD

        password = PASSWORD
    else:
        password = Home(services.home).passwords[SUPERUSER]
    return psycopg.conninfo.make_conninfo(services.postgres.dsn(), user=SUPERUSER, password=password)


@pytest.fixture(scope="session")
def template(services: Settings) -> Iterator[str]:
    """Name of a migrated database that nobody is connected to, so that it can be copied."""
    name = f"{RUN}_template"
    with _administer(services) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrations.upgrade(services.postgres.at(name).dsn())
    yield name
    _drop(services, name)


@pytest.fixture
def namespace() -> str:
    """Goes before every topic, group and transactional id of a test."""
    return f"{RUN}-{next(_numbers)}."


@pytest.fixture
def broker(services: Settings, namespace: str) -> Iterator[Settings]:
    """Settings with a namespace of one's own in the log; its topics are deleted afterwards."""
    kafka = services.kafka.model_copy(update={"namespace": namespace})
    yield services.model_copy(update={"kafka": kafka})
    admin = AdminClient({"bootstrap.servers": services.kafka.bootstrap, "log_level": 0})
    topics = [topic for topic in admin.list_topics(timeout=10).topics if topic.startswith(namespace)]
    if topics:
        admin.delete_topics(topics)


@pytest.fixture
def database(broker: Settings, template: str) -> Iterator[Settings]:
    """Settings with a freshly migrated database of one's own, beside a namespace in the log."""
    name = f"{RUN}_{next(_numbers)}"
    with _administer(broker) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    yield broker.model_copy(update={"postgres": broker.postgres.at(name)})
    _drop(broker, name)


def _administer(settings: Settings) -> psycopg.Connection:
    return psycopg.connect(settings.postgres.dsn("owner"), autocommit=True)


def _drop(settings: Settings, name: str) -> None:
    with _administer(settings) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
