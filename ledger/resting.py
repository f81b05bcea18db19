"""Whether a judgement still stands: what it asked of the day and of the book is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from ledger.allocation import (
    kin_of,
    paid_for_order,
    paid_for_stock,
    paid_without_order,
    replaced_by,
    restock_at,
    returned_as,
    rows_justifying,
    strays_near,
    units_at,
    unlinked_returns,
)
from ledger.book import Book, gap_between, paid_for_item, paid_under, spoken_since, taken_back
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
        restock_at,
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

_read: Final = msgspec.json.Decoder(Rests).decode


def fallen(kept: Iterable[bytes], book: Book) -> Iterator[str]:
    """The streams whose judgement may be another one on the book's day; each told by what it rested on."""
    day = book.as_of.toordinal()
    for line in kept:
        rests = _read(line)
        if not (rests.since <= day <= rests.until and _answered_alike(rests, book)):
            yield rests.stream


def _answered_alike(rests: Rests, book: Book) -> bool:
    return all(_asked(name, key, book) == answer for name, *key, answer in rests.noted)


def _asked(name: str, key: Iterable[Any], book: Book) -> str | None:
    question = QUESTIONS.get(name)
    if question is None:
        return None
    return told(question(book, *(read_back(one, book.as_of) for one in key)))
