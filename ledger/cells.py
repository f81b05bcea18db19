"""The cells of one row, each read as what its column promises, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, time
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec

from ledger.errors import UnreadableRow
from ledger.personal import kinds_in
from ledger.table import NEW_DOWNLOAD, clip
from ledger.values import EXPONENTS, Money, code, instant, marketplace_named

EVER: Final = "9999-12-31T24"
"""Behind every moment that can be written."""


class Reading(msgspec.Struct):
    """What is stated of a file, and what is noticed while it is read."""

    file: str
    marketplace: str | None = None
    unknown_codes: set[str] = msgspec.field(default_factory=set)
    kinds: set[str] = msgspec.field(default_factory=set)
    """The kinds of event that are told, in a report that can be asked for one kind alone."""
    period: tuple[str, str] | None = None
    """First and last day, where the file itself states what it speaks for."""
    told_at: str | None = None
    """The moment the file itself states as its own."""
    period_stated: bool = False
    """True where whoever imports the file states what it speaks for: then no rows is an answer."""
    latest: str = EVER
    """The last moment at which something that the file tells can have happened."""


class Told(NamedTuple):
    """Some columns of a report, and how their cells are picked out of a row."""

    names: tuple[str, ...]
    cells: Callable[[list[str]], tuple[str, ...]]

    @classmethod
    def of(cls, columns: Sequence[tuple[str, int]]) -> Told | None:
        """Columns by their names and places; None where there are none."""
        names, places = tuple(name for name, _ in columns), [place for _, place in columns]
        if len(places) > 1:
            return cls(names, itemgetter(*places))
        return cls(names, lambda cells: (cells[places[0]],)) if places else None


ABSENT: Final = -1
"""The place of a column that a file does not have: a blank cell that stands behind every row."""


class Places:
    """Where the columns of a file stand that are read."""

    def __init__(self, columns: dict[str, int]) -> None:
        self.of: Final = columns
        self._picks: dict[tuple[str, ...], Callable[[list[str]], tuple[str, ...]]] = {}

    def pick(self, columns: tuple[str, ...]) -> Callable[[list[str]], tuple[str, ...]]:
        """What picks the cells of some columns, more than one, out of a row."""
        pick = self._picks.get(columns)
        if pick is None:
            pick = itemgetter(*(self.of.get(column, ABSENT) for column in columns))
            self._picks[columns] = pick
        return pick


class Row(msgspec.Struct, gc=False):
    """One row of a report: cells by column name, each read as what it must be or refused."""

    reading: Reading
    line: int
    _cells: list[str]
    """With a blank one behind the last."""
    _places: Places
    _personal: Told | None = None
    _noticed: list[str] | None = None
    """The unknown codes that no row before it held."""

    def personal(self) -> tuple[tuple[str, str], ...]:
        """What the row tells of a person, by column; blank cells tell nothing."""
        told = self._personal.cells(self._cells) if self._personal is not None else ()
        if self._personal is None or not any(told):
            return ()
        return tuple(
            [(name, text) for name, text in zip(self._personal.names, told, strict=True) if text]
        )

    def share(self, texts: dict[str, str]) -> None:
        """Hold the texts of its cells together with other rows, each text once."""
        self._cells = [texts.setdefault(text, text) for text in self._cells]

    def has(self, column: str) -> bool:
        """True where this variant of the report has the column at all."""
        return column in self._places.of

    def text(self, column: str) -> str | None:
        """The cell's text, or None where it is blank or the column is not there."""
        return self._cells[self._places.of.get(column, ABSENT)] or None

    def texts(self, columns: tuple[str, ...]) -> list[str | None]:
        """The texts of several cells."""
        return [text or None for text in self._places.pick(columns)(self._cells)]

    def need(self, column: str) -> str:
        """The cell's text; refused where it is blank."""
        value = self._cells[self._places.of.get(column, ABSENT)]
        if value:
            return value
        raise self.refused(
            column,
            "the cell is blank, and this row means nothing without it",
            advice="Where this is the file's last row, the download was cut off. " + NEW_DOWNLOAD,
        )

    def number(self, column: str) -> int:
        """The cell as a whole number; refused where it is blank or none."""
        number = whole(self.need(column))
        if number is None:
            raise self._no_number(column)
        return number

    def units(self, column: str) -> int:
        """The cell as a number of units that moved; refused where none did, as then there would be no row."""
        number = self.number(column)
        if number < 1:
            raise self.refused(column, "not a number of units", advice=_NUMBER_ADVICE)
        return number

    def number_or_none(self, column: str) -> int | None:
        """The cell as a whole number, None where it is blank."""
        value = self.text(column)
        if value is None:
            return None
        number = whole(value)
        if number is None:
            raise self._no_number(column)
        return number

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

    def money_in(self, column: str, currency: str) -> Money | None:
        """The cell as an exact amount in the currency that another column tells, None where it is blank."""
        value = self.text(column)
        if value is None:
            return None
        read = amount(value, self.text(currency), False)
        return self._amount(column, value, self.currency(currency)) if read is None else read

    def currency(self, column: str) -> str:
        """The cell as a currency code that the ledger can count in."""
        value = self.need(column).upper()
        if value not in EXPONENTS:
            raise self.refused(column, "not a currency this ledger knows", advice=_CODE_ADVICE)
        return value

    def moment(self, column: str) -> str:
        """The cell as an instant with its offset, or a day, as Amazon writes it; refused where it has not come.

        Exactly midnight UTC is how Amazon writes a date without a time: it is read as a day.
        """
        read = moment(self.need(column))
        if read is None:
            raise self._no_moment(column)
        return self.happened(column, read)

    def moment_or_none(self, column: str) -> str | None:
        """As `moment`, None where the cell is blank."""
        read = self.moment_to_come(column)
        return None if read is None else self.happened(column, read)

    def moment_to_come(self, column: str) -> str | None:
        """As `moment_or_none`, of what a report may tell ahead."""
        value = self.text(column)
        if value is None:
            return None
        read = moment(value)
        if read is None:
            raise self._no_moment(column)
        return read

    def happened(self, column: str, read: str) -> str:
        """A moment that the report's own way of writing gave; refused where it cannot have happened."""
        if not BEGAN <= read <= self.reading.latest:
            raise self._never(column, read)
        return read

    def code(self, column: str, known: Collection[str]) -> str | None:
        """A code, verbatim; one that is not among the known is reported, never refused.

        `known` holds codes as Amazon writes them, or folded by `values.code` where spellings vary.
        """
        value = self._cells[self._places.of.get(column, ABSENT)] or None
        self.notice(column, value, known)
        return value

    def notice(self, column: str, value: str | None, known: Collection[str]) -> None:
        """Report a code that is not among the known, as `code` does."""
        if value is not None and value not in known and folded(value) not in known:
            self.report_unknown(column, value)

    def report_unknown(self, column: str, value: str) -> None:
        """Say with the import that this column holds something this program does not know."""
        told = f"{column}: {clip(value, 40)}"
        if told not in self.reading.unknown_codes:
            self.reading.unknown_codes.add(told)
            self._noticed = [*(self._noticed or ()), told]

    def take_back_unknown(self) -> None:
        """Say nothing of what only this row held: where it cannot be read, that may be anything."""
        self.reading.unknown_codes.difference_update(self._noticed or ())

    def sold(self, store: str, channel: str) -> tuple[str | None, str | None]:
        """Marketplace and programme: FBA, FBM, or MCF for what Amazon ships for another shop."""
        name = self.text(store)
        marketplace = None if name is None else store_named(name)
        if marketplace is NO_STORE:
            return None, "MCF"
        if marketplace is None and name is not None:
            self.report_unknown(store, name)
        fulfilled = self.code(channel, _PROGRAMMES)
        return marketplace, _PROGRAMMES.get(folded(fulfilled or ""))

    def refused(self, column: str, problem: str, *, advice: str) -> UnreadableRow:
        """The error for a cell of this row, to be raised by the caller."""
        found = self.text(column)
        return UnreadableRow(
            problem,
            file=self.reading.file,
            row=self.line,
            column=column,
            found=shown(found or ""),
            advice=advice,
        )

    def _no_number(self, column: str) -> UnreadableRow:
        return self.refused(column, "not a whole number", advice=_NUMBER_ADVICE)

    def _no_moment(self, column: str) -> UnreadableRow:
        return self.refused(column, "not a date", advice=_DATE_ADVICE)

    def _never(self, column: str, read: str) -> UnreadableRow:
        if read < BEGAN:
            return self.refused(column, "a date before Amazon began", advice=_DATE_ADVICE)
        return self.refused(column, "this date has not come yet", advice=_FUTURE_ADVICE)

    def _amount(
        self, column: str, value: str, currency: str | None, *, comma: bool = False
    ) -> Money:
        if currency is None:
            raise self.refused(column, "an amount without a currency", advice=_CURRENCY_ADVICE)
        read = amount(value, currency, comma)
        if read is None:
            problem = (
                f"not an amount in {currency}" if is_grouped(value, comma) else "not an amount"
            )
            raise self.refused(column, problem, advice=_NUMBER_ADVICE)
        return read


