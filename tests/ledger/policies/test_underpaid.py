"""Paid, but less than the order's price less fees."""

from __future__ import annotations

import pytest

from ledger.book import REIMBURSEMENTS, RETURNS
from ledger.policy import Finding
from tests.ledger.account import ORDER, OTHER_SKU, TODAY, Account, after

REFUND = "2026-07-01"
PAID = "2026-10-15"


def refunded(store: str = "US", quantity: int = 1) -> Account:
    """Refunded and not back: worth 17.00 a unit."""
    told = Account(store).covers("2026-01-01", TODAY).sold("2026-06-20", quantity=quantity)
    return told.refunded(REFUND, principal=f"{20 * quantity}.00")


def the(told: Account, on: str = TODAY) -> Finding:
    return told.the("underpaid", on=on)


def found(told: Account) -> list[str]:
    return told.verdicts("underpaid")


# --- what is owed -----------------------------------------------------------------------------


def test_a_unit_that_was_paid_half_is_underpaid() -> None:
    finding = the(refunded().paid(PAID, amount="8.50"))

    assert ("underpaid", "17.00 USD", "8.50 USD", "8.50 USD") == (
        finding.verdict,
        str(finding.amount_expected),
        str(finding.amount_paid),
        str(finding.amount_open),
    )
    assert "fba.reevaluation.window.US.1" == finding.rule_ids[0]
    assert all(test.would_flip for test in finding.tests)


def test_the_unit_itself_is_paid_and_claimed_no_second_time() -> None:
    assert ["paid"] == refunded().paid(PAID, amount="8.50").verdicts("return_missing")


@pytest.mark.parametrize(
    ("amount", "count"), [("16.82", 1), ("16.83", 0), ("16.90", 0), ("17.00", 0), ("19.00", 0)]
)
def test_a_rounding_is_no_underpayment(amount: str, count: int) -> None:
    """More than ten cents and more than one per cent must be missing."""
    assert count == len(found(refunded().paid(PAID, amount=amount)))


def test_a_damaged_unit_is_worth_as_much_as_a_missing_one() -> None:
    told = refunded().returned("2026-07-06", disposition="DAMAGED").paid(PAID, amount="8.50")

    assert ["underpaid"] == found(told)


# --- the window -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "verdict"), [(0, "underpaid"), (59, "underpaid"), (60, "underpaid"), (61, "expired")]
)
def test_the_amount_may_be_disputed_for_60_days_in_the_united_states(
    days: int, verdict: str
) -> None:
    finding = the(refunded().paid(after(TODAY, -days), amount="8.50"))

    assert (verdict, "underpaid") == (finding.verdict, finding.standing)


@pytest.mark.parametrize("store", ["DE", "UK"])
@pytest.mark.parametrize("days", [10, 61, 100])
def test_in_europe_the_rule_is_assumed_and_everything_is_in_review(store: str, days: int) -> None:
    """Nor is anything called expired by a rule that is not certain."""
    assert "review" == the(refunded(store).paid(after(TODAY, -days), amount="8.50")).verdict


@pytest.mark.parametrize(("on", "verdict"), [("2025-03-30", "review"), ("2025-03-31", "underpaid")])
def test_before_the_rule_came_into_force_nothing_is_known(on: str, verdict: str) -> None:
    told = Account().covers("2024-06-01", on).sold("2024-12-20").refunded("2025-01-02")

    assert verdict == the(told.paid("2025-03-20", amount="8.50"), on).verdict


# --- what else was paid -----------------------------------------------------------------------


def test_instalments_add_up() -> None:
    told = refunded().paid("2026-10-15", "1", amount="8.50").paid("2026-10-20", "2", amount="8.50")

    assert [] == found(told)
    assert ["17.00 USD"] == [str(one.amount_paid) for one in told.findings("return_missing")]


def test_instalments_that_do_not_suffice_leave_the_rest() -> None:
    told = refunded().paid("2026-10-15", "1", amount="8.50").paid("2026-10-20", "2", amount="4.50")

    assert "4.00 USD" == str(the(told).amount_open)


def test_an_instalment_is_no_payment_for_a_unit_that_came_back() -> None:
    """Two refunded, one back, one paid in two parts: nobody was paid too much or too little."""
    told = refunded(quantity=2).returned("2026-07-05")
    told.paid("2026-10-15", "1", amount="8.50").paid("2026-10-20", "2", amount="8.50")

    assert [] == found(told)
    assert ["paid"] == told.verdicts("return_missing")


