"""Reads a log fast and says whether all of it agrees; where it does not, somebody else says what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

import msgspec
from eventsourcing.persistence import PersistenceError
from sqlalchemy import Connection, select

from ledger.errors import LedgerError
from ledger.event import Entry, Event
from ledger.events.imports import ReportImported
from ledger.events.keeping import EntryCorrected, EvidenceAttached
from ledger.store.database import Database, batches, in_the_librarys_words
from ledger.store.engines import engine_for
from ledger.store.mapper import Body, EntryMapper, lines_around
from ledger.store.tree import TILE_WIDTH, Tree, folded, leaf_hashes

SHARE: Final = TILE_WIDTH * 256
"""Entries that a process looks through at a time."""
SHARED_FROM: Final = 8 * SHARE
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
    """The whole log looked through, the larger part of it by other processes if there are some."""

    def __init__(self, shares: Sequence[Future[Swept | None]], done: int) -> None:
        self._shares = shares
        self._done = done

    def result(
        self, connection: Connection, database: Database, mapper: EntryMapper
    ) -> Swept | None:
        """All of it up to where the log stands now; None where something does not agree."""
        parts = [share.result() for share in self._shares]
        parts.append(swept(connection, database, mapper, self._done, None))
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        moments = [moment for part in found if part.entries for moment in part.moments]
        if moments != sorted(moments):
            return None
        return Swept(
            entries=sum(part.entries for part in found),
            roots=[root for part in found for root in part.roots],
            leaves=found[-1].leaves,
            moments=(moments[0], moments[-1]) if moments else (0, 0),
            sealed=set().union(*(part.sealed for part in found)),
            following=[entry for part in found for entry in part.following],
        )


@contextmanager
def sweeping(
    address: Address,
    entries: int,
    types: Mapping[str, type[Event]],
    processes: int,
    share: int = SHARE,
) -> Iterator[Sweep]:
    """Other processes begin with whole shares of a log; what is left is looked through at the end."""
    shares = entries // share if processes > 1 else 0
    if not shares:
        yield Sweep([], 0)
        return
    with ProcessPoolExecutor(min(processes, shares), mp_context=get_context("spawn")) as pool:
        begun = [
            pool.submit(_share, address, dict(types), number * share, (number + 1) * share)
            for number in range(shares)
        ]
        yield Sweep(begun, shares * share)


def _share(
    address: Address, types: Mapping[str, type[Event]], after: int, until: int
) -> Swept | None:
    with (
        closing(Database(*engine_for(*address))) as database,
        database.snapshot() as connection,
    ):
        return swept(connection, database, EntryMapper(types), after, until)


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
        with in_the_librarys_words(), connection.execute(found) as rows:
            for some in batches(rows):
                sweeper.look_at(some)
    except (_Disagreement, PersistenceError):
        return None
    if until is not None and sweeper.position != until:
        return None
    return sweeper.result()


_SPECIAL: Final = frozenset({EntryCorrected, ReportImported, EvidenceAttached})
"""Events of which more must be known than that they can be read."""


class _Disagreement(Exception):
    """Something is not as it was recorded; whoever reads row by row can say what."""


class _Sweeper:
    """What is found in a stretch, a batch of rows at a time."""

    def __init__(self, mapper: EntryMapper, after: int) -> None:
        self._mapper = mapper
        self._after = after
        self.position = after
        self._moments: tuple[int, int] | None = None
        self._roots: list[bytes] = []
        self._leaves: list[bytes] = []
        self._sealed: set[tuple[str, str | None]] = set()
        self._following: list[Entry] = []

    def look_at(self, rows: Sequence[Sequence[Any]]) -> None:
        """Raises _Disagreement where one is not as it was recorded, or not where it belongs."""
        positions, streams, versions, topics, states, keys, moments, leaves = zip(
            *rows, strict=True
        )
        _expect({*map(type, positions), *map(type, versions), *map(type, moments)} == {int})
        _expect({*map(type, streams), *map(type, topics)} == {str})
        _expect({*map(type, states), *map(type, leaves)} == {bytes})
        _expect({*map(type, keys)} <= {str, type(None)})
        _expect(positions == tuple(range(self.position + 1, self.position + len(rows) + 1)))
        first, last = self._moments or (moments[0], moments[0])
        _expect(moments[0] >= last and moments == tuple(sorted(moments)))
        try:
            self._read(topics, states, keys, rows)
            placed = zip(positions, streams, versions, topics, states, moments, strict=True)
            derived = leaf_hashes(lines_around(states, list(placed)))
        except (LedgerError, ArithmeticError, TypeError, ValueError, AttributeError) as error:
            raise _Disagreement from error
        _expect(derived == list(leaves))
        self.position += len(rows)
        self._moments = (first, moments[-1])
        self._add(derived)

    def _read(
        self,
        topics: Sequence[str],
        states: Sequence[bytes],
        keys: Sequence[str | None],
        rows: Sequence[Sequence[Any]],
    ) -> None:
        """Each can be read, stands in its line as it is, and is kept under what it tells."""
        together = b"\n".join(states)
        _expect(together.count(b"\n") < len(states) and b"\r" not in together)
        body_of, row = self._mapper.body, -1
        for topic, state, key in zip(topics, states, keys, strict=True):
            row += 1
            try:
                body = body_of(topic, state)
            except (KeyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise _Disagreement from error
            telling = body.telling
            if key != (None if telling is None else telling.local_key):
                raise _Disagreement
            if type(body.event) in _SPECIAL or (telling is not None and telling.revises):
                self._note(body, rows[row])

    def _note(self, body: Body[Event], row: Sequence[Any]) -> None:
        event, telling = body.event, body.telling
        if isinstance(event, ReportImported | EvidenceAttached):
            self._sealed.add((event.digest, event.sealed))
        if isinstance(event, EntryCorrected) or (telling is not None and telling.revises):
            position, stream, version, topic, state, *_rest = row
            entry = self._mapper.entry(position, stream, version, topic, state, None)
            self._following.append(entry)

    def _add(self, leaves: list[bytes]) -> None:
        self._leaves += leaves
        full = len(self._leaves) - len(self._leaves) % TILE_WIDTH
        for start in range(0, full, TILE_WIDTH):
            self._roots.append(folded(self._leaves[start : start + TILE_WIDTH]))
        del self._leaves[:full]

    def result(self) -> Swept:
        return Swept(
            entries=self.position - self._after,
            roots=self._roots,
            leaves=self._leaves,
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
