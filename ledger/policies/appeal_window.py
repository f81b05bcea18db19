"""Appealing the decision about a claim."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import clocks, gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.clocks import Done, Limit
from ledger.desk import Claim, claims_of
from ledger.events.claims import ClaimDecided
from ledger.policy import Examination, Policy
from ledger.ruling import Ruling

SAFE_T: Final = "safet.appeal"
SAFE_T_WINDOW: Final = "safet.window"
A_TO_Z: Final = "az.appeal"
CHARGED_THEN: Final = "The seller was charged on the day of the decision: a later charge would make the last day later."


class AppealWindow(Policy):
    """A decision against the seller may be appealed until its day; a SAFE-T claim once."""

    claim_type: ClassVar[str] = "appeal_window"
    title: ClassVar[str] = "Appealing a decision"
    families: ClassVar[tuple[str, ...]] = (SAFE_T, A_TO_Z)
    claims: ClassVar[bool] = False
    duties: ClassVar[bool] = True

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One duty for each claim that the seller lost."""
        if not case.deeds:
            return
        for claim in claims_of(case).values():
            if claim.decision is not None and _lost(claim, claim.decision[1]):
                yield self._judge(case, book, as_of, claim, *claim.decision)

    def _judge(
        self, case: Case, book: Book, as_of: date, claim: Claim, ref: Ref, decision: ClaimDecided
    ) -> Ruling:
        exam = Examination(self.claim_type, as_of)
        if decision.appeal_until is not None:
            limit: Limit | None = _shown(exam, case, book, claim, ref, decision.appeal_until)
        else:
            gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
            limit = _ask_limit(exam, case, book, claim, ref)
        done = [Done(ref=one, what="the appeal was filed") for one, _ in claim.appeals[:1]]
        return clocks.duty(
            exam,
            case,
            f"appeal the decision about the claim {claim.name}",
            ref,
            limit,
            done[0] if done else None,
            happened="it was decided on",
            undone="no appeal is recorded",
            sku=claim.sku,
            claim=claim.name,
            if_missed="the decision stands",
        )


def _lost(claim: Claim, decision: ClaimDecided) -> bool:
    """True where the seller lost, and bears it: what Amazon pays of a buyer's claim is nothing to appeal."""
    if claim.by == "buyer":
        return claim.lost and decision.funded_by in (None, "seller")
    known = claim.door == "safe_t" or decision.appeal_until is not None
    return claim.lost and known


def _shown(exam: Examination, case: Case, book: Book, claim: Claim, ref: Ref, until: str) -> Limit:
    """The day that the decision itself shows: it counts before any rule."""
    answer = f"until {clocks.when(until)}, as the decision shows"
    flip = "A correction of that entry."
    evidence = [exam.saw(ref)]
    family = {"safe_t": SAFE_T, "a_to_z": A_TO_Z}.get(claim.door)
    if family is not None and case.marketplace is not None:
        day = exam.as_of if family == SAFE_T else ref.day
        rule = book.rulebook.in_force(family, case.marketplace, day)
        evidence += [exam.by(rule)] if rule is not None and rule.sure else []
    exam.passed("Until when may it be appealed?", answer, *evidence, flip=flip)
    return Limit(due_at=until)


def _ask_limit(exam: Examination, case: Case, book: Book, claim: Claim, ref: Ref) -> Limit | None:
    """What a rule gives where the decision shows no day: 30 days for A-to-z; for SAFE-T it is never guessed."""
    if case.marketplace is None:
        return None
    if claim.door == "safe_t":
        return _ask_safe_t(exam, book, case.marketplace, claim, ref)
    family = A_TO_Z if claim.door == "a_to_z" else f"{claim.door}.appeal"
    question = "Until when may it be appealed?"
    rule = clocks.ask_rule(exam, book, family, case.marketplace, ref, question)
    if rule is None:
        return None
    exam.assume(CHARGED_THEN)
    return clocks.days_after(ref, rule.number("deadline_days"), rule)


def _ask_safe_t(
    exam: Examination, book: Book, marketplace: str, claim: Claim, ref: Ref
) -> Limit | None:
    question = "Until when may it be appealed?"
    filed = claim.filed or ref
    window = book.rulebook.in_force(SAFE_T_WINDOW, marketplace, filed.day)
    if window is not None and window.states("appeal_business_days"):
        gates.ask_rule(exam, question, window)
        days = window.number("appeal_business_days")
        last = min(clocks.business_days_after(day, days) for day in clocks.days_of(ref))
        return Limit(due_at=last.isoformat(), rule=window, assumptions=(clocks.NO_HOLIDAYS,))
    rule = book.rulebook.in_force(SAFE_T, marketplace, exam.as_of)
    evidence = [exam.saw(ref)]
    where = "the claim itself"
    if rule is not None and rule.states("deadline_shown_on"):
        evidence.append(exam.by(rule))
        where = rule.text("deadline_shown_on")
    answer = f"its last day is not told: {where}, shows it"
    flip = "The decision recorded with the day that it shows."
    exam.doubt(question, answer, *evidence, flip=flip)
    return None
