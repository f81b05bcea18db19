"""Entries of one stream folded into the case they amount to, in order of occurrence and never of arrival."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from ledger.case import Case, Ref
from ledger.event import Entry, Event
from ledger.events.deliveries import OrderTold
from ledger.events.keeping import EntryCorrected
from ledger.tellings import Fact, Heard, Saying, Thing, Told, sayings_in
from ledger.values import BY_CODE, day_of


class _Said(msgspec.Struct, gc=False):
    """The telling of a part that stands, and how many there were."""

    slot: str
    event: Event
    entry: Entry
    occurred_at: str
    tellings: int = 1


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
    entries = [entry for entry in entries if not entry.event.SILENT]
    case = Case(stream, as_of)
    untold = list(_uncorrected(one for one in entries if one.telling is None))
    _settle_marketplace(
        case, [one for one in entries if one.telling is not None], stated or {}, untold
    )
    said = [*_standing(sayings_in(entries), case), *map(_untold, untold)]
    for ref, event in sorted(_refs(said, case), key=_in_order):
        if as_of is None or event.TIMELESS or ref.day <= as_of:
            event.apply(case, ref)
            case.refs.append(ref)
    _doubt_contradicted_currency(case)
    return case


def _uncorrected(untold: Iterable[Entry]) -> Iterator[Entry]:
    """What no row tells, without what a later entry says was wrong; a correction may itself be corrected."""
    wrong: set[int] = set()
    standing = []
    for entry in sorted(untold, key=lambda one: one.position or 0, reverse=True):
        if entry.position in wrong:
            continue
        if isinstance(entry.event, EntryCorrected):
            wrong.add(entry.event.corrects)
        standing.append(entry)
    return reversed(standing)


def _in_order(said: tuple[Ref, Event]) -> tuple[str, str, int, str]:
    """Order of occurrence; what one row tells in several parts, by their names."""
    ref, event = said
    return (*ref.order, event.TOPIC)


def _untold(entry: Entry) -> _Said:
    """What no row tells stands by itself."""
    return _Said(f"@{entry.position}", entry.event, entry, entry.occurred_at)


def _standing(sayings: Sequence[Saying], case: Case) -> Iterator[_Said]:
    """The standing telling of each part, under canonical slot names."""
    count = Counter(name for saying in sayings for name in saying.keys)
    shared = []
    for saying in sayings:
        if all(count[name] == 1 for name in saying.keys):
            yield from _told_once(saying, case)
        else:
            shared.append(saying)
    if shared:
        yield from _told_often(Heard(shared).things, case)


def _told_once(saying: Saying, case: Case) -> Iterator[_Said]:
    """Most rows are told once, and nothing else goes by their names."""
    for fact in saying.facts.values():
        if case.as_of is None or fact.dated or _day(fact, case) <= case.as_of:
            yield _said(f"{saying.keys[0]}#1", fact, 1)


def _told_often(things: Iterable[Thing], case: Case) -> Iterator[_Said]:
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
                    yield _said(f"{name}#{number}", standing, len(runs))


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


def _said(slot: str, fact: Fact, tellings: int) -> _Said:
    assert fact.entry is not None, "only what is in the log is folded"
    return _Said(slot, fact.event, fact.entry, _occurred_at(fact), tellings)


def _occurred_at(fact: Fact) -> str:
    assert fact.occurred_at is not None, "whatever is in the log has a date"
    return fact.occurred_at


def _refs(said: Iterable[_Said], case: Case) -> Iterable[tuple[Ref, Event]]:
    for one in said:
        entry = one.entry
        marketplace = getattr(one.event, "marketplace", None) or case.marketplace
        told_at = entry.telling.told_at if entry.telling else entry.occurred_at
        ref = Ref(
            position=entry.position or 0,
            slot=one.slot,
            occurred_at=one.occurred_at,
            day=day_of(one.occurred_at, marketplace),
            marketplace=marketplace,
            told_at=told_at,
            source_digest=entry.source.digest,
            source_row=entry.source.row,
            tellings=one.tellings,
        )
        yield ref, one.event


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
