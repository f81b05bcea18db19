"""Which told rows are news: rows matched to what a stream already knows, repeats and revisions told apart."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from ledger.event import Entry, Telling, digest_of, told_apart
from ledger.report import Part, RowTold

Standing = Literal["new", "unchanged", "revised"]


class News(msgspec.Struct, frozen=True, kw_only=True):
    """One telling that must be recorded, with the row that tells it."""

    told: RowTold
    part: Part
    telling: Telling


class Recognised(msgspec.Struct, frozen=True):
    """What a row turned out to be, and what of it must be recorded."""

    told: RowTold
    standing: Standing
    news: tuple[News, ...]
    slot: Slot


class Slot(msgspec.Struct, eq=False):
    """One thing that a stream knows of: the names it goes by and, for each part, who told what when."""

    identity: str
    occurrence: int
    keys: set[str]
    strong: str | None
    """Its strongest name, where it has a stronger one than the identity: a licence plate's."""
    parts: dict[str, list[tuple[str, str]]]
    """For each part (told_at, digest), sorted."""

    def effective(self, part: str, told_at: str) -> str | None:
        """The digest that stood at a moment of telling."""
        tellings = self.parts.get(part, [])
        place = bisect_right(tellings, (told_at, "~"))
        return tellings[place - 1][1] if place else None

    def first(self, part: str) -> str | None:
        """The earliest digest told of a part."""
        tellings = self.parts.get(part)
        return tellings[0][1] if tellings else None


class _Told(msgspec.Struct, eq=False):
    """A row with the digests of its parts."""

    told: RowTold
    told_at: str
    digests: dict[str, str]

    @property
    def strong(self) -> str | None:
        return self.told.keys[0] if len(self.told.keys) > 1 else None


class Stream:
    """What one stream knows of told things; it learns as rows are recognised."""

    def __init__(self, name: str, entries: Iterable[Entry] = ()) -> None:
        self.name: Final = name
        self.version = 0
        self._slots: dict[tuple[str, int], Slot] = {}
        self._by_key: defaultdict[str, list[Slot]] = defaultdict(list)
        self._count: defaultdict[str, int] = defaultdict(int)
        for entry in entries:
            self.version = max(self.version, entry.version)
            for told in told_apart(entry):
                if told.telling is not None:
                    self._learn(told.telling)

    def _learn(self, telling: Telling) -> Slot:
        place = (telling.identity, telling.occurrence)
        slot = self._slots.get(place)
        if slot is None:
            slot = Slot(telling.identity, telling.occurrence, set(), None, {})
            self._slots[place] = slot
            self._count[telling.identity] = max(self._count[telling.identity], telling.occurrence)
        for name in (*telling.keys, telling.identity):
            if name not in slot.keys:
                slot.keys.add(name)
                self._by_key[name].append(slot)
        if telling.keys and slot.strong is None:
            slot.strong = telling.keys[0]
        slot.parts.setdefault(telling.part, []).append((telling.told_at, telling.digest))
        slot.parts[telling.part].sort()
        return slot

    def recognise(self, rows: Sequence[RowTold], told_at: str) -> list[Recognised]:
        """Tell new, unchanged and revised rows of one file apart; `told_at` is the file's own moment.

        Within one identity equal digests match first and the surplus is new: rows alike in every column
        are separate units, and two files that overlap know the larger of their two counts.
        """
        if len(rows) == 1:
            pending = [_digested(rows[0], told_at)]
        else:
            pending = sorted((_digested(row, told_at) for row in rows), key=_content)
        claimed: set[int] = set()
        recognised = []
        for fits in _TIERS if self._slots else ():
            unmatched = []
            for told in pending:
                slot = self._unclaimed(told, fits, claimed)
                if slot is None:
                    unmatched.append(told)
                else:
                    claimed.add(id(slot))
                    recognised.append(self._match(told, slot))
            pending = unmatched
        for told in pending:
            recognised.append(self._new(told))
        return recognised

    def _unclaimed(self, told: _Told, fits: _Tier, claimed: set[int]) -> Slot | None:
        keys = told.told.keys[:1] if fits.strong else told.told.keys[-1:]
        if fits.strong and told.strong is None:
            return None
        for name in keys:
            for slot in self._by_key.get(name, ()):
                if id(slot) in claimed or (
                    not fits.strong and told.strong and slot.strong and told.strong != slot.strong
                ):
                    continue
                if _agrees(told, slot, fits.parts):
                    return slot
        return None

    def _match(self, told: _Told, slot: Slot) -> Recognised:
        news = []
        revised = False
        for part in told.told.parts:
            digest = told.digests[part.suffix]
            known = slot.parts.get(part.suffix, [])
            at = (part.occurred_at if part.event.SNAPSHOT else None) or told.told_at
            before = slot.effective(part.suffix, at)
            settled = (
                before if before is not None or part.event.SNAPSHOT else slot.first(part.suffix)
            )
            if settled == digest or (at, digest) in known:
                continue
            revised = revised or bool(known)
            news.append(self._news(told, slot, part, digest, at, before))
        standing: Standing = "revised" if revised else "new" if news else "unchanged"
        return Recognised(told.told, standing, tuple(_carrying(news)), slot)

    def _new(self, told: _Told) -> Recognised:
        identity = told.told.keys[-1]
        slot = Slot(identity, self._count[identity] + 1, set(), None, {})
        news = [
            self._news(
                told,
                slot,
                part,
                told.digests[part.suffix],
                (part.occurred_at if part.event.SNAPSHOT else None) or told.told_at,
                None,
            )
            for part in told.told.parts
        ]
        known = self._slots[(identity, slot.occurrence)]
        return Recognised(told.told, "new", tuple(_carrying(news)), known)

    def _news(
        self, told: _Told, slot: Slot, part: Part, digest: str, at: str, before: str | None
    ) -> News:
        telling = Telling(
            identity=slot.identity,
            occurrence=slot.occurrence,
            part=part.suffix,
            digest=digest,
            told_at=at,
            revises=before,
            keys=told.told.keys[:-1],
        )
        self._learn(telling)
        return News(told=told.told, part=part, telling=telling)


