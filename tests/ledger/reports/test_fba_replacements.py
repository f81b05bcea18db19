"""FBA replacements: items sent to buyers again, under an order of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.orders import ReplacementShipped
from ledger.reports.fba_replacements import FbaReplacements
from tests.ledger.reports.files import events, every_dress, read, report, times, without

ROW = {
    "shipment-date": "2025-06-09T03:12:00+00:00",
    "sku": "CAFÉ-250",
    "asin": "B000000001",
    "fulfillment-center-id": "LEX1",
    "original-fulfillment-center-id": "ACY1",
    "quantity": "1",
    "replacement-reason-code": "4",
    "replacement-amazon-order-id": "111-0000009-0000009",
    "original-amazon-order-id": "111-0000001-0000001",
}


def test_a_row_tells_the_original_order_of_its_replacement() -> None:
    row = read(report(ROW)).only

    assert row.stream == "order/111-0000001-0000001"
    assert times(row) == {"": "2025-06-09T03:12:00Z"}
    assert events(row)[""] == ReplacementShipped(
        order_id="111-0000001-0000001",
        replacement_order_id="111-0000009-0000009",
        sku="CAFÉ-250",
        asin="B000000001",
        quantity=1,
        reason="4",
        fulfillment_center="LEX1",
        original_fulfillment_center="ACY1",
    )


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("shipment-date", "2025-06-10T03:12:00+00:00"),
        ("sku", "OTHER"),
        ("fulfillment-center-id", "PHX3"),
        ("replacement-amazon-order-id", "111-0000008-0000008"),
        ("original-amazon-order-id", "111-0000002-0000002"),
    ],
)
def test_another_value_is_another_replacement(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys != read(report(ROW | {column: other})).only.keys


@pytest.mark.parametrize(
    ("column", "other"), [("quantity", "2"), ("replacement-reason-code", "5"), ("asin", "")]
)
def test_what_may_be_told_otherwise_names_nothing(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys == read(report(ROW | {column: other})).only.keys


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(ROW, ROW | {"sku": "OTHER", "replacement-reason-code": ""})

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


def test_a_reason_is_kept_verbatim_and_not_reported() -> None:
    """No list of the codes is published, so none of them is unknown."""
    told = read(report(ROW | {"replacement-reason-code": "DAMAGED-2"}))
    shipped = events(told.only)[""]

    assert isinstance(shipped, ReplacementShipped)
    assert shipped.reason == "DAMAGED-2"
    assert told.unknown == set()


@pytest.mark.parametrize(
    ("column", "found", "problem"),
    [
        ("shipment-date", "06/09/2025", "not a date"),
        ("sku", "", "the cell is blank"),
        ("quantity", "one", "not a whole number"),
        ("replacement-amazon-order-id", "", "the cell is blank"),
        ("original-amazon-order-id", "", "the cell is blank"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(column: str, found: str, problem: str) -> None:
    error = read(report(ROW | {column: found})).refusal

    assert (error.file, error.row, error.column) == ("report.txt", 2, column)
    assert error.found == shown(found)
    assert problem in error.message
    assert error.advice()


def test_a_missing_column_is_named() -> None:
    with pytest.raises(LedgerError, match=r"missing 'original-amazon-order-id'"):
        read(report(without(ROW, "original-amazon-order-id")))


def test_every_column_is_read() -> None:
    assert [column.name for column in FbaReplacements.columns if column.ignored] == []
