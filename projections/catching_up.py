"""Catching up and rebuilding: the cases that changed folded again, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Final

import msgspec

from ledger.book import BOOK_TOPICS, Book, stated_in
from ledger.case import Case
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.imports import ReportImported
from ledger.events.orders import ReplacementShipped
from ledger.folding import fold
from ledger.recall import Recall
from ledger.store import Log
from projections import PROJECTIONS
from projections.projection import EVER, Projection, R
from projections.views import (
    WRITTEN_AT_ONCE,
    Filling,
    Fingerprint,
    Standing,
    Views,
    chunked,
    values_of,
)

Progress = Callable[[int, int | None], None]
"""Told how many entries have been folded, and of how many, where that is known."""

FOLDED_AT_ONCE: Final = 500
GROWN_MUCH: Final = 2
"""Where the log has grown by this factor, reading it once as a whole is the shorter way."""


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """What a rebuild made of one projection."""

    name: str
    entries: int
    rows: int
    digest: str
    equal: bool | None = None
    """Whether the live rows are the same; None where they were replaced instead of compared."""


# --- a question for any day -------------------------------------------------------------------


def answer(
    projection: Projection[R], recall: Recall, streams: Collection[str] | None = None
) -> Iterator[R]:
    """The rows of all cases, or of some, on the recall's day as known at its moment; nothing is kept."""
    book = book_for(projection, recall)
    for case in recall.cases(streams):
        yield from projection.rows(case, book)


