"""The tables of one account's log, and the triggers by which the database refuses changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION: Final = 3
"""Raised when the tables change; a program refuses a store that is newer than itself.

2 keeps the roots of full tiles, and says which originals are kept in a sealed form.
3 has on SQLite a guard that costs an INSERT less, and no index over the tellings of orders.
"""

_Count = BigInteger().with_variant(Integer, "sqlite")
"""SQLite's own row number is an INTEGER key, and nothing else."""


class _Bytes(LargeBinary):
    """Bytes as both drivers give them: nothing to convert, so nothing is called per row."""

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        return None


_Name = Text().with_variant(Text(collation="C"), "postgresql")
"""Sorted by bytes, on every server and in every locale alike."""


@dataclass(frozen=True)
class Tables:
    """The tables of one log, in one schema."""

    metadata: MetaData
    entries: Table
    """The log: an entry a row, in the order of their positions."""
    originals: Table
    """The files as Amazon delivered them, compressed, under the SHA-256 of what they were.

    Where personal data is sealed in one, `sealed` is the SHA-256 of what is kept; else it is NULL.
    """
    tiles: Table
    """The roots of the tree's full tiles: a proof is made of a few of them, without a scan."""
    head: Table
    """One row: the last position and moment given, and the peaks of the tree."""
    tracking: Table
    """How far each follower has come, for followers that keep their state here."""
    schema_version: Table
    """One row: which tables these are."""


@lru_cache(16)
def tables_in(schema: str | None) -> Tables:
    """The tables of a log in a schema of PostgreSQL, or in a file of its own."""
    metadata = MetaData(schema=schema)
    return Tables(
        metadata=metadata,
        entries=_entries(metadata),
        originals=_originals(metadata),
        tiles=_tiles(metadata),
        head=_head(metadata),
        tracking=_tracking(metadata),
        schema_version=Table(
            "schema_version", metadata, Column("version", Integer, nullable=False)
        ),
    )


_LONG: Final = "local_key IS NOT NULL AND stream NOT GLOB 'order/*'"
"""Tellings of streams that may be long.

Those of one order are few: on SQLite the guard looks through them. An index over them all would be as
large as all other indexes together, and as orders have numbers at random, each entry would touch
another page of it: at some millions of entries it halved the speed of an import.
"""


def _told_in(metadata: MetaData) -> dict[str, Any]:
    """Which tellings the index holds; SQLAlchemy reads all of PostgreSQL where that is so much as named."""
    if metadata.schema is None:
        return {"sqlite_where": text(_LONG)}
    return {"postgresql_where": text("local_key IS NOT NULL")}


def _entries(metadata: MetaData) -> Table:
    return Table(
        "entries",
        metadata,
        Column("position", _Count, primary_key=True, autoincrement=False),
        Column("stream", _Name, nullable=False),
        Column("version", _Count, nullable=False),
        Column("topic", _Name, nullable=False),
        Column("state", _Bytes, nullable=False),
        Column("local_key", _Name),
        Column("recorded_at", _Count, nullable=False),
        Column("leaf", _Bytes, nullable=False),
        UniqueConstraint("stream", "version", name="entries_stream_version"),
        Index(
            "entries_stream_local_key",
            "stream",
            "local_key",
            unique=True,
            **_told_in(metadata),
        ),
        Index("entries_topic_position", "topic", "position"),
    )


def _originals(metadata: MetaData) -> Table:
    return Table(
        "originals",
        metadata,
        Column("digest", _Name, primary_key=True),
        Column("size", _Count, nullable=False),
        Column("content", _Bytes, nullable=False),
        Column("sealed", _Name),
    )


def _tiles(metadata: MetaData) -> Table:
    return Table(
        "tiles",
        metadata,
        Column("level", Integer, primary_key=True, autoincrement=False),
        Column("number", _Count, primary_key=True, autoincrement=False),
        Column("root", _Bytes, nullable=False),
    )