def test_a_payment_without_an_item_may_be_the_rest() -> None:
    told = refunded().paid("2026-10-15", "1", amount="8.50")
    told.paid("2026-10-20", "2", amount="8.50", sku=None, fnsku=None, asin=None)

    assert [] == found(told)


def test_the_shares_of_one_line_are_compared_unit_by_unit() -> None:
    told = refunded(quantity=2).paid(PAID, amount="25.50", cash=2)

    assert ["underpaid", "underpaid"] == found(told)
    assert 850 == sum(
        one.amount_open.minor for one in told.findings("underpaid") if one.amount_open
    )


def test_each_sku_is_compared_with_its_own_price() -> None:
    told = refunded().sold("2026-06-20", sku=OTHER_SKU, price="40.00")
    told.refunded(REFUND, sku=OTHER_SKU, principal="40.00")
    told.paid(PAID, "1", amount="17.00")
    told.paid(PAID, "2", sku=OTHER_SKU, fnsku="X000000002", asin="B000000002", amount="17.00")

    assert [OTHER_SKU] == [finding.sku for finding in told.findings("underpaid")]


# --- what is no underpayment ------------------------------------------------------------------


def test_a_unit_that_came_back_sellable_was_not_to_be_paid_at_all() -> None:
    told = refunded().returned("2026-07-05").restocked("2026-07-05").paid(PAID, amount="8.50")

    assert [] == found(told)
    assert ["overpaid"] == told.verdicts("return_missing")


def test_a_unit_that_the_seller_bears_was_not_to_be_paid_at_all() -> None:
    told = refunded().returned("2026-07-05", disposition="DEFECTIVE").paid(PAID, amount="8.50")

    assert [] == found(told)


def test_a_unit_in_kind_is_worth_a_unit() -> None:
    assert [] == found(refunded().paid(PAID, amount="0.00", cash=0, inventory=1))


def test_a_payment_that_was_taken_back_is_the_reversals_affair() -> None:
    assert [] == found(
        refunded().paid(PAID, amount="8.50").taken_back("2026-11-01", amount="-8.50")
    )


def test_another_currency_is_not_compared() -> None:
    told = refunded().paid(PAID, amount="8.50", currency="CAD")

    assert [] == found(told)


@pytest.mark.parametrize("reason", ["CustomerServiceIssue", "GeneralAdjustment"])
def test_a_payment_for_something_else_than_the_unit_is_a_doubt(reason: str) -> None:
    assert ["review"] == found(refunded().paid(PAID, amount="8.50", reason=reason))


def test_a_refund_that_is_not_surely_one_whole_unit_is_a_doubt() -> None:
    told = Account().covers("2026-01-01", TODAY).refunded(REFUND).paid(PAID, amount="8.50")

    assert ["review"] == found(told)


def test_a_multi_channel_order_has_another_policy() -> None:
    order = "S01-0000001-0000001"
    told = Account().covers("2026-01-01", TODAY).sold("2026-06-20", order=order, programme="MCF")
    told.refunded(REFUND, order=order).paid(PAID, order=order, amount="8.50")

    assert ["not_claimable"] == found(told)


# --- what the files cover ---------------------------------------------------------------------


@pytest.mark.parametrize("report", [RETURNS, REIMBURSEMENTS])
def test_without_one_of_its_reports_nothing_is_underpaid(report: str) -> None:
    """The unit may have come back, or the rest may have been paid."""
    told = Account().covers("2026-01-01", TODAY, without=[report]).sold("2026-06-20")

    assert ["review"] == found(told.refunded(REFUND).paid(PAID, amount="8.50"))


@pytest.mark.parametrize("report", [RETURNS, REIMBURSEMENTS])
def test_without_one_of_its_reports_no_damaged_unit_is_underpaid_either(report: str) -> None:
    """A later row may tell the return in another state, or a further one."""
    told = Account().covers("2026-01-01", TODAY, without=[report]).sold("2026-06-20")
    told.refunded(REFUND).returned("2026-07-06", disposition="DAMAGED").paid(PAID, amount="8.50")

    assert ["review"] == found(told)


@pytest.mark.parametrize("report", [RETURNS, REIMBURSEMENTS])
@pytest.mark.parametrize(("days", "verdict"), [(7, "underpaid"), (8, "review")])
def test_with_an_old_report_nothing_is_underpaid(report: str, days: int, verdict: str) -> None:
    told = Account().covers("2026-01-01", TODAY, without=[report]).sold("2026-06-20")
    told.covers("2026-01-01", after(TODAY, -days), report).refunded(REFUND)
    finding = the(told.paid(PAID, amount="8.50", order=ORDER))

    assert (verdict, "underpaid") == (finding.verdict, finding.standing)
