"""Answering a return request: 24 hours in the US where Amazon does not answer, a recommendation in Europe."""

from __future__ import annotations

import pytest

from ledger.events.requests import (
    ReturnAuthorized,
    ReturnDeclined,
    ReturnOptionOffered,
    WithdrawalDeclared,
)
from ledger.ruling import Ruling
from tests.ledger.account import ORDER, SKU
from tests.ledger.desk import Desk

ASKED = "2026-03-01T09:30:00Z"
BY = "2026-03-02T09:30:00Z"
LONG_AFTER = "2026-06-01"


def desk(store: str = "US") -> Desk:
    return Desk(store).sold_by_seller()


def asked(store: str = "US", at: str = ASKED, *, in_policy: bool | None = False) -> Desk:
    return desk(store).asked(at, in_policy=in_policy)


def allowed(by: str = "seller", **more: str) -> ReturnAuthorized:
    return ReturnAuthorized(order_id=ORDER, sku=SKU, by=by, **more)  # type: ignore[arg-type]


def the(told: Desk, on: str = "2026-03-02") -> Ruling:
    return told.duty("return_request", on=on)


# --- the US -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "state"), [("2026-03-01", "open"), ("2026-03-02", "open"), ("2026-03-03", "missed")]
)
def test_a_request_out_of_policy_is_answered_within_24_hours(on: str, state: str) -> None:
    found = the(asked(), on)

    assert (state, BY, ASKED) == (found.state, found.due_at, found.since)
    assert ("ret.authorization.US.1",) == found.rule_ids
    assert ("A", None, None) == (found.rule_evidence, found.bearer, found.question)
    assert found.entries, "the request is named"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-03-02T09:29:59Z", "met"),
        ("2026-03-02T09:30:00Z", "met"),
        ("2026-03-02T10:30:00+01:00", "met"),
        ("2026-03-02T09:30:01Z", "missed"),
        ("2026-03-02", "met"),
        ("2026-03-03", "missed"),
    ],
)
def test_an_answer_meets_it_until_the_moment_it_ends(at: str, state: str) -> None:
    assert state == the(asked().says(allowed(), at), LONG_AFTER).state


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (allowed(), "the seller allowed it"),
        (allowed(by="amazon"), "Amazon allowed it"),
        (ReturnDeclined(order_id=ORDER, sku=SKU, rule_id="ret.window.US.1"), "declined"),
        (ReturnOptionOffered(order_id=ORDER, sku=SKU, option="refund_without_return"), "offered"),
    ],
)
def test_whatever_is_answered_meets_it(answer: ReturnAuthorized, words: str) -> None:
    found = the(asked().says(answer, "2026-03-01T12:00:00Z"))

    assert "met" == found.state
    assert words in found.reason


def test_a_request_of_which_only_the_day_is_known_is_due_on_the_next() -> None:
    told = asked(at="2026-03-01")

    assert ("open", "2026-03-02") == (the(told).state, the(told).due_at)
    assert "any moment" in " ".join(the(told).assumptions)
    assert "missed" == the(told, "2026-03-03").state


def test_weekends_do_not_stop_the_hours() -> None:
    assert "2026-03-08T09:30:00Z" == the(asked(at="2026-03-07T09:30:00Z"), "2026-03-07").due_at


def test_amazon_answers_what_is_within_its_policy() -> None:
    found = the(asked(in_policy=True))

    assert ("met", None) == (found.state, found.due_at)
    assert "Amazon allows it by itself" in found.reason


def test_where_nobody_tells_whether_it_is_within_the_policy_no_day_is_told() -> None:
    found = the(asked(in_policy=None))

    assert ("review", None) == (found.state, found.due_at)
    assert "within Amazon's policy" in str(found.question)


def test_before_the_rule_began_no_day_is_told() -> None:
    told = Desk().sold_by_seller("2021-08-01").asked("2021-08-15", in_policy=False)
    later = Desk().sold_by_seller("2021-08-01").asked("2021-08-16", in_policy=False)

    assert ("review", None) == (the(told, "2021-08-15").state, the(told, "2021-08-15").due_at)
    assert "2021-08-17" == the(later, "2021-08-16").due_at


# --- other stores -----------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["DE", "FR", "IT", "ES"])
def test_europe_only_recommends_it(store: str) -> None:
    found = the(asked(store))

    assert ("open", BY) == (found.state, found.due_at)
    assert "recommended" in found.what
    assert "nothing" in str(found.if_missed)
    assert ("ret.authorization.EU.1",) == found.rule_ids


def test_a_recommendation_is_never_missed() -> None:
    late = asked("DE").says(allowed(), "2026-03-05")

    assert ("open", None) == (
        the(asked("DE"), "2026-03-03").state,
        the(asked("DE"), "2026-03-03").due_at,
    )
    assert "met" == the(late, LONG_AFTER).state


