"""Refunding a withdrawal: fourteen days from the notice, or the day on which goods or proof are there."""

from __future__ import annotations

import pytest

from ledger.events.arrivals import UnitsReceived
from ledger.events.deliveries import OrderDelivered
from ledger.events.refunds import RefundGiven, RefundPart
from ledger.events.requests import ReturnFirstScanned, WithdrawalDeclared
from ledger.ruling import Ruling
from ledger.values import Money
from tests.ledger.account import ORDER, SKU
from tests.ledger.desk import Desk

NOTICE = "2026-03-02"
FOURTEEN = "2026-03-16"
LONG_AFTER = "2026-12-01"
EUROPE = ["DE", "FR", "IT", "ES", "NL", "PL", "SE", "BE", "IE"]


def withdrawn(store: str = "SE", at: str = NOTICE, *, quantity: int = 1) -> Desk:
    told = Desk(store).sold_by_seller("2026-02-10", quantity=quantity)
    told.says(OrderDelivered(order_id=ORDER), "2026-02-20")
    return told.says(WithdrawalDeclared(order_id=ORDER, sku=SKU, quantity=quantity), at)


def back(told: Desk, at: str, quantity: int = 1) -> Desk:
    return told.says(UnitsReceived(order_id=ORDER, sku=SKU, quantity=quantity), at)


def scanned(told: Desk, at: str) -> Desk:
    return told.says(ReturnFirstScanned(order_id=ORDER, sku=SKU), at)


def refunded(told: Desk, at: str, quantity: int = 1) -> Desk:
    parts = (RefundPart("item", Money.of("100.00", "SEK")),)
    given = RefundGiven(
        order_id=ORDER, sku=SKU, quantity=quantity, by="seller", trigger="statutory", parts=parts
    )
    return told.says(given, at)


def the(told: Desk, on: str = NOTICE) -> Ruling:
    return told.duty("withdrawal_refund", on=on)


# --- until when -------------------------------------------------------------------------------


@pytest.mark.parametrize("store", EUROPE)
def test_a_withdrawal_is_refunded_within_14_days_of_the_notice(store: str) -> None:
    found = the(back(withdrawn(store), "2026-03-05"), "2026-03-05")

    assert ("open", FOURTEEN, NOTICE) == (found.state, found.due_at, found.since)
    assert (("law.eu.withdrawal.1",), "L") == (found.rule_ids, found.rule_evidence)


@pytest.mark.parametrize(
    ("on", "state"), [("2026-03-15", "open"), (FOURTEEN, "open"), ("2026-03-17", "missed")]
)
def test_it_is_missed_when_its_last_day_is_over(on: str, state: str) -> None:
    assert state == the(back(withdrawn(), "2026-03-05"), on).state


@pytest.mark.parametrize(
    ("day", "due"),
    [("2026-03-15", FOURTEEN), (FOURTEEN, FOURTEEN), ("2026-03-17", "2026-03-17")],
)
def test_it_may_wait_for_the_goods_or_for_proof_that_they_were_sent(day: str, due: str) -> None:
    assert due == the(back(withdrawn(), day), day).due_at
    assert due == the(scanned(withdrawn(), day), day).due_at


def test_the_first_of_the_two_counts() -> None:
    told = back(scanned(withdrawn(), "2026-03-18"), "2026-03-25")

    assert "2026-03-18" == the(told, "2026-03-25").due_at


@pytest.mark.parametrize("on", [NOTICE, FOURTEEN, "2026-03-17", LONG_AFTER])
def test_while_nothing_is_back_it_is_open_without_a_day(on: str) -> None:
    found = the(withdrawn(), on)

    assert ("open", None, None) == (found.state, found.due_at, found.question)
    assert "it may wait for the goods" in found.reason


def test_goods_that_came_back_to_amazon_are_back() -> None:
    told = Desk("SE").sold_by_seller("2026-02-10", programme="FBA")
    told.says(WithdrawalDeclared(order_id=ORDER, sku=SKU), NOTICE)

    assert FOURTEEN == the(told.returned("2026-03-05"), "2026-03-05").due_at


def test_one_of_two_units_back_leaves_it_waiting() -> None:
    told = back(withdrawn(quantity=2), "2026-03-05")

    assert None is the(told, "2026-03-05").due_at
    assert FOURTEEN == the(back(told, "2026-03-06"), "2026-03-06").due_at


def test_in_the_united_kingdom_the_sellers_days_are_not_known() -> None:
    found = the(back(withdrawn("UK"), "2026-03-05"), "2026-03-05")

    assert ("review", None) == (found.state, found.due_at)
    assert "law.uk.ccr.1" in str(found.question)


@pytest.mark.parametrize("store", ["US", "CA"])
def test_a_store_without_a_law_asks_and_tells_no_day(store: str) -> None:
    found = the(back(withdrawn(store), "2026-03-05"), "2026-03-05")

    assert ("review", None) == (found.state, found.due_at)


# --- whether it binds -------------------------------------------------------------------------


@pytest.mark.parametrize(("notice", "state"), [("2026-03-06", "open"), ("2026-03-07", "review")])
def test_a_notice_after_its_14_days_asks_whether_the_buyer_knew(notice: str, state: str) -> None:
    """Delivered on 2026-02-20: the last day to withdraw is 2026-03-06."""
    found = the(back(withdrawn(at=notice), notice), notice)

    assert state == found.state
    assert ("told of the right" in str(found.question)) is (state == "review")


def test_where_nobody_tells_the_delivery_it_is_assumed_to_be_in_time() -> None:
    told = Desk("SE").sold_by_seller()
    told.says(WithdrawalDeclared(order_id=ORDER, sku=SKU), NOTICE)

    assert any("in time" in text for text in the(told).assumptions)


# --- what meets it ----------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "state"), [(FOURTEEN, "met"), ("2026-03-17", "missed")])
def test_a_refund_meets_it_until_the_last_day(at: str, state: str) -> None:
    assert state == the(refunded(back(withdrawn(), "2026-03-05"), at), LONG_AFTER).state


@pytest.mark.parametrize("at", [NOTICE, LONG_AFTER])
def test_a_refund_before_the_goods_are_back_meets_it_whenever_it_came(at: str) -> None:
    assert "met" == the(refunded(withdrawn(), at), LONG_AFTER).state


def test_one_refund_of_two_units_leaves_the_duty_open() -> None:
    told = refunded(back(withdrawn(quantity=2), "2026-03-05", 2), "2026-03-06")

    assert "open" == the(told, "2026-03-06").state
    assert "met" == the(refunded(told, "2026-03-07"), "2026-03-07").state


def test_a_refund_from_before_the_notice_is_for_something_else() -> None:
    told = refunded(Desk("SE").sold_by_seller(quantity=2), "2026-03-01")
    told.says(WithdrawalDeclared(order_id=ORDER, sku=SKU), NOTICE)

    assert "open" == the(told).state


# --- the day that is asked about --------------------------------------------------------------


def test_goods_of_a_later_day_are_not_known_yet() -> None:
    told = back(withdrawn(), "2026-03-05")

    assert [None, FOURTEEN] == [the(told, day).due_at for day in ("2026-03-04", "2026-03-05")]


def test_a_correction_takes_the_goods_back() -> None:
    assert (
        None is the(back(withdrawn(), "2026-03-05").takes_back("2026-03-05"), "2026-03-05").due_at
    )


def test_a_correction_takes_the_withdrawal_back() -> None:
    assert [] == withdrawn().takes_back(NOTICE).rulings("withdrawal_refund", on=NOTICE)
