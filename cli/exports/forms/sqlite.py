"""One SQLite file with every table, for whoever asks in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from cli.exports.tables import TABLES, Table
from cli.formats.csv import cell

if TYPE_CHECKING:
    from cli.exports.fields import Kind
    from cli.exports.material import Material

PATH: Final = "tables.sqlite"
_KINDS: Final[dict[Kind, str]] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "boolean": "INTEGER",
    "amount": "TEXT",  # exact: SQLite has no decimals
    "day": "TEXT",
    "moment": "TEXT",
    "list": "TEXT",
}


def write(material: Material, rows: dict[str, int]) -> None:
    """Every table, in one transaction; nothing in the file tells when it was made."""
    with (
        material.pack.place(PATH) as place,
        closing(sqlite3.connect(place, isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for table in TABLES:
            connection.execute(_create(table))
            names = ", ".join(f'"{field.name}"' for field in table.fields)
            marks = ", ".join("?" for _ in table.fields)
            insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608  names are ours
            connection.executemany(insert, _rows(material, table))
        connection.execute("COMMIT")


def _create(table: Table) -> str:
    columns = [
        f'"{field.name}" {_KINDS[field.kind]}{"" if field.optional else " NOT NULL"}'
        for field in table.fields
    ]
    if table.key:
        columns.append(f"PRIMARY KEY ({', '.join(table.key)})")
    return f'CREATE TABLE "{table.name}" ({", ".join(columns)})'


def _rows(material: Material, table: Table) -> Iterator[tuple[Any, ...]]:
    for row in material.values(table):
        yield tuple(_value(row.get(field.name)) for field in table.fields)


def _value(value: Any) -> Any:
    if value is None or isinstance(value, int | str):
        return value
    return cell(value)
