"""What a report format is: its header, its typed cells, and the facts that its rows tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from itertools import chain
from typing import ClassVar, Final, Literal

import msgspec

from ledger.cells import Places, Reading, Row, Told, decimal_mark, folded, moment
from ledger.errors import UnreadableFile, UnreadableRow
from ledger.event import Event
from ledger.personal import kinds_in
from ledger.table import NEW_DOWNLOAD, Table, clip, normalised
from ledger.values import Money

__all__ = [
    "Column",
    "Part",
    "Reading",
    "ReportFormat",
    "Row",
    "RowTold",
    "decimal_mark",
    "folded",
    "identify",
    "key",
    "moment",
]


class Column(msgspec.Struct, frozen=True):
    """One column of a report: its name, other names seen for it, and why it is in no fact if so."""

    name: str
    other_names: tuple[str, ...] = ()
    required: bool = True
    ignored: str = ""
    """The reason why the column is never read into an event; empty where it is read."""
    personal: Personal | None = None
    """What it tells of a person: it is kept and read as sealed values only, and never into a fact."""


Personal = Literal[
    "address",
    "business",
    "comment",
    "e-mail",
    "invoice",
    "link",
    "name",
    "parcel",
    "payment",
    "phone",
    "place",
    "tax number",
]
"""What a personal column tells of."""


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One fact of a row; the first is what the row is, the others change or come later."""

    event: Event
    suffix: str = ""
    """Tells the parts of a row apart; empty for the first."""
    occurred_at: str | None = None
    """An instant or a day; None where the fact occurs when it is told."""