def shown(text: str) -> str:
    """A cell as a message may show it: what could be a number, a date or a code, and never words.

    In a row that was split in the wrong place a buyer's words stand under any column, and messages are written to
    logs and sent around.
    """
    is_short = len(text) <= 40 and re.search(r"\d", text) and not _WORD.search(text)
    if len(text) <= 3 or (is_short and (_DAY_ALONE.fullmatch(text) or not kinds_in(text))):
        return text
    return f"... ({len(text):,} characters)"


_WORD: Final = re.compile(r"[^\W\d_]{4}|@")
_DAY_ALONE: Final = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}")
_PROGRAMMES: Final = {"AFN": "FBA", "AMAZON": "FBA", "MFN": "FBM", "MERCHANT": "FBM"}
_SWAP: Final = str.maketrans(",.", ".,")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,9}")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_CURRENCY_ADVICE: Final = (
    "Say which store the file is of, such as --marketplace US: its currency is taken for such rows."
)
_CODE_ADVICE: Final = (
    "A currency is a code of three letters, such as USD. Import the file as Amazon delivered it; "
    "where Amazon itself writes this code, please report it."
)
_NUMBER_ADVICE: Final = (
    "A spreadsheet may have rewritten the cell. Import the file as Amazon delivered it."
)
_DATE_ADVICE: Final = (
    "Dates are read as Amazon writes them (2026-07-06T10:00:00+00:00). A spreadsheet may have "
    "rewritten the cell: import the file as Amazon delivered it."
)
_FUTURE_ADVICE: Final = (
    "Its day and month stand in the wrong order, its year is wrong, or the clock of this machine is: put the clock "
    "right, or import the file as Amazon delivered it."
)
BEGAN: Final = "1994"
"""The year in which Amazon began: nothing in a report is older."""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """As `values.code`; a file says the same few codes again and again."""
    return code(text)


