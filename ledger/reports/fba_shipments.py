"""Units that left Amazon's fulfilment centres for buyers, one line for each item of a shipment."""

from __future__ import annotations

from typing import Final

from ledger.event import order_stream
from ledger.events.orders import UnitsShipped
from ledger.report import Column, Part, Personal, ReportFormat, Row, RowTold, key

OWN_NAME: Final = "the seller's own name for it, which may be anything"
COUNTRY: Final = "the store says in which country it was sold, and a country alone names nobody"
SETTLED: Final = "the settlement tells what was paid"

KINDS: Final[dict[Personal, str]] = {
    "e-mail": "buyer-email",
    "name": "buyer-name recipient-name",
    "phone": "buyer-phone-number ship-phone-number",
    "address": "ship-address-1 ship-address-2 ship-address-3 "
    "bill-address-1 bill-address-2 bill-address-3",
    "place": "ship-city ship-state ship-postal-code bill-city bill-state bill-postal-code",
    "parcel": "tracking-number",
}
"""Who the buyer is and where the buyer lives; a parcel's number leads to the buyer's door."""

PERSONAL: Final = tuple(
    Column(name, required=False, personal=kind)
    for kind, names in KINDS.items()
    for name in names.split()
)


class FbaShipments(ReportFormat):
    """The FBA fulfilled shipments report, tab-separated with quoted text or as CSV."""

    name = "fba-shipments"
    title = "Amazon fulfilled shipments"
    amazon_type = "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL"
    download = "Seller Central > Reports > Fulfillment > Sales > Amazon fulfilled shipments"
    order_column = "amazon-order-id"
    columns = (
        Column("amazon-order-id"),
        Column("merchant-order-id", required=False, ignored=OWN_NAME),
        Column("shipment-id"),
        Column("shipment-item-id"),
        Column("amazon-order-item-id", required=False),
        Column("merchant-order-item-id", required=False, ignored=OWN_NAME),
        Column("purchase-date", required=False, ignored="the orders report tells it"),
        Column("payments-date", required=False, ignored=SETTLED),
        Column("shipment-date"),
        Column(
            "reporting-date",
            required=False,
            ignored="when the shipment was entered in the report, not when anything happened",
        ),
        Column("sku"),
        Column(
            "product-name", required=False, ignored="a title is changed at will and names no unit"
        ),
        Column("quantity-shipped"),
        Column("currency"),
        Column("item-price"),
        Column("item-tax"),
        Column("shipping-price"),
        Column("shipping-tax", required=False, ignored=SETTLED),
        Column("gift-wrap-price", required=False, ignored=SETTLED),
        Column("gift-wrap-tax", required=False, ignored=SETTLED),
        Column(
            "ship-service-level", required=False, ignored="how fast it was sent decides no claim"
        ),
        Column("item-promotion-discount"),
        Column("ship-promotion-discount", required=False, ignored=SETTLED),
        Column("carrier", required=False),
        Column(
            "estimated-arrival-date",
            required=False,
            ignored="it lies in the future, and what is expected has not happened",
        ),
        Column("fulfillment-center-id", required=False),
        Column("fulfillment-channel"),
        Column("sales-channel"),
        *PERSONAL,
        Column("ship-country", required=False, ignored=COUNTRY),
        Column("bill-country", required=False, ignored=COUNTRY),
    )

    def told(self, row: Row) -> RowTold:
        """Units left; Amazon's id of the shipment's item names the line."""
        shipped = _shipped(row)
        return RowTold(
            rows=(row.line,),
            stream=order_stream(shipped.order_id),
            keys=(key("fba-shipment", shipped.shipment_item_id),),
            parts=(Part(event=shipped, occurred_at=row.moment("shipment-date")),),
            money=() if shipped.price is None else (shipped.price,),
        )


def _shipped(row: Row) -> UnitsShipped:
    """Amounts are blank on multi-channel lines, which Amazon ships for another shop."""
    marketplace, programme = row.sold("sales-channel", "fulfillment-channel")
    return UnitsShipped(
        order_id=row.need("amazon-order-id"),
        shipment_id=row.text("shipment-id"),
        shipment_item_id=row.need("shipment-item-id"),
        order_item_id=row.text("amazon-order-item-id"),
        sku=row.need("sku"),
        quantity=row.number("quantity-shipped"),
        programme=programme,
        marketplace=marketplace,
        sales_channel=row.text("sales-channel"),
        fulfillment_center=row.text("fulfillment-center-id"),
        carrier=row.text("carrier"),
        price=row.money_in("item-price", "currency"),
        tax=row.money_in("item-tax", "currency"),
        shipping=row.money_in("shipping-price", "currency"),
        promotion=row.money_in("item-promotion-discount", "currency"),
    )
