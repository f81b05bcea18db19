"""Roots and proofs: ours, RFC 6962's own words, pymerkle's and Go's agree, and each refuses what is altered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, InvalidProof  # type: ignore[import-untyped]
from pymerkle.proof import InclusionProof  # type: ignore[import-untyped]

from ledger import verify
from ledger.store.proofs import Proofs
from ledger.store.tree import TILE_WIDTH, Tree, node_hash
from tests.verifiers import making
from tests.verifiers.making import b64
from tests.verifiers.tools import Go

SIZES = [*range(1, 70), 127, 128, 129, 255, 256, 257, 258, 300]
LEAVES = [making.leaf(b"%d" % number) for number in range(70_000)]


class Kept:
    """Our tree of so many leaves, asked as the log asks it: by tiles."""

    def __init__(self, size: int) -> None:
        self.tree = Tree()
        self.tree.extend(LEAVES[:size])
        self.proofs = Proofs(self._foot)
        self._tiles = {(tile.level, tile.number): tile.root for tile in self.tree.tiles}

    def _foot(self, level: int, number: int) -> list[bytes]:
        start, end = number * TILE_WIDTH, (number + 1) * TILE_WIDTH
        if level == 0:
            return LEAVES[: self.tree.size][start:end]
        below = [self._tiles.get((level - 1, one)) for one in range(start, end)]
        return [one for one in below if one is not None]


@lru_cache(maxsize=8)
def kept(size: int) -> Kept:
    return Kept(size)


@lru_cache(maxsize=1)
def pymerkle_tree() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for number in range(max(SIZES)):
        tree.append_entry(b"%d" % number)
    return tree


@pytest.mark.parametrize("size", SIZES)
def test_every_root_is_the_same(size: int) -> None:
    plain = verify.Tree()
    for leaf in LEAVES[:size]:
        plain.append(leaf)
    roots = {
        making.root(LEAVES[:size]),
        plain.root(),
        kept(size).tree.root,
        kept(size).proofs.root(size),
        pymerkle_tree().get_root(size),
    }

    assert len(roots) == 1


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof_is_the_rfcs_and_proves_its_leaf_alone(size: int) -> None:
    leaves, root = LEAVES[:size], making.root(LEAVES[:size])
    for index in range(size):
        hashes = kept(size).proofs.inclusion(index, size)

        assert making.inclusion(index, leaves) == hashes
        assert verify.root_by_inclusion(LEAVES[index], index, size, hashes) == root
        assert verify.root_by_inclusion(LEAVES[-1], index, size, hashes) != root


@pytest.mark.parametrize("size", SIZES)
def test_pymerkle_accepts_our_inclusion_proofs_and_refuses_altered_ones(size: int) -> None:
    root = kept(size).tree.root
    for index in {0, size // 3, size // 2, size - 1}:
        hashes = kept(size).proofs.inclusion(index, size)
        rule = pymerkle_tree().prove_inclusion(index + 1, size).rule
        leaf = LEAVES[index]

        def tried(base: bytes, path: list[bytes], of: int = index, by: list[int] = rule) -> None:
            proof = InclusionProof("sha256", True, size, of + 1, by, [base, *path])
            proof.verify(base, root, index=of + 1, size=size)

        tried(leaf, hashes)
        with pytest.raises(InvalidProof):
            tried(LEAVES[-1], hashes)
        for number in range(len(hashes)):
            altered = [*hashes[:number], LEAVES[-1], *hashes[number + 1 :]]
            with pytest.raises(InvalidProof):
                tried(leaf, altered)


@pytest.mark.parametrize("size", SIZES)
def test_every_consistency_proof_is_the_rfcs_and_proves_one_beginning_alone(size: int) -> None:
    leaves = LEAVES[:size]
    now = verify.Checkpoint("log", size, making.root(leaves))
    for first in range(1, size + 1):
        before = verify.Checkpoint("log", first, making.root(leaves[:first]))
        hashes = kept(size).proofs.consistency(first, size)

        assert making.consistency(first, leaves) == hashes
        verify.expect_consistent(before, now, hashes)
        with pytest.raises(verify.Refused):
            verify.expect_consistent(before._replace(root=LEAVES[-1]), now, hashes)
        with pytest.raises(verify.Refused):
            verify.expect_consistent(before, now, [*hashes, LEAVES[-1]])
        if hashes:
            with pytest.raises(verify.Refused):
                verify.expect_consistent(before, now, hashes[:-1])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_large_trees_agree_too(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([1000, 4097, 65_535, 65_536, 65_537, 69_999]))
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    ours = kept(size)
    now = verify.Checkpoint("log", size, ours.tree.root)
    before = verify.Checkpoint("log", first, ours.proofs.root(first))
    hashes = ours.proofs.inclusion(index, size)

    assert verify.root_by_inclusion(LEAVES[index], index, size, hashes) == now.root
    verify.expect_consistent(before, now, ours.proofs.consistency(first, size))


@settings(max_examples=300, deadline=None)
@given(
    size=st.integers(1, 300),
    hashes=st.lists(st.sampled_from(LEAVES[:8]), max_size=12),
    data=st.data(),
)
def test_no_made_up_proof_is_accepted(size: int, hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(-1, size))
    first = data.draw(st.integers(0, size))
    leaves, root = LEAVES[:size], making.root(LEAVES[:size])
    try:
        made = verify.root_by_inclusion(LEAVES[0], index, size, hashes)
    except verify.Refused:
        made = b""
    try:
        verify.expect_consistent(
            verify.Checkpoint("log", first, node_hash(LEAVES[0], LEAVES[1])),
            verify.Checkpoint("log", size, root),
            hashes,
        )
        shown = True
    except verify.Refused:
        shown = False

    assert made != root or (index == 0 and hashes == making.inclusion(0, leaves))
    assert not shown or first in (0, 2)


# --- Go ---------------------------------------------------------------------------------------


def inclusions(size: int) -> Iterator[tuple[bool, dict[str, Any]]]:
    """Questions to Go about our proofs, and whether each should be accepted."""
    for index in sorted({0, 1, size // 3, size // 2, size - 1} & set(range(size))):
        hashes = kept(size).proofs.inclusion(index, size)
        asked: dict[str, Any] = {
            "kind": "inclusion",
            "size": size,
            "index": index,
            "root": b64(kept(size).tree.root),
            "leaf": b64(LEAVES[index]),
            "hashes": [b64(one) for one in hashes],
        }
        yield True, asked
        yield False, {**asked, "leaf": b64(LEAVES[-1])}
        yield False, {**asked, "root": b64(LEAVES[-1])}
        yield False, {**asked, "index": size}
        yield False, {**asked, "hashes": [*asked["hashes"], b64(LEAVES[-1])]}
        for number in range(len(hashes)):
            altered = [*asked["hashes"][:number], b64(LEAVES[-1]), *asked["hashes"][number + 1 :]]
            yield False, {**asked, "hashes": altered}


def consistencies(size: int) -> Iterator[tuple[bool, dict[str, Any]]]:
    for first in sorted({1, 2, size // 3, size // 2, size - 1} & set(range(1, size))):
        hashes = kept(size).proofs.consistency(first, size)
        asked: dict[str, Any] = {
            "kind": "consistency",
            "size": size,
            "before": first,
            "root": b64(kept(size).tree.root),
            "beforeRoot": b64(kept(size).proofs.root(first)),
            "hashes": [b64(one) for one in hashes],
        }
        yield True, asked
        yield False, {**asked, "beforeRoot": b64(LEAVES[-1])}
        yield False, {**asked, "root": b64(LEAVES[-1])}
        yield False, {**asked, "hashes": [*asked["hashes"], b64(LEAVES[-1])]}
        for number in range(len(hashes)):
            altered = [*asked["hashes"][:number], b64(LEAVES[-1]), *asked["hashes"][number + 1 :]]
            yield False, {**asked, "hashes": altered}


def test_go_accepts_our_proofs_and_refuses_altered_ones(go: Go) -> None:
    sizes = [*SIZES, *random.Random(6962).sample(range(300, 70_000), 20)]
    asked = [one for size in sizes for one in (*inclusions(size), *consistencies(size))]

    assert [expected for expected, _ in asked] == go.answers(question for _, question in asked)
