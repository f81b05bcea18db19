"""One rule: its family, its days, how sure it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from ledger.rulebook import EVIDENCE_MEANS, Cap, Rule, family_of
from ledger.rulebook.rule import version_of
from ledger.values import Money


def rule(**changed: Any) -> Rule:
    """A plain claim window: days 10 to 20 after the refund, in force since 2024."""
    plain: dict[str, Any] = {
        "id": "x.window.US.1",
        "series": "x.window.US",
        "title": "A window",
        "marketplaces": ("US",),
        "programmes": ("FBA",),
        "claim_types": ("customer_return",),
        "effective_from": date(2024, 1, 1),
        "status": "in_force",
        "version_selected_by": "claim_submitted_at",
        "clock_from": "customer_refund_or_replacement_date",
        "window_start_days": 10,
        "window_end_days": 20,
        "sources": ("https://example.com/",),
        "evidence": "A",
        "verified": True,
        "first_hand": True,
    }
    return Rule(**(plain | changed))


@pytest.mark.parametrize(
    ("series", "family"),
    [
        ("fba.customer_return.window.US", "fba.customer_return.window"),
        ("fba.customer_return.window.EU", "fba.customer_return.window"),
        ("fba.valuation.post_order.ANY", "fba.valuation.post_order"),
        ("fba.disposition.SELLABLE", "fba.disposition.SELLABLE"),
    ],
)
def test_the_family_is_the_series_without_its_store(series: str, family: str) -> None:
    assert family_of(series) == family


@pytest.mark.parametrize(
    ("rule_id", "series", "version"),
    [
        ("x.window.US.1", "x.window.US", "1"),
        ("x.window.US.0covid", "x.window.US", "0covid"),
        ("ret.holiday.2025.EU.default", "ret.holiday.EU.default", "2025"),
        ("2.x.window", "x.window", "2"),
        ("x.window.US", "x.window.US", ""),
        ("x.window.US.1.2", "x.window.US", ""),
        ("x.window.UK.1", "x.window.US", ""),
        ("x.1.window.2", "x.window.US", ""),
    ],
)
def test_the_version_is_the_word_that_the_id_has_beside_its_series(
    rule_id: str, series: str, version: str
) -> None:
    assert version_of(rule_id, series) == version


def test_a_rule_covers_its_first_day_and_not_its_end() -> None:
    dated = rule(effective_to=date(2024, 3, 1))

    days = ((2023, 12, 31), (2024, 1, 1), (2024, 2, 29), (2024, 3, 1))
    assert [dated.covers(date(*day)) for day in days] == [False, True, True, False]


def test_a_rule_without_dates_covers_every_day() -> None:
    assert rule(effective_from=None).covers(date.min)
    assert rule(effective_from=None).covers(date.max)


@pytest.mark.parametrize("status", ["in_force", "superseded"])
def test_a_verified_rule_in_force_or_replaced_is_sure(status: str) -> None:
    assert rule(status=status).sure
    assert rule(status=status).why_unsure == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("possibly_stale", "old"),
        ("assumed", "assumed"),
        ("doubtful", "wrong"),
        ("never_in_force", "never came into force"),
        ("superseded_date_unknown", "not known"),
    ],
)
def test_a_verified_rule_of_doubtful_status_says_why_it_is_unsure(status: str, words: str) -> None:
    assert not rule(status=status).sure
    assert words in rule(status=status).why_unsure


@pytest.mark.parametrize("evidence", EVIDENCE_MEANS)
def test_an_unverified_rule_says_what_it_rests_on(evidence: str) -> None:
    unverified = rule(verified=False, evidence=evidence)

    assert not unverified.sure
    assert unverified.why_unsure == f"it is not verified ({EVIDENCE_MEANS[evidence]})"


def test_a_rule_can_be_unsure_for_two_reasons() -> None:
    assert rule(verified=False, evidence="D", status="assumed").why_unsure == (
        "it is assumed from another store's rule, or another year's; "
        "it is not verified (one weak source, or our inference)"
    )


def test_a_cap_is_exact_money() -> None:
    assert Cap("5000.00", "USD").money == Money(500000, "USD")


def test_a_rule_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        rule().title = "Another"  # type: ignore[misc]

    assert msgspec.structs.replace(rule(), title="Another").title == "Another"
