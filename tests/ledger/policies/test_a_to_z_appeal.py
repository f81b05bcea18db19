"""The appeal against a granted A-to-z claim: in its days, with its proofs, and who bears what it cost."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.keeping import EvidenceAttached
from ledger.events.requests import ReturnLabelIssued
from ledger.policy import Finding
from tests.ledger.account import ORDER, SKU, Account, answer_to
from tests.ledger.returned_to_seller import ASKED, Parcel, of

FILED = "2026-03-05"
DECIDED = "2026-03-10"
ON = "2026-03-11"


def granted(told: Parcel, **decision: Any) -> Parcel:
    """The buyer claimed, and Amazon granted it at the seller's cost."""
    told.filed(FILED, name="A-1", door="a_to_z", by="buyer")
    decision = {"funded_by": "seller", "amount": of("100.00")} | decision
    return told.decided(DECIDED, "granted", name="A-1", **decision)


def missing(store: str = "US", **sent: Any) -> Parcel:
    """The buyer says that it did not arrive."""
    return Parcel(store).sent(**sent).wrote("2026-03-02", topic="not_received")


def signed_for(store: str = "US", **decision: Any) -> Parcel:
    """It was delivered against a signature, and the claim was granted all the same."""
    return granted(missing(store).arrived(), **decision)


def the(told: Account, on: str = ON) -> Finding:
    return told.the("a_to_z_appeal", on=on)


def verdict(told: Account, on: str = ON) -> str:
    return the(told, on).verdict


# --- in its days ------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["US", "DE", "SE", "UK"])
@pytest.mark.parametrize(
    ("on", "found"), [(DECIDED, "ready"), ("2026-04-09", "ready"), ("2026-04-10", "expired")]
)
def test_it_may_be_appealed_for_30_calendar_days(store: str, on: str, found: str) -> None:
    told = missing(store).arrived().filed(FILED, name="A-1", door="a_to_z", by="buyer")
    told.decided(DECIDED, "granted", name="A-1", funded_by="seller")
    finding = the(told, on)

    assert (found, "2026-04-09") == (finding.verdict, str(finding.window_closes))
    assert "az.appeal.ANY.1" in finding.rule_ids


@pytest.mark.parametrize(
    ("shown", "on", "found"),
    [
        ("2026-03-20", "2026-03-20", "ready"),
        ("2026-03-20", "2026-03-21", "expired"),
        ("2026-04-20", "2026-04-15", "ready"),
    ],
)
def test_the_day_that_the_decision_shows_counts(shown: str, on: str, found: str) -> None:
    finding = the(signed_for(appeal_until=shown), on)

    assert (found, shown) == (finding.verdict, str(finding.window_closes))


def test_a_moment_late_in_the_day_is_counted_from_the_earlier_zone() -> None:
    """At 02:00 UTC it is the day before in Seattle."""
    told = missing().arrived().filed(FILED, name="A-1", door="a_to_z", by="buyer")
    told.decided("2026-03-11T02:00:00Z", "granted", name="A-1", funded_by="seller")

    assert "2026-04-09" == str(the(told).window_closes)


def test_a_store_without_a_rule_is_in_review_without_a_day() -> None:
    finding = the(signed_for("JP", amount=None))

    assert ("review", None) == (finding.verdict, finding.window_closes)


def test_what_it_cost_is_the_decisions_amount() -> None:
    assert of("100.00") == the(signed_for()).amount_open


@pytest.mark.parametrize("outcome", ["denied", "withdrawn"])
def test_where_nothing_was_granted_there_is_nothing_to_appeal(outcome: str) -> None:
    told = missing().filed(FILED, name="A-1", door="a_to_z", by="buyer")

    assert [] == told.decided(DECIDED, outcome, name="A-1").findings("a_to_z_appeal", on=ON)
    assert [] == missing().filed(FILED, door="a_to_z", by="buyer").findings("a_to_z_appeal", on=ON)


# --- with its proofs --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "lacks"),
    [
        (missing(), "proof of delivery"),
        (missing().arrived(proof="scan"), "proof of delivery"),
        (missing(tracking=None).arrived(), "tracking"),
    ],
)
def test_a_delivery_is_proved_with_all_of_its_papers(told: Parcel, lacks: str) -> None:
    finding = the(granted(told))

    assert "review" == finding.verdict
    assert lacks in answer_to(finding, "at hand").answer


