"""Every setting, once: flags over environment over .env over ./podium.toml over the user's file."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from urllib.parse import quote, urlsplit

import platformdirs
from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from podium import secret
from podium.errors import Problem

Role = Literal["owner", "consumer", "stream", "reader"]
ROLES: tuple[Role, ...] = ("owner", "consumer", "stream", "reader")
DATABASE = "podium"
ERRORS = 3
"""Log level of librdkafka: what it tries again is not worth a line, and what it gives up is raised."""

PREFIX = "PODIUM_"
NAMESPACE = r"^([a-z0-9][a-z0-9-]*\.)?$"


def rolname(role: Role) -> str:
    """The name of a role in the cluster."""
    return f"podium_{role}"


class SettingsInvalid(Problem):
    """A setting is unknown or has a value that cannot be used."""

    code = "PD001"
    exit_code = 2


def _as_property(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else value


def _split(value: object) -> object:
    return tuple(filter(None, value.replace(",", " ").split())) if isinstance(value, str) else value


def _absolute(value: object) -> object:
    return Path(value).expanduser().absolute() if isinstance(value, str | Path) else value


Property = Annotated[SecretStr, BeforeValidator(_as_property)]
Folder = Annotated[Path, BeforeValidator(_absolute), Field(validate_default=True)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Url = Annotated[SecretStr, AfterValidator(secret.connection_string)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A group of settings; immutable, and strict about its names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kafka(Section):
    """Where the log is."""

    bootstrap: str = Field("", description="host:port,... of a Kafka of one's own; empty: the embedded broker")
    namespace: str = Field("", pattern=NAMESPACE, description="put before every topic, group and transactional id")
    properties: dict[str, Property] = Field(
        default_factory=dict,
        description="further librdkafka properties (security, timeouts) for every client",
    )
    replicas: int | None = Field(None, ge=1, description="replicas of each partition of new topics, and as verified")
    in_sync_min: int | None = Field(None, ge=1, description="min.insync.replicas of every topic; unset: the broker's")

    def client(self, **properties: str | int | float | bool) -> dict[str, str | int | float | bool]:
        """Configuration for a librdkafka client: common properties, then those given (`_` means a dot)."""
        common = {name: value.get_secret_value() for name, value in self.properties.items()}
        own = {name.replace("_", "."): value for name, value in properties.items()}
        return {"bootstrap.servers": self.bootstrap, "log_level": ERRORS, **common, **own}

    def named(self, name: str) -> str:
        """The name of a topic, group or transactional id in the namespace of this installation."""
        return self.namespace + name


class Postgres(Section):
    """Where the tables are: one URL a role; a role without one uses the owner's."""

    url: Url = Field(SecretStr(""), description="URL of the owner of the database; empty: the embedded server")
    consumer_url: Url = Field(
        SecretStr(""), description="URL of podium_consumer; empty: the owner's, if that is an administrator's"
    )
    stream_url: Url = Field(SecretStr(""), description="URL for the streams; empty: the owner's")
    reader_url: Url = Field(SecretStr(""), description="URL for the web page and the command line; empty: the owner's")
    password: SecretStr = Field(SecretStr(""), description="password for `url`, where that names none")
    consumer_password: SecretStr = Field(SecretStr(""), description="the same for `consumer_url`")
    stream_password: SecretStr = Field(SecretStr(""), description="the same for `stream_url`")
    reader_password: SecretStr = Field(SecretStr(""), description="the same for `reader_url`")

    def dsn(self, role: Role = "owner") -> str:
        """Connection string of a role, in the form that libpq takes. Contains a password: not for logs."""
        prefix = "" if role == "owner" or not getattr(self, f"{role}_url").get_secret_value() else f"{role}_"
        url, password = (getattr(self, f"{prefix}{name}").get_secret_value() for name in ("url", "password"))
        return secret.with_password(url, password) if password else str(url)

    def at(self, database: str) -> "Postgres":
        """The same roles on the same server, in another database."""
        fields = {f"{role}_url" if role != "owner" else "url": self.dsn(role) for role in ROLES}
        return Postgres.model_validate({field: _in_database(dsn, database) for field, dsn in fields.items()})