def _carrying(news: Sequence[News]) -> list[News]:
    """The same news in fewer entries: what is told together with a row's first part goes with it."""
    if len(news) < 2 or news[0].part.suffix:
        return list(news)
    first = news[0]
    event, apart = first.part.event, []
    for other in news[1:]:
        if _goes_with(first, other):
            event = msgspec.structs.replace(event, **{other.part.suffix: other.part.event})
        else:
            apart.append(other)
    part = msgspec.structs.replace(first.part, event=event)
    return [msgspec.structs.replace(first, part=part), *apart]


def _goes_with(first: News, other: News) -> bool:
    return (
        other.part.suffix in first.part.event.CARRIES
        and other.telling.told_at == first.telling.told_at
        and (other.part.event.SNAPSHOT or other.part.occurred_at == first.part.occurred_at)
    )


class _Tier(msgspec.Struct, frozen=True):
    """How alike a row and a slot must be: by the strong name or the common one, in which parts."""

    strong: bool
    parts: Literal["all", "first", "none"]


_TIERS: Final = (
    _Tier(True, "all"),
    _Tier(True, "none"),
    _Tier(False, "all"),
    _Tier(False, "first"),
    _Tier(False, "none"),
)


def _agrees(told: _Told, slot: Slot, parts: Literal["all", "first", "none"]) -> bool:
    if parts == "none":
        return True
    wanted = told.digests if parts == "all" else {"": told.digests[""]}
    for part, digest in wanted.items():
        standing = slot.effective(part, told.told_at) or slot.first(part)
        if standing is not None and standing != digest:
            return False
        if standing is None and part == "":
            return False
    return True


def _digested(told: RowTold, file_told_at: str) -> _Told:
    digests = {part.suffix: digest_of(part.event, part.occurred_at) for part in told.parts}
    return _Told(told, told.told_at or file_told_at, digests)


def _content(told: _Told) -> list[tuple[str, str]]:
    return sorted(told.digests.items())
