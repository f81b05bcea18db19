"""What a command answers: rows, and how a table shows them to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of an answer: its fields are what programs read, under these names for ever."""


class Column(NamedTuple):
    """A column of a table: a field under a heading; money shows its currency behind it."""

    field: str
    heading: str
    right: bool = False
    rank: int = 0
    """0 is always shown; where the terminal is narrow the highest rank is left out first."""
    unit: str = ""
    """The field whose value follows, such as the currency of an amount."""
    wraps: bool = False
    """True for prose, which goes on in the next line rather than be left out."""


class Line(NamedTuple):
    """A line of prose in a table's place: indented as deep as it belongs to what stands above."""

    text: str
    tone: str = ""
    indent: int = 0


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an answer that a table shows under a title of its own."""

    title: str = ""
    rows: Sequence[msgspec.Struct] = ()
    columns: Sequence[Column] = ()
    lines: Sequence[Line] = ()
    """Prose, after the rows."""
    tone: str = ""
    """good, bad, soon or quiet: what the title feels like."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that any format can write down."""

    command: str
    kind: type[msgspec.Struct]
    """What a row is: its fields are the header of a CSV, with or without rows."""
    rows: Sequence[msgspec.Struct]
    as_of: date | None = None
    known_at: str | None = None
    key: str = "rows"
    """What the rows are called in JSON."""
    whole: msgspec.Struct | None = None
    """Where the answer is one thing rather than rows: its fields are JSON's."""
    sections: Sequence[Section] = ()
    empty: str = "Nothing."
    """What a table says where there is no row."""
    then: Sequence[str] = ()
    """What to do next: every table ends with it."""