NO_STORE: Final = "-"
"""What is sold somewhere else than in a store of Amazon's."""


@lru_cache(maxsize=4096)
def store_named(name: str) -> str | None:
    """The marketplace that a report names, NO_STORE for another shop than Amazon's, None where nobody knows it."""
    return NO_STORE if code(name).startswith("NON_AMAZON") else marketplace_named(name)


@lru_cache(maxsize=4096)
def whole(text: str) -> int | None:
    """A whole number, None where the text is none."""
    return int(text) if _WHOLE.fullmatch(text) else None


@lru_cache(maxsize=16384)
def amount(text: str, currency: str | None, comma: bool) -> Money | None:
    """An exact amount, None where the text is none; prices and fees come again and again."""
    if currency is None or not is_grouped(text, comma):
        return None
    written = text.translate(_SWAP) if comma else text
    try:
        return Money.of(written.replace(",", ""), currency)
    except ValueError:
        return None


def is_grouped(text: str, comma: bool) -> bool:
    """True where thousands are set apart as they may be, or not at all."""
    written = text.translate(_SWAP) if comma else text
    return "," not in written or _GROUPED.fullmatch(written) is not None


@lru_cache(maxsize=4096)
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
    try:
        read = _fromisoformat(text)
    except ValueError:
        return _moment(text)
    if _is_usual(text):  # nothing has to be turned or written anew
        return text[:10] if text[10:] == _MIDNIGHT else f"{text[:-6]}Z"
    return _written(read, text)


@lru_cache(maxsize=4096)
def _moment(text: str) -> str | None:
    value = _DAY_FIRST.sub(r"\3-\2-\1", text.strip())
    if value.endswith(" UTC"):
        value = value[:-4].replace(" ", "T") + "+00:00"
    try:
        return _written(datetime.fromisoformat(value), value)
    except ValueError:
        return None


def _written(read: datetime, text: str) -> str | None:
    if read.tzinfo is None:
        return text if _DAY.fullmatch(text) else None
    if not read.utcoffset() and read.time() == time.min:
        return read.date().isoformat()
    try:
        return instant(read)
    except OverflowError:
        return None


_fromisoformat: Final = datetime.fromisoformat
_is_usual: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00"
).fullmatch
_MIDNIGHT: Final = "T00:00:00+00:00"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_FIRST: Final = re.compile(r"^([0-9]{2})\.([0-9]{2})\.([0-9]{4})(?=$| )")
