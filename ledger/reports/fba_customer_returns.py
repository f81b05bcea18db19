"""Units that customers sent back to Amazon's fulfilment centres, as graded there."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ledger.event import order_stream
from ledger.events.returns import ReturnStatusReported, UnitIdentified, UnitReturned
from ledger.report import Column, Part, ReportFormat, Row, RowTold, key

KNOWN_DISPOSITIONS: Final = frozenset(
    ["SELLABLE", "DAMAGED", "CUSTOMER_DAMAGED", "DEFECTIVE", "CARRIER_DAMAGED", "EXPIRED"]
)

KNOWN_REASONS: Final = frozenset(
    [
        "APPAREL_STYLE",
        "APPAREL_TOO_LARGE",
        "APPAREL_TOO_SMALL",
        "DAMAGED_BY_CARRIER",
        "DAMAGED_BY_FC",
        "DEFECTIVE",
        "EXCESSIVE_INSTALLATION",
        "EXTRA_ITEM",
        "FOUND_BETTER_PRICE",
        "MISORDERED",
        "MISSED_ESTIMATED_DELIVERY",
        "MISSING_PARTS",
        "NEVER_ARRIVED",
        "NO_REASON_GIVEN",
        "NOT_AS_DESCRIBED",
        "NOT_COMPATIBLE",
        "ORDERED_WRONG_ITEM",
        "PART_NOT_COMPATIBLE",
        "QUALITY_UNACCEPTABLE",
        "SWITCHEROO",
        "UNAUTHORIZED_PURCHASE",
        "UNDELIVERABLE_CARRIER_MISS_SORTED",
        "UNDELIVERABLE_FAILED_DELIVERY_ATTEMPTS",
        "UNDELIVERABLE_INSUFFICIENT_ADDRESS",
        "UNDELIVERABLE_MISSING_LABEL",
        "UNDELIVERABLE_REFUSED",
        "UNDELIVERABLE_UNCLAIMED",
        "UNDELIVERABLE_UNKNOWN",
        "UNKNOWN_OTHER_REASON",
        "UNWANTED_ITEM",
    ]
)

KNOWN_STATUSES: Final = frozenset(
    (
        "Unit returned to inventory",
        "Data not available",
        "Reimbursed",
        "IMMEDIATE_DONATION",
        "IMMEDIATE_DISPOSAL",
        "Repackaged Successfully",
        "Pending Repackaging",
        "Disposed",
    )
)


class FbaCustomerReturns(ReportFormat):
    """The FBA customer returns report, in its forms of 11, 12 and 13 columns."""

    name = "fba-customer-returns"
    title = "FBA customer returns"
    amazon_type = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
    download = (
        "Seller Central > Reports > Fulfillment > Customer concessions > FBA customer returns"
    )
    order_column = "order-id"
    columns = (
        Column("return-date"),
        Column("order-id", other_names=("amazon-order-id",)),
        Column("sku"),
        Column("asin"),
        Column("fnsku"),
        Column(
            "product-name",
            required=False,
            ignored="a title is changed at will and names no unit; SKU, ASIN and FNSKU do",
        ),
        Column("quantity"),
        Column("fulfillment-center-id"),
        Column("detailed-disposition"),
        Column("reason"),
        Column("status", required=False),
        Column("license-plate-number", required=False),
        Column("customer-comments", required=False, personal="comment"),
    )

    def told(self, row: Row) -> RowTold:
        """A unit came back; its plate and what became of it are facts of their own."""
        order_id, sku, fnsku, asin, center, disposition, reason, status, plate = row.texts(_TEXTS)
        returned = UnitReturned(
            order_id=order_id or row.need("order-id"),
            sku=sku or row.need("sku"),
            fnsku=fnsku,
            asin=asin,
            quantity=row.units("quantity"),
            fulfillment_center=center,
            disposition=disposition,
            reason=reason,
        )
        row.notice("detailed-disposition", disposition, KNOWN_DISPOSITIONS)
        row.notice("reason", reason, KNOWN_REASONS)
        returned_at = row.moment("return-date")
        row.notice("status", status, KNOWN_STATUSES)
        return RowTold(
            rows=(row.line,),
            stream=order_stream(returned.order_id),
            keys=_keys(returned, returned_at, plate),
            parts=_parts(returned, returned_at, plate, status),
        )


_TEXTS: Final = (
    "order-id",
    "sku",
    "fnsku",
    "asin",
    "fulfillment-center-id",
    "detailed-disposition",
    "reason",
    "status",
    "license-plate-number",
)


def _keys(returned: UnitReturned, returned_at: str, plate: str | None) -> tuple[str, ...]:
    """The plate names the unit while Amazon moves its date; all variants tell the other columns."""
    told_by_all = key(
        "fba-return",
        returned.order_id,
        returned.sku,
        returned.fnsku,
        returned_at,
        returned.fulfillment_center,
        returned.disposition,
        returned.reason,
        str(returned.quantity),
    )
    if plate is None:
        return (told_by_all,)
    return (key("fba-return-lpn", returned.order_id, plate), told_by_all)


def _parts(
    returned: UnitReturned, returned_at: str, plate: str | None, status: str | None
) -> tuple[Part, ...]:
    parts = [Part(event=returned, occurred_at=returned_at)]
    if plate is not None:
        identified = UnitIdentified(license_plate=plate)
        parts.append(Part(event=identified, suffix="plate", occurred_at=returned_at))
    if status is not None:
        parts.append(_status(status))
    return tuple(parts)


@lru_cache(maxsize=256)
def _status(status: str) -> Part:
    """One for all rows that tell it."""
    return Part(event=ReturnStatusReported(status=status), suffix="status")
