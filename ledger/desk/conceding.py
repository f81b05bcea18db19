"""What the seller gives a buyer who keeps the goods; of a part of the price the settlement tells as well."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ledger.allocation import part_refunds_of, refunded_units
from ledger.case import Case, Ref
from ledger.desk.refunding import SETTLED_WITHIN, GivenBack, refunds_of
from ledger.events.refunds import ConcessionGranted


class Concession(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the seller gave of his own will."""

    ref: Ref
    granted: ConcessionGranted
    refund: GivenBack | None
    """The refund that tells the same money; None where none does, or none yet."""


def concessions_of(case: Case) -> list[Concession]:
    """Every concession in order of occurrence, each with the refund that is the same money.

    First the same amounts find each other; then a settled refund of less than a unit's price of which the
    seller says nothing else: sellers round. A voucher, a discount or a spare part is no refund.
    """
    told = case.told(ConcessionGranted)
    found = _refunds_of(case, [one for one in told if one[1].kind == "partial_refund"])
    return [
        Concession(ref=ref, granted=granted, refund=found.get(ref.slot)) for ref, granted in told
    ]


def _refunds_of(case: Case, told: Sequence[tuple[Ref, ConcessionGranted]]) -> dict[str, GivenBack]:
    """The refund of each part of the price, by the concession's slot: no refund is of two."""
    left = [one for one in refunds_of(case) if _is_the_sellers(one)] if told else []
    parts = _parts_of_a_price(case) if left else frozenset()
    found: dict[str, GivenBack] = {}
    for same in (True, False):
        for ref, granted in told:
            near = [one for one in left if ref.slot not in found and _is_near(ref, granted, one)]
            meant = [
                one
                for one in near
                if (one.amount == granted.amount if same else one.refs[0].slot in parts)
            ]
            if meant:
                found[ref.slot] = meant[0]
                left.remove(meant[0])
    return found


def _is_the_sellers(refund: GivenBack) -> bool:
    return (
        refund.amount is not None
        and refund.by in (None, "seller")
        and refund.trigger in (None, "goodwill", "manual")
    )


def _is_near(ref: Ref, granted: ConcessionGranted, refund: GivenBack) -> bool:
    assert refund.amount is not None
    return (
        granted.sku in (None, refund.sku)
        and refund.amount.currency == granted.amount.currency
        and abs(refund.ref.day - ref.day) <= SETTLED_WITHIN
    )


def _parts_of_a_price(case: Case) -> frozenset[str]:
    """Settled refunds that gave no unit's whole price back and of which the seller tells nothing, by their slots."""
    alone = {one.refs[0].slot for one in refunds_of(case) if one.settled and len(one.refs) == 1}
    skus = dict.fromkeys(refund.sku for refund in case.refunds)
    parts = (part for sku in skus for part in part_refunds_of(case, sku, refunded_units(case, sku)))
    return frozenset(part.ref.slot for part in parts if part.ref.slot in alone)
