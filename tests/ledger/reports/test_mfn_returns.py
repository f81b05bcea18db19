"""Seller-fulfilled returns: what buyers asked for, how far it has come, and when it arrived."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ledger.cells import shown
from ledger.errors import LedgerError
from ledger.events.returns import ReturnProgressed, ReturnReceived, ReturnRequested
from ledger.report import Reading, RowTold
from ledger.reports.mfn_returns import MONTHS, MfnReturns
from ledger.table import read_table
from ledger.values import Money
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

OF_32_COLUMNS = {
    "Order ID": "111-0000001-0000001",
    "Order date": "01-Mar-2026",
    "Return request date": "09-Mar-2026",
    "Return request status": "Approved",
    "Amazon RMA ID": "Dinvented1RMA",
    "Merchant RMA ID": " ",
    "Label type": "AmazonPrePaidLabel",
    "Label cost": "4.14",
    "Currency code": "USD",
    "Return carrier": "USPS",
    "Tracking ID": "9200000000000000000001",
    "Label to be paid by": "Seller",
    "A-to-Z Claim": "N",
    "Is prime": "N",
    "ASIN": "B000000001",
    "Merchant SKU": "MUG-BLUE",
    "Item Name": 'Mug, 4" high',
    "Return quantity": "2",
    "Return Reason": "CR-DEFECTIVE",
    "In policy": "Y",
    "Return type": "C-Returns",
    "Resolution": "StandardRefund",
    "Invoice number": "INV Ann Example",
    "Return delivery date": "16-Mar-2026",
    "Order Amount": "24.00",
    "Order quantity": "2",
    "SafeT Action reason": "Item not as sent",
    "SafeT claim id": "00000-00000-0000001",
    "SafeT claim state": "Granted",
    "SafeT claim creation time": "18-Mar-2026 13:00:01",
    "SafeT claim reimbursement amount": "11.50",
    "Refunded Amount": "24.00",
}
ROW = OF_32_COLUMNS | {"Category": "Kitchen", "VAT": "4.00", "Order Item ID": "30000000000001"}
OF_33_COLUMNS = without(ROW, "Category", "VAT")
LATER = (
    "Return delivery date",
    "SafeT Action reason",
    "SafeT claim id",
    "SafeT claim state",
    "SafeT claim creation time",
    "SafeT claim reimbursement amount",
    "Refunded Amount",
)
AT_FIRST = ROW | dict.fromkeys(LATER, " ")


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def in_store(row: Cells, marketplace: str) -> list[object]:
    """What is read where the seller stated the store of the file."""
    reading = Reading(file="report.txt", marketplace=marketplace)
    return list(MfnReturns().read(read_table(report(row), "report.txt"), reading))


def progress(row: Cells) -> ReturnProgressed:
    event = events(read(report(row)).only)["progress"]
    assert isinstance(event, ReturnProgressed)
    return event


def test_a_row_tells_that_a_return_was_asked_for() -> None:
    row = read(report(ROW)).only

    assert (row.stream, row.rows, row.told_at) == ("order/111-0000001-0000001", (2,), None)
    assert times(row)[""] == "2026-03-09"
    assert row.money == (usd("24.00"),)
    assert events(row)[""] == ReturnRequested(
        order_id="111-0000001-0000001",
        rma_id="Dinvented1RMA",
        sku="MUG-BLUE",
        asin="B000000001",
        quantity=2,
        reason="CR-DEFECTIVE",
        return_type="C-Returns",
        in_policy=True,
        is_prime=False,
        ordered_on="2026-03-01",
        order_amount=usd("24.00"),
        order_quantity=2,
    )


def test_what_amazon_overwrites_is_a_fact_of_the_day_it_was_told() -> None:
    """A granted claim in a later file says nothing about the day before."""
    row = read(report(ROW)).only

    assert times(row)["progress"] is None
    assert events(row)["progress"] == ReturnProgressed(
        order_id="111-0000001-0000001",
        status="Approved",
        label_type="AmazonPrePaidLabel",
        label_payer="Seller",
        label_cost=usd("4.14"),
        carrier="USPS",
        tracking_id="9200000000000000000001",
        resolution="StandardRefund",
        refunded=usd("24.00"),
        a_to_z=False,
        safe_t_claim_id="00000-00000-0000001",
        safe_t_state="Granted",
        safe_t_reason="Item not as sent",
        safe_t_claimed_at="2026-03-18",
        safe_t_amount=usd("11.50"),
    )


def test_the_delivery_to_the_seller_has_a_date_of_its_own() -> None:
    row = read(report(ROW)).only

    assert times(row)["received"] == "2026-03-16"
    assert events(row)["received"] == ReturnReceived(
        order_id="111-0000001-0000001",
        rma_id="Dinvented1RMA",
        sku="MUG-BLUE",
        asin="B000000001",
        quantity=2,
        reason="CR-DEFECTIVE",
    )


def test_a_return_that_has_not_arrived_tells_no_delivery() -> None:
    """Amazon writes a blank as nothing or as one space."""
    row = read(report(AT_FIRST)).only

    assert set(events(row)) == {"", "progress"}
    assert row.money == ()
    assert progress(AT_FIRST).safe_t_claim_id is None


def test_a_claims_amount_is_never_the_files_money() -> None:
    """It tells of a claim; only a settlement tells that it was paid."""
    row = read(report(AT_FIRST | {"SafeT claim reimbursement amount": "11.50"})).only

    assert row.money == ()


def test_what_changes_later_changes_no_name_and_not_the_request() -> None:
    first, later = read(report(AT_FIRST)).only, read(report(ROW)).only

    assert first.keys == later.keys
    assert first.parts[0] == later.parts[0]


@pytest.mark.parametrize("row", [ROW, OF_33_COLUMNS], ids=["35 columns", "33 columns"])
def test_only_a_newer_form_names_the_item_itself(row: Cells) -> None:
    new, old = read(report(row)).only, read(report(OF_32_COLUMNS)).only

    assert len(new.keys) == 2
    assert new.keys[-1:] == old.keys
    assert new.parts == old.parts


@pytest.mark.parametrize("column", ["Amazon RMA ID", "Merchant SKU", "ASIN"])
def test_another_return_or_product_is_another_request(column: str) -> None:
    first, second = (read(report(row)).only for row in (ROW, ROW | {column: "OTHER"}))

    assert first.keys[-1] != second.keys[-1]


@pytest.mark.parametrize("column", ["Order ID", "Merchant SKU", "Return request date"])
def test_without_a_return_number_order_product_and_day_name_it(column: str) -> None:
    plain = ROW | {"Amazon RMA ID": ""}
    other = {"Return request date": "10-Mar-2026"}.get(column, "OTHER")

    assert len(read(report(plain)).only.keys) == 1
    assert read(report(plain)).only.keys != read(report(plain | {column: other})).only.keys


def test_a_row_may_end_after_its_last_value() -> None:
    """The real row has 27 of 32 cells."""
    whole = report(OF_32_COLUMNS | dict.fromkeys(LATER, ""))
    ragged = b"\r\n".join(line.rstrip(b"\t") for line in whole.split(b"\r\n"))

    assert ragged != whole
    assert read(ragged).told == read(whole).told


def test_capitals_in_the_header_vary() -> None:
    names = {
        "Return Reason": "Return reason",
        "SafeT claim id": "SafeT claim ID",
        "Order Item ID": "order item id",
    }
    assert read(report(renamed(ROW, names))).told == read(report(ROW)).told


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("9-Mar-2026", "2026-03-09"),
        ("09-March-2026", "2026-03-09"),
        ("09-Mrz-2026", "2026-03-09"),
        ("09-Mär-2026", "2026-03-09"),
        ("09-mars-2026", "2026-03-09"),
        ("09-févr.-2026", "2026-02-09"),
        ("09-août-2026", "2026-08-09"),
        ("09-dic-2026", "2026-12-09"),
        ("09-Okt-2026", "2026-10-09"),
        ("09-ene-2026", "2026-01-09"),
        ("09-giu-2026", "2026-06-09"),
        ("09-juil-2026", "2026-07-09"),
        ("2026-03-09", "2026-03-09"),
        ("2026-03-09T10:00:00Z", "2026-03-09T10:00:00Z"),
        ("2026-03-09 10:00:00", "2026-03-09"),
    ],
)
def test_a_month_may_be_named_in_five_languages(written: str, day: str) -> None:
    assert times(read(report(ROW | {"Return request date": written})).only)[""] == day


@pytest.mark.parametrize(
    "written",
    ["09-jui-2026", "09-Abc-2026", "31-Feb-2026", "09/03/2026", "09-03-2026", "09-Mar-26", "soon"],
)
def test_a_date_that_could_mean_two_days_is_refused(written: str) -> None:
    """`jui` may be June or July in French, and 09/03 depends on who wrote it."""
    error = read(report(ROW | {"Return request date": written})).refusal

    assert (error.column, error.found) == ("Return request date", shown(written))
    assert "German, French" in error.advice()


def test_no_two_languages_clash_in_a_month() -> None:
    assert sorted(set(MONTHS.values())) == list(range(1, 13))
    assert (MONTHS["mar"], MONTHS["mai"], MONTHS["ago"], MONTHS["set"]) == (3, 5, 8, 9)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("18-Mar-2026 13:00:01", "2026-03-18"),
        ("18-Mar-2026", "2026-03-18"),
        ("2026-03-18T13:00:01+00:00", "2026-03-18T13:00:01Z"),
        ("", None),
    ],
)
def test_a_clock_without_a_zone_tells_only_its_day(written: str, expected: str | None) -> None:
    assert progress(ROW | {"SafeT claim creation time": written}).safe_t_claimed_at == expected


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("77.98", "77.98"),
        ("77,98", "77.98"),
        ("1,277.98", "1277.98"),
        ("1.277,98", "1277.98"),
        ("77", "77.00"),
        ("77.9", "77.90"),
        ("0", "0.00"),
    ],
)
def test_each_amount_shows_its_own_decimals(written: str, amount: str) -> None:
    """Point or comma, whatever the account's language."""
    row = ROW | {"Refunded Amount": written, "Currency code": "EUR"}

    assert progress(row).refunded == Money.of(amount, "EUR")


