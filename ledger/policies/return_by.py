"""The return-by day: of all rights that ask for no reason the later wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar, Final

from ledger.book import Book
from ledger.case import Case
from ledger.policy import Examination
from ledger.rights import (
    Basis,
    Right,
    RightsPolicy,
    any_reason,
    ask_delivered,
    ask_order,
    bases,
)
from ledger.ruling import Ruling, State, ruling


class ReturnBy(RightsPolicy):
    """Where a right that may be the later one is not certain, no day is told."""

    claim_type: ClassVar[str] = "return_by"
    title: ClassVar[str] = "The day until which it may be returned"
    families: ClassVar[tuple[str, ...]] = ("ret.window",)

    def rights(self, case: Case, book: Book, day: date) -> Iterator[Ruling]:
        """One answer for each SKU."""
        for basis in bases(case, book, day):
            yield _latest(case, basis, any_reason(basis))


def _latest(case: Case, basis: Basis, found: Sequence[Right]) -> Ruling:
    exam = Examination("return_by", basis.day)
    firm = [right for right in found if right.firm]
    surely, by = _surely(found)
    ask_order(exam, basis)
    ask_delivered(exam, basis, surely)
    winner = max(firm, key=lambda right: right.last or date.min, default=None)
    for right in sorted(found, key=lambda one: (one.firm, one is not winner)):
        _say(exam, right, wins=right is winner)
    if exam.open_question() and surely is not None and basis.delivered is not None:
        exam.doubt(
            _AT_LEAST, f"until that is settled only this is sure: to {surely}{by}", flip=_SETTLED
        )
    last = winner.last if winner else None
    state: State = "ended" if last is not None and last < basis.day else "holds"
    ends = f"to {last}" if state == "holds" else f"it ended on {last}"
    return ruling(
        exam,
        case,
        "right",
        "may return it for any reason",
        state,
        f"{ends}{_by(winner) if winner else ''}: of all such rights the later wins",
        sku=basis.sku,
        since=str(basis.delivered.day) if basis.delivered else None,
        due_at=last,
    )


_AT_LEAST: Final = "How long at least?"
_OWN: Final = "the seller's own terms"
_SETTLED: Final = "An answer to the question above."


def _say(exam: Examination, right: Right, *, wins: bool) -> None:
    """What one right comes to; what leaves it open, beside the facts that all of them rest on, is asked."""
    question = f"Until when: {right.what}?"
    evidence = [exam.by(rule) for rule in right.exam.rules.values()]
    exam.positions.update(right.exam.positions)
    for text in right.exam.assumptions:
        exam.assume(text)
    if right.firm:
        answer = f"{right.last}{': the latest' if wins else ''}"
        exam.passed(question, answer, *evidence, flip="Another day of order or delivery.")
        return
    asked = {test.test for test in exam.tests}
    for test in right.exam.tests:
        if not test.passed and test.test not in asked:
            exam.doubt(question, test.answer, *test.decided_by, flip=test.would_flip)


def _surely(found: Sequence[Right]) -> tuple[date | None, str]:
    """The latest day up to which one of them holds for certain, and by what."""
    sure = [right for right in found if right.surely is not None]
    right = max(sure, key=lambda one: one.surely or date.min, default=None)
    if right is None:
        return None, ""
    return right.surely, f" by {right.surely_by.id}" if right.surely_by else _by(right)


def _by(right: Right) -> str:
    return f" by {right.rule_id or _OWN}"
