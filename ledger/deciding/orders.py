"""Refusals by what is ordered: the order is known, and the event is about it and its goods."""

from __future__ import annotations

from typing import Any, Final

from ledger.deciding.proposal import Proposal
from ledger.desk import lines_of, skus_of
from ledger.event import ACCOUNT_STREAM
from ledger.events.deliveries import OrderTold
from ledger.events.messages import MessageReceived
from ledger.events.requests import RequestReceived, WithdrawalDeclared

BEGINS: Final = (OrderTold, RequestReceived, WithdrawalDeclared, MessageReceived)
"""What may be the first that is known of an order."""


def is_known(proposal: Proposal[Any]) -> None:
    """An order of which nothing is known is most likely mistyped."""
    case = proposal.case
    if case.stream == ACCOUNT_STREAM or case.refs or isinstance(proposal.event, BEGINS):
        return
    if case.kind == "order":
        advice = "Import the orders report, or tell the order first: `returns-ledger order tell`."
    else:
        advice = "Import the report that tells of it: `returns-ledger import FILE`."
    proposal.refuse(f"nothing is known of this {case.kind}", advice=advice, found=case.name)


def is_about_it(proposal: Proposal[Any]) -> None:
    """The order and the SKU that it names are those of the case."""
    case = proposal.case
    order_id = getattr(proposal.event, "order_id", None)
    if case.kind == "order" and order_id not in (None, case.name):
        proposal.refuse(
            f"it is about another order than {case.name}",
            advice="Record it with the order that it is about.",
            found=order_id,
        )
    sku, known = getattr(proposal.event, "sku", None), skus_of(case)
    told_now = isinstance(proposal.event, OrderTold) and not lines_of_reports(proposal)
    if case.kind == "order" and sku is not None and known and sku not in known and not told_now:
        proposal.refuse(
            "the order has no such SKU",
            advice=f"It has: {', '.join(known)}.",
            found=sku,
        )


def lines_of_reports(proposal: Proposal[Any]) -> bool:
    """True where a report tells the order's lines: what the seller tells does not count beside them."""
    return bool(proposal.case.lines) and bool(lines_of(proposal.case))