@pytest.mark.parametrize("written", ["1.277", "1,277", "77,98 EUR", "1,27,98", "€77.98"])
def test_an_amount_that_could_be_two_is_refused(written: str) -> None:
    error = read(report(ROW | {"Refunded Amount": written})).refusal

    assert (error.column, error.found) == ("Refunded Amount", shown(written))


def test_without_a_currency_that_of_the_stated_store_is_taken() -> None:
    """Amazon tells the currency with the label, and not every return has one."""
    row = ROW | {"Currency code": "", "Label cost": ""}
    (told,) = in_store(row, "UK")

    assert read(report(row)).refusal.message == "an amount without a currency"
    assert "--marketplace" in read(report(row)).refusal.advice()
    assert isinstance(told, RowTold)
    assert told.money == (Money.of("24.00", "GBP"),)


def test_without_amounts_no_currency_is_needed() -> None:
    amounts = dict.fromkeys(
        ("Currency code", "Label cost", "Order Amount", "Refunded Amount"), ""
    ) | {"SafeT claim reimbursement amount": ""}

    assert read(report(ROW | amounts)).only.money == ()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("Y", True), ("N", False), ("true", True), ("false", False), ("", False)],
)
def test_an_a_to_z_claim_is_told_by_yes_or_no(answer: str, expected: bool) -> None:
    assert progress(ROW | {"A-to-Z Claim": answer}).a_to_z is expected


