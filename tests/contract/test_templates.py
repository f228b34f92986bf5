"""The generated triggers on a domain that exists only here: what no domain of ours happens to use must hold too."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, RestrictViolation
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table

from podium.settings import Settings
from schema.ddl import drop, render
from schema.declare import (
    Domain,
    Event,
    Furthest,
    Latest,
    Lifecycle,
    Misdeclared,
    Once,
    Register,
    domain_metadata,
    happens,
    hot,
)
from schema.types import Id, Name

METADATA = domain_metadata("lending")
shelf = Table("shelf", METADATA, Column("shelf_id", Integer, primary_key=True), Column("name", String))
book = Table(
    "book",
    METADATA,
    Column("book_id", Integer, primary_key=True),
    Column("shelf_id", Integer),
    Column("next_shelf_id", Integer),
    Column("latest_time", String),
    Column("latest_id", String),
    Column("latest_digest", String),
    hot(["shelf_id"], shelf, ["shelf_id"]),
    hot(["next_shelf_id"], shelf, ["shelf_id"]),
)
loan = Table(
    "loan",
    METADATA,
    Column("book_id", Integer, nullable=False),
    Column("member", String, nullable=False),
    Column("order", String, nullable=False),
    PrimaryKeyConstraint("book_id", "member"),
    hot(["book_id"], book, ["book_id"]),
)
tally = Table("tally", METADATA, Column("shelf_id", Integer, primary_key=True), info={"derived": True})
LOAN = Lifecycle("loan", {"asked": ("lent", "refused"), "lent": ("back",), "refused": (), "back": ()}, initial="asked")


@happens("shelf.built.v1", family="catalog", key=("shelf_id",), lands=Once(shelf), example={"shelf_id": 1, "name": "a"})
class ShelfBuilt(Event):
    """A shelf is there."""

    shelf_id: Id
    name: Name


@happens(
    "book.placed.v1",
    family="catalog",
    key=("book_id",),
    lands=Register(book, merges=(Latest(("shelf_id", "next_shelf_id")),)),
    example={"book_id": 1, "shelf_id": 1, "next_shelf_id": 1},
)
class BookPlaced(Event):
    """A book stands on a shelf."""

    book_id: Id
    shelf_id: Id
    next_shelf_id: Id


@happens(
    "loan.asked.v1",
    family="jobs",
    key=("book_id", "member"),
    lands=Register(loan, merges=(Furthest(LOAN, "asked", "order"),)),
    example={"book_id": 1, "member": "ana"},
)
class LoanAsked(Event):
    """A member wants a book."""

    book_id: Id
    member: Name


def _domain(folder: Path, lifecycles: tuple[Lifecycle, ...] = (LOAN,)) -> Domain:
    models = (ShelfBuilt, BookPlaced, LoanAsked)
    return Domain("lending", folder, METADATA, models, lifecycles, secret={"loan": ("member",)})


@pytest.fixture
def db(database: Settings, tmp_path: Path) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.postgres.dsn("owner"), autocommit=True) as connection:
        connection.execute(render(_domain(tmp_path)).encode())
        connection.execute("INSERT INTO lending.shelf VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        connection.execute(
            "INSERT INTO lending.book (book_id, shelf_id, next_shelf_id) VALUES (1, 1, 2), (2, NULL, NULL)"
        )
        yield connection
        connection.execute(drop(_domain(tmp_path)).encode())


def test_the_domains_own_triggers_come_along(tmp_path: Path) -> None:
    (tmp_path / "triggers.sql").write_text("-- of its own", encoding="utf-8")
    assert "-- of its own" in render(_domain(tmp_path))


@pytest.mark.parametrize("column", ["shelf_id", "next_shelf_id"])
def test_a_hot_reference_is_checked_at_insert_and_update(db: psycopg.Connection, column: str) -> None:
    with pytest.raises(ForeignKeyViolation) as refused:
        db.execute(f"INSERT INTO lending.book (book_id, {column}) VALUES (3, 9)".encode())
    assert refused.value.diag.constraint_name == f"fk_book_{column}"
    with pytest.raises(ForeignKeyViolation):
        db.execute(f"UPDATE lending.book SET {column} = 9".encode())
    db.execute(f"UPDATE lending.book SET {column} = 3".encode())


@pytest.mark.parametrize("shelf_id", [1, 2])
def test_a_parent_stays_while_it_is_referred_to(db: psycopg.Connection, shelf_id: int) -> None:
    with pytest.raises(ForeignKeyViolation, match=r"lending\.book still refers"):
        db.execute("DELETE FROM lending.shelf WHERE shelf_id = %s", [shelf_id])
    with pytest.raises(RestrictViolation):
        db.execute("UPDATE lending.shelf SET shelf_id = 9 WHERE shelf_id = %s", [shelf_id])
    with pytest.raises((ForeignKeyViolation, psycopg.errors.FeatureNotSupported)):
        db.execute("TRUNCATE lending.shelf")
    db.execute("DELETE FROM lending.shelf WHERE shelf_id = 3")


def test_a_key_may_change_while_nothing_refers_to_it(db: psycopg.Connection) -> None:
    db.execute("UPDATE lending.book SET book_id = 7 WHERE book_id = 2")
    db.execute("""INSERT INTO lending.loan VALUES (7, 'ana', 'asked')""")
    with pytest.raises(ForeignKeyViolation):
        db.execute("UPDATE lending.book SET book_id = 8 WHERE book_id = 7")


def test_a_parent_deleted_meanwhile_is_seen(db: psycopg.Connection, database: Settings) -> None:
    with psycopg.connect(database.postgres.dsn("owner")) as other:
        other.execute("DELETE FROM lending.shelf WHERE shelf_id = 3")
        with db.transaction(force_rollback=True):
            db.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                db.execute("UPDATE lending.book SET shelf_id = 3")


def test_a_life_cycle_without_epochs_only_goes_on(db: psycopg.Connection) -> None:
    db.execute("""INSERT INTO lending.loan VALUES (1, 'ana', 'asked'), (1, 'bob', 'asked')""")
    db.execute("""UPDATE lending.loan SET "order" = 'lent'""")
    for statement in (
        """UPDATE lending.loan SET "order" = 'asked'""",
        """UPDATE lending.loan SET "order" = 'refused'""",
        """UPDATE lending.loan SET "order" = CASE member WHEN 'bob' THEN 'asked' ELSE 'back' END""",
        """UPDATE lending.loan SET "order" = 'nonsense'""",
        """UPDATE lending.loan SET member = 'cleo' WHERE member = 'bob'""",
    ):
        with pytest.raises(CheckViolation):
            db.execute(statement.encode())
    db.execute("""UPDATE lending.loan SET "order" = 'back'""")


def test_events_may_skip_states(db: psycopg.Connection, database: Settings) -> None:
    db.execute("""INSERT INTO lending.loan VALUES (1, 'ana', 'asked')""")
    with pytest.raises(CheckViolation, match="asked cannot become back"):
        db.execute("""UPDATE lending.loan SET "order" = 'back'""")
    with psycopg.connect(database.postgres.dsn("consumer")) as consumer:
        consumer.execute("""UPDATE lending.loan SET "order" = 'back'""")
        with pytest.raises(CheckViolation):
            consumer.execute("""UPDATE lending.loan SET "order" = 'lent'""")


@pytest.mark.parametrize("role", ["stream", "reader"])
def test_secret_columns_are_not_read(db: psycopg.Connection, database: Settings, role: str) -> None:
    with psycopg.connect(database.postgres.dsn(role), autocommit=True) as reader:  # type: ignore[arg-type]
        reader.execute("""SELECT book_id, "order" FROM lending.loan""")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT member FROM lending.loan")


def test_names_that_postgres_would_cut_are_refused(tmp_path: Path) -> None:
    metadata = domain_metadata("long")
    long = Table("x" * 60, metadata, Column("id", Integer, primary_key=True), info={"derived": True})
    with pytest.raises(Misdeclared, match=f"{long.name}_100_derived: 72 characters"):
        render(Domain("long", tmp_path, metadata, ()))
