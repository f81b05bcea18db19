"""Amazon's reason codes: what they mean, and whose fault that is."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from ledger.reasons import BUYER_REASONS, reason_of
from ledger.reports.mfn_returns import KNOWN_REASONS
from ledger.rulebook import shipped

RULE = shipped().in_force("ret.postage", "US", date(2026, 3, 1))


@pytest.mark.parametrize(
    "told",
    [
        "CR-ORDERED_WRONG_ITEM",
        "CR-FOUND_BETTER_PRICE",
        "CR-UNWANTED_ITEM",
        "CR-QUALITY_UNACCEPTABLE",
        "NOT_COMPATIBLE",
        "PART_NOT_COMPATIBLE",
        "EXCESSIVE_INSTALLATION",
        "AMZ-PG-MISORDERED",
    ],
)
def test_what_the_rule_lists_is_put_down_to_the_buyer(told: str) -> None:
    assert ("buyer", True) == (reason_of(told, RULE).fault, reason_of(told, RULE).known)


def test_every_reason_that_the_rule_lists_has_a_code() -> None:
    """A reason that no code means would be listed and never applied."""
    assert RULE is not None
    codes = ["UNWANTED_ITEM", "ORDERED_WRONG_ITEM", "FOUND_BETTER_PRICE", "QUALITY_UNACCEPTABLE"]
    codes += ["NOT_COMPATIBLE", "PART_NOT_COMPATIBLE", "EXCESSIVE_INSTALLATION"]

    assert {reason_of(one).means for one in codes} == set(RULE.words(BUYER_REASONS))


def test_a_reason_that_the_rule_no_longer_lists_is_unclear() -> None:
    assert RULE is not None
    shorter = msgspec.structs.replace(RULE, terms={BUYER_REASONS: ("better price",)})

    assert "unclear" == reason_of("CR-UNWANTED_ITEM", shorter).fault
    assert "buyer" == reason_of("CR-FOUND_BETTER_PRICE", shorter).fault


@pytest.mark.parametrize(
    "told",
    ["CR-DEFECTIVE", "AMZ-PG-BAD-DESC", "CR-SWITCHEROO", "CR-MISSING_PARTS", "CR-DAMAGED_BY_FC"],
)
def test_a_defect_is_alleged_against_the_seller(told: str) -> None:
    reason = reason_of(told, RULE)

    assert ("seller", True) == (reason.fault, reason.alleges_defect)


def test_who_names_no_reason_has_changed_his_mind() -> None:
    assert ["buyer"] * 3 == [reason_of(told, RULE).fault for told in (None, " ", "NO_REASON_GIVEN")]
    assert "no reason given" == str(reason_of(None))


@pytest.mark.parametrize("told", ["AMZ-PG-APP-TOO-SMALL", "DID_NOT_LIKE_FABRIC", "CR-NEWLY_MADE"])
def test_a_reason_on_no_list_is_nobodys_fault_for_certain(told: str) -> None:
    """Its code is kept as it was told."""
    assert ("unclear", told) == (reason_of(told, RULE).fault, reason_of(told, RULE).told)


def test_a_code_that_nobody_knows_says_so() -> None:
    reason = reason_of("CR-NEWLY_MADE")

    assert not reason.known
    assert "CR-NEWLY_MADE (a code that no list of Amazon's explains)" == str(reason)


def test_every_code_of_the_returns_report_is_known() -> None:
    assert [] == [told for told in KNOWN_REASONS if not reason_of(told).known]


def test_the_prefix_of_a_report_changes_nothing() -> None:
    spellings = ("AMZ-PG-APP-TOO-LARGE", "AMZ-PG-WJ-TOO-LARGE", "APPAREL_TOO_LARGE")

    assert {"TOO_LARGE"} == {reason_of(told).name for told in spellings}
