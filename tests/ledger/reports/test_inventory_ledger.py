"""The inventory ledger: every movement of stock, and how far Amazon has reconciled it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.reports.inventory_ledger import InventoryLedger
from tests.ledger.reports.files import (
    Cells,
    events,
    every_dress,
    read,
    renamed,
    report,
    times,
    without,
)

ROW = {
    "Date": "07/13/2026",
    "FNSKU": "X000000001",
    "ASIN": "B000000001",
    "MSKU": "CAFÉ-250",
    "Title": "Coffee, a tin",
    "Event Type": "Adjustments",
    "Reference ID": "2000000001",
    "Quantity": "-1",
    "Fulfillment Center": "ACY1",
    "Disposition": "SELLABLE",
    "Reason": "M",
    "Country": "US",
    "Reconciled Quantity": "0",
    "Unreconciled Quantity": "1",
    "Date and Time": "2026-07-13T00:00:00-0700",
    "Store": "Example & Daughters",
}
OF_15_COLUMNS = without(ROW, "Store")
OF_THE_API = renamed(
    without(ROW, "Store", "Date and Time"),
    {
        "Event Type": "EventType",
        "Reference ID": "ReferenceID",
        "Fulfillment Center": "FulfillmentCenter",
        "Reconciled Quantity": "ReconciledQuantity",
        "Unreconciled Quantity": "UnreconciledQuantity",
    },
)


def moved(row: Cells) -> StockMoved:
    event = read(report(row)).only.parts[0].event
    assert isinstance(event, StockMoved)
    return event


def test_a_row_tells_that_units_moved_on_a_day() -> None:
    """The day is the local one, whatever the offset beside it says."""
    row = read(report(ROW)).only

    assert row.stream == "stock/X000000001"
    assert row.told_at is None
    assert times(row)[""] == "2026-07-13"
    assert events(row)[""] == StockMoved(
        kind="Adjustments",
        fnsku="X000000001",
        asin="B000000001",
        sku="CAFÉ-250",
        quantity=-1,
        fulfillment_center="ACY1",
        disposition="SELLABLE",
        reason="M",
        reference="2000000001",
        country="US",
        marketplace="US",
    )


def test_reconciliation_is_a_fact_of_its_own_and_occurs_when_it_is_told() -> None:
    """The two numbers change on the same row while Amazon searches for the units."""
    row = read(report(ROW)).only

    assert events(row)["reconciliation"] == ReconciliationReported(reconciled=0, unreconciled=1)
    assert times(row)["reconciliation"] is None


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (("", ""), None),
        (("1", ""), ReconciliationReported(reconciled=1)),
        (("", "2"), ReconciliationReported(unreconciled=2)),
    ],
)
def test_a_blank_reconciliation_tells_nothing(
    cells: tuple[str, str], told: ReconciliationReported | None
) -> None:
    quantities = {"Reconciled Quantity": cells[0], "Unreconciled Quantity": cells[1]}
    row = read(report(ROW | quantities)).only

    assert events(row).get("reconciliation") == told


@pytest.mark.parametrize(
    "row",
    [OF_15_COLUMNS, OF_THE_API, without(ROW, "Reconciled Quantity", "Unreconciled Quantity")],
    ids=["15 columns", "the API's", "without reconciliation"],
)
def test_every_variant_names_a_row_alike_and_tells_the_same_movement(row: Cells) -> None:
    told, other = read(report(ROW)), read(report(row))

    assert other.name == told.name == "inventory-ledger"
    assert other.only.keys == told.only.keys
    assert other.only.parts[0] == told.only.parts[0]


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    """Seller Central gives tabs or quoted commas, the API tabs."""
    blank = dict.fromkeys(("Reference ID", "Reason", "Reconciled Quantity", "Date and Time"), "")
    data = report(ROW, ROW | blank)

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


def test_rows_alike_in_everything_are_all_told() -> None:
    """A real file held thousands of them: each is a movement."""
    told = read(report(*[ROW] * 3)).told

    assert [row.rows for row in told] == [(2,), (3,), (4,)]
    assert len({row.keys for row in told}) == 1


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("Date", "07/14/2026"),
        ("FNSKU", "X000000002"),
        ("ASIN", "B000000002"),
        ("MSKU", "OTHER"),
        ("Event Type", "Receipts"),
        ("Reference ID", ""),
        ("Quantity", "1"),
        ("Fulfillment Center", "LEX1"),
        ("Disposition", "DEFECTIVE"),
        ("Reason", "6"),
        ("Country", "CA"),
    ],
)
def test_another_value_is_another_movement(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys != read(report(ROW | {column: other})).only.keys


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("Title", "Coffee"),
        ("Reconciled Quantity", "1"),
        ("Unreconciled Quantity", "0"),
        ("Store", ""),
    ],
)
def test_what_changes_or_is_ignored_names_nothing(column: str, other: str) -> None:
    assert read(report(ROW)).only.keys == read(report(ROW | {column: other})).only.keys


@pytest.mark.parametrize(
    ("country", "marketplace"),
    [("US", "US"), ("GB", "UK"), ("ES", "ES"), ("CZ", None), ("", None)],
)
def test_the_country_tells_the_marketplace_where_there_is_one(
    country: str, marketplace: str | None
) -> None:
    told = moved(ROW | {"Country": country})

    assert (told.country, told.marketplace) == (country or None, marketplace)


def test_a_row_without_an_fnsku_belongs_to_the_account() -> None:
    row = read(report(ROW | {"FNSKU": ""})).only

    assert row.stream == "account"


def test_unknown_codes_are_kept_verbatim_and_reported() -> None:
    row = ROW | {"Event Type": "Teleports", "Disposition": "MELTED", "Reason": "Z9"}
    told = moved(row)

    assert (told.kind, told.disposition, told.reason) == ("Teleports", "MELTED", "Z9")
    assert read(report(row)).unknown == {
        "Event Type: Teleports",
        "Disposition: MELTED",
        "Reason: Z9",
    }


def test_known_codes_are_not_reported() -> None:
    assert (
        read(report(ROW, *(ROW | {"Reason": code} for code in "67EHKUM5FNPQDGO34"))).unknown
        == set()
    )


def test_a_date_is_read_with_the_month_first_in_every_country() -> None:
    row = ROW | {"Date": "07/06/2026", "Date and Time": "2026-07-06T00:00:00+0100", "Country": "ES"}

    assert times(read(report(row)).only)[""] == "2026-07-06"


@pytest.mark.parametrize(
    "beside", ["", "2026-07-05T00:00:00-0700", "7/6/26 0:00", "2026-07-06T23:00:00-0700"]
)
def test_the_time_beside_the_date_only_shows_whether_the_date_was_rewritten(beside: str) -> None:
    row = ROW | {"Date": "07/06/2026", "Date and Time": beside}

    assert times(read(report(row)).only)[""] == "2026-07-06"


def test_a_date_with_day_and_month_exchanged_is_refused() -> None:
    """A spreadsheet has exchanged them, and every deadline would be months off."""
    row = ROW | {"Date": "06/07/2026", "Date and Time": "2026-07-06T00:00:00-0700"}
    error = read(report(row)).refusal

    assert (error.row, error.column, error.found) == (2, "Date", "06/07/2026")
    assert error.message == "'Date and Time' says that this is 2026-07-06, not 2026-06-07"
    assert "as Amazon delivered it" in error.advice()


@pytest.mark.parametrize(
    ("column", "found", "problem", "advice"),
    [
        (
            "Date",
            "13/07/2026",
            "not a date as this report writes it",
            "MM/DD/YYYY in every country",
        ),
        (
            "Date",
            "02/30/2026",
            "not a date as this report writes it",
            "MM/DD/YYYY in every country",
        ),
        ("Date", "7/13/2026", "not a date as this report writes it", "as Amazon delivered it"),
        ("Date", "2026-07-13", "not a date as this report writes it", "as Amazon delivered it"),
        ("Date", "", "the cell is blank", "Download the report again"),
        ("Event Type", "", "the cell is blank", "Download the report again"),
        ("Quantity", "", "the cell is blank", "Download the report again"),
        ("Quantity", "-1,0", "not a whole number", "as Amazon delivered it"),
        ("Unreconciled Quantity", "some", "not a whole number", "as Amazon delivered it"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(
    column: str, found: str, problem: str, advice: str
) -> None:
    told = read(report(ROW, ROW | {column: found}, ROW))
    error = told.refused[0]

    assert len(told.told) == 2
    assert (error.file, error.row, error.column) == ("report.txt", 3, column)
    assert error.found == shown(found)
    assert problem in error.message
    assert advice in error.advice()


def test_the_summary_view_is_no_detailed_view() -> None:
    """It is nearest to this report, and the message says what it lacks."""
    summary = without(ROW, "Event Type", "Reference ID", "Quantity", "Reason", "Fulfillment Center")

    with pytest.raises(LedgerError, match=r"'inventory-ledger'.*missing 'Event Type'"):
        read(report(summary | {"Starting Warehouse Balance": "1", "Location": "ACY1"}))


def test_titles_and_the_sellers_own_name_are_never_read() -> None:
    ignored = {column.name for column in InventoryLedger.columns if column.ignored}

    assert ignored == {"Title", "Store"}
    assert "Daughters" not in repr(read(report(ROW)).only)
