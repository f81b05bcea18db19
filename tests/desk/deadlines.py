"""By when the seller must do what, counted on fingers from the rules' text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tests.desk.facts import DAY, Fact
from tests.desk.oracle import Asked, Book, Claim, Given, day_in, in_order

FOUR_DAYS_FROM: Final = date(2026, 1, 26)
"""In the US two business days to refund became four calendar days."""
ABROAD: Final = {"US": 5, "DE": 3, "UK": 3}
CHEAP: Final = {"US": 25_00, "DE": 25_00, "UK": 20_00}
"""Up to this price there is no deadline for a buyer abroad."""
FOURTEEN_DAYS: Final = timedelta(days=14)
KEPT: Final = ("returnless", "international_deadline", "a_to_z", "chargeback")
"""What sets off refunds for goods that the buyer keeps."""


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What is to be done; without a day where nobody can say by when."""

    policy: str
    what: str
    sku: str
    since: str
    state: str
    due: str | None = None

    def __str__(self) -> str:
        return f"{self.what} ({self.sku or '-'}, since {self.since}): {self.state}, {self.due}"


def duties(book: Book, today: date) -> list[Duty]:
    """Every duty of an order, whether open, met or missed; `book` holds what had happened by the day."""
    return [
        *_messages(book, today),
        *_requests(book, today),
        *_refunds(book, today),
        *_from_abroad(book, today),
        *_withdrawals(book, today),
        *_questions(book, today),
        *_appeals(book, today),
    ]


def _duty(
    policy: str,
    what: str,
    since: Fact,
    today: date,
    due: str | None,
    done: Fact | None,
    *,
    certain: bool,
    in_vain: bool = False,
    by_then: bool = False,
) -> Duty:
    """Met in time, missed, or open; what is not certain is in review and shows no day."""
    if done is not None:
        late = in_vain or (due is not None and not by_then and not _in_time(done, due, since))
        state = "missed" if late else "met"
    else:
        state = "missed" if due is not None and due[:DAY] < str(today) else "open"
    return Duty(
        policy=policy,
        what=what,
        sku=since.sku or "",
        since=since.at,
        state=state if certain or state == "met" else "review",
        due=due if certain else None,
    )


def _in_time(done: Fact, due: str, since: Fact) -> bool:
    """Of a store's day and UTC's the one that is better for the seller."""
    zone = Book(since.order, [since]).order.zone
    if len(due) == DAY:
        return str(_earliest(done.at, zone)) <= due
    if len(done.at) == DAY:
        return date.fromisoformat(done.at) <= day_in(due, zone)
    return datetime.fromisoformat(done.at) <= datetime.fromisoformat(due)


def _earliest(at: str, zone: str) -> date:
    return min(day_in(at, zone), day_in(at, "UTC"))


