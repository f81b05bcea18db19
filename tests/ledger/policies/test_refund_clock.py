"""The refund clock: business days or calendar days from receipt, a refund that meets it, and the grade."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.arrivals import UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.refunds import RefundGiven, RefundPart, ReplacementSent
from ledger.ruling import Ruling
from ledger.values import Money
from tests.ledger.account import ORDER, SKU, after
from tests.ledger.desk import Desk

FRIDAY, SATURDAY, SUNDAY, MONDAY = "2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"
LONG_AFTER = "2026-06-01"


def desk(store: str = "US", quantity: int = 1) -> Desk:
    each = 100 * quantity
    return Desk(store).sold_by_seller("2025-12-01", price=f"{each}.00", quantity=quantity)


def back(at: str, store: str = "US", **more: Any) -> Desk:
    quantity = more.get("quantity", 1)
    return desk(store, quantity).says(UnitsReceived(order_id=ORDER, sku=SKU, **more), at)


def refund(amount: str = "100.00", currency: str = "USD", **more: Any) -> RefundGiven:
    told = {"by": "seller", "trigger": "manual", **more}
    parts = (RefundPart("item", Money.of(amount, currency)),)
    return RefundGiven(order_id=ORDER, sku=SKU, parts=parts, **told)


def the(told: Desk, on: str, what: str = "refund") -> Ruling:
    (found,) = [one for one in told.rulings("refund_clock", on=on) if one.what.startswith(what)]
    return found


# --- until when -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due", "rule"),
    [
        ("2026-01-21", "2026-01-23", "ret.refund_clock.US.1"),
        ("2026-01-23", "2026-01-27", "ret.refund_clock.US.1"),
        ("2026-01-25", "2026-01-27", "ret.refund_clock.US.1"),
        ("2026-01-26", "2026-01-30", "ret.refund_clock.US.2"),
        ("2026-01-27", "2026-01-31", "ret.refund_clock.US.2"),
        (FRIDAY, "2026-03-10", "ret.refund_clock.US.2"),
    ],
)
def test_in_the_us_two_business_days_became_four_calendar_days(
    received: str, due: str, rule: str
) -> None:
    """2026-01-23 is a Friday: two business days after it is Tuesday."""
    found = the(back(received), received)

    assert ("open", due, received) == (found.state, found.due_at, found.since)
    assert (rule,) == found.rule_ids
    assert any("day of receipt picks" in text for text in found.assumptions)


@pytest.mark.parametrize(
    ("received", "due", "rule"),
    [
        ("2020-04-30", "2020-05-04", "ret.refund_clock.US.1"),
        ("2020-05-01", "2020-05-15", "safet.window.US.0covid"),
        ("2020-05-31", "2020-06-14", "safet.window.US.0covid"),
        ("2020-06-01", "2020-06-03", "ret.refund_clock.US.1"),
    ],
)
def test_in_may_2020_fourteen_days_lay_over_the_clock(received: str, due: str, rule: str) -> None:
    told = Desk().sold_by_seller("2020-04-01", price="100.00")
    told.says(UnitsReceived(order_id=ORDER, sku=SKU), received)
    found = the(told, received)

    assert (due, rule) == (found.due_at, found.rule_ids[0])


@pytest.mark.parametrize("store", ["DE", "FR", "IT", "ES", "UK"])
@pytest.mark.parametrize(
    ("received", "due"),
    [
        (FRIDAY, "2026-03-10"),
        (SATURDAY, "2026-03-10"),
        (SUNDAY, "2026-03-10"),
        (MONDAY, "2026-03-11"),
    ],
)
def test_in_europe_two_business_days(store: str, received: str, due: str) -> None:
    found = the(back(received, store), received)

    assert (due, ("ret.refund_clock.EU.1",)) == (found.due_at, found.rule_ids)
    assert any("public holidays" in text for text in found.assumptions)


@pytest.mark.parametrize("store", ["SE", "NL", "CA"])
def test_a_store_without_a_rule_asks_and_tells_no_day(store: str) -> None:
    found = the(back(FRIDAY, store), FRIDAY)

    assert ("review", None, None) == (found.state, found.due_at, found.if_missed)
    assert f"no rule of ret.refund_clock is known for {store}" in str(found.question)


def test_of_two_zones_the_earlier_day_counts() -> None:
    """Two in the morning of Tuesday in UTC is Monday evening in Los Angeles."""
    found = the(back("2026-03-10T02:00:00Z"), "2026-03-10")

    assert "2026-03-13" == found.due_at
    assert any("time zone" in text for text in found.assumptions)


def test_where_each_zone_picks_another_version_the_earlier_end_counts() -> None:
    """In Los Angeles it is still Sunday the 25th: two business days, and not four calendar days."""
    found = the(back("2026-01-26T03:00:00Z"), "2026-01-26")

    assert ("2026-01-27", ("ret.refund_clock.US.1",)) == (found.due_at, found.rule_ids)


@pytest.mark.parametrize(
    ("on", "state"),
    [("2026-03-09", "open"), ("2026-03-10", "open"), ("2026-03-11", "missed")],
)
def test_it_is_missed_when_its_last_day_is_over(on: str, state: str) -> None:
    assert state == the(back(FRIDAY), on).state


# --- what is lost -----------------------------------------------------------------------------


def test_who_misses_the_four_days_loses_the_safe_t_claim() -> None:
    missed = str(the(back(FRIDAY), FRIDAY).if_missed)

    assert "Amazon refunds the buyer by itself; no SAFE-T claim is left" in missed
    assert "return lost in transit" in missed


def test_a_wrong_delivery_scan_keeps_the_safe_t_claim_open() -> None:
    told = back(FRIDAY, scan_wrong=True)

    assert "a SAFE-T claim stays open" in str(the(told, FRIDAY).if_missed)
    assert 1 == len(told.rulings("refund_clock", on=FRIDAY)), "there is nothing to grade"


def test_before_the_four_days_no_safe_t_claim_is_lost() -> None:
    missed = str(the(back("2026-01-21"), "2026-01-21").if_missed)

    assert "sellable as new" in missed
    assert "SAFE-T" not in missed


# --- what meets it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-03-05", "met"),
        ("2026-03-10", "met"),
        ("2026-03-10T23:00:00Z", "met"),
        ("2026-03-11", "missed"),
    ],
)
def test_a_refund_meets_it_until_its_last_day(at: str, state: str) -> None:
    found = the(back(FRIDAY).says(refund(), at), LONG_AFTER)

    assert (state, "2026-03-10") == (found.state, found.due_at)
    assert "the seller refunded" in found.reason


@pytest.mark.parametrize(
    ("trigger", "state"),
    [("first_scan", "met"), ("csba", "met"), ("a_to_z", "met"), ("automated", "missed")],
)
def test_what_amazon_refunds_need_not_be_refunded_again(trigger: str, state: str) -> None:
    """The refund after the seller's days is what he missed."""
    told = back(FRIDAY).says(refund(by="amazon", trigger=trigger), "2026-03-10")

    assert state == the(told, LONG_AFTER).state
    assert "Amazon" in the(told, LONG_AFTER).reason


