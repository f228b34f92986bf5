"""docker-compose.yml says the same as the settings and as the embedded services."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from podium.cli.run import TOGETHER
from podium.embedded import kafka, postgres
from podium.embedded.roles import statements
from podium.settings import ROLES, load, rolname

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
PLACES = {"process.roles", "node.id", "listener.security.protocol.map"}


def environment(prefix: str) -> list[tuple[str, str]]:
    """Variables of all services whose names begin with `prefix`."""
    return re.findall(rf'^ +({prefix}\w+): "?(.*?)"?$', COMPOSE, re.MULTILINE)


def test_every_variable_of_ours_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    found = environment("PODIUM_")
    assert len(found) > 5
    for name, value in found:
        monkeypatch.setenv(name, value)
        settings = load()
        section, _, field = name.removeprefix("PODIUM_").lower().partition("__")
        assert getattr(getattr(settings, section), field)


def test_the_broker_is_configured_like_the_embedded_one() -> None:
    composed = dict(environment("KAFKA_"))
    for name, value in kafka.CONFIGURATION.items():
        if name not in PLACES:
            assert composed[f"KAFKA_{name.replace('.', '_').upper()}"] == value, name


def test_the_server_is_configured_like_the_embedded_one() -> None:
    composed = dict(re.findall(r"^ +- -c(\w+)=(.*)$", COMPOSE, re.MULTILINE))
    assert composed
    assert composed.items() <= postgres.CONFIGURATION.items()


def test_health_looks_at_every_process_of_the_pipeline() -> None:
    first, last = map(int, re.findall(r"range\((\d+), (\d+)\)", COMPOSE)[0])
    assert f'PODIUM_HEALTH__PORT: "{first}"' in COMPOSE
    assert last - first == len(TOGETHER)


def test_versions_are_those_of_the_embedded_services() -> None:
    broker = next(
        line for line in (ROOT / "podium/embedded/jars.lock").read_text().splitlines() if "kafka_2.13" in line
    )
    assert f"image: apache/kafka:{broker.split()[0].rsplit(':', 1)[1]}\n" in COMPOSE
    assert "image: postgres:18\n" in COMPOSE


def test_the_first_start_makes_roles_that_can_log_in(administrator: str) -> None:
    """What the image runs in a new cluster, in a transaction that is undone."""
    script = f"BEGIN;\n{statements()}\n{(ROOT / 'compose/passwords.sql').read_text()}\nROLLBACK;\n"
    done = subprocess.run(
        [str(postgres.binaries() / "psql"), "--no-psqlrc", "--set=ON_ERROR_STOP=1", administrator],
        input=script, env=os.environ | {"POSTGRES_PASSWORD": "it's secret"},
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ALTER ROLE") == len(ROLES) + 1
    assert all(f"ALTER ROLE {rolname(role)} PASSWORD" in script for role in ROLES)
