"""The page about the rulebook tells the vocabulary as it is, and shows a rule as it is written."""

from __future__ import annotations

import tomllib

from ledger.rulebook import PRECEDENCES, shipped
from tests.rules.page import PAGE, rewritten


def test_the_page_has_the_whole_vocabulary() -> None:
    """Write it with `python -m tests.rules.page`."""
    page = PAGE.read_text("utf-8")

    assert rewritten(page) == page


def test_the_page_explains_every_precedence_in_its_order() -> None:
    page = PAGE.read_text("utf-8")
    places = [page.index(f"| `{precedence}` |") for precedence in PRECEDENCES]

    assert places == sorted(places)


def test_the_rule_on_the_page_is_the_one_that_is_shipped() -> None:
    example = PAGE.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    shown = tomllib.loads(example)
    rule = shipped().rule("ret.refund_clock.US.2")

    told = shown["rules"][0]
    assert (shown["series"], told["id"]) == (rule.series, rule.id)
    assert rule.title.startswith(told["title"].removesuffix("..."))
    assert told["effective_from"] == rule.effective_from
    assert told["announced_on"] == rule.announced_on
    assert told["version_selected_by"] == rule.version_selected_by
    assert set(told["terms"]) < set(rule.terms)
    assert all(rule.terms[name] == value for name, value in told["terms"].items())
