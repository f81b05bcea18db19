"""Costs that no report tells, or none yet: what the seller says of labels, postage, concessions, refunds, payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import claims_of, concessions_of, repayments_of, skus_of
from ledger.events.deliveries import OrderDispatched
from ledger.events.refunds import Component, RefundGiven, ReplacementSent
from ledger.events.requests import ReturnLabelIssued
from ledger.values import Money
from projections.parties import Lines, Party, Posted
from projections.provisional import (
    AMAZON_LABEL,
    REPORTED_DOORS,
    ClaimMoney,
    unsettled_labels,
    unsettled_refunds,
    unshown_claim_money,
)

COMPONENTS: Final[Mapping[Component, str]] = {
    "item": "product",
    "item_tax": "tax",
    "shipping": "shipping",
    "shipping_tax": "tax",
    "gift_wrap": "gift_wrap",
    "return_postage": "return_postage",
}
"""The line of each component of a refund: the one to which the settlement's will belong."""
FUNDED: Final = frozenset(("a_to_z", "chargeback"))
"""What sets off refunds that somebody else than the seller may have to pay, as it is decided."""


class Borne(msgspec.Struct, frozen=True, kw_only=True):
    """What one thing that the seller told moves."""

    ref: Ref
    sku: str | None
    lines: Lines
    provisional: bool = False
    """True where a report will tell it, and has not yet."""


def borne_of(case: Case, book: Book) -> Iterator[Borne]:
    """Every cost that the seller alone tells, kind by kind, each in order of occurrence."""
    if not case.deeds:
        return
    yield from _refunds(case)
    yield from _concessions(case)
    yield from _labels(case)
    yield from _ways_out(case)
    yield from _claims(case, book)


def _refunds(case: Case) -> Iterator[Borne]:
    """What a buyer got, after the fee and postage that were kept back: those are in it, and not posted again.

    What somebody else pays is in no settlement of the seller's.
    """
    for ref, given in unsettled_refunds(case):
        by = _funded_by(case, given)
        lines = [
            (Posted(COMPONENTS[part.component], "buyer", by), -part.amount) for part in given.parts
        ]
        yield Borne(ref=ref, sku=given.sku, lines=lines, provisional=by == "seller")


def _funded_by(case: Case, given: RefundGiven) -> Party:
    """Who pays a refund: the seller, unless a dispute was decided otherwise."""
    if given.trigger in FUNDED:
        for claim in claims_of(case).values():
            decided = claim.decision[1].funded_by if claim.decision else None
            if claim.door == given.trigger and claim.sku in (None, given.sku) and decided:
                return decided
    return "seller"


def _concessions(case: Case) -> Iterator[Borne]:
    """No report tells of a voucher, a discount or a spare part; of a part of the price the settlement will."""
    for one in concessions_of(case):
        if one.refund is None:
            lines = [(Posted("goodwill", "buyer"), -one.granted.amount)]
            settles = one.granted.kind == "partial_refund"
            yield Borne(ref=one.ref, sku=one.granted.sku, lines=lines, provisional=settles)


def _labels(case: Case) -> Iterator[Borne]:
    """Labels for the way back that the seller pays; those bought from Amazon are in a settlement some day."""
    waiting = {ref.slot for ref, _ in unsettled_labels(case)}
    for ref, label in case.told(ReturnLabelIssued):
        settles = label.kind == AMAZON_LABEL
        if label.payer == "seller" and label.cost and (not settles or ref.slot in waiting):
            lines = [(Posted("return_postage", "carrier"), -label.cost)]
            yield Borne(ref=ref, sku=label.sku, lines=lines, provisional=settles)


def _ways_out(case: Case) -> Iterator[Borne]:
    """Postage of units sent again, and of those sent in vain: what is not given back is a sale's cost."""
    for ref, sent in case.told(OrderDispatched):
        if sent.postage and _in_vain(case, sent.sku):
            yield _postage(ref, sent.sku, sent.postage)
    for ref, again in case.told(ReplacementSent):
        if again.cost:
            yield _postage(ref, again.sku, again.cost)


def _postage(ref: Ref, sku: str | None, cost: Money) -> Borne:
    return Borne(ref=ref, sku=sku, lines=[(Posted("shipping", "carrier"), -cost)])


def _in_vain(case: Case, sku: str | None) -> bool:
    """True where a buyer got his money, or another unit, for what was sent."""
    if any(sku in (None, one.sku) for one in case.replacements):
        return True
    return any(repayments_of(case, one) for one in ([sku] if sku else skus_of(case)))


def _claims(case: Case, book: Book) -> Iterator[Borne]:
    """What was paid on claims: Amazon reports what it pays, a carrier does not."""
    for one in unshown_claim_money(case, book):
        door = one.claim.door
        party: Party = "carrier" if door == "carrier" else "amazon"
        yield Borne(
            ref=one.ref,
            sku=one.claim.sku,
            lines=[(Posted(_line_of(one), party), one.amount)],
            provisional=door in REPORTED_DOORS,
        )


def _line_of(one: ClaimMoney) -> str:
    if one.claim.door != "fba":
        return "claim"
    return "reimbursement" if one.amount.minor > 0 else "reimbursement_reversal"
