"""What random sequences have found, each as the shortest story in which it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ledger.desk import answers_of, claims_of, refunds_of, requests_of
from ledger.event import order_stream
from ledger.events.claims import ClaimDecided, ClaimFiled, ClaimInfoAnswered, ClaimInfoRequested
from ledger.events.refunds import RefundGiven, RefundPart
from ledger.events.requests import ReturnAuthorized
from ledger.values import Money
from tests import story
from tests.ledger import account
from tests.ledger.desk import Desk
from tests.ledger.seller import Seller, refund
from tests.story import ORDER, SKU, Told, ordered


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

    (claim,) = claims_of(told.case(order_stream(account.ORDER))).values()
    assert not claim.open
    assert "denied" == claim.outcome
    assert 1 == len(claim.asked)


def test_an_answer_told_with_a_day_only_answers_what_was_asked_that_day() -> None:
    """Of one and the same day, what is recorded later came later."""
    told = Desk().sold_by_seller()
    told.says(_filed(), "2026-02-01")
    told.says(ClaimInfoRequested(claim="C-1"), "2026-02-03T10:00:00Z")
    told.says(ClaimInfoAnswered(claim="C-1"), "2026-02-03")

    (claim,) = claims_of(told.case(order_stream(account.ORDER))).values()
    assert claim.unanswered is None


def test_an_answer_without_a_number_is_not_taken_for_two_requests(tmp_path: Path) -> None:
    """It was for the request that was open first; the other, which it could have meant as well, is still open."""
    seller = Seller(tmp_path).sells(quantity=2).delivers()
    seller.is_asked("2026-06-10", rma_id="D1").is_asked("2026-06-11")
    seller.tells(ReturnAuthorized(order_id=ORDER, sku=SKU), "2026-06-12")

    seller.tells(ReturnAuthorized(order_id=ORDER, sku=SKU, rma_id="D2"), "2026-06-13")

    assert 2 == len(answers_of(seller.story.recall().case(order_stream(ORDER))))


def test_a_request_finds_the_row_with_its_number_before_one_that_is_merely_alike() -> None:
    """What the seller knows besides, here that the buyer is abroad, belongs to the request with its number."""
    told = Desk().sold_by_seller()
    told.asked("2026-01-13")
    told.asked("2026-01-20T10:00:00Z", rma_id="D2", cross_border=True)
    told.reported("2026-01-19", rma_id="D2")
    told.reported("2026-01-20", rma_id="D1")

    found = requests_of(told.case(order_stream(account.ORDER)))
    assert [("D2", True), ("D1", False)] == [(one.rma_id, one.cross_border) for one in found]


def test_of_one_day_the_request_recorded_first_is_the_first_after_the_ninth_entry_too() -> None:
    """Positions are numbers: the tenth entry comes after the ninth."""
    told = Desk().sold_by_seller()
    for number in range(12):
        told.asked("2026-01-20", rma_id=f"D{number}")

    found = requests_of(told.case(order_stream(account.ORDER)))
    assert [f"D{number}" for number in range(12)] == [one.rma_id for one in found]


def test_what_was_settled_as_shipping_is_not_the_refund_of_an_item(tmp_path: Path) -> None:
    """Of two refunds of one amount a settlement confirms the one with the same components; the other counts too."""
    seller = Seller(tmp_path)
    seller.story.imports(ordered(ORDER, "2026-06-01", by="Merchant", price="20.00"))
    seller.tells(refund(("shipping", "20.01"), by="amazon", trigger="csba"), "2026-06-20")
    settled = story.refunded(ORDER, "2026-06-20", principal="20.01", by="MFN")
    price = {**settled.rows[0], "amount-description": "Shipping"}
    seller.story.imports(Told("settlement", (price,)))

    refused = seller.refused(refund(("item", "20.01")), "2026-06-19")

    assert "the buyer paid 20.00 USD" in refused.message


def test_what_amazon_gave_on_a_claim_is_not_what_the_seller_gave_himself() -> None:
    """A buyer who was refunded by the seller and won an A-to-z claim besides has the money twice."""
    told = Desk().sold_by_seller(price="40.00")
    told.says(_given("40.00", by="seller", trigger="manual"), "2026-02-01")
    told.refunded("2026-02-05", principal="40.00", programme="FBM", trigger="a_to_z")

    assert [("40.00", "manual"), ("40.00", "a_to_z")] == _refunds(told)


def _refunds(told: Desk) -> list[tuple[str, str | None]]:
    found = refunds_of(told.case(order_stream(account.ORDER)))
    return [(one.amount.text, one.trigger) for one in found if one.amount]


def _given(amount: str, **how: Any) -> RefundGiven:
    parts = (RefundPart("item", Money.of(amount, "USD")),)
    return RefundGiven(order_id=account.ORDER, sku=account.SKU, parts=parts, **how)


def _filed() -> ClaimFiled:
    return ClaimFiled(claim="C-1", claim_type="safe_t", door="safe_t", sku=account.SKU)
