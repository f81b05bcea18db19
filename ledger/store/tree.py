"""The hash tree over the log (RFC 6962): one root that stands for every line, in order."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Final, NamedTuple

HASH_BYTES: Final = 32
TILE_HEIGHT: Final = 8
"""A tile covers so many levels of the tree, as in C2SP's tlog-tiles."""
TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Hashes at the foot of a full tile."""
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(line: bytes) -> bytes:
    """The leaf of one line; the zero byte keeps a leaf from passing for a node."""
    return sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two hashes."""
    return sha256(b"\x01" + left + right).digest()


def leaf_hashes(lines: Iterable[bytes]) -> list[bytes]:
    """The leaves of many lines."""
    # A hash that is begun and copied costs less than one that is made anew.
    begun, found = sha256(b"\x00").copy, []
    for line in lines:
        leaf = begun()
        leaf.update(line)
        found.append(leaf.digest())
    return found


def leaf_hashes_of_parts(
    begin: bytes, bodies: Iterable[bytes], ends: Iterable[bytes]
) -> list[bytes]:
    """The leaves of lines that begin alike, which nobody needs whole."""
    begun, found = sha256(b"\x00" + begin).copy, []
    for body, end in zip(bodies, ends, strict=True):
        leaf = begun()
        leaf.update(body)
        leaf.update(end)
        found.append(leaf.digest())
    return found


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes that fill a perfect subtree: as many as a power of two."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
    return hashes[0]


class Tile(NamedTuple):
    """A full tile: 256 hashes of a level, of which the root is kept, so that proofs need no scan."""

    level: int
    """0 over leaves, 1 over the roots of tiles of level 0, and so on."""
    number: int
    """Counted from 0 within its level."""
    root: bytes


class Stretch:
    """Leaves behind a full tile, of which only the roots of full tiles are kept, and what is left."""

    def __init__(self) -> None:
        self.roots: list[bytes] = []
        """Of the full tiles, in order."""
        self.leaves: list[bytes] = []
        """Behind the last full tile."""

    def add(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of the next leaves."""
        self.leaves += leaves
        full = len(self.leaves) - len(self.leaves) % TILE_WIDTH
        for start in range(0, full, TILE_WIDTH):
            self.roots.append(folded(self.leaves[start : start + TILE_WIDTH]))
        del self.leaves[:full]


class Tree:
    """A tree that only grows, kept as its peaks: the roots of its perfect subtrees, largest first.

    A million leaves are at most twenty peaks, so a tree of any size is cheap to keep and to extend.
    """

    tiles: list[Tile]
    """The tiles that became full since the tree was made or taken up again."""

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        assert len(peaks) == size.bit_count() * HASH_BYTES, "peaks do not fit the size"
        self.size = size
        self.tiles = []
        self._peaks = [peaks[i : i + HASH_BYTES] for i in range(0, len(peaks), HASH_BYTES)]

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self._add((leaf,), 0)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add the hashes of the next leaves, in order; those that fill a tile are hashed together."""
        remaining = iter(leaves)
        self._add(islice(remaining, -self.size % TILE_WIDTH), 0)
        while len(some := list(islice(remaining, TILE_WIDTH))) == TILE_WIDTH:
            self._add((folded(some),), TILE_HEIGHT)
        self._add(some, 0)

    def extend_by_tiles(self, roots: Iterable[bytes]) -> None:
        """Add the leaves of the next full tiles, given their roots alone."""
        self._add(roots, TILE_HEIGHT)

    def extend_by(self, stretch: Stretch) -> None:
        """Add the leaves of a stretch."""
        self.extend_by_tiles(stretch.roots)
        self.extend(stretch.leaves)

    def _add(self, nodes: Iterable[bytes], foot: int) -> None:
        """Add the roots of the next perfect subtrees of a height; a leaf is one of height 0."""
        peaks, tiles = self._peaks, self.tiles
        for node in nodes:
            number, height = self.size >> foot, foot
            assert number << foot == self.size, "a subtree stands at a multiple of its width"
            if foot:
                tiles.append(Tile(foot // TILE_HEIGHT - 1, number, node))
            while number & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                number >>= 1
                height += 1
                if not height % TILE_HEIGHT:
                    tiles.append(Tile(height // TILE_HEIGHT - 1, number, node))
            peaks.append(node)
            self.size += 1 << foot

    @property
    def peaks(self) -> bytes:
        """The peaks, one after the other: all that must be kept to go on from here."""
        return b"".join(self._peaks)

    @property
    def root(self) -> bytes:
        """The hash that stands for all leaves."""
        if not self._peaks:
            return EMPTY_ROOT
        *higher, root = self._peaks
        for peak in reversed(higher):
            root = node_hash(peak, root)
        return root


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, read once and not kept."""
    tree = Tree()
    tree.extend(leaf_hashes)
    return tree.root


def lines_of(data: bytes) -> Iterator[bytes]:
    """A file's lines: what stands before each LF, and what is left after the last one, if anything.

    A CR belongs to its line, so joining the lines with LF gives the file back.
    """
    for line in io.BytesIO(data):
        yield line.removesuffix(b"\n")


def root_of_lines(data: bytes) -> bytes:
    """The root over a file's lines: later one row can be proved without showing the others."""
    return root(map(leaf_hash, lines_of(data)))
