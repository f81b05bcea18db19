"""Came back damaged by Amazon or its carrier, and not paid for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from ledger import gates
from ledger.allocation import Unit, order_units, owed_for
from ledger.book import REFUNDS, REIMBURSEMENTS, RETURNS, Book
from ledger.case import Case, Return
from ledger.policy import Examination, Finding, Policy
from ledger.values import code


class ReturnDamaged(Policy):
    """Who bears a unit that came back unsellable follows from its disposition."""

    claim_type: ClassVar[str] = "return_damaged"
    title: ClassVar[str] = "Came back damaged by Amazon or its carrier, unpaid"
    families: ClassVar[tuple[str, ...]] = (
        gates.CUSTOMER_RETURN,
        "fba.disposition.DAMAGED",
        "fba.disposition.CARRIER_DAMAGED",
        gates.VALUED_AFTER_ORDER,
    )
    needs: ClassVar[tuple[str, ...]] = (REFUNDS, RETURNS, REIMBURSEMENTS)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each FBA unit that came back in any state but sellable."""
        if case.kind != "order":
            return
        for unit in order_units(case, book).units:
            if unit.returned is None or unit.returned.returned.programme != "FBA":
                continue
            if code(unit.returned.returned.disposition or "") != "SELLABLE":
                yield self._judge(case, book, as_of, unit)

    def _judge(self, case: Case, book: Book, as_of: date, unit: Unit) -> Finding:
        assert unit.returned is not None
        back = unit.returned.returned
        exam = Examination(self.claim_type, as_of)
        expected = owed_for(unit.refund) if unit.refund else None
        exam.passed(
            "Did it come back?",
            f"yes, on {back.ref.day} as {back.disposition or 'no disposition'}",
            exam.saw(back.ref),
        )
        gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
        _ask_liable(exam, case, book, back)
        _ask_paid(exam, case, unit)
        if exam.final is None:
            gates.ask_coverage(
                exam, book, REIMBURSEMENTS, back.ref.day, "it was not paid for already"
            )
            _ask_when(exam, case, book, unit)
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
            expected=expected,
            paid=unit.payment.amount if unit.payment else None,
        )


def _ask_liable(exam: Examination, case: Case, book: Book, back: Return) -> None:
    question = "Who bears a unit in this state?"
    disposition = code(back.disposition or "")
    rule = None
    if case.marketplace and disposition:
        family = f"fba.disposition.{disposition}"
        rule = book.rulebook.in_force(family, case.marketplace, back.ref.day)
    if rule is None:
        exam.doubt(question, f"no rule says who bears {back.disposition or 'a blank disposition'}")
    elif rule.liable_party == "seller":
        answer = f"the seller: {rule.title}"
        if rule.sure:
            exam.ends(
                "not_claimable",
                question,
                answer,
                exam.by(rule),
                flip="An inspection that shows otherwise.",
            )
        else:
            gates.ask_rule(exam, f"{question} By the rule the seller", rule)
    elif rule.liable_party == "amazon":
        exam.passed(question, f"Amazon: {rule.title}", exam.by(rule))
        gates.ask_rule(exam, "Is that rule certain?", rule)
    else:
        exam.doubt(question, f"undetermined: {rule.title}", exam.by(rule))


def _ask_paid(exam: Examination, case: Case, unit: Unit) -> None:
    assert unit.returned is not None
    question = "Has this unit been paid for?"
    status = case.return_status.get(unit.returned.returned.ref.slot)
    if unit.payment is not None and unit.payment.reversal is None:
        line = unit.payment.line
        how = "with a unit in kind" if unit.payment.in_kind else str(unit.payment.amount)
        verdict_answer = f"yes, {how} on {line.ref.day}, reimbursement {line.reimbursement_id}"
        if exam.final is not None:
            exam.final = (
                "overpaid",
                f"{verdict_answer}, though the seller bears this state: Amazon may take it back",
            )
            exam.failed(question, verdict_answer, exam.saw(line.ref))
        else:
            exam.ends(
                "paid", question, verdict_answer, exam.saw(line.ref), flip="A reversal of it."
            )
    elif unit.payment is not None and unit.payment.reversal is not None:
        exam.doubt(
            question,
            f"it was paid and taken back on {unit.payment.reversal.ref.day}",
            exam.saw(unit.payment.reversal.ref),
        )
    elif unit.maybe:
        exam.doubt(
            question,
            "a payment on this order may be for this unit or for another one",
            *(exam.saw(one.line.ref) for one in unit.maybe),
        )
    elif status and code(status) == "REIMBURSED":
        exam.doubt(
            question,
            "the returns report says Reimbursed, but no reimbursement line for it was imported",
            flip="Import the reimbursements report for the time after the return.",
        )
    else:
        exam.passed(question, "no reimbursement names it", flip="A reimbursement for this order.")


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
