"""Entries of one stream folded into the case they amount to, in order of occurrence and never of arrival."""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date

from ledger.case import Case, Ref
from ledger.event import ACCOUNT_STREAM, Deed, Entry, Event
from ledger.events.deliveries import OrderTold
from ledger.events.keeping import EntryCorrected
from ledger.tellings import Fact, Heard, Thing, Told, sayings_in
from ledger.values import BY_CODE, day_of

_Key = tuple[str, str, int, str]
Placed = tuple[_Key, Ref, Event]
"""What is said, who says it, and before both its place in the order of occurrence."""


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
    case = Case(stream, as_of)
    told: list[Entry] = []
    untold: list[Entry] = []
    for entry in entries:
        if not entry.event.SILENT:
            (untold if entry.telling is None else told).append(entry)
    if untold:
        untold = _uncorrected(untold)
    _settle_marketplace(case, told, stated or {}, untold)
    said = standing_in(told, case)
    for entry in untold:
        said.append(_placed(f"@{entry.position}", entry.event, entry, entry.occurred_at, case))
    if len(said) > 1:
        said.sort(key=_key)
    latest, refs = date.min, case.refs
    for _, ref, event in said:
        day = ref.day
        if as_of is None or day <= as_of or event.TIMELESS:
            event.apply(case, ref)
            refs.append(ref)
            if day > latest:
                latest = day
    case.latest = latest if refs else None
    _doubt_contradicted_currency(case)
    return case


def with_deed(case: Case, entry: Entry) -> Case | None:
    """The account's own case with one deed more, as `fold` would make it of all; None where it has to.

    A deed is held in its place and changes nothing else: terms and costs are set by the thousand.
    """
    event = entry.event
    alone = case.kind == ACCOUNT_STREAM and case.as_of is None and entry.telling is None
    if not alone or isinstance(event, EntryCorrected | OrderTold) or event.SILENT:
        return None
    if not isinstance(event, Deed) or type(event).apply is not Deed.apply:
        return None
    _, ref, _ = _placed(f"@{entry.position}", event, entry, entry.occurred_at, case)
    grown = copy(case)
    grown.deeds, grown.refs = [*case.deeds], [*case.refs]
    insort(grown.deeds, (ref, event), key=lambda deed: deed[0].order)
    insort(grown.refs, ref, key=lambda known: known.order)
    grown.latest = max(case.latest or ref.day, ref.day)
    return grown


def _key(said: Placed) -> _Key:
    return said[0]


def _uncorrected(untold: Iterable[Entry]) -> list[Entry]:
    """What no row tells, without what a later entry says was wrong; a correction may itself be corrected."""
    wrong: set[int] = set()
    standing = []
    for entry in sorted(untold, key=lambda one: one.position or 0, reverse=True):
        if entry.position in wrong:
            continue
        if isinstance(entry.event, EntryCorrected):
            wrong.add(entry.event.corrects)
        standing.append(entry)
    standing.reverse()
    return standing


# --- what stands ------------------------------------------------------------------------------


def standing_in(told: list[Entry], case: Case) -> list[Placed]:
    """What stands of the rows that a stream's entries tell, in no order.

    Most rows are told once, and no other goes by any of their names: nothing has to be heard to know what
    stands of those.
    """
    once, often = _apart(told)
    said: list[Placed] = []
    for entry in once:
        _tell(said, entry, case)
    if often:
        said += heard_in(often, case)
    return said


def heard_in(told: Iterable[Entry], case: Case) -> Iterator[Placed]:
    """The same for any rows: all that was told is heard again in the order of telling."""
    return _told_often(Heard(sayings_in(told)).things, case)


