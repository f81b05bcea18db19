"""Catching up and rebuilding: the cases that changed folded again, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, Final, TypeVar
from zlib import crc32

import msgspec
from sqlalchemy import Table

from ledger.book import BOOK_TOPICS, Book, Excerpt, excerpt_of, stated_in
from ledger.errors import StoreTrouble
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.imports import ReportImported
from ledger.events.orders import ReplacementShipped
from ledger.judging import judge
from ledger.nearby import Excerpted
from ledger.policy import Finding
from ledger.recall import Recall, adopted_rulebook
from ledger.resting import QUESTIONS, fallen
from ledger.store import Log
from projections import ELIGIBILITY, PROJECTIONS
from projections.local import Crew, Told, Workers, context_of
from projections.projection import EVER, Projection, R
from projections.views import EXCERPTS, RESTS, Filling, Fingerprint, Standing, Views
from projections.work import (
    Asked,
    Context,
    Folded,
    Folding,
    Wanted,
    book_on,
    by_stream,
    entries_of,
    read_excerpt,
    rows_in,
)

T = TypeVar("T")

Progress = Callable[[int, int | None], None]
"""Told how many entries have been folded, and of how many, where that is known."""

GROWN_MUCH: Final = 2
"""Where the log has grown by this factor, reading it once as a whole is the shorter way."""
EXCERPTS_VERSION: Final = 1_000_000 + crc32(msgspec.json.encode(msgspec.json.schema(Excerpt)))
"""Another one when excerpts have other fields; raised by hand where the same fields say something else."""
RESTS_VERSION: Final = crc32(" ".join(sorted(QUESTIONS)).encode())
"""Another one when other questions are noted; raised by hand where the same ones are answered otherwise."""


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

    def __init__(self, log: Log, position: int, known_at: str | None) -> None:
        self.log: Final = log
        self.position: Final = position
        self.known_at: Final = known_at
        self._changed: dict[int, list[str]] = {}

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
        return told_last(self.imports)

    def changed_after(self, position: int) -> list[str]:
        """The streams that have entries recorded after a position, by name."""
        if position not in self._changed:
            self._changed[position] = self.log.changed_streams(position)
        return self._changed[position]

    def crew(self) -> Crew:
        """Who folds."""
        told = Told(
            url=self.log.url,
            account=self.log.account,
            known_at=self.known_at,
            stated=self.stated,
        )
        return Crew(self.log, told, self.position)

    def context(self, crew: Workers, excerpts: bytes, days: Collection[date]) -> Context:
        """What cases are folded and judged with on these days."""
        rulebook = adopted_rulebook(self.log, self.known_at).to_json()
        return context_of(self.log, crew.told, rulebook, days, excerpts)


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
        with moment.crew() as crew:
            excerpts = _excerpts_at(moment, filling, crew)
            job = _Job(moment, crew, excerpts, behind)
            work = [_to_do(one, standings.get(one.name), job, crew, filling) for one in behind]
            _fill(work, filling, job, progress)


def _all_there(
    standings: Mapping[str, Standing], only: Collection[Projection[Any]], log: Log
) -> bool:
    moment = _latest_moment(log)
    return all(_is_there(standings.get(one.name), one, moment) for one in only)


def _is_there(standing: Standing | None, projection: Projection[Any], moment: _Moment) -> bool:
    return standing is not None and _has_come_to(standing, projection.version, moment)


def _has_come_to(standing: Standing, version: int, moment: _Moment) -> bool:
    return (standing.version, standing.position, standing.known_at) == (
        version,
        moment.position,
        moment.known_at,
    )


class _Job:
    """What is done for some projections at one moment of the log."""

    def __init__(
        self,
        moment: _Moment,
        crew: Workers,
        excerpts: bytes,
        projections: Collection[Projection[Any]],
        day: date | None = None,
    ) -> None:
        self.moment: Final = moment
        self.crew: Final[Workers] = crew
        days = {day or moment.day_for(one) for one in projections}
        self.folding: Final = Folding(moment.context(crew, excerpts, days))
        self.folding.books(days)

    def book(self, projection: Projection[Any]) -> Book:
        """The book as the rows of a projection need it."""
        return self.folding.book(self.moment.day_for(projection))


class _Work(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be made again of one table: the rows of some streams, or of all (None)."""

    projection: Projection[Any]
    day: date
    basis: str
    streams: frozenset[str] | None
    standing: Standing | None = None
    """How far the rows that stay have come."""


