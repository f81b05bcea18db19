"""Writes an answer in the format asked for: data to standard output, progress and notes beside it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Final, Protocol

from cli.answer import Answer, Row
from cli.session import Session, in_colour

STREAMED: Final = ("ndjson", "csv")
"""Formats of a line a row: each line is written when its row is there."""


def show(session: Session, answer: Answer) -> None:
    """Write the answer to standard output."""
    name = session.format
    if name == "auto":
        name = "table" if sys.stdout.isatty() else "ndjson"
    if name == "table":
        from cli.formats import table

        session.count(rows=len(answer.rows))
        _write(table.text(answer, width=_width(), colour=in_colour()))
        return
    form = import_module(f"cli.formats.{name}")
    if name in STREAMED:
        session.count(rows=_write_parts(form.parts(answer)))
        return
    session.count(rows=len(answer.rows))
    _write_exactly(form.text(answer))


def show_rows(session: Session, answer: Answer, rows: Iterator[Row]) -> bool:
    """Write rows while they are made, where the format is one of a line a row; else write nothing.

    So a million of them need no memory. The answer tells what a row is.
    """
    if session.format not in STREAMED and (session.format != "auto" or sys.stdout.isatty()):
        return False
    form = import_module(f"cli.formats.{'ndjson' if session.format == 'auto' else session.format}")
    session.count(rows=_write_parts(form.parts(answer, rows)))
    return True


def _write_parts(parts: Iterator[tuple[int, str]]) -> int:
    """Write text part by part; gives how many rows it was."""
    count = 0
    for rows, part in parts:
        count += rows
        _write_exactly(part)
    return count


def shows_a_table(session: Session) -> bool:
    """True where a person reads the answer."""
    return session.format == "table" or (session.format == "auto" and sys.stdout.isatty())


def _width() -> int | None:
    """Of the terminal; where there is none, as wide as it takes unless COLUMNS says."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit():
        return shutil.get_terminal_size((100, 24)).columns
    return None


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _write_exactly(text: str) -> None:
    """JSON and CSV are UTF-8 whatever the terminal's encoding: programs read them."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        _write(text)
        return
    sys.stdout.flush()
    binary.write(text.encode())
    binary.flush()


# --- progress ---------------------------------------------------------------------------------


class Progress(Protocol):
    """How far long work has come."""

    def __call__(self, doing: str, done: int) -> None:
        """Say what is being done now, and how much of the whole is behind us."""


@contextmanager
def progress(session: Session, total: int | None) -> Iterator[Progress]:
    """A bar on standard error while it lasts, where that is a terminal and nobody asked for quiet.

    A total of None is not known: the bar then only moves.
    """
    if session.verbosity < 0 or not sys.stderr.isatty():
        yield lambda doing, done: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(30), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
    with Bar(
        *columns,
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=total)

        def told(doing: str, done: int) -> None:
            bar.update(task, description=escape(doing), completed=done)

        yield told
