"""The questions about units that went missing or were damaged in a fulfilment centre."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ledger import gates
from ledger.allocation import Payment, StockLoss
from ledger.book import REIMBURSEMENTS, STOCK, Book
from ledger.case import Case, Reconciliation
from ledger.policy import Examination, Finding
from ledger.values import Money


def judge_loss(
    claim_type: str, case: Case, book: Book, as_of: date, loss: StockLoss, *, doubt: str = ""
) -> Iterator[Finding]:
    """The findings for one row of the inventory ledger: what is still open of it, and what was paid."""
    told = case.reconciliations.get(loss.movement.ref.slot)
    unreconciled = told.unreconciled if told else None
    if loss.paid:
        yield _paid(claim_type, case, as_of, loss)
    if loss.open <= 0 and (loss.paid or not unreconciled):
        return  # Amazon's number may lag behind a payment; a unit found by us alone is asked about.
    yield _open(claim_type, case, book, as_of, loss, told, doubt)


def _paid(claim_type: str, case: Case, as_of: date, loss: StockLoss) -> Finding:
    exam = Examination(claim_type, as_of)
    row = loss.movement
    exam.passed("Did units go?", _went(loss), exam.saw(row.ref))
    exam.ends(
        "paid",
        "Were they paid for?",
        f"{len(loss.paid)} of {loss.quantity}: {_payments(loss.paid)}",
        *(exam.saw(payment.line.ref) for payment in loss.paid),
        flip="A reversal of the reimbursement.",
    )
    return gates.conclude(
        exam,
        case,
        anchor=f"{row.ref.slot}|paid",
        unit=1,
        quantity=len(loss.paid),
        units=[f"{row.ref.slot}/paid"],
        marketplace=row.ref.marketplace,
        programme="FBA",
        sku=row.sku,
        fnsku=row.fnsku,
        asin=row.asin,
        paid=_sum([payment.amount for payment in loss.paid]),
    )


def _open(
    claim_type: str,
    case: Case,
    book: Book,
    as_of: date,
    loss: StockLoss,
    told: Reconciliation | None,
    doubt: str,
) -> Finding:
    exam = Examination(claim_type, as_of)
    row = loss.movement
    exam.passed("Did units go?", _went(loss), exam.saw(row.ref))
    gates.ask_marketplace(exam, row.ref.marketplace, "no row and no statement names the store")
    quantity = _ask_open(exam, loss, told)
    if doubt:
        exam.doubt("Does Amazon owe for this reason code?", doubt)
    gates.ask_coverage(exam, book, STOCK, row.ref.day, "it was not found again")
    gates.ask_coverage(exam, book, REIMBURSEMENTS, row.ref.day, "it was not paid for already")
    gates.ask_window(
        exam,
        book,
        gates.FC_OPERATIONS,
        row.ref.marketplace,
        {"reported_lost_or_damaged_date": row.ref.day},
    )
    _ask_value(exam, book, row.ref.marketplace, row.ref.day)
    return gates.conclude(
        exam,
        case,
        anchor=row.ref.slot,
        unit=1,
        quantity=quantity,
        units=[f"{row.ref.slot}/{number}" for number in range(1, quantity + 1)],
        marketplace=row.ref.marketplace,
        programme="FBA",
        sku=row.sku,
        fnsku=row.fnsku,
        asin=row.asin,
    )


def _ask_open(exam: Examination, loss: StockLoss, told: Reconciliation | None) -> int:
    """Amazon's own number first; ours beside it; where they differ nothing is claimed before a person looked."""
    question = "How many units are still open?"
    own = max(loss.open, 0)
    seen = [exam.saw(row.ref) for row in dict.fromkeys(loss.found)]
    seen += [exam.saw(payment.line.ref) for payment in loss.paid]
    if told is None or told.unreconciled is None:
        exam.doubt(question, f"{own} by our count; Amazon's number is not told", *seen)
        return own
    theirs = abs(told.unreconciled)
    seen.append(exam.saw(told.ref))
    if theirs == own:
        exam.passed(
            question,
            f"{own}: Amazon's unreconciled quantity and our count agree",
            *seen,
            flip="A unit found, a replacement or a reimbursement.",
        )
    else:
        exam.doubt(
            question,
            f"Amazon says {theirs} unreconciled, our count of found and paid units says {own}",
            *seen,
            flip="The missing rows: units found under another SKU, or a payment not imported.",
        )
    return theirs or own


def _ask_value(exam: Examination, book: Book, marketplace: str | None, lost_on: date) -> None:
    """What a unit is worth that was lost before anybody ordered it."""
    if marketplace is None:
        return
    rule = book.rulebook.in_force(gates.VALUED_BEFORE_ORDER, marketplace, lost_on)
    question = "What is a unit worth?"
    if rule is None:
        exam.assume(
            f"The worth of a unit is unknown: no valuation rule is known for {marketplace}."
        )
        return
    evidence = [exam.by(rule)]
    postponed = book.rulebook.postponed(gates.VALUED_BEFORE_ORDER, marketplace, lost_on)
    answer = (rule.basis or "unknown").replace("_", " ")
    if postponed is not None:
        evidence.append(exam.by(postponed))
        answer += f" (the change announced for {postponed.effective_from} was postponed)"
    exam.passed(question, answer, *evidence)
    exam.assume("The amount is not stated: the unit's value before an order is in no report.")


def _went(loss: StockLoss) -> str:
    row = loss.movement
    return f"{loss.quantity} with reason code {row.reason} on {row.ref.day} at {row.fulfillment_center}"


def _payments(payments: Sequence[Payment]) -> str:
    ids = dict.fromkeys(payment.line.reimbursement_id for payment in payments)
    return "reimbursement " + ", ".join(ids)


def _sum(amounts: Sequence[Money]) -> Money | None:
    if not amounts or len({money.currency for money in amounts}) > 1:
        return None
    return Money(sum(money.minor for money in amounts), amounts[0].currency)
