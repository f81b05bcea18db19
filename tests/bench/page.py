"""The page that is written of all that was measured, and the lines that a terminal shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.bench.results import Line


class Figure(msgspec.Struct, frozen=True):
    """One figure beside what it is measured against in the same process."""

    what: str
    value: float
    unit: str
    limit: float
    limit_is: str


HEAD = """# Benchmarks

Made by `make bench`, which keeps what it measured in [benchmarks.jsonl](benchmarks.jsonl) and writes this page of it.
`make bench FIGURES="import rebuild" ROWS=100000 ORDERS=20000 RUNS=3` measures some figures anew, at other sizes; the other lines stay.

Machines differ and are shared: read the ratios, not the figures.
Each ratio is of one run, in which both sides took turns; figures are medians, with the slowest and the fastest in brackets.
Each side runs in a process of its own; its memory is the most that it and its children held at a time.

A row of the returns report is one entry: the unit that came back, with its licence plate and what Amazon says became of it.
Imports are durable, hashed and proved when they are acknowledged; the raw limits are not hashed, know no originals and refuse nothing.
SQLite writes ahead and waits for the disk at every commit (WAL, synchronous FULL); the PostgreSQL that is measured waits for it, too (fsync and synchronous_commit on).
The seller of the larger figures is invented by `python -m tests.bench.sellers`, with what is true of him planted beside his reports.

"""  # noqa: E501  one sentence a line


def write_page(page: Path, lines: Sequence[Line], order: Sequence[str]) -> None:
    """Write the tables: what there is a target for, and what it is measured against besides."""
    ordered = sorted(lines, key=lambda line: order.index(line.figure))
    text = HEAD
    for title, some in (
        ("Targets", [line for line in ordered if line.target is not None]),
        ("Besides", [line for line in ordered if line.target is None]),
    ):
        text += "\n".join((f"## {title}", "", *_table(some), "", ""))
    text += "\n".join(("## How they were measured", "", *_runs(ordered), ""))
    page.write_text(text, encoding="utf-8")


def _table(lines: Iterable[Line]) -> Iterator[str]:
    yield "| what | size | figure | measured against | ratio | target | reached | memory |"
    yield "|---|---|---|---|---|---|---|---|"
    for line in lines:
        note = f" ({line.note})" if line.note else ""
        spread = f" ({_number(line.low)} to {_number(line.high)})" if line.high > line.low else ""
        cells = (
            line.what + note,
            line.size,
            f"{_number(line.value)} {line.unit}{spread}",
            f"{line.against}: {_number(line.limit)}",
            f"{line.ratio:.3f}",
            _target(line),
            _reached(line, "yes", "**no**"),
            f"{line.memory / 2**20:,.0f} MiB" if line.memory else "",
        )
        yield f"| {' | '.join(cells)} |"


def _target(line: Line) -> str:
    if line.target is None:
        return ""
    return f"{'at most' if line.at_most else 'at least'} {line.target:g}"


TARGETS_ARE_OF: Final = {
    "import": (1_000_000, "rows"),
    "import-postgres": (1_000_000, "rows"),
    "growth": (1_000_000, "rows"),
    "rebuild": (5_000_000, "entries"),
    "one-order": (5_000_000, "entries"),
    "audit": (1_000_000, "orders"),
    "dask": (5_000_000, "entries"),
}
"""Of how much the targets speak: what is reached with less is not reached yet."""


def _reached(line: Line, yes: str, no: str) -> str:
    if line.reached is None:
        return ""
    if not line.reached:
        return no
    number, what = TARGETS_ARE_OF.get(line.figure, (0, ""))
    told = re.search(rf"([\d,]+) {what}", line.size)
    is_whole = told is not None and int(told[1].replace(",", "")) >= number
    return yes if is_whole or not number else f"{yes}, but of less than {number:,} {what}"


def _runs(lines: Iterable[Line]) -> Iterator[str]:
    yield "| figures | runs | commit | when | machine |"
    yield "|---|---|---|---|---|"
    told = {(one.figure, one.runs, one.commit, one.when, one.machine) for one in lines}
    for figure, runs, commit, when, machine in sorted(told, key=lambda one: one[3]):
        yield f"| {figure} | {runs} | {commit} | {when} | {machine} |"


def shown(line: Line) -> str:
    """One line of the terminal."""
    target = f"{_target(line)} {_reached(line, 'reached', 'NOT REACHED')}".strip()
    return (
        f"{line.what} ({line.size}): {_number(line.value)} {line.unit} = {line.ratio:.3f} x "
        f"{line.against} ({_number(line.limit)}) {target}"
    )


def _number(value: float) -> str:
    return (
        f"{value:,.0f}"
        if abs(value) >= 100
        else f"{value:,.1f}"
        if abs(value) >= 10
        else f"{value:.3g}"
    )
