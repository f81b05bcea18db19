"""Other people's programs read an export and agree on what it says."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jsonschema  # type: ignore[import-untyped]  # it brings no types
import openpyxl  # type: ignore[import-untyped]  # it brings no types
import pytest

from cli.exports.tables import TABLES
from tests.cli.exports.conftest import lines

PARTIES = "seller + buyer + amazon + carrier"


def cells(whole: Path, table: str) -> list[dict[str, str]]:
    with (whole / f"tables/{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


# --- Frictionless -----------------------------------------------------------------------------


def frictionless(package: Path) -> subprocess.CompletedProcess[str]:
    typed = [sys.executable, "-m", "frictionless", "validate", str(package / "datapackage.json")]
    return subprocess.run(typed, capture_output=True, text=True, check=False)


def test_frictionless_finds_the_data_package_valid(whole: Path) -> None:
    said = frictionless(whole)

    assert said.returncode == 0, said.stdout
    assert said.stdout.count("VALID") == len(TABLES)


def test_frictionless_finds_a_cell_that_was_changed(whole: Path, tmp_path: Path) -> None:
    package = Path(shutil.copytree(whole, tmp_path / "package"))
    path = package / "tables" / "totals.csv"
    path.write_text(path.read_text().replace(",0.00", ",0.01", 1))

    said = frictionless(package)

    assert said.returncode == 1
    assert "INVALID" in said.stdout


def test_every_column_is_explained(whole: Path) -> None:
    told = json.loads((whole / "datapackage.json").read_bytes())
    unexplained = [
        f"{resource['name']}.{field['name']}"
        for resource in told["resources"]
        for field in resource["schema"]["fields"]
        if not field["description"]
    ]

    assert unexplained == []
    assert [table.name for table in TABLES] == [resource["name"] for resource in told["resources"]]


# --- JSON Schemas -----------------------------------------------------------------------------


def schema(whole: Path, name: str) -> Any:
    told = json.loads((whole / f"schemas/{name}.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(told)
    return jsonschema.Draft202012Validator(told)


def test_every_schema_is_one(whole: Path) -> None:
    for path in whole.glob("schemas/**/*.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_bytes()))


def test_every_entry_is_as_the_schema_of_its_topic_says(whole: Path) -> None:
    told = lines(whole / "entries.ndjson")
    schemas = {
        topic: schema(whole, f"entries/{topic}") for topic in {line["topic"] for line in told}
    }

    assert [] == [line for line in told if not schemas[line["topic"]].is_valid(line)]


def test_an_entry_with_something_added_is_not(whole: Path) -> None:
    line = lines(whole / "entries.ndjson")[0]
    told = schema(whole, f"entries/{line['topic']}")

    assert told.is_valid(line)
    assert not told.is_valid({**line, "more": 1})
    assert not told.is_valid({**line, "position": "1"})
    assert not told.is_valid({**line, "body": {**line["body"], "more": 1}})


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_every_row_of_a_table_is_as_its_schema_says(whole: Path, table: str) -> None:
    told = schema(whole, f"tables/{table}")

    assert [] == [row for row in lines(whole / f"tables/{table}.ndjson") if not told.is_valid(row)]


@pytest.mark.parametrize("view", ["status", "liability", "eligibility", "coverage"])
def test_every_row_of_a_view_is_as_its_schema_says(whole: Path, view: str) -> None:
    told = schema(whole, f"views/{view}")

    assert [] == [row for row in lines(whole / f"views/{view}.ndjson") if not told.is_valid(row)]


def test_the_rest_of_a_pack_is_as_its_schemas_say(whole: Path, manifest: Any) -> None:
    assert schema(whole, "manifest").is_valid(manifest)
    told = schema(whole, "originals")

    assert all(told.is_valid(line) for line in lines(whole / "originals.ndjson"))


# --- DuckDB, a spreadsheet, SQLite ------------------------------------------------------------


def asked(question: str) -> list[tuple[Any, ...]]:
    """What DuckDB answers."""
    with closing(duckdb.connect()) as connection:
        return connection.execute(question).fetchall()


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_duckdb_reads_as_many_rows_as_the_csv_has(whole: Path, table: str) -> None:
    found = asked(f"SELECT count(*) FROM '{whole}/tables/{table}.parquet'")

    assert found == [(len(cells(whole, table)),)]


def test_duckdb_finds_exact_amounts_that_sum_to_zero(whole: Path) -> None:
    postings = f"'{whole}/tables/postings.parquet'"
    found = asked(f"SELECT currency, sum(amount) FROM {postings} GROUP BY currency")

    assert found
    assert all(total == 0 and isinstance(total, Decimal) for _, total in found)


def test_duckdb_finds_days_and_moments(whole: Path) -> None:
    findings = f"'{whole}/tables/audit.parquet'"
    entries = f"'{whole}/tables/entries.parquet'"
    ((day,),) = asked(f"SELECT min(window_closes) FROM {findings}")
    kinds = asked(f"DESCRIBE SELECT recorded_at, position FROM {entries}")

    assert isinstance(day, date)
    assert [kind[1] for kind in kinds] == ["TIMESTAMP WITH TIME ZONE", "BIGINT"]


def test_a_spreadsheet_has_a_sheet_for_each_table_after_the_control_sheet(
    whole: Path, manifest: Any
) -> None:
    book = openpyxl.load_workbook(whole / "tables.xlsx", read_only=True)

    assert ["control", *(table.name for table in TABLES)] == book.sheetnames
    control = list(book["control"].iter_rows(values_only=True))
    told = {row[0]: row[1] for row in control if row[0] in manifest["tables"]}
    assert manifest["tables"] == told
    book.close()


def test_a_spreadsheet_has_numbers_as_numbers_and_days_as_days(whole: Path) -> None:
    book = openpyxl.load_workbook(whole / "tables.xlsx", read_only=True)
    rows = list(book["audit"].iter_rows(values_only=True))
    found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    told = cells(whole, "audit")

    assert [row["finding_id"] for row in told] == [row["finding_id"] for row in found]
    assert [row["amount_open"] for row in told] == [
        "" if row["amount_open"] is None else f"{row['amount_open']:.2f}" for row in found
    ]
    assert {type(row["window_closes"]) for row in found} <= {datetime, type(None)}
    book.close()


def test_sqlite_answers_in_sql(whole: Path, manifest: Any) -> None:
    with closing(sqlite3.connect(whole / "tables.sqlite")) as file:
        names = [row[0] for row in file.execute("SELECT name FROM sqlite_schema WHERE sql != ''")]
        counts = {
            name: file.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names
        }
        (wrong,) = file.execute(f"SELECT count(*) FROM totals WHERE round({PARTIES}, 2) != 0")
        (whole_file,) = file.execute("PRAGMA integrity_check")

    assert manifest["tables"] == counts
    assert (wrong, whole_file) == ((0,), ("ok",))
