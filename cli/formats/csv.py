"""Comma-separated values under the names of the fields, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from cli.answer import Answer

AT_ONCE: Final = 1_000
"""Rows that are written in one go."""


def text(answer: Answer) -> str:
    """A header and a line for each row."""
    return "".join(part for _, part in parts(answer))


def parts(
    answer: Answer, rows: Iterable[msgspec.Struct] | None = None
) -> Iterator[tuple[int, str]]:
    """The same part by part, each with how many rows it is; of these rows, else of the answer's own."""
    fields = [field.encode_name for field in msgspec.structs.fields(answer.kind)]
    yield 0, lines([fields])
    left = iter(answer.rows if rows is None else rows)
    while some := list(islice(left, AT_ONCE)):
        told = map(msgspec.to_builtins, some)
        yield len(some), lines(cells(row, fields) for row in told)


def lines(rows: Iterable[Sequence[str | int]]) -> str:
    """Rows of cells as text."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


def cells(row: Mapping[str, Any], fields: Iterable[str]) -> list[str | int]:
    """The cells of a row: most are texts and numbers, which stay what they are."""
    return [
        value if type(value) is str or type(value) is int else cell(value)
        for value in map(row.get, fields)
    ]


def cell(value: Any) -> str | int:
    """Several values stand in one cell, a semicolon between them; what has parts is JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return value
    if isinstance(value, list | tuple) and not any(isinstance(item, dict) for item in value):
        return "; ".join(str(cell(item)) for item in value)
    return msgspec.json.encode(value).decode()