def _in_database(dsn: str, database: str) -> str:
    if dsn.startswith(("postgresql://", "postgres://")):
        return urlsplit(dsn)._replace(path=f"/{quote(database, safe='')}").geturl()
    from psycopg.conninfo import make_conninfo

    return make_conninfo(dsn, dbname=database)


class Consumers(Section):
    """What the consumers allow themselves."""

    batch_records_max: int = Field(8_000, ge=1, le=100_000, description="records in one transaction")
    dead_share_max: float = Field(
        0.5, gt=0, le=1, description="share of dead letters among a topic's last records that stops the consumer"
    )
    asynchronous_commit: bool = Field(True, description="do not wait for the disk: what a crash takes is in the log")


class Web(Section):
    """Where the page is served."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: Port = Field(8321, description="port to listen on; 0: any free one")
    cors_origins: str = Field(
        "", description="origins whose scripts may read the page, by commas, or *; empty: none but its own"
    )
    recompute: bool = Field(
        False,
        description="recompute boards of which no snapshot fits a time: takes the owner's URL and a scratch database",
    )
    recompute_records_max: int = Field(500_000, ge=1, description="records of the log the page reads for one board")
    recompute_seconds_max: float = Field(60.0, gt=0, description="how long the page lets one recomputation take")


class Rebuild(Section):
    """What recomputing from the log begins with."""

    base: Annotated[Path | None, BeforeValidator(lambda value: _absolute(value) if value else None)] = Field(
        None, description="folder of an export: whatever recomputes reads only what came after it; unset: from offset 0"
    )


class Health(Section):
    """Where a process without a page tells how it is."""

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 lets other machines probe and scrape")
    port: Port | None = Field(None, description="port for /livez, /readyz, /metrics; 0: any free one; unset: none")


class Maven(Section):
    """Where the jars of the embedded broker come from."""

    mirror: str = Field("", description="URL of a Maven repository; empty: the public one")
    cache: Folder = Field(
        default_factory=lambda: platformdirs.user_cache_path("podium") / "maven",
        description="where jars are kept",
    )


class Log(Section):
    """What the processes write about themselves."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity written")
    form: Literal["auto", "human", "json"] = Field("auto", description="auto: for people on a terminal, else JSON")


class Settings(BaseSettings):
    """All settings of a process. Frozen: a changed copy comes from `model_copy`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Folder = Field(Path(".podium"), description="folder of the embedded services: data, ports, passwords, logs")
    domains: Words = Field((), description="domains to run; empty: all")
    start_seconds_max: float = Field(90.0, gt=0, description="how long a service may take to start or stop")
    memory_mb: int = Field(512, ge=256, description="heap of the embedded broker")
    kafka: Kafka = Kafka()
    postgres: Postgres = Postgres()
    consumers: Consumers = Consumers()
    rebuild: Rebuild = Rebuild()
    web: Web = Web()
    health: Health = Health()
    maven: Maven = Maven()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given: `load` reads the layers itself, so that each value's origin is known."""
        return (init_settings,)


class Layer(NamedTuple):
    """Values from one place; `values` is nested like the settings."""

    origin: str
    values: dict[str, Any]


class Origin(NamedTuple):
    """Where one value came from; `value` is masked if secret."""

    key: str
    value: str
    origin: str


class _Environment(EnvSettingsSource):
    """Environment variables, or any mapping that looks like them."""

    variables: ClassVar[Mapping[str, str | None]]

    @classmethod
    def read(cls, origin: str, variables: Mapping[str, str | None]) -> Layer:
        """Raises SettingsInvalid for a variable of ours that names no setting, or a file that cannot be read."""
        try:
            ours = {name.lower(): value for name, value in secret.read_files(variables, PREFIX).items()}
        except ValueError as error:
            raise SettingsInvalid(f"{origin}: {error}", "Name a file that this user may read.") from None
        known = {PREFIX.lower() + name for name in Settings.model_fields}
        for name in ours:
            if name.split("__")[0] not in known:
                raise SettingsInvalid(f"{origin}: {name.upper()} is not a setting", _nearest(name, known))
        source = type("_Source", (cls,), {"variables": ours})(Settings)
        try:
            return Layer(origin, source())
        except SettingsError as error:
            raise SettingsInvalid(f"{origin}: {error}", "A group of settings is a JSON object.") from None

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self.variables


