"""What speaks against filing a claim: each check fails for its own reason, and nothing is filed by accident."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.event import order_stream
from ledger.events.arrivals import UnitsReceived
from ledger.guarding import Check, Guarded, Volume, guard
from ledger.policy import Finding
from tests.ledger.account import ORDER, SKU, TODAY, Account
from tests.ledger.policies.test_removal_lost import counted
from tests.ledger.returned_to_seller import ON, Parcel, wrong_item_back


def guarded(
    told: Account, claim_type: str = "safe_t", on: str = ON, volume: Volume | None = None
) -> Guarded:
    """The finding as it is guarded on a day."""
    finding = told.the(claim_type, on=on)
    case, book = told.case(finding.stream, on), told.book(on)
    return guard(case, book, finding, date.fromisoformat(on), volume)


def failed(told: Guarded) -> list[str]:
    return [one.check for one in told.checks if one.state != "passed"]


def check(told: Guarded, words: str) -> Check:
    (found,) = [one for one in told.checks if words in one.check]
    return found


def missing() -> Parcel:
    """An FBA unit that was refunded and did not come back."""
    return Parcel().covers("2026-01-01", TODAY).sold("2026-08-20").refunded("2026-09-01")


def test_where_nothing_speaks_against_it_every_check_says_so() -> None:
    told = guarded(wrong_item_back(), volume=Volume())

    assert told.ok
    assert [
        "Not too early?",
        "Not too late?",
        "Can it be claimed?",
        "Are the facts certain?",
        "Are the rules certain?",
        "Is everything there that must be shown?",
        "Not claimed already?",
        "Not claimed through another door?",
        "Do all facts say the same?",
        "No more units than there are?",
        "Not too many claims at once?",
    ] == [one.check for one in told.checks]
    assert all(one.answer for one in told.checks)


def test_a_claim_of_fba_needs_no_papers_beside_amazons_records() -> None:
    assert guarded(missing(), "return_missing", TODAY).ok


def test_too_early() -> None:
    told = guarded(missing(), "return_missing", "2026-10-01")

    assert ["Not too early?"] == failed(told)
    assert "2026-10-31" in check(told, "early").answer


def test_too_late() -> None:
    told = guarded(wrong_item_back(), on="2026-04-09")

    assert ["Not too late?"] == failed(told)
    assert "2026-04-08" in check(told, "late").answer
    assert "safet.window.US.2" in check(told, "late").rule_ids


def test_not_claimable() -> None:
    told = guarded(wrong_item_back(by="seller", trigger="manual"))

    assert "the seller did" in check(told, "Can it be claimed").answer
    assert not told.ok


def test_a_paper_is_missing() -> None:
    told = guarded(Parcel().sent().refund().received().graded(evidence=()))

    assert "failed" == check(told, "must be shown").state
    assert "photos" in check(told, "must be shown").answer
    assert "Are the facts certain?" in failed(told)


def test_a_fact_is_doubtful() -> None:
    told = guarded(Parcel().sent().refund().received())

    assert "nobody graded it" in check(told, "facts certain").answer
    assert check(told, "facts certain").decided_by


@pytest.mark.parametrize("store", ["DE", "UK"])
def test_a_rule_is_not_verified(store: str) -> None:
    told = guarded(wrong_item_back(store))

    assert ("failed", ("safet.window.EU.1",)) == (
        check(told, "rules certain").state,
        check(told, "rules certain").rule_ids,
    )


def test_a_rule_that_was_announced_and_never_came_decides_nothing() -> None:
    told = Account().covers("2025-01-01", "2025-04-20").lost("2025-03-15")

    assert guarded(told, "fc_lost", "2025-04-20").ok


# --- other claims -----------------------------------------------------------------------------


def _open(told: Parcel, claim_type: str, on: str = TODAY) -> Finding:
    return told.the(claim_type, on=on)


def test_claimed_already_under_its_finding() -> None:
    told = missing()
    told.filed(
        "2026-11-10",
        door="fba",
        claim_type="return_missing",
        finding_id=_open(told, "return_missing").finding_id,
    )

    assert "Not claimed already?" in failed(guarded(told, "return_missing", TODAY))


def test_claimed_already_without_naming_its_finding() -> None:
    """A claim of the same kind about the same SKU may be this one."""
    told = missing().filed("2026-11-10", door="fba", claim_type="return_missing")
    found = guarded(told, "return_missing", TODAY)

    assert "Not claimed already?" in failed(found)
    assert check(found, "claimed already").decided_by


@pytest.mark.parametrize("outcome", ["denied", "withdrawn"])
def test_a_claim_that_came_to_nothing_bars_no_other_kind(outcome: str) -> None:
    told = missing().filed("2026-11-10", door="carrier", claim_type="carrier_damage")

    assert guarded(told.decided("2026-11-12", outcome), "return_missing", TODAY).ok


def test_claimed_through_another_door() -> None:
    told = wrong_item_back().filed(ON, door="carrier", claim_type="carrier_damage")
    found = guarded(told)

    assert "Not claimed through another door?" in failed(found)
    assert "no more than one may be paid" in check(found, "another door").answer


def test_paid_already() -> None:
    told = wrong_item_back().filed(ON).decided("2026-03-12", "granted")
    found = guarded(told.paid_out("2026-03-13", "100.00"), on="2026-03-14")

    assert {"Can it be claimed?", "Not claimed already?"} <= set(failed(found))


# --- other facts ------------------------------------------------------------------------------


def test_not_returned_although_it_was_received() -> None:
    told = missing().says(UnitsReceived(order_id=ORDER, sku=SKU), "2026-10-01")
    found = guarded(told, "return_missing", TODAY)

    assert ["Do all facts say the same?"] == failed(found)
    assert "received on 2026-10-01" in check(found, "same?").answer
    assert check(found, "same?").decided_by


def test_two_grades_of_one_unit() -> None:
    told = guarded(wrong_item_back().graded("used"))

    assert "materially different and used" in check(told, "same?").answer


def test_two_causes_of_one_damage() -> None:
    told = Parcel().sent().refund().received().graded("damaged")
    found = guarded(told.damaged_by("carrier_return").damaged_by("customer"))

    assert "carrier return and customer" in check(found, "same?").answer


def test_more_units_than_were_ordered() -> None:
    told = wrong_item_back().filed("2026-03-06", door="fba", claim_type="other", quantity=1)
    found = guarded(told)

    assert "2 would be claimed for, and 1 were ordered" == check(found, "more units").answer


def test_how_many_were_ordered_must_be_told() -> None:
    told = Parcel().sent().refund().received().graded()
    entries = told.entries[order_stream(ORDER)]
    del entries[0]

    assert "unknown" == check(guarded(told), "more units").state


# --- how many claims --------------------------------------------------------------------------


def _days(*days: str) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, days))


def test_how_many_were_filed_of_late_is_told_without_a_limit_of_amazons() -> None:
    filed = _days(
        "2026-02-01", "2026-02-09", "2026-02-10", "2026-03-04", "2026-03-05", "2026-03-11"
    )
    found = check(guarded(wrong_item_back(), volume=Volume(filed_on=filed)), "at once")

    assert "passed" == found.state
    assert found.answer.startswith("2 filed in the last 7 days, 4 in the last 30")
    assert "Amazon names no number" in found.answer


@pytest.mark.parametrize(("most", "state"), [(2, "failed"), (3, "passed")])
def test_the_sellers_own_limit_counts(most: int, state: str) -> None:
    volume = Volume(filed_on=_days("2026-03-01", "2026-03-02"), most=most)

    assert state == check(guarded(wrong_item_back(), volume=volume), "at once").state


def test_what_is_about_to_be_filed_counts_with_it() -> None:
    volume = Volume(filed_on=_days("2026-03-01"), most=3, planned=2)
    found = check(guarded(wrong_item_back(), volume=volume), "at once")

    assert "failed" == found.state
    assert "2 more before this one" in found.answer


def test_without_the_accounts_claims_their_number_is_not_asked() -> None:
    assert [] == [one for one in guarded(wrong_item_back()).checks if "at once" in one.check]


def test_a_removal_is_guarded_too() -> None:
    found = guarded(counted(4), "removal_lost", "2026-11-19")

    assert found.ok
    assert "by the ledger's own count" in check(found, "more units").answer
