"""Roots and proofs of the tree at any of its sizes (RFC 6962, section 2.1), from a few hashes each."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Final

import msgspec

from ledger.store.tree import (
    EMPTY_ROOT,
    TILE_HEIGHT,
    TILE_WIDTH,
    folded,
    leaf_hash,
    lines_of,
    node_hash,
)

Fetch = Callable[[int, int], Sequence[bytes]]
"""The hashes at the foot of a tile, by its level and number; fewer where it is not full yet."""

TILES_KEPT: Final = 1024
"""Tiles held in memory: eight megabytes at most."""


class Proofs:
    """Answers about a tree out of its tiles: a million entries take three of them."""

    def __init__(self, fetch: Fetch) -> None:
        self._full = lru_cache(maxsize=TILES_KEPT)(lambda *place: tuple(fetch(*place)))
        self._fetch = fetch

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The hashes that lead from a leaf to the root of the first `size` leaves, the lowest first."""
        assert 0 <= index < size, f"there is no leaf {index} in a tree of {size}"
        return self._path(index, 0, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The hashes that show the first `first` leaves to be the beginning of the first `second`."""
        assert 0 <= first <= second, f"a tree of {first} is no beginning of one of {second}"
        if first in (0, second):
            return []
        return self._beginning(first, 0, second, is_whole=True)

    def _path(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        split = low + _half(high - low)
        if index < split:
            return [*self._path(index, low, split), self._subtree(split, high)]
        return [*self._path(index, split, high), self._subtree(low, split)]

    def _beginning(self, first: int, low: int, high: int, *, is_whole: bool) -> list[bytes]:
        """RFC 6962's SUBPROOF; a subtree that is the old tree itself is known to who asks."""
        if first == high:
            return [] if is_whole else [self._subtree(low, high)]
        split = low + _half(high - low)
        if first <= split:
            left = self._beginning(first, low, split, is_whole=is_whole)
            return [*left, self._subtree(split, high)]
        right = self._beginning(first, split, high, is_whole=False)
        return [*right, self._subtree(low, split)]

    def _subtree(self, low: int, high: int) -> bytes:
        """The root over leaves low to high: one look into a tile where they fill a perfect subtree."""
        width = high - low
        if width & (width - 1):
            split = low + _half(width)
            return node_hash(self._subtree(low, split), self._subtree(split, high))
        level, rest = divmod(width.bit_length() - 1, TILE_HEIGHT)
        start = low >> (level * TILE_HEIGHT)
        return folded(self._hashes(level, start, 1 << rest))

    def _hashes(self, level: int, start: int, count: int) -> list[bytes]:
        number, offset = divmod(start, TILE_WIDTH)
        hashes = self._tile(level, number, offset + count)
        return list(hashes[offset : offset + count])

    def _tile(self, level: int, number: int, needed: int) -> Sequence[bytes]:
        """A tile that was not full when it was kept in memory may have grown since."""
        hashes = self._full(level, number)
        if len(hashes) < needed:
            hashes = tuple(self._fetch(level, number))
        if len(hashes) < needed:
            raise LookupError(f"tile {number} of level {level} has {len(hashes)} hashes")
        return hashes


def _half(width: int) -> int:
    """The largest power of two below the width."""
    return 1 << ((width - 1).bit_length() - 1)


class RowProof(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an original, and what shows that the original has it in this place."""

    digest: str
    """Of the original, as it was delivered."""
    row: int
    """Counted as an editor counts lines: the header is row 1."""
    lines: int
    """Lines of the original."""
    line: bytes
    """Without its line feed; what is personal in it is sealed."""
    hashes: list[bytes]
    position: int
    """The entry that keeps the root over the lines: the file's import."""

    @property
    def index(self) -> int:
        """The line's place, counted from 0."""
        return self.row - 1


class Lines:
    """The tree over a file's lines: any one of them can be proved without showing the others."""

    def __init__(self, data: bytes) -> None:
        self.lines = list(lines_of(data))
        self._leaves = [leaf_hash(line) for line in self.lines]
        self._levels = [self._leaves]
        self._proofs = Proofs(self._foot)

    def _foot(self, level: int, number: int) -> list[bytes]:
        """The hashes at the foot of a tile; those above the leaves are worked out when asked for, once."""
        while len(self._levels) <= level:
            self._levels.append(_roots_of_tiles(self._levels[-1]))
        return self._levels[level][number * TILE_WIDTH : (number + 1) * TILE_WIDTH]

    @cached_property
    def root(self) -> bytes:
        """The root over all lines."""
        return self._proofs.root(len(self.lines))

    def inclusion(self, index: int) -> list[bytes]:
        """The hashes that lead from a line to the root."""
        return self._proofs.inclusion(index, len(self.lines))


def _roots_of_tiles(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the full tiles, one level up."""
    full = range(0, len(hashes) - TILE_WIDTH + 1, TILE_WIDTH)
    return [folded(hashes[at : at + TILE_WIDTH]) for at in full]


# --- as a file --------------------------------------------------------------------------------


def tlog_proof(index: int, hashes: Sequence[bytes], checkpoint: str) -> str:
    """An inclusion proof as C2SP's tlog-proof: checked offline, with the log's key and the entry's line."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(base64_of, hashes)]
    return "".join(f"{line}\n" for line in lines) + f"\n{checkpoint}"


def base64_of(data: bytes) -> str:
    """Standard base64, as signed notes and proofs have it."""
    return base64.b64encode(data).decode("ascii")
