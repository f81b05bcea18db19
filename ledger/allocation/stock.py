"""What became of units that a fulfilment centre lost or damaged; each is found or paid for at most once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import takewhile
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from ledger.allocation.payments import Payment, paid_for_stock
from ledger.book import Book
from ledger.case import Case, Movement
from ledger.reasons import WAREHOUSE
from ledger.values import BY_CODE, code

LOSS_CODES: Final = frozenset({"M", "5"})
DAMAGE_CODES: Final = frozenset({"E", "6", "7", "H", "K", "U"})
FC_DAMAGED: Final = "WAREHOUSE_DAMAGED"
_CLOCKS_DIFFER: Final = timedelta(days=1)
"""The ledger's day is the fulfilment centre's, a payment's is the store's."""
_MAYBE_EARLIER: Final = timedelta(days=7)
"""A payment so many days before a loss was told may be for it all the same."""


class StockLoss(msgspec.Struct, kw_only=True, eq=False):
    """Units that a row of the inventory ledger took out of stock, and what has become of them since."""

    movement: Movement
    quantity: int
    unreconciled: int | None
    """Amazon's own number: how many it has not accounted for; None where it is not told."""
    contradicted: str = ""
    """Why Amazon's own numbers cannot be believed as they stand."""
    beside: list[Movement] = msgspec.field(default_factory=list)
    """Rows that misplaced these damaged units again: the same units, not more of them."""
    found: list[Movement] = msgspec.field(default_factory=list)
    """Rows that put units back, one entry a unit."""
    paid: list[Payment] = msgspec.field(default_factory=list)
    taken_back: list[Payment] = msgspec.field(default_factory=list)
    """Payments that Amazon took back: the reversal is judged by itself."""
    maybe: list[Payment] = msgspec.field(default_factory=list)
    """Payments of which it cannot be told whether they are for these units."""
    unseen: bool = False
    """True where only the damaged unit's going astray is told, not its damage."""

    @property
    def open(self) -> int:
        """Units by our own count that were neither found nor paid for."""
        return self.quantity - len(self.found) - len(self.paid) - len(self.taken_back)

    @property
    def day(self) -> date:
        """The day on which it was reported."""
        return self.movement.ref.day

    @property
    def expected(self) -> int:
        """Units that Amazon's own number says are accounted for, and that nothing has been given yet."""
        if self.unreconciled is None:
            return 0
        return self.open - min(abs(self.unreconciled), self.quantity)


class StockLosses(msgspec.Struct, kw_only=True):
    """Losses and damages of one FNSKU, each unit found or paid for at most once."""

    lost: list[StockLoss]
    damaged: list[StockLoss]
    overpaid: list[tuple[StockLoss, Payment]]
    """Payments for units that were found all the same, one for each unit."""


_KNOWN: Final[WeakKeyDictionary[Case, tuple[Book, StockLosses]]] = WeakKeyDictionary()


def stock_losses(case: Case, book: Book) -> StockLosses:
    """Allocate an FNSKU's found units and payments to its losses, first in first out; kept apart by kind.

    Where several losses may have a unit, it goes to one that Amazon itself calls accounted for: Amazon's own
    numbers come first, ours check that they add up. A unit that is damaged first and then misplaced in the
    damaged stock (M on WAREHOUSE_DAMAGED) is one unit: it stands at its damage.
    """
    known = _KNOWN.get(case)
    if known is None or known[0] is not book:
        known = _KNOWN[case] = (book, _stock_losses(case, book))
    return known[1]


def _stock_losses(case: Case, book: Book) -> StockLosses:
    rows = [row for row in case.movements if code(row.kind) == "ADJUSTMENTS"]
    rows.sort(key=lambda row: (row.ref.day, row.ref.slot))
    lost = [_loss(case, row) for row in rows if _takes(row, LOSS_CODES) and not _in_pool(row)]
    damaged = [_loss(case, row) for row in rows if _takes(row, DAMAGE_CODES)]
    astray = [row for row in rows if _takes(row, LOSS_CODES) and _in_pool(row)]
    damaged += _beside(case, damaged, astray)
    payments = _payments(case, book)
    _give_found(lost, damaged, rows, [one for one in payments if one.in_kind])
    left = _give_payments(lost, damaged, payments)
    _doubt(case, book, [*lost, *damaged], left)
    return StockLosses(lost=lost, damaged=damaged, overpaid=_overpaid([*lost, *damaged], left))


