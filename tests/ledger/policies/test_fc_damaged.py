"""Damaged in a fulfilment centre: the damage, its partner row, and what became of the unit."""

from __future__ import annotations

import pytest

from ledger.book import REIMBURSEMENTS, STOCK
from ledger.policy import Finding
from tests.ledger.account import TODAY, Account, after

BROKEN = "2026-10-15"
WAREHOUSE = "Damaged_Warehouse"
POOL = "WAREHOUSE_DAMAGED"


def account(store: str = "US") -> Account:
    return Account(store).covers("2026-01-01", TODAY)


def the(told: Account, on: str = TODAY) -> Finding:
    return told.the("fc_damaged", on=on)


def found(told: Account) -> list[str]:
    return told.verdicts("fc_damaged")


# --- what is owed -----------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["E", "6"])
def test_a_sellable_unit_damaged_at_the_centre_is_ready(reason: str) -> None:
    """The row that puts it into the damaged stock is its partner and no second unit."""
    finding = the(account().broken(BROKEN, reason=reason))

    assert ("ready", 1) == (finding.verdict, finding.quantity)
    assert (BROKEN, "2026-12-14") == (str(finding.window_opens), str(finding.window_closes))
    assert all(test.would_flip for test in finding.tests)


@pytest.mark.parametrize(
    ("reason", "pool"),
    [
        ("7", "EXPIRED"),
        ("H", "CUSTOMER_DAMAGED"),
        ("K", "DEFECTIVE"),
        ("U", "DISTRIBUTOR_DAMAGED"),
        ("6", "CARRIER_DAMAGED"),
        ("H", "SELLABLE"),
    ],
)
def test_a_unit_that_was_unsellable_already_is_in_review(reason: str, pool: str) -> None:
    assert ["review"] == found(account().broken(BROKEN, reason=reason, disposition=pool))


@pytest.mark.parametrize("reason", ["P", "Q", "D", "G", "O", "3", "X"])
def test_no_other_code_is_a_damage(reason: str) -> None:
    assert [] == found(account().moved(BROKEN, reason, -1, unreconciled=1))


@pytest.mark.parametrize("store", ["US", "FR", "UK"])
@pytest.mark.parametrize(
    ("days", "verdict"), [(4, "review"), (5, "ready"), (60, "ready"), (61, "expired")]
)
def test_it_may_be_filed_for_60_days_once_a_payment_would_show(
    store: str, days: int, verdict: str
) -> None:
    assert verdict == the(account(store).broken(after(TODAY, -days))).verdict


@pytest.mark.parametrize(("on", "verdict"), [("2024-10-22", "ready"), ("2024-10-23", "expired")])
def test_18_months_became_60_days_for_older_damages_too(on: str, verdict: str) -> None:
    assert verdict == the(Account().covers("2024-01-01", on).broken("2024-03-01"), on).verdict


# --- damaged, then misplaced ------------------------------------------------------------------


@pytest.mark.parametrize(("damage", "astray"), [(1, 0), (0, 1)])
def test_damaged_then_misplaced_is_one_unit_wherever_amazon_counts_it(
    damage: int, astray: int
) -> None:
    told = account().broken(BROKEN, left=damage)
    told.lost("2026-10-20", left=astray, disposition=POOL)

    assert [("fc_damaged", "ready", 1)] == [
        (one.claim_type, one.verdict, one.quantity) for one in told.findings()
    ]


def test_a_unit_that_amazon_counts_at_both_is_in_review() -> None:
    told = account().broken(BROKEN, left=1).lost("2026-10-20", left=1, disposition=POOL)

    assert ["review"] == found(told)


def test_a_unit_misplaced_in_the_damaged_stock_before_any_damage_told_is_in_review() -> None:
    """Its damage lies before the first row; it is one claim all the same."""
    told = account().lost(BROKEN, disposition=POOL)

    assert (["review"], []) == (found(told), told.verdicts("fc_lost"))


