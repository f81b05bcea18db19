"""Each claim with its whole life, from draft to decision and payment."""

from __future__ import annotations

from typing import Final

import msgspec

from ledger.case import Case, Ref
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimDrafted,
    ClaimFiled,
    ClaimInfoAnswered,
    ClaimInfoRequested,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.values import Money, is_day

GRANTED: Final = ("granted", "partly_granted")
"""Outcomes that give something to whoever claimed, or appealed."""
NOT_WHOLLY: Final = ("denied", "partly_granted")
"""Outcomes that leave something of it to be appealed for."""


class Claim(msgspec.Struct, kw_only=True):
    """What is known of one claim, by the seller's own name for it."""

    name: str
    claim_type: str
    door: str
    by: str = "seller"
    finding_id: str | None = None
    sku: str | None = None
    quantity: int = 1
    case_id: str | None = None
    amount: Money | None = None
    """What was asked for."""
    drafted: Ref | None = None
    filed: Ref | None = None
    asked: list[tuple[Ref, ClaimInfoRequested]] = msgspec.field(default_factory=list)
    answered: list[Ref] = msgspec.field(default_factory=list)
    decision: tuple[Ref, ClaimDecided] | None = None
    appeals: list[tuple[Ref, AppealFiled]] = msgspec.field(default_factory=list)
    appeal_decision: tuple[Ref, AppealDecided] | None = None
    paid: list[tuple[Ref, ClaimPaid]] = msgspec.field(default_factory=list)
    reversed: list[tuple[Ref, ClaimPaymentReversed]] = msgspec.field(default_factory=list)
    refs: list[Ref] = msgspec.field(default_factory=list)

    @property
    def open(self) -> bool:
        """True where it was filed and nothing has been decided, or an appeal is under way."""
        if self.filed is None:
            return False
        if self.appeals and self.appeal_decision is None:
            return True
        return self.decision is None

    @property
    def outcome(self) -> str | None:
        """What was decided last, None where nothing is: an appeal that the seller won grants him the claim."""
        if self.appeal_decision is not None:
            return self.appeal_decision[1].outcome
        return self.decision[1].outcome if self.decision else None

    @property
    def lost(self) -> bool:
        """True where its decision went against the seller: a buyer's claim was granted, or his own was not wholly."""
        if self.decision is None:
            return False
        return self.decision[1].outcome in (GRANTED if self.by == "buyer" else NOT_WHOLLY)

    @property
    def net_paid(self) -> Money | None:
        """What was paid on it and not taken back; None where nothing was, or in several currencies."""
        moved = [told.amount for _, told in self.paid]
        moved += [-told.amount for _, told in self.reversed]
        if not moved or len({money.currency for money in moved}) > 1:
            return None
        return sum(moved[1:], start=moved[0])

    @property
    def unanswered(self) -> tuple[Ref, ClaimInfoRequested] | None:
        """The request for information that nothing recorded after it answers."""
        if not self.asked:
            return None
        newest = self.asked[-1]
        answered = any(_after(ref, newest[0]) for ref in self.answered)
        return None if answered or not self.open else newest


def _after(ref: Ref, other: Ref) -> bool:
    """True for what came later; where one of the two is told with a day only, the order of telling decides."""
    if is_day(ref.occurred_at) != is_day(other.occurred_at):
        return (ref.day, ref.position) > (other.day, other.position)
    return (ref.occurred_at, ref.position) > (other.occurred_at, other.position)


def claims_of(case: Case) -> dict[str, Claim]:
    """Every claim about what the case is about, by its name, in the order in which they began.

    What is told of a claim with a day only stands before a filing told with its moment of the same day: it
    is of the claim all the same.
    """
    claims: dict[str, Claim] = {}
    for ref, deed in case.deeds:
        if isinstance(deed, ClaimDrafted | ClaimFiled):
            new = Claim(name=deed.claim, claim_type=deed.claim_type, door=deed.door)
            _begin(claims.setdefault(deed.claim, new), ref, deed)
    for ref, deed in case.deeds if claims else ():
        claim = claims.get(getattr(deed, "claim", None) or "")
        if claim is not None:
            _go_on(claim, ref, deed)
    return claims


def _begin(claim: Claim, ref: Ref, deed: ClaimDrafted | ClaimFiled) -> None:
    claim.finding_id = deed.finding_id or claim.finding_id
    claim.amount = deed.amount or claim.amount
    if isinstance(deed, ClaimDrafted):
        claim.drafted = ref
        return
    claim.filed = ref
    claim.by, claim.case_id = deed.by, deed.case_id
    claim.claim_type, claim.door = deed.claim_type, deed.door
    claim.sku, claim.quantity = deed.sku, deed.quantity


def _go_on(claim: Claim, ref: Ref, deed: object) -> None:
    claim.refs.append(ref)
    if isinstance(deed, ClaimInfoRequested):
        claim.asked.append((ref, deed))
    elif isinstance(deed, ClaimInfoAnswered):
        claim.answered.append(ref)
    elif isinstance(deed, ClaimDecided):
        claim.decision = (ref, deed)
    elif isinstance(deed, AppealFiled):
        claim.appeals.append((ref, deed))
    elif isinstance(deed, AppealDecided):
        claim.appeal_decision = (ref, deed)
    elif isinstance(deed, ClaimPaid):
        claim.paid.append((ref, deed))
    elif isinstance(deed, ClaimPaymentReversed):
        claim.reversed.append((ref, deed))
