"""Every movement of stock in Amazon's fulfilment centres, and how far it is reconciled."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

from ledger.event import ACCOUNT_STREAM, stock_stream
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.report import Column, Part, ReportFormat, Row, RowTold, key
from ledger.values import marketplace_named

KNOWN_EVENT_TYPES: Final = frozenset(
    ["Shipments", "WhseTransfers", "Receipts", "Adjustments", "CustomerReturns", "VendorReturns"]
)

KNOWN_DISPOSITIONS: Final = frozenset(
    [
        "SELLABLE",
        "DEFECTIVE",
        "CUSTOMER_DAMAGED",
        "DISTRIBUTOR_DAMAGED",
        "WAREHOUSE_DAMAGED",
        "CARRIER_DAMAGED",
        "EXPIRED",
    ]
)

KNOWN_REASONS: Final = frozenset("1234567DEFGHJKMNOPQU")
"""The codes alone are kept: Amazon's texts for 6, 7, H and K differ from help page to help page."""

_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_DATE_ADVICE: Final = (
    "Amazon writes this date as MM/DD/YYYY in every country, so another program has rewritten it. "
    "Import the file as Amazon delivered it."
)


class InventoryLedger(ReportFormat):
    """The inventory ledger's detailed view, as the API and as Seller Central write it."""

    name = "inventory-ledger"
    title = "Inventory ledger, detailed view"
    amazon_type = "GET_LEDGER_DETAIL_VIEW_DATA"
    download = (
        "Seller Central > Reports > Fulfillment > Inventory ledger > Detailed view > Download"
    )
    columns = (
        Column("Date"),
        Column("FNSKU"),
        Column("ASIN"),
        Column("MSKU"),
        Column(
            "Title",
            required=False,
            ignored="a title is changed at will and names no unit; FNSKU, ASIN and MSKU do",
        ),
        Column("Event Type", other_names=("EventType",)),
        Column("Reference ID", other_names=("ReferenceID",)),
        Column("Quantity"),
        Column("Fulfillment Center", other_names=("FulfillmentCenter",)),
        Column("Disposition"),
        Column("Reason"),
        Column("Country"),
        Column("Reconciled Quantity", other_names=("ReconciledQuantity",), required=False),
        Column("Unreconciled Quantity", other_names=("UnreconciledQuantity",), required=False),
        Column("Date and Time", other_names=("DateAndTime",), required=False),
        Column("Store", required=False, ignored="the seller's own name, which the account has"),
    )

    def told(self, row: Row) -> RowTold:
        """Units moved on a day; how many of them Amazon has accounted for changes later."""
        day = _day(row)
        moved = _moved(row)
        row.reading.kinds.add(moved.kind)
        return RowTold(
            rows=(row.line,),
            stream=stock_stream(moved.fnsku) if moved.fnsku else ACCOUNT_STREAM,
            keys=(_key(day, moved),),
            parts=(Part(event=moved, occurred_at=day), *_reconciliation(row)),
        )


def _moved(row: Row) -> StockMoved:
    country = row.text("Country")
    return StockMoved(
        kind=row.code("Event Type", KNOWN_EVENT_TYPES) or row.need("Event Type"),
        fnsku=row.text("FNSKU") or "",
        asin=row.text("ASIN"),
        sku=row.text("MSKU"),
        quantity=row.number("Quantity"),
        fulfillment_center=row.text("Fulfillment Center"),
        disposition=row.code("Disposition", KNOWN_DISPOSITIONS),
        reason=row.code("Reason", KNOWN_REASONS),
        reference=row.text("Reference ID"),
        country=country,
        marketplace=None if country is None else marketplace_named(country),
    )


def _reconciliation(row: Row) -> tuple[Part, ...]:
    reconciled = row.number_or_none("Reconciled Quantity")
    unreconciled = row.number_or_none("Unreconciled Quantity")
    if reconciled is None and unreconciled is None:
        return ()
    event = ReconciliationReported(reconciled=reconciled, unreconciled=unreconciled)
    return (Part(event=event, suffix="reconciliation"),)


def _key(day: str, moved: StockMoved) -> str:
    """All that every variant tells and nothing changes; rows alike in all of it are legal."""
    return key(
        "stock-moved",
        day,
        moved.fnsku,
        moved.asin,
        moved.sku,
        moved.kind,
        moved.reference,
        str(moved.quantity),
        moved.fulfillment_center,
        moved.disposition,
        moved.reason,
        moved.country,
    )


def _day(row: Row) -> str:
    """The day where the stock is, as `Date` tells it."""
    day, swapped = _days(row.need("Date"))
    if day is None:
        raise row.refused("Date", "not a date as this report writes it", advice=_DATE_ADVICE)
    if swapped not in (None, day) and swapped == _day_beside(row):
        problem = f"'Date and Time' says that this is {swapped}, not {day}"
        raise row.refused("Date", problem, advice=_DATE_ADVICE)
    return row.happened("Date", day)


@lru_cache(maxsize=4096)
def _days(written: str) -> tuple[str | None, str | None]:
    """The day that is written, and the one it would be with day and month the other way round."""
    read = _DATE.fullmatch(written)
    if read is None:
        return None, None
    return _calendar_day(read[3], read[1], read[2]), _calendar_day(read[3], read[2], read[1])


def _day_beside(row: Row) -> str | None:
    """The local day in `Date and Time` (`2026-07-06T00:00:00-0700`), where there is one."""
    stated = row.text("Date and Time")
    return None if stated is None else stated[:10]


def _calendar_day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
