"""Parquet, a file for each table, its columns typed: exact decimals, days, moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from cli.exports.extras import needed
from cli.exports.tables import TABLES

if TYPE_CHECKING:
    from cli.exports.fields import Field, Kind
    from cli.exports.material import Material

WRITTEN_AT_ONCE: Final = 50_000
DIGITS: Final = 18
PLACES: Final = 3
"""As many as any currency has: `12.34` stands as 12.340."""


def path_of(name: str) -> str:
    """Where a table is in the pack."""
    return f"tables/{name}.parquet"


def write(material: Material, rows: dict[str, int]) -> None:
    """Every table, in batches."""
    arrow, parquet = needed("pyarrow", "parquet"), needed("pyarrow.parquet", "parquet")
    for table in TABLES:
        schema = arrow.schema([_column(field, arrow) for field in table.fields])
        with (
            material.pack.place(path_of(table.name)) as place,
            parquet.ParquetWriter(str(place), schema, compression="zstd") as writer,
        ):
            for some in _batches(material.values(table)):
                columns = [
                    [_MADE[field.kind](row.get(field.name)) for row in some]
                    for field in table.fields
                ]
                writer.write_table(
                    arrow.Table.from_arrays(_arrays(columns, schema, arrow), schema=schema)
                )


def _arrays(columns: list[list[Any]], schema: Any, arrow: Any) -> list[Any]:
    return [
        arrow.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)
    ]


def _column(field: Field, arrow: Any) -> Any:
    kinds: dict[Kind, Any] = {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "boolean": arrow.bool_(),
        "amount": arrow.decimal128(DIGITS, PLACES),
        "day": arrow.date32(),
        "moment": arrow.timestamp("us", tz="UTC"),
        "list": arrow.list_(arrow.string()),
    }
    return arrow.field(
        field.name,
        kinds[field.kind],
        nullable=field.optional,
        metadata={"description": field.meaning},
    )


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, WRITTEN_AT_ONCE)):
        yield some


def _if_told(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else make(value)


def _same(value: Any) -> Any:
    return value


_MADE: Final[dict[Kind, Callable[[Any], Any]]] = {
    "text": _same,
    "integer": _same,
    "boolean": _same,
    "amount": _if_told(Decimal),
    "day": _if_told(lambda text: date.fromisoformat(text[:10])),
    "moment": _if_told(datetime.fromisoformat),
    "list": _if_told(lambda values: [str(value) for value in values]),
}
