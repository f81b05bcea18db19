"""Writes an answer in the format asked for: data to standard output, progress and notes beside it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol

from cli.answer import Answer
from cli.session import Session, in_colour


def show(session: Session, answer: Answer) -> None:
    """Write the answer to standard output."""
    name = session.format
    if name == "auto":
        name = "table" if sys.stdout.isatty() else "ndjson"
    session.count(rows=len(answer.rows))
    if name == "table":
        from cli.formats import table

        _write(table.text(answer, width=_width(), colour=in_colour()))
        return
    _write_exactly(import_module(f"cli.formats.{name}").text(answer))


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
