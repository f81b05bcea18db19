"""Gives each unit to at most one return, reimbursement or reversal; once, for everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from ledger.book import Book
from ledger.case import Case, MoneyLine, Movement, Refund, Reimbursement, Return
from ledger.values import Money, code

RESTOCK_DAYS: Final = 3
"""A returned unit shows in the inventory ledger within so many days, either side."""
AMAZON_FAULT: Final = frozenset(
    {"DAMAGED", "WAREHOUSE_DAMAGED", "CARRIER_DAMAGED", "DISTRIBUTOR_DAMAGED"}
)
"""Dispositions for which somebody other than the seller may have to pay."""


class RefundedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit for which a buyer got the money back."""

    refund: Refund
    number: int
    """1 for the first unit of this refund."""
    of: int
    """How many units the refund is for."""
    sure: bool
    """False where no report tells the price or quantity sold, so that one unit was assumed."""

    @property
    def name(self) -> str:
        """The unit's name: the refund and the number in it."""
        return f"{self.refund.ref.slot}/{self.number}"


class ReturnedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that came back."""

    returned: Return
    number: int

    @property
    def name(self) -> str:
        """The unit's name: the return and the number in it."""
        return f"{self.returned.ref.slot}/{self.number}"


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's worth of a reimbursement, in cash or in kind, with what was taken back of it."""

    line: Reimbursement
    number: int
    of: int
    in_kind: bool
    reversal: Reimbursement | None = None

    @property
    def amount(self) -> Money:
        """The unit's share of the line in whole minor units; the first unit has what does not divide."""
        share, rest = divmod(self.line.amount.minor, max(self.of, 1))
        return Money(share + (rest if self.number == 1 else 0), self.line.amount.currency)


class Unit(msgspec.Struct, kw_only=True):
    """One physical unit of an order, with at most one refund, one return and one payment."""

    sku: str
    refund: RefundedUnit | None = None
    returned: ReturnedUnit | None = None
    payment: Payment | None = None
    maybe: tuple[Payment, ...] = ()
    """Payments of which it cannot be told whether they are this unit's or another's."""

    @property
    def missing(self) -> bool:
        """True where the buyer was refunded and nothing came back."""
        return self.refund is not None and self.returned is None

    @property
    def damaged(self) -> bool:
        """True where it came back in a state for which the seller may not be to blame."""
        return self.returned is not None and _disposition(self.returned.returned) in AMAZON_FAULT


class OrderUnits(msgspec.Struct, kw_only=True):
    """What became of the units of one order: each refund, return and payment stands at one unit only."""

    units: list[Unit]
    surplus: list[Payment]
    """Payments for which no unit is left: more was paid than came to grief."""
    part_refunds: list[Refund]
    """Refunds of less than a unit's price: the buyer may have been allowed to keep it."""


def order_units(case: Case, book: Book) -> OrderUnits:
    """Allocate an order's refunds, returns and payments to its units.

    By SKU (else ASIN), first in first out by date. Where payments do not suffice for units of different
    kinds, it cannot be told whose they are: all are marked, none is claimed.
    """
    returns = [*case.returns, *book.replacement_returns.get(case.name, ())]
    skus = _skus(case, returns)
    units: list[Unit] = []
    surplus: list[Payment] = []
    part_refunds: list[Refund] = []
    paid = _payments(case, book)
    for sku in skus:
        refunded = refunded_units(case, sku)
        part_refunds += part_refunds_of(case, sku, refunded)
        back = list(_returned_units(_of_sku(returns, sku, case)))
        mine = _paired(sku, refunded, back)
        surplus += _pay(mine, paid.pop(sku, []), case)
        units += mine
    nameless = [payment for rest in paid.values() for payment in rest]
    surplus += _pay_nameless(units, nameless)
    return OrderUnits(units=units, surplus=surplus, part_refunds=part_refunds)


