"""Requests, and what came back: told by a report, by the seller, or by both of one and the same parcel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from ledger.case import Case, Ref, ReturnRequest
from ledger.events.arrivals import UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.requests import RequestReceived, WithdrawalDeclared

TOLD_WITHIN: Final = timedelta(days=14)
"""A request of the same units that lies further from another's day is another request."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's wish to send units back: as Amazon's report tells it, completed by what the seller tells."""

    ref: Ref
    refs: tuple[Ref, ...]
    """Every entry that tells of it."""
    sku: str
    quantity: int
    rma_id: str | None
    reason: str | None
    in_policy: bool | None
    cross_border: bool = False
    out_of_guarantee: bool = False
    withdrawal: bool = False
    """True where the buyer withdrew from the contract, which nobody may decline."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Units that reached the seller in one parcel."""

    ref: Ref
    sku: str
    quantity: int
    scan_wrong: bool = False


def no_other_rma(one: str | None, other: str | None) -> bool:
    """True unless two RMA ids are told and differ: what names none may be about either."""
    return None in (one, other) or one == other


def requests_of(case: Case, sku: str | None = None) -> list[Request]:
    """Every request, each once: one that both tell is the report's, with what the seller knows besides."""
    own = list(case.told(RequestReceived))
    matches = _matches(case.requests, own)
    found = [_reported(reported, matches.get(reported.ref)) for reported in case.requests]
    found += [_told(ref, one) for ref, one in own]
    found += [_withdrawn(ref, one) for ref, one in case.told(WithdrawalDeclared)]
    found.sort(key=lambda one: one.ref.order)
    return [one for one in found if sku in (None, one.sku)]


def _matches(
    reported: Sequence[ReturnRequest], own: list[tuple[Ref, RequestReceived]]
) -> dict[Ref, tuple[Ref, RequestReceived]]:
    """The seller's word for each reported request, taken out of `own`: first of the same number, then alike."""
    found: dict[Ref, tuple[Ref, RequestReceived]] = {}
    for same in (_same_number, _alike):
        for one in reported:
            match = next((told for told in own if one.ref not in found and same(one, told)), None)
            if match is not None:
                found[one.ref] = match
                own.remove(match)
    return found


def _same_number(reported: ReturnRequest, told: tuple[Ref, RequestReceived]) -> bool:
    return bool(reported.rma_id) and reported.rma_id == told[1].rma_id


def _alike(reported: ReturnRequest, told: tuple[Ref, RequestReceived]) -> bool:
    ref, own = told
    if (reported.rma_id and own.rma_id) or abs(reported.ref.day - ref.day) > TOLD_WITHIN:
        return False
    return reported.sku == own.sku and reported.quantity == own.quantity


def _reported(reported: ReturnRequest, match: tuple[Ref, RequestReceived] | None) -> Request:
    own = match[1] if match else None
    return Request(
        ref=reported.ref,
        refs=(reported.ref, *([match[0]] if match else [])),
        sku=reported.sku,
        quantity=reported.quantity,
        rma_id=reported.rma_id,
        reason=reported.reason or (own.reason if own else None),
        in_policy=reported.in_policy
        if reported.in_policy is not None
        else (own.in_policy if own else None),
        cross_border=own.cross_border if own else False,
        out_of_guarantee=own.out_of_guarantee if own else False,
    )


def _told(ref: Ref, own: RequestReceived) -> Request:
    return Request(
        ref=ref,
        refs=(ref,),
        sku=own.sku,
        quantity=own.quantity,
        rma_id=own.rma_id,
        reason=own.reason,
        in_policy=own.in_policy,
        cross_border=own.cross_border,
        out_of_guarantee=own.out_of_guarantee,
    )


def _withdrawn(ref: Ref, own: WithdrawalDeclared) -> Request:
    return Request(
        ref=ref,
        refs=(ref,),
        sku=own.sku,
        quantity=own.quantity,
        rma_id=None,
        reason=None,
        in_policy=None,
        withdrawal=True,
    )


def receipts_of(case: Case, sku: str) -> list[Receipt]:
    """Parcels that reached the seller: whoever tells of more units, the report or the seller, tells them all."""
    reported = [
        Receipt(ref=one.ref, sku=sku, quantity=one.quantity)
        for one in case.returns
        if one.sku == sku and one.programme == "FBM"
    ]
    own = [
        Receipt(ref=ref, sku=sku, quantity=one.quantity, scan_wrong=one.scan_wrong)
        for ref, one in case.told(UnitsReceived)
        if one.sku == sku
    ]
    return own if _units(own) >= _units(reported) else reported


def _units(receipts: list[Receipt]) -> int:
    return sum(one.quantity for one in receipts)


def received_units(case: Case, sku: str) -> int:
    """Units of a SKU that came back to the seller."""
    return _units(receipts_of(case, sku))


def condition_of(grade: UnitGraded | WrongItemReceived) -> str:
    """The state of what came back: something else than was sent is materially different."""
    return grade.condition if isinstance(grade, UnitGraded) else "materially_different"


def graded(case: Case, sku: str) -> list[tuple[Ref, UnitGraded | WrongItemReceived]]:
    """What the seller found the returned units to be, in order; a wrong item is a finding like a grade."""
    found: list[tuple[Ref, UnitGraded | WrongItemReceived]] = []
    found += [told for told in case.told(UnitGraded) if told[1].sku == sku]
    found += [told for told in case.told(WrongItemReceived) if told[1].sku == sku]
    return sorted(found, key=lambda one: (one[0].occurred_at, one[0].position))
