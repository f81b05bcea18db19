"""The seller's settlements: every sale, refund and fee, in fourteen-day periods that foot."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from cli.demo.world import Charge, Line, Order, Refund, World

HEADER: Final = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency "
    "transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name "
    "amount-type amount-description amount fulfillment-id posted-date posted-date-time "
    "order-item-code merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased "
    "promotion-id"
).split()
FIRST_PERIOD: Final = datetime(2026, 5, 20, 17, 2, 39, tzinfo=UTC)
PERIODS: Final = 13
"""The last one ends on 2026-11-18."""
_PERIOD: Final = timedelta(days=14)

Posting = tuple[datetime, int, str]
"""When, how much in cents, and the row from the column transaction-type on."""


def starts() -> list[datetime]:
    """When each period starts; the next one's start is its end."""
    return [FIRST_PERIOD + number * _PERIOD for number in range(PERIODS)]


def settlements(world: World) -> Iterator[tuple[str, list[str]]]:
    """Each settlement's id and its lines, the header first."""
    begins = starts()
    periods: list[list[Posting]] = [[] for _ in begins]
    for posting in _postings(world):
        place = bisect_right(begins, posting[0]) - 1
        assert posting[0] < begins[-1] + _PERIOD, "nothing happens after the last settlement"
        periods[place].append(posting)
    for number, (start, postings) in enumerate(zip(begins, periods, strict=True)):
        settlement = str(23_170_000_000 + (world.seed % 1000) * 1_000_003 + number * 71_993_871)
        yield settlement, _lines(settlement, start, postings)


def _lines(settlement: str, start: datetime, postings: list[Posting]) -> list[str]:
    end = start + _PERIOD
    total = sum(posting[1] for posting in postings)
    summary = [
        settlement,
        _utc(start),
        _utc(end),
        _utc(end + timedelta(days=2)),
        _amount(total),
        "USD",
    ]
    postings.sort(key=lambda posting: posting[0])
    return [
        "\t".join(HEADER),
        "\t".join(summary + [""] * 18),
        *(f"{settlement}\t\t\t\t\t\t{row}" for _, _, row in postings),
    ]


def _postings(world: World) -> Iterator[Posting]:
    for order in world.orders:
        if order.shipped is not None and not order.replacement:
            for line in order.lines:
                yield from _sale(order, order.shipped, line)
    for refund in world.refunds:
        yield from _refund(refund)
    for charge in world.charges:
        if charge.amount:
            yield _charge(charge)


def _sale(order: Order, shipped: datetime, line: Line) -> Iterator[Posting]:
    count = line.quantity
    network = "MFN" if order.programme == "FBM" else "AFN"
    store = "Non-Amazon US" if order.programme == "MCF" else "Amazon.com"
    head = f"Order\t{order.order_id}\t{order.order_id}\t\t{line.shipment_id}\t{store}"
    tail = (
        f"{network}\t{shipped.date()}\t{_utc(shipped)}\t{line.item_code}\t\t\t"
        f"{line.product.sku}\t{count}"
    )
    for kind, what, amount in _sale_money(order.programme, line):
        if amount:
            promotion = "FALL-SAVINGS 10OFF" if kind == "Promotion" else ""
            row = f"{head}\t{kind}\t{what}\t{_amount(amount)}\t{tail}\t{promotion}"
            yield shipped, amount, row


def _sale_money(programme: str, line: Line) -> tuple[tuple[str, str, int], ...]:
    count = line.quantity
    fulfilment = -line.product.fee * count
    if programme == "MCF":
        return (("ItemFees", "FBAPerUnitFulfillmentFee", fulfilment * 2),)
    sent_by_amazon = programme == "FBA"
    return (
        ("ItemPrice", "Principal", line.product.price * count),
        ("ItemPrice", "Tax", line.unit_tax * count),
        ("ItemPrice", "Shipping", line.shipping * count),
        ("Promotion", "Principal", -line.promotion * count),
        ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", -line.unit_tax * count),
        ("ItemFees", "Commission", -line.unit_commission * count),
        ("ItemFees", "FBAPerUnitFulfillmentFee", fulfilment if sent_by_amazon else 0),
        ("ItemFees", "ShippingChargeback", -line.shipping * count if sent_by_amazon else 0),
    )


def _refund(refund: Refund) -> Iterator[Posting]:
    order, line, moment = refund.order, refund.line, refund.moment
    network = "MFN" if order.programme == "FBM" else "AFN"
    head = (
        f"{refund.kind}\t{order.order_id}\t{order.order_id}\t{refund.adjustment_id}\t\tAmazon.com"
    )
    tail = (
        f"{network}\t{moment.date()}\t{_utc(moment)}\t{line.item_code}\t\t{refund.item_id}\t"
        f"{line.product.sku}\t\t"
    )
    for kind, what, amount in refund_money(refund):
        if amount:
            yield moment, amount, f"{head}\t{kind}\t{what}\t{_amount(amount)}\t{tail}"


def refund_money(refund: Refund) -> tuple[tuple[str, str, int], ...]:
    """The money lines of one refund: amount type, amount description and cents, as the seller is charged them."""
    line, count = refund.line, refund.quantity
    if refund.shipping_only:
        return (
            ("ItemPrice", "Shipping", -line.shipping),
            ("ItemFees", "ShippingChargeback", line.shipping),
        )

    def part(amount: int) -> int:
        return amount * count * refund.percent // 100

    commission = part(line.unit_commission)
    return (
        ("ItemPrice", "Principal", -part(line.product.price)),
        ("ItemPrice", "Tax", -part(line.unit_tax)),
        ("Promotion", "Principal", part(line.promotion)),
        ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", part(line.unit_tax)),
        ("ItemFees", "Commission", commission),
        ("ItemFees", "RefundCommission", -min(commission * 20 // 100, 500)),
    )


def _charge(charge: Charge) -> Posting:
    moment = charge.moment
    quantity = "" if charge.quantity is None else str(charge.quantity)
    adjustment = f"amzn1:crow:{charge.order_id[4:11]}" if charge.sku and charge.order_id else ""
    row = (
        f"{charge.transaction}\t{charge.order_id}\t\t{adjustment}\t\t\t{charge.kind}\t{charge.what}\t"
        f"{_amount(charge.amount)}\t\t{moment.date()}\t{_utc(moment)}\t\t\t\t{charge.sku}\t"
        f"{quantity}\t"
    )
    return moment, charge.amount, row


def _utc(moment: datetime) -> str:
    return moment.isoformat(" ")[:19] + " UTC"


def _amount(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