def ask(
    projection: Projection[R],
    recall: Recall,
    views: Views,
    streams: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Iterator[R]:
    """The same rows, from the live table where it says what the recall asks; it is caught up first."""
    answers = views.may_fill or _all_there(views.standings(), [projection], recall.log)
    if recall.known_at is None and not projection.judges and answers:
        catch_up(recall, views, progress, only=[projection])
        standing = views.standings()[projection.name]
        if (standing.latest or "") <= recall.as_of.isoformat():
            return views.rows(projection, streams)
    return answer(projection, recall, streams)


def book_for(projection: Projection[Any], recall: Recall) -> Book:
    """The book, of those cases only of which the projection wants to know."""
    if projection.book_topics >= BOOK_TOPICS:
        return recall.book
    return _small_book(recall, projection)


def _small_book(recall: Recall, projection: Projection[Any]) -> Book:
    book = Book(recall.rulebook, recall.as_of)
    if not projection.book_topics:
        return book
    streams = projection.book_streams(recall.log, recall.known_at)
    for case in recall.cases(streams):
        book.add(case)
    if ReplacementShipped.TOPIC in projection.book_topics:
        book.link(recall.cases([f"order/{order_id}" for order_id in book.original_of]))
    return book


# --- a moment of the log ----------------------------------------------------------------------


class _Moment:
    """The log up to one entry: whatever is appended meanwhile is left for the next time."""

    def __init__(
        self,
        log: Log,
        position: int,
        known_at: str | None,
        recalls: dict[date, Recall] | None = None,
    ) -> None:
        self.log: Final = log
        self.position: Final = position
        self.known_at: Final = known_at
        self._recalls: dict[date, Recall] = {} if recalls is None else recalls

    @cached_property
    def imports(self) -> list[Entry]:
        """Every import of the account so far."""
        topics = [ReportImported.TOPIC]
        return list(self.log.entries(ACCOUNT_STREAM, topics=topics, known_at=self.known_at))

    @cached_property
    def stated(self) -> dict[str, str]:
        """Marketplaces stated at import, by original."""
        return stated_in(self.imports)

    def day_for(self, projection: Projection[Any]) -> date:
        """All that was told has happened; but it is judged on the day of the account's last telling."""
        return self.last_told if projection.judges else EVER

    @cached_property
    def last_told(self) -> date:
        """The day of the account's last telling."""
        told = [
            entry.event.told_at[:10]
            for entry in self.imports
            if isinstance(entry.event, ReportImported) and entry.event.told_at
        ]
        return date.fromisoformat(max(told)) if told else EVER

    def recall(self, day: date) -> Recall:
        """The account on a day, as it was known at this moment."""
        if day not in self._recalls:
            self._recalls[day] = Recall(self.log, day, self.known_at)
        return self._recalls[day]

    def folded(self, stream: str, entries: Sequence[Entry], day: date) -> Case:
        """The case that a stream's entries amount to on a day."""
        return fold(stream, entries, stated=self.stated, as_of=day)

    def entries_in(self, streams: Collection[str] | None) -> Iterator[tuple[str, list[Entry]]]:
        """All streams, or some, with their entries so far."""
        if self.position == 0:
            return
        if streams is None:
            yield from self.log.cases(known_at=self.known_at)
            return
        for some in chunked(sorted(streams), FOLDED_AT_ONCE):
            yield from self.log.streams(some, known_at=self.known_at).items()


def _latest_moment(log: Log) -> _Moment:
    while True:
        position = log.position()
        known_at = log.recorded_at()
        if position == log.position():
            return _Moment(log, position, known_at)


def _moment_of(standing: Standing, log: Log) -> _Moment | None:
    """The moment to which a table has come; None where this log never came to it."""
    if standing.position == 0:
        return _Moment(log, 0, None)
    for entry in log.entries(after=standing.position - 1):
        if (entry.position, entry.recorded_at) == (standing.position, standing.known_at):
            return _Moment(log, standing.position, standing.known_at)
        break
    return None


# --- catching up ------------------------------------------------------------------------------


def catch_up(
    recall: Recall,
    views: Views,
    progress: Progress | None = None,
    *,
    only: Collection[Projection[Any]] = PROJECTIONS,
) -> None:
    """Bring the live tables to the end of the log; each table moves with its position, or not at all.

    Cases whose streams changed are folded again, and those that may differ because of what changed;
    where that cannot be told, all are. The recall's own day and moment do not matter here.
    """
    log = recall.log
    if _all_there(views.standings(), only, log):
        return
    with views.filling() as filling:
        moment = _latest_moment(log)
        standings = filling.standings()
        behind = [one for one in only if not _is_there(standings.get(one.name), one, moment)]
        work = [_to_do(one, standings.get(one.name), moment, filling) for one in behind]
        _fill(work, filling, moment, progress)


def _all_there(
    standings: Mapping[str, Standing], only: Collection[Projection[Any]], log: Log
) -> bool:
    moment = _latest_moment(log)
    return all(_is_there(standings.get(one.name), one, moment) for one in only)


def _is_there(standing: Standing | None, projection: Projection[Any], moment: _Moment) -> bool:
    return (
        standing is not None
        and standing.version == projection.version
        and standing.position == moment.position
        and standing.known_at == moment.known_at
    )


class _Work(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be made again of one table: the rows of some streams, or of all (None)."""

    projection: Projection[Any]
    day: date
    book: Book
    basis: str
    streams: frozenset[str] | None
    standing: Standing | None = None
    """How far the rows that stay have come."""


def _to_fill(projection: Projection[Any], moment: _Moment) -> _Work:
    """All rows of a table, as they follow from the log."""
    day = moment.day_for(projection)
    book = book_for(projection, moment.recall(day))
    basis = projection.basis(book)
    return _Work(projection=projection, day=day, book=book, basis=basis, streams=None)


def _to_do(
    projection: Projection[Any], standing: Standing | None, moment: _Moment, filling: Filling
) -> _Work:
    """The rows that may be out of date."""
    work = _to_fill(projection, moment)
    if standing is None or not _goes_on(standing, projection, moment):
        return work
    changed = moment.log.changed_streams(standing.position)
    streams = set(changed)
    if work.basis != standing.basis:
        dependent = filling.dependent_streams(projection)
        if dependent is None:
            return work
        streams.update(dependent)
    told = (entry for _stream, entries in moment.entries_in(changed) for entry in entries)
    streams.update(projection.linked(told, moment.log))
    return msgspec.structs.replace(work, streams=frozenset(streams), standing=standing)


def _goes_on(standing: Standing, projection: Projection[Any], moment: _Moment) -> bool:
    """False where everything must be made again: another version or log, other marketplaces of old rows."""
    if standing.version != projection.version:
        return False
    if standing.position * GROWN_MUCH < moment.position:
        return False
    before = _moment_of(standing, moment.log)
    return before is not None and not _restated(before, moment)


def _restated(before: _Moment, now: _Moment) -> bool:
    """True where another marketplace was stated for a file that had been imported before."""
    known = [entry for entry in now.imports if (entry.position or 0) <= before.position]
    digests = {entry.event.digest for entry in known if isinstance(entry.event, ReportImported)}
    stated_before = stated_in(known)
    return any(now.stated.get(digest) != stated_before.get(digest) for digest in digests)


# --- folding ----------------------------------------------------------------------------------


class _Making:
    """The rows of one projection while the cases go by: a place for each, a digest over all."""

    def __init__(self, work: _Work, moment: _Moment) -> None:
        self.work = work
        self.fingerprint = Fingerprint()
        self.latest = work.standing.latest if work.standing else None
        self._moment = moment

    def of(self, case: Case) -> Iterator[tuple[Any, ...]]:
        """The rows of a case as they are kept."""
        latest = max((ref.day for ref in case.refs), default=None)
        if latest is not None:
            self.latest = max(self.latest or "", latest.isoformat())
        for place, row in enumerate(self.work.projection.rows(case, self.work.book), 1):
            values = values_of(row, place)
            self.fingerprint.add(values)
            yield values

    def standing(self, rows: int) -> Standing:
        """How far the table has come once the rows are written."""
        return Standing(
            name=self.work.projection.name,
            version=self.work.projection.version,
            position=self._moment.position,
            known_at=self._moment.known_at,
            basis=self.work.basis,
            latest=self.latest,
            rows=rows,
            digest=self.fingerprint.digest if self.work.streams is None else None,
        )

    def rebuilt(self, equal: bool | None = None) -> Rebuilt:
        """What came of it."""
        return Rebuilt(
            name=self.work.projection.name,
            entries=self._moment.position,
            rows=self.fingerprint.rows,
            digest=self.fingerprint.digest,
            equal=equal,
        )


def _folded(
    makings: Sequence[_Making], moment: _Moment, progress: Progress | None
) -> Iterator[tuple[_Making, Iterator[tuple[Any, ...]]]]:
    """Fold each stream once for each day that is asked about, and hand the case to who wants it."""
    wanted = _streams_of(makings)
    done = 0
    for stream, entries in moment.entries_in(wanted):
        cases: dict[date, Case] = {}
        for making in makings:
            work = making.work
            if work.streams is None or stream in work.streams:
                case = _case_on(work.day, cases, stream, entries, moment)
                yield making, making.of(case)
        done += len(entries)
        if progress is not None:
            progress(done, moment.position if wanted is None else None)


def _case_on(
    day: date, cases: dict[date, Case], stream: str, entries: Sequence[Entry], moment: _Moment
) -> Case:
    """The stream's case on a day; the same for every day on which nothing of it was still to come."""
    if day not in cases:
        whole = cases.get(EVER)
        if whole is not None and all(ref.day <= day for ref in whole.refs):
            cases[day] = whole
        else:
            cases[day] = moment.folded(stream, entries, day)
    return cases[day]


def _streams_of(makings: Sequence[_Making]) -> frozenset[str] | None:
    streams: set[str] = set()
    for making in makings:
        if making.work.streams is None:
            return None
        streams.update(making.work.streams)
    return frozenset(streams)


class _Writer:
    """Writes the rows of one projection in batches, into its live table or one beside it."""

    def __init__(self, making: _Making, filling: Filling) -> None:
        work = making.work
        self._making = making
        self._filling = filling
        self._waiting: list[tuple[Any, ...]] = []
        if work.streams is None:
            self._table = filling.begin_beside(work.projection)
        else:
            self._table = filling.live(work.projection)
            filling.forget(self._table, sorted(work.streams))

    def add(self, rows: Iterator[tuple[Any, ...]]) -> None:
        """Take rows; a full batch is written at once."""
        self._waiting.extend(rows)
        if len(self._waiting) >= WRITTEN_AT_ONCE:
            self._write()

    def finish(self) -> None:
        """Write what is left, let the new table take the old one's place, and say how far it has come."""
        self._write()
        if self._making.work.streams is None:
            self._filling.switch(self._making.work.projection)
            rows = self._making.fingerprint.rows
        else:
            rows = self._filling.count(self._table)
        self._filling.stand(self._making.standing(rows))

    def _write(self) -> None:
        if self._waiting:
            self._filling.write(self._table, self._waiting)
            self._waiting.clear()


def _fill(
    work: Sequence[_Work], filling: Filling, moment: _Moment, progress: Progress | None
) -> list[_Making]:
    makings = [_Making(one, moment) for one in work]
    writers = {id(making): _Writer(making, filling) for making in makings}
    for making, rows in _folded(makings, moment, progress):
        writers[id(making)].add(rows)
    for making in makings:
        writers[id(making)].finish()
    return makings


# --- as it was recorded -----------------------------------------------------------------------


def rows_at(
    log: Log,
    position: int,
    known_at: str | None,
    *,
    as_of: date | None = None,
    streams: Collection[str] | None = None,
    progress: Progress | None = None,
    only: Collection[Projection[Any]] = PROJECTIONS,
    recalls: dict[date, Recall] | None = None,
) -> Iterator[tuple[Projection[Any], tuple[Any, ...]]]:
    """Every row as the log amounted to it when it ended at a position, recorded at that moment.

    Without a day they are the rows of the live tables at that position; nothing is read from those or
    written to them. Rows come by stream, and those of each projection by stream and place. `recalls` keeps
    what was recalled of each day, for whoever asks more about it.
    """
    moment = _Moment(log, position, known_at, recalls)
    makings = [_Making(_asked(one, moment, as_of, streams), moment) for one in only]
    for making, rows in _folded(makings, moment, progress):
        for values in rows:
            yield making.work.projection, values


def last_told(log: Log, position: int, known_at: str | None) -> date:
    """The day of the account's last telling, on which the live tables judge; `EVER` where none is told."""
    return _Moment(log, position, known_at).last_told


def _asked(
    projection: Projection[Any],
    moment: _Moment,
    as_of: date | None,
    streams: Collection[str] | None,
) -> _Work:
    day = moment.day_for(projection) if as_of is None else as_of
    return _Work(
        projection=projection,
        day=day,
        book=book_for(projection, moment.recall(day)),
        basis="",
        streams=None if streams is None else frozenset(streams),
    )


# --- rebuilding -------------------------------------------------------------------------------


def rebuild(
    recall: Recall,
    views: Views,
    *,
    verify: bool = False,
    progress: Progress | None = None,
    only: Collection[Projection[Any]] = PROJECTIONS,
) -> list[Rebuilt]:
    """Make every row again from the log, in tables beside the live ones, and switch in one transaction.

    With `verify` nothing is written: each live table is compared, by the digest over all of its rows, with
    what the log amounts to at the position that the table has come to.
    """
    if verify:
        return _verified(only, recall.log, views, progress)
    with views.filling() as filling:
        moment = _latest_moment(recall.log)
        work = [_to_fill(one, moment) for one in only]
        return [making.rebuilt() for making in _fill(work, filling, moment, progress)]


def _verified(
    projections: Collection[Projection[Any]], log: Log, views: Views, progress: Progress | None
) -> list[Rebuilt]:
    """Compare each live table with the log as it was when the table was caught up last."""
    live = {one.name: views.digest(one) for one in projections}
    latest = _latest_moment(log)
    moments = {}
    for name, (standing, _digest) in live.items():
        moments[name] = (_moment_of(standing, log) if standing else None) or latest
    rebuilt: dict[str, Rebuilt] = {}
    for position in {moment.position for moment in moments.values()}:
        alike = [one for one in projections if moments[one.name].position == position]
        moment = moments[alike[0].name]
        makings = [_Making(_to_fill(one, moment), moment) for one in alike]
        for _making, rows in _folded(makings, moment, progress):
            for _row in rows:
                pass
        for making in makings:
            name = making.work.projection.name
            standing, found = live[name]
            same = standing is not None and standing.known_at == moment.known_at
            rebuilt[name] = making.rebuilt(same and found == making.fingerprint.digest)
    return [rebuilt[one.name] for one in projections]
