"""Writes the parts of the documentation that follow from the rulebook: `python -m tests.write_docs`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from ledger.policies import POLICIES
from ledger.policy import Policy, best_verdict
from ledger.rulebook import Rule, Rulebook, shipped
from tests.registries import ROOT

PAGE: Final = ROOT / "docs" / "policies" / "README.md"
DAY: Final = date(2026, 11, 23)
"""The day whose rules the page shows; it is stated in the page."""
REGIONS: Final = {"US": "US", "EU": "DE", "UK": "UK"}
"""The page's columns, each with the store that stands for it."""
START: Final = "<!-- verdicts: written by python -m tests.write_docs -->"
END: Final = "<!-- end of verdicts -->"


def verdicts(rulebook: Rulebook, day: date) -> str:
    """The generated part of the page: the day, the claims, why some answers can be no better, the rest."""
    claims = [policy for policy in POLICIES if policy.claims]
    lines = [
        f"On {day.isoformat()}, by the rulebook that is shipped:",
        "",
        f"| claim type | {' | '.join(REGIONS)} | rests on |",
        f"|---|{'---|' * len(REGIONS)}---|",
        *(_row(policy, rulebook, day) for policy in claims),
        "",
        "Why an answer can be no better than `review`:",
        "",
        *(f"- {reason}" for policy in claims for reason in _reasons(policy, rulebook, day)),
        "",
        "What is ruled beside the claims, and the rules on which it can be firm;",
        "where there is none, or none that is certain, the answer is `review` with its question:",
        "",
        f"| duty, right or cost | {' | '.join(REGIONS)} |",
        f"|---|{'---|' * len(REGIONS)}",
        *(_rests_on(policy, rulebook, day) for policy in POLICIES if not policy.claims),
    ]
    return "\n".join(lines)


def rewritten(page: str, generated: str) -> str:
    """The page with its generated part replaced; ValueError where a marker is missing."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"the page lacks the line {END if start else START}")
    return f"{before}{START}\n\n{generated}\n\n{END}{after}"


def rules_of(policy: Policy, rulebook: Rulebook, day: date) -> list[Rule]:
    """The rules in force on which a policy rests in any of the regions, by family."""
    found = [
        rulebook.in_force(family, store, day)
        for family in policy.families
        for store in REGIONS.values()
    ]
    return list(dict.fromkeys(rule for rule in found if rule is not None))


def _row(policy: Policy, rulebook: Rulebook, day: date) -> str:
    best = [f"`{best_verdict(policy, rulebook, store, day)}`" for store in REGIONS.values()]
    rules = [f"`{rule.id}` {rule.evidence}" for rule in rules_of(policy, rulebook, day)]
    name = f"[`{policy.claim_type}`]({policy.claim_type}.md)"
    return f"| {name} | {' | '.join(best)} | {', '.join(rules)} |"


def _rests_on(policy: Policy, rulebook: Rulebook, day: date) -> str:
    """A policy without claims: the certain rules of each region, or `review`."""
    cells = []
    for store in REGIONS.values():
        found = [rulebook.in_force(family, store, day) for family in policy.families]
        sure = [f"`{rule.id}` {rule.evidence}" for rule in found if rule is not None and rule.sure]
        cells.append(", ".join(sure) or ("`review`" if policy.families else "no rule"))
    return f"| [`{policy.claim_type}`]({policy.claim_type}.md) | {' | '.join(cells)} |"


def _reasons(policy: Policy, rulebook: Rulebook, day: date) -> Iterator[str]:
    name = f"`{policy.claim_type}`"
    if policy.untold:
        yield f"{name}: {policy.untold}."
    for rule in rules_of(policy, rulebook, day):
        if not rule.sure:
            yield f"{name} rests on `{rule.id}`: {rule.why_unsure}."
    for family in policy.families:
        missing = [
            region
            for region, store in REGIONS.items()
            if rulebook.in_force(family, store, day) is None
        ]
        if missing:
            yield f"{name}: no rule of `{family}` is known for {', '.join(missing)}."


def main() -> None:
    """Rewrite the page in place."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(rewritten(page, verdicts(shipped(), DAY)), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
