"""A reimbursement taken back, though nothing shows that the unit was found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar, Final

from ledger import gates
from ledger.book import REIMBURSEMENTS, STOCK, Book
from ledger.case import Case, Movement, Reimbursement
from ledger.policy import Examination, Finding, Policy

NEAR_DAYS: Final = 30
"""A unit that justifies a reversal shows in the inventory ledger within so many days, either side."""


class ReversalUnsupported(Policy):
    """Amazon may take back what it paid in error or for a unit found; the ledger shows whether one was."""

    claim_type: ClassVar[str] = "reversal_unsupported"
    title: ClassVar[str] = "Reimbursement taken back without a unit found"
    families: ClassVar[tuple[str, ...]] = (gates.REVERSAL,)
    needs: ClassVar[tuple[str, ...]] = (REIMBURSEMENTS, STOCK)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each reversal; whether it can still be contested is in no known rule: `review`."""
        for reversal in case.reimbursements:
            if reversal.reversal:
                yield self._judge(case, book, as_of, reversal)

    def _judge(self, case: Case, book: Book, as_of: date, reversal: Reimbursement) -> Finding:
        exam = Examination(self.claim_type, as_of)
        units = max(abs(reversal.cash or 0), 1)
        exam.passed(
            "What was taken back?",
            f"{-reversal.amount} on {reversal.ref.day} (cash {reversal.cash}, inventory {reversal.inventory})",
            exam.saw(reversal.ref),
        )
        gates.ask_marketplace(exam, reversal.ref.marketplace, case.marketplace_doubt)
        _ask_original(exam, book, reversal)
        _ask_unit(exam, book, reversal, units)
        if exam.final is None and reversal.ref.marketplace:
            rule = book.rulebook.in_force(
                gates.REVERSAL, reversal.ref.marketplace, reversal.ref.day
            )
            exam.doubt(
                "Until when can it be contested?",
                "no rule with a window for contesting a reversal is known",
                *([exam.by(rule)] if rule else []),
                flip="Amazon's own words about contesting a reversal.",
            )
        return gates.conclude(
            exam,
            case,
            anchor=reversal.ref.slot,
            unit=1,
            quantity=units,
            units=[f"{reversal.ref.slot}/{number}" for number in range(1, units + 1)],
            marketplace=reversal.ref.marketplace,
            programme="FBA",
            sku=reversal.sku,
            fnsku=reversal.fnsku,
            asin=reversal.asin,
            expected=-reversal.amount,
        )


def _ask_original(exam: Examination, book: Book, reversal: Reimbursement) -> None:
    question = "Which payment does it take back?"
    originals = book.payments.get(reversal.original_id or "", [])
    if not originals:
        exam.assume(
            f"The original {reversal.original_id or '(none named)'} lies outside the imported files."
        )
        return
    paid = sum(line.amount.minor for line in originals)
    taken = -sum(line.amount.minor for line in book.reversals.get(reversal.original_id or "", ()))
    seen = [exam.saw(line.ref) for line in originals]
    if taken > paid:
        exam.doubt(question, f"more was taken back than was paid ({reversal.original_id})", *seen)
    else:
        exam.passed(question, f"reimbursement {reversal.original_id}", *seen)


def _ask_unit(exam: Examination, book: Book, reversal: Reimbursement, units: int) -> None:
    question = "Does the inventory ledger show the unit?"
    near = _units_near(book, reversal)
    if sum(row.quantity for row in near) >= units:
        exam.ends(
            "not_claimable",
            question,
            f"yes: {near[0].reason or near[0].kind} on {near[0].ref.day}; the reversal is justified",
            *(exam.saw(row.ref) for row in near),
            flip="The same unit standing for another loss.",
        )
        return
    first = reversal.ref.day - timedelta(days=NEAR_DAYS)
    gates.ask_coverage(exam, book, STOCK, first, "no unit was found")
    if (reversal.inventory or 0) > 0:
        exam.doubt(question, "Amazon says a unit was put back, and the inventory ledger shows none")
    else:
        exam.passed(question, f"no unit within {NEAR_DAYS} days, and Amazon names none")


def _units_near(book: Book, reversal: Reimbursement) -> list[Movement]:
    rows = book.stock.get(reversal.fnsku or "", [])
    return [row for row in rows if abs((row.ref.day - reversal.ref.day).days) <= NEAR_DAYS]
