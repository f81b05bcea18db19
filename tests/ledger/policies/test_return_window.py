"""Amazon's return window: the day of the order picks the rule, the days count from the delivery."""

from __future__ import annotations

import re

import pytest

from ledger.events.deliveries import OrderDelivered, OrderDispatched
from ledger.events.requests import WithdrawalDeclared
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer, bought

WINDOW = "within Amazon's window"


def until(told: Buyer, on: str = LONG_AFTER) -> tuple[str, str | None, tuple[str, ...]]:
    found = told.right("return_window", WINDOW, on=on)
    return found.state, found.due_at, found.rule_ids


# --- the store's window -----------------------------------------------------------------------


@pytest.mark.parametrize(("on", "state"), [("2026-04-09", "holds"), ("2026-04-10", "ended")])
@pytest.mark.parametrize(
    ("store", "rule"),
    [("US", "ret.window.US.1"), ("CA", "ret.window.US.1"), ("SE", "ret.window.EU.1")],
)
def test_thirty_days_from_delivery_of_which_the_last_one_counts(
    store: str, rule: str, on: str, state: str
) -> None:
    found = bought(store, "2026-03-01", delivered="2026-03-10").right(
        "return_window", WINDOW, on=on
    )

    assert (state, "2026-04-09", "2026-03-10") == (found.state, found.due_at, found.since)
    assert ((rule,), "B", None) == (found.rule_ids, found.rule_evidence, found.question)
    assert 2 <= len(found.entries), "the order and the delivery are named"


def test_a_store_of_which_no_window_is_known_is_in_review() -> None:
    found = bought("JP", "2026-03-01", delivered="2026-03-10").right("return_window", WINDOW)

    assert ("review", None) == (found.state, found.due_at)
    assert "no return window of Amazon's is known for JP" in (found.question or "")


def test_without_the_delivery_only_the_least_is_sure() -> None:
    """Nothing is delivered before it was ordered and sent, so that is the earliest it can end."""
    told = bought("US", "2026-03-01", delivered=None)
    told.says(OrderDispatched(order_id=ORDER), "2026-03-03")
    found = told.right("return_window", WINDOW)

    assert ("review", None, None) == (found.state, found.due_at, found.since)
    assert "lasts at least to 2026-04-02" in (found.question or "")


def test_without_the_day_of_the_order_no_rule_can_be_picked() -> None:
    told = Buyer("US").says(WithdrawalDeclared(order_id=ORDER, sku=SKU), "2026-03-12")
    found = told.right("return_window", WINDOW)

    assert ("review", None, ()) == (found.state, found.due_at, found.rule_ids)
    assert "on which day it was ordered" in (found.question or "")


def test_the_delivery_that_was_told_last_counts() -> None:
    told = bought("US", "2026-03-01", delivered="2026-03-10")
    told.says(OrderDelivered(order_id=ORDER, sku=SKU), "2026-03-14")

    assert "2026-04-13" == told.right("return_window", WINDOW).due_at


def test_a_multi_channel_order_was_bought_in_no_amazon_store() -> None:
    told = bought("US", "2026-03-01", delivered="2026-03-10", programme="MCF")

    assert [] == told.rulings("return_window", on="2026-03-20")


def test_an_order_of_which_only_the_sale_is_told_is_left_alone() -> None:
    """Thousands of orders are sold and never heard of again."""
    assert [] == bought("US", "2026-03-01", delivered=None).rulings(
        "return_window", on="2026-03-20"
    )


def test_goods_that_amazon_takes_no_return_of_are_in_review() -> None:
    told = bought("US", "2026-03-01", delivered="2026-03-10", traits=("non_returnable",))

    assert ("review", None, ("ret.window.US.1",)) == until(told)


# --- categories in Germany and Italy ----------------------------------------------------------


