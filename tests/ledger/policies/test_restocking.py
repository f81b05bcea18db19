"""What may be kept back, what was kept, and what a certain rule has against it."""

from __future__ import annotations

import pytest

from ledger.events.refunds import RestockingFeeApplied
from ledger.ruling import Ruling
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer, bought

AT_MOST = "may be charged a restocking fee of at most"


def back(condition: str, *, store: str = "US", asked: str | None = "2026-03-20") -> Buyer:
    told = bought(store, "2026-03-01", delivered="2026-03-05", category="shoes")
    if asked:
        told.asked(asked)
    return told.gets_back("2026-05-01", condition)


def keeps(told: Buyer, amount: str, *, evidence: tuple[str, ...] = ()) -> Ruling:
    fee = RestockingFeeApplied(
        order_id=ORDER,
        sku=SKU,
        amount=told.money(amount),
        reason="used_or_damaged",
        evidence=evidence,
    )
    told.says(fee, "2026-05-02")
    (found,) = [one for one in told.rulings("restocking", on=LONG_AFTER) if one.kind == "cost"]
    return found


def most(told: Buyer) -> Ruling:
    return told.right("restocking", AT_MOST)


def test_nothing_may_be_kept_of_what_came_back_in_time_and_as_it_was_sent() -> None:
    found = most(back("as_new"))

    assert ("holds", "0.00 USD", "ret.restocking.US.1") == (
        found.state,
        str(found.amount),
        found.rule_ids[-1],
    )
    assert "0 % of the price" in found.reason


@pytest.mark.parametrize(
    ("condition", "asked"),
    [("used", "2026-03-20"), ("as_new", "2026-04-05"), ("damaged", "2026-03-20")],
)
def test_how_much_may_be_kept_otherwise_only_blogs_tell(condition: str, asked: str) -> None:
    found = most(back(condition, asked=asked))

    assert ("review", None, None) == (found.state, found.amount, found.bearer)
    assert "ret.restocking_table.US.1" in (found.question or "")
    assert any("from 20 % of the price on" in test.answer for test in found.tests)


def test_the_rule_begins_in_september_2020() -> None:
    told = bought("US", "2020-09-01", delivered="2020-09-03").asked("2020-09-05")
    assert [] == told.gets_back("2020-09-29").rulings("restocking", on=LONG_AFTER)
    told = bought("US", "2020-09-01", delivered="2020-09-03").asked("2020-09-05")
    assert "holds" == most(told.gets_back("2020-09-30")).state


def test_without_the_request_it_is_asked_when_it_was_asked_back() -> None:
    assert "when was it asked back" in (most(back("as_new", asked=None)).question or "")


def test_where_no_rule_is_known_only_a_worse_state_asks_a_question() -> None:
    assert [] == back("as_new", store="SE").rulings("restocking", on=LONG_AFTER)
    assert "No rule is known for SE" in (most(back("used", store="SE")).question or "")


# --- what was kept ----------------------------------------------------------------------------


def test_the_buyer_bears_what_was_kept_back() -> None:
    found = keeps(back("used"), "19.99")

    assert ("holds", "buyer", "19.99 USD", ()) == (
        found.state,
        found.bearer,
        str(found.amount),
        found.rule_ids,
    )


@pytest.mark.parametrize(
    ("amount", "evidence", "objects"),
    [("19.99", (), False), ("20.00", (), True), ("50.00", ("ab" * 32,), False)],
)
def test_from_a_fifth_of_the_price_on_a_photograph_is_demanded(
    amount: str, evidence: tuple[str, ...], objects: bool
) -> None:
    found = keeps(back("used"), amount, evidence=evidence)

    assert objects == ("a photograph is demanded" in found.reason)
    assert ("buyer", amount) == (found.bearer, found.amount.text if found.amount else None)


def test_a_fee_on_what_came_back_as_new_in_time_is_objected_to() -> None:
    assert "0 % may be kept" in keeps(back("as_new"), "10.00").reason
    assert "0 % may be kept" not in keeps(back("as_new", asked="2026-04-20"), "10.00").reason


def test_a_fee_without_a_grade_is_objected_to() -> None:
    told = bought("US", "2026-03-01", delivered="2026-03-05").asked("2026-03-20")

    assert "must be graded" in keeps(told, "10.00").reason


def test_the_settlement_shows_the_same_fee_and_it_counts_once() -> None:
    told = back("used")
    keeps(told, "50.00")
    told.refunded(
        "2026-05-05",
        principal="100.00",
        programme="FBM",
        more=[("ItemPrice", "RestockingFee", "50.00")],
    )

    assert [("buyer", "50.00 USD")] == told.costs("restocking")
    assert [("seller", "35.00 USD"), ("amazon", "15.00 USD")] == told.costs("refunded_goods")
