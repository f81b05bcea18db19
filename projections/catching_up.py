"""Catching up and rebuilding: the cases that changed folded again, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from itertools import chain
from typing import Any, Final

import msgspec
from sqlalchemy import Table

from ledger.book import BOOK_TOPICS, Book
from ledger.events.orders import ReplacementShipped
from ledger.recall import Recall
from ledger.resting import fallen
from ledger.store import Log, uncollected
from projections import PROJECTIONS
from projections.keeping import (
    are_of,
    excerpts_anew,
    excerpts_at,
    kept_excerpts,
    rests_standing,
)
from projections.local import Crew
from projections.moments import Ended, Moment, goes_on, is_there, latest_moment, moment_of
from projections.projection import Projection, R
from projections.views import RESTS, Filling, Fingerprint, Standing, Views, row_of
from projections.work import (
    Folded,
    Folding,
    Wanted,
    by_stream,
    entries_of,
    rows_in,
)

Progress = Callable[[int, int | None], None]
"""Told how many entries have been folded, and of how many, where that is known."""


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
    if streams is None and not projection.judges:
        return _answered_for_all(projection, recall, views, progress)
    return answer(projection, recall, streams)


def _answered_for_all(
    projection: Projection[R], recall: Recall, views: Views, progress: Progress | None
) -> Iterator[R]:
    """What `answer` gives for all cases, folded as in a rebuild: by several processes where there are many."""
    log = recall.log
    moment = Moment(log, log.position_at(recall.moment), recall.moment)
    with moment.crew() as crew:
        excerpts = kept_excerpts(moment, crew, views)
        if excerpts is None:
            excerpts = b"".join(crew.excerpts())
        job = _Job(moment, crew, excerpts, [projection], recall.as_of)
        work = [Work(projection=projection, day=recall.as_of, basis="", streams=None)]
        for folded in _folded(work, job, progress):
            for values in rows_in(folded.lines[0]):
                yield row_of(projection, values)


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
        moment = latest_moment(log)
        standings = filling.standings()
        behind = [one for one in only if not _is_up_to_date(one, standings, moment)]
        with moment.crew() as crew:
            with uncollected():
                excerpts = excerpts_at(moment, filling, crew)
                job = _Job(moment, crew, excerpts, behind)
                work = [_to_do(one, standings.get(one.name), job, crew, filling) for one in behind]
            with nullcontext() if _streams_of(work) is None else uncollected():
                fill(work, filling, moment, _folded(work, job, progress))


def _all_there(
    standings: Mapping[str, Standing], only: Collection[Projection[Any]], log: Log
) -> bool:
    moment = latest_moment(log)
    return all(_is_up_to_date(one, standings, moment) for one in only)


def _is_up_to_date(
    projection: Projection[Any], standings: Mapping[str, Standing], moment: Moment
) -> bool:
    """True where a table is of that moment, and what its judgements rest on is, if they are kept."""
    standing = standings.get(projection.name)
    if standing is None or not is_there(standing, projection, moment):
        return False
    rests = standings.get(RESTS)
    return not projection.stands or (rests is not None and are_of(rests, standing))


class _Job:
    """What is done for some projections at one moment of the log."""

    def __init__(
        self,
        moment: Moment,
        crew: Crew,
        excerpts: bytes,
        projections: Collection[Projection[Any]],
        day: date | None = None,
    ) -> None:
        self.moment: Final = moment
        self.crew: Final = crew
        days = {day or moment.day_for(one) for one in projections}
        self.folding: Final = Folding(moment.context(crew, excerpts, days))
        self.folding.books(days)

    def book(self, projection: Projection[Any]) -> Book:
        """The book as the rows of a projection need it."""
        return self.folding.book(self.moment.day_for(projection))


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be made again of one table: the rows of some streams, or of all (None)."""

    projection: Projection[Any]
    day: date
    basis: str
    streams: frozenset[str] | None
    standing: Standing | None = None
    """How far the rows that stay have come."""


def _to_fill(projection: Projection[Any], job: _Job) -> Work:
    """All rows of a table, as they follow from the log."""
    day = job.moment.day_for(projection)
    basis = projection.basis(job.book(projection))
    return Work(projection=projection, day=day, basis=basis, streams=None)


def _to_do(
    projection: Projection[Any],
    standing: Standing | None,
    job: _Job,
    crew: Crew,
    filling: Filling,
) -> Work:
    """The rows that may be out of date."""
    moment = job.moment
    work = _to_fill(projection, job)
    if standing is None or not goes_on(standing, projection.version, moment):
        return work
    changed = moment.changed_after(standing.position)
    streams = set(changed)
    if work.basis != standing.basis:
        dependent = filling.dependent_streams(projection)
        if dependent is None:
            return work
        streams.update(dependent)
    if projection.stands:
        rests = filling.standings().get(RESTS)
        if rests is None or not are_of(rests, standing):
            return work
        streams.update(fallen(filling.kept(RESTS), job.book(projection)))
    if projection.linking:
        told = entries_of(chain.from_iterable(crew.some_cases(changed)), projection.linking)
        streams.update(projection.linked(changed, told, moment.log))
    return msgspec.structs.replace(work, streams=frozenset(streams), standing=standing)


# --- folding ----------------------------------------------------------------------------------


