"""Shows how a finding came about: every test, what decided it, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from cli.answer import Answer, Line, Section
from cli.explaining import DecidedBy, Explanation, TestRow, explained
from cli.findings import FindingRow
from cli.options import question_options
from cli.output import show
from cli.questions import Question, question, refuse_several
from cli.session import Session
from ledger.errors import UnknownThing
from ledger.policy import Finding
from ledger.values import in_words

if TYPE_CHECKING:
    from ledger.store import Log


@click.command(
    "explain", short_help="Show how a finding came about: each test and what decided it."
)
@click.argument("finding")
@question_options
@click.pass_obj
def command(
    session: Session,
    finding: str,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Show how a finding came about: each test and what decided it.

    FINDING is an id that `audit` lists, or as much of it as names one finding alone.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    wanted = finding.strip().upper()
    wanted = wanted if wanted.startswith("F-") else f"F-{wanted}"
    found: dict[str, list[str]] = {}
    explanation: Explanation | None = None

    def of_log(log: Log) -> Iterator[tuple[str, list[str], Explanation | None]]:
        named = [one for one in asked.findings_named(log, wanted) if asked.admits(one.marketplace)]
        only = _explained(log, named[0], asked) if len(named) == 1 else None
        yield log.account, [one.finding_id for one in named], only

    for name, ids, only in asked.of_each_log(of_log):
        for one in ids:
            found.setdefault(one, []).append(name)
        explanation = only or explanation
    _refuse_unclear(found, finding, asked)
    assert explanation is not None
    show(session, _answer(explanation, asked))


def _explained(log: Log, named: Finding, asked: Question) -> Explanation:
    recall = asked.recall(log, [named.stream])
    (finding,) = (
        one for one in asked.findings(recall, [named.stream]) if one.finding_id == named.finding_id
    )
    return explained(log, recall, finding)


def _refuse_unclear(found: Mapping[str, Sequence[str]], finding: str, asked: Question) -> None:
    """Raise UnknownThing unless the words name one finding of one account."""
    if not found:
        raise UnknownThing(
            f"there is no such finding on {asked.as_of} in {', '.join(asked.looked_in)}",
            found=finding,
            advice="`returns-ledger audit` lists them; an id belongs to one claim about one unit, "
            "and a finding that was made on another day may need --as-of.",
        )
    refuse_several(found, finding)
    (accounts,) = found.values()
    if len(accounts) > 1:
        raise UnknownThing(
            f"several accounts have this finding: {', '.join(accounts)}",
            found=finding,
            advice="Name one of them with --account.",
        )


# --- as a person reads it ---------------------------------------------------------------------


def _answer(explanation: Explanation, asked: Question) -> Answer:
    finding = explanation.finding
    return Answer(
        command="explain",
        kind=TestRow,
        rows=explanation.tests,
        whole=explanation,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[
            _head(finding, asked),
            *(_tested(number, test) for number, test in enumerate(explanation.tests, 1)),
            *_assumed(finding),
        ],
        then=[
            f"Everything recorded of it: `returns-ledger story {finding.thing}`.",
            *_what_now(finding),
        ],
    )


def _head(finding: FindingRow, asked: Question) -> Section:
    what = in_words(finding.claim_type)
    about = ", ".join(part for part in (finding.thing, finding.sku, finding.fnsku) if part)
    lines = [
        Line(f"{finding.quantity} x {about}"),
        Line(f"Answer on {asked.as_of}: {finding.verdict.replace('_', ' ')}: {finding.reason}."),
    ]
    if finding.window_opens or finding.window_closes:
        closes = finding.window_closes or "no end"
        lines.append(Line(f"May be filed from {finding.window_opens or 'the start'} to {closes}."))
    if finding.amount_expected or finding.amount_paid or finding.amount_open:
        told = (
            ("expected", finding.amount_expected),
            ("paid", finding.amount_paid),
            ("open", finding.amount_open),
        )
        amounts = ", ".join(f"{name} {amount}" for name, amount in told if amount is not None)
        lines.append(Line(f"Amounts in {finding.currency}: {amounts}."))
    tone = "good" if finding.verdict in ("ready", "underpaid") else ""
    return Section(title=f"{finding.finding_id}  {what}", lines=lines, tone=tone)


def _tested(number: int, test: TestRow) -> Section:
    mark = "✓" if test.passed else "✗"
    lines = [Line(f"{mark} {test.answer}", "" if test.passed else "soon", 3)]
    for decided in test.decided_by:
        lines += _deciding(decided)
    if test.would_flip:
        lines.append(Line(f"Would change it: {test.would_flip}", "", 5))
    return Section(title=f"{number}. {test.test}", lines=lines)


def _deciding(decided: DecidedBy) -> list[Line]:
    name = {"entry": "entry ", "rule": "rule ", "coverage": "files of "}[decided.kind]
    lines = [Line(f"{name}{decided.id}: {decided.text}", "", 5)]
    if decided.source_file:
        row = f", row {decided.source_row}" if decided.source_row else ""
        lines.append(Line(f"{decided.source_file}{row}", "faint", 7))
    lines += [Line(source, "faint", 7) for source in decided.sources]
    return lines


def _assumed(finding: FindingRow) -> Sequence[Section]:
    if not finding.assumptions:
        return ()
    lines = [Line(text, "", 3) for text in finding.assumptions]
    return [Section(title="Assumed, as no report says", lines=lines)]


def _what_now(finding: FindingRow) -> list[str]:
    if finding.verdict in ("ready", "underpaid"):
        return ["File it in Seller Central before its last day: Amazon has no interface for that."]
    if finding.verdict == "waiting":
        return ["Note the day: `returns-ledger due --ics deadlines.ics`."]
    if finding.verdict == "review":
        return ["A test marked ✗ says what is missing; import it, and audit again."]
    return []
