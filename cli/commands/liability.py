"""Says who bears the cost of returns: the seller, the buyer, Amazon or a carrier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Column, Line, Section
from cli.options import question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.session import Session
from ledger.values import Money

if TYPE_CHECKING:
    from ledger.store import Log
    from projections.liability import Grouping, LiabilityRow

GROUPINGS: Final[tuple[Grouping, ...]] = ("order", "sku", "asin", "month", "party")

COLUMNS: Final = (
    Column("account", "account"),
    Column("order_id", "order"),
    Column("sku", "SKU"),
    Column("asin", "ASIN"),
    Column("month", "month"),
    Column("party", "who"),
    Column("line", "line"),
    Column("amount", "bears", right=True, unit="currency"),
    Column("entries", "entries", right=True, rank=1),
)


@click.command(
    "liability", short_help="Say who bears the cost: seller, buyer, Amazon or a carrier."
)
@click.argument("orders", nargs=-1, metavar="[ORDER]...")
@click.option(
    "--by",
    type=click.Choice(GROUPINGS),
    default="order",
    help="What is added up; by default each order.",
)
@question_options
@click.pass_obj
def command(
    session: Session,
    orders: tuple[str, ...],
    by: Grouping,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Say who bears the cost: seller, buyer, Amazon or a carrier.

    An amount above zero is borne by the party, one below zero is its gain; over all parties they
    sum to zero.
    """
    from projections import LIABILITY
    from projections.liability import liability

    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted(orders)

    def of_log(log: Log) -> Iterable[LiabilityRow]:
        streams = wanted.streams(log)
        if marketplace is not None:
            posted = {row.stream for row in asked.rows(log, LIABILITY, streams)}
            streams = asked.streams_here(log, posted)
        return liability(log.account, asked.rows(log, LIABILITY, streams), by)

    rows = list(asked.of_each_log(of_log))
    wanted.refuse_unknown(asked.looked_in)
    show(session, _answer(rows, asked))


def _answer(rows: list[LiabilityRow], asked: Question) -> Answer:
    from projections.liability import LiabilityRow

    several = len(asked.accounts) > 1
    columns = [one for one in COLUMNS if several or one.field != "account"]
    some = next((row.order_id for row in rows if row.order_id), None)
    then = ["Added up in other ways: `returns-ledger liability --by month` (sku, asin, party)."]
    if some:
        then.append(f"What happened in one order: `returns-ledger story {some}`.")
    firm = [row for row in rows if not row.provisional]
    waiting = [row for row in rows if row.provisional]
    return Answer(
        command="liability",
        kind=LiabilityRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[
            Section(rows=firm, columns=columns),
            Section(title="Altogether" if firm else "", lines=_lines(firm)),
            *(_provisional(firm, waiting, columns) if waiting else ()),
        ],
        empty="No cost of any return is told.",
        then=then,
    )


def _provisional(
    firm: Sequence[LiabilityRow], waiting: Sequence[LiabilityRow], columns: Sequence[Column]
) -> Iterator[Section]:
    """What the seller told and a report will: it gives way to the report's own amounts."""
    yield Section(
        title="Provisional: you told it, and no report does yet",
        rows=waiting,
        columns=columns,
        tone="soon",
    )
    yield Section(title="Altogether, with what is provisional", lines=_lines([*firm, *waiting]))


def _lines(rows: Iterable[LiabilityRow]) -> list[Line]:
    return [Line(said) for said in _sums(rows)]


def _sums(rows: Iterable[LiabilityRow]) -> list[str]:
    """What each party bears, one line a party and currency."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        amount = Money.of(row.amount, row.currency)
        sums[row.party, row.currency] += amount.minor
    return [
        f"{party} {'bears' if minor >= 0 else 'gains'} {Money(abs(minor), currency)}"
        for (party, currency), minor in sorted(sums.items())
    ]
