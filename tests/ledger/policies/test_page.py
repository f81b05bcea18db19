"""The pages on policies say what the rulebook and the policies say."""

from __future__ import annotations

import re

import pytest

from ledger.policies import POLICIES
from ledger.policy import Policy
from ledger.rulebook import shipped
from tests import write_docs

every_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.claim_type)


def page_of(policy: Policy) -> str:
    return (write_docs.PAGE.parent / f"{policy.claim_type}.md").read_text(encoding="utf-8")


def test_the_table_is_what_the_rulebook_gives() -> None:
    """When a rule changes, `python -m tests.write_docs` writes it anew; read the difference."""
    page = write_docs.PAGE.read_text(encoding="utf-8")

    assert write_docs.rewritten(page, write_docs.verdicts(shipped(), write_docs.DAY)) == page


def test_a_page_without_its_markers_is_told_so() -> None:
    with pytest.raises(ValueError, match=re.escape(write_docs.START)):
        write_docs.rewritten("# Policies\n", "a table")
    with pytest.raises(ValueError, match=re.escape(write_docs.END)):
        write_docs.rewritten(f"# Policies\n{write_docs.START}\n", "a table")


def test_no_damaged_return_is_better_than_review_while_its_rule_is_paraphrased() -> None:
    table = write_docs.verdicts(shipped(), write_docs.DAY)
    (row,) = [line for line in table.splitlines() if line.startswith("| [`return_damaged`]")]

    assert ["`review`"] * 3 == [cell.strip() for cell in row.split("|")[2:5]]


@every_policy
def test_a_page_names_every_family_that_its_policy_rests_on(policy: Policy) -> None:
    page = page_of(policy)

    assert [] == [family for family in policy.families if f"`{family}" not in page]


@every_policy
def test_a_page_names_every_rule_in_force_with_its_evidence(policy: Policy) -> None:
    page = page_of(policy)
    rules = write_docs.rules_of(policy, shipped(), write_docs.DAY)
    told = [
        rule
        for rule in rules
        if re.search(rf"`{re.escape(rule.id)}`[^\n]*\b{rule.evidence}\b", page)
    ]

    assert rules == told


@every_policy
def test_a_page_links_every_report_that_its_policy_needs(policy: Policy) -> None:
    page = page_of(policy)
    links = [f"[`{name}`](../reports/{name}.md)" for name in policy.needs]

    assert [] == [link for link in links if link not in page]


@every_policy
def test_a_page_bears_the_policy_s_title_and_is_linked(policy: Policy) -> None:
    assert page_of(policy).startswith(f"# {policy.title}\n")
    assert f"]({policy.claim_type}.md)" in write_docs.PAGE.read_text(encoding="utf-8")