def test_unknown_codes_are_kept_verbatim_and_reported() -> None:
    codes = {
        "Return request status": "Dreaming",
        "Label type": "CarrierPigeon",
        "Label to be paid by": "Nobody",
        "Return Reason": "CR-MOON-PHASE",
        "Return type": "X-Returns",
        "Resolution": "Hug",
        "SafeT claim state": "Pondering",
        "In policy": "Perhaps",
    }
    told = read(report(ROW | codes))
    state, request = events(told.only)["progress"], events(told.only)[""]

    assert isinstance(state, ReturnProgressed)
    assert isinstance(request, ReturnRequested)
    assert (state.status, state.resolution, state.safe_t_state) == ("Dreaming", "Hug", "Pondering")
    assert (request.reason, request.in_policy) == ("CR-MOON-PHASE", None)
    assert told.unknown == {f"{column}: {code}" for column, code in codes.items()}


def test_known_codes_are_not_reported() -> None:
    assert read(report(ROW, ROW | {"Resolution": "RefundAtFirstScan"})).unknown == set()


@every_dress
def test_the_same_is_told_however_the_file_is_written(dressed: Callable[[bytes], bytes]) -> None:
    data = report(ROW, AT_FIRST | {"Merchant SKU": "CAFÉ-250"})

    assert read(dressed(data)).told == read(data).told
    assert len(read(data).told) == 2


@pytest.mark.parametrize(
    ("column", "found", "problem"),
    [
        ("Order ID", "", "the cell is blank"),
        ("Merchant SKU", "", "the cell is blank"),
        ("Return request date", "", "the cell is blank"),
        ("Return delivery date", "tomorrow", "not a date"),
        ("Return quantity", "some", "not a whole number"),
        ("Currency code", "DOGE", "not a currency"),
        ("Label cost", "free", "not clearly an amount"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(column: str, found: str, problem: str) -> None:
    told = read(report(ROW, ROW | {column: found}, ROW))
    error = told.refused[0]

    assert len(told.told) == 2
    assert (error.row, error.column, error.found) == (3, column, shown(found))
    assert problem in error.message
    assert error.advice()


def test_a_missing_column_is_named_as_amazon_writes_it() -> None:
    with pytest.raises(LedgerError, match=r"'mfn-returns'.*missing 'Amazon RMA ID'"):
        read(report(without(ROW, "Amazon RMA ID")))


def test_titles_invoices_and_the_sellers_own_names_are_never_read() -> None:
    ignored = {column.name for column in MfnReturns.columns if column.ignored}
    told = read(report(ROW)).only

    assert ignored == {"Merchant RMA ID", "Item Name", "Category", "VAT"}
    assert ["Invoice number"] == [name for name, _ in told.personal]
    assert "Ann Example" not in repr(replace(told, personal=()))


def test_the_real_row_is_read_though_its_last_cells_are_missing() -> None:
    row = read(real_file("MFN_returns_by_return_date_FULL_1_row_US_2025.txt"))

    assert row.unknown == set()
    assert set(events(row.only)) == {"", "progress"}
    assert times(row.only)[""] == "2025-07-14"
    assert row.only.money == ()
