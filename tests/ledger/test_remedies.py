"""Which door each refund leaves open, until when, with which papers, and what would be wrong to do."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.events.deliveries import OrderDispatched
from ledger.remedies import Remedy, remedies
from tests.ledger.account import ORDER, SKU, TODAY, Account
from tests.ledger.desk import Desk
from tests.ledger.policies.test_a_to_z_appeal import signed_for
from tests.ledger.policies.test_carrier_damage import broken
from tests.ledger.returned_to_seller import ON, Parcel, wrong_item_back


def of(told: Account, on: str = ON) -> list[Remedy]:
    return remedies(told.case(f"order/{ORDER}", on), told.book(on), date.fromisoformat(on))


def the(told: Account, on: str = ON) -> Remedy:
    (found,) = of(told, on)
    return found


# --- what set it off decides ------------------------------------------------------------------


def test_a_refund_at_the_first_scan_has_safe_t_until_its_last_day() -> None:
    """Case 4, as one is to know it: the door, the day, the papers."""
    remedy = the(wrong_item_back())

    assert ("safe_t", "ready", True, date(2026, 4, 8), None) == (
        remedy.door,
        remedy.state,
        remedy.to_file,
        remedy.until,
        remedy.question,
    )
    assert remedy.papers
    assert all(one.shown for one in remedy.papers)
    assert "Seller Support" in " ".join(remedy.wrong)


@pytest.mark.parametrize(
    ("trigger", "by", "door"),
    [
        ("first_scan", "amazon", "safe_t"),
        ("csba", "amazon", "safe_t"),
        ("automated", "amazon", "none"),
        ("international_deadline", "amazon", "safe_t"),
        ("returnless", "amazon", "safe_t"),
        ("a_to_z", "amazon", "a_to_z"),
        ("chargeback", "amazon", "none"),
        ("statutory", "amazon", "none"),
        ("fba", "amazon", "fba"),
        ("manual", "seller", "none"),
        ("goodwill", "seller", "none"),
    ],
)
def test_the_trigger_decides_the_door(trigger: str, by: str, door: str) -> None:
    assert door == the(wrong_item_back(trigger=trigger, by=by)).door


@pytest.mark.parametrize("trigger", ["manual", "goodwill"])
def test_what_the_seller_gave_himself_nobody_gives_back(trigger: str) -> None:
    remedy = the(wrong_item_back(by="seller", trigger=trigger))

    assert ("not_claimable", None, False) == (remedy.state, remedy.until, remedy.to_file)
    assert "safet.window.US.2" in remedy.rule_ids
    assert "SAFE-T" in remedy.wrong[0]


@pytest.mark.parametrize(
    ("on", "door", "until"),
    [
        ("2020-04-30", "none", None),
        ("2020-05-01", "safe_t", date(2020, 5, 31)),
        ("2020-05-31", "safe_t", date(2020, 5, 31)),
        ("2020-06-01", "none", None),
    ],
)
def test_in_may_2020_safe_t_gave_back_what_the_seller_refunded(
    on: str, door: str, until: date | None
) -> None:
    told = Parcel().sold_by_seller("2020-04-01", price="100.00")
    told.says(OrderDispatched(order_id=ORDER, sku=SKU, carrier="UPS", tracking="1Z1"), "2020-04-02")
    told.asked("2020-04-10T09:30:00Z", reason="CR-UNWANTED_ITEM", in_policy=True)
    told.wrote("2020-04-11").received("2020-04-20").graded(on="2020-04-21")
    remedy = the(told.refund("2020-04-21", by="seller", trigger="manual"), on)

    assert (door, until) == (remedy.door, remedy.until)
    assert ("ready" if until else "not_claimable") == remedy.state


def test_a_missed_deadline_closes_safe_t() -> None:
    told = Parcel("UK").sold_by_seller("2025-08-01").asked("2026-03-01", cross_border=True)
    remedy = the(told.refund("2026-03-05", trigger="international_deadline"))

    assert ("none", "not_claimable", None) == (remedy.door, remedy.state, remedy.until)
    assert "ret.intl.UK.2" in remedy.rule_ids


def test_an_a_to_z_claim_has_its_appeal() -> None:
    remedy = the(signed_for().refund("2026-03-10", trigger="a_to_z"))

    assert ("a_to_z", "ready", date(2026, 4, 9)) == (remedy.door, remedy.state, remedy.until)
    assert any("SAFE-T" in one for one in remedy.wrong)
    assert any("Refunding the buyer yourself" in one for one in remedy.wrong)


def test_without_the_decision_no_day_can_be_told() -> None:
    remedy = the(Parcel().sent().refund("2026-03-10", trigger="a_to_z"))

    assert ("a_to_z", "review", None) == (remedy.door, remedy.state, remedy.until)
    assert "decision" in (remedy.question or "")


def test_refunded_first_and_then_granted_leaves_nothing_but_the_appeal() -> None:
    """Case 5: no SAFE-T, and Amazon bears nothing."""
    told = signed_for().refund("2026-03-03", by="seller", trigger="manual")
    own, granted = of(told.refund("2026-03-10", trigger="a_to_z"))

    assert ("none", "a_to_z", "review") == (own.door, granted.door, granted.state)
    assert "SAFE-T is closed" in (granted.question or "")


def test_a_refund_that_only_a_settlement_tells_has_no_door_yet() -> None:
    remedy = the(Parcel().sent().refunded("2026-03-05", programme="FBM"))

    assert ("unknown", "review", None) == (remedy.door, remedy.state, remedy.until)
    assert "nobody says who refunded it" in (remedy.question or "")


def test_of_an_fba_refund_the_findings_about_the_unit_speak() -> None:
    told = Desk().covers("2026-01-01", TODAY).sold("2026-08-20").refunded("2026-09-01")
    remedy = the(told, TODAY)

    assert ("fba", "ready", date(2026, 12, 30)) == (remedy.door, remedy.state, remedy.until)
    assert ["return_missing"] == [one.claim_type for one in remedy.findings]


def test_before_its_window_the_first_day_is_told() -> None:
    told = Desk().covers("2026-01-01", TODAY).sold("2026-08-20").refunded("2026-09-01")
    remedy = the(told, "2026-10-01")

    assert ("waiting", date(2026, 10, 31), False) == (remedy.state, remedy.opens, remedy.to_file)


def test_damage_that_no_refund_tells_has_the_carriers_door() -> None:
    remedy = the(broken())

    assert ("carrier", None, "review") == (remedy.door, remedy.refund, remedy.state)


def test_an_order_without_a_refund_needs_no_remedy() -> None:
    assert [] == of(Parcel().sent())


# --- what is there, and what is missing -------------------------------------------------------


def test_each_paper_is_there_or_missing_with_what_to_do() -> None:
    told = Parcel().sent().refund()
    papers = {one.what: one for one in the(told).papers}

    assert papers["refund_date"].shown
    assert not papers["return_delivery_scan"].shown
    assert all(one.advice for one in papers.values())


def test_not_verified_is_a_question_and_never_a_day() -> None:
    remedy = the(wrong_item_back("DE"))

    assert ("safe_t", "review", None) == (remedy.door, remedy.state, remedy.until)
    assert "safet.window.EU.1" in (remedy.question or "")


# --- claims that were filed -------------------------------------------------------------------


def test_a_claim_that_is_filed_says_how_far_it_has_come() -> None:
    told = wrong_item_back().filed("2026-03-11")
    remedy = the(told)

    assert ("not_claimable", False) == (remedy.state, remedy.to_file)
    assert ("claim C-1 was filed on 2026-03-11 and is not decided",) == remedy.claims


@pytest.mark.parametrize(("shown", "until"), [("2026-03-20", date(2026, 3, 20)), (None, None)])
def test_a_denied_claim_has_the_day_that_it_shows(shown: str | None, until: date | None) -> None:
    told = wrong_item_back().filed("2026-03-11")
    remedy = the(told.decided("2026-03-13", "denied", appeal_until=shown), "2026-03-14")

    assert ("review", until) == (remedy.state, remedy.until)
    assert any("second appeal" in one for one in remedy.wrong)
