"""One account's database: connections, transactions, and errors in the library's words."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain, repeat
from typing import Any, Final

from eventsourcing import persistence
from eventsourcing.persistence import OperationalError, PersistenceError
from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Table,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import StoreTrouble
from ledger.store.engines import APPLICATION_ID, PATIENCE_SECONDS
from ledger.store.listening import Bells, notify
from ledger.store.settling import flushing, leave_to_others, settle, take_up_again
from ledger.store.tables import SCHEMA_VERSION, Tables, guards, tables_in
from ledger.store.tree import Tree

LITTLE_KIB: Final = 8192
"""Of pages, for a connection that is to hold little."""
PASSED_KIB: Final = 1024
"""Of pages, while all entries pass once: so few stay in the processor's cache, and each is wanted once."""
FETCHED_AT_ONCE: Final = 500
"""Few enough that a batch of rows stays in the processor's cache until it has been used."""
FOLLOWED: Final = "followed"
"""What a writer notes of a connection where somebody follows the log and is to be notified."""


class NewerTables(StoreTrouble):
    """Tables that a newer version of the program made."""


class Database:
    """The connections of one log; every error leaves it as one of the library's."""

    def __init__(self, engine: Engine, schema: str | None) -> None:
        self.engine = engine
        self.tables: Tables = tables_in(schema)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._one_writer = threading.Lock()
        self.bells = Bells(engine, schema)
        self._streaming: set[Connection] = set()
        self._kept: Connection | None = None
        self._is_closed = False
        self._dispose = weakref.finalize(self, engine.dispose)

    def close(self) -> None:
        """Close every connection: those of unfinished readers now, those in use when they are done."""
        self._is_closed = True
        self.bells.ended.set()
        for connection in list(self._streaming):
            connection.close()
        if self._one_writer.acquire(blocking=False):
            self._leave_kept()
            self._one_writer.release()
        self._dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the log and changes nothing."""
        pool = self.engine.pool
        try:
            with in_the_librarys_words(), self.engine.connect() as connection:
                yield connection
        finally:
            if self._is_closed:  # meanwhile, so that what was given back is closed too
                pool.dispose()
                self.engine.dispose()

    @contextlib.contextmanager
    def streaming(self) -> Iterator[Connection]:
        """A reading whose rows are fetched as they are used, however many they are."""
        with self.reading() as connection:
            self._streaming.add(connection)
            try:
                # SQLite fetches as it is asked, without more ado.
                yield (
                    connection
                    if self.is_sqlite
                    else connection.execution_options(yield_per=FETCHED_AT_ONCE)
                )
            finally:
                self._streaming.discard(connection)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A streaming reading in which every question sees the same state of the log."""
        with self.streaming() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def hold_little(self) -> None:
        """Hold few pages from now on: who looks things up here and there finds few of them again."""
        if self.is_sqlite:
            event.listen(self.engine, "connect", _hold_little)
            self.engine.dispose()

    @contextlib.contextmanager
    def passing(self, connection: Connection, kib: int = PASSED_KIB) -> Iterator[None]:
        """Hold very few pages while entries are read in the order in which they lie, or other few."""
        if not self.is_sqlite:
            yield
            return
        driver: Any = connection.connection.driver_connection
        (held,) = driver.execute("PRAGMA cache_size").fetchone()
        driver.execute(f"PRAGMA cache_size = {-kib}")
        try:
            yield
        finally:
            with contextlib.suppress(sqlite3.ProgrammingError):  # closed meanwhile
                driver.execute(f"PRAGMA cache_size = {held}")

    def interrupt(self) -> None:
        """End what other threads are reading: whoever reads is told so by an error."""
        for connection in list(self._streaming):
            driver = driver_of(connection)
            if self.is_sqlite:
                driver.interrupt()
            else:
                driver.cancel()

    def writing(self, *, settles: bool = True) -> AbstractContextManager[Connection]:
        """A transaction that is kept whole or not at all, and then wakes the followers.

        One that does not settle stays in SQLite's write-ahead log, where it is as durable, until `settle`.
        """
        return self._writing_in_turn(settles) if self.is_sqlite else self._writing_at_once()

    def settle(self) -> None:
        """Move what is in SQLite's write-ahead log into the database."""
        if self.is_sqlite:
            with self.reading() as connection:
                settle(driver_of(connection))

    @contextlib.contextmanager
    def _writing_in_turn(self, settles: bool) -> Iterator[Connection]:
        """SQLite has one writer at a time, who keeps his connection; threads of one process queue here, which is fair.

        Begun with the driver and all in one step: in a small commit, each step more is felt.
        """
        if not self._one_writer.acquire(timeout=PATIENCE_SECONDS):
            raise OperationalError("the database is busy writing")
        connection = None
        try:
            connection, self._kept = self._kept or self._connected(), None
            driver = driver_of(connection)
            driver.execute("BEGIN IMMEDIATE")
            if settles:
                yield connection
            else:
                with flushing(self.engine.url.database or ""):
                    yield connection
                leave_to_others(driver)
            # Whoever has asked through SQLAlchemy meanwhile has joined the transaction.
            (connection if connection.in_transaction() else driver).commit()
            if not settles:
                take_up_again(driver)
            self._kept = connection
            if self._is_closed:  # meanwhile
                self._leave_kept()
        except BaseException as error:
            if connection is not None:
                # Not given back to those who read: they may sort more than is held in memory.
                connection.invalidate()
                connection.close()
            if is_a_databases(error):
                raise translated(error) from error
            raise
        finally:
            self._one_writer.release()
        self.bells.ring()

    def _connected(self) -> Connection:
        """For SQLite's writer: what a guarded row touches is copied first, in memory and not into a file."""
        connection = self.engine.connect()
        connection.connection.cursor().execute("PRAGMA temp_store = MEMORY")
        return connection

    def _leave_kept(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
            self.engine.dispose()

    @contextlib.contextmanager
    def _writing_at_once(self) -> Iterator[Connection]:
        """A server has any number of writers.

        Begun with the driver, as SQLAlchemy's own takes a third of a small commit's time. Where it is
        left by an exception, it is rolled back when the connection is given back.
        """
        with self.reading() as connection:
            if self.engine.get_execution_options()["begins"]:  # other engines begin by themselves
                connection.begin()
            yield connection
            # Whoever has asked through SQLAlchemy meanwhile has joined the transaction.
            (connection if connection.in_transaction() else connection.connection).commit()
            if self.bells.channel and connection.info.pop(FOLLOWED, False):
                notify(connection, self.bells.channel)
        self.bells.ring()

    # --- questions in the databases' own words, which cost less to ask

    def quoted(self, table: Table) -> str:
        """A table's name, to stand in a statement."""
        return self.engine.dialect.identifier_preparer.format_table(table)

    def named(self, names: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
        """A question that gives these names back, a row each, and its values; on SQLite the last may come more often.

        The driver keeps each question that it has prepared, of thousands of names most of a megabyte: so they
        are asked in few lengths.
        """
        if self.is_sqlite:
            more = _round(len(names)) - len(names)
            asked = f"VALUES {', '.join(['(?)'] * (len(names) + more))}"
            return asked, (*names, *repeat(names[-1], more))
        return 'SELECT unnest(%s::text[]) COLLATE "C"', (list(names),)

    def among(self, column: str, names: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
        """A condition that a column holds one of these names, and its values."""
        if self.is_sqlite:
            named, values = self.named(names)
            return f"{column} IN ({named})", values
        return f"{column} = ANY(%s::text[])", (list(names),)

    # --- making the tables

    def create(self) -> None:
        """Make the tables where they are missing, bring older ones up to date, refuse newer ones."""
        with in_the_librarys_words():
            if not self._is_made():
                self._make()
            found = self._version()
            if found < SCHEMA_VERSION:
                self._bring_up_to_date()
        if found > SCHEMA_VERSION:
            raise NewerTables(
                f"the store has tables of version {found}, and this program knows {SCHEMA_VERSION}",
                advice="A newer version of the program made it: update the program.",
            )

    def _version(self) -> int:
        with self.reading() as connection:
            version = self.tables.schema_version.c.version
            found = connection.execute(select(version)).scalars().all()
        if len(found) != 1 or type(found[0]) is not int:
            raise OperationalError("it does not say which tables these are: it is damaged")
        return found[0]

    def _is_made(self) -> bool:
        version = self.tables.schema_version
        with self.engine.connect() as connection:
            if self.is_sqlite:
                return inspect(connection).has_table(version.name)
            # By the name itself: a search through the catalogue would grow with the accounts in it.
            name = self.engine.dialect.identifier_preparer.format_table(version)
            return connection.execute(select(func.to_regclass(name))).scalar() is not None

    def _make(self) -> None:
        with self.writing() as connection:
            self._wait_for_other_makers(connection)
            version = self.tables.schema_version
            if inspect(connection).has_table(version.name, schema=version.schema):
                return
            self.tables.metadata.create_all(connection, checkfirst=False)
            for statement in guards(self.tables, self.engine.dialect).values():
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            start = {"one": 1, "position": 0, "recorded_at": 0, "peaks": b""}
            connection.execute(insert(self.tables.head).values(start))
            connection.execute(insert(version).values(version=SCHEMA_VERSION))

    def _wait_for_other_makers(self, connection: Connection) -> None:
        if self.is_sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            return
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        schema = self.tables.metadata.schema
        connection.execute(lock, {"name": f"returns-ledger {schema}"})
        if schema and not inspect(connection).has_schema(schema):
            quoted = self.engine.dialect.identifier_preparer.quote(schema)
            connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")

    def _bring_up_to_date(self) -> None:
        with self.writing() as connection:
            self._wait_for_other_makers(connection)
            version = self.tables.schema_version
            found = connection.execute(select(version.c.version)).scalar_one()
            if found < SCHEMA_VERSION:
                if found < 2:
                    self._add_tiles(connection)
                if self.is_sqlite:
                    self._guard_anew(connection)
                connection.execute(update(version).values(version=SCHEMA_VERSION))

    def _add_tiles(self, connection: Connection) -> None:
        """From version 1: the tree gets its tiles, and originals may be kept in a sealed form."""
        originals, dialect = self.tables.originals, self.engine.dialect
        kind = originals.c.sealed.type.compile(dialect)
        connection.exec_driver_sql(f"ALTER TABLE {self.quoted(originals)} ADD COLUMN sealed {kind}")
        self.tables.tiles.create(connection, checkfirst=False)
        entries = self.tables.entries.c
        tree = Tree()
        tree.extend(connection.execute(select(entries.leaf).order_by(entries.position)).scalars())
        if tree.tiles:
            connection.execute(insert(self.tables.tiles), [tile._asdict() for tile in tree.tiles])
        for name, statement in guards(self.tables, dialect).items():
            if name.startswith(self.tables.tiles.name):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def _guard_anew(self, connection: Connection) -> None:
        """From version 2: a guard that costs less, and looks itself through the tellings of an order."""
        guard = "entries_refuse_replace"
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard}")
        for index in self.tables.entries.indexes:
            if index.name == "entries_stream_local_key":
                index.drop(connection, checkfirst=True)
                index.create(connection)
        connection.exec_driver_sql(guards(self.tables, self.engine.dialect)[guard])


def driver_of(connection: Connection) -> Any:
    """The driver's own connection: what is asked of it goes through fewer hands."""
    return connection.connection.driver_connection


def batches(rows: CursorResult[Any], at_once: int = FETCHED_AT_ONCE) -> Iterator[Sequence[Any]]:
    """The rows of an answer, fetched as they are used: plain tuples where the driver has them."""
    cursor = rows.cursor
    if rows.context.dialect.name == "sqlite" and cursor is not None:
        while some := cursor.fetchmany(at_once):
            yield some
    else:
        yield from rows.partitions(at_once)


def tuples(rows: CursorResult[Any]) -> Iterator[Any]:
    """The same, one after the other."""
    return chain.from_iterable(batches(rows))


# --- errors -----------------------------------------------------------------------------------


@contextlib.contextmanager
def in_the_librarys_words() -> Iterator[None]:
    """Whatever a driver raises leaves as the library's error of the same name."""
    try:
        yield
    except Exception as error:
        if is_a_databases(error):
            raise translated(error) from error
        raise


def is_a_databases(error: BaseException) -> bool:
    """True where a driver raised it; psycopg is imported only by those who have a server."""
    # SQLite's word on a damaged schema may hold letters of it that are none.
    return isinstance(error, (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError)) or type(
        error
    ).__module__.startswith("psycopg")


def translated(error: BaseException) -> PersistenceError:
    """The library's error for a driver's: both name their classes as DB-API 2.0 does."""
    cause: BaseException = getattr(error, "orig", None) or error
    message = str(cause).strip()
    for kind in type(cause).__mro__:
        known = getattr(persistence, kind.__name__, None)
        if isinstance(known, type) and issubclass(known, PersistenceError):
            return known(message)
    return OperationalError(message)


def _round(count: int) -> int:
    """The next number of three binary digits and zeros: at most a quarter more."""
    zeros = max(count.bit_length() - 3, 0)
    return -(-count >> zeros) << zeros


def _hold_little(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA cache_size = {-LITTLE_KIB}")
