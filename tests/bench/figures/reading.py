"""A whole book read: its views made anew, its log verified, its log written out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

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
    home, entries, words = bench.home, bench.entries, ["rebuild", "--format", "ndjson"]
    sides: dict[str, Callable[[int], Run]] = {
        "scan": lambda _: bench.task("scan-raw", url=bench.book, account=ACCOUNT),
        "rebuild": lambda _: bench.command(home, words, entries),
        "one core": lambda _: bench.command(home, words, entries, one_core=True),
    }
    done = by_turns(sides, bench.runs)
    size, what = f"{entries:,} entries, {bench.orders:,} orders", "rebuild of all views, SQLite"
    ours = done["rebuild"]
    one = done["one core"]
    yield rate("rebuild", f"{what}, one core", size, "entries/s", one, SCAN, done["scan"], 0.25)
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
    asked: dict[str, Any] = {"url": bench.book, "account": ACCOUNT}
    sides: dict[str, Callable[[int], Run]] = {
        "scan": lambda _: bench.task("scan-raw", **asked),
        "one process": lambda _: bench.task("verify", processes=1, **asked),
        "verify": lambda _: bench.task("verify", processes=2, **asked),
    }
    done = by_turns(sides, bench.runs)
    size, scan = f"{bench.entries:,} entries", done["scan"]
    what = "verification of the whole log, SQLite"
    one, both = done["one process"], done["verify"]
    yield rate("verify", f"{what}, one process", size, "entries/s", one, SCAN, scan, 0.4)
    yield rate("verify", f"{what}, two processes", size, "entries/s", both, SCAN, scan, 0.7)


def export(bench: Bench) -> Iterator[Line]:
    """The whole log written out, by the command: one file of lines, and Parquet in which cases lie whole."""
    sides: dict[str, Callable[[int], Run]] = {
        "scan": lambda _: bench.task("scan-raw", url=bench.book, account=ACCOUNT),
        "lines": lambda _: _written(bench, "--jsonl"),
        "one core": lambda _: _written(bench, "--parquet", one_core=True),
        "parquet": lambda _: _written(bench, "--parquet"),
    }
    done = by_turns(sides, bench.runs)
    size, scan = f"{bench.entries:,} entries", done["scan"]
    what = "export of the whole log, SQLite: "
    for name, form, target in (
        ("lines", "JSON Lines with the signed root", 0.5),
        ("one core", "Parquet, one core", None),
        ("parquet", "Parquet, all cores", 0.7),
    ):
        yield rate("export", what + form, size, "entries/s", done[name], SCAN, scan, target)
    bench.clear()


def _written(bench: Bench, form: str, *, one_core: bool = False) -> Run:
    place = bench.fresh("export")
    words: list[str | Path] = ["export", form, place / "written"]
    done = bench.command(bench.home, words, bench.entries, one_core=one_core)
    shutil.rmtree(place)
    return done


def rebuild_by_dask(bench: Bench) -> Iterator[Line]:
    """From Parquet that is there, by a scheduler and two workers on this machine; the same views as without."""
    home, entries = bench.home, bench.entries
    dataset = bench.fresh("dask") / "dataset"
    bench.command(home, ["export", "--parquet", dataset], entries)
    words: list[str | Path] = ["rebuild", "--format", "ndjson"]
    digests: set[bytes] = set()

    def rebuilt(*more: str | Path) -> Run:
        done = bench.command(home, [*words, *more], entries)
        digests.add(_digests(bench.folder / "printed"))
        return done

    sides: dict[str, Callable[[int], Run]] = {
        "local": lambda _: rebuilt(),
        "dask": lambda _: rebuilt("--engine", "dask-local", "--dataset", dataset),
    }
    done = by_turns(sides, bench.runs)
    assert len(digests) == 1, "the views of both are equal"
    size, what = f"{entries:,} entries", "rebuild of all views from Parquet on Dask, 2 workers"
    local = "the rebuild in two processes, without Dask; the views of both are equal"
    note = "scheduler and workers started and ended; memory of all of them together"
    yield rate("dask", what, size, "entries/s", done["dask"], local, done["local"], 0.8, note)
    bench.clear()


def _digests(printed: Path) -> bytes:
    """Name, rows and digest of every view that was made."""
    rows = [msgspec.json.decode(line) for line in printed.read_bytes().splitlines()]
    return msgspec.json.encode(sorted((row["name"], row["rows"], row["digest"]) for row in rows))
