"""Came back in another state than sellable: who bears it, and what was paid."""

from __future__ import annotations

import pytest

from ledger.book import REFUNDS, REIMBURSEMENTS, RETURNS
from ledger.policy import Finding
from tests.ledger.account import FNSKU, ORDER, OTHER, TODAY, Account, after, answer_to

REFUND = "2026-09-01"
BACK = "2026-09-05"
MCF = "S01-0000001-0000001"


def damaged(
    disposition: str | None = "DAMAGED", *, store: str = "US", refund: str = REFUND
) -> Account:
    """A refunded unit that came back in this state."""
    told = Account(store).covers("2025-01-01", TODAY).sold(after(refund, -9)).refunded(refund)
    return told.returned(after(refund, 4), disposition=disposition)


def the(told: Account, on: str = TODAY) -> Finding:
    return told.the("return_damaged", on=on)


# --- who bears it -----------------------------------------------------------------------------


@pytest.mark.parametrize("disposition", ["DAMAGED", "CARRIER_DAMAGED", "WAREHOUSE_DAMAGED"])
def test_what_amazon_or_its_carrier_damaged_is_in_review(disposition: str) -> None:
    """That Amazon bears it was only paraphrased: a rule that is not certain gives no claim."""
    finding = the(damaged(disposition))

    assert ("review", "17.00 USD") == (finding.verdict, str(finding.amount_open))
    assert (f"fba.disposition.{disposition}.1" in finding.rule_ids, "C") == (
        True,
        finding.rule_evidence,
    )


@pytest.mark.parametrize("disposition", ["CUSTOMER_DAMAGED", "DEFECTIVE"])
def test_what_the_customer_damaged_or_was_defective_is_not_claimable(disposition: str) -> None:
    finding = the(damaged(disposition))

    assert ("not_claimable", "0.00 USD") == (finding.verdict, str(finding.amount_open))
    assert "inspection" in answer_to(finding, "Who bears").would_flip


@pytest.mark.parametrize("disposition", ["EXPIRED", "DISTRIBUTOR_DAMAGED", "SCENTED", None])
def test_a_state_of_which_no_certain_rule_tells_the_bearer_is_in_review(
    disposition: str | None,
) -> None:
    assert "review" == the(damaged(disposition)).verdict


def test_a_sellable_unit_is_none_of_this() -> None:
    assert [] == damaged("SELLABLE").findings("return_damaged")


@pytest.mark.parametrize("spelling", ["Carrier Damaged", "carrier-damaged", "CARRIER_DAMAGED"])
def test_spellings_of_a_state_are_one_state(spelling: str) -> None:
    assert "fba.disposition.CARRIER_DAMAGED.1" in the(damaged(spelling)).rule_ids


def test_the_answers_come_in_order() -> None:
    tests = the(damaged()).tests

    assert [
        "Did it come back?",
        "Which marketplace's rules apply?",
        "Did Amazon fulfil it and refund the buyer (FBA)?",
        "Who bears a unit in this state?",
        "Is that rule certain?",
        "Has this unit been paid for?",
        "Do the imported files show that it was not paid for already?",
        "Do the imported files show that nothing else came back?",
        "Do the imported files show that the refund was not taken back?",
        "Is today a day on which it may be filed?",
        "What is a unit worth?",
    ] == [test.test for test in tests]
    assert all(test.would_flip for test in tests)


# --- the window -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "verdict"),
    [(10, "review"), (59, "review"), (60, "review"), (120, "review"), (121, "expired")],
)
def test_only_a_window_that_has_surely_passed_is_more_than_review(days: int, verdict: str) -> None:
    """Too late is too late, whoever bears it; what is recorded does not change with the day."""
    finding = the(damaged(refund=after(TODAY, -days)))

    assert (verdict, "review") == (finding.verdict, finding.standing)


@pytest.mark.parametrize(("days", "verdict"), [(105, "review"), (106, "expired")])
def test_the_window_is_the_stores(days: int, verdict: str) -> None:
    assert verdict == the(damaged(refund=after(TODAY, -days), store="DE")).verdict


def test_without_the_refund_the_clock_is_unknown() -> None:
    """As with real files of which no settlement is at hand."""
    told = Account().covers("2026-06-01", TODAY).returned(BACK, disposition="DAMAGED")
    told.ordered("2026-08-20")

    assert ("review", None) == (the(told).verdict, the(told).window_opens)
    assert "settlement" in answer_to(the(told), "Is today a day").would_flip


# --- what was paid ----------------------------------------------------------------------------


def test_a_damaged_unit_that_was_paid_for_is_paid() -> None:
    finding = the(damaged().paid("2026-09-10"))

    assert ("paid", "17.00 USD", "0.00 USD") == (
        finding.verdict,
        str(finding.amount_paid),
        str(finding.amount_open),
    )


