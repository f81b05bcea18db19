"""Logs, tables and times, as several tasks need them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from ledger.events import BY_TOPIC
from ledger.importing import open_account
from ledger.rulebook import shipped
from ledger.store import Log, open_log

BATCH: Final = 5_000


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def account_log(url: str, account: str) -> Iterator[Log]:
    """An account's log, begun if it is new."""
    with only_log(url, account) as log:
        open_account(log, account, "NA", shipped(), "bench")
        yield log


@contextmanager
def only_log(url: str, account: str) -> Iterator[Log]:
    """An account's log as it is."""
    log = open_log(url, account, event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
    try:
        yield log
    finally:
        log.close()


def is_sqlite(url: str) -> bool:
    """A file rather than a server."""
    return url.startswith("sqlite")


def file_of(url: str) -> Path:
    """The file of an SQLite address."""
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def raw_sqlite(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection of the driver itself, as durable as the log's own."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    try:
        yield connection
    finally:
        connection.close()


def raw_postgres(url: str) -> psycopg.Connection[Any]:
    """A connection of the driver itself."""
    return psycopg.connect(url.replace("+psycopg", ""))


class RawRows:
    """The entries of a log as the database keeps them, and a bare table that could hold them."""

    def __init__(self, url: str, account: str, rows: int | None = None) -> None:
        limit = "" if rows is None else f" LIMIT {rows}"
        if is_sqlite(url):
            with raw_sqlite(file_of(url)) as lite:
                found = lite.execute(f"SELECT * FROM entries ORDER BY position{limit}")
                self.rows: Sequence[tuple[Any, ...]] = found.fetchall()
                self.names = [one[0] for one in found.description]
                told = lite.execute("PRAGMA table_info(entries)").fetchall()
                types = [one[2] for one in told]
        else:
            with raw_postgres(url) as server:
                query = f'SELECT * FROM "{account}_ledger".entries ORDER BY position{limit}'
                read = server.execute(query.encode())
                self.rows = read.fetchall()
                self.names = [one.name for one in read.description or ()]
                types = [
                    str(server.adapters.types[one.type_code].name) for one in read.description or ()
                ]
        self.columns = ", ".join(
            f"{name} {kind}{' PRIMARY KEY' if name == 'position' else ''}"
            for name, kind in zip(self.names, types, strict=True)
        )

    def batches(self, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """The rows, so many at a time."""
        for start in range(0, len(self.rows), size):
            yield self.rows[start : start + size]

    @property
    def create(self) -> tuple[str, str]:
        """The bare table: its position is its key, and a stream's version comes once."""
        return (
            f"CREATE TABLE raw ({self.columns})",
            f"CREATE UNIQUE INDEX raw_versions ON raw ({self.names[1]}, {self.names[2]})",
        )

    @property
    def insert(self) -> str:
        """One row."""
        return f"INSERT INTO raw VALUES ({', '.join('?' * len(self.names))})"
