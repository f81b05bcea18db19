"""What a buyer may still do, and who bears what, as it is typed and read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import imported, typed
from tests.story import ORDER, SKU, refunded, sold

TOY = "302-0000001-0000001"
LAMP = "114-0000009-0000009"


def said(*words: str) -> None:
    told = typed(*words, "-q")
    assert told.code in (0, 3), told.err


@pytest.fixture
def toy() -> None:
    """Bought in Germany on 10 November 2025, delivered three days later."""
    said("product", "describe", "TOY", "--category", "toys", "--at", "2025-01-01")
    order = ("--sku", "TOY", "--marketplace", "DE", "--price", "30.00 EUR", "--at", "2025-11-10")
    said("order", "tell", TOY, *order)
    said("order", "deliver", TOY, "--at", "2025-11-13")


@pytest.fixture
def lamp() -> None:
    """Came back as new for another reason than a fault, with a label that was deducted."""
    order = (
        "--sku",
        "LAMP",
        "--marketplace",
        "US",
        "--price",
        "100.00 USD",
        "--shipping",
        "4.99 USD",
    )
    said("order", "tell", LAMP, *order, "--at", "2026-03-01")
    said("order", "deliver", LAMP, "--at", "2026-03-05")
    said("return", "request", LAMP, "--reason", "CR-UNWANTED_ITEM", "--at", "2026-03-10")
    label = ("--payer", "seller", "--kind", "amazon_prepaid", "--cost", "7.50 USD")
    said("return", "label", LAMP, *label, "--at", "2026-03-10")
    said("return", "receive", LAMP, "--at", "2026-03-15")
    said("return", "grade", LAMP, "--condition", "as_new", "--at", "2026-03-15")
    given = ("--by", "seller", "--trigger", "manual", "--amount", "92.50 USD")
    said("refund", "give", LAMP, *given, "--at", "2026-03-16")


def the(rows: list[dict[str, Any]], policy: str) -> dict[str, Any]:
    return next(row for row in rows if row["policy"] == policy)


# --- rights -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "state"), [("2026-01-15", "holds"), ("2026-01-16", "ended")])
def test_the_later_of_all_rights_wins(toy: None, on: str, state: str) -> None:
    rows = typed("rights", TOY, "--on", on).rows
    row = the(rows, "return_by")

    assert (state, "2026-01-15", "B") == (row["state"], row["due_at"], row["rule_evidence"])
    assert "ret.holiday.2025.DE-IT.14day_categories" == row["rule_id"]
    assert {"ret.window.DEIT_more.1", "law.eu.withdrawal.1"} <= set(row["rule_ids"])


def test_the_day_that_is_asked_about_is_today_unless_said(toy: None) -> None:
    assert "ended" == the(typed("rights", TOY).rows, "return_by")["state"]
    assert "holds" == the(typed("rights", TOY, "--as-of", "2025-12-01").rows, "return_by")["state"]
    assert (
        "2025-12-01" == typed("rights", TOY, "--on", "2025-12-01", "--format", "json").json["as_of"]
    )


def test_what_was_told_later_is_not_known_earlier(toy: None) -> None:
    rows = typed("rights", TOY, "--on", "2025-12-01", "--known-at", "2026-11-19").rows

    assert [] == rows


def test_an_order_that_was_only_sold_has_its_question(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))
    rows = typed("rights", ORDER, "--on", "2026-06-10").rows

    assert {"review"} == {row["state"] for row in rows}
    assert SKU == rows[0]["sku"]


def test_what_is_not_verified_is_said_so_in_a_table() -> None:
    order = ("--sku", "TOY", "--marketplace", "FR", "--price", "30.00 EUR", "--at", "2026-11-10")
    said("order", "tell", TOY, *order)
    said("order", "deliver", TOY, "--at", "2026-11-12")
    shown = typed("rights", TOY, "--on", "2026-11-20", "--format", "table").out

    assert "not verified" in shown
    assert "ret.holiday.2026.EU.default is not certain" in shown
    assert "2027-01-31" not in shown


def test_a_stranger_is_refused() -> None:
    told = typed("rights", "114-9999999-9999999")

    assert 1 == told.code


# --- postage and costs ------------------------------------------------------------------------


def test_every_step_of_the_postage_is_there_for_programs_and_people(lamp: None) -> None:
    rows = typed("postage", LAMP, "--explain").rows
    shown = typed("postage", LAMP, "--explain", "--format", "table").out

    assert [("buyer", "4.99"), ("buyer", "7.50")] == [
        (row["bearer"], row["amount"]) for row in rows
    ]
    assert all(test["would_flip"] for row in rows for test in row["tests"])
    assert "ret.postage.US.1" in shown
    assert "The seller refunded 92.50 USD" in shown, "entries are told in words"
    assert "tests" not in typed("postage", LAMP).rows[0]


def test_the_costs_add_up_to_what_the_lines_say(lamp: None) -> None:
    answer = typed("costs", LAMP, "--format", "json").json
    sums = {one["bearer"]: Decimal(one["amount"]) for one in answer["sums"]}
    lines = [(row["bearer"], row["amount"]) for row in answer["rows"] if row["amount"]]

    assert {"nobody": Decimal("92.50"), "buyer": Decimal("12.49")} == sums
    assert sum(sums.values()) == sum(Decimal(amount) for _, amount in lines)
    assert answer["open"] == sum(row["amount"] is None for row in answer["rows"])


@pytest.mark.parametrize("format_", ["table", "ndjson", "csv", "json"])
@pytest.mark.parametrize("command", ["rights", "costs", "postage"])
def test_every_format_writes_them(lamp: None, command: str, format_: str) -> None:
    told = typed(command, LAMP, "--format", format_)

    assert 0 == told.code, told.err
    assert "ret.postage.US.1" in told.out or "ret.window.US.1" in told.out


def test_before_a_day_nothing_of_it_had_happened(lamp: None) -> None:
    assert [] == typed("postage", LAMP, "--as-of", "2026-03-09").rows
    costs = typed("costs", LAMP, "--as-of", "2026-03-14", "--format", "json").json

    assert [("buyer", "7.50")] == [(one["bearer"], one["amount"]) for one in costs["sums"]]


def test_an_order_without_a_return_costs_nothing(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))

    assert [] == typed("costs", ORDER, "--format", "json").json["sums"]
    assert "No cost of a return" in typed("costs", ORDER, "--format", "table").out
    assert "No postage is in question" in typed("postage", ORDER, "--format", "table").out


def test_a_settled_refund_costs_what_the_settlement_says(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    answer = typed("costs", ORDER, "--format", "json").json

    assert {"seller": "17.60", "amazon": "3.00"} == {
        one["bearer"]: one["amount"] for one in answer["sums"]
    }