def _apart(told: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries of which no other has a name, and the others."""
    if len(told) < 2:
        return told, []
    names = [name for entry in told for name in _names(entry)]
    if len(names) == len(set(names)):
        return told, []
    count = Counter(names)
    once: list[Entry] = []
    often: list[Entry] = []
    for entry in told:
        (once if all(count[name] == 1 for name in _names(entry)) else often).append(entry)
    return once, often


def _names(entry: Entry) -> tuple[str, ...]:
    telling = entry.telling
    assert telling is not None, "what no row tells has no names"
    return (telling.identity, *telling.keys) if telling.keys else (telling.identity,)


def _tell(said: list[Placed], entry: Entry, case: Case) -> None:
    """A row that was told once, in one entry: each of its parts, in its own time."""
    event, telling, as_of = entry.event, entry.telling, case.as_of
    assert telling is not None, "what no row tells has no names"
    slot, happened, told_at = f"{telling.identity}#1", entry.occurred_at, telling.told_at
    ref = _ref(slot, entry, happened, getattr(event, "marketplace", None) or case.marketplace)
    if as_of is None or not event.SNAPSHOT or day_of(happened, case.marketplace) <= as_of:
        said.append(((happened, slot, 0, event.TOPIC), ref, event))
    for part in event.CARRIES:
        carried: Event | None = getattr(event, part)
        if carried is None:
            continue
        if not carried.SNAPSHOT:
            said.append(_placed(slot, carried, entry, happened, case))
        elif as_of is None or day_of(told_at, case.marketplace) <= as_of:
            said.append(_placed(slot, carried, entry, told_at, case))


def _told_often(things: Iterable[Thing], case: Case) -> Iterator[Placed]:
    """Things alike in their whole name are separate units, numbered by what has been told of them.

    So the numbers depend neither on which file came first nor on the day that is asked about.
    """
    by_name: defaultdict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        by_name[thing.strong or thing.name].append(thing)
    for name, alike in by_name.items():
        if len(alike) > 1:
            alike.sort(key=_seniority)
        for number, thing in enumerate(alike, 1):
            for part in sorted(thing.tellings):
                runs = thing.runs(part)
                standing = _current(runs, case)
                if standing is not None:
                    yield _of_fact(f"{name}#{number}", standing, len(runs), case)


def _seniority(thing: Thing) -> list[object]:
    """An order among things that nothing told later changes: what ends comes after what goes on."""
    end = ("~",)
    return [*((part, [*runs, end]) for part, runs in thing.stories), end]


def _current(runs: Sequence[Told], case: Case) -> Fact | None:
    """The story of a part that stands on the case's day; a fact with a date stands as it was told last."""
    as_of = case.as_of
    if as_of is None or runs[-1].fact.dated:
        return runs[-1].fact
    happened = [run.fact for run in runs if _day(run.fact, case) <= as_of]
    return happened[-1] if happened else None


def _day(fact: Fact, case: Case) -> date:
    return day_of(_occurred_at(fact), case.marketplace)


def _of_fact(slot: str, fact: Fact, tellings: int, case: Case) -> Placed:
    assert fact.entry is not None, "only what is in the log is folded"
    return _placed(slot, fact.event, fact.entry, _occurred_at(fact), case, tellings)


def _occurred_at(fact: Fact) -> str:
    assert fact.occurred_at is not None, "whatever is in the log has a date"
    return fact.occurred_at


def _placed(
    slot: str, event: Event, entry: Entry, occurred_at: str, case: Case, tellings: int = 1
) -> Placed:
    """What an entry says, in order of occurrence; what one row tells in several parts, by their names."""
    marketplace = getattr(event, "marketplace", None) or case.marketplace
    ref = _ref(slot, entry, occurred_at, marketplace, tellings)
    return (*ref.order, event.TOPIC), ref, event


def _ref(
    slot: str, entry: Entry, occurred_at: str, marketplace: str | None, tellings: int = 1
) -> Ref:
    telling, source = entry.telling, entry.source
    return Ref(
        position=entry.position or 0,
        slot=slot,
        occurred_at=occurred_at,
        day=day_of(occurred_at, marketplace),
        marketplace=marketplace,
        told_at=telling.told_at if telling is not None else entry.occurred_at,
        source_digest=source.digest,
        source_row=source.row,
        tellings=tellings,
    )


# --- the store --------------------------------------------------------------------------------


def _settle_marketplace(
    case: Case, entries: Sequence[Entry], stated: Mapping[str, str], untold: Sequence[Entry]
) -> None:
    """What a report says of the marketplace; else what was stated at import for rows that do not say.

    What the seller tells of an order himself counts where neither is known.
    """
    told = {place for entry in entries if (place := getattr(entry.event, "marketplace", None))}
    if not told:
        told = {stated[d] for entry in entries if (d := entry.source.digest) and d in stated}
    if not told:
        orders = [one.event for one in untold if isinstance(one.event, OrderTold)]
        told = {order.marketplace for order in orders}
    if len(told) == 1:
        case.marketplace = told.pop()
        case.marketplace_doubt = ""
    elif told:
        case.marketplace_doubt = f"the reports name several marketplaces: {', '.join(sorted(told))}"


def _doubt_contradicted_currency(case: Case) -> None:
    market = BY_CODE.get(case.marketplace or "")
    if market is None or case.kind != "order" or not (case.refunds or case.reimbursements):
        return
    amounts = [payment.amount for payment in case.reimbursements]
    amounts += [line.amount for refund in case.refunds for line in refund.lines]
    foreign = sorted({money.currency for money in amounts} - {market.currency})
    if foreign:
        case.marketplace_doubt = (
            f"{', '.join(foreign)} was paid, but {case.marketplace} pays in {market.currency}"
        )
        case.marketplace = None
