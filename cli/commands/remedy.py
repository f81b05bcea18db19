"""Says for each refund of an order which door is open: where, until when, with which papers, and what not to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Line, Row, Section
from cli.options import question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.session import Session
from ledger.errors import UnknownThing
from ledger.policy import ACT_ON
from ledger.values import in_words

if TYPE_CHECKING:
    from ledger.remedies import Remedy
    from ledger.store import Log

DOORS: Final = {
    "safe_t": "SAFE-T",
    "a_to_z": "A-to-z appeal",
    "fba": "FBA claim",
    "carrier": "the carrier",
    "none": "no door",
    "unknown": "not known yet",
}
TONES: Final = {"ready": "good", "underpaid": "good", "review": "soon", "waiting": "soon"}


class RemedyRow(Row, frozen=True, kw_only=True):
    """What can be done about one refund, or one damage, under the names that programs read."""

    account: str
    order_id: str
    refund: str | None
    sku: str | None
    given_on: date | None
    by: str | None
    trigger: str | None
    amount: str | None
    currency: str | None
    door: str
    state: str
    why: str
    until: date | None
    opens: date | None
    question: str | None
    findings: tuple[str, ...]
    ready: tuple[str, ...]
    """The findings that can be filed now."""
    reasons: tuple[str, ...]
    shown: tuple[str, ...]
    """Papers that are there."""
    missing: tuple[str, ...]
    """What to record or attach."""
    wrong: tuple[str, ...]
    claims: tuple[str, ...]
    rule_ids: tuple[str, ...]
    stream: str


@click.command("remedy", short_help="Say for each refund which door is open, and until when.")
@click.argument("order")
@click.option(
    "--refund", metavar="R-...", help="Only this refund, as `remedy` or `story` names it."
)
@question_options
@click.pass_obj
def command(
    session: Session,
    order: str,
    refund: str | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """Say for each refund which door is open, and until when.

    What set a refund off decides: SAFE-T, the appeal against an A-to-z claim, an FBA claim, the carrier,
    or none. Ends 3 where something can be filed now.
    """
    from ledger.remedies import remedies

    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted([order])

    def of_log(log: Log) -> Iterator[RemedyRow]:
        streams = wanted.streams(log)
        recall = asked.recall(log, streams)
        for case in recall.cases(streams):
            if case.kind == "order" and asked.admits(case.marketplace):
                found = remedies(case, recall.book, asked.as_of)
                yield from (row_of(log.account, case.stream, one) for one in found)

    rows = list(asked.of_each_log(of_log))
    wanted.refuse_unknown(asked.looked_in)
    if refund is not None:
        rows = _only(rows, refund.strip().upper(), order)
    show(session, _answer(rows, asked, order))
    return 3 if any(row.ready for row in rows) else 0


def row_of(account: str, stream: str, remedy: Remedy) -> RemedyRow:
    """A remedy as a row."""
    return RemedyRow(
        account=account,
        order_id=stream.partition("/")[2],
        refund=remedy.refund,
        sku=remedy.sku,
        given_on=remedy.given_on,
        by=remedy.by,
        trigger=remedy.trigger,
        amount=remedy.amount.text if remedy.amount else None,
        currency=remedy.amount.currency if remedy.amount else None,
        door=remedy.door,
        state=remedy.state,
        why=remedy.why,
        until=remedy.until,
        opens=remedy.opens,
        question=remedy.question,
        findings=tuple(one.finding_id for one in remedy.findings),
        ready=tuple(one.finding_id for one in remedy.findings if one.verdict in ACT_ON),
        reasons=tuple(
            f"{in_words(one.claim_type)}: {one.verdict.replace('_', ' ')}, {one.reason}"
            for one in remedy.findings
        ),
        shown=tuple(in_words(one.what) for one in remedy.papers if one.shown),
        missing=tuple(
            f"{in_words(one.what)}: {one.advice}" for one in remedy.papers if not one.shown
        ),
        wrong=remedy.wrong,
        claims=remedy.claims,
        rule_ids=remedy.rule_ids,
        stream=stream,
    )


def _only(rows: Sequence[RemedyRow], refund: str, order: str) -> list[RemedyRow]:
    name = refund if refund.startswith("R-") else f"R-{refund}"
    found = [row for row in rows if row.refund == name]
    if not found:
        told = ", ".join(row.refund for row in rows if row.refund) or "none"
        raise UnknownThing(
            f"order {order} has no such refund", found=refund, advice=f"Its refunds: {told}."
        )
    return found


# --- as a person reads it ---------------------------------------------------------------------


def _answer(rows: Sequence[RemedyRow], asked: Question, order: str) -> Answer:
    return Answer(
        command="remedy",
        kind=RemedyRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[_section(row) for row in rows],
        empty="No refund of it is told, and no damage.",
        then=_what_now(rows, order),
    )


def _section(row: RemedyRow) -> Section:
    return Section(
        title=f"{_title(row)}: {DOORS[row.door]}, {row.state.replace('_', ' ')}",
        lines=list(_lines(row)),
        tone=TONES.get(row.state, "quiet"),
    )


def _title(row: RemedyRow) -> str:
    amount = f"{row.amount} {row.currency}" if row.amount else "an amount that is not told"
    if row.refund is None:
        return row.sku or row.order_id
    by = {"amazon": "by Amazon", "seller": "by you"}.get(row.by or "", "by nobody knows whom")
    how = f" ({in_words(row.trigger)})" if row.trigger else ""
    return f"{row.refund}  {amount} for {row.sku} on {row.given_on} {by}{how}"


def _lines(row: RemedyRow) -> Iterator[Line]:
    yield Line(f"Why: {row.why}.", "", 2)
    if row.opens is not None:
        yield Line(f"From {row.opens} on it may be filed.", "", 2)
    if row.until is not None:
        by = f" ({row.rule_ids[0]})" if row.rule_ids else ""
        yield Line(f"Last day: {row.until}{by}.", "soon", 2)
    for reason in row.reasons:
        yield Line(f"{reason[0].upper()}{reason[1:]}.", "", 2)
    if row.question is not None and not any(row.question in reason for reason in row.reasons):
        yield Line(f"To be settled: {row.question}.", "soon", 2)
    for claim in row.claims:
        yield Line(f"{claim[0].upper()}{claim[1:]}.", "", 2)
    if row.shown:
        yield Line(f"At hand: {', '.join(row.shown)}.", "", 2)
    for missing in row.missing:
        yield Line(f"Missing: {missing}", "soon", 2)
    for wrong in row.wrong:
        yield Line(f"Wrong would be: {wrong[0].lower()}{wrong[1:]}", "faint", 2)


def _what_now(rows: Sequence[RemedyRow], order: str) -> list[str]:
    ready = next((row for row in rows if row.ready), None)
    if ready is not None:
        finding = ready.ready[0]
        how = f"`returns-ledger claim file {order} --finding {finding}`"
        if ready.door == "a_to_z":  # an appeal goes on with the buyer's claim
            how = f"`returns-ledger claim appeal {order}`"
        return [
            f"What speaks against filing it: `returns-ledger guard {finding}`.",
            f"When you have filed it: {how}.",
        ]
    if any(row.door == "unknown" for row in rows):
        who = f"`returns-ledger refund give {order} --by amazon --trigger first_scan --amount ...`"
        return [f"Say who refunded, and what set it off: {who}."]
    if any(row.missing and row.state == "review" for row in rows):
        return [f"Attach what is missing: `returns-ledger evidence attach {order} FILE...`."]
    return [f"What happened in it: `returns-ledger story {order}`."]
