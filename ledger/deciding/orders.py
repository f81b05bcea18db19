"""Refusals by what was ordered: the order is known, and what is told of it fits it."""

from __future__ import annotations

from typing import Final

from ledger.case import Case
from ledger.deciding.proposal import Proposal
from ledger.desk import dispatched, lines_of, programme_of, quantity_of, skus_of
from ledger.event import ACCOUNT_STREAM, Deed
from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold
from ledger.events.keeping import EntryCorrected
from ledger.events.messages import MessageReceived
from ledger.events.requests import RequestReceived, WithdrawalDeclared

BEGINS: Final = (OrderTold, RequestReceived, WithdrawalDeclared, MessageReceived)
"""What may be the first that is known of an order."""


def is_known(proposal: Proposal[Deed]) -> None:
    """An order of which nothing is known is most likely mistyped."""
    case = proposal.case
    if case.stream == ACCOUNT_STREAM or isinstance(proposal.event, BEGINS):
        return
    if isinstance(proposal.event, EntryCorrected) and proposal.entries:
        return
    if len(case.refs) > len(case.told(EntryCorrected)):
        return
    if case.kind == "order":
        advice = "Import the orders report, or tell the order first: `returns-ledger order tell`."
    else:
        advice = "Import the report that tells of it: `returns-ledger import FILE`."
    proposal.refuse(f"nothing is known of this {case.kind}", advice=advice, found=case.name)


def is_about_it(proposal: Proposal[Deed]) -> None:
    """The order and the SKU that it names are those of the case."""
    case, event = proposal.case, proposal.event
    if case.kind != "order":
        return
    order_id: str | None = getattr(event, "order_id", None)
    if order_id not in (None, case.name):
        proposal.refuse(
            f"it is about another order than {case.name}",
            advice="Record it with the order that it is about.",
            found=order_id,
        )
    sku: str | None = getattr(event, "sku", None)
    known = skus_of(case)
    if sku is None or not known or sku in known or isinstance(event, OrderTold):
        return
    proposal.refuse("the order has no such SKU", advice=f"It has: {', '.join(known)}.", found=sku)


def is_not_more_than_ordered(proposal: Proposal[Deed]) -> None:
    """Nothing is told of no unit, nor of more units than were ordered."""
    quantity: int | None = getattr(proposal.event, "quantity", None)
    if quantity is None:
        return
    if quantity < 1:
        proposal.refuse("not a number of units", advice="Give one unit or more.", found=quantity)
    sku: str | None = getattr(proposal.event, "sku", None)
    case = proposal.case
    if case.kind != "order" or sku is None or isinstance(proposal.event, OrderTold):
        return
    ordered = quantity_of(case, sku)
    if ordered is not None and quantity > ordered:
        line = next((line.ref for line in lines_of(case, sku)), None)
        proposal.refuse(
            f"{ordered} of {sku} were ordered",
            advice="Give the units that it is about with `--quantity`.",
            by=line,
            found=quantity,
        )


# --- telling an order, its way out and its delivery -------------------------------------------


def is_told_once(proposal: Proposal[OrderTold]) -> None:
    """A line told twice would be ordered twice."""
    case, event = proposal.case, proposal.event
    for ref, told in case.told(OrderTold):
        if told.sku == event.sku:
            proposal.refuse(
                "this line of the order was told before",
                advice=f"If that was wrong, take it back first: `returns-ledger correct {case.name} {ref.position}`.",
                by=ref,
                found=event.sku,
            )
        if told.marketplace != event.marketplace:
            proposal.refuse(
                f"the order is of another store: {told.marketplace}",
                advice="An order is placed in one store: give that one.",
                by=ref,
                found=event.marketplace,
            )
    if case.lines:
        proposal.caution("a report tells this order: its lines count, and not these")
    earlier = next((ref for ref, _ in case.deeds if ref.day < proposal.day), None)
    if earlier is not None:
        proposal.refuse(
            f"something is told of {earlier.day}, before that",
            advice="Give the day on which the order was placed with `--at`.",
            by=earlier,
            found=proposal.occurred_at,
        )


def is_shipped_by_the_seller(proposal: Proposal[OrderDispatched]) -> None:
    """What Amazon ships the seller does not."""
    if programme_of(proposal.case, proposal.event.sku) == "FBA":
        proposal.caution("Amazon ships this order (FBA), as the reports tell it")


def is_not_delivered_before_it_left(proposal: Proposal[OrderDelivered]) -> None:
    """Nothing is delivered before it is handed to a carrier."""
    case, sku = proposal.case, proposal.event.sku
    way_out = dispatched(case, sku)
    if way_out is not None and proposal.day < way_out[0].day:
        proposal.refuse(
            f"it was handed to the carrier on {way_out[0].day}, later than that",
            advice="Check the day given with `--at`.",
            by=way_out[0],
            found=proposal.occurred_at,
        )
    known = _delivery(case, sku)
    if known is not None:
        proposal.caution(f"a delivery was told before (entry {known}); of two the later day counts")


def _delivery(case: Case, sku: str | None) -> int | None:
    told = [ref for ref, one in case.told(OrderDelivered) if one.sku == sku]
    return told[-1].position if told else None
