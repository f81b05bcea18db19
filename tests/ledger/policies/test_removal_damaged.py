"""Asked back sellable and sent back, or arrived, damaged: ready only where the seller tells and shows it."""

from __future__ import annotations

import pytest

from ledger.book import REIMBURSEMENTS
from ledger.event import removal_stream
from ledger.events.arrivals import RemovalReceived
from ledger.policy import Finding
from tests.ledger.account import FNSKU, TODAY, Account, answer_to
from tests.ledger.desk import Desk

ASKED = "2026-09-01"
SENT = "2026-09-10"


def sent(disposition: str, *, asked: str = "SELLABLE", quantity: int = 2) -> Account:
    """Units asked back in one state and sent in another."""
    told = Account().covers("2026-01-01", TODAY)
    told.removal(ASKED, quantity, shipped=quantity, disposition=asked)
    return told.removal_shipped(SENT, quantity, disposition=disposition)


def the(told: Account) -> Finding:
    return told.the("removal_damaged")


@pytest.mark.parametrize(
    "disposition", ["WAREHOUSE_DAMAGED", "CARRIER_DAMAGED", "DISTRIBUTOR_DAMAGED", "Damaged"]
)
def test_units_that_left_damaged_are_in_review(disposition: str) -> None:
    """The clock runs from the delivery, which no report tells."""
    finding = the(sent(disposition))

    assert ("review", "review", 2, None) == (
        finding.verdict,
        finding.standing,
        finding.quantity,
        finding.window_opens,
    )
    assert all(test.would_flip for test in finding.tests)


@pytest.mark.parametrize("disposition", ["SELLABLE", "CUSTOMER_DAMAGED", "DEFECTIVE", "EXPIRED"])
def test_units_that_left_in_any_other_state_are_nothing(disposition: str) -> None:
    assert [] == sent(disposition).findings("removal_damaged")


def test_units_that_were_damaged_when_they_were_asked_back_are_nothing() -> None:
    assert [] == sent("WAREHOUSE_DAMAGED", asked="WAREHOUSE_DAMAGED").findings("removal_damaged")


def test_a_missing_report_is_named() -> None:
    told = Account().covers("2026-01-01", TODAY, without=[REIMBURSEMENTS])
    told.removal(ASKED, 2, shipped=2).removal_shipped(SENT, 2, disposition="CARRIER_DAMAGED")

    assert f"no {REIMBURSEMENTS} report" in the(told).reason


def test_each_parcel_is_a_finding() -> None:
    told = sent("CARRIER_DAMAGED").removal(ASKED, 3, shipped=3, fnsku="X000000002")
    told.removal_shipped(SENT, 3, disposition="CARRIER_DAMAGED", fnsku="X000000002")

    assert [2, 3] == sorted(one.quantity for one in told.findings("removal_damaged"))


def test_a_payment_for_a_removal_since_is_named() -> None:
    told = sent("CARRIER_DAMAGED").paid("2026-10-01", order=None, reason="Removal_Damaged")

    assert "was paid for since" in the(told).reason


def test_a_payment_for_a_removal_before_it_is_another() -> None:
    told = sent("CARRIER_DAMAGED").paid("2026-09-05", order=None, reason="Removal_Damaged")

    assert "was paid for since" not in the(told).reason


# --- what the seller found --------------------------------------------------------------------

CAME = "2026-09-25"
PHOTOS = ("a" * 64, "b" * 64, "c" * 64)


def came(
    quantity: int,
    damaged: int,
    *,
    left_as: str = "SELLABLE",
    asked_as: str = "SELLABLE",
    evidence: tuple[str, ...] = PHOTOS,
    store: str = "US",
) -> Desk:
    """A parcel that the seller opened."""
    told = Desk(store).covers("2026-01-01", TODAY)
    told.removal(ASKED, 5, shipped=5, disposition=asked_as)
    told.removal_shipped(SENT, 5, disposition=left_as)
    receipt = RemovalReceived(fnsku=FNSKU, quantity=quantity, damaged=damaged, evidence=evidence)
    return told.says(receipt, CAME, stream=removal_stream("REM-1"))


@pytest.mark.parametrize("store", ["US", "DE"])
@pytest.mark.parametrize("left_as", ["SELLABLE", "CARRIER_DAMAGED"])
@pytest.mark.parametrize(("on", "verdict"), [(TODAY, "ready"), ("2026-11-25", "expired")])
def test_what_arrived_damaged_may_be_claimed_for_60_days(
    store: str, left_as: str, on: str, verdict: str
) -> None:
    finding = came(5, 2, left_as=left_as, store=store).the("removal_damaged", on=on)

    assert (verdict, 2, CAME, "2026-11-24") == (
        finding.verdict,
        finding.quantity,
        str(finding.window_opens),
        str(finding.window_closes),
    )
    assert "fba.removal_other.window" in finding.rule_ids[0]


def test_what_left_damaged_and_arrived_whole_is_not_claimed() -> None:
    assert "not_claimable" == the(came(5, 0, left_as="CARRIER_DAMAGED")).verdict


def test_what_arrived_whole_is_nothing() -> None:
    assert [] == came(5, 0).findings("removal_damaged")


def test_what_was_asked_back_damaged_may_arrive_so() -> None:
    told = came(5, 5, asked_as="CUSTOMER_DAMAGED", left_as="CUSTOMER_DAMAGED")

    assert [] == told.findings("removal_damaged")


def test_without_photos_of_all_three_it_is_review() -> None:
    finding = the(came(5, 2, evidence=PHOTOS[:2]))

    assert ("review", False) == (finding.verdict, answer_to(finding, "at hand").passed)


def test_missing_and_damaged_units_of_a_parcel_are_two_claims() -> None:
    told = came(4, 2)

    assert [("removal_damaged", "ready", 2), ("removal_lost", "ready", 1)] == sorted(
        (one.claim_type, one.verdict, one.quantity) for one in told.findings()
    )