def _hours(at: str, hours: int) -> str:
    """So many hours after a moment; whole days after a day."""
    if len(at) == DAY:
        return str(date.fromisoformat(at) + timedelta(days=hours // 24))
    later = datetime.fromisoformat(at) + timedelta(hours=hours)
    return later.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _days(at: str, zone: str, days: int) -> str:
    return str(_earliest(at, zone) + timedelta(days=days))


def _business_days(day: date, days: int) -> date:
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


# --- messages: 24 hours in the US, weekends count, and machines do not -------------------------


def _messages(book: Book, today: date) -> Iterator[Duty]:
    for message in book.told("message"):
        answers = [
            one for one in book.told("answer") if one.name == message.name and not one.automatic
        ]
        certain = book.programme(None) == "FBM" and _store(book) == "US"
        yield _duty(
            "message_deadline",
            f"answer the message {message.name}",
            message,
            today,
            _hours(message.at, 24) if _store(book) == "US" else None,
            answers[0] if answers else None,
            certain=certain,
        )


def _store(book: Book) -> str | None:
    return book.order.store if book.store_known else None


# --- requests: 24 hours in the US where they are not Amazon's; Germany recommends --------------


def _requests(book: Book, today: date) -> Iterator[Duty]:
    answers = dict(_first_answers(book))
    for asked in book.requests():
        if not asked.withdrawal and book.programme(asked.fact.sku) != "FBA":
            yield _request(book, today, asked, answers.get(asked.fact))


def _first_answers(book: Book) -> Iterator[tuple[Fact, Fact]]:
    for asked, answer in book.answers("authorize", "decline", "offer"):
        yield asked.fact, answer


def _request(book: Book, today: date, asked: Asked, answer: Fact | None) -> Duty:
    store, fact, row = _store(book), asked.fact, asked.reported
    answered_by_report = answer is None and row is not None and row.text != "Pending"
    done = row if answered_by_report else answer
    what, due = "answer the return request", None
    certain = book.programme(fact.sku) == "FBM" and store in ("US", "DE")
    if store == "US":
        certain = certain and asked.in_policy is not None
        if asked.in_policy:
            done = done or fact
        else:
            due = _hours(fact.at, 24)
    elif store == "DE":
        what, due = f"{what} (recommended)", _hours(fact.at, 24)
        passed = done is None and due[:DAY] < str(today)
        if passed or (done is not None and not _in_time(_dated(done), due, fact)):
            due = None
    if row is not None and asked.told is None and done is None and due is not None:
        seen = day_in(row.told_at or "", book.zone)
        if due[:DAY] < str(today) and not due[:DAY] < str(seen):
            certain = False
    return _duty(
        "return_request",
        what,
        fact,
        today,
        due,
        done,
        certain=certain,
        by_then=answered_by_report,
    )


def _dated(fact: Fact) -> Fact:
    """A report's word on what was done by then, dated by the report."""
    if fact.kind != "request_row":
        return fact
    return Fact(kind=fact.kind, order=fact.order, at=fact.told_at or fact.at)


# --- refunds: so many days from receipt, and a grade in the US ---------------------------------


def _refunds(book: Book, today: date) -> Iterator[Duty]:
    for line in book.order.lines:
        sku = line.sku
        if book.programme(sku) == "FBA":
            continue
        units = 0
        for receipt in book.receipts(sku):
            units += receipt.quantity
            yield from _refund(book, today, receipt, units)


def _refund(book: Book, today: date, receipt: Fact, units: int) -> Iterator[Duty]:
    store, sku = _store(book), receipt.sku or ""
    due = _refund_due(store, book.order.zone, receipt.at) if store else None
    certain = store is not None and book.programme(sku) == "FBM"
    given = _completing(book, sku, units)
    outdated = (
        receipt.by_report
        and due is not None
        and due < str(today)
        and not any(due < str(day) for day in _told_on(book, sku))
    )
    in_parts = any(
        book.day(one.fact) >= book.day(receipt) for one in _parts(book, sku) if given is None
    )
    yield _duty(
        "refund_clock",
        "refund the buyer",
        receipt,
        today,
        due,
        given[0] if given else None,
        certain=certain and (given is not None or not (outdated or in_parts)),
        in_vain=given is not None and given[1] == "automated",
    )
    if store != "US":
        return
    grade = _reaching(book.graded(sku), units)
    found = _duty(
        "refund_clock",
        "grade the unit" if receipt.quantity == 1 else "grade the units",
        receipt,
        today,
        due,
        grade,
        certain=certain,
    )
    if found.state != "missed" or not receipt.by_report:
        yield found


def _refund_due(store: str, zone: str, at: str) -> str:
    """The store's day and UTC's each pick the rule; the earlier end counts."""
    ends = []
    for day in {day_in(at, zone), day_in(at, "UTC")}:
        if store == "US" and day >= FOUR_DAYS_FROM:
            ends.append(day + timedelta(days=4))
        else:
            ends.append(_business_days(day, 2))
    return str(min(ends))


def _told_on(book: Book, sku: str) -> Iterator[date]:
    for asked in book.requests():
        if asked.reported and asked.fact.sku == sku:
            yield day_in(asked.reported.told_at or "", book.zone)


def _completing(
    book: Book, sku: str, units: int, *, since: Fact | None = None
) -> tuple[Fact, str | None] | None:
    """What completed the money for so many units that came back, or for all that were ordered."""
    paid = [
        (one.fact, one.trigger, count)
        for one, count in repaid_units(book, sku)
        if count and one.trigger != "goodwill"
    ]
    paid += [(one, None, one.quantity) for one in book.told("replace", sku=sku)]
    paid = [one for one in paid if since is None or book.day(one[0]) >= book.day(since)]
    paid.sort(key=lambda one: in_order(one[0]))
    ordered = book.ordered(sku)
    found = [
        *_reached([one for one in paid if one[1] not in KEPT], units),
        *(_reached(paid, ordered) if ordered else ()),
    ]
    return min(found, key=lambda one: in_order(one[0]), default=None)


def _reached(
    paid: Sequence[tuple[Fact, str | None, int]], units: int
) -> Iterator[tuple[Fact, str | None]]:
    counted = 0
    for fact, trigger, count in paid:
        counted += count
        if counted >= units:
            yield fact, trigger
            return


def _reaching(facts: Sequence[Fact], units: int) -> Fact | None:
    counted = 0
    for fact in facts:
        counted += fact.quantity
        if counted >= units:
            return fact
    return None


def repaid_units(book: Book, sku: str) -> list[tuple[Given, int]]:
    """For how many units each refund is: as the seller says, else as its money is the price of units."""
    settled = book.settled_units(sku)
    return [
        (one, one.told.quantity if one.told else settled.get(one.fact.number, 0))
        for one in book.refunds(sku)
    ]


def _parts(book: Book, sku: str) -> list[Given]:
    """Settled refunds that gave back no unit's price, and of which the seller says nothing."""
    units = book.settled_units(sku)
    return [
        one
        for one in book.refunds(sku)
        if one.settled
        and not one.told
        and one.settled.number not in units
        and any(name == "item" for name, _ in one.money)
    ]


# --- buyers abroad: 3 days in the UK and Germany, 5 in the US, none for cheap goods ------------


def _from_abroad(book: Book, today: date) -> Iterator[Duty]:
    for asked in book.requests():
        if asked.abroad and book.programme(asked.fact.sku) != "FBA":
            yield _abroad(book, today, asked)


def _abroad(book: Book, today: date, asked: Asked) -> Duty:
    store, fact = _store(book), asked.fact
    price = book.price(fact.sku or "")
    helped = _helped(book, asked)
    what, due = "offer the buyer abroad a way to return", None
    if store is not None and price is not None and price <= CHEAP[store]:
        if store == "US":
            helped = helped or (fact, None)
        else:
            what = "give a return address in the store's country"
    elif store is not None:
        due = _days(fact.at, book.order.zone, ABROAD[store])
    return _duty(
        "cross_border",
        what,
        fact,
        today,
        due,
        helped[0] if helped else None,
        certain=store is not None and price is not None and book.programme(fact.sku) == "FBM",
        in_vain=helped is not None and helped[1] == "international_deadline",
    )


def _helped(book: Book, asked: Asked) -> tuple[Fact, str | None] | None:
    """The first of: a way offered, a label, a refund that is no goodwill, a decline."""
    found: list[tuple[Fact, str | None]] = [
        (one, None) for one in book.told("offer", "label") if book.means(one, asked)
    ]
    found += [
        (answer, None)
        for fact, answer in _first_answers(book)
        if fact is asked.fact and answer.kind == "decline"
    ]
    found += [
        (one.fact, one.trigger) for one in book.refunds(asked.fact.sku) if one.trigger != "goodwill"
    ]
    since = [one for one in found if not _before(book, one[0], asked.fact)]
    return min(since, key=lambda one: one[0].at, default=None)


def _before(book: Book, one: Fact, other: Fact) -> bool:
    if DAY in (len(one.at), len(other.at)):
        return book.day(one) < book.day(other)
    return datetime.fromisoformat(one.at) < datetime.fromisoformat(other.at)


# --- withdrawals: in Germany 14 days, which may wait for the goods; elsewhere no rule tells -----


def _withdrawals(book: Book, today: date) -> Iterator[Duty]:
    for line in book.order.lines:
        told = book.told("withdraw", sku=line.sku)
        for number, withdrawal in enumerate(told, 1):
            units = sum(one.quantity for one in told[:number])
            yield _withdrawal(book, today, withdrawal, told[0], units)


def _withdrawal(book: Book, today: date, fact: Fact, first: Fact, units: int) -> Duty:
    store, sku = _store(book), fact.sku or ""
    given = _completing(book, sku, units, since=first)
    delivered = [book.day(one) for one in book.told("deliver")[-1:]]
    certain = store == "DE" and not (delivered and book.day(fact) > delivered[0] + FOURTEEN_DAYS)
    due = None
    if store == "DE":
        last = _days(fact.at, book.order.zone, 14)
        back = _back_or_sent(book, sku, units, first)
        if back is not None:
            due = max(last, str(back))
        elif given and _in_time(given[0], last, fact):
            due = last
    return _duty(
        "withdrawal_refund",
        "refund the withdrawal",
        fact,
        today,
        due,
        given[0] if given else None,
        certain=certain,
    )


def _back_or_sent(book: Book, sku: str, units: int, first: Fact) -> date | None:
    """The day on which so many units had come back, or had been sent, since the buyer withdrew first."""
    days = []
    for told in (book.receipts(sku), book.told("scan", sku=sku)):
        reached = _reaching([one for one in told if book.day(one) >= book.day(first)], units)
        days += [book.day(reached)] if reached else []
    return min(days, default=None)


# --- claims: 48 hours for what Amazon asks, 72 on appeal, 30 days to appeal --------------------


def _questions(book: Book, today: date) -> Iterator[Duty]:
    store = _store(book)
    for name, claim in book.claims.items():
        for question in claim.asked:
            due, hours = question.until, None
            if due is None and claim.filed.trigger == "a_to_z" and store is not None:
                hours = 72 if question.on_appeal else 48 if store == "US" else None
            if hours:
                due = _hours(question.at, hours)
            duty = _duty(
                "claim_answer",
                f"answer what is asked about the claim {name}",
                question,
                today,
                due,
                _answer_to(book, claim, question),
                certain=due is not None,
            )
            yield _about(duty, claim)


def _about(duty: Duty, claim: Claim) -> Duty:
    return Duty(
        policy=duty.policy,
        what=duty.what,
        sku=claim.filed.sku or "",
        since=duty.since,
        state=duty.state,
        due=duty.due,
    )


def _answer_to(book: Book, claim: Claim, question: Fact) -> Fact | None:
    """The first answer after the question, or the decision that ended it."""
    ends = claim.appeals_decided[-1:] if question.on_appeal else [claim.decided]
    found = [
        one for one in (*claim.answered, *ends) if one is not None and _follows(book, one, question)
    ]
    return min(found, key=lambda one: (one.at, one.number), default=None)


def _follows(book: Book, one: Fact, other: Fact) -> bool:
    if _before(book, other, one):
        return True
    return not _before(book, one, other) and one.number > other.number


def _appeals(book: Book, today: date) -> Iterator[Duty]:
    store = _store(book)
    for name, claim in book.claims.items():
        decided = claim.decided
        if decided is None or not _lost(claim, decided):
            continue
        due = decided.until
        if due is None and claim.filed.trigger == "a_to_z" and store is not None:
            due = _days(decided.at, book.order.zone, 30)
        duty = _duty(
            "appeal_window",
            f"appeal the decision about the claim {name}",
            decided,
            today,
            due,
            claim.appeals[0] if claim.appeals else None,
            certain=due is not None,
        )
        yield _about(duty, claim)


def _lost(claim: Claim, decided: Fact) -> bool:
    if claim.filed.by == "buyer":
        return decided.outcome in ("granted", "partly_granted") and decided.by != "amazon"
    return decided.outcome in ("denied", "partly_granted")
