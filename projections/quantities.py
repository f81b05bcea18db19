"""Units of one SKU of an order: shipped, refunded, returned and paid for, each counted once whoever tells it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from ledger.allocation import refunded_units, whole_prices_in
from ledger.allocation import unit_price as reported_price
from ledger.book import Book
from ledger.case import Case, OrderLine, Reimbursement
from ledger.desk import quantity_of, received_units, unit_price
from ledger.events.refunds import RefundGiven
from ledger.values import Money, code
from projections.items import Item
from projections.provisional import still_paid, unsettled_refunds

_NET: Final = frozenset(("item",))
_GROSS: Final = frozenset(("item", "item_tax"))
"""What of a refund the price of a unit is made of: a report's has no tax in it, the seller's has."""


class Quantities(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units of one SKU."""

    shipped: int | None
    refunded: int
    returned: int
    returned_elsewhere: int
    """Units that came back under the order id of a replacement."""
    reimbursed: int


def quantities_of(item: Item, case: Case, book: Book) -> Quantities:
    """The units of one SKU of an order, none counted twice."""
    sku = item.sku
    elsewhere = book.replacement_returns.get(case.name, ())
    return Quantities(
        shipped=_shipped(item, case),
        refunded=_refunded(item, case),
        returned=_returned(item, case) if item.returns or item.deeds else 0,
        returned_elsewhere=sum([one.quantity for one in elsewhere if one.sku == sku]),
        reimbursed=_reimbursed(item, book),
    )


def _returned(item: Item, case: Case) -> int:
    """Units at Amazon's centres, and at the seller's: of those whoever tells of more tells them all."""
    at_centres = sum([one.quantity for one in item.returns if one.programme != "FBM"])
    reported = sum([one.quantity for one in item.returns if one.programme == "FBM"])
    told = received_units(case, item.sku) if item.sku and item.deeds else 0
    return at_centres + max(reported, told)


def _shipped(item: Item, case: Case) -> int | None:
    """What shipments, settled sales and order lines tell: they confirm each other and never add."""
    told = []
    if item.lines:
        told.append(sum([_not_cancelled(line, case) for line in item.lines]))
    if item.shipments:
        told.append(sum([shipment.quantity for shipment in item.shipments]))
    if item.sales:
        told.append(sum([sale.quantity for sale in item.sales]))
    return max(told, default=None)


def _not_cancelled(line: OrderLine, case: Case) -> int:
    status = code(case.order_status.get(line.ref.slot, ""))
    return 0 if status == "CANCELLED" else line.quantity


def _refunded(item: Item, case: Case) -> int:
    """Units whose price was given back, as settlements tell it, else the seller; never more than were sold."""
    if not (item.refunds or item.deeds or item.requests):
        return 0
    if item.sku is None:
        return _told_refunded(item, case)
    settled = len(refunded_units(case, item.sku))
    given = _units_given(item, case, item.sku)
    most = quantity_of(case, item.sku) if given else None
    if most is not None:
        given = max(min(given, most - settled), 0)
    return max(settled + given, _told_refunded(item, case))


def _units_given(item: Item, case: Case, sku: str) -> int:
    """Units that the seller says were refunded and no settlement does: by their price, where one is known."""
    given = unsettled_of(item, case)
    if not given:
        return 0
    price = unit_price(case, sku)
    most = sum(one.quantity for one in given)
    amounts = [
        part.amount for one in given for part in one.parts if part.component in _of(case, sku)
    ]
    if price is None or price.minor <= 0 or any(one.currency != price.currency for one in amounts):
        return most
    return min(_units_of(Money(sum(one.minor for one in amounts), price.currency), price), most)


def _of(case: Case, sku: str) -> frozenset[str]:
    return _NET if reported_price(case, sku) is not None else _GROSS


def unsettled_of(item: Item, case: Case) -> list[RefundGiven]:
    """Refunds of an item that the seller tells and no settlement does."""
    told = item.told(RefundGiven)
    waiting = {ref.slot for ref, _ in unsettled_refunds(case)} if told else ()
    return [given for ref, given in told if ref.slot in waiting]


def _told_refunded(item: Item, case: Case) -> int:
    """Units refunded as the seller-fulfilled returns report tells it: it confirms and never adds."""
    if not item.requests:
        return 0
    told = [
        (request, state.refunded)
        for request, state in item.states(case)
        if state.refunded is not None and state.refunded.minor > 0
    ]
    price = unit_price(case, item.sku) if told and item.sku is not None else None
    return sum(min(_units_of(refunded, price), request.quantity) for request, refunded in told)


def _units_of(refunded: Money, price: Money | None) -> int:
    if price is None or price.currency != refunded.currency or price.minor <= 0:
        return 1
    return whole_prices_in(refunded.minor, price)


def _reimbursed(item: Item, book: Book) -> int:
    """Units paid for: what the reimbursements report tells, and what the seller does of other doors.

    Of claims for FBA units whoever tells of more, the report or the seller, tells them all.
    """
    if not (item.claims or item.payments):
        return 0
    paid = [claim for claim in item.claims if still_paid(claim)]
    at_fba = sum(claim.quantity for claim in paid if claim.door == "fba")
    elsewhere = sum(claim.quantity for claim in paid if claim.door != "fba")
    return max(_reported_paid(item.payments, book), at_fba) + elsewhere


def _reported_paid(payments: Sequence[Reimbursement], book: Book) -> int:
    """Units paid for in cash or in kind, less those taken back, wherever that is recorded."""
    taken: defaultdict[str, list[Reimbursement]] = defaultdict(list)
    for line in payments:
        if not line.reversal and line.reimbursement_id not in taken:
            for reversal in book.reversals.get(line.reimbursement_id, ()):
                taken[line.reimbursement_id] += [reversal] * _taken_back(reversal)
    net = 0
    for line in payments:
        if not line.reversal:
            net += _still_paid(line, taken[line.reimbursement_id])
    nameless = sum(_taken_back(line) for line in payments if line.reversal and not line.original_id)
    return max(net - nameless, 0)


def _still_paid(line: Reimbursement, taken: list[Reimbursement]) -> int:
    """Units of one line that no reversal of its id took back; each reversal is used up once."""
    units = units_paid(line)
    for reversal in list(taken):
        if units and (reversal.fnsku or line.fnsku) == (line.fnsku or reversal.fnsku):
            taken.remove(reversal)
            units -= 1
    return units


def units_paid(line: Reimbursement) -> int:
    """Units that a line of the reimbursements report pays for."""
    told = line.units if line.cash is not None or line.inventory is not None else line.total or 0
    return max(told, 0)


def _taken_back(reversal: Reimbursement) -> int:
    """Units that a reversal takes back; one that it puts into stock instead is no payment."""
    return max(-(reversal.cash or 0), -(reversal.inventory or 0), 1)
