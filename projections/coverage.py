"""The days that the imported files speak for, report by report, and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import ClassVar, Final, Literal

import msgspec

from ledger.book import Book, Span
from ledger.case import Case, ImportedReport
from ledger.event import ACCOUNT_STREAM
from ledger.events.imports import ReportImported
from ledger.report import ReportFormat
from ledger.reports import REPORT_FORMATS
from projections.projection import Projection

ONE_DAY: Final = timedelta(days=1)

# --- the table --------------------------------------------------------------------------------


class Covered(msgspec.Struct, frozen=True, gc=False):
    """Days without a gap for which the files of one report speak; none where they speak for no day."""

    stream: str
    report_format: str
    first_day: str | None
    last_day: str | None
    basis: str | None
    """`stated`, or `inferred` where any of its periods was inferred from rows.

    `incomplete` of files that speak for no day because rows of theirs were left out.
    """
    files: int
    rows: int
    told_on: str | None
    """The day of the last telling among its files."""
    gap_first: str | None
    """The days after it of which nothing is told, up to the next span."""
    gap_last: str | None


class Coverages(Projection[Covered]):
    """A row for each report format and span of days."""

    name: ClassVar[str] = "coverage"
    version: ClassVar[int] = 3
    row_type: ClassVar[type[Covered]] = Covered
    book_topics: ClassVar[frozenset[str]] = frozenset((ReportImported.TOPIC,))

    def rows(self, case: Case, book: Book) -> Iterator[Covered]:
        """All rows belong to the account's own stream, where imports are told."""
        if case.stream != ACCOUNT_STREAM:
            return
        for report_format in sorted({one.report_format for one in book.imports}):
            yield from _covered(report_format, book)


def _covered(report_format: str, book: Book) -> Iterator[Covered]:
    imports = [one for one in book.imports if one.report_format == report_format]
    spans = book.coverage(report_format).spans
    for span, after in zip(spans, (*spans[1:], None), strict=False):
        yield _row(report_format, span, [one for one in imports if _within(one, span)], after)
    torn = [one for one in imports if one.refused]
    if torn:
        yield _row(report_format, None, torn, None, basis="incomplete")
    whole = (one for one in imports if not one.refused)
    speechless = [one for one in whole if not any(_within(one, span) for span in spans)]
    if speechless:
        yield _row(report_format, None, speechless, None)


def _within(one: ImportedReport, span: Span) -> bool:
    if one.period_start is None or one.period_end is None or one.refused:
        return False
    return span.first <= one.period_start and one.period_end <= span.last


def _row(
    report_format: str,
    span: Span | None,
    imports: list[ImportedReport],
    after: Span | None,
    basis: str | None = None,
) -> Covered:
    files = {one.digest: one for one in imports}
    told = [one.told_on for one in imports if one.told_on]
    if span is not None:
        basis = "stated" if all(one.stated for one in imports) else "inferred"
    gap = Span(span.last + ONE_DAY, after.first - ONE_DAY) if span and after else None
    return Covered(
        stream=ACCOUNT_STREAM,
        report_format=report_format,
        first_day=_text(span.first) if span else None,
        last_day=_text(span.last) if span else None,
        basis=basis,
        files=len(files),
        rows=sum(one.rows for one in files.values()),
        told_on=_text(max(told, default=None)),
        gap_first=_text(gap.first) if gap else None,
        gap_last=_text(gap.last) if gap else None,
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- the questions ----------------------------------------------------------------------------

Why = Literal["hole", "stale", "incomplete", "never"]


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Days of which no file tells, and the file to download for them."""

    account: str
    report_format: str
    title: str
    why: Why
    """`hole` between files, `stale` since the last one, `never` imported at all.

    `incomplete` where there are only files of which rows were left out.
    """
    first_day: str | None
    last_day: str
    download: str
    amazon_type: str


def gaps(account: str, rows: Iterable[Covered], as_of: date) -> Iterator[Gap]:
    """Every gap up to a day, report by report in the order in which the reports are listed."""
    told = list(rows)
    for form in REPORT_FORMATS:
        yield from _gaps(
            account, form, [row for row in told if row.report_format == form.name], as_of
        )


def _gaps(account: str, form: ReportFormat, rows: list[Covered], as_of: date) -> Iterator[Gap]:
    for row in rows:
        if row.gap_first and row.gap_last and row.gap_first <= as_of.isoformat():
            yield _gap(account, form, "hole", row.gap_first, min(row.gap_last, as_of.isoformat()))
    last = max((row.last_day for row in rows if row.last_day), default=None)
    if last is None:
        torn = any(row.basis == "incomplete" for row in rows)
        yield _gap(account, form, "incomplete" if torn else "never", None, as_of.isoformat())
    elif last < as_of.isoformat():
        since = date.fromisoformat(last) + ONE_DAY
        yield _gap(account, form, "stale", since.isoformat(), as_of.isoformat())


def _gap(account: str, form: ReportFormat, why: Why, first: str | None, last: str) -> Gap:
    return Gap(
        account=account,
        report_format=form.name,
        title=form.title,
        why=why,
        first_day=first,
        last_day=last,
        download=form.download,
        amazon_type=form.amazon_type,
    )
