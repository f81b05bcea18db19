"""Stock that the seller asked Amazon to send back or destroy, and how far each line has come."""

from __future__ import annotations

from typing import Final

from ledger.event import removal_stream
from ledger.events.removals import RemovalProgressed, RemovalRequested
from ledger.report import Column, Part, ReportFormat, Row, RowTold, key
from ledger.values import Money

KNOWN_ORDER_TYPES: Final = frozenset(("Return", "Disposal", "Liquidations"))
KNOWN_STATUSES: Final = frozenset(("Pending", "Planning", "In Process", "Completed", "Cancelled"))


class RemovalOrders(ReportFormat):
    """The removal order detail report: one line for each SKU and disposition of a removal order."""

    name = "removal-orders"
    title = "Removal order detail"
    amazon_type = "GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA"
    download = "Seller Central > Reports > Fulfillment > Removals > Removal order detail"
    tells_own_time = True
    columns = (
        Column("request-date"),
        Column("order-id"),
        Column(
            "order-source",
            required=False,
            ignored="only one variant has it, and it does not change what is removed",
        ),
        Column("order-type"),
        Column("service-speed"),
        Column("order-status"),
        Column("last-updated-date"),
        Column("sku"),
        Column("fnsku"),
        Column("disposition"),
        Column("requested-quantity"),
        Column("cancelled-quantity"),
        Column("disposed-quantity"),
        Column("shipped-quantity"),
        Column("in-process-quantity"),
        Column("removal-fee"),
        Column("currency"),
    )

    def told(self, row: Row) -> RowTold:
        """Units were asked back; how far that has come is dated by the row's last update."""
        requested = _requested(row)
        updated_at = row.moment_or_none("last-updated-date")
        fee = row.money_in("removal-fee", "currency")
        return RowTold(
            rows=(row.line,),
            stream=removal_stream(requested.removal_order_id),
            keys=(_key(requested),),
            parts=(
                Part(event=requested, occurred_at=row.moment("request-date")),
                Part(event=_progressed(row, fee), suffix="progress", occurred_at=updated_at),
            ),
            told_at=updated_at,
            money=() if fee is None else (fee,),
        )


def _requested(row: Row) -> RemovalRequested:
    return RemovalRequested(
        removal_order_id=row.need("order-id"),
        order_type=row.code("order-type", KNOWN_ORDER_TYPES) or row.need("order-type"),
        sku=row.need("sku"),
        fnsku=row.need("fnsku"),
        disposition=row.text("disposition"),
        requested=row.number("requested-quantity"),
        service_speed=row.text("service-speed"),
    )


def _progressed(row: Row, fee: Money | None) -> RemovalProgressed:
    return RemovalProgressed(
        removal_order_id=row.need("order-id"),
        status=row.code("order-status", KNOWN_STATUSES),
        cancelled=row.number_or_none("cancelled-quantity") or 0,
        disposed=row.number_or_none("disposed-quantity") or 0,
        shipped=row.number_or_none("shipped-quantity") or 0,
        in_process=row.number_or_none("in-process-quantity") or 0,
        fee=fee,
    )


def _key(requested: RemovalRequested) -> str:
    """A removal order's name is the seller's own text: it is not an Amazon order id."""
    return key(
        "removal-order",
        requested.removal_order_id,
        requested.sku,
        requested.fnsku,
        requested.disposition,
    )
