"""How good the seller's service is: answers, refunds, grades, duties missed, claims won, A-to-z claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import (
    GRANTED,
    Claim,
    answers_of,
    claims_of,
    graded,
    programme_of,
    receipts_of,
    refunds_of,
    repaid,
    requests_of,
)
from ledger.events.arrivals import UnitsReceived
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.ruling import Ruling
from ledger.values import Money, day_told, is_day
from projections.items import items_of
from projections.provisional import claim_money
from projections.tallying import SMALL, Period, middle, ninetieth, share, units_out

IN_TIME: Final = 24.0
"""Hours within which Amazon wants messages and requests answered."""
LOST_BY_BUYER: Final = frozenset(("denied", "withdrawn"))


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One measure: a count with its denominator, or a span of time over so many."""

    account: str
    area: str
    """messages, requests, refunds, grading, duties, claims or a_to_z."""
    measure: str
    count: int
    of: int | None = None
    """Of how many; None where it is a count alone."""
    share: float | None = None
    """count / of."""
    small: bool = False
    """True where the denominator is below 30."""
    median: float | None = None
    ninetieth: float | None = None
    """Nine of ten took no longer."""
    unit: str | None = None
    """hours or days."""
    amount: str | None = None
    currency: str | None = None


DutiesOf = Callable[[Case, Book, date], Iterable[Ruling]]
"""What the seller must do about a case, and until when, on a day."""


