"""What is done about a request: it was made, it is open, and nobody declines what is a right."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.events.refunds import ReplacementSent
from ledger.events.requests import (
    DeclineOverridden,
    LabelKind,
    Payer,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnLabelIssued,
    ReturnOptionOffered,
    WithdrawalDeclared,
)
from ledger.events.terms import ReturnPolicySet
from tests.ledger.seller import Seller
from tests.story import ORDER, SKU, requested

WINDOW = "ret.window.US.1"
ASKED = RequestReceived(order_id=ORDER, sku=SKU)
WITHIN, AFTER = "2026-07-03", "2026-07-04"
"""The 30th day after the delivery of 3 June, and the day after it."""


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path).sells().delivers()


@pytest.fixture
def german(tmp_path: Path) -> Seller:
    return Seller(tmp_path / "de", store="DE").sells(currency="EUR").delivers()


def allows(rma_id: str | None = None, **how: object) -> ReturnAuthorized:
    return ReturnAuthorized(order_id=ORDER, sku=SKU, rma_id=rma_id, **how)  # type: ignore[arg-type]


def declines(rule_id: str = WINDOW, rma_id: str | None = None) -> ReturnDeclined:
    return ReturnDeclined(order_id=ORDER, sku=SKU, rule_id=rule_id, rma_id=rma_id)


# --- what is open -----------------------------------------------------------------------------


def test_what_nobody_asked_for_is_neither_allowed_nor_declined(seller: Seller) -> None:
    assert "has not asked" in seller.refused(allows()).message
    assert "has not asked" in seller.refused(declines()).message


def test_what_was_asked_for_is_allowed_once(seller: Seller) -> None:
    seller.is_asked()
    first = seller.tells(allows(), "2026-06-11")

    refused = seller.refused(allows(), "2026-06-12")

    assert first.entry.position == refused.entry
    assert f"`returns-ledger correct {ORDER} {refused.entry}`" in refused.advice()


def test_a_request_that_a_report_tells_is_open_as_well(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    seller.story.imports(requested(ORDER, "2026-06-10", status="Pending"))

    seller.tells(allows(), "2026-06-11")


def test_what_was_allowed_is_not_declined(seller: Seller) -> None:
    seller.is_asked(AFTER)
    seller.tells(allows(), AFTER)

    assert "allowed already" in seller.refused(declines(), AFTER).message


def test_nothing_is_answered_before_it_is_asked(seller: Seller) -> None:
    seller.is_asked("2026-06-10")

    assert "later than that" in seller.refused(allows(), "2026-06-09").message


def test_a_second_request_is_open_after_the_first_was_answered(seller: Seller) -> None:
    seller.is_asked("2026-06-10", rma_id="A").is_asked("2026-06-12", rma_id="B")
    seller.tells(allows("B"), "2026-06-13")

    assert "allowed already" in seller.refused(allows("B"), "2026-06-13").message
    seller.tells(allows("A"), "2026-06-13")
    seller.refused(allows("C"), "2026-06-13")


def test_a_request_with_its_own_number_is_told_once(seller: Seller) -> None:
    seller.is_asked(rma_id="A")
    again = RequestReceived(order_id=ORDER, sku=SKU, rma_id="A")
    other = RequestReceived(order_id=ORDER, sku=SKU, rma_id="B")

    seller.refused(again)
    seller.tells(other)


def test_a_unit_that_is_asked_back_again_is_taken_with_a_caution(seller: Seller) -> None:
    """It came back: a second request for it would be due a second time."""
    first = seller.tells(ASKED, "2026-06-10")
    seller.tells(allows(), "2026-06-11")
    seller.receives("2026-06-20")
    again = seller.tells(ASKED, "2026-06-25")

    assert not first.cautions
    assert again.cautions == (
        f"1 of {SKU} sent, and 1 asked back before (entry {first.entry.position})",
    )


def test_each_unit_that_was_sent_may_be_asked_back(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells(quantity=2).delivers().is_asked("2026-06-10")

    assert not seller.tells(ASKED, "2026-06-12").cautions
    assert seller.tells(ASKED, "2026-06-14").cautions


def test_what_was_sent_again_may_be_asked_back_again(seller: Seller) -> None:
    seller.is_asked("2026-06-10").receives("2026-06-12")
    seller.tells(ReplacementSent(order_id=ORDER, sku=SKU), "2026-06-13")

    assert not seller.tells(ASKED, "2026-06-25").cautions


def test_who_was_declined_may_ask_anew(seller: Seller) -> None:
    seller.is_asked(AFTER)
    seller.tells(declines(), AFTER)

    assert not seller.tells(ASKED, "2026-07-06").cautions


def test_a_request_that_a_report_told_before_is_not_asked_twice(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells().delivers()
    seller.story.imports(requested(ORDER, "2026-06-10", status="Pending"))

    assert not seller.tells(ASKED, "2026-06-10").cautions


# --- allowed ----------------------------------------------------------------------------------


def test_goodwill_names_who_chose_it(seller: Seller) -> None:
    seller.is_asked(AFTER)

    assert "nobody is named" in seller.refused(allows(goodwill=True), AFTER).message
    seller.tells(allows(goodwill=True, approver="head of service"), AFTER)


def test_a_buyer_abroad_is_offered_a_way(seller: Seller) -> None:
    seller.is_asked(cross_border=True)
    without = seller.tells(allows(), dry_run=True).cautions
    offer = ReturnOptionOffered(order_id=ORDER, sku=SKU, option="domestic_address")
    seller.tells(offer, "2026-06-11")
    after = seller.tells(allows()).cautions

    assert any("abroad" in caution and "ret.intl.US.2" in caution for caution in without)
    assert not any("abroad" in caution for caution in after)


@pytest.mark.parametrize(
    ("kind", "payer", "cautioned"),
    [
        ("own_international", "buyer", True),
        ("own_international", "seller", False),
        ("own_domestic", "buyer", False),
    ],
)
def test_an_own_label_from_abroad_is_the_sellers_to_pay(
    seller: Seller, kind: LabelKind, payer: Payer, cautioned: bool
) -> None:
    event = ReturnLabelIssued(order_id=ORDER, sku=SKU, payer=payer, kind=kind)

    assert cautioned == any("ret.intl" in one for one in seller.tells(event).cautions)


# --- declined ---------------------------------------------------------------------------------


def test_inside_amazons_window_a_request_is_declined_against_advice_only(seller: Seller) -> None:
    seller.is_asked(WITHIN)
    refused = seller.refused(declines(), WITHIN)
    declined = seller.tells(declines(), WITHIN, against_advice=True)

    assert WINDOW == refused.rule
    assert "until 2026-07-03" in refused.message
    assert "--against-advice" in refused.advice()
    assert any("risks an A-to-z claim" in caution for caution in declined.cautions)


def test_after_amazons_window_a_request_may_be_declined(seller: Seller) -> None:
    seller.is_asked(AFTER)

    assert () == seller.tells(declines(), "2026-07-05").cautions


def test_the_day_of_the_request_counts_and_not_that_of_the_answer(seller: Seller) -> None:
    seller.is_asked(WITHIN)

    seller.refused(declines(), "2026-07-20")


def test_where_no_delivery_is_told_it_holds_at_least_from_the_order(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells("2026-06-01").is_asked("2026-07-01")

    assert "at least until 2026-07-01" in seller.refused(declines(), "2026-07-02").message


def test_where_no_delivery_is_told_later_it_is_cautioned_of(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells("2026-06-01").is_asked("2026-07-02")

    assert any("not certain" in one for one in seller.tells(declines(), "2026-07-02").cautions)


def test_the_sellers_own_longer_terms_bind_him(seller: Seller) -> None:
    seller.tells(ReturnPolicySet(window_days=60), "2026-05-01", order=None)
    seller.is_asked("2026-08-01")

    assert "until 2026-08-02" in seller.refused(declines(), "2026-08-01").message


def withdraws(seller: Seller, on: str) -> None:
    seller.tells(WithdrawalDeclared(order_id=ORDER, sku=SKU), on)


def test_a_withdrawal_in_time_is_never_declined(german: Seller) -> None:
    """The 14th day after the delivery of 3 June; no advice can be acted against."""
    withdraws(german, "2026-06-17")
    refused = german.refused(declines("law.eu.withdrawal.1"), "2026-06-18", against_advice=True)

    assert "law.eu.withdrawal.1" == refused.rule
    assert "not declined" in refused.message


def test_a_withdrawal_too_late_may_be_declined(german: Seller) -> None:
    withdraws(german, "2026-06-18")
    declined = german.tells(declines("law.eu.withdrawal.1"), "2026-06-19")

    assert any("12 months more" in caution for caution in declined.cautions)


def test_a_withdrawal_is_not_declined_while_the_delivery_is_unknown(tmp_path: Path) -> None:
    seller = Seller(tmp_path, store="DE").sells(currency="EUR")
    withdraws(seller, "2026-07-20")

    refused = seller.refused(declines("law.eu.withdrawal.1"), "2026-07-21", against_advice=True)

    assert "order deliver" in refused.advice()


def test_a_withdrawal_too_late_is_a_wish_that_amazons_window_may_allow(tmp_path: Path) -> None:
    """Sweden: fourteen days by law, and thirty by Amazon's promise, to 3 July."""
    seller = Seller(tmp_path, store="SE").sells(currency="SEK").delivers()
    withdraws(seller, WITHIN)

    refused = seller.refused(declines("ret.window.EU.1"), WITHIN)
    declined = seller.tells(declines("ret.window.EU.1"), WITHIN, against_advice=True)

    assert "ret.window.EU.1" == refused.rule
    assert any("risks an A-to-z claim" in caution for caution in declined.cautions)


