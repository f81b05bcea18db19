"""What an examination amounts to: which test decides, and what the passing of days leaves alone."""

from __future__ import annotations

from datetime import date
from itertools import product

import msgspec
import pytest

from ledger import gates
from ledger.policies import POLICIES
from ledger.policy import ACT_ON, Examination, Finding, Policy, Verdict, best_verdict, finding_id
from ledger.rulebook import Rulebook, claim_window, shipped
from tests.ledger.account import TODAY, Account

DAY = date.fromisoformat(TODAY)
STATES = {"open": date(2026, 9, 1), "waiting": date(2026, 11, 1), "expired": date(2026, 6, 1)}
"""The day of a refund whose window is so today."""


def exam(state: str | None = "open", best: Verdict = "ready") -> Examination:
    made = Examination("return_missing", DAY, best)
    if state:
        made.window = claim_window(
            shipped(),
            gates.CUSTOMER_RETURN,
            "US",
            {"customer_refund_or_replacement_date": STATES[state]},
        )
    return made


# --- the order of verdicts --------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_without_doubts_the_window_decides(state: str) -> None:
    words = {"open": "ready", "waiting": "waiting", "expired": "expired"}

    assert words[state] == exam(state).outcome()[0]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verdict", ["paid", "not_claimable", "overpaid"])
def test_a_test_that_decides_comes_before_everything(state: str, verdict: Verdict) -> None:
    made = exam(state)
    made.doubt("a", "b", flip="c")
    made.ends(verdict, "test", "because", flip="what")
    made.ends("not_claimable", "test", "too late", flip="what")

    assert ((verdict, "because"), verdict) == (made.outcome(), made.standing())


@pytest.mark.parametrize(
    ("state", "kind"), list(product(STATES, ["doubt", "outdated", "unsettled"]))
)
def test_a_doubt_about_facts_files_or_the_window_comes_before_the_window(
    state: str, kind: str
) -> None:
    made = exam(state)
    getattr(made, kind)("test", "it is not known", flip="what")

    assert "review" == made.outcome()[0]
    assert "it is not known" in made.outcome()[1]


@pytest.mark.parametrize(
    ("state", "verdict"), [("open", "review"), ("waiting", "review"), ("expired", "expired")]
)
def test_a_doubt_about_a_rule_comes_after_a_window_that_has_passed(
    state: str, verdict: str
) -> None:
    made = exam(state)
    made.unsure("test", "the rule is not certain", flip="what")

    assert (verdict, "review") == (made.outcome()[0], made.standing())


def test_the_reason_names_every_doubt_and_the_window() -> None:
    made = exam("waiting")
    made.unsure("r", "an unsure rule", flip="x")
    made.doubt("f", "a doubtful fact", flip="x")

    assert "a doubtful fact; an unsure rule; the window opens on 2026-12-31" == made.outcome()[1]


def test_without_a_window_nothing_is_ready() -> None:
    assert ("review", "no claim window is known") == exam(None).outcome()
    assert "review" == exam(None).standing()


# --- what does not change with the days -------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_the_standing_is_the_same_before_in_and_after_the_window(state: str) -> None:
    assert ("open", "underpaid") == (exam(state).standing(), exam(state, "underpaid").standing())


@pytest.mark.parametrize(("kind", "standing"), [("doubt", "review"), ("outdated", "open")])
def test_old_files_do_not_change_the_standing_and_doubts_do(kind: str, standing: str) -> None:
    made = exam()
    getattr(made, kind)("test", "answer", flip="what")

    assert standing == made.standing()


@pytest.mark.parametrize(
    "change",
    [
        {"standing": "review"},
        {"quantity": 2},
        {"window_closes": None},
        {"amount_open": None},
        {"rule_ids": ()},
        {"entries": (1,)},
    ],
)
def test_a_judgement_is_another_when_any_of_its_parts_is(change: dict[str, object]) -> None:
    finding = ready()

    assert finding.fingerprint != msgspec.structs.replace(finding, **change).fingerprint


@pytest.mark.parametrize(
    "change", [{"verdict": "expired"}, {"reason": "x"}, {"assumptions": ()}, {"tests": ()}]
)
def test_words_and_the_days_verdict_make_no_new_judgement(change: dict[str, object]) -> None:
    finding = ready()

    assert finding.fingerprint == msgspec.structs.replace(finding, **change).fingerprint


def ready() -> Finding:
    told = Account().covers("2026-01-01", TODAY).sold("2026-08-20").refunded("2026-09-01")
    return told.the("return_missing")


def test_an_id_is_made_of_claim_type_anchor_and_unit() -> None:
    assert 4 == len(
        {finding_id("a", "x"), finding_id("b", "x"), finding_id("a", "y"), finding_id("a", "x", 2)}
    )
    assert finding_id("a", "x") == finding_id("a", "x", 1)


def test_a_test_must_say_what_would_change_it() -> None:
    with pytest.raises(AssertionError, match="what would change"):
        exam().passed("test", "answer", flip="")


def test_the_same_evidence_is_named_once() -> None:
    made = exam()
    rule = shipped().rule("fba.customer_return.window.US.3")
    made.passed("test", "answer", made.by(rule), made.by(rule), flip="what")
    made.assume("once")
    made.assume("once")

    assert (1, ["once"]) == (len(made.tests[0].decided_by), made.assumptions)


# --- the best that rules allow ----------------------------------------------------------------

every_claim = pytest.mark.parametrize(
    "policy", [policy for policy in POLICIES if policy.claims], ids=lambda policy: policy.name
)


@every_claim
def test_nothing_is_the_best_verdict_where_no_rule_is_known(policy: Policy) -> None:
    found = [best_verdict(policy, shipped(), store, DAY) for store in ("BR", "JP", "CA")]

    assert ["review"] * 3 == found


@every_claim
def test_the_best_verdict_needs_every_family_of_rules(policy: Policy) -> None:
    """Without any one of them, or with one that is not verified, it is `review`."""
    best = best_verdict(policy, shipped(), "US", DAY)
    for family in policy.families:
        others = [rule for rule in shipped().rules if rule.family != family]
        weaker = [
            msgspec.structs.replace(rule, verified=rule.verified and rule.family != family)
            for rule in shipped().rules
        ]
        for rulebook in (Rulebook(others), Rulebook(weaker)):
            assert "review" == best_verdict(policy, rulebook, "US", DAY)
    assert best in ACT_ON | {"review"}


def test_a_policy_with_a_fact_that_no_report_tells_has_no_better_than_review() -> None:
    assert {"return_wrong_item", "carrier_damage", "reversal_unsupported"} == {
        policy.name for policy in POLICIES if policy.untold
    }
