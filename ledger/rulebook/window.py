"""The days on which a claim may be filed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args

import msgspec

from ledger.rulebook.rule import ClockFact, Rule
from ledger.rulebook.rulebook import Rulebook, foremost, standing

State = Literal["waiting", "open", "expired", "unknown"]

_FACTS: Final = frozenset(get_args(ClockFact))
_DAY: Final = timedelta(days=1)


class Days(msgspec.Struct, frozen=True):
    """A run of days, both ends included; without a last day it has no end."""

    first: date
    last: date | None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class Piece(Days, frozen=True):
    """Days that are good for filing because one version is in force and admits them."""

    rule: Rule


class ClaimWindow(msgspec.Struct, frozen=True):
    """When one claim may be filed: a day is good when the version in force on it admits it."""

    family: str
    marketplace: str
    anchors: dict[str, date]
    versions: tuple[Rule, ...]
    """Every version that ever was in force, earliest first."""
    pieces: tuple[Piece, ...]
    """The good days, earliest first; empty where there are none."""

    @property
    def opens(self) -> date | None:
        """The first good day, or None where there is none."""
        return self.pieces[0].first if self.pieces else None

    @property
    def closes(self) -> date | None:
        """The last good day, or None where there is none or no end (`open_ended` tells which)."""
        return self.pieces[-1].last if self.pieces else None

    @property
    def open_ended(self) -> bool:
        """True where the good days have no end."""
        return bool(self.pieces) and self.pieces[-1].last is None

    @property
    def missing_anchors(self) -> tuple[str, ...]:
        """Facts that some version counts from and whose day is not known."""
        return self._missing_of(self.versions)

    def missing_on(self, day: date) -> tuple[str, ...]:
        """The missing facts that matter on a day: versions that ended before it do not count."""
        return self._missing_of(
            tuple(
                rule
                for rule in self.versions
                if rule.effective_to is None or day < rule.effective_to
            )
        )

    def admits(self, day: date) -> Rule | None:
        """The version by which a claim may be filed on that day, or None."""
        return next((piece.rule for piece in self.pieces if day in piece), None)

    def opens_next(self, day: date) -> date | None:
        """The first good day from that day on: a new version can close a window for a while."""
        for piece in self.pieces:
            if piece.last is None or day <= piece.last:
                return max(day, piece.first)
        return None

    def state(self, day: date) -> State:
        """How the claim stands on that day.

        `unknown` where no version is known for the day, or the one in force (or, once no good day
        is left, a later one) counts from a fact that is not known: then neither "too early" nor
        "too late" may be said.
        """
        if self.admits(day):
            return "open"
        rule = self.in_force(day)
        if rule is not None and missing_anchors(rule, self.anchors):
            return "unknown"
        if self.opens_next(day):
            return "waiting"
        return "unknown" if rule is None or self.missing_on(day) else "expired"

    def in_force(self, day: date) -> Rule | None:
        """The version in force on that day, whether or not its clock can be read."""
        return foremost(self.versions, day)

    def cite(self, day: date) -> Rule | None:
        """The rule that answers for that day.

        It is the one in force if its clock can be read, else the one that bounded the good days.
        """
        rule = self.in_force(day)
        if rule is not None and not missing_anchors(rule, self.anchors):
            return rule
        return self.pieces[-1].rule if self.pieces else rule

    def by_clock(self, rule: Rule) -> Days | None:
        """The days one version's clock admits, whenever that version was in force."""
        return clock_days(rule, self.anchors)

    def _missing_of(self, rules: tuple[Rule, ...]) -> tuple[str, ...]:
        missing = (fact for rule in rules for fact in missing_anchors(rule, self.anchors))
        return tuple(dict.fromkeys(missing))


def claim_window(
    book: Rulebook, family: str, marketplace: str, anchors: Mapping[str, date]
) -> ClaimWindow | None:
    """When a claim may be filed, given the days of the facts its clocks run from.

    None where no rule of the family is known for the store. ValueError where the family's version
    is not picked by the filing date, or where an anchor is no fact that a clock runs from: both are
    defects of ours.
    """
    if unheard_of := anchors.keys() - _FACTS:
        raise ValueError(f"no clock runs from {', '.join(sorted(unheard_of))}")
    versions = tuple(rule for rule in book.versions(family, marketplace) if rule.ever_in_force)
    if not versions:
        return None
    if versions[0].version_selected_by != "claim_submitted_at":
        raise ValueError(f"the filing date does not pick the version of {family}")
    known = dict(anchors)
    return ClaimWindow(family, marketplace, known, versions, _pieces(versions, known))


