"""What a buyer bought, got and asked for, and what he may do with it.

told = bought("DE", "2025-11-10", delivered="2025-11-13", category="toys")
told.right("return_window", on="2025-11-20").due_at
"""

from __future__ import annotations

from typing import Any, Final

from ledger.events.arrivals import UnitGraded, UnitsReceived
from ledger.events.deliveries import OrderDelivered
from ledger.events.refunds import RefundGiven, RefundPart
from ledger.events.terms import ProductDescribed, ReturnPolicySet, Trait
from ledger.ruling import Ruling
from tests.ledger.account import ORDER, SKU
from tests.ledger.desk import Desk

LONG_AFTER: Final = "2026-11-20"


class Buyer(Desk):
    """One account of which a buyer's rights are asked."""

    def right(self, policy: str, what: str = "", *, on: str = LONG_AFTER) -> Ruling:
        """The one right of a policy, or the one of which these words are said."""
        (found,) = [one for one in self.rulings(policy, on=on) if what in one.what]
        return found

    def costs(self, policy: str, *, on: str = LONG_AFTER) -> list[tuple[str, str | None]]:
        """Who bears how much by one policy, in its order."""
        return [
            (str(one.bearer), str(one.amount) if one.amount else None)
            for one in self.rulings(policy, on=on)
            if one.kind == "cost"
        ]

    def refunds(self, at: str, amount: str, **more: Any) -> Buyer:
        """The seller refunded the goods, unless said otherwise."""
        parts = more.pop("parts", None) or (RefundPart("item", self.money(amount)),)
        told = {"by": "seller", "trigger": "manual", "sku": SKU, **more}
        return self.says(RefundGiven(order_id=ORDER, parts=parts, **told), at)

    def gets_back(self, at: str, condition: str | None = "as_new", quantity: int = 1) -> Buyer:
        """Units came back and were graded, unless nobody looked at them."""
        self.says(UnitsReceived(order_id=ORDER, sku=SKU, quantity=quantity), at)
        if condition is not None:
            grade = UnitGraded(order_id=ORDER, sku=SKU, condition=condition, quantity=quantity)  # type: ignore[arg-type]
            self.says(grade, at)
        return self

    def sets_terms(self, on: str = "2020-01-01", **terms: object) -> Buyer:
        """The seller sets his own terms for returns."""
        return self.says_of_account(ReturnPolicySet(**terms), on)  # type: ignore[arg-type]


def bought(
    store: str,
    on: str,
    *,
    delivered: str | None,
    category: str | None = None,
    traits: tuple[Trait, ...] = (),
    programme: str = "FBM",
) -> Buyer:
    """One unit, bought in a store on a day and delivered on another one, if that is told."""
    told = Buyer(store).ordered(on, price="100.00", programme=programme)
    if category or traits:
        told.says_of_account(ProductDescribed(sku=SKU, category=category, traits=traits), on)
    if delivered:
        told.says(OrderDelivered(order_id=ORDER), delivered)
    return told
