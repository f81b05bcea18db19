"""Comma-separated values, a file for each table, as `--format csv` writes them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from cli.exports.tables import TABLES
from cli.formats.csv import cells, lines

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
            file.write(lines([names]).encode())
            rows_told = material.values(table)
            while some := [cells(row, names) for row in islice(rows_told, WRITTEN_AT_ONCE)]:
                file.write(lines(some).encode())