def clock_of(rule: Rule, anchors: Mapping[str, date]) -> ClockFact | None:
    """The fact that the rule's window is counted from.

    Where the parcel was lost, the usual fact never happens and the last scan stands in for it.
    """
    if rule.clock_from not in anchors and rule.lost_clock_from in anchors:
        return rule.lost_clock_from
    return rule.clock_from


def missing_anchors(rule: Rule, anchors: Mapping[str, date]) -> tuple[str, ...]:
    """The facts that the rule's clocks run from and whose day is not known."""
    facts = (clock_of(rule, anchors), rule.hard_stop_from)
    return tuple(fact for fact in facts if fact is not None and fact not in anchors)


def clock_days(rule: Rule, anchors: Mapping[str, date]) -> Days | None:
    """The days that a rule's clock admits, as if it were in force for ever.

    None where a fact it counts from is not known, or a hard stop leaves no day.
    """
    clock = clock_of(rule, anchors)
    if clock is None or missing_anchors(rule, anchors):
        return None
    start = anchors[clock]
    return _days(start + timedelta(days=rule.window_start_days or 0), _ends(rule, start, anchors))


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _ends(rule: Rule, start: date, anchors: Mapping[str, date]) -> list[date]:
    """Every day that ends the rule's window; the earliest one wins."""
    ends = []
    if rule.window_end_days is not None:
        ends.append(start + timedelta(days=rule.window_end_days))
    if rule.window_end_months is not None:
        ends.append(months_after(start, rule.window_end_months))
    if rule.hard_stop_from is not None and rule.hard_stop_months is not None:
        ends.append(months_after(anchors[rule.hard_stop_from], rule.hard_stop_months))
    return ends


def _days(first: date, ends: list[date]) -> Days | None:
    last = min(ends, default=None)
    return None if last is not None and last < first else Days(first, last)


def _pieces(versions: tuple[Rule, ...], anchors: Mapping[str, date]) -> tuple[Piece, ...]:
    """The good days: a version's clock admits them and it is the one in force; earliest first."""
    by_clock = {rule.id: clock_days(rule, anchors) for rule in versions}
    return tuple(
        Piece(days.first, days.last, rule)
        for rule, reign in _reigns(versions)
        if (clock := by_clock[rule.id]) and (days := _both(clock, reign))
    )


@lru_cache(maxsize=1024)
def _reigns(versions: tuple[Rule, ...]) -> tuple[tuple[Rule, Days], ...]:
    """The days on which each version is in force and none lies over it, earliest first.

    Every unit asks for the same ones.
    """
    found = [(rule, days) for rule in versions for days in _reign(rule, versions)]
    return tuple(sorted(found, key=lambda reign: reign[1].first))


def _reign(rule: Rule, versions: tuple[Rule, ...]) -> list[Days]:
    """The days on which that version is in force and none lies over it."""
    over = [other for other in versions if standing(other) < standing(rule)]
    reigns = [Days(rule.effective_from or date.min, _last(rule))]
    for overlay in over:
        reigns = [part for reign in reigns for part in _without(reign, overlay)]
    return reigns


def _without(reign: Days, overlay: Rule) -> list[Days]:
    """What is left of a reign before and after an overlay."""
    start, end = overlay.effective_from, overlay.effective_to
    before = _both(reign, Days(date.min, start - _DAY)) if start else None
    after = _both(reign, Days(end, None)) if end else None
    return [part for part in (before, after) if part]


def _last(rule: Rule) -> date | None:
    return rule.effective_to - _DAY if rule.effective_to else None


def _both(one: Days, other: Days) -> Days | None:
    """The days in both runs, or None."""
    return _days(
        max(one.first, other.first), [last for last in (one.last, other.last) if last is not None]
    )
