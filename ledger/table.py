"""A report file as a header and rows of cells, whatever its delimiter, quoting and line ends."""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterator
from itertools import chain
from operator import methodcaller
from typing import TYPE_CHECKING, Final

import msgspec

from ledger.delivery import NEW_DOWNLOAD, clip, decoded, unpacked
from ledger.errors import UnreadableFile, UnreadableRow

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["NEW_DOWNLOAD", "Table", "clip", "normalised", "read_table", "unpacked"]

LINE_MAX: Final = 1_000_000
"""Characters of the longest line that is looked at: a thousand times a report's usual line."""

BLOCK: Final = 1 << 18
"""Characters of a file that are split into lines at once."""

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

    def rows(self, *, may_be_joined: bool = True) -> Iterator[Numbered | UnreadableRow]:
        """Line number and stripped cells of every row that is not blank; line 1 is the header's.

        A row that cannot be split into cells comes as the error it gives. A header that comes
        again, as in files that were joined, is no row, or raises UnreadableFile.
        """
        width, widest = len(self.header), self.widest_row()
        rows = self._lines(may_be_joined=may_be_joined)
        for row in rows if self._is_ended() else self._but_cut_off(rows):
            if isinstance(row, UnreadableRow) or len(row[1]) == width:
                yield row
            elif row[1]:
                yield self._whole(*row, widest)

    def widest_row(self) -> int:
        """How many cells a row may have: as many as columns, and the blank ones that all rows have."""
        width, least = len(self.header), 0
        lines = self._text_lines(self._body())
        for line in _without_last(lines):  # the last one may be cut off
            if line.strip():
                cells = len(self.split(line))
                if cells <= width:
                    return width
                least = min(least or cells, cells)
        return max(width, least)

    def has_a_row_in_each_line(self) -> bool:
        """False where an end of a line stands in a cell, or the quoting is broken."""
        if not self.quoted:
            return True
        rows = self._split_quoted(self._body())
        try:
            return all(number == rows.line_num for number, _ in enumerate(rows, 1))
        except csv.Error:
            return False

    def split(self, line: str) -> list[str]:
        """The cells of a line that is a row."""
        if self.quoted:
            # Of a cell longer than any the row is refused, where it is read.
            with contextlib.suppress(csv.Error):
                return next(csv.reader([line], delimiter=self.delimiter))
        return line.split(self.delimiter)

    def _body(self) -> int:
        """Where the line after the header begins."""
        return self._after(0, self.header_lines)

    def _after(self, start: int, lines: int) -> int:
        """Where the line begins that is so many lines after the one that begins at `start`."""
        for _ in range(lines):
            start = self.text.find("\n", start) + 1 or len(self.text) + 1
        return start

    def _is_ended(self) -> bool:
        """True where the last line has its end: no row can be cut off."""
        return not self.text[self.text.rfind("\n") + 1 :].strip()

    def _but_cut_off(
        self, rows: Iterator[Numbered | UnreadableRow]
    ) -> Iterator[Numbered | UnreadableRow]:
        """The rows of a file without a line end; the last is cut off if it has fewer cells than any other."""
        narrowest = len(self.header)
        last: Numbered | None = None
        for row in rows:
            if last is not None:
                narrowest = min(narrowest, len(last[1]))
                yield last
                last = None
            if isinstance(row, UnreadableRow):
                yield row
            elif row[1]:
                last = row
        if last is not None:
            yield self._cut_off(*last) if len(last[1]) < narrowest else last

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

    def _lines(self, *, may_be_joined: bool) -> Iterator[Numbered | UnreadableRow]:
        """Every row and its cells, stripped; none of a blank row, nor of a header that may come again."""
        first, strip = self.header_as_written[0], str.strip
        for row in self._quoted() if self.quoted else self._plain():
            if isinstance(row, UnreadableRow):
                yield row
                continue
            cells = list(map(strip, row[1]))
            if not any(cells):
                cells = []
            elif cells[0] == first and self._is_header(cells):
                if not may_be_joined:
                    raise self._joined()
                cells = []
            yield row[0], cells

    def _is_header(self, cells: list[str]) -> bool:
        """True where the header comes again, and nothing stands beside it."""
        width = len(self.header)
        return tuple(cells[:width]) == self.header_as_written and not any(cells[width:])

    def _joined(self) -> UnreadableFile:
        """Without the row: of a part of a file nobody knows here where it begins."""
        return UnreadableFile(
            "the header comes again: several downloads were joined into this file",
            file=self.file,
            advice="Where downloads overlap, rows would count twice. Import each file as Amazon "
            "delivered it.",
        )

    def _plain(self) -> Iterator[Numbered]:
        cells = map(methodcaller("split", self.delimiter), self._text_lines(self._body()))
        return enumerate(cells, self.header_lines + 1)

    def _quoted(self) -> Iterator[Numbered | UnreadableRow]:
        """Rows whose values may hold delimiters and line ends; a broken one ends with its line."""
        start, at = self.header_lines, self._body()
        for _ in range(BROKEN_MAX):
            rows = self._split_quoted(at)
            begun = start
            try:
                for cells in rows:
                    yield begun + 1, cells
                    begun = start + rows.line_num
            except csv.Error:
                yield self._broken(begun + 1)
                at = self._after(at, begun + 1 - start)
                start = begun + 1
            else:
                return
        raise UnreadableFile(
            f"the quoting is broken in {BROKEN_MAX} rows and more",
            file=self.file,
            row=start,
            advice="A program has saved the file in a form of its own. " + NEW_DOWNLOAD,
        )

    def _split_quoted(self, at: int) -> Reader:
        lines = map("{}\n".format, self._text_lines(at))
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def _text_lines(self, start: int) -> Iterator[str]:
        """Line by line from a place on, without ever holding all of them beside the text."""
        return chain.from_iterable(block.split("\n") for block in self._blocks(start))

    def _blocks(self, start: int) -> Iterator[str]:
        """The text in pieces of whole lines."""
        while 0 <= start <= len(self.text):
            end = self.text.find("\n", start + BLOCK)
            yield self.text[start:] if end < 0 else self.text[start:end]
            start = end + 1 if end >= 0 else -1

    def _broken(self, line: int) -> UnreadableRow:
        return UnreadableRow(
            "the quoting is broken: a quotation mark opens a value and does not close it",
            file=self.file,
            row=line,
            advice=NEW_DOWNLOAD,
        )


