"""Whether a buyer's request may be declined: what the rights say of the day on which it came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar, Final

from ledger import desk
from ledger.book import Book
from ledger.case import Case
from ledger.desk import Request
from ledger.policy import Examination
from ledger.reasons import Reason, reason_of
from ledger.rights import (
    Basis,
    Right,
    RightsPolicy,
    any_reason,
    basis_of,
    guarantee_of,
    law_of,
)
from ledger.ruling import Ruling, ruling

IN_TIME: Final = "Did it come while the buyer needed no reason?"
GUARANTEED: Final = "Did it come within the seller's own guarantee?"
DEFECT: Final = "Does the law oblige the seller, were the defect there from the start?"
RISK: Final = "declining it would invite an A-to-z claim"


class Declining(RightsPolicy):
    """In time no reason is needed; late it is the seller's choice, unless the law gives a remedy for a defect."""

    claim_type: ClassVar[str] = "declining"
    title: ClassVar[str] = "Whether a request may be declined"
    families: ClassVar[tuple[str, ...]] = ("ret.window",)

    def rights(self, case: Case, book: Book, day: date) -> Iterator[Ruling]:
        """One answer for each request that had come by the day, judged on the day on which it came."""
        for request in desk.requests_of(case):
            if request.ref.day <= day and desk.programme_of(case, request.sku) != "MCF":
                basis = basis_of(case, book, request.sku, request.ref.day)
                yield _judge(case, basis, request)


def _judge(case: Case, basis: Basis, request: Request) -> Ruling:
    exam = Examination("declining", basis.day)
    reason = reason_of(request.reason)
    _say_request(exam, request, reason)
    found = [one for one in any_reason(basis) if one.kind == "withdrawal" or not request.withdrawal]
    answer = _in_time(exam, basis, request, found)
    if answer is None:
        answer = _guaranteed(exam, basis, request, reason) or _presumed(
            exam, basis, request, reason
        )
        _say_late(exam, found, basis.day, matters=answer is None)
        if answer is None:
            answer = _to_be_proved(exam, basis, request, reason)
    held = answer is not None
    words = (
        answer or "it came late: to decline it or to take it out of goodwill is the seller's choice"
    )
    return ruling(
        exam,
        case,
        "right",
        f"may not be declined: request of {request.ref.day}",
        "holds" if held else "ended",
        words,
        sku=request.sku,
        since=str(request.ref.day),
    )


def _say_request(exam: Examination, request: Request, reason: Reason) -> None:
    seen = [exam.saw(ref) for ref in request.refs]
    what = "withdrew from the contract" if request.withdrawal else f"asked: {reason}"
    flip = "A request of another day."
    exam.passed("What did the buyer do?", f"{what}, on {request.ref.day}", *seen, flip=flip)
    if not reason.known:
        exam.assume(f"The reason {reason.told} is read by nobody yet: it is taken for no defect.")


# --- while no reason is needed ----------------------------------------------------------------


def _in_time(
    exam: Examination, basis: Basis, request: Request, found: Sequence[Right]
) -> str | None:
    """Why it may not be declined, where it surely came in time."""
    covering = next((right for right in found if right.covers(basis.day)), None)
    if covering is not None:
        _cite(exam, covering)
        day = covering.last if covering.firm else covering.surely
        by = covering.rule_id or "the seller's own terms"
        answer = f"yes: the buyer {covering.what}, to {day} at least, by {by}"
        exam.passed(IN_TIME, answer, flip="Another day of order, delivery or request.")
        return f"the buyer {covering.what} and needs no reason; {RISK}"
    if request.in_policy:
        answer = "yes: Amazon says that it is in its policy, and authorizes it itself"
        seen = [exam.saw(ref) for ref in request.refs]
        exam.passed(IN_TIME, answer, *seen, flip="Amazon saying otherwise.")
        return f"Amazon says that it is in its policy; {RISK}"
    return None


