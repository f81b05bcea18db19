"""A seller of any size: Amazon's reports of half a year, and the answers that are planted in them.

    python -m tests.bench.sellers --orders 1000000 --seed 7 --out DIR

The seller is many small ones side by side, each with products, planted cases and ids of its own, told in
the same files. The same size and seed give the same bytes, and memory does not grow with the size.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from cli.demo import rendering
from cli.demo.catalogue import assortment
from cli.demo.plot import Plot
from cli.demo.seller import CLAIMED_NOWHERE_ELSE, encoded, live
from cli.demo.settlements import settlements
from cli.demo.world import AS_OF, FIRST_DAY, World
from tests.bench.planted import Totals, borne, findings, totals
from tests.bench.spooling import Spool, files, in_order
from tests.bench.spreading import SpreadDice

SHARE: Final = 2_000
"""Orders of one of the small sellers: about one in ten of them comes back."""
RETURN_RATE: Final = 0.07
"""Of the ordinary orders; the planted ones come on top."""
DAYS: Final = 30
"""A file speaks for so many days."""
OVERLAP: Final = 7
"""A returns report tells the last days of the one before it again."""
TOLD_TWICE: Final = 4
"""Of so many ordinary returns one was told with another status, where an earlier file tells it."""
TASK: Final = 10
"""Shares that one process writes in one go."""
ANSWERS: Final = "answer_key.jsonl"
SETTLED: Final = 17
"""The column of a settlement in which a row says when it was posted."""


class Kind(NamedTuple):
    """How one report is written: its rows, in which column they say when, and how its bytes look."""

    rows: Callable[[World], Iterator[str]]
    column: int
    line_end: str
    encoding: str
    form: str = "%Y-%m-%d"
    periods: bool = True
    delimiter: str = "\t"
    suffix: str = ".txt"


KINDS: Final = {
    "orders": Kind(rendering.all_orders, 2, "\n", "utf-8"),
    "shipments": Kind(rendering.fulfilled_shipments, 8, "\r\n", "cp1252"),
    "reimbursements": Kind(rendering.reimbursements, 0, "\r\n", "cp1252", periods=False),
    "replacements": Kind(rendering.replacements, 0, "\r\n", "utf-8", periods=False),
    "requests": Kind(rendering.seller_fulfilled_returns, 2, "\n", "utf-8", "%d-%b-%Y"),
    "removal-orders": Kind(rendering.removal_orders, 0, "\r\n", "utf-8", periods=False),
    "removal-shipments": Kind(rendering.removal_shipments, 0, "\r\n", "utf-8", periods=False),
    "ledger": Kind(
        rendering.inventory_ledger, 0, "\n", "utf-8", '"%m/%d/%Y"', delimiter=",", suffix=".csv"
    ),
}
RETURNS: Final = Kind(lambda world: rendering.returned(world.returns), 0, "\r\n", "cp1252")


def write_seller(folder: Path, orders: int, seed: int = 7, processes: int = 1) -> Totals:
    """Write the reports into `reports` and the answers beside them; gives the totals of the answers."""
    shares = max(1, round(orders / SHARE))
    sizes = [orders // shares + (number < orders % shares) for number in range(shares)]
    numbered = list(enumerate(sizes))
    tasks = [numbered[start : start + TASK] for start in range(0, shares, TASK)]
    spools = [folder / "spool" / f"{number:06}" for number in range(len(tasks))]
    shutil.rmtree(folder, ignore_errors=True)
    if processes == 1:
        told = list(map(partial(_shares, seed), tasks, spools))
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            told = list(pool.map(partial(_shares, seed), tasks, spools))
    together: Totals = Counter()
    for one in told:
        together.update(one)
    _write_reports(folder / "reports", spools, seed, together)
    _write_answers(folder, spools, seed, together)
    shutil.rmtree(folder / "spool")
    return together


# --- one process's part ---------------------------------------------------------------------------------


def _shares(seed: int, sizes: list[tuple[int, int]], place: Path) -> Totals:
    """Some of the small sellers, their rows put by under a place of their own."""
    spool, found = Spool(place), Totals()
    place.mkdir(parents=True)
    with (place / "answers").open("wb") as answers:
        for share, orders in sizes:
            world = share_of(seed, share, orders)
            for name, kind in KINDS.items():
                _spool(spool, name, kind, world)
            _spool_returns(spool, world)
            found.update(_spool_settlements(spool, world))
            found.update(totals(world))
            for line in (*findings(world), *borne(world)):
                answers.write(msgspec.json.encode(line) + b"\n")
    spool.write()
    return found


def share_of(seed: int, share: int, orders: int) -> World:
    """One of the small sellers: what happened to him."""
    world = World(seed)
    plot = Plot(world, SpreadDice(seed, share), assortment(share + 1))
    live(plot, orders, RETURN_RATE)
    world.returns[:] = [
        unit
        if number % TOLD_TWICE or unit.first_told or unit.status != "Unit returned to inventory"
        else replace(unit, first_told=replace(unit, status="Data not available"))
        for number, unit in enumerate(world.returns)
    ]
    return world


def _spool(spool: Spool, name: str, kind: Kind, world: World) -> None:
    for line, bytes_ in _lines(kind, kind.rows(world)):
        day = _day(line, kind)
        spool.put(f"{name}-{_period(day):02}" if kind.periods else name, day, bytes_)


def _spool_returns(spool: Spool, world: World) -> None:
    """Each unit in the file of its day, and once more where the next file overlaps, which tells how it ended."""
    for unit in world.returns:
        [(line, bytes_)] = _lines(RETURNS, rendering.returned([unit.first_told or unit]))
        day = _day(line, RETURNS)
        period = _period(day)
        [(line, final)] = _lines(RETURNS, rendering.returned([unit]))
        if _period(day, OVERLAP) == period:
            spool.put(f"returns-{period:02}", day, final)
        else:
            spool.put(f"returns-{period:02}", day, bytes_)
            spool.put(f"returns-{period + 1:02}", _day(line, RETURNS), final)


def _spool_settlements(spool: Spool, world: World) -> Totals:
    """The rows of each settlement; its total in cents comes back."""
    found: Totals = Counter()
    for settlement, (_, summary, *rows) in settlements(world):
        found[f"settled {settlement}"] = int(summary.split("\t")[4].replace(".", ""))
        for row in rows:
            day = row.split("\t", SETTLED + 1)[SETTLED][:10]
            spool.put(f"settlement-{settlement}", day, f"{row}\n".encode())
    return found


def _lines(kind: Kind, rows: Iterator[str]) -> Iterator[tuple[str, bytes]]:
    next(rows)
    for line in rows:
        yield line, (line + kind.line_end).encode(kind.encoding)


def _day(line: str, kind: Kind) -> str:
    cell = line.split(kind.delimiter, kind.column + 1)[kind.column]
    if kind.form == "%Y-%m-%d":
        return cell[:10]
    return datetime.strptime(cell, kind.form).date().isoformat()  # noqa: DTZ007  a day has no zone


def _period(day: str, later: int = 0) -> int:
    return max(0, (date.fromisoformat(day) - FIRST_DAY).days + later) // DAYS


# --- the files ------------------------------------------------------------------------------------------


def _write_reports(reports: Path, spools: list[Path], seed: int, found: Totals) -> None:
    reports.mkdir(parents=True)
    nothing = World(seed)
    for settlement, head in settlements(nothing):
        lines = _settlement(settlement, head, spools, found[f"settled {settlement}"])
        _write(reports / f"{settlement}.txt", lines)
    for file in files(spools):
        name = file.rstrip("-0123456789")
        if name == "settlement":
            continue
        kind = RETURNS if name == "returns" else KINDS[name]
        header = encoded(kind.rows(nothing), kind.line_end, kind.encoding)
        rows = in_order(spools, file, kind.delimiter, kind.column, newest_first=True)
        _write(reports / f"{file}{kind.suffix}", chain(header, rows))


def _settlement(
    settlement: str, head: list[str], spools: list[Path], total: int
) -> Iterator[bytes]:
    """Header and summary of a period in which nothing happened, with the total; and then what happened."""
    header, summary = head
    cells = summary.split("\t")
    cells[4] = f"{'-' * (total < 0)}{abs(total) // 100}.{abs(total) % 100:02}"
    rows = in_order(spools, f"settlement-{settlement}", "\t", SETTLED, newest_first=False)
    return chain(encoded(iter([header, "\t".join(cells)]), "\n", "utf-8"), rows)


def _write(file: Path, lines: Iterable[bytes]) -> None:
    with file.open("wb") as written:
        written.writelines(lines)


def _write_answers(folder: Path, spools: list[Path], seed: int, found: Totals) -> None:
    """The totals, then every answer and what each order's seller bears: one JSON value a line."""
    first = {
        "what": "totals",
        "as_of": AS_OF.isoformat(),
        "marketplace": "US",
        "seed": seed,
        "complete_for": CLAIMED_NOWHERE_ELSE,
        "totals": dict(sorted(found.items())),
    }
    with (folder / ANSWERS).open("wb") as written:
        written.write(msgspec.json.encode(first) + b"\n")
        for spool in spools:
            with (spool / "answers").open("rb") as lines:
                shutil.copyfileobj(lines, written)


def main() -> None:
    """Write a seller of any size."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sellers", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="a folder; what is in it goes")
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    write_seller(asked.out, asked.orders, asked.seed, asked.processes)


if __name__ == "__main__":
    main()
