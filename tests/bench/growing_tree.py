"""What the tree costs of an append: its hashes and its tiles, beside the whole of it in the same run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from ledger.store import Log, Tree, leaf_hash
from tests.bench.growing import AT_ONCE
from tests.bench.page import Figure


def upkeep(log: Log, database: str, appending: float, folder: Path) -> Iterator[Figure]:
    """The tree made again over the same lines, in as many steps, its tiles written to a file."""
    entries, tree, spent = log.position(), Tree(), 0.0
    lines = log.raw_lines()
    with closing(sqlite3.connect(folder / f"tiles-{database}.db")) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("CREATE TABLE tiles (level, number, root, PRIMARY KEY (level, number))")
        while some := list(islice(lines, AT_ONCE)):
            begun = time.perf_counter()
            tree.extend(map(leaf_hash, some))
            file.executemany("INSERT INTO tiles VALUES (?, ?, ?)", tree.tiles)
            file.commit()
            spent += time.perf_counter() - begun
            tree.tiles.clear()
    assert tree.root == log.tree().root
    yield Figure(
        f"append of {entries:,} entries, {database}",
        entries / appending,
        "entries/s",
        entries / spent,
        "its hashes, its tree and its tiles alone: the ratio is what they cost of it",
    )
