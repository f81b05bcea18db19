"""SAFE-T: which refunds by Amazon may be asked back, by what right, until when, and how much of them."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.case import MoneyLine
from ledger.event import order_stream
from ledger.events.arrivals import WrongItemReceived
from ledger.events.keeping import EvidenceAttached
from ledger.events.requests import ReturnAuthorized, ReturnLost
from ledger.events.settlements import TransactionSettled
from ledger.policy import Finding
from tests.ledger.account import ORDER, SKU, Account, answer_to
from tests.ledger.returned_to_seller import (
    ASKED,
    BACK,
    GRADED,
    ON,
    REFUNDED,
    Parcel,
    of,
    wrong_item_back,
)


def the(told: Account, on: str = ON) -> Finding:
    return told.the("safe_t", on=on)


def verdict(told: Account, on: str = ON) -> str:
    return the(told, on).verdict


def before_grading(store: str = "US", **refund: Any) -> Parcel:
    """All but what came back."""
    told = Parcel(store).sent().asked(f"{ASKED}T09:30:00Z", reason="CR-DEFECTIVE", in_policy=True)
    return told.wrote().refund(**refund)


# --- what is owed -----------------------------------------------------------------------------


def test_a_different_item_after_a_refund_at_the_first_scan_is_ready() -> None:
    """Case 4: wrong item back, graded within 4 days, 30 days for SAFE-T."""
    finding = the(wrong_item_back())

    assert ("ready", 1, "FBM", of("100.00")) == (
        finding.verdict,
        finding.quantity,
        finding.programme,
        finding.amount_open,
    )
    assert ("2026-03-09", "2026-04-08") == (
        str(finding.window_opens),
        str(finding.window_closes),
    )
    assert ("safet.window.US.2", "ret.refund_clock.US.2") == finding.rule_ids


def test_the_answers_come_in_order_and_each_says_what_would_change_it() -> None:
    tests = the(wrong_item_back()).tests

    assert [
        "Who refunded the buyer, and what set it off?",
        "Which marketplace's rules apply?",
        "Did the seller fulfil it (FBM)?",
        "Was it claimed before?",
        "Do reports tell of a SAFE-T claim?",
        "Is it the only claim about the order?",
        "Is SAFE-T open for what set it off?",
        "Is there no A-to-z claim and no chargeback on the order?",
        "What makes the refund claimable?",
        "Is the rule about those days certain?",
        "Was it graded before the days to refund had passed?",
        "Is everything at hand that the rule asks to be shown?",
        "Is today a day on which it may be filed?",
        "How much may be asked for?",
    ] == [test.test for test in tests]
    assert all(test.would_flip for test in tests)


@pytest.mark.parametrize("condition", ["materially_different", "empty_box", "used", "incomplete"])
def test_what_only_the_buyer_can_have_done_is_ready(condition: str) -> None:
    assert "ready" == verdict(before_grading().received().graded(condition))


def test_a_wrong_item_is_a_grade_of_its_own() -> None:
    told = before_grading().received()
    wrong = WrongItemReceived(order_id=ORDER, sku=SKU, arrived="a brick", evidence=("c" * 64,))
    told.adds(wrong, on=GRADED)

    assert "photos" in answer_to(the(told), "at hand").answer
    assert "something else came back" in answer_to(the(told), "claimable").answer


@pytest.mark.parametrize(
    ("condition", "cause", "found"),
    [
        ("damaged", "customer", "ready"),
        ("defective", "customer", "ready"),
        ("damaged", None, "review"),
        ("defective", None, "review"),
        ("opened", None, "review"),
        ("damaged", "unknown", "review"),
        ("damaged", "carrier_return", "review"),
        ("damaged", "carrier_outbound", "not_claimable"),
        ("defective", "production", "not_claimable"),
        ("as_new", None, "not_claimable"),
    ],
)
def test_who_spoilt_it_decides(condition: str, cause: str | None, found: str) -> None:
    told = before_grading().received().graded(condition)

    assert found == verdict(told.damaged_by(cause) if cause else told)


def test_loss_and_damage_on_the_way_back_are_contradicted() -> None:
    damaged = before_grading().received().graded("damaged").damaged_by("carrier_return")
    lost = before_grading().adds(ReturnLost(order_id=ORDER, sku=SKU), on="2026-03-07")

    for finding in (the(damaged), the(lost)):
        assert "review" == finding.verdict
        assert "contradicted" in finding.reason


def test_a_return_that_nobody_graded_is_in_review() -> None:
    assert "nobody graded it" in the(before_grading().received()).reason


def test_how_long_to_wait_for_a_return_no_rule_says() -> None:
    assert "no rule says" in the(before_grading()).reason


def test_a_refund_of_a_return_that_amazon_calls_out_of_policy_is_ready() -> None:
    told = Parcel().sent().asked(ASKED, in_policy=False).wrote().refund(trigger="csba")

    assert "ready" == verdict(told)


def test_what_the_seller_allowed_himself_he_cannot_call_out_of_policy() -> None:
    told = Parcel().sent().asked(ASKED, in_policy=False).wrote().refund(trigger="csba")

    assert "review" == verdict(told.adds(ReturnAuthorized(order_id=ORDER, sku=SKU), on=ASKED))


@pytest.mark.parametrize(
    ("proof", "found"), [("signature", "ready"), ("gps", "ready"), ("scan", "review")]
)
def test_an_order_said_not_to_have_arrived_that_was_signed_for(proof: str, found: str) -> None:
    told = Parcel().sent().arrived(proof=proof).wrote(topic="not_received")

    assert found == verdict(told.refund(trigger="csba"))


# --- who refunded, and why --------------------------------------------------------------------


def test_what_the_seller_refunded_himself_is_gone() -> None:
    finding = the(wrong_item_back(by="seller", trigger="manual"))

    assert ("not_claimable", "safet.window.US.2") == (finding.verdict, finding.rule_ids[0])
    assert "the seller did" in finding.reason


@pytest.mark.parametrize("trigger", ["a_to_z", "chargeback", "statutory", "fba"])
def test_other_doors_close_this_one(trigger: str) -> None:
    assert "not_claimable" == verdict(wrong_item_back(trigger=trigger))


@pytest.mark.parametrize("trigger", ["returnless", "manual", "goodwill"])
def test_where_no_rule_says_so_it_is_review(trigger: str) -> None:
    assert "review" == verdict(wrong_item_back(trigger=trigger))


@pytest.mark.parametrize("programme", ["FBA", "MCF"])
def test_only_what_the_seller_fulfilled(programme: str) -> None:
    told = Parcel().sold_by_seller(programme=programme).refund()

    assert "not_claimable" == verdict(told)


def test_an_order_of_which_nobody_tells_the_programme_is_in_review() -> None:
    told = Parcel().ordered("2026-02-20", programme=None).refund().received().graded()

    assert "nobody tells whether" in the(told).reason


def test_a_refund_that_only_a_settlement_tells_is_no_finding() -> None:
    """Nobody says who gave it: `remedy` asks."""
    assert [] == Parcel().sent().refunded(REFUNDED, programme="FBM").findings("safe_t", on=ON)


@pytest.mark.parametrize(
    ("back", "found"),
    [("2026-01-25", "ready"), ("2026-01-26", "not_claimable"), (BACK, "not_claimable")],
)
def test_the_refund_after_missed_days_closes_it_since_2026_01_26(back: str, found: str) -> None:
    told = Parcel().sold_by_seller("2026-01-02").wrote("2026-01-05")
    told.asked("2026-01-05", reason="CR-UNWANTED_ITEM").refund(back, trigger="automated")
    told.received(back).graded(on=back)
    told.adds(EvidenceAttached(digest="d" * 64, name="i.pdf", kind="invoice", size=1), on=back)

    assert found == verdict(told, back)


@pytest.mark.parametrize("how", ["lost", "scan"])
def test_unless_the_return_was_lost_or_its_scan_is_wrong(how: str) -> None:
    told = before_grading(trigger="automated")
    if how == "lost":
        told.adds(ReturnLost(order_id=ORDER, sku=SKU), on="2026-03-04")
    else:
        told.received(scan_wrong=True).graded()

    assert "as an exception" in answer_to(the(told), "after the days to refund").answer
    assert ("review" if how == "lost" else "ready") == verdict(told)


def test_whether_it_was_lost_is_asked_where_nothing_is_told() -> None:
    finding = the(before_grading(trigger="automated"))

    assert "review" == finding.verdict
    assert "neither is told" in finding.reason


@pytest.mark.parametrize(
    ("store", "asked", "found"),
    [
        ("UK", "2025-08-10", "review"),
        ("UK", "2025-08-11", "not_claimable"),
        ("DE", "2025-08-11", "not_claimable"),
        ("US", "2026-03-01", "review"),
    ],
)
def test_a_missed_deadline_for_a_return_from_abroad(store: str, asked: str, found: str) -> None:
    told = Parcel(store).sold_by_seller("2025-08-01").asked(asked, cross_border=True)
    told.refund("2026-03-02", trigger="international_deadline").received("2026-03-02")

    assert found == verdict(told.graded(on="2026-03-03"), "2026-03-03")


# --- A-to-z -----------------------------------------------------------------------------------


def test_an_a_to_z_claim_on_the_order_closes_it() -> None:
    told = wrong_item_back().filed("2026-03-06", name="A-1", door="a_to_z", by="buyer")

    assert ("not_claimable", "not_claimable") == (
        verdict(told),
        verdict(told.decided("2026-03-08", "granted", name="A-1")),
    )


def test_an_a_to_z_claim_that_was_denied_leaves_a_question() -> None:
    told = wrong_item_back().filed("2026-03-06", name="A-1", door="a_to_z", by="buyer")

    assert "review" == verdict(told.decided("2026-03-08", "denied", name="A-1"))


def test_refunded_first_and_then_granted_leaves_no_safe_t() -> None:
    """Case 5."""
    told = Parcel().sent().refund("2026-03-01", by="seller", trigger="manual")
    told.filed("2026-03-03", name="A-1", door="a_to_z", by="buyer")
    told.decided("2026-03-05", "granted", name="A-1").refund("2026-03-05", trigger="a_to_z")

    assert ["not_claimable", "not_claimable"] == told.verdicts("safe_t", on=ON)


# --- the window -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "found"),
    [("2026-03-11", "ready"), ("2026-04-08", "ready"), ("2026-04-09", "expired")],
)
def test_30_days_from_the_later_of_refund_and_return(on: str, found: str) -> None:
    assert found == verdict(wrong_item_back(), on)


def _autumn(refunded: str, back: str) -> Parcel:
    """A return while the 60 days held, everything shown."""
    told = Parcel().sold_by_seller("2025-11-01").wrote("2025-12-01")
    told.adds(EvidenceAttached(digest="d" * 64, name="i.pdf", kind="invoice", size=1), on=back)
    told.asked("2025-12-01", reason="CR-UNWANTED_ITEM").refund(refunded)
    return told.received(back).graded(on=back)


@pytest.mark.parametrize(
    ("refunded", "back", "on", "found"),
    [
        ("2025-12-10", "2025-12-12", "2026-02-08", "ready"),
        ("2025-12-10", "2025-12-12", "2026-02-09", "expired"),
        ("2026-01-05", "2026-01-08", "2026-02-15", "ready"),
        ("2026-01-05", "2026-01-08", "2026-02-16", "expired"),
        ("2026-01-20", "2026-01-23", "2026-02-22", "ready"),
        ("2026-01-20", "2026-01-23", "2026-02-23", "expired"),
    ],
)
def test_60_days_became_30_for_older_refunds_too(
    refunded: str, back: str, on: str, found: str
) -> None:
    assert found == verdict(_autumn(refunded, back), on)


@pytest.mark.parametrize("store", ["DE", "UK", "FR"])
def test_in_europe_the_rule_is_not_verified_and_no_day_is_told(store: str) -> None:
    finding = the(wrong_item_back(store))

    assert ("review", None, None) == (finding.verdict, finding.window_opens, finding.window_closes)
    assert "safet.window.EU.1" in finding.reason
    assert "2026-05" not in finding.reason


def test_a_store_without_a_rule_is_in_review() -> None:
    assert "no rule of safet.window is known for SE" in the(wrong_item_back("SE")).reason


# --- proofs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ({"evidence": ()}, "photos"),
        ({"evidence": ("a" * 64,)}, "photos"),
        ({"serial_sent": None}, "serial/weight"),
    ],
)
def test_a_missing_paper_is_named_and_makes_it_review(
    without: dict[str, Any], missing: str
) -> None:
    told = before_grading().received().graded(**without)
    test = answer_to(the(told), "at hand")

    assert ("review", False) == (verdict(told), test.passed)
    assert missing in test.answer
    assert "Attach" in test.would_flip or "Record" in test.would_flip


def test_photos_attached_later_count() -> None:
    told = before_grading().received().graded(evidence=())
    for letter in "ef":
        told.adds(
            EvidenceAttached(digest=letter * 64, name="p.jpg", kind="photo", size=1), on=GRADED
        )

    assert "ready" == verdict(told)


def test_a_parcel_without_a_told_delivery_is_in_review() -> None:
    assert "return delivery scan" in the(before_grading().graded()).reason


@pytest.mark.parametrize(("on", "found"), [("2026-03-13", "ready"), ("2026-03-14", "review")])
def test_what_is_graded_after_the_four_days_may_count_as_new(on: str, found: str) -> None:
    assert found == verdict(before_grading().received().graded(on=on), "2026-03-20")


def test_a_grade_before_the_receipt_is_a_contradiction() -> None:
    assert "review" == verdict(before_grading().received("2026-03-10").graded(on="2026-03-09"))


# --- how much ---------------------------------------------------------------------------------


def test_a_buyers_damage_is_paid_with_half_of_the_price_at_most() -> None:
    told = Parcel().sold_by_seller("2025-11-01", price="100.00").wrote("2025-12-01")
    told.adds(
        EvidenceAttached(digest="d" * 64, name="i.pdf", kind="invoice", size=1), on="2025-12-10"
    )
    told.asked("2025-12-01", reason="CR-UNWANTED_ITEM").refund("2025-12-10")
    finding = the(told.received("2025-12-12").graded("used", on="2025-12-12"), "2026-01-10")

    assert ("ready", of("50.00")) == (finding.verdict, finding.amount_open)


def test_nothing_is_said_where_the_rule_of_today_does_not_tell_the_limit() -> None:
    finding = the(before_grading().received().graded("used"))

    assert ("ready", None) == (finding.verdict, finding.amount_open)
    assert "today's rule does not say" in answer_to(finding, "How much").answer


def test_an_order_is_paid_with_5000_dollars_at_most() -> None:
    told = Parcel().sold_by_seller("2025-11-01", price="7000.00").wrote("2025-12-01")
    told.adds(
        EvidenceAttached(digest="d" * 64, name="i.pdf", kind="invoice", size=1), on="2025-12-10"
    )
    told.asked("2025-12-01", reason="X").refund("2025-12-10", amount="7000.00")
    finding = the(told.received("2025-12-12").graded(on="2025-12-12"), "2026-01-10")

    assert of("5000.00") == finding.amount_open


def test_of_two_refunded_units_the_one_that_came_back_wrong_is_claimed() -> None:
    told = Parcel().sent(quantity=2, price="200.00")
    told.asked(ASKED, reason="CR-UNWANTED_ITEM").wrote().refund(quantity=2, amount="190.00")
    finding = the(told.received().graded())

    assert (1, of("95.00")) == (finding.quantity, finding.amount_open)


def test_units_in_several_states_are_looked_at_by_a_person() -> None:
    told = Parcel().sent(quantity=2, price="200.00").refund(quantity=2).received(quantity=2)

    assert "which of them" in the(told.graded().graded("as_new")).reason


# --- claims that were filed -------------------------------------------------------------------


def test_a_claim_is_never_filed_twice() -> None:
    told = wrong_item_back().filed("2026-03-11")

    assert "not_claimable" == verdict(told)
    assert "never filed a second time" in the(told).reason


def test_a_claim_that_was_paid_is_paid() -> None:
    told = wrong_item_back().filed("2026-03-11").decided("2026-03-12", "granted")
    granted = the(told, "2026-03-13")
    paid = the(told.paid_out("2026-03-14", "100.00"), "2026-03-14")

    assert ("not_claimable", "paid", of("100.00")) == (
        granted.verdict,
        paid.verdict,
        paid.amount_paid,
    )


def test_what_was_paid_and_taken_back_is_looked_at() -> None:
    told = wrong_item_back().filed("2026-03-11").decided("2026-03-12", "granted")
    told.paid_out("2026-03-14", "100.00").taken_back_again("2026-03-16", "100.00")

    assert "review" == verdict(told, "2026-03-17")


@pytest.mark.parametrize("shown", ["2026-03-20", None])
def test_a_denied_claim_may_be_appealed_until_the_day_that_it_shows(shown: str | None) -> None:
    told = wrong_item_back().filed("2026-03-11")
    finding = the(told.decided("2026-03-13", "denied", appeal_until=shown), "2026-03-14")

    assert ("review", shown) == (
        finding.verdict,
        str(finding.window_closes) if finding.window_closes else None,
    )


def test_an_appeal_is_heard_once() -> None:
    told = wrong_item_back().filed("2026-03-11").decided("2026-03-13", "denied")
    told.appealed("2026-03-14")

    assert "not_claimable" == verdict(told, "2026-03-15")
    told.appeal_decided("2026-03-16", "denied")
    assert ("not_claimable", True) == (
        verdict(told, "2026-03-17"),
        "once" in answer_to(the(told, "2026-03-17"), "claimed before").would_flip,
    )


def test_a_claim_that_was_withdrawn_may_be_filed_again() -> None:
    told = wrong_item_back().filed("2026-03-11").decided("2026-03-12", "withdrawn")

    assert "ready" == verdict(told, "2026-03-13")


@pytest.mark.parametrize(
    ("on", "found"), [("2026-02-01", "not_claimable"), ("2026-02-20", "review")]
)
def test_an_order_is_claimed_for_once(on: str, found: str) -> None:
    """The rule of the 60 days says so; today's does not."""
    told = _autumn("2026-01-20", "2026-01-23")

    assert found == verdict(told.filed("2026-01-25", sku="ANOTHER"), on)


@pytest.mark.parametrize(
    ("state", "found"),
    [("UNDER_INVESTIGATION", "not_claimable"), ("GRANTED", "not_claimable"), ("DENIED", "review")],
)
def test_a_claim_that_amazons_report_tells_counts(state: str, found: str) -> None:
    told = Parcel().sent().reported(ASKED, in_policy=True, safe_t=state).wrote().refund()

    assert found == verdict(told.received().graded())


def test_a_payment_that_a_settlement_tells_counts() -> None:
    told = wrong_item_back()
    paid = TransactionSettled(
        settlement_id="1",
        transaction="SAFE-T Reimbursement",
        order_id=ORDER,
        lines=(MoneyLine("SAFE-T Reimbursement", "SAFE-T Reimbursement", of("100.00")),),
    )
    finding = the(told.tell(order_stream(ORDER), paid, "2026-03-20"), "2026-03-21")

    assert ("paid", of("100.00")) == (finding.verdict, finding.amount_paid)
