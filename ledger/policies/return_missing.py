"""Refunded by Amazon, never sent back, never paid for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar, Final

from ledger import gates
from ledger.allocation import (
    RESTOCK_DAYS,
    OrderUnits,
    Payment,
    Unit,
    order_units,
    paid_without_order,
    refunded_units,
    restock_of,
    units_paid,
    units_sold,
    unlinked_payments,
    unlinked_returns,
)
from ledger.book import (
    REFUNDS,
    REIMBURSEMENTS,
    REPLACEMENTS,
    RETURNS,
    STOCK_RETURNED,
    Book,
    gap_between,
)
from ledger.case import Case, Reimbursement
from ledger.policy import Examination, Finding, Policy
from ledger.reasons import AFTER_ORDER, SERVICE
from ledger.values import code
from ledger.watched import in_words


class ReturnMissing(Policy):
    """A refunded FBA unit that did not come back is owed to the seller, unless it was paid for."""

    claim_type: ClassVar[str] = "return_missing"
    title: ClassVar[str] = "Refunded, never came back"
    families: ClassVar[tuple[str, ...]] = (gates.CUSTOMER_RETURN, gates.VALUED_AFTER_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REFUNDS, RETURNS, REIMBURSEMENTS)

    def concerns(self, case: Case, book: Book) -> bool:
        """Nothing is missing, or paid for, where nothing was refunded, replaced or paid."""
        return case.kind == "order" and bool(
            case.refunds or case.replacements or case.reimbursements
        )

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each unit that is missing, and one for each paid for though it is not."""
        if case.kind != "order":
            return
        allocated = order_units(case, book)
        for unit in allocated.units:
            if unit.missing and gates.programme_of(case, unit.sku) != "FBM":
                yield self._missing(case, book, as_of, unit, allocated)
            elif unit.refund and unit.payment and unit.disposition == "SELLABLE":
                yield self._paid_and_back(case, book, as_of, unit)
        for sku, payment in allocated.surplus:
            if (
                sku
                and payment.reversal is None
                and not payment.in_kind
                and _all_refunded(case, sku)
            ):
                yield self._paid_twice(case, as_of, sku, payment)

    def _missing(
        self, case: Case, book: Book, as_of: date, unit: Unit, allocated: OrderUnits
    ) -> Finding:
        given = unit.given
        assert given is not None
        exam = Examination(self.claim_type, as_of)
        _ask_given(exam, unit)
        gates.ask_store(exam, case)
        gates.ask_programme(exam, case, unit.sku)
        _ask_paid(exam, book, unit)
        if exam.final is None:
            exam.assume(gates.TO_BE_SENT_BACK)
            _ask_other_payments(exam, case, book, unit)
            _ask_returned(exam, allocated, unit)
            _ask_fee(exam, case, allocated, unit)
            _ask_replacements(exam, case, book, unit)
            gates.ask_returns(exam, book, given.day)
            gates.ask_unpaid(exam, book, given.day)
            gates.ask_refund_stands(exam, book, given.day)
        anchors = {"customer_refund_or_replacement_date": given.day}
        gates.ask_window(exam, book, gates.CUSTOMER_RETURN, case.marketplace, anchors)
        if exam.final is None:
            family = gates.VALUED_AFTER_ORDER
            gates.ask_worth(exam, book, family, case.marketplace, given.day, amount=unit.worth)
        return self._concluded(exam, case, unit)

    def _paid_and_back(self, case: Case, book: Book, as_of: date, unit: Unit) -> Finding:
        assert unit.returned
        assert unit.payment
        exam = Examination(self.claim_type, as_of)
        back, line = unit.returned.returned, unit.payment.line
        exam.passed(
            "Was it paid for as missing?",
            f"{unit.payment.amount} on {line.ref.day}, reimbursement {line.reimbursement_id}",
            exam.saw(line.ref),
            flip="A reversal of that reimbursement.",
        )
        question = "Did it come back after all?"
        came = f"yes, on {back.ref.day} as {back.disposition}"
        if unit.payment.reversal is not None:
            taken = exam.saw(unit.payment.reversal.ref)
            answer = f"{came}, and Amazon has taken the payment back"
            flip = "A reversal that turns out to be another payment's."
            exam.ends("not_claimable", question, answer, exam.saw(back.ref), taken, flip=flip)
        else:
            exam.passed(question, came, exam.saw(back.ref), flip="A row that revises the return.")
            _ask_restocked(exam, case, book, unit)
        return self._concluded(exam, case, unit)

    def _paid_twice(self, case: Case, as_of: date, sku: str, payment: Payment) -> Finding:
        exam = Examination(self.claim_type, as_of)
        line = payment.line
        refunds = [unit.refund.ref for unit in refunded_units(case, sku)]
        exam.ends(
            "overpaid",
            "Is it for a unit that was not paid yet?",
            f"no: {payment.amount} on {line.ref.day}, reimbursement {line.reimbursement_id}, is more than "
            f"the {len(refunds)} refunded: Amazon may take it back",
            exam.saw(line.ref),
            *(exam.saw(ref) for ref in dict.fromkeys(refunds)),
            flip="A refund of another unit, in a settlement not imported.",
        )
        return gates.conclude(
            exam,
            case,
            anchor=line.ref.slot,
            unit=payment.number,
            quantity=1,
            units=[f"{line.ref.slot}/{payment.number}"],
            marketplace=case.marketplace,
            programme=gates.programme_of(case, sku),
            sku=sku,
            fnsku=line.fnsku,
            asin=line.asin,
            paid=payment.amount,
        )

    def _concluded(self, exam: Examination, case: Case, unit: Unit) -> Finding:
        given = unit.refund or unit.replaced
        assert given is not None
        ref = unit.given
        assert ref is not None
        back = unit.returned.returned if unit.returned else None
        return gates.conclude(
            exam,
            case,
            anchor=ref.slot,
            unit=given.number,
            quantity=1,
            units=[given.name],
            marketplace=case.marketplace,
            programme=gates.programme_of(case, unit.sku),
            sku=unit.sku,
            fnsku=back.fnsku if back else _fnsku(case, unit.sku),
            asin=back.asin if back else _asin(case, unit.sku),
            expected=unit.worth if unit.missing else None,
            paid=unit.paid,
        )