def _head(metadata: MetaData) -> Table:
    return Table(
        "head",
        metadata,
        Column("one", Integer, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        Column("position", _Count, nullable=False),
        Column("recorded_at", _Count, nullable=False),
        Column("peaks", _Bytes, nullable=False),
    )


def _tracking(metadata: MetaData) -> Table:
    return Table(
        "tracking",
        metadata,
        Column("application_name", _Name, primary_key=True),
        Column("notification_id", _Count, nullable=False),
    )


# --- the guards -------------------------------------------------------------------------------

REFUSED: Final = "the log is append-only: "


def guards(tables: Tables, dialect: Dialect) -> dict[str, str]:
    """What makes the database refuse changes, by name, each to be executed once."""
    return _SQLITE_GUARDS if dialect.name == "sqlite" else _postgresql_guards(tables, dialect)


def _sqlite_refusal(table: str, change: str) -> str:
    return (
        f"CREATE TRIGGER {table}_refuse_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}{change} on {table} is refused'); END"
    )


def _sqlite_insert_guard(table: str, taken: str, ends: str = "ABORT") -> str:
    """In SQLite a REPLACE slips past triggers on UPDATE and DELETE, so the insert is guarded."""
    return (
        f"CREATE TRIGGER {table}_refuse_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE({ends}, '{REFUSED}this row of {table} is taken'); END"
    )


_TAKEN_ENTRY: Final = (
    "EXISTS (SELECT 1 FROM entries WHERE position = NEW.position)"
    " OR EXISTS (SELECT 1 FROM entries WHERE stream = NEW.stream AND version = NEW.version)"
    " OR CASE WHEN NEW.stream GLOB 'order/*'"
    " THEN EXISTS (SELECT 1 FROM entries"
    " WHERE stream = NEW.stream AND local_key = NEW.local_key)"
    " ELSE EXISTS (SELECT 1 FROM entries"
    " WHERE stream = NEW.stream AND stream NOT GLOB 'order/*' AND local_key = NEW.local_key) END"
)
# ROLLBACK, as ABORT makes SQLite copy every page that an INSERT touches, which halves its speed.
_SQLITE_GUARDS: Final = {
    "entries_refuse_update": _sqlite_refusal("entries", "UPDATE"),
    "entries_refuse_delete": _sqlite_refusal("entries", "DELETE"),
    "entries_refuse_replace": _sqlite_insert_guard("entries", _TAKEN_ENTRY, "ROLLBACK"),
    "originals_refuse_update": _sqlite_refusal("originals", "UPDATE"),
    "originals_refuse_delete": _sqlite_refusal("originals", "DELETE"),
    "originals_refuse_replace": _sqlite_insert_guard(
        "originals", "EXISTS (SELECT 1 FROM originals WHERE digest = NEW.digest)"
    ),
    "tiles_refuse_update": _sqlite_refusal("tiles", "UPDATE"),
    "tiles_refuse_delete": _sqlite_refusal("tiles", "DELETE"),
    "tiles_refuse_replace": _sqlite_insert_guard(
        "tiles", "EXISTS (SELECT 1 FROM tiles WHERE level = NEW.level AND number = NEW.number)"
    ),
    "head_refuse_delete": _sqlite_refusal("head", "DELETE"),
    "head_refuse_replace": _sqlite_insert_guard("head", "EXISTS (SELECT 1 FROM head)"),
    "head_refuse_return": (
        "CREATE TRIGGER head_refuse_return BEFORE UPDATE ON head"
        " WHEN NEW.position < OLD.position OR NEW.recorded_at < OLD.recorded_at"
        f" BEGIN SELECT RAISE(ABORT, '{REFUSED}positions are never given twice'); END"
    ),
}


def _postgresql_guards(tables: Tables, dialect: Dialect) -> dict[str, str]:
    """Statement triggers see ON CONFLICT DO UPDATE and MERGE too; ALWAYS holds for replicas."""
    quote = dialect.identifier_preparer
    refuse = f"{quote.quote(tables.metadata.schema or 'public')}.refuse_change"
    advance = f"{quote.quote(tables.metadata.schema or 'public')}.refuse_return"
    made = {
        "refuse_change": (
            f"CREATE FUNCTION {refuse}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{REFUSED}% on % is refused', TG_OP, TG_TABLE_NAME"
            " USING ERRCODE = 'restrict_violation'; END $$"
        ),
        "refuse_return": (
            f"CREATE FUNCTION {advance}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.position < OLD.position OR NEW.recorded_at < OLD.recorded_at THEN"
            f" RAISE EXCEPTION '{REFUSED}positions are never given twice'"
            " USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
        ),
    }
    for table, changes, scope, function in (
        (tables.entries, "UPDATE OR DELETE OR TRUNCATE", "STATEMENT", refuse),
        (tables.originals, "UPDATE OR DELETE OR TRUNCATE", "STATEMENT", refuse),
        (tables.tiles, "UPDATE OR DELETE OR TRUNCATE", "STATEMENT", refuse),
        (tables.head, "DELETE OR TRUNCATE", "STATEMENT", refuse),
        (tables.head, "UPDATE", "ROW", advance),
    ):
        name = f"{table.name}_refuse_{'return' if scope == 'ROW' else 'change'}"
        where = quote.format_table(table)
        made[name] = (
            f"CREATE TRIGGER {name} BEFORE {changes} ON {where}"
            f" FOR EACH {scope} EXECUTE FUNCTION {function}();"
            f" ALTER TABLE {where} ENABLE ALWAYS TRIGGER {name}"
        )
    return made
