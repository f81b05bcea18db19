"""What was measured, kept as JSON Lines beside the page, so that a page can be written of several runs."""

from __future__ import annotations

import platform
import sqlite3
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

import msgspec

from tests.bench.running import Side


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One figure beside what it is measured against in the same run."""

    figure: str
    """By this name it is asked for; all lines of a figure are measured together."""
    what: str
    size: str
    value: float
    unit: str
    low: float
    high: float
    against: str
    limit: float
    target: float | None = None
    """What the ratio of value and limit should be."""
    at_most: bool = False
    """The ratio should not be more, where else it should not be less."""
    runs: int
    memory: int = 0
    """Peak of the resident memory, in bytes."""
    note: str = ""
    commit: str = ""
    when: str = ""
    machine: str = ""

    @property
    def ratio(self) -> float:
        """The figure over what it is measured against."""
        return self.value / self.limit

    @property
    def reached(self) -> bool | None:
        """Whether the target is; None where there is none."""
        if self.target is None:
            return None
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target


def rate(
    figure: str,
    what: str,
    size: str,
    unit: str,
    ours: Side,
    against: str,
    other: Side,
    target: float | None = None,
    note: str = "",
) -> Line:
    """How fast it is beside how fast something else is."""
    low, high = ours.rates
    return Line(
        figure=figure,
        what=what,
        size=size,
        value=ours.rate,
        unit=unit,
        low=low,
        high=high,
        against=against,
        limit=other.rate,
        target=target,
        runs=len(ours.runs),
        memory=ours.memory,
        note=note,
    )


def bounded(
    figure: str, what: str, size: str, values: list[float], unit: str, limit: float, against: str
) -> Line:
    """Something that may not exceed a limit; the middle of what was measured."""
    ordered = sorted(values)
    return Line(
        figure=figure,
        what=what,
        size=size,
        value=ordered[len(ordered) // 2],
        unit=unit,
        low=ordered[0],
        high=ordered[-1],
        against=against,
        limit=limit,
        target=1.0,
        at_most=True,
        runs=len(values),
    )


def memory(figure: str, what: str, size: str, side: Side, limit: int) -> Line:
    """The largest peak of a side beside what it may be, in MiB."""
    values = [run.memory / 2**20 for run in side.runs]
    line = bounded(figure, what, size, values, "MiB", limit, "the most that it may be")
    return msgspec.structs.replace(line, value=max(values))


def signed(line: Line) -> Line:
    """With commit, day and machine."""
    return msgspec.structs.replace(
        line,
        commit=_commit(),
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        machine=machine(),
    )


def machine() -> str:
    """What it was measured on and with."""
    return (
        f"{platform.system()} {platform.machine()}, {cpu_count()} cores, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"SQLAlchemy {version('sqlalchemy')}, eventsourcing {version('eventsourcing')}"
    )


def read(file: Path) -> list[Line]:
    """What is kept."""
    if not file.exists():
        return []
    return [msgspec.json.decode(line, type=Line) for line in file.read_bytes().splitlines()]


def keep(file: Path, lines: Iterable[Line]) -> None:
    """Put lines in the place of those that their figures had."""
    new = list(lines)
    figures = {line.figure for line in new}
    kept = [line for line in read(file) if line.figure not in figures]
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in kept + new))


def _commit() -> str:
    told = [
        subprocess.run(["git", *asked], capture_output=True, text=True, check=False).stdout.strip()
        for asked in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "-uno"])
    ]
    return (told[0] or "unknown") + ("+" if told[1] else "")
