"""The log as lines, in the order of their positions; several processes make and hash them, one joins them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Final, NamedTuple

from sqlalchemy import select

from ledger.helpers import pool
from ledger.store.collecting import uncollected
from ledger.store.database import Database, batches
from ledger.store.engines import engine_for
from ledger.store.mapper import canonical_lines
from ledger.store.sweeping import FETCHED_AT_ONCE, SHARE, SHARED_FROM, Address
from ledger.store.tree import Stretch, Tree, leaf_hashes

Said = Callable[[int], None]
"""Told how many lines have been written."""
COPIED_AT_ONCE: Final = 1 << 20


class Lined(NamedTuple):
    """Lines that were written."""

    size: int
    """In bytes, their line feeds too."""
    hashes: Stretch


def line_batches(
    database: Database, after: int = 0, until: int | None = None
) -> Iterator[list[bytes]]:
    """The canonical lines of the entries after a position up to another, many at a time."""
    table = database.tables.entries.c
    columns = "position stream version topic state recorded_at"
    found = select(*(table[name] for name in columns.split())).order_by(table.position)
    found = found.where(table.position > after)
    if until is not None:
        found = found.where(table.position <= until)
    with (
        database.streaming() as connection,
        database.passing(connection),
        connection.execute(found) as rows,
    ):
        for some in batches(rows, FETCHED_AT_ONCE):
            yield canonical_lines(some)


def write_lines(
    database: Database,
    address: Address,
    file: IO[bytes],
    size: int,
    *,
    folder: Path,
    processes: int = 1,
    said: Said = lambda done: None,
    share: int = SHARE,
    shared_from: int = SHARED_FROM,
) -> tuple[Tree, int]:
    """Write the first `size` entries; the tree that they make, and how many bytes they are.

    Of a log that is long enough, other processes write shares into a folder, each the next but a few of
    the one before, and this process those between; it joins them as they follow each other.
    """
    tree, written = Tree(), 0
    starts = range(0, size, share)
    processes = min(processes, len(starts)) if size >= shared_from else 1
    with _begun(address, folder, starts, share, size, processes) as elsewhere:
        for after in starts:
            here = partial(_write, database, file, after, min(after + share, size))
            lined = _joined(elsewhere[after], file) if after in elsewhere else None
            lined = lined or here()
            tree.extend_by(lined.hashes)
            written += lined.size
            said(tree.size)
    return tree, written


def _write(database: Database, file: IO[bytes], after: int, until: int) -> Lined:
    size, hashes = 0, Stretch()
    with uncollected():
        for lines in line_batches(database, after, until):
            size += file.write(b"\n".join(lines) + b"\n")
            hashes.add(leaf_hashes(lines))
    return Lined(size, hashes)


def _joined(made: Future[tuple[Path, Lined]], file: IO[bytes]) -> Lined | None:
    """Put behind the others what another process has written; None where it was ended meanwhile."""
    try:
        part, lined = made.result()
    except BrokenExecutor:
        return None
    with part.open("rb") as lines:
        copyfileobj(lines, file, COPIED_AT_ONCE)
    part.unlink()
    return lined


@contextmanager
def _begun(
    address: Address, folder: Path, starts: Sequence[int], share: int, size: int, processes: int
) -> Iterator[Mapping[int, Future[tuple[Path, Lined]]]]:
    """The shares that other processes write, by where they start: all but each first of so many."""
    if processes < 2:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix=".", suffix=".parts", dir=folder) as parts:
        others = pool(processes - 1, _begin, address, Path(parts))
        try:
            yield {
                after: others.submit(_write_apart, after, min(after + share, size))
                for number, after in enumerate(starts)
                if number % processes
            }
        finally:
            others.shutdown(cancel_futures=True)


_opened: list[tuple[Database, Path]] = []
"""The log of which this process writes shares for another one, and where it puts them."""


def _begin(address: Address, parts: Path) -> None:
    _opened.append((Database(*engine_for(*address)), parts))


def _write_apart(after: int, until: int) -> tuple[Path, Lined]:
    ((database, parts),) = _opened
    part = parts / str(after)
    with part.open("wb") as file:
        return part, _write(database, file, after, until)
