"""Units of removal orders that Amazon handed to a carrier."""

from __future__ import annotations

from typing import Final

from ledger.event import removal_stream
from ledger.events.removals import RemovalShipped
from ledger.report import Column, Part, ReportFormat, Row, RowTold, key

KNOWN_ORDER_TYPES: Final = frozenset(("Return", "Disposal", "Liquidations"))


class RemovalShipments(ReportFormat):
    """The removal shipment detail report; units cancelled or destroyed have no row in it."""

    name = "removal-shipments"
    title = "Removal shipment detail"
    amazon_type = "GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA"
    download = "Seller Central > Reports > Fulfillment > Removals > Removal shipment detail"
    columns = (
        Column(
            "request-date",
            required=False,
            ignored="the removal order detail tells when the removal was asked for",
        ),
        Column("order-id"),
        Column("shipment-date"),
        Column("sku"),
        Column("fnsku"),
        Column("disposition"),
        Column("shipped-quantity"),
        Column("carrier"),
        Column("tracking-number"),
        Column("removal-order-type"),
    )

    def told(self, row: Row) -> RowTold:
        """Units left for the seller with a carrier."""
        shipped = RemovalShipped(
            removal_order_id=row.need("order-id"),
            order_type=row.code("removal-order-type", KNOWN_ORDER_TYPES),
            sku=row.need("sku"),
            fnsku=row.need("fnsku"),
            disposition=row.text("disposition"),
            quantity=row.number("shipped-quantity"),
            carrier=row.text("carrier"),
            tracking_number=row.text("tracking-number"),
        )
        shipped_at = row.moment("shipment-date")
        return RowTold(
            rows=(row.line,),
            stream=removal_stream(shipped.removal_order_id),
            keys=(_key(shipped, shipped_at),),
            parts=(Part(event=shipped, occurred_at=shipped_at),),
        )


def _key(shipped: RemovalShipped, shipped_at: str) -> str:
    """The quantity names nothing: told anew with another one, the row is a revision."""
    return key(
        "removal-shipment",
        shipped.removal_order_id,
        shipped.sku,
        shipped.fnsku,
        shipped.disposition,
        shipped.tracking_number,
        shipped_at,
    )
