"""Whether a judgement still stands: what it asked of the day and of the book is asked again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ledger.allocation import (
    kin_of,
    paid_for_order,
    paid_for_stock,
    paid_without_order,
    replaced_by,
    returned_as,
    row_restocking,
    rows_justifying,
    strays_near,
    units_at,
    unlinked_returns,
)
from ledger.book import (
    Book,
    Excerpt,
    gap_between,
    paid_for_item,
    paid_under,
    spoken_since,
    taken_back,
)
from ledger.gates import silence
from ledger.losses import damaged_near
from ledger.watched import Rests, coverage_in, read_back, told, whole_of

QUESTIONS: Final[dict[str, Callable[..., object]]] = {
    question.__name__: question
    for question in (
        coverage_in,
        damaged_near,
        gap_between,
        kin_of,
        paid_for_item,
        paid_for_order,
        paid_for_stock,
        paid_under,
        paid_without_order,
        replaced_by,
        row_restocking,
        returned_as,
        rows_justifying,
        silence,
        spoken_since,
        strays_near,
        taken_back,
        units_at,
        unlinked_returns,
        whole_of,
    )
}
"""Everything that policies ask through `Book.ask`; what is not here is never taken to be answered as before."""

SHARED: Final = frozenset(
    question.__name__ for question in (coverage_in, gap_between, silence, spoken_since, whole_of)
)
"""Those that thousands of judgements ask in the same words: they are answered once."""

OF_PAYMENTS: Final = tuple(
    question.__name__
    for question in (
        paid_for_item,
        paid_for_order,
        paid_for_stock,
        paid_under,
        paid_without_order,
        taken_back,
        units_at,
    )
)
"""Those that are answered by reimbursements and reversals alone."""

News = Mapping[str, Collection[object]]
"""Of some questions those things, first in what is asked, of which the answer may be another one.

A question that is not named here may have another answer whatever it is asked of.
"""

_read: Final = msgspec.json.Decoder(Rests).decode
_encode: Final = msgspec.json.Encoder().encode


def fallen(kept: Iterable[bytes], book: Book, news: News | None = None) -> Iterator[str]:
    """The streams whose judgement may be another one on the book's day; each told by what it rested on.

    With the news since they were judged, no question is asked of which they tell nothing.
    """
    day = book.as_of.toordinal()
    asking = _Asking(book, news or {})
    for line in kept:
        rests = _read(line)
        if not (rests.since <= day <= rests.until and all(map(asking.alike, rests.noted))):
            yield rests.stream


def news_in(before: Iterable[Excerpt], now: Iterable[Excerpt], book: Book) -> News:
    """What is news in a book since another, by the excerpts of those cases that may say something else in it.

    Of a case that stands in either twice the later excerpt counts; one that is missing said nothing.
    """
    old = {one.stream: one for one in before}
    new = {one.stream: one for one in now}
    items: set[object] = set()
    originals: set[object] = set()
    paid = replaced = False
    for stream in old.keys() | new.keys():
        nothing = Excerpt(stream=stream, latest=None, whole=False, paid_for=False)
        was, says = old.get(stream, nothing), new.get(stream, nothing)
        if was.returns != says.returns or was.whole != says.whole:
            items.update(one.fnsku for one in (*was.returns, *says.returns))
            originals.add(book.original_of.get(says.name))
        if was.movements != says.movements:
            items.update(one.fnsku for one in (*was.movements, *says.movements))
        paid = paid or was.reimbursements != says.reimbursements
        replaced = replaced or was.replacements != says.replacements
    news: dict[str, Collection[object]] = {row_restocking.__name__: items}
    if not replaced:
        news[kin_of.__name__] = originals
    return news if paid else news | dict.fromkeys(OF_PAYMENTS, ())


class _Asking:
    """Asks a book what was asked before, perhaps of another one."""

    def __init__(self, book: Book, news: News) -> None:
        self._book = book
        self._news = news
        self._known: dict[bytes, bool] = {}

    def alike(self, noted: Sequence[Any]) -> bool:
        """True where it is answered as it was."""
        about = self._news.get(noted[0])
        if about is not None and noted[1] not in about:
            return True
        if noted[0] not in SHARED:
            return self._answered(noted)
        words = _encode(noted)
        known = self._known.get(words)
        if known is None:
            known = self._known[words] = self._answered(noted)
        return known

    def _answered(self, noted: Sequence[Any]) -> bool:
        name, *key, answer = noted
        question = QUESTIONS.get(name)
        if question is None:
            return False
        today = self._book.as_of
        read = [read_back(one, today) if type(one) is list else one for one in key]
        return bool(told(question(self._book, *read)) == answer)
