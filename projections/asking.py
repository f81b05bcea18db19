"""Questions about cases on any day, answered with what is kept of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final, TypeVar

from ledger.book import Book, Excerpt, excerpt_of
from ledger.judging import judge, to_judge
from ledger.nearby import Excerpted
from ledger.policy import Finding
from ledger.recall import Recall
from ledger.resting import fallen
from projections import ELIGIBILITY
from projections.catching_up import Progress, catch_up
from projections.keeping import EXCERPTS_VERSION, are_of, kept_excerpts
from projections.local import Crew, context_of
from projections.moments import Moment, has_come_to, is_there
from projections.views import EXCERPTS, Views, chunked
from projections.work import Asked, Context, Folding, Summed, book_on, read_excerpt

T = TypeVar("T")

RESTS_AT_ONCE: Final = 10_000
"""Of so many judgements at a time it is asked whether they stand."""


def book_of(recall: Recall, views: Views) -> Book:
    """The book of a recall, made of the excerpts that are kept; they are caught up first."""
    moment = _moment_asked(recall)
    with moment.crew() as crew:
        return book_on(_context_asked(recall, moment, crew, views), recall.as_of)


def excerpted(recall: Recall, views: Views) -> Excerpted | None:
    """Looks up what is kept of cases at the recall's moment, caught up first; None where it cannot be."""
    moment = _moment_asked(recall)
    standing = views.standings().get(EXCERPTS)
    if standing is None or not has_come_to(standing, EXCERPTS_VERSION, moment):
        with moment.crew() as crew:
            if kept_excerpts(moment, crew, views) is None:
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


def judge_each(
    recall: Recall,
    views: Views,
    judging: Asked[list[Finding]] = judge,
    progress: Progress | None = None,
) -> Iterator[Finding]:
    """Every finding of an account on the recall's day, in the order of their streams."""
    return chain.from_iterable(ask_where_found(recall, views, judging, progress=progress))


def ask_where_found(
    recall: Recall,
    views: Views,
    asked: Asked[T],
    besides: Collection[str] = (),
    *,
    progress: Progress | None = None,
) -> Iterator[T]:
    """What is answered, on the recall's day, of each case of which there may be a finding, and of those besides.

    In the order of their streams. Where nothing was found of a case when the table was filled, and that stands,
    it is not asked about again; the table is caught up first, unless an earlier moment is asked about.
    """
    if recall.known_at is None and views.may_fill:
        catch_up(recall, views, progress, only=[ELIGIBILITY])
    moment = _moment_asked(recall)
    with moment.crew() as crew:
        folding = Folding(_context_asked(recall, moment, crew, views))
        streams = _where_found(recall, moment, views, folding, crew)
        streams = to_judge(recall) if streams is None else streams.union(besides)
        for answers in crew.ask(folding, asked, recall.as_of, streams):
            yield from answers


def sum_up(
    recall: Recall, views: Views, summed: Summed[T], streams: Collection[str] | None = None
) -> Iterator[T]:
    """What all cases come to on the recall's day, or some: sums of many cases each, in the order of their streams."""
    moment = _moment_asked(recall)
    with moment.crew() as crew:
        folding = Folding(_context_asked(recall, moment, crew, views))
        yield from crew.sum_up(folding, summed, recall.as_of, streams)


def _where_found(
    recall: Recall, moment: Moment, views: Views, folding: Folding, crew: Crew
) -> set[str] | None:
    """The cases of which there may be a finding, by the table and what it rests on; None where it is not there."""
    standing, rests, found, kept = views.found(ELIGIBILITY)
    if standing is None or not is_there(standing, ELIGIBILITY, moment):
        return None
    if rests is None or not are_of(rests, standing):
        return None
    shares = chunked(kept, RESTS_AT_ONCE)
    for basis, streams in crew.ask_book(folding, _fallen_by, recall.as_of, shares, found):
        if basis != standing.basis:
            return None
        found.update(streams)
    return found


def _fallen_by(book: Book, kept: Sequence[bytes]) -> tuple[str, list[str]]:
    """What the table takes from a book, and which judgements do not stand by it."""
    return ELIGIBILITY.basis(book), list(fallen(kept, book))


def _moment_asked(recall: Recall) -> Moment:
    return Moment(recall.log, recall.log.position_at(recall.moment), recall.moment)


def _context_asked(recall: Recall, moment: Moment, crew: Crew, views: Views) -> Context:
    excerpts = kept_excerpts(moment, crew, views)
    if excerpts is None:
        excerpts = b"".join(crew.excerpts())
    rulebook = recall.rulebook.to_json()
    return context_of(moment.log, crew.told, rulebook, [recall.as_of], excerpts)
