"""The rights to each SKU of an order, as the policies ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar

from ledger import desk
from ledger.book import Book
from ledger.case import Case
from ledger.policy import Policy
from ledger.rights import amazon, law, seller
from ledger.rights.right import FOR_ANY_REASON, Basis, Right, basis_of, judged
from ledger.ruling import Ruling


class RightsPolicy(Policy):
    """Says what a buyer may do: it claims nothing, and costs nothing."""

    claims: ClassVar[bool] = False

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """Every right that this policy knows of, where a buyer or the seller told more than a sale."""
        if concerns(case):
            yield from self.rights(case, book, as_of)

    def rights(self, case: Case, book: Book, day: date) -> Iterator[Ruling]:
        """The same for any order, were it only sold so far."""
        for basis in bases(case, book, day):
            for right in self.tells(basis):
                yield judged(basis, right)

    def tells(self, basis: Basis) -> Iterable[Right]:
        """The rights to one SKU that this policy knows of."""
        raise NotImplementedError


def concerns(case: Case) -> bool:
    """True for an order of which a buyer or the seller told more than that it was sold."""
    return case.kind == "order" and bool(case.deeds or case.requests)


def bases(case: Case, book: Book, day: date) -> Iterator[Basis]:
    """What the rights to each SKU of an order rest on; a multi-channel order was bought in no Amazon store."""
    if case.kind != "order":
        return
    asked = [request.sku for request in desk.requests_of(case)]
    for sku in dict.fromkeys([*desk.skus_of(case), *asked]):
        if desk.programme_of(case, sku) != "MCF":
            yield basis_of(case, book, sku, day)


def windows_of(basis: Basis) -> list[Right]:
    """Amazon's window, and the one before it while that was still taken."""
    before = amazon.transition(basis)
    return [amazon.window(basis), *([before] if before else [])]


def holiday_of(basis: Basis) -> list[Right]:
    """The extension for what is bought before Christmas, where there is one."""
    right = amazon.holiday(basis)
    return [right] if right else []


def own_window_of(basis: Basis) -> list[Right]:
    """The days that the seller's own terms name."""
    right = seller.own_window(basis)
    return [right] if right else []


def guarantee_of(basis: Basis) -> list[Right]:
    """The seller's own guarantee."""
    right = seller.guarantee(basis)
    return [right] if right else []


def law_of(basis: Basis) -> list[Right]:
    """Withdrawal first, then defects."""
    withdrawal = law.withdrawal(basis)
    return [*([withdrawal] if withdrawal else []), *law.defects(basis)]


def any_reason(basis: Basis) -> list[Right]:
    """Every right that asks for no reason: of these the later wins."""
    found = [*windows_of(basis), *holiday_of(basis), *own_window_of(basis), *law_of(basis)]
    return [right for right in found if right.kind in FOR_ANY_REASON]
