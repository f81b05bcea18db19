"""Removal orders: stock asked back or destroyed, and how far each line has come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.removals import RemovalProgressed, RemovalRequested
from ledger.reports.removal_orders import RemovalOrders
from ledger.values import Money
from tests.ledger.reports.files import events, every_dress, read, report, times, without

ROW = {
    "request-date": "2025-07-28T12:39:45-03:00",
    "order-id": "spring clearing / 7",
    "order-source": "Seller-initiated manual removal",
    "order-type": "Return",
    "service-speed": "Standard",
    "order-status": "In Process",
    "last-updated-date": "2025-08-06T09:27:38-07:00",
    "sku": "CAFÉ-250",
    "fnsku": "X000000001",
    "disposition": "Unsellable",
    "requested-quantity": "10",
    "cancelled-quantity": "1",
    "disposed-quantity": "2",
    "shipped-quantity": "3",
    "in-process-quantity": "4",
    "removal-fee": "5.20",
    "currency": "USD",
}
OF_16_COLUMNS = without(ROW, "order-source")


def test_a_row_tells_what_was_asked_back() -> None:
    """The order's name is the seller's own text, not an Amazon order id."""
    row = read(report(ROW)).only

    assert row.stream == "removal/spring clearing / 7"
    assert times(row)[""] == "2025-07-28T15:39:45Z"
    assert events(row)[""] == RemovalRequested(
        removal_order_id="spring clearing / 7",
        order_type="Return",
        sku="CAFÉ-250",
        fnsku="X000000001",
        disposition="Unsellable",
        requested=10,
        service_speed="Standard",
    )


def test_how_far_it_has_come_is_a_fact_of_its_own_at_the_last_update() -> None:
    """The report dates its own tellings, so the latest update stands whichever file comes first."""
    row = read(report(ROW)).only

    assert RemovalOrders.tells_own_time
    assert row.told_at == times(row)["progress"] == "2025-08-06T16:27:38Z"
    assert row.money == (Money(520, "USD"),)
    assert events(row)["progress"] == RemovalProgressed(
        removal_order_id="spring clearing / 7",
        status="In Process",
        cancelled=1,
        disposed=2,
        shipped=3,
        in_process=4,
        fee=Money(520, "USD"),
    )


def test_without_a_last_update_it_is_told_when_the_file_is() -> None:
    row = read(report(ROW | {"last-updated-date": ""})).only

    assert (row.told_at, times(row)["progress"]) == (None, None)


def test_blank_counts_are_none_and_a_blank_fee_is_no_fee() -> None:
    blank = (
        "cancelled-quantity",
        "disposed-quantity",
        "shipped-quantity",
        "in-process-quantity",
        "removal-fee",
        "currency",
    )
    row = read(report(ROW | dict.fromkeys(blank, ""))).only

    assert row.money == ()
    assert events(row)["progress"] == RemovalProgressed(
        removal_order_id="spring clearing / 7", status="In Process"
    )


def test_the_form_without_a_source_tells_the_same() -> None:
    told = read(report(OF_16_COLUMNS))

    assert told.name == "removal-orders"
    assert told.only == read(report(ROW)).only


@pytest.mark.parametrize("column", ["order-id", "sku", "fnsku", "disposition"])
def test_another_value_is_another_line(column: str) -> None:
    assert read(report(ROW)).only.keys != read(report(ROW | {column: "OTHER"})).only.keys


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("request-date", "2025-07-28T00:00:00-03:00"),
        ("order-status", "Completed"),
        ("last-updated-date", "2025-08-07T00:00:01-07:00"),
        ("requested-quantity", "9"),
        ("shipped-quantity", "7"),
        ("in-process-quantity", "0"),
        ("removal-fee", "6.00"),
        ("order-source", "Amazon-initiated"),
    ],
)
def test_what_changes_names_nothing(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys == read(report(ROW | {column: other})).only.keys


def test_progress_leaves_the_request_as_it_was() -> None:
    """What was asked back is told once, however often the line moves on."""
    before = read(report(ROW)).only
    after = read(report(ROW | {"order-status": "Completed", "in-process-quantity": "0"})).only

    assert before.parts[0] == after.parts[0]
    assert before.parts[1] != after.parts[1]


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(ROW, ROW | {"fnsku": "X000000002", "removal-fee": "", "currency": ""})

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


def test_unknown_codes_are_kept_verbatim_and_reported() -> None:
    told = read(report(ROW | {"order-type": "Giveaway", "order-status": "Dreaming"}))
    requested, progressed = (part.event for part in told.only.parts)

    assert isinstance(requested, RemovalRequested)
    assert isinstance(progressed, RemovalProgressed)
    assert (requested.order_type, progressed.status) == ("Giveaway", "Dreaming")
    assert told.unknown == {"order-type: Giveaway", "order-status: Dreaming"}


def test_known_codes_are_not_reported() -> None:
    assert read(report(ROW, ROW | {"order-type": "Disposal"})).unknown == set()


@pytest.mark.parametrize(
    ("column", "found", "problem"),
    [
        ("request-date", "28/07/2025", "not a date"),
        ("last-updated-date", "yesterday", "not a date"),
        ("order-id", "", "the cell is blank"),
        ("order-type", "", "the cell is blank"),
        ("sku", "", "the cell is blank"),
        ("fnsku", "", "the cell is blank"),
        ("requested-quantity", "", "the cell is blank"),
        ("shipped-quantity", "3 of 10", "not a whole number"),
        ("removal-fee", "5,20", "not an amount"),
        ("removal-fee", "5.205", "not an amount in USD"),
        ("currency", "", "the cell is blank"),
        ("currency", "dollars", "not a currency"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(column: str, found: str, problem: str) -> None:
    error = read(report(ROW | {column: found})).refusal

    assert (error.file, error.row, error.column) == ("report.txt", 2, column)
    assert error.found == shown(found)
    assert problem in error.message
    assert error.advice()


def test_a_missing_column_is_named() -> None:
    with pytest.raises(LedgerError, match=r"'removal-orders'.*missing 'requested-quantity'"):
        read(report(without(ROW, "requested-quantity")))


def test_the_source_of_the_order_is_not_read() -> None:
    assert {column.name for column in RemovalOrders.columns if column.ignored} == {"order-source"}
