"""Lists the days that matter: from when a claim may be filed, and until when."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from cli.answer import Answer, Column, Row, Section
from cli.calendar import Day, calendar
from cli.findings import FindingRow, counted, row_of
from cli.options import Within, question_options
from cli.output import show
from cli.questions import Question, question
from cli.session import Session
from ledger.errors import LedgerError

STATES: Final = {"ready": "open", "underpaid": "open", "waiting": "waiting", "review": "review"}
"""What a deadline is, by the verdict it comes from; other verdicts have no deadline ahead."""


class DueRow(Row, frozen=True, kw_only=True):
    """One deadline: `open` until due_on, `waiting` until it opens on due_on, or `review`."""

    due_on: date
    what: str
    account: str
    order_id: str | None
    finding_id: str
    amount: str | None
    currency: str | None
    rule_id: str | None
    state: str
    claim_type: str
    stream: str

    @property
    def thing(self) -> str:
        """What it is about."""
        return self.order_id or self.stream


COLUMNS: Final = (
    Column("due_on", "day"),
    Column("what", "what"),
    Column("account", "account"),
    Column("thing", "about"),
    Column("amount", "amount", right=True, unit="currency"),
    Column("finding_id", "finding"),
    Column("rule_id", "rule", rank=4),
)


@click.command("due", short_help="List the deadlines that run out, or write them to a calendar.")
@click.option("--within", type=Within(), help="Only the days to come so soon: 14d, 2w.")
@click.option(
    "--ics",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write them to an iCalendar file, too; `-` for standard output, and nothing else there.",
)
@question_options
@click.pass_obj
def command(
    session: Session,
    within: timedelta | None,
    ics: Path | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """List the deadlines that run out, or write them to a calendar.

    A claim has a last day; one that waits has a first. Ends 3 where a claim can be filed now.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    rows: list[DueRow] = []
    for log in asked.logs():
        for finding in asked.findings(asked.recall(log)):
            if asked.admits(finding.marketplace):
                rows += _due(row_of(log.account, finding), asked.as_of, within)
    rows.sort(key=lambda row: (row.due_on, row.account, row.finding_id))
    if ics is not None:
        _write(ics, calendar(map(_day, rows), session.clock()))
    if ics is None or str(ics) != "-":
        show(session, _answer(rows, asked, ics))
    return 3 if any(row.state == "open" for row in rows) else 0


def _due(finding: FindingRow, today: date, within: timedelta | None) -> Iterator[DueRow]:
    state = STATES.get(finding.verdict)
    if state is None:
        return
    waits = state == "waiting"
    due_on = finding.window_opens if waits else finding.window_closes
    if due_on is None or due_on < today or (within is not None and due_on > today + within):
        return
    claim = finding.claim_type.replace("_", " ")
    words = {
        "open": f"last day to file: {claim}",
        "waiting": f"may be filed from here on: {claim}",
        "review": f"last day, if it holds: {claim}",
    }
    yield DueRow(
        due_on=due_on,
        what=words[state],
        account=finding.account,
        order_id=finding.order_id,
        finding_id=finding.finding_id,
        amount=finding.amount_open,
        currency=finding.currency,
        rule_id=finding.rule_id,
        state=state,
        claim_type=finding.claim_type,
        stream=finding.stream,
    )


def _day(row: DueRow) -> Day:
    amount = f", {row.amount} {row.currency}" if row.amount else ""
    return Day(
        uid=f"{row.account}-{row.finding_id}-{_end(row)}@returns-ledger",
        on=row.due_on,
        summary=f"{row.what[0].upper()}{row.what[1:]}, {row.thing}{amount}",
        description=f"Finding {row.finding_id} of account {row.account}, rule {row.rule_id}.\n"
        f"returns-ledger explain {row.finding_id} --account {row.account}",
    )


def _end(row: DueRow) -> str:
    """Which end of the window: doubt that turns into certainty moves no deadline."""
    return "first" if row.state == "waiting" else "last"


def _write(path: Path, data: bytes) -> None:
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise LedgerError(
            f"the calendar cannot be written: {error.strerror}",
            file=str(path),
            advice="Choose a file in a folder that you may write to.",
        ) from error


def _answer(rows: list[DueRow], asked: Question, ics: Path | None) -> Answer:
    to_file = sum(row.state == "open" for row in rows)
    then = []
    if to_file:
        first = next(row for row in rows if row.state == "open")
        then.append(
            f"{counted(to_file, 'claim')} can be filed now; the first to run out: "
            f"`returns-ledger explain {first.finding_id}`."
        )
    if ics is not None:
        then.append(f"{ics} holds {counted(len(rows), 'day')}: open it with your calendar.")
    elif rows:
        then.append("For your calendar: `returns-ledger due --ics deadlines.ics`.")
    else:
        then.append("`returns-ledger audit` lists every finding, the expired ones too.")
    several = len(asked.accounts) > 1
    columns = [column for column in COLUMNS if several or column.field != "account"]
    return Answer(
        command="due",
        kind=DueRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[Section(rows=rows, columns=columns)],
        empty="No deadline is ahead.",
        then=then,
    )
