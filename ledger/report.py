"""What a report format is: its header, its typed cells, and the facts that its rows tell."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import ClassVar, Final

import msgspec

from ledger.errors import LedgerError, UnreadableFile, UnreadableRow
from ledger.event import Event
from ledger.table import NEW_DOWNLOAD, Table, clip, normalised
from ledger.values import EXPONENTS, Money, code, instant, marketplace_named


class Column(msgspec.Struct, frozen=True):
    """One column of a report: its name, other names seen for it, and why it is ignored if so."""

    name: str
    other_names: tuple[str, ...] = ()
    required: bool = True
    ignored: str = ""
    """The reason why the column is never read into an event; empty where it is read."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a row; the first is what the row is, the others change or come later."""

    event: Event
    suffix: str = ""
    """Tells the parts of a row apart; empty for the first."""
    occurred_at: str | None = None
    """An instant or a day; None where the fact occurs when it is told."""


class RowTold(msgspec.Struct, frozen=True, kw_only=True):
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


class Reading(msgspec.Struct):
    """What is stated of a file, and what is noticed while it is read."""

    file: str
    marketplace: str | None = None
    unknown_codes: set[str] = msgspec.field(default_factory=set)
    period: tuple[str, str] | None = None
    """First and last day, where the file itself states what it speaks for."""
    told_at: str | None = None
    """The moment the file itself states as its own."""


