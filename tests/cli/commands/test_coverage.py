"""Which days the files speak for, and which are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.reports import REPORT_FORMATS
from tests.cli.terminal import imported, typed, written
from tests.story import ORDER, returned


@pytest.fixture(autouse=True)
def two_files(tmp_path: Path) -> None:
    """With a hole between them."""
    for name, period, day in (
        ("march", "2026-03-01..2026-03-31", "2026-03-05"),
        ("june", "2026-06-01..2026-06-30", "2026-06-05"),
    ):
        (path,) = written(tmp_path / name, returned(ORDER, day, plate=f"LPN{name}"))
        assert typed("import", path, "--account", "seller", "--period", period).code == 0


def test_a_row_is_a_span_of_days_and_the_gap_that_follows() -> None:
    first, second = typed("coverage").rows

    assert (first["first_day"], first["last_day"]) == ("2026-03-01", "2026-03-31")
    assert (first["gap_first"], first["gap_last"]) == ("2026-04-01", "2026-05-31")
    assert (second["first_day"], second["last_day"], second["gap_first"]) == (
        "2026-06-01",
        "2026-06-30",
        None,
    )
    assert first["basis"] == "stated"
    assert (first["account"], first["report_format"]) == ("seller", "fba-customer-returns")


def test_what_is_missing_can_be_had_as_rows() -> None:
    said = typed("coverage", "--gaps")
    returns = [row for row in said.rows if row["report_format"] == "fba-customer-returns"]

    assert [(row["why"], row["first_day"], row["last_day"]) for row in returns] == [
        ("hole", "2026-04-01", "2026-05-31"),
        ("stale", "2026-07-01", "2026-11-20"),
    ]
    assert {row["report_format"] for row in said.rows} == {form.name for form in REPORT_FORMATS}


def test_a_table_says_where_to_download_what_is_missing() -> None:
    shown = typed("coverage", "--format", "table").out

    assert "fba-customer-returns: nothing from 2026-04-01 to 2026-05-31\n" in shown
    assert "all-orders: never imported\n" in shown
    assert "Seller Central > " in shown


def test_what_was_not_known_at_a_moment_is_left_out(tmp_path: Path) -> None:
    first = typed("story", "account").rows[2]["recorded_at"]

    assert [row["first_day"] for row in typed("coverage", "--known-at", first).rows] == [
        "2026-03-01"
    ]
    imported(tmp_path / "more", returned(ORDER, "2026-07-05"))
    assert [row["first_day"] for row in typed("coverage", "--known-at", first).rows] == [
        "2026-03-01"
    ]
