"""What became of the units of an order: each refund, return and payment stands at one unit only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from ledger.allocation.payments import Payment, paid_for_order, units_paid
from ledger.allocation.refunds import (
    WHOLE_PERCENT,
    RefundedUnit,
    part_refunds_of,
    refunded_units,
)
from ledger.book import Book
from ledger.case import Case, Ref, Refund, Replacement, Return
from ledger.values import Money, code

AMAZON_FAULT: Final = frozenset(
    {"DAMAGED", "WAREHOUSE_DAMAGED", "CARRIER_DAMAGED", "DISTRIBUTOR_DAMAGED"}
)
"""Dispositions for which somebody other than the seller may have to pay."""
TOLERANCE_PERCENT: Final = 1
TOLERANCE_MINOR: Final = 10
"""A payment may differ by this much (rounding, shared cents) before it counts as too little."""


class ReplacedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that a buyer was sent again instead of a refund."""

    replacement: Replacement
    number: int

    @property
    def name(self) -> str:
        """The unit's name: the replacement and the number in it."""
        return f"{self.replacement.ref.slot}/{self.number}"


class ReturnedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that came back."""

    returned: Return
    number: int

    @property
    def name(self) -> str:
        """The unit's name: the return and the number in it."""
        return f"{self.returned.ref.slot}/{self.number}"


class Unit(msgspec.Struct, kw_only=True):
    """One physical unit of an order, with at most one refund or replacement, one return and one payment."""

    sku: str
    refund: RefundedUnit | None = None
    replaced: ReplacedUnit | None = None
    returned: ReturnedUnit | None = None
    payment: Payment | None = None
    top_ups: tuple[Payment, ...] = ()
    """Further payments for a unit that the first one did not make good."""
    maybe: tuple[Payment, ...] = ()
    """Payments of which it cannot be told whether they are this unit's or another's."""

    @property
    def given(self) -> Ref | None:
        """The entry that says that the buyer got the money or the goods again: the clock starts there."""
        if self.refund is not None:
            return self.refund.refund.ref
        return self.replaced.replacement.ref if self.replaced else None

    @property
    def missing(self) -> bool:
        """True where the buyer was refunded or sent another, and nothing came back."""
        return self.given is not None and self.returned is None

    @property
    def damaged(self) -> bool:
        """True where it came back in a state for which the seller may not be to blame."""
        return self.disposition in AMAZON_FAULT

    @property
    def disposition(self) -> str | None:
        """The state in which it came back, folded; blank where none is told, None where it did not."""
        return code(self.returned.returned.disposition or "") if self.returned else None

    @property
    def worth(self) -> Money | None:
        """What it is worth, where a refund tells."""
        return self.refund.worth if self.refund else None

    @property
    def paid(self) -> Money | None:
        """What was paid for it and not taken back."""
        if self.payment is None:
            return None
        amount = self.payment.amount
        return _sum([amount, *(one.amount for one in self.top_ups)] if self.kept else [amount * 0])

    @property
    def kept(self) -> bool:
        """True where it was paid for and the payment was not taken back."""
        return self.payment is not None and self.payment.reversal is None

    @property
    def short(self) -> Money | None:
        """By how much the money paid falls short of its worth; None where it does not, or none was paid."""
        paid, worth = self.paid, self.worth
        if not self.kept or paid is None or worth is None or self.payment is None:
            return None
        if self.payment.in_kind or paid.currency != worth.currency:
            return None
        minor = worth.minor - paid.minor
        if minor <= TOLERANCE_MINOR or minor * 100 <= worth.minor * TOLERANCE_PERCENT:
            return None
        return Money(minor, worth.currency)


class OrderUnits(msgspec.Struct, kw_only=True):
    """What became of the units of one order."""

    units: list[Unit]
    surplus: list[tuple[str, Payment]]
    """Payments for which no unit of their SKU is left: more was paid than came to grief."""
    part_refunds: list[Refund]
    """Refunds of less than a unit's price: the buyer may have been allowed to keep it."""
    strangers: frozenset[str]
    """SKUs that came back and that no report says were sold: Amazon may have renamed a unit."""


