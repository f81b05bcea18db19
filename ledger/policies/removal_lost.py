"""Sent back to the seller by Amazon, and lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from ledger import gates
from ledger.book import REIMBURSEMENTS, REMOVAL_SHIPMENTS, REMOVALS, Book
from ledger.case import Case
from ledger.policy import Examination, Finding, Policy
from ledger.removals import RemovalAccount, removal_accounts
from ledger.values import code


class RemovalLost(Policy):
    """Units of a completed removal that no report accounts for; what arrived only the seller can tell."""

    claim_type: ClassVar[str] = "removal_lost"
    title: ClassVar[str] = "Removal: units missing"
    families: ClassVar[tuple[str, ...]] = (gates.REMOVAL_LOST, gates.VALUED_BEFORE_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REMOVALS, REMOVAL_SHIPMENTS, REIMBURSEMENTS)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each line whose numbers leave units unaccounted for."""
        if case.kind != "removal":
            return
        for account in removal_accounts(case):
            if not account.complete:
                continue
            if account.unaccounted > 0:
                yield self._judge(case, book, as_of, account, account.unaccounted, handed_over=True)
            elif account.not_handed_over > 0 and account.shipments:
                missing = account.not_handed_over
                yield self._judge(case, book, as_of, account, missing, handed_over=False)

    def _judge(
        self,
        case: Case,
        book: Book,
        as_of: date,
        account: RemovalAccount,
        missing: int,
        *,
        handed_over: bool,
    ) -> Finding:
        exam = Examination(self.claim_type, as_of)
        line = account.line
        question = "Are all units accounted for?"
        if handed_over:
            answer = (
                f"{missing} of {line.requested} were neither cancelled, disposed of nor shipped, "
                "and the order is completed"
            )
        else:
            answer = f"{missing} are called shipped, but no shipment row hands them to a carrier"
        exam.passed(question, answer, *(exam.saw(ref) for ref in account.refs))
        marketplace = line.ref.marketplace
        gates.ask_marketplace(exam, marketplace, case.marketplace_doubt)
        _ask_paid(exam, book, line.fnsku, line.ref.day)
        gates.ask_coverage(exam, book, REMOVAL_SHIPMENTS, line.ref.day, "no other shipment left")
        gates.ask_coverage(exam, book, REIMBURSEMENTS, line.ref.day, "it was not paid for already")
        exam.doubt(
            "Did the units get lost on their way to the seller?",
            "only the seller's own count on receipt tells what arrived",
            flip="The count of what arrived, with the tracking number of the shipment.",
        )
        _ask_when(exam, book, account)
        return gates.conclude(
            exam,
            case,
            anchor=line.ref.slot,
            unit=1,
            quantity=missing,
            units=[f"{line.ref.slot}/{number}" for number in range(1, missing + 1)],
            marketplace=marketplace,
            programme="FBA",
            sku=line.sku,
            fnsku=line.fnsku,
        )


def _ask_paid(exam: Examination, book: Book, fnsku: str, since: date) -> None:
    question = "Has it been paid for?"
    payments = [
        payment
        for payment in book.stock_payments.get(fnsku, ())
        if "REMOVAL" in code(payment.reason) and payment.ref.day >= since and not payment.reversal
    ]
    if payments:
        exam.doubt(
            question,
            "a removal of this FNSKU was paid for since; the payment does not say which",
            *(exam.saw(payment.ref) for payment in payments),
        )
    else:
        exam.passed(question, "no reimbursement for a removal of this FNSKU")


def _ask_when(exam: Examination, book: Book, account: RemovalAccount) -> None:
    days = [shipment.ref.day for shipment in account.shipments]
    if not days:
        exam.doubt(
            "Is today a day on which it may be filed?",
            "nothing was shipped, and the clock runs from a shipment's creation",
        )
        return
    anchors = {
        "removal_shipment_created_date": max(days),
        "removal_ship_date": max(days),
    }
    gates.ask_window(exam, book, gates.REMOVAL_LOST, account.line.ref.marketplace, anchors)
