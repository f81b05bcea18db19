"""The questions about units that went missing or were damaged in a fulfilment centre."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from ledger import gates
from ledger.allocation import AMAZON_FAULT, RESTOCK_DAYS, Payment, StockLoss, stock_losses
from ledger.book import STOCK_ADJUSTED, Book, gap_between
from ledger.case import Case, Return
from ledger.policy import Evidence, Examination, Finding
from ledger.values import Money, code

UNCERTAIN: Final = frozenset({"7", "H", "K", "U"})
"""Damage to units that were unsellable already: whether Amazon pays for them is not known."""


def judge_losses(claim_type: str, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
    """The findings about an FNSKU's lost units, or about its damaged ones."""
    allocated = stock_losses(case, book)
    losses = allocated.lost if claim_type == "fc_lost" else allocated.damaged
    for loss in losses:
        yield from judge_loss(claim_type, case, book, as_of, loss)
    for loss, payment in allocated.overpaid:
        if loss in losses and _sees_before(book, payment):
            yield judge_overpaid(claim_type, case, as_of, loss, payment)


def _sees_before(book: Book, payment: Payment) -> bool:
    """True where the ledger speaks for the time in which the loss of a payment must lie.

    Otherwise the payment may be for a loss before the first row.
    """
    day = payment.line.ref.day
    # Where they speak for nothing, all of it is a gap.
    return book.ask(gap_between, STOCK_ADJUSTED, day - _PAID_WITHIN, day) is None


_PAID_WITHIN: Final = timedelta(days=90)


def judge_loss(
    claim_type: str, case: Case, book: Book, as_of: date, loss: StockLoss
) -> Iterator[Finding]:
    """The findings for one row of the inventory ledger: what is still open of it, and what was settled.

    The row has one finding, whatever becomes of it; what is settled of a row that is open has its own.
    """
    settled = bool(loss.paid or loss.taken_back)
    is_open = loss.open > 0 or bool(loss.unreconciled and not settled)
    if is_open:
        yield _open(claim_type, case, book, as_of, loss)
    if loss.paid:
        anchor = f"{_slot(loss)}|paid" if is_open else _slot(loss)
        yield _paid(claim_type, case, as_of, loss, anchor)
    if loss.taken_back:
        alone = not is_open and not loss.paid
        anchor = _slot(loss) if alone else f"{_slot(loss)}|taken back"
        yield _taken_back(claim_type, case, as_of, loss, anchor)


def judge_overpaid(
    claim_type: str, case: Case, as_of: date, loss: StockLoss, payment: Payment
) -> Finding:
    """A unit that was paid for and found: Amazon may take the money back."""
    exam = Examination(claim_type, as_of)
    exam.passed("Did units go?", _went(loss), exam.saw(loss.movement.ref), flip=_NO_ROW)
    exam.passed(
        "Was the unit found again?",
        f"yes, {len(loss.found)} of {loss.quantity}",
        *_seen_found(exam, loss),
        flip="A loss that the found unit belongs to instead, in a file not imported.",
    )
    exam.ends(
        "overpaid",
        "Was it paid for all the same?",
        f"yes, {_said([payment])}: Amazon may take it back",
        exam.saw(payment.line.ref),
        flip="A reversal of the reimbursement.",
    )
    slot = payment.line.ref.slot
    anchor, unit = f"{slot}|{payment.number}", f"{slot}/{payment.number}"
    return _concluded(exam, case, loss, anchor, 1, [unit], paid=payment.amount)


# --- what is open of a row --------------------------------------------------------------------


def _open(claim_type: str, case: Case, book: Book, as_of: date, loss: StockLoss) -> Finding:
    exam = Examination(claim_type, as_of)
    row = loss.movement
    market = row.ref.marketplace
    exam.passed("Did units go?", _went(loss), exam.saw(row.ref), flip=_NO_ROW)
    gates.ask_marketplace(exam, market, "no row and no statement names the store", row.ref)
    _ask_state(exam, loss)
    quantity = _ask_open(exam, case, loss)
    _ask_paid(exam, loss)
    if claim_type == "fc_damaged":
        _ask_returned(exam, book, case, loss)
    gates.ask_coverage(exam, book, STOCK_ADJUSTED, loss.day, "it was not found again")
    gates.ask_unpaid(exam, book, loss.day, beyond=gates.LATE_DAYS)
    anchors = {"reported_lost_or_damaged_date": loss.day}
    gates.ask_window(exam, book, gates.FC_OPERATIONS, market, anchors)
    worth = gates.VALUED_BEFORE_ORDER
    expected = gates.ask_worth(exam, book, worth, market, loss.day, sku=row.sku, quantity=quantity)
    units = [f"{_slot(loss)}/{number}" for number in range(1, quantity + 1)]
    return _concluded(exam, case, loss, _slot(loss), quantity, units, expected=expected)


