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


class RemovalLost(Policy):
    """Units of a completed removal that no report accounts for; what arrived only the seller can tell.

    That Amazon's numbers add up to what was asked for was not seen on real files yet.
    """

    claim_type: ClassVar[str] = "removal_lost"
    title: ClassVar[str] = "Removal: units missing"
    families: ClassVar[tuple[str, ...]] = (gates.REMOVAL_LOST, gates.VALUED_BEFORE_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REMOVALS, REMOVAL_SHIPMENTS, REIMBURSEMENTS)
    untold: ClassVar[str] = "what arrived: only the seller's own count on receipt tells"

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each line whose numbers leave units unaccounted for."""
        if case.kind != "removal":
            return
        for account in removal_accounts(case):
            if not (account.complete and account.sent_back):
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
        market = line.ref.marketplace
        _ask_accounted(exam, account, missing, handed_over=handed_over)
        gates.ask_marketplace(exam, market, case.marketplace_doubt, line.ref)
        gates.ask_removal_unpaid(exam, book, line.fnsku, line.ref.day)
        gates.ask_coverage(exam, book, REMOVALS, line.ref.day, "the order stayed as it was told")
        gates.ask_coverage(exam, book, REMOVAL_SHIPMENTS, line.ref.day, "no other shipment left")
        gates.ask_unpaid(exam, book, line.ref.day)
        exam.doubt(
            "Did the units get lost on their way to the seller?",
            "only the seller's own count on receipt tells what arrived",
            flip="The count of what arrived, with the tracking number of the shipment.",
        )
        _ask_when(exam, book, account)
        gates.ask_worth(exam, book, gates.VALUED_BEFORE_ORDER, market, line.ref.day)
        return gates.conclude(
            exam,
            case,
            anchor=line.ref.slot,
            unit=1,
            quantity=missing,
            units=[f"{line.ref.slot}/{number}" for number in range(1, missing + 1)],
            marketplace=market,
            programme="FBA",
            sku=line.sku,
            fnsku=line.fnsku,
        )


def _ask_accounted(
    exam: Examination, account: RemovalAccount, missing: int, *, handed_over: bool
) -> None:
    question = "Are all units accounted for?"
    seen = [exam.saw(ref) for ref in account.refs]
    if handed_over:
        answer = (
            f"{missing} of {account.line.requested} were neither cancelled, disposed of nor shipped, "
            "and the order is completed"
        )
        flip = "A newer removal order report with other numbers."
    else:
        answer = f"{missing} are called shipped, but no shipment row hands them to a carrier"
        flip = "The removal shipment report with the missing row."
    exam.passed(question, answer, *seen, flip=flip)


def _ask_when(exam: Examination, book: Book, account: RemovalAccount) -> None:
    days = [shipment.ref.day for shipment in account.shipments]
    if not days:
        exam.doubt(
            "Is today a day on which it may be filed?",
            "nothing was shipped, and the clock runs from a shipment's creation",
            flip="The removal shipment report with a row of this order.",
        )
        return
    anchors = {
        "removal_shipment_created_date": max(days),
        "removal_ship_date": max(days),
    }
    gates.ask_window(exam, book, gates.REMOVAL_LOST, account.line.ref.marketplace, anchors)
