"""Who bears the cost."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.commands.liability import GROUPINGS
from projections import liability
from tests.cli.terminal import imported, typed
from tests.story import ORDER, OTHER_ORDER, refunded, reimbursed, sold

FIELDS = {"account", "order_id", "sku", "currency", "party", "line", "amount", "entries"}


@pytest.fixture(autouse=True)
def two_refunds(tmp_path: Path) -> None:
    """One of them paid for by Amazon."""
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        reimbursed("2026-06-22", "R-1", order=ORDER),
        sold(OTHER_ORDER, "2026-06-05"),
        refunded(OTHER_ORDER, "2026-07-10", number="2"),
    )


def sums(rows: list[dict[str, Any]]) -> dict[str, Decimal]:
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        total[row["party"]] += Decimal(row["amount"])
    return total


def test_a_row_is_a_group_a_party_and_a_line() -> None:
    rows = typed("liability", ORDER).rows
    reimbursement = next(
        row for row in rows if (row["party"], row["line"]) == ("amazon", "reimbursement")
    )

    assert set(reimbursement) >= FIELDS
    assert reimbursement["order_id"] == ORDER
    assert (reimbursement["amount"], reimbursement["currency"]) == ("15.00", "USD")
    assert reimbursement["entries"] == 1


@pytest.mark.parametrize("by", GROUPINGS)
def test_over_all_parties_the_amounts_sum_to_zero(by: str) -> None:
    rows = typed("liability", "--by", by).rows

    assert rows
    assert sum(sums(rows).values()) == 0
    assert sums(rows) == sums(typed("liability").rows)


def test_the_ways_to_add_up_are_those_that_the_projection_knows() -> None:
    assert liability.GROUPINGS == GROUPINGS


def test_months_are_told_apart() -> None:
    assert {row["month"] for row in typed("liability", "--by", "month").rows} == {
        "2026-06",
        "2026-07",
    }


def test_a_store_leaves_out_what_belongs_to_another() -> None:
    assert typed("liability", "--marketplace", "US").rows == typed("liability").rows
    assert typed("liability", "--marketplace", "DE").rows == []


def test_each_store_has_what_happened_there_in_orders_and_without(
    tmp_path: Path,
) -> None:
    order = "302-0000003-0000003"
    sold_it = ("--sku", "SKU-9", "--price", "30.00 EUR", "--marketplace", "DE")
    gave_it = ("--by", "seller", "--trigger", "manual", "--amount", "29.00")
    assert typed("order", "tell", order, *sold_it, "--at", "2026-06-20").code == 0
    assert typed("refund", "give", order, *gave_it, "--at", "2026-07-01").code == 0
    imported(tmp_path / "more", reimbursed("2026-06-23", "R-2", order=""))
    every = typed("liability").rows
    german, american = (typed("liability", "--marketplace", place).rows for place in ("DE", "US"))

    assert {order} == {row["order_id"] for row in german}
    assert {ORDER, OTHER_ORDER, None} == {row["order_id"] for row in american}
    assert len(every) == len(german + american)
    assert all(row in german + american for row in every)
    past = typed("liability", "--marketplace", "DE", "--as-of", "2026-06-30")
    assert (past.code, past.rows) == (0, [])


def test_what_had_not_happened_on_a_day_is_left_out() -> None:
    rows = typed("liability", "--as-of", "2026-06-15").rows

    assert {row["order_id"] for row in rows} == {ORDER}
    assert "reimbursement" not in {row["line"] for row in rows}


def test_a_table_adds_up_what_each_party_bears() -> None:
    shown = typed("liability", ORDER, "--format", "table").out

    assert "\nAltogether\n" in shown
    assert f"amazon bears {sums(typed('liability', ORDER).rows)['amazon']} USD\n" in shown


def test_what_no_report_tells_yet_stands_apart(tmp_path: Path) -> None:
    """And gives way to what the settlement tells, whose amounts count."""
    order = "114-0000003-0000003"
    sold_it = ("--sku", "SKU-9", "--price", "30.00 USD", "--marketplace", "US")
    gave_it = ("--by", "seller", "--trigger", "manual", "--amount", "29.00")
    assert typed("order", "tell", order, *sold_it, "--at", "2026-06-20").code == 0
    assert typed("refund", "give", order, *gave_it, "--at", "2026-07-01").code == 0
    waiting = typed("liability", order).rows
    shown = typed("liability", "--format", "table").out
    imported(tmp_path / "later", refunded(order, "2026-07-09", sku="SKU-9", principal="30.00"))
    settled = typed("liability", order).rows

    assert {(True, "29.00"), (True, "-29.00")} == {
        (row["provisional"], row["amount"]) for row in waiting
    }
    assert "Provisional: you told it, and no report does yet\n" in shown
    assert "Altogether, with what is provisional\n" in shown
    assert {False} == {row["provisional"] for row in settled}
    assert ("seller", "product", "30.00") in {
        (row["party"], row["line"], row["amount"]) for row in settled
    }
