"""JSON, one row a line, a file for each table, as `--format ndjson` writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cli.exports.tables import TABLES

if TYPE_CHECKING:
    from cli.exports.material import Material

READ_AT_ONCE: Final = 1 << 20


def path_of(name: str) -> str:
    """Where a table is in the pack."""
    return f"tables/{name}.ndjson"


def write(material: Material, rows: dict[str, int]) -> None:
    """The rows as they were made."""
    for table in TABLES:
        made = material.kept(table).open("rb")
        with made, material.pack.open(path_of(table.name)) as file:
            while some := made.read(READ_AT_ONCE):
                file.write(some)