@pytest.mark.parametrize("disposition", ["CUSTOMER_DAMAGED", "DEFECTIVE"])
def test_what_the_seller_bears_and_amazon_paid_may_be_taken_back(disposition: str) -> None:
    told = damaged(disposition).paid("2026-09-10")
    finding = the(told)

    assert ("overpaid", "-17.00 USD") == (finding.verdict, str(finding.amount_open))
    assert [] == told.findings("return_missing")


def test_what_perhaps_the_seller_bears_and_amazon_paid_is_paid() -> None:
    """That a seller bears expired units is inferred: nobody is told that he was paid too much."""
    assert "paid" == the(damaged("EXPIRED").paid("2026-09-10")).verdict


def test_what_was_paid_and_taken_back_is_the_reversals_claim() -> None:
    told = damaged().paid("2026-09-10").taken_back("2026-10-10")

    assert ("not_claimable", "0.00 USD") == (the(told).verdict, str(the(told).amount_open))
    assert ["review"] == told.verdicts("reversal_unsupported")


def test_what_the_seller_bears_stays_so_when_a_payment_was_taken_back() -> None:
    told = damaged("DEFECTIVE").paid("2026-09-10").taken_back("2026-10-10")

    assert "not_claimable" == the(told).verdict


def test_a_reversal_that_names_no_payment_is_a_doubt() -> None:
    assert "review" == the(damaged().paid("2026-09-10").taken_back("2026-10-10", of=None)).verdict


def test_a_status_reimbursed_without_a_line_is_a_doubt() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)
    told.returned(BACK, disposition="DAMAGED", status="Reimbursed")

    assert "says Reimbursed" in the(told).reason


def test_a_payment_that_came_before_the_return_counts() -> None:
    """Paid as missing on day 44, and then it came back damaged after all."""
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)
    told.paid("2026-10-15").returned("2026-11-01", disposition="DAMAGED")

    assert ["paid"] == told.verdicts("return_damaged")
    assert [] == told.findings("return_missing", "underpaid")


# --- programmes and replacements --------------------------------------------------------------


def test_a_multi_channel_order_has_another_policy_even_without_a_settlement() -> None:
    """The returns report names no programme; the order id does."""
    told = Account().covers("2026-06-01", TODAY).returned(BACK, order=MCF, disposition="DAMAGED")

    assert ("not_claimable", "MCF") == (the(told).verdict, the(told).programme)


def test_what_came_back_under_the_replacements_id_is_judged_once_at_the_original() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)
    told.replaced("2026-08-28", by=OTHER).returned(BACK, order=OTHER, disposition="DAMAGED")

    assert [ORDER] == [finding.order_id for finding in told.findings("return_damaged")]


def test_several_units_of_one_row_are_several_findings() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20", quantity=2)
    told.refunded(REFUND, principal="40.00").returned(BACK, disposition="DAMAGED", quantity=2)
    findings = told.findings("return_damaged")

    assert (2, 2) == (len(findings), len({finding.finding_id for finding in findings}))


def test_a_commingled_unit_is_damaged_like_any_other() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)
    told.returned(BACK, disposition="DAMAGED", fnsku="B000000001")

    assert ("review", "B000000001") == (the(told).verdict, the(told).fnsku)


# --- what the files cover ---------------------------------------------------------------------


@pytest.mark.parametrize("report", [RETURNS, REIMBURSEMENTS])
def test_a_missing_report_is_named(report: str) -> None:
    told = Account().covers("2026-06-01", TODAY, without=[report]).sold("2026-08-20")
    told.refunded(REFUND).returned(BACK, disposition="DAMAGED")

    assert f"no {report} report was imported" in the(told).reason


def test_payments_are_asked_for_from_the_refund_on() -> None:
    """A hole between refund and return may hide the payment."""
    told = Account().covers("2026-06-01", TODAY, without=[REIMBURSEMENTS])
    told.covers("2026-06-01", "2026-09-01", REIMBURSEMENTS)
    told.covers("2026-09-03", TODAY, REIMBURSEMENTS)
    told.sold("2026-08-20").refunded(REFUND).returned(BACK, disposition="DAMAGED")

    assert "gap from 2026-09-02 to 2026-09-02" in the(told).reason


def test_settlements_that_end_early_are_an_assumption() -> None:
    told = Account().covers("2026-06-01", TODAY, without=[REFUNDS])
    told.covers("2026-06-01", "2026-09-14", REFUNDS)
    told.sold("2026-08-20").refunded(REFUND).returned(BACK, disposition="DAMAGED", fnsku=FNSKU)

    assert "charged again" in " ".join(the(told).assumptions)
