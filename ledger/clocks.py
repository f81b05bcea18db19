"""Counting the hours, days and business days of a duty, and what it comes to: open, met or missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from ledger import gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import programme_of
from ledger.policy import Examination
from ledger.rulebook import Rule
from ledger.ruling import Ruling, State, ruling
from ledger.values import day_of, day_told, instant, is_day

REFUND: Final = "ret.refund_clock"
"""The family of the days in which what came back is refunded, and graded."""
LONGER: Final = "safet.window"
"""The family of the rule that gave the seller longer for it for a while."""
SATURDAY: Final = 5

EARLIER_DAY: Final = (
    "Amazon names no time zone: of the store's day and UTC's, the earlier is counted from."
)
ONLY_A_DAY: Final = (
    "Only the day is known from which the hours count: they may end at any moment of the last day."
)
NO_HOLIDAYS: Final = (
    "Mondays to Fridays count as business days: public holidays are not known, and make it later."
)


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """Until when something must be done, and what was assumed in counting."""

    due_at: str
    """A day, or a moment where hours are counted from a moment."""
    rule: Rule | None = None
    assumptions: tuple[str, ...] = ()


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What met a duty."""

    ref: Ref
    what: str
    """What was done, and by whom, as one says it: `the seller allowed it`."""
    by_then: bool = False
    """True where it had happened by that day, and nothing tells when: a report's state."""
    in_vain: bool = False
    """True where Amazon did it, as the seller had not done it in time."""


# --- counting ---------------------------------------------------------------------------------


def days_of(ref: Ref) -> tuple[date, ...]:
    """The day on which a fact happened: in its store's zone, then UTC's where that is another."""
    return tuple(dict.fromkeys((ref.day, day_of(ref.occurred_at, None))))


def business_days_after(day: date, days: int) -> date:
    """The last of so many business days, the day itself not counted."""
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            days -= 1
    return day


