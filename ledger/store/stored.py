"""Rows of the log as they are kept, straight from the driver: for whoever reads all of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import select

from ledger.store.database import Database

FETCHED_AT_ONCE: Final = 500
"""Few enough that a batch of rows stays in the processor's cache until it has been used."""
COLUMNS: Final = (
    "position",
    "stream",
    "version",
    "topic",
    "state",
    "local_key",
    "recorded_at",
    "leaf",
)


def stored_rows(
    database: Database, after: str, last: str, until: int
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of the streams after one name up to another, by stream and version, up to a position."""
    entries = database.tables.entries
    found = select(*(entries.c[name] for name in COLUMNS)).where(
        entries.c.stream > after, entries.c.stream <= last, entries.c.position <= until
    )
    found = found.order_by(entries.c.stream, entries.c.version)
    dialect = database.engine.dialect
    statement = str(found.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    with database.reading() as connection, _cursor(database, connection.connection) as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(FETCHED_AT_ONCE):
            yield rows


@contextlib.contextmanager
def _cursor(database: Database, driver: Any) -> Iterator[Any]:
    """A cursor of the driver's own: no row of it becomes anything else on the way."""
    if database.is_sqlite:
        with contextlib.closing(driver.cursor()) as cursor:
            yield cursor
        return
    with driver.driver_connection.cursor(
        "stored", binary=True
    ) as cursor:  # rows stay on the server
        yield cursor
