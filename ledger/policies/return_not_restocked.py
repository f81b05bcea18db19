"""Came back sellable, and never went back into stock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar, Final

from ledger import gates
from ledger.allocation import RESTOCK_DAYS, Unit, order_units, owed_for, restocks
from ledger.book import REFUNDS, REIMBURSEMENTS, RETURNS, STOCK, Book
from ledger.case import Case, Return
from ledger.policy import Evidence, Examination, Finding, Policy
from ledger.values import code

AMAZON_MADE: Final = ("amzn.gr.", "Amazon.Found.")
"""SKUs that Amazon gives to units it sells again itself: they are not lost."""
DEALT_WITH: Final = frozenset(
    {"REPACKAGED_SUCCESSFULLY", "IMMEDIATE_DONATION", "IMMEDIATE_DISPOSAL", "DISPOSED"}
)


class ReturnNotRestocked(Policy):
    """A unit that Amazon graded sellable belongs back in the seller's stock."""

    claim_type: ClassVar[str] = "return_not_restocked"
    title: ClassVar[str] = "Came back sellable, not put back into stock"
    families: ClassVar[tuple[str, ...]] = (
        gates.CUSTOMER_RETURN,
        "fba.disposition.SELLABLE",
        gates.VALUED_AFTER_ORDER,
    )
    needs: ClassVar[tuple[str, ...]] = (REFUNDS, RETURNS, REIMBURSEMENTS, STOCK)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each sellable unit that the inventory ledger does not show coming in."""
        if case.kind != "order" or not book.coverage(STOCK).files:
            return
        for unit in order_units(case, book).units:
            back = unit.returned.returned if unit.returned else None
            if (
                back is not None
                and back.programme == "FBA"
                and back.fnsku
                and code(back.disposition or "") == "SELLABLE"
                and unit.payment is None
                and (as_of - back.ref.day).days > RESTOCK_DAYS
            ):
                finding = self._judge(case, book, as_of, unit, back)
                if finding is not None:
                    yield finding

    def _judge(
        self, case: Case, book: Book, as_of: date, unit: Unit, back: Return
    ) -> Finding | None:
        assert unit.returned is not None and back.fnsku is not None
        restocked = restocks(book, back.fnsku).get(unit.returned.name)
        if restocked is not None and restocked.same_disposition:
            return None
        exam = Examination(self.claim_type, as_of)
        exam.passed("Did it come back sellable?", f"yes, on {back.ref.day}", exam.saw(back.ref))
        gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
        if case.marketplace:
            rule = book.rulebook.in_force(
                "fba.disposition.SELLABLE", case.marketplace, back.ref.day
            )
            if rule is not None:
                gates.ask_rule(exam, "Does it belong back in stock?", rule)
        question = "Does the inventory ledger show it coming in?"
        if restocked is not None:
            row = restocked.movement
            exam.doubt(
                question,
                f"a unit came in on {row.ref.day}, but as {row.disposition}",
                exam.saw(row.ref),
            )
        else:
            exam.passed(
                question,
                f"no row within {RESTOCK_DAYS} days of {back.ref.day} that is not another unit's",
                Evidence("coverage", STOCK, gates.coverage_text(book.coverage(STOCK))),
                flip="A CustomerReturns row of this FNSKU.",
            )
        _ask_elsewhere(exam, case, unit, back)
        edge = timedelta(days=RESTOCK_DAYS)
        gates.ask_coverage(exam, book, STOCK, back.ref.day - edge, "it did not go into stock")
        gates.ask_coverage(exam, book, REIMBURSEMENTS, back.ref.day, "it was not paid for already")
        _ask_when(exam, case, book, unit)
        if book.coverage(STOCK).gap(back.ref.day - edge, back.ref.day + edge) and _too_late(exam):
            return None
        return gates.conclude(
            exam,
            case,
            anchor=back.ref.slot,
            unit=unit.returned.number,
            quantity=1,
            units=[unit.returned.name, *([unit.refund.name] if unit.refund else [])],
            marketplace=case.marketplace,
            programme="FBA",
            sku=unit.sku,
            fnsku=back.fnsku,
            asin=back.asin,
            expected=owed_for(unit.refund) if unit.refund else None,
        )


def _too_late(exam: Examination) -> bool:
    """Nothing is said of old returns that no imported ledger speaks of: there is nothing left to do."""
    return exam.window is None or exam.window.state(exam.as_of) == "expired"


def _ask_elsewhere(exam: Examination, case: Case, unit: Unit, back: Return) -> None:
    question = "May the unit be elsewhere?"
    status = case.return_status.get(back.ref.slot)
    if back.sku.startswith(AMAZON_MADE):
        exam.ends(
            "not_claimable",
            question,
            f"{back.sku} is a SKU of Amazon's own: it is being sold again",
        )
    elif status and code(status) == "REIMBURSED":
        exam.doubt(
            question,
            "the returns report says Reimbursed, but no reimbursement line for it was imported",
            flip="Import the reimbursements report for the time after the return.",
        )
    elif status and code(status) in DEALT_WITH:
        exam.doubt(question, f"the returns report says {status}")
    elif unit.maybe:
        exam.doubt(question, "a payment on this order may be for this unit")
    else:
        exam.passed(question, f"nothing says so (status: {status or 'none told'})")


def _ask_when(exam: Examination, case: Case, book: Book, unit: Unit) -> None:
    if unit.refund is None:
        exam.doubt(
            "Is today a day on which it may be filed?",
            "no imported report tells when the buyer was refunded, and the clock runs from that day",
            flip="Import the settlement that holds the refund.",
        )
        return
    refunded = unit.refund.refund.ref
    exam.saw(refunded)
    gates.ask_programme(exam, gates.programme_of(case))
    gates.ask_window(
        exam,
        book,
        gates.CUSTOMER_RETURN,
        case.marketplace,
        {"customer_refund_or_replacement_date": refunded.day},
    )
