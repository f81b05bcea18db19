"""Proves a dataset: every row makes the line that its leaf hashes, and the leaves make the root."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.dataset.layout import HASH_BYTES, Bucket
from ledger.dataset.reading import Dataset
from ledger.errors import LedgerError
from ledger.store import Check, canonical_lines, leaf_hashes, root

PROBLEMS_MAX: Final = 100
ROWS_AT_ONCE: Final = 256
"""So few that they are in the processor's cache until the last has been looked at."""
_TOLD: Final = ("position", "stream", "version", "topic", "state")


def checks(dataset: Dataset) -> Iterator[Check]:
    """What was derived again from the files; damage is a problem, not an exception."""
    proving = _Proving(dataset)
    for bucket in dataset.manifest.buckets:
        proving.read(bucket)
    yield Check(name="buckets", checked=len(dataset.manifest.buckets), problems=proving.files)
    yield Check(name="cases", checked=proving.streams, problems=proving.order)
    yield Check(name="leaves", checked=proving.rows, problems=proving.leaves)
    yield Check(name="tree", checked=proving.rows, problems=list(proving.tree_problems()))


class _Proving:
    """All buckets of a dataset, read once; of each entry only its leaf is kept, at its position."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._known = dataset.manifest
        self._kept = bytearray(self._known.position * HASH_BYTES)
        self._seen = bytearray(self._known.position)
        self._last = ("", 0)
        self.rows = 0
        self.streams = 0
        self.files: list[str] = []
        self.order: list[str] = []
        self.leaves: list[str] = []

    def read(self, bucket: Bucket) -> None:
        """Compare a bucket with what the manifest says, and each row with its hash."""
        try:
            table = self._dataset.table(bucket)
        except LedgerError as error:
            self.files.append(str(error))
            return
        if table.num_rows != bucket.rows:
            self.files.append(f"{bucket.file} has {table.num_rows} rows, not {bucket.rows}")
        for batch in table.to_batches(max_chunksize=ROWS_AT_ONCE):
            moments = batch.column("recorded_at").cast("int64")
            told = [batch.column(name).to_pylist() for name in _TOLD]
            rows = list(zip(*told, moments.to_pylist(), strict=True))
            kept = batch.column("leaf").to_pylist()
            made = leaf_hashes(canonical_lines(rows))
            for (position, stream, version, *_), leaf, derived in zip(
                rows, kept, made, strict=True
            ):
                self._compare(position, stream, version, leaf, derived)

    def _compare(
        self, position: int, stream: str, version: int, leaf: bytes, derived: bytes
    ) -> None:
        self.rows += 1
        where = f"position {position} ({stream}, version {version})"
        self._compare_order(where, stream, version)
        if derived != leaf:
            _found(self.leaves, f"{where} does not have the hash that it was recorded with")
        if not 0 < position <= self._known.position or self._seen[position - 1]:
            _found(self.leaves, f"{where} is there twice, or comes after the last entry")
            return
        self._seen[position - 1] = 1
        self._kept[(position - 1) * HASH_BYTES : position * HASH_BYTES] = leaf

    def _compare_order(self, where: str, stream: str, version: int) -> None:
        before, last = self._last
        if stream != before:
            self.streams += 1
            last = 0
        if stream < before or version != last + 1:
            _found(self.order, f"{where} comes after version {last} of {before}")
        self._last = (stream, version)

    def tree_problems(self) -> Iterator[str]:
        """The leaves in the order of their positions make the root that the manifest tells."""
        missing = self._seen.count(0)
        if missing:
            yield f"{missing} entries are missing"
        starts = range(0, len(self._kept), HASH_BYTES)
        derived = root(bytes(self._kept[start : start + HASH_BYTES]) for start in starts)
        if derived.hex() != self._known.root:
            yield "the entries do not make the root that the manifest tells"


def _found(problems: list[str], problem: str) -> None:
    if len(problems) < PROBLEMS_MAX:
        problems.append(problem)
