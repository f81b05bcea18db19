"""What an export is asked for, and which entries that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from ledger.errors import LedgerError, UnknownThing
from ledger.event import ACCOUNT_STREAM
from ledger.values import day_of, is_day

if TYPE_CHECKING:
    from cli.packs import Pack
    from ledger.store import Log

Part = Literal["asked", "late", "basis"]
"""Why an entry is there: it was asked for; it was, and was recorded only after the period; others rest on it."""

ALWAYS: Final = frozenset(("account-opened.v1", "rulebook-adopted.v1", "signing-key-replaced.v1"))
"""What every entry of an account rests on."""
ABOUT_FILES: Final = frozenset(("report-imported.v1", "row-refused.v1"))
CORRECTED: Final = "entry-corrected.v1"
ONE_DAY: Final = timedelta(days=1)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The question, as the manifest repeats it."""

    period: tuple[date, date] | None = None
    orders: tuple[str, ...] = ()
    as_of: date | None = None
    forms: tuple[str, ...] = ()
    originals: Literal["all", "digests"] = "all"

    def told(self) -> dict[str, Any]:
        """The question in words that JSON has."""
        what: dict[str, Any] = {"of": "all"}
        if self.period:
            what = {"of": "period", "period": [day.isoformat() for day in self.period]}
        elif self.orders:
            what = {"of": "orders", "orders": sorted(self.orders)}
        return {
            **what,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "with": sorted(self.forms),
            "originals": self.originals,
        }


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of an export, and the cases that its tables are about."""

    parts: dict[int, Part] | None
    """Why each entry is there; None for every entry of the log."""
    streams: frozenset[str] | None
    """None for every case."""

    def part(self, position: int) -> Part:
        """Why an entry is there."""
        return "asked" if self.parts is None else self.parts[position]


class _Said(msgspec.Struct, frozen=True, gc=False):
    """Of an event, what decides whether it belongs."""

    marketplace: str | None = None
    corrects: int | None = None
    digest: str | None = None


class _Source(msgspec.Struct, frozen=True, gc=False):
    digest: str | None = None


class _Body(msgspec.Struct, frozen=True, gc=False):
    event: _Said
    occurred_at: str
    source: _Source


class _Line(msgspec.Struct, frozen=True, gc=False):
    """Of an entry's line, what decides whether it belongs."""

    position: int
    stream: str
    topic: str
    recorded_at: str
    body: _Body


_skim: Final = msgspec.json.Decoder(_Line).decode


def choose(asked: Asked, pack: Pack, streams: Collection[str], known_at: str | None) -> Chosen:
    """The entries that are asked for, and those they rest on; `streams` are those of the orders named."""
    if asked.period:
        return _of_period(asked.period, pack, known_at)
    if asked.orders:
        return _of_streams(frozenset(streams), pack)
    return Chosen(parts=None, streams=None)


def _of_streams(streams: frozenset[str], pack: Pack) -> Chosen:
    parts: dict[int, Part] = {}
    digests: set[str] = set()
    for stream in sorted(streams):
        for entry in pack.log.entries(stream):
            if (entry.position or 0) <= pack.position:
                parts[entry.position or 0] = "asked"
                digests.update(filter(None, [entry.source.digest]))
    if not parts:
        raise UnknownThing(
            "nothing had been recorded of it by then",
            found=", ".join(sorted(streams)),
            advice="Leave --known-at out, or name a later moment.",
        )
    _add_basis(parts, digests, pack)
    return Chosen(parts=parts, streams=streams | {ACCOUNT_STREAM})


def _of_period(period: tuple[date, date], pack: Pack, known_at: str | None) -> Chosen:
    """What happened on the days of a period, in the zone of its store, whenever it was recorded."""
    first, last = period
    parts: dict[int, Part] = {}
    digests: set[str] = set()
    streams: set[str] = set()
    corrected: list[tuple[int, int]] = []
    for line, day in _dated(period, pack, known_at):
        if line.topic == CORRECTED and line.body.event.corrects is not None:
            corrected.append((line.position, line.body.event.corrects))
        if first <= day <= last:
            late = line.recorded_at[:10] > last.isoformat()
            parts[line.position] = "late" if late else "asked"
            streams.add(line.stream)
            digests.update(filter(None, [line.body.source.digest]))
    if not parts:
        raise LedgerError(
            f"nothing is recorded that happened from {first} to {last}",
            advice="`returns-ledger coverage` shows which days the imported files speak for.",
        )
    for position, wrong in corrected:  # in order, so that what corrects a correction comes, too
        if wrong in parts:
            parts.setdefault(position, "basis")
    _add_basis(parts, digests, pack)
    return Chosen(parts=parts, streams=frozenset(streams | {ACCOUNT_STREAM}))


def _add_basis(parts: dict[int, Part], digests: Collection[str], pack: Pack) -> None:
    """The account's own entries on which the others rest: who imported which file, and by which rules."""
    for raw in _account_lines(pack):
        line = _skim(raw)
        of_file = line.topic in ABOUT_FILES and line.body.event.digest in digests
        if line.topic in ALWAYS or of_file:
            parts.setdefault(line.position, "basis")


def _account_lines(pack: Pack) -> Iterator[bytes]:
    topics = [*ALWAYS, *ABOUT_FILES]
    known = [entry.position or 0 for entry in pack.log.entries(ACCOUNT_STREAM, topics=topics)]
    yield from pack.log.lines_at([one for one in known if one <= pack.position]).values()


def _dated(
    period: tuple[date, date], pack: Pack, known_at: str | None
) -> Iterator[tuple[_Line, date]]:
    """Every entry that may have happened then, each with its day, and every correction, by position.

    Only around midnight of the first and the last day does it matter in which zone a store is.
    """
    first, last = (day.isoformat() for day in (period[0] - ONE_DAY, period[1] + ONE_DAY))
    found = []
    for raw in pack.log.raw_lines(until=pack.position):
        line = _skim(raw)
        if first <= line.body.occurred_at[:10] <= last or line.topic == CORRECTED:
            found.append(line)
    doubtful = {line.stream for line in found if _depends(line, period)}
    stores = _marketplaces(pack.log, doubtful, known_at)
    for line in found:
        store = line.body.event.marketplace or stores.get(line.stream)
        yield line, day_of(line.body.occurred_at, store)


def _depends(line: _Line, period: tuple[date, date]) -> bool:
    if is_day(line.body.occurred_at) or line.body.event.marketplace:
        return False
    edges = {edge + ONE_DAY * step for edge in period for step in (-1, 0, 1)}
    return date.fromisoformat(line.body.occurred_at[:10]) in edges


def _marketplaces(log: Log, streams: set[str], known_at: str | None) -> dict[str, str | None]:
    """The stores of these cases, as far as they are known."""
    from ledger.recall import Recall

    known: defaultdict[str, str | None] = defaultdict(lambda: None)
    if streams:
        for case in Recall(log, date.max, known_at).cases(streams):
            known[case.stream] = case.marketplace
    return known
