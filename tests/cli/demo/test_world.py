"""One world: what one report says of a thing, the others do not deny."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from cli.demo import seller
from tests.cli.demo import shipped
from tests.cli.demo.shipped import Rows, american, by, cents, day, one, with_columns

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="module", params=[None, 1_500], ids=["shipped", "larger"])
def files(request: pytest.FixtureRequest, shipped_files: dict[str, bytes]) -> dict[str, bytes]:
    """The seller in the package, and a larger one."""
    if request.param is None:
        return shipped_files
    return seller.render(seller.build_world(11, request.param))


def settlements(files: dict[str, bytes]) -> list[Rows]:
    return sorted(
        with_columns(files, "settlement-id"), key=lambda rows: rows[0]["settlement-start-date"]
    )


def settled(files: dict[str, bytes]) -> Rows:
    return [row for rows in settlements(files) for row in rows[1:]]


def returns(files: dict[str, bytes]) -> Rows:
    """The returns as last told: the second download, and what only the first one tells."""
    first, second = sorted(
        with_columns(files, "license-plate-number"),
        key=lambda rows: max(row["return-date"] for row in rows),
    )
    begins = min(row["return-date"] for row in second)
    again = {row["license-plate-number"] for row in second}
    earlier = [
        row
        for row in first
        if row["return-date"] < begins and row["license-plate-number"] not in again - {""}
    ]
    return earlier + second


# --- money --------------------------------------------------------------------------------------------


def test_every_settlement_foots(files: dict[str, bytes]) -> None:
    """The first row is the summary; the others sum to its total."""
    for rows in settlements(files):
        assert rows[0]["transaction-type"] == ""
        assert sum(cents(row["amount"]) for row in rows[1:]) == cents(rows[0]["total-amount"])


def test_the_settlements_cover_the_whole_time_without_a_gap(files: dict[str, bytes]) -> None:
    heads = [rows[0] for rows in settlements(files)]
    ends = [head["settlement-end-date"] for head in heads]

    assert ends[:-1] == [head["settlement-start-date"] for head in heads[1:]]
    assert heads[0]["settlement-start-date"] < "2026-06-01"
    assert ends[-1].startswith("2026-11-18")
    for head, rows in zip(heads, settlements(files), strict=True):
        for row in rows[1:]:
            moment = row["posted-date-time"]
            assert head["settlement-start-date"] <= moment < head["settlement-end-date"]


def test_a_settled_sale_has_the_prices_of_the_orders_report(files: dict[str, bytes]) -> None:
    told: dict[tuple[str, ...], int] = defaultdict(int)
    for row in settled(files):
        if row["transaction-type"] == "Order" and row["amount-description"] == "Principal":
            told[row["order-id"], row["sku"]] += cents(row["amount"])
    ordered: dict[tuple[str, ...], int] = defaultdict(int)
    for row in one(with_columns(files, "amazon-order-id", "order-status")):
        if row["order-status"] == "Shipped" and row["item-price"]:
            price = cents(row["item-price"]) - cents(row["item-promotion-discount"] or "0")
            ordered[row["amazon-order-id"], row["sku"]] += price

    assert told == ordered


def test_every_reimbursement_is_settled_with_the_same_amount(files: dict[str, bytes]) -> None:
    paid = Counter(
        (row["sku"], cents(row["amount-total"]))
        for row in one(with_columns(files, "reimbursement-id"))
        if cents(row["amount-total"])
    )
    posted = Counter(
        (row["sku"], cents(row["amount"]))
        for row in settled(files)
        if row["amount-type"] == "FBA Inventory Reimbursement"
    )

    assert paid == posted


def test_the_reimbursements_multiply_and_add_up(files: dict[str, bytes]) -> None:
    for row in one(with_columns(files, "reimbursement-id")):
        cash = int(row["quantity-reimbursed-cash"])
        inventory = int(row["quantity-reimbursed-inventory"])

        assert cents(row["amount-per-unit"]) * abs(cash) == cents(row["amount-total"])
        assert cash + inventory == int(row["quantity-reimbursed-total"])


# --- units --------------------------------------------------------------------------------------------


def test_no_more_units_are_refunded_or_returned_than_were_shipped(
    files: dict[str, bytes],
) -> None:
    orders = one(with_columns(files, "amazon-order-id", "order-status"))
    bought: dict[tuple[str, ...], int] = defaultdict(int)
    for row in orders:
        bought[row["amazon-order-id"], row["sku"]] += int(row["quantity"])
    price: dict[tuple[str, ...], int] = {
        (row["amazon-order-id"], row["sku"]): cents(row["item-price"]) // int(row["quantity"])
        for row in orders
        if row["item-price"]
    }
    refunded: dict[tuple[str, ...], int] = defaultdict(int)
    for row in settled(files):
        price_back = (row["amount-type"], row["amount-description"]) == ("ItemPrice", "Principal")
        if price_back and "Refund" in row["transaction-type"]:
            refunded[row["order-id"], row["sku"]] -= cents(row["amount"])
    back = Counter((row["order-id"], row["sku"]) for row in returns(files))

    assert [
        order for order, amount in refunded.items() if amount > price[order] * bought[order]
    ] == []
    assert [order for order, units in back.items() if units > bought[order]] == []


def test_every_fba_order_is_shipped_and_leaves_the_stock(files: dict[str, bytes]) -> None:
    ordered: dict[str, int] = defaultdict(int)
    for row in one(with_columns(files, "amazon-order-id", "order-status")):
        if row["order-status"] == "Shipped" and row["fulfillment-channel"] == "Amazon":
            ordered[row["sku"]] += int(row["quantity"])
    shipped_units: dict[str, int] = defaultdict(int)
    for row in one(with_columns(files, "shipment-item-id")):
        shipped_units[row["sku"]] += int(row["quantity-shipped"])
    left: dict[str, int] = defaultdict(int)
    for row in one(with_columns(files, "Event Type")):
        if row["Event Type"] == "Shipments":
            left[row["MSKU"]] -= int(row["Quantity"])

    assert ordered == shipped_units == left


def test_no_stock_is_ever_less_than_nothing(files: dict[str, bytes]) -> None:
    for rows in by(one(with_columns(files, "Event Type")), "FNSKU").values():
        moved: dict[date, int] = defaultdict(int)
        for row in rows:
            moved[american(row["Date"])] += int(row["Quantity"])
        stock = 0
        for today in sorted(moved):
            stock += moved[today]
            assert stock >= 0


def test_the_ledger_says_of_each_loss_how_much_is_reconciled(files: dict[str, bytes]) -> None:
    for row in one(with_columns(files, "Event Type")):
        if row["Reason"] in {"M", "5", "E", "7", "H", "K", "U"}:
            told = int(row["Reconciled Quantity"]) + int(row["Unreconciled Quantity"])
            assert told == -int(row["Quantity"])
        else:
            assert row["Unreconciled Quantity"] == "0"


def test_every_unit_of_a_removal_is_asked_for_once(files: dict[str, bytes]) -> None:
    orders = one(with_columns(files, "requested-quantity"))
    parcels = by(one(with_columns(files, "removal-order-type")), "order-id")
    for row in orders:
        parts = ("cancelled", "disposed", "shipped", "in-process")
        told = sum(int(row[f"{part}-quantity"]) for part in parts)
        sent = sum(int(p["shipped-quantity"]) for p in parcels.get((row["order-id"],), []))

        assert told <= int(row["requested-quantity"])
        assert sent == int(row["shipped-quantity"])


def test_ids_are_given_once(files: dict[str, bytes]) -> None:
    settled_ids = [rows[0]["settlement-id"] for rows in settlements(files)]
    ids = [row["reimbursement-id"] for row in one(with_columns(files, "reimbursement-id"))]
    items = [row["shipment-item-id"] for row in one(with_columns(files, "shipment-item-id"))]
    plates = [row["license-plate-number"] for row in returns(files)]
    plates = [plate for plate in plates if plate]

    for told in (settled_ids, ids, items, plates):
        assert len(told) == len(set(told))


# --- time ---------------------------------------------------------------------------------------------


DATED = {
    "return-date": day,
    "approval-date": day,
    "Date": american,
    "shipment-date": day,
    "purchase-date": day,
    "request-date": day,
}


def test_every_report_reaches_to_the_last_days_without_a_hole(files: dict[str, bytes]) -> None:
    """A hole of ten times the usual one would be a gap, and a gap proves nothing."""
    days: dict[tuple[str, ...], set[date]] = defaultdict(set)
    for data in shipped.opened(files).values():
        rows = shipped.rows_of(data)
        for column, read in DATED.items():
            if column in rows[0]:
                days[tuple(sorted(rows[0]))] |= {read(row[column]) for row in rows}
                break
    assert len(days) == 8
    for told in days.values():
        ordered = sorted(told)
        empty = [(b - a).days - 1 for a, b in pairwise(ordered)]
        usual = sum(empty) / len(empty)
        hole = max(empty)

        assert ordered[0] <= date(2026, 6, 14)
        assert ordered[-1] >= AS_OF - timedelta(days=7)
        assert ordered[-1] <= date(2026, 11, 18)
        assert hole <= max(2, 10 * usual)


def test_the_second_download_tells_some_returns_anew(shipped_files: dict[str, bytes]) -> None:
    """Four weeks twice: most rows alike, one with a date that moved, one with another status."""
    first, second = sorted(
        with_columns(shipped_files, "license-plate-number"),
        key=lambda rows: max(row["return-date"] for row in rows),
    )
    again = {row["license-plate-number"]: row for row in second if row["license-plate-number"]}
    both = [
        (row, again[row["license-plate-number"]])
        for row in first
        if row["license-plate-number"] in again
    ]
    changed = [
        {column for column in before if before[column] != after[column]} for before, after in both
    ]

    assert sorted(map(sorted, filter(None, changed))) == [["return-date"], ["status"]]
    assert changed.count(set()) >= 5


def test_the_key_speaks_of_things_in_the_files(
    shipped_files: dict[str, bytes], key: dict[str, Any]
) -> None:
    orders = {
        (row["amazon-order-id"], row["sku"])
        for row in one(with_columns(shipped_files, "amazon-order-id", "order-status"))
    }
    removals = {
        (row["order-id"], row["sku"])
        for row in one(with_columns(shipped_files, "requested-quantity"))
    }
    stock = {(row["FNSKU"], row["MSKU"]) for row in one(with_columns(shipped_files, "Event Type"))}
    for answer in key["expected"]:
        if answer["order_id"]:
            assert (answer["order_id"], answer["sku"]) in orders
        elif answer["removal_order_id"]:
            assert (answer["removal_order_id"], answer["sku"]) in removals
        assert (answer["fnsku"], answer["sku"]) in stock
