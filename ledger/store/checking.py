"""Re-derives everything that the log keeps, and says what does not agree with it."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import Any, Final

import msgspec
from eventsourcing.persistence import PersistenceError
from sqlalchemy import Connection, LargeBinary, Table, cast, func, not_, select, text, type_coerce
from sqlalchemy.types import NullType

from ledger.errors import LedgerError
from ledger.event import Entry, told_apart
from ledger.events.imports import ReportImported
from ledger.events.keeping import EntryCorrected, EvidenceAttached
from ledger.store.database import Database, tuples
from ledger.store.mapper import EntryMapper, canonical_line
from ledger.store.sweeping import Sweep, Swept, tree_over
from ledger.store.tables import guards
from ledger.store.tree import Tree, leaf_hash

PROBLEMS_MAX: Final = 100
"""As many problems as one check lists; the rest are counted."""


BESIDE: Final = 2
"""Threads: so that nothing waits behind the look at the file, and has to be done when all else is."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What was re-derived, how many of it, and what did not agree."""

    name: str
    checked: int
    problems: list[str]

    @property
    def ok(self) -> bool:
        """True where everything agreed."""
        return not self.problems


def checks(
    database: Database, mapper: EntryMapper, sweep: Sweep, threads: int = 1
) -> Iterator[Check]:
    """Every check, in an order that tells the most first; damaged data is a problem, not an exception.

    What the database and zlib do by themselves, another thread has done beside the reading.
    """
    originals = _Originals("originals") if may_read_originals(database) else None
    with _beside(database, threads) as begin:
        file = begin(_File("file")) if database.is_sqlite else None
        versions = begin(_Versions("versions"))
        unpacked = begin(originals) if originals else None
        reading = _Reading(database, mapper, sweep)
        read = list(_made_in_one_reading(reading, database))
        if file:
            yield file()
        yield _made(_Guards("guards"), database)
        yield from read
        yield versions()
        if originals and unpacked:
            unpacked()
            originals.compare_named(reading.sealed)
            yield originals.result()


@contextmanager
def _beside(
    database: Database, threads: int
) -> Iterator[Callable[[_Checking], Callable[[], Check]]]:
    """Begins checks in threads of their own; where there is one only, each when it is asked for."""
    if threads < 2:
        yield lambda checking: partial(_made, checking, database)
        return
    pool = ThreadPoolExecutor(BESIDE)
    try:
        yield lambda checking: pool.submit(_made, checking, database).result
    except BaseException:  # nobody waits for the answers any more
        pool.shutdown(wait=False, cancel_futures=True)
        database.interrupt()
        raise
    finally:
        pool.shutdown()


def may_read_originals(database: Database) -> bool:
    """False for a server's user who sees which files are kept, but not what is in them."""
    originals = database.tables.originals
    return _may(database, originals, "has_column_privilege(:table, 'content', 'SELECT')")


def may_append(database: Database) -> bool:
    """False for a server's user who may only read."""
    return _may(database, database.tables.entries, "has_table_privilege(:table, 'INSERT')")


def _may(database: Database, table: Table, privilege: str) -> bool:
    """What a server answers of a privilege on a table; whoever has a file may do anything with it."""
    if database.is_sqlite:
        return True
    name = database.engine.dialect.identifier_preparer.format_table(table)
    with database.reading() as connection:
        asked = text(f"SELECT {privilege}")
        return bool(connection.execute(asked, {"table": name}).scalar_one())


class _Checking:
    """A check that is being made."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.checked = 0
        self._problems: list[str] = []
        self._unlisted = 0

    def read(self, database: Database, connection: Connection) -> None:
        """Look at what is stored."""
        raise NotImplementedError

    def found(self, problem: str) -> None:
        """Take down what does not agree."""
        if len(self._problems) < PROBLEMS_MAX:
            self._problems.append(problem)
        else:
            self._unlisted += 1

    def result(self) -> Check:
        unlisted = [f"and {self._unlisted} more"] if self._unlisted else []
        return Check(name=self.name, checked=self.checked, problems=self._problems + unlisted)


def _made(checking: _Checking, database: Database) -> Check:
    try:
        with database.snapshot() as connection:
            checking.read(database, connection)
    except PersistenceError as error:
        checking.found(f"cannot be read: {error}")
    return checking.result()


class _File(_Checking):
    """SQLite's own look at every page and index of the file."""

    def read(self, database: Database, connection: Connection) -> None:
        for (answer,) in connection.execute(text("PRAGMA integrity_check")):
            self.checked += 1
            if answer != "ok":
                self.found(" ".join(str(answer).split()))


