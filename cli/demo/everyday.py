"""The seller's ordinary days: orders by the hundred, returns that go as they should, fees, deliveries."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from cli.demo.catalogue import CENTRES, COMMENTS, Product
from cli.demo.planted_returns import missing_and_paid, seller_bears
from cli.demo.plot import Plot, ago
from cli.demo.world import (
    FIRST_DAY,
    LAST_DAY,
    LAST_ORDER_DAY,
    Order,
    Request,
    at,
    english,
)

_FIRST_SHIPPED = FIRST_DAY + timedelta(days=2)
_LAST_SHIPPED = LAST_ORDER_DAY + timedelta(days=1)
_LAST_REFUND = LAST_DAY - timedelta(days=12)
"""Ordinary refunds end early enough for the unit to be back before the last download."""


def fill(plot: Plot, orders: int, return_rate: float) -> None:
    """Ordinary orders, evenly over the days, until there are this many in all."""
    missing = orders - len(plot.world.orders)
    days = (_LAST_SHIPPED - _FIRST_SHIPPED).days + 1
    for number in range(missing):
        day = _FIRST_SHIPPED + timedelta(days=number * days // missing)
        if number % 10 == 9:
            _seller_fulfilled(plot, day, return_rate)
        else:
            _fulfilled_by_amazon(plot, day, return_rate)


def _fulfilled_by_amazon(plot: Plot, day: date, return_rate: float) -> None:
    """An order that goes well, or comes back as it should."""
    dice = plot.dice
    if dice.happens(return_rate) and day + timedelta(days=26) < _LAST_REFUND:
        _returned(plot, day, day + timedelta(days=dice.between(8, 26)))
        return
    product = dice.pick(plot.bestsellers if dice.happens(0.7) else plot.variants)
    quantity = 1 if dice.happens(0.9) else dice.between(2, 4)
    promotion = product.price // 10 if dice.happens(0.08) else 0
    if dice.happens(0.03):
        second = plot.line(dice.pick(plot.bestsellers))
        plot.order(dice.moment(day), plot.line(product, quantity), second)
    else:
        plot.sale(day, product, quantity, promotion=promotion)


def _returned(plot: Plot, shipped: date, day: date) -> None:
    """Refunded, and back; one in five unsellable, one in fifteen kept by the buyer and paid by Amazon."""
    dice = plot.dice
    chance = dice.below(100)
    moment = dice.moment(day, 0, 23)
    if chance < 7 and day < ago(50):
        missing_and_paid(plot, moment, dice.between(42, 44), shipped=shipped)
    elif chance < 20:
        disposition = dice.pick(("CUSTOMER_DAMAGED", "DEFECTIVE"))
        seller_bears(plot, moment, disposition, dice.between(1, 6), shipped=shipped)
    else:
        several = dice.happens(0.06)
        refund = plot.refunded(moment, shipped=shipped, quantity=2 if several else 1, units=1)
        back = moment + timedelta(days=dice.between(-3, 9), minutes=dice.below(600))
        plot.come_back(refund.order, back, comment=dice.pick(COMMENTS))


# --- seller-fulfilled ---------------------------------------------------------------------------------

_STATES = ("Approved", "Approved", "Approved", "Completed", "Closed")
_REQUEST_REASONS = ("CR-UNWANTED_ITEM", "AMZ-PG-BAD-DESC", "CR-DEFECTIVE", "CR-ORDERED_WRONG_ITEM")


def _seller_fulfilled(plot: Plot, day: date, return_rate: float) -> None:
    order = _sent_by_seller(plot, day)
    if plot.dice.happens(return_rate) and day + timedelta(days=26) < _LAST_REFUND:
        _request(plot, order, day + timedelta(days=plot.dice.between(6, 12)))


def _sent_by_seller(plot: Plot, day: date) -> Order:
    line = plot.line(plot.dice.pick(plot.bestsellers), shipping=599)
    return plot.order(plot.dice.moment(day), line, programme="FBM")


def _request(
    plot: Plot,
    order: Order,
    day: date,
    *,
    received: bool = True,
    kind: str = "Refund",
    a_to_z: bool = False,
    safe_t: tuple[str, str, str, str, int] | None = None,
    refunded: bool = True,
) -> None:
    """A buyer asks to send it back; the seller refunds when it is there."""
    dice = plot.dice
    back = day + timedelta(days=dice.between(4, 9))
    if back > LAST_DAY:
        received = refunded = False
    if refunded:
        plot.refund(order, dice.moment(back, 9, 18), kind=kind)
    plot.world.requests.append(
        Request(
            order=order,
            day=day,
            status=dice.pick(_STATES) if received else "Pending",
            rma_id="D" + dice.word(7) + "RRMA",
            reason=dice.pick(_REQUEST_REASONS),
            received=back if received else None,
            refunded=order.line.product.price if refunded else None,
            resolution="RefundAtFirstScan" if safe_t else "StandardRefund",
            a_to_z=a_to_z,
            safe_t=safe_t,
        )
    )


def plant_seller_fulfilled(plot: Plot) -> None:
    """Orders that the seller sent: SAFE-T claims, an A-to-z claim, a refund without a return."""
    for days, state in ((150, "Granted"), (96, "Denied"), (33, "Under Investigation")):
        order = _sent_by_seller(plot, ago(days + 9))
        amount = order.line.product.price // 2
        claimed = f"{english(ago(days - 12))} 15:42:10"
        claim = ("Item returned damaged", plot.dice.digits(10), state, claimed, amount)
        _request(plot, order, ago(days), safe_t=claim)
        if state == "Granted":
            plot.charge(
                at(ago(days - 30), 13, 20),
                "SAFE-T Reimbursement",
                "Other Transactions",
                "SAFE-T Reimbursement",
                amount,
                order_id=order.order_id,
            )
    order = _sent_by_seller(plot, ago(80))
    _request(plot, order, ago(70), kind="A-to-z Guarantee Refund", a_to_z=True)
    for days in (167, 120, 64, 47, 22, 4):
        _request(plot, _sent_by_seller(plot, ago(min(days + 6, 170))), ago(days))
    for days in (90, 68):
        order = _sent_by_seller(plot, ago(days + 12))
        plot.refund(order, at(ago(days), 15, 0))
        plot.expect_plain(
            order,
            "seller-fulfilled-not-returned",
            "The seller sent this order himself: Amazon owes nothing for a unit that stays away.",
            "return_missing",
            None,
        )


# --- other orders, fees, deliveries ---------------------------------------------------------------------


def plant_other_orders(plot: Plot) -> None:
    """Orders of other channels, cancelled ones, and those still pending at the last download."""
    for days in (140, 83, 21):
        line = plot.line(plot.dice.pick(plot.bestsellers))
        number = f"S01-{plot.dice.digits(7)}-{plot.dice.digits(7)}"
        plot.order(plot.dice.moment(ago(days)), line, programme="MCF", order_id=number)
    for days in (155, 98, 44):
        plot.unshipped(plot.dice.moment(ago(days)), plot.dice.pick(plot.bestsellers), "Cancelled")
    for hour in (9, 14, 19):
        plot.unshipped(at(LAST_ORDER_DAY, hour, 12), plot.dice.pick(plot.bestsellers), "Pending")


def charge_fees(plot: Plot) -> None:
    """What Amazon charges whether or not anything sells."""
    for month in range(6, 12):
        subscribed, stored = date(2026, month, 1), date(2026, month, 7)
        _charge_fee(plot, at(subscribed, 14, 49), "Subscription Fee", 3999)
        _charge_fee(plot, at(stored, 2, 47), "Storage Fee", plot.dice.between(3100, 6900))
    day = FIRST_DAY + timedelta(days=3)
    while day <= LAST_DAY - timedelta(days=2):
        spent = plot.dice.between(800, 4200)
        kind, what = "Cost of Advertising", "TransactionTotalAmount"
        plot.charge(at(day, 11, 16, 34), "ServiceFee", kind, what, -spent)
        day += timedelta(days=7)


def _charge_fee(plot: Plot, moment: datetime, what: str, amount: int) -> None:
    plot.charge(moment, "other-transaction", "other-transaction", what, -amount)


def stock_up(plot: Plot) -> None:
    """Deliveries to Amazon, enough that no FNSKU ever has less than nothing, and moves between centres."""
    second = FIRST_DAY + timedelta(days=80)
    often = {product.sku for product in plot.bestsellers}
    out: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for movement in plot.world.movements:
        if movement.quantity < 0:
            sku = movement.product.sku
            out[sku][movement.day > second and sku in often] -= movement.quantity
    for number, product in enumerate((*plot.bestsellers, *plot.variants)):
        if product.sku not in out:
            continue
        early, later = out[product.sku]
        centre = CENTRES[number % len(CENTRES)]
        plot.move(FIRST_DAY, product, "Receipts", early + 2, centre)
        if later:
            day = second - timedelta(days=number % 9)
            plot.move(day, product, "Receipts", later + 1, centre)
        if number % 6 == 0:
            day = min(FIRST_DAY + timedelta(days=20 + number * 3), LAST_DAY)
            _transfer(plot, day, product, centre, CENTRES[(number + 3) % len(CENTRES)])
    _transfer(plot, LAST_DAY, plot.bestsellers[0], CENTRES[0], CENTRES[1])
    for days, amount in ((169, 7846), (166, 3522), (97, 4886), (91, 2638)):
        _charge_fee(plot, at(ago(days), 12, 43, 41), "FBAInboundTransportationFee", amount)


def _transfer(plot: Plot, day: date, product: Product, origin: str, target: str) -> None:
    plot.move(day, product, "WhseTransfers", -1, origin)
    plot.move(day, product, "WhseTransfers", 1, target)
