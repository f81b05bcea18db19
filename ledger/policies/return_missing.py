"""Refunded by Amazon, never sent back, never paid for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from ledger import gates
from ledger.allocation import OrderUnits, Unit, order_units, owed_for
from ledger.book import REFUNDS, REIMBURSEMENTS, RETURNS, Book
from ledger.case import Case
from ledger.policy import Examination, Finding, Policy


class ReturnMissing(Policy):
    """A refunded FBA unit that did not come back is owed to the seller, unless it was paid for."""

    claim_type: ClassVar[str] = "return_missing"
    title: ClassVar[str] = "Refunded, never came back"
    families: ClassVar[tuple[str, ...]] = (gates.CUSTOMER_RETURN, gates.VALUED_AFTER_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REFUNDS, RETURNS, REIMBURSEMENTS)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each refunded unit that is missing, and one for each paid for though it came back."""
        if case.kind != "order" or gates.programme_of(case) == "FBM":
            return
        allocated = order_units(case, book)
        for unit in allocated.units:
            if unit.missing:
                yield self._missing(case, book, as_of, unit, allocated)
            elif unit.refund and unit.returned and unit.payment and not unit.damaged:
                yield self._paid_and_back(case, as_of, unit)

    def _missing(
        self, case: Case, book: Book, as_of: date, unit: Unit, allocated: OrderUnits
    ) -> Finding:
        refunded = unit.refund
        assert refunded is not None
        exam = Examination(self.claim_type, as_of)
        refund = refunded.refund
        expected = owed_for(refunded)
        exam.passed(
            "Was the buyer refunded?",
            f"yes, on {refund.ref.day}",
            exam.saw(refund.ref),
            flip="Without the refund nothing is owed.",
        )
        if refund.trigger != "refund":
            exam.doubt(
                "Did Amazon refund it as a return?",
                f"the buyer's money went back as {refund.trigger.replace('_', '-')}, which has a door of its own",
            )
        if not refunded.sure:
            exam.assume("One unit was refunded: no report tells the price and the quantity sold.")
        gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
        gates.ask_programme(exam, gates.programme_of(case))
        _ask_paid(exam, unit)
        if exam.final is None or exam.final[0] != "paid":
            _ask_returned(exam, book, refund.ref.day, allocated, unit)
            gates.ask_coverage(
                exam, book, REIMBURSEMENTS, refund.ref.day, "it was not paid for already"
            )
        gates.ask_window(
            exam,
            book,
            gates.CUSTOMER_RETURN,
            case.marketplace,
            {"customer_refund_or_replacement_date": refund.ref.day},
        )
        return gates.conclude(
            exam,
            case,
            anchor=refund.ref.slot,
            unit=refunded.number,
            quantity=1,
            units=[refunded.name],
            marketplace=case.marketplace,
            programme=gates.programme_of(case),
            sku=unit.sku,
            asin=next((line.asin for line in case.lines if line.sku == unit.sku), None),
            expected=expected,
            paid=unit.payment.amount if unit.payment else None,
        )

    def _paid_and_back(self, case: Case, as_of: date, unit: Unit) -> Finding:
        assert unit.refund and unit.returned and unit.payment
        exam = Examination(self.claim_type, as_of)
        exam.passed(
            "Was it paid for as missing?",
            f"{unit.payment.amount} on {unit.payment.line.ref.day}",
            exam.saw(unit.payment.line.ref),
        )
        back = unit.returned.returned
        if unit.payment.reversal is not None:
            exam.ends(
                "not_claimable",
                "Did it come back after all?",
                f"yes, on {back.ref.day}, and Amazon has taken the payment back",
                exam.saw(back.ref),
                exam.saw(unit.payment.reversal.ref),
            )
        else:
            exam.ends(
                "overpaid",
                "Did it come back after all?",
                f"yes, on {back.ref.day} as {back.disposition}: Amazon may take the payment back",
                exam.saw(back.ref),
                flip="A disposition for which Amazon is to blame.",
            )
        return gates.conclude(
            exam,
            case,
            anchor=unit.refund.refund.ref.slot,
            unit=unit.refund.number,
            quantity=1,
            units=[unit.refund.name],
            marketplace=case.marketplace,
            programme=gates.programme_of(case),
            sku=unit.sku,
            fnsku=back.fnsku,
            asin=back.asin,
            paid=unit.payment.amount,
        )


def _ask_paid(exam: Examination, unit: Unit) -> None:
    question = "Has this unit been paid for?"
    payment = unit.payment
    if payment is not None and payment.reversal is not None:
        exam.doubt(
            question,
            f"it was paid on {payment.line.ref.day} and taken back on {payment.reversal.ref.day}",
            exam.saw(payment.line.ref),
            exam.saw(payment.reversal.ref),
            flip="See the finding about the reversal.",
        )
    elif payment is not None:
        how = "with a unit in kind" if payment.in_kind else f"{payment.amount}"
        exam.ends(
            "paid",
            question,
            f"yes, {how} on {payment.line.ref.day}, reimbursement {payment.line.reimbursement_id}",
            exam.saw(payment.line.ref),
            flip="A reversal of that reimbursement.",
        )
    elif unit.maybe:
        ids = ", ".join(sorted({one.line.reimbursement_id for one in unit.maybe}))
        exam.doubt(
            question,
            f"a payment on this order may be for this unit or for another one ({ids})",
            *(exam.saw(one.line.ref) for one in unit.maybe),
        )
    else:
        exam.passed(question, "no reimbursement names it", flip="A reimbursement for this order.")


def _ask_returned(
    exam: Examination, book: Book, refunded_on: date, allocated: OrderUnits, unit: Unit
) -> None:
    nearest = [
        other.returned.returned.ref
        for other in allocated.units
        if other.returned is not None and other.sku == unit.sku
    ]
    if nearest:
        exam.passed(
            "Are the order's returns other units?",
            f"{len(nearest)} came back and stand for other refunded units",
            *(exam.saw(ref) for ref in nearest),
        )
    gates.ask_coverage(exam, book, RETURNS, refunded_on, "nothing came back")
