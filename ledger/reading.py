"""A report file read into facts: its rows, its period, its totals, before anything is compared with the log."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import msgspec

from ledger.errors import UnreadableRow
from ledger.report import Reading, ReportFormat, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.table import Table, read_table
from ledger.values import Money, day_of


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What the person who imports says of a file, and how they want it done."""

    actor: str
    command_id: str
    marketplace: str | None = None
    period: tuple[date, date] | None = None
    told_at: str | None = None
    keep_going: bool = False
    dry_run: bool = False


class FileRead(msgspec.Struct, frozen=True, kw_only=True):
    """A report file, read and understood, before anything of it is compared with the log."""

    file: str
    digest: str
    data: bytes
    table: Table
    statement: Statement
    form: ReportFormat
    told: tuple[RowTold, ...]
    refused: tuple[UnreadableRow, ...]
    period: tuple[str, str] | None
    stated: bool
    told_at: str
    row_days: int
    totals: tuple[Money, ...]
    unknown_codes: tuple[str, ...]
    unknown_columns: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of the file, refused ones included."""
        return sum(len(row.rows) for row in self.told) + len(self.refused)


def read_file(
    data: bytes, file: str, statement: Statement, *, digest: str | None = None
) -> FileRead:
    """Read a whole file into facts; raises a LedgerError where it cannot be believed.

    What is kept of a file is read as the file itself is, under its digest: what is sealed is in no fact.
    """
    table = read_table(data, file, statement.marketplace)
    form = identify(table, REPORT_FORMATS)
    reading = Reading(
        file=file,
        marketplace=statement.marketplace,
        period_stated=statement.period is not None,
    )
    told, refused = _facts(form, table, reading)
    days = sorted({day for row in told for day in _days(row, statement.marketplace)})
    inferred = (days[0], days[-1]) if days else None
    stated = period_text(statement.period) or reading.period
    return FileRead(
        file=file,
        digest=digest or hashlib.sha256(data).hexdigest(),
        data=data,
        table=table,
        statement=statement,
        form=form,
        told=tuple(told),
        refused=tuple(refused),
        period=stated or inferred,
        stated=stated is not None,
        told_at=statement.told_at or reading.told_at or _latest(told, stated),
        row_days=len(days),
        totals=_totals(told),
        unknown_codes=tuple(sorted(reading.unknown_codes)),
        unknown_columns=form.unknown(table),
    )


def _facts(
    form: ReportFormat, table: Table, reading: Reading
) -> tuple[list[RowTold], list[UnreadableRow]]:
    told: list[RowTold] = []
    refused: list[UnreadableRow] = []
    for fact in form.read(table, reading):
        if isinstance(fact, UnreadableRow):
            refused.append(fact)
        else:
            told.append(fact)
    return told, refused


def _days(row: RowTold, marketplace: str | None) -> list[str]:
    """The days a row speaks for: when the thing itself happened, and when the report last updated it."""
    first = row.parts[0]
    place = getattr(first.event, "marketplace", None) or marketplace
    return [day_of(first.occurred_at, place).isoformat()] if first.occurred_at else []


def _latest(told: Iterable[RowTold], stated: tuple[str, str] | None) -> str:
    """When a file was told at the earliest: its latest date, or the end of the period it was asked for."""
    moments = [part.occurred_at for row in told for part in row.parts if part.occurred_at]
    moments += [row.told_at for row in told if row.told_at]
    return max(moments + ([stated[1]] if stated else []), default="")


def _totals(told: Iterable[RowTold]) -> tuple[Money, ...]:
    sums: defaultdict[str, int] = defaultdict(int)
    for row in told:
        for amount in row.money:
            sums[amount.currency] += amount.minor
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))


def period_text(period: tuple[date, date] | None) -> tuple[str, str] | None:
    """A period as it is written."""
    return (period[0].isoformat(), period[1].isoformat()) if period else None
