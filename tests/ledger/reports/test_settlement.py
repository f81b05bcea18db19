"""Settlements: they foot or are refused, and every row is part of one sale, refund or transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.case import MoneyLine
from ledger.errors import DoesNotFoot, LedgerError, UnreadableFile, UnreadableRow
from ledger.events.settlements import (
    RefundIssued,
    SaleSettled,
    SettlementClosed,
    TransactionSettled,
)
from ledger.keystore import KeyStore
from ledger.report import Reading, RowTold
from ledger.reports.settlement import Settlement
from ledger.sealing import sealed_report, subjects_in
from ledger.table import read_table
from ledger.values import Money
from tests.ledger.reports.files import Cells, every_dress, read, real_file, report, without

COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency "
    "transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name "
    "amount-type amount-description amount fulfillment-id posted-date posted-date-time "
    "order-item-code merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased "
    "promotion-id"
).split()
ORDER_ID = "111-0000001-0000001"
SUMMARY = {
    "settlement-id": "9000000001",
    "settlement-start-date": "2026-03-01 23:10:05 UTC",
    "settlement-end-date": "2026-03-15 23:10:05 UTC",
    "deposit-date": "2026-03-17 23:10:05 UTC",
    "currency": "USD",
}
SALE = {
    "transaction-type": "Order",
    "order-id": ORDER_ID,
    "shipment-id": "D00000001",
    "marketplace-name": "Amazon.com",
    "fulfillment-id": "AFN",
    "posted-date": "2026-03-02",
    "posted-date-time": "2026-03-02 08:15:00 UTC",
    "order-item-code": "00000000000001",
    "sku": "MUG-BLUE",
    "quantity-purchased": "2",
}
REFUND = {
    "transaction-type": "Refund",
    "order-id": ORDER_ID,
    "adjustment-id": "amzn1:crow:invented",
    "marketplace-name": "Amazon.com",
    "fulfillment-id": "AFN",
    "posted-date": "2026-03-09",
    "posted-date-time": "2026-03-09 17:00:01 UTC",
    "order-item-code": "00000000000001",
    "merchant-adjustment-item-id": "400000000001",
    "sku": "MUG-BLUE",
}
OTHER = {
    "transaction-type": "other-transaction",
    "amount-type": "other-transaction",
    "amount-description": "Storage Fee",
    "amount": "-3.50",
    "posted-date": "2026-03-05",
    "posted-date-time": "2026-03-05 01:02:03 UTC",
}


def line(transaction: Cells, kind: str, what: str, amount: str, **changed: str) -> dict[str, str]:
    """A row of this transaction with one amount."""
    return {**transaction, "amount-type": kind, "amount-description": what, "amount": amount} | {
        column.replace("_", "-"): cell for column, cell in changed.items()
    }


ROWS = [
    line(SALE, "ItemPrice", "Principal", "24.00"),
    line(SALE, "ItemFees", "Commission", "-3.60"),
    line(SALE, "Promotion", "Shipping", "-1.00", promotion_id="SPRING"),
    line(REFUND, "ItemPrice", "Principal", "-12.00"),
    line(REFUND, "ItemFees", "RefundCommission", "-0.36"),
    OTHER,
]


def settlement(
    rows: Sequence[Cells], columns: Sequence[str] = COLUMNS, **changed: str
) -> list[dict[str, str]]:
    """A settlement whose summary states what its rows add up to, unless something else is said."""
    total = sum((Decimal(row["amount"]) for row in rows), Decimal(0))
    stated = {"total-amount": f"{total:.2f}"} | {
        column.replace("_", "-"): cell for column, cell in changed.items()
    }
    summary = {**SUMMARY, **stated}
    named = [{"settlement-id": summary["settlement-id"], **row} for row in rows]
    return [{column: row.get(column, "") for column in columns} for row in (summary, *named)]


def european(row: Cells) -> dict[str, str]:
    """The same row as a German settlement writes it."""

    def written(column: str, cell: str) -> str:
        if "date" in column and cell:
            return f"{cell[8:10]}.{cell[5:7]}.{cell[:4]}{cell[10:]}"
        return cell.replace(".", ",") if "amount" in column and cell[-3:-2] == "." else cell

    return {column: written(column, cell) for column, cell in row.items()}


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def told(rows: Sequence[Cells], **changed: str) -> list[RowTold]:
    return read(report(*settlement(rows, **changed))).told


def statement(data: bytes, marketplace: str | None = None) -> Reading:
    """What is noticed of the file as a whole."""
    reading = Reading(file="report.txt", marketplace=marketplace)
    assert list(Settlement().read(read_table(data, "report.txt"), reading))
    return reading


def lines_of(row: RowTold) -> tuple[MoneyLine, ...]:
    event = row.parts[0].event
    return event.lines if isinstance(event, SaleSettled | RefundIssued | TransactionSettled) else ()


def test_the_lines_of_one_sale_are_one_event_in_the_orders_stream() -> None:
    sale = told(ROWS)[1]

    assert (sale.stream, sale.rows) == (f"order/{ORDER_ID}", (3, 4, 5))
    assert sale.parts[0].occurred_at == "2026-03-02T08:15:00Z"
    assert sale.parts[0].event == SaleSettled(
        settlement_id="9000000001",
        order_id=ORDER_ID,
        order_item_code="00000000000001",
        shipment_id="D00000001",
        sku="MUG-BLUE",
        quantity=2,
        programme="FBA",
        marketplace="US",
        lines=(
            MoneyLine("ItemPrice", "Principal", usd("24.00")),
            MoneyLine("ItemFees", "Commission", usd("-3.60")),
            MoneyLine("Promotion", "Shipping", usd("-1.00")),
        ),
    )


def test_the_lines_of_one_refund_are_one_event_in_the_orders_stream() -> None:
    refund = told(ROWS)[2]

    assert (refund.stream, refund.rows) == (f"order/{ORDER_ID}", (6, 7))
    assert refund.parts[0].occurred_at == "2026-03-09T17:00:01Z"
    assert refund.parts[0].event == RefundIssued(
        settlement_id="9000000001",
        order_id=ORDER_ID,
        transaction="Refund",
        trigger="refund",
        adjustment_id="amzn1:crow:invented",
        adjustment_item_id="400000000001",
        order_item_code="00000000000001",
        sku="MUG-BLUE",
        programme="FBA",
        marketplace="US",
        lines=(
            MoneyLine("ItemPrice", "Principal", usd("-12.00")),
            MoneyLine("ItemFees", "RefundCommission", usd("-0.36")),
        ),
    )


def test_anything_else_is_an_event_for_each_row_in_the_accounts_stream() -> None:
    fee = told(ROWS)[3]

    assert (fee.stream, fee.rows) == ("account", (8,))
    assert fee.parts[0].occurred_at == "2026-03-05T01:02:03Z"
    assert fee.parts[0].event == TransactionSettled(
        settlement_id="9000000001",
        transaction="other-transaction",
        lines=(MoneyLine("other-transaction", "Storage Fee", usd("-3.50")),),
    )


def test_the_summary_closes_the_settlement_and_is_no_money_of_its_own() -> None:
    closed = told(ROWS)[0]

    assert (closed.stream, closed.rows, closed.money) == ("account", (2,), ())
    assert closed.parts[0].occurred_at == "2026-03-15T23:10:05Z"
    assert closed.parts[0].event == SettlementClosed(
        settlement_id="9000000001",
        starts_at="2026-03-01T23:10:05Z",
        ends_at="2026-03-15T23:10:05Z",
        deposited_at="2026-03-17T23:10:05Z",
        total=usd("3.54"),
    )


@pytest.mark.parametrize(
    ("transaction", "trigger"),
    [
        ("Refund", "refund"),
        ("A-to-z Guarantee Refund", "a_to_z"),
        ("Chargeback Refund", "chargeback"),
    ],
)
def test_a_refund_says_which_door_it_came_through(transaction: str, trigger: str) -> None:
    changed = {**REFUND, "transaction-type": transaction}
    event = told([line(changed, "ItemPrice", "Principal", "-12.00")])[1].parts[0].event

    assert isinstance(event, RefundIssued)
    assert (event.transaction, event.trigger) == (transaction, trigger)


@pytest.mark.parametrize(
    "column",
    [
        "order-id",
        "adjustment-id",
        "merchant-adjustment-item-id",
        "order-item-code",
        "sku",
        "posted-date-time",
        "transaction-type",
    ],
)
def test_another_transaction_or_item_is_another_refund(column: str) -> None:
    other = {
        "order-id": "111-0000002-0000002",
        "posted-date-time": "2026-03-10 17:00:01 UTC",
        "transaction-type": "Chargeback Refund",
    }.get(column, "OTHER")
    first = line(REFUND, "ItemPrice", "Principal", "-12.00")
    rows = told([first, first | {column: other}])

    assert len(rows) == 3
    assert len({row.keys for row in rows}) == 3


@pytest.mark.parametrize("column", ["order-id", "shipment-id", "order-item-code", "sku"])
def test_another_shipment_or_item_is_another_sale(column: str) -> None:
    other = {"order-id": "111-0000002-0000002"}.get(column, "OTHER")
    first = line(SALE, "ItemPrice", "Principal", "24.00")
    rows = told([first, first | {column: other}])

    assert len({row.keys for row in rows}) == 3


def test_units_are_counted_once_for_each_price() -> None:
    """Two shipments of one item may share all their names: the prices tell the units."""
    rows = [
        line(SALE, "ItemPrice", "Principal", "12.00", quantity_purchased="1"),
        line(SALE, "ItemFees", "Commission", "-5.40", quantity_purchased="1"),
        line(SALE, "ItemPrice", "Principal", "24.00", quantity_purchased="2"),
        line(SALE, "ItemPrice", "Shipping", "4.00", quantity_purchased="2"),
    ]
    event = told(rows)[1].parts[0].event

    assert isinstance(event, SaleSettled)
    assert event.quantity == 3


def test_a_sale_of_fees_alone_sold_no_unit() -> None:
    event = told([line(SALE, "ItemFees", "ShippingChargeback", "-1.00")])[1].parts[0].event

    assert isinstance(event, SaleSettled)
    assert event.quantity == 0


def test_a_sale_of_another_shop_has_no_marketplace() -> None:
    """Amazon ships it from its centres: multi-channel fulfilment."""
    changed = {**SALE, "order-id": "S01-0000001-0000001", "marketplace-name": "Non-Amazon US"}
    row = told([line(changed, "ItemPrice", "Principal", "0.00")])[1]
    event = row.parts[0].event

    assert isinstance(event, SaleSettled)
    assert (row.stream, event.programme, event.marketplace) == (
        "order/S01-0000001-0000001",
        "MCF",
        None,
    )


def test_what_the_seller_ships_is_told_so() -> None:
    event = told([line({**SALE, "fulfillment-id": "MFN"}, "ItemPrice", "Principal", "9.00")])[1]

    assert isinstance(event.parts[0].event, SaleSettled)
    assert event.parts[0].event.programme == "FBM"


@pytest.mark.parametrize(
    ("order_id", "stream"),
    [("", "account"), ("removal0001", "account"), (ORDER_ID, f"order/{ORDER_ID}")],
)
def test_a_removals_name_in_the_orders_column_is_no_order(order_id: str, stream: str) -> None:
    row = told([OTHER | {"order-id": order_id}])[1]

    assert row.stream == stream
    assert isinstance(row.parts[0].event, TransactionSettled)
    assert row.parts[0].event.order_id == (order_id or None)


@pytest.mark.parametrize("missing", ["sku", "order-id"])
def test_a_refund_that_names_no_item_is_kept_as_a_transaction(missing: str) -> None:
    """One row must never keep a whole settlement out."""
    row = told([line({**REFUND, missing: ""}, "ItemPrice", "Goodwill", "-1.00")])[1]

    assert isinstance(row.parts[0].event, TransactionSettled)
    assert row.parts[0].event.transaction == "Refund"


def test_a_row_without_its_time_takes_its_day_and_else_the_settlements_end() -> None:
    rows = [OTHER | {"posted-date-time": ""}, OTHER | {"posted-date-time": "", "posted-date": ""}]
    occurred = [row.parts[0].occurred_at for row in told(rows)[1:]]

    assert occurred == ["2026-03-05", "2026-03-15T23:10:05Z"]


def test_rows_alike_in_everything_are_separate_transactions_of_one_name() -> None:
    """Twelve such rows are in a real settlement; the import counts them."""
    rows = told([OTHER, OTHER])[1:]

    assert [row.rows for row in rows] == [(3,), (4,)]
    assert rows[0].keys == rows[1].keys


@pytest.mark.parametrize(
    "column",
    [
        "transaction-type",
        "order-id",
        "adjustment-id",
        "shipment-id",
        "marketplace-name",
        "amount-type",
        "amount-description",
        "amount",
        "fulfillment-id",
        "posted-date-time",
        "order-item-code",
        "merchant-adjustment-item-id",
        "sku",
        "quantity-purchased",
    ],
)
def test_a_transaction_that_differs_in_anything_told_has_another_name(column: str) -> None:
    other = {
        "amount": "-3.51",
        "posted-date-time": "2026-03-06 01:02:03 UTC",
        "quantity-purchased": "7",
    }
    rows = told([OTHER, OTHER | {column: other.get(column, "other")}])[1:]

    assert rows[0].keys != rows[1].keys


@pytest.mark.parametrize("column", ["merchant-order-id", "merchant-order-item-id", "promotion-id"])
def test_what_is_ignored_is_in_no_fact_and_no_name(column: str) -> None:
    plain, other = told(ROWS), told([row | {column: "Ann Example"} for row in ROWS])

    assert plain == other


def test_another_settlement_names_everything_anew() -> None:
    first, second = told(ROWS), told(ROWS, settlement_id="9000000002")

    assert {row.keys for row in first}.isdisjoint(row.keys for row in second)


def test_the_file_states_its_own_period_and_moment() -> None:
    """In the days of its marketplace: 23:10 in London is the afternoon in Los Angeles."""
    reading = statement(report(*settlement(ROWS)))

    assert reading.period == ("2026-03-01", "2026-03-15")
    assert reading.told_at == "2026-03-15T23:10:05Z"


def test_a_german_settlement_ends_on_the_german_day() -> None:
    rows = [european({**row, "marketplace-name": "Amazon.de"}) for row in settlement(ROWS)]

    assert statement(report(*rows)).period == ("2026-03-02", "2026-03-16")


def test_the_stated_marketplace_dates_a_settlement_that_names_none() -> None:
    assert statement(report(*settlement([OTHER])), "DE").period == ("2026-03-02", "2026-03-16")


def test_european_dates_and_decimals_tell_the_same() -> None:
    """The language of the account changes how it is written, and nothing else."""
    written = [european(row) for row in settlement(ROWS)]

    assert written[0]["total-amount"] == "3,54"
    assert written[1]["posted-date-time"] == "02.03.2026 08:15:00 UTC"
    assert read(report(*written)).told == told(ROWS)


@pytest.mark.parametrize(
    ("amounts", "total", "expected"),
    [
        (["1,234.50", "-0.50"], "1,234.00", "1234.00"),
        (["1.234,50", "-0,50"], "1.234,00", "1234.00"),
        (["1.234,50", "-1.234,50"], "0", "0.00"),
        (["1234,5", "-234,5"], "1000", "1000.00"),
        (["1234", "-1000"], "234", "234.00"),
    ],
)
def test_the_decimal_mark_is_decided_once_for_the_file(
    amounts: list[str], total: str, expected: str
) -> None:
    rows = settlement([OTHER, OTHER], total_amount=total)
    for row, amount in zip(rows[1:], amounts, strict=True):
        row["amount"] = amount
    closed = read(report(*rows)).told[0].parts[0].event

    assert isinstance(closed, SettlementClosed)
    assert closed.total == usd(expected)


@pytest.mark.parametrize("amount", ["-3,50", "-3.5.0", "1.23,4", "3.501", "n/a", ""])
def test_an_amount_written_otherwise_refuses_the_whole_file(amount: str) -> None:
    """What cannot be read cannot be summed: no row of the settlement is believed."""
    rows = settlement(ROWS)
    rows[-1]["amount"] = amount

    with pytest.raises(UnreadableRow) as caught:
        read(report(*rows))
    assert (caught.value.row, caught.value.column) == (8, "amount")


def test_a_settlement_that_does_not_foot_is_refused_with_both_figures() -> None:
    data = report(*settlement(ROWS, total_amount="4.54"))

    with pytest.raises(DoesNotFoot) as caught:
        read(data)
    assert str(caught.value) == (
        "report.txt, row 2, column 'total-amount': the rows of settlement 9000000001 add up to "
        "3.54 USD, and its total is 4.54 USD: a difference of -1.00 USD"
    )
    assert "Download the report again" in caught.value.advice()


def test_nothing_is_told_of_a_file_that_does_not_foot() -> None:
    """Not even the rows before the one that is wrong: the first fact comes after the sums."""
    table = read_table(report(*settlement(ROWS, total_amount="0.00")), "report.txt")
    facts = Settlement().read(table, Reading(file="report.txt"))

    with pytest.raises(DoesNotFoot):
        next(facts)


def test_a_row_with_a_cell_too_many_refuses_the_whole_file() -> None:
    data = report(*settlement(ROWS)).replace(b"Storage Fee", b"Storage\tFee")

    with pytest.raises(UnreadableRow, match=r"row 8: the row has 25 cells under 24 columns"):
        read(data)


@pytest.mark.parametrize("row", range(1, 7))
def test_a_missing_row_is_noticed(row: int) -> None:
    rows = settlement(ROWS)
    del rows[row]

    with pytest.raises(DoesNotFoot):
        read(report(*rows))


def test_a_settlement_without_its_summary_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="no row that states its total"):
        read(report(*settlement(ROWS)[1:]))


def test_joined_downloads_must_foot_one_by_one() -> None:
    """Two wrong totals that cancel out are two wrong totals."""
    later = {
        "settlement_id": "9000000002",
        "settlement_start_date": "2026-03-15 23:10:05 UTC",
        "settlement_end_date": "2026-03-29 23:10:05 UTC",
    }
    both = report(*settlement(ROWS), *settlement(ROWS, **later))
    wrong = report(
        *settlement(ROWS, total_amount="3.00"), *settlement(ROWS, total_amount="4.08", **later)
    )

    assert len(read(both).told) == 8
    assert statement(both).period == ("2026-03-01", "2026-03-29")
    with pytest.raises(DoesNotFoot, match="9000000001"):
        read(wrong)


def test_joined_downloads_may_repeat_the_header() -> None:
    later = {
        "settlement_id": "9000000002",
        "settlement_start_date": "2026-03-15 23:10:05 UTC",
        "settlement_end_date": "2026-03-29 23:10:05 UTC",
    }
    joined = report(*settlement(ROWS)) + report(*settlement(ROWS, **later))

    assert [row.rows[0] for row in read(joined).told] == [2, 3, 6, 8, 10, 11, 14, 16]


def test_joined_downloads_with_days_between_them_are_refused() -> None:
    """A file speaks for one period: the missing settlement would look as if it had been read."""
    later = {
        "settlement_id": "9000000003",
        "settlement_start_date": "2026-03-29 23:10:05 UTC",
        "settlement_end_date": "2026-04-12 23:10:05 UTC",
    }
    with pytest.raises(UnreadableFile, match="between 2026-03-15 and 2026-03-29"):
        read(report(*settlement(ROWS), *settlement(ROWS, **later)))


def test_one_settlement_twice_in_a_file_is_refused() -> None:
    data = report(*settlement(ROWS), *settlement(ROWS))

    with pytest.raises(UnreadableFile, match=r"row 9: settlement 9000000001 .* 2 times"):
        read(data)


def test_promotions_are_optional() -> None:
    columns = [column for column in COLUMNS if column != "promotion-id"]

    assert read(report(*settlement(ROWS, columns))).told == told(ROWS)


@pytest.mark.parametrize("column", ["amount", "total-amount", "adjustment-id"])
def test_a_missing_column_is_named(column: str) -> None:
    rows = [without(row, column) for row in settlement(ROWS)]

    with pytest.raises(LedgerError, match=rf"'settlement'.*missing '{column}'"):
        read(report(*rows))


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    assert read(dressed(report(*settlement(ROWS)))).told == told(ROWS)


def test_unknown_codes_are_kept_verbatim_and_reported() -> None:
    changed = {
        "transaction-type": "Goodwill Hunting",
        "amount-type": "Surprises",
        "amount-description": "Confetti",
        "marketplace-name": "Amazon.aq",
        "fulfillment-id": "DRONE",
    }
    result = read(report(*settlement([OTHER | changed])))
    event = result.told[1].parts[0].event

    assert isinstance(event, TransactionSettled)
    assert event.transaction == "Goodwill Hunting"
    assert event.lines == (MoneyLine("Surprises", "Confetti", usd("-3.50")),)
    assert result.unknown == {f"{column}: {code}" for column, code in changed.items()}


def test_known_codes_are_known_in_any_spelling() -> None:
    rows = [
        *ROWS,
        OTHER | {"amount-description": "FBACustomerReturnPerUnitFee"},
        OTHER | {"transaction-type": "SAFE-T Reimbursement", "amount-type": "Other Transactions"},
        OTHER | {"amount-type": "CouponRedemptionFee", "amount-description": "Save 5 % on mugs"},
    ]

    assert read(report(*settlement(rows))).unknown == set()


AMOUNTS = st.integers(-999_99, 999_99).map(lambda minor: f"{Decimal(minor) / 100:.2f}")
LINES = st.builds(
    lambda transaction, what, amount, order, item: line(
        transaction, "ItemPrice", what, amount, order_id=order, order_item_code=item
    ),
    st.sampled_from([SALE, REFUND, OTHER]),
    st.sampled_from(["Principal", "Shipping", "Tax"]),
    AMOUNTS,
    st.sampled_from([ORDER_ID, "111-0000002-0000002", "removal0001", ""]),
    st.sampled_from(["1", "2"]),
)


@given(st.lists(LINES, min_size=1, max_size=30))
def test_every_row_is_in_one_event_and_the_lines_sum_to_the_total(rows: list[Cells]) -> None:
    facts = told(rows)
    added = sum((part.amount.minor for fact in facts for part in lines_of(fact)), 0)
    closed = facts[0].parts[0].event

    assert isinstance(closed, SettlementClosed)
    assert added == closed.total.minor
    assert added == sum(amount.minor for fact in facts for amount in fact.money)
    assert sorted(row for fact in facts for row in fact.rows) == list(range(2, len(rows) + 3))


@given(st.lists(LINES, min_size=1, max_size=12), st.integers())
def test_the_order_of_the_rows_changes_no_event(rows: list[Cells], turned: int) -> None:
    at = turned % len(rows)
    shuffled = [*reversed(rows[at:]), *rows[:at]]

    assert Counter((fact.stream, fact.keys) for fact in told(rows)) == Counter(
        (fact.stream, fact.keys) for fact in told(shuffled)
    )


@given(st.lists(LINES, min_size=1, max_size=12), st.data())
def test_a_cent_more_or_less_anywhere_is_noticed(rows: list[Cells], data: st.DataObject) -> None:
    written = settlement(rows)
    changed = data.draw(st.integers(1, len(rows)))
    cent = data.draw(st.sampled_from([Decimal("0.01"), Decimal("-0.01")]))
    written[changed]["amount"] = f"{Decimal(written[changed]['amount']) + cent:.2f}"

    with pytest.raises(DoesNotFoot, match=r"a difference of -?0\.01 USD"):
        read(report(*written))


@given(st.data())
def test_a_file_cut_off_anywhere_is_refused(data: st.DataObject) -> None:
    """Or tells the same, where only its last line end is missing or a cell that is not read."""
    whole = report(*settlement([*ROWS, OTHER | {"promotion-id": "LAST ONE"}]))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    try:
        facts = read(cut).told
    except LedgerError:
        return
    assert facts == read(whole).told


def test_the_real_settlement_foots_and_keeps_every_row() -> None:
    data = real_file("Settlement_V2_flat_file__jemagee_US_2017.txt")
    result = read(data)
    lines = [part for row in result.told for part in lines_of(row)]
    kinds = Counter(type(row.parts[0].event) for row in result.told)

    assert sum(part.amount.minor for part in lines) == 4246_20
    assert len(lines) == 2599
    assert sorted(row for fact in result.told for row in fact.rows) == list(range(2, 2602))
    assert kinds == {
        SaleSettled: 780,
        TransactionSettled: 21,
        RefundIssued: 8,
        SettlementClosed: 1,
    }
    assert (result.refused, result.unknown) == ([], set())
    assert statement(data).period == ("2017-02-24", "2017-03-10")


def test_the_units_of_the_real_settlement_are_those_of_its_prices() -> None:
    result = read(real_file("Settlement_V2_flat_file__jemagee_US_2017.txt"))
    sales = [row.parts[0].event for row in result.told]
    units = sum(sale.quantity for sale in sales if isinstance(sale, SaleSettled))

    assert units == 911


@pytest.mark.parametrize("number", ["50011020300", "50018020314", "50034020328"])
def test_the_older_wide_settlement_is_told_apart(number: str) -> None:
    data = real_file(f"Settlement_V1_flat_file__adwweaver_CA_2025_{number}.txt")

    with pytest.raises(UnreadableFile, match=r"nearest to 'settlement'.*missing 'amount-type'"):
        read(data)


def test_what_nobody_knows_in_a_row_belongs_to_its_order(tmp_path: Path) -> None:
    """A buyer who asks to be forgotten is forgotten in settlements, too."""
    rows = settlement([*ROWS, {**OTHER, "order-id": "FWr5Wf6SYq"}])
    data = report(*(told | {"buyer": "Ann Example"} for told in rows))
    digest = sha256(data).hexdigest()
    with KeyStore(
        tmp_path / "keys.db", master=lambda: bytes(32), clock=lambda: datetime.now(UTC)
    ) as keys:
        original = sealed_report(data, digest, read_table(data, "may.txt"), Settlement(), keys)
    orders = {f"order/{one['order-id']}" for one in ROWS if "order-id" in one}

    assert b"Ann" not in original.content
    assert orders | {f"file/{digest}"} == subjects_in(original.content, digest)
