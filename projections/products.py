"""Each product: how many units were shipped, refunded and returned, why, and what it cost the seller."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from ledger.book import Book
from ledger.case import Case
from projections.items import Item, items_of
from projections.liability import Liability, Posting
from projections.quantities import quantities_of
from projections.reasons import backs_of
from projections.tallying import (
    SMALL,
    Catalogue,
    Period,
    months_of,
    most_first,
    share,
    texts_of,
    units_out,
    wilson,
)

Trend = Literal["rising", "falling", "steady"]
RIPE: Final = timedelta(days=45)
"""A month of shipping is over when its last buyer had so long to return: 30 days, and the way back."""
REASONS_MAX: Final = 3


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """The units of one month of shipping, and how many of them have come back since."""

    shipped: int
    returned: int
    rate: float | None
    ripe: bool
    """False where buyers may still return them."""


class ProductRow(msgspec.Struct, frozen=True, kw_only=True):
    """One product in one store; its units are those shipped in the period, whatever became of them since."""

    account: str
    marketplace: str | None
    asin: str | None
    skus: tuple[str, ...]
    units_shipped: int
    units_refunded: int
    units_returned: int
    refund_rate: float | None
    """units_refunded / units_shipped."""
    return_rate: float | None
    """units_returned / units_shipped."""
    rate_low: float | None
    """Between rate_low and rate_high the true return rate lies, 19 times in 20 (Wilson's interval)."""
    rate_high: float | None
    small: bool
    """True where fewer than 30 units were shipped."""
    unplaced: int
    """Units that came back in the period of orders of which nothing tells when they were shipped."""
    reasons: dict[str, int]
    """The three most frequent."""
    dispositions: dict[str, int]
    lost: dict[str, str]
    """What the seller bore in the period, by currency: the liability of its party."""
    lost_provisional: dict[str, str]
    """What of it no report shows yet."""
    months: dict[str, Shipped]
    """By the month of shipping."""
    trend: Trend | None
    """The newest month that is over against those before it; None where they say too little."""


Product = tuple[str | None, str | None, str | None]
"""Marketplace, SKU, and the ASIN where no SKU is told."""


class _Tally:
    """What is known of one product."""

    def __init__(self) -> None:
        self.refunded = 0
        self.unplaced = 0
        self.shipped: Counter[str] = Counter()
        self.returned: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.dispositions: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.provisional: Counter[str] = Counter()

    def add(self, other: _Tally) -> None:
        self.refunded += other.refunded
        self.unplaced += other.unplaced
        for mine, theirs in zip(self._counters, other._counters, strict=True):
            mine.update(theirs)

    @property
    def _counters(self) -> tuple[Counter[str], ...]:
        return (
            self.shipped,
            self.returned,
            self.reasons,
            self.dispositions,
            self.lost,
            self.provisional,
        )


class Products:
    """The products of an account in a period, taken in case by case."""

    def __init__(self, account: str, period: Period, as_of: date) -> None:
        self._account = account
        self._period = period
        self._as_of = as_of
        self._catalogue = Catalogue()
        self._liability = Liability()
        self._tallies: dict[Product, _Tally] = {}

    def take(self, case: Case, book: Book) -> None:
        """What one case tells; the costs of stock and of removals belong to products, too."""
        for posting in self._liability.rows(case, book):
            if posting.party == "seller" and date.fromisoformat(posting.day) in self._period:
                self._bear(posting, case)
        if case.kind != "order":
            return
        shipped: dict[str, Counter[str]] = {}
        placed = set()
        for out in units_out(case):
            placed.add(out.sku)
            if out.day in self._period:
                shipped.setdefault(out.sku, Counter())[f"{out.day:%Y-%m}"] += out.quantity
        for item in items_of(case):
            self._catalogue.learn(item, case)
            if item.sku in shipped:
                self._count(item, case, book, shipped[item.sku])
            elif item.sku not in placed:
                self._count_unplaced(item, case)

    def add(self, later: Products) -> None:
        """What later cases told."""
        self._catalogue.add(later._catalogue)
        for product, tally in later._tallies.items():
            self._tallies.setdefault(product, _Tally()).add(tally)

    def rows(self, book: Book) -> list[ProductRow]:
        """The products that cost most units first."""
        self._catalogue.describe(book)
        tallies: dict[tuple[str, str], _Tally] = {}
        skus: dict[tuple[str, str], set[str]] = {}
        for (marketplace, sku, asin), tally in self._tallies.items():
            asin = asin or self._catalogue.asin_of(sku)
            key = (marketplace or "", f"asin {asin}" if asin else f"sku {sku or ''}")
            tallies.setdefault(key, _Tally()).add(tally)
            skus.setdefault(key, set()).update([sku] if sku else [])
        found = [self._row(key, tallies[key], skus[key]) for key in tallies]
        return sorted(found, key=_order)

    def _at(self, case: Case, sku: str | None, asin: str | None = None) -> _Tally:
        key = (case.marketplace, sku, None if sku else asin)
        return self._tallies.setdefault(key, _Tally())

    def _bear(self, posting: Posting, case: Case) -> None:
        tally = self._at(case, posting.sku, posting.asin)
        tally.lost[posting.currency] += posting.amount
        if posting.provisional:
            tally.provisional[posting.currency] += posting.amount

    def _count(self, item: Item, case: Case, book: Book, shipped: Counter[str]) -> None:
        """Units of an order, by the months in which they were shipped: the first shipped came back first."""
        tally = self._at(case, item.sku)
        units = quantities_of(item, case, book)
        tally.shipped.update(shipped)
        left = min(units.returned + units.returned_elsewhere, shipped.total())
        tally.refunded += min(units.refunded, shipped.total())
        for month in sorted(shipped):
            tally.returned[month] += min(left, shipped[month])
            left -= min(left, shipped[month])
        self._ask_why(item, case, tally)

    def _count_unplaced(self, item: Item, case: Case) -> None:
        units = sum(one.quantity for one in item.returns if one.ref.day in self._period)
        if units:
            self._at(case, item.sku).unplaced += units

    def _ask_why(self, item: Item, case: Case, tally: _Tally) -> None:
        for back in backs_of(item, case):
            tally.reasons[back.reason] += back.units
            tally.dispositions.update(back.dispositions)

    def _row(self, key: tuple[str, str], tally: _Tally, skus: set[str]) -> ProductRow:
        marketplace, name = key
        shipped, returned = tally.shipped.total(), tally.returned.total()
        interval = wilson(returned, shipped)
        months = self._months(tally)
        return ProductRow(
            account=self._account,
            marketplace=marketplace or None,
            asin=name.removeprefix("asin ") if name.startswith("asin ") else None,
            skus=tuple(sorted(skus)),
            units_shipped=shipped,
            units_refunded=tally.refunded,
            units_returned=returned,
            refund_rate=share(tally.refunded, shipped),
            return_rate=share(returned, shipped),
            rate_low=interval[0] if interval else None,
            rate_high=interval[1] if interval else None,
            small=shipped < SMALL,
            unplaced=tally.unplaced,
            reasons=most_first(tally.reasons, REASONS_MAX),
            dispositions=most_first(tally.dispositions),
            lost=texts_of(tally.lost),
            lost_provisional=texts_of(tally.provisional),
            months=months,
            trend=trend(list(months.values())),
        )

    def _months(self, tally: _Tally) -> dict[str, Shipped]:
        return {
            month: Shipped(
                shipped=tally.shipped[month],
                returned=tally.returned[month],
                rate=share(tally.returned[month], tally.shipped[month]),
                ripe=_last_day(month) + RIPE <= self._as_of,
            )
            for month in months_of(tally.shipped)
        }


def trend(months: Sequence[Shipped]) -> Trend | None:
    """Whether the newest month that is over differs from those before it by more than chance would.

    It rises where the interval of the newest month lies above the rate of all before it.
    """
    ripe = [month for month in months if month.ripe]
    if len(ripe) < 2:
        return None
    newest, before = ripe[-1], ripe[:-1]
    earlier = sum(month.shipped for month in before)
    if min(newest.shipped, earlier) < SMALL:
        return None
    rate = sum(month.returned for month in before) / earlier
    interval = wilson(newest.returned, newest.shipped)
    assert interval is not None, "a month with units has a rate"
    if interval[0] > rate:
        return "rising"
    return "falling" if interval[1] < rate else "steady"


def _last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


def _order(row: ProductRow) -> tuple[object, ...]:
    return -row.units_returned, -row.units_shipped, row.marketplace or "", row.asin or "", row.skus
