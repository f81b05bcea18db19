"""Finds what Amazon owes, is about to owe, has underpaid or may take back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import click

from cli.answer import Answer, Column, Line, Section
from cli.findings import (
    CLAIM_TYPES,
    ROW_COLUMNS,
    VERDICTS,
    FindingRow,
    counted,
    row_of,
    sums,
    to_act_on,
)
from cli.options import question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.session import Session

if TYPE_CHECKING:
    from ledger.store import Log

MEANING: Final = {
    "ready": "file these now",
    "underpaid": "ask for the rest now",
    "waiting": "may be filed later",
    "review": "something is not certain enough; explain says what",
    "overpaid": "Amazon may take this back",
    "expired": "the window has passed: a loss",
    "paid": "settled",
    "not_claimable": "nothing is owed",
}
TONES: Final = {
    "ready": "good",
    "underpaid": "good",
    "waiting": "soon",
    "review": "soon",
    "overpaid": "bad",
    "expired": "bad",
}
QUIET: Final = ("paid", "not_claimable")
"""Counted, and listed only where they are asked for."""
OBVIOUS: Final = ("ready", "waiting", "expired")
"""Here the day says why."""


@click.command("audit", short_help="Find what Amazon owes, is about to owe or has underpaid.")
@click.option(
    "--claim-type", "claim_types", multiple=True, type=click.Choice(CLAIM_TYPES), help="Only these."
)
@click.option(
    "--verdict", "verdicts", multiple=True, type=click.Choice(VERDICTS), help="Only these."
)
@click.option(
    "--order",
    "orders",
    multiple=True,
    metavar="ID",
    help="Only this order, FNSKU, removal or stream.",
)
@question_options
@click.pass_obj
def command(
    session: Session,
    claim_types: tuple[str, ...],
    verdicts: tuple[str, ...],
    orders: tuple[str, ...],
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """Find what Amazon owes, is about to owe or has underpaid.

    Every finding says why; `explain` shows the tests behind it. Without --as-of and --known-at an
    answer that differs from the last one for its finding is recorded: the audit trail. Ends 3
    where something shown is ready or underpaid.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted(orders)
    rows = list(asked.of_each_log(lambda log: _audited(log, asked, wanted.streams(log))))
    wanted.refuse_unknown(asked.looked_in)
    shown = [
        row
        for row in rows
        if asked.admits(row.marketplace)
        and (not claim_types or row.claim_type in claim_types)
        and (not verdicts or row.verdict in verdicts)
    ]
    session.count(findings=len(shown))
    show(session, _answer(shown, asked, narrowed=bool(verdicts)))
    return 3 if to_act_on(shown) else 0


def _audited(log: Log, asked: Question, streams: Sequence[str] | None) -> list[FindingRow]:
    """The findings of an account; a plain question of who may write also records the answers that are new."""
    from ledger.importing import open_account
    from ledger.judging import record_judgements
    from ledger.rulebook import shipped

    session = asked.session
    actor = session.workspace.actor
    records = asked.plain and asked.may_record(log)
    if records:
        session.failures += open_account(log, log.account, None, shipped(), actor)
    recall = asked.recall(log, streams)
    found = asked.findings(recall, streams, in_short=True)
    if not records:
        if asked.plain:
            session.note(f"{log.account}: nothing was recorded, as this user may only read.")
        return [row_of(log.account, finding) for finding in found]
    findings = list(found)
    recorded = record_judgements(
        recall, findings, actor=actor, command_id=str(uuid4()), streams=streams
    )
    session.count(judgements=recorded)
    if recorded:
        noted = counted(recorded, "new judgement")
        session.note(f"{noted} recorded in the ledger of {log.account}.")
    return [row_of(log.account, finding) for finding in findings]


def _answer(rows: list[FindingRow], asked: Question, *, narrowed: bool) -> Answer:
    by_verdict = {
        verdict: sorted(
            (row for row in rows if row.verdict == verdict),
            key=lambda row: (row.day or date.max, row.account, row.finding_id),
        )
        for verdict in VERDICTS
    }
    return Answer(
        command="audit",
        kind=FindingRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[
            _section(verdict, found, asked, listed=narrowed or verdict not in QUIET)
            for verdict, found in by_verdict.items()
            if found
        ],
        empty="Nothing is owed: no finding at all.",
        then=_then(by_verdict, asked),
    )


def _section(verdict: str, rows: list[FindingRow], asked: Question, *, listed: bool) -> Section:
    title = f"{verdict.replace('_', ' ')}: {counted(len(rows), 'finding')}"
    if not listed:
        said = f"{title} ({MEANING[verdict]}). Listed by --verdict {verdict}."
        return Section(lines=[Line(said, "quiet")])
    title = f"{title}{sums(rows)} ({MEANING[verdict]})"
    day = "opens" if verdict == "waiting" else "last day"
    columns = [column for column in ROW_COLUMNS if column.field != "account" or _several(asked)]
    columns.append(Column("day", day))
    if verdict not in OBVIOUS:
        columns.append(Column("reason", "why", rank=1, wraps=True))
    return Section(title=title, rows=rows, columns=columns, tone=TONES.get(verdict, ""))


def _several(asked: Question) -> bool:
    return len(asked.accounts) > 1


def _then(by_verdict: dict[str, list[FindingRow]], asked: Question) -> list[str]:
    to_file = by_verdict["ready"] + by_verdict["underpaid"]
    then = []
    if to_file:
        first = min(to_file, key=lambda row: row.window_closes or date.max)
        then.append(
            f"{counted(len(to_file), 'finding')} to act on. The first to run out: "
            f"`returns-ledger explain {first.finding_id}`."
        )
    elif by_verdict["review"]:
        some = by_verdict["review"][0].finding_id
        then.append(f"See what keeps one from being ready: `returns-ledger explain {some}`.")
    if to_file or by_verdict["waiting"]:
        then.append("Put the days into your calendar: `returns-ledger due --ics deadlines.ics`.")
    if not then:
        then.append("See what the files speak for: `returns-ledger coverage`.")
    return then
