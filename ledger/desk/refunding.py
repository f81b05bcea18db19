"""Each refund once: the settlement tells its money, the seller who gave it and what set it off."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from ledger.case import Case, Ref, Refund
from ledger.errors import UnknownThing
from ledger.events.refunds import RefundGiven
from ledger.values import Money, code

SETTLED_WITHIN: Final = timedelta(days=21)
"""A settlement shows a refund at the latest so many days after it: settlements close every fourteen."""
_A_DAY: Final = timedelta(days=1)
"""Days end at different moments in different zones."""
_TRIGGERS: Final = {"a_to_z": "a_to_z", "chargeback": "chargeback"}


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """One refund of one SKU."""

    name: str
    """`R-` and eight signs: the same in every run."""
    ref: Ref
    """The entry whose day is the refund's: the settlement's, else the seller's."""
    refs: tuple[Ref, ...]
    sku: str
    quantity: int | None
    by: str | None
    """seller or amazon; None where nobody says."""
    trigger: str | None
    """What set it off; None where nobody says."""
    amount: Money | None
    """What the buyer got: plus; None where a settlement tells no money of it."""
    settled: bool
    """True where a settlement tells it."""


def refunds_of(case: Case, sku: str | None = None) -> list[GivenBack]:
    """Every refund of the order, or of one SKU, in order of occurrence."""
    own = list(case.told(RefundGiven))
    matches = _matches(case.refunds, own)
    found = [_settled(settled, matches.get(settled.ref)) for settled in case.refunds]
    found += [_told(ref, given) for ref, given in own]
    found.sort(key=lambda one: one.ref.order)
    return [one for one in found if sku in (None, one.sku)]


def refund_named(case: Case, name: str) -> GivenBack:
    """The refund of that name; raises UnknownThing where the order has none."""
    for one in refunds_of(case):
        if one.name == name:
            return one
    advice = f"`returns-ledger remedy {case.name}` lists its refunds."
    raise UnknownThing(f"order {case.name} has no such refund", found=name, advice=advice)


def _buyer_got(refund: Refund) -> Money | None:
    """What a settled refund gave the buyer: price, shipping and tax less promotions; None without a line."""
    lines = [line for line in refund.lines if code(line.kind) in ("ITEMPRICE", "PROMOTION")]
    if not refund.lines:
        return None
    currency = refund.lines[0].amount.currency
    return Money(-sum(line.amount.minor for line in lines), currency)


def _matches(
    settled: Sequence[Refund], own: list[tuple[Ref, RefundGiven]]
) -> dict[Ref, tuple[Ref, RefundGiven]]:
    """The seller's word for each settled refund, taken out of `own`.

    First the same amounts find each other; then others that are near in time, as sellers round: those that
    were given before they were settled. What went through a claim of the buyer's is none of the seller's own.
    """
    found: dict[Ref, tuple[Ref, RefundGiven]] = {}
    for alike in (True, False):
        for one in settled:
            near = [told for told in own if one.ref not in found and _near(one, told, alike=alike)]
            if near:
                found[one.ref] = near[0]
                own.remove(near[0])
    return found


def _near(settled: Refund, told: tuple[Ref, RefundGiven], *, alike: bool) -> bool:
    ref, given = told
    if given.sku != settled.sku or abs(settled.ref.day - ref.day) > SETTLED_WITHIN:
        return False
    if claimed(given.trigger) != claimed(settled.trigger):
        return False
    return given.amount == _buyer_got(settled) if alike else ref.day <= settled.ref.day + _A_DAY


def claimed(trigger: str | None) -> str | None:
    """The claim through which a refund went, a_to_z or chargeback; None for any other refund."""
    return _TRIGGERS.get(trigger or "")


def _settled(settled: Refund, match: tuple[Ref, RefundGiven] | None) -> GivenBack:
    given = match[1] if match else None
    got = _buyer_got(settled)
    told = claimed(settled.trigger)
    return GivenBack(
        name=_name(settled.ref),
        ref=match[0] if match else settled.ref,
        refs=(settled.ref, *([match[0]] if match else [])),
        sku=settled.sku,
        quantity=given.quantity if given else None,
        by=given.by if given else ("amazon" if told else None),
        trigger=told or (given.trigger if given else None),
        amount=got if got is not None or given is None else given.amount,
        settled=True,
    )


def _told(ref: Ref, given: RefundGiven) -> GivenBack:
    return GivenBack(
        name=_name(ref),
        ref=ref,
        refs=(ref,),
        sku=given.sku,
        quantity=given.quantity,
        by=given.by,
        trigger=given.trigger,
        amount=given.amount,
        settled=False,
    )


def _name(ref: Ref) -> str:
    return f"R-{hashlib.sha256(ref.slot.encode()).hexdigest()[:8].upper()}"
