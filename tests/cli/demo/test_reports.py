"""Each file is in Amazon's bytes, and the product recognises and reads it."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from cli.demo import REPORTS
from ledger.errors import LedgerError
from ledger.report import Reading, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.table import read_table, unpacked
from tests.cli.demo.shipped import decoded, one, opened, rows_of, with_columns

FILES = sorted(path.name for path in REPORTS.iterdir())


def members(file: str) -> list[tuple[str, bytes]]:
    return unpacked((REPORTS / file).read_bytes(), file)


@pytest.mark.parametrize("file", FILES)
def test_the_product_reads_every_row(file: str) -> None:
    for name, data in members(file):
        table = read_table(data, name)
        reading = Reading(name, "US")
        told = list(identify(table, REPORT_FORMATS).read(table, reading))

        assert [row for row in told if isinstance(row, LedgerError)] == []
        assert told
        assert reading.unknown_codes <= {"reason: SCENT_NOT_AS_EXPECTED"}


def test_there_is_a_file_for_every_report_format() -> None:
    found = [
        identify(read_table(data, name), REPORT_FORMATS).name
        for file in FILES
        for name, data in members(file)
    ]

    assert {form.name for form in REPORT_FORMATS} == set(found)
    assert found.count("settlement") == 13
    assert found.count("fba-customer-returns") == 2


@pytest.mark.parametrize(
    ("columns", "width", "line_end", "quoted"),
    [
        (("license-plate-number", "customer-comments"), 13, "\r\n", False),
        (("reimbursement-id",), 18, "\r\n", False),
        (("Date and Time", "Store"), 16, "\n", True),
        (("settlement-id",), 24, "\n", False),
        (("Amazon RMA ID",), 32, "\n", False),
        (("requested-quantity",), 16, "\r\n", False),
        (("removal-order-type",), 10, "\r\n", False),
        (("order-status", "amazon-order-id"), 30, "\n", False),
        (("shipment-item-id",), 48, "\r\n", False),
        (("replacement-reason-code",), 9, "\r\n", False),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_report_has_amazons_columns_line_ends_and_quoting(
    shipped_files: dict[str, bytes],
    columns: tuple[str, ...],
    width: int,
    line_end: str,
    quoted: bool,
) -> None:
    """As in the real files seen, where there are any; as in Amazon's pages elsewhere."""
    texts = [decoded(data) for data in opened(shipped_files).values()]
    mine = [text for text in texts if set(columns) <= set(rows_of(text.encode())[0])]

    assert mine
    for text in mine:
        header, *lines = text.split(line_end)
        assert "\r" not in text.replace("\r\n", "") if line_end == "\r\n" else "\r" not in text
        assert lines[-1] == ""
        assert len(header.split("," if quoted else "\t")) == width
        if quoted:
            assert all(
                line.startswith('"') and line.endswith('"') for line in (header, *lines[:-1])
            )
        else:
            assert {line.count("\t") for line in lines[:-1]} == {width - 1}


def test_the_orders_header_ends_in_a_blank_as_amazons_does(shipped_files: dict[str, bytes]) -> None:
    headers = [decoded(data).partition("\n")[0] for data in opened(shipped_files).values()]

    assert any(header.endswith("signature-confirmation-recommended ") for header in headers)


def test_titles_hold_bare_quotes_and_letters_that_are_not_utf_8(
    shipped_files: dict[str, bytes],
) -> None:
    returns = [
        data for data in opened(shipped_files).values() if b"license-plate-number" in data[:400]
    ]

    assert any(b'"' in data for data in returns)
    assert any(b"\xe9" in data for data in returns)
    for data in returns:
        data.decode("cp1252")


def test_files_are_named_by_numbers_as_downloads_are() -> None:
    assert [name for name in FILES if not re.fullmatch(r"\d+\.(txt|csv)(\.gz)?", name)] == [
        "removals-2026-11-18.zip"
    ]


PERSONAL = (
    "buyer-email",
    "buyer-name",
    "buyer-phone-number",
    "recipient-name",
    "ship-address-1",
    "ship-city",
    "ship-postal-code",
    "ship-phone-number",
)


def test_the_people_are_obviously_invented(shipped_files: dict[str, bytes]) -> None:
    """Reserved domain, reserved telephone numbers, places that are not."""
    rows = one(with_columns(shipped_files, "shipment-item-id"))
    own = [row for row in rows if row["sales-channel"] == "Amazon.com"]

    assert [row for row in own if not all(row[column] for column in PERSONAL)] == []
    for row in own:
        assert row["buyer-email"].endswith("@buyer.example")
        assert re.fullmatch(r"\+1 555-01\d\d", row["buyer-phone-number"])


@pytest.mark.parametrize("file", FILES)
def test_nothing_personal_is_in_a_fact(file: str, shipped_files: dict[str, bytes]) -> None:
    """No buyer's name, address or comment gets into an event."""
    people = one(with_columns(shipped_files, "shipment-item-id"))
    secrets = {row[column] for row in people for column in PERSONAL}
    secrets |= {
        row["customer-comments"]
        for rows in with_columns(shipped_files, "customer-comments")
        for row in rows
    }
    secrets = {secret for secret in secrets if len(secret) > 4}
    for name, data in members(file):
        table = read_table(data, name)
        rows = identify(table, REPORT_FORMATS).read(table, Reading(name, "US"))
        told = repr(
            [replace(row, personal=()) if isinstance(row, RowTold) else row for row in rows]
        )

        assert [secret for secret in secrets if secret in told] == []
