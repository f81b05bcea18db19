"""Orders placed, units shipped, replacements sent."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, OrderLine, Ref, Replacement, Shipment
from ledger.event import Event
from ledger.values import Money


class OrderPlaced(Event, frozen=True, kw_only=True):
    """A buyer ordered units of one SKU; amounts are of the whole line."""

    TOPIC: ClassVar[str] = "order-placed.v1"
    CARRIES: ClassVar[tuple[str, ...]] = ("status",)

    order_id: str
    sku: str
    asin: str | None = None
    quantity: int
    programme: str | None = None
    marketplace: str | None = None
    sales_channel: str | None = None
    price: Money | None = None
    tax: Money | None = None
    shipping: Money | None = None
    shipping_tax: Money | None = None
    gift_wrap: Money | None = None
    gift_wrap_tax: Money | None = None
    promotion: Money | None = None
    shipping_promotion: Money | None = None
    status: OrderStatusReported | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """One more line of the order."""
        case.lines.append(
            OrderLine(
                ref=ref,
                sku=self.sku,
                asin=self.asin,
                quantity=self.quantity,
                programme=self.programme,
                price=self.price,
            )
        )


class OrderStatusReported(Event, frozen=True, kw_only=True):
    """The orders report said how far an order line had come at its last update."""

    TOPIC: ClassVar[str] = "order-status-reported.v1"
    SNAPSHOT: ClassVar[bool] = True

    order_id: str
    order_status: str
    item_status: str | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """The latest status stands."""
        case.order_status[ref.slot] = self.order_status


class UnitsShipped(Event, frozen=True, kw_only=True):
    """Units left a fulfilment centre for the buyer; amounts are of the whole line."""

    TOPIC: ClassVar[str] = "units-shipped.v1"

    order_id: str
    shipment_id: str | None = None
    shipment_item_id: str
    order_item_id: str | None = None
    sku: str
    quantity: int
    programme: str | None = None
    marketplace: str | None = None
    sales_channel: str | None = None
    fulfillment_center: str | None = None
    carrier: str | None = None
    price: Money | None = None
    tax: Money | None = None
    shipping: Money | None = None
    promotion: Money | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """One more shipment of the order."""
        case.shipments.append(
            Shipment(
                ref=ref,
                sku=self.sku,
                quantity=self.quantity,
                programme=self.programme,
                price=self.price,
                promotion=self.promotion,
            )
        )


class ReplacementShipped(Event, frozen=True, kw_only=True):
    """Amazon sent the buyer the item again, free of charge, under an order id of its own."""

    TOPIC: ClassVar[str] = "replacement-shipped.v1"

    order_id: str
    replacement_order_id: str
    sku: str
    asin: str | None = None
    quantity: int
    reason: str | None = None
    fulfillment_center: str | None = None
    original_fulfillment_center: str | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """The original order's case knows its replacement."""
        case.replacements.append(
            Replacement(
                ref=ref,
                replacement_order_id=self.replacement_order_id,
                sku=self.sku,
                quantity=self.quantity,
                reason=self.reason,
            )
        )
