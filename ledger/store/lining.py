"""The log as lines, in the order of their positions; several processes make, hash and write them, each in its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from ledger.helpers import pool
from ledger.store.collecting import uncollected
from ledger.store.database import Database, batches
from ledger.store.engines import engine_for
from ledger.store.mapper import LINE_BEGINS, canonical_lines, line_ends, lines_in_columns
from ledger.store.sweeping import FETCHED_AT_ONCE, SHARE, SHARED_FROM, Address
from ledger.store.tree import Stretch, Tree, leaf_hashes

Said = Callable[[int], None]
"""Told how many lines have been made."""
AHEAD: Final = 2
"""So many shares each other process has before it: while one waits for its place, the next is made."""
_PLACED: Final = ("position", "stream", "version", "topic", "state", "recorded_at")


class Share(NamedTuple):
    """The entries after a position up to another."""

    after: int
    until: int


class Lined(NamedTuple):
    """Lines that were made."""

    size: int
    """In bytes, their line feeds too."""
    hashes: Stretch


def line_batches(
    database: Database, after: int = 0, until: int | None = None
) -> Iterator[list[bytes]]:
    """The canonical lines of the entries after a position up to another, many at a time."""
    return map(canonical_lines, _row_batches(database, after, until, _PLACED))


def _row_batches(
    database: Database, after: int, until: int | None, columns: Sequence[str]
) -> Iterator[Sequence[Any]]:
    table = database.tables.entries.c
    found = select(*(table[name] for name in columns)).order_by(table.position)
    found = found.where(table.position > after)
    if until is not None:
        found = found.where(table.position <= until)
    with (
        database.streaming() as connection,
        database.passing(connection),
        connection.execute(found) as rows,
    ):
        yield from batches(rows, FETCHED_AT_ONCE)


def write_lines(
    database: Database,
    address: Address,
    path: Path,
    size: int,
    *,
    processes: int = 1,
    said: Said = lambda done: None,
    share: int = SHARE,
    shared_from: int = SHARED_FROM,
) -> tuple[Tree, int]:
    """Write the first `size` entries into an empty file; the tree that they make, and how many bytes they are.

    Of a log that is long enough, other processes make shares, each the next but a few of the one before,
    and this process those between. Where a share begins is known when all before it have been made.
    """
    tree, place = Tree(), 0
    shares = [Share(after, min(after + share, size)) for after in range(0, size, share)]
    processes = min(processes, len(shares)) if size >= shared_from else 1
    with _turns(database, address, path, shares, processes) as turns:
        for number in range(len(shares)):
            lined = turns.make(number)
            turns.write(number, place)
            tree.extend_by(lined.hashes)
            place += lined.size
            said(tree.size)
        turns.finish()
    return tree, place


class _Writer:
    """Makes shares, and holds the lines of each until it is told where they begin in the file."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._file = path.open("r+b")
        self._made: dict[Share, list[bytes]] = {}

    def close(self) -> None:
        self._file.close()

    def make(self, share: Share) -> Lined:
        """The lines of a share, hashed and held."""
        made, hashes = list[bytes](), Stretch()
        with uncollected():
            for rows in _row_batches(self._database, *share, columns=(*_PLACED, "leaf")):
                lines, leaves = _proved(rows)
                made.append(b"\n".join(lines) + b"\n")
                hashes.add(leaves)
        self._made[share] = made
        return Lined(sum(map(len, made)), hashes)

    def write(self, share: Share, place: int) -> None:
        """Write what was made where it belongs."""
        self._file.seek(place)
        self._file.writelines(self._made.pop(share))
        self._file.flush()


def _proved(rows: Sequence[Any]) -> tuple[list[bytes], list[bytes]]:
    """The canonical lines of rows as they are kept, and their hashes."""
    *placed, leaves = zip(*rows, strict=True)
    positions, streams, versions, topics, states, moments = placed
    ends = line_ends(positions, streams, versions, topics, moments)
    lines = [LINE_BEGINS + state + end for state, end in zip(states, ends, strict=True)]
    hashes = leaf_hashes(lines)
    # Whether a state can stand in its line is not asked where the line is the one that was hashed as it
    # was recorded. Where a hash was changed, too, the lines do not make the root that was signed.
    if hashes != list(leaves):
        lines = lines_in_columns(*placed)
        hashes = leaf_hashes(lines)
    return lines, hashes


class _Turns:
    """Who makes and writes which share; what another process leaves undone is done by this one."""

    def __init__(
        self, here: _Writer, shares: Sequence[Share], others: Sequence[ProcessPoolExecutor]
    ) -> None:
        self._here = here
        self._shares = shares
        self._others = others
        self._making: dict[int, Future[Lined]] = {}
        self._writing: dict[int, tuple[Future[None], int]] = {}
        for number in range(AHEAD * (len(others) + 1)):
            self._begin(number)

    def _other(self, number: int) -> ProcessPoolExecutor | None:
        turn = number % (len(self._others) + 1)
        return self._others[turn - 1] if turn else None

    def _begin(self, number: int) -> None:
        other = self._other(number)
        if other is not None and number < len(self._shares):
            with suppress(BrokenExecutor):
                self._making[number] = other.submit(_make_apart, self._shares[number])

    def make(self, number: int) -> Lined:
        """The lines of a share, made here or elsewhere; whoever made them goes on with another."""
        self._begin(number + AHEAD * (len(self._others) + 1))
        with suppress(BrokenExecutor):
            if number in self._making:
                return self._making[number].result()
        self._making.pop(number, None)
        return self._here.make(self._shares[number])

    def write(self, number: int, place: int) -> None:
        """Have a share written by whoever has made it."""
        other = self._other(number)
        if other is not None and self._making.pop(number, None) is not None:
            with suppress(BrokenExecutor):
                written = other.submit(_write_apart, self._shares[number], place)
                self._writing[number] = written, place
                return
            self._here.make(self._shares[number])
        self._here.write(self._shares[number], place)

    def finish(self) -> None:
        """Wait until all is written."""
        for number, (written, place) in self._writing.items():
            try:
                written.result()
            except BrokenExecutor:
                self._here.make(self._shares[number])
                self._here.write(self._shares[number], place)


@contextmanager
def _turns(
    database: Database, address: Address, path: Path, shares: Sequence[Share], processes: int
) -> Iterator[_Turns]:
    """This process and others take turns; each of them has a queue of its own, as it holds what it has made."""
    others = [pool(1, _begin, address, path) for _ in range(processes - 1)]
    try:
        with closing(_Writer(database, path)) as here:
            yield _Turns(here, shares, others)
    finally:
        for other in others:
            other.shutdown(cancel_futures=True)


_opened: list[_Writer] = []
"""Makes and writes shares of the log that this process has opened for another one."""


def _begin(address: Address, path: Path) -> None:
    _opened.append(_Writer(Database(*engine_for(*address)), path))


def _make_apart(share: Share) -> Lined:
    (writer,) = _opened
    return writer.make(share)


def _write_apart(share: Share, place: int) -> None:
    (writer,) = _opened
    writer.write(share, place)
