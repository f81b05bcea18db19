"""Questions: one order, the whole book, what changed, and what other programs answer from the same files."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.bench.bench import ACCOUNT, Bench, answers
from tests.bench.results import Line, bounded, memory, rate
from tests.bench.running import Run, Side, by_turns
from tests.bench.sellers import ANSWERS
from tests.bench.tasks.opening import account_log

SHARE: Final = 0.01
MILLISECONDS_MAX: Final = 5.0
AUDIT_SECONDS_MAX: Final = 20.0
AUDIT_MEMORY_MAX: Final = 1_024
PICKED: Final = 200
MISSING: Final = ("ready", "waiting", "expired")
"""Verdicts of a unit that never came back and was never paid."""


def one_order(bench: Bench) -> Iterator[Line]:
    """In a process that has the log open."""
    yield _one(bench, "story", "one order's story, SQLite")
    yield _one(bench, "audit-one", "one order's audit, the book open, SQLite")
    alone = _one(
        bench, "audit-alone", "one order's audit, all that it depends on looked up, SQLite"
    )
    yield msgspec.structs.replace(alone, target=None)


def _one(bench: Bench, task: str, what: str) -> Line:
    done = by_turns({what: lambda _: _of_one(bench, task)}, bench.runs)[what]
    medians = [run.told["median"] * 1000 for run in done.runs]
    slow = max(run.told["slowest_of_100"] for run in done.runs) * 1000
    note = f"median of {PICKED} orders picked by chance; one in a hundred takes {slow:.1f} ms"
    if opened := [run.told["opened"] for run in done.runs if "opened" in run.told]:
        note += f"; the book is opened in {min(opened):.1f} s, once"
    size = f"{bench.entries:,} entries"
    line = bounded("one-order", what, size, medians, "ms", MILLISECONDS_MAX, "5 ms")
    return msgspec.structs.replace(line, note=note, memory=done.memory)


def _of_one(bench: Bench, task: str) -> Run:
    return bench.task(task, url=bench.book, account=ACCOUNT, orders=PICKED)


def audit_book(bench: Bench) -> Iterator[Line]:
    """The command in a new process, the views being there; its findings are the planted ones."""
    words = ["audit", "--as-of", "2026-11-20", "--format", "ndjson"]
    home = bench.home
    bench.command(home, ["rebuild", "--format", "ndjson"], bench.entries)
    done = by_turns(
        {"audit": lambda _: bench.command(home, words, bench.orders)},
        bench.runs,
    )["audit"]
    _compare(bench.folder / "printed", bench.seller / ANSWERS)
    size = f"{bench.orders:,} orders, {bench.entries:,} entries"
    seconds = [run.seconds for run in done.runs]
    line = bounded(
        "audit", "audit of all orders, cold", size, seconds, "s", AUDIT_SECONDS_MAX, "20 s"
    )
    yield msgspec.structs.replace(
        line,
        memory=done.memory,
        note="the views being there; every finding and every cent is the planted one",
    )
    yield memory("audit", "audit of all orders: memory", size, done, AUDIT_MEMORY_MAX)
    yield from _as_typed(bench)


def _as_typed(bench: Bench) -> Iterator[Line]:
    """What one types, without a day: it records what it found, in a copy of the book; the next finds nothing new."""
    place, words = bench.fresh("audited") / "home", ["audit", "--format", "ndjson"]
    shutil.copytree(bench.home, place)
    recording = bench.command(place, words, bench.orders)
    url = f"sqlite:///{place}/accounts/{ACCOUNT}/ledger.db"
    with account_log(url, ACCOUNT) as log:
        recorded = log.position() - bench.entries
    again = by_turns({"audited": lambda _: bench.command(place, words, bench.orders)}, bench.runs)[
        "audited"
    ]
    size = f"{bench.orders:,} orders, {bench.entries:,} entries"
    for what, note, side in (
        ("audit without a day", f"it records {recorded:,} judgements", Side([recording])),
        ("audit without a day, once more", "they are there, and nothing is new", again),
    ):
        seconds, limit = [run.seconds for run in side.runs], AUDIT_SECONDS_MAX
        line = bounded("audit", what, size, seconds, "s", limit, "20 s, as with a day")
        yield msgspec.structs.replace(line, memory=side.memory, note=note, target=None)
    bench.clear()


def _compare(printed: Path, key: Path) -> None:
    """What was answered is what was planted: findings by type and verdict, and what is open of them in cents."""
    totals = next(answers(key))
    found: Counter[str] = Counter()
    with printed.open("rb") as lines:
        for line in lines:
            one = msgspec.json.decode(line)
            name = f"{one['claim_type']} {one['verdict']}"
            found[f"units {name}"] += one["quantity"]
            found[f"cents open {name}"] += int((one["amount_open"] or "0").replace(".", ""))
    wrong = {
        name: (planted, found[name])
        for name, planted in totals["totals"].items()
        if name.startswith(("units ", "cents open "))
        and name.split()[-1] in totals["complete_for"]
        and found[name] != planted
    }
    assert not wrong, f"planted and found differ: {wrong}"


def whole_book(bench: Bench) -> Iterator[Line]:
    """The other questions about everything, each by the command in a new process, the views being there."""
    home, size = bench.home, f"{bench.orders:,} orders, {bench.entries:,} entries"
    bench.command(home, ["rebuild", "--format", "ndjson"], bench.entries)
    for words in (["liability", "--by", "party"], ["status"], ["due"]):
        asked = [*words, "--as-of", "2026-11-20", "--format", "ndjson"]
        done = by_turns({words[0]: partial(_asked, bench, home, asked)}, bench.runs)[words[0]]
        note = ""
        if words[0] == "liability":
            _compare_borne(bench.folder / "printed", bench.seller / ANSWERS)
            note = "every cent is the planted one"
        seconds = [run.seconds for run in done.runs]
        what, limit = f"{' '.join(words)}, cold, SQLite", AUDIT_SECONDS_MAX
        line = bounded("whole-book", what, size, seconds, "s", limit, "20 s, as for the audit")
        yield msgspec.structs.replace(line, memory=done.memory, note=note, target=None)


def _asked(bench: Bench, home: Path, words: list[str], _number: int) -> Run:
    return bench.command(home, words, bench.orders)


def _compare_borne(printed: Path, key: Path) -> None:
    """Who bears what is what was planted, in cents."""
    planted = {
        name: cents
        for name, cents in next(answers(key))["totals"].items()
        if name.startswith("borne ") and cents
    }
    with printed.open("rb") as lines:
        rows = [msgspec.json.decode(line) for line in lines]
    found = {
        f"borne {row['party']} {row['line']}": int(row["amount"].replace(".", "")) for row in rows
    }
    assert planted == {name: cents for name, cents in found.items() if cents}


def catching_up(bench: Bench) -> Iterator[Line]:
    """A copy of the book in which every hundredth case changes, again and again."""
    place = bench.fresh("catch-up") / "home"
    shutil.copytree(bench.home, place)
    url = f"sqlite:///{place}/accounts/{ACCOUNT}/ledger.db"
    rebuilt = bench.command(place, ["rebuild", "--format", "ndjson"], bench.entries)
    runs = []
    for number in range(bench.runs):
        file = place / f"news-{number}.txt"
        news: dict[str, Any] = {"share": SHARE, "file": str(file), "seed": number}
        grown = bench.task("grow", url=url, account=ACCOUNT, **news)
        runs.append(bench.task("catch-up", url=url, account=ACCOUNT, cases=grown.count))
    line = bounded(
        "catch-up",
        "catch-up of all views after 1 % of the cases changed, SQLite",
        f"{bench.entries:,} entries, {runs[0].count:,} cases",
        [run.seconds for run in runs],
        "s",
        rebuilt.seconds * 0.03,
        f"3 % of a rebuild ({rebuilt.seconds:,.1f} s)",
    )
    yield msgspec.structs.replace(line, memory=Side(runs).memory)
    bench.clear()


def questions(bench: Bench) -> Iterator[Line]:
    """Which refunded FBA units never came back and were never paid: from the files to the answer."""
    if not bench.has_peers:
        return
    home, reports = bench.home, bench.seller / "reports"
    words = ["audit", "--as-of", "2026-11-20", "--format", "ndjson"]
    imported = float((home / "imported").read_text().split()[0])

    def ours(number: int) -> Run:
        done = bench.command(home, [*words, "--claim-type", "return_missing"], bench.orders)
        return Run(done.seconds, done.count, done.memory, {})

    sides: dict[str, Callable[[int], Run]] = {
        "audit": ours,
        "pandas": lambda _: _answered(bench, "pandas_script", reports),
        "DuckDB": lambda _: _answered(bench, "duckdb_query", reports),
    }
    done = by_turns(sides, bench.runs)
    for name in ("pandas", "DuckDB"):
        yield rate(
            "questions",
            "units refunded, not back and not paid: the audit of an imported book",
            f"{bench.orders:,} orders",
            "orders/s",
            done["audit"],
            f"{name} from the files to the same answer, compared with what was planted",
            done[name],
            None,
            f"importing the book once took {imported:,.0f} s",
        )


def _answered(bench: Bench, script: str, reports: Path) -> Run:
    run = bench.peer(script, reports=str(reports))
    assert run.told["missing"] == _missing(bench.seller / ANSWERS), "not what was planted"
    totals = next(answers(bench.seller / ANSWERS))["totals"]
    for disposition, count in run.told["dispositions"].items():
        assert count == totals[f"returns {disposition}"], disposition
    return Run(run.seconds, bench.orders, run.memory, {})


def _missing(key: Path) -> list[list[Any]]:
    units: Counter[tuple[str, str]] = Counter()
    for one in answers(key):
        is_missing = one["what"] == "finding" and one["claim_type"] == "return_missing"
        if is_missing and one["verdict"] in MISSING:
            units[one["order_id"], one["sku"]] += one["quantity"]
    return sorted([order, sku, count] for (order, sku), count in units.items())
