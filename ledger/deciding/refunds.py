"""Refusals of money for the buyer: nobody gets back more than was paid, nor the same twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from ledger.case import Ref
from ledger.deciding.paying import (
    currency_of,
    given_back,
    goods_given_back,
    goods_paid,
    limits,
)
from ledger.deciding.proposal import Proposal
from ledger.desk import (
    claims_of,
    delivered,
    dispatched,
    graded,
    lines_of,
    programme_of,
    received_units,
    refunds_of,
    requests_of,
    unit_price,
)
from ledger.events.deliveries import OrderTold
from ledger.events.messages import ReviewThreatened
from ledger.events.refunds import ConcessionGranted, RefundGiven, RestockingFeeApplied
from ledger.values import Money, is_day

_SENT_TWICE: Final = timedelta(hours=24)
"""The same refund again within this is most likely one submission sent twice."""
_NO_LIMIT: Final = ("return_postage",)
"""What the buyer paid to send the goods back, no sale tells."""
_PARTS: Final = " If postage is in it, tell the parts: `--part item=... --part shipping=...`."

Given = RefundGiven | ConcessionGranted


def is_an_amount(proposal: Proposal[Given | RestockingFeeApplied | OrderTold]) -> None:
    """Money is more than nothing, and in the currency of the sale."""
    event = proposal.event
    sku = event.sku
    sold_in = None if isinstance(event, OrderTold) else currency_of(proposal.case, sku)
    sold_in = sold_in or currency_of(proposal.after, None)
    for amount in amounts_of(event):
        if amount.minor <= 0:
            proposal.refuse(
                "not more than nothing",
                advice="Give what the buyer gets, or pays, as a plain amount.",
                found=amount,
            )
        if sold_in is not None and amount.currency != sold_in:
            proposal.refuse(
                f"the sale was in {sold_in}",
                advice=f"Give the amount in {sold_in}, as Amazon shows it.",
                found=amount,
            )


def amounts_of(event: Given | RestockingFeeApplied | OrderTold) -> Iterator[Money]:
    """Every amount that is the buyer's."""
    if isinstance(event, RefundGiven):
        yield from (part.amount for part in event.parts)
    elif isinstance(event, OrderTold):
        yield event.price
        if event.shipping is not None:
            yield event.shipping
    else:
        yield event.amount


def has_parts(proposal: Proposal[RefundGiven]) -> None:
    """A refund of nothing is none."""
    if not proposal.event.parts:
        proposal.refuse(
            "a refund of nothing",
            advice="Say what the buyer gets back: the item, shipping, tax.",
        )


def is_not_more_than_paid(proposal: Proposal[Given]) -> None:
    """The sum of what the buyer gets back is no more than was paid: of each SKU, and of the order."""
    event = proposal.event
    if isinstance(event, ConcessionGranted) and event.kind != "partial_refund":
        return
    case, after, currency = proposal.case, proposal.after, next(amounts_of(event)).currency
    if event.sku is not None:
        _sku_is_not_overpaid(proposal, event.sku, currency)
    was, would = goods_given_back(case, currency), goods_given_back(after, currency)
    paid = goods_paid(case, proposal.entries, currency)
    if paid is not None:
        _refuse_overpaid(proposal, "the goods", paid, was, would, currency)
    elif event.sku is None:
        proposal.caution("nothing tells what the buyer paid: whether it is more cannot be checked")


def _sku_is_not_overpaid(proposal: Proposal[Given], sku: str, currency: str) -> None:
    before = given_back(proposal.case, sku, currency)
    after = given_back(proposal.after, sku, currency)
    known: set[str] = set(_NO_LIMIT)
    paid_for_parts = limits(proposal.case, proposal.entries, sku, currency)
    postage = any("shipping" in limit.components and limit.paid for limit in paid_for_parts)
    for limit in paid_for_parts:
        known.update(limit.components)
        was, would = (sum(given[name] for name in limit.components) for given in (before, after))
        what = " and ".join(limit.components).replace("_", " ")
        more = _PARTS if postage and "item" in limit.components else ""
        _refuse_overpaid(proposal, what, limit.paid, was, would, currency, more)
    for name in sorted(name for name in after if after[name] > before[name]):
        if name not in known:
            proposal.caution(
                f"nothing tells what the buyer paid for this ({name.replace('_', ' ')}): "
                "whether it is more cannot be checked"
            )


def _refuse_overpaid(
    proposal: Proposal[Given],
    what: str,
    paid: int,
    was: int,
    would: int,
    currency: str,
    more: str = "",
) -> None:
    if would <= paid or would <= was:
        return
    sku = proposal.event.sku
    last = refunds_of(proposal.case, sku) if was else []
    got = f", and {Money(was, currency)} was given back before" if was else ""
    proposal.refuse(
        f"the buyer paid {Money(paid, currency)} ({what}){got}",
        advice=f"At most {Money(max(paid - was, 0), currency)} is left to give back.{more}",
        by=last[-1].ref if last else next((one.ref for one in lines_of(proposal.case, sku)), None),
        found=Money(would - was, currency),
    )


