"""Money for the buyer: never more than was paid, never twice, never for a review."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.events.arrivals import DamageInvestigated
from ledger.events.claims import ClaimDecided, ClaimFiled
from ledger.events.deliveries import OrderDispatched, OrderTold
from ledger.events.messages import ReviewThreatened
from ledger.events.refunds import (
    ConcessionGranted,
    FeeReason,
    ReplacementSent,
    RestockingFeeApplied,
)
from tests.ledger.seller import SHOWN, Seller, refund, usd
from tests.story import ORDER, SKU, ordered, refunded, sold


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path).sells().delivers()


# --- no more than was paid --------------------------------------------------------------------


def test_the_whole_price_may_be_given_back_and_not_a_cent_more(seller: Seller) -> None:
    refused = seller.refused(refund(("item", "20.01")))
    seller.tells(refund(("item", "20.00")))

    assert "the buyer paid 20.00 USD" in refused.message
    assert "20.01 USD" == refused.found
    assert "At most 20.00 USD is left to give back." == refused.advice()


def test_several_refunds_sum_up(seller: Seller) -> None:
    first = seller.tells(refund(("item", "15.00")), "2026-06-20")
    refused = seller.refused(refund(("item", "5.01")), "2026-07-01")
    seller.tells(refund(("item", "5.00")), "2026-07-01")

    assert first.entry.position == refused.entry
    assert "At most 5.00 USD is left to give back." == refused.advice()
    seller.refused(refund(("item", "0.01")), "2026-07-05")


def test_the_price_that_a_seller_tells_holds_the_tax(seller: Seller) -> None:
    seller.refused(refund(("item", "19.00"), ("item_tax", "1.01")))
    seller.tells(refund(("item", "19.00"), ("item_tax", "1.00")))


def test_shipping_is_bounded_by_itself(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells(shipping="4.00")

    refused = seller.refused(refund(("item", "10.00"), ("shipping", "4.01")))
    seller.tells(refund(("item", "10.00"), ("shipping", "4.00")))

    assert "(shipping and shipping tax)" in refused.message


def test_who_gives_price_and_postage_in_one_amount_is_told_of_the_parts(tmp_path: Path) -> None:
    refused = Seller(tmp_path).sells(shipping="4.00").refused(refund(("item", "24.00")))

    assert "--part shipping=" in (refused.advice() or "")


def test_where_nothing_tells_what_was_paid_it_is_allowed_with_a_caution(seller: Seller) -> None:
    decided = seller.tells(refund(("item", "10.00"), ("shipping", "9.00")))

    assert any("(shipping)" in caution for caution in decided.cautions)
    assert not any("(item)" in caution for caution in decided.cautions)


def test_what_the_buyer_paid_to_send_it_back_has_no_bound(seller: Seller) -> None:
    decided = seller.tells(refund(("item", "20.00"), ("return_postage", "80.00")))

    assert not any("return postage" in caution for caution in decided.cautions)


def test_a_report_tells_the_tax_apart(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    seller.story.imports(ordered(ORDER, "2026-06-01", by="Merchant"))

    decided = seller.tells(refund(("item", "20.00"), ("item_tax", "1.60")))

    assert any("(item tax)" in caution for caution in decided.cautions)


def test_a_settled_refund_counts(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    seller.story.imports(
        sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10", principal="12.00")
    )

    refused = seller.refused(refund(("item", "8.01")), "2026-07-20")
    seller.tells(refund(("item", "8.00")), "2026-07-20")

    assert "12.00 USD was given back before" in refused.message


def test_telling_of_a_refund_that_a_settlement_tells_adds_nothing(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    seller.story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))

    seller.tells(refund(("item", "20.00"), trigger="first_scan", by="amazon"), "2026-06-09")

    seller.refused(refund(("item", "0.01")), "2026-06-10")


def test_a_partial_refund_for_keeping_the_goods_counts_too(seller: Seller) -> None:
    seller.tells(concession("12.00"))

    seller.refused(refund(("item", "8.01")))
    seller.refused(concession("8.01"))
    seller.tells(refund(("item", "8.00")))


def test_a_partial_refund_is_not_counted_again_when_it_is_settled(seller: Seller) -> None:
    seller.tells(concession("5.00"), "2026-06-20")
    seller.story.imports(refunded(ORDER, "2026-06-22", principal="5.00"))

    seller.tells(refund(("item", "15.00")), "2026-07-10")
    seller.refused(refund(("item", "0.01")), "2026-07-15")


def test_a_voucher_takes_nothing_from_what_may_be_refunded(seller: Seller) -> None:
    seller.tells(concession("30.00", kind="voucher"))

    seller.tells(refund(("item", "20.00")))


def test_a_partial_refund_for_the_whole_order_is_bounded_by_the_whole_order(
    tmp_path: Path,
) -> None:
    seller = Seller(tmp_path).sells(sku="A").sells(sku="B", price="10.00")

    seller.refused(concession("30.01", sku=None))
    seller.tells(concession("25.00", sku=None))
    seller.refused(refund(("item", "5.01"), sku="A"))
    seller.tells(refund(("item", "5.00"), sku="A"))


def test_one_unit_does_not_get_back_what_two_cost(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells(quantity=2, price="40.00")

    decided = seller.tells(refund(("item", "21.00"), quantity=1))

    assert any("cost no more than 20.00 USD" in caution for caution in decided.cautions)


def test_no_more_units_are_refunded_than_were_ordered(seller: Seller) -> None:
    assert 2 == int(seller.refused(refund(quantity=2)).found or "")
    assert seller.refused(refund(quantity=0)).found == "0"


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_a_refund_is_more_than_nothing(seller: Seller, amount: str) -> None:
    seller.refused(refund(("item", amount)))


def test_a_refund_has_parts(seller: Seller) -> None:
    event = refund()
    empty = type(event)(order_id=ORDER, sku=SKU, by="seller", trigger="manual", parts=())

    assert "a refund of nothing" in seller.refused(empty).message


def test_a_refund_is_in_the_currency_of_the_sale(seller: Seller) -> None:
    refused = seller.refused(refund(("item", "10.00"), currency="EUR"))

    assert "the sale was in USD" in refused.message
    seller.refused(refund(("item", "10.00"), ("shipping", "1.00"), currency="SEK"))


def test_an_order_is_told_in_the_currency_of_its_store(tmp_path: Path) -> None:
    seller = Seller(tmp_path, store="DE")

    with pytest.raises(Exception, match="the sale was in EUR"):
        seller.sells()
    seller.sells(currency="EUR")


# --- never twice ------------------------------------------------------------------------------


def test_the_same_refund_sent_twice_under_another_id_is_refused(seller: Seller) -> None:
    first = seller.tells(refund(("item", "5.00")), "2026-07-01T10:00:00Z")
    refused = seller.refused(refund(("item", "5.00")), "2026-07-02T09:59:00Z")

    assert first.entry.position == refused.entry
    assert "--again" in refused.advice()


@pytest.mark.parametrize(
    ("other", "at"),
    [
        (refund(("item", "5.00")), "2026-07-02T10:00:01Z"),
        (refund(("item", "5.01")), "2026-07-01T10:00:00Z"),
        (refund(("item", "5.00"), trigger="goodwill"), "2026-07-01T10:00:00Z"),
    ],
    ids=["a day later", "another amount", "another trigger"],
)
def test_another_refund_is_not_the_same_refund(seller: Seller, other: object, at: str) -> None:
    seller.tells(refund(("item", "5.00")), "2026-07-01T10:00:00Z")

    seller.tells(other, at)  # type: ignore[arg-type]


def test_the_same_refund_may_be_given_again_where_the_seller_says_so(seller: Seller) -> None:
    seller.tells(refund(("item", "5.00")), "2026-07-01")
    seller.refused(refund(("item", "5.00")), "2026-07-02")
    seller.tells(refund(("item", "5.00")), "2026-07-02", again=True)
    seller.tells(refund(("item", "5.00")), "2026-07-04")


def test_parts_in_another_order_are_the_same_refund(seller: Seller) -> None:
    seller.tells(refund(("item", "5.00"), ("item_tax", "1.00")))

    seller.refused(refund(("item_tax", "1.00"), ("item", "5.00")))


def granted(seller: Seller, outcome: str = "granted", on: str = "2026-06-20") -> int | None:
    """The buyer's A-to-z claim, decided."""
    seller.tells(ClaimFiled(claim="AZ", claim_type="a_to_z", door="a_to_z", by="buyer"), on)
    return seller.tells(ClaimDecided(claim="AZ", outcome=outcome), on).entry.position  # type: ignore[arg-type]


