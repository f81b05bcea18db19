"""Amazon's reports of the invented seller's world: one function per report, the bytes as Amazon writes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from cli.demo.catalogue import FAMILY_NAMES, GIVEN_NAMES, STREETS, TOWNS
from cli.demo.world import (
    Line,
    Movement,
    Order,
    Reimbursement,
    Removal,
    Request,
    Return,
    World,
    english,
    pacific_day,
    pacific_offset,
)

FIRST_PULL_ENDS: Final = date(2026, 10, 16)
"""The first download of the returns report tells returns up to this day."""
SECOND_PULL_BEGINS: Final = date(2026, 9, 20)
"""The second one begins here: four weeks are told twice."""


# --- customer returns -----------------------------------------------------------------------------------

_RETURNS: Final = (
    "return-date\torder-id\tsku\tasin\tfnsku\tproduct-name\tquantity\tfulfillment-center-id\t"
    "detailed-disposition\treason\tstatus\tlicense-plate-number\tcustomer-comments"
)


def first_returns(world: World) -> Iterator[str]:
    """The returns report as it was downloaded in October."""
    early = [unit.first_told or unit for unit in world.returns]
    yield from returned([u for u in early if pacific_day(u.moment) <= FIRST_PULL_ENDS])


def second_returns(world: World) -> Iterator[str]:
    """The returns report as it was downloaded in November, overlapping the first."""
    yield from returned([u for u in world.returns if pacific_day(u.moment) >= SECOND_PULL_BEGINS])


def returned(units: list[Return]) -> Iterator[str]:
    """The returns report of these units, newest first."""
    yield _RETURNS
    for unit in sorted(units, key=lambda u: (u.moment, u.order_id, u.plate), reverse=True):
        product = unit.product
        yield (
            f"{_iso(unit.moment)}\t{unit.order_id}\t{product.sku}\t{product.asin}\t{product.fnsku}\t"
            f"{product.title}\t1\t{unit.fc}\t{unit.disposition}\t{unit.reason}\t{unit.status}\t"
            f"{unit.plate}\t{unit.comment}"
        )


# --- reimbursements -------------------------------------------------------------------------------------

_REIMBURSEMENTS: Final = (
    "approval-date\treimbursement-id\tcase-id\tamazon-order-id\treason\tsku\tfnsku\tasin\t"
    "product-name\tcondition\tcurrency-unit\tamount-per-unit\tamount-total\t"
    "quantity-reimbursed-cash\tquantity-reimbursed-inventory\tquantity-reimbursed-total\t"
    "original-reimbursement-id\toriginal-reimbursement-type"
)


def reimbursements(world: World) -> Iterator[str]:
    """The reimbursements report, newest first."""
    yield _REIMBURSEMENTS
    for paid in sorted(world.reimbursements, key=lambda p: (p.approved, p.amount), reverse=True):
        yield _reimbursement(paid)


def _reimbursement(paid: Reimbursement) -> str:
    product = paid.product
    approved = (
        f"{pacific_day(paid.approved)}T00:00:00+00:00" if paid.day_only else _iso(paid.approved)
    )
    return (
        f"{approved}\t{paid.reimbursement_id}\t{paid.case_id}\t{paid.order_id}\t{paid.reason}\t"
        f"{product.sku}\t{product.fnsku}\t{product.asin}\t{product.title}\tNewItem\tUSD\t"
        f"{_money(paid.amount_per_unit)}\t{_money(paid.amount)}\t{paid.cash}\t{paid.inventory}\t"
        f"{paid.cash + paid.inventory}\t{paid.original_id}\t{paid.original_type}"
    )


# --- inventory ledger -----------------------------------------------------------------------------------

_LEDGER: Final = (
    "Date|FNSKU|ASIN|MSKU|Title|Event Type|Reference ID|Quantity|Fulfillment Center|Disposition|"
    "Reason|Country|Reconciled Quantity|Unreconciled Quantity|Date and Time|Store"
).split("|")


def inventory_ledger(world: World) -> Iterator[str]:
    """The inventory ledger's detail view as Seller Central's CSV, every cell quoted."""
    yield ",".join(f'"{name}"' for name in _LEDGER)
    order = sorted(world.movements, key=lambda m: (m.day, m.kind, m.product.fnsku, m.quantity))
    for movement in reversed(order):
        yield _movement(movement)


def _movement(row: Movement) -> str:
    offset = "-0700" if row.day <= date(2026, 11, 1) else "-0800"
    cells = (
        f"{row.day:%m/%d/%Y}",
        row.product.fnsku,
        row.product.asin,
        row.product.sku,
        row.product.title.replace('"', '""'),
        row.kind,
        row.reference,
        str(row.quantity),
        row.fc,
        row.disposition,
        row.reason,
        "US",
        str(row.reconciled),
        str(row.unreconciled),
        f"{row.day}T00:00:00{offset}",
        "",
    )
    return '"' + '","'.join(cells) + '"'


# --- orders, shipments, replacements --------------------------------------------------------------------

_ORDERS: Final = (
    "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\t"
    "fulfillment-channel\tsales-channel\torder-channel\turl\tship-service-level\tproduct-name\tsku\t"
    "asin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\t"
    "gift-wrap-price\tgift-wrap-tax\titem-promotion-discount\tship-promotion-discount\tship-city\t"
    "ship-state\tship-postal-code\tship-country\tpromotion-ids\tsignature-confirmation-recommended "
)


def all_orders(world: World) -> Iterator[str]:
    """The orders report by order date, newest first."""
    yield _ORDERS
    for order in sorted(world.orders, key=lambda o: (o.purchased, o.order_id), reverse=True):
        for line in order.lines:
            yield _order(order, line)


def _order(order: Order, line: Line) -> str:
    town, state, postcode = TOWNS[order.buyer % len(TOWNS)]
    updated = order.shipped + timedelta(hours=3) if order.shipped else order.purchased
    priced = order.programme != "MCF" and not order.replacement and order.status != "Cancelled"
    count = line.quantity
    cells = (
        order.order_id,
        order.order_id,
        _iso(order.purchased),
        _iso(updated),
        order.status,
        "Merchant" if order.programme == "FBM" else "Amazon",
        "Non-Amazon" if order.programme == "MCF" else "Amazon.com",
        "",
        "",
        "Standard" if order.programme == "FBM" else "Expedited",
        line.product.title,
        line.product.sku,
        line.product.asin,
        "Unshipped" if order.status == "Pending" else order.status,
        str(0 if order.status == "Cancelled" else count),
        "USD" if priced else "",
        _short(line.product.price * count) if priced else "",
        _short(line.unit_tax * count) if priced and line.unit_tax else "",
        _short(line.shipping * count) if priced and line.shipping else "",
        "",
        "",
        "",
        _short(line.promotion * count) if line.promotion else "",
        "",
        town,
        state,
        postcode,
        "US",
        "FALL-SAVINGS 10OFF" if line.promotion else "",
        "false",
    )
    return "\t".join(cells)


_SHIPMENTS: Final = (
    "amazon-order-id\tmerchant-order-id\tshipment-id\tshipment-item-id\tamazon-order-item-id\t"
    "merchant-order-item-id\tpurchase-date\tpayments-date\tshipment-date\treporting-date\t"
    "buyer-email\tbuyer-name\tbuyer-phone-number\tsku\tproduct-name\tquantity-shipped\tcurrency\t"
    "item-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\tgift-wrap-tax\t"
    "ship-service-level\trecipient-name\tship-address-1\tship-address-2\tship-address-3\tship-city\t"
    "ship-state\tship-postal-code\tship-country\tship-phone-number\tbill-address-1\tbill-address-2\t"
    "bill-address-3\tbill-city\tbill-state\tbill-postal-code\tbill-country\t"
    "item-promotion-discount\tship-promotion-discount\tcarrier\ttracking-number\t"
    "estimated-arrival-date\tfulfillment-center-id\tfulfillment-channel\tsales-channel"
)


def fulfilled_shipments(world: World) -> Iterator[str]:
    """What Amazon's centres shipped; the personal columns hold people who do not exist."""
    yield _SHIPMENTS
    for order in sorted(world.orders, key=lambda o: (o.shipped or o.purchased, o.order_id)):
        if order.shipped is not None and order.programme != "FBM":
            for line in order.lines:
                yield _shipment(order, order.shipped, line)


