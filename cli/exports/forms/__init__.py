"""In which forms the tables of an export can be had: one module each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from cli.exports.forms import csv, ndjson, parquet, sqlite, xlsx

if TYPE_CHECKING:
    from cli.exports.material import Material

Form = Callable[["Material", dict[str, int]], None]
"""Writes every table into the pack; it is told how many rows each has."""

FORMS: Final[dict[str, Form]] = {
    "csv": csv.write,
    "ndjson": ndjson.write,
    "parquet": parquet.write,
    "xlsx": xlsx.write,
    "sqlite": sqlite.write,
}
DEFAULT: Final = "csv"
"""Always there: a spreadsheet reads it, and the data package describes it."""