def _to_fill(projection: Projection[Any], job: _Job) -> _Work:
    """All rows of a table, as they follow from the log."""
    day = job.moment.day_for(projection)
    basis = projection.basis(job.book(projection))
    return _Work(projection=projection, day=day, basis=basis, streams=None)


def _to_do(
    projection: Projection[Any],
    standing: Standing | None,
    job: _Job,
    crew: Crew,
    filling: Filling,
) -> _Work:
    """The rows that may be out of date."""
    moment = job.moment
    work = _to_fill(projection, job)
    if standing is None or not _goes_on(standing, projection.version, moment):
        return work
    changed = moment.changed_after(standing.position)
    streams = set(changed)
    if work.basis != standing.basis:
        dependent = filling.dependent_streams(projection)
        if dependent is None:
            return work
        streams.update(dependent)
    if projection.stands:
        if not _rests_are_of(standing, filling):
            return work
        streams.update(fallen(filling.kept(RESTS), job.book(projection)))
    if projection.linking:
        told = entries_of(chain.from_iterable(crew.some_cases(changed)), projection.linking)
        streams.update(projection.linked(changed, told, moment.log))
    return msgspec.structs.replace(work, streams=frozenset(streams), standing=standing)


def _goes_on(standing: Standing, version: int, moment: _Moment) -> bool:
    """False where everything must be made again: another version or log, other marketplaces of old rows."""
    if standing.version != version:
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


# --- excerpts ---------------------------------------------------------------------------------


def _excerpts_at(moment: _Moment, filling: Filling, crew: Workers) -> bytes:
    """What cases need of each other at a moment; kept, so that only those of changed cases are made again."""
    standing = filling.standings().get(EXCERPTS)
    if standing is None or not _goes_on(standing, EXCERPTS_VERSION, moment):
        return _excerpts_anew(moment, filling, crew)
    if standing.position != moment.position:
        changed = moment.changed_after(standing.position)
        filling.keep_no_more(EXCERPTS, changed)
        for told in crew.excerpts(changed):
            filling.keep(EXCERPTS, by_stream(told))
        filling.stand(_excerpts_standing(moment))
    return b"".join(filling.kept(EXCERPTS))


def book_of(recall: Recall, views: Views) -> Book:
    """The book of a recall, made of the excerpts that are kept; they are caught up first."""
    moment = _moment_asked(recall)
    with moment.crew() as crew:
        return book_on(_context_asked(recall, moment, crew, views), recall.as_of)


def excerpted(recall: Recall, views: Views) -> Excerpted | None:
    """Looks up what is kept of cases at the recall's moment, caught up first; None where it cannot be."""
    moment = _moment_asked(recall)
    standing = views.standings().get(EXCERPTS)
    if standing is None or not _has_come_to(standing, EXCERPTS_VERSION, moment):
        with moment.crew() as crew:
            if _kept_excerpts(moment, crew, views) is None:
                return None

    def look_up(recall: Recall, streams: Collection[str]) -> Iterator[Excerpt]:
        kept = {one.stream: one for one in map(read_excerpt, views.excerpts_of(streams))}
        later = [one.stream for one in kept.values() if one.latest and one.latest > recall.as_of]
        for case in recall.cases(later):
            kept[case.stream] = excerpt_of(case, whole=kept[case.stream].whole)
        for stream in streams:
            yield kept.get(stream) or Excerpt(
                stream=stream, latest=None, whole=False, paid_for=False
            )

    return look_up


def ask_each(
    recall: Recall, views: Views, asked: Asked[T], streams: Collection[str]
) -> Iterator[T]:
    """What is answered of each of these cases on the recall's day, in the order of their streams."""
    moment = _moment_asked(recall)
    with moment.crew() as crew:
        folding = Folding(_context_asked(recall, moment, crew, views))
        for answers in crew.ask(folding, asked, recall.as_of, streams):
            yield from answers


def judge_each(recall: Recall, views: Views, streams: Collection[str]) -> Iterator[Finding]:
    """Every finding about these cases on the recall's day, in the order of their streams.

    Where nothing was found of a case when the table was filled, and that stands, it is not judged again.
    """
    moment = _moment_asked(recall)
    with moment.crew() as crew:
        folding = Folding(_context_asked(recall, moment, crew, views))
        some = _where_found(recall, moment, views, folding, streams)
        for findings in crew.ask(folding, judge, recall.as_of, some):
            yield from chain.from_iterable(findings)


