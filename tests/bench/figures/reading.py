"""A whole book read: its views made anew, its log verified, its log written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tests.bench.bench import ACCOUNT, Bench
from tests.bench.results import Line, memory, rate
from tests.bench.running import Run, by_turns

SCAN: Final = (
    "sqlite3 scan of the same entries, all columns, in order, one process, rows thrown away"
)
MEMORY_MAX: Final = 1_024
PEERS_EVENTS: Final = 5_000
TRANSACTIONS: Final = 100_000


def rebuild(bench: Bench) -> Iterator[Line]:
    """Every projection anew, by the command."""
    home, entries = bench.home, bench.entries
    sides: dict[str, Callable[[int], Run]] = {
        "scan": lambda _: bench.task("scan-raw", url=bench.book, account=ACCOUNT),
        "rebuild": lambda _: bench.command(home, ["rebuild", "--format", "ndjson"], entries),
    }
    done = by_turns(sides, bench.runs)
    size, what = f"{entries:,} entries, {bench.orders:,} orders", "rebuild of all views, SQLite"
    ours = done["rebuild"]
    yield rate("rebuild", what, size, "entries/s", ours, SCAN, done["scan"], 0.25)
    yield memory("rebuild", f"{what}: memory", size, ours, MEMORY_MAX)
    if bench.has_peers:
        others = by_turns(
            {
                "library": lambda _: _projected(bench),
                "beancount": lambda _: _accounted(bench),
            },
            min(bench.runs, 3),
        )
        library = (
            "eventsourcing's way of a projection: a transaction an event, a count of each order's "
            f"events, the first {others['library'].count:,}"
        )
        yield rate("rebuild", what, size, "entries/s", ours, library, others["library"], 100)
        beancount = f"beancount loading {others['beancount'].count:,} transactions"
        yield rate("rebuild", what, size, "entries/s", ours, beancount, others["beancount"])
    bench.clear()


def _projected(bench: Bench) -> Run:
    events = bench.folder / "book.jsonl"
    if not events.exists():
        bench.task("dump", url=bench.book, account=ACCOUNT, file=str(events), rows=PEERS_EVENTS)
    return bench.peer("projecting", place=f"{bench.fresh('view')}/events.db", events=str(events))


def _accounted(bench: Bench) -> Run:
    transactions = min(TRANSACTIONS, bench.entries)
    file = bench.fresh("beancount") / "ledger.beancount"
    return bench.peer("accounting", file=str(file), transactions=transactions)


def verify(bench: Bench) -> Iterator[Line]:
    """The whole log proved from what is stored."""
    sides: dict[str, Callable[[int], Run]] = {
        "scan": lambda _: bench.task("scan-raw", url=bench.book, account=ACCOUNT),
        "verify": lambda _: bench.task("verify", url=bench.book, account=ACCOUNT),
    }
    done = by_turns(sides, bench.runs)
    size = f"{bench.entries:,} entries"
    what = "verification of the whole log, SQLite"
    yield rate("verify", what, size, "entries/s", done["verify"], SCAN, done["scan"], 0.4)


def export(bench: Bench) -> Iterator[Line]:
    """The whole log written out."""
    file = bench.fresh("export") / "entries.jsonl"
    sides: dict[str, Callable[[int], Run]] = {
        "scan": lambda _: bench.task("scan-raw", url=bench.book, account=ACCOUNT),
        "lines": lambda _: bench.task("lines", url=bench.book, account=ACCOUNT, file=str(file)),
    }
    done = by_turns(sides, bench.runs)
    size = f"{bench.entries:,} entries"
    what = "export of the whole log as JSON Lines, SQLite"
    yield rate("export", what, size, "entries/s", done["lines"], SCAN, done["scan"], 0.5)
    bench.clear()
