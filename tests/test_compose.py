"""docker-compose.yml says the same as the settings and as the embedded services."""

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


def test_every_variable_of_ours_is_a_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = environment("PODIUM_")
    assert len(found) > 5
    for name, value in found:
        monkeypatch.setenv(name, value)
        if name.endswith("_FILE"):
            (tmp_path / "secret").write_text("a secret\n")
            monkeypatch.setenv(name, str(tmp_path / "secret"))
        settings = load()
        section, _, field = name.removeprefix("PODIUM_").removesuffix("_FILE").lower().partition("__")
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


def services() -> dict[str, str]:
    """The lines of each service, by its name."""
    parts = re.split(r"^  (\w+):$", COMPOSE.split("\nservices:\n")[1].split("\nsecrets:\n")[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_a_container_knows_the_passwords_it_needs_and_no_others() -> None:
    given = {
        name: set(re.findall(r"\w+_password", found[1])) if (found := re.search(r"secrets: \[(.*)\]", text)) else set()
        for name, text in services().items()
    }
    assert given["page"] == {"reader_password"}
    assert given["pipeline"] == {"reader_password", "consumer_password", "stream_password"}
    assert given["kafka"] == set()
    assert "PASSWORD}" not in COMPOSE
    for name, text in services().items():
        used = set(re.findall(r"/run/secrets/(\w+)", text + (COMPOSE.split("x-owner")[1] if "*owner" in text else "")))
        assert given[name] >= (used if "*owner" not in text else {"owner_password", "consumer_password"}), name


def test_passwords_are_drawn_once_for_this_user_alone(tmp_path: Path) -> None:
    (tmp_path / "secrets.sh").write_text((ROOT / "compose/secrets.sh").read_text())
    drawn: list[dict[str, str]] = []
    for _ in range(2):
        subprocess.run(["sh", str(tmp_path / "secrets.sh")], check=True)
        drawn.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    assert drawn[0] == drawn[1]
    declared = re.findall(r"file: compose/secrets/(\w+)", COMPOSE)
    assert sorted(drawn[0]) == sorted(declared)
    assert len(set(drawn[0].values())) == len(declared)
    assert all(re.fullmatch(r"[0-9a-f]{48}", value) for value in drawn[0].values())
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_the_first_start_makes_roles_that_can_log_in(administrator: str, tmp_path: Path) -> None:
    """What the image runs in a new cluster, in a transaction that is undone."""
    for role in ROLES:
        (tmp_path / f"{role}_password").write_text("it's secret\n")
    passwords = (ROOT / "compose/passwords.sql").read_text().replace("/run/secrets", str(tmp_path))
    script = f"BEGIN;\n{statements()}\n{passwords}\nROLLBACK;\n"
    done = subprocess.run(
        [str(postgres.binaries() / "psql"), "--no-psqlrc", "--set=ON_ERROR_STOP=1", administrator],
        input=script, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("ALTER ROLE") == len(ROLES) + 1
    assert all(f"ALTER ROLE {rolname(role)} PASSWORD" in script for role in ROLES)
