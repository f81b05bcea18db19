"""What was imported: files, what they speak for, and the rows that could not be read."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from ledger.case import Case, ImportedReport, Ref, Untold
from ledger.event import Event
from ledger.values import Money


class ReportImported(Event, frozen=True, kw_only=True):
    """A report file was read; its root proves single rows later, its period is coverage if no row was refused."""

    TOPIC: ClassVar[str] = "report-imported.v1"
    TIMELESS: ClassVar[bool] = True

    digest: str
    """SHA-256 of the file as it was delivered."""
    file: str
    """The file's name without its folder."""
    report_format: str
    root: str
    """RFC 6962 root over the lines of the original as it is kept, hexadecimal."""
    lines: int
    rows: int
    refused: int = 0
    period_start: str | None = None
    period_end: str | None = None
    stated: bool = False
    """True where the period was stated by the seller or by the file itself, not inferred from rows."""
    told_at: str | None = None
    marketplace: str | None = None
    """The seller's statement for rows that do not tell their marketplace."""
    totals: tuple[Money, ...] = ()
    """Sum of the file's money, one amount a currency: the control total."""
    row_days: int = 0
    unknown_codes: tuple[str, ...] = ()
    """Codes that this program does not know, `column: value`, kept verbatim."""
    sealed: str | None = None
    """SHA-256 of the original as it is kept, where what is personal is sealed in it."""
    only: str | None = None
    """The one kind of event that the file tells, where its report has several: of others it says nothing."""
    untold: tuple[Untold, ...] = ()
    """Rows told before that it leaves out; and of its own rows those that newer downloads leave out, by download."""
    retold: tuple[int, ...] = ()
    """Positions of entries that it tells again, although a download before it did not."""

    def apply(self, case: Case, ref: Ref) -> None:
        """The account knows what was imported."""
        case.imports.append(
            ImportedReport(
                ref=ref,
                digest=self.digest,
                file=self.file,
                report_format=self.report_format,
                period_start=_day(self.period_start),
                period_end=_day(self.period_end),
                stated=self.stated,
                told_on=_day(self.told_at),
                marketplace=self.marketplace,
                rows=self.rows,
                row_days=self.row_days,
                refused=self.refused,
                only=self.only,
                untold=self.untold,
                retold=self.retold,
            )
        )


class RowRefused(Event, frozen=True, kw_only=True):
    """A row that could not be read, kept as a fact where the seller chose to go on without it."""

    TOPIC: ClassVar[str] = "row-refused.v1"
    TIMELESS: ClassVar[bool] = True

    digest: str
    report_format: str
    row: int
    column: str | None = None
    problem: str

    def apply(self, case: Case, ref: Ref) -> None:
        """A refused row says nothing of any case."""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None