class _Guards(_Checking):
    """The triggers by which the database refuses changes."""

    def read(self, database: Database, connection: Connection) -> None:
        expected = guards(database.tables, database.engine.dialect)
        there = self._on_sqlite if database.is_sqlite else self._on_postgresql
        present = there(connection, database.tables.metadata.schema)
        for name, statement in expected.items():
            self.checked += 1
            if name not in present:
                self.found(f"{name} is missing: the log could have been changed")
            elif not database.is_sqlite:
                if not present[name]:
                    self.found(f"{name} is switched off: the log could have been changed")
            elif present[name] != statement:
                self.found(f"{name} is not what it was: the log could have been changed")

    def _on_sqlite(self, connection: Connection, _schema: str | None) -> dict[str, str]:
        asked = text("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        return {row[0]: row[1] for row in connection.execute(asked)}

    def _on_postgresql(self, connection: Connection, schema: str | None) -> dict[str, bool]:
        """Triggers and whether they hold always; functions and whether they still raise."""
        asked = text(
            "SELECT tgname, tgenabled = 'A' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = :schema"
            " UNION ALL SELECT proname, prosrc LIKE '%RAISE EXCEPTION%' FROM pg_proc p"
            " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = :schema"
        )
        return {row[0]: row[1] for row in connection.execute(asked, {"schema": schema})}


class _Versions(_Checking):
    """Each stream's versions run from 1 without a gap."""

    def read(self, database: Database, connection: Connection) -> None:
        version = database.tables.entries.c.version
        stream = _plain(database, "stream")
        lowest, highest = func.min(version), func.max(version)
        streams = select(stream).group_by(stream).subquery()
        self.checked = connection.execute(select(func.count()).select_from(streams)).scalar_one()
        # Compared by the database, as there may be millions; nothing is equal to what is not there.
        wrong = select(stream, func.count(), lowest, highest).group_by(stream)
        wrong = wrong.having(not_(func.coalesce((lowest == 1) & (highest == func.count()), False)))
        with connection.execute(wrong) as rows:
            for name, count, low, high in tuples(rows):
                self.found(f"{_name(name)} has {count} entries with versions {low} to {high}")


class _Originals(_Checking):
    """Each original is what its SHA-256 says, or that of the sealed form that an entry names."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._sealed: list[tuple[str, str]] = []

    def read(self, database: Database, connection: Connection) -> None:
        table = database.tables.originals.c
        digests = connection.execute(select(table.digest).order_by(table.digest)).scalars().all()
        for digest in digests:
            self.checked += 1
            kept = select(table.size, table.sealed, type_coerce(table.content, NullType()))
            row = connection.execute(kept.where(table.digest == digest)).one()
            self._compare(digest, *row)

    def _compare(self, digest: str, size: object, sealed: Any, content: Any) -> None:
        try:
            data = zlib.decompress(content)
        except (zlib.error, TypeError) as error:
            self.found(f"{digest} cannot be unpacked: {error}")
            return
        if sha256(data).hexdigest() != (sealed or digest):
            self.found(f"{digest} is another file")
        elif sealed is not None:
            self._sealed.append((digest, sealed))
        elif len(data) != size:
            self.found(f"{digest} has {len(data)} bytes, not {size}")

    def compare_named(self, named: Collection[tuple[str, str | None]]) -> None:
        """Once all entries have been read: what is kept sealed, one of them names in that form."""
        for one in self._sealed:
            if one not in named:
                self.found(f"{one[0]} is kept in a sealed form that no entry names")


# --- what one reading of the entries shows ----------------------------------------------------


def _made_in_one_reading(reading: _Reading, database: Database) -> Iterator[Check]:
    try:
        with database.snapshot() as connection:
            reading.read(connection)
    except PersistenceError as error:
        reading.leaves.found(f"after position {reading.position}: cannot be read: {error}")
    for checking in (
        reading.leaves,
        reading.tree,
        reading.positions,
        reading.times,
        reading.entries,
    ):
        checking.checked = reading.leaves.checked
        yield checking.result()
    yield reading.chain.result()


class _Reading:
    """The whole log, read once; row by row where something in it does not agree."""

    def __init__(self, database: Database, mapper: EntryMapper, sweep: Sweep) -> None:
        self._sweep = sweep
        self._database = database
        self._mapper = mapper
        self._grown = Tree()
        self.position = 0
        self.recorded_at = 0
        self.leaves = _Checking("leaves")
        self.tree = _Checking("tree")
        self.positions = _Checking("positions")
        self.times = _Checking("times")
        self.entries = _Checking("entries")
        self.chain = _Checking("chain")
        self.sealed: set[tuple[str, str | None]] = set()
        """Files that entries name, and the SHA-256 of the form in which they are kept sealed."""
        self._following: defaultdict[str, list[Entry]] = defaultdict(list)
        """Entries that name one before them, by stream."""

    def read(self, connection: Connection) -> None:
        head = self._database.tables.head.c
        kept = connection.execute(select(head.position, head.peaks, head.recorded_at)).first()
        swept = self._sweep.result(connection, self._database, self._mapper)
        if swept is None:
            self._read_row_by_row(connection)
        else:
            self._take(swept)
        self._compare_head(None if kept is None else tuple(kept))
        self._compare_tiles(connection)
        self._compare_chain(connection)
        parts = (self.leaves, self.tree, self.positions, self.times, self.entries)
        if swept is None and not any(part.result().problems for part in parts):
            self.entries.found("some are not kept in the form in which they were written")

    def _take(self, swept: Swept) -> None:
        self._grown = tree_over(swept)
        self.position = self.leaves.checked = swept.entries
        self.recorded_at = swept.moments[-1]
        self.sealed = swept.sealed
        for entry in swept.following:
            self._following[entry.stream].append(entry)

    def _read_row_by_row(self, connection: Connection) -> None:
        """As it lies in the file, whatever it is, so that it can be said what is wrong with it."""
        entries = self._database.tables.entries.c
        columns = ("stream", "version", "topic", "state", "local_key", "recorded_at", "leaf")
        plain = [_plain(self._database, name) for name in columns]
        with connection.execute(select(entries.position, *plain).order_by("position")) as rows:
            for row in rows:
                self._compare(*row)

    def _compare(
        self,
        position: Any,
        stream: Any,
        version: Any,
        topic: Any,
        state: Any,
        local_key: Any,
        recorded_at: Any,
        leaf: Any,
    ) -> None:
        where = f"position {position} ({_name(stream)}, version {version})"
        self.leaves.checked += 1
        if type(position) is not int:  # the words that made the table were changed
            self.positions.found(f"{where} is not counted")
            return
        if position != self.position + 1:
            self.positions.found(f"{where} comes after position {self.position}")
        self.position = position
        self._compare_time(where, recorded_at)
        self._compare_leaf(where, position, stream, version, topic, state, recorded_at, leaf)
        self._compare_entry(where, position, stream, version, topic, state, local_key)

    def _compare_time(self, where: str, recorded_at: Any) -> None:
        if not isinstance(recorded_at, int) or recorded_at < self.recorded_at:
            self.times.found(f"{where} was recorded before what stands before it")
        else:
            self.recorded_at = recorded_at

    def _compare_leaf(
        self,
        where: str,
        position: int,
        stream: Any,
        version: Any,
        topic: Any,
        state: Any,
        recorded_at: Any,
        leaf: Any,
    ) -> None:
        try:
            _expect_whole(version, recorded_at)
            line = canonical_line(
                position=position,
                stream=_name(stream),
                version=version,
                topic=_name(topic),
                state=state,
                recorded_at=recorded_at,
            )
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            self.leaves.found(f"{where} does not make a line: {error}")
            return
        derived = leaf_hash(line)
        self._grown.append(derived)
        if derived != leaf:
            self.leaves.found(f"{where} does not have the hash that it was recorded with")

    def _compare_entry(
        self,
        where: str,
        position: int,
        stream: Any,
        version: Any,
        topic: Any,
        state: Any,
        local_key: Any,
    ) -> None:
        try:
            entry = self._mapper.entry(position, _name(stream), version, _name(topic), state, None)
        except (LedgerError, TypeError, ValueError) as error:
            self.entries.found(f"{where}: {error}")
            return
        if isinstance(entry.event, ReportImported | EvidenceAttached):
            self.sealed.add((entry.event.digest, entry.event.sealed))
        if isinstance(entry.event, EntryCorrected) or (entry.telling and entry.telling.revises):
            self._following[entry.stream].append(entry)
        expected = None if entry.telling is None else entry.telling.local_key
        if (None if local_key is None else _name(local_key)) != expected:
            self.entries.found(f"{where} is not kept under the identity that it tells")

    def _compare_head(self, kept: tuple[Any, ...] | None) -> None:
        if kept is None:
            self.positions.found("the log has lost its head")
            return
        position, peaks, recorded_at = kept
        if position != self.position:
            self.positions.found(f"the log was at {position} and now ends at {self.position}")
        if (self._grown.size, self._grown.peaks) != (position, peaks):
            self.tree.found("the tree over the entries is not the one that the log keeps")
        if recorded_at != self.recorded_at:
            self.times.found("the last entry was not recorded when the log says")

    def _compare_chain(self, connection: Connection) -> None:
        """What revises a telling, or corrects an entry, stands behind it in the same stream."""
        table = self._database.tables.entries.c
        columns = (table.position, table.stream, table.version, table.topic, table.state)
        for stream, following in self._following.items():
            found = connection.execute(select(*columns).where(table.stream == stream))
            told: dict[str, int] = {}
            versions: dict[int, int] = {}
            for row in found:
                try:
                    entry = self._mapper.entry(*row, None)
                except LedgerError:
                    continue
                versions[row[0]] = entry.version
                for part in told_apart(entry):
                    if part.telling is not None:
                        told.setdefault(part.telling.digest, entry.version)
                        told[part.telling.digest] = min(told[part.telling.digest], entry.version)
            for entry in following:
                self.chain.checked += 1
                self._compare_following(entry, told, versions)

    def _compare_following(
        self, entry: Entry, told: Mapping[str, int], versions: Mapping[int, int]
    ) -> None:
        where = f"position {entry.position} ({entry.stream}, version {entry.version})"
        if isinstance(entry.event, EntryCorrected):
            before = versions.get(entry.event.corrects, entry.version)
            what = f"corrects entry {entry.event.corrects}"
        else:
            assert entry.telling is not None, "only what revises or corrects follows anything"
            before = told.get(entry.telling.revises or "", entry.version)
            what = "revises a telling"
        if before >= entry.version:
            self.chain.found(f"{where} {what} that does not stand before it")

    def _compare_tiles(self, connection: Connection) -> None:
        """The roots that are kept of full tiles are those that the leaves make, and no others."""
        table = self._database.tables.tiles.c
        found = connection.execute(select(table.level, table.number, table.root))
        kept = {(level, number): root for level, number, root in found}
        for level, number, root in self._grown.tiles:
            if kept.pop((level, number), None) != root:
                self.tree.found(f"tile {number} of level {level} is not what the entries make")
        for level, number in sorted(kept):
            self.tree.found(f"tile {number} of level {level} stands for no entries")


def _plain(database: Database, column: str) -> Any:
    """A column as it lies in the file: damaged text would not decode, and a type may be another."""
    found = type_coerce(database.tables.entries.c[column], NullType())
    if database.is_sqlite and column in ("stream", "topic", "local_key"):
        return type_coerce(cast(found, LargeBinary), NullType())
    return found


def _expect_whole(*numbers: Any) -> None:
    """SQLite keeps a broken number in a column of whole ones, and the line would not show it."""
    for number in numbers:
        if type(number) is not int:
            raise TypeError(f"{number!r} is not a whole number")


def _name(value: Any) -> str:
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)
