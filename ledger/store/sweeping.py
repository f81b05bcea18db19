"""Reads a log fast and says whether all of it agrees; where it does not, somebody else says what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, NamedTuple

from eventsourcing.persistence import PersistenceError
from sqlalchemy import Connection, select

from ledger.errors import LedgerError
from ledger.event import Entry, Event, Telling
from ledger.events.imports import ReportImported
from ledger.events.keeping import EntryCorrected, EvidenceAttached
from ledger.helpers import pool
from ledger.store.collecting import uncollected
from ledger.store.database import Database, batches, in_the_librarys_words
from ledger.store.engines import engine_for
from ledger.store.mapper import LINE_BEGINS, Body, EntryMapper, line_ends
from ledger.store.tree import TILE_WIDTH, Stretch, Tree, leaf_hashes_of_parts

FETCHED_AT_ONCE: Final = TILE_WIDTH // 2
"""So few that they are in the processor's cache until the last has been looked at."""
SHARE: Final = TILE_WIDTH * 32
"""Entries that a process looks through at a time."""
SHARED_FROM: Final = 64 * SHARE
"""Entries of which fewer are looked through sooner than another process has begun."""


class Address(NamedTuple):
    """Where a log is, so that another process can open it."""

    url: str
    account: str


class Swept(NamedTuple):
    """A stretch of the log in which every row agrees with itself and with the one before it."""

    entries: int
    roots: list[bytes]
    """Of the full tiles, in order."""
    leaves: list[bytes]
    """Behind the last full tile."""
    moments: tuple[int, int]
    """The first and the last."""
    sealed: set[tuple[str, str | None]]
    """Files that entries name, and the SHA-256 of the form in which they are kept sealed."""
    following: list[Entry]
    """Entries that name one before them."""


class Sweep:
    """The whole log looked through: other processes begin at its beginning, this one at its end."""

    def __init__(self, shares: Sequence[Future[Swept | None]], share: int) -> None:
        self._shares = shares
        self._share = share

    def result(
        self, connection: Connection, database: Database, mapper: EntryMapper
    ) -> Swept | None:
        """All of it up to where the log stands now; None where something does not agree."""

        def look(number: int, until: int | None) -> Swept | None:
            return swept(connection, database, mapper, number * self._share, until)

        parts = [look(len(self._shares), None)]
        waiting = list(self._shares)
        while waiting and waiting[-1].cancel():  # nobody else has begun it
            waiting.pop()
            parts.append(look(len(waiting), (len(waiting) + 1) * self._share))
        while waiting:
            try:
                parts.append(waiting.pop().result())
            except BrokenExecutor:  # the other process was ended: it is looked through here
                parts.append(look(len(waiting), (len(waiting) + 1) * self._share))
        found = [part for part in reversed(parts) if part is not None]
        return _joined(found) if len(found) == len(parts) else None


def _joined(parts: Sequence[Swept]) -> Swept | None:
    """Stretches that follow each other as one; None where their moments do not go forward."""
    moments = [moment for part in parts if part.entries for moment in part.moments]
    if moments != sorted(moments):
        return None
    return Swept(
        entries=sum(part.entries for part in parts),
        roots=[root for part in parts for root in part.roots],
        leaves=parts[-1].leaves,
        moments=(moments[0], moments[-1]) if moments else (0, 0),
        sealed=set().union(*(part.sealed for part in parts)),
        following=[entry for part in parts for entry in part.following],
    )


@contextmanager
def sweeping(
    address: Address,
    entries: int,
    types: Mapping[str, type[Event]],
    processes: int,
    share: int = SHARE,
) -> Iterator[Sweep]:
    """Other processes begin with whole shares of a log, and this one helps when it is asked for all."""
    shares = entries // share if processes > 1 else 0
    if not shares:
        yield Sweep([], share)
        return
    others = pool(min(processes - 1, shares), _begin, address, dict(types))
    try:
        yield Sweep(
            [
                others.submit(_share, number * share, (number + 1) * share)
                for number in range(shares)
            ],
            share,
        )
    finally:
        others.shutdown(cancel_futures=True)


_opened: list[tuple[Database, EntryMapper]] = []
"""The log that this process looks through for another one."""


def _begin(address: Address, types: Mapping[str, type[Event]]) -> None:
    _opened.append((Database(*engine_for(*address)), EntryMapper(types)))


def _share(after: int, until: int) -> Swept | None:
    ((database, mapper),) = _opened
    with database.snapshot() as connection:
        return swept(connection, database, mapper, after, until)


