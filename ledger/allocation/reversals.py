"""Which found or returned unit justifies which reversal; each unit justifies one only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final
from weakref import WeakKeyDictionary

from ledger.allocation.payments import taken_by
from ledger.book import Book
from ledger.case import Movement, Reimbursement

NEAR_DAYS: Final = 30
"""A unit that justifies a reversal shows in the inventory ledger within so many days of it.

Before it, the time since the payment counts as well: Amazon may take long to take it back.
"""


def justified_by(book: Book, reversal: Reimbursement) -> list[Movement]:
    """The rows of the inventory ledger that show the units of a reversal, one entry for each unit."""
    return book.ask(rows_justifying, reversal.ref.position)


def rows_justifying(book: Book, position: int) -> list[Movement]:
    """The same by the position of the reversal's entry."""
    known = _KNOWN.get(book)
    if known is None:
        known = _KNOWN[book] = _allocate(book)
    return known.get(position, [])


_KNOWN: Final[WeakKeyDictionary[Book, dict[int, list[Movement]]]] = WeakKeyDictionary()


def _allocate(book: Book) -> dict[int, list[Movement]]:
    """First in first out, the earliest reversal and the earliest row first."""
    room = {row.ref.position: row.quantity for rows in book.stock.values() for row in rows}
    found: dict[int, list[Movement]] = {}
    for reversal in sorted(_reversals(book), key=lambda one: (one.ref.day, one.ref.slot)):
        rows = found[reversal.ref.position] = []
        for row in _candidates(book, reversal):
            while room[row.ref.position] > 0 and len(rows) < taken_by(reversal):
                room[row.ref.position] -= 1
                rows.append(row)
    return found


def _reversals(book: Book) -> Iterator[Reimbursement]:
    told = [one for named in book.reversals.values() for one in named]
    told += [one for named in book.stock_payments.values() for one in named if one.reversal]
    yield from {one.ref.position: one for one in told}.values()


def _candidates(book: Book, reversal: Reimbursement) -> list[Movement]:
    originals = book.payments.get(reversal.original_id or "", [])
    since = min(
        (reversal.ref.day - timedelta(days=NEAR_DAYS), *(line.ref.day for line in originals))
    )
    until = reversal.ref.day + timedelta(days=NEAR_DAYS)
    names = {reversal.fnsku, *(line.fnsku for line in originals)} - {None}
    rows = [row for name in _sorted(names) for row in book.stock.get(name, ())]
    near = [row for row in rows if since <= row.ref.day <= until]
    return sorted(near, key=lambda row: (row.ref.day, row.ref.slot))


def _sorted(names: Iterable[str | None]) -> list[str]:
    return sorted(name for name in names if name)