def _ask_state(exam: Examination, loss: StockLoss) -> None:
    """Amazon's rule wants a unit that could be sold; of others it is not known whether they are paid."""
    question = "Could the unit be sold until then?"
    row = loss.movement
    reason, disposition = code(row.reason or ""), code(row.disposition or "")
    if loss.unseen:
        answer = "it went astray in the damaged stock, and no row tells its damage"
        flip = "The inventory ledger of the days before, with the row that damaged it."
        exam.doubt(question, answer, exam.saw(row.ref), flip=flip)
    elif reason in UNCERTAIN or disposition != "SELLABLE":
        answer = (
            f"no: code {row.reason} on {row.disposition or 'unnamed'} stock, and whether Amazon pays for a "
            "unit that was unsellable already is not known"
        )
        flip = "Amazon's own words on units that were unsellable."
        exam.doubt(question, answer, exam.saw(row.ref), flip=flip)
    else:
        exam.passed(question, "yes: SELLABLE", exam.saw(row.ref), flip="Another disposition.")


def _ask_open(exam: Examination, case: Case, loss: StockLoss) -> int:
    """Amazon's own number first; ours beside it; where they differ nothing is claimed before a person looked."""
    question = "How many units are still open?"
    own, theirs = max(loss.open, 0), loss.unreconciled
    seen = [*_seen_found(exam, loss), *_seen_paid(exam, loss.paid)]
    for row in (loss.movement, *loss.beside):
        told = case.reconciliations.get(row.ref.slot)
        seen += [exam.saw(row.ref), *([exam.saw(told.ref)] if told else [])]
    if theirs is None:
        answer = f"{own} by our count; Amazon's number is not told"
        flip = "An inventory ledger with its column of unreconciled units."
        exam.doubt(question, answer, *seen, flip=flip)
        return own
    if loss.contradicted:
        exam.doubt(question, loss.contradicted, *seen, flip="The row in a newer download.")
    if abs(theirs) in (own, own + len(loss.taken_back)):
        exam.passed(
            question,
            f"{own}: Amazon's unreconciled quantity and our count agree",
            *seen,
            flip="A unit found, a replacement or a reimbursement.",
        )
        return own
    exam.doubt(
        question,
        f"Amazon says {abs(theirs)} unreconciled, our count of found and paid units says {own}",
        *seen,
        flip="The missing rows: units found under another SKU, or a payment not imported.",
    )
    return min(own, abs(theirs)) or max(own, abs(theirs))


def _ask_paid(exam: Examination, loss: StockLoss) -> None:
    """G4: a payment of another kind, code or FNSKU of the item may be for the unit all the same."""
    question = "May a payment be for it that names something else?"
    if loss.maybe:
        exam.doubt(
            question,
            f"{_said(loss.maybe)} may be for it",
            *_seen_paid(exam, loss.maybe[:_NAMED]),
            flip="The case log of that payment, which says what it was for.",
        )
    else:
        answer = "no other payment for this item"
        exam.passed(question, answer, flip="A reimbursement of this item since.")


def _ask_returned(exam: Examination, book: Book, case: Case, loss: StockLoss) -> None:
    """A unit that a customer sent back damaged may show as damaged at the fulfilment centre, too."""
    question = "May it be a customer's return that came back damaged?"
    near = book.ask(damaged_near, case.name, loss.day)
    if near:
        exam.doubt(
            question,
            f"it may: a unit came back as {near[0].disposition} on {near[0].ref.day}, which is asked about there",
            *(exam.saw(back.ref) for back in near),
            flip="The licence plate of the damaged unit.",
        )
    else:
        flip = "A damaged return of this FNSKU in those days."
        exam.passed(question, "no damaged return of this FNSKU in those days", flip=flip)


