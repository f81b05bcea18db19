"""Answering messages: 24 hours with weekends, no machine's answer, and what 48 hours of silence lead to."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.ruling import Ruling
from tests.ledger.account import ORDER
from tests.ledger.desk import Desk

SATURDAY = "2026-03-07T18:00:00Z"
BY = "2026-03-08T18:00:00Z"
LONG_AFTER = "2026-06-01"


def came(store: str | None = "US", at: str = SATURDAY, **more: Any) -> Desk:
    told = Desk(store).sold_by_seller("2026-02-10")
    return told.says(MessageReceived(message="M-1", order_id=ORDER, **more), at)


def answered(told: Desk, at: str, *, automatic: bool = False, message: str = "M-1") -> Desk:
    return told.says(MessageAnswered(message=message, automatic=automatic), at)


def the(told: Desk, on: str = "2026-03-08") -> Ruling:
    return told.duty("message_deadline", on=on)


@pytest.mark.parametrize(
    ("on", "state"), [("2026-03-07", "open"), ("2026-03-08", "open"), ("2026-03-09", "missed")]
)
def test_a_message_is_answered_within_24_hours_on_weekends_too(on: str, state: str) -> None:
    found = the(came(), on)

    assert (state, BY, SATURDAY) == (found.state, found.due_at, found.since)
    assert ("msg.sla.US.1", "az.response.US.1") == found.rule_ids


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-03-08T17:59:59Z", "met"),
        (BY, "met"),
        ("2026-03-08T18:00:01Z", "missed"),
        ("2026-03-09", "missed"),
    ],
)
def test_an_answer_meets_it_until_the_moment_it_ends(at: str, state: str) -> None:
    assert state == the(answered(came(), at), LONG_AFTER).state


def test_a_machines_answer_does_not_count() -> None:
    told = answered(came(), SATURDAY, automatic=True)

    assert "open" == the(told).state
    assert "met" == the(answered(told, "2026-03-08T08:00:00Z")).state


def test_an_answer_to_another_message_does_not_count() -> None:
    assert "open" == the(answered(came(), SATURDAY, message="M-2")).state


@pytest.mark.parametrize("later", [False, True])
def test_a_message_that_needs_no_response_is_settled(later: bool) -> None:
    told = came() if later else came(needs_answer=False)
    if later:
        again = MessageReceived(message="M-1", order_id=ORDER, needs_answer=False)
        told.says(again, "2026-03-08T08:00:00Z")

    assert ("met", SATURDAY) == (the(told).state, the(told).since)
    assert "no response" in the(told).reason


def test_a_message_of_which_only_the_day_is_known_is_due_on_the_next() -> None:
    assert "2026-03-08" == the(came(at="2026-03-07"), "2026-03-07").due_at


def test_48_hours_of_silence_let_an_a_to_z_claim_be_granted() -> None:
    assert "after 48 hours of silence" in str(the(came()).if_missed)


@pytest.mark.parametrize(("at", "told"), [("2020-07-26", False), ("2020-07-27", True)])
def test_before_that_rule_began_nothing_is_said_of_it(at: str, told: bool) -> None:
    """What held before is not verified, and leaves the day of the answer as certain as it is."""
    desk = Desk().sold_by_seller("2020-07-01")
    found = the(desk.says(MessageReceived(message="M-1", order_id=ORDER), at), at)

    assert ("open", told) == (found.state, found.if_missed is not None)


@pytest.mark.parametrize("store", ["DE", "SE", "UK", "CA", None])
def test_a_store_without_a_rule_asks_and_tells_no_day(store: str | None) -> None:
    found = the(came(store))

    assert ("review", None, None) == (found.state, found.due_at, found.if_missed)


def test_an_answer_meets_it_also_where_no_rule_is_known() -> None:
    assert "met" == the(answered(came("SE"), LONG_AFTER), LONG_AFTER).state


@pytest.mark.parametrize("channel", ["email", "phone", "other"])
def test_the_rule_speaks_of_messages_through_amazon(channel: str) -> None:
    found = the(came(channel=channel))

    assert ("review", None) == (found.state, found.due_at)


def test_of_an_order_that_amazon_fulfilled_the_rule_says_nothing() -> None:
    told = Desk().sold_by_seller(programme="FBA")
    found = the(told.says(MessageReceived(message="M-1", order_id=ORDER), SATURDAY))

    assert ("review", None) == (found.state, found.due_at)


def test_a_message_of_no_order_has_no_store() -> None:
    told = Desk().says_of_account(MessageReceived(message="M-1"), SATURDAY)

    assert ("review", None, None) == (the(told).state, the(told).due_at, the(told).order_id)
    assert "met" == the(told.says_of_account(MessageAnswered(message="M-1"), BY)).state


def test_each_message_has_its_own_clock() -> None:
    told = answered(came(), "2026-03-07T19:00:00Z")
    told.says(MessageReceived(message="M-2", order_id=ORDER), "2026-03-08T10:00:00Z")
    found = told.rulings("message_deadline", on="2026-03-08")

    assert [("met", BY), ("open", "2026-03-09T10:00:00Z")] == [
        (one.state, one.due_at) for one in found
    ]


def test_an_answer_of_a_later_day_is_not_known_yet() -> None:
    told = answered(came(), "2026-03-08T08:00:00Z")

    assert ["open", "met"] == [the(told, day).state for day in ("2026-03-07", "2026-03-08")]


def test_a_correction_takes_the_answer_back() -> None:
    assert "open" == the(answered(came(), SATURDAY).takes_back(SATURDAY)).state
