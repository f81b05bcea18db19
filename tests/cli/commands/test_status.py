"""Where each order and SKU stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import imported, typed
from tests.story import ORDER, OTHER_ORDER, refunded, reimbursed, returned, sold

FIELDS = [
    "account",
    "marketplace",
    "programme",
    "order_id",
    "sku",
    "fnsku",
    "asin",
    "units_shipped",
    "units_refunded",
    "units_returned",
    "units_reimbursed",
    "status",
    "disposition",
    "return_reason",
    "last_occurred_at",
]


@pytest.fixture(autouse=True)
def two_orders(tmp_path: Path) -> None:
    """One that came back and one that was only sold."""
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(ORDER, "2026-06-20"),
        sold(OTHER_ORDER, "2026-06-05"),
    )


def test_a_row_is_an_order_and_sku() -> None:
    row = typed("status", ORDER).row

    assert list(row) == FIELDS
    assert (row["units_shipped"], row["units_refunded"], row["units_returned"]) == (1, 1, 1)
    assert (row["status"], row["disposition"]) == ("refunded", "SELLABLE")
    assert row["last_occurred_at"] == "2026-06-20T12:00:00Z"


def test_without_an_order_all_are_told_and_returns_alone_where_asked() -> None:
    assert [row["order_id"] for row in typed("status").rows] == [ORDER, OTHER_ORDER]
    assert [row["order_id"] for row in typed("status", "--returns").rows] == [ORDER]


def test_a_view_says_what_a_fold_says() -> None:
    """A plain question reads the view, one with a moment folds anew."""
    assert typed("status").rows == typed("status", "--known-at", "2027-01-01T00:00:00Z").rows


def test_a_view_is_caught_up_before_it_is_read(tmp_path: Path) -> None:
    typed("status")
    imported(tmp_path / "more", reimbursed("2026-06-22", "R-1", order=ORDER))

    assert typed("status", ORDER).row["status"] == "reimbursed"


def test_what_had_not_happened_on_a_day_is_left_out() -> None:
    row = typed("status", ORDER, "--as-of", "2026-06-15").row

    assert row["status"] == "refunded"
    assert (row["units_refunded"], row["units_returned"]) == (1, 0)


def test_a_store_leaves_out_what_belongs_to_another() -> None:
    assert len(typed("status", "--marketplace", "us").rows) == 2
    assert typed("status", "--marketplace", "DE").rows == []


def test_one_unknown_order_among_others_is_an_error() -> None:
    said = typed("status", ORDER, "114-9999999-9999999")

    assert said.code == 1
    assert "(found '114-9999999-9999999')" in said.err


def test_a_table_says_what_to_do_next() -> None:
    shown = typed("status", "--format", "table").out

    assert shown.endswith("→ What Amazon owes: `returns-ledger audit`.\n")
