"""Units of a removal that no report accounts for, and units that left and did not arrive."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.book import REIMBURSEMENTS, REMOVAL_SHIPMENTS, REMOVALS
from ledger.event import removal_stream
from ledger.events.arrivals import RemovalReceived
from ledger.events.terms import SourcingCostSet
from ledger.policy import Finding
from ledger.values import Money
from tests.ledger.account import FNSKU, SKU, TODAY, Account, after, answer_to
from tests.ledger.desk import Desk

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


# --- what the seller counted ------------------------------------------------------------------

CAME = "2026-09-20"
PHOTOS = ("a" * 64, "b" * 64, "c" * 64)


def counted(
    quantity: int,
    *,
    shipped: int = 5,
    on: str = CAME,
    tracking: str | None = None,
    evidence: tuple[str, ...] = PHOTOS,
    store: str = "US",
    parcel: str = "1Z1",
) -> Desk:
    """All that was asked for left in one parcel, and the seller counted what was in it."""
    told = Desk(store).covers("2026-01-01", TODAY).removal(ASKED, shipped, shipped=shipped)
    told.removal_shipped(SENT, shipped, tracking=parcel)
    return came(told, quantity, on=on, tracking=tracking, evidence=evidence)


def came(
    told: Desk,
    quantity: int,
    *,
    on: str = CAME,
    tracking: str | None = None,
    evidence: tuple[str, ...] = PHOTOS,
) -> Desk:
    """The seller counted a parcel."""
    receipt = RemovalReceived(fnsku=FNSKU, quantity=quantity, tracking=tracking, evidence=evidence)
    return told.says(receipt, on, stream=removal_stream("REM-1"))


@pytest.mark.parametrize("store", ["US", "DE"])
@pytest.mark.parametrize(("on", "verdict"), [("2026-11-19", "ready"), ("2026-11-20", "expired")])
def test_a_parcel_that_came_short_may_be_claimed_for_60_days(
    store: str, on: str, verdict: str
) -> None:
    """What arrived incomplete is counted from its delivery."""
    finding = the(counted(4, store=store), on)

    assert (verdict, 1, CAME, "2026-11-19") == (
        finding.verdict,
        finding.quantity,
        str(finding.window_opens),
        str(finding.window_closes),
    )
    assert "fba.removal_other.window" in finding.rule_ids[0]
    assert all(test.would_flip for test in finding.tests)


@pytest.mark.parametrize(
    ("on", "verdict"),
    [("2026-09-24", "waiting"), ("2026-09-25", "ready"), ("2026-11-24", "ready")],
)
def test_a_parcel_that_never_came_is_lost_from_its_creation(on: str, verdict: str) -> None:
    """There is nothing to photograph."""
    told = Desk().covers("2026-01-01", on).removal(ASKED, 5, shipped=5).removal_shipped(SENT, 5)
    finding = the(came(told, 0, on="2026-09-24", evidence=()), on)

    assert (verdict, 5, "2026-09-25", "2026-11-24") == (
        finding.verdict,
        finding.quantity,
        str(finding.window_opens),
        str(finding.window_closes),
    )


def test_what_arrived_whole_is_nothing() -> None:
    assert [] == found(counted(5))


def test_without_photos_it_is_review() -> None:
    finding = the(counted(4, evidence=()), "2026-11-19")

    assert "review" == finding.verdict
    assert "images units" in answer_to(finding, "at hand").answer


def test_a_parcel_of_which_nothing_is_told_is_not_lost() -> None:
    """Silence is no count."""
    told = counted(3, shipped=3, tracking="1Z1").removal(ASKED, 2, shipped=2)
    told.removal_shipped("2026-09-12", 2, tracking="1Z2")

    assert [] == told.findings("removal_lost")


def test_the_tracking_number_tells_which_parcel_came_short() -> None:
    told = Desk().covers("2026-01-01", TODAY).removal(ASKED, 5, shipped=5)
    told.removal_shipped(SENT, 3, tracking="1Z1").removal_shipped("2026-09-15", 2, tracking="1Z2")
    came(came(told, 3, tracking="1Z1"), 1, tracking=" 1z2 ")
    finding = the(told, "2026-11-19")

    assert ("ready", 1) == (finding.verdict, finding.quantity)


def test_where_several_parcels_may_have_come_short_a_person_looks() -> None:
    told = Desk().covers("2026-01-01", TODAY).removal(ASKED, 5, shipped=5)
    told.removal_shipped(SENT, 3, tracking="1Z1").removal_shipped("2026-09-15", 2, tracking="1Z2")
    finding = the(came(told, 4), "2026-11-19")

    assert ("review", 1) == (finding.verdict, finding.quantity)
    assert "is not told" in finding.reason


def test_a_row_may_name_parcels_that_are_still_to_come() -> None:
    told = counted(3, parcel="1Z1, 1Z2", tracking="1Z1")

    assert "1Z2 of the same shipment may be still to come" in the(told, "2026-11-19").reason


def test_what_arrived_beyond_the_rows_accounts_for_what_they_lack() -> None:
    told = Desk().covers("2026-01-01", TODAY).removal(ASKED, 5, shipped=4).removal_shipped(SENT, 4)

    assert ["review"] == found(told)
    assert [] == found(came(told, 5))


def test_what_the_numbers_alone_leave_open_stays_review() -> None:
    told = Desk().covers("2026-01-01", TODAY).removal(ASKED, 5, shipped=4).removal_shipped(SENT, 4)
    finding = the(came(told, 4), "2026-11-19")

    assert "review" == finding.verdict
    assert "not seen on real files yet" in finding.reason


def test_a_payment_for_a_removal_since_may_be_for_it() -> None:
    told = counted(4).paid("2026-10-01", order=None, reason="Removal_Lost")

    assert "review" == the(told, "2026-11-19").verdict


@pytest.mark.parametrize("reason", ["GeneralAdjustment", "Something_New"])
def test_a_payment_whose_reason_leaves_it_open_may_be_for_it(reason: str) -> None:
    told = counted(4).paid("2026-10-01", order=None, reason=reason)

    assert "review" == the(told, "2026-11-19").verdict
    assert f"({reason}) may be for it" in the(told, "2026-11-19").reason


@pytest.mark.parametrize(
    "how",
    [
        {"order": None, "reason": "Lost_Warehouse"},
        {"order": None, "reason": "Lost_Inbound"},
        {"order": None, "reason": "CustomerReturn"},
        {"reason": "GeneralAdjustment"},
    ],
)
def test_a_payment_for_something_else_is_none(how: dict[str, Any]) -> None:
    assert "ready" == the(counted(4).paid("2026-10-01", **how), "2026-11-19").verdict


def test_what_is_missing_is_worth_what_it_cost() -> None:
    cost = SourcingCostSet(sku=SKU, cost=Money.of("6.40", "USD"), invoice="f" * 64)
    finding = the(counted(3).says_of_account(cost, "2026-01-01"), "2026-11-19")

    assert ("ready", "12.80 USD") == (finding.verdict, str(finding.amount_open))
