"""What was granted for the refunds of an order: claims paid or allowed, buyers charged again, Amazon's funding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger import desk
from ledger.allocation import order_units
from ledger.bearing.share import Compensation
from ledger.book import Book
from ledger.case import Case
from ledger.desk import GRANTED, Claim
from ledger.ruling import Bearer
from ledger.values import Money, code

AGAINST_THE_SELLER: Final = ("a_to_z", "chargeback")
"""Doors through which a buyer claims: what is granted there is the buyer's, and somebody funds it."""
RECOVERIES: Final = {
    "safe_t": "SAFE_T_REIMBURSEMENT",
    "a_to_z": "A_TO_Z_GUARANTEE_RECOVERY",
    "chargeback": "CHARGEBACK_RECOVERY",
}
"""Under what a settlement tells the money of a door."""
BUYER_CHARGED: Final = "BUYERRECHARGE"


def compensations_of(case: Case, book: Book) -> list[Compensation]:
    """Everything that makes refunds of the order good, each money once."""
    told = [one for claim in desk.claims_of(case).values() for one in _of_claim(claim)]
    return [
        *_charged_again(case),
        *_reimbursed(case, book),
        *_beyond_reimbursed(case, told),
        *(one for one in told if one.door != "fba"),
        *_recovered(case, told),
    ]


# --- claims -----------------------------------------------------------------------------------


def _of_claim(claim: Claim) -> Iterator[Compensation]:
    if claim.by == "buyer" or claim.door in AGAINST_THE_SELLER:
        yield from _funded(claim)
        return
    paid = claim.net_paid
    if paid is None and claim.outcome not in GRANTED:
        return
    bearer: Bearer = "carrier" if claim.door == "carrier" else "amazon"
    amount = paid if paid is not None else _decided(claim)
    words = "paid" if paid is not None else "granted"
    yield _compensation(claim, bearer, amount, f"{words} on claim {claim.name}")


def _funded(claim: Claim) -> Iterator[Compensation]:
    """A buyer's claim: Amazon bears it where it funds it, or where the seller's appeal was won."""
    paid = claim.net_paid
    if paid is not None:
        yield _compensation(claim, "amazon", paid, f"paid back on claim {claim.name}")
        return
    appeal = claim.appeal_decision[1] if claim.appeal_decision else None
    if appeal is not None and appeal.outcome in GRANTED:
        why = f"the appeal of claim {claim.name} was won"
        whole = appeal.outcome == "granted"
        yield _compensation(claim, "amazon", appeal.amount, why, whole=whole)
        return
    decided = claim.decision[1] if claim.decision else None
    if decided is not None and decided.outcome in GRANTED and decided.funded_by in _FUNDING:
        why = f"{_FUNDING[decided.funded_by]} funds claim {claim.name}"
        bearer: Bearer = "carrier" if decided.funded_by == "carrier" else "amazon"
        yield _compensation(claim, bearer, decided.amount, why, whole=True)


_FUNDING: Final = {"amazon": "Amazon", "carrier": "the carrier"}


def _decided(claim: Claim) -> Money | None:
    """How much was granted, as the last decision tells; a whole grant is of all that was asked for."""
    if claim.appeal_decision is not None:
        amount = claim.appeal_decision[1].amount
    else:
        amount = claim.decision[1].amount if claim.decision else None
    return amount or (claim.amount if claim.outcome == "granted" else None)


def _compensation(
    claim: Claim, bearer: Bearer, amount: Money | None, why: str, *, whole: bool = False
) -> Compensation:
    """Without an amount it is all there is where the whole was granted, else it has to be asked for."""
    question = None
    if amount is None and not whole:
        question = f"how much was granted on claim {claim.name}?"
    return Compensation(
        bearer=bearer,
        door=claim.door,
        minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        why=why,
        refs=tuple(claim.refs),
        sku=claim.sku,
        trigger=claim.door if claim.door in AGAINST_THE_SELLER else None,
        question=question,
    )


# --- reports ----------------------------------------------------------------------------------


def _charged_again(case: Case) -> Iterator[Compensation]:
    """The buyer paid again: by a settlement alone, as a refund below nothing or a recharge."""
    for refund in desk.refunds_of(case):
        if refund.amount is not None and refund.amount.minor < 0:
            yield Compensation(
                bearer="buyer",
                door="buyer",
                minor=-refund.amount.minor,
                currency=refund.amount.currency,
                why=f"the buyer was charged again on {refund.ref.day}",
                refs=refund.refs,
                sku=refund.sku,
            )
    for told in case.transactions:
        for line in told.lines:
            if BUYER_CHARGED in (code(line.kind), code(line.what)) and line.amount.minor > 0:
                yield Compensation(
                    bearer="buyer",
                    door="buyer",
                    minor=line.amount.minor,
                    currency=line.amount.currency,
                    why=f"the buyer was charged again on {told.ref.day}",
                    refs=(told.ref,),
                    sku=told.sku,
                )


def _reimbursed(case: Case, book: Book) -> Iterator[Compensation]:
    """What Amazon paid for units and did not take back, as its reimbursements report tells."""
    for unit in order_units(case, book).units if case.reimbursements else ():
        if unit.kept and unit.payment is not None and unit.paid is not None and unit.paid.minor > 0:
            line = unit.payment.line
            yield Compensation(
                bearer="amazon",
                door="fba",
                minor=unit.paid.minor,
                currency=unit.paid.currency,
                why=f"Amazon reimbursed it on {line.ref.day}, {line.reimbursement_id}",
                refs=(line.ref,),
                sku=unit.sku,
            )


def _beyond_reimbursed(case: Case, told: list[Compensation]) -> Iterator[Compensation]:
    """FBA claims that the seller tells: Amazon's report, where it has come, counts instead."""
    if not case.reimbursements:
        yield from (one for one in told if one.door == "fba")


def _recovered(case: Case, told: list[Compensation]) -> Iterator[Compensation]:
    """Money of a door that a settlement shows beyond what the seller tells of its claims."""
    for door, name in RECOVERIES.items():
        lines = [
            (one.ref, line.amount)
            for one in case.transactions
            for line in one.lines
            if name in (code(one.transaction), code(line.kind), code(line.what))
        ]
        known = [one.minor for one in told if one.door == door]
        if not lines or None in known:
            continue
        minor = sum(amount.minor for _, amount in lines) - sum(one or 0 for one in known)
        if minor > 0:
            yield Compensation(
                bearer="amazon",
                door=door,
                minor=minor,
                currency=lines[0][1].currency,
                why=f"Amazon paid it on {lines[0][0].day}, as the settlement tells",
                refs=tuple(ref for ref, _ in lines),
            )
