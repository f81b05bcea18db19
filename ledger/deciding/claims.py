"""Refusals in a claim's life: filed once, asked before answered, decided before appealed, paid as granted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.case import Case
from ledger.deciding.paying import currency_of
from ledger.deciding.proposal import Proposal
from ledger.desk import GRANTED, Claim, claims_of, quantity_of, refunds_of
from ledger.event import Deed
from ledger.events.claims import (
    AppealDecided,
    ClaimDecided,
    ClaimDrafted,
    ClaimFiled,
    ClaimInfoAnswered,
    ClaimInfoRequested,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.values import Money, day_of, day_told

_BY_AMAZON: Final = ("fba", "safe_t", "a_to_z")
"""Doors behind which Amazon pays, in the store's currency."""
_SELLER_REFUND: Final = "refund issued by seller"


def filed(proposal: Proposal[Deed]) -> Claim:
    """The claim that the event goes on with; refused where it was never filed, or not yet."""
    name: str = getattr(proposal.event, "claim")  # noqa: B009 - several events name a claim
    claim = claims_of(proposal.case).get(name)
    if claim is None or claim.filed is None:
        known = [one.name for one in claims_of(proposal.case).values() if one.filed]
        have = f" Filed are: {', '.join(known)}." if known else ""
        proposal.refuse(
            "no claim of this name was filed",
            advice=f"Record the filing first: `returns-ledger claim file`.{have}",
            found=name,
        )
    if proposal.day < claim.filed.day:
        proposal.refuse(
            f"the claim was filed on {claim.filed.day}, later than that",
            advice="Check the day given with `--at`.",
            by=claim.filed,
            found=proposal.occurred_at,
        )
    return claim


def on_appeal(case: Case, claim: Claim) -> bool:
    """True while an appeal is filed and not decided."""
    decided = [one for _, one in case.told(AppealDecided) if one.claim == claim.name]
    return len(claim.appeals) > len(decided)


# --- drafting and filing ----------------------------------------------------------------------


def is_not_filed_yet(proposal: Proposal[ClaimDrafted | ClaimFiled]) -> None:
    """A claim is filed once under its name."""
    claim = claims_of(proposal.case).get(proposal.event.claim)
    if claim is not None and claim.filed is not None:
        proposal.refuse(
            "a claim of this name is filed already",
            advice="Give another claim another name; appeal a decision with `returns-ledger claim appeal`.",
            by=claim.filed,
            found=claim.name,
        )


def is_the_only_claim(proposal: Proposal[ClaimFiled]) -> None:
    """Through one door a unit is claimed for once: while a claim is open, or when one was granted.

    A claim that names no SKU is for every unit. On Amazon's own losses a second claim of another type may
    follow, such as for what was paid too little.
    """
    event, case = proposal.event, proposal.case
    same = [one for one in claims_of(case).values() if one.filed and _same_door(one, event)]
    for claim in same:
        if claim.outcome == "denied":
            proposal.caution(f"{claim.name} was denied: an appeal may be the way, not a new claim")
        if event.finding_id and claim.finding_id == event.finding_id and _counts(claim):
            _refuse_second(proposal, claim)
    about = [one for one in same if _counts(one)]
    if not about:
        return
    if case.kind != "order":
        proposal.caution(f"{about[-1].name} is a claim of the same kind")
        return
    units = quantity_of(case, event.sku) if event.sku else None
    taken = sum(one.quantity for one in about)
    whole = event.sku is None or any(one.sku is None for one in about)
    if whole or taken + event.quantity > (units or 1):
        _refuse_second(proposal, about[-1])


def _same_door(claim: Claim, event: ClaimFiled) -> bool:
    if (claim.door, claim.by) != (event.door, event.by):
        return False
    if event.door == "fba" and claim.claim_type != event.claim_type:
        return False
    return None in (claim.sku, event.sku) or claim.sku == event.sku


