"""What the buyer paid for a SKU and got back of it, component by component, in one currency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from ledger.allocation import money_of
from ledger.case import Case, MoneyLine, Ref, Refund
from ledger.desk import SETTLED_WITHIN, lines_of, paid_for, skus_of
from ledger.desk.refunding import claimed
from ledger.event import Entry
from ledger.events.deliveries import OrderTold
from ledger.events.orders import OrderPlaced
from ledger.events.refunds import ConcessionGranted, RefundGiven
from ledger.values import BY_CODE, Money, code

_SETTLED: Final = {
    "item": ("Principal",),
    "item_tax": ("Tax",),
    "shipping": ("Shipping",),
    "shipping_tax": ("ShippingTax",),
    "gift_wrap": ("GiftWrap", "GiftWrapTax"),
}
"""Components of a price as a settlement calls them."""
_A_DAY: Final = timedelta(days=1)


class Limit(msgspec.Struct, frozen=True):
    """What was paid for some components together: no more of them can be given back."""

    components: tuple[str, ...]
    paid: int
    """Minor units."""


def currency_of(case: Case, sku: str | None) -> str | None:
    """The currency in which the buyer paid; None where nothing tells."""
    paid = paid_for(case, sku) if sku else None
    if paid is not None:
        return paid.currency
    market = BY_CODE.get(case.marketplace or "")
    return market.currency if market else None


def limits(case: Case, entries: Sequence[Entry], sku: str, currency: str) -> list[Limit]:
    """What was paid for a SKU, as far as something tells it.

    What a seller tells himself includes the tax; a report tells it apart.
    """
    whole = _in(currency, paid_for(case, sku))
    if case.lines or not lines_of(case, sku):
        paid = _reported(case, entries, sku, currency)
        if whole is not None:
            paid["item"] = whole
        return [Limit((name,), amount) for name, amount in paid.items()]
    shipping = [
        amount
        for _, one in case.told(OrderTold)
        if one.sku == sku and (amount := _in(currency, one.shipping)) is not None
    ]
    found = [] if whole is None else [Limit(("item", "item_tax"), whole)]
    return [*found, Limit(("shipping", "shipping_tax"), sum(shipping))] if shipping else found


def _reported(case: Case, entries: Sequence[Entry], sku: str, currency: str) -> Counter[str]:
    """By the order lines as they stand or by the settled sales, whichever tells more of a component."""
    ordered: Counter[str] = Counter()
    standing = {line.ref.position for line in lines_of(case, sku)}
    for entry in entries:
        if entry.position in standing and isinstance(entry.event, OrderPlaced):
            ordered.update(dict(_components(entry.event, currency)))
    settled: Counter[str] = Counter()
    for sale in case.sales:
        if sale.sku == sku:
            settled.update(dict(_lines(sale.lines, currency)))
    return ordered | settled


def _components(line: OrderPlaced, currency: str) -> Iterator[tuple[str, int]]:
    told = {
        "item_tax": line.tax,
        "shipping": line.shipping,
        "shipping_tax": line.shipping_tax,
        "gift_wrap": line.gift_wrap,
    }
    for name, money in told.items():
        if (amount := _in(currency, money)) is not None:
            yield name, amount


def _lines(lines: Iterable[MoneyLine], currency: str) -> Iterator[tuple[str, int]]:
    """The components that a settlement tells, Amazon's sign."""
    same = [line for line in lines if line.amount.currency == currency]
    told = {code(line.what) for line in same if code(line.kind) == "ITEMPRICE"}
    for name, words in _SETTLED.items():
        if any(code(word) in told for word in words):
            yield name, sum(money_of(same, word, kind="ItemPrice") for word in words)


def _in(currency: str, money: Money | None) -> int | None:
    return money.minor if money is not None and money.currency == currency else None


# --- what the buyer got back ------------------------------------------------------------------


class _Given(msgspec.Struct, frozen=True):
    """What one entry says that the buyer got."""

    ref: Ref
    parts: Counter[str]
    deed: RefundGiven | ConcessionGranted | None = None
    """The seller's own word; None where a settlement says it."""
    claim: str | None = None
    """The claim of the buyer's through which it went."""


