"""Any size of the tree is proved out of a few kept hashes, as RFC 6962 defines it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.store.proofs import Lines, Proofs, tlog_proof
from ledger.store.tree import TILE_WIDTH, Tree, leaf_hash, node_hash, root, root_of_lines

LEAVES = [leaf_hash(b"%d" % number) for number in range(70_000)]

sizes = st.one_of(st.integers(0, 1200), st.integers(65_000, 70_000))


class Stored:
    """What a log keeps of a tree: leaves, and the roots of full tiles; counts what is fetched."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        tree = Tree()
        tree.extend(leaves)
        self._leaves = leaves
        self._tiles = {(tile.level, tile.number): tile.root for tile in tree.tiles}
        self.fetched = 0

    def foot(self, level: int, number: int) -> list[bytes]:
        self.fetched += 1
        places = range(number * TILE_WIDTH, (number + 1) * TILE_WIDTH)
        if level == 0:
            return list(self._leaves[places.start : places.stop])
        found = [self._tiles.get((level - 1, place)) for place in places]
        return [one for one in found if one is not None]


STORED = Stored(LEAVES)
PROOFS = Proofs(STORED.foot)


def climbed(index: int, size: int, leaf: bytes, hashes: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to: RFC 9162, section 2.1.3.2, word for word."""
    place, last = index, size - 1
    for one in hashes:
        assert last > 0
        if place & 1 or place == last:
            leaf = node_hash(one, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = node_hash(leaf, one)
        place, last = place >> 1, last >> 1
    assert last == 0
    return leaf


def compared(first: int, second: int, old: bytes, hashes: list[bytes]) -> tuple[bytes, bytes]:
    """Both roots that a consistency proof leads to: RFC 9162, section 2.1.4.2, word for word."""
    path = [old, *hashes] if first & (first - 1) == 0 else list(hashes)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for one in path[1:]:
        assert last > 0
        if place & 1 or place == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, one)
        place, last = place >> 1, last >> 1
    assert last == 0
    return before, after


@given(sizes)
def test_the_root_of_every_size_is_that_of_its_leaves(size: int) -> None:
    assert root(LEAVES[:size]) == PROOFS.root(size)


@given(sizes.filter(bool), st.data())
def test_an_inclusion_proof_leads_to_the_root(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = PROOFS.inclusion(index, size)

    assert PROOFS.root(size) == climbed(index, size, LEAVES[index], hashes)


@given(sizes.filter(bool), st.data())
def test_a_consistency_proof_leads_to_both_roots(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    hashes = PROOFS.consistency(first, second)
    if first == second:
        assert hashes == []
        return
    expected = PROOFS.root(first), PROOFS.root(second)

    assert expected == compared(first, second, expected[0], hashes)


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    assert [] == PROOFS.consistency(0, 70_000)


def test_a_proof_needs_no_scan() -> None:
    stored = Stored(LEAVES)
    Proofs(stored.foot).inclusion(12_345, 69_999)

    assert stored.fetched <= 6


def test_a_tree_that_has_grown_is_proved_by_what_was_fetched_before() -> None:
    """The tiles at the edge are fetched anew, those that were full are not."""
    leaves = LEAVES[:300]
    stored = Stored(leaves)
    proofs = Proofs(stored.foot)
    proofs.root(300)
    grown = Stored(LEAVES[:70_000])
    stored.__dict__.update(grown.__dict__)

    assert PROOFS.root(70_000) == proofs.root(70_000)


def test_what_is_not_kept_cannot_be_proved() -> None:
    with pytest.raises(LookupError):
        Proofs(Stored(LEAVES[:100]).foot).root(101)


@given(st.binary(max_size=3000).map(lambda data: data.replace(b"e", b"\n")), st.data())
def test_a_line_is_proved_by_the_root_over_a_files_lines(data: bytes, draw: st.DataObject) -> None:
    lines = Lines(data)
    assert root_of_lines(data) == lines.root
    if lines.lines:
        index = draw.draw(st.integers(0, len(lines.lines) - 1))
        leaf = leaf_hash(lines.lines[index])

        assert lines.root == climbed(index, len(lines.lines), leaf, lines.inclusion(index))


def test_a_line_of_a_long_file_is_proved() -> None:
    lines = Lines(b"\n".join(b"%d" % number for number in range(66_000)))

    assert lines.root == climbed(65_999, 66_000, leaf_hash(b"65999"), lines.inclusion(65_999))


def test_a_proof_is_written_as_c2sp_says() -> None:
    assert tlog_proof(5, [b"\0" * 32], "origin\n6\nroot\n\n- origin sig\n") == (
        "c2sp.org/tlog-proof@v1\nindex 5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
        "origin\n6\nroot\n\n- origin sig\n"
    )
