"""No secret is shown: by the names of settings, by the shapes of values, and when they cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from podium.cli.main import _flags
from podium.secret import STARS, shown
from podium.settings import Postgres, SettingsInvalid, load, origins

WORD = "Secret9xyz"
SECRET_PROPERTIES = (
    "sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "ssl.certificate.pem", "ssl.ca.pem",
    "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.extensions", "sasl.jaas.config",
    "sasl.oauthbearer.assertion.private.key.pem", "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.kerberos.kinit.cmd", "https.ca.pem", "schema.registry.basic.auth.credentials", "my.api.token", "x.secret",
)  # fmt: skip
HARMLESS_PROPERTIES = {
    "sasl.username": "me", "ssl.key.location": "/etc/key.pem", "ssl.keystore.location": "/etc/k.p12",
    "security.protocol": "SASL_SSL", "sasl.mechanisms": "SCRAM-SHA-512", "socket.timeout.ms": "1000",
    "enable.ssl.certificate.verification": "true", "message.max.bytes": "100",
}  # fmt: skip
SHAPES = (
    "https://me:{}@mirror.example/maven", "https://{}@mirror.example/", "http://a/b?token={}&c=d", "a,b?password={}",
    "//x?X-Signature={}", "principal=me secret={} scope=x", "https://u:p{}@h/", "-----BEGIN PRIVATE KEY-----\n{}\n",
    "postgresql://a:{}@h/d", "host=a password='{} b'", "client_secret = {}", "https://h/?api_key={}",
)  # fmt: skip
SOME = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without any setting."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", SECRET_PROPERTIES)
def test_properties_that_hold_secrets_are_stars(name: str) -> None:
    for each in origins({f"kafka.properties.{name}": f"before {WORD} after"}):
        assert WORD not in each.value
    assert shown(name, SecretStr(WORD)) == STARS


def test_other_properties_are_told() -> None:
    told = {
        each.key: each.value for each in origins({f"kafka.properties.{k}": v for k, v in HARMLESS_PROPERTIES.items()})
    }
    assert {name: told[f"kafka.properties.{name}"] for name in HARMLESS_PROPERTIES} == HARMLESS_PROPERTIES


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("key", ["maven.mirror", "kafka.bootstrap", "kafka.properties.client.id", "home", "domains"])
def test_a_secret_shows_in_no_value_of_a_telling_shape(key: str, shape: str) -> None:
    value = shape.format(WORD)
    if key == "domains":
        value = value.replace(" ", "")
    assert shown(key.rpartition(".")[2], SecretStr(value)) != value
    assert all(WORD not in each.value for each in origins({key: value} if key != "home" else {}))


@SOME
@given(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=8), st.sampled_from(SHAPES))
def test_whatever_the_secret(word: str, shape: str) -> None:
    value = shown("mirror", shape.format(f"S{word}"))
    assert f"S{word}" not in value


@SOME
@given(st.sampled_from(["pre.", "my_", ""]), st.sampled_from(["password", "SECRET", "Passphrase", "token"]), st.text())
def test_whatever_the_name(before: str, word: str, value: str) -> None:
    assert shown(f"{before}{word}", SecretStr(value)) == (STARS if value else "")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://a:p%zz{WORD}@h/d", f"postgresql://a:{WORD}@h:port/d", f"host=h password='{WORD}", WORD,
        f"postgresql://a:x@h/d?{WORD}", f"postgres://a:{WORD}@[::1/d",
        f"postgresql://a:x@{WORD}@h/d", f"postgresql://a:1/{WORD}@h/d", f"postgresql://a:x#{WORD}@h/d",
        f"postgresql://a:x?{WORD}@h/d",
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["url", "consumer_url", "stream_url", "reader_url"])
def test_a_malformed_url_is_refused_without_a_part_of_it(field: str, url: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load({f"postgres.{field}": url})
    assert f"postgres.{field} (flag)" in str(refused.value)
    assert WORD not in str(refused.value)
    assert "%25" in str(refused.value)


def test_a_malformed_variable_or_flag_shows_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_KAFKA__PROPERTIES", f'{{"sasl.password": "{WORD}"')
    with pytest.raises(SettingsInvalid) as refused:
        load()
    assert WORD not in str(refused.value)
    for flag in (f"kafka.properties.sasl.password:{WORD}", f"kafka.properties.sasl.password {WORD}"):
        with pytest.raises(SettingsInvalid) as refused:
            _flags(None, [flag])
        assert WORD not in str(refused.value)
        assert "kafka.properties.sasl.password" in str(refused.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_secrets_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    (tmp_path / "reader").write_text(f"it's @ {WORD}/%{end}", newline="")
    (tmp_path / "sasl").write_text(f"lion{end}", newline="")
    monkeypatch.setenv("PODIUM_POSTGRES__URL", "postgresql://podium_owner@h/d")
    monkeypatch.setenv("PODIUM_POSTGRES__READER_URL", "postgresql://podium_reader@h/d?connect_timeout=3")
    monkeypatch.setenv("PODIUM_POSTGRES__READER_PASSWORD_FILE", str(tmp_path / "reader"))
    monkeypatch.setenv("PODIUM_KAFKA__PROPERTIES__SASL.PASSWORD_FILE", str(tmp_path / "sasl"))
    found = load()
    read = conninfo_to_dict(found.postgres.dsn("reader"))
    assert (read["user"], read["password"], read["connect_timeout"]) == ("podium_reader", f"it's @ {WORD}/%", "3")
    assert "password" not in conninfo_to_dict(found.postgres.dsn("owner"))
    assert conninfo_to_dict(found.postgres.at("other").dsn("reader"))["dbname"] == "other"
    assert found.kafka.client()["sasl.password"] == "lion"
    assert all(WORD not in str(each) and "lion" not in str(each) for each in origins())


def test_a_role_without_a_url_has_the_owners_password() -> None:
    postgres = Postgres(url=SecretStr("postgresql://a@h/d"), password=SecretStr("p"), reader_password=SecretStr("q"))
    assert conninfo_to_dict(postgres.dsn("reader"))["password"] == "p"


def test_a_password_in_the_url_wins() -> None:
    postgres = Postgres(url=SecretStr("postgresql://a:own@h/d"), password=SecretStr("p"))
    assert conninfo_to_dict(postgres.dsn())["password"] == "own"


@pytest.mark.parametrize(
    ("twice", "path", "said"),
    [(False, "missing", "No such file"), (False, ".", "Is a directory"), (True, "there", "are both set")],
)
def test_a_file_that_cannot_be_taken_is_named(
    twice: bool, path: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").write_text(WORD)
    monkeypatch.setenv("PODIUM_POSTGRES__PASSWORD_FILE", str(tmp_path / path))
    if twice:
        monkeypatch.setenv("PODIUM_POSTGRES__PASSWORD", WORD)
    with pytest.raises(SettingsInvalid, match=re.escape(said)) as refused:
        load()
    assert "PODIUM_POSTGRES__PASSWORD" in str(refused.value)
    assert WORD not in str(refused.value)