def swept(
    connection: Connection, database: Database, mapper: EntryMapper, after: int, until: int | None
) -> Swept | None:
    """The entries behind a full tile up to a position; None where something does not agree."""
    assert after % TILE_WIDTH == 0, "a stretch begins where a tile does"
    table = database.tables.entries.c
    columns = "position stream version topic state local_key recorded_at leaf"
    found = select(*(table[name] for name in columns.split())).order_by(table.position)
    if after:
        found = found.where(table.position > after)
    if until is not None:
        found = found.where(table.position <= until)
    sweeper = _Sweeper(mapper, after)
    try:
        with (
            uncollected(),
            in_the_librarys_words(),
            database.passing(connection),
            connection.execute(found) as rows,
        ):
            for some in batches(rows, FETCHED_AT_ONCE):
                sweeper.look_at(some)
    except (_Disagreement, PersistenceError):
        return None
    if until is not None and sweeper.position != until:
        return None
    return sweeper.result()


_SPECIAL: Final = (EntryCorrected, ReportImported, EvidenceAttached)
"""Events of which more must be known than that they can be read."""


class _Disagreement(Exception):
    """Something is not as it was recorded; whoever reads row by row can say what."""


class _Sweeper:
    """What is found in a stretch, a batch of rows at a time."""

    def __init__(self, mapper: EntryMapper, after: int) -> None:
        self._mapper = mapper
        self._special = mapper.topics_of(_SPECIAL)
        self._after = after
        self.position = after
        self._moments: tuple[int, int] | None = None
        self._hashes = Stretch()
        self._sealed: set[tuple[str, str | None]] = set()
        self._following: list[Entry] = []

    def look_at(self, rows: Sequence[Sequence[Any]]) -> None:
        """Raises _Disagreement where one is not as it was recorded, or not where it belongs."""
        positions, streams, versions, topics, states, keys, moments, leaves = zip(
            *rows, strict=True
        )
        _expect({*map(type, chain(positions, versions, moments))} == {int})
        _expect(positions == tuple(range(self.position + 1, self.position + len(rows) + 1)))
        first, last = self._moments or (moments[0], moments[0])
        _expect(moments[0] >= last and list(moments) == sorted(moments))
        try:
            tellings = self._read(topics, states)
            ends = line_ends(positions, streams, versions, topics, moments)
            derived = leaf_hashes_of_parts(LINE_BEGINS, states, ends)
        except (
            LedgerError,
            ArithmeticError,
            TypeError,
            ValueError,
            AttributeError,
            LookupError,
        ) as error:
            raise _Disagreement from error
        _expect(derived == list(leaves))
        _expect([None if told is None else told.local_key for told in tellings] == list(keys))
        revising = [told for told in tellings if told is not None and told.revises]
        if revising or not self._special.isdisjoint(topics):
            self._note_those_that_name_others(rows)
        self.position += len(rows)
        self._moments = (first, moments[-1])
        self._hashes.add(derived)

    def _read(self, topics: Sequence[str], states: Sequence[bytes]) -> list[Telling | None]:
        """What each tells: all it says can be read, and stands in its line as it is."""
        together = b"".join(states)
        _expect(not (b"\n" in together or b"\r" in together))
        decoders = self._mapper.decoders
        # The rest is let go at once, and what is read next takes its place in the processor's cache.
        return [decoders[topic](state).telling for topic, state in zip(topics, states, strict=True)]

    def _note_those_that_name_others(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            _position, _stream, _version, topic, state, *_rest = row
            self._note(self._mapper.body(topic, state), row)

    def _note(self, body: Body[Event], row: Sequence[Any]) -> None:
        event, telling = body.event, body.telling
        if isinstance(event, ReportImported | EvidenceAttached):
            self._sealed.add((event.digest, event.sealed))
        if isinstance(event, EntryCorrected) or (telling is not None and telling.revises):
            position, stream, version, topic, state, *_rest = row
            entry = self._mapper.entry(position, stream, version, topic, state, None)
            self._following.append(entry)

    def result(self) -> Swept:
        return Swept(
            entries=self.position - self._after,
            roots=self._hashes.roots,
            leaves=self._hashes.leaves,
            moments=self._moments or (0, 0),
            sealed=self._sealed,
            following=self._following,
        )


def tree_over(stretch: Swept) -> Tree:
    """The tree that a stretch from the log's beginning makes."""
    tree = Tree()
    tree.extend_by_tiles(stretch.roots)
    tree.extend(stretch.leaves)
    return tree


def _expect(holds: bool) -> None:
    if not holds:
        raise _Disagreement
