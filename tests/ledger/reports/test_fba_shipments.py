"""FBA fulfilled shipments: units that left for the buyer, and nothing of the buyer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.orders import UnitsShipped
from ledger.reports.fba_shipments import FbaShipments
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
    "amazon-order-id": "111-0000001-0000001",
    "merchant-order-id": "#1001",
    "shipment-id": "D00000001",
    "shipment-item-id": "Dx0000001",
    "amazon-order-item-id": "30000000000001",
    "merchant-order-item-id": "1001-A",
    "purchase-date": "2026-03-01T04:34:50+00:00",
    "payments-date": "2026-03-02T09:00:00+00:00",
    "shipment-date": "2026-03-02T08:15:00+00:00",
    "reporting-date": "2026-03-02T10:00:00+00:00",
    "buyer-email": "ann@example.com",
    "buyer-name": "Ann Example",
    "buyer-phone-number": "555-0100",
    "sku": "MUG-BLUE",
    "product-name": "Mug, blue",
    "quantity-shipped": "2",
    "currency": "USD",
    "item-price": "24.00",
    "item-tax": "1.98",
    "shipping-price": "4.99",
    "shipping-tax": "0.41",
    "gift-wrap-price": "0.00",
    "gift-wrap-tax": "0.00",
    "ship-service-level": "Expedited",
    "recipient-name": "Ann Example",
    "ship-address-1": "1 Example Street",
    "ship-address-2": "Floor 2",
    "ship-address-3": "",
    "ship-city": "Springfield",
    "ship-state": "OR",
    "ship-postal-code": "97477",
    "ship-country": "US",
    "ship-phone-number": "555-0100",
    "bill-address-1": "1 Example Street",
    "bill-address-2": "",
    "bill-address-3": "",
    "bill-city": "Springfield",
    "bill-state": "OR",
    "bill-postal-code": "97477",
    "bill-country": "US",
    "item-promotion-discount": "-2.00",
    "ship-promotion-discount": "-4.99",
    "carrier": "AMZN_US",
    "tracking-number": "TBA000000000001",
    "estimated-arrival-date": "2027-01-01T03:00:00+00:00",
    "fulfillment-center-id": "LEX1",
    "fulfillment-channel": "AFN",
    "sales-channel": "Amazon.com",
}
MULTI_CHANNEL = ROW | {
    "amazon-order-id": "S01-0000001-0000001",
    "sales-channel": "Non-Amazon",
    **dict.fromkeys(
        (
            "item-price",
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
PERSONAL = (
    "buyer-email buyer-name buyer-phone-number recipient-name ship-address-1 ship-address-2 "
    "ship-address-3 ship-city ship-state ship-postal-code ship-country ship-phone-number "
    "bill-address-1 bill-address-2 bill-address-3 bill-city bill-state bill-postal-code "
    "bill-country tracking-number"
).split()


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def shipped(row: Cells) -> UnitsShipped:
    event = events(read(report(row)).only)[""]
    assert isinstance(event, UnitsShipped)
    return event


def test_a_row_tells_that_units_left() -> None:
    row = read(report(ROW)).only

    assert (row.stream, row.rows, row.told_at) == ("order/111-0000001-0000001", (2,), None)
    assert times(row) == {"": "2026-03-02T08:15:00Z"}
    assert row.money == (usd("24.00"),)
    assert events(row)[""] == UnitsShipped(
        order_id="111-0000001-0000001",
        shipment_id="D00000001",
        shipment_item_id="Dx0000001",
        order_item_id="30000000000001",
        sku="MUG-BLUE",
        quantity=2,
        programme="FBA",
        marketplace="US",
        sales_channel="Amazon.com",
        fulfillment_center="LEX1",
        carrier="AMZN_US",
        price=usd("24.00"),
        tax=usd("1.98"),
        shipping=usd("4.99"),
        promotion=usd("-2.00"),
    )


@pytest.mark.parametrize(
    "written",
    ["2026-03-02T08:15:00+00:00", "2026-03-02T00:15:00-08:00", "2026-03-02T09:15:00+01:00"],
)
def test_every_offset_tells_one_moment(written: str) -> None:
    assert times(read(report(ROW | {"shipment-date": written})).only)[""] == "2026-03-02T08:15:00Z"


def test_what_is_shipped_for_another_shop_has_no_prices_and_no_marketplace() -> None:
    row = read(report(MULTI_CHANNEL)).only
    event = shipped(MULTI_CHANNEL)

    assert (row.stream, row.money) == ("order/S01-0000001-0000001", ())
    assert (event.programme, event.marketplace, event.price) == ("MCF", None, None)


def test_the_shipments_item_names_the_line_and_nothing_else_does() -> None:
    """So that whatever Amazon changes on a later download is a revision."""
    plain = read(report(ROW)).only
    changed = ROW | {"quantity-shipped": "1", "carrier": "UPS", "item-price": "12.00"}

    assert read(report(changed)).only.keys == plain.keys
    assert read(report(ROW | {"shipment-item-id": "Dx0000002"})).only.keys != plain.keys


def test_a_date_in_the_future_is_never_read() -> None:
    """An estimate has not happened, and would date the whole file."""
    assert "2027" not in repr(read(report(ROW)).only)


def test_nothing_of_the_buyer_is_in_any_fact() -> None:
    sealed = {column.name for column in FbaShipments.columns if column.personal}
    told = repr(replace(read(report(ROW)).only, personal=()))

    assert set(PERSONAL) - {"ship-country", "bill-country"} <= sealed
    assert not any(ROW[column] in told for column in PERSONAL if len(ROW[column]) > 2)


def test_a_file_without_the_buyers_columns_tells_the_same() -> None:
    """Amazon leaves them out for whoever may not see them."""
    told = replace(read(report(ROW)).only, personal=())

    assert read(report(without(ROW, *PERSONAL))).only == told


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(ROW, MULTI_CHANNEL | {"sku": "CAFÉ-250"})

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


def test_unknown_codes_are_kept_verbatim_and_reported() -> None:
    told = read(report(ROW | {"sales-channel": "Amazon.aq", "fulfillment-channel": "DRONE"}))
    event = events(told.only)[""]

    assert isinstance(event, UnitsShipped)
    assert (event.sales_channel, event.marketplace, event.programme) == ("Amazon.aq", None, None)
    assert told.unknown == {"sales-channel: Amazon.aq", "fulfillment-channel: DRONE"}


@pytest.mark.parametrize(
    ("column", "found", "problem"),
    [
        ("shipment-date", "03/02/2026", "not a date"),
        ("shipment-date", "2026-03-02T08:15:00", "not a date"),
        ("shipment-item-id", "", "the cell is blank"),
        ("amazon-order-id", "", "the cell is blank"),
        ("quantity-shipped", "", "the cell is blank"),
        ("quantity-shipped", "1.5", "not a whole number"),
        ("item-price", "24,00", "not an amount"),
        ("currency", "", "the cell is blank"),
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
    with pytest.raises(LedgerError, match=r"'fba-shipments'.*missing 'shipment-item-id'"):
        read(report(without(ROW, "shipment-item-id")))


@pytest.mark.parametrize(
    ("name", "rows", "programmes"),
    [
        ("FBA_amazon_fulfilled_shipments__skuvault_US_2020.txt", 4, ["FBA"] * 4),
        (
            "FBA_amazon_fulfilled_shipments__eolabs_US_2020_REDACTED.csv",
            5,
            ["FBA"] * 4 + ["MCF"],
        ),
    ],
)
def test_the_real_shipments_are_read_whole(name: str, rows: int, programmes: list[str]) -> None:
    """One is tab-separated with quoted text, the other CSV with times in Pacific time."""
    result = read(real_file(name))
    sent = [row.parts[0].event for row in result.told]

    assert (len(result.told), result.refused, result.unknown) == (rows, [], set())
    assert [one.programme for one in sent if isinstance(one, UnitsShipped)] == programmes
    assert len({row.keys for row in result.told}) == rows
    assert "REDACTED" not in repr([replace(one, personal=()) for one in result.told])
