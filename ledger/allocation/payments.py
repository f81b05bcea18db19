"""What Amazon paid, unit by unit, and what it took back of each; counted once for the whole account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from ledger.book import Book
from ledger.case import Reimbursement
from ledger.reasons import AFTER_ORDER, SERVICE, WAREHOUSE
from ledger.values import Money, code

_ELSEWHERE: Final = AFTER_ORDER | SERVICE | frozenset({"LOST_INBOUND"})


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's worth of a reimbursement, in cash or in kind, with what was taken back of it."""

    line: Reimbursement
    number: int
    """1 for the first unit of the line; those in cash come before those in kind."""
    of: int
    cash: int
    """How many of the line's units were paid in cash."""
    reversal: Reimbursement | None = None
    surely: bool = True
    """False where the reversal names no payment and was matched by item and amount."""

    @property
    def in_kind(self) -> bool:
        """True where a unit was given instead of money."""
        return self.number > self.cash

    @property
    def amount(self) -> Money:
        """The unit's share of the line in whole minor units; the first unit has what does not divide."""
        if self.in_kind:
            return Money(0, self.line.amount.currency)
        share, rest = divmod(self.line.amount.minor, self.cash)
        return Money(share + (rest if self.number == 1 else 0), self.line.amount.currency)

    @property
    def kind(self) -> str:
        """Its reason, folded for comparison."""
        return code(self.line.reason)


class PaidUnits:
    """Every unit that an account was paid for, each with the reversal that took it back, if any."""

    def __init__(self, book: Book) -> None:
        lines = [line for told in book.payments.values() for line in told]
        lines.sort(key=_in_order)
        self._lines = {line.ref.position: line for line in lines}
        self._units: dict[int, list[Payment]] = {}
        """The units of each line that was asked about, by its entry's position."""
        self.by_order: defaultdict[str, list[Reimbursement]] = defaultdict(list)
        self.without_order: defaultdict[str, list[Reimbursement]] = defaultdict(list)
        """Payments for what happened after an order that name no order, by SKU and by FNSKU."""
        self._stock: defaultdict[str, list[Reimbursement]] = defaultdict(list)
        for line in lines:
            self._index(line)
        for payment_id in sorted(book.reversals):
            self._take_back(book.reversals[payment_id], book.payments.get(payment_id, ()))
        for fnsku in sorted(book.stock_payments):
            self._take_back_unnamed(book.stock_payments[fnsku])

    def _index(self, line: Reimbursement) -> None:
        names = {name for name in (line.sku, line.fnsku) if name}
        if line.order_id:
            self.by_order[line.order_id].append(line)
        if line.order_id and code(line.reason) not in WAREHOUSE:
            return
        if code(line.reason) in AFTER_ORDER | SERVICE:
            for name in sorted(names):
                self.without_order[name].append(line)
        elif _may_be_stock(line):
            for name in sorted({*names, line.asin or ""} - {""}):
                self._stock[name].append(line)

    def of(self, line: Reimbursement) -> Sequence[Payment]:
        """The units of one line."""
        known = self.at(line.ref.position)
        return known if known is not None else list(units_of(line))

    def at(self, position: int) -> list[Payment] | None:
        """The units of the line in the entry at a position; None where there is no such line."""
        known = self._units.get(position)
        if known is None and (line := self._lines.get(position)) is not None:
            known = self._units[position] = list(units_of(line))
        return known

    def for_stock(self, names: Iterable[str | None]) -> list[Payment]:
        """Units that may be for stock of this FNSKU, SKU or ASIN, whatever the reason says of them.

        Among them what was paid for stock and names an order all the same.
        """
        lines = {
            line.ref.position: line for name in names if name for line in self._stock.get(name, ())
        }
        ordered = sorted(lines.values(), key=_in_order)
        return [unit for line in ordered for unit in self.of(line)]

    def _take_back(
        self, reversals: Iterable[Reimbursement], lines: Iterable[Reimbursement]
    ) -> None:
        """Give each unit taken back to the unit of that payment which is most like it."""
        units = [
            (line, place)
            for line in sorted(lines, key=_in_order)
            for place in range(len(self.of(line)))
        ]
        for reversal in sorted(reversals, key=_in_order):
            for _ in range(taken_by(reversal)):
                left = [one for one in units if self._unit(*one).reversal is None]
                if not left:
                    return
                line, place = min(left, key=lambda one: _unlike(reversal, self._unit(*one)))
                self._mark(line, place, reversal, surely=True)

    def _take_back_unnamed(self, lines: Sequence[Reimbursement]) -> None:
        """A reversal that names no payment takes back the latest one of the same item and amount."""
        unnamed = [line for line in lines if line.reversal and not line.original_id]
        ordered = sorted(lines, key=_in_order) if unnamed else []
        for reversal in sorted(unnamed, key=_in_order):
            for _ in range(taken_by(reversal)):
                alike = [
                    (line, place)
                    for line in ordered
                    if not line.reversal and line.ref.day <= reversal.ref.day
                    for place, unit in enumerate(self.of(line))
                    if unit.reversal is None and unit.amount == _each(reversal)
                ]
                if alike:
                    self._mark(*alike[-1], reversal, surely=False)

    def _unit(self, line: Reimbursement, place: int) -> Payment:
        return self.of(line)[place]

    def _mark(
        self, line: Reimbursement, place: int, reversal: Reimbursement, *, surely: bool
    ) -> None:
        units = self._units[line.ref.position]
        units[place] = msgspec.structs.replace(units[place], reversal=reversal, surely=surely)


