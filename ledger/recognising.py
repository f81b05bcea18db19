"""Which told rows are news: rows matched to what a stream already knows, repeats and revisions told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from ledger.event import Entry, Telling, digest_of, in_state
from ledger.report import Part, RowTold
from ledger.tellings import Fact, Heard, Saying, Thing, Told, in_order, sayings_in

Standing = Literal["new", "unchanged", "revised"]


class News(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One telling that must be recorded, with the row that tells it."""

    told: RowTold
    part: Part
    telling: Telling


class Recognised(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a row turned out to be, and what of it must be recorded."""

    told: RowTold
    standing: Standing
    news: tuple[News, ...] = ()
    disturbs: frozenset[str] = frozenset()
    """Names of what was known otherwise: what other files told under them must be heard again."""


class _Row(msgspec.Struct, eq=False, gc=False):
    """A row of the file in hand: as it was read, and as it is heard among what is known."""

    told: RowTold
    saying: Saying
    recorded: Saying | None = None
    """As much of it as is in the log already."""

    @property
    def rank(self) -> tuple[object, ...]:
        """An order among rows that no file decides, those with a plate first."""
        facts = self.saying.facts
        told = sorted((part, fact.digest) for part, fact in facts.items())
        return (self.saying.strong is None, told, self.saying.keys)


class _Cluster(msgspec.Struct, eq=False):
    """Rows of the file in hand, and what is known that may speak of the same things."""

    names: set[str]
    rows: list[_Row]
    known: list[Saying]

    @property
    def is_repeated(self) -> bool:
        """True for most rows of files that overlap: one that says once more what was said once before."""
        if len(self.rows) > 1 or len(self.known) > 1:
            return False
        row, known = self.rows[0].saying, self.known[0]
        return (
            row.keys == known.keys
            and row.told_at >= known.told_at
            and all(
                part in known.facts and fact.repeats(known.facts[part])
                for part, fact in row.facts.items()
            )
        )


class Stream:
    """What one stream knows of told things; it learns as rows are recognised."""

    def __init__(self, name: str, entries: Iterable[Entry] = ()) -> None:
        self.name: Final = name
        self.version = 0
        self._known: dict[str, list[Saying]] = {}
        entries = list(entries)
        for entry in entries:
            self.version = max(self.version, entry.version)
        for saying in sayings_in(entries):
            self._keep(saying)

    def recognise(self, rows: Sequence[RowTold], told_at: str, source: str) -> list[Recognised]:
        """Tell new, unchanged and revised rows of one file apart; `told_at` is the file's own moment.

        What is recorded is what changes the things that all tellings, heard in the order of telling,
        amount to: so files may arrive in any order, and importing one again records nothing.
        """
        recognised: list[Recognised] = []
        for cluster in self._clusters(_as_heard(rows, told_at, source)):
            if not cluster.known:
                recognised += [self._new(row) for row in cluster.rows]
            elif cluster.is_repeated:
                recognised.append(Recognised(told=cluster.rows[0].told, standing="unchanged"))
            else:
                recognised += self._compare(cluster)
        return recognised

    def _keep(self, saying: Saying) -> None:
        for name in saying.keys:
            self._known.setdefault(name, []).append(saying)

    def _holds(self, telling: Telling) -> bool:
        """True where the log has it, from whatever file."""
        return any(
            saying.told_at == telling.told_at
            and saying.keys[0] == telling.identity
            and saying.number == telling.occurrence
            and telling.part in saying.facts
            and saying.facts[telling.part].digest == telling.digest
            for saying in self._known.get(telling.identity, ())
        )

    def _clusters(self, rows: Sequence[_Row]) -> Iterator[_Cluster]:
        """Rows that share names go together, with all that is known under those names and theirs."""
        told: defaultdict[str, list[_Row]] = defaultdict(list)
        for row in rows:
            for name in row.saying.keys:
                told[name].append(row)
        seen: set[int] = set()
        for row in rows:
            if id(row) not in seen:
                yield self._cluster(row, told, seen)

    def _cluster(self, first: _Row, told: Mapping[str, list[_Row]], seen: set[int]) -> _Cluster:
        cluster = _Cluster(set(), [], [])
        names = list(first.saying.keys)
        while names:
            name = names.pop()
            if name in cluster.names:
                continue
            cluster.names.add(name)
            for row in told.get(name, ()):
                if id(row) not in seen:
                    seen.add(id(row))
                    cluster.rows.append(row)
                    names += row.saying.keys
            for saying in self._known.get(name, ()):
                if id(saying) not in seen:
                    seen.add(id(saying))
                    cluster.known.append(saying)
                    names += saying.keys
        return cluster

    def _new(self, row: _Row) -> Recognised:
        news = self._record(row, row.saying.facts, None)
        return Recognised(told=row.told, standing="new", news=news)

    def _compare(self, cluster: _Cluster) -> Iterator[Recognised]:
        rows = cluster.rows
        known = _without_own(cluster)
        heard = Heard([*known, *(row.saying for row in rows)])
        things = {id(saying): thing for saying, thing in heard.claims}
        alike = _are_alike(heard.things)
        news = {id(row): _news(row, things[id(row.saying)], alike=alike) for row in rows}
        _number_news_last(rows, news)
        is_plain = len(heard.things) == 1 and len({saying.keys for saying, _ in heard.claims}) == 1
        if not is_plain and not _amount_to(heard, known, rows, news, alike=alike):
            news = {id(row): set(row.saying.facts) for row in rows}
        for row in rows:
            thing = things[id(row.saying)]
            standing = _standing(row, thing)
            told = self._record(row, news[id(row)], thing)
            disturbs = cluster.names if told and not (is_plain and standing == "unchanged") else ()
            yield Recognised(
                told=row.told,
                standing=standing if told else "unchanged",
                news=told,
                disturbs=frozenset(disturbs),
            )

    def _record(self, row: _Row, parts: Collection[str], thing: Thing | None) -> tuple[News, ...]:
        """The tellings to be recorded for these parts of a row, but those that are in the log."""
        saying = row.saying
        news: list[News] = []
        for part in row.told.parts:
            if part.suffix not in parts:
                continue
            fact = saying.facts[part.suffix]
            revises = _digest_before(thing, part.suffix, fact) if thing else None
            telling = _telling(saying, part.suffix, fact, revises)
            if not self._holds(telling):
                news.append(News(told=row.told, part=part, telling=telling))
        told = {one.part.suffix: saying.facts[one.part.suffix] for one in news}
        if row.recorded is not None:
            row.recorded.facts.update(told)
        elif told:
            self._keep(msgspec.structs.replace(saying, facts=told))
        return tuple(_carrying(news))


def in_brief(told: RowTold) -> tuple[tuple[str, bytes], ...]:
    """Of each entry that records a row which shares its names with no other: its part, and the event in its state."""
    return tuple(
        [(part.suffix, in_state(part.event, part.occurred_at)) for part in _bundled(told.parts)]
    )


def first_tellings(told: RowTold, told_at: str) -> list[tuple[Part, Telling]]:
    """What is recorded of a row that shares its names with no other row, told or known: all of it.

    The digest of what goes with its first part is not asked for: nothing keeps it.
    """
    keys = told.keys
    identity, others, first = keys[0], keys[1:], told.parts[0]
    tellings = []
    for part in _bundled(told.parts):
        alone = first if part.suffix == first.suffix else part
        telling = Telling(
            identity=identity,
            occurrence=1,
            part=part.suffix,
            digest=digest_of(alone.event, alone.occurred_at),
            told_at=told_at,
            keys=others,
        )
        tellings.append((part, telling))
    return tellings


def _telling(saying: Saying, part: str, fact: Fact, revises: str | None) -> Telling:
    return Telling(
        identity=saying.keys[0],
        occurrence=saying.number,
        part=part,
        digest=fact.digest,
        told_at=saying.told_at,
        revises=revises,
        keys=saying.keys[1:],
    )


def _as_heard(rows: Sequence[RowTold], told_at: str, source: str) -> list[_Row]:
    """The rows with the moment at which they are told, the same for all rows of one name."""
    heard = []
    by_name: defaultdict[str, list[_Row]] = defaultdict(list)
    by_plate: defaultdict[str, list[_Row]] = defaultdict(list)
    for told in rows:
        facts = {part.suffix: Fact(part.event, part.occurred_at) for part in told.parts}
        saying = Saying(told.told_at or told_at, source, told.keys, 1, facts)
        row = _Row(told, saying)
        heard.append(row)
        by_name[saying.name].append(row)
        if saying.strong is not None:
            by_plate[saying.strong].append(row)
    for alike in by_name.values():
        if len(alike) > 1:
            _count(alike)
    for alike in by_plate.values():
        _count(alike)
    return heard


def _count(alike: Sequence[_Row]) -> None:
    """Number the rows of one name, told at one moment: those that have a plate before those without.

    A row with a plate is counted among the rows of its plate, which come last to be counted.
    """
    latest = max(row.saying.told_at for row in alike)
    for number, row in enumerate(sorted(alike, key=lambda row: row.rank), 1):
        row.saying.told_at = latest
        row.saying.number = number


def _without_own(cluster: _Cluster) -> list[Saying]:
    """What is known from elsewhere; what the file in hand has told before goes to the rows that told it."""
    rows = {_place(row.saying): row for row in cluster.rows}
    others = []
    for saying in cluster.known:
        row = rows.get(_place(saying))
        if row is None:
            others.append(saying)
        else:
            row.recorded = saying
            row.saying.facts = {**saying.facts, **row.saying.facts}
    return others


def _place(saying: Saying) -> tuple[object, ...]:
    return (saying.told_at, saying.source, saying.keys, saying.number)


def _number_news_last(rows: Sequence[_Row], news: Mapping[int, set[str]]) -> None:
    """Of rows alike in everything the last are new, so that what is recorded says how many there are."""
    alike: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.recorded is None:
            alike[repr((row.rank, row.saying.name))].append(row)
    for equal in alike.values():
        numbers = sorted(row.saying.number for row in equal)
        for number, row in zip(
            numbers, sorted(equal, key=lambda row: len(news[id(row)])), strict=True
        ):
            row.saying.number = number


def _are_alike(things: Sequence[Thing]) -> bool:
    """True where it does not matter which row spoke of which thing: of one, or of several all alike.

    There a dated fact that an older file told too is no news; elsewhere it may show which thing is meant.
    """
    first = things[0].stories
    return len(things) == 1 or all(
        thing.strong is None and thing.stories == first for thing in things
    )


def _news(row: _Row, thing: Thing, *, alike: bool) -> set[str]:
    """The parts of a row that begin a story of their thing, where that says something new."""
    return {
        part
        for part, fact in row.saying.facts.items()
        if _begins(in_order(thing.tellings[part]), fact, alike=alike)
    }


def _begins(told: Sequence[Told], fact: Fact, *, alike: bool) -> bool:
    place = next(number for number, one in enumerate(told) if one.fact is fact)
    if place and told[place - 1].fact.digest == fact.digest:
        return False
    if place + 1 == len(told) or told[place + 1].fact.digest != fact.digest:
        return True
    return not (alike and fact.dated) and told[place].told_at < told[place + 1].told_at


def _digest_before(thing: Thing, part: str, fact: Fact) -> str | None:
    told = in_order(thing.tellings[part])
    place = next(number for number, one in enumerate(told) if one.fact is fact)
    return told[place - 1].fact.digest if place else None


def _amount_to(
    heard: Heard,
    known: Sequence[Saying],
    rows: Sequence[_Row],
    news: Mapping[int, set[str]],
    *,
    alike: bool,
) -> bool:
    """True where recording only the news comes to the same things as recording every row."""
    told = []
    for row in rows:
        parts = news[id(row)] | set(row.recorded.facts if row.recorded is not None else ())
        if parts:
            facts = {part: fact for part, fact in row.saying.facts.items() if part in parts}
            told.append(msgspec.structs.replace(row.saying, facts=facts))
    things = Heard([*known, *told]).things
    if alike:
        # A name that an older form of the report lacks is told by no part where it is the name of a line:
        # then the row is recorded for its name, by which files without it find the thing again.
        return [(one.strong, one.stories) for one in things] == [
            (one.strong, one.stories) for one in heard.things
        ]
    return _histories(things) == _histories(heard.things)


def _histories(things: Iterable[Thing]) -> list[str]:
    return sorted(repr(thing.history) for thing in things)


def _standing(row: _Row, thing: Thing) -> Standing:
    """New where nothing was known of the thing or of a part of it, revised where a part was told otherwise."""
    standings = {_part_standing(row, thing, part) for part in row.saying.facts}
    if "revised" in standings:
        return "revised"
    return "new" if "new" in standings else "unchanged"


def _part_standing(row: _Row, thing: Thing, part: str) -> Standing:
    fact = row.saying.facts[part]
    stood = row.recorded.facts.get(part) if row.recorded is not None else None
    if stood is None:
        others = [one for one in in_order(thing.tellings[part]) if one.fact is not fact]
        before = [one for one in others if one.told_at <= row.saying.told_at]
        if not others:
            return "new"
        stood = (before[-1] if before else others[0]).fact
    return "unchanged" if stood.digest == fact.digest else "revised"


def _carrying(news: Sequence[News]) -> list[News]:
    """The same news in fewer entries: what is told together with a row's first part goes with it."""
    by_part = {one.part.suffix: one for one in news}
    return [
        msgspec.structs.replace(by_part[part.suffix], part=part)
        for part in _bundled([one.part for one in news])
    ]


def _bundled(parts: Sequence[Part]) -> Sequence[Part]:
    """The parts as they are recorded: the first with all that goes with it, and those that go alone."""
    if len(parts) < 2 or parts[0].suffix:
        return parts
    first = parts[0]
    carries, occurred_at = first.event.CARRIES, first.occurred_at
    carried, apart = {}, []
    for other in parts[1:]:
        suffix = other.suffix
        # A carried state occurs when it is told, as states do; a carried fact when that of its row does.
        if suffix in carries and (other.occurred_at == occurred_at or other.event.SNAPSHOT):
            carried[suffix] = other.event
        else:
            apart.append(other)
    if not carried:
        return parts
    event = msgspec.structs.replace(first.event, **carried)
    return [Part(event=event, occurred_at=occurred_at), *apart]
