"""The databases in which views lie: how they are opened, and how their troubles are told."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import StoreTrouble
from ledger.private import make_private_file
from ledger.store import advice_on, told_of

PATIENCE_SECONDS: Final = 600
"""How long another process that fills the views is waited for."""


def sqlite_engine(path: Path) -> Engine:
    """A file of the owner's, made if it is missing."""
    _make_file(path)
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": PATIENCE_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make_file(path: Path) -> None:
    """For the owner alone, as it tells as much as the log does, in whose folder it lies."""
    try:
        make_private_file(path, in_new_folder=False)
        path.chmod(0o600)
    except OSError as error:
        raise StoreTrouble(
            f"the views cannot be made: {error.strerror}",
            file=str(path),
            advice="Make sure that you may write to the folder of the log.",
        ) from error


def _set_up(connection: Any, _record: object) -> None:
    """NORMAL: after a power cut the views may be older, never torn; they are made again anyway."""
    connection.isolation_level = None  # BEGIN is said by us, so that writers can say IMMEDIATE
    cursor = connection.cursor()
    _keep_a_write_ahead_log(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()


def _keep_a_write_ahead_log(cursor: Any) -> None:
    """WAL lets readers read while one fills; switching to it waits for nobody, so we try again."""
    for attempt in range(PATIENCE_SECONDS * 20):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == PATIENCE_SECONDS * 20 - 1:
                raise
        sleep(0.05)


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("begin", "DEFERRED")
    driver: Any = connection.connection.driver_connection
    driver.execute(f"BEGIN {kind}")  # the driver's own way costs a tenth


def take_turn(connection: Connection, name: str) -> None:
    """On a server: wait until nobody else has that lock; it is let go with the transaction."""
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    connection.execute(lock, {"name": name})


@contextlib.contextmanager
def in_our_words(place: str) -> Iterator[None]:
    """What a database has against the views is something the user can put right, who is told where they are."""
    try:
        yield
    except Exception as error:
        if not _is_a_databases(error):
            raise
        message = told_of(error)
        raise StoreTrouble(
            f"the views cannot be used: {message}", file=place, advice=_advice_on(error, message)
        ) from error


def _is_a_databases(error: Exception) -> bool:
    return _is_a_servers(error) or isinstance(error, SQLAlchemyError | sqlite3.Error)


def _is_a_servers(error: Exception) -> bool:
    """Psycopg is imported only by those who have a server."""
    return type(getattr(error, "orig", None) or error).__module__.startswith("psycopg")


def _advice_on(error: Exception, message: str) -> str:
    """Nothing is lost with views: where the place is fit for others, these are best made again."""
    if _is_a_servers(error):
        return advice_on(message, otherwise=_ANEW.format("drop this schema"))
    anew = _ANEW.format("remove this file")
    if any(words in message for words in ("malformed", "not a database")):
        return anew  # what is advised of a log is to restore it
    return advice_on(message, otherwise=anew)


_ANEW: Final = "Views can be deleted at will: {}, and run `returns-ledger rebuild`."
