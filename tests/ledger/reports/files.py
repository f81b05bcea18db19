"""Report files as a seller would import them, and what the ledger reads in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import pytest

from ledger.errors import UnreadableRow
from ledger.event import Event
from ledger.report import Reading, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.table import read_table

REAL_FILES: Final = Path(__file__).resolve().parents[4] / "shared" / "samples"
"""Other people's files, which may be read here and never be kept in the repository."""

Cells = Mapping[str, str]


class Read(msgspec.Struct, frozen=True):
    """What a file was taken for, and what was read in it."""

    name: str
    told: list[RowTold]
    refused: list[UnreadableRow]
    unknown: set[str]

    @property
    def only(self) -> RowTold:
        """The one row of a file that has one, which must be readable."""
        assert (self.refused, len(self.told)) == ([], 1)
        return self.told[0]

    @property
    def refusal(self) -> UnreadableRow:
        """The one refusal of a file in which nothing can be read."""
        assert (self.told, len(self.refused)) == ([], 1)
        return self.refused[0]


def report(*rows: Cells) -> bytes:
    """A tab-separated report as Amazon writes it: the first row's columns are the header."""
    return _joined([list(rows[0]), *(list(row.values()) for row in rows)], "\t")


def read(data: bytes) -> Read:
    """Everything that is read in a file, which is known by its header alone."""
    table = read_table(data, "report.txt")
    form = identify(table, REPORT_FORMATS)
    reading = Reading(file="report.txt")
    facts = list(form.read(table, reading))
    return Read(
        form.name,
        [fact for fact in facts if isinstance(fact, RowTold)],
        [fact for fact in facts if isinstance(fact, UnreadableRow)],
        reading.unknown_codes,
    )


def events(row: RowTold) -> dict[str, Event]:
    """The facts of a row by their suffix."""
    return {part.suffix: part.event for part in row.parts}


def times(row: RowTold) -> dict[str, str | None]:
    """When the facts of a row happened, by their suffix."""
    return {part.suffix: part.occurred_at for part in row.parts}


def without(row: Cells, *columns: str) -> dict[str, str]:
    """The row of an older variant, which lacks these columns."""
    return {column: cell for column, cell in row.items() if column not in columns}


def renamed(row: Cells, names: Mapping[str, str]) -> dict[str, str]:
    """The row of a variant that calls columns otherwise."""
    return {names.get(column, column): cell for column, cell in row.items()}


def real_file(name: str) -> bytes:
    """A real file; the test is skipped, and says so, where the file is not at hand."""
    path = REAL_FILES / name
    if not path.is_file():
        pytest.skip(f"the real file {name} is not beside this checkout")
    return path.read_bytes()


def _joined(rows: Iterable[list[str]], separator: str) -> bytes:
    return "".join(separator.join(cells) + "\r\n" for cells in rows).encode()


def _cells(data: bytes) -> list[list[str]]:
    return [line.split("\t") for line in data.decode().splitlines()]


def _quoted(data: bytes, delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(_cells(data))
    return text.getvalue().encode()


DRESSES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "as UTF-8 with a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "as cp1252": lambda data: data.decode().encode("cp1252"),
    "with LF alone": lambda data: data.replace(b"\r\n", b"\n"),
    "with blank lines at the end": lambda data: data + b"\r\n\r\n",
    "as quoted CSV": lambda data: _quoted(data, ","),
    "as quoted CSV with a byte order mark": lambda data: b"\xef\xbb\xbf" + _quoted(data, ","),
    "with tabs and every cell quoted": lambda data: _quoted(data, "\t"),
    "with blanks around the cells": lambda data: _joined(
        ([f"{cell} " for cell in cells] for cells in _cells(data)), "\t"
    ),
    "with its columns in another order": lambda data: _joined(
        (cells[::-1] for cells in _cells(data)), "\t"
    ),
    "with rows cut off after their last value": lambda data: b"".join(
        line.rstrip(b"\t") + b"\r\n" for line in data.splitlines()
    ),
    "with headers in capitals and underscores": lambda data: _joined(
        (
            [_shouted(name) for name in cells] if not n else cells
            for n, cells in enumerate(_cells(data))
        ),
        "\t",
    ),
}
"""One report in all the clothes in which it arrives; `every_dress` gives each to a test."""


def _shouted(name: str) -> str:
    return name.upper().replace("-", "_").replace(" ", "_")


every_dress = pytest.mark.parametrize("dressed", DRESSES.values(), ids=DRESSES.keys())
