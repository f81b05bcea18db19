"""What a careful bookkeeper with pen and paper would know of an order: units, money, what was told twice.

It is written from the rules' text alone and knows nothing of the ledger: days are counted on fingers,
every question is answered from the list of facts anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from tests.desk.facts import BY_ID, DAY, Fact, Line, Order

SETTLED_WITHIN: Final = timedelta(days=21)
"""Settlements close every fourteen days: so much later one shows a refund at the latest."""
ASKED_WITHIN: Final = timedelta(days=14)
"""A buyer who asks for the same units later than that asks anew."""
A_DAY: Final = timedelta(days=1)
WHOLE_PERCENT: Final = 95
"""A unit is refunded when so much of its price was given back."""
OTHERS_DECIDE: Final = ("a_to_z", "chargeback")


def day_in(at: str, zone: str) -> date:
    """The day of a fact in a zone; told with a day only, it is that day everywhere."""
    if len(at) == DAY:
        return date.fromisoformat(at)
    return datetime.fromisoformat(at).astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, kw_only=True)
class Given:
    """One refund, however many tell of it."""

    told: Fact | None
    settled: Fact | None

    @property
    def fact(self) -> Fact:
        """What dates it: the seller's word, else the settlement's."""
        fact = self.told or self.settled
        assert fact is not None
        return fact

    @property
    def money(self) -> tuple[tuple[str, int], ...]:
        """The settlement knows the money, the seller until there is one."""
        return (self.settled or self.fact).money

    @property
    def trigger(self) -> str | None:
        if self.settled and self.settled.trigger in OTHERS_DECIDE:
            return self.settled.trigger
        return self.told.trigger if self.told else None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request of the buyer's: told by the seller, by the returns report, or by both."""

    told: Fact | None
    reported: Fact | None
    """As the report tells it last."""

    @property
    def fact(self) -> Fact:
        fact = self.reported or self.told
        assert fact is not None
        return fact

    @property
    def in_policy(self) -> bool | None:
        if self.reported and self.reported.in_policy is not None:
            return self.reported.in_policy
        return self.told.in_policy if self.told else None

    @property
    def abroad(self) -> bool:
        return self.told is not None and self.told.abroad

    @property
    def defect(self) -> bool:
        """Whether the buyer says that it is defective, by the report where there is one."""
        return self.fact.defect

    @property
    def withdrawal(self) -> bool:
        return self.fact.kind == "withdraw"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim's life."""

    filed: Fact
    asked: tuple[Fact, ...]
    answered: tuple[Fact, ...]
    decided: Fact | None
    appeals: tuple[Fact, ...]
    appeals_decided: tuple[Fact, ...]
    paid: int
    reversed: int

    @property
    def on_appeal(self) -> bool:
        return len(self.appeals) > len(self.appeals_decided)

    @property
    def open(self) -> bool:
        return self.decided is None or (bool(self.appeals) and not self.appeals_decided)

    @property
    def outcome(self) -> str | None:
        last = self.appeals_decided[-1] if self.appeals_decided else self.decided
        return last.outcome if last else None

    @property
    def counts(self) -> bool:
        """True where it stands in the way of another claim for the same units."""
        return self.open or self.outcome in ("granted", "partly_granted")

    @property
    def won(self) -> int | None:
        """What the seller was granted in all, None where he was granted nothing."""
        granted = []
        if self.filed.by == "seller" and self.decided and _granted(self.decided):
            granted.append(self.decided)
        granted += [one for one in self.appeals_decided[-1:] if _granted(one)]
        return sum(one.cents for one in granted) if granted else None


def _granted(fact: Fact) -> bool:
    return fact.outcome in ("granted", "partly_granted")


