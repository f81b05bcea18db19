"""Lists every cost of an order's return: what it is, who bears it, how much; and sums it by bearer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Line, Row, Section
from cli.options import question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.rulings import COST_COLUMNS, RulingRow, assumed, because, row_of, skus_in
from cli.session import Session
from ledger.values import Money

if TYPE_CHECKING:
    from ledger.store import Log

BEARERS: Final = ("seller", "buyer", "amazon", "carrier", "nobody", "undetermined")


class Sum(Row, frozen=True, kw_only=True):
    """What one bearer bears in all, in one currency."""

    bearer: str
    amount: str
    currency: str
    lines: int


class Costs(Row, frozen=True, kw_only=True):
    """Every cost of an order, and what each bearer bears of them."""

    rows: tuple[RulingRow, ...]
    sums: tuple[Sum, ...]
    open: int
    """Lines without an amount: not verified, or not told yet."""


@click.command("costs", short_help="List every cost of a return: what, who bears it, how much.")
@click.argument("order")
@question_options
@click.pass_obj
def command(
    session: Session,
    order: str,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """List every cost of a return: what, who bears it, how much.

    Refunded goods, postage, fees, what was kept back, goodwill. Each money is counted once, and has
    one bearer; what is not verified has neither bearer nor amount.
    """
    from ledger.judging import rulings

    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted([order])

    def of_log(log: Log) -> Iterator[RulingRow]:
        streams = wanted.streams(log)
        recall = asked.recall(log, streams)
        for case in recall.cases(streams):
            if asked.admits(case.marketplace):
                found = rulings(case, recall.book, asked.as_of)
                yield from (row_of(log.account, one) for one in found if one.kind == "cost")

    rows = list(asked.of_each_log(of_log))
    wanted.refuse_unknown(asked.looked_in)
    show(session, _answer(rows, asked, order))


def _answer(rows: Sequence[RulingRow], asked: Question, order: str) -> Answer:
    sums = _sums(rows)
    open_ = [row for row in rows if row.amount is None]
    sections = [
        Section(
            title=sku or "The order",
            rows=[row for row in rows if row.sku == sku],
            columns=COST_COLUMNS,
            lines=because(row for row in rows if row.sku == sku),
        )
        for sku in skus_in(rows)
    ]
    altogether = [Line(_in_words(one)) for one in sums]
    if not rows:
        sections.append(Section(lines=[Line("No cost of a return is told of this order.")]))
    if open_:
        altogether.append(Line(f"{len(open_)} without an amount: not verified, or not told yet"))
    return Answer(
        command="costs",
        kind=RulingRow,
        rows=rows,
        whole=Costs(rows=tuple(rows), sums=tuple(sums), open=len(open_)),
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[
            *sections,
            Section(title="Altogether" if rows else "", lines=altogether),
            assumed(rows),
        ],
        then=[
            f"Why the postage is borne so: `returns-ledger postage {order} --explain`.",
            f"What each report's money was posted to: `returns-ledger liability {order}`.",
        ],
    )


def _sums(rows: Iterable[RulingRow]) -> list[Sum]:
    """By bearer and currency, of the lines that have an amount."""
    amounts: defaultdict[tuple[str, str], list[Money]] = defaultdict(list)
    for row in rows:
        if row.amount is not None and row.currency is not None and row.bearer is not None:
            amounts[row.bearer, row.currency].append(Money.of(row.amount, row.currency))
    return [
        Sum(
            bearer=bearer,
            amount=sum(told[1:], start=told[0]).text,
            currency=currency,
            lines=len(told),
        )
        for (bearer, currency), told in sorted(
            amounts.items(), key=lambda one: (BEARERS.index(one[0][0]), one[0][1])
        )
    ]


def _in_words(one: Sum) -> str:
    return f"{one.bearer} bears {one.amount} {one.currency}"