class RowTold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one row (or one transaction's rows) tells: where it belongs, its names, its facts."""

    rows: tuple[int, ...]
    stream: str
    keys: tuple[str, ...]
    """Names of the thing told, strongest first: the last one is what every variant tells."""
    parts: tuple[Part, ...]
    told_at: str | None = None
    """The row's own last-updated date, where the report has one."""
    money: tuple[Money, ...] = ()
    """For the file's control totals."""
    personal: tuple[tuple[str, str], ...] = ()
    """What it tells of a person: the names of columns, and their words in clear. Never recorded so."""


def key(kind: str, *values: str | None) -> str:
    """A natural key as one short name: the kind of row and a digest of the key columns' values."""
    return f"{kind}:{sha256(_encode(values)).hexdigest()[:24]}"


_encode: Final = msgspec.json.Encoder().encode


class ReportFormat:
    """One of Amazon's reports: found by its header's content, read row by row into facts."""

    name: ClassVar[str]
    """Our name for it: `fba-customer-returns`."""
    title: ClassVar[str]
    """What a seller calls it."""
    amazon_type: ClassVar[str]
    """Amazon's report type, as the Reports API names it."""
    download: ClassVar[str]
    """Where in Seller Central it is downloaded."""
    columns: ClassVar[tuple[Column, ...]]
    may_be_empty: ClassVar[bool] = True
    """True where a file without rows can mean that nothing happened in its period."""
    may_be_joined: ClassVar[bool] = False
    """True where a row that comes again in downloads that were joined is told from one that is like it."""
    order_column: ClassVar[str] = ""
    """The column that names the buyer's order, under whose key what is personal in the row is sealed."""
    tells_own_time: ClassVar[bool] = False
    """True where each row tells when it was last updated."""

    def missing(self, table: Table) -> list[str]:
        """Required columns that the table's header does not have."""
        header = set(table.header)
        return [
            column.name
            for column in self.columns
            if column.required and not header.intersection(_names(column))
        ]

    def unexpected(self, table: Table) -> list[str]:
        """Columns of the table that this format does not know, as they are written."""
        known = {name for column in self.columns for name in _names(column)}
        return [
            written
            for name, written in zip(table.header, table.header_as_written, strict=True)
            if name not in known
        ]

    def unknown(self, table: Table) -> tuple[str, ...]:
        """Columns that this format does not know and in which something stands: they are kept sealed."""
        known = {name for column in self.columns for name in _names(column)}
        places = [place for place, name in enumerate(table.header) if name not in known]
        if not places:
            return ()
        blank = set(places)
        for row in table.rows():
            if not isinstance(row, UnreadableRow):
                blank.difference_update([place for place in blank if row[1][place]])
            if not blank:
                break
        return tuple(
            table.header_as_written[place] or f"column {place + 1}, without a name"
            for place in places
            if place not in blank
        )

    def likeness(self, table: Table) -> float:
        """How much of the header this format knows, 0 to 1."""
        known = {name for column in self.columns for name in _names(column)}
        union = len(set(table.header)) + len(self.columns)
        common = len(known.intersection(table.header))
        return common / (union - common) if union > common else 1.0

    def read(self, table: Table, reading: Reading) -> Iterator[RowTold | UnreadableRow]:
        """The facts of a file, row by row; a row that cannot be read comes as the error it gives.

        Raises a LedgerError where the file as a whole cannot be believed.
        """
        places, personal = Places(self._places(table)), Told.of(self._personal_places(table))
        rows = table.rows(may_be_joined=self.may_be_joined)
        first = next(rows, None)
        if first is None:
            if reading.period_stated and self.may_be_empty:
                return
            raise _no_rows(table, self)
        yield from self.facts(_numbered(chain([first], rows), places, personal, reading), reading)

    def _places(self, table: Table) -> dict[str, int]:
        """Where each column that is read stands; its own name counts before the other names."""
        counts = Counter(table.header)
        places = {}
        for column in self.columns:
            name = next((name for name in _names(column) if name in counts), None)
            if column.ignored or column.personal or name is None:
                continue
            if counts[name] > 1:
                raise _twice(table, column, counts[name])
            places[column.name] = table.header.index(name)
        return places

    def _personal_places(self, table: Table) -> tuple[tuple[str, int], ...]:
        """Where the columns stand that tell of a person; a parcel's number is sealed, and told to nobody."""
        return tuple(
            (column.name, table.header.index(name))
            for column in self.columns
            if column.personal not in (None, "parcel")
            for name in _names(column)
            if name in table.header
        )

    def confided_columns(self, table: Table) -> frozenset[int]:
        """The places of those personal columns of which each row tells what stands in them."""
        return frozenset(place for _name, place in self._personal_places(table))

    def sealed_columns(self, table: Table) -> frozenset[int]:
        """The places of all columns that are kept sealed: the personal ones, and those nobody knows."""
        read_in_clear = {
            name for column in self.columns if not column.personal for name in _names(column)
        }
        return frozenset(
            place for place, name in enumerate(table.header) if name not in read_in_clear
        )

    def order_place(self, table: Table) -> int | None:
        """The place of the column that names the order, if there is one."""
        for column in self.columns:
            if self.order_column and column.name == self.order_column:
                return next(
                    (table.header.index(name) for name in _names(column) if name in table.header),
                    None,
                )
        return None

    def names_order(self, _name: str) -> bool:
        """True where what stands in the order's column is an order of a buyer's."""
        return True

    def facts(
        self, rows: Iterable[Row | UnreadableRow], reading: Reading
    ) -> Iterator[RowTold | UnreadableRow]:
        """Row by row; a format whose facts span rows does it its own way."""
        for row in rows:
            if isinstance(row, UnreadableRow):
                yield row
                continue
            try:
                told = self.told(row)
            except UnreadableRow as error:
                # Its cells may stand under the wrong columns: what looks like a code may be a comment.
                row.take_back_unknown()
                yield error
                continue
            personal = row.personal()
            yield msgspec.structs.replace(told, personal=personal) if personal else told

    def told(self, row: Row) -> RowTold:
        """What one row tells; raises UnreadableRow where a cell does not hold what it must."""
        raise NotImplementedError(f"{self.name} reads rows together: it has `facts` of its own")


@cache
def _names(column: Column) -> tuple[str, ...]:
    return tuple(normalised(name) for name in (column.name, *column.other_names))


def _numbered(
    rows: Iterable[tuple[int, list[str]] | UnreadableRow],
    places: Places,
    personal: Told | None,
    reading: Reading,
) -> Iterator[Row | UnreadableRow]:
    for row in rows:
        if isinstance(row, UnreadableRow):
            yield row
        else:
            line, cells = row
            cells.append("")
            yield Row(reading, line, cells, places, personal)


def identify(table: Table, formats: Sequence[ReportFormat]) -> ReportFormat:
    """The format whose required columns the header has; the error says which is nearest."""
    fitting = [form for form in formats if not form.missing(table)]
    nearest = max(fitting or formats, key=lambda form: form.likeness(table))
    if fitting:
        return nearest
    if nearest.likeness(table) < LIKENESS_MIN:
        raise _unknown_kind(table, formats)
    raise _other_form(table, nearest)


LIKENESS_MIN: Final = 0.15
"""Below it, naming the nearest report would only mislead."""


def _unknown_kind(table: Table, formats: Sequence[ReportFormat]) -> UnreadableFile:
    names = table.header_as_written
    if any(_is_value(cell) for cell in names):
        return UnreadableFile(
            "the first line holds values, and no names of columns",
            file=table.file,
            row=table.header_lines,
            advice="The line with the names of the columns was taken away: import the file as Amazon "
            "delivered it.",
        )
    return UnreadableFile(
        "not a report that this ledger reads",
        file=table.file,
        row=table.header_lines,
        # A line of one cell names no columns: it may be a key, or a sentence of somebody's.
        found=clip(" | ".join(names), 100) if len(names) > 1 else None,
        advice=f"It reads: {'; '.join(form.title for form in formats)}.",
    )


def _is_value(cell: str) -> bool:
    """True where a cell is no name of a column, but an order, a date, an amount, or somebody's."""
    return "@" in cell or bool(_DIGITS.search(cell)) or bool(kinds_in(cell))


_DIGITS: Final = re.compile(r"\d{4}|^[+-]?\d+(?:[.,]\d+)?$|\d[./-]\d")


def _other_form(table: Table, nearest: ReportFormat) -> UnreadableFile:
    missing, unexpected = nearest.missing(table), nearest.unexpected(table)
    differs = f"missing {_some(missing)}"
    if unexpected:
        differs += f"; not known to it: {_some(unexpected)}"
    return UnreadableFile(
        f"nearest to '{nearest.name}' ({nearest.title}), which differs: {differs}",
        file=table.file,
        row=table.header_lines,
        advice=f"Download it again: {nearest.download}. "
        "If these columns are Amazon's own, please report the new form.",
    )


def _some(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(f"'{clip(name, 40)}'" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _no_rows(table: Table, form: ReportFormat) -> UnreadableFile:
    return UnreadableFile(
        f"the header of '{form.name}' ({form.title}) and no rows",
        file=table.file,
        row=table.header_lines,
        advice="A file without rows tells nothing by itself. Where Amazon had nothing to tell for the "
        "days asked for, say which days: --period FROM..TO.",
    )


def _twice(table: Table, column: Column, count: int) -> UnreadableFile:
    return UnreadableFile(
        f"{count} columns have this name, and only one can be meant",
        file=table.file,
        row=table.header_lines,
        column=column.name,
        advice=NEW_DOWNLOAD,
    )
