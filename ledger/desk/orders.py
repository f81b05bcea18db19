"""What was ordered, by when it was delivered, and what was paid for it: reports first, then the seller's word."""

from __future__ import annotations

from ledger import allocation, gates
from ledger.case import Case, OrderLine, Ref
from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold
from ledger.values import Money


def lines_of(case: Case, sku: str | None = None) -> list[OrderLine]:
    """The order's lines: as the orders report tells them, else as the seller does."""
    lines = case.lines or [_line(ref, told) for ref, told in case.told(OrderTold)]
    return [line for line in lines if sku in (None, line.sku)] if lines else []


def _line(ref: Ref, told: OrderTold) -> OrderLine:
    return OrderLine(
        ref=ref,
        sku=told.sku,
        asin=told.asin,
        quantity=told.quantity,
        programme=told.programme,
        price=told.price,
    )


def skus_of(case: Case) -> list[str]:
    """Every SKU of the order, in the order in which they are told."""
    told = [line.sku for line in lines_of(case)] + [one.sku for one in case.shipments]
    told += [sale.sku for sale in case.sales] + [one.sku for one in case.refunds]
    return list(dict.fromkeys(told))


def quantity_of(case: Case, sku: str) -> int | None:
    """Units of a SKU that were ordered, None where nothing tells; reports confirm each other and never add."""
    told = [
        [line.quantity for line in lines_of(case, sku)],
        [one.quantity for one in case.shipments if one.sku == sku],
        [sale.quantity for sale in case.sales if sale.sku == sku],
    ]
    return max((sum(quantities) for quantities in told if quantities), default=None)


def unit_price(case: Case, sku: str) -> Money | None:
    """What the buyer paid for one unit, by a report, else as the seller tells it."""
    reported = allocation.unit_price(case, sku)
    if reported is not None:
        return reported
    for line in lines_of(case, sku):
        if line.price is not None and line.quantity > 0:
            return Money(line.price.minor // line.quantity, line.price.currency)
    return None


def paid_for(case: Case, sku: str) -> Money | None:
    """What the buyer paid for all units of a SKU, without shipping; None where nothing tells."""
    told = [line.price for line in lines_of(case, sku) if line.price is not None]
    if told:
        return sum(told[1:], start=told[0])
    each, quantity = unit_price(case, sku), quantity_of(case, sku)
    return None if each is None or quantity is None else each * quantity


def placed(case: Case, sku: str | None = None) -> Ref | None:
    """The entry that tells on which day the order was placed."""
    return next((line.ref for line in lines_of(case, sku)), None)


def programme_of(case: Case, sku: str | None = None) -> str | None:
    """Who fulfilled it: FBA, FBM or MCF; the seller's word counts where no report says."""
    reported = gates.programme_of(case, sku)
    if reported is not None or gates.programmes_told(case, sku):
        return reported
    told = {line.programme for line in lines_of(case, sku)}
    return told.pop() if len(told) == 1 else None


def delivered(case: Case, sku: str | None = None) -> Ref | None:
    """The entry that tells the last delivery of a SKU, or of the order, to its buyer."""
    told = [
        ref for ref, one in case.told(OrderDelivered) if None in (sku, one.sku) or one.sku == sku
    ]
    return told[-1] if told else None


def dispatched(case: Case, sku: str | None = None) -> tuple[Ref, OrderDispatched] | None:
    """How the seller sent a SKU, or the order, as he told it last."""
    told = [
        (ref, one)
        for ref, one in case.told(OrderDispatched)
        if None in (sku, one.sku) or one.sku == sku
    ]
    return told[-1] if told else None
