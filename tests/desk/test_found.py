"""What random sequences have found, each as the shortest story in which it shows."""

from __future__ import annotations

from typing import Any

from ledger.desk import claims_of, refunds_of
from ledger.event import order_stream
from ledger.events.claims import ClaimDecided, ClaimFiled, ClaimInfoAnswered, ClaimInfoRequested
from ledger.events.refunds import RefundGiven, RefundPart
from ledger.values import Money
from tests.ledger.account import ORDER, SKU
from tests.ledger.desk import Desk


def test_a_refund_settled_to_the_cent_is_not_taken_for_another_that_is_near() -> None:
    """A settlement that tells a small refund first does not take the seller's word for the large one."""
    told = Desk().sold_by_seller(price="40.00")
    told.refunded("2026-02-01", principal="0.40", programme="FBM", number=1)
    told.refunded("2026-02-02", principal="40.00", programme="FBM", number=2)
    told.says(_given("40.00", by="amazon", trigger="csba"), "2026-02-02T10:00:00Z")

    assert [("0.40", None), ("40.00", "csba")] == _refunds(told)


def test_what_was_settled_before_is_not_the_settlement_of_a_later_refund() -> None:
    """A settlement may round what was given before it; what is given a week later is other money."""
    told = Desk().sold_by_seller(price="100.00")
    told.refunded("2026-02-01", principal="40.00", programme="FBM")
    told.says(_given("50.00", by="seller", trigger="manual"), "2026-02-08")

    assert [("40.00", None), ("50.00", "manual")] == _refunds(told)


def test_what_is_told_of_a_claim_with_a_day_only_is_not_lost_on_the_day_of_its_filing() -> None:
    """The moment of a filing comes after the mere day on which the claim was decided; the claim is one."""
    told = Desk().sold_by_seller()
    told.says(_filed(), "2026-02-01T10:00:00Z")
    told.says(ClaimInfoRequested(claim="C-1"), "2026-02-01")
    told.says(ClaimDecided(claim="C-1", outcome="denied"), "2026-02-01")

    (claim,) = claims_of(told.case(order_stream(ORDER))).values()
    assert not claim.open
    assert "denied" == claim.outcome
    assert 1 == len(claim.asked)


def test_an_answer_told_with_a_day_only_answers_what_was_asked_that_day() -> None:
    """Of one and the same day, what is recorded later came later."""
    told = Desk().sold_by_seller()
    told.says(_filed(), "2026-02-01")
    told.says(ClaimInfoRequested(claim="C-1"), "2026-02-03T10:00:00Z")
    told.says(ClaimInfoAnswered(claim="C-1"), "2026-02-03")

    (claim,) = claims_of(told.case(order_stream(ORDER))).values()
    assert claim.unanswered is None


def _refunds(told: Desk) -> list[tuple[str, str | None]]:
    found = refunds_of(told.case(order_stream(ORDER)))
    return [(one.amount.text, one.trigger) for one in found if one.amount]


def _given(amount: str, **how: Any) -> RefundGiven:
    parts = (RefundPart("item", Money.of(amount, "USD")),)
    return RefundGiven(order_id=ORDER, sku=SKU, parts=parts, **how)


def _filed() -> ClaimFiled:
    return ClaimFiled(claim="C-1", claim_type="safe_t", door="safe_t", sku=SKU)
