"""What was told of things, heard again in the order of telling: which rows speak of one thing, what stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, Literal

import msgspec

from ledger.event import Entry, Event, digest_of

Likeness = Literal["all", "first", "none"]
"""In how much a row and what stands of a thing agree: in all parts, in what it is, or in its name alone."""


class Fact(msgspec.Struct, eq=False, gc=False):
    """One part of a row as it was told, and the entry that tells it, if it is in the log."""

    event: Event
    occurred_at: str | None
    entry: Entry | None = None
    _digest: str | None = None

    @property
    def dated(self) -> bool:
        """True where the fact has a date of its own; the others occur when they are told."""
        return not self.event.SNAPSHOT

    @property
    def digest(self) -> str:
        """Digest of what is told; made when it is first asked for, as most rows are never compared."""
        if self._digest is None:
            self._digest = digest_of(self.event, self.occurred_at)
        return self._digest

    def repeats(self, other: Fact) -> bool:
        """True where both tell the same."""
        if self._digest is None and other._digest is None:
            same_day = self.occurred_at == other.occurred_at or self.event.SNAPSHOT
            return same_day and self.event == other.event
        return self.digest == other.digest


class Saying(msgspec.Struct, eq=False, gc=False):
    """One row as one file told it; the log holds as much of it as was news."""

    told_at: str
    source: str
    """Digest of the file."""
    keys: tuple[str, ...]
    """Names of what is told, strongest first; the last one is what every variant of the report tells."""
    number: int
    """Which of the file's rows of its strongest name it is; those with a stronger name count before it."""
    facts: dict[str, Fact]

    @property
    def name(self) -> str:
        """The name that every variant tells."""
        return self.keys[-1]

    @property
    def strong(self) -> str | None:
        """The strongest name, where there is a stronger one: a licence plate's."""
        return self.keys[0] if len(self.keys) > 1 else None