class Service:
    """The service of an account in a period, taken in case by case."""

    def __init__(self, account: str, period: Period, as_of: date, duties_of: DutiesOf) -> None:
        self._account = account
        self._period = period
        self._as_of = as_of
        self._duties_of = duties_of
        self._received: dict[str, tuple[Ref, bool]] = {}
        self._answered: dict[str, Ref] = {}
        self._requests: list[tuple[Ref, Ref | None]] = []
        self._to_refund: list[float] = []
        self._refunded_before = 0
        self._not_refunded = 0
        self._to_grade: list[float] = []
        self._not_graded = 0
        self._duties: dict[str, Counter[str]] = {}
        self._claims: list[Claim] = []
        self._orders = 0
        self._a_to_z = 0

    def take(self, case: Case, book: Book) -> None:
        """What one case tells."""
        self._take_messages(case)
        self._take_duties(case, book)
        self._claims += [
            claim
            for claim in claims_of(case).values()
            if claim.filed is not None and claim.filed.day in self._period
        ]
        if case.kind != "order":
            return
        self._take_requests(case)
        for item in items_of(case):
            if item.sku is not None:
                self._take_receipts(case, item.sku)
        if any(out.day in self._period for out in units_out(case)):
            self._orders += 1
            self._a_to_z += _has_a_to_z(case)

    def add(self, later: Service) -> None:
        """What later cases told."""
        self._received.update(later._received)
        for message, ref in later._answered.items():
            self._take_answer(message, ref)
        for policy, states in later._duties.items():
            self._duties.setdefault(policy, Counter()).update(states)
        self._requests += later._requests
        self._claims += later._claims
        self._to_refund += later._to_refund
        self._refunded_before += later._refunded_before
        self._not_refunded += later._not_refunded
        self._to_grade += later._to_grade
        self._not_graded += later._not_graded
        self._orders += later._orders
        self._a_to_z += later._a_to_z

    # --- what a case tells

    def _take_messages(self, case: Case) -> None:
        """A message and its answer may be told in two streams: they find each other by the message's name."""
        for ref, message in case.told(MessageReceived):
            if ref.day in self._period:
                self._received[message.message] = (ref, message.needs_answer)
        for ref, answer in case.told(MessageAnswered):
            if not answer.automatic:
                self._take_answer(answer.message, ref)

    def _take_answer(self, message: str, ref: Ref) -> None:
        known = self._answered.get(message)
        if known is None or ref.occurred_at < known.occurred_at:
            self._answered[message] = ref

    def _take_duties(self, case: Case, book: Book) -> None:
        for duty in self._duties_of(case, book, self._as_of):
            due = day_told(duty.due_at) if duty.due_at else None
            if due in self._period if due else self._period == Period():
                self._duties.setdefault(duty.policy, Counter())[duty.state] += 1

    def _take_requests(self, case: Case) -> None:
        """Requests whose arrival or answer the seller told: no report tells when one was answered."""
        answers = answers_of(case)
        for request in requests_of(case):
            answer = answers.get(request.ref.slot)
            if request.withdrawal or request.ref.day not in self._period:
                continue
            if answer.by != "seller" if answer is not None else request.in_policy:
                continue  # Amazon answers what is in its policy itself
            told = [ref for ref in request.refs if ref.slot[0] == "@"]
            if answer is not None or told:
                began = next(iter(told), request.ref)
                self._requests.append((began, answer.ref if answer else None))

    def _take_receipts(self, case: Case, sku: str) -> None:
        """How long the buyer waited for his money after the last parcel, and the seller's grade after it."""
        received = receipts_of(case, sku)
        if received and received[-1].ref.day in self._period and programme_of(case, sku) != "FBA":
            units = sum(one.quantity for one in received)
            money = repaid(case, sku, units)
            if money is None:
                self._not_refunded += 1
            elif (days := (money.ref.day - received[-1].ref.day).days) < 0:
                self._refunded_before += 1
            else:
                self._to_refund.append(days)
        told = [ref for ref, one in case.told(UnitsReceived) if one.sku == sku]
        if told and told[0].day in self._period:
            grades = [ref for ref, _ in graded(case, sku) if ref.day >= told[0].day]
            if grades:
                self._to_grade.append((grades[0].day - told[0].day).days)
            else:
                self._not_graded += 1

    # --- what it comes to

    def rows(self, book: Book) -> list[ServiceRow]:
        """Every measure of which there is anything to say."""
        needed = {name: ref for name, (ref, needs) in self._received.items() if needs}
        messages = [(ref, self._answered.get(name)) for name, ref in needed.items()]
        found = [*self._answers("messages", messages), *self._answers("requests", self._requests)]
        found += self._refunds()
        found += self._grades()
        found += self._missed()
        for door in sorted({claim.door for claim in self._claims}):
            found += self._won(door, [claim for claim in self._claims if claim.door == door])
        if self._orders:
            found.append(self._part("a_to_z", "orders_with_a_claim", self._a_to_z, self._orders))
        return found

    def _part(self, area: str, measure: str, count: int, of: int) -> ServiceRow:
        return ServiceRow(
            account=self._account,
            area=area,
            measure=measure,
            count=count,
            of=of,
            share=share(count, of),
            small=of < SMALL,
        )

    def _span(self, area: str, measure: str, spans: list[float], unit: str) -> ServiceRow:
        return ServiceRow(
            account=self._account,
            area=area,
            measure=measure,
            count=len(spans),
            small=len(spans) < SMALL,
            median=middle(spans),
            ninetieth=ninetieth(spans),
            unit=unit,
        )

    def _answers(self, area: str, pairs: list[tuple[Ref, Ref | None]]) -> Iterator[ServiceRow]:
        """A day alone says not how many hours went by: such answers are counted, and not measured."""
        if not pairs:
            return
        yield self._part(area, "answered", sum(ref is not None for _, ref in pairs), len(pairs))
        hours = [
            _hours(began, ended)
            for began, ended in pairs
            if ended is not None and _exact(began) and _exact(ended)
        ]
        overdue = sum(ended is None and self._is_over(began) for began, ended in pairs)
        in_time = sum(one <= IN_TIME for one in hours)
        if hours or overdue:
            yield self._part(area, "answered_in_24h", in_time, len(hours) + overdue)
        if hours:
            yield self._span(area, "time_to_answer", hours, "hours")

    def _is_over(self, began: Ref) -> bool:
        """True where 24 hours had passed at the end of the day on which it is asked."""
        last = datetime.combine(self._as_of, time.max, UTC)
        if not _exact(began):
            return began.day + timedelta(days=1) < self._as_of
        return datetime.fromisoformat(began.occurred_at) + timedelta(hours=IN_TIME) <= last

    def _refunds(self) -> Iterator[ServiceRow]:
        of = len(self._to_refund) + self._refunded_before + self._not_refunded
        if not of:
            return
        if self._to_refund:
            yield self._span("refunds", "receipt_to_refund", self._to_refund, "days")
        yield self._part("refunds", "refunded_before_receipt", self._refunded_before, of)
        yield self._part("refunds", "not_refunded", self._not_refunded, of)

    def _grades(self) -> Iterator[ServiceRow]:
        of = len(self._to_grade) + self._not_graded
        if not of:
            return
        if self._to_grade:
            yield self._span("grading", "receipt_to_grade", self._to_grade, "days")
        yield self._part("grading", "not_graded", self._not_graded, of)

    def _missed(self) -> Iterator[ServiceRow]:
        for duty, states in sorted(self._duties.items()):
            ended = states["missed"] + states["met"]
            if ended:
                yield self._part(
                    "duties", f"missed: {duty.replace('_', ' ')}", states["missed"], ended
                )

    def _won(self, door: str, claims: list[Claim]) -> Iterator[ServiceRow]:
        """Claims by the seller, then those by buyers against him, and the money of both."""
        for by in ("seller", "buyer"):
            mine = [claim for claim in claims if claim.by == by]
            if not mine:
                continue
            whose = door if by == "seller" else f"{door} by buyers"
            decided = [claim for claim in mine if claim.outcome is not None and not claim.open]
            won = [claim for claim in decided if is_won(claim)]
            yield ServiceRow(
                account=self._account, area="claims", measure=f"{whose}: filed", count=len(mine)
            )
            yield self._part("claims", f"{whose}: won", len(won), len(decided))
            yield from self._money(f"{whose}: asked", ((one.amount, one) for one in mine))
            money = ((one.amount, claim) for claim in mine for one in claim_money(claim))
            yield from self._money(f"{whose}: paid", money)

    def _money(
        self, measure: str, told: Iterable[tuple[Money | None, Claim]]
    ) -> Iterator[ServiceRow]:
        sums: Counter[str] = Counter()
        claims: dict[str, set[str]] = {}
        for amount, claim in told:
            if amount is not None:
                sums[amount.currency] += amount.minor
                name = f"{claim.name} {claim.filed.position if claim.filed else ''}"
                claims.setdefault(amount.currency, set()).add(name)
        for currency, minor in sorted(sums.items()):
            yield ServiceRow(
                account=self._account,
                area="claims",
                measure=measure,
                count=len(claims[currency]),
                amount=Money(minor, currency).text,
                currency=currency,
            )


def is_won(claim: Claim) -> bool:
    """True where the seller got what he wanted, or a part of it; a buyer's claim is won when it comes to nothing."""
    if claim.appeal_decision is not None or claim.by == "seller":
        return claim.outcome in GRANTED
    return claim.outcome in LOST_BY_BUYER


def _has_a_to_z(case: Case) -> bool:
    """True where a settlement, the seller-fulfilled returns report or the seller tells of an A-to-z claim."""
    return (
        any(one.trigger == "a_to_z" for one in refunds_of(case))
        or any(state.a_to_z for state in case.request_states.values())
        or any(claim.door == "a_to_z" and claim.filed for claim in claims_of(case).values())
    )


def _exact(ref: Ref) -> bool:
    return not is_day(ref.occurred_at)


def _hours(began: Ref, ended: Ref) -> float:
    span = datetime.fromisoformat(ended.occurred_at) - datetime.fromisoformat(began.occurred_at)
    return span.total_seconds() / 3600
