"""What can happen to users, tokens, networks, runs and books, and the legacy rows as they are brought over."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from schema.chess import catalog
from schema.chess.keys import AnyId, Minted, Rating, Sha256, by
from schema.declare import Event, Furthest, Greatest, Latest, Lifecycle, Once, Register, happens
from schema.types import BigCount, Count, Name, Number, Text, Time, Whole

Version = Annotated[int, Field(ge=0, lt=2**31)]
Number32 = Annotated[int, Field(ge=-(2**31), lt=2**31)]

TOKEN = Lifecycle(
    "token",
    moves={"ISSUED": ("ROTATED", "REVOKED"), "ROTATED": ("REVOKED",), "REVOKED": ()},
    initial="ISSUED",
)


def _imported(name: str, table: Any, key: str, example: dict[str, Any], time: str | None = None):  # type: ignore[no-untyped-def]
    """A legacy row comes over once, under the id it has had all along."""
    return happens(
        name,
        family="catalog",
        key=(key,),
        lands=Once(table, renamed={"id": key}, omit=(key,), time=time),
        example={key: 7, **example},
    )


@_imported("user.imported.v1", catalog.users, "user_id", {"username": "ana", "assigned_training_run_id": 2})
class UserImported(Event):
    """A legacy user; the password stays behind."""

    user_id: Minted
    username: Text | None = None
    assigned_training_run_id: BigCount | None = None


@happens(
    "client.imported.v1",
    family="catalog",
    key=("client_id",),
    lands=Once(catalog.clients, renamed={"id": "client_id"}, omit=("client_id",)),
    example={"client_id": 8, "user_id": 7, "client_name": "rig7_0", "last_version": 34, "gpu_name": "RTX 4090"},
)
class ClientImported(Event):
    """A legacy client."""

    client_id: Minted
    user_id: Minted | None = None
    client_name: Text | None = None
    last_version: BigCount | None = None
    last_engine_version: Text | None = None
    last_game_at: Time | None = None
    gpu_name: Text | None = None


class _Network(Event):
    training_run_id: AnyId | None = None
    network_number: BigCount | None = None
    path: Text | None = None
    layers: Count | None = None
    filters: Count | None = None
    elo: Rating | None = None
    anchor: bool = False
    elo_set: bool = False
    uploaded_by: Name | None = None


_NETWORK = {"training_run_id": 3, "network_number": 12, "path": "networks/ab", "layers": 20, "filters": 256}


@happens(
    "network.uploaded.v1",
    family="catalog",
    key=("sha",),
    lands=Once(catalog.networks, time="created_at", derived={"id": by("network", "sha")}),
    example={"sha": "ab" * 32, **_NETWORK},
)
class NetworkUploaded(_Network):
    """Weights came in, known by the SHA-256 of what they are uncompressed; the id is `keys.key_id` of that."""

    sha: Sha256


@happens(
    "network.imported.v1",
    family="catalog",
    key=("network_id",),
    lands=Once(catalog.networks, time="created_at", renamed={"id": "network_id"}, omit=("network_id",)),
    example={"network_id": 12, "sha": "cd" * 32, **_NETWORK, "elo": 3120.5, "elo_set": True},
)
class NetworkImported(_Network):
    """A legacy network, under the id it has had all along."""

    network_id: Minted
    sha: Sha256 | None = None


@happens(
    "network.rated.v1",
    family="catalog",
    key=("network_id",),
    lands=Register(
        catalog.networks,
        creates=False,
        renamed={"id": "network_id"},
        omit=("network_id",),
        values={"elo_set": True},
        merges=(Latest(("elo", "elo_set")),),
    ),
    example={"network_id": 12, "elo": 3125.0},
)
class NetworkRated(Event):
    """The offline rating job has rated a network; an anchor keeps what it has."""

    network_id: AnyId
    elo: Rating


@happens(
    "network.marked.v1",
    family="catalog",
    key=("network_id", "kind"),
    lands=Register(catalog.network_marks, time="set_at", merges=(Latest(("marked", "set_by", "set_at")),)),
    example={"network_id": 12, "kind": "APPROVED", "marked": True, "set_by": "mod"},
)
class NetworkMarked(Event):
    """A network was singled out for people to choose from, or the mark was taken back."""

    network_id: AnyId
    kind: Literal["RELEASE", "DEV_UPLOAD", "APPROVED"]
    marked: bool = True
    set_by: Name


_RUN = (
    "description", "train_parameters", "match_parameters", "train_book", "match_book", "active", "permission_expr",
    "multi_net_mode",
)  # fmt: skip


@happens(
    "training_run.registered.v1",
    family="catalog",
    key=("training_run_id",),
    lands=Register(
        catalog.training_runs,
        renamed={"id": "training_run_id"},
        omit=("training_run_id",),
        merges=(Latest(_RUN),),
    ),
    example={"training_run_id": 3, "description": "third run", "train_parameters": '["--visits=800"]', "active": True},
)
class TrainingRunRegistered(Event):
    """A training run was set up, or described anew; its first best network never changes."""

    training_run_id: Minted
    description: Text | None = None
    train_parameters: Text | None = None
    match_parameters: Text | None = None
    train_book: Text | None = None
    match_book: Text | None = None
    active: bool = True
    permission_expr: Text | None = None
    multi_net_mode: bool = False
    first_network_id: AnyId | None = None


@_imported("match.imported.v1", catalog.matches, "match_id", {"candidate_id": 12, "current_best_id": 11, "wins": 172})
class MatchImported(Event):
    """A legacy match as the old server left it; its counts may exceed its games."""

    match_id: Minted
    training_run_id: Minted | None = None
    parameters: Text | None = None
    candidate_id: Minted | None = None
    current_best_id: Minted | None = None
    games_created: Count | None = None
    wins: Count | None = None
    losses: Count | None = None
    draws: Count | None = None
    game_cap: Count | None = None
    done: bool | None = None
    passed: bool | None = None
    test_only: bool | None = None
    special_params: bool | None = None
    target_slice: Count | None = None


@_imported(
    "match_game.imported.v1",
    catalog.match_games,
    "match_game_id",
    {"match_id": 5, "user_id": 7, "result": -1, "done": True, "flip": True},
    time="created_at",
)
class MatchGameImported(Event):
    """A legacy game of a match, with its text."""

    match_game_id: Minted
    user_id: BigCount | None = None
    match_id: Minted | None = None
    version: BigCount | None = None
    pgn: Text | None = None
    result: Annotated[Literal[-1, 0, 1], Whole] | None = None
    done: bool | None = None
    flip: bool | None = None
    engine_version: Text | None = None


@_imported(
    "training_game.recorded.v1",
    catalog.training_games,
    "training_game_id",
    {"user_id": 7, "client_id": 8, "training_run_id": 3, "network_id": 12, "game_number": 100},
    time="created_at",
)
class TrainingGameRecorded(Event):
    """A game of self-play is there to train with."""

    training_game_id: Minted
    user_id: Minted | None = None
    client_id: Minted | None = None
    training_run_id: Minted | None = None
    network_id: AnyId | None = None
    game_number: BigCount | None = None
    version: BigCount | None = None
    compacted: bool | None = None
    engine_version: Text | None = None
    resign_fp_threshold: Number | None = None


@_imported("server_data.imported.v1", catalog.server_data, "server_data_id", {"training_pgn_uploaded": 41})
class ServerDataImported(Event):
    """A legacy row of unknown purpose: probably how far games were packed."""

    server_data_id: Minted
    training_pgn_uploaded: Number32 | None = None


_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@happens(
    "token.issued.v1",
    family="catalog",
    key=("token",),
    lands=Once(
        catalog.auth_tokens,
        derived={"id": by("token", "token")},
        values={"status": "ISSUED"},
        time=("created_at", "updated_at"),
    ),
    example={"token": _HASH, "prefix": "lc0-9f86", "user_id": 7, "issued_reason": "migrated_credentials", "gpu_id": 0},
)
class TokenIssued(Event):
    """A client may identify itself by a token, of which only the SHA-256 is ever told; no user: anonymous."""

    token: Sha256
    prefix: Annotated[Text, Field(max_length=8)] | None = None
    user_id: AnyId | None = None
    issuer: Name | None = None
    subject: Name | None = None
    issued_reason: Literal["anonymous", "migrated_credentials", "django_auth", "manual", "rotated"]
    expires_at: Time | None = None
    rotated_from: AnyId | None = None
    client_version: Text | None = None
    client_host: Text | None = None
    gpu_type: Text | None = None
    gpu_id: Count | None = None


@happens(
    "token.used.v1",
    family="catalog",
    key=("token",),
    lands=Register(
        catalog.auth_tokens,
        creates=False,
        time=("updated_at", "last_used_at"),
        merges=(
            Greatest("last_used_at", moves=("client_version", "client_host", "gpu_type", "gpu_id")),
            Greatest("updated_at"),
        ),
    ),
    example={"token": _HASH, "client_version": "34", "client_host": "rig7", "gpu_type": "RTX 4090", "gpu_id": 0},
)
class TokenUsed(Event):
    """A client came with its token, and says what it runs on."""

    token: Sha256
    client_version: Text | None = None
    client_host: Text | None = None
    gpu_type: Text | None = None
    gpu_id: Count | None = None


def _token_ended(name: str, state: str, **example: Any):  # type: ignore[no-untyped-def]
    return happens(
        name,
        family="catalog",
        key=("token",),
        lands=Register(
            catalog.auth_tokens,
            creates=False,
            time=("updated_at", "revoked_at"),
            values={"grace_seconds": 0},
            merges=(
                Furthest(TOKEN, state, "status", moves=("revoked_at", "grace_seconds", "revoked_reason")),
                Greatest("updated_at"),
            ),
        ),
        example={"token": _HASH, **example},
    )


@_token_ended("token.rotated.v1", "ROTATED", grace_seconds=3600, revoked_reason="rotated")
class TokenRotated(Event):
    """Another token takes the place of this one, which stays valid for a while: a day at most."""

    token: Sha256
    grace_seconds: Annotated[int, Field(ge=0, le=86_400)] = 86_400
    revoked_reason: Text = "rotated"


@_token_ended("token.revoked.v1", "REVOKED", revoked_reason="leaked")
class TokenRevoked(Event):
    """The token is not valid from now on."""

    token: Sha256
    revoked_reason: Text = ""


@happens(
    "book.registered.v1",
    family="catalog",
    key=("sha256",),
    lands=Register(
        catalog.books,
        derived={"id": by("book", "sha256")},
        time=("created_at", "updated_at"),
        merges=(Latest(("url", "size_bytes", "format")), Greatest("updated_at")),
    ),
    example={"sha256": "ef" * 32, "url": "https://books.example/8moves.pgn", "size_bytes": 1843200, "format": "pgn"},
)
class BookRegistered(Event):
    """An opening book is known by its bytes and found at a url; its id is `keys.key_id` of the hash."""

    sha256: Sha256
    url: Name
    size_bytes: Annotated[BigCount, Field(ge=1)]
    format: Literal["pgn", "epd"]
