"""The rules that are shipped: complete, as their sources tell them, changing on the right days."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.rulebook import Rule, Rulebook, shipped

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "rules.json"

SERIES = {
    "ret.holiday.2024.DE-IT.14day_categories": "ret.holiday.DE-IT.14day_categories",
    "ret.holiday.2025.DE-IT.14day_categories": "ret.holiday.DE-IT.14day_categories",
    "ret.holiday.2025.ES.default": "ret.holiday.ES.default",
    "safet.window.US.0covid": "safet.window.US",
}
"""Rules that we put in another series than the reference: the one that their id names."""

FACTS = {
    "refund_charged_date": "refund_date",
    "later_of(return_delivery_scan,refund_date)": "later_of_return_scan_and_refund_date",
    "last_carrier_scan": "last_carrier_scan_date",
    "shipment_delivery_date": "shipment_delivered_date",
    "verified_shipment_delivery_date": "shipment_delivered_date",
}
"""Facts that we call otherwise."""

NAMES = {
    "anchor_date": "clock_from",
    "lost_shipment_anchor": "lost_clock_from",
    "hard_stop_anchor": "hard_stop_from",
    "excludes": "basis_excludes",
    "manual_if": "authorized_by_seller",
    "exempt": "exempt_products",
    "trigger": "refund_trigger",
    "outbound_shipping_refunded": "outbound_postage_refunded",
    "standard_outbound_refunded": "outbound_postage_refunded",
    "late_original_condition_pct": "late_pct",
    "buyer_fault_codes": "buyer_reasons",
    "seller_issued_refunds_eligible": "seller_refunds_eligible",
    "latest_days_after_max_edd": "latest_days_after_estimated_delivery",
    "info_request_hours": "info_reply_hours",
    "either_cost_or_ODR_may_be_reversed": "cost_or_odr_reversed_apart",
    "all_of": "funded_if_all",
    "no_response_needed_flag": "may_mark_no_response_needed",
    "channel": "channels",
    "at_rest": "encryption_at_rest",
    "in_transit": "encryption_in_transit",
    "to": "notify_to",
    "method": "deletion_method",
    "review": "access_review",
    "password_min": "password_min_length",
    "removed": "removed_reports",
    "use": "use_instead",
    "if_not_informed_extra_months": "not_informed_extra_months",
    "months": "retention_months",
    "years": "retention_years",
    "original_years": "original_retention_years",
    "books_and_accounts_years": "books_retention_years",
    "commercial_letters_years": "letters_retention_years",
    "omitted_income_years": "omitted_income_retention_years",
    "bad_debt_years": "bad_debt_retention_years",
}
"""What the reference calls a number, a list or a yes and no, where we call it otherwise."""

NAMES_BY_RULE = {
    ("dpp.pii_retention.1", "days"): "retention_days",
    ("dpp.deletion.1", "days"): "delete_within_days",
    ("dpp.incident.1", "hours"): "notify_hours",
    ("msg.sla.US.1", "hours"): "respond_hours",
}

IN_WORDS = {
    "opens_when": "opens_when",
    "definition": "basis_meaning",
    "price_indicators": "basis_meaning",
    "not_returned_outcome": "not_returned_outcome",
    "sellable": "sellable_outcome",
    "unsellable_amazon_responsible": "unsellable_amazon_fault_outcome",
    "unsellable_other": "unsellable_other_outcome",
    "on_miss": "on_miss",
    "on_missing_address": "on_miss",
    "decision_on": "decided_on",
    "exception": "funding_exception",
    "refused_returning": "on_refused_returning",
    "not_shipped_by_date": "on_not_shipped_in_time",
    "refund_counts_from": "refund_counts_from",
    "may_withhold_until": "may_withhold_until",
    "return_cost": "return_postage_paid_by",
    "requirement": "requirement",
    "from_": "retention_from",
    "applies_to": "applies_to",
    "revenue": "revenue",
    "refund_liability": "refund_liability",
    "return_asset": "return_asset",
    "remeasure": "remeasured",
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

EARLY = {
    "seller_reason": ["outbound:seller", "return:seller"],
    "buyer_reason": ["outbound:seller", "return:buyer*"],
}
LATE = EARLY | {"buyer_reason": ["outbound:buyer", "return:buyer*"]}

STRUCTURED: dict[tuple[str, str], tuple[object, dict[str, object]]] = {
    ("ret.window.DEIT_electronics.1", "transition"): (
        {"until": "2024-04-25", "online_requests_still_days": 30},
        {"transition_until": "2024-04-25", "transition_days": 30},
    ),
    ("ret.authorization.US.1", "auto_if"): ("in_policy", {"authorized_by_amazon": ("in_policy",)}),
    ("ret.refund_clock.US.1", "deadline"): (2, {"deadline_business_days": 2}),
    ("ret.refund_clock.US.1", "unit"): ("business_days", {}),
    ("ret.refund_clock.US.2", "deadline"): (4, {"deadline_days": 4}),
    ("ret.refund_clock.US.2", "unit"): ("calendar_days", {}),
    ("ret.refund_clock.EU.1", "deadline"): (2, {"deadline_business_days": 2}),
    ("ret.refund_clock.EU.1", "unit"): ("business_days", {}),
    ("ret.buyer_fees.US.1", "late_fee"): (
        [{"days": "1-30 after return-by", "pct": 20}, {"days": ">30", "pct": 100}],
        {"late_fee_first_days": 30, "late_fee_first_pct": 20, "late_fee_after_pct": 100},
    ),
    ("ret.postage.US.1", "seller_fault"): (
        "seller pays, outbound + return",
        {"seller_reason_outbound": "seller", "seller_reason_return": "seller"},
    ),
    ("ret.postage.US.1", "customer_fault"): (
        "return cost may be deducted",
        {"buyer_reason_return": "buyer"},
    ),
    ("ret.postage.EU.1", "d0_14"): (
        EARLY,
        {
            "seller_reason_outbound": "seller",
            "seller_reason_return": "seller",
            "buyer_reason_outbound": "seller",
            "buyer_reason_return": "buyer",
            "outbound_first_days": 14,
        },
    ),
    ("ret.postage.EU.1", "d15_30"): (
        LATE,
        {"buyer_reason_outbound_late": "buyer", "outbound_last_days": 30},
    ),
    ("ret.postage.EU.1", "star"): (
        "seller pays if free-return item or seller is outside the country",
        {"seller_pays_return_anyway": ("free-return item", "seller outside the country")},
    ),
    ("ret.returnless.ANY.1", "note"): (
        "a rule active when the order was placed applies even if deleted before the return request",
        {"binds_though_deleted": True},
    ),
    ("ret.intl.EU_low.1", "threshold"): (
        {"EUR": 25, "GBP": 20},
        {"threshold": {"EUR": "25.00", "GBP": "20.00"}, "threshold_inclusive": True},
    ),
    ("ret.intl.US.1", "threshold"): (
        {"USD": 10},
        {"threshold": {"USD": "10.00"}, "threshold_inclusive": False},
    ),
    ("ret.intl.US.2", "threshold"): (
        {"USD": 25},
        {"threshold": {"USD": "25.00"}, "threshold_inclusive": True},
    ),
    ("ret.intl.US.2", "return_shipping"): (
        "always seller on international returns",
        {"international_label_paid_by": "seller"},
    ),
    ("safet.window.US.1", "count_from"): ("next calendar day", {"counted_from_next_day": True}),
    ("safet.window.US.1", "cap"): (
        {"amount": 5000, "currency": "USD", "per": "order"},
        {"cap": {"USD": "5000.00"}, "cap_per": "order"},
    ),
    ("safet.appeal.ANY.1", "deadline"): (
        "as shown on Manage SAFE-T Claims",
        {"deadline_shown_on": "the claim itself, in Manage SAFE-T Claims"},
    ),
    ("fee.refund_admin.US.1", "cap"): (
        {"amount": 5, "currency": "USD"},
        {"cap": {"USD": "5.00"}},
    ),
    ("fee.refund_admin.UK.1", "cap"): (
        {"amount": 5, "currency": "GBP"},
        {"cap": {"GBP": "5.00"}},
    ),
    ("fee.refund_admin.US.1", "media_full_refund_fee"): (
        0,
        {"media_full_refund_fee": {"USD": "0.00"}},
    ),
    ("fee.high_return_rate.US.1", "threshold"): (
        "per category; amounts not read",
        {"amounts_told": "a threshold for each category; the amounts were not read"},
    ),
}
"""What the reference tells in a form of its own, and the terms in which we tell the same."""

BESIDE_THE_REFERENCE = {
    ("dpp.nonpii_retention.1", "longer_only_if_law"),
    ("dpp.version.4", "contradicted_start"),
    ("fee.refund_admin.UK.1", "cap_per"),
    ("law.uk.cra.1", "refund_counts_from"),
    ("ret.holiday.2020.US.default", "dates_are_of"),
    ("ret.holiday.2025.DE-IT.14day_categories", "categories"),
    ("ret.intl.DE.1", "threshold_above"),
    ("ret.intl.EU_low.1", "domestic_address"),
    ("ret.intl.UK.1", "international_label_paid_by"),
    ("ret.intl.UK.1", "threshold_above"),
    ("ret.intl.UK.2", "threshold_above"),
    ("ret.intl.US.1", "domestic_address"),
}
"""Terms that we took from a title, a note or the page about the policies beside the rules."""


def reference_rules() -> list[dict[str, Any]]:
    """The rules of the reference, all of which this rulebook must have."""
    if not REFERENCE.exists():
        pytest.skip("the reference that the rules were taken from is not beside this checkout")
    told: list[dict[str, Any]] = json.loads(REFERENCE.read_text("utf-8"))["rules"]
    return told


def as_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def test_136_rules_are_shipped() -> None:
    assert len(shipped().rules) == 136
    assert len({rule.series for rule in shipped().rules}) == 105


def test_every_rule_of_the_reference_is_shipped_and_nothing_else() -> None:
    assert {rule.id for rule in shipped().rules} == {told["id"] for told in reference_rules()}


def test_scope_dates_and_selector_are_those_of_the_reference() -> None:
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        assert rule.series == SERIES.get(rule.id, told["series"])
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
        cited = [re.sub(r"^.*(?=https?://)", "", source) for source in told["source_urls"]]
        assert list(rule.sources) == cited, rule.id
        assert rule.status == told["status"]
        assert rule.evidence == told["evidence_level"]
        assert rule.verified == told["verified"]
        assert rule.first_hand == told["first_hand"]
        assert list(rule.required_evidence) == told["required_evidence"]
        assert list(rule.excluded) == told["excluded"]
        assert rule.note or not told["note"], rule.id
        claimable = rule.words("claimable_for") if rule.states("claimable_for") else ()
        assert list(claimable) == (told["outcome"] or []), rule.id


def stated(rule: Rule, name: str) -> object:
    """What the rule states under a name of ours: a term, or a field of its own."""
    return rule.terms[name] if name in rule.terms else getattr(rule, name, None)


def our_words(told: object) -> object:
    """What the reference tells, as we write it."""
    if isinstance(told, list):
        return tuple(told)
    return FACTS.get(told, told) if isinstance(told, str) else told


def our_name(rule: Rule, name: str) -> str:
    return NAMES_BY_RULE.get((rule.id, name), NAMES.get(name, name))


def check_parameter(rule: Rule, name: str, told: Any) -> None:
    """Assert that the rule states what the reference tells under that name."""
    if (rule.id, name) in STRUCTURED:
        expected, ours = STRUCTURED[rule.id, name]
        assert told == expected
        assert {term: rule.terms.get(term) for term in ours} == ours, (rule.id, name)
    elif name in IN_WORDS:
        assert stated(rule, IN_WORDS[name]), (rule.id, name)
    elif name in CAPS:
        cap = getattr(rule, name)
        ours_ = cap and {"amount": cap.money.minor // 100, "currency": cap.currency}
        assert ours_ == told, rule.id
    elif name == "default_liable_party":
        assert rule.liable_party == LIABLE[told]
    elif name in ("purchased_from", "purchased_before"):
        day = rule.effective_from if name == "purchased_from" else rule.effective_to
        assert day == as_day(told)
    elif name == "rule":
        assert rule.flag("later_wins")
    elif name == "return_until":
        assert rule.day("return_until") == as_day(told)
    else:
        assert stated(rule, our_name(rule, name)) == our_words(told), (rule.id, name)


def test_every_parameter_of_the_reference_is_stated() -> None:
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        for name, parameter in told["parameters"].items():
            check_parameter(rule, name, parameter)


FLAT = (
    "clock_from",
    "lost_clock_from",
    "opens_when",
    "window_start_days",
    "window_end_days",
    "window_end_months",
    "hard_stop_from",
    "hard_stop_months",
    "day_unit",
    "basis",
    "basis_excludes",
    "seller_cost_else_amazon_estimate",
    "disposition",
    "not_returned_within_days",
    "automatic",
    "manual_still_needed",
    "time_limit_days",
    "settlement_codes",
    *CAPS,
)


def names_told(rule: Rule, parameters: dict[str, Any]) -> set[str]:
    """Our names for everything that the reference tells of a rule."""
    names = {"later_wins", "claimable_for"}
    for name, told in parameters.items():
        if told is None:
            continue
        names.add(IN_WORDS.get(name, our_name(rule, name)))
        names.update(STRUCTURED.get((rule.id, name), (None, {}))[1])
    return names


def test_no_rule_states_what_the_reference_does_not() -> None:
    """A number nobody told must not creep in."""
    beside = set()
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        stating = {field for field in FLAT if getattr(rule, field) not in (None, ())}
        more = (stating | set(rule.terms)) - names_told(rule, told["parameters"])
        beside |= {(rule.id, name) for name in more}
    assert beside == BESIDE_THE_REFERENCE


def test_titles_and_notes_are_our_own_words() -> None:
    for told in reference_rules():
        rule = shipped().rule(told["id"])
        assert rule.title != told["title"]
        assert not rule.note or rule.note != told["note"]


def test_rules_without_dates_hold_on_every_day() -> None:
    undated = [r for r in shipped().rules if not r.effective_from and not r.effective_to]

    assert len(undated) == 51
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
        "az.response.US.0",
        "dpp.nonpii_retention.1",
        "fba.customer_return.window.CA.1",
        "fba.customer_return.window.EU.1",
        "fba.customer_return.window.JP.1",
        "fba.disposition.CARRIER_DAMAGED.1",
        "fba.disposition.DAMAGED.1",
        "fba.disposition.DISTRIBUTOR_DAMAGED.1",
        "fba.disposition.EXPIRED.1",
        "fba.disposition.WAREHOUSE_DAMAGED.1",
        "fba.fee_overcharge.window.ANY.1",
        "fba.inbound.window.US.1",
        "fba.proactive.EU.1",
        "fba.reevaluation.window.EU.1",
        "fba.return_carrier_damaged.window.US.1",
        "fba.return_liability.EU.1",
        "fba.sourcing_cost.resubmit.US.1",
        "fba.valuation.pre_order.US.1x",
        "fee.high_return_rate.US.1",
        "law.eu.repair.1",
        "law.eu.withdrawal_button.1",
        "ret.holiday.2024.US.default",
        "ret.holiday.2025.ES.default",
        "ret.holiday.2026.EU.default",
        "ret.holiday.2026.US.default",
        "ret.intl.US.1",
        "ret.postage.EU.1",
        "ret.restocking_table.US.1",
        "safet.window.EU.1",
    }
    assert all(unsure.values())


def test_the_shipped_rulebook_is_read_once_and_survives_being_kept() -> None:
    assert shipped() is shipped()
    assert Rulebook.from_json(shipped().to_json()) == shipped()
    assert msgspec.json.decode(shipped().to_json())["rules"][0]["id"] == shipped().rules[0].id
