"""Whether a judgement still stands: what it asked of the day and of the book is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
    unlinked_payments,
    unlinked_returns,
)
from ledger.book import (
    Book,
    gap_between,
    paid_for_item,
    paid_under,
    spoken_since,
    taken_back,
    told_no_more,
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
        told_no_more,
        units_at,
        unlinked_payments,
        unlinked_returns,
        whole_of,
    )
}
"""Everything that policies ask through `Book.ask`; what is not here is never taken to be answered as before."""

SHARED: Final = frozenset(
    question.__name__ for question in (coverage_in, gap_between, silence, spoken_since, whole_of)
)
"""Those that thousands of judgements ask in the same words: they are answered once."""

_read: Final = msgspec.json.Decoder(Rests).decode
_encode: Final = msgspec.json.Encoder().encode


def fallen(kept: Iterable[bytes], book: Book) -> Iterator[str]:
    """The streams whose judgement may be another one on the book's day; each told by what it rested on."""
    day = book.as_of.toordinal()
    asking = _Asking(book)
    for line in kept:
        rests = _read(line)
        if not (rests.since <= day <= rests.until and all(map(asking.alike, rests.noted))):
            yield rests.stream


class _Asking:
    """Asks a book what was asked before, perhaps of another one."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._known: dict[bytes, bool] = {}

    def alike(self, noted: Sequence[Any]) -> bool:
        """True where it is answered as it was."""
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
