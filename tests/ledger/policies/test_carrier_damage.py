"""Damage by the seller's own carrier: whose contract it is, and that only the carrier's terms tell the days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.events.requests import ReturnLabelIssued
from ledger.policies.carrier_damage import CARRIER
from ledger.policy import Finding
from ledger.rulebook import Rule, Rulebook, shipped
from tests.ledger.account import ORDER, SKU, Account, answer_to
from tests.ledger.returned_to_seller import BACK, ON, PHOTOS, Parcel


def terms(**changes: Any) -> Rulebook:
    """The shipped rules, and one of the seller's own about his carrier."""
    told: dict[str, Any] = {
        "id": f"{CARRIER}.US.1",
        "series": f"{CARRIER}.US",
        "title": "The carrier takes a claim for 60 days from the delivery",
        "marketplaces": ("US",),
        "programmes": ("FBM",),
        "claim_types": ("carrier_damage",),
        "status": "in_force",
        "version_selected_by": "claim_submitted_at",
        "clock_from": "delivery_date",
        "window_start_days": 0,
        "window_end_days": 60,
        "day_unit": "calendar",
        "sources": ("https://example.com/terms",),
        "evidence": "B",
        "verified": True,
        "first_hand": True,
        "own": True,
    }
    return Rulebook([*shipped().rules, Rule(**(told | changes))])


def desk(rulebook: Rulebook | None = None) -> Parcel:
    return Parcel("US", rulebook)


def broken(
    told: Parcel | None = None, *, evidence: tuple[str, ...] = PHOTOS, **sent: Any
) -> Parcel:
    """It reached its buyer broken, and the carrier did it."""
    told = (told or desk()).sent(**sent).arrived("2026-02-25", proof="scan")
    return told.damaged_by("carrier_outbound", carrier="UPS", evidence=evidence)


def broken_on_the_way_back(kind: Any = "own_domestic", told: Parcel | None = None) -> Parcel:
    """It came back broken."""
    told = (told or desk()).sent()
    label = ReturnLabelIssued(order_id=ORDER, sku=SKU, payer="seller", kind=kind)
    told.adds(label, on="2026-03-02").received()
    return told.damaged_by("carrier_return", carrier="UPS", evidence=PHOTOS)


def the(told: Account, on: str = ON) -> Finding:
    return told.the("carrier_damage", on=on)


@pytest.mark.parametrize("told", [broken(), broken_on_the_way_back()])
def test_until_when_no_rule_says(told: Parcel) -> None:
    finding = the(told)

    assert ("review", None, None, None) == (
        finding.verdict,
        finding.window_opens,
        finding.window_closes,
        finding.amount_open,
    )
    assert "the carrier's own terms" in finding.reason
    assert all(test.would_flip for test in finding.tests)


@pytest.mark.parametrize("cause", ["customer", "production", "unknown", "fulfillment_center"])
def test_no_other_cause_is_a_carriers(cause: str) -> None:
    assert [] == desk().sent().damaged_by(cause).findings("carrier_damage", on=ON)


def test_amazons_own_carriers_are_not_the_sellers() -> None:
    told = desk().sold_by_seller(programme="FBA").damaged_by("carrier_outbound")

    assert [] == told.findings("carrier_damage", on=ON)


@pytest.mark.parametrize(
    ("on", "found"), [("2026-03-11", "ready"), ("2026-04-26", "ready"), ("2026-04-27", "expired")]
)
def test_a_rule_of_the_sellers_own_tells_the_days(on: str, found: str) -> None:
    finding = the(broken(desk(terms())), on)

    assert (found, date(2026, 4, 26)) == (finding.verdict, finding.window_closes)


def test_an_own_rule_that_is_not_verified_tells_none() -> None:
    finding = the(broken(desk(terms(verified=False))))

    assert ("review", None) == (finding.verdict, finding.window_closes)


def test_the_way_back_has_a_clock_of_its_own() -> None:
    finding = the(broken_on_the_way_back(told=desk(terms(clock_from="return_date"))))

    assert ("ready", BACK) == (finding.verdict, str(finding.window_opens))


def test_a_label_that_was_bought_through_amazon_has_another_door() -> None:
    finding = the(broken(desk(terms()), claims_protected=True))

    assert "review" == finding.verdict
    assert "where it was bought" in answer_to(finding, "Whose contract").answer


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("own_domestic", "ready"),
        ("own_international", "ready"),
        ("amazon_prepaid", "review"),
        ("buyer_ships", "not_claimable"),
    ],
)
def test_whose_label_brought_it_back_decides(kind: str, found: str) -> None:
    told = broken_on_the_way_back(kind, desk(terms(clock_from="return_date")))

    assert found == the(told).verdict


def test_which_label_was_used_must_be_told() -> None:
    told = desk(terms(clock_from="return_date")).sent().received()

    assert "which label was used is not told" in the(told.damaged_by("carrier_return")).reason


@pytest.mark.parametrize("evidence", [(), ("a" * 64,)])
def test_without_photos_it_is_review(evidence: tuple[str, ...]) -> None:
    assert "review" == the(broken(desk(terms()), evidence=evidence)).verdict


def test_a_claim_that_was_filed_is_not_filed_again() -> None:
    told = broken(desk(terms())).filed(ON, door="carrier", claim_type="carrier_damage")

    assert "not_claimable" == the(told).verdict
    assert "paid" == the(told.paid_out("2026-03-20", "30.00"), "2026-03-21").verdict
