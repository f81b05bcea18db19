"""The units for which buyers got their money back, as far as settlements tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from ledger.case import Case, MoneyLine, Refund
from ledger.values import Money, code

WHOLE_PERCENT: Final = 95
"""A refund is for a unit when it gives back this much of its price."""
_OTHERS_FEES: Final = ("REFUND", "SHIPPING", "GIFTWRAP", "FBACUSTOMERRETURN")
"""Fees that are not on the price of the unit: for the refund and the return, and on postage and wrapping."""


class RefundedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit for which a buyer got the money back."""

    refund: Refund
    """The refund that completed its price."""
    number: int
    """1 for the first unit of this refund."""
    of: int
    """How many units the refund completed."""
    worth: Money | None
    """What the unit is worth: the order's price less the fees on it, as the refund itself undid them."""
    doubt: str = ""
    """Why it is not certain that one whole unit was refunded."""

    @property
    def name(self) -> str:
        """The unit's name: the refund and the number in it."""
        return f"{self.refund.ref.slot}/{self.number}"

    @property
    def sure(self) -> bool:
        """True where one whole unit was certainly refunded."""
        return not self.doubt


def unit_price(case: Case, sku: str) -> Money | None:
    """What a buyer paid for one unit: by the settled sale, else the shipment, else the order line.

    Where units were sold at several prices it is the highest: the reading that counts fewer units.
    """
    prices = _prices(case, sku)
    return max(prices, key=lambda price: price.minor) if prices else None


def units_sold(case: Case, sku: str) -> int | None:
    """How many units were sold: sales, shipments and order lines confirm each other and never add."""
    told = [
        sum(sale.quantity for sale in case.sales if sale.sku == sku),
        sum(shipment.quantity for shipment in case.shipments if shipment.sku == sku),
        sum(
            line.quantity
            for line in case.lines
            if line.sku == sku and code(case.order_status.get(line.ref.slot, "")) != "CANCELLED"
        ),
    ]
    return max(told) or None


def refunded_units(case: Case, sku: str) -> list[RefundedUnit]:
    """The units of one SKU for which buyers got their money back, in order of the refunds.

    A refund's units follow from its principal over the price of a unit; part refunds add up, and a unit
    counts when its whole price (95 %) has been given back. A buyer who is charged again takes the last unit
    out. Where no report tells a price, a refund is for one unit; where none tells a quantity, all refunds
    together are for one.
    """
    told = [refund for refund in case.refunds if refund.sku == sku]
    if not told:
        return []
    price = unit_price(case, sku)
    most = units_sold(case, sku) or 1
    units: list[RefundedUnit] = []
    parts: list[Refund] = []
    given_back = 0
    for refund in sorted(told, key=lambda one: (one.ref.occurred_at, one.ref.slot)):
        principal = principal_of(refund)
        given_back += principal
        if principal < 0:
            del units[_whole(given_back, price, len(units) - 1) :]
            parts = []
            continue
        count = min(_whole(given_back, price, len(units) + 1), most) - len(units)
        if principal and count > 0:
            doubt = _doubt(case, sku, price, principal, [*parts, refund], count)
            units += _units([*parts, refund], count, price, doubt)
            parts = []
        elif principal:
            parts.append(refund)
    return units


def part_refunds_of(case: Case, sku: str, units: Sequence[RefundedUnit]) -> list[Refund]:
    """Refunds of principal that gave no unit's whole price back."""
    whole = {unit.refund.ref.slot for unit in units}
    return [
        refund
        for refund in case.refunds
        if refund.sku == sku and refund.ref.slot not in whole and principal_of(refund) > 0
    ]


def whole_prices_in(minor: int, price: Money) -> int:
    """How many units' prices an amount gives back, each of them whole or nearly so; the price is above nothing."""
    return (minor * 100 + (100 - WHOLE_PERCENT) * price.minor) // (100 * price.minor)


def principal_of(refund: Refund) -> int:
    """What a refund gave back of the price, in minor units; negative where the buyer was charged again."""
    return -money_of(refund.lines, "Principal", kind="ItemPrice")


def money_of(lines: Iterable[MoneyLine], what: str, *, kind: str | None = None) -> int:
    """Sum in minor units of the money lines with this description, Amazon's sign."""
    wanted = code(what)
    return sum(
        line.amount.minor
        for line in lines
        if code(line.what) == wanted and (kind is None or code(line.kind) == code(kind))
    )


