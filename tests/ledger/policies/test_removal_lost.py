"""Units of a removal that no report accounts for: never more than review, with the window shown."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.book import REIMBURSEMENTS, REMOVAL_SHIPMENTS, REMOVALS
from ledger.policy import Finding
from tests.ledger.account import TODAY, Account, after

ASKED = "2026-09-01"
SENT = "2026-09-10"


def short(requested: int = 5, shipped: int = 4, store: str = "US", sent: str = SENT) -> Account:
    """A completed removal that shipped fewer units than were asked for."""
    told = Account(store).covers("2026-01-01", TODAY).removal(ASKED, requested, shipped=shipped)
    return told.removal_shipped(sent, shipped)


def the(told: Account, on: str = TODAY) -> Finding:
    return told.the("removal_lost", on=on)


def found(told: Account) -> list[str]:
    return told.verdicts("removal_lost")


def test_units_that_nothing_accounts_for_are_in_review_with_their_window() -> None:
    finding = the(short())

    assert ("review", 1, "2026-09-25", "2026-11-24") == (
        finding.verdict,
        finding.quantity,
        str(finding.window_opens),
        str(finding.window_closes),
    )
    assert "fba.removal_lost.window.US.2" == finding.rule_ids[0]
    assert all(test.would_flip for test in finding.tests)


@pytest.mark.parametrize("days", [1, 14, 15, 75, 76, 300])
def test_what_arrived_only_the_seller_can_tell_on_any_day(days: int) -> None:
    """Too late is said, and nothing more: whether there was a loss is not known."""
    finding = the(short(sent=after(TODAY, -days)))

    assert ("review", "review") == (finding.verdict, finding.standing)


@pytest.mark.parametrize("store", ["US", "DE", "UK"])
def test_the_window_runs_from_the_shipments_creation(store: str) -> None:
    assert ("2026-09-25", "2026-11-24") == (
        str(the(short(store=store)).window_opens),
        str(the(short(store=store)).window_closes),
    )


def test_before_october_2024_the_clock_ran_from_a_fact_that_no_report_tells() -> None:
    told = Account().covers("2024-01-01", "2024-10-22").removal("2024-08-20", 5, shipped=4)
    finding = the(told.removal_shipped("2024-09-01", 4), "2024-10-22")

    assert "last confirmed movement date" in finding.reason


def test_of_several_parcels_the_last_one_starts_the_clock() -> None:
    told = short(6, 5).removal_shipped("2026-09-20", 1, tracking="1Z2")

    assert "2026-10-05" == str(the(told).window_opens)


def test_where_nothing_was_shipped_no_clock_runs() -> None:
    told = Account().covers("2026-01-01", TODAY).removal(ASKED, 5)

    assert (["review"], None) == (found(told), the(told).window_opens)


def test_units_called_shipped_that_no_carrier_got_are_asked_about() -> None:
    told = Account().covers("2026-01-01", TODAY).removal(ASKED, 5, shipped=5)

    assert 2 == the(told.removal_shipped(SENT, 3)).quantity


@pytest.mark.parametrize(
    "numbers",
    [
        {"shipped": 5},
        {"shipped": 3, "cancelled": 2},
        {"shipped": 3, "disposed": 2},
        {"shipped": 3, "in_process": 2},
        {"shipped": 4, "cancelled": 2},
    ],
)
def test_units_that_are_accounted_for_are_nothing(numbers: dict[str, Any]) -> None:
    """Nor is anything owed where Amazon's numbers are more than was asked for."""
    told = Account().covers("2026-01-01", TODAY).removal(ASKED, 5, **numbers)

    assert [] == found(told.removal_shipped(SENT, numbers["shipped"]))


@pytest.mark.parametrize("status", ["Pending", "Planning", "In Process", "Cancelled"])
def test_a_removal_that_is_not_completed_has_time(status: str) -> None:
    told = Account().covers("2026-01-01", TODAY).removal(ASKED, 5, shipped=4, status=status)

    assert [] == found(told)


@pytest.mark.parametrize("order_type", ["Disposal", "Liquidations"])
def test_units_that_were_not_to_come_back_cannot_get_lost_on_their_way(order_type: str) -> None:
    told = Account().covers("2026-01-01", TODAY).removal(ASKED, 5, order_type=order_type)

    assert [] == found(told)


def test_lines_of_one_fnsku_are_told_apart_by_disposition() -> None:
    told = short().removal(ASKED, 3, shipped=3, disposition="DEFECTIVE")

    assert [1] == [
        one.quantity
        for one in told.removal_shipped(SENT, 3, disposition="DEFECTIVE").findings("removal_lost")
    ]


def test_a_payment_for_a_removal_since_is_named() -> None:
    told = short().paid("2026-10-01", order=None, reason="Removal_Lost")

    assert "was paid for since" in the(told).reason


@pytest.mark.parametrize("report", [REMOVALS, REMOVAL_SHIPMENTS, REIMBURSEMENTS])
def test_a_missing_report_is_named(report: str) -> None:
    told = Account().covers("2026-01-01", TODAY, without=[report]).removal(ASKED, 5, shipped=4)

    assert f"no {report} report" in the(told.removal_shipped(SENT, 4)).reason


def test_a_later_update_that_adds_up_ends_it() -> None:
    assert [] == found(short(shipped=5))
