"""The services in containers of the official images, for `--services=containers`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from pydantic import SecretStr
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from podium.embedded import kafka, ports, roles
from podium.settings import DATABASE, ROLES, Kafka, Postgres, Settings, rolname

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:18"
PASSWORD = "only-for-this-test-run"
LISTENS = re.compile("listening on IPv4.*ready to accept connections", re.DOTALL)
"""The server that makes the cluster says that it is ready, too, but listens on a local socket only."""


@contextmanager
def containers(settings: Settings) -> Iterator[Settings]:
    """The same broker configuration and the same roles as embedded; addresses instead of empty ones."""
    port = ports.choose(None, taken=set())
    with _broker(port), _server() as server:
        address = f"{server.get_container_host_ip()}:{server.get_exposed_port(5432)}"
        _make_roles(f"postgresql://postgres:{PASSWORD}@{address}/postgres")
        urls = {role: f"postgresql://{rolname(role)}:{PASSWORD}@{address}/{DATABASE}" for role in ROLES}
        fields = {"url" if role == "owner" else f"{role}_url": SecretStr(url) for role, url in urls.items()}
        yield settings.model_copy(
            update={"kafka": Kafka(bootstrap=f"127.0.0.1:{port}"), "postgres": Postgres(**fields)}
        )


def _broker(port: int) -> DockerContainer:
    properties = kafka.CONFIGURATION | {
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"{kafka.NODE}@localhost:9093",
        "log.dirs": "/var/lib/kafka/data",
    }
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    for name, value in properties.items():
        container = container.with_env(f"KAFKA_{name.replace('.', '_').upper()}", value)
    return container.waiting_for(LogMessageWaitStrategy("Kafka Server started"))


def _server() -> DockerContainer:
    return (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_PASSWORD", PASSWORD)
        .with_env("POSTGRES_INITDB_ARGS", "--locale-provider=builtin --builtin-locale=C.UTF-8 --encoding=UTF8")
        .with_env("TZ", "UTC")
        .with_exposed_ports(5432)
        .waiting_for(LogMessageWaitStrategy(LISTENS))
    )


def _make_roles(administrator: str) -> None:
    with psycopg.connect(administrator, autocommit=True) as connection:
        roles.ensure(connection, {rolname(role): PASSWORD for role in ROLES})
