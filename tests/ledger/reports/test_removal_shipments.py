"""Removal shipments: units of removal orders that Amazon handed to a carrier."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.removals import RemovalShipped
from ledger.reports.removal_shipments import RemovalShipments
from tests.ledger.reports.files import events, every_dress, read, report, times, without

ROW = {
    "request-date": "2025-07-28T12:39:45-03:00",
    "order-id": "spring clearing / 7",
    "shipment-date": "2025-08-06T09:27:38-07:00",
    "sku": "CAFÉ-250",
    "fnsku": "X000000001",
    "disposition": "Unsellable",
    "shipped-quantity": "3",
    "carrier": "UPS",
    "tracking-number": "1Z000000000000001",
    "removal-order-type": "Return",
}


def test_a_row_tells_that_units_left_with_a_carrier() -> None:
    row = read(report(ROW)).only

    assert row.stream == "removal/spring clearing / 7"
    assert times(row) == {"": "2025-08-06T16:27:38Z"}
    assert row.told_at is None
    assert events(row)[""] == RemovalShipped(
        removal_order_id="spring clearing / 7",
        order_type="Return",
        sku="CAFÉ-250",
        fnsku="X000000001",
        disposition="Unsellable",
        quantity=3,
        carrier="UPS",
        tracking_number="1Z000000000000001",
    )


def test_the_report_is_not_taken_for_the_removal_orders() -> None:
    assert read(report(ROW)).name == "removal-shipments"


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("order-id", "OTHER"),
        ("shipment-date", "2025-08-07T09:27:38-07:00"),
        ("sku", "OTHER"),
        ("fnsku", "X000000002"),
        ("disposition", "Sellable"),
        ("tracking-number", "1Z000000000000002"),
    ],
)
def test_another_value_is_another_shipment(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys != read(report(ROW | {column: other})).only.keys


@pytest.mark.parametrize(
    ("column", "other"), [("shipped-quantity", "4"), ("carrier", "FedEx"), ("request-date", "")]
)
def test_another_quantity_is_another_telling_of_the_same_shipment(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys == read(report(ROW | {column: other})).only.keys


def test_one_parcel_may_hold_units_alike_in_two_rows() -> None:
    told = read(report(ROW, ROW)).told

    assert [row.rows for row in told] == [(2,), (3,)]
    assert told[0].keys == told[1].keys


def test_a_shipment_without_tracking_is_still_a_shipment() -> None:
    shipped = events(read(report(ROW | {"tracking-number": "", "carrier": ""})).only)[""]

    assert isinstance(shipped, RemovalShipped)
    assert (shipped.carrier, shipped.tracking_number, shipped.quantity) == (None, None, 3)


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(ROW, ROW | {"tracking-number": "", "removal-order-type": ""})

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


def test_an_unknown_order_type_is_kept_verbatim_and_reported() -> None:
    told = read(report(ROW | {"removal-order-type": "Giveaway"}))
    shipped = events(told.only)[""]

    assert isinstance(shipped, RemovalShipped)
    assert shipped.order_type == "Giveaway"
    assert told.unknown == {"removal-order-type: Giveaway"}


@pytest.mark.parametrize(
    ("column", "found", "problem"),
    [
        ("shipment-date", "08/06/2025", "not a date"),
        ("shipment-date", "", "the cell is blank"),
        ("order-id", "", "the cell is blank"),
        ("sku", "", "the cell is blank"),
        ("fnsku", "", "the cell is blank"),
        ("shipped-quantity", "", "the cell is blank"),
        ("shipped-quantity", "three", "not a whole number"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(column: str, found: str, problem: str) -> None:
    error = read(report(ROW | {column: found})).refusal

    assert (error.file, error.row, error.column) == ("report.txt", 2, column)
    assert error.found == shown(found)
    assert problem in error.message
    assert error.advice()


def test_a_missing_column_is_named() -> None:
    with pytest.raises(LedgerError, match=r"'removal-shipments'.*missing 'tracking-number'"):
        read(report(without(ROW, "tracking-number")))


def test_the_request_date_is_left_to_the_removal_orders() -> None:
    assert {column.name for column in RemovalShipments.columns if column.ignored} == {
        "request-date"
    }
