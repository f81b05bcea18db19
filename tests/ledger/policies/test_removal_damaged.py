"""Asked back sellable and sent back damaged: never more than review."""

from __future__ import annotations

import pytest

from ledger.book import REIMBURSEMENTS
from ledger.policy import Finding
from tests.ledger.account import TODAY, Account

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