def test_goodwill_is_no_refund_of_what_came_back() -> None:
    told = back(FRIDAY).says(refund("10.00", trigger="goodwill"), FRIDAY)

    assert "open" == the(told, FRIDAY).state


def test_another_unit_in_its_place_meets_it() -> None:
    told = back(FRIDAY).says(ReplacementSent(order_id=ORDER, sku=SKU), MONDAY)

    assert "met" == the(told, MONDAY).state


def test_one_refund_of_two_units_leaves_the_duty_open() -> None:
    told = back(FRIDAY, quantity=2).says(refund(), FRIDAY)

    assert "open" == the(told, FRIDAY).state
    assert "met" == the(told.says(refund(), MONDAY), MONDAY).state


def test_a_unit_that_the_buyer_kept_is_not_the_one_that_came_back() -> None:
    told = desk(quantity=2).says(refund(trigger="returnless"), "2026-03-01")
    told.says(UnitsReceived(order_id=ORDER, sku=SKU), FRIDAY)

    assert "open" == the(told, FRIDAY).state
    assert "met" == the(told.says(refund(), MONDAY), MONDAY).state


def test_two_parcels_have_a_clock_each() -> None:
    told = desk(quantity=2).says(UnitsReceived(order_id=ORDER, sku=SKU), FRIDAY)
    told.says(UnitsReceived(order_id=ORDER, sku=SKU), MONDAY).says(refund(), MONDAY)
    found = [one for one in told.rulings("refund_clock", on=MONDAY) if "refund" in one.what]

    assert [("met", "2026-03-10"), ("open", "2026-03-13")] == [
        (one.state, one.due_at) for one in found
    ]


# --- what reports tell ------------------------------------------------------------------------


def test_a_settled_refund_meets_it() -> None:
    told = back(FRIDAY).refunded(MONDAY, principal="100.00", programme="FBM")

    assert "met" == the(told, LONG_AFTER).state


