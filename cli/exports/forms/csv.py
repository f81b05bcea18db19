"""Comma-separated values, a file for each table, as `--format csv` writes them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from cli.exports.tables import TABLES
from cli.formats.csv import cell

if TYPE_CHECKING:
    from cli.exports.material import Material

WRITTEN_AT_ONCE: Final = 1000


def path_of(name: str) -> str:
    """Where a table is in the pack."""
    return f"tables/{name}.csv"


def write(material: Material, rows: dict[str, int]) -> None:
    """A header and a line for each row."""
    for table in TABLES:
        names = [field.name for field in table.fields]
        with material.pack.open(path_of(table.name)) as file:
            written = io.StringIO()
            writer = csv.writer(written, lineterminator="\n")
            writer.writerow(names)
            for number, row in enumerate(material.values(table), 1):
                writer.writerow([cell(row.get(name)) for name in names])
                if number % WRITTEN_AT_ONCE == 0:
                    file.write(written.getvalue().encode())
                    written.seek(0)
                    written.truncate()
            file.write(written.getvalue().encode())