def _nearest(name: str, known: set[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.split("__")[0], known, n=1)
    return f"Did you mean {close[0].upper()}?" if close else "`podium config show` lists every setting."


def user_file() -> Path:
    """The user's own configuration file, whether it exists or not."""
    return platformdirs.user_config_path("podium") / "podium.toml"


def nested(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """`{"kafka.bootstrap": x}` becomes `{"kafka": {"bootstrap": x}}`; property names keep their own dots."""
    tree: dict[str, Any] = {}
    for key, value in pairs.items():
        *path, last = key.split(".", 2 if key.startswith("kafka.properties.") else -1)
        at = tree
        for step in path:
            at = at.setdefault(step, {})
        at[last] = value
    return tree


def layers(flags: Mapping[str, Any] | None = None, folder: Path | None = None) -> list[Layer]:
    """All layers, strongest first; `flags` by dotted key. Raises SettingsInvalid."""
    folder = folder or Path.cwd()
    dotenv, project, user = folder / ".env", folder / "podium.toml", user_file()
    found = [Layer("flag", nested(flags or {})), _Environment.read("environment", os.environ)]
    if dotenv.is_file():
        found.append(_Environment.read(str(dotenv), dotenv_values(dotenv)))
    for path in (project, user):
        if path.is_file():
            found.append(_toml(path))
    return found


def _toml(path: Path) -> Layer:
    try:
        return Layer(str(path), TomlConfigSettingsSource(Settings, path)())
    except ValueError as error:
        raise SettingsInvalid(f"{path} is not valid TOML: {error}", "Correct the file.") from None


def load(flags: Mapping[str, Any] | None = None, folder: Path | None = None) -> Settings:
    """The settings of this process, from every layer. Raises SettingsInvalid, naming key and layer.

    `flags` maps dotted keys (`kafka.bootstrap`) to values; `folder` holds .env and podium.toml.
    """
    found = layers(flags, folder)
    merged: dict[str, Any] = {}
    for layer in reversed(found):
        merged = _merge(merged, layer.values)
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise SettingsInvalid(_explain(error, found), "`podium config show` lists every setting.") from None


def _merge(low: dict[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _explain(error: ValidationError, found: list[Layer]) -> str:
    lines = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        path = tuple(str(step) for step in fault["loc"])
        origin = next((layer.origin for layer in found if _reach(layer.values, path) is not None), "default")
        said = "no such setting" if fault["type"] == "extra_forbidden" else fault["msg"]
        lines.append(f"{'.'.join(path)} ({origin}): {said}")
    return "; ".join(lines)


def _reach(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    at: Any = values
    for step in path:
        if not isinstance(at, Mapping):
            return at
        at = at.get(step)
    return at


def origins(flags: Mapping[str, Any] | None = None, folder: Path | None = None) -> Iterator[Origin]:
    """Every setting with its value, masked if secret, and the layer that gave it."""
    found, settings = layers(flags, folder), load(flags, folder)
    for path, value in _leaves(settings, ()):
        origin = next((layer.origin for layer in found if _reach(layer.values, path) is not None), "default")
        yield Origin(".".join(path), secret.shown(path[-1], value), origin)


def _leaves(model: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*path, name))
        elif name == "properties":
            yield from (((*path, name, key), each) for key, each in value.items())
        else:
            yield (*path, name), value


def flat(settings: Settings) -> dict[str, str]:
    """Every setting by its dotted key, in words that `load` understands. Contains passwords."""
    found = {".".join(path): value for path, value in _leaves(settings, ())}
    return {key: _worded(value) for key, value in found.items() if value is not None}


def _worded(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return " ".join(value) if isinstance(value, tuple) else str(value)