def hours_after(ref: Ref, hours: int, rule: Rule | None = None) -> Limit:
    """The moment so many hours after a fact; where only its day is known, the day on which they end."""
    if not is_day(ref.occurred_at):
        moment = datetime.fromisoformat(ref.occurred_at).astimezone(UTC)
        return Limit(due_at=instant(moment + timedelta(hours=hours)), rule=rule)
    last = ref.day + timedelta(days=hours // 24)
    return Limit(due_at=last.isoformat(), rule=rule, assumptions=(ONLY_A_DAY,))


def days_after(ref: Ref, days: int, rule: Rule | None = None) -> Limit:
    """The last of so many calendar days after a fact, in the zone in which they end first."""
    last = min(days_of(ref)) + timedelta(days=days)
    return Limit(due_at=last.isoformat(), rule=rule, assumptions=_zone(ref))


def limit_of(rule: Rule, day: date) -> date | None:
    """The last day that a rule allows after a day; None where it states no days."""
    if rule.states("deadline_days"):
        return day + timedelta(days=rule.number("deadline_days"))
    if rule.states("deadline_business_days"):
        return business_days_after(day, rule.number("deadline_business_days"))
    return None


def limit_by(book: Book, family: str, marketplace: str, ref: Ref) -> Limit | None:
    """The last day by the version that the fact's day picks; None where no version states days.

    Where the fact's moment lies on two days, each picks its version, and the earlier end counts.
    """
    limits = dict(_limits(book, family, marketplace, ref))
    if ref.day not in limits:
        return None
    last, rule = min(limits.values(), key=lambda limit: limit[0])
    assumed = [*_zone(ref)]
    if rule.states("deadline_business_days"):
        assumed.append(NO_HOLIDAYS)
    return Limit(due_at=last.isoformat(), rule=rule, assumptions=tuple(assumed))


def refund_limit(book: Book, marketplace: str, received: Ref) -> Limit | None:
    """The last day to refund and grade what came back; a rule that gave longer for a while lies over the clock."""
    limit = limit_by(book, REFUND, marketplace, received)
    rules = [book.rulebook.in_force(LONGER, marketplace, day) for day in days_of(received)]
    given = [
        days_after(received, rule.number("return_processing_days"), rule)
        for rule in rules
        if rule is not None and rule.states("return_processing_days")
    ]
    if limit is None or len(given) < len(rules):
        return limit
    return max(limit, min(given, key=lambda one: one.due_at), key=lambda one: one.due_at)


def _limits(
    book: Book, family: str, marketplace: str, ref: Ref
) -> Iterator[tuple[date, tuple[date, Rule]]]:
    for day in days_of(ref):
        rule = book.rulebook.in_force(family, marketplace, day)
        last = limit_of(rule, day) if rule else None
        if rule is not None and last is not None:
            yield day, (last, rule)


def _zone(ref: Ref) -> tuple[str, ...]:
    return (EARLIER_DAY,) if len(days_of(ref)) > 1 else ()


def in_time(ref: Ref, due_at: str) -> bool:
    """True where a fact happened no later than a day or a moment."""
    if is_day(due_at):
        return min(days_of(ref)).isoformat() <= due_at
    if is_day(ref.occurred_at):
        return ref.day <= day_of(due_at, ref.marketplace)
    return datetime.fromisoformat(ref.occurred_at) <= datetime.fromisoformat(due_at)


def passed(due_at: str, as_of: date) -> bool:
    """True where the day of it is over."""
    return day_told(due_at) < as_of


def told_first(one: Ref, other: Ref) -> bool:
    """True where one fact happened before the other; told with a day only, both may be of one moment."""
    if is_day(one.occurred_at) or is_day(other.occurred_at):
        return one.day < other.day
    return datetime.fromisoformat(one.occurred_at) < datetime.fromisoformat(other.occurred_at)


def when(due_at: str) -> str:
    """A day, or a moment, as one reads it."""
    if is_day(due_at):
        return due_at
    return f"{datetime.fromisoformat(due_at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


# --- what every duty asks ---------------------------------------------------------------------


def ask_seller_fulfilled(exam: Examination, case: Case, sku: str | None) -> bool:
    """Whether the seller sent it himself: where Amazon did, false, as it does all that follows."""
    question = "Did the seller fulfil it (FBM)?"
    told = gates.programmes_told(case, sku)
    seen = [exam.saw(ref) for ref in told.values()]
    programme = programme_of(case, sku)
    flip = "The orders report of the order."
    if programme == "FBM":
        exam.passed(question, "yes: the seller sent it", *seen, flip=flip)
    elif programme is not None:
        return False
    elif told:
        answer = f"the reports contradict each other: {' and '.join(sorted(told))}"
        exam.doubt(question, answer, *seen, flip=flip)
    else:
        answer = "nobody tells whether the seller or Amazon fulfilled the order"
        exam.doubt(question, answer, flip=flip)
    return True


def ask_rule(
    exam: Examination, book: Book, family: str, marketplace: str | None, ref: Ref, question: str
) -> Rule | None:
    """The version that the fact's day picks, where it is certain; a doubt where there is none."""
    if marketplace is None:
        return None
    rule = book.rulebook.in_force(family, marketplace, ref.day)
    if rule is None:
        no_rule(exam, family, marketplace, question)
        return None
    gates.ask_rule(exam, question, rule)
    return rule


def no_rule(exam: Examination, family: str, marketplace: str, question: str) -> None:
    """No rule says by when: a doubt, and never a day."""
    answer = f"no rule of {family} is known for {marketplace} at that time"
    exam.doubt(question, answer, flip="A rule for this store and day, with its source.")


# --- what a duty comes to ---------------------------------------------------------------------


def duty(
    exam: Examination,
    case: Case,
    what: str,
    since: Ref,
    limit: Limit | None,
    done: Done | None,
    *,
    happened: str,
    undone: str,
    sku: str | None = None,
    claim: str | None = None,
    if_missed: str | None = None,
) -> Ruling:
    """The ruling on a duty: met by what was done in time, missed by its day, or open until then.

    Without a limit it is open without a day, or met.
    """
    exam.saw(since)
    if limit is not None:
        for text in limit.assumptions:
            exam.assume(text)
    state, reason = _outcome(exam, limit, done, f"{happened} {when(since.occurred_at)}", undone)
    return ruling(
        exam,
        case,
        "duty",
        what,
        state,
        reason,
        sku=sku,
        claim=claim,
        since=since.occurred_at,
        due_at=limit.due_at if limit else None,
        if_missed=if_missed,
        by=limit.rule if limit else None,
    )


def _outcome(
    exam: Examination, limit: Limit | None, done: Done | None, happened: str, undone: str
) -> tuple[State, str]:
    question = "Was it done in time?"
    last = f", by {when(limit.due_at)}" if limit else ""
    if done is None:
        missed = limit is not None and passed(limit.due_at, exam.as_of)
        answer = f"no: {undone}{last}" if missed else f"not yet: {undone}"
        exam.failed(question, answer, flip="An entry that tells of it.")
        return ("missed" if missed else "open"), f"{happened}; {undone}{last if missed else ''}"
    seen = exam.saw(done.ref)
    day = when(done.ref.occurred_at)
    told = f"{done.what} by {day}" if done.by_then else f"{done.what} on {day}"
    late = limit is not None and not in_time(done.ref, limit.due_at)
    late = late or done.in_vain
    if late and done.by_then:
        exam.assume("It was done in time: no report tells when.")
        late = False
    after = last.replace(", by", ", after") if late and not done.in_vain else ""
    answer = f"{'too late' if late else 'yes'}: {told}{after}"
    note = exam.failed if late else exam.passed
    note(question, answer, seen, flip="A correction of that entry.")
    return ("missed" if late else "met"), f"{happened}; {answer.partition(': ')[2]}"
