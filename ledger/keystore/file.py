"""The file that keys lie in: how it is opened, what tables it has, and why nothing in it moves.

A key that was destroyed must be in no file any more, not even in the unused part of a page. SQLite's secure
delete overwrites what is deleted; it does not overwrite the copies that are left behind where a page is split
or tidied. So keys and search hashes stand in tables that only grow at their end, in rows of one size that are
never deleted: nothing is ever moved, and to destroy is to overwrite in place. The journal is a file that is
deleted with each commit, and never a write-ahead log, which would keep the pages as they were.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ledger.errors import StoreTrouble
from ledger.private import make_private_file

PATIENCE_SECONDS: Final = 60
"""How long another process that is writing is waited for."""
APPLICATION_ID: Final = 0x524C4B31
"""Marks an SQLite file as keys of ours: `RLK1`."""
SCHEMA_VERSION: Final = 1

_PRAGMAS: Final = (
    "secure_delete = ON",
    "journal_mode = DELETE",
    # EXTRA: a journal that was deleted does not come back with a cut of the power, and with it a key.
    "synchronous = EXTRA",
    "temp_store = MEMORY",
    "mmap_size = 0",
    "cell_size_check = ON",
    "trusted_schema = OFF",
)

_TABLES: Final = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    # Of one size for ever and never deleted; zeros once they are destroyed.
    "CREATE TABLE data_keys (id INTEGER PRIMARY KEY, wrapped BLOB NOT NULL)",
    "CREATE TABLE hashes (id INTEGER PRIMARY KEY, hash BLOB NOT NULL)",
    (
        "CREATE TABLE subjects (id INTEGER PRIMARY KEY, subject TEXT NOT NULL UNIQUE,"
        " made_at TEXT NOT NULL, destroyed_at TEXT)"
    ),
    "CREATE TABLE hashed (id INTEGER PRIMARY KEY, subject INTEGER NOT NULL)",
    "CREATE INDEX hashed_subject ON hashed (subject)",
    (
        "CREATE TABLE signing_keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL, vkey TEXT NOT NULL UNIQUE,"
        " secret BLOB NOT NULL, introduced_at TEXT NOT NULL, retired_at TEXT)"
    ),
    (
        "CREATE TABLE uses (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL,"
        " command TEXT NOT NULL, subject TEXT NOT NULL, field TEXT NOT NULL, why TEXT NOT NULL)"
    ),
    "CREATE INDEX uses_subject ON uses (subject)",
    (
        "CREATE TRIGGER uses_refuse_update BEFORE UPDATE ON uses"
        " BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
    ),
    (
        "CREATE TRIGGER uses_refuse_delete BEFORE DELETE ON uses"
        " BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
    ),
    (
        "CREATE TRIGGER uses_refuse_replace BEFORE INSERT ON uses"
        " WHEN EXISTS (SELECT 1 FROM uses WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
    ),
    (
        "CREATE TRIGGER subjects_refuse_return BEFORE UPDATE ON subjects WHEN OLD.destroyed_at IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'what was destroyed does not come back'); END"
    ),
    (
        "CREATE TRIGGER subjects_refuse_delete BEFORE DELETE ON subjects"
        " BEGIN SELECT RAISE(ABORT, 'what was destroyed does not come back'); END"
    ),
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


class KeyFile:
    """The SQLite file of keys, opened when it is first needed, for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._connection: sqlite3.Connection | None = None

    @property
    def is_there(self) -> bool:
        """True once something was kept in it."""
        return self._connection is not None or self.path.is_file()

    def close(self) -> None:
        """Close it; it is opened again when it is needed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the keys."""
        with self._in_our_words():
            connection = self._opened()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is kept whole or not at all, while nobody else writes."""
        with self._in_our_words():
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.rollback()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            _make_private(self.path)
            connection = sqlite3.connect(
                self.path,
                timeout=PATIENCE_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._set_up(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
            self._refuse_foreign(connection)
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._refuse_foreign(connection)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise StoreTrouble(
                    f"the keys are of version {version}, and this program knows {SCHEMA_VERSION}",
                    file=str(self.path),
                    advice="A newer version of the program made them: update the program.",
                )
            if not version:
                for statement in _TABLES:
                    connection.execute(statement)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.rollback()

    def _refuse_foreign(self, connection: sqlite3.Connection) -> None:
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and mark != APPLICATION_ID:
            raise StoreTrouble(
                "this is a database of something else",
                file=str(self.path),
                advice="Name the folder of the keys with --keys, or move the file away.",
            )

    @contextlib.contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        # SQLite's word on a damaged schema may hold letters of it that are none.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise StoreTrouble(
                f"the keys cannot be used: {error}",
                file=str(self.path),
                advice="Make sure that you may write to the file and its folder; where the file is "
                "damaged, restore it from a backup.",
            ) from error


def _make_private(path: Path) -> None:
    """The file and the folders above it that are missing, for their owner alone."""
    try:
        make_private_file(path)
    except OSError as error:
        raise StoreTrouble(
            f"the keys cannot be kept there: {error.strerror}",
            file=str(path),
            advice="Choose a folder that you may write to, with --keys or --home.",
        ) from error