class Book:
    """What is known of one order, from all facts or from those that had happened by a day."""

    def __init__(self, order: str, facts: Iterable[Fact], until: date | None = None) -> None:
        self.order: Final[Order] = BY_ID[order]
        every = [fact for fact in facts if fact.order == order]
        self.anything_recorded: Final = bool(every)
        wrong: set[int | None] = set()
        for fact in reversed(every):
            if fact.kind == "correct" and fact.number not in wrong:
                wrong.add(fact.corrects)
        self.standing: Final = [fact for fact in every if fact.number not in wrong]
        self.store_known: Final = any(
            fact.by_report or fact.kind == "tell" for fact in self.standing
        )
        self.zone: Final = self.order.zone if self.store_known else "UTC"
        known = [fact for fact in self.standing if until is None or self.day(fact) <= until]
        self.facts: Final = sorted(known, key=in_order)

    def day(self, fact: Fact) -> date:
        return day_in(fact.at, self.zone)

    def told(self, *kinds: str, sku: str | None = None) -> list[Fact]:
        """What the seller told of some kinds, in order of occurrence; of one SKU, or of all."""
        return [
            fact
            for fact in self.facts
            if fact.kind in kinds and not fact.by_report and sku in (None, fact.sku)
        ]

    def reported(self, kind: str, sku: str | None = None) -> list[Fact]:
        return [
            fact
            for fact in self.facts
            if fact.kind == kind and fact.by_report and sku in (None, fact.sku)
        ]

    # --- what was ordered

    @cached_property
    def lines(self) -> dict[str, Fact]:
        """The lines as the orders report tells them; else as the seller does."""
        facts = self.reported("ordered") or self.told("tell")
        return {fact.sku: fact for fact in facts if fact.sku}

    @property
    def line_reported(self) -> bool:
        return bool(self.reported("ordered"))

    def catalogue(self, sku: str) -> Line:
        return self.order.line(sku)

    def price(self, sku: str) -> int | None:
        """Of one unit, where anybody has told it."""
        return self.catalogue(sku).each if sku in self.lines else None

    def ordered(self, sku: str) -> int | None:
        return self.catalogue(sku).quantity if sku in self.lines else None

    def skus(self) -> set[str]:
        return {*self.lines, *(fact.sku for fact in self.reported("settled") if fact.sku)}

    def programme(self, sku: str | None) -> str | None:
        """Who sent it, where anybody has told: of one SKU, or of the order as a whole."""
        rows = [fact for fact in self.facts if fact.by_report and fact.kind != "reimbursed"]
        told = rows if rows and sku is None else [fact for fact in rows if fact.sku == sku]
        told = told or [line for name, line in self.lines.items() if sku in (None, name)]
        return self.order.programme if told else None

    # --- what came back

    def reported_requests(self) -> list[Fact]:
        """Each request of the returns report once, as it was told last."""
        latest: dict[str | None, Fact] = {}
        for fact in sorted(self.reported("request_row"), key=lambda one: one.number):
            latest[fact.rma] = fact
        return sorted(latest.values(), key=in_order)

    def receipts(self, sku: str) -> list[Fact]:
        """Whoever tells of more units, the seller or the report, tells all of them."""
        own = self.told("receive", sku=sku)
        rows = [fact for fact in self.reported_back() if fact.sku == sku]
        return own if _units(own) >= _units(rows) else rows

    def reported_back(self) -> list[Fact]:
        """Arrivals that the returns report tells, dated by their arrival."""
        rows = {fact.rma: fact for fact in self.reported("arrival_row")}
        return sorted(rows.values(), key=in_order)

    def received(self, sku: str) -> int:
        return _units(self.receipts(sku))

    def graded(self, sku: str) -> list[Fact]:
        return self.told("grade", "wrong", sku=sku)

    def sent(self, sku: str) -> int | None:
        """Units sent to the buyer, those sent again among them."""
        ordered = self.ordered(sku)
        return None if ordered is None else ordered + _units(self.told("replace", sku=sku))

    # --- what the buyer asked for

    def requests(self) -> list[Asked]:
        """Each request once: the report's, with what the seller says of the same."""
        own, rows = self.told("request"), self.reported_requests()
        told: dict[int, Fact] = {}
        for by_number in (True, False):
            for row in rows:
                same = [
                    one
                    for one in own
                    if self._same_request(row, one, by_number=by_number)
                    and (by_number or abs(self.day(row) - self.day(one)) <= ASKED_WITHIN)
                ]
                if same and row.number not in told:
                    told[row.number] = same[0]
                    own.remove(same[0])
        found = [Asked(told=told.get(row.number), reported=row) for row in rows]
        found += [Asked(told=one, reported=None) for one in [*own, *self.told("withdraw")]]
        return sorted(found, key=lambda one: in_order(one.fact))

    def _same_request(self, row: Fact, told: Fact, *, by_number: bool) -> bool:
        """Of one number; else of as many units, and not a fortnight apart."""
        if by_number or (row.rma and told.rma):
            return row.rma == told.rma
        near = abs(self.day(row) - self.day(told)) <= timedelta(days=14)
        return near and (row.sku, row.quantity) == (told.sku, told.quantity)

    def answers(self, *kinds: str) -> list[tuple[Asked, Fact]]:
        """The first answer of these kinds to each request; an answer is for the first that is open."""
        found: list[tuple[Asked, Fact]] = []
        requests = [one for one in self.requests() if "offer" not in kinds or not one.withdrawal]
        for answer in self.told(*kinds):
            answered = [one for one, _ in found]
            for request in requests:
                if request not in answered and self.is_for(answer, request):
                    found.append((request, answer))
                    break
        return found

    def is_for(self, answer: Fact, request: Asked) -> bool:
        """Of the same SKU, not before it was asked, and of the same number where both tell one."""
        return self.means(answer, request) and self.day(request.fact) <= self.day(answer)

    def means(self, answer: Fact, request: Asked) -> bool:
        fact = request.fact
        return answer.sku == fact.sku and (None in (answer.rma, fact.rma) or answer.rma == fact.rma)

    # --- what the buyer got back

    def refunds(self, sku: str | None = None) -> list[Given]:
        """Each refund once: the settlement confirms what the seller told, and adds nothing to it."""
        found = self._given(("refund",), self._to_the_cent, self._rounded)
        found.sort(key=lambda one: in_order(one.fact))
        return [one for one in found if sku in (None, one.fact.sku)]

    def _given(self, kinds: Sequence[str], *passes: Callable[[Fact, Fact], bool]) -> list[Given]:
        """What the seller told beside what settlements tell: the surest matches are made first."""
        own, rows = self.told(*kinds), self.reported("settled")
        told: dict[int, Fact] = {}
        for may_be in passes:
            for row in rows:
                near = [one for one in own if may_be(row, one)]
                if near and row.number not in told:
                    told[row.number] = near[0]
                    own.remove(near[0])
        found = [Given(told=told.get(row.number), settled=row) for row in rows]
        return found + [Given(told=one, settled=None) for one in own]

    def _near(self, row: Fact, told: Fact) -> bool:
        """Near in time; what went through a claim of the buyer's is no other refund."""
        near = row.sku == told.sku and abs(self.day(row) - self.day(told)) <= SETTLED_WITHIN
        claims = [one.trigger for one in (row, told) if one.trigger in OTHERS_DECIDE]
        return near and (not claims or row.trigger == told.trigger)

    def _in_all_parts(self, row: Fact, told: Fact) -> bool:
        return self._to_the_cent(row, told) and sorted(row.money) == sorted(told.money)

    def _to_the_cent(self, row: Fact, told: Fact) -> bool:
        return self._near(row, told) and row.cents == told.cents and told.currency is None

    def _rounded(self, row: Fact, told: Fact) -> bool:
        """Nothing is settled before it is given."""
        before = self.day(told) <= self.day(row) + A_DAY
        return told.kind == "refund" and before and self._near(row, told)

    def conceded(self) -> list[Fact]:
        """What the buyer got for keeping the goods and no refund of the seller's is the same money.

        First the same amounts, then a settled part of a price of which nobody says anything: sellers round.
        """
        left = self.told("concede")
        refunds = [one for one in self.refunds() if self._is_the_sellers(one)]
        for may_be in (_same_amount, self._of_a_part):
            for fact in list(left):
                near = [one for one in refunds if self._near(one.fact, fact)]
                same = [one for one in near if may_be(one, fact)]
                if same:
                    left.remove(fact)
                    refunds.remove(same[0])
        return left

    def _is_the_sellers(self, given: Given) -> bool:
        by = given.told.by if given.told else None
        return by in (None, "seller") and given.trigger in (None, "goodwill", "manual")

    def _of_a_part(self, given: Given, _concession: Fact) -> bool:
        row = given.settled
        if row is None or given.told or not any(name == "item" for name, _ in row.money):
            return False
        return row.number not in self.settled_units(row.sku or "")

    def settled_units(self, sku: str) -> dict[int, int]:
        """Units by settlement, by the settled refund: the one that completes a unit's price gave it back.

        Only a report tells prices that a settlement can be held against; without one a refund is for a unit.
        """
        price = self.price(sku) if self.line_reported else None
        most = (self.ordered(sku) if self.line_reported else None) or 1
        counted, given = 0, 0
        units: dict[int, int] = {}
        for row in self.reported("settled", sku):
            item = sum(cents for name, cents in row.money if name == "item")
            given += item
            whole = counted + 1 if price is None else _whole_units(given, price)
            count = min(whole, most) - counted
            if item and count > 0:
                units[row.number] = count
                counted += count
        return units

    def refunded_units(self, sku: str) -> int:
        """Units whose price was given back, by settlements, else as the seller tells; no more than there were."""
        settled = sum(self.settled_units(sku).values())
        waiting = [one.told for one in self.refunds(sku) if one.told and not one.settled]
        price, most = self.price(sku), self.ordered(sku)
        given = _units(waiting)
        goods = [[cents for name, cents in one.money if name == "item"] for one in waiting]
        foreign = any(one.currency and cents for one, cents in zip(waiting, goods, strict=True))
        if price is not None and not foreign:
            given = min(_whole_units(sum(map(sum, goods)), price), given)
        if most is not None:
            given = max(min(given, most - settled), 0)
        return settled + given

    def given_back(self, sku: str) -> Counter[str]:
        """Cents that the buyer got back, component by component.

        The settlement knows of what they are; of two amounts told of one refund the larger counts.
        """
        given: Counter[str] = Counter()
        passes = (self._in_all_parts, self._to_the_cent, self._rounded)
        for one in self._given(("refund", "concede"), *passes):
            if one.fact.sku == sku:
                home = one.told is not None and one.told.currency is None
                told = Counter(dict(one.told.money if one.told and home else ()))
                settled = Counter(dict(one.settled.money if one.settled else ()))
                given.update(settled if told.total() == settled.total() else told | settled)
        return given

    def limits(self, sku: str) -> list[tuple[tuple[str, ...], int]]:
        """What the buyer paid; a seller tells prices with the tax in them."""
        if sku not in self.lines:
            return []
        line = self.catalogue(sku)
        if self.line_reported:
            return [(("item",), line.each * line.quantity)]
        found: list[tuple[tuple[str, ...], int]] = []
        found.append((("item", "item_tax"), line.each * line.quantity))
        if line.shipping:
            found.append((("shipping", "shipping_tax"), line.shipping))
        return found

    # --- disputes

    def reimbursed(self, sku: str) -> int:
        """Units paid for: by Amazon's report, and on claims of which the seller kept the money."""
        reported = len(self.reported("reimbursed", sku))
        known = self.skus() or {fact.sku for fact in self.facts if fact.sku}
        alone = known == {sku}
        return reported + sum(
            claim.filed.quantity
            for claim in self.claims.values()
            if claim.paid > claim.reversed
            and (claim.filed.sku == sku or (claim.filed.sku is None and alone))
        )

    @cached_property
    def claims(self) -> dict[str, Claim]:
        return {
            fact.name: self._claim(fact.name)
            for fact in self.told("claim")
            if fact.name is not None
        }

    def _claim(self, name: str) -> Claim:
        def about(*kinds: str) -> tuple[Fact, ...]:
            return tuple(fact for fact in self.told(*kinds) if fact.name == name)

        decided = about("decided")
        return Claim(
            filed=about("claim")[0],
            asked=about("asked"),
            answered=about("answered"),
            decided=decided[-1] if decided else None,
            appeals=about("appeal"),
            appeals_decided=about("appeal_decided"),
            paid=sum(fact.cents for fact in about("paid")),
            reversed=sum(fact.cents for fact in about("reversed")),
        )


def _whole_units(cents: int, price: int) -> int:
    return (cents * 100 + price * (100 - WHOLE_PERCENT)) // (100 * price)


def _same_amount(given: Given, concession: Fact) -> bool:
    home = given.settled is not None or given.fact.currency is None
    return home and sum(cents for _, cents in given.money) == concession.cents


def in_order(fact: Fact) -> tuple[str, bool, int]:
    """Order of occurrence; of one moment the seller's word comes first."""
    return (fact.at, fact.by_report, fact.number)


def _units(facts: Sequence[Fact]) -> int:
    return sum(fact.quantity for fact in facts)