def _counts(claim: Claim) -> bool:
    return claim.open or claim.outcome in GRANTED


def _refuse_second(proposal: Proposal[ClaimFiled], claim: Claim) -> None:
    how = "is open" if claim.open else "was granted"
    proposal.refuse(
        f"the claim {claim.name} {how} for the same",
        advice="Go on with that claim; a second one for the same unit can cost the account.",
        by=claim.filed,
        found=proposal.event.claim,
    )


def is_open_for_the_refund(proposal: Proposal[ClaimFiled]) -> None:
    """SAFE-T is for refunds that Amazon made; one that the seller made is most likely denied."""
    event, case = proposal.event, proposal.case
    if event.door != "safe_t":
        return
    own = [one for one in refunds_of(case, event.sku) if one.by == "seller"]
    rule = proposal.rule("safet.window")
    if own and rule is not None and _SELLER_REFUND in rule.excluded:
        proposal.caution(
            f"the seller made the refund himself (entry {own[-1].ref.position}): SAFE-T is for "
            f"refunds that Amazon made ({rule.id})"
        )


def is_in_the_claims_currency(proposal: Proposal[Deed]) -> None:
    """What is asked, granted and paid is of one currency: Amazon's, of the store."""
    event = proposal.event
    amount: Money | None = getattr(event, "amount", None)
    if amount is None:
        return
    if amount.minor < 0 or (amount.minor == 0 and not isinstance(event, ClaimDecided)):
        proposal.refuse(
            "not more than nothing", advice="Give a plain amount, without a sign.", found=amount
        )
    name: str = getattr(event, "claim")  # noqa: B009 - several events name a claim
    claim = claims_of(proposal.case).get(name)
    door = getattr(event, "door", claim.door if claim else None)
    told = _amounts(claim) if claim else []
    store = currency_of(proposal.case, None) if door in _BY_AMAZON else None
    wanted = told[0].currency if told else store
    if wanted is not None and amount.currency != wanted:
        proposal.refuse(
            f"the claim is in {wanted}", advice=f"Give the amount in {wanted}.", found=amount
        )


def _amounts(claim: Claim) -> list[Money]:
    told = [claim.amount, claim.decision[1].amount if claim.decision else None]
    told += [claim.appeal_decision[1].amount if claim.appeal_decision else None]
    told += [paid.amount for _, paid in claim.paid]
    return [amount for amount in told if amount is not None]


# --- asked, answered, decided -----------------------------------------------------------------


def is_under_way(proposal: Proposal[ClaimInfoRequested]) -> None:
    """Questions are asked about a claim, or an appeal, that is not decided."""
    claim = filed(proposal)
    if claim.decision is not None and not on_appeal(proposal.case, claim):
        proposal.refuse(
            "the claim is decided",
            advice="A question on appeal follows the appeal: `returns-ledger claim appeal`.",
            by=(claim.appeal_decision or claim.decision)[0],
            found=claim.name,
        )
    due_at = proposal.event.due_at
    if due_at is not None and int(due_at[:4]) > proposal.day.year + 1:
        proposal.refuse(
            "the last day to answer lies years ahead",
            advice="Give the day that the request shows.",
            found=due_at,
        )
    if due_at is not None and day_of(due_at, proposal.after.marketplace) < proposal.day:
        proposal.refuse(
            "the last day to answer lies before the request",
            advice="Give the day that the request shows.",
            found=due_at,
        )
    if proposal.event.on_appeal != bool(claim.appeals):
        proposal.caution(
            "an appeal is under way" if claim.appeals else "no appeal of this claim is recorded"
        )


def was_asked(proposal: Proposal[ClaimInfoAnswered]) -> None:
    """Only what was asked can be answered."""
    claim = filed(proposal)
    asked = [ref for ref, _ in claim.asked if ref.day <= proposal.day]
    if not asked:
        proposal.refuse(
            "nothing was asked about this claim by then",
            advice="Record the request first: `returns-ledger claim asked`.",
            by=claim.asked[0][0] if claim.asked else claim.filed,
            found=claim.name,
        )
    if claim.unanswered is None:
        proposal.caution("what was asked is answered already, or the claim is decided")


