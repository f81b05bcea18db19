"""The law: withdrawal for any reason, remedies for a defect, and who must prove it."""

from __future__ import annotations

import pytest

from ledger.ruling import Ruling
from tests.ledger.buyer import Buyer, bought

WITHDRAWAL = "withdraw"
REJECTION = "reject"
DEFECT = "complain"
BURDEN = "need not prove"


def sold(store: str, on: str = "2026-03-01", delivered: str | None = "2026-03-10") -> Buyer:
    return bought(store, on, delivered=delivered)


def the(store: str, what: str, on: str = "2026-03-20") -> Ruling:
    return sold(store).right("statutory_right", what, on=on)


# --- withdrawal -------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "state"), [("2026-03-24", "holds"), ("2026-03-25", "ended")])
@pytest.mark.parametrize(
    ("store", "rules"),
    [
        ("DE", ("law.eu.withdrawal.1",)),
        ("IE", ("law.eu.withdrawal.1",)),
        ("SE", ("law.se.distans.1", "law.eu.withdrawal.1")),
        ("UK", ("law.uk.ccr.1",)),
    ],
)
def test_a_buyer_may_withdraw_for_fourteen_days(
    store: str, rules: tuple[str, ...], on: str, state: str
) -> None:
    found = the(store, WITHDRAWAL, on)

    assert (state, "2026-03-24", rules) == (found.state, found.due_at, found.rule_ids)
    assert ("L", None) == (found.rule_evidence, found.question)
    assert any("consumer" in text for text in found.assumptions)


def test_what_withdrawal_gives_is_said_in_the_laws_own_numbers() -> None:
    """Twelve months more for one who was not told of it are mentioned, and never reckoned with."""
    german, swedish, british = (the(store, WITHDRAWAL).reason for store in ("DE", "SE", "UK"))

    for said in (german, swedish):
        assert "no reason is needed" in said
        assert "within 14 days of the notice of withdrawal" in said
        assert "may wait until the goods are back" in said
        assert "includes the standard postage to the buyer" in said
        assert "not told of it has 12 months more" in said
    assert "handling beyond a shop's took of the value may be deducted" in british
    assert any("told of the right" in text for text in the("DE", WITHDRAWAL).assumptions)


@pytest.mark.parametrize("store", ["US", "CA", "JP"])
def test_no_such_law_is_known_elsewhere(store: str) -> None:
    assert [] == sold(store).rulings("statutory_right", on="2026-03-20")


@pytest.mark.parametrize(
    ("store", "ordered", "rule"),
    [("DE", "2014-06-13", "law.eu.withdrawal.1"), ("UK", "2014-06-13", "law.uk.ccr.1")],
)
def test_a_contract_of_the_laws_first_day_is_under_it(store: str, ordered: str, rule: str) -> None:
    told = sold(store, ordered, ordered)

    assert rule == told.right("statutory_right", WITHDRAWAL).rule_ids[0]


@pytest.mark.parametrize("store", ["DE", "UK"])
def test_an_older_contract_is_under_a_law_that_is_not_in_the_rulebook(store: str) -> None:
    found = sold(store, "2014-06-12", "2014-06-12").right("statutory_right", WITHDRAWAL)

    assert ("review", None) == (found.state, found.due_at)


def test_goods_that_may_be_left_out_of_the_right_are_in_review() -> None:
    told = bought("DE", "2026-03-01", delivered="2026-03-10", traits=("non_returnable",))

    assert "review" == told.right("statutory_right", WITHDRAWAL).state


# --- defects ----------------------------------------------------------------------------------


def test_in_sweden_three_years_and_the_burden_for_two() -> None:
    complaint, burden = the("SE", DEFECT), the("SE", BURDEN)

    assert ("2029-03-10", "2028-03-10") == (complaint.due_at, burden.due_at)
    assert {("law.se.kkl.1",)} == {complaint.rule_ids, burden.rule_ids}
    assert "within 2 months of finding it is always in time" in complaint.reason


@pytest.mark.parametrize(
    ("on", "complaint", "burden"),
    [
        ("2028-03-10", "holds", "holds"),
        ("2028-03-11", "holds", "ended"),
        ("2029-03-10", "holds", "ended"),
        ("2029-03-11", "ended", "ended"),
    ],
)
def test_each_ends_on_a_day_of_its_own(on: str, complaint: str, burden: str) -> None:
    assert (complaint, burden) == (the("SE", DEFECT, on).state, the("SE", BURDEN, on).state)


@pytest.mark.parametrize(
    ("ordered", "state"),
    [("2022-04-30", "review"), ("2022-05-01", "holds"), ("2022-05-02", "holds")],
)
def test_what_was_bought_in_sweden_before_may_2022_is_under_the_older_law(
    ordered: str, state: str
) -> None:
    found = sold("SE", ordered, "2022-05-05").right("statutory_right", DEFECT, on="2023-01-01")

    assert state == found.state
    assert (found.due_at is None) == (state == "review")
    assert state == "holds" or "not in the rulebook" in (found.question or "")


@pytest.mark.parametrize(("ordered", "state"), [("2021-12-31", "review"), ("2022-01-01", "holds")])
def test_in_germany_the_law_of_2022_holds_for_what_was_bought_from_then_on(
    ordered: str, state: str
) -> None:
    found = sold("DE", ordered, ordered).right("statutory_right", DEFECT, on="2023-01-01")

    assert state == found.state


def test_in_the_union_two_years_are_the_least_and_the_burden_for_one() -> None:
    complaint, burden = the("DE", DEFECT), the("DE", BURDEN)

    assert ("2028-03-10", "2027-03-10") == (complaint.due_at, burden.due_at)
    assert any("the least" in text for text in complaint.assumptions)


@pytest.mark.parametrize(("what", "last"), [(DEFECT, "2028-03-10"), (BURDEN, "2027-03-10")])
def test_after_the_least_has_passed_a_country_may_grant_more(what: str, last: str) -> None:
    """Spain does: that it has ended may not be said."""
    assert "holds" == the("ES", what, last).state
    after = the("ES", what, f"{last[:8]}11")
    assert ("review", None) == (after.state, after.due_at)
    assert "grant more" in (after.question or "")


def test_in_the_united_kingdom_thirty_days_six_months_and_six_years() -> None:
    rejection, burden, complaint = (the("UK", what) for what in (REJECTION, BURDEN, DEFECT))

    assert ("2026-04-09", "2026-09-10", "2032-03-10") == (
        rejection.due_at,
        burden.due_at,
        complaint.due_at,
    )
    assert "within 14 days of the seller's agreement to refund" in rejection.reason
    assert "the seller bears the way back" in rejection.reason
    assert "stand still during a repair" in rejection.reason
    assert any("Scotland" in text for text in complaint.assumptions)


@pytest.mark.parametrize(("ordered", "state"), [("2015-09-30", "review"), ("2015-10-01", "holds")])
def test_the_consumer_rights_act_holds_from_october_2015(ordered: str, state: str) -> None:
    told = sold("UK", ordered, ordered)

    assert state == told.right("statutory_right", DEFECT, on="2015-11-01").state


def test_a_delivery_that_is_not_told_leaves_the_least() -> None:
    told = sold("SE", delivered=None).asked("2026-03-20")

    assert "at least to 2026-03-15" in (told.right("statutory_right", WITHDRAWAL).question or "")
    assert "at least to 2029-03-01" in (told.right("statutory_right", DEFECT).question or "")
