"""What the seller gives of his own will, and sending it again."""

from __future__ import annotations

import pytest

from ledger.events.refunds import ConcessionGranted, ReplacementSent
from ledger.values import Money
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer, bought


def sold(store: str = "US") -> Buyer:
    return bought(store, "2026-03-01", delivered="2026-03-05")


def conceded(told: Buyer, kind: str = "partial_refund", approver: str | None = None) -> Buyer:
    granted = ConcessionGranted(
        order_id=ORDER,
        sku=SKU,
        kind=kind,  # type: ignore[arg-type]
        amount=told.money("15.00"),
        why="a scratch",
        approver=approver,
    )
    return told.says(granted, "2026-03-20")


@pytest.mark.parametrize("kind", ["partial_refund", "voucher", "discount", "spare_part"])
def test_a_concession_is_the_sellers_and_names_who_approved_it(kind: str) -> None:
    (found,) = conceded(sold(), kind, "head of service").rulings("goodwill", on=LONG_AFTER)

    assert ("seller", "15.00 USD", None) == (found.bearer, str(found.amount), found.question)
    assert "approved by head of service" in found.reason
    assert "by nobody named" in conceded(sold()).rulings("goodwill", on=LONG_AFTER)[0].reason


@pytest.mark.parametrize(("store", "rules"), [("US", 1), ("DE", 1), ("SE", 0)])
def test_it_may_never_be_given_for_a_review(store: str, rules: int) -> None:
    (found,) = conceded(sold(store)).rulings("goodwill", on=LONG_AFTER)

    assert rules == len(found.rule_ids)
    assert rules == sum("voucher to remove feedback" in test.answer for test in found.tests)
    assert "may not be tied to a review" in found.reason


@pytest.mark.parametrize(
    ("days", "amount", "counted"),
    [
        ("2026-04-10", "15.00", 0),
        ("2026-04-11", "15.00", 1),
        ("2026-03-25", "14.00", 0),
        ("2026-03-25", "100.00", 1),
    ],
)
def test_a_part_of_the_price_that_is_settled_near_in_time_is_the_same_money(
    days: str, amount: str, counted: int
) -> None:
    """Sellers round: a refund of a part, of which nothing else is told, is the concession."""
    told = conceded(sold()).refunded(days, principal=amount, programme="FBM")

    assert counted == len(told.rulings("goodwill", on=LONG_AFTER))


def test_each_of_two_alike_finds_a_refund_of_its_own() -> None:
    told = conceded(conceded(sold()))
    told.refunded("2026-03-25", principal="15.00", programme="FBM")
    assert 1 == len(told.rulings("goodwill", on=LONG_AFTER))

    told.refunded("2026-03-26", principal="15.00", programme="FBM")
    assert [] == told.rulings("goodwill", on=LONG_AFTER)


def test_a_refund_that_amazon_gave_is_no_concession() -> None:
    told = conceded(sold()).refunds("2026-03-21", "15.00", by="amazon", trigger="csba")

    assert [("seller", "15.00 USD")] == told.costs("goodwill")


def test_sending_it_again_costs_the_way() -> None:
    told = sold().says(
        ReplacementSent(order_id=ORDER, sku=SKU, cost=Money(599, "USD")), "2026-03-20"
    )

    assert [("seller", "5.99 USD")] == told.costs("goodwill")
