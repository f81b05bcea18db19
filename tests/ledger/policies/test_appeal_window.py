"""Appeals: the day that the decision shows, 30 days for A-to-z, and never a guess for SAFE-T."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.claims import AppealFiled, ClaimDecided, ClaimFiled
from ledger.ruling import Ruling
from tests.ledger.desk import Desk

FILED, DECIDED = "2026-03-01", "2026-03-06"
LONG_AFTER = "2026-06-01"


def decided(
    store: str | None = "US",
    door: str = "safe_t",
    outcome: str = "denied",
    at: str = DECIDED,
    **more: Any,
) -> Desk:
    told = Desk(store).sold_by_seller("2026-02-01")
    by = "buyer" if door == "a_to_z" else "seller"
    claim = ClaimFiled(claim="C-1", claim_type=door, door=door, by=by)  # type: ignore[arg-type]
    told.says(claim, FILED)
    return told.says(ClaimDecided(claim="C-1", outcome=outcome, **more), at)  # type: ignore[arg-type]


def granted(store: str | None = "US", **more: Any) -> Desk:
    return decided(store, "a_to_z", "granted", **more)


def appealed(told: Desk, at: str, *, late: bool = False) -> Desk:
    return told.says(AppealFiled(claim="C-1", late=late), at)


def the(told: Desk, on: str = DECIDED) -> Ruling:
    return told.duty("appeal_window", on=on)


# --- SAFE-T -----------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["US", "UK", "DE", "SE", "AE"])
def test_the_day_that_the_decision_shows_counts(store: str) -> None:
    found = the(decided(store, appeal_until="2026-03-20"))

    assert ("open", "2026-03-20", None) == (found.state, found.due_at, found.question)
    assert "C-1" == found.claim


@pytest.mark.parametrize("store", ["US", "UK", "DE", "SE"])
def test_without_it_a_safe_t_appeal_has_no_day(store: str) -> None:
    """No fixed number of days was found in any source."""
    found = the(decided(store))

    assert ("review", None, None) == (found.state, found.due_at, found.if_missed)
    assert "Manage SAFE-T Claims" in str(found.question)
    assert ("safet.appeal.ANY.1",) == found.rule_ids


def test_in_the_emirates_it_is_five_business_days() -> None:
    """The 6th of March 2026 is a Friday."""
    found = the(decided("AE"))

    assert ("2026-03-13", ("safet.window.AE.1",)) == (found.due_at, found.rule_ids)


@pytest.mark.parametrize("outcome", ["granted", "withdrawn"])
def test_what_the_seller_won_or_gave_up_is_not_appealed(outcome: str) -> None:
    assert [] == decided(outcome=outcome).rulings("appeal_window", on=DECIDED)


@pytest.mark.parametrize(
    ("on", "state"), [("2026-03-19", "open"), ("2026-03-20", "open"), ("2026-03-21", "missed")]
)
def test_it_is_missed_when_its_last_day_is_over(on: str, state: str) -> None:
    assert state == the(decided(appeal_until="2026-03-20"), on).state


# --- A-to-z -----------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["US", "UK", "DE", "FR", "SE", "IE"])
def test_a_granted_a_to_z_claim_may_be_appealed_for_30_days(store: str) -> None:
    found = the(granted(store))

    assert ("open", "2026-04-05") == (found.state, found.due_at)
    assert ("az.appeal.ANY.1",) == found.rule_ids
    assert any("charged on the day" in text for text in found.assumptions)


def test_of_two_zones_the_earlier_day_counts() -> None:
    """Two in the morning in UTC is the evening before in Los Angeles."""
    assert "2026-04-04" == the(granted(at="2026-03-06T02:00:00Z"), "2026-03-06").due_at


@pytest.mark.parametrize("store", ["AE", "JP", "CA", None])
def test_a_store_without_a_rule_asks_and_tells_no_day(store: str | None) -> None:
    found = the(granted(store))

    assert ("review", None) == (found.state, found.due_at)


def test_what_amazon_bears_is_not_appealed() -> None:
    assert [] == granted(funded_by="amazon").rulings("appeal_window", on=DECIDED)
    assert 1 == len(granted(funded_by="seller").rulings("appeal_window", on=DECIDED))


def test_what_the_seller_claimed_himself_and_was_granted_is_not_appealed() -> None:
    """Whoever claimed is who won: the door alone does not say it."""
    told = Desk("US").sold_by_seller("2026-02-01")
    told.says(ClaimFiled(claim="C-1", claim_type="a_to_z_appeal", door="a_to_z"), FILED)
    told.says(ClaimDecided(claim="C-1", outcome="granted"), DECIDED)

    assert [] == told.rulings("appeal_window", on=DECIDED)


def test_an_a_to_z_claim_that_was_denied_is_won() -> None:
    told = decided(door="a_to_z", outcome="denied")

    assert [] == told.rulings("appeal_window", on=DECIDED)


# --- other doors ------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["fba", "carrier"])
def test_at_other_doors_only_a_day_that_is_shown_makes_a_duty(door: str) -> None:
    shown = decided(door=door, appeal_until="2026-03-20")

    assert [] == decided(door=door).rulings("appeal_window", on=DECIDED)
    assert ("open", "2026-03-20") == (the(shown).state, the(shown).due_at)


# --- what meets it ----------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "state"), [("2026-04-05", "met"), ("2026-04-06", "missed")])
def test_an_appeal_meets_it_until_the_last_day(at: str, state: str) -> None:
    assert state == the(appealed(granted(), at, late=state == "missed"), LONG_AFTER).state


def test_an_appeal_meets_it_also_where_its_day_is_not_known() -> None:
    assert "met" == the(appealed(decided(), "2026-03-10"), LONG_AFTER).state


def test_an_appeal_of_a_later_day_is_not_known_yet() -> None:
    told = appealed(granted(), "2026-03-10")

    assert ["open", "met"] == [the(told, day).state for day in ("2026-03-09", "2026-03-10")]


def test_a_correction_takes_the_decision_back() -> None:
    assert [] == granted().takes_back(DECIDED).rulings("appeal_window", on=DECIDED)


def test_a_correction_takes_the_appeal_back() -> None:
    told = appealed(granted(), "2026-03-10").takes_back("2026-03-10")

    assert "open" == the(told, "2026-03-10").state
