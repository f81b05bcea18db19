"""The database itself refuses to change what is recorded, whoever asks it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.store import Log
from tests.ledger.store.invented import opened, returned

COLUMNS = "(position, stream, version, topic, state, local_key, recorded_at, leaf)"
TAKEN_POSITION = f"INTO entries {COLUMNS} VALUES (1, 'new', 1, 'x', 'x', NULL, 1, 'x')"
TAKEN_VERSION = f"INTO entries {COLUMNS} VALUES (9, 'order/1', 1, 'x', 'x', NULL, 1, 'x')"
TAKEN_KEY = (
    f"INTO entries {COLUMNS}"
    " SELECT 9, stream, 9, 'x', state, local_key, 1, leaf FROM entries WHERE position = 1"
)
SAME_ORIGINAL = "INTO originals (digest, size, content) SELECT digest, 1, content FROM originals"
CHANGES = [
    "UPDATE entries SET state = 'x' WHERE position = 1",
    "UPDATE entries SET position = position + 10",
    "DELETE FROM entries",
    "DELETE FROM entries WHERE position = 2",
    "UPDATE originals SET content = 'x'",
    "DELETE FROM originals",
    "DELETE FROM head",
    "UPDATE head SET position = position - 1",
    "UPDATE head SET recorded_at = 0",
    # These would change a row by inserting it.
    f"INSERT {TAKEN_POSITION} ON CONFLICT (position) DO UPDATE SET state = 'x'",
    f"INSERT {TAKEN_VERSION} ON CONFLICT (stream, version) DO UPDATE SET state = 'x'",
    f"INSERT {SAME_ORIGINAL} WHERE true ON CONFLICT (digest) DO UPDATE SET content = 'x'",
]
REPLACEMENTS = [
    f"REPLACE {TAKEN_POSITION}",
    f"REPLACE {TAKEN_VERSION}",
    f"REPLACE {TAKEN_KEY}",
    f"REPLACE {SAME_ORIGINAL}",
    f"INSERT OR REPLACE {TAKEN_POSITION}",
    f"INSERT OR REPLACE {TAKEN_VERSION}",
    f"INSERT OR REPLACE {TAKEN_KEY}",
    f"INSERT OR REPLACE {SAME_ORIGINAL}",
    "REPLACE INTO head (one, position, recorded_at, peaks) VALUES (1, 0, 0, '')",
    "UPDATE OR REPLACE entries SET position = 1 WHERE position = 2",
]
MERGE = "MERGE INTO entries e USING (SELECT 1) one ON e.position = 1"
ON_A_SERVER = [
    "TRUNCATE entries",
    "TRUNCATE originals CASCADE",
    "TRUNCATE head",
    f"{MERGE} WHEN MATCHED THEN UPDATE SET state = 'x'",
    f"{MERGE} WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM entries RETURNING 1) SELECT * FROM gone",
    "SET session_replication_role = replica; UPDATE entries SET state = 'x'",
]


def filled(url: str) -> list[bytes]:
    """A log with something in it, and its lines."""
    with opened(url) as log:
        entries = [returned("order/1", 1, told="LPN1"), returned("order/1", 2, told="LPN2")]
        log.append(entries, originals=[b"as Amazon delivered it"])
        return _kept(log)


def _kept(log: Log) -> list[bytes]:
    return [*log.raw_lines(), *map(log.original, log.originals()), b"%d" % log.tree().size]


@contextlib.contextmanager
def plain_sqlite(url: str) -> Iterator[Callable[[str], object]]:
    """What any program can do that opens the file."""
    path = Path(url.removeprefix("sqlite:///"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield lambda statement: connection.execute(statement).fetchall()


@contextlib.contextmanager
def plain_postgresql(url: str) -> Iterator[Callable[[str], object]]:
    """What the owner of the tables, and here even the server's administrator, can do."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = main_ledger")
        yield lambda statement: connection.execute(statement.encode())


@pytest.mark.parametrize("change", CHANGES + REPLACEMENTS)
def test_sqlite_refuses_to_change_the_log(sqlite_url: str, change: str) -> None:
    before = filled(sqlite_url)
    with (
        plain_sqlite(sqlite_url) as execute,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        execute(change)

    with opened(sqlite_url) as log:
        assert before == _kept(log)


@pytest.mark.parametrize("stream", ["order/1", "stock/X1", "account"])
def test_sqlite_refuses_to_replace_a_telling_in_any_stream(sqlite_url: str, stream: str) -> None:
    with opened(sqlite_url) as log:
        log.append([returned(stream, 1, told="LPN1")])
        before = _kept(log)
    with (
        plain_sqlite(sqlite_url) as execute,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        execute(f"REPLACE {TAKEN_KEY}")

    with opened(sqlite_url) as log:
        assert before == _kept(log)


def test_who_tries_to_replace_a_row_loses_all_that_he_did_with_it(sqlite_url: str) -> None:
    before = filled(sqlite_url)
    with plain_sqlite(sqlite_url) as execute:
        execute("BEGIN")
        execute(f"INSERT INTO entries {COLUMNS} VALUES (3, 'order/3', 1, 'x', 'x', NULL, 1, 'x')")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            execute(f"REPLACE {TAKEN_VERSION}")

    with opened(sqlite_url) as log:
        assert before == _kept(log)


@pytest.mark.postgres
def test_postgresql_refuses_to_change_the_log(server_url: str) -> None:
    before = filled(server_url)
    for change in CHANGES + ON_A_SERVER:
        with (
            plain_postgresql(server_url) as execute,
            pytest.raises(psycopg.errors.RestrictViolation, match="append-only"),
        ):
            execute(change)

    with opened(server_url) as log:
        assert before == _kept(log)


def test_sqlite_gives_no_position_twice(sqlite_url: str) -> None:
    """Even where somebody has removed the guards and the last entry."""
    filled(sqlite_url)
    with plain_sqlite(sqlite_url) as execute:
        execute("DROP TRIGGER entries_refuse_delete")
        execute("DELETE FROM entries WHERE position = 2")

    with opened(sqlite_url) as log:
        assert [3] == [entry.position for entry in log.append([returned("order/2", 1)])]
