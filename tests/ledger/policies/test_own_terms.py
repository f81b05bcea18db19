"""The seller's own window and guarantee: they add to a buyer's rights."""

from __future__ import annotations

import pytest

from tests.ledger.buyer import Buyer, bought


def sold(store: str = "US", *, delivered: str | None = "2026-03-10") -> Buyer:
    return bought(store, "2026-03-01", delivered=delivered)


@pytest.mark.parametrize(("on", "state"), [("2026-05-09", "holds"), ("2026-05-10", "ended")])
def test_the_sellers_own_days_count_from_delivery(on: str, state: str) -> None:
    found = sold().sets_terms(window_days=60).right("own_terms", on=on)

    assert (state, "2026-05-09", ()) == (found.state, found.due_at, found.rule_ids)
    assert 3 == len(found.entries), "order, delivery and terms are named"


def test_the_guarantee_runs_by_the_calendar() -> None:
    found = sold(delivered="2026-08-31").sets_terms(guarantee_months=6).right("own_terms")

    assert "2027-02-28" == found.due_at
    assert "ends no right by law" in found.reason


@pytest.mark.parametrize(
    ("set_on", "days"),
    [("2026-02-28", "2026-06-08"), ("2026-03-01", "2026-06-08"), ("2026-03-02", None)],
)
def test_only_terms_that_stood_when_it_was_ordered_count(set_on: str, days: str | None) -> None:
    found = sold().sets_terms(set_on, window_days=90).rulings("own_terms", on="2026-11-20")

    assert days == (found[0].due_at if found else None)


def test_terms_of_the_store_come_before_general_ones() -> None:
    told = sold().sets_terms("2026-01-01", marketplace="US", window_days=60)
    told.sets_terms("2026-02-01", window_days=45).sets_terms(
        "2026-02-02", marketplace="DE", window_days=7
    )

    assert "2026-05-09" == told.right("own_terms").due_at


def test_without_terms_there_is_nothing_of_his_own() -> None:
    assert [] == sold().rulings("own_terms", on="2026-11-20")
    assert [] == sold().sets_terms(free_returns=True).rulings("own_terms", on="2026-11-20")


def test_a_delivery_that_is_not_told_leaves_only_the_least() -> None:
    told = sold(delivered=None).sets_terms(window_days=60, guarantee_months=12)
    for what in ("terms", "guarantee"):
        told.asked("2026-03-20")
        found = told.right("own_terms", what)
        assert ("review", None) == (found.state, found.due_at)
    assert "at least to 2027-03-01" in (told.right("own_terms", "guarantee").question or "")
