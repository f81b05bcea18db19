"""Accounts that nobody would write down: orders and stock to which anything may have happened."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from tests.ledger.account import ORDER, OTHER, THIRD, TODAY, Account, after

FIRST: Final = "2026-03-01"
DISPOSITIONS: Final = [
    "SELLABLE",
    "DAMAGED",
    "CARRIER_DAMAGED",
    "CUSTOMER_DAMAGED",
    "EXPIRED",
    None,
]
STATUSES: Final = [None, None, "Reimbursed", "Unit returned to inventory", "Disposed"]
ORDER_REASONS: Final = ["CustomerReturn", "CustomerServiceIssue", "GeneralAdjustment"]
STOCK_REASONS: Final = ["Lost_Warehouse", "Damaged_Warehouse", "GeneralAdjustment"]

days: Final = st.integers(1, 170).map(lambda number: after(TODAY, -number))
about_day_90: Final = st.integers(50, 130).map(lambda number: after(TODAY, -number))
about_day_30: Final = st.integers(1, 70).map(lambda number: after(TODAY, -number))
quantities: Final = st.integers(1, 3)
seldom: Final = st.integers(0, 3).map(lambda number: number == 0)


@st.composite
def orders(draw: st.DrawFn, account: Account, order: str) -> None:
    """What happened to one order."""
    sold = draw(quantities)
    account.sold(FIRST, order=order, quantity=sold)
    for number in range(draw(st.integers(0, 3))):
        principal = draw(st.sampled_from(["20.00", "20.00", "20.00", "40.00", "8.00", "-20.00"]))
        account.refunded(draw(about_day_90), order=order, principal=principal, number=number)
    for _ in range(draw(st.integers(0, 2))):
        account.returned(
            draw(about_day_90),
            order=order,
            disposition=draw(st.sampled_from(DISPOSITIONS)),
            status=draw(st.sampled_from(STATUSES)),
        )
    for number in range(draw(st.sampled_from([0, 0, 0, 1, 2, 3]))):
        pay(account, draw(days), f"{order[4:11]}{number}", draw(payments()), order=order)
        if draw(seldom):
            account.taken_back(draw(days), f"{order[4:11]}{number}", f"9{order[4:11]}{number}")


@st.composite
def payments(draw: st.DrawFn) -> dict[str, object]:
    """Money, a unit in kind, or money that names no item."""
    kind = draw(st.sampled_from(["cash", "cash", "kind", "nameless"]))
    reason = draw(st.sampled_from(ORDER_REASONS))
    amount = draw(st.sampled_from(["17.00", "8.50", "34.00"]))
    if kind == "kind":
        return {"amount": "0.00", "cash": 0, "inventory": 1, "reason": reason}
    if kind == "nameless":
        return {"amount": amount, "sku": None, "fnsku": None, "asin": None, "reason": reason}
    return {"amount": amount, "cash": draw(st.integers(1, 2)), "reason": reason}


def pay(account: Account, on: str, payment: str, how: dict[str, object], order: str) -> None:
    """A payment told of its order."""
    account.paid(on, payment, order=order, **how)  # type: ignore[arg-type]  # drawn above


@st.composite
def stock(draw: st.DrawFn, account: Account) -> None:
    """What happened to one FNSKU in fulfilment centres."""
    for _ in range(draw(st.integers(0, 3))):
        quantity = draw(quantities)
        left = draw(st.integers(0, quantity)) if draw(seldom) else quantity
        pool = draw(st.sampled_from(["SELLABLE", "SELLABLE", "WAREHOUSE_DAMAGED"]))
        if draw(st.booleans()):
            account.lost(draw(about_day_30), quantity, left=left, disposition=pool)
        else:
            account.broken(draw(about_day_30), quantity, left=left)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        account.found(draw(days), draw(quantities), reason=draw(st.sampled_from(["F", "N", "P"])))
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        reason = draw(st.sampled_from(STOCK_REASONS))
        account.paid(
            draw(days), f"77{number}", order=None, reason=reason, cash=draw(st.integers(1, 2))
        )
        if draw(seldom):
            account.taken_back(draw(days), f"77{number}", f"88{number}")
    for _ in range(draw(st.integers(0, 1))):
        account.restocked(draw(days))


@st.composite
def accounts(draw: st.DrawFn, covered: bool = True) -> Account:
    """An account with a few orders and one FNSKU; its files speak for all of the time."""
    account = Account()
    if covered:
        account.covers("2026-01-01", TODAY)
    for order in (ORDER, OTHER, THIRD)[: draw(st.integers(0, 3))]:
        draw(orders(account, order))
    if draw(seldom):
        account.replaced(draw(days), order=ORDER, by=OTHER)
    draw(stock(account))
    return account
