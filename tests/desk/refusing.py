"""What speaks against a thing that the seller wants recorded, as the bookkeeper sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from tests.desk.facts import DAY, Fact
from tests.desk.oracle import A_DAY, Asked, Book, Claim, day_in

BEGINS: Final = ("tell", "request", "withdraw", "message")
COUNTED: Final = frozenset(
    "request withdraw authorize decline override label scan lost receive grade wrong refund fee "
    "replace claim".split()
)
"""Kinds that are about a number of units."""
EUROPE: Final = ("DE", "UK")
NO_REVIEWS: Final = ("US", "DE", "UK")


def objections(fact: Fact, facts: Sequence[Fact], now: str) -> set[str]:
    """Every reason against it, by a short name; none where it is allowed."""
    before = Book(fact.order, facts)
    after = Book(fact.order, [*facts, replace(fact, number=_next(facts))])
    asked = _Question(fact, before, after, now, facts)
    return {*_always(asked), *ASKED.get(fact.kind, _nothing)(asked)}


def _next(facts: Sequence[Fact]) -> int:
    return max((fact.number for fact in facts), default=0) + 1


class _Question:
    """A fact beside what is known before it, and what would be known with it."""

    def __init__(
        self, fact: Fact, before: Book, after: Book, now: str, facts: Sequence[Fact]
    ) -> None:
        self.fact = fact
        self.book = before
        self.after = after
        self.now = now
        self.facts = facts
        self.day: date = after.day(fact)
        self.store = after.order.store if after.store_known else None

    @property
    def claim(self) -> Claim | None:
        return self.book.claims.get(self.fact.name or "")


def _nothing(_asked: _Question) -> Iterator[str]:
    yield from ()


# --- of everything ----------------------------------------------------------------------------


def _always(asked: _Question) -> Iterator[str]:
    fact, book = asked.fact, asked.book
    known = [one for one in book.standing if one.kind != "correct"]
    begins = fact.kind in BEGINS or (fact.kind == "correct" and book.anything_recorded)
    if not known and not begins:
        yield "nothing known"
    if fact.sku and fact.kind != "tell" and book.skus() and fact.sku not in book.skus():
        yield "no such SKU"
    ordered = book.ordered(fact.sku) if fact.sku and fact.kind in COUNTED else None
    if ordered is not None and fact.quantity > ordered:
        yield "more than ordered"
    if _is_to_come(asked):
        yield "to come"
    placed = min((book.day(line) for line in book.lines.values()), default=None)
    if placed is not None and fact.kind != "tell" and asked.day < placed:
        yield "before the order"


def _is_to_come(asked: _Question) -> bool:
    at, now = asked.fact.at, datetime.fromisoformat(asked.now)
    if len(at) == DAY:
        return date.fromisoformat(at) > day_in(asked.now, asked.after.zone) + A_DAY
    return datetime.fromisoformat(at) > now + A_DAY


def _tell(asked: _Question) -> Iterator[str]:
    book = asked.book
    if any(fact.sku == asked.fact.sku for fact in book.told("tell")):
        yield "told before"
    if any(book.day(fact) < asked.day for fact in book.facts if not fact.by_report):
        yield "something told of before"


def _deliver(asked: _Question) -> Iterator[str]:
    sent = asked.book.told("dispatch")
    if sent and asked.day < asked.book.day(sent[-1]):
        yield "left later"


# --- requests ---------------------------------------------------------------------------------


def _request(asked: _Question) -> Iterator[str]:
    rma = asked.fact.rma
    if rma and any(one.rma == rma for one in asked.book.told("request")):
        yield "told before"


def _open_request(asked: _Question) -> tuple[Asked | None, str | None]:
    """The request that an answer is for, or why there is none."""
    book, fact = asked.book, asked.fact
    meant = [one for one in book.requests() if book.means(fact, one)]
    by_then = [one for one in meant if book.day(one.fact) <= asked.day]
    answered = [
        one for one, answer in book.answers("authorize", "decline") if book.means(answer, one)
    ]
    left = [one for one in by_then if one not in answered]
    if left:
        return left[0], None
    return None, "answered" if by_then else "asked later" if meant else "not asked"


def _authorize(asked: _Question) -> Iterator[str]:
    _, reason = _open_request(asked)
    if reason:
        yield reason
    if asked.fact.goodwill and not asked.fact.approved:
        yield "nobody approved"


def _decline(asked: _Question) -> Iterator[str]:
    rule, store = asked.fact.text or "", asked.store
    if rule not in ("ret.window.US.1", "ret.window.EU.1"):
        yield "no such rule"
    elif store is not None and (rule == "ret.window.EU.1") != (store in EUROPE):
        yield "not a rule of the store"
    request, reason = _open_request(asked)
    if request is None:
        yield reason or ""
    else:
        yield from _is_a_right(asked, request)


def _is_a_right(asked: _Question, request: Asked) -> Iterator[str]:
    """Thirty days from delivery, fourteen at least in Germany; in Europe a withdrawal in fourteen is no request.

    Nor is a defect declined there that counts as one from the start.
    """
    book, store = asked.book, asked.store
    sku, day = request.fact.sku or "", book.day(request.fact)
    placed = book.lines.get(sku)
    delivered = [book.day(one) for one in book.told("deliver")[-1:]]
    ended = bool(delivered) and day > delivered[0] + timedelta(days=14)
    if request.withdrawal and store in EUROPE and placed and not ended:
        yield "withdrawn"
    if placed is None or store is None:
        return
    begun = delivered or [max(book.day(one) for one in [placed, *book.told("dispatch")[-1:]])]
    days = 14 if store == "DE" else 30
    last = [begun[0] + timedelta(days=days)]
    if request.defect and store in EUROPE:
        last.append(_months_after(begun[0], 12 if store == "DE" else 6))
    if day <= max(last) and not asked.fact.against_advice:
        yield "in time"


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last that the month has."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    end = (first + timedelta(days=31)).replace(day=1) - A_DAY
    return min(first + timedelta(days=day.day - 1), end)


def _came_in_time(asked: _Question, sku: str) -> bool:
    """All that came back came within the thirty days of the US store."""
    book, placed = asked.book, asked.book.lines.get(sku)
    days = [book.day(one) for one in book.receipts(sku)]
    if placed is None or not days:
        return False
    delivered = [book.day(one) for one in book.told("deliver")[-1:]]
    begun = delivered or [max(book.day(one) for one in [placed, *book.told("dispatch")[-1:]])]
    return max(days) <= begun[0] + timedelta(days=30)


def _override(asked: _Question) -> Iterator[str]:
    def same(fact: Fact) -> bool:
        other = asked.fact
        return fact.sku == other.sku and (None in (fact.rma, other.rma) or fact.rma == other.rma)

    declined = [
        one for one in asked.book.told("decline") if same(one) and asked.book.day(one) <= asked.day
    ]
    overridden = [one for one in asked.book.told("override") if same(one)]
    if len(overridden) >= len(declined):
        yield "overridden" if declined else "not declined"


# --- units ------------------------------------------------------------------------------------


def _receive(asked: _Question) -> Iterator[str]:
    sku = asked.fact.sku or ""
    sent, would = asked.book.sent(sku), asked.after.received(sku)
    if sent is not None and would > sent and would > asked.book.received(sku):
        yield "more than sent"


def _look_at(asked: _Question) -> Iterator[str]:
    sku = asked.fact.sku or ""
    looked_at = sum(one.quantity for one in asked.book.graded(sku))
    if looked_at + asked.fact.quantity > asked.book.received(sku):
        yield "more than came back"
    receipts = asked.book.receipts(sku)
    if receipts and asked.day < asked.book.day(receipts[0]):
        yield "came back later"


# --- money ------------------------------------------------------------------------------------


def _amount(asked: _Question) -> Iterator[str]:
    currency = asked.book.order.currency
    known = asked.store is not None or asked.fact.sku in asked.book.lines
    if any(cents <= 0 for _, cents in asked.fact.money):
        yield "nothing"
    if known and asked.fact.currency not in (None, currency):
        yield "wrong currency"


def _refund(asked: _Question) -> Iterator[str]:
    yield from _amount(asked)
    yield from _too_much(asked)
    fact, book = asked.fact, asked.book
    for one in book.told("refund", sku=fact.sku):
        same = (one.trigger, sorted(one.money)) == (fact.trigger, sorted(fact.money))
        if same and not fact.again and _within_a_day(asked, one):
            yield "sent twice"
    for claim in book.claims.values():
        if (
            claim.filed.by == "buyer"
            and claim.filed.sku in (None, fact.sku)
            and claim.decided is not None
            and claim.decided.outcome == "granted"
            and claim.filed.trigger != fact.trigger
            and asked.day >= book.day(claim.decided)
        ):
            yield "paid by a claim"


def _within_a_day(asked: _Question, other: Fact) -> bool:
    if DAY in (len(asked.fact.at), len(other.at)):
        return abs(asked.book.day(other) - asked.day) <= A_DAY
    moments = [datetime.fromisoformat(at) for at in (asked.fact.at, other.at)]
    return abs(moments[0] - moments[1]) <= A_DAY


def _too_much(asked: _Question) -> Iterator[str]:
    """What was paid bounds what is given back: of each component, and of all goods together."""
    if asked.fact.currency not in (None, asked.book.order.currency):
        return
    sku, book, after = asked.fact.sku or "", asked.book, asked.after
    was, would = book.given_back(sku), after.given_back(sku)
    for components, paid in book.limits(sku):
        now = sum(would[name] for name in components)
        if now > paid and now > sum(was[name] for name in components):
            yield "too much"
    skus = book.skus()
    if skus and skus <= set(book.lines):
        paid = sum(line.each * line.quantity for line in map(book.catalogue, skus))
        goods = [sum(one.given_back(name)["item"] for name in skus) for one in (book, after)]
        if goods[1] > paid and goods[1] > goods[0]:
            yield "too much"


def _concede(asked: _Question) -> Iterator[str]:
    yield from _amount(asked)
    yield from _too_much(asked)
    if "review" in (asked.fact.text or "") and asked.store in NO_REVIEWS:
        yield "for a review"


def _fee(asked: _Question) -> Iterator[str]:
    yield from _amount(asked)
    fact, book, sku = asked.fact, asked.book, asked.fact.sku or ""
    each = book.price(sku)
    price = None if each is None else each * fact.quantity
    foreign = fact.currency not in (None, book.order.currency)
    if price is not None and not foreign and fact.cents > price:
        yield "more than the price"
    grades = [one for one in book.graded(sku) if one.kind == "grade"]
    if fact.text == "used_or_damaged" and grades and all(one.text == "as_new" for one in grades):
        yield "graded as new"
    if asked.store != "US" or price is None or foreign:
        return
    looked_at = book.graded(sku)
    as_sent = looked_at and all(one.text == "as_new" for one in looked_at)
    in_policy = any(one.in_policy for one in book.requests() if one.fact.sku == sku)
    if (in_policy or _came_in_time(asked, sku)) and as_sent and fact.cents > 0:
        yield "as it was sent"
    if fact.cents * 100 >= price * 20:
        yield "no photos"


# --- messages and the record ------------------------------------------------------------------


def _message(asked: _Question) -> Iterator[str]:
    if any(one.name == asked.fact.name for one in asked.book.told("message")):
        yield "told before"


def _answer(asked: _Question) -> Iterator[str]:
    told = [one for one in asked.book.told("message") if one.name == asked.fact.name]
    if not told:
        yield "no message"
    elif _is_before(asked, told[0]):
        yield "came later"


def _is_before(asked: _Question, other: Fact) -> bool:
    """Before its moment; where either is told with a day only, before its day."""
    if DAY in (len(asked.fact.at), len(other.at)):
        return asked.day < asked.book.day(other)
    return datetime.fromisoformat(asked.fact.at) < datetime.fromisoformat(other.at)


def _release(asked: _Question) -> Iterator[str]:
    if len(asked.book.told("hold")) <= len(asked.book.told("release")):
        yield "not held"


def _note(asked: _Question) -> Iterator[str]:
    if not (asked.fact.text or "").strip():
        yield "empty"


def _correct(asked: _Question) -> Iterator[str]:
    """A report is not taken back, nothing is taken back twice, and nothing is left resting on nothing."""
    every = [fact for fact in asked.facts if fact.order == asked.fact.order]
    wrong = next((one for one in every if one.number == asked.fact.corrects), None)
    if wrong is None:
        yield "no such entry"
        return
    if wrong.by_report:
        yield "told by a report"
        return
    standing = asked.book.standing
    if any(one.kind == "correct" and one.corrects == wrong.number for one in standing):
        yield "corrected already"
        return
    undone = replace(asked.fact, number=_next(asked.facts))
    for later in standing:
        if later.number > wrong.number and not later.by_report and later.kind != "correct":
            before = [one for one in every if one.number < later.number]
            anyway = replace(later, late=True, again=True, against_advice=True)
            with_it = objections(anyway, before, later.recorded_at)
            without = objections(anyway, [*before, undone], later.recorded_at)
            if without and not with_it:
                yield "rests on it"
                return


# --- claims -----------------------------------------------------------------------------------


def _claim(asked: _Question) -> Iterator[str]:
    fact, book = asked.fact, asked.book
    if fact.name in book.claims:
        yield "filed before"
    about = [
        one
        for one in book.claims.values()
        if (one.filed.trigger, one.filed.by) == (fact.trigger, fact.by)
        and one.counts
        and (None in (one.filed.sku, fact.sku) or one.filed.sku == fact.sku)
    ]
    whole = fact.sku is None or any(one.filed.sku is None for one in about)
    units = (book.ordered(fact.sku) if fact.sku else None) or 1
    if about and (whole or sum(one.filed.quantity for one in about) + fact.quantity > units):
        yield "claimed already"


def _of_a_claim(check: Callable[[_Question, Claim], Iterator[str]]) -> Callable[..., Iterator[str]]:
    """Only a claim that was filed by then goes on."""

    def asks(asked: _Question) -> Iterator[str]:
        claim = asked.claim
        if claim is None:
            yield "not filed"
            return
        if asked.day < asked.book.day(claim.filed):
            yield "filed later"
        yield from check(asked, claim)

    return asks


def _asked(_asked: _Question, claim: Claim) -> Iterator[str]:
    if claim.decided is not None and not claim.on_appeal:
        yield "decided"


def _answered(asked: _Question, claim: Claim) -> Iterator[str]:
    if not any(asked.book.day(one) <= asked.day for one in claim.asked):
        yield "not asked about"


def _decided(asked: _Question, claim: Claim) -> Iterator[str]:
    fact = asked.fact
    if claim.decided is not None:
        yield "decided"
    if fact.outcome in ("denied", "withdrawn") and fact.cents:
        yield "nothing granted"
    if fact.until is not None and fact.until < str(asked.day):
        yield "ends before it begins"


def _appeal(asked: _Question, claim: Claim) -> Iterator[str]:
    decided, book = claim.decided, asked.book
    if decided is None:
        yield "not decided"
        return
    if asked.day < book.day(decided):
        yield "decided later"
    lost = (
        ("denied", "partly_granted")
        if claim.filed.by == "seller"
        else ("granted", "partly_granted")
    )
    if decided.outcome not in lost:
        yield "nothing lost"
    if claim.on_appeal:
        yield "on appeal"
    if claim.appeals and claim.filed.trigger == "safe_t" and asked.store is not None:
        yield "appealed once"
    if claim.appeals_decided and claim.appeals_decided[-1].outcome == "granted":
        yield "appeal won"
    last = date.fromisoformat(decided.until) if decided.until else None
    if last is None and claim.filed.trigger == "a_to_z" and asked.store is not None:
        last = book.day(decided) + timedelta(days=30)
    if last is not None and asked.day > last and not asked.fact.late:
        yield "too late"


def _appeal_decided(asked: _Question, claim: Claim) -> Iterator[str]:
    if not claim.on_appeal:
        yield "no appeal"
    elif asked.day < asked.book.day(claim.appeals[-1]):
        yield "appealed later"
    if asked.fact.outcome == "denied" and asked.fact.cents:
        yield "nothing granted"


def _paid(asked: _Question, claim: Claim) -> Iterator[str]:
    if claim.won is None:
        yield "not won"
    elif claim.paid + asked.fact.cents > claim.won:
        yield "more than won"


def _reversed(asked: _Question, claim: Claim) -> Iterator[str]:
    if claim.reversed + asked.fact.cents > claim.paid:
        yield "more than paid"


ASKED: Final[dict[str, Callable[[_Question], Iterator[str]]]] = {
    "tell": _tell,
    "deliver": _deliver,
    "request": _request,
    "authorize": _authorize,
    "decline": _decline,
    "override": _override,
    "receive": _receive,
    "grade": _look_at,
    "wrong": _look_at,
    "refund": _refund,
    "concede": _concede,
    "fee": _fee,
    "message": _message,
    "answer": _answer,
    "release": _release,
    "note": _note,
    "correct": _correct,
    "claim": _claim,
    "asked": _of_a_claim(_asked),
    "answered": _of_a_claim(_answered),
    "decided": _of_a_claim(_decided),
    "appeal": _of_a_claim(_appeal),
    "appeal_decided": _of_a_claim(_appeal_decided),
    "paid": _of_a_claim(_paid),
    "reversed": _of_a_claim(_reversed),
}

SAID: Final[dict[str, str]] = {
    "nothing known": "nothing is known of this order",
    "no such SKU": "no such SKU",
    "more than ordered": "were ordered",
    "to come": "has not happened yet",
    "before the order": "the order was placed on",
    "told before": "told before",
    "something told of before": "something is told of",
    "left later": "handed to the carrier on",
    "answered": "the request was (allowed|declined) already",
    "asked later": "the buyer asked on",
    "not asked": "has not asked to return it",
    "nobody approved": "nobody is named who made it",
    "no such rule": "no such rule",
    "not a rule of the store": "the rule does not hold in",
    "withdrawn": "a withdrawal in time is not declined|nothing shows that the time for it is over",
    "in time": "the buyer may .* until .*, and asked on",
    "overridden": "overrode it already",
    "not declined": "no return of it was declined",
    "more than sent": "were sent, and",
    "more than came back": "came back",
    "came back later": "it came back on",
    "nothing": "not more than nothing",
    "wrong currency": "the sale was in",
    "sent twice": "the same refund was recorded",
    "paid by a claim": "has the money already",
    "too much": "the buyer paid",
    "for a review": "nothing may be given for a review",
    "more than the price": "the buyer paid",
    "graded as new": "graded as new",
    "as it was sent": "as it was sent",
    "no photos": "needs photos",
    "no message": "no message of this name",
    "came later": "the message came on",
    "not held": "it is not held",
    "empty": "the note is empty",
    "no such entry": "no such entry",
    "told by a report": "a report told it",
    "corrected already": "corrected already",
    "rests on it": "a later entry rests on it",
    "filed before": "filed already",
    "claimed already": "for the same",
    "not filed": "no claim of this name was filed",
    "filed later": "the claim was filed on",
    "decided": "the claim is decided",
    "not asked about": "nothing was asked about",
    "nothing granted": "nothing is granted where",
    "ends before it begins": "lies before the decision",
    "not decided": "the claim is not decided",
    "decided later": "the claim was decided on",
    "nothing lost": "there is nothing to appeal",
    "on appeal": "an appeal is under way",
    "appealed once": "may be appealed once",
    "appeal won": "the appeal was granted",
    "too late": "the last day to appeal was",
    "no appeal": "no appeal of this claim is under way",
    "appealed later": "the appeal was filed on",
    "not won": "nothing was granted yet|the claim was not granted",
    "more than won": "was granted",
    "more than paid": "was paid",
}
"""How the ledger says each reason."""