# --- the losses -------------------------------------------------------------------------------


def _loss(case: Case, row: Movement) -> StockLoss:
    loss = StockLoss(movement=row, quantity=-row.quantity, unreconciled=None)
    told = case.reconciliations.get(row.ref.slot)
    if told is None or told.unreconciled is None:
        return loss
    loss.unreconciled = told.unreconciled
    if told.unreconciled < 0:
        loss.contradicted = f"Amazon's unreconciled quantity is negative ({told.unreconciled})"
    elif told.reconciled is not None and (
        abs(told.reconciled) + told.unreconciled != loss.quantity
    ):
        loss.contradicted = (
            f"Amazon's numbers, {told.reconciled} reconciled and {told.unreconciled} not, "
            f"are not the {loss.quantity} of the row"
        )
    return loss


def _beside(
    case: Case, damaged: Sequence[StockLoss], astray: Iterable[Movement]
) -> list[StockLoss]:
    """Units that went astray in the damaged stock stand at their damage; returns those without one."""
    room = {id(loss): loss.quantity for loss in damaged}
    alone = []
    for row in astray:
        left = -row.quantity
        for loss in damaged:
            take = min(left, room[id(loss)]) if loss.day <= row.ref.day else 0
            if take > 0:
                room[id(loss)] -= take
                left -= take
                loss.beside.append(row)
                _add_unreconciled(case, loss, row)
        if left > 0:
            loss = _loss(case, row)
            loss.quantity = left
            loss.unseen = True
            alone.append(loss)
    return alone


def _add_unreconciled(case: Case, loss: StockLoss, row: Movement) -> None:
    """What Amazon has not accounted for may stand at the damage or at the going astray."""
    told = case.reconciliations.get(row.ref.slot)
    if told is None or told.unreconciled is None or loss.unreconciled is None:
        return
    loss.unreconciled += abs(told.unreconciled)


def _takes(row: Movement, codes: frozenset[str]) -> bool:
    return row.quantity < 0 and code(row.reason or "") in codes


def _in_pool(row: Movement) -> bool:
    return code(row.disposition or "") == FC_DAMAGED


# --- what was found ---------------------------------------------------------------------------


def _give_found(
    lost: list[StockLoss],
    damaged: list[StockLoss],
    rows: Sequence[Movement],
    in_kind: Sequence[Payment],
) -> None:
    """Units found go to losses, units inspected and found good to damages, what is over to either."""
    found = [row for row in rows if row.quantity > 0 and code(row.reason or "") == "F"]
    gone, broken = sorted(lost, key=_by_day), sorted(damaged, key=_by_day)
    astray = [loss for loss in broken if loss.unseen]
    for row in found:
        _give(astray if _in_pool(row) else gone, row, row.quantity)
    broken = [loss for loss in broken if loss.open > 0]
    for row in _without_in_kind(rows, in_kind):
        _give(broken, row, _give(gone, row, 1))
    for row in _corrections(rows):
        _give(broken, row, row.quantity)


def _without_in_kind(rows: Sequence[Movement], in_kind: Sequence[Payment]) -> list[Movement]:
    """The N rows, one entry a unit, without those that the reimbursements report tells as paid in kind."""
    given = [
        row
        for row in rows
        if row.quantity > 0 and code(row.reason or "") == "N"
        for _ in range(row.quantity)
    ]
    for payment in in_kind:
        if given:
            day = payment.line.ref.day
            given.remove(min(given, key=lambda row: abs((row.ref.day - day).days)))
    return given


def _corrections(rows: Sequence[Movement]) -> Iterator[Movement]:
    """P rows that put units out of the damaged stock back among the sellable ones.

    Their partner, a Q row of the same day, says out of which stock; where none is told they count.
    """
    partners: dict[date, list[bool]] = {}
    for row in rows:
        if _takes(row, frozenset("Q")):
            partners.setdefault(row.ref.day, []).append(_in_pool(row))
    for row in rows:
        sellable = code(row.disposition or "") == "SELLABLE"
        if code(row.reason or "") == "P" and row.quantity > 0 and sellable:
            out_of_pool = partners.get(row.ref.day)
            if not out_of_pool or any(out_of_pool):
                yield row