class Row:
    """One row of a report: cells by column name, each read as what it must be or refused."""

    __slots__ = ("_cells", "_columns", "line", "reading")

    def __init__(
        self, reading: Reading, line: int, cells: list[str], columns: dict[str, int]
    ) -> None:
        self.reading = reading
        self.line = line
        self._cells = cells
        self._columns = columns

    def has(self, column: str) -> bool:
        """True where this variant of the report has the column at all."""
        return column in self._columns

    def text(self, column: str) -> str | None:
        """The cell's text, or None where it is blank or the column is not there."""
        index = self._columns.get(column)
        return (self._cells[index] or None) if index is not None else None

    def need(self, column: str) -> str:
        """The cell's text; refused where it is blank."""
        value = self.text(column)
        if value is None:
            raise self.refused(
                column,
                "the cell is blank, and this row means nothing without it",
                advice="Where this is the file's last row, the download was cut off. "
                + NEW_DOWNLOAD,
            )
        return value

    def number(self, column: str) -> int:
        """The cell as a whole number; refused where it is blank or none."""
        return self._whole(column, self.need(column))

    def number_or_none(self, column: str) -> int | None:
        """The cell as a whole number, None where it is blank."""
        value = self.text(column)
        return None if value is None else self._whole(column, value)

    def money(self, column: str, currency: str | None, *, comma: bool = False) -> Money:
        """The cell as an exact amount in this currency."""
        return self._amount(column, self.need(column), currency, comma=comma)

    def money_or_none(
        self, column: str, currency: str | None, *, comma: bool = False
    ) -> Money | None:
        """The cell as an exact amount in this currency, None where it is blank."""
        value = self.text(column)
        return None if value is None else self._amount(column, value, currency, comma=comma)

    def money_as_written(self, column: str, currency: str | None) -> Money | None:
        """The cell as an exact amount, with a decimal point or comma, as the cell itself shows.

        None where it is blank; refused where the cell could be read both ways.
        """
        value = self.text(column)
        if value is None:
            return None
        mark = decimal_mark(value)
        if mark is None and not value.lstrip("+-").isdigit():
            raise self.refused(column, "not clearly an amount", advice=_NUMBER_ADVICE)
        return self._amount(column, value, currency, comma=mark == ",")

    def currency(self, column: str) -> str:
        """The cell as a currency code that the ledger can count in."""
        value = self.need(column).upper()
        if value not in EXPONENTS:
            raise self.refused(column, "not a currency this ledger knows", advice=_TELL_US)
        return value

    def moment(self, column: str) -> str:
        """The cell as an instant with its offset, or a day, as Amazon writes it.

        Exactly midnight UTC is how Amazon writes a date without a time: it is read as a day.
        """
        value = self.need(column)
        read = moment(value)
        if read is None:
            raise self.refused(column, "not a date", advice=_DATE_ADVICE)
        return read

    def moment_or_none(self, column: str) -> str | None:
        """As `moment`, None where the cell is blank."""
        return None if self.text(column) is None else self.moment(column)

    def code(self, column: str, known: Collection[str]) -> str | None:
        """A code, verbatim; one that is not among the known is reported, never refused.

        `known` holds codes as Amazon writes them, or folded by `values.code` where spellings vary.
        """
        value = self.text(column)
        if value is not None and value not in known and code(value) not in known:
            self.report_unknown(column, value)
        return value

    def report_unknown(self, column: str, value: str) -> None:
        """Say with the import that this column holds something this program does not know."""
        self.reading.unknown_codes.add(f"{column}: {clip(value, 40)}")

    def sold(self, store: str, channel: str) -> tuple[str | None, str | None]:
        """Marketplace and programme: FBA, FBM, or MCF for what Amazon ships for another shop."""
        name = self.text(store)
        if name is not None and code(name).startswith("NON_AMAZON"):
            return None, "MCF"
        marketplace = marketplace_named(name) if name is not None else None
        if name is not None and marketplace is None:
            self.report_unknown(store, name)
        fulfilled = self.code(channel, _PROGRAMMES)
        return marketplace, _PROGRAMMES.get(code(fulfilled or ""))

    def refused(self, column: str, problem: str, *, advice: str) -> UnreadableRow:
        """The error for a cell of this row, to be raised by the caller."""
        found = self.text(column)
        return UnreadableRow(
            problem,
            file=self.reading.file,
            row=self.line,
            column=column,
            found=clip(found or ""),
            advice=advice,
        )

    def _whole(self, column: str, value: str) -> int:
        digits = value.removeprefix("-").removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise self.refused(column, "not a whole number", advice=_NUMBER_ADVICE)
        return int(value)

    def _amount(self, column: str, value: str, currency: str | None, *, comma: bool) -> Money:
        if currency is None:
            raise self.refused(column, "an amount without a currency", advice=_CURRENCY_ADVICE)
        plain = value.replace(".", "").replace(",", ".") if comma else value.replace(",", "")
        if comma and "." in value and not _grouped(value):
            raise self.refused(column, "not an amount", advice=_NUMBER_ADVICE)
        if not comma and "," in value and not _grouped(value.translate(_SWAP)):
            raise self.refused(column, "not an amount", advice=_NUMBER_ADVICE)
        try:
            return Money.of(plain, currency)
        except ValueError:
            raise self.refused(
                column, f"not an amount in {currency}", advice=_NUMBER_ADVICE
            ) from None


_PROGRAMMES: Final = {"AFN": "FBA", "AMAZON": "FBA", "MFN": "FBM", "MERCHANT": "FBM"}
_SWAP = str.maketrans(",.", ".,")
_CURRENCY_ADVICE: Final = (
    "Say which store the file is of, such as --marketplace US: its currency is taken for such rows."
)
_TELL_US: Final = "Nothing was changed. Report this file's column so that it can be read."
_NUMBER_ADVICE: Final = (
    "A spreadsheet may have rewritten the cell. Import the file as Amazon delivered it."
)
_DATE_ADVICE: Final = (
    "Dates are read as Amazon writes them (2026-07-06T10:00:00+00:00). A spreadsheet may have "
    "rewritten the cell: import the file as Amazon delivered it."
)


def _grouped(value: str) -> bool:
    """True for `1.234,50` and `1.234.567`: points stand before groups of three digits only."""
    whole = value.lstrip("+-").partition(",")[0].split(".")
    return 1 <= len(whole[0]) <= 3 and all(len(group) == 3 for group in whole[1:])


def decimal_mark(text: str) -> str | None:
    """The mark before an amount's decimals, `.` or `,`; None where the amount does not show it.

    The last of two different marks is it, and a single mark unless three digits follow: `1.234`
    may be a thousand or one.
    """
    marks = [character for character in text if character in ".,"]
    if not marks or (len(marks) > 1 and len(set(marks)) == 1):
        return None
    if len(set(marks)) == 1 and len(text.rpartition(marks[-1])[2]) == 3:
        return None
    return marks[-1]