_KNOWN: Final[WeakKeyDictionary[Case, tuple[Book, OrderUnits]]] = WeakKeyDictionary()


def order_units(case: Case, book: Book) -> OrderUnits:
    """Allocate an order's refunds, replacements, returns and payments to its units.

    By SKU (else ASIN), first in first out by date. Where payments do not suffice for units of different
    kinds, it cannot be told whose they are: all are marked, none is claimed. What came back, or was paid,
    under a replacement's order id belongs to the original order and to no other.
    """
    known = _KNOWN.get(case)
    if known is None or known[0] is not book:
        known = _KNOWN[case] = (book, _order_units(case, book))
    return known[1]


def _order_units(case: Case, book: Book) -> OrderUnits:
    later = _replacements_of(case, book)
    replacement = is_replacement(case, book)
    returns = [] if replacement else _returns(case, book, later)
    known = _known_skus(case)
    returned = _by_home(returns, _Homes(case, known))
    paid = {} if replacement else _payments(case, book, later, known)
    units: list[Unit] = []
    surplus: list[tuple[str, Payment]] = []
    part_refunds: list[Refund] = []
    for sku in dict.fromkeys([*known, *returned]):
        given: list[Unit] = []
        if case.refunds:
            refunded = refunded_units(case, sku)
            part_refunds += part_refunds_of(case, sku, refunded)
            given += [Unit(sku=sku, refund=unit) for unit in refunded]
        if case.replacements and not replacement:
            given += [Unit(sku=sku, replaced=one) for one in _replaced(case, sku, len(given))]
        mine = _paired(sku, given, _returned_units(returned.get(sku, ())))
        if paid:
            surplus += [(sku, payment) for payment in _pay(mine, paid.pop(sku, []), case)]
        units += mine
    if paid:
        nameless = [payment for rest in paid.values() for payment in rest]
        surplus += [("", payment) for payment in _pay_nameless(units, nameless)]
    left = _top_up(units, surplus) if surplus else surplus
    if len(units) > 1 and case.reimbursements:
        _doubt_excess(units)
    return OrderUnits(
        units=units,
        surplus=left,
        part_refunds=part_refunds,
        strangers=frozenset(unit.sku for unit in units if unit.sku not in known),
    )


# --- what came back ---------------------------------------------------------------------------


def is_replacement(case: Case, book: Book) -> bool:
    """True for an order that replaces another one: what comes back under its id belongs to that one."""
    return book.ask(kin_of, case.name)[0]


def kin_of(book: Book, name: str) -> tuple[bool, Sequence[Return]]:
    """Whether an order replaces another one, and what came back under the ids of those that replace it."""
    return _replaces_another(book, name), returned_as(book, name)


def _replaces_another(book: Book, name: str) -> bool:
    if name not in book.original_of:
        return False
    seen = {name}
    order_id = book.original_of.get(name)
    while order_id is not None and order_id not in seen:
        seen.add(order_id)
        order_id = book.original_of.get(order_id)
    return len(seen) > 1 and order_id != name


def unlinked_returns(book: Book, sku: str, name: str, since: date) -> list[Return]:
    """Units of a SKU that came back since a day under other orders, of which nobody knows what they replace."""
    return [
        returned
        for order_id, returned in book.unsold_returns.get(sku, ())
        if order_id not in book.original_of and order_id != name and returned.ref.day >= since
    ]


def returned_as(book: Book, order_id: str) -> Sequence[Return]:
    """What came back under the ids of orders that replace this one."""
    return book.replacement_returns.get(order_id, ())


_CHAINS: Final[WeakKeyDictionary[Book, dict[str, list[str]]]] = WeakKeyDictionary()


def _replacements_of(case: Case, book: Book) -> list[str]:
    """The ids of the orders that replace this one, and of those that replace them."""
    return book.ask(replaced_by, case.name) if case.replacements else []


def replaced_by(book: Book, name: str) -> list[str]:
    """The same by the order's id."""
    chains = _CHAINS.get(book)
    if chains is None:
        chains = _CHAINS[book] = {}
        for later, original in sorted(book.original_of.items()):
            chains.setdefault(original, []).append(later)
    found = [name]
    for order_id in found:
        found += [later for later in chains.get(order_id, ()) if later not in found]
    return found[1:]


