"""The return-by day: of all rights that need no reason the later wins, unless one of them is not certain."""

from __future__ import annotations

import pytest

from tests.ledger.buyer import bought


@pytest.mark.parametrize(
    ("ordered", "delivered", "until"),
    [("2024-03-24", "2024-03-26", "2024-04-25"), ("2024-03-25", "2024-04-13", "2024-04-27")],
)
def test_a_german_camera_before_and_after_the_shorter_window(
    ordered: str, delivered: str, until: str
) -> None:
    told = bought("DE", ordered, delivered=delivered, category="camera")

    assert until == told.right("return_by", on=delivered).due_at


def test_a_german_camera_in_the_transition() -> None:
    """Its window is 14 days, and an online request was still taken until 25 April."""
    told = bought("DE", "2024-03-25", delivered="2024-04-01", category="camera")

    assert "2024-04-15" == told.right("return_window", "within").due_at
    assert "2024-04-25" == told.right("return_by").due_at


@pytest.mark.parametrize(("on", "state"), [("2026-02-07", "holds"), ("2026-02-08", "ended")])
def test_a_swedish_jacket_bought_at_christmas_and_delivered_late(on: str, state: str) -> None:
    found = bought("SE", "2025-12-25", delivered="2026-01-08").right("return_by", on=on)

    assert (state, "2026-02-07") == (found.state, found.due_at)
    assert {"ret.window.EU.1", "ret.holiday.2025.EU.default", "law.se.distans.1"} <= set(
        found.rule_ids
    )
    assert "the later wins" in found.reason


def test_a_german_toy_bought_in_november() -> None:
    """14 days by the category, 15 January by the extension, 14 days by law: the extension wins."""
    told = bought("DE", "2025-11-10", delivered="2025-11-13", category="toys")
    found = told.right("return_by", on="2025-12-01")

    assert ("holds", "2026-01-15") == (found.state, found.due_at)
    assert "by ret.holiday.2025.DE-IT.14day_categories" in found.reason
    assert "2025-11-27" == told.right("return_window").due_at
    assert "2025-11-27" == told.right("statutory_right", "withdraw").due_at
    assert "2026-01-15" == told.right("holiday_extension").due_at


def test_a_german_toy_that_arrived_in_january_is_under_the_law_and_the_window() -> None:
    told = bought("DE", "2025-12-20", delivered="2026-01-10", category="toys")

    assert "2026-01-24" == told.right("return_by").due_at


@pytest.mark.parametrize(
    ("days", "until", "by"),
    [(90, "2026-06-08", "the seller's own terms"), (14, "2026-04-09", "ret.window.US.1")],
)
def test_the_sellers_own_terms_can_only_lengthen(days: int, until: str, by: str) -> None:
    told = bought("US", "2026-03-01", delivered="2026-03-10").sets_terms(window_days=days)
    found = told.right("return_by", on="2026-03-20")

    assert until == found.due_at
    assert f"by {by}" in found.reason


@pytest.mark.parametrize("store", ["US", "DE", "SE", "UK"])
def test_an_extension_that_nobody_has_read_leaves_the_day_open(store: str) -> None:
    """Bought in November 2026: no notice of this year's extension was found."""
    told = bought(store, "2026-11-10", delivered="2026-11-12", category="shoes")
    found = told.right("return_by", on="2026-11-22")

    assert ("review", None) == (found.state, found.due_at)
    assert found.reason.startswith("not verified: ret.holiday.2026.")
    assert "only this is sure: to 2026-12-12 by ret.window." in found.reason
    assert "2027" not in str(found)
    assert "2026-12-12" == told.right("return_window").due_at, "what is sure is said by itself"


def test_what_leaves_it_open_is_asked_once() -> None:
    told = bought("SE", "2026-03-01", delivered=None).asked("2026-03-20")
    question = told.right("return_by").question or ""

    assert 1 == question.count("the delivery is not told")
    assert "at least to 2026-03-31" in question


def test_an_unknown_category_leaves_the_day_open() -> None:
    found = bought("DE", "2025-11-10", delivered="2025-11-13").right("return_by")

    assert ("review", None) == (found.state, found.due_at)
    assert "which category" in (found.question or "")
    assert "only this is sure: to 2026-01-15" in (found.question or "")