def _without_last(lines: Iterator[str]) -> Iterator[str]:
    """All lines but the last of several."""
    line = next(lines, None)
    for number, after in enumerate(chain(lines, [None])):
        if line is not None and (after is not None or not number):
            yield line
        line = after


def normalised(name: str) -> str:
    """A column name folded for matching: lower case, blanks, hyphens and underscores alike."""
    return re.sub(r"[\s_\-]+", "-", name.strip().strip('"').strip().lower())


def read_table(data: bytes, file: str, marketplace: str | None = None) -> Table:
    """Decode a report and find its header; raises UnreadableFile where there is none."""
    encoding, text = decoded(data, file, marketplace)
    text = _with_plain_line_ends(text)
    if not text or text.isspace():
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
    if found := line_too_long(text):
        number, length = found
        raise UnreadableFile(
            f"a line of {length:,} characters, and no report has one over {LINE_MAX:,}",
            file=file,
            row=number,
            advice="The file is damaged. " + NEW_DOWNLOAD,
        )


def line_too_long(text: str) -> tuple[int, int] | None:
    """The number and the length of the first line that is longer than any report's."""
    start, number = 0, 1
    while len(text) - start > LINE_MAX:
        end = text.find("\n", start)
        length = (end if end >= 0 else len(text)) - start
        if length > LINE_MAX:
            return number, length
        start, number = end + 1, number + 1
    return None


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
