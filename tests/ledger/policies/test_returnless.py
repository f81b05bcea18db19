"""Refunds without a return: by a rule that stood when it was ordered, or a low price from abroad."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.requests import ReturnOptionOffered
from ledger.events.terms import ReturnlessRuleSet
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer, bought


def sold(
    store: str = "US", on: str = "2026-03-03", price: str = "15.00", category: str | None = None
) -> Buyer:
    told = bought(store, on, delivered="2026-03-06", category=category)
    told.entries.pop(f"order/{ORDER}")
    told.ordered(on, price=price, programme="FBM")
    return told.asked("2026-03-10", reason="CR-DEFECTIVE")


def rules(told: Buyer, on: str, **rule: Any) -> Buyer:
    return told.says_of_account(ReturnlessRuleSet(name="cheap", **rule), on)


def states(told: Buyer) -> list[str]:
    return [one.state for one in told.rulings("returnless", on=LONG_AFTER)]


@pytest.mark.parametrize(
    ("ordered", "states_"),
    [("2026-02-28", []), ("2026-03-01", ["holds"]), ("2026-03-04", ["holds"]), ("2026-03-05", [])],
)
def test_the_day_of_the_order_picks_the_rule(ordered: str, states_: list[str]) -> None:
    told = rules(sold(on=ordered), "2026-03-01")
    rules(told, "2026-03-05", active=False)

    assert states_ == states(told)


def test_a_rule_that_was_dropped_since_still_binds() -> None:
    told = rules(rules(sold(), "2026-03-01"), "2026-03-05", active=False)
    found = told.right("returnless")

    assert "changed or dropped since" in found.reason
    assert ("ret.returnless.ANY.1", "A") == (found.rule_ids[-1], found.rule_evidence)


def test_within_one_day_the_moment_decides_where_it_is_told() -> None:
    told = Buyer("US").ordered("2026-03-03T12:00:00Z", price="15.00", programme="FBM")
    told.asked("2026-03-10")

    assert [] == states(rules(told, "2026-03-03T12:00:01Z"))
    assert ["holds"] == states(rules(told, "2026-03-03T11:59:59Z"))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"max_price": "15.00"}, ["holds"]),
        ({"max_price": "14.99"}, []),
        ({"marketplaces": ("US",)}, ["holds"]),
        ({"marketplaces": ("DE",)}, []),
        ({"categories": ("toys",)}, ["review"]),
        ({"reasons": ("CR-DEFECTIVE",)}, ["holds"]),
        ({"reasons": ("CR-UNWANTED_ITEM",)}, ["ended"]),
    ],
)
def test_it_is_for_what_it_names(rule: dict[str, Any], expected: list[str]) -> None:
    told = sold()
    if "max_price" in rule:
        rule = {"max_price": told.money(rule["max_price"])}

    assert expected == states(rules(told, "2026-03-01", **rule))


@pytest.mark.parametrize(("category", "expected"), [("toys", ["holds"]), ("books", [])])
def test_a_known_category_decides(category: str, expected: list[str]) -> None:
    told = sold(category=category)

    assert expected == states(rules(told, "2026-03-01", categories=("toys",)))


def test_before_anybody_asked_a_rule_for_reasons_is_open() -> None:
    told = bought("US", "2026-03-03", delivered="2026-03-06")
    told = rules(told, "2026-03-01", reasons=("CR-DEFECTIVE",))

    assert "nobody has asked yet" in (told.right("returnless").question or "")


@pytest.mark.parametrize(("store", "state"), [("US", "holds"), ("DE", "holds"), ("FR", "review")])
def test_amazon_says_so_for_some_stores(store: str, state: str) -> None:
    assert [state] == states(rules(sold(store), "2026-03-01"))


# --- from abroad ------------------------------------------------------------------------------


def abroad(store: str, price: str, at: str = "2026-03-10") -> Buyer:
    told = Buyer(store).ordered("2021-01-01", price=price, programme="FBM")
    return told.asked(at, cross_border=True)


@pytest.mark.parametrize(
    ("store", "price", "expected"),
    [
        ("DE", "25.00", ["holds"]),
        ("DE", "25.01", []),
        ("UK", "20.00", ["holds"]),
        ("UK", "20.01", []),
        ("US", "25.00", ["holds"]),
        ("US", "25.01", []),
        ("SE", "10.00", ["review"]),
    ],
)
def test_what_is_cheap_and_would_go_abroad_is_refunded(
    store: str, price: str, expected: list[str]
) -> None:
    assert expected == states(abroad(store, price))


@pytest.mark.parametrize(("at", "state"), [("2021-10-04", "review"), ("2021-10-05", "holds")])
def test_in_europe_it_began_in_october_2021(at: str, state: str) -> None:
    assert [state] == states(abroad("FR", "20.00", at))


def test_an_address_in_the_country_is_where_it_is_to_be_sent() -> None:
    told = abroad("DE", "20.00")
    told.says(ReturnOptionOffered(order_id=ORDER, sku=SKU, option="domestic_address"), "2026-03-11")

    assert ["ended"] == states(told)


def test_a_request_within_the_country_is_none_of_this() -> None:
    assert [] == states(sold("DE", price="5.00"))