_KNOWN: Final[WeakKeyDictionary[Book, PaidUnits]] = WeakKeyDictionary()


def payments_in(book: Book) -> PaidUnits:
    """The account's payments; worked out at the first question, when the book is complete."""
    known = _KNOWN.get(book)
    if known is None:
        known = _KNOWN[book] = PaidUnits(book)
    return known


def units_paid(book: Book, line: Reimbursement) -> Sequence[Payment]:
    """The units of one line, each with what took it back."""
    known = book.ask(units_at, line.ref.position)
    return known if known is not None else list(units_of(line))


def units_at(book: Book, position: int) -> Sequence[Payment] | None:
    """The same by the position of the line's entry; None where the book knows of no such line."""
    return payments_in(book).at(position)


def paid_for_order(book: Book, order_id: str) -> Sequence[Reimbursement]:
    """Payments that name the order, wherever they are recorded."""
    return payments_in(book).by_order.get(order_id, ())


def paid_without_order(book: Book, name: str) -> Sequence[Reimbursement]:
    """Payments for what happened after an order that name this SKU or FNSKU and no order."""
    return payments_in(book).without_order.get(name, ())


def unlinked_payments(book: Book, sku: str, name: str, since: date) -> list[Reimbursement]:
    """Payments of a SKU since a day for other orders that nobody bought, of which nobody knows what they replace."""
    return [
        line
        for order_id, line in book.unsold_payments.get(sku, ())
        if order_id not in book.original_of
        and order_id != name
        and line.ref.day >= since
        and any(unit.reversal is None for unit in units_paid(book, line))
    ]


def paid_for_stock(book: Book, *names: str) -> list[Payment]:
    """Units that may be for stock under any of these names, whatever the reason says of them."""
    return payments_in(book).for_stock(names)


def units_of(line: Reimbursement) -> Iterator[Payment]:
    """The units of one line, as if nothing had been taken back.

    Where the total is more than cash and in kind together, which real files have, the total counts: what
    may have been paid is not claimed.
    """
    cash, in_kind = max(line.cash or 0, 0), max(line.inventory or 0, 0)
    count = max(cash + in_kind, line.total or 0, 1)
    if cash == 0 and (in_kind == 0 or line.amount.minor):
        cash = count  # money is money, whatever the quantities say
    for number in range(1, count + 1):
        yield Payment(line=line, number=number, of=count, cash=cash)


def taken_by(reversal: Reimbursement) -> int:
    """How many units a reversal takes back: those in cash, else those in kind, at least one."""
    return max(abs(reversal.cash or 0), -(reversal.inventory or 0), 1)


def _each(reversal: Reimbursement) -> Money:
    return Money(-reversal.amount.minor // taken_by(reversal), reversal.amount.currency)


def _unlike(reversal: Reimbursement, unit: Payment) -> tuple[bool, ...]:
    line = unit.line
    return (
        reversal.fnsku != line.fnsku,
        reversal.sku != line.sku,
        reversal.asin != line.asin,
        unit.amount != _each(reversal),
        unit.in_kind is not (reversal.cash == 0),
    )


def _may_be_stock(line: Reimbursement) -> bool:
    reason = code(line.reason)
    return reason not in _ELSEWHERE and "REMOVAL" not in reason and "INBOUND" not in reason


def _in_order(line: Reimbursement) -> tuple[date, str, str, int]:
    return line.ref.day, line.ref.slot, line.order_id or "", line.ref.position