def _say_late(exam: Examination, found: Sequence[Right], day: date, *, matters: bool) -> None:
    """It came after the last day of every right that is certain; one that is not leaves it open."""
    open_ = [right for right in found if not right.firm]
    for right in open_ if matters else ():
        for rule in right.exam.rules.values():
            exam.by(rule)
        question = right.exam.open_question() or "no day can be told"
        exam.doubt(IN_TIME, question, flip="An answer to that question.")
    if open_ or not found:
        return
    for right in found:
        _cite(exam, right)
    last = max(right.last for right in found if right.last is not None)
    answer = f"no: {last} was the last day, and it came {(day - last).days} days later"
    exam.failed(IN_TIME, answer, flip="Another day of order, delivery or request.")


def _cite(exam: Examination, right: Right) -> None:
    """The entries and rules of a right; of one that is only surely held, the rule that makes it sure."""
    rules = right.exam.rules.values() if right.firm else [right.surely_by]
    for rule in rules:
        if rule is not None:
            exam.by(rule)
    exam.positions.update(right.exam.positions)
    for text in right.exam.assumptions:
        exam.assume(text)


# --- later on ---------------------------------------------------------------------------------


def _guaranteed(exam: Examination, basis: Basis, request: Request, reason: Reason) -> str | None:
    """The seller's own promise, which is about defects and not about second thoughts."""
    guarantee = next(iter(guarantee_of(basis)), None)
    if guarantee is None or not guarantee.covers(basis.day) or not _alleges(request, reason):
        return None
    _cite(exam, guarantee)
    answer = f"yes, it runs to {guarantee.last or guarantee.surely} at least"
    exam.passed(GUARANTEED, answer, flip="Terms with another guarantee.")
    return "the seller's own guarantee still runs: what it promises is owed"


def _presumed(exam: Examination, basis: Basis, request: Request, reason: Reason) -> str | None:
    """The law's remedy while a defect counts as there from the start."""
    complaint, burden = _defects(basis, request)
    if complaint is None or burden is None or not _alleges(request, reason):
        return None
    if not (complaint.covers(basis.day) and burden.covers(basis.day)):
        return None
    _cite(exam, complaint)
    _cite(exam, burden)
    answer = f"yes: to {burden.last or burden.surely} the seller would have to disprove it"
    exam.passed(DEFECT, answer, flip="Proof that it was sound.")
    return "the law gives a remedy for a defect, unless the seller shows that it was sound"


def _to_be_proved(exam: Examination, basis: Basis, request: Request, reason: Reason) -> str | None:
    """The law's remedy where the buyer must prove the defect: that leaves the answer open."""
    complaint, _ = _defects(basis, request)
    if complaint is None:
        return None
    if not _alleges(request, reason):
        _say_no_defect(exam, complaint, basis.day)
        return None
    if not complaint.covers(basis.day):
        _say_ended(exam, complaint)
        return None
    _cite(exam, complaint)
    answer = "was the defect there from the start? The buyer must prove it by now"
    exam.doubt(DEFECT, answer, flip="What shows where the defect comes from, such as photographs.")
    return "the law gives a remedy for a defect that was there from the start"


def _defects(basis: Basis, request: Request) -> tuple[Right | None, Right | None]:
    """The right to complain of a defect, and the time in which it counts as there from the start."""
    if request.withdrawal:
        return None, None
    found = {right.kind: right for right in law_of(basis)}
    return found.get("conformity"), found.get("burden")


def _alleges(request: Request, reason: Reason) -> bool:
    """A guarantee is about defects: who calls on one that has ended alleges a defect, too."""
    return reason.alleges_defect or request.out_of_guarantee


def _say_no_defect(exam: Examination, complaint: Right, day: date) -> None:
    if complaint.covers(day):
        _cite(exam, complaint)
        answer = f"no defect is alleged; one could be, to {complaint.last or complaint.surely}"
        exam.passed(DEFECT, answer, flip="The buyer naming a defect.")


def _say_ended(exam: Examination, complaint: Right) -> None:
    if complaint.firm:
        _cite(exam, complaint)
        exam.failed(DEFECT, f"no: it ended on {complaint.last}", flip="A later delivery.")
        return
    for rule in complaint.exam.rules.values():
        exam.by(rule)
    question = complaint.exam.open_question() or "no day can be told"
    exam.doubt(DEFECT, question, flip="An answer to that question.")