def _returns(case: Case, book: Book, later: Sequence[str]) -> list[Return]:
    found = [*case.returns]
    found += book.ask(kin_of, case.name)[1]
    for order_id in later:
        found += book.ask(returned_as, order_id)
    if len(found) < 2:
        return found
    return list({one.ref.position: one for one in found}.values())


def _replaced(case: Case, sku: str, refunded: int) -> list[ReplacedUnit]:
    """Units that were sent again beyond those refunded: one unit may have been both."""
    told = sorted(
        (
            one
            for one in case.replacements
            if one.sku == sku and one.replacement_order_id != case.name
        ),
        key=lambda one: (one.ref.day, one.ref.slot),
    )
    units = [
        ReplacedUnit(replacement=one, number=number)
        for one in told
        for number in range(1, one.quantity + 1)
    ]
    return units[refunded:]


class _Homes:
    """The SKU of an order that a row is about: its own, else the one with the same ASIN."""

    def __init__(self, case: Case, known: Collection[str]) -> None:
        self._known = known
        self._asins = {line.asin: line.sku for line in case.lines if line.asin} if known else {}
        for back in case.returns if known else ():
            if back.asin and back.sku in known:
                self._asins[back.asin] = back.sku

    def of(self, sku: str | None, asin: str | None) -> str | None:
        """None where it is about no known SKU."""
        if sku in self._known:
            return sku
        return self._asins.get(asin) if asin else None


def _by_home(returns: Iterable[Return], homes: _Homes) -> dict[str, list[Return]]:
    """What came back, by the SKU of the order that it is, else by its own."""
    found: dict[str, list[Return]] = {}
    for one in returns:
        found.setdefault(homes.of(one.sku, one.asin) or one.sku, []).append(one)
    return found


def _known_skus(case: Case) -> list[str]:
    kinds = (case.refunds, case.sales, case.shipments, case.lines, case.replacements)
    return list(dict.fromkeys([one.sku for told in kinds for one in told]))


def _returned_units(returns: Sequence[Return]) -> list[ReturnedUnit]:
    if len(returns) > 1:
        returns = sorted(returns, key=lambda one: (one.ref.day, one.ref.slot))
    return [
        ReturnedUnit(returned=returned, number=number)
        for returned in returns
        for number in range(1, returned.quantity + 1)
    ]


def _paired(sku: str, given: Sequence[Unit], back: Sequence[ReturnedUnit]) -> list[Unit]:
    units = list(given)
    for place, returned in enumerate(back):
        if place < len(given):
            units[place].returned = returned
        else:
            units.append(Unit(sku=sku, returned=returned))
    return units


# --- what was paid ----------------------------------------------------------------------------


def _payments(
    case: Case, book: Book, later: Sequence[str], known: Sequence[str]
) -> dict[str | None, list[Payment]]:
    """Payments by the SKU they are for, None where the line names no item of the order."""
    if not (case.reimbursements or later):
        return {}
    lines = [one for one in case.reimbursements if not one.reversal]
    for order_id in later:
        lines += book.ask(paid_for_order, order_id)
    back = _by_home(case.returns, _Homes(case, known))
    homes = _Homes(case, dict.fromkeys([*known, *back]))
    paid: dict[str | None, list[Payment]] = {}
    for line in sorted(lines, key=lambda one: (one.ref.day, one.ref.slot)):
        paid.setdefault(homes.of(line.sku, line.asin), []).extend(units_paid(book, line))
    return paid


