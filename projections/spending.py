"""What the seller's own policy costs: goodwill, concessions, refunds without return, labels, fees kept, triggers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import no_other_rma, refunds_of, requests_of
from ledger.events.refunds import ConcessionGranted, RefundGiven, RestockingFeeApplied
from ledger.events.requests import ReturnAuthorized, ReturnLabelIssued
from ledger.values import Money
from projections.tallying import Period

NOT_TOLD: Final = "not_told"


class PolicyRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was given, or kept, of one kind in one month."""

    account: str
    what: str
    """concession, goodwill_refund, returnless_refund, goodwill_return, late_return, label, restocking_fee, refund."""
    kind: str
    """Of a concession, a label or a fee its kind; of refunds who gave them, or what set them off."""
    approver: str | None
    month: str
    count: int
    units: int | None
    """None where no units are told."""
    amount: str | None
    """None where no money is told of it."""
    currency: str | None


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the seller gave or kept."""

    ref: Ref
    what: str
    kind: str
    approver: str | None = None
    units: int | None = None
    amount: Money | None = None


class Spending:
    """What an account's own policy costs in a period, taken in case by case."""

    def __init__(self, account: str, period: Period) -> None:
        self._account = account
        self._period = period
        self._sums: dict[tuple[str, str, str | None, str, str | None], list[int]] = {}

    def take(self, case: Case, book: Book) -> None:
        """What one order tells."""
        if case.kind != "order":
            return
        for one in spent_in(case, book):
            if one.ref.day in self._period:
                currency = one.amount.currency if one.amount else None
                key = (one.what, one.kind, one.approver, f"{one.ref.day:%Y-%m}", currency)
                sums = self._sums.setdefault(key, [0, 0, 0])
                sums[0] += 1
                sums[1] += one.units or 0
                sums[2] += one.amount.minor if one.amount else 0

    def add(self, later: Spending) -> None:
        """What later orders told."""
        for key, sums in later._sums.items():
            mine = self._sums.setdefault(key, [0, 0, 0])
            mine[:] = map(sum, zip(mine, sums, strict=True))

    def rows(self, book: Book) -> list[PolicyRow]:
        """By what it is, its kind, who approved it and the month."""
        return [
            PolicyRow(
                account=self._account,
                what=what,
                kind=kind,
                approver=approver,
                month=month,
                count=count,
                units=units or None,
                amount=Money(minor, currency).text if currency else None,
                currency=currency,
            )
            for (what, kind, approver, month, currency), (count, units, minor) in sorted(
                self._sums.items(), key=lambda one: [part or "" for part in one[0]]
            )
        ]


def spent_in(case: Case, book: Book) -> Iterator[Spent]:
    """Everything that an order tells of what its seller gave of his own will, or kept."""
    for ref, given in case.told(ConcessionGranted):
        yield Spent(
            ref=ref,
            what="concession",
            kind=given.kind,
            approver=given.approver,
            amount=given.amount,
        )
    for ref, fee in case.told(RestockingFeeApplied):
        yield Spent(
            ref=ref, what="restocking_fee", kind=fee.reason, units=fee.quantity, amount=fee.amount
        )
    yield from _returns(case)
    yield from _labels(case, book)
    yield from _refunds(case)


def _returns(case: Case) -> Iterator[Spent]:
    """Returns that no rule obliged the seller to take: out of goodwill, or too late."""
    for ref, allowed in case.told(ReturnAuthorized):
        if allowed.by != "seller":
            continue
        if allowed.goodwill:
            yield Spent(
                ref=ref,
                what="goodwill_return",
                kind="return",
                approver=allowed.approver,
                units=allowed.quantity,
            )
        late = _why_late(case, allowed)
        if late:
            yield Spent(
                ref=ref,
                what="late_return",
                kind=late,
                approver=allowed.approver,
                units=allowed.quantity,
            )


def _why_late(case: Case, allowed: ReturnAuthorized) -> str | None:
    """Why the seller could have said no, as far as the request tells."""
    for request in requests_of(case, allowed.sku):
        if no_other_rma(request.rma_id, allowed.rma_id):
            if request.out_of_guarantee:
                return "out_of_guarantee"
            if request.in_policy is False:
                return "out_of_policy"
    return None


def _labels(case: Case, book: Book) -> Iterator[Spent]:
    """Labels that the seller pays: because his own terms promise free returns, or for another reason."""
    for ref, label in case.told(ReturnLabelIssued):
        if label.payer == "seller":
            free = _promises_free_returns(case, book, ref)
            yield Spent(
                ref=ref,
                what="label",
                kind="free_returns" if free else label.kind,
                units=label.quantity,
                amount=label.cost,
            )


def _promises_free_returns(case: Case, book: Book, ref: Ref) -> bool:
    terms = [
        one
        for since, one in book.terms
        if since.day <= ref.day and one.marketplace in (None, case.marketplace)
    ]
    return bool(terms) and terms[-1].free_returns


def _refunds(case: Case) -> Iterator[Spent]:
    """Every refund by what set it off, and once more those without a return and those out of goodwill."""
    approvers = {ref.slot: one.approver for ref, one in case.told(RefundGiven)}
    for one in refunds_of(case):
        approver = next((approvers[ref.slot] for ref in one.refs if ref.slot in approvers), None)
        yield Spent(
            ref=one.ref,
            what="refund",
            kind=one.trigger or NOT_TOLD,
            units=one.quantity,
            amount=one.amount,
        )
        if one.trigger in ("returnless", "goodwill"):
            yield Spent(
                ref=one.ref,
                what=f"{one.trigger}_refund",
                kind=f"by {one.by or NOT_TOLD}",
                approver=approver,
                units=one.quantity,
                amount=one.amount,
            )