def _whole(given_back: int, price: Money | None, otherwise: int) -> int:
    """How many units' whole price an amount is, with the last one at 95 % of it."""
    if price is None:
        return max(otherwise, 0)
    short = price.minor * (100 - WHOLE_PERCENT)
    return max((given_back * 100 + short) // (100 * price.minor), 0)


def _doubt(
    case: Case, sku: str, price: Money | None, principal: int, refunds: list[Refund], count: int
) -> str:
    """Why a refund may not be for so many whole units; a buyer keeps what was refunded in part."""
    if price is None:
        return "no imported report tells its price: it may be a part of it that was refunded"
    kept = sum(_kept_back(refund.lines) for refund in refunds)
    if kept > 0:
        return (
            f"a restocking fee of {Money(kept, price.currency)} was kept back, as of a unit that was looked at: "
            "it may have come back"
        )
    if len(refunds) > 1:
        return "its price was given back in parts: the buyer may have been allowed to keep it"
    lowest = min(one.minor for one in _prices(case, sku))
    if (price.minor - lowest) * 100 > price.minor * (100 - WHOLE_PERCENT):
        return (
            "units of this order were sold at several prices: it cannot be told how many these are"
        )
    if abs(principal - count * price.minor) * 100 > price.minor * (100 - WHOLE_PERCENT):
        return f"{Money(principal, price.currency)} is not the price of {count} whole units"
    return ""


def _units(
    refunds: Sequence[Refund], count: int, price: Money | None, doubt: str
) -> Iterator[RefundedUnit]:
    worth = _worth(refunds, count, price)
    for number in range(1, count + 1):
        share = None if worth is None else Money(_share(worth.minor, count, number), worth.currency)
        yield RefundedUnit(
            refund=refunds[-1],
            number=number,
            of=count,
            worth=share,
            doubt=doubt,
        )


def _share(minor: int, of: int, number: int) -> int:
    share, rest = divmod(minor, of)
    return share + (rest if number == 1 else 0)


def _worth(refunds: Sequence[Refund], count: int, price: Money | None) -> Money | None:
    """What so many units are worth: order price less the fees on it, as the refunds undid them.

    Principal and promotions given back, less the fees that Amazon gave back with them; the refund
    administration fee stays the seller's, and so does a restocking fee, which he has. Of a refund of more than
    these units, their part.
    """
    lines = [line for refund in refunds for line in refund.lines]
    currencies = {line.amount.currency for line in lines if line.amount.minor}
    if len(currencies) != 1:
        return None
    principal = -money_of(lines, "Principal", kind="ItemPrice")
    fees = sum(line.amount.minor for line in lines if _fee_on_price(line))
    promotion = sum(line.amount.minor for line in lines if _promotion(line))
    net = max(principal - promotion - fees - _kept_back(lines), 0)
    if price is not None and principal > count * price.minor:
        net = net * count * price.minor // principal
    return Money(net, currencies.pop())


def _kept_back(lines: Iterable[MoneyLine]) -> int:
    """What was kept back of the price as a restocking fee, in minor units."""
    return money_of(lines, "RestockingFee", kind="ItemPrice")


def _fee_on_price(line: MoneyLine) -> bool:
    what = code(line.what).replace("_", "")
    return code(line.kind) == "ITEMFEES" and not what.startswith(_OTHERS_FEES)


def _promotion(line: MoneyLine) -> bool:
    return code(line.kind) == "PROMOTION" and code(line.what) == "PRINCIPAL"


def _prices(case: Case, sku: str) -> list[Money]:
    """Unit prices by the first kind of report that tells any."""
    sales = [
        (sale.quantity, Money(_principal(sale.lines), sale.lines[0].amount.currency))
        for sale in case.sales
        if sale.sku == sku and sale.lines
    ]
    shipped = [(one.quantity, one.price) for one in case.shipments if one.sku == sku]
    ordered = [(line.quantity, line.price) for line in case.lines if line.sku == sku]
    for told in (sales, shipped, ordered):
        prices = [
            Money(total.minor // quantity, total.currency)
            for quantity, total in told
            if total is not None and quantity > 0 and total.minor >= quantity
        ]
        if prices:
            return prices
    return []


def _principal(lines: Iterable[MoneyLine]) -> int:
    return money_of(lines, "Principal", kind="ItemPrice")