def test_a_part_of_the_price_leaves_a_question() -> None:
    """A restocking fee may have been kept, or the rest may still be owed."""
    told = back(FRIDAY).refunded(MONDAY, principal="50.00", programme="FBM")
    found = the(told, MONDAY)

    assert ("review", None) == (found.state, found.due_at)
    assert "a part of the price" in str(found.question)


def test_what_the_seller_says_of_a_part_settles_it() -> None:
    told = back(FRIDAY).refunded(MONDAY, principal="50.00", programme="FBM")

    assert "met" == the(told.says(refund("50.00"), MONDAY), MONDAY).state


def test_a_receipt_that_only_a_report_tells_has_the_clock() -> None:
    told = desk().reported("2026-02-20", status="Approved", told=FRIDAY, delivered=FRIDAY)

    assert ("open", "2026-03-10") == (the(told, FRIDAY).state, the(told, FRIDAY).due_at)


def test_a_refund_that_the_report_tells_meets_it() -> None:
    told = desk().reported(
        "2026-02-20", status="Completed", told=MONDAY, delivered=FRIDAY, refunded="100.00"
    )

    assert "met" == the(told, LONG_AFTER).state


@pytest.mark.parametrize(("report", "state"), [("2026-03-10", "review"), ("2026-03-11", "missed")])
def test_a_report_older_than_the_last_day_leaves_a_question(report: str, state: str) -> None:
    told = desk().reported("2026-02-20", status="Approved", told=report, delivered=FRIDAY)

    assert state == the(told, LONG_AFTER).state


def test_a_return_to_amazon_has_no_clock() -> None:
    told = Desk().sold_by_seller(programme="FBA").returned(FRIDAY)

    assert [] == told.rulings("refund_clock", on=FRIDAY)


# --- the grade --------------------------------------------------------------------------------


def grade(**more: Any) -> UnitGraded:
    return UnitGraded(order_id=ORDER, sku=SKU, condition="as_new", **more)


def test_in_the_us_a_unit_is_graded_before_the_clock_ends() -> None:
    found = the(back(FRIDAY), FRIDAY, "grade")

    assert ("open", "2026-03-10") == (found.state, found.due_at)
    assert ("ret.refund_clock.US.2", "ret.restocking.US.1") == found.rule_ids
    assert "sellable as new" in str(found.if_missed)


@pytest.mark.parametrize(
    ("at", "state"), [(FRIDAY, "met"), ("2026-03-10", "met"), ("2026-03-11", "missed")]
)
def test_a_grade_meets_it_until_the_last_day(at: str, state: str) -> None:
    assert state == the(back(FRIDAY).says(grade(), at), LONG_AFTER, "grade").state


def test_a_wrong_item_is_a_grade() -> None:
    wrong = WrongItemReceived(order_id=ORDER, sku=SKU, arrived="a stone")

    assert "met" == the(back(FRIDAY).says(wrong, FRIDAY), FRIDAY, "grade").state


def test_each_unit_is_graded() -> None:
    told = back(FRIDAY, quantity=2).says(grade(), FRIDAY)

    assert "open" == the(told, FRIDAY, "grade the units").state
    assert "met" == the(told.says(grade(), MONDAY), MONDAY, "grade the units").state


def test_a_grade_that_no_report_tells_is_not_said_to_be_missed() -> None:
    told = desk().reported("2026-02-20", status="Approved", told=FRIDAY, delivered=FRIDAY)

    assert ["refund the buyer", "grade the unit"] == [
        one.what for one in told.rulings("refund_clock", on=FRIDAY)
    ]
    assert ["refund the buyer"] == [one.what for one in told.rulings("refund_clock", on=LONG_AFTER)]


@pytest.mark.parametrize("store", ["DE", "UK", "SE"])
def test_elsewhere_no_rule_demands_a_grade(store: str) -> None:
    assert 1 == len(back(FRIDAY, store).rulings("refund_clock", on=FRIDAY))


# --- the day that is asked about --------------------------------------------------------------


def test_a_refund_of_a_later_day_is_not_known_yet() -> None:
    told = back(FRIDAY).says(refund(), MONDAY)

    assert ["open", "met"] == [the(told, day).state for day in (SUNDAY, MONDAY)]
    assert [] == told.rulings("refund_clock", on=after(FRIDAY, -1))


def test_a_correction_takes_the_refund_back() -> None:
    told = back(FRIDAY).says(refund(), FRIDAY).takes_back(FRIDAY)

    assert "open" == the(told, FRIDAY).state


def test_a_correction_takes_the_receipt_back() -> None:
    assert [] == back(FRIDAY).takes_back(FRIDAY).rulings("refund_clock", on=FRIDAY)