def _shipment(order: Order, shipped: datetime, line: Line) -> str:
    number = order.buyer
    town, state, postcode = TOWNS[number % len(TOWNS)]
    given = GIVEN_NAMES[number // 7 % len(GIVEN_NAMES)]
    family = FAMILY_NAMES[number // 11 % len(FAMILY_NAMES)]
    street = f"{number % 900 + 100} {STREETS[number // 13 % len(STREETS)]}"
    phone = f"+1 555-01{number % 100:02d}"
    multi_channel = order.programme == "MCF"
    count = 0 if order.replacement else line.quantity
    money = (line.product.price * count, line.unit_tax * count, line.shipping * count, 0, 0, 0)
    blank = [""] * 6
    cells = [
        order.order_id,
        f"#{number % 90_000 + 10_000}" if multi_channel else "",
        line.shipment_id,
        line.shipment_item_id,
        line.item_code,
        line.product.sku if multi_channel else "",
        _local(order.purchased),
        "" if multi_channel else _local(shipped),
        _local(shipped),
        _local(shipped + timedelta(hours=1)),
        "" if multi_channel else f"{given.lower()}{number % 1000}@buyer.example",
        f"{given} {family}",
        phone,
        line.product.sku,
        line.product.title,
        str(line.quantity),
        "USD",
        *(blank if multi_channel else [_money(amount) for amount in money]),
        "Standard" if multi_channel else "Expedited",
        f"{given} {family}",
        street,
        "",
        "",
        town,
        state,
        postcode,
        "US",
        phone,
        *([""] * 7),
        "" if multi_channel else _money(-line.promotion * count),
        "" if multi_channel else "0.00",
        "AMZN_US",
        f"TBA{line.item_code[:12]}",
        _local(shipped + timedelta(days=3)),
        line.fc,
        "AFN",
        "Non-Amazon" if multi_channel else "Amazon.com",
    ]
    return "\t".join(cells)


_REPLACEMENTS: Final = (
    "shipment-date\tsku\tasin\tfulfillment-center-id\toriginal-fulfillment-center-id\tquantity\t"
    "replacement-reason-code\treplacement-amazon-order-id\toriginal-amazon-order-id"
)


def replacements(world: World) -> Iterator[str]:
    """The FBA replacements report, newest first."""
    yield _REPLACEMENTS
    for again in sorted(world.replacements, key=lambda r: r.order.purchased, reverse=True):
        line = again.order.line
        shipped = again.order.shipped or again.order.purchased
        yield (
            f"{_iso(shipped)}\t{line.product.sku}\t{line.product.asin}\t{line.fc}\t"
            f"{again.original.line.fc}\t1\t{again.reason}\t{again.order.order_id}\t"
            f"{again.original.order_id}"
        )


# --- seller-fulfilled returns ---------------------------------------------------------------------------

_REQUESTS: Final = (
    "Order ID\tOrder date\tReturn request date\tReturn request status\tAmazon RMA ID\t"
    "Merchant RMA ID\tLabel type\tLabel cost\tCurrency code\tReturn carrier\tTracking ID\t"
    "Label to be paid by\tA-to-Z Claim\tIs prime\tASIN\tMerchant SKU\tItem Name\tReturn quantity\t"
    "Return Reason\tIn policy\tReturn type\tResolution\tInvoice number\tReturn delivery date\t"
    "Order Amount\tOrder quantity\tSafeT Action reason\tSafeT claim id\tSafeT claim state\t"
    "SafeT claim creation time\tSafeT claim reimbursement amount\tRefunded Amount"
)


def seller_fulfilled_returns(world: World) -> Iterator[str]:
    """The seller-fulfilled returns report by return date; blanks are one space, as Amazon leaves them."""
    yield _REQUESTS
    for request in sorted(world.requests, key=lambda r: (r.day, r.rma_id)):
        yield _request(request)


def _request(request: Request) -> str:
    order, line = request.order, request.order.line
    claim = request.safe_t or ("", "", "", "", 0)
    cells = (
        order.order_id,
        english(pacific_day(order.purchased)),
        english(request.day),
        request.status,
        request.rma_id,
        " ",
        "AmazonPrePaidLabel",
        "5.84",
        "USD",
        "USPS",
        f"9400{line.item_code}",
        "Seller",
        "Y" if request.a_to_z else "N",
        "N",
        line.product.asin,
        line.product.sku,
        line.product.title,
        "1",
        request.reason,
        "Y",
        "C-Returns",
        request.resolution,
        " ",
        english(request.received) if request.received else " ",
        _money((line.product.price + line.shipping) * line.quantity),
        str(line.quantity),
        *claim[:4],
        _money(claim[4]) if request.safe_t else "",
        "" if request.refunded is None else _money(request.refunded),
    )
    return "\t".join(cells)


# --- removals -------------------------------------------------------------------------------------------

_REMOVAL_ORDERS: Final = (
    "request-date\torder-id\torder-type\tservice-speed\torder-status\tlast-updated-date\tsku\tfnsku\t"
    "disposition\trequested-quantity\tcancelled-quantity\tdisposed-quantity\tshipped-quantity\t"
    "in-process-quantity\tremoval-fee\tcurrency"
)
_REMOVAL_SHIPMENTS: Final = (
    "request-date\torder-id\tshipment-date\tsku\tfnsku\tdisposition\tshipped-quantity\tcarrier\t"
    "tracking-number\tremoval-order-type"
)


def removal_orders(world: World) -> Iterator[str]:
    """The removal order detail report."""
    yield _REMOVAL_ORDERS
    for removal in _by_request(world):
        yield (
            f"{_local(removal.requested_at)}\t{removal.order_id}\t{removal.kind}\tStandard\t"
            f"{removal.status}\t{_local(removal.updated_at)}\t{removal.product.sku}\t"
            f"{removal.product.fnsku}\t{removal.disposition}\t{removal.requested}\t"
            f"{removal.cancelled}\t{removal.disposed}\t{removal.shipped}\t{removal.in_process}\t"
            f"{_money(removal.fee)}\tUSD"
        )


def removal_shipments(world: World) -> Iterator[str]:
    """The removal shipment detail report."""
    yield _REMOVAL_SHIPMENTS
    for removal in _by_request(world):
        for parcel in removal.parcels:
            yield (
                f"{_local(removal.requested_at)}\t{removal.order_id}\t{_local(parcel.moment)}\t"
                f"{removal.product.sku}\t{removal.product.fnsku}\t{removal.disposition}\t"
                f"{parcel.quantity}\t{parcel.carrier}\t{parcel.tracking}\t{removal.kind}"
            )


def _by_request(world: World) -> list[Removal]:
    return sorted(world.removals, key=lambda r: (r.requested_at, r.order_id))


# --- how Amazon writes dates and amounts ----------------------------------------------------------------


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _local(moment: datetime) -> str:
    offset = pacific_offset(moment)
    hours = int(offset.total_seconds()) // 3600
    return f"{(moment + offset).isoformat()[:19]}-{-hours:02d}:00"


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _short(cents: int) -> str:
    """The orders report drops a last zero: 7.1, 4.0."""
    text = _money(cents)
    return text.removesuffix("0")
