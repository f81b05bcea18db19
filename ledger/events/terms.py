"""What the seller sets for the whole account: what goods cost him, what they are, on which terms he sells."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.event import Deed
from ledger.values import Money

Trait = Literal[
    "apple",
    "amazon_device",
    "renewed",
    "free_return",
    "handmade",
    "certified_watch",
    "non_physical",
    "dangerous",
    "extra_large",
    "label_ineligible",
    "non_returnable",
]


class ProductDescribed(Deed, frozen=True, kw_only=True):
    """What the seller knows of one of his goods and no report tells; the last description stands."""

    TOPIC: ClassVar[str] = "product-described.v1"
    TIMELESS: ClassVar[bool] = True

    sku: str
    asin: str | None = None
    category: str | None = None
    """As the rules name it: `toys`, `electronics`."""
    traits: tuple[Trait, ...] = ()


class SourcingCostSet(Deed, frozen=True, kw_only=True):
    """What one unit costs the seller to make or buy, without freight, handling and customs."""

    TOPIC: ClassVar[str] = "sourcing-cost-set.v1"

    sku: str
    cost: Money
    invoice: str | None = None
    """SHA-256 of the invoice that shows it."""
    invoice_on: str | None = None


class ReturnPolicySet(Deed, frozen=True, kw_only=True):
    """The seller's own terms for returns, from this day on; Amazon's and the law's stand beside them."""

    TOPIC: ClassVar[str] = "return-policy-set.v1"

    marketplace: str | None = None
    """None for every store."""
    window_days: int | None = None
    """Days from delivery in which a return is taken."""
    guarantee_months: int | None = None
    """The seller's own guarantee, from delivery."""
    free_returns: bool = False
    """True where the seller pays the way back whatever the reason."""


class ReturnlessRuleSet(Deed, frozen=True, kw_only=True):
    """A rule of the seller's by which Amazon refunds without a return; it binds orders placed while it stood."""

    TOPIC: ClassVar[str] = "returnless-rule-set.v1"

    name: str
    active: bool = True
    marketplaces: tuple[str, ...] = ()
    """None named: all."""
    max_price: Money | None = None
    categories: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class ContactSet(Deed, frozen=True, kw_only=True):
    """The seller's contact details in Seller Central were brought up to date: the ways, never the details."""

    TOPIC: ClassVar[str] = "contact-set.v1"

    ways: tuple[Literal["email", "phone", "address"], ...]
