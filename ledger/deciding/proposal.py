"""Something that the seller wants recorded, beside what is known of its case: refused, or allowed with cautions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, Generic, NoReturn, TypeVar

import msgspec

from ledger.book import Book
from ledger.case import Case, Ref
from ledger.errors import LedgerError
from ledger.event import Deed, Entry
from ledger.folding import fold, with_deed
from ledger.rulebook import Rule
from ledger.values import day_of

D = TypeVar("D", bound=Deed, covariant=True)


class Refused(LedgerError):
    """What the case, or a rule that is sure, does not allow to be recorded; it names what decides."""

    def __init__(
        self,
        message: str,
        *,
        advice: str,
        found: str | None = None,
        entry: int | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice, found=found)
        self.entry = entry
        """Position of the entry that decides; None where it is the case as a whole."""
        self.rule = rule
        """Id of the rule that decides, None where no rule does."""


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What the seller wants recorded all the same, and says so."""

    late: bool = False
    """An appeal after its window."""
    again: bool = False
    """A refund like one that was recorded shortly before, under another id."""
    against_advice: bool = False
    """A request declined that Amazon or the law most likely allows."""


ANYTHING: Final = Allowed(late=True, again=True, against_advice=True)


class Proposal(msgspec.Struct, Generic[D], frozen=True, kw_only=True):
    """One event on its way into the log, and all that may speak against it."""

    entry: Entry
    entries: Sequence[Entry]
    """The entries of its stream so far, in the order in which they were recorded."""
    case: Case
    """All that is known, also what is dated later than the event."""
    after: Case
    """The case as it would be with the event."""
    stated: Mapping[str, str]
    """Marketplaces stated at import, by original."""
    book_of: Callable[[], Book]
    now: str
    allowed: Allowed
    cautions: list[str]

    @property
    def event(self) -> D:
        """What is to be recorded."""
        return self.entry.event  # type: ignore[return-value]

    @property
    def book(self) -> Book:
        """The rules, and what the seller set for the whole account."""
        return self.book_of()

    @property
    def occurred_at(self) -> str:
        """The day or moment on which it happened."""
        return self.entry.occurred_at

    @property
    def day(self) -> date:
        """The day on which it happened, in the zone of the case's marketplace."""
        return day_of(self.occurred_at, self.after.marketplace)

    @property
    def today(self) -> date:
        """The day on which it is recorded, in the zone of the case's marketplace."""
        return day_of(self.now, self.after.marketplace)

    def rule(self, family: str, on: date | None = None) -> Rule | None:
        """The rule of a family that is in force in the case's store, on the event's day or another."""
        if self.after.marketplace is None:
            return None
        return self.book.rulebook.in_force(family, self.after.marketplace, on or self.day)

    def caution(self, text: str) -> None:
        """Something that is allowed and that the seller should know."""
        if text not in self.cautions:
            self.cautions.append(text)

    def refuse(
        self,
        reason: str,
        *,
        advice: str,
        by: Ref | Rule | int | None = None,
        found: object = None,
    ) -> NoReturn:
        """Refuse it: why, by which entry or rule, and what to do instead."""
        entry = by.position if isinstance(by, Ref) else by if isinstance(by, int) else None
        rule = by.id if isinstance(by, Rule) else None
        named = f" (entry {entry})" if entry is not None else f" ({rule})" if rule else ""
        raise Refused(
            f"{reason}{named}",
            advice=advice,
            found=None if found is None else str(found),
            entry=entry,
            rule=rule,
        )

    def refuse_by(self, rule: Rule, reason: str, *, advice: str, found: object = None) -> None:
        """Refuse it where the rule is sure; else it is allowed with a caution that says what is not sure."""
        if rule.sure:
            self.refuse(reason, advice=advice, by=rule, found=found)
        self.caution(f"{reason} ({rule.id}, which is not certain: {rule.why_unsure})")


Check = Callable[[Proposal[D]], None]
"""Returns where nothing speaks against the proposal, and raises Refused otherwise."""


def propose(
    entry: Entry,
    entries: Sequence[Entry],
    *,
    stated: Mapping[str, str],
    book_of: Callable[[], Book],
    now: str,
    allowed: Allowed,
    case: Case | None = None,
) -> Proposal[Deed]:
    """The proposal to record an entry after those that its stream has; `case` is theirs, where it was made."""
    assert isinstance(entry.event, Deed), "only what the seller tells or decides is proposed"
    placed = in_place(entry, entries)
    case = case or fold(entry.stream, entries, stated=stated)
    after = with_deed(case, placed) or fold(entry.stream, [*entries, placed], stated=stated)
    return Proposal(
        entry=entry,
        entries=entries,
        case=case,
        after=after,
        stated=stated,
        book_of=book_of,
        now=now,
        allowed=allowed,
        cautions=[],
    )


def in_place(entry: Entry, entries: Sequence[Entry]) -> Entry:
    """The entry in its place, or in the one that it would take after the others."""
    if entry.position is not None:
        return entry
    last = max((one.position or 0 for one in entries), default=0)
    return msgspec.structs.replace(entry, position=last + 1)
