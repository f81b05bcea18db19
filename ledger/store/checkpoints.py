"""What was signed of a log, kept beside it and never taken back: so a fork of its history is found."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, Literal, NamedTuple

from ledger.errors import StoreTrouble
from ledger.private import make_private_file
from ledger.store.notes import Checkpoint

PATIENCE_SECONDS: Final = 60

Purpose = Literal["command", "export", "loss"]
"""After a command that wrote; with what was handed out; where the loss of entries was accepted."""


class Remembered(NamedTuple):
    """A checkpoint as it is kept."""

    number: int
    checkpoint: Checkpoint
    made_at: str
    purpose: Purpose


class Anchor(NamedTuple):
    """Somebody else who can say that a checkpoint was there, or what they said."""

    size: int
    kind: str
    made_at: str
    detail: str
    data: bytes


class CheckpointStore:
    """A small file of its own: whoever restores the log from a backup does not restore this with it.

    A checkpoint is added only behind the one that was looked at (compare and swap), and nothing that
    stands there is changed or removed.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    @property
    def is_there(self) -> bool:
        """True where anything was ever remembered."""
        return self.path.exists()

    def last(self) -> Remembered | None:
        """The checkpoint that the log must go on from; None where none was made."""
        for found in self._read(f"{_SELECT} ORDER BY number DESC LIMIT 1"):
            return found
        return None

    def all(self) -> list[Remembered]:
        """Every checkpoint, in the order in which they were made."""
        return self._read(f"{_SELECT} ORDER BY number")

    def last_export(self, before: int) -> Remembered | None:
        """The newest checkpoint that went out with an export of fewer entries."""
        asked = f"{_SELECT} WHERE purpose = 'export' AND size < ? ORDER BY number DESC LIMIT 1"
        for found in self._read(asked, before):
            return found
        return None

    def put(
        self,
        checkpoint: Checkpoint,
        *,
        behind: Remembered | None,
        made_at: str,
        purpose: Purpose = "command",
    ) -> bool:
        """Add a checkpoint behind the one that was last; False where another has come in between."""
        row = (
            checkpoint.size,
            checkpoint.root,
            checkpoint.origin,
            checkpoint.note,
            made_at,
            purpose,
        )
        with self._writing() as file:
            last = file.execute("SELECT max(number) FROM checkpoints").fetchone()[0]
            if last != (None if behind is None else behind.number):
                return False
            file.execute(
                "INSERT INTO checkpoints (size, root, origin, note, made_at, purpose)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
        return True

    # --- anchors

    def anchors(self) -> list[Anchor]:
        """What others can say of the log's checkpoints, in the order in which it was taken down."""
        if not self.is_there:
            return []
        with self._reading() as file:
            found = file.execute(
                "SELECT size, kind, made_at, detail, data FROM anchors ORDER BY number"
            ).fetchall()
        return [Anchor(*row) for row in found]

    def add_anchor(self, anchor: Anchor) -> None:
        """Take down what somebody else can say."""
        with self._writing() as file:
            file.execute(
                "INSERT INTO anchors (size, kind, made_at, detail, data) VALUES (?, ?, ?, ?, ?)",
                anchor,
            )

    # --- the file

    def _read(self, asked: str, *values: object) -> list[Remembered]:
        if not self.is_there:
            return []
        with self._reading() as file:
            rows = file.execute(asked, values).fetchall()
            if any([type(one) for one in row] != _KINDS for row in rows):
                raise sqlite3.DatabaseError("a row holds something else than a checkpoint")
        return [
            Remembered(number, Checkpoint(origin, size, root, note), made_at, purpose)
            for number, size, root, origin, note, made_at, purpose in rows
        ]

    def problems(self) -> list[str]:
        """What is wrong with the file itself: damage, or checkpoints that are there no more."""
        if not self.is_there:
            return []
        with self._reading() as file:
            said = [row[0] for row in file.execute("PRAGMA integrity_check")]
            found = [str(one) for one in said if one != "ok"]
            for table in ("checkpoints", "anchors"):
                count = file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  ours
                asked = "SELECT seq FROM sqlite_sequence WHERE name = ?"
                given = (file.execute(asked, (table,)).fetchone() or (0,))[0]
                if given != count:
                    found.append(f"{given} {table} were kept, and {count} are there")
            return found

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._as_trouble(), closing(self._connect()) as file:
            yield file

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._as_trouble():
            make_private_file(self.path)
            with closing(self._connect()) as file:
                file.execute("BEGIN IMMEDIATE")
                for statement in _TABLES:
                    file.execute(statement)
                yield file
                file.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        file = sqlite3.connect(self.path, timeout=PATIENCE_SECONDS, isolation_level=None)
        file.execute("PRAGMA synchronous = FULL")
        file.execute("PRAGMA trusted_schema = OFF")
        return file

    @contextlib.contextmanager
    def _as_trouble(self) -> Iterator[None]:
        try:
            yield
        # SQLite's word on a damaged schema may hold letters of it that are none.
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise StoreTrouble(
                f"the checkpoints cannot be used: {error}",
                file=str(self.path),
                advice="This file says what was signed of the log: keep it as it is, and run "
                "`returns-ledger check`.",
            ) from error


_SELECT: Final = "SELECT number, size, root, origin, note, made_at, purpose FROM checkpoints"
_KINDS: Final = [int, int, bytes, str, str, str, str]


def _refusal(table: str, change: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuse_{change.lower()} BEFORE {change} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, 'what was signed is never taken back'); END"
    )


_CHECKPOINTS: Final = (
    "CREATE TABLE IF NOT EXISTS checkpoints (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " size INTEGER NOT NULL, root BLOB NOT NULL, origin TEXT NOT NULL, note TEXT NOT NULL,"
    " made_at TEXT NOT NULL, purpose TEXT NOT NULL)"
)
_ANCHORS: Final = (
    "CREATE TABLE IF NOT EXISTS anchors (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " size INTEGER NOT NULL, kind TEXT NOT NULL, made_at TEXT NOT NULL, detail TEXT NOT NULL,"
    " data BLOB NOT NULL)"
)
_TABLES: Final = (
    _CHECKPOINTS,
    _ANCHORS,
    *(
        _refusal(table, change)
        for table in ("checkpoints", "anchors")
        for change in ("UPDATE", "DELETE")
    ),
)
