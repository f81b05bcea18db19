"""A report file as a header and rows of cells, whatever its delimiter, quoting and line ends."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from ledger.delivery import NEW_DOWNLOAD, clip, decoded, unpacked
from ledger.errors import UnreadableFile, UnreadableRow

__all__ = ["NEW_DOWNLOAD", "Table", "clip", "normalised", "read_table", "unpacked"]

LINE_MAX: Final = 1_000_000
"""Characters of the longest line that is looked at: a thousand times a report's usual line."""

BROKEN_MAX: Final = 100
"""Rows with broken quoting after which the file is given up."""

Numbered = tuple[int, list[str]]


class Table(msgspec.Struct, frozen=True):
    """A decoded report: normalised header names, the same names as written, and numbered rows."""

    file: str
    header: tuple[str, ...]
    header_as_written: tuple[str, ...]
    encoding: str
    text: str
    delimiter: str
    quoted: bool
    header_lines: int

    def rows(self) -> Iterator[Numbered | UnreadableRow]:
        """Line number and stripped cells of every row that is not blank; line 1 is the header's.

        A row that cannot be split into cells comes as the error it gives. A header that comes
        again, as in files that were joined, is no row.
        """
        narrowest = len(self.header)
        widest = self._widest()
        last: Numbered | None = None
        for row in self._lines():
            if last is not None:
                narrowest = min(narrowest, len(last[1]))
                yield self._whole(*last, widest)
                last = None
            if isinstance(row, UnreadableRow):
                yield row
            elif any(row[1]) and not self._is_header(row[1]):
                last = row
        if last is not None:
            ended = not self._ends_in(last, narrowest)
            yield self._whole(*last, widest) if ended else self._cut_off(*last)

    def _is_header(self, cells: list[str]) -> bool:
        """True where the header comes again, and nothing stands beside it."""
        width = len(self.header)
        return tuple(cells[:width]) == self.header_as_written and not any(cells[width:])

    def _widest(self) -> int:
        """How many cells a row may have: as many as columns, and the blank ones that all rows have."""
        lines = self.text.split("\n")[self.header_lines :]
        lines = lines[:-1] or lines  # the last one may be cut off
        cells = min((line.count(self.delimiter) + 1 for line in lines if line.strip()), default=0)
        return max(len(self.header), cells)

    def _ends_in(self, row: Numbered, narrowest: int) -> bool:
        """True where the file stops within this row: no line end, fewer cells than any other."""
        tail = self.text[self.text.rfind("\n") + 1 :]
        return bool(tail.strip()) and len(row[1]) < narrowest

    def _whole(self, line: int, cells: list[str], widest: int) -> Numbered | UnreadableRow:
        """The row with as many cells as there are columns: blank ones at its end may be missing."""
        width = len(self.header)
        if len(cells) == width:
            return line, cells
        if len(cells) > widest or any(cells[width:]):
            return UnreadableRow(
                f"the row has {len(cells)} cells under {width} columns",
                file=self.file,
                row=line,
                advice="A column separator inside a value has split the row. " + NEW_DOWNLOAD,
            )
        return line, cells[:width] + [""] * (width - len(cells))

    def _cut_off(self, line: int, cells: list[str]) -> UnreadableRow:
        return UnreadableRow(
            f"the file ends within this row, after {len(cells)} of {len(self.header)} cells",
            file=self.file,
            row=line,
            advice="The download was cut off. " + NEW_DOWNLOAD,
        )

    def _lines(self) -> Iterator[Numbered | UnreadableRow]:
        lines = self.text.split("\n")
        rows = self._quoted(lines) if self.quoted else self._plain(lines)
        for row in rows:
            yield row if isinstance(row, UnreadableRow) else (row[0], [c.strip() for c in row[1]])

    def _plain(self, lines: list[str]) -> Iterator[Numbered]:
        for number in range(self.header_lines, len(lines)):
            yield number + 1, lines[number].split(self.delimiter)

    def _quoted(self, lines: list[str]) -> Iterator[Numbered | UnreadableRow]:
        """Rows whose values may hold delimiters and line ends; a broken one ends with its line."""
        start = self.header_lines
        for _ in range(BROKEN_MAX):
            rows = csv.reader(
                (f"{lines[number]}\n" for number in range(start, len(lines))),
                delimiter=self.delimiter,
                strict=True,
            )
            begun = start
            try:
                for cells in rows:
                    yield begun + 1, cells
                    begun = start + rows.line_num
            except csv.Error:
                yield self._broken(begun + 1)
                start = begun + 1
            else:
                return
        raise UnreadableFile(
            f"the quoting is broken in {BROKEN_MAX} rows and more",
            file=self.file,
            row=start,
            advice="A program has saved the file in a form of its own. " + NEW_DOWNLOAD,
        )

    def _broken(self, line: int) -> UnreadableRow:
        return UnreadableRow(
            "the quoting is broken: a quotation mark opens a value and does not close it",
            file=self.file,
            row=line,
            advice=NEW_DOWNLOAD,
        )


