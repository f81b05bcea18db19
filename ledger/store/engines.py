"""How each kind of database is reached: files of one's own, and servers."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import StoreTrouble
from ledger.private import make_private_file
from ledger.store.servers import SERVERS, server_engine

PATIENCE_SECONDS: Final = 60
"""How long a busy database is waited for before that is an error."""
SCHEMA_BYTES_MAX: Final = 63
"""PostgreSQL cuts longer names short without a word."""
APPLICATION_ID: Final = 0x524C4731
"""Marks an SQLite file as a log of ours: `RLG1`."""
SQLITE_OLDEST: Final = (3, 35, 0)
"""The first with RETURNING."""

_ACCOUNT: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


def engine_for(url: str, account: str) -> tuple[Engine, str | None]:
    """The engine for a store's address, and the schema in which an account's log is."""
    schema = _schema_of(account)
    parsed = _parsed(url)
    if parsed.drivername == "sqlite":
        return _sqlite(parsed, account), None
    if parsed.drivername in SERVERS:
        return server_engine(parsed, "log", PATIENCE_SECONDS), schema
    raise StoreTrouble(f"no store is known by the name {parsed.drivername!r}", advice=_ADDRESSES)


def place_of(url: str, account: str) -> str:
    """An account and where its log is, for people: the file, or the server and the schema; never a password."""
    parsed = make_url(url)
    if parsed.drivername == "sqlite":
        return f"account {account}, {parsed.database}"
    return f"account {account}, {server_of(parsed)}, schema {_schema_of(account)}"


def server_of(url: URL) -> str:
    """A server and its database, for people: never a password."""
    return f"{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"


_ADDRESSES: Final = (
    "A store's address is `sqlite:///path/ledger.db` or `postgresql://user:password@host/database`."
)


def _parsed(url: str) -> URL:
    """The address in its parts; a wrong one is not repeated, as it may hold a password."""
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):
        raise StoreTrouble("the store's address cannot be understood", advice=_ADDRESSES) from None
    if "@" in (parsed.host or ""):
        raise StoreTrouble(
            "the password in the store's address holds an `@`", advice="Write it as `%40`."
        )
    return parsed


def _schema_of(account: str) -> str:
    schema = f"{account}_ledger"
    if not _ACCOUNT.fullmatch(account) or schema.startswith("pg_"):
        raise StoreTrouble(
            f"{account!r} cannot be the name of an account",
            advice="Use lower-case letters, digits, `-` and `_`, beginning with a letter or digit "
            "(`pg` and names that begin with `pg_` are PostgreSQL's own).",
        )
    if len(schema) > SCHEMA_BYTES_MAX:
        longest = SCHEMA_BYTES_MAX - len("_ledger")
        raise StoreTrouble(
            f"{account!r} is too long for the name of an account",
            advice=f"Use at most {longest} characters.",
        )
    return schema


# --- SQLite -----------------------------------------------------------------------------------


def _sqlite(url: URL, account: str) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreTrouble("a log needs a file to be kept in", advice=_ADDRESSES)
    if sqlite3.sqlite_version_info < SQLITE_OLDEST:
        raise StoreTrouble(
            f"SQLite {sqlite3.sqlite_version} is too old for the store",
            advice="Use a Python that brings SQLite 3.35 or newer.",
        )
    path = Path(url.database)
    _make_private_file(path)
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": PATIENCE_SECONDS, "check_same_thread": False},
        pool_timeout=PATIENCE_SECONDS,
        max_overflow=-1,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    try:
        _keep_a_write_ahead_log(engine, path, account)
    except StoreTrouble:
        engine.dispose()
        raise
    return engine


def _make_private_file(path: Path) -> None:
    """The file and its folder, for their owner alone."""
    try:
        make_private_file(path)
    except OSError as error:
        raise StoreTrouble(
            f"the store cannot be made: {error.strerror}",
            file=str(path),
            advice="Choose a folder that you may write to, with --home or --store.",
        ) from error


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """FULL: what has been acknowledged survives the power being cut."""
    connection.isolation_level = None  # BEGIN is said by us, so that writers can say IMMEDIATE
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute("PRAGMA cell_size_check = ON")
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer of the log has begun his transaction already, in fewer steps."""
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        kind = connection.get_execution_options().get("begin", "DEFERRED")
        driver.execute(f"BEGIN {kind}")  # the driver's own way costs a tenth


def _keep_a_write_ahead_log(engine: Engine, path: Path, account: str) -> None:
    """WAL lets readers read while one writes; switching to it waits for nobody, so we try again."""
    last = PATIENCE_SECONDS * 20
    for attempt in range(last + 1):
        try:
            # The cursor is closed, too: the connection is used again, and what is not read to its end
            # would go on, and keep it from writing.
            with (
                closing(engine.raw_connection()) as connection,
                closing(connection.cursor()) as cursor,
            ):
                _refuse_foreign(cursor, path)
                cursor.execute("PRAGMA journal_mode = WAL")
            return
        # SQLite's word on a damaged schema may hold letters of it that are none.
        except (sqlite3.Error, SQLAlchemyError, UnicodeDecodeError) as error:
            cause = getattr(error, "orig", None) or error
            if "locked" not in str(cause) or attempt == last:
                raise _cannot_open(path, account, cause) from error
        sleep(0.05)


def _refuse_foreign(cursor: Any, path: Path) -> None:
    """A database that holds something else is left alone."""
    # Asked at once: another process may make the tables meanwhile, and say whose they are.
    asked = "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id"
    mark, tables = cursor.execute(asked).fetchone()
    if tables and mark != APPLICATION_ID:
        raise StoreTrouble(
            "this is a database of something else",
            file=str(path),
            advice="Give the path of a log, or of a file that does not exist yet.",
        )


def _cannot_open(path: Path, account: str, error: BaseException) -> StoreTrouble:
    damaged = "malformed" in str(error)
    return StoreTrouble(
        f"the store cannot be opened: {error}",
        file=f"account {account}, {path}" if damaged else str(path),
        advice=_LOST
        if damaged
        else "Check that the file is a log of this program and that you may read and write it, "
        "its folder too.",
    )


_LOST: Final = (
    "The file is damaged. Keep it as it is, and restore the last backup that is whole: "
    "`returns-ledger restore`."
)
