"""Returns of orders that the seller ships: what buyers asked for, and how far it has come."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final

from ledger.event import order_stream
from ledger.events.returns import ReturnProgressed, ReturnReceived, ReturnRequested
from ledger.report import Column, Part, ReportFormat, Row, RowTold, key, moment
from ledger.values import BY_CODE

KNOWN_STATUSES: Final = frozenset(["Approved", "Pending", "Completed", "Closed", "Cancelled"])
KNOWN_LABELS: Final = frozenset(["AmazonUnPaidLabel", "AmazonPrePaidLabel"])
KNOWN_PAYERS: Final = frozenset(["Customer", "Seller"])
KNOWN_TYPES: Final = frozenset(["C-Returns"])
KNOWN_RESOLUTIONS: Final = frozenset(["StandardRefund", "RefundAtFirstScan"])
KNOWN_SAFE_T_STATES: Final = frozenset(
    ["APPROVED", "AWAITING_SELLER_RESPONSE", "DENIED", "GRANTED", "UNDER_INVESTIGATION"]
)
KNOWN_REASONS: Final = frozenset(
    [
        "AMZ-PG-APP-STYLE",
        "AMZ-PG-APP-TOO-LARGE",
        "AMZ-PG-APP-TOO-SMALL",
        "AMZ-PG-BAD-DESC",
        "AMZ-PG-MISORDERED",
        "AMZ-PG-WJ-TOO-LARGE",
        "AMZ-PG-WJ-TOO-SMALL",
        "CR-DAMAGED_BY_CARRIER",
        "CR-DAMAGED_BY_FC",
        "CR-DEFECTIVE",
        "CR-EXTRA_ITEM",
        "CR-FOUND_BETTER_PRICE",
        "CR-MISSED_ESTIMATED_DELIVERY",
        "CR-MISSING_PARTS",
        "CR-NO_REASON_GIVEN",
        "CR-ORDERED_WRONG_ITEM",
        "CR-QUALITY_UNACCEPTABLE",
        "CR-SWITCHEROO",
        "CR-UNAUTHORIZED_PURCHASE",
        "CR-UNWANTED_ITEM",
        "DID_NOT_LIKE_COLOR",
        "DID_NOT_LIKE_FABRIC",
    ]
)

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janv janvier ene enero gen gennaio",
            "feb february februar fevr fevrier febrero febbraio",
            "mar march marz mrz mars marzo",
            "apr april avr avril abr abril aprile",
            "may mai mayo mag maggio",
            "jun june juni juin junio giu giugno",
            "jul july juli juil juillet julio lug luglio",
            "aug august aout ago agosto",
            "sep sept september septembre septiembre set settembre",
            "oct october okt oktober octobre octubre ott ottobre",
            "nov november novembre noviembre",
            "dec december dez dezember decembre dic diciembre dicembre",
        ),
        1,
    )
    for name in names.split()
}
"""Months in English, German, French, Spanish and Italian, without accents: no two clash."""

_DAY = re.compile(r"(\d{1,2})[- ]([^\W\d_]+)\.?[- ](\d{4})(?: \d{2}:\d{2}(?::\d{2})?)?")
_ISO_WITHOUT_ZONE = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
_DATE_ADVICE: Final = (
    "Dates are read as Amazon writes them, 10-Jul-2026, with months in English, German, French, "
    "Spanish or Italian. A spreadsheet may have rewritten the cell: import the file as Amazon "
    "delivered it."
)


class MfnReturns(ReportFormat):
    """The seller-fulfilled returns report by return date, in its forms of 32 to 35 columns."""

    name = "mfn-returns"
    title = "Seller-fulfilled returns"
    amazon_type = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
    download = "Seller Central > Orders > Manage returns > View return reports"
    order_column = "Order ID"
    columns = (
        Column("Order ID"),
        Column("Order date"),
        Column("Return request date"),
        Column("Return request status"),
        Column("Amazon RMA ID"),
        Column(
            "Merchant RMA ID",
            required=False,
            ignored="the seller's own name for the return, which may be anything",
        ),
        Column("Label type"),
        Column("Label cost"),
        Column("Currency code"),
        Column("Return carrier"),
        Column("Tracking ID"),
        Column("Label to be paid by"),
        Column("A-to-Z Claim"),
        Column("Is prime"),
        Column("ASIN"),
        Column("Merchant SKU"),
        Column("Item Name", required=False, ignored="a title is changed at will and names no unit"),
        Column("Return quantity"),
        Column("Return Reason"),
        Column("In policy"),
        Column("Return type"),
        Column("Resolution"),
        Column("Invoice number", required=False, personal="invoice"),
        Column("Return delivery date"),
        Column("Order Amount"),
        Column("Order quantity"),
        Column("SafeT Action reason"),
        Column("SafeT claim id"),
        Column("SafeT claim state"),
        Column("SafeT claim creation time"),
        Column("SafeT claim reimbursement amount"),
        Column("Refunded Amount"),
        Column("Category", required=False, ignored="the product's category decides no claim"),
        Column(
            "VAT", required=False, ignored="only one variant has it, and the settlement tells taxes"
        ),
        Column("Order Item ID", required=False),
    )

    def told(self, row: Row) -> RowTold:
        """A return was asked for; how far it is has no date, the delivery to the seller has one."""
        requested_at = _when(row, "Return request date")
        currency = _currency(row)
        requested = _requested(row, currency)
        progressed = _progressed(row, requested.order_id, currency)
        return RowTold(
            rows=(row.line,),
            stream=order_stream(requested.order_id),
            keys=_keys(requested, requested_at, row.text("Order Item ID")),
            parts=(
                Part(event=requested, occurred_at=requested_at),
                Part(event=progressed, suffix="progress"),
                *_received(row, requested),
            ),
            money=() if progressed.refunded is None else (progressed.refunded,),
        )


def _requested(row: Row, currency: str | None) -> ReturnRequested:
    return ReturnRequested(
        order_id=row.need("Order ID"),
        rma_id=row.text("Amazon RMA ID"),
        sku=row.need("Merchant SKU"),
        asin=row.text("ASIN"),
        quantity=row.units("Return quantity"),
        reason=row.code("Return Reason", KNOWN_REASONS),
        return_type=row.code("Return type", KNOWN_TYPES),
        in_policy=_yes(row, "In policy"),
        is_prime=_yes(row, "Is prime"),
        ordered_on=_when_or_none(row, "Order date"),
        order_amount=row.money_as_written("Order Amount", currency),
        order_quantity=row.number_or_none("Order quantity"),
    )


def _progressed(row: Row, order_id: str, currency: str | None) -> ReturnProgressed:
    """All that Amazon overwrites; a SAFE-T amount is what is claimed or granted, and no payment."""
    return ReturnProgressed(
        order_id=order_id,
        status=row.code("Return request status", KNOWN_STATUSES),
        label_type=row.code("Label type", KNOWN_LABELS),
        label_payer=row.code("Label to be paid by", KNOWN_PAYERS),
        label_cost=row.money_as_written("Label cost", currency),
        carrier=row.text("Return carrier"),
        tracking_id=row.text("Tracking ID"),
        resolution=row.code("Resolution", KNOWN_RESOLUTIONS),
        refunded=row.money_as_written("Refunded Amount", currency),
        a_to_z=_yes(row, "A-to-Z Claim") or False,
        safe_t_claim_id=row.text("SafeT claim id"),
        safe_t_state=row.code("SafeT claim state", KNOWN_SAFE_T_STATES),
        safe_t_reason=row.text("SafeT Action reason"),
        safe_t_claimed_at=_when_or_none(row, "SafeT claim creation time"),
        safe_t_amount=row.money_as_written("SafeT claim reimbursement amount", currency),
    )


def _received(row: Row, requested: ReturnRequested) -> tuple[Part, ...]:
    delivered_at = _when_or_none(row, "Return delivery date")
    if delivered_at is None:
        return ()
    received = ReturnReceived(
        order_id=requested.order_id,
        rma_id=requested.rma_id,
        sku=requested.sku,
        asin=requested.asin,
        quantity=requested.quantity,
        reason=requested.reason,
    )
    return (Part(event=received, suffix="received", occurred_at=delivered_at),)


def _keys(requested: ReturnRequested, requested_at: str, item_id: str | None) -> tuple[str, ...]:
    """A return's number covers several items; only a newer form tells an item's own id."""
    if requested.rma_id is None:
        return (key("mfn-return", requested.order_id, requested.sku, requested_at),)
    told_by_all = key("mfn-return-rma", requested.rma_id, requested.sku, requested.asin)
    if item_id is None:
        return (told_by_all,)
    return (key("mfn-return-item", requested.rma_id, item_id), told_by_all)


def _currency(row: Row) -> str | None:
    """Amazon tells the currency with the label: without one it is the stated store's."""
    if row.text("Currency code") is not None:
        return row.currency("Currency code")
    market = BY_CODE.get(row.reading.marketplace or "")
    return market.currency if market else None


def _yes(row: Row, column: str) -> bool | None:
    value = row.code(column, _ANSWERS)
    return None if value is None else _ANSWERS.get(value)


_ANSWERS: Final = {"Y": True, "N": False, "true": True, "false": False}


def _when(row: Row, column: str) -> str:
    read = _read(row.need(column))
    if read is None:
        raise row.refused(column, "not a date", advice=_DATE_ADVICE)
    return row.happened(column, read)


def _when_or_none(row: Row, column: str) -> str | None:
    return None if row.text(column) is None else _when(row, column)


@lru_cache(maxsize=4096)
def _read(text: str) -> str | None:
    """`10-Jul-2025` as a day; a clock without a zone names no moment: only its day is kept."""
    without_zone = _ISO_WITHOUT_ZONE.fullmatch(text)
    if without_zone is not None:
        return moment(without_zone[1])
    found = _DAY.fullmatch(text)
    if found is None:
        return moment(text)
    month = MONTHS.get(_without_accents(found[2]))
    try:
        return None if month is None else date(int(found[3]), month, int(found[1])).isoformat()
    except ValueError:
        return None


def _without_accents(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
