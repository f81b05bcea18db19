"""Returns from abroad: three, four or five days to offer a way, by store and day; cheap items have none."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.refunds import RefundGiven, RefundPart
from ledger.events.requests import (
    ReturnAuthorized,
    ReturnDeclined,
    ReturnLabelIssued,
    ReturnOptionOffered,
)
from ledger.ruling import Ruling
from ledger.values import Money
from tests.ledger.account import ORDER, SKU, after
from tests.ledger.desk import Desk

ASKED = "2026-03-02"
LONG_AFTER = "2026-12-01"


def abroad(store: str, at: str = ASKED, *, price: str = "100.00", **more: Any) -> Desk:
    told = Desk(store).sold_by_seller(after(at[:10], -20), price=price)
    return told.asked(at, cross_border=True, **more)


def offer(**more: Any) -> ReturnOptionOffered:
    return ReturnOptionOffered(
        order_id=ORDER, sku=SKU, option="prepaid_international_label", **more
    )


def the(told: Desk, on: str = ASKED) -> Ruling:
    return told.duty("cross_border", on=on)


# --- until when -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("store", "asked", "due", "rule"),
    [
        ("UK", "2024-11-11", "2024-11-15", "ret.intl.UK.1"),
        ("UK", "2025-08-10", "2025-08-14", "ret.intl.UK.1"),
        ("UK", "2025-08-11", "2025-08-14", "ret.intl.UK.2"),
        ("UK", "2025-08-12", "2025-08-15", "ret.intl.UK.2"),
        ("DE", "2025-08-11", "2025-08-14", "ret.intl.DE.1"),
        ("DE", "2026-03-02", "2026-03-05", "ret.intl.DE.1"),
        ("US", "2026-03-02", "2026-03-07", "ret.intl.US.2"),
    ],
)
def test_a_way_is_offered_within_the_stores_days(
    store: str, asked: str, due: str, rule: str
) -> None:
    found = the(abroad(store, asked), asked)

    assert ("open", due, asked) == (found.state, found.due_at, found.since)
    assert rule in found.rule_ids
    assert "charge" in str(found.if_missed)


def test_ten_cases_7_a_uk_request_on_day_3_and_4_before_and_after_2025_08_11() -> None:
    """The same offer on day four was in time for a request of the day before, and is late since."""
    asked_before, asked_after = "2025-08-10", "2025-08-11"
    answers = {
        (asked, day): the(abroad("UK", asked).says(offer(), after(asked, day)), LONG_AFTER).state
        for asked in (asked_before, asked_after)
        for day in (3, 4, 5)
    }

    assert {
        (asked_before, 3): "met",
        (asked_before, 4): "met",
        (asked_before, 5): "missed",
        (asked_after, 3): "met",
        (asked_after, 4): "missed",
        (asked_after, 5): "missed",
    } == answers
    assert "SAFE-T" not in str(the(abroad("UK", asked_before), asked_before).if_missed)
    assert "no SAFE-T claim is left" in str(the(abroad("UK", asked_after), asked_after).if_missed)


@pytest.mark.parametrize(
    ("on", "state"), [("2026-03-04", "open"), ("2026-03-05", "open"), ("2026-03-06", "missed")]
)
def test_it_is_missed_when_its_last_day_is_over(on: str, state: str) -> None:
    assert state == the(abroad("DE"), on).state


def test_of_two_zones_the_earlier_day_counts() -> None:
    """Late on 10 August in UTC is 11 August in London: the earlier end of the two readings counts."""
    found = the(abroad("UK", "2025-08-10T23:30:00Z"), "2025-08-12")

    assert "2025-08-14" == found.due_at
    assert any("time zone" in text for text in found.assumptions)


@pytest.mark.parametrize(
    ("store", "asked"),
    [("UK", "2024-11-10"), ("UK", "2021-10-04"), ("DE", "2025-08-10"), ("US", "2019-11-14")],
)
def test_before_the_rules_began_no_day_is_told(store: str, asked: str) -> None:
    found = the(abroad(store, asked), asked)

    assert ("review", None, None) == (found.state, found.due_at, found.if_missed)


@pytest.mark.parametrize("store", ["FR", "IT", "ES", "SE", "NL", "PL", "BE", "CA"])
def test_a_store_without_a_deadline_asks_and_tells_no_day(store: str) -> None:
    found = the(abroad(store))

    assert ("review", None) == (found.state, found.due_at)
    assert "is known for" in str(found.question)


def test_since_when_the_us_has_its_rule_is_said_to_be_assumed() -> None:
    assert any("was not found" in text for text in the(abroad("US")).assumptions)


# --- cheap items ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("store", "price", "state", "due"),
    [
        ("UK", "20.00", "open", None),
        ("UK", "20.01", "open", "2026-03-05"),
        ("DE", "25.00", "open", None),
        ("DE", "25.01", "open", "2026-03-05"),
        ("FR", "25.00", "open", None),
        ("US", "25.00", "met", None),
        ("US", "25.01", "open", "2026-03-07"),
    ],
)
def test_a_cheap_item_has_no_deadline(store: str, price: str, state: str, due: str | None) -> None:
    found = the(abroad(store, price=price))

    assert (state, due) == (found.state, found.due_at)


def test_in_europe_a_cheap_item_needs_an_address_or_amazon_refunds() -> None:
    found = the(abroad("DE", price="25.00"))

    assert ("ret.intl.EU_low.1",) == found.rule_ids
    assert "Amazon refunds without a return" == found.if_missed
    assert "address" in found.what


def test_in_the_us_amazon_refunds_a_cheap_item_without_a_return() -> None:
    assert "Amazon refunds it without a return" in the(abroad("US", price="25.00")).reason


def test_where_nobody_tells_the_price_no_day_is_told() -> None:
    told = Desk("DE").ordered("2026-02-01", price=None, programme="FBM")
    found = the(told.asked(ASKED, cross_border=True))

    assert ("review", None) == (found.state, found.due_at)
    assert "what the buyer paid" in str(found.question)


# --- what meets it ----------------------------------------------------------------------------


def refund(trigger: str, by: str) -> RefundGiven:
    parts = (RefundPart("item", Money.of("100.00", "EUR")),)
    return RefundGiven(order_id=ORDER, sku=SKU, by=by, trigger=trigger, parts=parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("done", "state"),
    [
        (offer(), "met"),
        (
            ReturnLabelIssued(order_id=ORDER, sku=SKU, payer="seller", kind="own_international"),
            "met",
        ),
        (refund("returnless", "seller"), "met"),
        (refund("goodwill", "seller"), "open"),
        (refund("international_deadline", "amazon"), "missed"),
        (ReturnDeclined(order_id=ORDER, sku=SKU, rule_id="ret.window.EU.1"), "met"),
        (ReturnAuthorized(order_id=ORDER, sku=SKU), "open"),
    ],
)
def test_what_helps_the_buyer_meets_it(done: Any, state: str) -> None:
    """To allow the return is not yet to offer a way."""
    assert state == the(abroad("DE").says(done, "2026-03-03"), "2026-03-03").state


def test_an_offer_for_another_request_does_not_count() -> None:
    told = abroad("DE", rma_id="R1").says(offer(rma_id="R2"), ASKED)

    assert "open" == the(told).state


def test_an_offer_before_the_request_does_not_count() -> None:
    told = abroad("DE").says(offer(), "2026-03-01")

    assert "open" == the(told).state


def test_a_buyer_in_the_country_has_no_such_duty() -> None:
    told = Desk("DE").sold_by_seller().asked(ASKED)

    assert [] == told.rulings("cross_border", on=ASKED)


def test_what_amazon_fulfilled_is_amazons() -> None:
    told = Desk("DE").sold_by_seller(programme="FBA").asked(ASKED, cross_border=True)

    assert [] == told.rulings("cross_border", on=ASKED)


# --- the day that is asked about --------------------------------------------------------------


def test_an_offer_of_a_later_day_is_not_known_yet() -> None:
    told = abroad("DE").says(offer(), "2026-03-04")

    assert ["open", "met"] == [the(told, day).state for day in ("2026-03-03", "2026-03-04")]


def test_a_correction_takes_the_offer_back() -> None:
    told = abroad("DE").says(offer(), "2026-03-03").takes_back("2026-03-04")

    assert "open" == the(told, "2026-03-04").state