class Making:
    """The rows of one projection while the cases go by: a digest over all, and the latest day."""

    def __init__(self, projection: Projection[Any], latest: str | None = None) -> None:
        self.projection: Final = projection
        self.fingerprint: Final = Fingerprint()
        self.latest = latest

    def take(self, lines: bytes, latest: str | None) -> None:
        """What came of some cases."""
        self.fingerprint.take(lines)
        if latest is not None:
            self.latest = max(self.latest or "", latest)

    def rebuilt(self, ended: Ended, equal: bool | None = None) -> Rebuilt:
        """What came of it."""
        return Rebuilt(
            name=self.projection.name,
            entries=ended.position,
            rows=self.fingerprint.rows,
            digest=self.fingerprint.digest,
            equal=equal,
        )


def _folded(work: Sequence[Work], job: _Job, progress: Progress | None = None) -> Iterator[Folded]:
    """Each projection's rows, share by share, as the cases are folded once for all of them."""
    wanted = [Wanted(one.projection, one.day, one.streams) for one in work]
    streams = _streams_of(work)
    done = 0
    for folded in job.crew.fold(job.folding, wanted, streams):
        yield folded
        done += folded.entries
        if progress is not None:
            progress(done, job.moment.position if streams is None else None)


def taken(makings: Sequence[Making], parts: Iterable[Folded]) -> Iterator[Folded]:
    """The shares as they come, each taken in by the makings of its projections."""
    for folded in parts:
        for making, lines, latest in zip(makings, folded.lines, folded.latest, strict=True):
            making.take(lines, latest)
        yield folded


def _streams_of(work: Sequence[Work]) -> frozenset[str] | None:
    streams: set[str] = set()
    for one in work:
        if one.streams is None:
            return None
        streams.update(one.streams)
    return frozenset(streams)


def fill(
    work: Sequence[Work], filling: Filling, ended: Ended, parts: Iterable[Folded]
) -> list[Rebuilt]:
    """Write the rows of every table, as they come: into the live one, or into one beside it."""
    makings = [
        Making(one.projection, one.standing.latest if one.standing else None) for one in work
    ]
    begun = [_begun(one, filling) for one in work]
    for folded in taken(makings, parts):
        for (table, _stay), lines in zip(begun, folded.lines, strict=True):
            filling.write(table, rows_in(lines))
        for rests in filter(None, folded.rests):  # without any there may be no table for them
            filling.keep(RESTS, by_stream(rests))
    for one, making, (_table, stay) in zip(work, makings, begun, strict=True):
        if one.streams is None:
            filling.switch(one.projection)
        filling.stand(_standing(one, making, ended, stay + making.fingerprint.rows))
        if one.projection.stands:
            filling.stand(rests_standing(ended))
    return [making.rebuilt(ended) for making in makings]


def _standing(work: Work, making: Making, ended: Ended, rows: int) -> Standing:
    """How far a table has come once its rows are written."""
    return Standing(
        name=work.projection.name,
        version=work.projection.version,
        position=ended.position,
        known_at=ended.known_at,
        basis=work.basis,
        latest=making.latest,
        rows=rows,
        digest=making.fingerprint.digest if work.streams is None else None,
    )


def _begun(work: Work, filling: Filling) -> tuple[Table, int]:
    """The table to write to, and how many rows stay in it."""
    projection = work.projection
    if work.streams is None or work.standing is None:
        if projection.stands:
            filling.keep_none(RESTS)
        return filling.begin_beside(projection), 0
    table = filling.live(projection)
    streams = sorted(work.streams)
    gone = filling.forget(table, streams)
    filling.date(projection, work.day.isoformat())
    if projection.stands:
        filling.keep_no_more(RESTS, streams)
    return table, work.standing.rows - gone


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
    moment = Moment(log, position, known_at)
    with moment.crew() as crew:
        excerpts = b"".join(crew.excerpts())
        job = _Job(moment, crew, excerpts, only, as_of)
        wanted = [Wanted(one, as_of or moment.day_for(one)) for one in only]
        if recalls is not None:
            for day in {one.day for one in wanted}:
                recalls[day] = Recall(log, day, known_at).seeing(job.folding.book(day))
        done = 0
        for cases in crew.some_cases(streams):
            folded = job.folding.fold(wanted, cases)
            for one, lines in zip(wanted, folded.lines, strict=True):
                for values in rows_in(lines):
                    yield one.projection, values
            done += folded.entries
            if progress is not None:
                progress(done, position if streams is None else None)


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
        moment = latest_moment(recall.log)
        with moment.crew() as crew:
            excerpts = excerpts_anew(moment, filling, crew.excerpts())
            job = _Job(moment, crew, excerpts, only)
            work = [_to_fill(one, job) for one in only]
            return fill(work, filling, moment, _folded(work, job, progress))


def _verified(
    projections: Collection[Projection[Any]], log: Log, views: Views, progress: Progress | None
) -> list[Rebuilt]:
    """Compare each live table with the log as it was when the table was caught up last."""
    live = {one.name: views.digest(one) for one in projections}
    latest = latest_moment(log)
    moments = {}
    for name, (standing, _digest) in live.items():
        moments[name] = (moment_of(standing, log) if standing else None) or latest
    rebuilt: dict[str, Rebuilt] = {}
    for position in {moment.position for moment in moments.values()}:
        alike = [one for one in projections if moments[one.name].position == position]
        moment = moments[alike[0].name]
        with moment.crew() as crew:
            job = _Job(moment, crew, b"".join(crew.excerpts()), alike)
            makings = [Making(one) for one in alike]
            work = [_to_fill(one, job) for one in alike]
            for _share in taken(makings, _folded(work, job, progress)):
                pass
        for making in makings:
            name = making.projection.name
            standing, found = live[name]
            same = standing is not None and standing.known_at == moment.known_at
            rebuilt[name] = making.rebuilt(moment, same and found == making.fingerprint.digest)
    return [rebuilt[one.name] for one in projections]
