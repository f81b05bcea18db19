"""Each unit has at most one refund, return, payment and restocking; nothing is lost and nothing used twice."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.allocation import (
    OrderUnits,
    PaidUnits,
    Payment,
    ReturnedUnit,
    StockLosses,
    justified_by,
    order_units,
    part_refunds_of,
    payments_in,
    refunded_units,
    restock_of,
    restocks_in,
    stock_losses,
    strays_of,
    taken_by,
    unit_price,
    units_of,
    units_paid,
    units_sold,
)
from ledger.case import Reimbursement
from tests.ledger.account import FNSKU, ORDER, OTHER, SKU, TODAY, Account
from tests.ledger.invented import accounts

MANY = 100


def account() -> Account:
    return Account().covers("2026-01-01", TODAY)


def units(told: Account, order: str = ORDER) -> OrderUnits:
    return order_units(told.case(f"order/{order}"), told.book())


def losses(told: Account) -> StockLosses:
    return stock_losses(told.case(f"stock/{FNSKU}"), told.book())


def refunds(told: Account) -> list[int]:
    """For each refunded unit, how many units its refund was for."""
    return [unit.of for unit in refunded_units(told.case(f"order/{ORDER}"), SKU)]


def name(payment: Payment) -> tuple[int, int]:
    return payment.line.ref.position, payment.number


# --- nothing is lost, nothing is used twice ---------------------------------------------------


@settings(max_examples=MANY)
@given(accounts())
def test_every_return_stands_at_one_unit_of_one_order(told: Account) -> None:
    book = told.book()
    streams = [stream for stream in told.entries if stream.startswith("order/")]
    placed = Counter(
        (unit.returned.returned.ref.position, unit.returned.number)
        for stream in streams
        for unit in order_units(told.case(stream), book).units
        if unit.returned
    )
    came = sum(back.quantity for stream in streams for back in told.case(stream).returns)

    assert (came, {1} if came else set()) == (len(placed), set(placed.values()))


@settings(max_examples=MANY)
@given(accounts())
def test_every_payment_of_an_order_stands_at_one_unit_or_is_left_over(told: Account) -> None:
    book = told.book()
    used: Counter[tuple[int, int]] = Counter()
    doubtful: set[tuple[int, int]] = set()
    for stream in [one for one in told.entries if one.startswith("order/")]:
        allocated = order_units(told.case(stream), book)
        used.update(name(payment) for _, payment in allocated.surplus)
        for unit in allocated.units:
            used.update(name(one) for one in (unit.payment, *unit.top_ups) if one)
            doubtful.update(map(name, unit.maybe))

    assert set(used.values()) <= {1}
    assert set() == doubtful & set(used)


@settings(max_examples=MANY)
@given(accounts())
def test_no_loss_has_more_than_it_lost_and_no_row_gives_more_than_it_has(told: Account) -> None:
    allocated = losses(told)
    everything = [*allocated.lost, *allocated.damaged]
    found = Counter(row.ref.position for loss in everything for row in loss.found)
    paid = Counter(name(one) for loss in everything for one in (*loss.paid, *loss.taken_back))
    paid.update(name(payment) for _, payment in allocated.overpaid)
    rows = {row.ref.position: row.quantity for row in told.case(f"stock/{FNSKU}").movements}

    assert all(loss.open >= 0 for loss in everything)
    assert all(times <= rows[position] for position, times in found.items())
    assert set(paid.values()) <= {1}


@settings(max_examples=MANY)
@given(accounts())
def test_no_row_of_the_ledger_restocks_or_justifies_more_than_it_has(told: Account) -> None:
    book = told.book()
    rows = {row.ref.position: row.quantity for moved in book.stock.values() for row in moved}
    used = Counter(
        restocked.movement.ref.position
        for stream in told.entries
        for unit in order_units(told.case(stream), book).units
        if unit.returned and (restocked := restocks_in(book).of(unit.returned))
    )
    shown: Counter[int] = Counter()
    for stream in told.entries:
        for line in told.case(stream).reimbursements:
            if line.reversal:
                shown.update(row.ref.position for row in justified_by(book, line))
                assert len(justified_by(book, line)) <= taken_by(line)

    assert all(times <= rows[position] for position, times in used.items())
    assert all(times <= rows[position] for position, times in shown.items())


@settings(max_examples=MANY)
@given(accounts())
def test_no_more_units_are_taken_back_than_reversals_say(told: Account) -> None:
    book = told.book()
    account_payments = payments_in(book)
    lines = [line for told_lines in book.payments.values() for line in told_lines]
    taken = Counter(
        one.reversal.ref.position
        for line in lines
        for one in account_payments.of(line)
        if one.reversal
    )
    reversals = {
        line.ref.position: taken_by(line)
        for stream in told.entries
        for line in told.case(stream).reimbursements
        if line.reversal
    }

    assert all(times <= reversals[position] for position, times in taken.items())


@given(
    st.integers(0, 100_000),
    st.integers(0, 5),
    st.integers(0, 5),
    st.one_of(st.none(), st.integers(-1, 12)),
)
def test_the_shares_of_a_line_are_its_money(
    minor: int, cash: int, kind: int, total: int | None
) -> None:
    (line,) = lines(
        amount=f"{minor // 100}.{minor % 100:02}", cash=cash, inventory=kind, total=total
    )
    shares = list(units_of(line))

    assert minor == sum(share.amount.minor for share in shares)
    assert max(cash + kind, total or 0, 1) == len(shares)
    assert [share.number for share in shares] == list(range(1, len(shares) + 1))


def lines(**how: Any) -> list[Reimbursement]:
    told = account().paid("2026-10-15", **how)
    return told.case(f"order/{ORDER}").reimbursements


# --- prices and quantities --------------------------------------------------------------------


def test_the_settled_sale_tells_the_price_before_the_shipment_and_the_order() -> None:
    told = account().ordered("2026-08-20", price="22.00").shipped("2026-08-21", price="21.00")
    case = told.case(f"order/{ORDER}")
    settled = told.sold("2026-08-22", price="20.00").case(f"order/{ORDER}")

    assert ("21.00 USD", "20.00 USD") == (str(unit_price(case, SKU)), str(unit_price(settled, SKU)))


def test_a_price_is_of_one_unit() -> None:
    told = account().ordered("2026-08-20", quantity=3, price="60.00")

    assert "20.00 USD" == str(unit_price(told.case(f"order/{ORDER}"), SKU))


def test_a_sku_that_nobody_sold_has_neither_price_nor_quantity() -> None:
    case = account().sold("2026-08-20").case(f"order/{ORDER}")

    assert (None, None) == (unit_price(case, "BOWL"), units_sold(case, "BOWL"))


def test_reports_of_a_sale_confirm_each_other_and_never_add() -> None:
    told = account().ordered("2026-08-20", quantity=2, price="40.00").shipped("2026-08-21")

    assert 2 == units_sold(told.sold("2026-08-22").case(f"order/{ORDER}"), SKU)


def test_a_cancelled_line_was_not_sold() -> None:
    told = account().ordered("2026-08-20", quantity=2, status="Cancelled")

    assert None is units_sold(told.case(f"order/{ORDER}"), SKU)


@pytest.mark.parametrize(
    ("principals", "units_of_each"),
    [
        (["20.00"], [1]),
        (["40.00"], [2, 2]),
        (["20.00", "20.00"], [1, 1]),
        (["10.00", "10.00"], [1]),
        (["8.00"], []),
        (["30.00", "30.00"], [1, 2, 2]),
        (["200.00"], [3, 3, 3]),
        (["20.00", "-20.00"], []),
        (["40.00", "-20.00"], [2]),
        (["20.00", "-20.00", "20.00"], [1]),
        (["-20.00", "20.00"], []),
    ],
)
def test_part_refunds_add_up_and_recharges_take_away(
    principals: list[str], units_of_each: list[int]
) -> None:
    told = account().sold("2026-08-20", quantity=3)
    for number, principal in enumerate(principals):
        told.refunded(f"2026-09-0{number + 1}", principal=principal, number=number)

    assert units_of_each == refunds(told)


def test_refunds_that_gave_no_whole_price_back_are_part_refunds() -> None:
    told = account().sold("2026-08-20", quantity=2).refunded("2026-09-01")
    told.refunded("2026-09-02", principal="6.00", number=2)
    case = told.case(f"order/{ORDER}")

    assert ["2026-09-02"] == [
        one.ref.occurred_at for one in part_refunds_of(case, SKU, refunded_units(case, SKU))
    ]
    assert ["2026-09-02"] == [one.ref.occurred_at for one in units(told).part_refunds]


def test_refunds_of_two_currencies_have_no_worth() -> None:
    told = account().sold("2026-08-20").refunded("2026-09-01", principal="10.00")
    told.refunded("2026-09-02", principal="10.00", currency="CAD", number=2)

    assert [None] == [one.worth for one in refunded_units(told.case(f"order/{ORDER}"), SKU)]


# --- who gets what ----------------------------------------------------------------------------


def test_a_payment_goes_to_the_unit_that_came_to_grief() -> None:
    """Two refunded, one came back sellable: the payment is for the missing one."""
    told = account().sold("2026-08-20", quantity=2).refunded("2026-09-01", principal="40.00")
    told.returned("2026-09-05").paid("2026-10-15")

    assert [False, True] == [unit.kept for unit in units(told).units]


def test_a_line_by_asin_alone_is_for_the_orders_item() -> None:
    told = account().ordered("2026-08-20").refunded("2026-09-01").paid("2026-10-15", sku="GONE")

    assert [True] == [unit.kept for unit in units(told).units]


def test_a_payment_for_no_item_of_the_order_is_for_what_is_open() -> None:
    told = account().sold("2026-08-20").refunded("2026-09-01")
    told.paid("2026-10-15", sku="GONE", asin=None, fnsku=None)

    assert [True] == [unit.kept for unit in units(told).units]


def test_payments_taken_back_go_to_the_units_that_are_left() -> None:
    told = account().sold("2026-08-20", quantity=2).refunded("2026-09-01", principal="40.00")
    told.paid("2026-10-15", "1").paid("2026-10-16", "2").taken_back("2026-10-20", "1")

    assert [True, False] == [unit.kept for unit in units(told).units]


def test_a_reversal_prefers_the_line_of_its_item_and_its_amount() -> None:
    told = account().paid("2026-10-15", amount="20.00").paid("2026-10-15", amount="17.00")
    told.taken_back("2026-10-20")
    taken = [one.line.amount.text for one in every(told) if one.reversal]

    assert ["17.00"] == taken


def every(told: Account) -> list[Payment]:
    book = told.book()
    account_payments: PaidUnits = payments_in(book)
    return [
        one
        for told_lines in book.payments.values()
        for line in told_lines
        for one in account_payments.of(line)
    ]


@pytest.mark.parametrize(
    ("cash", "inventory", "units_taken"),
    [(-1, 0, 1), (-1, 1, 1), (-3, 0, 3), (0, -2, 2), (None, None, 1), (1, 0, 1)],
)
def test_a_reversal_takes_back_so_many_units(
    cash: int | None, inventory: int | None, units_taken: int
) -> None:
    told = account().taken_back("2026-10-20", cash=cash, inventory=inventory)
    (line,) = told.case(f"stock/{FNSKU}").reimbursements

    assert units_taken == taken_by(line)


def test_a_reversal_of_more_units_than_were_paid_takes_what_there_is() -> None:
    told = account().paid("2026-10-15").taken_back("2026-10-20", cash=-3, amount="-51.00")

    assert [True] == [one.reversal is not None for one in every(told)]


def test_an_unnamed_reversal_takes_the_latest_payment_of_that_amount_before_it() -> None:
    told = account().paid("2026-09-01", "1").paid("2026-10-01", "2").paid("2026-11-01", "3")
    told.taken_back("2026-10-20", of=None)
    taken = [(one.line.reimbursement_id, one.surely) for one in every(told) if one.reversal]

    assert [("2", False)] == taken


def test_an_unnamed_reversal_of_another_amount_takes_nothing() -> None:
    told = account().paid("2026-09-01").taken_back("2026-10-20", of=None, amount="-9.99")

    assert [None] == [one.reversal for one in every(told)]


def test_two_orders_with_one_fnsku_keep_their_own_units() -> None:
    told = account().sold("2026-08-20").refunded("2026-09-01")
    told.sold("2026-08-20", order=OTHER).refunded("2026-09-01", order=OTHER).returned(
        "2026-09-05", order=OTHER
    )

    assert [True, False] == [units(told).units[0].missing, units(told, OTHER).units[0].missing]


@settings(max_examples=MANY)
@given(accounts())
def test_it_does_not_matter_which_unit_is_asked_about_first(told: Account) -> None:
    one, other = told.book(), told.book()
    lines = [line for stream in told.entries for line in told.case(stream).reimbursements]
    back = [line for stream in told.entries for line in told.case(stream).returns]
    returns = [(ReturnedUnit(returned=line, number=1), line) for line in back]
    there = [(restock_of(one, unit), strays_of(one, line)) for unit, line in returns]
    paid = [units_paid(one, line) for line in lines]
    again = [(strays_of(other, line), restock_of(other, unit)) for unit, line in reversed(returns)]

    assert there == [(restocked, strays) for strays, restocked in reversed(again)]
    assert paid == [units_paid(other, line) for line in reversed(lines)][::-1]


def test_the_same_question_asked_twice_is_worked_out_once() -> None:
    told = account().sold("2026-08-20").refunded("2026-09-01").lost("2026-10-15")
    book, case, stock = told.book(), told.case(f"order/{ORDER}"), told.case(f"stock/{FNSKU}")

    assert order_units(case, book) is order_units(case, book)
    assert stock_losses(stock, book) is stock_losses(stock, book)
    assert order_units(case, told.book()) is not order_units(case, book)


def test_what_is_open_of_a_loss_is_what_nothing_was_given_for() -> None:
    told = account().lost("2026-10-10", 5).found("2026-10-12").found("2026-10-13")
    told.paid("2026-10-20", "1", order=None, reason="Lost_Warehouse", cash=2)
    told.taken_back("2026-11-01", "1", cash=-1)
    (loss,) = losses(told).lost

    assert (2, 1, 1, 1) == (len(loss.found), len(loss.paid), len(loss.taken_back), loss.open)
    assert date(2026, 10, 10) == loss.day