@pytest.mark.parametrize("store", ["DE", "IT"])
@pytest.mark.parametrize(
    ("ordered", "category", "last", "rule"),
    [
        ("2024-03-24", "camera", "2024-05-01", "ret.window.EU.1"),
        ("2024-03-25", "camera", "2024-04-15", "ret.window.DEIT_electronics.1"),
        ("2024-03-26", "video_games", "2024-04-15", "ret.window.DEIT_electronics.1"),
        ("2024-03-25", "toys", "2024-05-01", "ret.window.EU.1"),
        ("2025-06-22", "toys", "2025-07-31", "ret.window.EU.1"),
        ("2025-06-23", "toys", "2025-07-15", "ret.window.DEIT_more.1"),
        ("2025-06-24", "books", "2025-07-15", "ret.window.DEIT_more.1"),
        ("2025-06-24", "camera", "2025-07-15", "ret.window.DEIT_electronics.1"),
        ("2025-06-24", "shoes", "2025-07-31", "ret.window.EU.1"),
    ],
)
def test_a_category_has_fourteen_days_from_the_day_its_rule_began(
    store: str, ordered: str, category: str, last: str, rule: str
) -> None:
    delivered = "2024-04-01" if ordered < "2025" else "2025-07-01"
    told = bought(store, ordered, delivered=delivered, category=category)

    assert ("holds", last, (rule,)) == until(told, on=delivered)


@pytest.mark.parametrize("store", ["FR", "ES", "SE", "NL", "UK"])
def test_other_stores_have_no_such_category(store: str) -> None:
    told = bought(store, "2025-07-01", delivered="2025-07-03", category="camera")

    assert ("2025-08-02", ("ret.window.EU.1",)) == until(told)[1:]


@pytest.mark.parametrize("trait", ["amazon_device", "renewed"])
def test_amazons_devices_and_renewed_goods_keep_the_stores_window(trait: str) -> None:
    told = bought(
        "DE",
        "2024-05-01",
        delivered="2024-05-03",
        category="electronics",
        traits=(trait,),  # type: ignore[arg-type]
    )

    assert ("2024-06-02", ("ret.window.EU.1",)) == until(told)[1:]


def test_while_the_category_is_unknown_the_shorter_window_is_not_assumed() -> None:
    """Neither is the longer one: what holds surely is the shorter, and the category is asked for."""
    found = bought("DE", "2025-11-10", delivered="2025-11-13").right("return_window", WINDOW)

    assert ("review", None) == (found.state, found.due_at)
    assert "which category" in (found.question or "")
    assert "14 days or 30 days" in (found.question or "")
    assert "at least to 2025-11-27" in (found.question or "")


def test_before_the_categories_there_was_nothing_to_ask() -> None:
    assert "2024-04-04" == until(bought("DE", "2024-03-01", delivered="2024-03-05"))[1]


# --- the transition ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivered", "last"),
    [
        ("2024-03-26", "2024-04-25"),
        ("2024-03-25", "2024-04-24"),
        ("2024-04-10", "2024-04-25"),
    ],
)
def test_for_a_month_the_longer_window_was_still_taken_online(delivered: str, last: str) -> None:
    told = bought("DE", "2024-03-25", delivered=delivered, category="camera")
    found = told.right("return_window", "window before", on=delivered)

    assert ("holds", last) == (found.state, found.due_at)
    assert ("ret.window.DEIT_electronics.1",) == found.rule_ids


@pytest.mark.parametrize(
    ("ordered", "delivered"), [("2024-03-25", "2024-04-12"), ("2024-03-24", "2024-03-26")]
)
def test_where_the_transition_adds_no_day_it_is_not_told(ordered: str, delivered: str) -> None:
    told = bought("DE", ordered, delivered=delivered, category="camera")

    assert 1 == len(told.rulings("return_window", on=delivered))


# --- every ruling -----------------------------------------------------------------------------


def test_every_test_says_what_would_change_it_and_no_day_stands_in_a_ruling_in_review() -> None:
    told = bought("DE", "2025-11-10", delivered=None)
    told.says(WithdrawalDeclared(order_id=ORDER, sku=SKU), "2025-11-20")
    for found in told.rulings(on="2025-12-01"):
        assert all(test.would_flip for test in found.tests)
        if found.state == "review":
            assert (None, None) == (found.due_at, found.amount)
            assert re.match("not verified: ", found.reason)
