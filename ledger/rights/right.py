"""One right of a buyer, and what every right must know first: store, day of the order, day of the delivery."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from ledger import desk, gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.events.terms import ProductDescribed, Trait
from ledger.policy import Evidence, Examination
from ledger.rulebook import Rule, clock_days
from ledger.ruling import Ruling, State, ruling

RightKind = Literal[
    "window",
    "transition",
    "holiday",
    "own_window",
    "guarantee",
    "withdrawal",
    "rejection",
    "conformity",
    "burden",
]
FOR_ANY_REASON: Final = frozenset({"window", "transition", "holiday", "own_window", "withdrawal"})
"""Kinds that ask for no reason: of these the later wins."""

CLOCK: Final = "delivery_date"


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What the rights to one SKU of an order rest on."""

    case: Case
    book: Book
    sku: str
    day: date
    """The day that is asked about."""
    placed: Ref | None
    delivered: Ref | None
    product: ProductDescribed | None

    @property
    def store(self) -> str | None:
        """The Amazon store in which it was bought."""
        return self.case.marketplace

    @property
    def category(self) -> str | None:
        """The product's category as the rules name it, None where the seller told none."""
        return self.product.category if self.product else None

    def has(self, trait: Trait) -> bool:
        """True where the seller says so of the product."""
        return self.product is not None and trait in self.product.traits

    @property
    def delivered_on(self) -> date | None:
        """The day from which the buyer's days are counted; None where nothing tells it."""
        return self.delivered.day if self.delivered else None

    @property
    def reached_no_sooner(self) -> date | None:
        """No parcel is delivered before it was ordered and sent."""
        sent = desk.dispatched(self.case, self.sku)
        days = [ref.day for ref in (self.placed, sent[0] if sent else None) if ref is not None]
        return max(days, default=None)


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """One right of the buyer to one SKU, as far as the facts and the rules tell it."""

    kind: RightKind
    what: str
    exam: Examination
    since: date | None = None
    last: date | None = None
    """Its last day, None where a fact or a rule leaves it open."""
    surely: date | None = None
    """Up to this day it holds for certain, whatever is still to be settled."""
    surely_by: Rule | None = None
    gives: str = ""
    """What the buyer may ask for, and who must prove what."""

    @property
    def firm(self) -> bool:
        """True where its last day may be relied on."""
        return self.last is not None and self.exam.open_question() is None

    def covers(self, day: date) -> bool:
        """True where it holds on a day for certain."""
        last = self.last if self.firm else self.surely
        return last is not None and day <= last

    @property
    def rule_id(self) -> str | None:
        """The rule that comes first in it."""
        return next(iter(self.exam.rules), None)


def basis_of(case: Case, book: Book, sku: str, day: date) -> Basis:
    """What is known of one SKU of an order for the rights to it."""
    return Basis(
        case=case,
        book=book,
        sku=sku,
        day=day,
        placed=desk.placed(case, sku),
        delivered=desk.delivered(case, sku),
        product=book.products.get(sku),
    )


def judged(basis: Basis, right: Right) -> Ruling:
    """A right as the ruling about it on the day that is asked about."""
    state: State = "ended" if right.last is not None and right.last < basis.day else "holds"
    ends = f"to {right.last}" if state == "holds" else f"it ended on {right.last}"
    reason = "; ".join(part for part in (ends, right.gives) if part)
    return ruling(
        right.exam,
        basis.case,
        "right",
        right.what,
        state,
        reason,
        sku=basis.sku,
        since=str(right.since) if right.since else None,
        due_at=right.last,
    )


# --- what every right asks first --------------------------------------------------------------


def ask_order(exam: Examination, basis: Basis) -> bool:
    """Whether store and day of the order are known: they pick the rules."""
    told = [basis.placed] if basis.placed else []
    gates.ask_marketplace(exam, basis.store, basis.case.marketplace_doubt, *told)
    question = "Which day's rules hold?"
    if basis.placed is None:
        answer = "nothing tells on which day it was ordered, and that day picks the rules"
        flip = "Import the orders report, or tell the order: `returns-ledger order tell`."
        exam.doubt(question, answer, flip=flip)
    else:
        answer = f"those of {basis.placed.day}, on which it was ordered"
        exam.passed(question, answer, exam.saw(basis.placed), flip="Another day of the order.")
    return basis.store is not None and basis.placed is not None


def ask_delivered(exam: Examination, basis: Basis, surely: date | None) -> date | None:
    """The day from which the days are counted; `surely` is said where it is not known."""
    question = "When was it delivered?"
    if basis.delivered is not None:
        day = basis.delivered.day
        answer = f"on {day}: that is day 0"
        exam.passed(question, answer, exam.saw(basis.delivered), flip="Another day of delivery.")
        return day
    at_least = f"; counted from the day it was ordered or sent it lasts at least to {surely}"
    answer = f"the delivery is not told{at_least if surely else ''}"
    flip = "Tell the delivery: `returns-ledger order deliver`."
    exam.doubt(question, answer, flip=flip)
    return None


def ask_days(
    exam: Examination, basis: Basis, rule: Rule, evidence: Evidence
) -> tuple[date | None, date | None]:
    """The last day by a rule, and the day to which it lasts at least where that is not known."""
    soonest = basis.reached_no_sooner
    held = exam.open_question() is None
    surely = last_day(rule, soonest) if held and soonest else None
    delivered = ask_delivered(exam, basis, surely)
    if delivered is None:
        return None, surely
    last = last_day(rule, delivered)
    answer = f"{span_of(rule)} from delivery"
    exam.passed("For how long?", answer, evidence, flip="A rule with other days.")
    return last, last if held else None


def last_day(rule: Rule, delivered: date) -> date | None:
    """The last day by a rule's own clock."""
    days = clock_days(rule, {CLOCK: delivered})
    return days.last if days else None


def span_of(rule: Rule) -> str:
    """How long a rule's clock runs: `30 days`, `24 months`."""
    if rule.window_end_days is not None:
        return f"{rule.window_end_days} days"
    return f"{rule.window_end_months} months"
