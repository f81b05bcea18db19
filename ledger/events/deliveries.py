"""How an order reached its buyer, as the seller or his carrier tells it: no report does."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.event import Deed
from ledger.values import Money


class OrderTold(Deed, frozen=True, kw_only=True):
    """The seller tells an order line that no report has told yet; the orders report, when it comes, counts."""

    TOPIC: ClassVar[str] = "order-told.v1"

    order_id: str
    sku: str
    asin: str | None = None
    quantity: int = 1
    programme: Literal["FBA", "FBM", "MCF"] = "FBM"
    marketplace: str
    price: Money
    """Of the whole line, tax included where the buyer pays it."""
    shipping: Money | None = None
    """What the buyer paid for the way out."""


class OrderDispatched(Deed, frozen=True, kw_only=True):
    """The seller handed an order to a carrier."""

    TOPIC: ClassVar[str] = "order-dispatched.v1"

    order_id: str
    sku: str | None = None
    carrier: str | None = None
    tracking: str | None = None
    claims_protected: bool = False
    """True where the label was bought through Amazon and shows the Claims Protected badge."""
    on_time: bool | None = None
    """Whether the carrier's first scan was in time; None where that is not known."""
    postage: Money | None = None
    """What the way out cost the seller."""
    deliver_by: str | None = None
    """The latest day of Amazon's estimated delivery."""


class OrderDelivered(Deed, frozen=True, kw_only=True):
    """The carrier delivered an order to its buyer."""

    TOPIC: ClassVar[str] = "order-delivered.v1"

    order_id: str
    sku: str | None = None
    """None for the whole order."""
    proof: Literal["signature", "gps", "scan"] | None = None
