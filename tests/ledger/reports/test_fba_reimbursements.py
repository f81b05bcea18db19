"""FBA reimbursements: what Amazon paid for units, in cash or in kind, and what it took back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.event import Event
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.reports.fba_reimbursements import FbaReimbursements
from ledger.values import Money
from tests.ledger.reports.files import (
    Cells,
    events,
    every_dress,
    read,
    real_file,
    report,
    times,
    without,
)

ROW = {
    "approval-date": "2025-10-05T21:14:09+00:00",
    "reimbursement-id": "900000001",
    "case-id": "",
    "amazon-order-id": "111-0000001-0000001",
    "reason": "CustomerReturn",
    "sku": "CAFÉ-250",
    "fnsku": "X000000001",
    "asin": "B000000001",
    "product-name": "Coffee, a tin",
    "condition": "NewItem",
    "currency-unit": "USD",
    "amount-per-unit": "10.10",
    "amount-total": "20.20",
    "quantity-reimbursed-cash": "2",
    "quantity-reimbursed-inventory": "0",
    "quantity-reimbursed-total": "2",
    "original-reimbursement-id": "",
    "original-reimbursement-type": "",
}
REVERSAL = ROW | {
    "amazon-order-id": "",
    "reason": "Reimbursement_Reversal",
    "sku": "Amazon.Found.B000000001",
    "fnsku": "B000000001",
    "amount-per-unit": "-17.50",
    "amount-total": "-17.50",
    "quantity-reimbursed-cash": "-1",
    "quantity-reimbursed-inventory": "1",
    "quantity-reimbursed-total": "0",
    "original-reimbursement-id": "800000009",
    "original-reimbursement-type": "CustomerReturn",
}
IN_KIND = ROW | {
    "reason": "Lost_Warehouse",
    "amount-per-unit": "0.00",
    "amount-total": "0.00",
    "quantity-reimbursed-cash": "0",
    "quantity-reimbursed-inventory": "1",
    "quantity-reimbursed-total": "1",
}


def fact(row: Cells) -> Event:
    return read(report(row)).only.parts[0].event


def test_a_row_tells_what_was_paid_for_which_units() -> None:
    row = read(report(ROW | {"case-id": "7000000001"})).only

    assert row.stream == "order/111-0000001-0000001"
    assert row.money == (Money(2020, "USD"),)
    assert times(row) == {"": "2025-10-05T21:14:09Z"}
    assert events(row)[""] == ReimbursementPosted(
        reimbursement_id="900000001",
        case_id="7000000001",
        order_id="111-0000001-0000001",
        reason="CustomerReturn",
        sku="CAFÉ-250",
        fnsku="X000000001",
        asin="B000000001",
        condition="NewItem",
        amount_per_unit=Money(1010, "USD"),
        amount=Money(2020, "USD"),
        cash=2,
        inventory=0,
        total=2,
    )


def test_an_approval_at_midnight_is_a_day() -> None:
    """Amazon writes a day without a time as midnight UTC."""
    row = read(report(ROW | {"approval-date": "2025-10-05T00:00:00+00:00"})).only

    assert times(row) == {"": "2025-10-05"}


def test_a_reversal_is_kept_though_nobody_knows_what_it_reverses() -> None:
    """The original may lie outside of every file that was downloaded."""
    row = read(report(REVERSAL)).only

    assert row.stream == "stock/B000000001"
    assert row.money == (Money(-1750, "USD"),)
    assert events(row)[""] == ReimbursementReversed(
        reimbursement_id="900000001",
        reason="Reimbursement_Reversal",
        sku="Amazon.Found.B000000001",
        fnsku="B000000001",
        asin="B000000001",
        condition="NewItem",
        amount_per_unit=Money(-1750, "USD"),
        amount=Money(-1750, "USD"),
        cash=-1,
        inventory=1,
        total=0,
        original_id="800000009",
        original_reason="CustomerReturn",
    )


@pytest.mark.parametrize(
    "row",
    [
        ROW | {"reason": "REIMBURSEMENT REVERSAL"},
        ROW | {"amount-total": "-0.01"},
        IN_KIND | {"original-reimbursement-id": "800000009"},
        IN_KIND | {"quantity-reimbursed-inventory": "-1", "quantity-reimbursed-total": "-1"},
    ],
    ids=["its reason", "its sign", "what it names, giving nothing", "units taken back"],
)
def test_a_reversal_is_known_by(row: Cells) -> None:
    assert type(fact(row)) is ReimbursementReversed


@pytest.mark.parametrize(
    "row",
    [IN_KIND, ROW | {"original-reimbursement-id": "800000009"}],
    ids=["a unit in kind", "money for an earlier payment"],
)
def test_what_gives_something_is_no_reversal(row: Cells) -> None:
    assert type(fact(row)) is ReimbursementPosted


def test_a_unit_in_kind_is_a_payment_of_no_money() -> None:
    posted = fact(IN_KIND)

    assert isinstance(posted, ReimbursementPosted)
    assert (posted.amount, posted.cash, posted.inventory) == (Money(0, "USD"), 0, 1)


@pytest.mark.parametrize(
    ("blank", "stream"),
    [
        ((), "order/111-0000001-0000001"),
        (("amazon-order-id",), "stock/X000000001"),
        (("amazon-order-id", "fnsku", "sku"), "account"),
    ],
)
def test_it_belongs_to_its_order_else_to_its_stock_else_to_the_account(
    blank: tuple[str, ...], stream: str
) -> None:
    assert read(report(ROW | dict.fromkeys(blank, ""))).only.stream == stream


def test_a_service_issue_may_tell_neither_quantities_nor_what_it_was() -> None:
    blank = (
        "sku",
        "fnsku",
        "asin",
        "condition",
        "amount-per-unit",
        "quantity-reimbursed-cash",
        "quantity-reimbursed-inventory",
        "quantity-reimbursed-total",
    )
    posted = fact(ROW | {"reason": "CustomerServiceIssue"} | dict.fromkeys(blank, ""))

    assert isinstance(posted, ReimbursementPosted)
    assert (posted.cash, posted.inventory, posted.total, posted.sku) == (None,) * 4
    assert posted.amount == Money(2020, "USD")


def test_a_total_that_is_not_cash_and_inventory_is_kept_as_told() -> None:
    """Amazon's own files have such a row."""
    posted = fact(ROW | {"quantity-reimbursed-cash": "1", "quantity-reimbursed-total": "2"})

    assert isinstance(posted, ReimbursementPosted)
    assert (posted.cash, posted.inventory, posted.total) == (1, 0, 2)


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("reimbursement-id", "900000002"),
        ("sku", "OTHER"),
        ("fnsku", "X000000002"),
        ("reason", "Lost_Warehouse"),
        ("amount-total", "20.21"),
        ("currency-unit", "CAD"),
        ("quantity-reimbursed-cash", "1"),
        ("quantity-reimbursed-inventory", "1"),
        ("quantity-reimbursed-total", "3"),
    ],
)
def test_another_value_is_another_line_of_the_reimbursement(column: str, other: str) -> None:
    """One id may have several lines, told apart by what they pay for."""
    assert read(report(ROW)).only.keys != read(report(ROW | {column: other})).only.keys


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("approval-date", "2025-10-06T00:00:00+00:00"),
        ("case-id", "7000000001"),
        ("product-name", "Coffee"),
        ("reason", "CUSTOMERRETURN"),
        ("amount-total", "20.2"),
    ],
)
def test_what_is_merely_told_otherwise_is_the_same_line(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys == read(report(ROW | {column: other})).only.keys


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(ROW, REVERSAL, IN_KIND)

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 3


def test_one_byte_of_cp1252_is_read() -> None:
    """A no-break space in a title once made a real file unreadable as UTF-8."""
    data = report(ROW).decode().encode("cp1252").replace(b"a tin", b"a\xa0tin")

    assert read(data).told == read(report(ROW)).told


@pytest.mark.parametrize("reason", ["LOST_WAREHOUSE", "Lost_Warehouse", "CUSTOMERRETURN"])
def test_a_reason_in_capitals_is_no_unknown_reason(reason: str) -> None:
    assert read(report(ROW | {"reason": reason})).unknown == set()


def test_an_unknown_reason_is_kept_verbatim_and_reported() -> None:
    told = read(report(ROW | {"reason": "Eaten_By_Mice"}))
    posted = told.only.parts[0].event

    assert isinstance(posted, ReimbursementPosted)
    assert posted.reason == "Eaten_By_Mice"
    assert told.unknown == {"reason: Eaten_By_Mice"}


@given(minor=st.integers(min_value=-(10**12), max_value=10**12))
def test_money_is_exact_to_the_last_cent(minor: int) -> None:
    """Whatever the amount, with or without commas between the thousands."""
    amount = Money(minor, "USD")
    commas = f"{'-' * (minor < 0)}{abs(minor) // 100:,}.{abs(minor) % 100:02}"

    for text in (amount.text, commas):
        assert read(report(ROW | {"amount-total": text})).only.money == (amount,)


def test_every_row_has_a_currency_of_its_own() -> None:
    """A download for North America mixes dollars and pesos; yen have no decimals."""
    told = read(
        report(
            ROW,
            ROW | {"currency-unit": "MXN"},
            ROW | {"currency-unit": "jpy", "amount-per-unit": "900", "amount-total": "1800"},
        )
    ).told

    assert [row.money[0] for row in told] == [
        Money(2020, "USD"),
        Money(2020, "MXN"),
        Money(1800, "JPY"),
    ]


@pytest.mark.parametrize(
    ("column", "found", "problem"),
    [
        ("approval-date", "10/05/2025", "not a date"),
        ("reimbursement-id", "", "the cell is blank"),
        ("reason", "", "the cell is blank"),
        ("currency-unit", "", "the cell is blank"),
        ("currency-unit", "XYZ", "not a currency"),
        ("amount-total", "", "the cell is blank"),
        ("amount-total", "20,20", "not an amount"),
        ("amount-total", "$20.20", "not an amount in USD"),
        ("amount-total", "20.205", "not an amount in USD"),
        ("amount-per-unit", "ten", "not an amount in USD"),
        ("quantity-reimbursed-cash", "1.5", "not a whole number"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(column: str, found: str, problem: str) -> None:
    error = read(report(ROW | {column: found})).refusal

    assert (error.file, error.row, error.column) == ("report.txt", 2, column)
    assert error.found == shown(found)
    assert problem in error.message
    assert error.advice()


def test_a_missing_column_is_named() -> None:
    with pytest.raises(LedgerError, match=r"'fba-reimbursements'.*missing 'currency-unit'"):
        read(report(without(ROW, "currency-unit")))


def test_titles_are_never_read() -> None:
    assert {column.name for column in FbaReimbursements.columns if column.ignored} == {
        "product-name"
    }
    assert "a tin" not in repr(read(report(ROW)).only)


def test_a_real_file_tells_466_lines_that_sum_to_what_was_paid() -> None:
    """USD 7,839.95 exactly; two of its lines are alike in everything."""
    told = read(real_file("FBA_reimbursements__lwgray_US_2013-2016.txt"))
    amounts = [amount for row in told.told for amount in row.money]
    posted = [row.parts[0].event for row in told.told]
    names = Counter((row.stream, row.keys) for row in told.told)

    assert (len(told.told), told.refused, told.unknown) == (466, [], set())
    assert sum(amounts[1:], amounts[0]) == Money(783_995, "USD")
    assert {type(event) for event in posted} == {ReimbursementPosted}
    assert (
        len({event.reimbursement_id for event in posted if isinstance(event, ReimbursementPosted)})
        == 451
    )
    assert Counter(names.values()) == {1: 464, 2: 1}
    assert sum(len(time or "") == 10 for row in told.told for time in times(row).values()) == 149
