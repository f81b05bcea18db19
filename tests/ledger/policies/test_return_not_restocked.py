"""Came back sellable, and never went back into stock."""

from __future__ import annotations

import pytest

from ledger.book import REIMBURSEMENTS, RETURNS, STOCK
from ledger.policy import Finding
from tests.ledger.account import FNSKU, ORDER, OTHER, TODAY, Account, after

REFUND = "2026-09-01"
BACK = "2026-09-05"
ASIN = "B000000001"


def back(refund: str = REFUND, store: str = "US", status: str | None = None) -> Account:
    """A unit was refunded and came back sellable; the ledger shows nothing of it."""
    told = Account(store).covers("2025-12-01", TODAY).sold(after(refund, -9)).refunded(refund)
    return told.returned(after(refund, 4), status=status)


def the(told: Account, on: str = TODAY) -> Finding:
    return told.the("return_not_restocked", on=on)


def found(told: Account) -> list[str]:
    return told.verdicts("return_not_restocked")


# --- what is owed -----------------------------------------------------------------------------


def test_a_sellable_unit_that_no_row_puts_into_stock_is_ready() -> None:
    finding = the(back())

    assert ("ready", "17.00 USD") == (finding.verdict, str(finding.amount_open))
    assert ("2026-10-31", "2026-12-30") == (str(finding.window_opens), str(finding.window_closes))
    assert all(test.would_flip for test in finding.tests)


@pytest.mark.parametrize(
    ("days", "verdict"), [(59, "waiting"), (60, "ready"), (120, "ready"), (121, "expired")]
)
def test_the_clock_runs_from_the_refund(days: int, verdict: str) -> None:
    assert verdict == the(back(after(TODAY, -days))).verdict


@pytest.mark.parametrize(
    ("days", "verdict"), [(44, "waiting"), (45, "ready"), (105, "ready"), (106, "expired")]
)
def test_in_europe_it_is_day_45_to_day_105(days: int, verdict: str) -> None:
    assert verdict == the(back(after(TODAY, -days), "UK")).verdict


def test_without_the_refund_the_clock_is_unknown() -> None:
    told = Account().covers("2026-06-01", TODAY).ordered("2026-08-20").returned(BACK)

    assert ["review"] == found(told)


# --- what the ledger shows --------------------------------------------------------------------


@pytest.mark.parametrize("days", [-3, -1, 0, 1, 3])
def test_a_row_within_three_days_puts_it_into_stock(days: int) -> None:
    assert [] == found(back().restocked(after(BACK, days)))


@pytest.mark.parametrize(
    ("days", "verdict"), [(-4, "review"), (-14, "review"), (-15, "ready"), (-30, "ready")]
)
def test_a_row_of_days_before_that_is_nobody_elses_may_be_its(days: int, verdict: str) -> None:
    """Amazon was seen to move the day of a return in its report; the ledger's day stays."""
    assert [verdict] == found(back().restocked(after(BACK, days)))


def test_a_unit_that_was_found_before_it_came_back_is_another() -> None:
    assert ["ready"] == found(back().found(after(BACK, -4)))


def test_a_row_of_days_before_that_is_another_returns_is_not_its() -> None:
    told = back().restocked(after(BACK, -10)).returned(after(BACK, -9), order=OTHER)

    assert ["ready"] == found(told)


@pytest.mark.parametrize("days", [4, 20, 60])
def test_a_row_of_days_after_that_is_nobody_elses_may_be_its(days: int) -> None:
    assert ["review"] == found(back().restocked(after(BACK, days)))


def test_a_row_of_months_after_is_not_its() -> None:
    assert ["ready"] == found(back().restocked(after(BACK, 61)))


def test_a_unit_found_afterwards_may_be_it() -> None:
    assert ["review"] == found(back().found(after(BACK, 12)))


def test_a_row_in_another_state_is_a_doubt() -> None:
    assert ["review"] == found(back().restocked(BACK, disposition="CUSTOMER_DAMAGED"))


def test_a_row_under_another_fnsku_of_the_item_is_a_doubt() -> None:
    """A labelled unit may be put back as a commingled one."""
    assert ["review"] == found(back().restocked(BACK, fnsku=ASIN))


def test_a_row_under_a_sku_that_amazon_made_of_it_is_a_doubt() -> None:
    told = back().restocked(BACK, fnsku="X0GRADED01", sku="amzn.gr.MUG-BLUE-a1b2-LN", asin=None)

    assert ["review"] == found(told)


def test_a_row_of_another_item_says_nothing() -> None:
    told = back().restocked(BACK, fnsku="X000000009", sku="BOWL", asin="B000000009")

    assert ["ready"] == found(told)


def test_rows_are_shared_out_once_over_all_orders() -> None:
    """Two orders, the same FNSKU, the same day, one row: one unit is missing."""
    told = back().sold("2026-08-20", order=OTHER).refunded(REFUND, order=OTHER)
    told.returned(BACK, order=OTHER).restocked(BACK)

    assert ["ready"] == found(told)


def test_a_row_of_two_units_serves_two_returns() -> None:
    told = back().sold("2026-08-20", order=OTHER).refunded(REFUND, order=OTHER)
    told.returned(BACK, order=OTHER).restocked(BACK, quantity=2)

    assert [] == found(told)


def test_each_unit_takes_the_row_that_leaves_most_to_the_others() -> None:
    """Returns of the 5th and the 8th, rows of the 2nd and the 5th: both were restocked."""
    told = back().sold("2026-08-20", order=OTHER).refunded(REFUND, order=OTHER)
    told.returned("2026-09-08", order=OTHER).restocked("2026-09-02").restocked("2026-09-05")

    assert [] == found(told)