def normalised(name: str) -> str:
    """A column name folded for matching: lower case, blanks, hyphens and underscores alike."""
    return re.sub(r"[\s_\-]+", "-", name.strip().strip('"').strip().lower())


def read_table(data: bytes, file: str, marketplace: str | None = None) -> Table:
    """Decode a report and find its header; raises UnreadableFile where there is none."""
    encoding, text = decoded(data, file, marketplace)
    text = _with_plain_line_ends(text)
    if not text.strip():
        raise UnreadableFile("the file is empty", file=file, advice=NEW_DOWNLOAD)
    _must_have_lines(text, file)
    first, header_lines = _first_line(text)
    delimiter = max("\t,;", key=first.count)
    quoted, cells = _header_cells(first, delimiter)
    while len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return Table(
        file=file,
        header=tuple(normalised(cell) for cell in cells),
        header_as_written=tuple(cell.strip() for cell in cells),
        encoding=encoding,
        text=text,
        delimiter=delimiter,
        quoted=quoted,
        header_lines=header_lines,
    )


def _with_plain_line_ends(text: str) -> str:
    """CRLF, LF or CR alone; a CR within a line that ends otherwise is part of a value."""
    if "\r" not in text:
        return text
    text = text.replace("\r\n", "\n")
    return text.replace("\r", " " if "\n" in text else "\n")


def _must_have_lines(text: str, file: str) -> None:
    """Before anything is split: one endless line would fill the memory with its cells."""
    start, number = 0, 1
    while len(text) - start > LINE_MAX:
        end = text.find("\n", start)
        length = (end if end >= 0 else len(text)) - start
        if length > LINE_MAX:
            raise UnreadableFile(
                f"a line of {length:,} characters, and no report has one over {LINE_MAX:,}",
                file=file,
                row=number,
                advice="The file is damaged. " + NEW_DOWNLOAD,
            )
        start, number = end + 1, number + 1


def _first_line(text: str) -> tuple[str, int]:
    """The first line that is not blank, and its number."""
    start, number = 0, 1
    while True:
        line, _, _ = text[start : start + LINE_MAX + 1].partition("\n")
        if line.strip():
            return line, number
        start, number = start + len(line) + 1, number + 1


def _header_cells(first: str, delimiter: str) -> tuple[bool, list[str]]:
    """Amazon's tab files hold bare quotes: there quoting counts only if every name is quoted."""
    plain = first.split(delimiter)
    every = all(len(c.strip()) > 1 and c.strip()[0] == c.strip()[-1] == '"' for c in plain)
    if not every and delimiter == "\t":
        return False, plain
    try:
        return True, next(csv.reader([first], delimiter=delimiter))
    except csv.Error:
        return True, plain
