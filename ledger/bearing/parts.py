"""What a refund is made of: goods, postage both ways, and what Amazon gives the seller back of its fees."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ledger import desk
from ledger.case import Case, MoneyLine, Refund
from ledger.desk import GivenBack
from ledger.events.deliveries import OrderTold
from ledger.events.refunds import RefundGiven
from ledger.values import Money, code

_TO_THE_BUYER = ("ITEMPRICE", "PROMOTION")
_POSTAGE = ("SHIPPING", "SHIPPINGTAX")


class Parts(msgspec.Struct, frozen=True):
    """One refund in minor units; together they are what the buyer got."""

    goods: int
    way_out: int
    way_back: int
    fees_back: int
    """Of the goods, what Amazon bears because it gives its fee or the tax it withheld back."""


def settled_of(case: Case, refund: GivenBack) -> Refund | None:
    """The refund as a settlement tells it."""
    if not refund.settled:
        return None
    return next((one for one in case.refunds if one.ref == refund.refs[0]), None)


def told_of(case: Case, refund: GivenBack) -> RefundGiven | None:
    """The refund as the seller tells it."""
    return next((given for ref, given in case.told(RefundGiven) if ref in refund.refs), None)


def parts_of(case: Case, refund: GivenBack) -> Parts:
    """What a refund is made of; the settlement's lines count, and the seller's word where there are none."""
    assert refund.amount is not None
    total = refund.amount.minor
    settled, told = settled_of(case, refund), told_of(case, refund)
    out = back = credit = 0
    if settled is not None and settled.lines:
        out = -_sum(settled.lines, *_POSTAGE)
        back = max(-_sum(settled.lines, "RETURNSHIPPING"), 0)
        credit = sum(
            line.amount.minor
            for line in settled.lines
            if code(line.kind) not in _TO_THE_BUYER and line.amount.minor > 0
        )
    elif told is not None:
        amounts = [(part.component, part.amount.minor) for part in told.parts]
        out = sum(minor for name, minor in amounts if name in ("shipping", "shipping_tax"))
        out = out or _beyond_the_price(case, told)
        back = sum(minor for name, minor in amounts if name == "return_postage")
    out = max(min(out, total), 0)
    back = max(min(back, total - out), 0)
    goods = total - out - back
    credit = max(min(credit, goods), 0)
    return Parts(goods - credit, out, back, credit)


def _beyond_the_price(case: Case, told: RefundGiven) -> int:
    """A refund told in one sum that is more than the price gives the postage back, as far as it was paid."""
    paid = [one for _, one in case.told(OrderTold) if one.sku == told.sku and one.shipping]
    each = desk.unit_price(case, told.sku)
    if not paid or paid[0].shipping is None or each is None or len(told.parts) != 1:
        return 0
    beyond = told.amount.minor - each.minor * told.quantity
    return max(min(beyond, paid[0].shipping.minor), 0)


def kept_back(case: Case, refund: GivenBack, what: str) -> int:
    """What a settlement says was kept back of a refund under a description, in minor units."""
    settled = settled_of(case, refund)
    return max(_sum(settled.lines, what), 0) if settled is not None else 0


def _sum(lines: Iterable[MoneyLine], *descriptions: str) -> int:
    """Money of the buyer's lines with these descriptions, with Amazon's sign."""
    return sum(
        line.amount.minor
        for line in lines
        if code(line.kind) in _TO_THE_BUYER and code(line.what) in descriptions
    )


def money(minor: int, like: Money) -> Money:
    """So many minor units of the same currency."""
    return Money(minor, like.currency)