def _where_found(
    recall: Recall, moment: _Moment, views: Views, folding: Folding, streams: Collection[str]
) -> Collection[str]:
    standing, rests, found, kept = views.found(ELIGIBILITY)
    if standing is None or not _is_there(standing, ELIGIBILITY, moment):
        return streams
    book = folding.book(recall.as_of)
    if rests is None or not _are_of(rests, standing) or standing.basis != ELIGIBILITY.basis(book):
        return streams
    found.update(fallen(kept, book))
    return found.intersection(streams)


def _moment_asked(recall: Recall) -> _Moment:
    return _Moment(recall.log, recall.log.position_at(recall.moment), recall.moment)


def _context_asked(recall: Recall, moment: _Moment, crew: Crew, views: Views) -> Context:
    excerpts = _kept_excerpts(moment, crew, views)
    if excerpts is None:
        excerpts = b"".join(crew.excerpts())
    rulebook = recall.rulebook.to_json()
    return context_of(moment.log, crew.told, rulebook, [recall.as_of], excerpts)


def _kept_excerpts(moment: _Moment, crew: Crew, views: Views) -> bytes | None:
    """Those that are kept, where they are of this moment or can be brought to it; else None.

    Nothing is kept of what was known at an earlier moment.
    """
    standing, excerpts = views.excerpts()
    if standing is not None and _has_come_to(standing, EXCERPTS_VERSION, moment):
        return excerpts
    if not views.may_fill or moment.position != moment.log.position():
        return None
    with views.filling() as filling:
        standing = filling.standings().get(EXCERPTS)
        if standing is not None and standing.position > moment.position:
            return None  # others wrote meanwhile, and caught up
        return _excerpts_at(moment, filling, crew)


def _excerpts_anew(moment: _Moment, filling: Filling, crew: Workers) -> bytes:
    filling.keep_none(EXCERPTS)
    found = []
    for told in crew.excerpts():
        filling.keep(EXCERPTS, by_stream(told))
        found.append(told)
    filling.stand(_excerpts_standing(moment))
    return b"".join(found)


def _excerpts_standing(moment: _Moment) -> Standing:
    return _kept_standing(EXCERPTS, EXCERPTS_VERSION, moment.position, moment.known_at)


def rests_standing(position: int, known_at: str | None) -> Standing:
    """How far it is told what judgements rest on."""
    return _kept_standing(RESTS, RESTS_VERSION, position, known_at)


def _kept_standing(name: str, version: int, position: int, known_at: str | None) -> Standing:
    return Standing(
        name=name,
        version=version,
        position=position,
        known_at=known_at,
        basis="",
        latest=None,
        rows=0,
        digest=None,
    )


# --- folding ----------------------------------------------------------------------------------


class _Making:
    """The rows of one projection while the cases go by: a digest over all, and the latest day."""

    def __init__(self, work: _Work, moment: _Moment) -> None:
        self.work = work
        self.fingerprint = Fingerprint()
        self.latest = work.standing.latest if work.standing else None
        self._moment = moment

    def take(self, lines: bytes, latest: str | None) -> None:
        """What came of some cases."""
        self.fingerprint.take(lines)
        if latest is not None:
            self.latest = max(self.latest or "", latest)

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
    makings: Sequence[_Making], job: _Job, progress: Progress | None = None
) -> Iterator[Folded]:
    """Each projection's rows, share by share, as the cases are folded once for all of them."""
    work = [making.work for making in makings]
    wanted = [Wanted(one.projection, one.day, one.streams) for one in work]
    streams = _streams_of(work)
    done = 0
    for folded in job.crew.fold(job.folding, wanted, streams):
        for making, lines, latest in zip(makings, folded.lines, folded.latest, strict=True):
            making.take(lines, latest)
        yield folded
        done += folded.entries
        if progress is not None:
            progress(done, job.moment.position if streams is None else None)


def _streams_of(work: Sequence[_Work]) -> frozenset[str] | None:
    streams: set[str] = set()
    for one in work:
        if one.streams is None:
            return None
        streams.update(one.streams)
    return frozenset(streams)


