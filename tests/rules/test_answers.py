"""What the rulebook answers to sellers' questions is what the sources say."""

from __future__ import annotations

from collections import Counter

import pytest

from ledger.rulebook import shipped
from tests.rules.answers import ANSWERS
from tests.rules.asked import Asked


@pytest.mark.parametrize("asked", ANSWERS, ids=lambda asked: asked.question)
def test_the_answer_is_what_the_sources_say(asked: Asked) -> None:
    assert asked.answer(shipped()) == asked.expected


def test_no_question_is_asked_twice() -> None:
    asked_twice = [
        question for question, n in Counter(a.question for a in ANSWERS).items() if n > 1
    ]

    assert asked_twice == []


def test_what_is_not_verified_is_never_said_as_if_it_were_sure() -> None:
    """The rule ids in an answer that was given as sure are of sure rules."""
    unsure = [f"({rule.id})" for rule in shipped().rules if not rule.sure]
    for asked in ANSWERS:
        if any(rule_id in asked.expected for rule_id in unsure):
            assert "to be reviewed, perhaps " in asked.expected, asked.question
