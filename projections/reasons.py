"""Why buyers send things back: Amazon's reasons, how many units, and in what state they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal, get_args

import msgspec

from ledger.book import Book
from ledger.case import Case
from ledger.desk import graded
from projections.items import Item, items_of
from projections.tallying import SMALL, Catalogue, Period, months_of, most_first, share, units_out

By = Literal["sku", "asin", "marketplace"]
GROUPINGS: Final[tuple[By, ...]] = get_args(By)
WITHDRAWAL: Final = "withdrawal"
"""A buyer who withdraws from the contract needs no reason."""
NOT_TOLD: Final = "not_told"


class ReasonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One reason in one group; what the rows are grouped by is set."""

    account: str
    marketplace: str | None = None
    sku: str | None = None
    asin: str | None = None
    programme: str
    reason: str
    """Amazon's code, verbatim; `withdrawal` and `not_told` are ours."""
    units: int
    of: int
    """Units of the group that buyers sent or asked to send back, whatever the reason."""
    share: float | None
    """units / of."""
    units_shipped: int
    """Units of the group that were shipped in the same period."""
    rate: float | None
    """units / units_shipped; above 1 where what came back had been shipped before."""
    small: bool
    """True where one of the two is a number below 30."""
    months: dict[str, int]
    """Units by the month in which they were asked or sent back."""
    dispositions: dict[str, int]
    """What Amazon, or the seller who graded them, found these units to be."""


Product = tuple[str | None, str | None]
"""Marketplace and SKU."""


class _Cell:
    """What is known of one reason for one product."""

    def __init__(self) -> None:
        self.months: Counter[str] = Counter()
        self.dispositions: Counter[str] = Counter()

    def add(self, other: _Cell) -> None:
        self.months.update(other.months)
        self.dispositions.update(other.dispositions)


class Reasons:
    """Return reasons of an account in a period, taken in case by case."""

    def __init__(self, account: str, period: Period, by: By | None = None) -> None:
        self._account = account
        self._period = period
        self._by = by
        self._catalogue = Catalogue()
        self._shipped: Counter[Product] = Counter()
        self._cells: dict[tuple[Product, str, str], _Cell] = {}

    def take(self, case: Case, book: Book) -> None:
        """What one order tells."""
        if case.kind != "order":
            return
        for out in units_out(case):
            if out.day in self._period:
                self._shipped[case.marketplace, out.sku] += out.quantity
        for item in items_of(case):
            self._catalogue.learn(item, case)
            for one in backs_of(item, case):
                if one.day in self._period:
                    key = ((case.marketplace, item.sku), one.programme, one.reason)
                    cell = self._cells.setdefault(key, _Cell())
                    cell.months[f"{one.day:%Y-%m}"] += one.units
                    cell.dispositions.update(one.dispositions)

    def add(self, later: Reasons) -> None:
        """What later orders told."""
        self._catalogue.add(later._catalogue)
        self._shipped.update(later._shipped)
        for key, cell in later._cells.items():
            self._cells.setdefault(key, _Cell()).add(cell)

    def rows(self, book: Book) -> list[ReasonRow]:
        """Group by group, the most frequent reason first."""
        self._catalogue.describe(book)
        shipped: Counter[str | None] = Counter()
        for product, units in self._shipped.items():
            shipped[self._group(product)] += units
        cells: dict[tuple[str | None, str, str], _Cell] = {}
        of: Counter[str | None] = Counter()
        for (product, programme, reason), cell in self._cells.items():
            group = self._group(product)
            cells.setdefault((group, programme, reason), _Cell()).add(cell)
            of[group] += cell.months.total()
        months = months_of(month for cell in cells.values() for month in cell.months)
        found = [
            self._row(key, cell, of[key[0]], shipped[key[0]], months) for key, cell in cells.items()
        ]
        return sorted(found, key=lambda row: self._order(row, of))

    def _group(self, product: Product) -> str | None:
        marketplace, sku = product
        by = {"sku": sku, "asin": self._catalogue.asin_of(sku), "marketplace": marketplace}
        return by[self._by] if self._by else None

    def _order(self, row: ReasonRow, of: Counter[str | None]) -> tuple[object, ...]:
        group = getattr(row, self._by) if self._by else None
        return -of[group], group or "", -row.units, row.programme, row.reason

    def _row(
        self,
        key: tuple[str | None, str, str],
        cell: _Cell,
        of: int,
        shipped: int,
        months: list[str],
    ) -> ReasonRow:
        group, programme, reason = key
        units = cell.months.total()
        return ReasonRow(
            account=self._account,
            programme=programme,
            reason=reason,
            units=units,
            of=of,
            share=share(units, of),
            units_shipped=shipped,
            rate=share(units, shipped),
            small=min(of, shipped) < SMALL,
            months={month: cell.months[month] for month in months},
            dispositions=most_first(cell.dispositions),
            **({self._by: group} if self._by else {}),
        )


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """Units that a buyer sent back, or asked to, for one reason."""

    day: date
    programme: str
    reason: str
    units: int
    dispositions: Counter[str]


def backs_of(item: Item, case: Case) -> Iterator[Back]:
    """Returns to a fulfilment centre, and requests to the seller, each once, with the state of the units."""
    for returned in item.returns:
        if returned.programme != "FBM":
            yield Back(
                day=returned.ref.day,
                programme="FBA",
                reason=returned.reason or NOT_TOLD,
                units=returned.quantity,
                dispositions=Counter({returned.disposition or NOT_TOLD: returned.quantity}),
            )
    grades = _grades(item, case)
    for asked in item.asked:
        reason = asked.reason or (WITHDRAWAL if asked.withdrawal else NOT_TOLD)
        mine, grades = grades[: asked.quantity], grades[asked.quantity :]
        yield Back(
            day=asked.ref.day,
            programme="FBM",
            reason=reason,
            units=asked.quantity,
            dispositions=Counter(mine),
        )


def _grades(item: Item, case: Case) -> list[str]:
    """A state for each unit that the seller looked at, in order; something else than was sent is one, too."""
    if item.sku is None:
        return []
    return [
        getattr(deed, "condition", "wrong_item")
        for _, deed in graded(case, item.sku)
        for _ in range(deed.quantity)
    ]