def _pay(units: list[Unit], payments: Sequence[Payment], case: Case) -> list[Payment]:
    """Give payments to units, those that were taken back last; what is left over comes back."""
    if not payments:
        return []
    kept = [payment for payment in payments if payment.reversal is None]
    gone = [payment for payment in payments if payment.reversal is not None]
    for unit in units:
        if kept and _said_reimbursed(unit, case):
            unit.payment = kept.pop(0)
    owing = [unit for unit in units if _owing(unit)]
    mixed = len({unit.missing for unit in owing}) > 1
    if mixed and 0 < len(kept) < len(owing):
        for unit in owing:
            unit.maybe = tuple(kept)
        return []
    kept = _hand_out(kept, owing)
    gone = _hand_out(gone, [unit for unit in owing if unit.payment is None])
    if not _are_top_ups(kept, owing):
        kept = _hand_out(kept, [unit for unit in units if unit.payment is None])
    _hand_out(gone, [unit for unit in units if unit.payment is None])
    return kept


def _said_reimbursed(unit: Unit, case: Case) -> bool:
    status = case.return_status.get(unit.returned.returned.ref.slot) if unit.returned else None
    return status is not None and code(status) == "REIMBURSED"


def _owing(unit: Unit) -> bool:
    return unit.payment is None and not unit.maybe and (unit.missing or unit.damaged)


def _hand_out(payments: list[Payment], units: Iterable[Unit]) -> list[Payment]:
    left = list(payments)
    for unit in units:
        if left:
            unit.payment = left.pop(0)
    return left


def _are_top_ups(payments: Sequence[Payment], owing: Sequence[Unit]) -> bool:
    """True where all the money together is no more than the units that came to grief are worth."""
    worth = _sum([unit.worth for unit in owing if unit.worth])
    paid = _sum([*(one.amount for one in payments), *(unit.paid for unit in owing if unit.paid)])
    if worth is None or paid is None or worth.currency != paid.currency:
        return False
    return paid.minor <= worth.minor + TOLERANCE_MINOR * len(owing)


def _pay_nameless(units: Sequence[Unit], payments: Sequence[Payment]) -> list[Payment]:
    """Payments that name no item may be for any unit of the order: one that is open, else none for sure."""
    kept = [payment for payment in payments if payment.reversal is None]
    owing = [unit for unit in units if _owing(unit)]
    if len(owing) <= len(kept):
        return _hand_out(kept, owing)
    for unit in owing:
        unit.maybe = tuple(kept)
    return []


def _top_up(
    units: Sequence[Unit], surplus: Sequence[tuple[str, Payment]]
) -> list[tuple[str, Payment]]:
    """Give what is left to units that were paid too little; what is left then comes back."""
    left = list(surplus)
    for unit in units:
        for sku, payment in left[:]:
            if unit.short is not None and sku in ("", unit.sku) and not payment.in_kind:
                unit.top_ups = (*unit.top_ups, payment)
                left.remove((sku, payment))
    return left


def _doubt_excess(units: Sequence[Unit]) -> None:
    """Money beyond what a unit is worth may be for another one: rows exist that name no number of units."""
    excess = {id(unit): _excess(unit) for unit in units}
    rich = [unit for unit in units if excess[id(unit)] > 0]
    for unit in sorted(units, key=lambda one: not _owing(one)):
        if unit.payment is not None or unit.maybe or not unit.worth or not unit.worth.minor:
            continue
        own = [one for one in rich if _may_have_paid(one, unit)]
        if sum(excess[id(one)] for one in own) * 100 < unit.worth.minor * WHOLE_PERCENT:
            continue
        unit.maybe = tuple(one.payment for one in own if one.payment is not None)
        wanted = unit.worth.minor
        for one in own:
            taken = min(wanted, excess[id(one)])
            excess[id(one)] -= taken
            wanted -= taken


def _excess(unit: Unit) -> int:
    """What was paid for a unit beyond its worth, in minor units."""
    paid, worth = unit.paid, unit.worth
    if not unit.kept or paid is None or worth is None or paid.currency != worth.currency:
        return 0
    return max(paid.minor - worth.minor, 0)


def _may_have_paid(paid: Unit, unit: Unit) -> bool:
    assert paid.payment is not None
    return paid.sku == unit.sku or not paid.payment.line.sku


def _sum(amounts: Sequence[Money]) -> Money | None:
    """The sum of amounts in one currency, else None."""
    if len({money.currency for money in amounts}) != 1:
        return None
    return Money(sum(money.minor for money in amounts), amounts[0].currency)