def test_a_file_proves_a_delivery_too() -> None:
    paper = EvidenceAttached(digest="e" * 64, name="pod.pdf", kind="delivery_proof", size=1)

    assert "ready" == verdict(granted(missing()).adds(paper, on=DECIDED))


def test_a_return_wants_other_papers() -> None:
    told = Parcel().sent().asked(ASKED, in_policy=False)
    label = ReturnLabelIssued(order_id=ORDER, sku=SKU, payer="buyer", kind="own_domestic")

    assert "review" == verdict(granted(told))
    assert "return label proof" in answer_to(the(told), "at hand").answer
    assert "ready" == verdict(told.adds(label, on="2026-03-03"))


def test_what_the_claim_was_about_must_be_told() -> None:
    unknown = granted(Parcel().sent().arrived())
    both = granted(missing().arrived().asked(ASKED, in_policy=True))

    assert ["review", "review"] == [verdict(unknown), verdict(both)]


# --- who bears it -----------------------------------------------------------------------------


def test_amazon_bears_what_its_protected_label_lost() -> None:
    told = granted(missing(claims_protected=True, on_time=True))
    finding = the(told)

    assert "ready" == finding.verdict
    assert "az.funding.buy_shipping.1" in finding.rule_ids
    assert answer_to(finding, "own label").passed


@pytest.mark.parametrize(
    "sent",
    [
        {"claims_protected": False, "on_time": True},
        {"claims_protected": True, "on_time": False},
        {"claims_protected": True},
    ],
)
def test_only_where_all_of_it_is_true(sent: dict[str, Any]) -> None:
    finding = the(granted(missing(**sent)))

    assert ("review", False) == (finding.verdict, answer_to(finding, "own label").passed)


def test_refunded_first_amazon_bears_nothing_and_safe_t_is_closed() -> None:
    """Case 5."""
    told = missing(claims_protected=True, on_time=True).arrived()
    told.refund("2026-03-03", by="seller", trigger="manual")
    finding = the(granted(told))

    assert ("review", False) == (finding.verdict, answer_to(finding, "own label").passed)
    assert "SAFE-T is closed" in finding.reason
    assert ["not_claimable"] == told.verdicts("safe_t", on=ON)


@pytest.mark.parametrize("who", ["amazon", "carrier"])
def test_what_another_bears_is_not_asked_back(who: str) -> None:
    assert "not_claimable" == verdict(signed_for(funded_by=who))


def test_that_it_was_charged_is_assumed_where_nobody_says_so() -> None:
    finding = the(signed_for(funded_by=None))

    assert "You were charged for the claim" in " ".join(finding.assumptions)


@pytest.mark.parametrize("programme", ["FBA", "MCF"])
def test_amazon_answers_for_what_it_sends_itself(programme: str) -> None:
    told = Parcel().sold_by_seller(programme=programme)

    assert "not_claimable" == verdict(granted(told))


def test_an_order_of_which_nobody_tells_the_programme_is_in_review() -> None:
    told = Parcel().ordered("2026-02-20", programme=None).arrived()

    assert "review" == verdict(granted(told))


# --- appealed already -------------------------------------------------------------------------


def test_an_appeal_is_filed_once() -> None:
    told = signed_for().appealed(ON, name="A-1")

    assert "not_claimable" == verdict(told)
    assert "not decided" in the(told).reason


def test_an_appeal_that_was_won_is_paid_when_the_money_is_back() -> None:
    told = signed_for().appealed(ON, name="A-1").appeal_decided("2026-03-15", "granted", name="A-1")
    won = verdict(told, "2026-03-16")
    finding = the(told.paid_out("2026-03-17", "100.00", name="A-1"), "2026-03-18")

    assert ("not_claimable", "paid", of("100.00")) == (won, finding.verdict, finding.amount_paid)


def test_an_appeal_that_was_lost_is_the_end() -> None:
    told = signed_for().appealed(ON, name="A-1").appeal_decided("2026-03-15", "denied", name="A-1")

    assert "not_claimable" == verdict(told, "2026-03-16")
