"""Came back damaged by Amazon or its carrier, and not paid for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from ledger import gates
from ledger.allocation import Unit, kin_of, order_units
from ledger.book import REFUNDS, REIMBURSEMENTS, RETURNS, Book
from ledger.case import Case, Return
from ledger.policy import Evidence, Examination, Finding, Policy
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

    def concerns(self, case: Case, book: Book) -> bool:
        """Only what came back can be damaged, under the order's own id or a replacement's."""
        return case.kind == "order" and bool(case.returns or book.ask(kin_of, case.name)[1])

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each FBA unit that came back in any state but sellable."""
        if case.kind != "order":
            return
        for unit in order_units(case, book).units:
            if unit.returned is None or unit.returned.returned.programme != "FBA":
                continue
            if unit.disposition != "SELLABLE":
                yield self._judge(case, book, as_of, unit)

    def _judge(self, case: Case, book: Book, as_of: date, unit: Unit) -> Finding:
        assert unit.returned is not None
        back = unit.returned.returned
        exam = Examination(self.claim_type, as_of)
        answer = f"yes, on {back.ref.day} as {back.disposition or 'no disposition'}"
        flip = "A newer download that grades it otherwise."
        exam.passed("Did it come back?", answer, exam.saw(back.ref), flip=flip)
        gates.ask_store(exam, case)
        gates.ask_programme(exam, case, unit.sku)
        if exam.final is None:
            liable = _ask_liable(exam, case, book, back, kept=unit.kept)
            _ask_paid(exam, case, book, unit, liable)
        if exam.final is None:
            given = unit.given
            since = min(back.ref.day, given.day) if given else back.ref.day
            gates.ask_unpaid(exam, book, since)
            gates.ask_returns(exam, book, back.ref.day)
            gates.ask_clock(exam, book, case.marketplace, given)
            family = gates.VALUED_AFTER_ORDER
            gates.ask_worth(exam, book, family, case.marketplace, since, amount=unit.worth)
        return gates.conclude(
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
            paid=unit.paid,
        )


def _ask_liable(exam: Examination, case: Case, book: Book, back: Return, *, kept: bool) -> str:
    """Who bears it, as far as the rule says; a seller's loss ends the matter where nothing was paid."""
    question = "Who bears a unit in this state?"
    disposition = code(back.disposition or "")
    rule = None
    if case.marketplace and disposition:
        family = f"fba.disposition.{disposition}"
        rule = book.rulebook.in_force(family, case.marketplace, back.ref.day)
    if rule is None:
        where = f" in {case.marketplace}" if case.marketplace else ", the store being unknown"
        answer = f"no rule says who bears {back.disposition or 'a blank disposition'}{where}"
        exam.doubt(question, answer, flip="A rule on this disposition, with its source.")
        return "unknown"
    evidence = exam.by(rule)
    inspection = "An inspection of the unit, with photos and licence plate, that shows otherwise."
    if rule.liable_party not in ("seller", "amazon"):
        exam.doubt(question, f"undetermined: {rule.title}", evidence, flip=inspection)
        return "unknown"
    answer = f"{rule.liable_party}: {rule.title}"
    if rule.liable_party == "amazon":
        exam.passed(question, answer, evidence, flip=inspection)
    elif not rule.sure or kept:
        exam.failed(question, answer, evidence, flip=inspection)
    else:
        exam.ends("not_claimable", question, answer, evidence, flip=inspection)
    if not rule.sure:
        gates.ask_rule(exam, "Is that rule certain?", rule)
    return rule.liable_party if rule.sure else "unknown"


def _ask_paid(exam: Examination, case: Case, book: Book, unit: Unit, liable: str) -> None:
    assert unit.returned is not None
    question = "Has this unit been paid for?"
    payment = unit.payment
    status = case.return_status.get(unit.returned.returned.ref.slot)
    if payment is not None and payment.reversal is None:
        line = payment.line
        how = "with a unit in kind" if payment.in_kind else str(unit.paid)
        answer = f"yes, {how} on {line.ref.day}, reimbursement {line.reimbursement_id}"
        seen = [exam.saw(one.line.ref) for one in (payment, *unit.top_ups)]
        if liable == "seller":
            told = f"{answer}, though the seller bears this state: Amazon may take it back"
            exam.ends("overpaid", question, told, *seen, flip="A reversal of it.")
        else:
            exam.ends("paid", question, answer, *seen, flip="A reversal of it.")
        if unit.refund is None:
            exam.assume("The payment is for this unit: no settlement tells what was refunded.")
    elif payment is not None and payment.reversal is not None:
        seen = [exam.saw(payment.line.ref), exam.saw(payment.reversal.ref)]
        answer = (
            f"it was paid on {payment.line.ref.day} and taken back on {payment.reversal.ref.day}"
        )
        flip = "A reversal that turns out to be another payment's."
        if payment.surely:
            told = f"{answer}: the finding about the reversal speaks for it"
            exam.ends("not_claimable", question, told, *seen, flip=flip)
        else:
            exam.doubt(
                question, f"{answer}, though the reversal names no payment", *seen, flip=flip
            )
    else:
        _ask_unpaid(exam, book, question, unit, status)


def _ask_unpaid(
    exam: Examination, book: Book, question: str, unit: Unit, status: str | None
) -> None:
    seen: list[Evidence] = [exam.saw(one.line.ref) for one in unit.maybe]
    if unit.maybe:
        answer = "a payment on this order may be for this unit or for another one"
        flip = "Payments for as many units as came to grief."
        exam.doubt(question, answer, *seen, flip=flip)
    elif status and code(status) == "REIMBURSED":
        answer = "the returns report says Reimbursed, but no reimbursement line for it was imported"
        flip = "Import the reimbursements report for the time after the return."
        exam.doubt(question, answer, flip=flip)
    else:
        answer = "no reimbursement of this order is left for it"
        seen_payments = gates.seen_payments(book)
        exam.passed(question, answer, seen_payments, flip="A reimbursement for this order.")
