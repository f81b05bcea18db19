"""The seller's own rules for refunds without a return: those that stood when an order was placed bind it."""

from __future__ import annotations

from datetime import datetime

from ledger.book import Book
from ledger.case import Ref
from ledger.events.terms import ReturnlessRuleSet
from ledger.values import Money, is_day


def standing_rules(book: Book, placed: Ref) -> list[tuple[Ref, ReturnlessRuleSet]]:
    """The seller's rules as they stood at the order: each by what was set last before it."""
    found: dict[str, tuple[Ref, ReturnlessRuleSet]] = {}
    for ref, own in book.returnless_rules:
        if _is_before(ref, placed):
            found[own.name] = (ref, own)
    return [told for told in found.values() if told[1].active]


def is_for_others(
    own: ReturnlessRuleSet, store: str | None, price: Money | None, category: str | None
) -> bool:
    """True where the rule is surely for other stores, dearer goods or other categories."""
    if own.marketplaces and store is not None and store not in own.marketplaces:
        return True
    if _is_dearer(price, own.max_price):
        return True
    return bool(own.categories and category and category not in own.categories)


def _is_before(ref: Ref, placed: Ref) -> bool:
    """By the moment where both are told with one, else by the day, of which the whole counts."""
    if not (is_day(ref.occurred_at) or is_day(placed.occurred_at)):
        return datetime.fromisoformat(ref.occurred_at) <= datetime.fromisoformat(placed.occurred_at)
    return ref.day <= placed.day


def _is_dearer(price: Money | None, most: Money | None) -> bool:
    """True where both are known in one currency and the price is above the most."""
    if price is None or most is None or price.currency != most.currency:
        return False
    return price > most
