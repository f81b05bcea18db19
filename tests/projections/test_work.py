"""What a worker does: the same rows whoever does it, however the cases are shared out."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.judging import judged, to_judge
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.store import Log, StoredCase
from projections import PROJECTIONS
from projections.local import Told, context_of
from projections.moments import last_told
from projections.projection import EVER
from projections.work import (
    Context,
    Folded,
    Folding,
    Wanted,
    book_on,
    excerpt_cases,
    fold_cases,
    read_excerpt,
    read_excerpts,
    rows_in,
)
from tests.projections.test_properties import downloads, file_url, told
from tests.story import ORDER, OTHER_ORDER, TODAY, File, Story, refunded, returned, sold

EXAMPLES = 8


def job_of(log: Log) -> tuple[Context, list[Wanted], list[StoredCase]]:
    """What a rebuild of the whole log is."""
    known_at = log.recorded_at()
    judged_on = last_told(log, log.position(), known_at)
    cases = list(log.stored_cases(known_at=known_at))
    stated = Recall(log, EVER, known_at).stated
    source = Told(url=log.url, account=log.account, known_at=known_at, stated=stated)
    excerpts = excerpt_cases(stated, cases)
    context = context_of(log, source, shipped().to_json(), [EVER, judged_on], excerpts)
    wanted = [Wanted(one, judged_on if one.judges else EVER) for one in PROJECTIONS]
    return context, wanted, cases


def digests_of(parts: Sequence[Folded]) -> list[str]:
    """The digest of each projection, of what came of shares in the order of their streams."""
    return [
        sha256(b"".join(lines)).hexdigest()
        for lines in zip(*(one.lines for one in parts), strict=True)
    ]


@settings(max_examples=EXAMPLES)
@given(downloads(), st.integers(1, 4))
def test_rows_do_not_depend_on_how_the_cases_are_shared_out(files: list[File], size: int) -> None:
    """Not on how many share them, nor on who: what is given to a worker pickles."""
    with file_url() as url, told(url, files) as story:
        context, wanted, cases = job_of(story.log)
        again = pickle.loads(pickle.dumps((context, wanted)))
        shares = [cases[start : start + size] for start in range(0, len(cases), size)]
        parts = [fold_cases(again[0], again[1], share) for share in shares]

        assert digests_of([fold_cases(context, wanted, cases)]) == digests_of(parts)
        assert list(story.digests().values()) == digests_of(parts)
        assert again[0].key == context.key


@settings(max_examples=EXAMPLES)
@given(downloads())
def test_a_book_made_of_excerpts_says_what_one_made_of_cases_does(files: list[File]) -> None:
    with file_url() as url, told(url, files) as story:
        context, _wanted, _cases = job_of(story.log)
        for day in [EVER, *context.on_days]:
            assert said(Recall(story.log, day).book) == said(book_on(context, day))


def test_what_stands_in_many_excerpts_is_held_once(story: Story) -> None:
    for order in (ORDER, OTHER_ORDER):
        story.imports(sold(order, "2026-06-01"), refunded(order, "2026-06-10"))
    story.imports(returned(ORDER, "2026-06-15"), returned(OTHER_ORDER, "2026-06-16"))
    lines = job_of(story.log)[0].excerpts
    one, other = (row for told in read_excerpts(lines) for row in told.returns)

    assert one.sku is other.sku
    assert one.ref.source_digest is other.ref.source_digest
    assert [read_excerpt(line) for line in lines.splitlines(keepends=True)] == [
        *read_excerpts(lines)
    ]


def test_books_are_the_same_where_the_excerpts_are_not_held_beside_them(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    story.imports(returned(ORDER, "2026-06-15"))
    context = job_of(story.log)[0]
    holding, lean = Folding(context), Folding(context, again=lambda: context)
    for day in (EVER, *context.on_days):
        assert said(holding.book(day)) == said(lean.book(day))

    assert (b"", context.excerpts) == (lean.context.excerpts, holding.context.excerpts)


@settings(max_examples=EXAMPLES)
@given(downloads(), st.sampled_from([0, 30, 120, 400]))
def test_nothing_is_found_of_a_case_that_is_not_judged_and_nothing_is_due(
    files: list[File], days: int
) -> None:
    """Whatever the day, and whatever else is told in the account."""
    with file_url() as url, told(url, files) as story:
        recall = story.recall(TODAY + timedelta(days=days))
        chosen = to_judge(recall)
        for case in recall.cases():
            if case.stream not in chosen:
                assert judged(case, recall.book, recall.as_of) == ([], [])


def said(book: Book) -> dict[str, object]:
    return {name: told for name, told in vars(book).items() if not name.startswith("_")}


def test_rows_are_kept_as_they_were_made(story: Story) -> None:
    """A line of JSON and the row in the table are the same values."""
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    story.imports(returned(ORDER, "2026-06-15"))
    context, wanted, cases = job_of(story.log)
    folded = fold_cases(context, wanted, cases)
    for projection, lines in zip(PROJECTIONS, folded.lines, strict=True):
        rows = [(*msgspec.structs.astuple(row),) for row in story.views.rows(projection)]
        assert rows == [row[:-1] for row in rows_in(lines)]
