"""Whether a request may be declined: by the day on which it came."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.requests import WithdrawalDeclared
from ledger.ruling import Ruling
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import Buyer, bought


def asked(store: str, at: str, *, delivered: str | None = "2026-03-10", **more: Any) -> Buyer:
    told = bought(store, "2026-03-01", delivered=delivered)
    told.asked(at, **more)
    return told


def the(told: Buyer, on: str = "2029-12-31") -> Ruling:
    return told.right("declining", on=on)


# --- while no reason is needed ----------------------------------------------------------------


@pytest.mark.parametrize(
    "reason", [None, "CR-UNWANTED_ITEM", "CR-NO_REASON_GIVEN", "CR-NEWLY_MADE"]
)
@pytest.mark.parametrize("store", ["US", "FR", "SE", "UK"])
def test_inside_the_window_no_reason_is_needed(store: str, reason: str | None) -> None:
    found = the(asked(store, "2026-04-09", reason=reason))

    assert ("holds", None) == (found.state, found.question)
    assert "needs no reason" in found.reason
    assert "A-to-z" in found.reason
    assert f"ret.window.{'US' if store == 'US' else 'EU'}.1" in found.rule_ids


@pytest.mark.parametrize(("on", "state"), [("2026-04-09", "holds"), ("2026-04-10", "ended")])
def test_the_day_of_the_request_counts_and_not_the_day_of_the_answer(on: str, state: str) -> None:
    assert state == the(asked("US", on)).state
    assert state == the(asked("US", f"{on}T12:00:00Z"), on).state


def test_a_late_request_is_the_sellers_choice() -> None:
    found = the(asked("US", "2026-04-20"))

    assert ("ended", None) == (found.state, found.question)
    assert "goodwill is the seller's choice" in found.reason
    assert any("it came 11 days later" in test.answer for test in found.tests)


def test_the_holiday_extension_is_in_time() -> None:
    told = bought("SE", "2025-12-20", delivered="2025-12-22").asked("2026-01-31")

    assert "holds" == told.right("declining").state
    assert "ret.holiday.2025.EU.default" in told.right("declining").rule_ids


def test_a_request_that_an_uncertain_extension_may_admit_is_in_review() -> None:
    told = bought("US", "2024-11-05", delivered="2024-11-07").asked("2025-01-10")

    assert "review" == told.right("declining").state
    assert "ret.holiday.2024.US.default" in (told.right("declining").question or "")


def test_amazon_saying_that_it_is_in_its_policy_decides() -> None:
    assert "holds" == the(asked("US", "2026-06-01", in_policy=True)).state
    assert "ended" == the(asked("US", "2026-06-01", in_policy=False)).state


def test_before_the_delivery_is_told_a_request_in_the_least_window_is_in_time() -> None:
    assert "holds" == the(asked("US", "2026-03-31", delivered=None)).state
    late = the(asked("US", "2026-04-01", delivered=None))
    assert "review" == late.state
    assert "the delivery is not told" in (late.question or "")


# --- withdrawal -------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "state"), [("2026-03-24", "holds"), ("2026-03-25", "ended")])
def test_a_withdrawal_is_judged_by_the_law_alone(on: str, state: str) -> None:
    """Amazon's thirty days are for returns, and lengthen no withdrawal."""
    told = bought("DE", "2026-03-01", delivered="2026-03-10", category="shoes")
    told.says(WithdrawalDeclared(order_id=ORDER, sku=SKU), on)
    found = told.right("declining")

    assert (state, ("law.eu.withdrawal.1",)) == (found.state, found.rule_ids)


# --- after the window: guarantee and defects --------------------------------------------------


@pytest.mark.parametrize(
    ("store", "at", "state"),
    [
        ("SE", "2028-03-10", "holds"),
        ("SE", "2028-03-11", "review"),
        ("SE", "2029-03-10", "review"),
        ("SE", "2029-03-11", "ended"),
        ("DE", "2027-03-10", "holds"),
        ("DE", "2027-03-11", "review"),
        ("UK", "2026-09-10", "holds"),
        ("UK", "2026-09-11", "review"),
        ("US", "2026-04-10", "ended"),
    ],
)
def test_a_defect_is_the_sellers_to_disprove_and_later_the_buyers_to_prove(
    store: str, at: str, state: str
) -> None:
    told = bought(store, "2026-03-01", delivered="2026-03-10", category="shoes")
    told.asked(at, reason="CR-DEFECTIVE")
    found = told.right("declining", on="2032-01-01")

    assert state == found.state
    assert state != "holds" or "shows that it was sound" in found.reason
    assert state != "review" or "from the start" in (found.question or "") or store == "DE"


def test_the_end_of_the_sellers_guarantee_is_no_ground_in_sweden() -> None:
    """Delivered in March 2026 with a guarantee of a year: in 2027 the law still obliges the seller."""
    told = bought("SE", "2026-03-01", delivered="2026-03-10").sets_terms(guarantee_months=12)
    told.asked("2027-09-01", out_of_guarantee=True)
    found = told.right("declining", on="2027-09-02")

    assert ("holds", None) == (found.state, found.question)
    assert "law.se.kkl.1" in found.rule_ids


def test_the_end_of_the_sellers_guarantee_is_the_end_in_the_us() -> None:
    told = bought("US", "2026-03-01", delivered="2026-03-10").sets_terms(guarantee_months=12)
    told.asked("2027-09-01", out_of_guarantee=True)

    assert "ended" == told.right("declining", on="2027-09-02").state


def test_while_the_guarantee_runs_it_is_owed() -> None:
    told = bought("US", "2026-03-01", delivered="2026-03-10").sets_terms(guarantee_months=12)
    told.asked("2027-03-10", reason="CR-DEFECTIVE")
    found = told.right("declining", on="2027-03-10")

    assert "holds" == found.state
    assert "guarantee" in found.reason


def test_who_only_changed_his_mind_late_may_be_declined_in_sweden_too() -> None:
    found = the(asked("SE", "2026-05-01", reason="CR-UNWANTED_ITEM"))

    assert "ended" == found.state
    assert any("one could be, to 2029-03-10" in test.answer for test in found.tests)


def test_an_older_swedish_contract_is_a_question() -> None:
    told = bought("SE", "2022-04-30", delivered="2022-05-03").asked(
        "2024-01-01", reason="CR-DEFECTIVE"
    )

    assert "review" == told.right("declining").state
    assert "not in the rulebook" in (told.right("declining").question or "")


def test_every_request_has_an_answer_of_its_own() -> None:
    told = asked("US", "2026-04-01", rma_id="D1").asked("2026-05-01", rma_id="D2")

    assert ["holds", "ended"] == [one.state for one in told.rulings("declining", on="2026-06-01")]
    assert ["holds"] == [one.state for one in told.rulings("declining", on="2026-04-15")]


def test_a_code_that_nobody_knows_is_kept_and_said() -> None:
    found = the(asked("SE", "2026-05-01", reason="CR-NEWLY_MADE"))

    assert any("CR-NEWLY_MADE" in text for text in found.assumptions)


def test_goods_that_may_not_be_returnable_at_all_are_a_question() -> None:
    """Nothing is held for certain, neither by Amazon's window nor by the law."""
    for store in ("US", "SE", "DE"):
        told = bought(
            store, "2025-11-10", delivered="2025-11-12", traits=("non_returnable",)
        ).asked("2025-11-20")

        assert "review" == told.right("declining").state, store
