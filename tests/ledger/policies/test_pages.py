"""What the pages say of rules and examples is what the rulebook and the policies say.

`pytest tests/ledger/policies/test_pages.py --regenerate` writes those parts anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from ledger.policies import POLICIES
from ledger.policy import Policy, best_verdict
from ledger.rulebook import EVIDENCE_MEANS, Rule, shipped
from tests.ledger.account import TODAY, Account

PAGES: Final = Path(__file__).resolve().parents[3] / "docs" / "policies"
DAY: Final = date(2026, 11, 23)
"""The day up to which the rules were read."""
REGIONS: Final = {
    "US": ("US",),
    "EU": ("DE", "FR", "IT", "ES", "NL", "PL", "SE", "BE", "IE"),
    "UK": ("UK",),
}
HEADINGS: Final = (
    "Who bears it",
    "What is found",
    "The window",
    "What it is worth",
    "What is assumed",
    "Reports it needs",
    "An example",
)


# --- examples ---------------------------------------------------------------------------------


def _covered() -> Account:
    return Account().covers("2026-01-01", TODAY)


def _eleven_of_sixteen() -> Account:
    told = _covered().lost("2026-10-10", 16, left=11, reconciled=5)
    for on in ("2026-10-12", "2026-10-13", "2026-10-15", "2026-10-17", "2026-10-24"):
        told.found(on)
    return told


def _refunded() -> Account:
    return _covered().sold("2026-08-20").refunded("2026-09-01")


EXAMPLES: Final[dict[str, Callable[[], Account]]] = {
    "return_missing": _refunded,
    "return_damaged": lambda: _refunded().returned("2026-09-05", disposition="CARRIER_DAMAGED"),
    "return_not_restocked": lambda: _refunded().returned("2026-09-05"),
    "fc_lost": _eleven_of_sixteen,
    "fc_damaged": lambda: (
        _covered()
        .broken("2026-10-15", left=1)
        .lost("2026-10-20", left=0, disposition="WAREHOUSE_DAMAGED")
    ),
    "removal_lost": lambda: (
        _covered().removal("2026-09-01", 5, shipped=4).removal_shipped("2026-09-10", 4)
    ),
    "removal_damaged": lambda: (
        _covered()
        .removal("2026-09-01", 2, shipped=2)
        .removal_shipped("2026-09-10", 2, disposition="CARRIER_DAMAGED")
    ),
    "underpaid": lambda: (
        _covered().sold("2026-06-20").refunded("2026-07-01").paid("2026-10-15", amount="8.50")
    ),
    "reversal_unsupported": lambda: (
        _covered()
        .lost("2026-09-05", left=1)
        .paid("2026-09-10", order=None, reason="Lost_Warehouse")
        .taken_back("2026-10-15")
    ),
}


def example(policy: Policy) -> list[str]:
    """The tests of the example in order, and its answer."""
    finding = EXAMPLES[policy.name]().the(policy.claim_type)
    lines = ["| | question | answer |", "|---|---|---|"]
    lines += [
        f"| {'✓' if test.passed else '✗'} | {test.test} | {test.answer} |" for test in finding.tests
    ]
    said = f"**`{finding.verdict}`**, {finding.quantity} {'unit' if finding.quantity == 1 else 'units'}"
    if finding.amount_open is not None:
        said += f", {finding.amount_open} open"
    if finding.window_opens:
        said += f", may be filed from {finding.window_opens} to {finding.window_closes}"
    return [*lines, "", f"{said}: {finding.reason}."]


# --- rules ------------------------------------------------------------------------------------


def rules(policy: Policy) -> list[str]:
    """Every version of every family that the policy rests on, for the regions of the table."""
    lines = ["| rule | stores | in force | says | evidence |", "|---|---|---|---|---|"]
    for family in policy.families:
        versions = {
            rule.id: rule
            for stores in REGIONS.values()
            for rule in shipped().versions(family, stores[0])
            if rule.ever_in_force
        }
        lines += [_rule(rule) for rule in versions.values()]
    return lines


def _rule(rule: Rule) -> str:
    stores = ", ".join(
        region for region, codes in REGIONS.items() if set(codes) <= set(rule.marketplaces)
    )
    begins = rule.effective_from or "unknown"
    held = f"since {begins}" if rule.effective_to is None else f"{begins} to {rule.effective_to}"
    sure = "" if rule.sure else f", not certain: {rule.why_unsure}"
    level = f"{rule.evidence}: {EVIDENCE_MEANS[rule.evidence]}{sure}"
    return f"| `{rule.id}` | {stores} | {held} | {rule.title} | {level} |"


# --- the pages --------------------------------------------------------------------------------


def _between(text: str, marker: str, lines: list[str]) -> str:
    """The text with these lines between its markers."""
    pattern = re.compile(rf"(<!-- {marker}: begin[^>]*-->\n).*?(<!-- {marker}: end -->)", re.DOTALL)
    assert pattern.search(text), f"no place for {marker}"
    written = "\n".join(lines)
    return pattern.sub(lambda found: f"{found[1]}{written}\n{found[2]}", text)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_rules_and_example_of_a_page_are_the_policys(
    policy: Policy, golden: Callable[[Path, str], None]
) -> None:
    page = PAGES / f"{policy.name}.md"
    text = _between(page.read_text("utf-8"), "rules", rules(policy))

    golden(page, _between(text, "example", example(policy)))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_page_says_everything_in_the_same_order(policy: Policy) -> None:
    text = (PAGES / f"{policy.name}.md").read_text("utf-8")

    assert text.startswith(f"# {policy.title}\n\nClaim type `{policy.name}`.\n")
    assert list(HEADINGS) == re.findall(r"^## (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("region", REGIONS)
def test_the_stores_of_a_region_have_one_answer(policy: Policy, region: str) -> None:
    """Otherwise the table of best verdicts would need a column for each."""
    assert 1 == len({best_verdict(policy, shipped(), store, DAY) for store in REGIONS[region]})
