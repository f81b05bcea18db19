"""Says who bears the way to the buyer and the way back, and by which reasoning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Section
from cli.options import question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.rulings import (
    COST_COLUMNS,
    ExplainedRow,
    RulingRow,
    assumed,
    because,
    explained_row_of,
    skus_in,
    steps,
)
from cli.session import Session
from ledger.values import day_of

if TYPE_CHECKING:
    from ledger.case import Case
    from ledger.store import Log

POLICY: Final = "postage"


@click.command("postage", short_help="Say who bears the postage out and back, and why.")
@click.argument("order")
@click.option("--explain", is_flag=True, help="Show every step of the reasoning.")
@question_options
@click.pass_obj
def command(
    session: Session,
    order: str,
    explain: bool,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Say who bears the postage out and back, and why.

    A promise and the law come before the reason that the buyer gave. What is not verified has no
    bearer.
    """
    from ledger.judging import rulings

    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted([order])
    entries: dict[str, str] = {}

    def of_log(log: Log) -> Iterator[ExplainedRow]:
        streams = wanted.streams(log)
        recall = asked.recall(log, streams)
        for case in recall.cases(streams):
            if asked.admits(case.marketplace):
                found = rulings(case, recall.book, asked.as_of)
                yield from (
                    explained_row_of(log.account, one) for one in found if one.policy == POLICY
                )
                if explain:
                    entries.update(_in_words(log, case))

    rows = list(asked.of_each_log(of_log))
    wanted.refuse_unknown(asked.looked_in)
    show(session, _answer(rows, asked, order, entries, explain=explain))


def _in_words(log: Log, case: Case) -> dict[str, str]:
    """The order's entries as a person reads them, by position."""
    from cli.summaries import summary

    told = {}
    for entry in log.entries(case.stream):
        day = day_of(entry.occurred_at, case.marketplace)
        told[str(entry.position)] = f"{day}: {summary(entry.event)}"
    return told


def _answer(
    rows: Sequence[ExplainedRow],
    asked: Question,
    order: str,
    entries: Mapping[str, str],
    *,
    explain: bool,
) -> Answer:
    told: Sequence[RulingRow] = rows if explain else [_short(row) for row in rows]
    sections = (
        [steps(row, entries) for row in rows]
        if explain
        else [_section(told, sku) for sku in skus_in(told)]
    )
    then = [f"Every cost of it: `returns-ledger costs {order}`."]
    if rows and not explain:
        then.insert(0, f"Each step to it: `returns-ledger postage {order} --explain`.")
    return Answer(
        command="postage",
        kind=ExplainedRow if explain else RulingRow,
        rows=told,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[*sections, assumed(rows)],
        empty="No postage is in question: nothing of the order is coming back to the seller.",
        then=then,
    )


def _section(rows: Sequence[RulingRow], sku: str | None) -> Section:
    of_sku = [row for row in rows if row.sku == sku]
    return Section(title=sku or "", rows=of_sku, columns=COST_COLUMNS, lines=because(of_sku))


def _short(row: ExplainedRow) -> RulingRow:
    """The row without its steps."""
    return RulingRow(**{name: getattr(row, name) for name in RulingRow.__struct_fields__})