@pytest.mark.parametrize("store", ["UK", "SE", "NL", "CA"])
def test_a_store_without_a_rule_asks_and_tells_no_day(store: str) -> None:
    found = the(asked(store))

    assert ("review", None) == (found.state, found.due_at)
    assert f"no rule of ret.authorization is known for {store}" in str(found.question)
    assert "2026-03-02" not in found.reason


def test_where_the_store_is_unknown_no_day_is_told() -> None:
    told = Desk(None).asked(ASKED, in_policy=False)

    assert ("review", None) == (the(told).state, the(told).due_at)


def test_an_answer_meets_it_also_where_no_rule_is_known() -> None:
    assert "met" == the(asked("SE").says(allowed(), "2026-03-04"), LONG_AFTER).state


# --- whose it is ------------------------------------------------------------------------------


def test_an_order_that_amazon_fulfilled_is_amazons_to_answer() -> None:
    told = Desk().sold_by_seller(programme="FBA").asked(ASKED, in_policy=False)

    assert [] == told.rulings("return_request", on="2026-03-02")


def test_where_nobody_tells_who_fulfilled_it_no_day_is_told() -> None:
    told = Desk().asked(ASKED, in_policy=False)

    assert ("review", None) == (the(told).state, the(told).due_at)


def test_an_order_that_the_seller_tells_counts_as_one_that_a_report_tells() -> None:
    told = Desk(None).tells_order("US").asked(ASKED, in_policy=False)

    assert BY == the(told).due_at


def test_a_withdrawal_is_no_request() -> None:
    told = desk("DE").says(WithdrawalDeclared(order_id=ORDER, sku=SKU), ASKED)

    assert [] == told.rulings("return_request", on="2026-03-02")


def test_each_request_has_its_own_answer() -> None:
    told = asked().asked("2026-03-01T11:00:00Z", in_policy=False)
    told.says(allowed(), "2026-03-01T12:00:00Z")
    states = [(one.since, one.state) for one in told.rulings("return_request", on="2026-03-02")]

    assert [(ASKED, "met"), ("2026-03-01T11:00:00Z", "open")] == states


def test_an_answer_goes_to_the_request_that_it_names() -> None:
    told = desk().asked(ASKED, in_policy=False, rma_id="R1")
    told.asked("2026-03-01T11:00:00Z", in_policy=False, rma_id="R2")
    told.says(allowed(rma_id="R2"), "2026-03-01T12:00:00Z")
    states = [one.state for one in told.rulings("return_request", on="2026-03-02")]

    assert ["open", "met"] == states


# --- what the report tells --------------------------------------------------------------------


def test_a_request_that_the_report_calls_answered_is_met() -> None:
    told = desk().reported("2026-03-01", told="2026-03-10", status="Approved")

    assert "met" == the(told, "2026-03-12").state
    assert "Approved" in the(told, "2026-03-12").reason


def test_a_request_that_was_pending_when_its_time_had_passed_is_missed() -> None:
    told = desk().reported("2026-03-01", told="2026-03-03")

    assert ("missed", "2026-03-02") == (
        the(told, "2026-03-04").state,
        the(told, "2026-03-04").due_at,
    )


def test_a_request_of_which_no_later_report_tells_may_have_been_answered() -> None:
    told = desk().reported("2026-03-01", told="2026-03-02")

    assert "open" == the(told, "2026-03-02").state
    assert ("review", None) == (the(told, "2026-03-04").state, the(told, "2026-03-04").due_at)
    assert "no report told since" in str(the(told, "2026-03-04").question)


def test_on_a_day_before_the_report_nobody_knew_whether_it_was_answered() -> None:
    told = desk().reported("2026-03-01", told="2026-03-10", status="Approved")

    assert ["open", "review", "met"] == [
        the(told, day).state for day in ("2026-03-02", "2026-03-05", "2026-03-10")
    ]


def test_a_request_told_by_both_is_one() -> None:
    told = asked(at="2026-03-01").reported("2026-03-01", told="2026-03-01")

    assert 2 == len(set(the(told).entries) - {2})


# --- the day that is asked about --------------------------------------------------------------


def test_an_answer_of_a_later_day_is_not_known_yet() -> None:
    told = asked().says(allowed(), "2026-03-02T08:00:00Z")

    assert "open" == the(told, "2026-03-01").state
    assert "met" == the(told, "2026-03-02").state


def test_a_correction_takes_the_answer_back() -> None:
    told = asked().says(allowed(), "2026-03-01T12:00:00Z").takes_back("2026-03-01T13:00:00Z")

    assert "open" == the(told).state


def test_a_correction_takes_the_request_back() -> None:
    told = asked().takes_back("2026-03-01T13:00:00Z")

    assert [] == told.rulings("return_request", on="2026-03-02")