def unit_price(case: Case, sku: str) -> Money | None:
    """What a buyer paid for one unit: by the settled sale, else the shipment, else the order line."""
    for quantity, total in _prices(case, sku):
        if quantity > 0 and total.minor > 0:
            return Money(total.minor // quantity, total.currency)
    return None


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
    counts when its whole price (95 %) has been given back. Where no report tells a price, a refund is for one
    unit; where none tells a quantity, all refunds together are for one.
    """
    price = unit_price(case, sku)
    sold = units_sold(case, sku)
    units: list[RefundedUnit] = []
    given_back = 0
    for refund in sorted(
        (one for one in case.refunds if one.sku == sku), key=lambda one: (one.ref.day, one.ref.slot)
    ):
        principal = -money_of(refund.lines, "Principal", kind="ItemPrice")
        if principal <= 0:
            continue
        given_back += principal
        so_far = (
            (given_back * 100 + 5 * price.minor) // (100 * price.minor) if price else len(units) + 1
        )
        count = min(so_far, sold or 1) - len(units)
        units += [
            RefundedUnit(refund=refund, number=n, of=count, sure=bool(price and sold))
            for n in range(1, count + 1)
        ]
    return units


def part_refunds_of(case: Case, sku: str, units: Sequence[RefundedUnit]) -> list[Refund]:
    """Refunds of principal that gave no unit's whole price back."""
    whole = {unit.refund.ref.slot for unit in units}
    return [
        refund
        for refund in case.refunds
        if refund.sku == sku
        and refund.ref.slot not in whole
        and money_of(refund.lines, "Principal", kind="ItemPrice") < 0
    ]


def money_of(lines: Iterable[MoneyLine], what: str, *, kind: str | None = None) -> int:
    """Sum in minor units of the money lines with this description, Amazon's sign."""
    wanted = code(what)
    return sum(
        line.amount.minor
        for line in lines
        if code(line.what) == wanted and (kind is None or code(line.kind) == code(kind))
    )


def owed_for(unit: RefundedUnit) -> Money | None:
    """What one refunded unit is worth: order price less the fees on it, as the refund itself undid them.

    Principal and promotions given back less the commission that Amazon gave back with them; the refund
    administration fee stays the seller's.
    """
    lines = unit.refund.lines
    taken = [line.amount for line in lines if line.amount.minor]
    if not taken:
        return None
    net = -(
        money_of(lines, "Principal", kind="ItemPrice")
        + sum(line.amount.minor for line in lines if _promotion(line))
        + money_of(lines, "Commission", kind="ItemFees")
    )
    return Money(max(net, 0) // unit.of, taken[0].currency)


def _promotion(line: MoneyLine) -> bool:
    return code(line.kind) == "PROMOTION" and code(line.what) == "PRINCIPAL"


def _prices(case: Case, sku: str) -> Iterator[tuple[int, Money]]:
    for sale in case.sales:
        if sale.sku == sku and sale.lines:
            principal = money_of(sale.lines, "Principal", kind="ItemPrice")
            yield sale.quantity, Money(principal, sale.lines[0].amount.currency)
    for shipment in case.shipments:
        if shipment.sku == sku and shipment.price is not None:
            yield shipment.quantity, shipment.price
    for line in case.lines:
        if line.sku == sku and line.price is not None:
            yield line.quantity, line.price


def _skus(case: Case, returns: Iterable[Return]) -> list[str]:
    """The SKUs that were refunded or sold, then those that only came back."""
    known = _known_skus(case)
    alien = [one.sku for one in returns if _home(one.sku, one.asin, known, case) is None]
    return list(dict.fromkeys([*known, *alien]))


def _home(sku: str | None, asin: str | None, known: Sequence[str], case: Case) -> str | None:
    """The SKU of the order that a row is about: its own, else the one with the same ASIN."""
    if sku in known:
        return sku
    asins = {line.asin: line.sku for line in case.lines if line.asin}
    asins |= {back.asin: back.sku for back in case.returns if back.asin and back.sku in known}
    return asins.get(asin) if asin else None


def _of_sku(returns: Sequence[Return], sku: str, case: Case) -> list[Return]:
    known = _known_skus(case)
    return [one for one in returns if (_home(one.sku, one.asin, known, case) or one.sku) == sku]


def _known_skus(case: Case) -> list[str]:
    told = [refund.sku for refund in case.refunds]
    told += [sale.sku for sale in case.sales]
    told += [shipment.sku for shipment in case.shipments]
    told += [line.sku for line in case.lines]
    return list(dict.fromkeys(told))


def _returned_units(returns: Iterable[Return]) -> Iterator[ReturnedUnit]:
    for returned in sorted(returns, key=lambda one: (one.ref.day, one.ref.slot)):
        for number in range(1, returned.quantity + 1):
            yield ReturnedUnit(returned=returned, number=number)


def _paired(sku: str, refunded: Sequence[RefundedUnit], back: Sequence[ReturnedUnit]) -> list[Unit]:
    units = [Unit(sku=sku, refund=unit) for unit in refunded]
    for place, returned in enumerate(back):
        if place < len(units):
            units[place].returned = returned
        else:
            units.append(Unit(sku=sku, returned=returned))
    return units


def _payments(case: Case, book: Book) -> dict[str | None, list[Payment]]:
    """Payments by the SKU they are for, None where the line names no item of the order."""
    known = _skus(case, case.returns)
    paid: defaultdict[str | None, list[Payment]] = defaultdict(list)
    lines = sorted(
        (one for one in case.reimbursements if not one.reversal),
        key=lambda one: (one.ref.day, one.ref.slot),
    )
    taken = {line.reimbursement_id: _taken_back(line, book) for line in lines}
    for line in lines:
        home = _home(line.sku, line.asin, known, case)
        paid[home] += list(_payment_units(line, taken[line.reimbursement_id]))
    return dict(paid)


def _taken_back(line: Reimbursement, book: Book) -> list[Reimbursement]:
    """One entry for each unit that Amazon took back of a reimbursement."""
    units = []
    for reversal in book.reversals.get(line.reimbursement_id, ()):
        if reversal.fnsku and line.fnsku and reversal.fnsku != line.fnsku:
            continue
        units += [reversal] * max(abs(reversal.cash or 0), 1)
    return units


def _payment_units(line: Reimbursement, taken: list[Reimbursement]) -> Iterator[Payment]:
    count = max(line.units, 1)
    for number in range(1, count + 1):
        yield Payment(
            line=line,
            number=number,
            of=count,
            in_kind=number > (line.cash or 0) and (line.inventory or 0) > 0,
            reversal=taken.pop(0) if taken else None,
        )


def _pay(units: list[Unit], payments: list[Payment], case: Case) -> list[Payment]:
    """Give payments to units; what is left over comes back."""
    left = list(payments)
    for unit in units:
        status = case.return_status.get(unit.returned.returned.ref.slot) if unit.returned else None
        if left and status and code(status) == "REIMBURSED":
            unit.payment = left.pop(0)
    owing = [unit for unit in units if unit.payment is None and (unit.missing or unit.damaged)]
    mixed = len({unit.missing for unit in owing}) > 1
    if mixed and 0 < len(left) < len(owing):
        for unit in owing:
            unit.maybe = tuple(left)
        return []
    for unit in (*owing, *(one for one in units if one.payment is None and one not in owing)):
        if left:
            unit.payment = left.pop(0)
    return left


def _pay_nameless(units: Sequence[Unit], payments: list[Payment]) -> list[Payment]:
    """Payments that name no item may be for any unit of the order: one that is open, else none for sure."""
    if not payments:
        return []
    owing = [
        unit
        for unit in units
        if unit.payment is None and not unit.maybe and (unit.missing or unit.damaged)
    ]
    if len(owing) <= len(payments):
        for unit, payment in zip(owing, payments, strict=False):
            unit.payment = payment
        return payments[len(owing) :]
    for unit in owing:
        unit.maybe = tuple(payments)
    return []


def _disposition(returned: Return) -> str:
    return code(returned.disposition or "")


class Restock(msgspec.Struct, frozen=True):
    """The inventory ledger's row for a returned unit."""

    movement: Movement
    same_disposition: bool


def restocks(book: Book, fnsku: str) -> dict[str, Restock]:
    """Which ledger row put which returned unit of an FNSKU into stock, by the unit's name.

    Each row serves as many units as it moved; a row of the same disposition is preferred, earliest first.
    """
    wanted = list(_returned_units(book.returns_by_fnsku.get(fnsku, ())))
    rows = [
        movement
        for movement in sorted(
            book.stock.get(fnsku, ()), key=lambda one: (one.ref.day, one.ref.slot)
        )
        if code(movement.kind).replace("_", "") == "CUSTOMERRETURNS"
    ]
    room = {row.ref.slot: row.quantity for row in rows}
    found: dict[str, Restock] = {}
    for same in (True, False):
        for unit in wanted:
            if unit.name in found:
                continue
            for row in rows:
                if room[row.ref.slot] > 0 and _restocks(row, unit.returned, same=same):
                    room[row.ref.slot] -= 1
                    found[unit.name] = Restock(row, same)
                    break
    return found


def _restocks(row: Movement, returned: Return, *, same: bool) -> bool:
    near = abs(row.ref.day - returned.ref.day) <= timedelta(days=RESTOCK_DAYS)
    return near and (not same or code(row.disposition or "") == _disposition(returned))


LOSS_CODES: Final = frozenset({"M", "5"})
DAMAGE_CODES: Final = frozenset({"E", "6", "7", "H", "K", "U"})
FC_DAMAGED: Final = "WAREHOUSE_DAMAGED"


class StockLoss(msgspec.Struct, kw_only=True):
    """Units that a row of the inventory ledger took out of stock, and what has become of them since."""

    movement: Movement
    quantity: int
    found: list[Movement]
    """Rows that put units back, one entry a unit."""
    paid: list[Payment]

    @property
    def open(self) -> int:
        """Units by our own count that were neither found nor paid for."""
        return self.quantity - len(self.found) - len(self.paid)


class StockLosses(msgspec.Struct, kw_only=True):
    """Losses and damages of one FNSKU, each unit found or paid for at most once."""

    lost: list[StockLoss]
    damaged: list[StockLoss]
    found_left: int
    """Units found beyond all losses: the rows before our first may hold their loss."""
    paid_left: list[Payment]


def stock_losses(case: Case, book: Book) -> StockLosses:
    """Allocate an FNSKU's found units and payments to its losses, first in first out; kept apart by kind.

    A unit that is damaged first and then misplaced in the damaged stock (M on WAREHOUSE_DAMAGED) is one
    unit: it stands at its damage.
    """
    rows = [row for row in case.movements if code(row.kind) == "ADJUSTMENTS"]
    lost = [_loss(row) for row in rows if _is(row, LOSS_CODES) and not _in_damaged_pool(row)]
    damaged = [_loss(row) for row in rows if _is(row, DAMAGE_CODES)]
    payments = stock_payments(case.name, book)
    found = [row for row in rows if row.quantity > 0 and row.reason in ("F", "N")]
    in_kind = sum(payment.in_kind for payment in payments["lost"] + payments["damaged"])
    back = [row for row in found for _ in range(row.quantity)]
    in_kind_rows = [row for row in back if row.reason == "N"][:in_kind]
    for row in in_kind_rows:
        back.remove(row)
    corrected = [
        row
        for row in rows
        if row.reason == "P" and row.quantity > 0 and code(row.disposition or "") == "SELLABLE"
        for _ in range(row.quantity)
    ]
    left = _give(lost, back, payments["lost"])
    rest = _give(damaged, corrected, payments["damaged"])
    return StockLosses(
        lost=lost, damaged=damaged, found_left=left[0], paid_left=[*left[1], *rest[1]]
    )


def stock_payments(fnsku: str, book: Book) -> dict[str, list[Payment]]:
    """Payments for units lost or damaged in fulfilment centres, one for each unit, by kind."""
    kinds = {"LOST_WAREHOUSE": "lost", "DAMAGED_WAREHOUSE": "damaged"}
    paid: dict[str, list[Payment]] = {"lost": [], "damaged": []}
    for line in sorted(
        book.stock_payments.get(fnsku, ()), key=lambda one: (one.ref.day, one.ref.slot)
    ):
        kind = kinds.get(code(line.reason))
        if kind and not line.reversal:
            units = list(_payment_units(line, _taken_back(line, book)))
            paid[kind] += [unit for unit in units if unit.reversal is None]
    return paid


def _give(
    losses: Sequence[StockLoss], back: list[Movement], payments: list[Payment]
) -> tuple[int, list[Payment]]:
    for row in back[:]:
        loss = next((one for one in losses if one.open > 0 and _before(one, row)), None)
        if loss is not None:
            loss.found.append(row)
            back.remove(row)
    left = []
    for payment in payments:
        loss = next(
            (
                one
                for one in losses
                if one.open > 0 and one.movement.ref.day <= payment.line.ref.day
            ),
            None,
        )
        if loss is not None:
            loss.paid.append(payment)
        else:
            left.append(payment)
    return len(back), left


def _before(loss: StockLoss, row: Movement) -> bool:
    return loss.movement.ref.day <= row.ref.day


def _loss(row: Movement) -> StockLoss:
    return StockLoss(movement=row, quantity=-row.quantity, found=[], paid=[])


def _is(row: Movement, codes: frozenset[str]) -> bool:
    return row.quantity < 0 and (row.reason or "") in codes


def _in_damaged_pool(row: Movement) -> bool:
    return code(row.disposition or "") == FC_DAMAGED
