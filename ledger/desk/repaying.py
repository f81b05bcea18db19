"""For how many returned units the buyer got the money back, and when."""

from __future__ import annotations

from typing import Final

import msgspec

from ledger.allocation import part_refunds_of, refunded_units
from ledger.case import Case, Ref
from ledger.desk.orders import quantity_of
from ledger.desk.refunding import refunds_of
from ledger.events.refunds import ReplacementSent

GOODWILL: Final = "goodwill"
KEPT: Final = frozenset({"returnless", "international_deadline", "a_to_z", "chargeback"})
"""What sets off refunds for units that the buyer need not send back."""


class Repayment(msgspec.Struct, frozen=True, kw_only=True):
    """Money, or a new unit, for so many units of a SKU."""

    ref: Ref
    units: int
    by: str | None = None
    """seller or amazon; None where nobody says."""
    trigger: str | None = None
    replaced: bool = False
    """True where the buyer got another unit instead of the money."""


def repayments_of(case: Case, sku: str) -> list[Repayment]:
    """Every refund and replacement for whole units of a SKU, in order; goodwill is for none."""
    found = []
    by_slot = [unit.refund.ref.slot for unit in refunded_units(case, sku)]
    for one in refunds_of(case, sku):
        units = one.quantity if one.quantity is not None else by_slot.count(one.refs[0].slot)
        if units and one.trigger != GOODWILL:
            found.append(Repayment(ref=one.ref, units=units, by=one.by, trigger=one.trigger))
    for ref, sent in case.told(ReplacementSent):
        if sent.sku == sku:
            found.append(Repayment(ref=ref, units=sent.quantity, by="seller", replaced=True))
    return sorted(found, key=_in_order)


def repaid(case: Case, sku: str, units: int, *, since: Ref | None = None) -> Repayment | None:
    """What completed the money for so many returned units; None where they are not paid back.

    Refunds for units that the buyer need not send back count where they leave no unit of the order.
    """
    told = [one for one in repayments_of(case, sku) if since is None or since.day <= one.ref.day]
    returned = _completing([one for one in told if one.trigger not in KEPT], units)
    ordered = quantity_of(case, sku)
    all_of_it = _completing(told, ordered) if ordered else None
    return min((one for one in (returned, all_of_it) if one), key=_in_order, default=None)


def partly_repaid(case: Case, sku: str, since: Ref) -> list[Ref]:
    """Settled refunds since a day that gave no unit's whole price back and of which the seller says nothing."""
    told = {ref.slot for one in refunds_of(case, sku) if one.quantity for ref in one.refs}
    parts = part_refunds_of(case, sku, refunded_units(case, sku))
    return [one.ref for one in parts if one.ref.slot not in told and one.ref.day >= since.day]


def _completing(repayments: list[Repayment], units: int) -> Repayment | None:
    counted = 0
    for one in repayments:
        counted += one.units
        if counted >= units:
            return one
    return None


def _in_order(one: Repayment) -> tuple[str, str, int]:
    return one.ref.order
