"""Every order line that buyers placed, and how far it had come at its last update."""

from __future__ import annotations

from typing import Final

from ledger.event import order_stream
from ledger.events.orders import OrderPlaced, OrderStatusReported
from ledger.report import Column, Part, Personal, ReportFormat, Row, RowTold, key

KNOWN_ORDER_STATUSES: Final = frozenset(
    [
        "Cancelled",
        "Complete",
        "Pending",
        "PendingAvailability",
        "Shipped",
        "Shipped - Delivered to Buyer",
        "Shipped - Lost in Transit",
        "Shipped - Out for Delivery",
        "Shipped - Picked Up",
        "Shipped - Rejected by Buyer",
        "Shipped - Returned to Seller",
        "Shipped - Returning to Seller",
        "Shipping",
        "Unshipped",
    ]
)
KNOWN_ITEM_STATUSES: Final = frozenset(["Cancelled", "Shipped", "Unshipped"])

COUNTRY: Final = "the store says in which country it was sold, and a country alone names nobody"
BUYER: Final = "of the buyer's business, and no rule asks for it"


MORE: Final[dict[Personal, str]] = {
    "address": "ship-address-1 ship-address-2 ship-address-3 delivery-instructions",
    "comment": "gift-message-text",
    "phone": "ship-phone-number",
    "place": "ship-county",
}
"""Personal columns of the reports that only sellers who ship to buyers themselves may ask for."""


class AllOrders(ReportFormat):
    """The orders report by order date or last update, in its forms of 30 and more columns."""

    name = "all-orders"
    title = "All orders"
    amazon_type = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
    download = "Seller Central > Reports > Fulfillment > Sales > All orders"
    tells_own_time = True
    order_column = "amazon-order-id"
    columns = (
        Column("amazon-order-id"),
        Column(
            "merchant-order-id",
            required=False,
            ignored="the seller's own name for the order, which may be anything",
        ),
        Column("purchase-date"),
        Column("last-updated-date"),
        Column("order-status"),
        Column("fulfillment-channel"),
        Column("sales-channel"),
        Column("order-channel", required=False, ignored="blank in every file seen"),
        Column("url", required=False, personal="link"),
        Column(
            "ship-service-level", required=False, ignored="how fast it was sent decides no claim"
        ),
        Column(
            "product-name",
            required=False,
            ignored="a title is changed at will; SKU and ASIN are not",
        ),
        Column("sku"),
        Column("asin"),
        Column("item-status", required=False),
        Column("quantity"),
        Column("currency"),
        Column("item-price"),
        Column("item-tax"),
        Column("shipping-price"),
        Column("shipping-tax"),
        Column("gift-wrap-price"),
        Column("gift-wrap-tax"),
        Column("item-promotion-discount"),
        Column("ship-promotion-discount"),
        Column("ship-city", required=False, personal="place"),
        Column("ship-state", required=False, personal="place"),
        Column("ship-postal-code", required=False, personal="place"),
        Column("ship-country", required=False, ignored=COUNTRY),
        Column(
            "promotion-ids", required=False, ignored="names of promotions; their amounts are read"
        ),
        Column(
            "signature-confirmation-recommended",
            required=False,
            ignored="a hint for shipping the order, settled once it is shipped",
        ),
        Column("order-item-id", required=False),
        Column("cpf", required=False, personal="tax number"),
        Column("buyer-name", required=False, personal="name"),
        Column("buyer-email", required=False, personal="e-mail"),
        Column("buyer-phone-number", required=False, personal="phone"),
        Column("recipient-name", required=False, personal="name"),
        *(
            Column(name, required=False, personal=kind)
            for kind, names in MORE.items()
            for name in names.split()
        ),
        Column("buyer-company-name", required=False, personal="business"),
        Column("buyer-cst-category", required=False, ignored=BUYER),
        Column("buyer-tax-registration-id", required=False, personal="tax number"),
        Column("is-business-order", required=False, ignored=BUYER),
        Column("purchase-order-number", required=False, personal="business"),
        Column("price-designation", required=False, ignored=BUYER),
        Column("customized-url", required=False, personal="link"),
        Column("customized-page", required=False, personal="link"),
        Column("is-sold-by-ab", required=False, ignored="an invoicing mark that decides no claim"),
        Column("is-iba", required=False, ignored="an invoicing mark that decides no claim"),
        Column(
            "is-amazon-invoiced", required=False, ignored="an invoicing mark that decides no claim"
        ),
        Column(
            "is-heavy-or-bulky", required=False, ignored="a shipping mark that decides no claim"
        ),
        Column(
            "is-replacement-order", required=False, ignored="the replacements report tells them"
        ),
        Column("original-order-id", required=False, ignored="the replacements report tells them"),
        Column("is-transparency", required=False, ignored="a labelling mark that decides no claim"),
        Column("default-ship-from-address", required=False, personal="address"),
        Column("payment-method-details", required=False, personal="payment"),
        Column("actual-ship-from-address", required=False, personal="address"),
        Column("vat-exclusive-item-price", required=False, ignored="worked out from price and tax"),
        Column(
            "vat-exclusive-shipping-price", required=False, ignored="worked out from price and tax"
        ),
        Column(
            "vat-exclusive-giftwrap-price", required=False, ignored="worked out from price and tax"
        ),
    )

    def told(self, row: Row) -> RowTold:
        """A line was ordered; its status is dated by the row's last update."""
        placed = _placed(row)
        updated_at = row.moment("last-updated-date")
        status = OrderStatusReported(
            order_id=placed.order_id,
            order_status=row.code("order-status", KNOWN_ORDER_STATUSES) or row.need("order-status"),
            item_status=row.code("item-status", KNOWN_ITEM_STATUSES),
        )
        return RowTold(
            rows=(row.line,),
            stream=order_stream(placed.order_id),
            keys=_keys(placed, row.text("order-item-id")),
            parts=(
                Part(event=placed, occurred_at=row.moment("purchase-date")),
                Part(event=status, suffix="status", occurred_at=updated_at),
            ),
            told_at=updated_at,
            money=() if placed.price is None else (placed.price,),
        )


def _placed(row: Row) -> OrderPlaced:
    """Amounts are blank on pending and cancelled lines, where the currency is blank too."""
    marketplace, programme = row.sold("sales-channel", "fulfillment-channel")
    return OrderPlaced(
        order_id=row.need("amazon-order-id"),
        sku=row.need("sku"),
        asin=row.text("asin"),
        quantity=row.number("quantity"),
        programme=programme,
        marketplace=marketplace,
        sales_channel=row.text("sales-channel"),
        price=row.money_in("item-price", "currency"),
        tax=row.money_in("item-tax", "currency"),
        shipping=row.money_in("shipping-price", "currency"),
        shipping_tax=row.money_in("shipping-tax", "currency"),
        gift_wrap=row.money_in("gift-wrap-price", "currency"),
        gift_wrap_tax=row.money_in("gift-wrap-tax", "currency"),
        promotion=row.money_in("item-promotion-discount", "currency"),
        shipping_promotion=row.money_in("ship-promotion-discount", "currency"),
    )


def _keys(placed: OrderPlaced, item_id: str | None) -> tuple[str, ...]:
    """One order may hold one SKU on two lines; only a newer form of the report tells them apart."""
    told_by_all = key("order-line", placed.order_id, placed.sku, placed.asin)
    if item_id is None:
        return (told_by_all,)
    return (key("order-item", placed.order_id, item_id), told_by_all)