def damaged_near(book: Book, fnsku: str, day: date) -> list[Return]:
    """Returns of an FNSKU that came back damaged about a day, by somebody else's fault."""
    return [
        back
        for back in book.returns_by_fnsku.get(fnsku, ())
        if abs(back.ref.day - day) <= timedelta(days=RESTOCK_DAYS)
        and code(back.disposition or "") in AMAZON_FAULT
    ]


# --- what is settled of it --------------------------------------------------------------------


def _paid(claim_type: str, case: Case, as_of: date, loss: StockLoss, anchor: str) -> Finding:
    exam = Examination(claim_type, as_of)
    exam.passed("Did units go?", _went(loss), exam.saw(loss.movement.ref), flip=_NO_ROW)
    exam.ends(
        "paid",
        "Were they paid for?",
        f"{len(loss.paid)} of {loss.quantity}: {_said(loss.paid)}",
        *_seen_paid(exam, loss.paid),
        flip="A reversal of the reimbursement.",
    )
    units = [f"{_slot(loss)}/paid/{number}" for number in range(1, len(loss.paid) + 1)]
    paid = _sum([payment.amount for payment in loss.paid])
    return _concluded(exam, case, loss, anchor, len(loss.paid), units, paid=paid)


def _taken_back(claim_type: str, case: Case, as_of: date, loss: StockLoss, anchor: str) -> Finding:
    exam = Examination(claim_type, as_of)
    exam.passed("Did units go?", _went(loss), exam.saw(loss.movement.ref), flip=_NO_ROW)
    reversals = [payment.reversal for payment in loss.taken_back if payment.reversal is not None]
    exam.ends(
        "not_claimable",
        "Were they paid for?",
        f"{_said(loss.taken_back)}, and taken back: the finding about the reversal speaks for the unit",
        *_seen_paid(exam, loss.taken_back),
        *(exam.saw(reversal.ref) for reversal in dict.fromkeys(reversals)),
        flip="A reversal that turns out to be another payment's.",
    )
    count = len(loss.taken_back)
    units = [f"{_slot(loss)}/taken back/{number}" for number in range(1, count + 1)]
    return _concluded(exam, case, loss, anchor, count, units)


def _concluded(
    exam: Examination,
    case: Case,
    loss: StockLoss,
    anchor: str,
    quantity: int,
    units: Sequence[str],
    *,
    expected: Money | None = None,
    paid: Money | None = None,
) -> Finding:
    row = loss.movement
    return gates.conclude(
        exam,
        case,
        anchor=anchor,
        unit=1,
        quantity=quantity,
        units=units,
        marketplace=row.ref.marketplace,
        programme="FBA",
        sku=row.sku,
        fnsku=row.fnsku,
        asin=row.asin,
        expected=expected,
        paid=paid,
    )


# --- in words ---------------------------------------------------------------------------------

_NAMED: Final = 5
"""So many reimbursements are named one by one."""

_NO_ROW: Final = "A newer inventory ledger without this row."


def _slot(loss: StockLoss) -> str:
    return loss.movement.ref.slot


def _went(loss: StockLoss) -> str:
    row = loss.movement
    where = row.fulfillment_center or "a fulfilment centre"
    return f"{loss.quantity} with reason code {row.reason} on {loss.day} at {where}"


def _said(payments: Sequence[Payment]) -> str:
    ids = list(dict.fromkeys(payment.line.reimbursement_id for payment in payments))
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"reimbursement {', '.join(ids[:_NAMED])}{more}"


def _seen_found(exam: Examination, loss: StockLoss) -> list[Evidence]:
    return [exam.saw(row.ref) for row in dict.fromkeys(loss.found)]


def _seen_paid(exam: Examination, payments: Sequence[Payment]) -> list[Evidence]:
    return [exam.saw(payment.line.ref) for payment in payments]


def _sum(amounts: Sequence[Money]) -> Money | None:
    if not amounts or len({money.currency for money in amounts}) > 1:
        return None
    return Money(sum(money.minor for money in amounts), amounts[0].currency)
