"""A reimbursement taken back: justified by a unit, or to be looked at by a person."""

from __future__ import annotations

import pytest

from ledger.book import STOCK
from ledger.policy import Finding
from tests.ledger.account import FNSKU, ORDER, OTHER, TODAY, Account, after, answer_to

TAKEN = "2026-10-15"
COMMINGLED = "B000000001"


def account() -> Account:
    return Account().covers("2026-01-01", TODAY)


def the(told: Account) -> Finding:
    return told.the("reversal_unsupported")


def found(told: Account) -> list[str]:
    return told.verdicts("reversal_unsupported")


# --- what is owed -----------------------------------------------------------------------------


def test_a_reversal_without_a_unit_to_show_for_is_in_review() -> None:
    """Until when it can be contested no rule tells: never more than review."""
    finding = the(account().taken_back(TAKEN))

    assert ("review", "17.00 USD", "17.00 USD") == (
        finding.verdict,
        str(finding.amount_expected),
        str(finding.amount_open),
    )
    assert ("fba.reversal.ANY.1",) == finding.rule_ids
    assert "no rule with a window" in finding.reason
    assert all(test.would_flip for test in finding.tests)


@pytest.mark.parametrize("days", [0, 60, 700])
def test_it_is_in_review_on_every_day(days: int) -> None:
    told = Account().covers("2024-01-01", TODAY).taken_back(after(TODAY, -days))

    assert ["review"] == found(told)


@pytest.mark.parametrize("of", ["5555", None])
def test_the_original_may_lie_outside_the_files(of: str | None) -> None:
    told = account().taken_back(TAKEN, of=of)

    assert "outside the imported files" in " ".join(the(told).assumptions)


def test_more_taken_back_than_paid_is_said() -> None:
    told = account().paid("2026-09-01", order=None, reason="Lost_Warehouse", amount="10.00")

    assert "more was taken back than was paid" in the(told.taken_back(TAKEN)).reason


def test_an_unknown_store_is_said() -> None:
    told = Account(None).covers("2026-01-01", TODAY).taken_back(TAKEN)

    assert "marketplace is unknown" in the(told).reason


# --- the unit that justifies it ---------------------------------------------------------------


@pytest.mark.parametrize("days", [-30, -1, 0, 30])
def test_a_unit_found_near_it_justifies_it(days: int) -> None:
    finding = the(account().taken_back(TAKEN).found(after(TAKEN, days)))

    assert ("not_claimable", "0.00 USD") == (finding.verdict, str(finding.amount_open))


@pytest.mark.parametrize("days", [-31, 31])
def test_a_unit_found_far_from_it_does_not(days: int) -> None:
    assert ["review"] == found(account().taken_back(TAKEN).found(after(TAKEN, days)))


def test_a_unit_found_between_payment_and_reversal_justifies_it_however_long_that_took() -> None:
    told = (
        account().lost("2026-02-01", left=0).paid("2026-02-10", order=None, reason="Lost_Warehouse")
    )

    assert ["not_claimable"] == found(told.found("2026-04-01").taken_back(TAKEN))


def test_a_unit_that_a_customer_sent_back_justifies_it() -> None:
    assert ["not_claimable"] == found(account().taken_back(TAKEN).restocked("2026-10-10"))


def test_one_unit_justifies_one_reversal() -> None:
    told = account().taken_back(TAKEN, "1", "8001").taken_back("2026-10-16", "2", "8002")

    assert ["not_claimable", "review"] == found(told.found("2026-10-12"))


def test_a_reversal_of_two_units_needs_two() -> None:
    one = account().taken_back(TAKEN, cash=-2, amount="-34.00").found("2026-10-12")
    two = account().taken_back(TAKEN, cash=-2, amount="-34.00").found("2026-10-12", 2)

    assert (["review"], ["not_claimable"]) == (found(one), found(two))


def test_the_unit_may_be_found_under_the_fnsku_that_was_paid_for() -> None:
    """Amazon writes the reversal with the ASIN as FNSKU."""
    told = account().paid("2026-09-01", order=ORDER).restocked("2026-10-10")
    told.taken_back(TAKEN, fnsku=COMMINGLED, sku="Amazon.Found.B000000001", inventory=1)

    assert ["not_claimable"] == found(told)


def test_amazons_word_that_a_unit_was_put_back_is_not_enough() -> None:
    told = account().taken_back(TAKEN, inventory=1)

    assert "inventory ledger shows none" in the(told).reason


def test_another_items_unit_justifies_nothing() -> None:
    assert ["review"] == found(account().taken_back(TAKEN).found("2026-10-12", fnsku="X000000009"))


def test_a_return_told_with_the_order_is_a_hint() -> None:
    told = account().sold("2026-08-01").refunded("2026-08-10").paid("2026-09-25")
    told.returned("2026-10-01").taken_back(TAKEN, order=ORDER)

    assert "may be why it was taken back" in the(told).reason


def test_a_payment_for_the_same_order_since_is_a_hint() -> None:
    told = account().paid("2026-09-25").taken_back(TAKEN).paid("2026-10-20", "1001")

    assert "came after it" in the(told).reason


def test_a_payment_for_another_order_is_none() -> None:
    told = account().paid("2026-09-25").taken_back(TAKEN).paid("2026-10-20", "1001", order=OTHER)

    assert "no" == answer_to(the(told), "paid again").answer


# --- what the files cover ---------------------------------------------------------------------


def test_without_a_ledger_it_cannot_be_said_that_no_unit_was_found() -> None:
    told = Account().covers("2026-01-01", TODAY, without=[STOCK]).taken_back(TAKEN)

    assert f"no {STOCK} report" in the(told).reason


def test_a_reversal_in_an_orders_stream_is_found_there() -> None:
    told = account().paid("2026-09-25").taken_back(TAKEN, order=ORDER)

    assert (f"order/{ORDER}", FNSKU) == (the(told).stream, the(told).fnsku)