def is_decided_once(proposal: Proposal[ClaimDecided]) -> None:
    """A filed claim is decided once; what follows is an appeal."""
    claim, event = filed(proposal), proposal.event
    if claim.decision is not None:
        proposal.refuse(
            "the claim is decided already",
            advice="Record what an appeal brought with `returns-ledger claim appeal-decided`.",
            by=claim.decision[0],
            found=claim.name,
        )
    amount_fits(proposal, event)
    if event.appeal_until is not None and day_told(event.appeal_until) < proposal.day:
        proposal.refuse(
            "the last day to appeal lies before the decision",
            advice="Give the day that the decision shows.",
            found=event.appeal_until,
        )
    if event.amount and claim.amount and event.amount > claim.amount:
        proposal.caution(f"that is more than was asked for: {claim.amount}")


def amount_fits(proposal: Proposal[Deed], event: ClaimDecided | AppealDecided) -> None:
    """Refuse an amount that is granted where nothing is."""
    if event.outcome in ("denied", "withdrawn") and event.amount and event.amount.minor:
        proposal.refuse(
            f"nothing is granted where a claim is {event.outcome}",
            advice="Leave the amount out, or give the outcome as partly_granted.",
            found=event.amount,
        )


# --- paid and taken back ----------------------------------------------------------------------


def is_not_more_than_granted(proposal: Proposal[ClaimPaid]) -> None:
    """What is paid was granted, and is no more than that."""
    claim = filed(proposal)
    decided = claim.appeal_decision or claim.decision
    won = _won(claim)
    if not won:
        proposal.refuse(
            "nothing was granted yet" if claim.open else "the claim was not granted",
            advice="Record the decision first: `returns-ledger claim decide`.",
            by=decided[0] if decided else claim.filed,
            found=proposal.event.amount,
        )
    granted = [amount for amount in won if amount is not None]
    if len(granted) < len(won):
        return
    paid = [one.amount for _, one in claim.paid]
    most = sum(granted[1:], start=granted[0])
    if sum(paid, start=proposal.event.amount) > most:
        before = f", and {_sum(paid)} was paid before" if paid else ""
        proposal.refuse(
            f"{most} was granted{before}",
            advice="Check the amount and the claim's name.",
            by=decided[0] if decided else None,
            found=proposal.event.amount,
        )


def _won(claim: Claim) -> list[Money | None]:
    """What the seller won by the decision and by the appeal; a buyer's claim he wins on appeal only."""
    won: list[Money | None] = []
    if claim.decision and claim.by == "seller" and claim.decision[1].outcome in GRANTED:
        won.append(claim.decision[1].amount or claim.amount)
    if claim.appeal_decision and claim.appeal_decision[1].outcome in GRANTED:
        lost = claim.decision[1].amount if claim.decision else None
        won.append(claim.appeal_decision[1].amount or (lost if claim.by == "buyer" else None))
    return won


def is_not_more_than_was_paid(proposal: Proposal[ClaimPaymentReversed]) -> None:
    """No more is taken back than was paid."""
    claim = filed(proposal)
    paid = [one.amount for _, one in claim.paid]
    back = [one.amount for _, one in claim.reversed]
    event = proposal.event
    if not paid or sum(back, start=event.amount) > _sum(paid):
        said = f"{_sum(paid)} was paid" if paid else "nothing was paid on this claim"
        before = f", and {_sum(back)} was taken back before" if back else ""
        proposal.refuse(
            f"{said}{before}",
            advice="Check the amount and the claim's name; record payments first.",
            by=claim.paid[-1][0] if paid else claim.filed,
            found=event.amount,
        )


def _sum(amounts: Sequence[Money]) -> Money:
    return sum(amounts[1:], start=amounts[0])