def test_after_an_a_to_z_claim_was_granted_nothing_is_left_to_refund(seller: Seller) -> None:
    decision = granted(seller)
    refused = seller.refused(refund(("item", "20.00")))

    assert decision == refused.entry
    seller.tells(refund(("item", "20.00"), trigger="a_to_z", by="amazon"))


def test_a_refund_before_the_claim_was_granted_may_be_told_later(seller: Seller) -> None:
    granted(seller, on="2026-06-20")

    seller.tells(refund(("item", "20.00")), "2026-06-19")


def test_after_an_a_to_z_claim_was_denied_a_refund_is_allowed(seller: Seller) -> None:
    granted(seller, "denied")

    seller.tells(refund(("item", "20.00")))


# --- what should be known ---------------------------------------------------------------------


def test_a_refund_by_the_seller_forfeits_safe_t(seller: Seller) -> None:
    own = seller.tells(refund(("item", "10.00")))
    amazons = seller.tells(refund(("item", "10.00"), by="amazon", trigger="first_scan"))

    assert any("safet.window.US.2" in caution for caution in own.cautions)
    assert not any("SAFE-T" in caution for caution in amazons.cautions)


def test_a_refund_before_the_unit_is_graded_is_cautioned_of(seller: Seller) -> None:
    seller.is_asked()
    nothing_back = seller.tells(refund(("item", "1.00")), dry_run=True).cautions
    seller.receives()
    ungraded = seller.tells(refund(("item", "1.00")), dry_run=True).cautions
    seller.grades()
    graded = seller.tells(refund(("item", "1.00")), dry_run=True).cautions

    assert "nothing has come back yet" in nothing_back
    assert any("not graded yet" in caution for caution in ungraded)
    assert not any("graded" in caution or "come back" in caution for caution in graded)


