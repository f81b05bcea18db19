"""Every way to read the entries of a log: in the order they were recorded, by stream, and about them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from eventsourcing.persistence import PersistenceError
from sqlalchemy import Connection, Select, func, select

from ledger.errors import StoreTrouble
from ledger.event import Entry
from ledger.store.database import FETCHED_AT_ONCE, Database, batches
from ledger.store.engines import place_of
from ledger.store.lining import line_batches
from ledger.store.mapper import EntryMapper, canonical_lines, instant_of, microseconds_of
from ledger.store.servers import advice_on
from ledger.store.stored import KEPT, StoredCase, StoredRows, cases_of, chunked
from ledger.store.sweeping import Address
from ledger.store.tables import Tables
from ledger.store.tree import HASH_BYTES, Tree


class Entries:
    """The entries of a log, for reading."""

    _address: Address
    _database: Database
    _tables: Tables
    _mapper: EntryMapper

    @cached_property
    def _quoted(self) -> str:
        return self._database.quoted(self._tables.entries)

    @cached_property
    def _stored(self) -> StoredRows:
        return StoredRows(self._database)

    # --- reading entries

    def entries(
        self,
        stream: str | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        known_at: str | None = None,
        topics: Collection[str] = (),
    ) -> Iterator[Entry]:
        """The entries in the order they were recorded, read as they are used: those after a position up to another."""
        table = self._tables.entries.c
        found = self._known(known_at).where(table.position > after).order_by(table.position)
        if until is not None:
            found = found.where(table.position <= until)
        if stream is not None:
            found = found.where(table.stream == stream)
        if topics:
            found = found.where(table.topic.in_(topics))
        return self._read(found)

    def streams(
        self, names: Collection[str], *, known_at: str | None = None
    ) -> dict[str, list[Entry]]:
        """The entries of many streams, each in the order of its versions; none if unknown."""
        table = self._tables.entries.c
        found: dict[str, list[Entry]] = {name: [] for name in names}
        for some in chunked(found):
            asked = self._known(known_at).where(table.stream.in_(some))
            for entry in self._read(asked.order_by(table.stream, table.version)):
                found[entry.stream].append(entry)
        return found

    def cases(self, *, known_at: str | None = None) -> Iterator[tuple[str, list[Entry]]]:
        """Whole streams, one after the other by name, each in the order of its versions."""
        table = self._tables.entries.c
        found = self._known(known_at).order_by(table.stream, table.version)
        for stream, entries in groupby(self._read(found), key=attrgetter("stream")):
            yield stream, list(entries)

    def stored_cases(
        self, *, known_at: str | None = None, after: str = "", until: str | None = None
    ) -> Iterator[StoredCase]:
        """Whole streams as they are stored, by name: those that come after one name, up to another."""
        by = None if known_at is None else microseconds_of(known_at)
        with as_trouble("the log cannot be read", self._address):
            yield from cases_of(self._stored.between(after, until, by=by))

    def stored_streams(
        self, names: Iterable[str], *, known_at: str | None = None
    ) -> Iterator[StoredCase]:
        """The same of streams that are named; those without entries are left out."""
        by = None if known_at is None else microseconds_of(known_at)
        with as_trouble("the log cannot be read", self._address):
            yield from cases_of(self._stored.of(names, by=by))

    def raw_lines(self, after: int = 0, until: int | None = None) -> Iterator[bytes]:
        """The canonical lines in the order they were recorded: what an export writes."""
        with as_trouble("the log cannot be read", self._address):
            yield from chain.from_iterable(line_batches(self._database, after, until))

    def lines_at(self, positions: Iterable[int]) -> dict[int, bytes]:
        """The canonical lines at some positions; a position that is not there is left out."""
        table = self._tables.entries.c
        found: dict[int, bytes] = {}
        for some in chunked(sorted(set(positions))):
            for rows in self._batches(self._known(None).where(table.position.in_(some))):
                lines = canonical_lines(rows)
                found.update((row[0], line) for row, line in zip(rows, lines, strict=True))
        return found

    def entries_at(self, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at some positions; a position that is not there is left out."""
        table = self._tables.entries.c
        found: dict[int, Entry] = {}
        for some in chunked(sorted(set(positions))):
            for entry in self._read(self._known(None).where(table.position.in_(some))):
                found[entry.position or 0] = entry
        return found

    def stored_between(
        self, after: str, last: str, *, until: int, at_once: int = FETCHED_AT_ONCE
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """Rows as they are kept, of the streams after one name up to another, many at a time.

        They come by stream and version, and none is of an entry after `until`.
        """
        with as_trouble("the log cannot be read", self._address):
            yield from self._stored.between(after, last, until=until, columns=KEPT, at_once=at_once)

    def stream_ends(self, rows: int, *, until: int | None = None) -> Iterator[str]:
        """Every stream at whose end another so many entries have gone by; at last the last stream.

        Entries after `until` are left out.
        """
        table = self._tables.entries.c
        known = () if until is None else (table.position <= until,)
        last = self._one(select(func.max(table.stream)).where(*known))
        found = ""
        while last is not None and found < last:
            counted = select(table.stream).where(table.stream > found, *known)
            counted = counted.order_by(table.stream, table.version).offset(rows - 1).limit(1)
            found = self._one(counted) or last
            yield found

    def _known(self, known_at: str | None) -> Select[Any]:
        """The rows of entries, or those of them that had been recorded at a moment."""
        table = self._tables.entries.c
        found: Select[Any] = select(
            table.position, table.stream, table.version, table.topic, table.state, table.recorded_at
        )
        if known_at is None:
            return found
        return found.where(table.recorded_at <= microseconds_of(known_at))

    def _read(self, found: Select[Any]) -> Iterator[Entry]:
        entry = self._mapper.entry
        for row in self._rows(found):
            yield entry(*row)

    def _rows(self, found: Select[Any]) -> Iterator[Sequence[Any]]:
        return chain.from_iterable(self._batches(found))

    def _batches(self, found: Select[Any]) -> Iterator[Sequence[Any]]:
        with (
            as_trouble("the log cannot be read", self._address),
            self._database.streaming() as connection,
            connection.execute(found) as rows,
        ):
            yield from batches(rows)

    def _one(self, expression: Select[Any]) -> Any:
        with (
            as_trouble("the log cannot be read", self._address),
            self._database.reading() as connection,
        ):
            return connection.execute(expression).scalar_one_or_none()

    def _number(self, asked: str, *values: int) -> Any:
        """The same in the driver's words: where the log ends is asked all the time."""
        mark = "?" if self._database.is_sqlite else "%s"
        words = asked.format(self._database.quoted(self._tables.entries), *(mark for _ in values))
        with (
            as_trouble("the log cannot be read", self._address),
            self._database.reading() as connection,
            contextlib.closing(connection.connection.cursor()) as cursor,
        ):
            cursor.execute(words, values)
            found = cursor.fetchone()
        return found[0] if found else None

    # --- reading about entries

    def changed_streams(self, after: int, *, but_for: Collection[str] = ()) -> list[str]:
        """The streams that have entries recorded after a position, by name; entries of some kinds do not count."""
        table = self._tables.entries.c
        # Told apart and sorted here: asked for both, SQLite reads a whole index instead of the end.
        found = select(table.stream).where(table.position > after)
        if but_for:
            found = found.where(table.topic.not_in(sorted(but_for)))
        return sorted({row[0] for row in self._rows(found)})

    def streams_with(self, topics: Collection[str], *, known_at: str | None = None) -> set[str]:
        """The streams that hold an entry of any of these kinds."""
        table = self._tables.entries.c
        found = select(table.stream).where(table.topic.in_(sorted(topics))).distinct()
        if known_at is not None:
            found = found.where(table.recorded_at <= microseconds_of(known_at))
        return {row[0] for row in self._rows(found)}

    def heads(self, names: Iterable[str]) -> dict[str, int]:
        """The highest version of each stream, 0 for one that has no entries."""
        with (
            as_trouble("the log cannot be read", self._address),
            self._database.reading() as connection,
        ):
            return self._heads(names, connection)

    def _heads(self, names: Iterable[str], connection: Connection) -> dict[str, int]:
        heads = dict.fromkeys(names, 0)
        for some in chunked(heads):
            named, values = self._database.named(some)
            asked = (
                f"WITH named (name) AS ({named}) SELECT name,"  # noqa: S608  nothing of a user's
                f" (SELECT max(version) FROM {self._quoted} WHERE stream = name) FROM named"
            )
            cursor = connection.connection.cursor()
            cursor.execute(asked, values)
            heads.update((name, version) for name, version in cursor.fetchall() if version)
            cursor.close()
        return heads

    def position(self) -> int:
        """The last position, 0 in an empty log."""
        return self._number("SELECT max(position) FROM {}") or 0

    def position_at(self, known_at: str) -> int:
        """The last position that had been recorded by a moment, 0 where none had."""
        moment = microseconds_of(known_at)
        first, last = 0, self.position()
        # Halved, as moments only go forward: a few looks by position, in a log of any length.
        while first < last:
            middle = (first + last + 1) // 2
            if self._recorded_by(middle, moment):
                first = middle
            else:
                last = middle - 1
        return first

    def _recorded_by(self, position: int, moment: int) -> bool:
        """Whether what stands at a position, or next before it, had been recorded by then."""
        table = self._tables.entries.c
        before = select(table.recorded_at).where(table.position <= position)
        recorded_at = self._one(before.order_by(table.position.desc()).limit(1))
        return not isinstance(recorded_at, int) or recorded_at <= moment

    def recorded_at(self) -> str | None:
        """When the last entry was recorded, None in an empty log."""
        return self.recorded_when(self.position())

    def recorded_when(self, position: int) -> str | None:
        """When the entry at a position was recorded, None where there is none."""
        found = self._number("SELECT recorded_at FROM {} WHERE position = {}", position)
        return None if found is None else instant_of(found)

    def tree(self) -> Tree:
        """The tree over all entries, as kept by the log: its size and its root."""
        head = self._tables.head.c
        for size, peaks in self._rows(select(head.position, head.peaks)):
            if type(size) is int and size >= 0 and are_hashes([peaks], size.bit_count()):
                return Tree(size, peaks)
            raise self._without_head("the log's head is damaged")
        raise self._without_head("the log has lost its head")

    def _without_head(self, what: str) -> StoreTrouble:
        place = place_of(*self._address)
        return StoreTrouble(what, file=place, advice="Restore it from a backup.")


def are_hashes(kept: Sequence[object], count: int = 1) -> bool:
    """True where each is so many hashes, one behind the other: SQLite keeps anything in any column."""
    return all(isinstance(one, bytes) and len(one) == count * HASH_BYTES for one in kept)


@contextlib.contextmanager
def as_trouble(what: str, address: Address) -> Iterator[None]:
    """What the database has against it is something the user can put right, who is told in which log."""
    try:
        yield
    except PersistenceError as error:
        message = " ".join(str(error).split())
        raise StoreTrouble(
            f"{what}: {message}",
            file=place_of(*address),
            advice=advice_on(message).replace("NAME", address.account),
        ) from error
