"""Paid, but less than the rule says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import gates
from ledger.allocation import AFTER_ORDER, Payment, Unit, order_units
from ledger.book import REFUNDS, REIMBURSEMENTS, RETURNS, Book
from ledger.case import Case
from ledger.policy import Examination, Finding, Policy, Verdict


class Underpaid(Policy):
    """A unit lost after its order is worth the order price less fees; the amount can be disputed for a while."""

    claim_type: ClassVar[str] = "underpaid"
    title: ClassVar[str] = "Reimbursed too little"
    families: ClassVar[tuple[str, ...]] = (gates.REEVALUATION, gates.VALUED_AFTER_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REFUNDS, RETURNS, REIMBURSEMENTS)
    best: ClassVar[Verdict] = "underpaid"

    def concerns(self, case: Case, book: Book) -> bool:
        """What a unit is worth, a refund tells."""
        return case.kind == "order" and bool(case.refunds)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each unit that is missing or damaged and was paid less than it is worth.

        A unit that came back sellable, or in a state that the seller bears, was not to be paid at all.
        """
        if case.kind != "order":
            return
        for unit in order_units(case, book).units:
            if unit.short is not None and (unit.missing or unit.damaged):
                yield self._judge(case, book, as_of, unit)

    def _judge(self, case: Case, book: Book, as_of: date, unit: Unit) -> Finding:
        assert unit.refund is not None
        assert unit.payment is not None
        because = f"{unit.short} too little, and it can still be disputed"
        exam = Examination(self.claim_type, as_of, self.best, because)
        payment, line = unit.payment, unit.payment.line
        refunded = unit.refund.refund.ref
        exam.passed(
            "Was it paid too little?",
            f"yes, {unit.short} less than {unit.worth}: {unit.paid} on {line.ref.day}, "
            f"reimbursement {line.reimbursement_id}",
            *(exam.saw(one.line.ref) for one in (payment, *unit.top_ups)),
            flip="One more payment for this unit.",
        )
        gates.ask_store(exam, case)
        gates.ask_programme(exam, case, unit.sku)
        _ask_reason(exam, payment)
        _ask_refund(exam, unit)
        family = gates.VALUED_AFTER_ORDER
        gates.ask_worth(exam, book, family, case.marketplace, refunded.day, amount=unit.worth)
        back = unit.returned.returned.ref if unit.returned else refunded
        gates.ask_returns(exam, book, back.day)
        gates.ask_unpaid(exam, book, min(refunded.day, line.ref.day))
        gates.ask_refund_stands(exam, book, refunded.day)
        anchors = {"reimbursement_issued_date": line.ref.day}
        gates.ask_window(exam, book, gates.REEVALUATION, case.marketplace, anchors)
        return gates.conclude(
            exam,
            case,
            anchor=line.ref.slot,
            unit=payment.number,
            quantity=1,
            units=[f"{line.ref.slot}/{payment.number}/amount"],
            marketplace=case.marketplace,
            programme=gates.programme_of(case, unit.sku),
            sku=unit.sku,
            fnsku=line.fnsku,
            asin=line.asin,
            expected=unit.worth,
            paid=unit.paid,
        )


_REASON: Final = "Is it a payment for a unit lost after its order?"


def _ask_reason(exam: Examination, payment: Payment) -> None:
    seen = exam.saw(payment.line.ref)
    reason = payment.line.reason
    flip = "A payment with another reason."
    if payment.kind in AFTER_ORDER:
        exam.passed(_REASON, f"yes: {reason}", seen, flip=flip)
    else:
        answer = f"its reason is {reason}, which may pay for something else than the whole unit"
        exam.doubt(_REASON, answer, seen, flip=flip)


def _ask_refund(exam: Examination, unit: Unit) -> None:
    assert unit.refund is not None
    question = "Was one whole unit refunded?"
    seen = exam.saw(unit.refund.refund.ref)
    if not unit.refund.sure:
        flip = "The settlement or the orders report of the sale."
        answer = unit.refund.doubt
        exam.doubt(question, answer, seen, flip=flip)
    else:
        answer = f"yes, on {unit.refund.refund.ref.day}"
        exam.passed(question, answer, seen, flip="A refund in part.")
