"""Money that the seller tells before a report does: provisional, until a report shows the same money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Generic, TypeVar

import msgspec

from ledger.book import Book
from ledger.case import Case, Ref, Reimbursement
from ledger.desk import SETTLED_WITHIN, Claim, claims_of, refunds_of
from ledger.events.claims import ClaimPaid, ClaimPaymentReversed
from ledger.events.refunds import RefundGiven
from ledger.events.requests import ReturnLabelIssued
from ledger.values import Money, code

SETTLED_AS: Final = {
    "safe_t": "SAFE_T_REIMBURSEMENT",
    "a_to_z": "A_TO_Z_GUARANTEE_RECOVERY",
    "chargeback": "CHARGEBACK_RECOVERY",
}
"""As what a settlement shows the payment of a claim, by the door through which the claim went."""
AMAZON_LABEL: Final = "amazon_prepaid"
LABEL: Final = "SHIPPING_LABEL_PURCHASE_FOR_RETURN"
"""As what a settlement shows a return label that was bought from Amazon."""
EQUAL_WITHIN: Final = timedelta(days=90)
"""The same amount so much later is other money."""
REPORTED_DOORS: Final = frozenset(("fba", *SETTLED_AS))
"""Doors behind which Amazon pays, and reports that it did; what a carrier pays no report shows."""

T = TypeVar("T")


class ClaimMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid on a claim, or taken back, as the seller tells it."""

    ref: Ref
    claim: Claim
    amount: Money
    """Plus is paid to the seller."""
    reimbursement_id: str | None


def unsettled_refunds(case: Case) -> list[tuple[Ref, RefundGiven]]:
    """Refunds that the seller tells and no settlement does."""
    waiting = {one.ref.slot for one in refunds_of(case) if not one.settled}
    return [(ref, given) for ref, given in case.told(RefundGiven) if ref.slot in waiting]


def unsettled_labels(case: Case) -> list[tuple[Ref, ReturnLabelIssued]]:
    """Return labels that the seller bought from Amazon, and that no settlement shows."""
    told = [
        (ref, label)
        for ref, label in case.told(ReturnLabelIssued)
        if label.payer == "seller" and label.kind == AMAZON_LABEL
    ]
    tellings = [_Telling((ref, label), ref.day, -label.cost) for ref, label in told if label.cost]
    return _not_shown(tellings, _transactions(case, LABEL))


def unshown_claim_money(case: Case, book: Book) -> list[ClaimMoney]:
    """What the seller tells was paid on claims, or taken back, and no report shows."""
    waiting: list[ClaimMoney] = []
    by_door: dict[str, list[ClaimMoney]] = {}
    for claim in claims_of(case).values():
        by_door.setdefault(claim.door, []).extend(claim_money(claim))
    for door, told in by_door.items():
        if door == "fba":
            waiting += _not_reimbursed(told, case, book)
        elif door in SETTLED_AS:
            tellings = [_Telling(one, one.ref.day, one.amount) for one in told]
            waiting += _not_shown(tellings, _transactions(case, SETTLED_AS[door]))
        else:
            waiting += told
    waiting.sort(key=lambda one: (one.ref.occurred_at, one.ref.position))
    return waiting


def claim_money(claim: Claim) -> Iterator[ClaimMoney]:
    """Every payment of a claim, and what was taken back of it."""
    told: list[tuple[Ref, ClaimPaid | ClaimPaymentReversed]] = [*claim.paid, *claim.reversed]
    for ref, one in told:
        amount = one.amount if isinstance(one, ClaimPaid) else -one.amount
        yield ClaimMoney(ref=ref, claim=claim, amount=amount, reimbursement_id=one.reimbursement_id)


def still_paid(claim: Claim) -> bool:
    """True where money that was paid on a claim was not all taken back."""
    return sum(one.amount.minor for one in claim_money(claim)) > 0


# --- what reports show ------------------------------------------------------------------------


class _Shown(msgspec.Struct, frozen=True):
    """Money as a report shows it."""

    day: date
    amount: Money
    case_id: str | None = None


class _Telling(msgspec.Struct, Generic[T], frozen=True):
    """Money as the seller tells it."""

    thing: T
    day: date
    amount: Money
    case_id: str | None = None


def _transactions(case: Case, name: str) -> list[_Shown]:
    """Money of this name in the settlements of the case."""
    found = []
    for transaction in case.transactions:
        amounts = [
            line.amount
            for line in transaction.lines
            if name in (code(line.what), code(line.kind), code(transaction.transaction))
        ]
        if amounts:
            total = sum(amounts[1:], start=amounts[0])
            found.append(_Shown(transaction.ref.day, total))
    return found


def _not_reimbursed(told: Iterable[ClaimMoney], case: Case, book: Book) -> list[ClaimMoney]:
    """Payments that the reimbursements report does not show.

    A line is found by the id that the seller names, wherever it is recorded; where he names none, in the
    same stream by its amount and by Amazon's case number.
    """
    named = [one for one in told if one.reimbursement_id]
    nameless = [one for one in told if not one.reimbursement_id]
    lines = [
        _Shown(line.ref.day, line.amount, line.case_id)
        for line in case.reimbursements
        if not any(_is_of(line, one) for one in named)
    ]
    tellings = [_Telling(one, one.ref.day, one.amount, one.claim.case_id) for one in nameless]
    return [one for one in named if not _reported(one, case, book)] + _not_shown(tellings, lines)


def _reported(one: ClaimMoney, case: Case, book: Book) -> bool:
    elsewhere = book.payments if one.amount.minor > 0 else book.reversals
    if elsewhere.get(one.reimbursement_id or ""):
        return True
    return any(_is_of(line, one) for line in case.reimbursements)


def _is_of(line: Reimbursement, one: ClaimMoney) -> bool:
    """True where a line bears the id that the seller names: its own, or that of what it takes back."""
    if line.reversal is not (one.amount.minor < 0):
        return False
    return one.reimbursement_id in (line.reimbursement_id, line.original_id)


def _not_shown(told: Sequence[_Telling[T]], shown: Sequence[_Shown]) -> list[T]:
    """Those of which a report shows nothing: each amount that is shown is of one telling only.

    First the same amounts find each other, then others that are near in time: sellers round, and Amazon
    deducts.
    """
    left = list(shown)
    waiting = list(told)
    for alike in (_equal, _near):
        for one in list(waiting):
            found = [line for line in left if _may_be(line, one) and alike(line, one)]
            if found:
                left.remove(min(found, key=lambda line: abs(line.day - one.day)))
                waiting.remove(one)
    return [one.thing for one in waiting]


def _may_be(line: _Shown, one: _Telling[T]) -> bool:
    return None in (line.case_id, one.case_id) or line.case_id == one.case_id


def _equal(line: _Shown, one: _Telling[T]) -> bool:
    return line.amount == one.amount and abs(line.day - one.day) <= EQUAL_WITHIN


def _near(line: _Shown, one: _Telling[T]) -> bool:
    return (
        line.amount.currency == one.amount.currency
        and (line.amount.minor > 0) is (one.amount.minor > 0)
        and abs(line.day - one.day) <= SETTLED_WITHIN
    )