def test_what_amazon_would_bear_is_not_refunded_without_a_caution(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells()
    seller.tells(OrderDispatched(order_id=ORDER, claims_protected=True), "2026-06-02")
    lost = seller.tells(refund(("item", "1.00")), dry_run=True).cautions
    seller.delivers()
    arrived = seller.tells(refund(("item", "1.00")), dry_run=True).cautions

    assert any("az.funding.buy_shipping" in caution for caution in lost)
    assert not any("az.funding.buy_shipping" in caution for caution in arrived)


# --- never for a review -----------------------------------------------------------------------


def concession(
    amount: str,
    why: str = "scratched lid",
    *,
    sku: str | None = SKU,
    kind: str = "partial_refund",
) -> ConcessionGranted:
    return ConcessionGranted(
        order_id=ORDER,
        sku=sku,
        kind=kind,  # type: ignore[arg-type]
        amount=usd(amount),
        why=why,
        approver="head of service",
    )


@pytest.mark.parametrize(
    "why",
    [
        "for a better review",
        "so that the feedback is removed",
        "five stars instead of 1-star",
        "rating",
        "kunden lovar en recension",
        "ett bättre omdöme",
        "högre betyg",
        "fem stjärnor",
        "negative Bewertung gelöscht",
        "Produktrezension",
        "5-Sterne dafür",
    ],
)
def test_nothing_is_given_for_a_review(seller: Seller, why: str) -> None:
    refused = seller.refused(concession("5.00", why))

    assert "review.seller_conduct.ANY.1" == refused.rule


@pytest.mark.parametrize(
    "why",
    [
        "we looked at it again yesterday, gestern",
        "started late, restarted",
        "the exchange rate was wrong",
        "reviewed the photos",
        "Stärke beschädigt",
    ],
)
def test_other_reasons_are_no_reviews(seller: Seller, why: str) -> None:
    seller.tells(concession("5.00", why))


def test_where_the_rule_was_not_read_for_the_store_it_is_a_caution(tmp_path: Path) -> None:
    seller = Seller(tmp_path, store="SE").sells(currency="SEK")
    event = ConcessionGranted(
        order_id=ORDER,
        sku=SKU,
        kind="voucher",
        amount=refund(currency="SEK").amount,
        why="for a review",
    )

    decided = seller.tells(event)

    assert any("nothing may be given for a review" in caution for caution in decided.cautions)


def test_goodwill_after_a_threat_is_cautioned_of(seller: Seller) -> None:
    before = seller.tells(concession("1.00")).cautions
    threat = seller.tells(ReviewThreatened(order_id=ORDER))
    after = seller.tells(concession("1.00")).cautions
    refunded_too = seller.tells(refund(("item", "1.00"), trigger="goodwill")).cautions

    assert not any("threatened" in caution for caution in before)
    assert any(f"entry {threat.entry.position}" in caution for caution in after)
    assert any("threatened" in caution for caution in refunded_too)


# --- kept back --------------------------------------------------------------------------------


def fee(
    amount: str, reason: FeeReason = "used_or_damaged", *, shown: bool = True
) -> RestockingFeeApplied:
    return RestockingFeeApplied(
        order_id=ORDER,
        sku=SKU,
        amount=usd(amount),
        reason=reason,
        evidence=(SHOWN,) if shown else (),
    )


def test_a_fee_is_no_more_than_the_price(seller: Seller) -> None:
    seller.photographs()

    seller.refused(fee("20.01"))
    seller.tells(fee("20.00", "opened_software"))


def test_a_fee_of_a_fifth_needs_photos(seller: Seller) -> None:
    refused = seller.refused(fee("4.00", shown=False))

    assert "ret.restocking.US.1" == refused.rule
    seller.tells(fee("3.99", shown=False))
    seller.photographs()
    seller.tells(fee("4.00"))


def test_nothing_is_kept_of_what_came_back_in_time_and_as_sent(seller: Seller) -> None:
    seller.is_asked(in_policy=True).receives().grades("as_new")

    refused = seller.refused(fee("1.00", "materially_different", shown=False))

    assert "ret.restocking.US.1" == refused.rule
    assert "Keep back at most 0.00 USD." == refused.advice()


@pytest.mark.parametrize(("back", "allowed"), [("2026-07-03", False), ("2026-07-04", True)])
def test_nothing_is_kept_as_late_of_what_came_within_amazons_window(
    seller: Seller, back: str, allowed: bool
) -> None:
    """Delivered on 3 June; nobody says whether Amazon calls the request in policy."""
    seller.delivers("2026-06-03").is_asked().receives(back).grades("as_new", back)

    if allowed:
        seller.tells(fee("1.00", "late", shown=False), back)
    else:
        refused = seller.refused(fee("1.00", "late", shown=False), back)
        assert "ret.restocking.US.1" == refused.rule


def test_a_fee_for_use_contradicts_a_grade_as_new(seller: Seller) -> None:
    seller.receives().grades("as_new")

    assert "graded as new" in seller.refused(fee("1.00", shown=False)).message


def test_of_a_used_unit_that_came_back_in_time_a_part_is_kept(seller: Seller) -> None:
    seller.is_asked(in_policy=True).receives().grades("used")

    seller.tells(fee("3.00", shown=False))


def test_a_share_that_no_verified_rule_allows_is_cautioned_of(seller: Seller) -> None:
    seller.photographs()

    half = seller.tells(fee("10.00"), dry_run=True)
    more = seller.tells(fee("10.01"), dry_run=True)

    assert not any("at most 50 %" in caution for caution in half.cautions)
    assert any(
        "at most 50 %" in caution and "ret.restocking_table.US.1" in caution
        for caution in more.cautions
    )


@pytest.mark.parametrize("cause", ["production", "carrier_return", "fulfillment_center"])
def test_the_buyer_pays_for_no_damage_that_another_did(seller: Seller, cause: str) -> None:
    event = DamageInvestigated(order_id=ORDER, sku=SKU, cause=cause)  # type: ignore[arg-type]
    found = seller.tells(event)

    assert found.entry.position == seller.refused(fee("1.00", shown=False)).entry


def test_the_buyer_pays_for_his_own_damage(seller: Seller) -> None:
    seller.tells(DamageInvestigated(order_id=ORDER, sku=SKU, cause="customer"))

    seller.tells(fee("1.00", shown=False))


def test_a_reason_that_puts_it_down_to_the_seller_is_cautioned_of(seller: Seller) -> None:
    """The rule that says so is not verified: what the buyer states is no proof either."""
    seller.is_asked(reason="CR-DEFECTIVE")

    decided = seller.tells(fee("1.00", shown=False))

    assert any("CR-DEFECTIVE" in caution for caution in decided.cautions)


def test_a_replacement_beside_the_money_is_cautioned_of(seller: Seller) -> None:
    event = ReplacementSent(order_id=ORDER, sku=SKU)
    before = seller.tells(event, dry_run=True).cautions
    seller.tells(refund(("item", "20.00")))

    assert () == before
    assert "the buyer has the whole money back already" in seller.tells(event).cautions


def test_an_order_line_is_told_once(seller: Seller) -> None:
    line = OrderTold(order_id=ORDER, sku=SKU, marketplace="US", price=usd("20.00"))
    other = OrderTold(order_id=ORDER, sku="B", marketplace="CA", price=usd("20.00"))

    assert "told before" in seller.refused(line, "2026-06-01").message
    assert "of another store" in seller.refused(other, "2026-06-01").message
