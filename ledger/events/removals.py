"""Stock that the seller has Amazon send back or destroy."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, Ref, RemovalLine, RemovalShipment, RemovalState
from ledger.event import Event
from ledger.values import Money


class RemovalRequested(Event, frozen=True, kw_only=True):
    """Units of one FNSKU were asked back, to be disposed of, or to be liquidated."""

    TOPIC: ClassVar[str] = "removal-requested.v1"
    CARRIES: ClassVar[tuple[str, ...]] = ("progress",)

    removal_order_id: str
    order_type: str
    sku: str
    fnsku: str
    disposition: str | None = None
    requested: int
    service_speed: str | None = None
    progress: RemovalProgressed | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """One more line of the removal order."""
        case.removal_lines.append(
            RemovalLine(
                ref=ref,
                order_type=self.order_type,
                sku=self.sku,
                fnsku=self.fnsku,
                disposition=self.disposition,
                requested=self.requested,
            )
        )


class RemovalProgressed(Event, frozen=True, kw_only=True):
    """The removal order detail said how far a line had come at its last update."""

    TOPIC: ClassVar[str] = "removal-progressed.v1"
    SNAPSHOT: ClassVar[bool] = True

    removal_order_id: str
    status: str | None = None
    cancelled: int = 0
    disposed: int = 0
    shipped: int = 0
    in_process: int = 0
    fee: Money | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """The latest update stands."""
        case.removal_states[ref.slot] = RemovalState(
            ref=ref,
            status=self.status,
            cancelled=self.cancelled,
            disposed=self.disposed,
            shipped=self.shipped,
            in_process=self.in_process,
            fee=self.fee,
        )


class RemovalShipped(Event, frozen=True, kw_only=True):
    """Units of a removal order were handed to a carrier."""

    TOPIC: ClassVar[str] = "removal-shipped.v1"

    removal_order_id: str
    order_type: str | None = None
    sku: str
    fnsku: str
    disposition: str | None = None
    quantity: int
    carrier: str | None = None
    tracking_number: str | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """One more shipment."""
        case.removal_shipments.append(
            RemovalShipment(
                ref=ref,
                sku=self.sku,
                fnsku=self.fnsku,
                disposition=self.disposition,
                quantity=self.quantity,
                carrier=self.carrier,
                tracking=self.tracking_number,
            )
        )
