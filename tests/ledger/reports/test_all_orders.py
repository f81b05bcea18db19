"""All orders: the lines that buyers ordered, and how far each had come at its last update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.orders import OrderPlaced, OrderStatusReported
from ledger.reports.all_orders import AllOrders
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

OF_30_COLUMNS = {
    "amazon-order-id": "111-0000001-0000001",
    "merchant-order-id": "111-0000001-0000001",
    "purchase-date": "2026-03-01T04:34:50+00:00",
    "last-updated-date": "2026-03-02T10:00:00+00:00",
    "order-status": "Shipped",
    "fulfillment-channel": "Amazon",
    "sales-channel": "Amazon.com",
    "order-channel": "",
    "url": "",
    "ship-service-level": "Expedited",
    "product-name": 'Mug, 4" high',
    "sku": "MUG-BLUE",
    "asin": "B000000001",
    "item-status": "Shipped",
    "quantity": "2",
    "currency": "USD",
    "item-price": "24.00",
    "item-tax": "1.98",
    "shipping-price": "4.99",
    "shipping-tax": "0.41",
    "gift-wrap-price": "3.00",
    "gift-wrap-tax": "0.25",
    "item-promotion-discount": "2.0",
    "ship-promotion-discount": "4.99",
    "ship-city": "Springfield",
    "ship-state": "OR",
    "ship-postal-code": "97477",
    "ship-country": "US",
    "promotion-ids": "VPC-1 Coupon",
    "signature-confirmation-recommended ": "false",
}
ROW = OF_30_COLUMNS | {
    "buyer-name": "Ann Example",
    "cpf": "123.456.789-09",
    "is-business-order": "true",
    "purchase-order-number": "PO Ann Example",
    "price-designation": "Business Price",
    "is-sold-by-ab": "false",
    "order-item-id": "30000000000001",
}
PENDING = OF_30_COLUMNS | {
    "last-updated-date": "2026-03-01T04:35:00+00:00",
    "order-status": "Pending",
    "item-status": "Unshipped",
    **dict.fromkeys(
        (
            "item-tax",
            "shipping-price",
            "shipping-tax",
            "gift-wrap-price",
            "gift-wrap-tax",
            "item-promotion-discount",
            "ship-promotion-discount",
        ),
        "",
    ),
}


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def placed(row: Cells) -> OrderPlaced:
    event = events(read(report(row)).only)[""]
    assert isinstance(event, OrderPlaced)
    return event


def test_a_row_tells_that_units_were_ordered() -> None:
    """The amounts are of the whole line, as Amazon tells them."""
    row = read(report(ROW)).only

    assert row.stream == "order/111-0000001-0000001"
    assert row.rows == (2,)
    assert times(row)[""] == "2026-03-01T04:34:50Z"
    assert row.money == (usd("24.00"),)
    assert events(row)[""] == OrderPlaced(
        order_id="111-0000001-0000001",
        sku="MUG-BLUE",
        asin="B000000001",
        quantity=2,
        programme="FBA",
        marketplace="US",
        sales_channel="Amazon.com",
        price=usd("24.00"),
        tax=usd("1.98"),
        shipping=usd("4.99"),
        shipping_tax=usd("0.41"),
        gift_wrap=usd("3.00"),
        gift_wrap_tax=usd("0.25"),
        promotion=usd("2.00"),
        shipping_promotion=usd("4.99"),
    )


def test_the_status_is_a_fact_of_its_own_at_the_last_update() -> None:
    row = read(report(ROW)).only

    assert events(row)["status"] == OrderStatusReported(
        order_id="111-0000001-0000001", order_status="Shipped", item_status="Shipped"
    )
    assert times(row)["status"] == row.told_at == "2026-03-02T10:00:00Z"
    assert AllOrders.tells_own_time


def test_a_pending_line_has_no_amounts_but_its_price() -> None:
    """They come with a later update, as a revision of what was ordered."""
    pending, shipped = read(report(PENDING)).only, read(report(OF_30_COLUMNS)).only

    assert placed(PENDING).price == usd("24.00")
    assert placed(PENDING).tax is None
    assert pending.keys == shipped.keys
    assert (pending.told_at or "") < (shipped.told_at or "")


def test_a_cancelled_line_may_have_neither_amounts_nor_currency() -> None:
    row = PENDING | {"item-price": "", "currency": "", "quantity": "0", "order-status": "Cancelled"}

    assert read(report(row)).only.money == ()
    assert (placed(row).price, placed(row).quantity) == (None, 0)


@pytest.mark.parametrize(
    ("store", "channel", "expected"),
    [
        ("Amazon.com", "Amazon", ("US", "FBA")),
        ("Amazon.de", "Amazon", ("DE", "FBA")),
        ("Amazon.co.uk", "Merchant", ("UK", "FBM")),
        ("Non-Amazon", "Amazon", (None, "MCF")),
        ("Non-Amazon US", "Amazon", (None, "MCF")),
    ],
)
def test_the_sales_channel_tells_store_and_programme(
    store: str, channel: str, expected: tuple[str | None, str]
) -> None:
    """One European file holds the orders of all European stores."""
    event = placed(ROW | {"sales-channel": store, "fulfillment-channel": channel})

    assert (event.marketplace, event.programme, event.sales_channel) == (*expected, store)


def test_only_a_newer_form_names_the_item_itself() -> None:
    """And still names it as the older form does, so that no line is told twice."""
    new, old = read(report(ROW)).only, read(report(OF_30_COLUMNS)).only

    assert len(new.keys) == 2
    assert new.keys[-1:] == old.keys
    assert new.parts == old.parts


def test_the_item_tells_two_lines_of_one_sku_apart() -> None:
    first, second = read(report(ROW, ROW | {"order-item-id": "30000000000002"})).told

    assert first.keys[0] != second.keys[0]
    assert first.keys[1] == second.keys[1]


@pytest.mark.parametrize("column", ["amazon-order-id", "sku", "asin"])
def test_another_order_or_product_is_another_line(column: str) -> None:
    first, second = (read(report(row)).only for row in (ROW, ROW | {column: "OTHER"}))

    assert first.keys[-1] != second.keys[-1]


@pytest.mark.parametrize(
    "column",
    sorted({*OF_30_COLUMNS} - {"amazon-order-id", "sku", "asin", "purchase-date"}),
)
def test_what_changes_or_is_ignored_names_nothing(column: str) -> None:
    other = {
        "last-updated-date": "2026-04-01T00:00:01+00:00",
        "quantity": "1",
        "currency": "USD",
        "sales-channel": "Amazon.ca",
        "fulfillment-channel": "Merchant",
    }
    amount = "9.99" if "price" in column or "tax" in column or "discount" in column else "other"
    changed = ROW | {column: other.get(column, amount)}

    assert read(report(changed)).only.keys == read(report(ROW)).only.keys


def test_nothing_of_the_buyer_is_in_any_fact() -> None:
    personal = {
        "ship-city",
        "ship-state",
        "ship-postal-code",
        "buyer-name",
        "buyer-email",
        "buyer-phone-number",
        "recipient-name",
        "cpf",
        "purchase-order-number",
    }
    sealed = {column.name for column in AllOrders.columns if column.personal}
    told = repr(replace(read(report(ROW)).only, personal=()))

    assert personal <= sealed
    assert not any(word in told for word in ("Ann", "Springfield", "97477", "123.456"))


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(
        ROW, ROW | {"sku": "CAFÉ-250", "order-item-id": "", "item-promotion-discount": ""}
    )

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


def test_unknown_codes_are_kept_verbatim_and_reported() -> None:
    codes = {
        "order-status": "Levitating",
        "item-status": "Misty",
        "sales-channel": "Amazon.aq",
        "fulfillment-channel": "Drone",
    }
    told = read(report(ROW | codes))
    row = told.only

    assert events(row)["status"] == OrderStatusReported(
        order_id="111-0000001-0000001", order_status="Levitating", item_status="Misty"
    )
    assert (placed(ROW | codes).marketplace, placed(ROW | codes).programme) == (None, None)
    assert told.unknown == {f"{column}: {code}" for column, code in codes.items()}


def test_known_codes_are_not_reported() -> None:
    assert read(report(ROW, PENDING | {"order-item-id": ""})).unknown == set()


@pytest.mark.parametrize(
    ("column", "found", "problem"),
    [
        ("purchase-date", "3/1/2026 4:34", "not a date"),
        ("last-updated-date", "", "the cell is blank"),
        ("amazon-order-id", "", "the cell is blank"),
        ("sku", "", "the cell is blank"),
        ("quantity", "two", "not a whole number"),
        ("item-price", "24,00", "not an amount"),
        ("item-tax", "$1.98", "not an amount in USD"),
        ("currency", "DOGE", "not a currency"),
        ("order-status", "", "the cell is blank"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(column: str, found: str, problem: str) -> None:
    told = read(report(ROW, ROW | {column: found}, ROW))
    error = told.refused[0]

    assert len(told.told) == 2
    assert (error.row, error.column, error.found) == (3, column, shown(found))
    assert problem in error.message
    assert error.advice()


def test_a_missing_column_is_named() -> None:
    with pytest.raises(LedgerError, match=r"'all-orders'.*missing 'last-updated-date'"):
        read(report(without(ROW, "last-updated-date")))


def test_the_real_orders_are_read_whole() -> None:
    result = read(real_file("All_orders_flat_file__Joao_US_2023_REDACTED.txt"))
    ordered = [row.parts[0].event for row in result.told]
    status = Counter(
        part.event.order_status
        for row in result.told
        for part in row.parts
        if isinstance(part.event, OrderStatusReported)
    )

    assert (len(result.told), result.refused, result.unknown) == (40, [], set())
    assert status == {"Shipped": 34, "Pending": 6}
    assert {(o.marketplace, o.programme) for o in ordered if isinstance(o, OrderPlaced)} == {
        ("US", "FBA")
    }
    assert sum(amount.minor for row in result.told for amount in row.money) == 1576_58