def _fill(
    work: Sequence[_Work], filling: Filling, job: _Job, progress: Progress | None
) -> list[_Making]:
    """Make the rows of every table and write them: into the live one, or into one beside it."""
    makings = [_Making(one, job.moment) for one in work]
    tables = [_table_for(one, filling) for one in work]
    for folded in _folded(makings, job, progress):
        for table, lines in zip(tables, folded.lines, strict=True):
            filling.write(table, rows_in(lines))
        for rests in folded.rests:
            filling.keep(RESTS, by_stream(rests))
    for making, table in zip(makings, tables, strict=True):
        rows = making.fingerprint.rows
        if making.work.streams is None:
            filling.switch(making.work.projection)
        else:
            rows = filling.count(table)
        filling.stand(making.standing(rows))
        if making.work.projection.stands:
            filling.stand(rests_standing(job.moment.position, job.moment.known_at))
    return makings


def _table_for(work: _Work, filling: Filling) -> Table:
    projection = work.projection
    if work.streams is None:
        if projection.stands:
            filling.keep_none(RESTS)
        return filling.begin_beside(projection)
    table = filling.live(projection)
    streams = sorted(work.streams)
    filling.forget(table, streams)
    filling.date(projection, work.day.isoformat())
    if projection.stands:
        filling.keep_no_more(RESTS, streams)
    return table


def _rests_are_of(standing: Standing, filling: Filling) -> bool:
    """True where what is kept of the grounds is of the same moment as the rows."""
    kept = filling.standings().get(RESTS)
    return kept is not None and _are_of(kept, standing)


def _are_of(rests: Standing, rows: Standing) -> bool:
    told = RESTS_VERSION, rows.position, rows.known_at
    return (rests.version, rests.position, rests.known_at) == told


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
    moment = _Moment(log, position, known_at)
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


def last_told(log: Log, position: int, known_at: str | None) -> date:
    """The day of the account's last telling, on which the live tables judge; `EVER` where none is told."""
    return _Moment(log, position, known_at).last_told


def told_last(imports: Iterable[Entry]) -> date:
    """The same, of the account's imports."""
    told = [
        entry.event.told_at[:10]
        for entry in imports
        if isinstance(entry.event, ReportImported) and entry.event.told_at
    ]
    return date.fromisoformat(max(told)) if told else EVER


# --- rebuilding -------------------------------------------------------------------------------


def rebuild(
    recall: Recall,
    views: Views,
    *,
    verify: bool = False,
    progress: Progress | None = None,
    only: Collection[Projection[Any]] = PROJECTIONS,
    workers: Workers | None = None,
) -> list[Rebuilt]:
    """Make every row again from the log, in tables beside the live ones, and switch in one transaction.

    Others than this machine may be the workers; what they know of the log must be all of it.

    With `verify` nothing is written: each live table is compared, by the digest over all of its rows, with
    what the log amounts to at the position that the table has come to.
    """
    if verify:
        return _verified(only, recall.log, views, progress)
    with views.filling() as filling:
        moment = _latest_moment(recall.log)
        with moment.crew() as crew:
            those = _knowing(workers, moment) if workers else crew
            job = _Job(moment, those, _excerpts_anew(moment, filling, those), only)
            work = [_to_fill(one, job) for one in only]
            return [making.rebuilt() for making in _fill(work, filling, job, progress)]


def _knowing(workers: Workers, moment: _Moment) -> Workers:
    told = workers.told
    if (told.account, told.known_at) != (moment.log.account, moment.known_at):
        raise StoreTrouble(
            f"who is to fold knows the log of {told.account} as of {told.known_at or 'its beginning'}",
            found=f"{moment.log.account} as of {moment.known_at or 'its beginning'}",
            advice="Export the log anew, and rebuild from that.",
        )
    return workers


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
        with moment.crew() as crew:
            job = _Job(moment, crew, b"".join(crew.excerpts()), alike)
            makings = [_Making(_to_fill(one, job), moment) for one in alike]
            for _folded_share in _folded(makings, job, progress):
                pass
        for making in makings:
            name = making.work.projection.name
            standing, found = live[name]
            same = standing is not None and standing.known_at == moment.known_at
            rebuilt[name] = making.rebuilt(same and found == making.fingerprint.digest)
    return [rebuilt[one.name] for one in projections]
