"""Requests for information: the day that is shown, else 48 hours, 72 on appeal, 3 business days in the Emirates."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.claims import (
    AppealFiled,
    ClaimDecided,
    ClaimFiled,
    ClaimInfoAnswered,
    ClaimInfoRequested,
)
from ledger.ruling import Ruling
from tests.ledger.desk import Desk

FILED = "2026-03-01"
ASKED = "2026-03-06T12:00:00Z"
LONG_AFTER = "2026-06-01"


def filed(store: str | None = "US", door: str = "a_to_z") -> Desk:
    told = Desk(store).sold_by_seller("2026-02-01")
    by = "buyer" if door == "a_to_z" else "seller"
    claim = ClaimFiled(claim="C-1", claim_type=door, door=door, by=by)  # type: ignore[arg-type]
    return told.says(claim, FILED)


def asked(store: str | None = "US", door: str = "a_to_z", at: str = ASKED, **more: Any) -> Desk:
    return filed(store, door).says(ClaimInfoRequested(claim="C-1", **more), at)


def appealed(store: str = "DE", door: str = "a_to_z") -> Desk:
    told = filed(store, door)
    told.says(ClaimDecided(claim="C-1", outcome="granted"), "2026-03-02")
    told.says(AppealFiled(claim="C-1"), "2026-03-04")
    return told.says(ClaimInfoRequested(claim="C-1", on_appeal=True), ASKED)


def answered(told: Desk, at: str) -> Desk:
    return told.says(ClaimInfoAnswered(claim="C-1"), at)


def the(told: Desk, on: str = "2026-03-06") -> Ruling:
    return told.duty("claim_answer", on=on)


# --- until when -------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["US", "AU"])
def test_a_question_about_an_a_to_z_claim_is_answered_within_48_hours(store: str) -> None:
    found = the(asked(store))

    assert ("open", "2026-03-08T12:00:00Z", "C-1") == (found.state, found.due_at, found.claim)
    assert ("az.info_request.US.1",) == found.rule_ids
    assert "granted to the buyer" in str(found.if_missed)
    assert any("72 hours" in text for text in found.assumptions)


@pytest.mark.parametrize("store", ["US", "UK", "DE", "SE"])
def test_on_appeal_it_is_72_hours(store: str) -> None:
    found = the(appealed(store))

    assert ("open", "2026-03-09T12:00:00Z") == (found.state, found.due_at)
    assert ("az.appeal.ANY.1",) == found.rule_ids


def test_in_the_emirates_a_safe_t_question_has_three_business_days() -> None:
    """The 6th of March 2026 is a Friday."""
    found = the(asked("AE", "safe_t"))

    assert ("2026-03-11", ("safet.window.AE.1",)) == (found.due_at, found.rule_ids)
    assert any("business days" in text for text in found.assumptions)


@pytest.mark.parametrize("door", ["a_to_z", "safe_t", "fba", "carrier", "chargeback"])
@pytest.mark.parametrize("due", ["2026-03-20", "2026-03-07T10:00:00Z"])
def test_the_day_that_the_request_shows_counts_before_any_rule(door: str, due: str) -> None:
    found = the(asked("US", door, due_at=due))

    assert ("open", due, None) == (found.state, found.due_at, found.question)


@pytest.mark.parametrize(
    ("store", "door"),
    [
        ("DE", "a_to_z"),
        ("UK", "a_to_z"),
        (None, "a_to_z"),
        ("US", "safe_t"),
        ("DE", "safe_t"),
        ("US", "fba"),
        ("US", "carrier"),
    ],
)
def test_where_no_rule_is_known_it_asks_and_tells_no_day(store: str | None, door: str) -> None:
    found = the(asked(store, door))

    assert ("review", None, None) == (found.state, found.due_at, found.if_missed)
    assert "shows no day" in str(found.question)


@pytest.mark.parametrize(
    ("on", "state"), [("2026-03-07", "open"), ("2026-03-08", "open"), ("2026-03-09", "missed")]
)
def test_it_is_missed_when_its_last_day_is_over(on: str, state: str) -> None:
    assert state == the(asked(), on).state


# --- what meets it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-03-08T12:00:00Z", "met"),
        ("2026-03-08T12:00:01Z", "missed"),
        ("2026-03-08", "met"),
        ("2026-03-09", "missed"),
    ],
)
def test_an_answer_meets_it_until_the_moment_it_ends(at: str, state: str) -> None:
    assert state == the(answered(asked(), at), LONG_AFTER).state


def test_a_decision_needs_no_answer_any_more() -> None:
    told = asked().says(ClaimDecided(claim="C-1", outcome="denied"), "2026-03-07")

    assert "met" == the(told, LONG_AFTER).state


def test_each_question_has_its_own_answer() -> None:
    told = answered(asked(), "2026-03-07T12:00:00Z")
    told.says(ClaimInfoRequested(claim="C-1"), "2026-03-10T12:00:00Z")
    found = told.rulings("claim_answer", on="2026-03-10")

    assert ["met", "open"] == [one.state for one in found]


def test_of_one_day_an_answer_recorded_before_the_question_is_for_another() -> None:
    told = answered(filed(), "2026-03-06").says(ClaimInfoRequested(claim="C-1"), "2026-03-06")

    assert "open" == the(told).state
    assert "met" == the(answered(told, "2026-03-06")).state


# --- what the report tells --------------------------------------------------------------------


def test_a_safe_t_claim_that_awaits_an_answer_asks_for_its_day() -> None:
    told = (
        Desk()
        .sold_by_seller()
        .reported(
            "2026-02-20", status="Completed", told="2026-03-06", safe_t="AWAITING_SELLER_RESPONSE"
        )
    )

    assert ("review", None, "S-1") == (the(told).state, the(told).due_at, the(told).claim)
    assert "its page shows" in str(the(told).question)


def test_what_the_seller_tells_of_it_takes_the_reports_place() -> None:
    told = asked("US", "safe_t", due_at="2026-03-09").reported(
        "2026-02-20", status="Completed", told="2026-03-06", safe_t="AWAITING_SELLER_RESPONSE"
    )

    assert ("open", "2026-03-09") == (the(told).state, the(told).due_at)


@pytest.mark.parametrize("state", ["UNDER_INVESTIGATION", "GRANTED", "DENIED"])
def test_no_other_state_asks_for_an_answer(state: str) -> None:
    told = Desk().sold_by_seller().reported("2026-02-20", told="2026-03-06", safe_t=state)

    assert [] == told.rulings("claim_answer", on="2026-03-06")


# --- the day that is asked about --------------------------------------------------------------


def test_an_answer_of_a_later_day_is_not_known_yet() -> None:
    told = answered(asked(), "2026-03-07T12:00:00Z")

    assert ["open", "met"] == [the(told, day).state for day in ("2026-03-06", "2026-03-07")]


def test_a_correction_takes_the_answer_back() -> None:
    assert "open" == the(answered(asked(), ASKED).takes_back(ASKED)).state
