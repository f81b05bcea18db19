"""Shows which days the imported reports speak for, and which files are missing."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click
import msgspec
from msgspec.structs import asdict

from cli.answer import Answer, Column, Line, Row, Section
from cli.options import accounts_option, day_options, shared_options
from cli.output import show
from cli.questions import Question, question
from cli.session import Session
from ledger.book import FRESH_DAYS

if TYPE_CHECKING:
    from projections.coverage import Covered, Gap


class CoverageRow(Row, frozen=True, kw_only=True):
    """Days without a gap that the files of one report speak for, and the gap that follows."""

    account: str
    report_format: str
    first_day: str | None
    last_day: str | None
    basis: str | None
    files: int
    rows: int
    told_on: str | None
    gap_first: str | None
    gap_last: str | None


COLUMNS: Final = (
    Column("account", "account"),
    Column("report_format", "report"),
    Column("first_day", "from"),
    Column("last_day", "to"),
    Column("basis", "known", rank=2),
    Column("told_on", "last told", rank=1),
    Column("files", "files", right=True, rank=3),
    Column("rows", "rows", right=True, rank=3),
)
WHY: Final = {
    "hole": "nothing from {first} to {last}",
    "stale": "nothing since {first}",
    "incomplete": "only files of which rows were left out",
    "never": "never imported",
}


@click.command("coverage", short_help="Show which days the imported reports speak for.")
@click.option("--gaps", "only_gaps", is_flag=True, help="Only what is missing, as rows.")
@accounts_option
@day_options
@shared_options
@click.pass_obj
def command(
    session: Session,
    only_gaps: bool,
    account: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Show which days the imported reports speak for.

    That nothing came back can only be said of days of which a report tells. What is missing is
    listed with the place where it is downloaded.
    """
    from projections import COVERAGE
    from projections.coverage import gaps

    asked = question(session, account, None, as_of, known_at)
    rows: list[CoverageRow] = []
    missing: list[Gap] = []
    for account, covered in asked.of_each_log(
        lambda log: [(log.account, list(asked.rows(log, COVERAGE)))]
    ):
        rows += [_row(account, one) for one in covered]
        missing += gaps(account, covered, asked.as_of)
    if only_gaps:
        show(session, _gaps_answer(missing, asked))
    else:
        show(session, _answer(rows, missing, asked))


def _row(account: str, covered: Covered) -> CoverageRow:
    told = asdict(covered)
    del told["stream"]
    return CoverageRow(account=account, **told)


def _answer(rows: list[CoverageRow], missing: list[Gap], asked: Question) -> Answer:
    several = len(asked.accounts) > 1
    columns = [one for one in COLUMNS if several or one.field != "account"]
    told = [gap for gap in missing if not _is_fresh(gap, asked.as_of)]
    lines = [line for gap in told for line in _lines(gap, several=several)]
    sections = [Section(rows=rows, columns=columns)]
    if lines:
        sections.append(Section(title="Missing", lines=lines, tone="soon"))
    return Answer(
        command="coverage",
        kind=CoverageRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=sections,
        empty="No report was imported.",
        then=_then(told),
    )


def _is_fresh(gap: Gap, as_of: date) -> bool:
    """Days since the last file that are too few to matter: policies believe a file for a week."""
    if gap.why != "stale" or gap.first_day is None:
        return False
    return (as_of - date.fromisoformat(gap.first_day)).days < FRESH_DAYS


def _lines(gap: Gap, *, several: bool) -> list[Line]:
    why = WHY[gap.why].format(first=gap.first_day, last=gap.last_day)
    account = f"{gap.account}: " if several else ""
    return [
        Line(f"{account}{gap.report_format}: {why}", "", 2),
        Line(gap.download, "faint", 4),
    ]


def _gaps_answer(missing: list[Gap], asked: Question) -> Answer:
    from projections.coverage import Gap

    columns = [
        Column("account", "account"),
        Column("report_format", "report"),
        Column("why", "why"),
        Column("first_day", "from"),
        Column("last_day", "to"),
        Column("download", "where to download it", wraps=True),
    ]
    rows: list[msgspec.Struct] = list(missing)
    return Answer(
        command="coverage-gaps",
        kind=Gap,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[Section(rows=rows, columns=columns)],
        empty="Nothing is missing.",
        then=_then(missing),
    )


def _then(missing: list[Gap]) -> list[str]:
    if missing:
        return ["Download what is missing for these days, then `returns-ledger import` it."]
    return ["See what Amazon owes: `returns-ledger audit`."]
