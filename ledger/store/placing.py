"""What entries become when they get their place in a log: positions, one moment, and their leaves in the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from ledger.store.mapper import lines_in_columns
from ledger.store.tree import Tile, Tree, leaf_hashes

T = TypeVar("T")

WRITTEN_AT_ONCE: Final = 5000
"""How many entries are written at a time, at most."""


class Encoded(NamedTuple):
    """An entry as the log keeps it, before it has a place there."""

    stream: str
    version: int
    topic: str
    state: bytes
    local_key: str | None


EncodedRow = tuple[str, int, str, bytes, str | None]
"""The same without names, as there may be millions."""


class Row(NamedTuple):
    """A row of the log, as it is written."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    local_key: str | None
    recorded_at: int
    leaf: bytes


class Head(NamedTuple):
    """Where a log ends, and the moment at which something is appended to it."""

    position: int
    recorded_at: int
    peaks: bytes


class Placed(NamedTuple):
    """Entries in their place: the rows in the order of Row's fields, and where the log ends behind them."""

    rows: list[tuple[Any, ...]]
    tiles: list[Tile]
    """The tiles of the tree that these entries fill."""
    head: Head


Batch = Sequence[EncodedRow] | Placed
"""Some entries, which may have been placed already behind those before them."""
Batches = Iterable[Batch] | Callable[[Head], Iterable[Batch]]
"""All entries of one append, or what gives them when it is known where the log ends."""


def place(encoded: Sequence[EncodedRow], head: Head) -> Placed:
    """Give entries the places behind a log's end; the rows are plain tuples, as there may be millions."""
    last, recorded_at, peaks = head
    streams, versions, topics, states, keys = zip(*encoded, strict=True)
    positions, moments = range(last + 1, last + 1 + len(encoded)), (recorded_at,) * len(encoded)
    columns = (positions, streams, versions, topics, states)
    leaves = leaf_hashes(lines_in_columns(*columns, moments))
    rows = list(zip(*columns, keys, moments, leaves, strict=True))
    tree = Tree(last, peaks)
    tree.extend(leaves)
    return Placed(rows, tree.tiles, Head(tree.size, recorded_at, tree.peaks))


def in_parts(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The batches that hold something, none larger than what is written at a time."""
    for batch in batches:
        if isinstance(batch, Placed) or 0 < len(batch) <= WRITTEN_AT_ONCE:
            yield batch
        else:
            yield from chunked(batch, WRITTEN_AT_ONCE)


def chunked(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """So many of them at a time."""
    remaining = iter(rows)
    while some := list(islice(remaining, size)):
        yield some