def test_it_may_be_found_again_in_the_damaged_stock() -> None:
    told = account().lost(BROKEN, left=0, disposition=POOL).found("2026-10-20", disposition=POOL)

    assert [] == told.findings()


def test_a_damaged_unit_misplaced_and_found_is_damaged_still() -> None:
    told = account().broken(BROKEN, left=1).lost("2026-10-20", left=0, disposition=POOL)

    assert ["ready"] == found(told.found("2026-10-25", disposition=POOL))


def test_more_units_misplaced_than_damaged_leave_the_rest_by_itself() -> None:
    told = account().broken(BROKEN, 2, left=0).lost("2026-10-20", 3, disposition=POOL)

    assert [("review", 1), ("review", 2)] == sorted(
        (one.verdict, one.quantity) for one in told.findings("fc_damaged")
    )


# --- inspected, paid, given -------------------------------------------------------------------


def test_a_unit_inspected_and_put_back_among_the_sellable_is_nothing() -> None:
    told = account().broken(BROKEN, left=0).moved("2026-10-20", "Q", -1, disposition=POOL)

    assert [] == told.moved("2026-10-20", "P", 1).findings()


def test_another_units_regrading_is_not_this_ones() -> None:
    """Q and P of a unit that a customer was said to have damaged."""
    told = account().broken(BROKEN).moved("2026-10-20", "Q", -1, disposition="CUSTOMER_DAMAGED")

    assert ["ready"] == found(told.moved("2026-10-20", "P", 1))


def test_a_regrading_whose_partner_is_not_told_counts() -> None:
    assert ["review"] == found(account().broken(BROKEN, left=1).moved("2026-10-20", "P", 1))


def test_a_unit_found_is_a_lost_ones_and_no_damaged_ones() -> None:
    told = account().broken(BROKEN).lost("2026-10-16", left=0).found("2026-10-20")

    assert (["ready"], []) == (found(told), told.verdicts("fc_lost"))


def test_a_transfer_in_kind_that_no_loss_takes_is_the_damages() -> None:
    assert [] == found(account().broken(BROKEN, left=0).found("2026-10-20", reason="N"))


def test_a_damage_that_was_paid_is_paid() -> None:
    told = account().broken(BROKEN, left=0)
    told.paid("2026-10-20", order=None, reason=WAREHOUSE, amount="6.00")

    assert ("paid", "6.00 USD") == (the(told).verdict, str(the(told).amount_paid))


def test_a_payment_for_a_loss_may_be_for_the_damage_only_in_review() -> None:
    told = account().broken(BROKEN).paid("2026-10-20", order=None, reason="Lost_Warehouse")

    assert ["review"] == found(told)


def test_losses_and_damages_are_paid_apart() -> None:
    told = account().broken(BROKEN).lost(BROKEN, left=0)
    told.paid("2026-10-20", order=None, reason="Lost_Warehouse")

    assert (["ready"], ["paid"]) == (found(told), told.verdicts("fc_lost"))


def test_a_customers_damaged_return_in_the_same_days_may_be_the_unit() -> None:
    """It is asked about at its order: one physical unit, one claim that may be filed."""
    told = account().broken(BROKEN).sold("2026-09-20").refunded("2026-10-01")
    told.returned("2026-10-14", disposition="DAMAGED")

    assert (["review"], ["review"]) == (found(told), told.verdicts("return_damaged"))


def test_a_customers_return_that_the_seller_bears_is_another_matter() -> None:
    told = account().broken(BROKEN).returned("2026-10-14", disposition="DEFECTIVE")

    assert ["ready"] == found(told)


# --- what the files cover ---------------------------------------------------------------------


@pytest.mark.parametrize("report", [STOCK, REIMBURSEMENTS])
def test_without_one_of_its_reports_nothing_is_ready(report: str) -> None:
    told = Account().covers("2026-01-01", TODAY, without=[report])

    assert ["review"] == found(told.broken(BROKEN))
