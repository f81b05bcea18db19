"""The findings about one row of the inventory ledger: what is open, what is settled, what was too much."""

from __future__ import annotations

from datetime import date

from ledger.losses import judge_losses
from ledger.policy import Finding
from tests.ledger.account import FNSKU, TODAY, Account, answer_to

LOST = "2026-10-15"


def account() -> Account:
    return Account().covers("2026-01-01", TODAY)


def judged(told: Account, claim_type: str = "fc_lost") -> list[Finding]:
    case = told.case(f"stock/{FNSKU}")
    return list(judge_losses(claim_type, case, told.book(), date.fromisoformat(TODAY)))


def test_losses_and_damages_are_judged_apart() -> None:
    told = account().lost(LOST).broken(LOST)

    assert (["fc_lost"], ["fc_damaged"]) == (
        [one.claim_type for one in judged(told)],
        [one.claim_type for one in judged(told, "fc_damaged")],
    )


def test_a_row_settled_in_every_way_at_once_has_a_finding_for_each() -> None:
    """Of five: one found, one paid, one paid and taken back, two open."""
    told = account().lost(LOST, 5, left=2).found("2026-10-16")
    told.paid("2026-10-20", order=None, reason="Lost_Warehouse", cash=2, amount="10.00")
    told.taken_back("2026-11-01", amount="-5.00")
    found = judged(told)

    assert [("ready", 2), ("paid", 1), ("not_claimable", 1)] == [
        (one.verdict, one.quantity) for one in found
    ]
    assert 3 == len({one.finding_id for one in found})
    assert 4 == len({unit for one in found for unit in one.units})


def test_our_count_and_amazons_are_both_told() -> None:
    (finding,) = judged(account().lost(LOST, 4, left=3).found("2026-10-16", 2))

    assert "Amazon says 3 unreconciled, our count of found and paid units says 2" in finding.reason
    assert 2 == finding.quantity


def test_what_was_found_and_paid_is_the_evidence_of_the_count() -> None:
    told = account().lost(LOST, 3, left=1).found("2026-10-16")
    told.paid("2026-10-20", order=None, reason="Lost_Warehouse")
    (finding, _) = judged(told)

    assert 4 == len(answer_to(finding, "still open").decided_by)


def test_a_row_says_where_and_with_which_code_units_went() -> None:
    (finding,) = judged(account().lost(LOST, 2, reason="5", centre="ONT8"))

    assert "2 with reason code 5 on 2026-10-15 at ONT8" == answer_to(finding, "Did units go").answer


def test_payments_in_two_currencies_have_no_sum() -> None:
    told = Account(None).covers("2026-01-01", TODAY).lost(LOST, 2, left=0)
    told.paid("2026-10-20", "1", order=None, reason="Lost_Warehouse")
    told.paid("2026-10-20", "2", order=None, reason="Lost_Warehouse", currency="CAD")
    (finding,) = judged(told)

    assert ("paid", 2, None) == (finding.verdict, finding.quantity, finding.amount_paid)


def test_another_kind_of_case_has_no_losses() -> None:
    told = account().sold("2026-08-20").refunded("2026-09-01")

    assert {"return_missing"} == {one.claim_type for one in told.findings()}