def test_where_no_law_knows_a_withdrawal_it_is_a_request_like_any(seller: Seller) -> None:
    withdraws(seller, WITHIN)

    assert WINDOW == seller.refused(declines(), WITHIN).rule
    seller.tells(declines(), WITHIN, against_advice=True)


def test_a_defect_for_which_the_law_gives_a_remedy_is_declined_against_advice_only(
    tmp_path: Path,
) -> None:
    swede = Seller(tmp_path, store="SE").sells("2024-01-02", currency="SEK").delivers("2024-01-05")
    swede.is_asked("2026-01-05", reason="CR-DEFECTIVE")
    decline = declines("ret.window.EU.1")

    refused = swede.refused(decline, "2026-01-06")

    assert "law.se.kkl.1" == refused.rule
    assert "may complain of a defect until 2027-01-05" in refused.message
    assert swede.tells(decline, "2026-01-06", against_advice=True).cautions


def test_a_defect_that_the_buyer_must_prove_by_now_is_cautioned_of(tmp_path: Path) -> None:
    swede = Seller(tmp_path, store="SE").sells("2024-01-02", currency="SEK").delivers("2024-01-05")
    swede.is_asked("2026-01-06", reason="CR-DEFECTIVE")

    (caution,) = swede.tells(declines("ret.window.EU.1"), "2026-01-06").cautions

    assert "must prove" in caution


