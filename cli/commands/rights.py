"""Says what a buyer may still do with an order: Amazon's windows, the seller's terms, the law; the later wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from cli.answer import Answer, Section
from cli.options import Day, question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.rulings import RIGHT_COLUMNS, RulingRow, assumed, because, row_of, skus_in
from cli.session import Session

if TYPE_CHECKING:
    from ledger.case import Case
    from ledger.recall import Recall
    from ledger.ruling import Ruling
    from ledger.store import Log


@click.command("rights", short_help="Say what a buyer may still do, until when and by which rule.")
@click.argument("order")
@click.option("--on", type=Day(), help="The day that is asked about; by default --as-of, or today.")
@question_options
@click.pass_obj
def command(
    session: Session,
    order: str,
    on: date | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Say what a buyer may still do, until when and by which rule.

    Amazon's return window, its holiday extension, the seller's own terms, the law: of all that need
    no reason the later wins. What is not verified is a question, and never a date.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    day = on or asked.as_of
    wanted = Wanted([order])

    def of_log(log: Log) -> Iterator[RulingRow]:
        streams = wanted.streams(log)
        recall = asked.recall(log, streams)
        for case in recall.cases(streams):
            if asked.admits(case.marketplace):
                yield from (row_of(log.account, one) for one in _rights(recall, case, day))

    rows = list(asked.of_each_log(of_log))
    wanted.refuse_unknown(asked.looked_in)
    show(session, _answer(rows, asked, order, day))


def _rights(recall: Recall, case: Case, day: date) -> Iterator[Ruling]:
    from ledger.policies import POLICIES
    from ledger.rights import RightsPolicy

    for policy in POLICIES:
        if isinstance(policy, RightsPolicy):
            yield from policy.rights(case, recall.book, day)
        elif not policy.claims:
            told = policy.rulings(case, recall.book, day)
            yield from (one for one in told if one.kind == "right")


def _answer(rows: Sequence[RulingRow], asked: Question, order: str, day: date) -> Answer:
    sections = [_section(rows, sku, day) for sku in skus_in(rows)]
    then = [
        f"What was told of it: `returns-ledger story {order}`.",
        f"Who bears what: `returns-ledger costs {order}`.",
    ]
    rules = next((row.rule_id for row in rows if row.rule_id), None)
    if rules:
        then.insert(0, f"A rule with its source and history: `returns-ledger rules show {rules}`.")
    return Answer(
        command="rights",
        kind=RulingRow,
        rows=rows,
        as_of=day,
        known_at=asked.known_at,
        sections=[*sections, assumed(rows)],
        empty="No right is known: nothing tells of an Amazon order here.",
        then=then,
    )


def _section(rows: Sequence[RulingRow], sku: str | None, day: date) -> Section:
    of_sku = [row for row in rows if row.sku == sku]
    return Section(
        title=f"{sku} on {day}", rows=of_sku, columns=RIGHT_COLUMNS, lines=because(of_sku)
    )