# --- the questions ----------------------------------------------------------------------------


def _ask_given(exam: Examination, unit: Unit) -> None:
    if unit.refund is None:
        assert unit.replaced is not None
        sent = unit.replaced.replacement
        exam.passed(
            "Was the buyer sent another?",
            f"yes, on {sent.ref.day} under {sent.replacement_order_id}",
            exam.saw(sent.ref),
            flip="Without the replacement nothing is owed.",
        )
        exam.doubt(
            "Was the buyer to send the first one back?",
            "no report tells: it was replaced and not refunded, and may have been lost before it arrived",
            flip="The refund, or Amazon's own words about the replacement.",
        )
        return
    refund = unit.refund.refund
    seen = exam.saw(refund.ref)
    flip = "Without the refund nothing is owed."
    exam.passed("Was the buyer refunded?", f"yes, on {refund.ref.day}", seen, flip=flip)
    if refund.trigger != "refund":
        door = refund.trigger.replace("_", "-")
        answer = f"the buyer's money went back as {door}, which has a door of its own"
        flip = "A refund of the ordinary kind."
        exam.doubt("Did Amazon refund it as a return?", answer, seen, flip=flip)
    if unit.refund.doubt:
        flip = "The settlement or the orders report of the sale."
        exam.doubt("Was one whole unit refunded?", unit.refund.doubt, seen, flip=flip)
    else:
        answer = f"yes, unit {unit.refund.number} of {unit.refund.of}"
        exam.passed("Was one whole unit refunded?", answer, seen, flip="A refund in part.")


def _ask_paid(exam: Examination, book: Book, unit: Unit) -> None:
    question = "Has this unit been paid for?"
    payment = unit.payment
    if payment is not None and payment.reversal is not None:
        _ask_taken_back(exam, question, payment)
    elif payment is not None:
        how = "with a unit in kind" if payment.in_kind else f"{unit.paid}"
        answer = (
            f"yes, {how} on {payment.line.ref.day}, reimbursement {payment.line.reimbursement_id}"
        )
        seen = [exam.saw(one.line.ref) for one in (payment, *unit.top_ups)]
        exam.ends("paid", question, answer, *seen, flip="A reversal of that reimbursement.")
    elif unit.maybe:
        ids = ", ".join(sorted({one.line.reimbursement_id for one in unit.maybe}))
        answer = f"a payment on this order may be for this unit or for another one ({ids})"
        seen = [exam.saw(one.line.ref) for one in unit.maybe]
        exam.doubt(question, answer, *seen, flip="Payments for as many units as came to grief.")
    else:
        answer = "no reimbursement of this order is left for it"
        seen_payments = gates.seen_payments(book)
        exam.passed(question, answer, seen_payments, flip="A reimbursement for this order.")


