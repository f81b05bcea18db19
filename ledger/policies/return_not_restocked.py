"""Came back sellable, and never went back into stock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar, Final

from ledger import gates
from ledger.allocation import (
    RESTOCK_DAYS,
    Unit,
    is_amazon_made,
    kin_of,
    order_units,
    restock_of,
    strays_of,
)
from ledger.book import REFUNDS, REIMBURSEMENTS, RETURNS, STOCK, STOCK_RETURNED, Book, spoken_since
from ledger.case import Case, Return
from ledger.policy import Examination, Finding, Policy
from ledger.values import code

SELLABLE: Final = "fba.disposition.SELLABLE"
DEALT_WITH: Final = frozenset(
    {
        "REPACKAGED_SUCCESSFULLY",
        "PENDING_REPACKAGING",
        "IMMEDIATE_DONATION",
        "IMMEDIATE_DISPOSAL",
        "DISPOSED",
    }
)
"""What the returns report may say became of a unit instead."""
_EDGE: Final = timedelta(days=RESTOCK_DAYS)


class ReturnNotRestocked(Policy):
    """A unit that Amazon graded sellable belongs back in the seller's stock."""

    claim_type: ClassVar[str] = "return_not_restocked"
    title: ClassVar[str] = "Came back sellable, not put back into stock"
    families: ClassVar[tuple[str, ...]] = (
        gates.CUSTOMER_RETURN,
        SELLABLE,
        gates.VALUED_AFTER_ORDER,
    )
    needs: ClassVar[tuple[str, ...]] = (REFUNDS, RETURNS, REIMBURSEMENTS, STOCK)

    def concerns(self, case: Case, book: Book) -> bool:
        """Only what came back belongs in stock, under the order's own id or a replacement's."""
        return case.kind == "order" and bool(case.returns or book.ask(kin_of, case.name)[1])

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each sellable unit that the inventory ledger does not show coming in.

        Nothing is said of returns before the first day of which an imported ledger speaks.
        """
        if case.kind != "order":
            return
        for unit in order_units(case, book).units:
            back = unit.returned.returned if unit.returned else None
            if (
                back is not None
                and back.programme == "FBA"
                and back.fnsku
                and unit.disposition == "SELLABLE"
                and unit.payment is None
                and (told_since := book.ask(spoken_since, STOCK_RETURNED)) is not None
                and told_since - _EDGE <= back.ref.day < as_of - _EDGE
            ):
                yield from self._judge(case, book, as_of, unit, back)

    def _judge(
        self, case: Case, book: Book, as_of: date, unit: Unit, back: Return
    ) -> Iterator[Finding]:
        assert unit.returned is not None
        restocked = restock_of(book, unit.returned)
        if restocked is not None and restocked.same_disposition:
            return
        exam = Examination(self.claim_type, as_of)
        flip = "A newer download that grades it otherwise."
        exam.passed(
            "Did it come back sellable?", f"yes, on {back.ref.day}", exam.saw(back.ref), flip=flip
        )
        gates.ask_store(exam, case)
        gates.ask_programme(exam, case, unit.sku)
        _ask_rule(exam, case, book, back)
        _ask_ledger(exam, book, unit, back)
        _ask_elsewhere(exam, case, unit, back)
        if exam.final is None:
            given = unit.given
            since = min(back.ref.day, given.day) if given else back.ref.day
            gates.ask_coverage(
                exam, book, STOCK_RETURNED, back.ref.day - _EDGE, "it did not go into stock"
            )
            gates.ask_returns(exam, book, back.ref.day)
            gates.ask_unpaid(exam, book, since)
            gates.ask_clock(exam, book, case.marketplace, given)
            family = gates.VALUED_AFTER_ORDER
            gates.ask_worth(exam, book, family, case.marketplace, since, amount=unit.worth)
        yield gates.conclude(
            exam,
            case,
            anchor=back.ref.slot,
            unit=unit.returned.number,
            quantity=1,
            units=[unit.returned.name, *([unit.refund.name] if unit.refund else [])],
            marketplace=case.marketplace,
            programme=gates.programme_of(case, unit.sku),
            sku=unit.sku,
            fnsku=back.fnsku,
            asin=back.asin,
            expected=unit.worth,
        )


def _ask_rule(exam: Examination, case: Case, book: Book, back: Return) -> None:
    question = "Does it belong back in stock?"
    if case.marketplace is None:
        return
    rule = book.rulebook.in_force(SELLABLE, case.marketplace, back.ref.day)
    if rule is None:
        answer = f"no rule of {SELLABLE} is known for {case.marketplace}"
        exam.doubt(question, answer, flip="A rule on this disposition, with its source.")
    else:
        gates.ask_rule(exam, question, rule)


def _ask_ledger(exam: Examination, book: Book, unit: Unit, back: Return) -> None:
    """A row in another state or on a later day may be this unit's: then nothing is claimed."""
    assert unit.returned is not None
    question = "Does the inventory ledger show it coming in?"
    flip = "A CustomerReturns row of this FNSKU that is no other unit's."
    restocked = restock_of(book, unit.returned)
    strays = strays_of(book, back)
    if restocked is not None:
        row = restocked.movement
        answer = f"a unit came in on {row.ref.day}, but as {row.disposition or 'no disposition'}"
        exam.doubt(question, answer, exam.saw(row.ref), flip="What became of that unit.")
    elif strays:
        row = strays[0]
        answer = (
            f"not within {RESTOCK_DAYS} days, but a unit came in on {row.ref.day} "
            f"({row.reason or row.kind}, {row.fnsku}) that may be this one"
        )
        exam.doubt(question, answer, *(exam.saw(one.ref) for one in strays[:5]), flip=flip)
    else:
        evidence = gates.covered(book, STOCK_RETURNED)
        answer = f"no row within {RESTOCK_DAYS} days of {back.ref.day}, or later, that is not another unit's"
        exam.passed(question, answer, evidence, flip=flip)


def _ask_elsewhere(exam: Examination, case: Case, unit: Unit, back: Return) -> None:
    question = "May the unit be elsewhere?"
    status = case.return_status.get(back.ref.slot)
    seen = exam.saw(back.ref)
    flip = "A newer returns report with another status."
    if is_amazon_made(back.sku):
        answer = f"{back.sku} is a SKU of Amazon's own: it is being sold again"
        exam.ends("not_claimable", question, answer, seen, flip="A return under the seller's SKU.")
    elif status and code(status) == "REIMBURSED":
        answer = "the returns report says Reimbursed, but no reimbursement line for it was imported"
        flip = "Import the reimbursements report for the time after the return."
        exam.doubt(question, answer, seen, flip=flip)
    elif status and code(status) in DEALT_WITH:
        exam.doubt(question, f"the returns report says {status}", seen, flip=flip)
    elif unit.maybe:
        answer = "a payment on this order may be for this unit"
        exam.doubt(question, answer, *(exam.saw(one.line.ref) for one in unit.maybe), flip=flip)
    else:
        exam.passed(question, f"nothing says so (status: {status or 'none told'})", seen, flip=flip)
