"""A table for a person at a terminal: sections under titles, numbers to the right, what to do next below."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cli.answer import Answer, Column, Section
from cli.session import visible

ROWS_MAX: Final = 1000
"""Nobody reads more on a screen; the rest are counted."""
GAP: Final = 2
"""Blanks between two columns: the cell's own, and the table's."""
NARROWEST: Final = 40
PROSE: Final = 28
"""As many letters as a line of prose needs at least to be read at ease."""
LEAST: Final = 14
"""And as few as it is made to do with before an id is folded."""

_TONES: Final = {
    "good": "bold green",
    "bad": "bold red",
    "soon": "bold yellow",
    "quiet": "bold dim",
    "strong": "bold",
    "faint": "dim",
    "": "bold",
}


def text(answer: Answer, *, width: int | None = None, colour: bool = False) -> str:
    """The answer as it is read; a width of None is as wide as it takes."""
    written = io.StringIO()
    console = Console(
        file=written,
        width=max(width, NARROWEST) if width else 10_000,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    shown = ROWS_MAX
    for section in answer.sections:
        if section.rows or section.lines:
            _show(console, section, section.rows[: max(shown, 0)])
            shown -= len(section.rows)
    if not answer.rows and answer.whole is None and answer.empty:
        console.print(_text(answer.empty))
    if shown < 0:
        console.print(
            f"{-shown:,} more rows are not shown here; --format csv has them all.", style="dim"
        )
    for advice in answer.then:
        console.print(Text("→ ", style="bold").append(_text(advice)), soft_wrap=not width)
    lines = [line.rstrip() for line in written.getvalue().rstrip("\n").splitlines()]
    return "".join(f"{line}\n" for line in lines)


def _show(console: Console, section: Section, rows: Sequence[msgspec.Struct]) -> None:
    if section.title:
        console.print(_text(section.title, _TONES[section.tone]))
    if rows:
        _show_rows(console, section, rows)
    for line in section.lines:
        shown = _text(line.text, _TONES[line.tone] if line.tone else "")
        console.print(Padding(shown, (0, 0, 0, line.indent)))
    console.print()


def _show_rows(console: Console, section: Section, rows: Sequence[msgspec.Struct]) -> None:
    columns = [(column, [_cell(row, column) for row in rows]) for column in section.columns]
    told = [(column, cells) for column, cells in columns if any(cells)]
    fitting = _fitting(told, console.width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    whole = _whole(fitting, console.width)
    for column, _ in fitting:
        table.add_column(
            _text(column.heading),
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=column.right or column in whole,
            header_style=Style(bold=True),
        )
    for number in range(len(rows)):
        table.add_row(*(_text(cells[number]) for _, cells in fitting))
    console.print(table)
    kept = {column for column, _ in fitting}
    # A bar has no heading, and nothing that the numbers beside it do not say.
    left_out = [column.heading for column, _ in told if column.heading and column not in kept]
    if left_out:
        said = f"Too narrow for: {', '.join(left_out)}. --format csv has everything."
        console.print(_text(said, "dim"))


def _fitting(columns: list[tuple[Column, list[str]]], width: int) -> list[tuple[Column, list[str]]]:
    """As many columns as the terminal holds without folding, the least wanted left out first."""
    kept = list(columns)
    while _width(kept) > width and any(column.rank for column, _ in kept):
        least = max(kept, key=lambda shown: shown[0].rank)
        kept.remove(least)
    return kept


def _whole(columns: list[tuple[Column, list[str]]], width: int) -> set[Column]:
    """Columns of ids and days, which nobody wants folded, as long as the prose beside them has room."""
    whole = {
        column
        for column, cells in columns
        if column.right or not any(" " in cell for cell in cells)
    }
    needed = sum(
        min(max(len(column.heading), *map(len, cells)), width if column in whole else LEAST) + GAP
        for column, cells in columns
    )
    return whole if needed <= width else set()


def _width(columns: list[tuple[Column, list[str]]]) -> int:
    return sum(
        max(len(column.heading), min(PROSE if column.wraps else 80, max(map(len, cells)))) + GAP
        for column, cells in columns
    )


def _cell(row: msgspec.Struct, column: Column) -> str:
    value: Any = getattr(row, column.field)
    if value is None or value == () or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple | list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    unit = getattr(row, column.unit) if column.unit else None
    return f"{value} {unit}" if unit else str(value)


def _text(words: str, style: str = "") -> Text:
    """Never markup, and nothing that could steer the terminal."""
    return Text(visible(words), style=style)