def _give(losses: list[StockLoss], row: Movement, units: int) -> int:
    """Give units of a row to losses before it; returns how many are left.

    The losses are in order of day, and one that is closed leaves the list: most are, so it stays short.
    """
    for left in range(units, 0, -1):
        fitting = list(takewhile(lambda loss: loss.day <= row.ref.day, losses))
        if not fitting:
            return left
        best = min(fitting, key=lambda loss: (loss.expected <= 0, _abroad(loss, row), loss.day))
        best.found.append(row)
        if best.open <= 0:
            losses.remove(best)
    return 0


def _abroad(loss: StockLoss, row: Movement) -> bool:
    return loss.movement.ref.marketplace != row.ref.marketplace


# --- what was paid ----------------------------------------------------------------------------


def _payments(case: Case, book: Book) -> list[Payment]:
    """Payments for stock of this very FNSKU; one that names an order may be for a unit of that instead."""
    return [
        unit
        for unit in book.ask(paid_for_stock, case.name)
        if unit.kind in WAREHOUSE and unit.line.fnsku == case.name and unit.line.order_id is None
    ]


def _give_payments(
    lost: list[StockLoss], damaged: list[StockLoss], payments: Sequence[Payment]
) -> list[Payment]:
    """Payments by their kind, those that were taken back last; what is left over comes back."""
    waiting = {
        kind: sorted((loss for loss in losses if loss.open > 0), key=_by_day)
        for kind, losses in (("lost", lost), ("damaged", damaged))
    }
    left = []
    for payment in sorted(payments, key=lambda one: one.reversal is not None):
        losses = waiting[WAREHOUSE[payment.kind]]
        fitting = [loss for loss in losses if _may_pay(payment, loss)]
        if not fitting:
            left.append(payment)
            continue
        best = min(fitting, key=partial(_fit, payment))
        (best.paid if payment.reversal is None else best.taken_back).append(payment)
        if best.open <= 0:
            losses.remove(best)
    return [payment for payment in left if payment.reversal is None]


def _by_day(loss: StockLoss) -> tuple[date, str]:
    return loss.day, loss.movement.ref.slot


def _may_pay(payment: Payment, loss: StockLoss) -> bool:
    """True where the loss was told before the payment, and its store pays in that currency."""
    market = BY_CODE.get(loss.movement.ref.marketplace or "")
    here = market is None or market.region == "EU" or _local(payment, loss)
    return here and loss.day <= payment.line.ref.day + _CLOCKS_DIFFER


def _local(payment: Payment, loss: StockLoss) -> bool:
    """True where it was paid in the currency of the store where the loss is.

    In Europe stock lies in countries where it is not sold, and is paid in the currency of a store where it is.
    """
    market = BY_CODE.get(loss.movement.ref.marketplace or "")
    return market is None or payment.line.amount.currency == market.currency


def _fit(payment: Payment, loss: StockLoss) -> tuple[bool, bool, date]:
    return loss.expected <= 0, not _local(payment, loss), loss.day


def _doubt(case: Case, book: Book, losses: Sequence[StockLoss], left: Sequence[Payment]) -> None:
    """Note at each open loss the payments that may be for it: of the other kind, code or FNSKU."""
    open_ones = [loss for loss in losses if loss.open > 0]
    if not open_ones:
        return
    given = {_name(one) for loss in losses for one in loss.paid}
    over = {_name(one) for one in left}
    names = {row.sku for row in case.movements} | {row.asin for row in case.movements}
    near = [
        unit
        for unit in book.ask(paid_for_stock, case.name, *sorted(name for name in names if name))
        if unit.reversal is None and _name(unit) not in given
    ]
    for loss in open_ones:
        loss.maybe = [
            unit
            for unit in near
            if unit.line.ref.day
            >= loss.day
            - (_MAYBE_EARLIER if _name(unit) in over or unit.line.order_id else _CLOCKS_DIFFER)
        ]


def _name(payment: Payment) -> tuple[int, int]:
    return payment.line.ref.position, payment.number


def _overpaid(
    losses: Sequence[StockLoss], left: Sequence[Payment]
) -> list[tuple[StockLoss, Payment]]:
    """Payments left over beside a unit that was found: paid and found, which Amazon may take back."""
    room = {id(loss): len(loss.found) for loss in losses}
    overpaid = []
    for payment in left:
        for loss in losses:
            if room[id(loss)] > 0 and not payment.in_kind and _may_pay(payment, loss):
                room[id(loss)] -= 1
                overpaid.append((loss, payment))
                break
    return overpaid