class Told(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One telling of one part of a thing."""

    told_at: str
    fact: Fact

    @property
    def order(self) -> tuple[str, str]:
        """Later tellings stand over earlier ones; among those of one moment the digest decides."""
        return (self.told_at, self.fact.digest)


def in_order(told: Iterable[Told]) -> list[Told]:
    """Tellings from the first to the last."""
    return sorted(told, key=lambda one: one.order)


class Thing(msgspec.Struct, eq=False, gc=False):
    """One thing of which rows speak: the names it goes by and, for each part, who told what when."""

    name: str
    """The name that every variant tells, as last told: the date in it may move."""
    strong: str | None = None
    tellings: dict[str, list[Told]] = msgspec.field(default_factory=dict)
    standing: dict[str, Told] = msgspec.field(default_factory=dict)
    """What stands of each part when all has been heard."""

    def hear(self, saying: Saying) -> None:
        """Take in a row that speaks of this thing."""
        for part, fact in saying.facts.items():
            told = Told(saying.told_at, fact)
            self.tellings.setdefault(part, []).append(told)
            standing = self.standing.get(part)
            if standing is None or standing.order <= told.order:
                self.standing[part] = told
                if not part:
                    self.name = saying.name
        self.strong = self.strong or saying.strong

    def runs(self, part: str) -> list[Told]:
        """The stories told of a part, one after the other; who repeats a story says nothing more."""
        runs: list[Told] = []
        for told in in_order(self.tellings[part]):
            if not runs or runs[-1].fact.digest != told.fact.digest:
                runs.append(told)
        return runs

    @property
    def stories(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Of each part all that was told, in order; when is said where the fact has no date of its own."""
        return [
            (part, [("" if one.fact.dated else one.told_at, one.fact.digest) for one in runs])
            for part in sorted(self.tellings)
            for runs in [self.runs(part)]
        ]

    @property
    def history(self) -> tuple[object, ...]:
        """All that matters of what was told, and when: the same for whoever hears it in another order."""
        told = [(part, [one.order for one in self.runs(part)]) for part in sorted(self.tellings)]
        return (self.strong or "", self.name, told)

    def agrees(self, facts: Mapping[str, Fact], likeness: Likeness) -> bool:
        """True where nothing of what stands is told otherwise."""
        return likeness == "none" or all(
            self.standing[part].fact.digest == fact.digest
            for part, fact in facts.items()
            if part in self.standing and (likeness == "all" or not part)
        )

    def distance(self, facts: Mapping[str, Fact]) -> tuple[object, ...]:
        """Of several that agree, the nearest is the one of which all that is told is known."""
        unknown = sum(part not in self.standing for part in facts)
        standing = sorted((part, told.fact.digest) for part, told in self.standing.items())
        return unknown, standing, self.history


def sayings_in(entries: Iterable[Entry]) -> list[Saying]:
    """The rows that a stream's entries tell; what one row tells in several entries is put together."""
    sayings: dict[tuple[object, ...], Saying] = {}
    for entry in entries:
        telling = entry.telling
        if telling is None:
            continue
        keys = (telling.identity, *telling.keys)
        source = entry.source.digest or ""
        place = (telling.told_at, source, keys, telling.occurrence)
        saying = sayings.get(place)
        if saying is None:
            saying = sayings[place] = Saying(telling.told_at, source, keys, telling.occurrence, {})
        saying.facts[telling.part] = Fact(entry.event, entry.occurred_at, entry, telling.digest)
        for part, event in entry.event.carried().items() if entry.event.CARRIES else ():
            happened = telling.told_at if event.SNAPSHOT else entry.occurred_at
            saying.facts[part] = Fact(event, happened, entry)
    return list(sayings.values())


class Heard:
    """The things that rows speak of, heard in the order of telling.

    What is told at one moment is heard together: there every row is a thing of its own. Later on a row
    speaks of the thing with its strong name; else of one that stands under the name that every variant
    tells, the most alike first; else of a new one. So the things are the same in whatever order the
    files arrived.
    """

    def __init__(self, sayings: Iterable[Saying]) -> None:
        self.things: list[Thing] = []
        self.claims: list[tuple[Saying, Thing]] = []
        """Which thing each row speaks of."""
        self._by_strong: dict[str, list[Thing]] = {}
        self._by_name: dict[str, list[Thing]] = {}
        for _, told in groupby(sorted(sayings, key=_told_at), key=_told_at):
            self._hear(_together(list(told)))

    def _hear(self, rows: Sequence[_Row]) -> None:
        hearing = _Hearing(self._by_strong, self._by_name)
        hearing.by_strong_name(rows)
        hearing.by_name(rows)
        for row in rows:
            thing = hearing.claims.get(id(row))
            if thing is None:
                thing = Thing(row.name)
                self.things.append(thing)
                self._by_name.setdefault(row.name, []).append(thing)
            for saying in row.sayings:
                self._learn(thing, saying)
                self.claims.append((saying, thing))

    def _learn(self, thing: Thing, saying: Saying) -> None:
        name, strong = thing.name, thing.strong
        thing.hear(saying)
        if thing.name != name:
            self._by_name[name].remove(thing)
            self._by_name.setdefault(thing.name, []).append(thing)
        if thing.strong is not None and strong is None:
            self._by_strong.setdefault(thing.strong, []).append(thing)


def _told_at(saying: Saying) -> str:
    return saying.told_at


class _Row(msgspec.Struct, eq=False, gc=False):
    """One row as it is told at one moment, by one file or by several."""

    name: str
    strong: str | None
    number: int
    facts: dict[str, Fact]
    sayings: list[Saying]

    @classmethod
    def of(cls, saying: Saying) -> _Row:
        """The row as one file tells it."""
        number = 0 if saying.strong else saying.number
        return cls(saying.name, saying.strong, number, saying.facts, [saying])

    def join(self, saying: Saying) -> None:
        """Another file of the same moment tells it too."""
        self.sayings.append(saying)
        self.number = max(self.number, 0 if saying.strong else saying.number)
        told = dict(self.facts)
        for part, fact in saying.facts.items():
            if part not in told or told[part].digest < fact.digest:
                told[part] = fact
                self.name = self.name if part else saying.name
        self.facts = told

    @property
    def rank(self) -> tuple[object, ...]:
        """An order among rows that no file decides."""
        told = sorted((part, fact.digest) for part, fact in self.facts.items())
        return (self.strong is None, told, self.strong or "", self.number)


def _together(sayings: Sequence[Saying]) -> list[_Row]:
    """The rows of one moment: the first of a name in one file is the first of that name in another.

    Those without a strong name are the ones that have one in other files, as far as there are such.
    """
    if len(sayings) == 1:
        return [_Row.of(sayings[0])]
    rows: dict[tuple[str, int], _Row] = {}
    plated: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for saying in sayings:
        if saying.strong is not None:
            place = (saying.strong, saying.number)
            plated[saying.name].add(place)
            if place in rows:
                rows[place].join(saying)
            else:
                rows[place] = _Row.of(saying)
    for saying in sayings:
        if saying.strong is None:
            known = sorted(plated.get(saying.name, ()))
            place = (saying.name, saying.number)
            place = known[saying.number - 1] if saying.number <= len(known) else place
            if place in rows:
                rows[place].join(saying)
            else:
                rows[place] = _Row.of(saying)
    return list(rows.values())


_LIKENESSES: Final[tuple[Likeness, ...]] = ("all", "first", "none")


class _Hearing:
    """The rows of one moment, each looking for the thing it speaks of."""

    def __init__(
        self, by_strong: Mapping[str, list[Thing]], by_name: Mapping[str, list[Thing]]
    ) -> None:
        self._strong = by_strong
        self._names = by_name
        self._claimed: set[int] = set()
        self.claims: dict[int, Thing] = {}

    def by_strong_name(self, rows: Sequence[_Row]) -> None:
        """A plate names its unit, wherever the date has moved to."""
        by_strong: defaultdict[str, list[_Row]] = defaultdict(list)
        for row in rows:
            if row.strong is not None and row.strong in self._strong:
                by_strong[row.strong].append(row)
        for strong, alike in by_strong.items():
            self._claim(alike, self._strong[strong], len(alike))

    def by_name(self, rows: Sequence[_Row]) -> None:
        """The others by what every variant tells; more rows than things are new things."""
        by_name: defaultdict[str, list[_Row]] = defaultdict(list)
        for row in rows:
            if row.name in self._names:
                by_name[row.name].append(row)
        for name, alike in by_name.items():
            free = [thing for thing in self._names[name] if id(thing) not in self._claimed]
            left = [row for row in alike if id(row) not in self.claims]
            known = len(alike) - len(left) + len(free)
            new = max(0, max(row.number for row in alike) - known)
            self._claim(left, free, len(left) - new)

    def _claim(self, rows: list[_Row], things: Sequence[Thing], at_most: int) -> None:
        if len(rows) > 1:
            rows.sort(key=lambda row: row.rank)
        for likeness in _LIKENESSES:
            for row in rows:
                if at_most <= 0:
                    return
                if id(row) in self.claims:
                    continue
                thing = self._nearest(row, things, likeness)
                if thing is not None:
                    self._claimed.add(id(thing))
                    self.claims[id(row)] = thing
                    at_most -= 1

    def _nearest(self, row: _Row, things: Sequence[Thing], likeness: Likeness) -> Thing | None:
        fitting = [
            thing
            for thing in things
            if id(thing) not in self._claimed
            and (row.strong is None or thing.strong in (None, row.strong))
            and thing.agrees(row.facts, likeness)
        ]
        if len(fitting) < 2:
            return fitting[0] if fitting else None
        return min(fitting, key=lambda thing: thing.distance(row.facts))
