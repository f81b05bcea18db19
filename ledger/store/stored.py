"""Rows of the log as they are kept, straight from the driver: for whoever reads many of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from ledger.store.database import FETCHED_AT_ONCE, LITTLE_KIB, Database

T = TypeVar("T")

StoredRow = tuple[int, str, int, str, bytes, int]
"""A row of the log: position, stream, version, topic, state, and when it was recorded, in microseconds."""
StoredCase = tuple[str, Sequence[StoredRow]]
"""A whole stream with its rows, in the order of their versions."""

READ: Final = ("position", "stream", "version", "topic", "state", "recorded_at")
"""What an entry is made of."""
KEPT: Final = (*READ[:5], "local_key", "recorded_at", "leaf")
"""All that is kept of an entry."""
_BY_INDEX: Final = "SET LOCAL enable_seqscan = off"
"""What a server knows of a table's size is a minute old: in an import it would read all entries for each question."""
ASKED_AT_ONCE: Final = 5000
"""How many names one question to the database holds."""


class StoredRows:
    """The rows of a log by stream and version, asked for in the database's own words."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries = database.quoted(database.tables.entries)

    def of(self, names: Iterable[str], *, by: int | None = None) -> Iterator[Sequence[Any]]:
        """The rows of streams that are named, or those recorded by a moment, whole streams at a time."""
        until, moment = ("", ()) if by is None else (" AND recorded_at <= ?", (by,))
        for some in chunked(sorted(set(names))):
            among, values = self._database.among("stream", some)
            asked = self._asked(READ, f"{among}{until}")
            with self._database.reading() as connection, self._cursor(connection) as cursor:
                if not self._database.is_sqlite:
                    cursor.execute(_BY_INDEX)
                cursor.execute(asked, (*values, *moment))
                found = cursor.fetchall()
            yield found

    def between(
        self,
        after: str,
        last: str | None = None,
        *,
        by: int | None = None,
        until: int | None = None,
        columns: Sequence[str] = READ,
        at_once: int = FETCHED_AT_ONCE,
    ) -> Iterator[Sequence[Any]]:
        """The rows of the streams after one name up to another, fetched as they are used: from a file, so many at once.

        Of these, where that is said, the ones recorded by a moment, or at a position up to the last one.
        """
        limits = {
            "stream > ?": after,
            "stream <= ?": last,
            "recorded_at <= ?": by,
            "position <= ?": until,
        }
        held = {condition: value for condition, value in limits.items() if value is not None}
        asked = self._asked(columns, " AND ".join(held))
        if not self._database.is_sqlite:
            at_once = FETCHED_AT_ONCE  # each time is a way to the server and back
        with (
            self._database.streaming() as connection,
            # Streams lie apart: what is held is not wanted again, but for the table's inner pages.
            self._database.passing(connection, LITTLE_KIB),
            self._cursor(connection, "stored") as cursor,
        ):
            cursor.execute(asked, tuple(held.values()))
            while rows := cursor.fetchmany(at_once):
                yield rows

    def _asked(self, columns: Sequence[str], condition: str) -> str:
        asked = (
            f"SELECT {', '.join(columns)} FROM {self._entries}"  # noqa: S608  nothing of a user's
            f" WHERE {condition} ORDER BY stream, version"
        )
        return asked if self._database.is_sqlite else asked.replace("?", "%s")

    @contextlib.contextmanager
    def _cursor(self, connection: Connection, on_server: str | None = None) -> Iterator[Any]:
        """A cursor of the driver's own: no row of it becomes anything else on the way.

        Of a server's answer, rows may stay there until they are fetched.
        """
        driver: Any = connection.connection
        if self._database.is_sqlite:
            with contextlib.closing(driver.cursor()) as cursor:
                yield cursor
            return
        connection.begin()  # where a pooler stands between, what is set is set with it
        told = () if on_server is None else (on_server,)
        with driver.driver_connection.cursor(*told, binary=True) as cursor:
            yield cursor


def cases_of(batches: Iterable[Sequence[StoredRow]]) -> Iterator[StoredCase]:
    """Whole streams, of rows by stream and version."""
    for stream, told in groupby(chain.from_iterable(batches), key=itemgetter(1)):
        yield stream, list(told)


def chunked(names: Iterable[T]) -> Iterator[list[T]]:
    """As many names at a time as one question holds."""
    remaining = iter(names)
    while some := list(islice(remaining, ASKED_AT_ONCE)):
        yield some
