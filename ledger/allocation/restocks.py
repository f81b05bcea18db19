"""Which row of the inventory ledger put which returned unit into stock; once over all orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from ledger.allocation.orders import ReturnedUnit
from ledger.book import Book
from ledger.case import Movement, Return
from ledger.values import code

RESTOCK_DAYS: Final = 3
"""A returned unit shows in the inventory ledger within so many days, either side."""
STRAY_DAYS: Final = 60
"""A row so many days later that is no other unit's may still be this one's."""
STRAY_DAYS_BEFORE: Final = 14
"""So may one so many days before: the returns report was seen to move the day of a return."""
_NEAR: Final = timedelta(days=RESTOCK_DAYS)
AMAZON_MADE: Final = ("AMZN.GR.", "AMAZON.FOUND.")
"""How SKUs begin that Amazon gives to units which it grades, finds and sells itself."""


class Restock(msgspec.Struct, frozen=True):
    """The inventory ledger's row for a returned unit."""

    movement: Movement
    same_disposition: bool


class _Item:
    """The returned units of one FNSKU with the rows that put them into stock, and the rows left over."""

    def __init__(self, returns: Iterable[Return], rows: Iterable[Movement]) -> None:
        self.restocked: dict[str, Restock] = {}
        """The row that put a returned unit into stock, by the unit's name."""
        ordered = sorted(rows, key=_in_order)
        room = self._allocate(returns, [row for row in ordered if is_customer_return(row)])
        self.left = [row for row in ordered if room.get(row.ref.position, row.quantity) > 0]
        """Rows that put more units into stock than returns account for."""

    def _allocate(self, returns: Iterable[Return], rows: list[Movement]) -> dict[int, int]:
        """A row of the same disposition first, the earliest first; returns what room is left in each."""
        room = {row.ref.position: row.quantity for row in rows}
        offered = [_Offered(row) for row in rows]
        wanted = list(_units(returns))
        for same in (True, False):
            first = 0
            for unit in wanted:
                if unit.name in self.restocked:
                    continue
                while first < len(offered) and _is_past(offered[first], unit, room):
                    first += 1
                row = _first_fitting(offered, first, unit, room, same=same)
                if row is not None:
                    room[row.ref.position] -= 1
                    self.restocked[unit.name] = Restock(row, same)
        return room


class _Offered:
    """A row as units are compared with it: there are many comparisons, so what they need is looked up once."""

    __slots__ = ("day", "disposition", "position", "row")

    def __init__(self, row: Movement) -> None:
        self.row: Final = row
        self.day: Final = row.ref.day
        self.position: Final = row.ref.position
        self.disposition: Final = code(row.disposition or "")


class _Wanting:
    """A returned unit that wants a row, and of which days and disposition that would be."""

    __slots__ = ("disposition", "first_day", "last_day", "name")

    def __init__(self, unit: ReturnedUnit) -> None:
        day = unit.returned.ref.day
        self.name: Final = unit.name
        self.first_day: Final = day - _NEAR
        self.last_day: Final = day + _NEAR
        self.disposition: Final = code(unit.returned.disposition or "")