def test_a_commingled_fnsku_is_shared_out_like_any_other() -> None:
    told = Account().covers("2026-06-01", TODAY)
    for order in (ORDER, OTHER):
        told.sold("2026-08-20", order=order).refunded(REFUND, order=order)
        told.returned(BACK, order=order, fnsku=ASIN)

    assert ["ready"] == found(told.restocked(BACK, fnsku=ASIN))


# --- where else it may be ---------------------------------------------------------------------


def test_a_sku_of_amazons_own_is_being_sold_again() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20", sku="amzn.gr.MUG-x-LN")
    told.refunded(REFUND, sku="amzn.gr.MUG-x-LN").returned(BACK, sku="amzn.gr.MUG-x-LN")

    assert ["not_claimable"] == found(told)


@pytest.mark.parametrize("sku", ["Amazon.Found.B000000001", "amzn.gr.A-1", "AMZN.GR.A-1"])
def test_amazons_skus_are_known_however_they_are_written(sku: str) -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20", sku=sku)

    assert ["not_claimable"] == found(told.refunded(REFUND, sku=sku).returned(BACK, sku=sku))


@pytest.mark.parametrize(
    "status",
    [
        "Reimbursed",
        "Repackaged Successfully",
        "Pending Repackaging",
        "IMMEDIATE_DONATION",
        "Disposed",
    ],
)
def test_a_status_that_says_what_became_of_it_is_a_doubt(status: str) -> None:
    assert ["review"] == found(back(status=status))


@pytest.mark.parametrize("status", ["Unit returned to inventory", "Data not available"])
def test_a_status_that_says_nothing_of_the_kind_is_none(status: str) -> None:
    assert ["ready"] == found(back(status=status))


def test_a_unit_that_was_paid_for_is_not_asked_about() -> None:
    assert [] == found(back().paid("2026-09-12"))


def test_a_payment_that_may_be_another_units_is_a_doubt() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20", quantity=2)
    told.refunded(REFUND, principal="40.00").returned(BACK)
    told.paid("2026-10-15", reason="CustomerServiceIssue", sku=None, fnsku=None, asin=None)

    assert ["ready"] == found(told)  # the payment is the missing unit's: it is the only one open
    assert ["paid"] == told.verdicts("return_missing")


def test_a_unit_in_any_other_state_is_none_of_this() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)

    assert [] == found(told.returned(BACK, disposition="DEFECTIVE"))


def test_a_unit_without_an_fnsku_cannot_be_looked_up() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)

    assert [] == found(told.returned(BACK, fnsku=None))


def test_a_multi_channel_order_has_another_policy() -> None:
    told = Account().covers("2026-06-01", TODAY).returned(BACK, order="S01-0000001-0000001")

    assert ["not_claimable"] == found(told)


# --- what the files cover ---------------------------------------------------------------------


@pytest.mark.parametrize("report", [RETURNS, REIMBURSEMENTS])
def test_without_one_of_its_reports_nothing_is_ready(report: str) -> None:
    told = Account().covers("2026-06-01", TODAY, without=[report]).sold("2026-08-20")

    assert ["review"] == found(told.refunded(REFUND).returned(BACK))


def test_without_an_inventory_ledger_nothing_is_said() -> None:
    told = Account().covers("2026-06-01", TODAY, without=[STOCK]).sold("2026-08-20")

    assert [] == found(told.refunded(REFUND).returned(BACK))


def test_of_returns_before_the_first_ledger_nothing_is_said() -> None:
    told = Account().covers("2026-06-01", TODAY, without=[STOCK]).sold("2026-08-20")
    told.covers("2026-09-09", TODAY, STOCK).refunded(REFUND).returned(BACK)

    assert [] == found(told)


@pytest.mark.parametrize("report", [RETURNS, REIMBURSEMENTS, STOCK])
@pytest.mark.parametrize("hole", ["2026-09-05", "2026-10-10", "2026-11-15"])
def test_with_a_hole_in_one_of_its_reports_nothing_is_ready(report: str, hole: str) -> None:
    told = Account().covers("2026-06-01", TODAY, without=[report]).sold("2026-08-20")
    told.covers("2026-06-01", after(hole, -1), report).covers(after(hole, 1), TODAY, report)

    assert ["review"] == found(told.refunded(REFUND).returned(BACK))


@pytest.mark.parametrize("report", [RETURNS, REIMBURSEMENTS, STOCK])
@pytest.mark.parametrize(("days", "verdict"), [(7, "ready"), (8, "review")])
def test_with_an_old_report_nothing_is_ready(report: str, days: int, verdict: str) -> None:
    told = Account().covers("2026-06-01", TODAY, without=[report]).sold("2026-08-20")
    told.covers("2026-06-01", after(TODAY, -days), report).refunded(REFUND).returned(BACK)

    assert (verdict, "open") == (the(told).verdict, the(told).standing)


@pytest.mark.parametrize(("days", "count"), [(3, 0), (4, 1)])
def test_nothing_is_asked_before_the_row_had_its_three_days(days: int, count: int) -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-11-01").refunded("2026-11-10")

    assert count == len(found(told.returned(after(TODAY, -days))))


def test_it_is_one_finding_for_the_unit_and_no_other_kind() -> None:
    """The unit came back: it is not missing, and not damaged."""
    findings = back().returned("2026-09-05", order=OTHER, fnsku=FNSKU).findings()

    assert {"return_not_restocked"} == {finding.claim_type for finding in findings}
