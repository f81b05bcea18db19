"""Every number and every day in every rule, changed one at a time, and the question that notices.

`python -m tests.rules.mutations` prints them all.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from ledger.rulebook import Cap, Rule, Rulebook, UnreadableRulebook, shipped
from ledger.values import Money
from tests.rules.answers import ANSWERS
from tests.rules.asked import Asked

NOT_ANSWERED: Final = ("id", "series", "title", "note", "sources", "terms")
"""Names and prose; the terms are changed one by one, and the titles have a test of their own."""

_NUMBER: Final = re.compile(r"\d+")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH: Final = re.compile(r"\d{4}-\d{2}")


class Mutation(NamedTuple):
    """One rule with one number or day changed."""

    rule: Rule
    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.rule.id}, {self.field}: {self.before} -> {self.after}"

    @property
    def place(self) -> tuple[str, str]:
        """The rule and the field that are changed, in whatever direction."""
        return self.rule.id, self.field


def mutations(book: Rulebook) -> Iterator[Mutation]:
    """Every change of one number or one day by one, up and down."""
    for rule in book.rules:
        for field in rule.__struct_fields__:
            if field in NOT_ANSWERED:
                continue
            told = getattr(rule, field)
            for after in changed(told):
                changed_rule = msgspec.structs.replace(rule, **{field: after})
                yield Mutation(changed_rule, field, *shown(told, after))
        for name, term in rule.terms.items():
            for after in changed(term):
                changed_rule = msgspec.structs.replace(rule, terms=rule.terms | {name: after})
                yield Mutation(changed_rule, name, *shown(term, after))


def changed(told: object) -> Iterator[Any]:
    """The values that differ from what is told by one number or day."""
    match told:
        case bool() | None:
            return
        case int():
            yield told + 1
            if told > 0:
                yield told - 1
        case date():
            yield told + timedelta(days=1)
            yield told - timedelta(days=1)
        case Cap():
            for amount in changed_amount(told.amount, told.currency):
                yield Cap(amount=amount, currency=told.currency)
        case dict():
            for currency, amount in told.items():
                for other in changed_amount(amount, currency):
                    yield told | {currency: other}
        case tuple():
            for place, word in enumerate(told):
                for other in changed(word):
                    yield (*told[:place], other, *told[place + 1 :])
        case str():
            yield from changed_text(told)


def shown(told: object, after: object) -> tuple[str, str]:
    """What was told and what stands there now; of a list only the text that differs."""
    if isinstance(told, tuple) and isinstance(after, tuple):
        return next((a, b) for a, b in zip(told, after, strict=True) if a != b)
    return str(told), str(after)


def changed_amount(amount: str, currency: str) -> Iterator[str]:
    """An amount that is a cent more, and one that is a cent less where there is one."""
    minor = Money.of(amount, currency).minor
    yield Money(minor + 1, currency).text
    if minor > 0:
        yield Money(minor - 1, currency).text


def changed_text(text: str) -> Iterator[str]:
    """The text with one number in it one more; a day is a day later or earlier."""
    if _DAY.fullmatch(text):
        for day in changed(date.fromisoformat(text)):
            yield day.isoformat()
        return
    for found in _NUMBER.finditer(text):
        more = int(found[0]) + 1
        if _MONTH.fullmatch(text) and found.start() > 0:
            more = more % 12 + 1
        yield text[: found.start()] + f"{more:0{len(found[0])}}" + text[found.end() :]


def noticed_by(mutation: Mutation, book: Rulebook) -> str | None:
    """The question whose answer changes, what refused the rulebook, or None."""
    rules = [mutation.rule if rule.id == mutation.rule.id else rule for rule in book.rules]
    try:
        mutated = Rulebook(rules)
    except UnreadableRulebook as error:
        return f"refused: {error}"
    for asked in in_likely_order(mutation.rule):
        if answer_of(asked, mutated) != asked.expected:
            return asked.question
    return None


def in_likely_order(rule: Rule) -> list[Asked]:
    """All questions, those first whose answer names the rule."""
    named = f"({rule.id})"
    likely = [
        asked for asked in ANSWERS if named in asked.expected or rule.series in asked.question
    ]
    return [*likely, *(asked for asked in ANSWERS if asked not in likely)]


def answer_of(asked: Asked, book: Rulebook) -> str:
    """The answer, or the refusal where the changed rule leaves nothing to answer with."""
    try:
        return asked.answer(book)
    except (KeyError, AssertionError) as error:
        return f"no answer: {error!r}"


def main() -> int:
    """Print each mutation with the question that noticed it; 1 where one went unnoticed."""
    book, unnoticed, tried = shipped(), 0, 0
    for mutation in mutations(book):
        noticed = noticed_by(mutation, book)
        tried += 1
        unnoticed += noticed is None
        sys.stdout.write(f"{mutation}\n    {noticed or 'NOT NOTICED'}\n")
    sys.stdout.write(f"\n{tried} mutations tried, {unnoticed} not noticed.\n")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