def is_not_sent_twice(proposal: Proposal[RefundGiven]) -> None:
    """The same refund shortly after is most likely one that was submitted twice."""
    event = proposal.event
    for ref, one in proposal.case.told(RefundGiven):
        if proposal.allowed.again or (one.sku, one.trigger) != (event.sku, event.trigger):
            continue
        if sorted(one.parts, key=str) == sorted(event.parts, key=str) and _shortly(
            ref, proposal.occurred_at, proposal.day
        ):
            proposal.refuse(
                "the same refund was recorded for the same day or the one beside it",
                advice="If the buyer was indeed refunded twice, say so with `--again`.",
                by=ref,
                found=event.amount,
            )


def _shortly(ref: Ref, occurred_at: str, day: date) -> bool:
    if is_day(ref.occurred_at) or is_day(occurred_at):
        return abs(ref.day - day) <= _SENT_TWICE
    told, now = datetime.fromisoformat(ref.occurred_at), datetime.fromisoformat(occurred_at)
    return abs(told - now) <= _SENT_TWICE


def is_not_paid_by_a_claim(proposal: Proposal[RefundGiven]) -> None:
    """After an A-to-z claim or a chargeback the buyer has the money already."""
    event = proposal.event
    for claim in claims_of(proposal.case).values():
        if claim.by != "buyer" or claim.sku not in (None, event.sku) or claim.decision is None:
            continue
        ref, decided = claim.decision
        if decided.outcome != "granted" or event.trigger == claim.door or proposal.day < ref.day:
            continue
        proposal.refuse(
            f"the buyer has the money already: the claim {claim.name} was granted",
            advice="Appeal the claim rather than pay twice: `returns-ledger remedy` shows until when.",
            by=ref,
            found=event.amount,
        )


def is_the_sellers_to_know(proposal: Proposal[RefundGiven]) -> None:
    """What a seller gives up when he refunds himself, and what he should have done first."""
    event, case = proposal.event, proposal.case
    if event.quantity:
        _more_than_units_cost(proposal)
    if event.trigger == "goodwill" and event.approver is None:
        proposal.caution("goodwill is a choice: name who approved it with `--approver`")
    if event.trigger == "goodwill":
        _after_a_threat(proposal)
    if event.by != "seller" or programme_of(case, event.sku) == "FBA":
        return
    safe_t = proposal.rule("safet.window")
    if safe_t is not None and _SELLER_REFUND in safe_t.excluded:
        proposal.caution(
            f"no SAFE-T claim is open for a refund that the seller made himself ({safe_t.id})"
        )
    _leave_it_to_amazon(proposal)
    if not requests_of(case, event.sku) or event.trigger not in _FOR_GOODS:
        return
    back, looked_at = received_units(case, event.sku), graded(case, event.sku)
    if not back:
        proposal.caution("nothing has come back yet")
    elif sum(one.quantity for _, one in looked_at) < back:
        proposal.caution("what came back is not graded yet: grade it first, with photos")


_SELLER_REFUND: Final = "refund issued by seller"
_FOR_GOODS: Final = ("manual", "statutory")
"""Triggers of refunds for goods that come back."""


def _more_than_units_cost(proposal: Proposal[RefundGiven]) -> None:
    event = proposal.event
    each = unit_price(proposal.case, event.sku)
    item = sum(part.amount.minor for part in event.parts if part.component == "item")
    if each is not None and item > each.minor * event.quantity:
        proposal.caution(
            f"{event.quantity} of {event.sku} cost no more than {each * event.quantity}"
        )


def _leave_it_to_amazon(proposal: Proposal[RefundGiven]) -> None:
    """A lost parcel under a protected label is Amazon's to refund."""
    sent = dispatched(proposal.case, proposal.event.sku)
    rule = proposal.rule("az.funding.buy_shipping")
    if rule is None or sent is None or not sent[1].claims_protected:
        return
    if delivered(proposal.case, proposal.event.sku) is None:
        proposal.caution(
            "the label is claims protected and no delivery is told: Amazon bears a parcel that did "
            f"not arrive only where it refunds the buyer itself ({rule.id})"
        )


def _after_a_threat(proposal: Proposal[Given]) -> None:
    for ref, _ in proposal.case.told(ReviewThreatened):
        proposal.caution(
            f"the buyer threatened with a review (entry {ref.position}): nothing may be given for "
            "one, or for leaving one out"
        )


# --- what the buyer gets for keeping the goods ------------------------------------------------


def is_not_for_a_review(proposal: Proposal[ConcessionGranted]) -> None:
    """Nothing may be given for a review, for changing one, or for leaving one out."""
    _after_a_threat(proposal)
    if proposal.event.approver is None:
        proposal.caution("goodwill is a choice: name who approved it with `--approver`")
    word = _ABOUT_A_REVIEW.search(proposal.event.why)
    if word is None:
        return
    reason = "nothing may be given for a review, its change or its removal"
    rule = proposal.rule("review.seller_conduct")
    if rule is None:
        proposal.caution(f"{reason}: so Amazon says in the stores whose page was read")
        return
    proposal.refuse_by(
        rule,
        reason,
        advice="Give it for what went wrong, and say that; never speak of a review to the buyer.",
        found=word[0],
    )


_ABOUT_A_REVIEW: Final = re.compile(
    r"\b(reviews?|ratings?|stars?|\w*feedback\w*"
    r"|\w*recension(en|er|erna)?|\w*omdöme(t|n|na)?|betyg\w*|\w*stjärn(a|an|or|orna|igt?)"
    r"|\w*bewertung(en)?|\w*rezension(en)?|stern(e|en)?)\b",
    re.IGNORECASE,
)
"""Words of reviews in the languages of the texts: English, Swedish, German."""