def given_back(case: Case, sku: str, currency: str) -> Counter[str]:
    """What the buyer got back of a SKU by component: refunds, and what he got for keeping the goods.

    What a settlement and the seller both tell is given once: of the same amount, else a refund that the
    seller told of before it was settled, and then the larger amount counts.
    """
    own = list(_told(case, sku, currency))
    given: Counter[str] = Counter()
    unnamed = [
        _Given(refund.ref, _settled_parts(refund, currency), claim=claimed(refund.trigger))
        for refund in case.refunds
        if refund.sku == sku
    ]
    for is_same in (_is, _is_in_all):
        for settled in list(unnamed):
            same = next((one for one in own if is_same(one, settled)), None)
            if same is not None:
                own.remove(same)
                unnamed.remove(settled)
                given.update(settled.parts)
    for settled in unnamed:
        earlier = next((one for one in own if _may_be(one, settled)), None)
        if earlier is not None:
            own.remove(earlier)
        given.update(settled.parts | earlier.parts if earlier else settled.parts)
    for one in own:
        given.update(one.parts)
    return given


def _told(case: Case, sku: str, currency: str) -> Iterator[_Given]:
    """What the seller tells: refunds, and partial refunds for keeping the goods."""
    about = (sku, None) if skus_of(case) == [sku] else (sku,)
    for ref, deed in case.deeds:
        if isinstance(deed, RefundGiven) and deed.sku == sku:
            parts: Counter[str] = Counter()
            for part in deed.parts:
                parts[part.component] += _in(currency, part.amount) or 0
            yield _Given(ref, parts, deed, claimed(deed.trigger))
        elif isinstance(deed, ConcessionGranted) and deed.sku in about:
            amount = _in(currency, deed.amount)
            if deed.kind == "partial_refund" and amount is not None:
                yield _Given(ref, Counter({"item": amount}), deed)


def _is(told: _Given, settled: _Given) -> bool:
    return told.parts == settled.parts and _near(told, settled)


def _is_in_all(told: _Given, settled: _Given) -> bool:
    return told.parts.total() == settled.parts.total() and _near(told, settled)


def _near(one: _Given, other: _Given) -> bool:
    return one.claim == other.claim and abs(one.ref.day - other.ref.day) <= SETTLED_WITHIN


def _may_be(told: _Given, settled: _Given) -> bool:
    """True where a refund of another amount may be the settled one: nothing is settled before it is given."""
    before = told.ref.day <= settled.ref.day + _A_DAY
    return isinstance(told.deed, RefundGiven) and before and _near(told, settled)


def goods_given_back(case: Case, currency: str) -> int:
    """What the buyer got back of the goods of the whole order."""
    skus = skus_of(case)
    given = sum(given_back(case, sku, currency)["item"] for sku in skus)
    if len(skus) == 1:
        return given
    whole = [one for _, one in case.told(ConcessionGranted) if one.sku is None]
    return given + sum(
        _in(currency, one.amount) or 0 for one in whole if one.kind == "partial_refund"
    )


def goods_paid(case: Case, entries: Sequence[Entry], currency: str) -> int | None:
    """What was paid for the goods of the whole order; None where nothing tells it of one of them."""
    paid = 0
    for sku in skus_of(case):
        goods = [one for one in limits(case, entries, sku, currency) if "item" in one.components]
        if not goods:
            return None
        paid += goods[0].paid
    return paid if skus_of(case) else None


def _settled_parts(refund: Refund, currency: str) -> Counter[str]:
    """What a settled refund gave the buyer; promotions taken back make it less."""
    parts = Counter({name: -amount for name, amount in _lines(refund.lines, currency)})
    promotion = sum(
        line.amount.minor
        for line in refund.lines
        if code(line.kind) == "PROMOTION" and line.amount.currency == currency
    )
    if parts and promotion:
        parts["item"] -= promotion
    return parts
