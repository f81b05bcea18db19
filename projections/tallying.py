"""What the reports have in common: a period, what was shipped when, rates that say of how many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from statistics import median
from typing import Final

import msgspec

from ledger.book import Book
from ledger.case import Case
from ledger.desk import lines_of, skus_of
from ledger.values import Money, code
from projections.items import Item, asin_of

SMALL: Final = 30
"""Of fewer than so many a rate says little."""
Z: Final = 1.959964
"""The normal distribution's 97.5 % point: an interval that holds 19 times in 20."""
PLACES: Final = 4


class Period(msgspec.Struct, frozen=True):
    """Days, both ends included; an end of None is open."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Out(msgspec.Struct, frozen=True):
    """Units of one SKU that left for the buyer on a day."""

    sku: str
    day: date
    quantity: int


def units_out(case: Case) -> Iterator[Out]:
    """What was shipped when, by whichever of shipments, sales and order lines tells of most units."""
    for sku in skus_of(case):
        told = [
            [Out(sku, one.ref.day, one.quantity) for one in case.shipments if one.sku == sku],
            [Out(sku, one.ref.day, one.quantity) for one in case.sales if one.sku == sku],
            [
                Out(sku, line.ref.day, line.quantity)
                for line in lines_of(case, sku)
                if code(case.order_status.get(line.ref.slot, "")) != "CANCELLED"
            ],
        ]
        yield from max(told, key=lambda source: sum(one.quantity for one in source))


class Catalogue:
    """The ASIN of each SKU, by whatever order or description told it last."""

    def __init__(self) -> None:
        self._asins: dict[str, str] = {}

    def learn(self, item: Item, case: Case) -> None:
        """Take in what an order tells of an item."""
        if item.sku and (asin := asin_of(item)):
            self._asins[item.sku] = asin

    def add(self, later: Catalogue) -> None:
        """Take in what later orders told."""
        self._asins.update(later._asins)

    def describe(self, book: Book) -> None:
        """What the seller says of his goods fills in what no report tells."""
        for sku, product in book.products.items():
            if product.asin:
                self._asins.setdefault(sku, product.asin)

    def asin_of(self, sku: str | None) -> str | None:
        """The ASIN of a SKU; None where nothing tells it."""
        return self._asins.get(sku or "")


def share(count: int, of: int) -> float | None:
    """A part of a whole; None of nothing."""
    return round(count / of, PLACES) if of else None


def wilson(count: int, of: int) -> tuple[float, float] | None:
    """Between which rates the true one lies, 19 times in 20, when so many of so many were seen (Wilson 1927)."""
    if not of:
        return None
    rate, part = count / of, Z * Z / of
    centre = (rate + part / 2) / (1 + part)
    half = Z / (1 + part) * math.sqrt(rate * (1 - rate) / of + part / (4 * of))
    return round(max(centre - half, 0), PLACES), round(min(centre + half, 1), PLACES)


def middle(values: Sequence[float]) -> float | None:
    """The median, to one decimal."""
    return round(float(median(values)), 1) if values else None


def ninetieth(values: Sequence[float]) -> float | None:
    """The value that nine of ten do not exceed (nearest rank), to one decimal."""
    if not values:
        return None
    return round(float(sorted(values)[math.ceil(len(values) * 0.9) - 1]), 1)


def most_first(counts: Mapping[str, int], most: int | None = None) -> dict[str, int]:
    """The largest first, equals by name."""
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return dict(ranked[:most])


def texts_of(sums: Counter[str]) -> dict[str, str]:
    """Amounts by currency, as decimal texts; zeros are left out."""
    return {
        currency: Money(minor, currency).text for currency, minor in sorted(sums.items()) if minor
    }


def months_of(days: Iterable[str]) -> list[str]:
    """Every month from the first to the last of these, those without anything too."""
    told = sorted(set(days))
    if not told:
        return []
    year, month = int(told[0][:4]), int(told[0][5:7])
    found = [told[0]]
    while found[-1] < told[-1]:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        found.append(f"{year:04}-{month:02}")
    return found