def test_a_defect_is_no_reason_without_a_guarantee_or_a_law(seller: Seller) -> None:
    seller.is_asked(AFTER, reason="CR-DEFECTIVE")

    assert () == seller.tells(declines(), AFTER).cautions


def test_a_defect_within_the_sellers_own_guarantee_is_declined_against_advice_only(
    seller: Seller,
) -> None:
    seller.tells(ReturnPolicySet(guarantee_months=12), "2026-05-01", order=None)
    seller.is_asked("2026-07-10", reason="CR-DEFECTIVE")

    assert "guarantee" in seller.refused(declines(), "2026-07-10").message


def test_a_return_is_declined_by_a_rule_that_exists(seller: Seller) -> None:
    seller.is_asked(AFTER)

    assert "no such rule" in seller.refused(declines("ret.window.US.99"), AFTER).message


def test_a_return_is_declined_by_a_rule_of_its_store(seller: Seller) -> None:
    seller.is_asked(AFTER)

    assert "does not hold in US" in seller.refused(declines("ret.window.EU.1"), AFTER).message


def test_a_rule_that_is_not_certain_is_cautioned_of(seller: Seller) -> None:
    seller.is_asked(AFTER)

    declined = seller.tells(declines("ret.restocking_table.US.1"), AFTER)

    assert any("is not certain" in caution for caution in declined.cautions)


# --- overridden -------------------------------------------------------------------------------


def test_amazon_overrides_what_was_declined_and_once(seller: Seller) -> None:
    seller.is_asked(AFTER)
    event = DeclineOverridden(order_id=ORDER, sku=SKU)

    assert "no return of it was declined" in seller.refused(event, "2026-07-06").message
    seller.tells(declines(), "2026-07-05")
    seller.refused(event, "2026-07-04")
    seller.tells(event, "2026-07-06")
    assert "overrode it already" in seller.refused(event, "2026-07-06").message


@pytest.mark.parametrize("quantity", [0, 2])
def test_no_more_is_asked_for_than_was_ordered(seller: Seller, quantity: int) -> None:
    seller.refused(RequestReceived(order_id=ORDER, sku=SKU, quantity=quantity))
