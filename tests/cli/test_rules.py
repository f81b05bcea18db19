"""Rules in words: nothing of any rule is left without a meaning, and histories tell facts apart."""

from __future__ import annotations

from datetime import date
from typing import get_args

from cli.rules import (
    CLOCKS,
    PRECEDENCE_MEANS,
    SELECTED_BY,
    STATED,
    WholeRow,
    history,
    letters,
    question,
    stated,
    whole,
)
from ledger.rulebook import PRECEDENCES, Rule, Rulebook, shipped
from ledger.rulebook.rule import ClockFact, Selector
from tests.ledger.rulebook.test_rule import rule

SHOWN_ELSEWHERE = {"version_selected_by", "clock_from", "lost_clock_from", "first_hand", "terms"}


def test_every_fact_that_picks_or_starts_has_words() -> None:
    assert set(get_args(Selector)) == set(SELECTED_BY)
    assert set(get_args(ClockFact)) == set(CLOCKS)
    assert set(PRECEDENCES) == set(PRECEDENCE_MEANS)


def test_every_field_of_a_rule_is_shown_somewhere() -> None:
    """A number that a rule states and nobody is shown could be wrong for years."""
    shown = {*WholeRow.__struct_fields__, *STATED, *SHOWN_ELSEWHERE}

    assert [field for field in Rule.__struct_fields__ if field not in shown] == []


def test_every_rule_that_comes_with_the_program_can_be_told_whole() -> None:
    for one in shipped().rules:
        told = whole(one, shipped())
        assert all(row.meaning for row in told.stated)
        assert told.history
        assert (told.question is None) is one.sure


def test_a_number_is_told_with_its_unit_and_meaning() -> None:
    told = {
        row.name: (row.text, row.meaning)
        for row in stated(rule(terms={"respond_hours": 24, "binding": False}))
    }

    assert ("20 days", "after the clock's fact: the window's last day") == told["window_end_days"]
    assert ("24 hours", "within which the seller answers") == told["respond_hours"]
    assert "no" == told["binding"][0]


def test_amounts_and_lists_are_told_as_a_person_reads_them() -> None:
    told = {
        row.name: row.text
        for row in stated(rule(terms={"cap": {"USD": "5000.00"}, "forbidden": ("a", "b")}))
    }

    assert "5000.00 USD" == told["cap"]
    assert "a; b" == told["forbidden"]


def test_announced_postponed_in_force_and_superseded_are_facts_apart() -> None:
    versions = [
        rule(id="x.window.US.1", effective_to=date(2025, 3, 31), status="superseded"),
        rule(
            id="x.window.US.2",
            announced_on="2025-02",
            announced_for=date(2025, 3, 10),
            effective_from=date(2025, 3, 31),
        ),
        rule(id="x.window.US.3", effective_from=date(2025, 3, 10), status="never_in_force"),
    ]

    assert [
        ("2024-01-01", "in force", "x.window.US.1", "began"),
        ("2025-02", "announced", "x.window.US.2", "announced for 2025-03-10"),
        ("2025-03-10", "postponed", "x.window.US.2", "was to begin, and began on 2025-03-31"),
        (
            "2025-03-10",
            "never in force",
            "x.window.US.3",
            "was to begin, and never came into force",
        ),
        ("2025-03-31", "superseded", "x.window.US.1", "replaced by x.window.US.2"),
        ("2025-03-31", "in force", "x.window.US.2", "began"),
    ] == [(fact.day, fact.fact, fact.rule_id, fact.text) for fact in history(versions)]


def test_what_ended_without_a_follower_and_what_nobody_can_date_is_said() -> None:
    ended = rule(effective_to=date(2025, 1, 1), status="superseded")
    undated = rule(effective_from=None, status="superseded_date_unknown")

    assert ["in force", "ended"] == [fact.fact for fact in history([ended])]
    assert [(None, "in force"), (None, "superseded")] == [
        (fact.day, fact.fact) for fact in history([undated])
    ]


def test_a_rule_that_is_not_sure_asks_a_question_and_one_that_is_does_not() -> None:
    assert question(rule()) is None
    assert question(rule(evidence="C", verified=False)) == (
        "Where does Amazon itself, or the law, say so?"
    )
    assert question(rule(status="possibly_stale")) == "Does the page still say so today?"


def test_only_the_letters_that_occur_are_explained() -> None:
    assert letters(Rulebook([rule()]).rules) == "Evidence: A Amazon's own page or staff said so."