class Restocks:
    """Every returned unit of an account with the row that put it into stock, and the rows left over.

    Each FNSKU is worked out when it is first asked about: who asks about one order need not wait for all.
    """

    def __init__(self, book: Book) -> None:
        # Not the book itself, which would never be let go then.
        self._stock = book.stock
        self._returns = book.returns_by_fnsku
        self._items: dict[str, _Item] = {}

    def of(self, unit: ReturnedUnit) -> Restock | None:
        """The row that put a returned unit into stock, or None."""
        return self.at(unit.returned.fnsku, unit.name)

    def at(self, fnsku: str | None, name: str) -> Restock | None:
        """The same by the FNSKU and the unit's name."""
        return self._item(fnsku).restocked.get(name) if fnsku else None

    def strays(self, day: date, fnsku: str | None, sku: str, asin: str | None) -> list[Movement]:
        """Rows that may be of a unit returned that day: no other unit's, of its item, about that day or later."""
        first, near = day - timedelta(days=STRAY_DAYS_BEFORE), day - timedelta(days=RESTOCK_DAYS)
        last = day + timedelta(days=STRAY_DAYS)
        rows = {
            row.ref.position: row
            for row in (
                *(row for name in (fnsku, sku, asin) if name for row in self._left(name)),
                *(row for row in self._graded if f".{sku}-" in (row.sku or "")),
            )
            if (near if not is_customer_return(row) else first) <= row.ref.day <= last
        }
        return sorted(rows.values(), key=lambda row: (row.ref.day, row.ref.slot))

    def _item(self, fnsku: str) -> _Item:
        known = self._items.get(fnsku)
        if known is None:
            told = self._returns.get(fnsku, ()), self._stock.get(fnsku, ())
            known = self._items[fnsku] = _Item(*told)
        return known

    def _left(self, name: str) -> Iterator[Movement]:
        """The rows left over of an FNSKU, SKU or ASIN."""
        for fnsku in self._named.get(name, ()):
            yield from (row for row in self._item(fnsku).left if name in _names(row))

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        """The FNSKUs, in order, of which rows of the ledger name an FNSKU, SKU or ASIN."""
        named: defaultdict[str, list[str]] = defaultdict(list)
        for fnsku in sorted(self._stock):
            for name in {name for row in self._stock[fnsku] for name in _names(row)}:
                named[name].append(fnsku)
        return dict(named)

    @cached_property
    def _graded(self) -> list[Movement]:
        """The rows left over under a SKU that Amazon made."""
        made = (name for name in self._named if is_amazon_made(name))
        fnskus = sorted({fnsku for name in made for fnsku in self._named[name]})
        return [row for one in fnskus for row in self._item(one).left if is_amazon_made(row.sku)]


_KNOWN: Final[WeakKeyDictionary[Book, Restocks]] = WeakKeyDictionary()


def restocks_in(book: Book) -> Restocks:
    """The account's restocked units; asked for when the book is complete."""
    known = _KNOWN.get(book)
    if known is None:
        known = _KNOWN[book] = Restocks(book)
    return known


def restock_of(book: Book, unit: ReturnedUnit) -> Restock | None:
    """The row that put a returned unit into stock, or None."""
    return book.ask(row_restocking, unit.returned.fnsku, unit.name)


def row_restocking(book: Book, fnsku: str | None, name: str) -> Restock | None:
    """The same by the unit's FNSKU and name."""
    return restocks_in(book).at(fnsku, name)


def strays_of(book: Book, returned: Return) -> list[Movement]:
    """Rows that may be a returned unit's: no other unit's, of its item, about its day or later."""
    return book.ask(strays_near, returned.ref.day, returned.fnsku, returned.sku, returned.asin)


def strays_near(
    book: Book, day: date, fnsku: str | None, sku: str, asin: str | None
) -> list[Movement]:
    """The same by the day of the return and the names of its item."""
    return restocks_in(book).strays(day, fnsku, sku, asin)


def is_customer_return(row: Movement) -> bool:
    """True for the inventory ledger's row of a unit that a customer sent back."""
    return code(row.kind).replace("_", "") == "CUSTOMERRETURNS"


def _names(row: Movement) -> set[str]:
    """What a row calls its item."""
    return {row.fnsku, row.sku or "", row.asin or ""} - {""}


def is_amazon_made(sku: str | None) -> bool:
    """True for a SKU under which Amazon itself sells a unit again."""
    return (sku or "").upper().startswith(AMAZON_MADE)


def _units(returns: Iterable[Return]) -> Iterator[_Wanting]:
    for returned in sorted(returns, key=_in_order):
        for number in range(1, returned.quantity + 1):
            yield _Wanting(ReturnedUnit(returned=returned, number=number))


def _in_order(one: Return | Movement) -> tuple[date, str]:
    ref = one.ref
    return ref.day, ref.slot


def _is_past(row: _Offered, unit: _Wanting, room: dict[int, int]) -> bool:
    """True for a row that neither this unit nor any later one can have."""
    return row.day < unit.first_day or room[row.position] <= 0


def _first_fitting(
    rows: list[_Offered], first: int, unit: _Wanting, room: dict[int, int], *, same: bool
) -> Movement | None:
    last_day, disposition = unit.last_day, unit.disposition
    for place in range(first, len(rows)):
        row = rows[place]
        if row.day > last_day:
            return None
        if room[row.position] > 0 and (not same or row.disposition == disposition):
            return row.row
    return None
