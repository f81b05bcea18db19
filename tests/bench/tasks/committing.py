"""Small commits one after the other, as live commands make them: each is on the disk when it returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ledger.event import Entry
from tests.bench.growing import returned
from tests.bench.tasks.opening import RawRows, account_log, raw_sqlite, seconds_of

EVENTS: Final = 3
"""In one commit."""


def commit_entries(url: str, account: str, commits: int) -> dict[str, Any]:
    """Three entries of one order a commit, through the log: sealed into the tree, with what proves them."""
    orders = [_entries(number) for number in range(commits)]
    with account_log(url, account) as log:

        def commit() -> None:
            for entries in orders:
                log.append(entries)

        return {"seconds": seconds_of(commit), "count": commits}


def commit_raw(source: str, account: str, target: str) -> dict[str, Any]:
    """The same rows into a bare table, three a commit."""
    raw = RawRows(source, account)
    Path(target).unlink(missing_ok=True)
    batches = [rows for rows in raw.batches(EVENTS) if len(rows) == EVENTS]
    with raw_sqlite(Path(target)) as lite:
        for statement in raw.create:
            lite.execute(statement)

        def commit() -> None:
            for rows in batches:
                lite.execute("BEGIN IMMEDIATE")
                lite.executemany(raw.insert, rows)
                lite.execute("COMMIT")

        return {"seconds": seconds_of(commit), "count": len(batches)}


def _entries(number: int) -> list[Entry]:
    order = f"114-{number:07}-{number * 7919 % 10_000_000:07}"
    return [returned(order, number, version) for version in range(1, EVENTS + 1)]
