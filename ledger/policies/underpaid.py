"""Paid, but less than the rule says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import gates
from ledger.allocation import Payment, Unit, order_units, owed_for
from ledger.book import REFUNDS, REIMBURSEMENTS, Book
from ledger.case import Case
from ledger.policy import Examination, Finding, Policy
from ledger.values import Money

TOLERANCE_PERCENT: Final = 1
TOLERANCE_MINOR: Final = 10
"""A payment may differ by this much (rounding, shared cents) before it counts as too little."""


class Underpaid(Policy):
    """A unit lost after its order is worth the order price less fees; the amount can be disputed for a while."""

    claim_type: ClassVar[str] = "underpaid"
    title: ClassVar[str] = "Reimbursed too little"
    families: ClassVar[tuple[str, ...]] = (gates.REEVALUATION, gates.VALUED_AFTER_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REFUNDS, REIMBURSEMENTS)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each unit of an order that was paid less than it is worth."""
        if case.kind != "order" or gates.programme_of(case) == "FBM":
            return
        for unit in order_units(case, book).units:
            payment = unit.payment
            if payment is None or payment.in_kind or unit.refund is None or payment.reversal:
                continue
            worth = owed_for(unit.refund)
            if worth is not None and _short(worth, payment.amount):
                yield self._judge(case, book, as_of, unit, payment, worth)

    def _judge(
        self, case: Case, book: Book, as_of: date, unit: Unit, payment: Payment, worth: Money
    ) -> Finding:
        assert unit.refund is not None
        exam = Examination(self.claim_type, as_of)
        line = payment.line
        refund = unit.refund.refund
        exam.passed(
            "What was paid?",
            f"{payment.amount} on {line.ref.day}, reimbursement {line.reimbursement_id}",
            exam.saw(line.ref),
        )
        gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
        gates.ask_programme(exam, gates.programme_of(case))
        answer = f"{worth}: the order price less the fees on it, as the refund undid them"
        rule = (
            book.rulebook.in_force(gates.VALUED_AFTER_ORDER, case.marketplace, refund.ref.day)
            if case.marketplace
            else None
        )
        evidence = [exam.saw(refund.ref), *([exam.by(rule)] if rule else [])]
        exam.passed("What is the unit worth?", answer, *evidence)
        if case.marketplace and rule is None:
            exam.doubt("Which valuation applies?", f"no rule is known for {case.marketplace}")
        if not unit.refund.sure:
            exam.doubt(
                "Is the refund for one unit?",
                "no report tells the price and the quantity sold",
                flip="Import the settlement or the orders report of the sale.",
            )
        gates.ask_coverage(exam, book, REIMBURSEMENTS, line.ref.day, "nothing more was paid since")
        gates.ask_window(
            exam,
            book,
            gates.REEVALUATION,
            case.marketplace,
            {"reimbursement_issued_date": line.ref.day},
        )
        if exam.outcome()[0] == "ready":
            short = worth - payment.amount
            exam.ends(
                "underpaid", "Is it enough?", f"{short} too little, and it can still be disputed"
            )
        return gates.conclude(
            exam,
            case,
            anchor=line.ref.slot,
            unit=payment.number,
            quantity=1,
            units=[f"{line.ref.slot}/{payment.number}/amount"],
            marketplace=case.marketplace,
            programme=gates.programme_of(case),
            sku=unit.sku,
            fnsku=line.fnsku,
            asin=line.asin,
            expected=worth,
            paid=payment.amount,
        )


def _short(worth: Money, paid: Money) -> bool:
    if worth.currency != paid.currency:
        return False
    short = worth.minor - paid.minor
    return short > TOLERANCE_MINOR and short * 100 > worth.minor * TOLERANCE_PERCENT
