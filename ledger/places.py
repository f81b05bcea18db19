"""Where in a delivered file's own bytes each cell stands, so that some can be replaced and the rest left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple, overload

import msgspec

from ledger.errors import UnreadableRow
from ledger.table import Table

_BOMS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class Unplaced(ValueError):
    """A file whose cells cannot be found again in its bytes with certainty."""


class Span(NamedTuple):
    """From a letter of a view up to another."""

    start: int
    end: int


class RowPlace(NamedTuple):
    """A row in the bytes of its file: where it begins and ends, and where each of its cells stands."""

    line: int
    span: Span
    cells: Sequence[Span]
    """Without quotation marks; none of a row that cannot be read, which may be split anywhere."""
    values: Sequence[str]
    """What the cells hold, as they are read."""


class View(msgspec.Struct, frozen=True):
    """A file as letters that stand for its bytes one for one, or two for one in UTF-16."""

    text: str
    encoding: str
    """Of a value: what the bytes between two separators are read by."""
    codec: str
    """Of the whole: by it the letters become the file's bytes again."""
    mark: bytes = b""
    """The mark of UTF-16 before the first letter."""

    @classmethod
    def of(cls, data: bytes, encoding: str) -> View:
        """The view of a file that was read in this encoding; raises Unplaced where it has none."""
        if encoding != "utf-16":
            value = "utf-8" if encoding == "utf-8-sig" else encoding
            return cls(data.decode("latin-1"), value, "latin-1")
        codec = _BOMS[data[:2]]
        view = cls(data[2:].decode(codec), "utf-8", codec, data[:2])
        if view.delivered(view.text) != data:
            raise Unplaced("its letters do not make its bytes again")
        return view

    def delivered(self, text: str) -> bytes:
        """The bytes of a file that these letters stand for."""
        return self.mark + text.encode(self.codec)

    def bytes_of(self, text: str) -> bytes:
        """The bytes of a piece of it: as they are in the file, in UTF-16 as UTF-8."""
        return text.encode("latin-1" if self.codec == "latin-1" else "utf-8")

    def text_of(self, data: bytes) -> str:
        """A piece of it out of its bytes."""
        return data.decode("latin-1" if self.codec == "latin-1" else "utf-8")

    def is_blank(self, text: str) -> bool:
        """True where a piece holds nothing but blanks, such as are none in ASCII too."""
        if not text.strip():
            return True
        if self.codec != "latin-1" or text.isascii():
            return False
        try:
            return not self.bytes_of(text).decode(self.encoding).strip()
        except UnicodeDecodeError:
            return False

    def lines(self, span: Span) -> Iterable[Span]:
        """The pieces of a span that stand in one line each, without the ends of lines."""
        start, end = span
        if self.text.find("\n", start, end) < 0 and self.text.find("\r", start, end) < 0:
            return (span,)
        return self._cut(span)

    def _cut(self, span: Span) -> Iterator[Span]:
        start = span.start
        for found in self._breaks().finditer(self.text, span.start, span.end):
            yield Span(start, found.start())
            start = found.end()
        yield Span(start, span.end)

    def _breaks(self) -> re.Pattern[str]:
        return _LF if "\n" in self.text else _CR

    def line_starts(self) -> list[int]:
        """Where each line begins, and where one after the last would."""
        found = [0, *(one.end() for one in self._breaks().finditer(self.text))]
        return [*found, len(self.text)]


_LF: Final = re.compile(r"\r?\n")
_CR: Final = re.compile(r"\r")


def row_places(view: View, table: Table) -> Iterator[RowPlace]:
    """Where each row of a table stands, as the table itself splits it; blank lines and headers are left out."""
    starts = view.line_starts()
    split = _Quoted(view, table.delimiter) if table.quoted else _Plain(view, table.delimiter)
    for row in table.rows():
        broken = isinstance(row, UnreadableRow)
        line = (row.row or 0) if isinstance(row, UnreadableRow) else row[0]
        start = starts[line - 1]
        placed = split.row(start)
        if placed is None:
            if not broken:
                raise Unplaced(f"row {line} is split otherwise in its bytes")
            end = next(iter(view.lines(Span(start, len(view.text))))).end
            yield RowPlace(line, Span(start, end), (), ())
        elif isinstance(row, UnreadableRow):
            yield RowPlace(line, Span(start, placed[1]), (), ())
        else:
            yield RowPlace(line, Span(start, placed[1]), placed[0], row[1])


class _Plain:
    """Rows of one line each, split at every separator."""

    def __init__(self, view: View, delimiter: str) -> None:
        self._text = view.text
        self._break = "\n" if "\n" in view.text else "\r"
        self._delimiter = delimiter

    def row(self, start: int) -> tuple[Sequence[Span], int] | None:
        """The cells of the row that begins here, and where it ends."""
        end = self._end(start)
        return _Split(start, self._text[start:end].split(self._delimiter)), end

    def _end(self, start: int) -> int:
        end = self._text.find(self._break, start)
        if end < 0:
            return len(self._text)
        has_return = self._break == "\n" and self._text[start:end].endswith("\r")
        return end - has_return


class _Split(Sequence[Span]):
    """Where cells stand that were split at every separator; few of a wide report's are ever asked for."""

    def __init__(self, start: int, cells: list[str]) -> None:
        self._start = start
        self._cells = cells
        self._before: list[int] | None = None
        """How many letters stand in the cells before each one."""

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, place: int) -> Span: ...
    @overload
    def __getitem__(self, place: slice) -> list[Span]: ...
    def __getitem__(self, place: int | slice) -> Span | list[Span]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        before = self._before
        if before is None:
            before = self._before = [*accumulate(map(len, self._cells), initial=0)]
        cell = self._cells[place]
        if place < 0:
            place += len(self._cells)
        start = self._start + before[place] + place
        return Span(start, start + len(cell))


class _Quoted:
    """Rows whose cells may stand between quotation marks, and then hold separators and ends of lines."""

    def __init__(self, view: View, delimiter: str) -> None:
        self._text = view.text
        self._breaks = view._breaks()
        self._bare = re.compile(rf"[^{delimiter}\r\n]*(?:\r(?!\n)[^{delimiter}\r\n]*)*")
        if "\n" not in view.text:
            self._bare = re.compile(rf"[^{delimiter}\r]*")
        self._delimiter = delimiter

    def row(self, start: int) -> tuple[tuple[Span, ...], int] | None:
        """The cells of the row that begins here, and where it ends; None where its quoting is broken."""
        cells, at = [], start
        while True:
            cell, at = self._quoted(at) if self._text[at : at + 1] == '"' else self._plain(at)
            if cell is None:
                return None
            cells.append(cell)
            if self._text[at : at + 1] == self._delimiter:
                at += 1
            elif at == len(self._text) or self._breaks.match(self._text, at):
                return tuple(cells), at
            else:
                return None

    def _plain(self, start: int) -> tuple[Span | None, int]:
        found = self._bare.match(self._text, start)
        end = found.end() if found else start
        return Span(start, end), end

    def _quoted(self, start: int) -> tuple[Span | None, int]:
        at = start + 1
        while True:
            end = self._text.find('"', at)
            if end < 0:
                return None, len(self._text)
            if self._text[end + 1 : end + 2] != '"':
                return Span(start + 1, end), end + 1
            at = end + 2
