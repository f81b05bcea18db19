"""Says how far the return of each order and SKU has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import asdict

from cli.answer import Answer, Column, Row, Section
from cli.options import question_options
from cli.output import show, show_rows
from cli.questions import Question, Wanted, question
from cli.session import Session

if TYPE_CHECKING:
    from ledger.store import Log
    from projections.status import Status


class StatusRow(Row, frozen=True, kw_only=True):
    """One SKU of one order; the status is the furthest that holds, quantities tell the rest."""

    account: str
    marketplace: str | None
    programme: str | None
    order_id: str
    sku: str | None
    fnsku: str | None
    asin: str | None
    units_shipped: int | None
    units_refunded: int
    units_returned: int
    units_reimbursed: int
    status: str | None
    disposition: str | None
    return_reason: str | None
    last_occurred_at: str | None

    @property
    def day(self) -> str | None:
        """The day of the last fact."""
        return self.last_occurred_at[:10] if self.last_occurred_at else None


COLUMNS: Final = (
    Column("account", "account"),
    Column("order_id", "order"),
    Column("sku", "SKU", rank=1),
    Column("status", "status"),
    Column("units_shipped", "shipped", right=True, rank=4),
    Column("units_refunded", "refunded", right=True, rank=2),
    Column("units_returned", "returned", right=True, rank=2),
    Column("units_reimbursed", "paid for", right=True, rank=2),
    Column("disposition", "graded", rank=5),
    Column("day", "last fact", rank=3),
)


@click.command("status", short_help="Say where each order and SKU stands.")
@click.argument("orders", nargs=-1, metavar="[ORDER]...")
@click.option(
    "--returns", is_flag=True, help="Only orders of which something was asked or given back."
)
@question_options
@click.pass_obj
def command(
    session: Session,
    orders: tuple[str, ...],
    returns: bool,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Say where each order and SKU stands.

    Without an ORDER, all of them. The status is the furthest that holds; the quantities tell the
    rest.
    """
    from projections import STATUS

    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted(orders)

    def of_log(log: Log) -> Iterator[StatusRow]:
        for found in asked.rows(log, STATUS, wanted.streams(log)):
            if asked.admits(found.marketplace) and (found.status is not None or not returns):
                yield _row(log.account, found)

    told = asked.of_each_log(of_log, at_once=True)
    if not orders and show_rows(session, _answer([], asked), told):
        return
    rows = list(told)
    wanted.refuse_unknown(asked.looked_in)
    show(session, _answer(rows, asked))


def _row(account: str, found: Status) -> StatusRow:
    told = asdict(found)
    del told["stream"]
    return StatusRow(account=account, **told)


def _answer(rows: list[StatusRow], asked: Question) -> Answer:
    several = len(asked.accounts) > 1
    then = ["What Amazon owes: `returns-ledger audit`."]
    missing = next((row for row in rows if row.status == "refunded_not_returned"), None)
    some = missing or (rows[0] if rows else None)
    if some:
        then.insert(0, f"Everything recorded of one: `returns-ledger story {some.order_id}`.")
    return Answer(
        command="status",
        kind=StatusRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[
            Section(
                rows=rows,
                columns=[one for one in COLUMNS if several or one.field != "account"],
            )
        ],
        empty="No order is known.",
        then=then,
    )
