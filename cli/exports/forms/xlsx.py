"""One workbook: a control sheet first, then a sheet for each table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.exports.extras import needed
from cli.exports.tables import TABLES, Table
from cli.formats.csv import cell
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from cli.exports.fields import Field
    from cli.exports.material import Material

PATH: Final = "tables.xlsx"
ROWS_MAX: Final = 1_048_575
"""A sheet has no more, its header aside."""
LETTERS_MAX: Final = 32_767
"""A cell has no more."""
CREATED: Final = datetime(1980, 1, 1)  # noqa: DTZ001  a workbook knows no zones
"""The wall clock would give other bytes each time."""
WIDTHS: Final = {"text": 18, "integer": 10, "boolean": 8, "amount": 12, "day": 11, "moment": 26}


def write(material: Material, rows: dict[str, int]) -> None:
    """Numbers as numbers, days as days; what looks like a formula is text."""
    xlsxwriter = needed("xlsxwriter", "xlsx")
    for name, count in rows.items():
        if count > ROWS_MAX:
            raise LedgerError(
                f"a sheet has no room for the {count:,} rows of {name}",
                advice="Ask for `--with parquet` or `--with sqlite` instead of xlsx, or for a period.",
            )
    with material.pack.place(PATH) as place:
        try:
            _write_book(xlsxwriter, place, material, rows)
        except xlsxwriter.exceptions.XlsxWriterException as error:
            raise OSError(0, str(error)) from error


def _write_book(xlsxwriter: Any, place: Path, material: Material, rows: Mapping[str, int]) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    # What is written on the way lies beside the book, and not where others could find what was left of it.
    with (
        tempfile.TemporaryDirectory(dir=place.parent, prefix=".xlsx-") as passing,
        xlsxwriter.Workbook(str(place), {**options, "tmpdir": passing}) as book,
    ):
        book.set_properties({"title": f"Returns ledger: {material.account}", "created": CREATED})
        styles = _styles(book)
        _write_sheet(book, "control", list(_control(material, rows)), styles)
        for table in TABLES:
            _write_table(book, material, table, rows[table.name], styles)


def _styles(book: Any) -> dict[str, Any]:
    return {
        "heading": book.add_format({"bold": True, "bottom": 1}),
        "amount": book.add_format({"num_format": "#,##0.00##"}),
        "integer": book.add_format({"num_format": "0"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format(),
    }


def _control(material: Material, rows: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    """What whoever reads the sheets can compare them with."""
    pack = material.pack
    yield ("what", "is", "", "")
    yield ("account", material.account, "", "")
    yield ("log", pack.notary.origin, "", "")
    yield ("entries in the log", pack.position, "", "")
    yield ("judged on", material.day.isoformat(), "", "")
    yield ("rulebook", material.rulebook.digest, "", "")
    yield ("", "", "", "")
    yield ("sheet", "rows", "what a row is", "")
    for table in TABLES:
        yield (table.name, rows[table.name], table.meaning, "")
    yield ("", "", "", "")
    yield ("imported report", "currency", "control total", "")
    for total in pack.control_totals():
        yield (total["report_format"], total["currency"], float(total["amount"]), "")


def _write_sheet(book: Any, name: str, rows: list[tuple[Any, ...]], styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 2, 32)
    for number, row in enumerate(rows):
        heading = row[0] in ("what", "sheet", "imported report")
        for column, value in enumerate(row):
            style = styles["amount" if isinstance(value, float) else "text"]
            sheet.write(number, column, value, styles["heading"] if heading else style)


def _write_table(
    book: Any, material: Material, table: Table, rows: int, styles: dict[str, Any]
) -> None:
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(table.fields):
        sheet.set_column(column, column, WIDTHS.get(field.kind, 18))
        sheet.write_string(0, column, field.name, styles["heading"])
    for number, row in enumerate(material.values(table), 1):
        for column, field in enumerate(table.fields):
            _write_cell(sheet, number, column, field, row.get(field.name), styles)
    sheet.autofilter(0, 0, rows, len(table.fields) - 1)


def _write_cell(
    sheet: Any, row: int, column: int, field: Field, value: Any, styles: dict[str, Any]
) -> None:
    if value is None:
        return
    if field.kind == "integer":
        sheet.write_number(row, column, value, styles["integer"])
    elif field.kind == "amount":
        sheet.write_number(row, column, float(value), styles["amount"])
    elif field.kind == "boolean":
        sheet.write_boolean(row, column, value)
    elif field.kind == "day":
        sheet.write_datetime(row, column, datetime.fromisoformat(value[:10]), styles["day"])
    else:
        sheet.write_string(row, column, _fitting(str(cell(value))))


def _fitting(text: str) -> str:
    """What has no room ends in an ellipsis: the other forms have all of it."""
    return text if len(text) <= LETTERS_MAX else f"{text[: LETTERS_MAX - 1]}…"
