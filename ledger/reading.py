"""A report file read into facts: its rows, its period, its totals, before anything is compared with the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from ledger.cells import EVER
from ledger.errors import UnreadableRow
from ledger.report import Reading, ReportFormat, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.table import Table, read_table
from ledger.values import Money, day_of, instant


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What the person who imports says of a file, and how they want it done."""

    actor: str
    command_id: str
    marketplace: str | None = None
    period: tuple[date, date] | None = None
    told_at: str | None = None
    told_from: str | None = None
    """When it was told at the earliest, where that is not said: so an import has said that left rows of it out."""
    keep_going: bool = False
    dry_run: bool = False


class FileTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a report file tells as a whole, before anything of it is compared with the log."""

    file: str
    digest: str
    statement: Statement
    form: ReportFormat
    rows: int
    """Rows of the file, refused ones included."""
    refused: tuple[UnreadableRow, ...]
    period: tuple[str, str] | None
    stated: bool
    told_at: str
    row_days: int
    totals: tuple[Money, ...]
    unknown_codes: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    only: str | None = None
    """The one kind of event that the file tells, where it tells no other: it may have been asked for that alone."""


class FileRead(FileTold, frozen=True, kw_only=True):
    """A report file, read and understood, with all its rows."""

    data: bytes
    table: Table
    told: tuple[RowTold, ...]


class Summary(msgspec.Struct, kw_only=True):
    """What some rows of a file tell together; those of its parts are joined to that of the whole."""

    rows: int = 0
    refused: list[UnreadableRow] = msgspec.field(default_factory=list)
    days: set[date] = msgspec.field(default_factory=set)
    latest: str = ""
    sums: dict[str, int] = msgspec.field(default_factory=dict)
    unknown_codes: set[str] = msgspec.field(default_factory=set)
    unknown_columns: dict[str, None] = msgspec.field(default_factory=dict)
    kinds: set[str] = msgspec.field(default_factory=set)

    def take(self, row: RowTold, marketplace: str | None) -> None:
        """Take a row into account."""
        self.rows += len(row.rows)
        first = row.parts[0]
        if first.occurred_at:  # the row speaks for the day on which the thing itself happened
            store = getattr(first.event, "marketplace", None) or marketplace
            self.days.add(day_of(first.occurred_at, store))
        latest = self.latest
        for part in row.parts:
            occurred_at = part.occurred_at
            if occurred_at and occurred_at > latest:
                self.latest = latest = occurred_at
        if row.told_at and row.told_at > latest:
            self.latest = row.told_at
        for amount in row.money:
            self.sums[amount.currency] = self.sums.get(amount.currency, 0) + amount.minor

    def refuse(self, problem: UnreadableRow) -> None:
        """Take a row into account that cannot be read."""
        self.rows += 1
        self.refused.append(problem)

    def join(self, later: Summary) -> None:
        """Take what the rows behind these tell into account."""
        self.rows += later.rows
        self.refused += later.refused
        self.days |= later.days
        self.latest = max(self.latest, later.latest)
        for currency, minor in later.sums.items():
            self.sums[currency] = self.sums.get(currency, 0) + minor
        self.unknown_codes |= later.unknown_codes
        self.unknown_columns |= later.unknown_columns
        self.kinds |= later.kinds

    def told(
        self, file: str, digest: str, statement: Statement, form: ReportFormat, reading: Reading
    ) -> FileTold:
        """What the whole file tells."""
        days = [day.isoformat() for day in sorted(self.days)]
        inferred = (days[0], days[-1]) if days else None
        stated = period_text(statement.period) or reading.period
        return FileTold(
            file=file,
            digest=digest,
            statement=statement,
            form=form,
            rows=self.rows,
            refused=tuple(self.refused),
            period=stated or inferred,
            stated=stated is not None,
            told_at=statement.told_at
            or max(reading.told_at or self._latest(stated), statement.told_from or ""),
            row_days=len(days),
            totals=tuple(Money(minor, currency) for currency, minor in sorted(self.sums.items())),
            unknown_codes=tuple(sorted(self.unknown_codes)),
            unknown_columns=tuple(self.unknown_columns),
            only=min(self.kinds) if len(self.kinds) == 1 else None,
        )

    def _latest(self, stated: tuple[str, str] | None) -> str:
        """When a file was told at the earliest: its latest date, or the end of the period it was asked for."""
        return max(self.latest, stated[1] if stated else "")


def read_file(
    data: bytes,
    file: str,
    statement: Statement,
    *,
    digest: str | None = None,
    latest: str = EVER,
) -> FileRead:
    """Read a whole file into facts; raises a LedgerError where it cannot be believed.

    What is kept of a file is read as the file itself is, under its digest: what is sealed is in no fact.
    A row of later than `latest` is refused.
    """
    table = read_table(data, file, statement.marketplace)
    form = identify(table, REPORT_FORMATS)
    reading = Reading(
        file=file,
        marketplace=statement.marketplace,
        period_stated=statement.period is not None,
        latest=latest,
    )
    summary = Summary()
    told = tuple(rows_read(form, table, reading, summary))
    digest = digest or hashlib.sha256(data).hexdigest()
    whole = summary.told(file, digest, statement, form, reading)
    return FileRead(**msgspec.structs.asdict(whole), data=data, table=table, told=told)


def latest_told(now: str) -> str:
    """The last moment of which a file can tell that is read now: elsewhere the next day has begun.

    A row of days to come would keep a report fresh, and what is still on its way would look lost.
    """
    return instant(datetime.fromisoformat(now) + timedelta(days=1))


def rows_read(
    form: ReportFormat, table: Table, reading: Reading, summary: Summary
) -> Iterator[RowTold]:
    """The rows of a file, or of a part of one that is read as a table of its own; the summary takes them in."""
    take, marketplace = summary.take, reading.marketplace
    for fact in form.read(table, reading):
        if isinstance(fact, UnreadableRow):
            summary.refuse(fact)
        else:
            take(fact, marketplace)
            yield fact
    summary.unknown_codes |= reading.unknown_codes
    summary.kinds |= reading.kinds
    summary.unknown_columns = dict.fromkeys(form.unknown(table))


def period_text(period: tuple[date, date] | None) -> tuple[str, str] | None:
    """A period as it is written."""
    return (period[0].isoformat(), period[1].isoformat()) if period else None
