"""Entries of one stream folded into the case they amount to, in order of occurrence and never of arrival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from ledger.case import Case, Ref
from ledger.event import Entry, Event, Telling, told_apart
from ledger.values import BY_CODE, day_of


class _Slot(msgspec.Struct):
    """All tellings of one thing: its names and, for each part, who told what when."""

    identity: str
    occurrence: int
    names: set[str]
    parts: dict[str, list[Entry]]


class _Said(msgspec.Struct):
    """The telling of a part that stands, and how many there were."""

    slot: str
    entry: Entry
    tellings: int


def fold(
    stream: str,
    entries: Iterable[Entry],
    *,
    stated: Mapping[str, str] | None = None,
    as_of: date | None = None,
) -> Case:
    """The case that a stream's entries amount to on a day; `stated` gives marketplaces by original.

    Of several tellings of one thing the one told last stands, whatever day is asked about; what has no
    date of its own happened when it was told. Entries may come in any order.
    """
    told, untold = _slots(entries)
    case = Case(stream, as_of)
    entries_used = [entry for slot in told for part in slot.parts.values() for entry in part]
    _settle_marketplace(case, entries_used, stated or {})
    said = [*_standing(told, case), *(_Said(f"@{entry.position}", entry, 1) for entry in untold)]
    for ref, event in sorted(_refs(said, case), key=_in_order):
        if as_of is None or event.TIMELESS or ref.day <= as_of:
            event.apply(case, ref)
            case.refs.append(ref)
    _doubt_contradicted_currency(case)
    return case


def _in_order(said: tuple[Ref, Event]) -> tuple[str, str, str, int]:
    """Order of occurrence, then of the canonical name: the same whatever order the files arrived in."""
    ref, event = said
    return (ref.occurred_at, ref.slot, event.TOPIC, ref.position if ref.slot[0] == "@" else 0)


def _slots(entries: Iterable[Entry]) -> tuple[list[_Slot], list[Entry]]:
    slots: dict[tuple[str, int], _Slot] = {}
    untold = []
    for entry in (part for whole in entries for part in told_apart(whole)):
        telling = entry.telling
        if telling is None:
            untold.append(entry)
            continue
        place = (telling.identity, telling.occurrence)
        slot = slots.get(place)
        if slot is None:
            slot = slots[place] = _Slot(telling.identity, telling.occurrence, set(), {})
        if telling.keys:
            slot.names.add(telling.keys[0])
        slot.parts.setdefault(telling.part, []).append(entry)
    for slot in slots.values():
        for part in slot.parts.values():
            if len(part) > 1:
                part.sort(key=_told)
    return list(slots.values()), untold


def _told(entry: Entry) -> tuple[str, str]:
    telling = _telling(entry)
    return (telling.told_at, telling.digest)


def _telling(entry: Entry) -> Telling:
    assert entry.telling is not None
    return entry.telling


def _standing(slots: Sequence[_Slot], case: Case) -> list[_Said]:
    """The standing telling of each part, under canonical slot names.

    Rows alike in their whole key are separate units; they are numbered by what is told of them, so that
    the numbers do not depend on which file came first.
    """
    by_name: defaultdict[str, list[_Slot]] = defaultdict(list)
    for slot in slots:
        by_name[min(slot.names) if slot.names else slot.identity].append(slot)
    said = []
    for name, alike in by_name.items():
        if len(alike) > 1:
            alike.sort(key=lambda slot: _content(slot, case))
        for number, slot in enumerate(alike, 1):
            for part in slot.parts.values():
                standing = _latest(part, case)
                if standing is not None:
                    said.append(_Said(f"{name}#{number}", standing, len(part)))
    return said


def _content(slot: _Slot, case: Case) -> list[tuple[str, str]]:
    current = ((part, _latest(entries, case)) for part, entries in sorted(slot.parts.items()))
    return [(part, _telling(entry).digest) for part, entry in current if entry is not None]


def _latest(tellings: Sequence[Entry], case: Case) -> Entry | None:
    if case.as_of is None or not tellings[0].event.SNAPSHOT:
        return tellings[-1]
    happened = [
        entry for entry in tellings if day_of(entry.occurred_at, case.marketplace) <= case.as_of
    ]
    return happened[-1] if happened else None


def _refs(said: Iterable[_Said], case: Case) -> Iterable[tuple[Ref, Event]]:
    for one in said:
        entry = one.entry
        marketplace = getattr(entry.event, "marketplace", None) or case.marketplace
        told_at = entry.telling.told_at if entry.telling else entry.occurred_at
        ref = Ref(
            position=entry.position or 0,
            slot=one.slot,
            occurred_at=entry.occurred_at,
            day=day_of(entry.occurred_at, marketplace),
            marketplace=marketplace,
            told_at=told_at,
            source_digest=entry.source.digest,
            source_row=entry.source.row,
            tellings=one.tellings,
        )
        yield ref, entry.event


def _settle_marketplace(case: Case, entries: Sequence[Entry], stated: Mapping[str, str]) -> None:
    """What a report says of the marketplace; else what was stated at import for rows that do not say."""
    told = {place for entry in entries if (place := getattr(entry.event, "marketplace", None))}
    if not told:
        told = {stated[d] for entry in entries if (d := entry.source.digest) and d in stated}
    if len(told) == 1:
        case.marketplace = told.pop()
        case.marketplace_doubt = ""
    elif told:
        case.marketplace_doubt = f"the reports name several marketplaces: {', '.join(sorted(told))}"


def _doubt_contradicted_currency(case: Case) -> None:
    market = BY_CODE.get(case.marketplace or "")
    if market is None or case.kind != "order":
        return
    amounts = [payment.amount for payment in case.reimbursements]
    amounts += [line.amount for refund in case.refunds for line in refund.lines]
    foreign = sorted({money.currency for money in amounts} - {market.currency})
    if foreign:
        case.marketplace_doubt = (
            f"{', '.join(foreign)} was paid, but {case.marketplace} pays in {market.currency}"
        )
        case.marketplace = None