def moment(text: str) -> str | None:
    """A date or date-time as the ledger writes it, None where it is neither.

    Amazon writes ISO 8601, and in European settlements `25.12.2026 17:49:21 UTC`. A date-time
    without an offset is none: it names no moment.
    """
    value = _DAY_FIRST.sub(r"\3-\2-\1", text.strip())
    if value.endswith(" UTC"):
        value = value[:-4].replace(" ", "T") + "+00:00"
    try:
        if len(value) == 10:
            return date.fromisoformat(value).isoformat()
        read = datetime.fromisoformat(value)
        if read.tzinfo is None:
            return None
        if read.utcoffset() == UTC.utcoffset(None) and (read.hour, read.minute, read.second) == (
            0,
            0,
            0,
        ):
            return read.date().isoformat()
        return instant(read)
    except (ValueError, OverflowError):
        return None


_DAY_FIRST = re.compile(r"^(\d{2})\.(\d{2})\.(\d{4})(?=$| )")


def key(kind: str, *values: object) -> str:
    """A natural key as one short name: the kind of row and a digest of the key columns' values."""
    told = msgspec.json.encode([str(value) if value is not None else None for value in values])
    return f"{kind}:{hashlib.sha256(told).hexdigest()[:24]}"


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
        yield from self.facts(self.rows(table, reading), reading)

    def rows(self, table: Table, reading: Reading) -> Iterator[Row | UnreadableRow]:
        """The table's rows with this format's column names."""
        places = {name: index for index, name in enumerate(table.header)}
        columns = {
            column.name: places[name]
            for column in self.columns
            if not column.ignored
            for name in _names(column)
            if name in places
        }
        for row in table.rows():
            yield row if isinstance(row, UnreadableRow) else Row(reading, *row, columns)

    def facts(
        self, rows: Iterable[Row | UnreadableRow], reading: Reading
    ) -> Iterator[RowTold | UnreadableRow]:
        """Row by row; a format whose facts span rows does it its own way."""
        for row in rows:
            if isinstance(row, UnreadableRow):
                yield row
                continue
            try:
                yield self.told(row)
            except UnreadableRow as error:
                yield error

    def told(self, row: Row) -> RowTold:
        """What one row tells; raises UnreadableRow where a cell does not hold what it must."""
        raise NotImplementedError(f"{self.name} reads rows together: it has `facts` of its own")


def _names(column: Column) -> list[str]:
    return [normalised(name) for name in (column.name, *column.other_names)]


def identify(table: Table, formats: Sequence[ReportFormat]) -> ReportFormat:
    """The format whose required columns the header has; the error says which is nearest."""
    fitting = sorted(
        (form for form in formats if not form.missing(table)),
        key=lambda form: form.likeness(table),
        reverse=True,
    )
    if fitting:
        return fitting[0]
    nearest = max(formats, key=lambda form: form.likeness(table))
    raise _unknown_kind(table, nearest)


def _unknown_kind(table: Table, nearest: ReportFormat) -> LedgerError:
    if nearest.likeness(table) < 0.15:
        return UnreadableFile(
            "not a report that this ledger reads",
            file=table.file,
            row=table.header_lines,
            found=clip(" | ".join(table.header_as_written), 100),
            advice="`returns-ledger doctor formats` lists the reports it reads and their columns.",
        )
    missing = ", ".join(f"'{name}'" for name in nearest.missing(table)[:12])
    unexpected = ", ".join(f"'{clip(name, 30)}'" for name in nearest.unexpected(table)[:12])
    differs = f"missing {missing}" + (f"; not known to it: {unexpected}" if unexpected else "")
    return UnreadableFile(
        f"nearest to '{nearest.name}' ({nearest.title}), which differs: {differs}",
        file=table.file,
        row=table.header_lines,
        advice=f"Download it again: {nearest.download}. If these columns are Amazon's own, report it.",
    )
