"""Items that Amazon sent to buyers once more, free of charge, for an earlier order."""

from __future__ import annotations

from ledger.event import order_stream
from ledger.events.orders import ReplacementShipped
from ledger.report import Column, Part, ReportFormat, Row, RowTold, key


class FbaReplacements(ReportFormat):
    """The FBA replacements report: the original order beside the order that replaces it."""

    name = "fba-replacements"
    title = "FBA replacements"
    amazon_type = "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA"
    download = "Seller Central > Reports > Fulfillment > Customer concessions > Replacements"
    order_column = "original-amazon-order-id"
    columns = (
        Column("shipment-date"),
        Column("sku"),
        Column("asin"),
        Column("fulfillment-center-id"),
        Column("original-fulfillment-center-id"),
        Column("quantity"),
        Column("replacement-reason-code"),
        Column("replacement-amazon-order-id"),
        Column("original-amazon-order-id"),
    )

    def told(self, row: Row) -> RowTold:
        """The buyer was sent the item again; the fact belongs to the original order."""
        shipped = ReplacementShipped(
            order_id=row.need("original-amazon-order-id"),
            replacement_order_id=row.need("replacement-amazon-order-id"),
            sku=row.need("sku"),
            asin=row.text("asin"),
            quantity=row.units("quantity"),
            reason=row.text("replacement-reason-code"),
            fulfillment_center=row.text("fulfillment-center-id"),
            original_fulfillment_center=row.text("original-fulfillment-center-id"),
        )
        shipped_at = row.moment("shipment-date")
        return RowTold(
            rows=(row.line,),
            stream=order_stream(shipped.order_id),
            keys=(_key(shipped, shipped_at),),
            parts=(Part(event=shipped, occurred_at=shipped_at),),
        )


def _key(shipped: ReplacementShipped, shipped_at: str) -> str:
    return key(
        "fba-replacement",
        shipped.replacement_order_id,
        shipped.order_id,
        shipped.sku,
        shipped_at,
        shipped.fulfillment_center,
    )
