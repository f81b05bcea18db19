"""The rules that are shipped: complete, as their sources tell them, changing on the right days."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.rulebook import Rule, Rulebook, shipped

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "rules.json"

FAMILIES = (
    "fba.customer_return.window.",
    "fba.fc_ops.window.",
    "fba.removal_lost.window.",
    "fba.removal_other.window.",
    "fba.reevaluation.window.",
    "fba.return_carrier_damaged.window.",
    "fba.proactive.",
    "fba.valuation.",
    "fba.return_liability.",
    "fba.disposition.",
    "fba.reversal.",
)

EU = ("DE", "FR", "IT", "ES", "NL", "PL", "SE", "BE", "IE", "UK")

NUMBERS = {
    "anchor_date": "clock_from",
    "hard_stop_anchor": "hard_stop_from",
    **{
        name: name
        for name in (
            "window_start_days",
            "window_end_days",
            "window_end_months",
            "day_unit",
            "hard_stop_months",
            "basis",
            "seller_cost_else_amazon_estimate",
            "disposition",
            "not_returned_within_days",
            "automatic",
            "time_limit_days",
        )
    },
}
"""What the reference calls a number, and what a rule calls it."""

LISTS = {
    "excludes": "basis_excludes",
    "manual_still_needed": "manual_still_needed",
    "settlement_codes": "settlement_codes",
}

TEXTS = {
    "definition": "basis_meaning",
    "price_indicators": "basis_meaning",
    "not_returned_outcome": "not_returned_outcome",
    "sellable": "sellable_outcome",
    "unsellable_amazon_responsible": "unsellable_amazon_fault_outcome",
    "unsellable_other": "unsellable_other_outcome",
}
"""Told in words: ours differ, but they must be there."""

CAPS = ("per_unit_cap", "per_unit_cap_unverified")

LIABLE = {
    "none: back to stock": "nobody",
    "seller (not reimbursable)": "seller",
    "seller": "seller",
    "amazon (FC)": "amazon",
    "amazon (its carrier)": "amazon",
    "undetermined: review": "undetermined",
}


def reference_rules() -> list[dict[str, Any]]:
    """The rules of the reference that this rulebook must have."""
    if not REFERENCE.exists():
        pytest.skip("the reference that the rules were taken from is not beside this checkout")
    told = json.loads(REFERENCE.read_text("utf-8"))["rules"]
    return [rule for rule in told if rule["id"].startswith(FAMILIES)]


def as_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def test_every_version_of_the_reference_is_shipped_and_nothing_else() -> None:
    assert {rule.id for rule in shipped().rules} == {told["id"] for told in reference_rules()}


def test_scope_dates_and_selector_are_those_of_the_reference() -> None:
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        assert rule.series == told["series"]
        assert list(rule.marketplaces) == told["scope"]["marketplaces"]
        assert list(rule.programmes) == told["scope"]["programme"]
        assert "|".join(rule.claim_types) == told["claim_type"]
        assert rule.effective_from == as_day(told["effective_from"]), rule.id
        assert rule.effective_to == as_day(told["effective_to"]), rule.id
        assert rule.announced_on == told["announced_on"]
        assert rule.version_selected_by == told["version_selected_by"]


def test_trust_sources_and_evidence_are_those_of_the_reference() -> None:
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        cited = [re.findall(r"https://\S+", source) for source in told["source_urls"]]
        assert [[source] for source in rule.sources] == cited, rule.id
        assert rule.status == told["status"]
        assert rule.evidence == told["evidence_level"]
        assert rule.verified == told["verified"]
        assert rule.first_hand == told["first_hand"]
        assert list(rule.required_evidence) == told["required_evidence"]
        assert list(rule.excluded) == told["excluded"]
        assert bool(rule.note) == bool(told["note"]), rule.id


def told_number(rule: Rule, name: str) -> object:
    """What the rule says where the reference has the parameter of that name, in its words."""
    if name in LISTS:
        return list(getattr(rule, LISTS[name]))
    if name in CAPS:
        cap = getattr(rule, name)
        return cap and {"amount": cap.money.minor // 100, "currency": cap.currency}
    return getattr(rule, NUMBERS[name])


def test_numbers_are_those_of_the_reference() -> None:
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        for name, number in told["parameters"].items():
            if name in TEXTS:
                assert getattr(rule, TEXTS[name]), (rule.id, name)
            elif name == "default_liable_party":
                assert rule.liable_party == LIABLE[number]
            else:
                assert told_number(rule, name) == number, (rule.id, name)


def test_no_rule_has_a_number_that_the_reference_has_not() -> None:
    """A number nobody told must not creep in."""
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        told_names = {name for name, number in told["parameters"].items() if number is not None}
        for name, field in (NUMBERS | LISTS | {cap: cap for cap in CAPS}).items():
            if getattr(rule, field) not in (None, ()):
                assert name in told_names, (rule.id, field)


def test_titles_and_notes_are_our_own_words() -> None:
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        assert rule.title != told["title"]
        assert not rule.note or rule.note != told["note"]


# --- the days on which something changes ----------------------------------------------------------

CHANGES: tuple[tuple[str, tuple[str, ...], str, str | None, str | None], ...] = (
    ("fba.customer_return.window", ("US",), "2021-06-17", "US.1", "US.2"),
    ("fba.customer_return.window", ("US",), "2024-10-23", "US.2", "US.3"),
    ("fba.customer_return.window", EU, "2025-01-09", "EU.1", "EU.2"),
    ("fba.customer_return.window", ("CA",), "2024-10-23", None, "CA.1"),
    ("fba.fc_ops.window", ("US",), "2024-10-23", "US.1", "US.2"),
    ("fba.fc_ops.window", EU, "2025-01-09", "EU.1", "EU.2"),
    ("fba.fc_ops.window", ("AE",), "2024-09-05", None, "AE.1"),
    ("fba.removal_lost.window", ("US",), "2024-10-23", "US.1", "US.2"),
    ("fba.removal_lost.window", EU, "2025-01-09", None, "EU.2"),
    ("fba.removal_lost.window", ("AE",), "2024-09-05", None, "AE.1"),
    ("fba.removal_other.window", ("US",), "2024-10-23", "US.1", "US.2"),
    ("fba.removal_other.window", EU, "2025-01-09", None, "EU.2"),
    ("fba.removal_other.window", ("AE",), "2024-09-05", None, "AE.1"),
    ("fba.reevaluation.window", ("US",), "2025-03-31", None, "US.1"),
    ("fba.reevaluation.window", EU, "2025-03-31", None, "EU.1"),
    ("fba.return_carrier_damaged.window", ("US",), "2024-10-23", None, "US.1"),
    ("fba.proactive", ("US",), "2024-11-01", None, "US.1"),
    ("fba.proactive", EU, "2025-01-15", None, "EU.1"),
    ("fba.valuation.pre_order", ("US",), "2025-03-10", "US.1", "US.1"),
    ("fba.valuation.pre_order", ("US",), "2025-03-31", "US.1", "US.2"),
    ("fba.valuation.pre_order", EU, "2025-03-31", "EU.1", "EU.2"),
)
"""Family, stores, the day of the change, the version before it and the one from it on."""


def walks() -> Iterator[tuple[str, str, date, str | None, str | None]]:
    for family, stores, day, before, after in CHANGES:
        for store in stores:
            yield family, store, date.fromisoformat(day), before, after


@pytest.mark.parametrize(("family", "store", "day", "before", "after"), list(walks()))
def test_each_change_takes_effect_on_its_day(
    family: str, store: str, day: date, before: str | None, after: str | None
) -> None:
    """The day before is the old version's last; the day itself is the new version's first."""
    for shift, version in ((-1, before), (0, after), (1, after)):
        rule = shipped().in_force(family, store, day + timedelta(days=shift))

        expected = f"{family}.{version}" if version else None
        assert (rule.id if rule else None) == expected


def test_no_change_is_left_unwalked() -> None:
    walked = {(family, store, day) for family, store, day, _, _ in walks()}
    dated = {
        (rule.family, store, day)
        for rule in shipped().rules
        for day in (rule.effective_from, rule.effective_to)
        for store in rule.marketplaces
        if day is not None
    }

    assert walked == dated


def test_rules_without_dates_hold_on_every_day() -> None:
    undated = [r for r in shipped().rules if not r.effective_from and not r.effective_to]

    assert len(undated) == 14
    for rule in undated:
        for store in rule.marketplaces:
            for day in (date(2015, 1, 1), date(2026, 11, 1)):
                assert shipped().in_force(rule.family, store, day) == rule


# --- what the shipped rules amount to -------------------------------------------------------------


def test_a_loss_between_the_announced_and_the_real_day_is_valued_by_the_old_rule() -> None:
    """2025-03-10 was announced for sourcing cost and never came into force."""
    lost = date(2025, 3, 15)

    valued = shipped().in_force("fba.valuation.pre_order", "US", lost)
    postponed = shipped().postponed("fba.valuation.pre_order", "US", lost)

    assert valued is not None
    assert postponed is not None
    assert valued.id == "fba.valuation.pre_order.US.1"
    assert valued.basis == "estimated_proceeds"
    assert postponed.id == "fba.valuation.pre_order.US.1x"
    assert not postponed.sure


@pytest.mark.parametrize(
    ("day", "told"),
    [("2025-03-09", False), ("2025-03-10", True), ("2025-03-30", True), ("2025-03-31", False)],
)
def test_a_postponement_is_cited_only_in_its_announced_span(day: str, told: bool) -> None:
    found = shipped().postponed("fba.valuation.pre_order", "US", date.fromisoformat(day))

    assert (found is not None) == told


def test_a_store_without_a_rule_gets_no_other_stores_rule() -> None:
    today = date(2026, 11, 1)

    assert shipped().versions("fba.customer_return.window", "MX") == ()
    assert shipped().in_force("fba.customer_return.window", "AE", today) is None
    assert shipped().in_force("fba.valuation.pre_order", "JP", today) is None
    assert shipped().postponed("fba.valuation.pre_order", "DE", date(2025, 3, 15)) is None


def test_a_rule_that_is_only_paraphrased_assumed_or_old_is_not_sure() -> None:
    unsure = {rule.id: rule.why_unsure for rule in shipped().rules if not rule.sure}

    assert set(unsure) == {
        "fba.customer_return.window.CA.1",
        "fba.customer_return.window.EU.1",
        "fba.customer_return.window.JP.1",
        "fba.disposition.CARRIER_DAMAGED.1",
        "fba.disposition.DAMAGED.1",
        "fba.disposition.DISTRIBUTOR_DAMAGED.1",
        "fba.disposition.EXPIRED.1",
        "fba.disposition.WAREHOUSE_DAMAGED.1",
        "fba.proactive.EU.1",
        "fba.reevaluation.window.EU.1",
        "fba.return_carrier_damaged.window.US.1",
        "fba.return_liability.EU.1",
        "fba.valuation.pre_order.US.1x",
    }
    assert all(unsure.values())


def test_the_shipped_rulebook_is_read_once_and_survives_being_kept() -> None:
    assert shipped() is shipped()
    assert Rulebook.from_json(shipped().to_json()) == shipped()
    assert msgspec.json.decode(shipped().to_json())["rules"][0]["id"] == shipped().rules[0].id
