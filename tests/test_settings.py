"""Settings: which layer wins, what is refused, what is never shown."""

import re
from pathlib import Path

import pytest

from podium.settings import Postgres, SettingsInvalid, load, origins


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder and a user's folder without any setting."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return project


def user_file() -> Path:
    """The user's configuration file, made together with its folder."""
    from podium import settings

    path = settings.user_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def origin_of(key: str, flags: dict[str, object] | None = None) -> tuple[str, str]:
    """Shown value and origin of a setting."""
    return next((each.value, each.origin) for each in origins(flags) if each.key == key)


def test_each_layer_beats_the_next(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert origin_of("web.port") == ("8321", "default")
    user_file().write_text("[web]\nport = 1\n")
    assert origin_of("web.port") == ("1", str(user_file()))
    (alone / "podium.toml").write_text("[web]\nport = 2\n")
    assert origin_of("web.port") == ("2", str(alone / "podium.toml"))
    (alone / ".env").write_text("PODIUM_WEB__PORT=3\nSOMETHING_ELSE=x\n")
    assert origin_of("web.port") == ("3", str(alone / ".env"))
    monkeypatch.setenv("PODIUM_WEB__PORT", "4")
    assert origin_of("web.port") == ("4", "environment")
    assert origin_of("web.port", {"web.port": "5"}) == ("5", "flag")
    assert load({"web.port": "5"}).web.port == 5


def test_layers_are_merged_key_by_key(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (alone / "podium.toml").write_text('[kafka]\nnamespace = "a."\n[kafka.properties]\n"ssl.ca.location" = "x"\n')
    monkeypatch.setenv("PODIUM_KAFKA__BOOTSTRAP", "host:9092")
    kafka = load({"kafka.properties.socket.keepalive.enable": True}).kafka
    assert kafka.client(group_id="g") == {
        "bootstrap.servers": "host:9092",
        "ssl.ca.location": "x",
        "socket.keepalive.enable": "true",
        "log_level": 3,
        "group.id": "g",
    }
    assert kafka.named("evaluation.jobs") == "a.evaluation.jobs"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PODIUM_KAFKA__BOOTSTRP", "x", "kafka.bootstrp (environment): no such setting"),
        ("PODIUM_KAFAK__BOOTSTRAP", "x", "Did you mean PODIUM_KAFKA?"),
        ("PODIUM_WEB__PORT", "http", "web.port (environment): Input should be a valid integer"),
        ("PODIUM_WEB__PORT", "70000", "web.port (environment)"),
        ("PODIUM_KAFKA__NAMESPACE", "no dot", "kafka.namespace (environment)"),
        ("PODIUM_LOG__LEVEL", "loud", "log.level (environment)"),
    ],
)
def test_what_cannot_be_used_is_refused(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=re.escape(said)):
        load()


def test_files_are_refused_with_their_name(alone: Path) -> None:
    (alone / "podium.toml").write_text("[web]\ncolour = 'red'\n")
    with pytest.raises(SettingsInvalid, match=re.escape(f"web.colour ({alone / 'podium.toml'}): no such setting")):
        load()
    (alone / "podium.toml").write_text("[web\n")
    with pytest.raises(SettingsInvalid, match="not valid TOML"):
        load()


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_POSTGRES__URL", "postgresql://me:tiger@host/db")
    monkeypatch.setenv("PODIUM_KAFKA__PROPERTIES", '{"sasl.password": "lion", "sasl.username": "me"}')
    settings = load()
    shown = [str(each) for each in origins()]
    for text in (repr(settings), str(settings), settings.model_dump_json(), *shown):
        assert "tiger" not in text
        assert "lion" not in text
    assert origin_of("kafka.properties.sasl.username") == ("me", "environment")
    assert settings.kafka.client()["sasl.password"] == "lion"


def test_a_bad_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_POSTGRES__URL", "tiger")
    monkeypatch.setenv("PODIUM_WEB__PORT", "x")
    with pytest.raises(SettingsInvalid) as refused:
        load()
    assert "tiger" not in str(refused.value)


def test_roles_fall_back_to_the_owner() -> None:
    postgres = load({"postgres.url": "postgresql://o@h/d", "postgres.stream_url": "postgresql://s@h/d"}).postgres
    assert [postgres.dsn(role) for role in ("owner", "consumer", "stream", "reader")] == [
        "postgresql://o@h/d",
        "postgresql://o@h/d",
        "postgresql://s@h/d",
        "postgresql://o@h/d",
    ]


@pytest.mark.parametrize(
    ("dsn", "moved"),
    [
        ("postgresql://u:p%40@h:5/d?sslmode=require", "postgresql://u:p%40@h:5/new%20one?sslmode=require"),
        ("postgresql://u@/d?host=%2Frun%2Fpg&port=7", "postgresql://u@/new%20one?host=%2Frun%2Fpg&port=7"),
        ("host=h user=u dbname=d", "user=u dbname='new one' host=h"),
    ],
)
def test_another_database_of_the_same_server(dsn: str, moved: str) -> None:
    assert Postgres.model_validate({"url": dsn}).at("new one").dsn() == moved


def test_folders_are_absolute_and_lists_are_words(alone: Path) -> None:
    settings = load({"home": "here", "domains": "chess, evaluation"})
    assert settings.home == alone / "here"
    assert settings.domains == ("chess", "evaluation")
