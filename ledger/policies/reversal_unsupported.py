"""A reimbursement taken back, though nothing shows that the unit was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import ClassVar

from ledger import gates
from ledger.allocation import NEAR_DAYS, justified_by, paid_for_order, taken_by, units_paid
from ledger.book import REIMBURSEMENTS, STOCK, Book, paid_under, taken_back
from ledger.case import Case, Reimbursement
from ledger.policy import Examination, Finding, Policy


class ReversalUnsupported(Policy):
    """Amazon may take back what it paid in error or for a unit found; the ledger shows whether one was."""

    claim_type: ClassVar[str] = "reversal_unsupported"
    title: ClassVar[str] = "Reimbursement taken back without a unit found"
    families: ClassVar[tuple[str, ...]] = (gates.REVERSAL,)
    needs: ClassVar[tuple[str, ...]] = (REIMBURSEMENTS, STOCK)
    untold: ClassVar[str] = (
        "until when a reversal can be contested: no source with a window is known"
    )

    def concerns(self, case: Case, book: Book) -> bool:
        """Only payments are taken back."""
        return bool(case.reimbursements)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each reversal; whether it can still be contested is in no known rule: `review`."""
        for reversal in case.reimbursements:
            if reversal.reversal:
                yield self._judge(case, book, as_of, reversal)

    def _judge(self, case: Case, book: Book, as_of: date, reversal: Reimbursement) -> Finding:
        exam = Examination(self.claim_type, as_of)
        units = taken_by(reversal)
        exam.passed(
            "What was taken back?",
            f"{-reversal.amount} on {reversal.ref.day} (cash {reversal.cash}, inventory {reversal.inventory})",
            exam.saw(reversal.ref),
            flip="The same money paid again.",
        )
        market, doubt = reversal.ref.marketplace, case.marketplace_doubt
        gates.ask_marketplace(exam, market, doubt, reversal.ref)
        _ask_original(exam, book, reversal)
        _ask_unit(exam, case, book, reversal, units)
        if exam.final is None:
            _ask_until_when(exam, book, reversal)
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
    originals = book.ask(paid_under, reversal.original_id or "")
    if not originals:
        named = reversal.original_id or "(none named)"
        flip = "The reimbursements report with the original payment."
        exam.passed(question, f"{named}, which no imported file has", flip=flip)
        exam.assume(f"The original {named} lies outside the imported files.")
        return
    paid = sum(line.amount.minor for line in originals)
    taken = -sum(line.amount.minor for line in book.ask(taken_back, reversal.original_id or ""))
    seen = [exam.saw(line.ref) for line in originals]
    flip = "Another line of the same reimbursement."
    if taken > paid:
        answer = f"more was taken back than was paid ({reversal.original_id})"
        exam.doubt(question, answer, *seen, flip=flip)
    else:
        exam.passed(question, f"reimbursement {reversal.original_id}", *seen, flip=flip)
    _ask_paid_again(exam, book, reversal, originals)


def _ask_paid_again(
    exam: Examination, book: Book, reversal: Reimbursement, originals: Sequence[Reimbursement]
) -> None:
    """A payment for the same order after the reversal may have put it right."""
    question = "Was it paid again?"
    orders = sorted({line.order_id for line in originals if line.order_id})
    again = [
        line
        for order_id in orders
        for line in book.ask(paid_for_order, order_id)
        if line.ref.day >= reversal.ref.day
        and any(one.reversal is None for one in units_paid(book, line))
    ]
    if again:
        answer = f"reimbursement {again[0].reimbursement_id} for the same order came after it"
        seen = [exam.saw(line.ref) for line in again]
        exam.doubt(question, answer, *seen, flip="A second unit that it was for.")
    else:
        exam.passed(question, "no", flip="A reimbursement for the same order.")


def _ask_unit(
    exam: Examination, case: Case, book: Book, reversal: Reimbursement, units: int
) -> None:
    question = "Does the inventory ledger show the unit?"
    rows = justified_by(book, reversal)
    if len(rows) >= units:
        row = rows[0]
        exam.ends(
            "not_claimable",
            question,
            f"yes: {row.reason or row.kind} on {row.ref.day}; the reversal is justified",
            *(exam.saw(one.ref) for one in dict.fromkeys(rows)),
            flip="The same unit standing for another loss.",
        )
        return
    first = reversal.ref.day - timedelta(days=NEAR_DAYS)
    gates.ask_coverage(exam, book, STOCK, first, "no unit was found")
    flip = "A row that puts a unit of this FNSKU into stock."
    if rows:
        answer = f"{len(rows)} of {units}, the first on {rows[0].ref.day}"
        exam.doubt(question, answer, *(exam.saw(one.ref) for one in dict.fromkeys(rows)), flip=flip)
    elif (reversal.inventory or 0) > 0:
        answer = "Amazon says a unit was put back, and the inventory ledger shows none"
        exam.doubt(question, answer, exam.saw(reversal.ref), flip=flip)
    else:
        answer = f"no unit within {NEAR_DAYS} days, and Amazon names none"
        exam.passed(question, answer, flip=flip)
    _ask_came_back(exam, case, reversal)


def _ask_came_back(exam: Examination, case: Case, reversal: Reimbursement) -> None:
    """A reversal told in its order's own stream: a return of that order may be its reason."""
    backs = [back for back in case.returns if not reversal.sku or back.sku == reversal.sku]
    if backs:
        exam.doubt(
            "Did the order's unit come back?",
            f"yes, on {backs[0].ref.day} as {backs[0].disposition}: that may be why it was taken back",
            *(exam.saw(back.ref) for back in backs),
            flip="A return that stands for another unit of the order.",
        )


def _ask_until_when(exam: Examination, book: Book, reversal: Reimbursement) -> None:
    market = reversal.ref.marketplace
    rule = book.rulebook.in_force(gates.REVERSAL, market, reversal.ref.day) if market else None
    exam.doubt(
        "Until when can it be contested?",
        "no rule with a window for contesting a reversal is known",
        *([exam.by(rule)] if rule else []),
        flip="Amazon's own words about contesting a reversal.",
    )
