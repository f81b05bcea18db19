"""FBA customer returns: units that came back, their plates and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.returns import ReturnStatusReported, UnitIdentified, UnitReturned
from ledger.reports.fba_customer_returns import FbaCustomerReturns
from tests.ledger.reports.files import (
    Cells,
    events,
    every_dress,
    read,
    real_file,
    renamed,
    report,
    times,
    without,
)

ROW = {
    "return-date": "2025-06-05T15:31:40+00:00",
    "order-id": "111-0000001-0000001",
    "sku": "CAFÉ-250",
    "asin": "B000000001",
    "fnsku": "X000000001",
    "product-name": 'Coffee, 10" tin',
    "quantity": "1",
    "fulfillment-center-id": "LEX1",
    "detailed-disposition": "CUSTOMER_DAMAGED",
    "reason": "NOT_COMPATIBLE",
    "status": "Unit returned to inventory",
    "license-plate-number": "LPNRL0000000001",
    "customer-comments": "ring me, says Ann Example",
}
OF_12_COLUMNS = without(ROW, "status")
OF_11_COLUMNS = without(ROW, "license-plate-number", "customer-comments")


def test_a_row_tells_that_a_unit_came_back() -> None:
    """What the unit is, where it was graded and how, at the moment it was processed."""
    row = read(report(ROW)).only

    assert row.stream == "order/111-0000001-0000001"
    assert row.rows == (2,)
    assert row.told_at is None
    assert events(row)[""] == UnitReturned(
        order_id="111-0000001-0000001",
        sku="CAFÉ-250",
        fnsku="X000000001",
        asin="B000000001",
        quantity=1,
        fulfillment_center="LEX1",
        disposition="CUSTOMER_DAMAGED",
        reason="NOT_COMPATIBLE",
    )
    assert times(row)[""] == "2025-06-05T15:31:40Z"


def test_the_plate_is_a_fact_of_its_own_and_happened_with_the_return() -> None:
    row = read(report(ROW)).only

    assert events(row)["plate"] == UnitIdentified(license_plate="LPNRL0000000001")
    assert times(row)["plate"] == "2025-06-05T15:31:40Z"


def test_the_status_is_a_fact_of_its_own_and_occurs_when_it_is_told() -> None:
    """The column changes on a later download and has no date."""
    row = read(report(ROW)).only

    assert events(row)["status"] == ReturnStatusReported(status="Unit returned to inventory")
    assert times(row)["status"] is None


@pytest.mark.parametrize(
    ("row", "suffixes"),
    [
        (ROW, {"", "plate", "status"}),
        (OF_12_COLUMNS, {"", "plate"}),
        (OF_11_COLUMNS, {"", "status"}),
    ],
    ids=["13 columns", "12 columns", "11 columns"],
)
def test_a_variant_tells_what_it_has_columns_for(row: Cells, suffixes: set[str]) -> None:
    told = read(report(row))

    assert told.name == "fba-customer-returns"
    assert set(events(told.only)) == suffixes


@pytest.mark.parametrize("row", [OF_12_COLUMNS, OF_11_COLUMNS], ids=["12 columns", "11 columns"])
def test_every_variant_names_a_row_alike_and_tells_the_same_return(row: Cells) -> None:
    """So that a newer download of an older period adds facts and revises none."""
    full, short = read(report(ROW)).only, read(report(row)).only

    assert full.keys[-1] == short.keys[-1]
    assert full.parts[0] == short.parts[0]


def test_a_blank_plate_or_status_tells_nothing() -> None:
    row = read(report(ROW | {"license-plate-number": "", "status": ""})).only

    assert set(events(row)) == {""}
    assert len(row.keys) == 1


def test_a_plate_names_a_unit_whose_date_moves() -> None:
    """Amazon tells the same return under another date later."""
    before = read(report(ROW)).only
    after = read(report(ROW | {"return-date": "2025-06-07T08:00:00+00:00"})).only

    assert before.keys[0] == after.keys[0]
    assert before.keys[1] != after.keys[1]


def test_a_plate_names_a_unit_within_its_order_only() -> None:
    """A unit sold again and returned again bears its old plate."""
    first = read(report(ROW)).only
    second = read(report(ROW | {"order-id": "111-0000002-0000002"})).only

    assert first.keys[0] != second.keys[0]


@pytest.mark.parametrize(
    "column",
    [
        "return-date",
        "sku",
        "fnsku",
        "quantity",
        "fulfillment-center-id",
        "detailed-disposition",
        "reason",
    ],
)
def test_without_a_plate_another_value_is_another_return(column: str) -> None:
    plain = {**ROW, "license-plate-number": ""}
    other = {"return-date": "2025-06-06T00:00:01+00:00", "quantity": "2"}.get(column, "OTHER")

    assert read(report(plain)).only.keys != read(report(plain | {column: other})).only.keys


@pytest.mark.parametrize("column", ["status", "product-name", "customer-comments"])
def test_what_changes_or_is_ignored_names_nothing(column: str) -> None:
    assert read(report(ROW)).only.keys == read(report(ROW | {column: "other"})).only.keys


def test_the_help_pages_name_for_the_order_column_is_understood() -> None:
    told = read(report(renamed(ROW, {"order-id": "amazon-order-id"})))

    assert told.only == read(report(ROW)).only


@pytest.mark.parametrize("order_id", ["S01-1234567-1234567", "111-0000001", "CONSUMER-2025-7"])
def test_an_order_id_of_another_shape_is_kept_as_an_order(order_id: str) -> None:
    assert read(report(ROW | {"order-id": order_id})).only.stream == f"order/{order_id}"


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(ROW, ROW | {"sku": "OTHER", "customer-comments": "", "license-plate-number": ""})

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


def test_unknown_codes_are_kept_verbatim_and_reported() -> None:
    codes = {"detailed-disposition": "MELTED", "reason": "CHANGED_MY_MIND", "status": "On its way"}
    told = read(report(ROW | codes))
    returned = events(told.only)[""]

    assert isinstance(returned, UnitReturned)
    assert (returned.disposition, returned.reason) == ("MELTED", "CHANGED_MY_MIND")
    assert events(told.only)["status"] == ReturnStatusReported(status="On its way")
    assert told.unknown == {
        "detailed-disposition: MELTED",
        "reason: CHANGED_MY_MIND",
        "status: On its way",
    }


def test_known_codes_are_not_reported() -> None:
    assert read(report(ROW)).unknown == set()


@pytest.mark.parametrize(
    ("column", "found", "problem", "advice"),
    [
        ("return-date", "05/06/2025", "not a date", "as Amazon delivered it"),
        ("return-date", "2025-06-05T15:31:40", "not a date", "2026-07-06T10:00:00+00:00"),
        ("return-date", "", "the cell is blank", "Download the report again"),
        ("order-id", "", "the cell is blank", "the download was cut off"),
        ("sku", "", "the cell is blank", "Download the report again"),
        ("quantity", "one", "not a whole number", "as Amazon delivered it"),
        ("quantity", "1.0", "not a whole number", "as Amazon delivered it"),
        ("quantity", "0", "not a number of units", "as Amazon delivered it"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(
    column: str, found: str, problem: str, advice: str
) -> None:
    """The message says where and what, the advice what to do; the other rows are read."""
    told = read(report(ROW, ROW | {column: found}, ROW))
    error = told.refused[0]

    assert len(told.told) == 2
    assert (error.file, error.row, error.column) == ("report.txt", 3, column)
    assert error.found == shown(found)
    assert problem in error.message
    assert advice in error.advice()


def test_a_missing_column_is_named() -> None:
    with pytest.raises(
        LedgerError, match=r"'fba-customer-returns'.*missing 'detailed-disposition'"
    ):
        read(report(without(ROW, "detailed-disposition")))


def test_titles_are_never_read_and_comments_are_in_no_fact() -> None:
    """A title changes at will, and a comment may be personal."""
    ignored = {column.name for column in FbaCustomerReturns.columns if column.ignored}
    told = read(report(ROW)).only

    assert ignored == {"product-name"}
    assert [("customer-comments", ROW["customer-comments"])] == list(told.personal)
    assert "Ann Example" not in repr(replace(told, personal=()))


def test_a_real_file_of_11_columns_tells_334_returns() -> None:
    told = read(real_file("FBA_customer_returns__lwgray_US_2013-2016.txt"))
    names = Counter((row.stream, row.keys) for row in told.told)
    depths = sorted(count for count in names.values() if count > 1)

    assert (len(told.told), told.refused, told.unknown) == (334, [], set())
    assert (len(depths), max(depths), sum(depths) - len(depths)) == (8, 3, 12)


def test_a_real_file_of_13_columns_tells_one_return_with_its_plate() -> None:
    told = read(real_file("FBA_customer_returns_13col_1_row_US_2025.txt"))

    assert told.unknown == set()
    assert set(events(told.only)) == {"", "plate", "status"}
