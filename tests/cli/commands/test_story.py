"""Telling all that is recorded of one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import imported, typed
from tests.story import FNSKU, ORDER, OTHER_ORDER, refunded, reimbursed, returned, sold

FIELDS = {
    "position",
    "stream",
    "version",
    "event",
    "occurred_at",
    "recorded_at",
    "actor",
    "summary",
    "source_digest",
    "source_file",
    "source_row",
    "causation",
}


@pytest.fixture(autouse=True)
def an_order(tmp_path: Path) -> None:
    """Returned, then sold and refunded: the files came in another order than the facts."""
    imported(tmp_path / "late", returned(ORDER, "2026-06-20"))
    imported(tmp_path / "early", sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))


def test_a_row_is_an_entry_with_the_row_of_the_file_that_says_so() -> None:
    row = typed("story", ORDER).rows[0]

    assert set(row) >= FIELDS
    assert row["event"] == "UnitReturned"
    assert row["occurred_at"] == "2026-06-20T12:00:00Z"
    assert row["recorded_at"].startswith("2026-11-20T12:00:00")
    assert row["source_file"].startswith("fba-customer-returns-")
    assert row["source_row"] == 2
    assert row["actor"] == "seller"
    assert row["causation"] is None
    assert row["summary"].startswith("1 unit of SKU-1 came back to LEX1, graded SELLABLE")


def test_entries_come_in_the_order_of_recording_or_of_what_happened() -> None:
    recorded = [row["event"] for row in typed("story", ORDER).rows]
    happened = [row["event"] for row in typed("story", ORDER, "--by", "occurrence").rows]

    assert recorded[0] == "UnitReturned"
    assert sorted(recorded) == sorted(happened)
    assert happened == ["SaleSettled", "RefundIssued", "UnitReturned"]


def test_a_thing_may_be_named_by_its_id_or_its_stream(tmp_path: Path) -> None:
    lost = reimbursed("2026-06-22", "R-1", reason="Lost_Warehouse")
    imported(tmp_path / "money", lost)

    assert typed("story", f"order/{ORDER}").rows == typed("story", ORDER).rows
    assert [row["stream"] for row in typed("story", FNSKU).rows] == [f"stock/{FNSKU}"]
    assert typed("story", FNSKU.lower()).rows == typed("story", FNSKU).rows
    assert {row["stream"] for row in typed("story", "account").rows} == {"account"}


def test_what_had_not_happened_or_was_not_known_is_left_out() -> None:
    def events(*options: str) -> list[str]:
        return [row["event"] for row in typed("story", ORDER, *options).rows]

    first = typed("story", ORDER).rows[0]["recorded_at"]

    assert events("--as-of", "2026-06-09") == ["SaleSettled"]
    assert events("--known-at", first) == ["UnitReturned"]


def test_a_thing_that_nobody_knows_is_an_error_with_advice() -> None:
    said = typed("story", OTHER_ORDER)

    assert said.code == 1
    assert said.err == (
        f"error: nothing is recorded of it in seller (found '{OTHER_ORDER}')\n"
        "→ `returns-ledger coverage` shows which reports and days were imported.\n"
    )


def test_what_had_not_happened_by_a_day_is_not_said_to_be_missing_from_the_files() -> None:
    said = typed("story", ORDER, "--as-of", "1999-01-01")

    assert said.code == 1
    assert "leave --as-of and --known-at out" in said.err
    assert "coverage" not in said.err


def test_json_names_the_schema_and_both_dates() -> None:
    told = typed("story", ORDER, "--format", "json").json

    assert list(told) == ["schema", "as_of", "known_at", "rows"]
    assert told["schema"] == "returns-ledger/story/1"
    assert told["as_of"] == "2026-11-20"
    assert told["known_at"] == "2026-11-20T12:00:00Z"


def test_a_store_leaves_out_what_belongs_to_another() -> None:
    assert len(typed("story", ORDER, "--marketplace", "US").rows) == 3
    assert typed("story", ORDER, "--marketplace", "DE").code == 1


def test_an_audit_is_part_of_the_story(tmp_path: Path) -> None:
    imported(tmp_path / "more", refunded(OTHER_ORDER, "2026-04-10"))
    (answered,) = typed("audit", "--order", OTHER_ORDER).rows
    told = typed("story", OTHER_ORDER).rows[-1]

    assert told["event"] == "JudgementRecorded"
    assert answered["finding_id"] in told["summary"]
    assert told["source_file"] is None


def test_a_table_says_it_in_sentences_and_what_to_do_next() -> None:
    shown = typed("story", ORDER, "--format", "table").out

    assert shown.startswith(f"order/{ORDER}\n")
    assert "The buyer was refunded for SKU-1" in " ".join(shown.split())
    assert f"→ Who bears the cost: `returns-ledger liability {ORDER}`." in shown
