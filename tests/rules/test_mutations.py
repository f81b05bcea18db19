"""No number and no day in a rule can change without a seller's answer changing."""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec
import pytest

from ledger.rulebook import TERMS, Cap, Rule, Rulebook, shipped
from tests.rules.mutations import Mutation, changed, mutations, noticed_by


@pytest.fixture(scope="module")
def noticed() -> list[tuple[Mutation, str | None]]:
    """Each mutation with the question whose answer it changes."""
    return [(mutation, noticed_by(mutation, shipped())) for mutation in mutations(shipped())]


def test_every_mutation_is_noticed(noticed: list[tuple[Mutation, str | None]]) -> None:
    assert [str(mutation) for mutation, question in noticed if question is None] == []


def test_every_number_and_day_is_behind_an_answer(
    noticed: list[tuple[Mutation, str | None]],
) -> None:
    """The rulebook refuses days that would overlap; the other direction must change an answer."""
    places = {mutation.place for mutation, _ in noticed}
    answered = {
        mutation.place
        for mutation, question in noticed
        if question is not None and not question.startswith(("refused: ", "no answer: "))
    }

    assert places - answered == set()


def test_hundreds_of_mutations_are_tried_in_every_series_that_has_a_number(
    noticed: list[tuple[Mutation, str | None]],
) -> None:
    assert len(noticed) > 600
    assert len({mutation.place for mutation, _ in noticed}) > 290


def test_a_number_that_no_question_asks_for_would_be_found() -> None:
    rule = shipped().rule("msg.sla.US.1")
    unasked = msgspec.structs.replace(rule, terms=rule.terms | {"wait_days": 3})

    assert noticed_by(Mutation(unasked, "wait_days", "2", "3"), shipped()) is None


def test_a_change_is_noticed_by_the_question_that_rests_on_it() -> None:
    rule = shipped().rule("fba.customer_return.window.US.3")
    longer = msgspec.structs.replace(rule, window_end_days=121)

    assert noticed_by(Mutation(longer, "window_end_days", "120", "121"), shipped()) == (
        "US, refunded 2025-01-10, nothing came back: when may I claim?"
    )


@pytest.mark.parametrize(
    ("told", "after"),
    [
        (None, []),
        (True, []),
        (0, [1]),
        (7, [8, 6]),
        (date(2025, 1, 1), [date(2025, 1, 2), date(2024, 12, 31)]),
        (Cap(amount="5.00", currency="EUR"), [Cap("5.01", "EUR"), Cap("4.99", "EUR")]),
        ({"EUR": "0.00"}, [{"EUR": "0.01"}]),
        ("2025-01-31", ["2025-02-01", "2025-01-30"]),
        ("2024-12", ["2025-12", "2024-02"]),
        ("TLS 1.2", ["TLS 2.2", "TLS 1.3"]),
        (("toys", "day 9"), [("toys", "day 10")]),
        ("carrier", []),
    ],
)
def test_what_is_changed(told: object, after: list[object]) -> None:
    assert list(changed(told)) == after


# --- titles ---------------------------------------------------------------------------------------

COUNTED = (
    "window_start_days",
    "window_end_days",
    "window_end_months",
    "hard_stop_months",
    "not_returned_within_days",
    "per_unit_cap",
)


def numbers_stated(rule: Rule) -> set[int]:
    """Every number that the rule states in its fields and terms: months as years, too, days in parts."""
    days = [day for day in (rule.effective_from, rule.effective_to) if day]
    days += [day - timedelta(days=1) for day in days]
    days += [
        rule.day(name) for name, term in TERMS.items() if term.kind == "day" and name in rule.terms
    ]
    found = {part for day in days for part in (day.year, day.month, day.day)}
    terms = [term for name, term in rule.terms.items() if TERMS[name].kind != "day"]
    for told in (*(getattr(rule, field) for field in COUNTED), *terms):
        if isinstance(told, int):
            found |= {told, told // 12}
        elif told is not None:
            found |= {int(number) for number in re.findall(r"\d+", str(told))}
    return found


def test_a_title_has_no_number_that_the_rule_does_not_state() -> None:
    """A title that still told the old number would mislead whoever reads only the list."""
    odd = {}
    for rule in shipped().rules:
        told = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", rule.title)}
        if more := told - numbers_stated(rule):
            odd[rule.id] = more

    assert odd == {}


def test_mutations_leave_the_rulebook_as_it_was() -> None:
    before = shipped().digest
    next(mutations(shipped()))

    assert Rulebook(shipped().rules).digest == before
