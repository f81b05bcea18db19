"""A wrong item among FBA returns: never more than review, and never beside another finding about the unit."""

from __future__ import annotations

import pytest

from ledger.book import REIMBURSEMENTS
from ledger.event import order_stream
from ledger.events.arrivals import UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.returns import UnitIdentified, UnitReturned
from ledger.policy import Finding
from tests.ledger.account import ASIN, FNSKU, ORDER, SKU, TODAY, Account, answer_to
from tests.ledger.returned_to_seller import PHOTOS, Parcel, of

PLATE = "LPNRR1"
ARRIVED = "2026-10-20"


def sent_back(
    store: str = "US", *, disposition: str = "CUSTOMER_DAMAGED", without: tuple[str, ...] = ()
) -> Parcel:
    """A return that Amazon took in, with its licence plate, and sent on to the seller."""
    told = Parcel(store).covers("2026-01-01", TODAY, without=without)
    told.sold("2026-08-20").refunded("2026-09-01", fees="3.00")
    back = UnitReturned(
        order_id=ORDER, sku=SKU, fnsku=FNSKU, asin=ASIN, quantity=1, disposition=disposition
    )
    return told.tell(order_stream(ORDER), back, "2026-09-10", UnitIdentified(license_plate=PLATE))


def received(told: Parcel) -> Parcel:
    """It reached the seller."""
    return told.adds(UnitsReceived(order_id=ORDER, sku=SKU), on=ARRIVED)


def stone(told: Parcel, *, plate: str | None = PLATE, serial: str | None = "S-9") -> Parcel:
    """In the box is a stone."""
    wrong = WrongItemReceived(
        order_id=ORDER,
        sku=SKU,
        arrived="a stone",
        serial=serial,
        license_plate=plate,
        evidence=PHOTOS,
    )
    return told.adds(wrong, on=ARRIVED)


def the(told: Account, on: str = TODAY) -> Finding:
    return told.the("return_wrong_item", on=on)


def test_a_stone_in_the_box_is_in_review_with_its_window_and_worth() -> None:
    finding = the(stone(received(sent_back())))

    assert ("review", "review", 1, of("17.00")) == (
        finding.verdict,
        finding.standing,
        finding.quantity,
        finding.amount_open,
    )
    assert ("2026-10-20", "2026-12-19") == (
        str(finding.window_opens),
        str(finding.window_closes),
    )
    assert "fba.removal_other.window.US.2" == finding.rule_ids[0]
    assert all(test.would_flip for test in finding.tests)


def test_what_amazon_wants_to_see_is_known_from_japan_only() -> None:
    finding = the(stone(received(sent_back())))

    assert "fba.customer_return.window.JP.1" in finding.reason
    assert "removal order id" in answer_to(finding, "at hand").answer


@pytest.mark.parametrize("condition", ["empty_box", "materially_different"])
def test_a_grade_says_it_too(condition: str) -> None:
    grade = UnitGraded(order_id=ORDER, sku=SKU, condition=condition, license_plate=PLATE)  # type: ignore[arg-type]  # one of them

    assert "review" == the(received(sent_back()).adds(grade, on=ARRIVED)).verdict


@pytest.mark.parametrize("condition", ["as_new", "damaged", "defective"])
def test_any_other_state_is_no_wrong_item(condition: str) -> None:
    grade = UnitGraded(order_id=ORDER, sku=SKU, condition=condition, license_plate=PLATE)  # type: ignore[arg-type]  # one of them

    assert [] == received(sent_back()).adds(grade, on=ARRIVED).findings("return_wrong_item")


def test_of_the_sellers_own_orders_safe_t_speaks() -> None:
    told = Parcel().sold_by_seller()

    assert [] == stone(told, plate=None).findings("return_wrong_item")


def test_without_the_licence_plate_nobody_knows_which_return_it_was() -> None:
    finding = the(stone(received(sent_back()), plate=None))

    assert "no licence plate" in finding.reason
    assert finding.amount_open is None


def test_on_which_day_it_was_delivered_must_be_told() -> None:
    finding = the(stone(sent_back()))

    assert "is not told, and the clock runs from it" in finding.reason
    assert finding.window_closes is None


def test_what_was_paid_for_is_paid() -> None:
    told = sent_back(disposition="CARRIER_DAMAGED").paid("2026-10-01")

    assert "paid" == the(stone(received(told))).verdict


def test_one_unit_is_not_claimed_twice() -> None:
    """Sent back damaged by the carrier: the finding about the return stands first."""
    told = stone(received(sent_back(disposition="CARRIER_DAMAGED")))

    assert ["review"] == told.verdicts("return_damaged")
    assert "not_claimable" == the(told).verdict
    assert "claimed already" in the(told).reason


def test_a_claim_that_was_filed_is_not_filed_again() -> None:
    told = stone(received(sent_back()))
    told.filed("2026-11-01", door="fba", claim_type="return_wrong_item")

    assert "not_claimable" == the(told).verdict


def test_a_missing_report_is_named() -> None:
    told = stone(received(sent_back(without=(REIMBURSEMENTS,))))

    assert f"no {REIMBURSEMENTS} report" in the(told).reason
