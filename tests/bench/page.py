"""The page that a benchmark run writes: figures, limits, and what they were measured on."""

from __future__ import annotations

import platform
import sqlite3
import subprocess
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One figure beside what it is measured against in the same run."""

    what: str
    value: float
    unit: str
    limit: float
    limit_is: str

    @property
    def ratio(self) -> float:
        """The figure over its limit."""
        return self.value / self.limit

    def line(self) -> str:
        """One line of the terminal's table."""
        return (
            f"{self.what:58} {self.value:>12,.0f} {self.unit:10} {self.ratio:>6.3f} x "
            f"{self.limit_is} ({self.limit:,.0f})"
        )

    def row(self) -> str:
        """One row of the page's table."""
        return (
            f"| {self.what} | {self.value:,.0f} {self.unit} | {self.limit:,.0f} "
            f"({self.limit_is}) | {self.ratio:.3f} |"
        )


def write_page(page: Path, figures: list[Figure], rows: int, runs: int) -> None:
    """Write the table with machine, versions, commit and sync mode."""
    page.write_text(
        "# Benchmarks\n\n"
        f"Made by `make bench`: {rows:,} rows, medians of {runs} runs. Machines differ and are shared: read the "
        "ratios, not the figures.\n\n"
        f"{platform.system()} {platform.machine()}, {cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version} (WAL, synchronous FULL), "
        f"SQLAlchemy {version('sqlalchemy')}, eventsourcing {version('eventsourcing')}, "
        f"commit {_commit()}. PostgreSQL is the test suite's own server, which does not wait for the disk.\n\n"
        "| what | figure | measured against | ratio |\n|---|---|---|---|\n"
        + "\n".join(figure.row() for figure in figures)
        + "\n\n"
        "A row of the returns report is one entry: the unit that came back, with its licence plate and what "
        "Amazon says became of it. Imports are durable, hashed and proved when they are acknowledged; the raw "
        "limits are not hashed, know no originals and refuse nothing.\n",
        encoding="utf-8",
    )


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