def _ask_taken_back(exam: Examination, question: str, payment: Payment) -> None:
    reversal = payment.reversal
    assert reversal is not None
    seen = (exam.saw(payment.line.ref), exam.saw(reversal.ref))
    answer = f"it was paid on {payment.line.ref.day} and taken back on {reversal.ref.day}"
    flip = "A reversal that turns out to be another payment's."
    if payment.surely:
        told = f"{answer}: the finding about the reversal speaks for it"
        exam.ends("not_claimable", question, told, *seen, flip=flip)
    else:
        exam.doubt(question, f"{answer}, though the reversal names no payment", *seen, flip=flip)


def _ask_other_payments(exam: Examination, case: Case, book: Book, unit: Unit) -> None:
    """G4: money that came another way: without the order's id, or told by a settlement alone."""
    question = "Did money come for it another way?"
    assert unit.given is not None
    since = unit.given.day - timedelta(days=1)
    fnskus = {back.fnsku for back in case.returns if back.sku == unit.sku}
    nameless = [
        line
        for name in sorted({unit.sku, *(fnsku for fnsku in fnskus if fnsku)})
        for line in book.ask(paid_without_order, name)
        if line.ref.day >= since and any(one.reversal is None for one in units_paid(book, line))
    ]
    unlinked = _paid_for_replacements(case, book, unit, since)
    charged = gates.charged_again(case, unit.sku)
    settled = gates.settled_beyond_reports(case, unit.sku)
    if nameless:
        answer = f"reimbursement {nameless[0].reimbursement_id} for this SKU names no order"
        seen = [exam.saw(line.ref) for line in nameless]
        exam.doubt(question, answer, *seen, flip="The order that it was for.")
    elif unlinked:
        answer = (
            f"reimbursement {unlinked[0].reimbursement_id} for this SKU names order {unlinked[0].order_id}, which "
            "nobody paid for, and no replacements report tells which order that replaces"
        )
        seen = [exam.saw(line.ref) for line in unlinked[:5]]
        flip = f"Import the {REPLACEMENTS} report of the time before that payment."
        exam.doubt(question, answer, *seen, flip=flip)
    elif charged:
        answer = (
            f"a settlement shows that the buyer was charged again on {charged[0].ref.day}: "
            "the price may be yours already"
        )
        seen = [exam.saw(one.ref) for one in charged]
        exam.doubt(question, answer, *seen, flip="Amazon's word that the charge failed.")
    elif settled:
        answer = "a settlement shows money for this order that the reimbursements report does not"
        seen = [exam.saw(one.ref) for one in settled]
        exam.doubt(question, answer, *seen, flip="The reimbursements report with that payment.")
    else:
        seen_payments = gates.seen_payments(book)
        flip = "A payment without the order's id."
        exam.passed(question, "no report says so", seen_payments, flip=flip)


def _paid_for_replacements(case: Case, book: Book, unit: Unit, since: date) -> list[Reimbursement]:
    """Payments for orders that must replace others: a refund of them would have been seen in a settlement."""
    assert unit.given is not None
    first = unit.given.day - _REPLACED_WITHIN
    return [
        line
        for line in book.ask(unlinked_payments, unit.sku, case.name, since)
        if code(line.reason) in AFTER_ORDER | SERVICE
        and book.ask(gap_between, REPLACEMENTS, first, line.ref.day) is not None
        and book.ask(gap_between, REFUNDS, line.ref.day - _PAID_WITHIN, line.ref.day - _PAID_AFTER)
        is None
    ]


def _ask_returned(exam: Examination, allocated: OrderUnits, unit: Unit) -> None:
    others = [
        other.returned.returned.ref
        for other in allocated.units
        if other.returned is not None and other.sku == unit.sku
    ]
    strangers = [
        other.returned.returned
        for other in allocated.units
        if other.returned is not None and other.sku in allocated.strangers
    ]
    if strangers:
        exam.doubt(
            "Did it come back under another name?",
            f"{strangers[0].sku} came back under this order, which no report says was sold with it",
            *(exam.saw(back.ref) for back in strangers),
            flip="The orders report, which tells the item of both.",
        )
    if others:
        exam.passed(
            "Are the order's returns other units?",
            f"{len(others)} came back and stand for units refunded before it",
            *(exam.saw(ref) for ref in dict.fromkeys(others)),
            flip="One more return of this SKU.",
        )


