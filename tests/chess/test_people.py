"""Users and clients that are over, tokens by their times, networks that people choose from, and who is promoted."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import CheckViolation, ForeignKeyViolation, InsufficientPrivilege
from psycopg.sql import SQL, Identifier
from pydantic import ValidationError

from podium.settings import Settings
from schema.chess import DOMAIN
from schema.chess.keys import key_id
from tests.chess.lines import RUN, Line, decided, game, line, match, match_of, network, one, play, promoted, world
from tests.log import Log

ORDERS = [(0, 1, 2), (2, 1, 0), (0, 2, 1)]
HASHES = {name: name * 64 for name in "abcd"}


def issued(name: str, second: int = 0, **more: Any) -> Line:
    return line("token.issued", second, token=HASHES[name], issued_reason="manual", **more)


def token(name: str) -> int:
    return key_id("token", HASHES[name])


def anomalies(connection: Connection[Any]) -> list[str]:
    return [name for (name,) in connection.execute("SELECT anomaly FROM chess.anomalies ORDER BY 1")]


@pytest.mark.parametrize("table", ["users", "clients"])
def test_only_the_role_that_migrates_writes_to_what_is_over(
    kept: Settings, owner: Connection[Any], consumer: Connection[Any], table: str
) -> None:
    play(consumer, [line("user.imported", user_id=7, username="ana"), line("client.imported", client_id=8, user_id=7)])
    writes = [
        "INSERT INTO {} (id) VALUES (9)", "UPDATE {} SET id = 9", "DELETE FROM {}", "TRUNCATE {} CASCADE",
    ]  # fmt: skip
    name = Identifier("chess", table)
    owner.execute(SQL("GRANT INSERT, UPDATE, DELETE ON {} TO podium_reader, podium_consumer").format(name))
    owner.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA chess TO podium_reader, podium_consumer")
    with psycopg.connect(kept.postgres.dsn("reader"), autocommit=True) as reader:
        for connection, refused in ((reader, writes), (consumer, writes[1:])):
            for write in refused:
                with pytest.raises(InsufficientPrivilege, match=f"{table}: a legacy table is read-only"):
                    connection.execute(SQL(write).format(name))
    owner.execute("REVOKE TRUNCATE ON ALL TABLES IN SCHEMA chess FROM podium_reader, podium_consumer")
    owner.execute(SQL("REVOKE INSERT, UPDATE, DELETE ON {} FROM podium_reader").format(name))
    owner.execute(SQL("REVOKE DELETE ON {} FROM podium_consumer").format(name))
    assert one(owner, f"SELECT count(*) FROM chess.{table}") == 1
    owner.execute(SQL("INSERT INTO {} (id) VALUES (9)").format(name))
    owner.execute(SQL("DELETE FROM {} WHERE id = 9").format(name))


def test_a_legacy_row_comes_once_and_its_password_never(consumer: Connection[Any], owner: Connection[Any]) -> None:
    ana = line("user.imported", user_id=7, username="ana")
    play(consumer, [ana, ana, line("user.imported", user_id=7, username="eve")])
    assert owner.execute("SELECT id, username, password FROM chess.users").fetchall() == [(7, "ana", None)]
    assert one(consumer, "SELECT count(*) FROM ledger.dead") == 1
    with pytest.raises(ValidationError):
        Log((DOMAIN,)).append(line("user.imported", user_id=8, password="hunter2"))


@pytest.mark.parametrize("order", ORDERS)
def test_a_token_is_valid_between_two_times(consumer: Connection[Any], order: tuple[int, ...]) -> None:
    ends = [
        line("token.rotated", 100, token=HASHES["a"], grace_seconds=3600),
        line("token.revoked", 200, token=HASHES["b"], revoked_reason="leaked"),
        line("token.revoked", 300, token=HASHES["a"]),
    ]
    begun = [
        issued("a"),
        issued("b", expires_at="2026-03-01T12:00:00Z"),
        issued("c", expires_at="2026-03-01T11:00:00Z"),
    ]
    play(consumer, [*begun, issued("d", 100, rotated_from=token("a")), *(ends[n] for n in order)])
    rows = consumer.execute(
        "SELECT left(v.token, 1), status, extract(epoch FROM valid_until - '2026-03-01T10:00:00Z')::integer"
        " FROM chess.token_validity v JOIN chess.auth_tokens t USING (id) ORDER BY 1"
    ).fetchall()
    assert rows == [("a", "REVOKED", 300), ("b", "REVOKED", 200), ("c", "ISSUED", 3600), ("d", "ISSUED", None)]


@pytest.mark.parametrize("wrong", [{"token": "lc0-" + "9f" * 32}, {"token": None}])
def test_a_token_in_clear_is_nowhere(consumer: Connection[Any], owner: Connection[Any], wrong: Line) -> None:
    with pytest.raises(ValidationError):
        Log((DOMAIN,)).append(line("token.issued", issued_reason="manual", **wrong))
    with pytest.raises(CheckViolation):
        owner.execute("INSERT INTO chess.auth_tokens (token) VALUES (%(token)s)", wrong)
    with pytest.raises(ValidationError):
        Log((DOMAIN,)).append(line("token.rotated", token=HASHES["a"], grace_seconds=86_401))


def test_parts_taken_out_of_their_time_are_seen_whatever_came_first(consumer: Connection[Any]) -> None:
    def part(number: int, second: int, name: str, gpu: int) -> Line:
        ids = {"task_id": 10, "assignment_id": number, "assigned_token_id": token(name), "gpu_id": gpu}
        return line("task.assigned", second, **ids)

    parts = [part(1, 50, "a", 0), part(2, 150, "a", 1), part(3, 60, "b", 0), part(4, 70, "b", 0)]
    tokens = [issued("a"), issued("b"), line("token.revoked", 100, token=HASHES["a"])]
    late = line("assignment.heartbeat", 90, task_id=10, assignment_id=3)
    play(consumer, [*world(), *parts], [*tokens, late, line("assignment.heartbeat", 65, task_id=10, assignment_id=3)])
    assert anomalies(consumer) == [
        "token was not valid when it took a part",
        "two active parts of one token and device",
    ]
    beat = "SELECT extract(second FROM last_heartbeat_at)::integer FROM chess.task_assignments WHERE assignment_id = 3"
    assert one(consumer, beat) == 30, "ninety seconds after ten: the greatest time stays"


def test_people_choose_from_marked_networks(consumer: Connection[Any], owner: Connection[Any]) -> None:
    def mark(network_id: int, kind: str, by: str, second: int = 0, **more: Any) -> Line:
        return line("network.marked", second, network_id=network_id, kind=kind, set_by=by, **more)

    marks = [mark(2, "APPROVED", "mod"), mark(3, "DEV_UPLOAD", "cleo"), mark(4, "DEV_UPLOAD", "dan")]
    back = [mark(5, "RELEASE", "mod"), mark(5, "RELEASE", "mod", 9, marked=False)]
    play(consumer, [*world(5), network(6, anchor=True, elo=3000.0), *marks, *back])
    chosen = "SELECT array_agg(n ORDER BY n) FROM chess.selectable_networks(%s) n"
    assert one(owner, chosen, ["cleo"]) == [1, 2, 3, 6]
    assert one(owner, chosen, ["eve"]) == [1, 2, 6]
    with pytest.raises(ForeignKeyViolation):
        owner.execute("DELETE FROM chess.networks WHERE id = 2")


def test_weights_are_one_network_however_often_they_come(consumer: Connection[Any]) -> None:
    def uploaded(**more: Any) -> Line:
        return line("network.uploaded", sha="5" * 64, training_run_id=RUN, **more)

    numbered = [network(1, network_number=1), network(2, network_number=4), network(3, network_number=4)]
    run = line("training_run.registered", training_run_id=RUN, first_network_id=1)
    play(consumer, [*numbered, run, uploaded(network_number=2), uploaded(network_number=2), uploaded(network_number=9)])
    assert one(consumer, "SELECT id FROM chess.networks WHERE sha IS NOT NULL") == key_id("network", "5" * 64)
    assert one(consumer, "SELECT count(*) FROM ledger.dead") == 1
    assert one(consumer, "SELECT last_network FROM chess.training_runs") == 4
    assert anomalies(consumer) == ["network number given twice", "network number left out"]


def test_an_anchor_keeps_its_rating(consumer: Connection[Any], owner: Connection[Any]) -> None:
    rated = [line("network.rated", n, network_id=n, elo=1000.0 + n) for n in (2, 6)]
    play(consumer, [*world(), network(6, anchor=True, elo=3000.0), *rated])
    rows = consumer.execute("SELECT elo, elo_set FROM chess.networks WHERE id IN (2, 6) ORDER BY id").fetchall()
    assert rows == [(1002.0, True), (3000.0, False)]
    with pytest.raises(CheckViolation, match="anchor"):
        owner.execute("UPDATE chess.networks SET elo = 1 WHERE id = 6")
    with pytest.raises(CheckViolation):
        owner.execute("INSERT INTO chess.networks (id, elo_set) VALUES (7, true)")


def _best(connection: Connection[Any]) -> tuple[Any, ...]:
    row = connection.execute("SELECT best_network_id FROM chess.training_runs").fetchone()
    versions = connection.execute("SELECT network_id, version FROM chess.promotions ORDER BY 1").fetchall()
    assert one(connection, "SELECT best_network_id FROM chess.training_tasks") == (row or [None])[0]
    return ((row or [None])[0], *versions)


@pytest.mark.parametrize("order", ORDERS)
def test_promotion_is_compare_and_set_and_of_who_passed(consumer: Connection[Any], order: tuple[int, ...]) -> None:
    """Networks 2 and 3 both passed against 1, 4 failed against 2, 5 passed against 2; verdicts come when they like."""
    opponents = {2: 1, 3: 1, 4: 2, 5: 2}
    made = [match(own, against) for own, against in opponents.items()]
    games = [game(match_of(own), "a") for own in opponents]
    verdicts = [decided(match_of(own), "a", 1, "failed" if own == 4 else "passed", wins=1) for own in opponents]
    promotions = [promoted(own, against) for own, against in opponents.items()]
    parts = [[*made, *games], verdicts, promotions]
    play(consumer, world(5), *(parts[n] for n in order))
    assert _best(consumer) == (5, (2, 1), (3, None), (4, None), (5, 2))
    seen = set(anomalies(consumer))
    assert seen == {"promotion was stale", "match decided below its cap"}


def test_what_no_match_has_earned_is_not_promoted(consumer: Connection[Any], owner: Connection[Any]) -> None:
    won = [match(), game(match_of(), "a"), decided(match_of(), "a", 1, "passed", wins=1)]
    other = line("network.promoted", training_run_id=RUN, match_task_id=match_of(), network_id=3, expected_network_id=1)
    play(consumer, [*world(), *won, other])
    assert _best(consumer) == (1, (3, None))
    with pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("UPDATE chess.training_runs SET best_network_id = 3")
