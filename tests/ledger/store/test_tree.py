"""The tree is RFC 6962's, whatever its size."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.store.tree import (
    EMPTY_ROOT,
    Tree,
    leaf_hash,
    leaf_hashes,
    leaf_hashes_of_parts,
    lines_of,
    node_hash,
    root,
    root_of_lines,
)

# The leaves and roots with which the implementations of RFC 6962 test themselves.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: list[bytes]) -> bytes:
    """Section 2.1 of the RFC, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = by_definition(leaves[:split]), by_definition(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_known_leaves_have_the_known_roots(size: int) -> None:
    assert ROOTS[size] == root(leaf_hash(leaf) for leaf in LEAVES[:size]).hex()


@given(st.lists(st.tuples(st.binary(max_size=90), st.binary(max_size=90)), max_size=5))
def test_leaves_made_together_are_those_made_one_by_one(parts: list[tuple[bytes, bytes]]) -> None:
    lines = [b"begin" + body + end for body, end in parts]
    bodies, ends = [body for body, _ in parts], [end for _, end in parts]

    assert [leaf_hash(line) for line in lines] == leaf_hashes(lines)
    assert leaf_hashes(lines) == leaf_hashes_of_parts(b"begin", bodies, ends)


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_root_is_what_the_definition_says(leaves: list[bytes]) -> None:
    assert by_definition(leaves) == root(map(leaf_hash, leaves))


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_goes_on_from_its_peaks(kept: int, added: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(kept + added)]
    whole, first = Tree(), Tree()
    whole.extend(leaves)
    first.extend(leaves[:kept])

    later = Tree(first.size, first.peaks)
    later.extend(leaves[kept:])

    assert (whole.size, whole.root, whole.peaks) == (later.size, later.root, later.peaks)


def test_a_large_tree_is_kept_as_few_peaks() -> None:
    tree = Tree()
    tree.extend(leaf_hash(b"%d" % number) for number in range(10_000))

    assert 32 * (10_000).bit_count() == len(tree.peaks)


def test_peaks_of_another_size_are_a_defect() -> None:
    with pytest.raises(AssertionError):
        Tree(3, b"\x00" * 32)


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")

    assert node_hash(left, right) != leaf_hash(left + right)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\r\nb\r\n", [b"a\r", b"b\r"]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b"\n", [b""]),
        (b"a\x0bb\x85c\r", [b"a\x0bb\x85c\r"]),
    ],
)
def test_a_line_ends_at_a_line_feed_and_nowhere_else(data: bytes, lines: list[bytes]) -> None:
    assert lines == list(lines_of(data))
    assert by_definition(lines) == root_of_lines(data)


def test_an_empty_file_has_the_empty_root() -> None:
    assert EMPTY_ROOT == root_of_lines(b"")


@given(st.integers(0, 600), st.integers(0, 1200))
def test_hashes_added_together_make_the_tree_of_those_added_one_by_one(
    kept: int, added: int
) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(kept + added)]
    together, one_by_one = Tree(), Tree()
    together.extend(leaves[:kept])
    together.extend(leaves[kept:])
    for leaf in leaves:
        one_by_one.append(leaf)

    assert (one_by_one.size, one_by_one.peaks) == (together.size, together.peaks)
    assert one_by_one.tiles == together.tiles