def _ask_fee(exam: Examination, case: Case, allocated: OrderUnits, unit: Unit) -> None:
    """Asked where a fee for a return was charged and no return is told."""
    fees = gates.fees_of_return(case, unit.sku)
    back = [one for one in allocated.units if one.returned is not None and one.sku == unit.sku]
    if fees and not back:
        exam.doubt(
            "Was a fee charged for its return?",
            f"yes, on {fees[0].day}, and no report tells the return",
            *(exam.saw(ref) for ref in fees),
            flip="The return, or Amazon's word that the fee was charged for nothing.",
        )


def _ask_replacements(exam: Examination, case: Case, book: Book, unit: Unit) -> None:
    """A replaced unit may come back under the replacement's order id, which one report alone can link."""
    question = "Did it come back under a replacement's order id?"
    assert unit.given is not None
    since = unit.given.day - timedelta(days=gates.EARLY_DAYS)
    evidence = gates.covered(book, REPLACEMENTS)
    unlinked = book.ask(unlinked_returns, unit.sku, case.name, since)
    # A replacement leaves before its unit comes back, and at most two months before the refund.
    first = unit.given.day - _REPLACED_WITHIN
    unseen = [
        one
        for one in unlinked
        if book.ask(gap_between, REPLACEMENTS, first, one.ref.day) is not None
    ]
    if unseen:
        exam.doubt(
            question,
            f"a unit of this SKU came back on {unseen[0].ref.day} under an order that nobody paid for, "
            "and no replacements report tells which order that replaces",
            evidence,
            *(exam.saw(one.ref) for one in unseen[:5]),
            flip=f"Import the {REPLACEMENTS} report from {first} to {in_words(exam.as_of)}.",
        )
    else:
        answer = "no return of this SKU is left that could be a replacement's"
        exam.passed(question, answer, evidence, flip="A replacements report that says so.")


_REPLACED_WITHIN: Final = timedelta(days=60)
_PAID_WITHIN: Final = timedelta(days=120)
"""The last day on which a refunded return may be claimed: what is paid later is paid for a refund of that time."""
_PAID_AFTER: Final = timedelta(days=30)
"""Amazon pays of itself 37 days after a refund at the earliest, as far as was seen."""


def _ask_restocked(exam: Examination, case: Case, book: Book, unit: Unit) -> None:
    """A unit is restocked or paid for, never both."""
    assert unit.returned is not None
    question = "Was it put back into stock as well?"
    back = unit.returned.returned
    restocked = restock_of(book, unit.returned)
    status = case.return_status.get(back.ref.slot)
    near = timedelta(days=RESTOCK_DAYS)
    evidence = gates.covered(book, STOCK_RETURNED)
    if restocked is not None:
        answer = f"yes, on {restocked.movement.ref.day}: Amazon may take the payment back"
        seen = exam.saw(restocked.movement.ref)
        exam.ends("overpaid", question, answer, seen, flip="A reversal of the reimbursement.")
    elif book.ask(gap_between, STOCK_RETURNED, back.ref.day - near, back.ref.day + near) is None:
        answer = "no, the inventory ledger does not show it: it was paid for instead"
        exam.ends("paid", question, answer, evidence, flip="A CustomerReturns row of this FNSKU.")
    elif status and code(status) == "REIMBURSED":
        answer = "the returns report says Reimbursed: it was paid for instead"
        exam.ends("paid", question, answer, flip="The inventory ledger of those days.")
    else:
        answer = "its grade says so, and no imported inventory ledger speaks of it: Amazon may take the payment back"
        flip = "The inventory ledger of those days."
        exam.ends("overpaid", question, answer, evidence, flip=flip)


def _all_refunded(case: Case, sku: str) -> bool:
    """True where the refunds of all units sold are known: nothing more can have come to grief."""
    units = refunded_units(case, sku)
    return bool(units) and all(unit.sure for unit in units) and len(units) == units_sold(case, sku)


def _fnsku(case: Case, sku: str) -> str | None:
    """The FNSKU of a unit that did not come back, where the order's rows of that SKU name one only."""
    told = {back.fnsku for back in case.returns if back.sku == sku}
    told |= {line.fnsku for line in case.reimbursements if line.sku == sku}
    named = told - {None}
    return next(iter(named)) if len(named) == 1 else None


def _asin(case: Case, sku: str) -> str | None:
    return next((line.asin for line in case.lines if line.sku == sku and line.asin), None)
