"""Units customers send back: to Amazon's fulfilment centres, or to the seller."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, Ref, RequestState, Return, ReturnRequest
from ledger.event import Event
from ledger.values import Money


class UnitReturned(Event, frozen=True, kw_only=True):
    """A unit came back to a fulfilment centre and was graded there."""

    TOPIC: ClassVar[str] = "unit-returned.v1"
    CARRIES: ClassVar[tuple[str, ...]] = ("plate", "status")

    order_id: str
    sku: str
    fnsku: str | None = None
    asin: str | None = None
    quantity: int
    fulfillment_center: str | None = None
    disposition: str | None = None
    reason: str | None = None
    plate: UnitIdentified | None = None
    status: ReturnStatusReported | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """One more return of the order."""
        case.returns.append(
            Return(
                ref=ref,
                programme="FBA",
                sku=self.sku,
                fnsku=self.fnsku,
                asin=self.asin,
                quantity=self.quantity,
                disposition=self.disposition,
                reason=self.reason,
                fulfillment_center=self.fulfillment_center,
            )
        )


class UnitIdentified(Event, frozen=True, kw_only=True):
    """The returned unit bears this licence plate number: the unit's own identity."""

    TOPIC: ClassVar[str] = "unit-identified.v1"

    license_plate: str

    def apply(self, case: Case, ref: Ref) -> None:
        """The return's slot gets its plate."""
        case.license_plates[ref.slot] = self.license_plate


class ReturnStatusReported(Event, frozen=True, kw_only=True):
    """The returns report said what had become of a returned unit; the column has no date of its own."""

    TOPIC: ClassVar[str] = "return-status-reported.v1"
    SNAPSHOT: ClassVar[bool] = True

    status: str

    def apply(self, case: Case, ref: Ref) -> None:
        """The latest status stands."""
        case.return_status[ref.slot] = self.status


class ReturnRequested(Event, frozen=True, kw_only=True):
    """A buyer asked to send units of a seller-fulfilled order back."""

    TOPIC: ClassVar[str] = "return-requested.v1"
    CARRIES: ClassVar[tuple[str, ...]] = ("progress",)

    order_id: str
    rma_id: str | None = None
    sku: str
    asin: str | None = None
    quantity: int
    reason: str | None = None
    return_type: str | None = None
    in_policy: bool | None = None
    is_prime: bool | None = None
    ordered_on: str | None = None
    order_amount: Money | None = None
    order_quantity: int | None = None
    progress: ReturnProgressed | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """One more request."""
        case.requests.append(
            ReturnRequest(
                ref=ref,
                rma_id=self.rma_id,
                sku=self.sku,
                asin=self.asin,
                quantity=self.quantity,
                reason=self.reason,
                in_policy=self.in_policy,
            )
        )


class ReturnProgressed(Event, frozen=True, kw_only=True):
    """The seller-fulfilled returns report said how far a request had come when it was told.

    Its columns have no dates of their own. The SAFE-T columns tell of a claim, never of a payment.
    """

    TOPIC: ClassVar[str] = "return-progressed.v1"
    SNAPSHOT: ClassVar[bool] = True

    order_id: str
    status: str | None = None
    label_type: str | None = None
    label_payer: str | None = None
    label_cost: Money | None = None
    carrier: str | None = None
    tracking_id: str | None = None
    resolution: str | None = None
    refunded: Money | None = None
    a_to_z: bool = False
    safe_t_claim_id: str | None = None
    safe_t_state: str | None = None
    safe_t_reason: str | None = None
    safe_t_claimed_at: str | None = None
    safe_t_amount: Money | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """The latest state stands."""
        case.request_states[ref.slot] = RequestState(
            ref=ref,
            status=self.status,
            tracking=self.tracking_id is not None,
            resolution=self.resolution,
            refunded=self.refunded,
            a_to_z=self.a_to_z,
            safe_t_claim_id=self.safe_t_claim_id,
            safe_t_state=self.safe_t_state,
            safe_t_amount=self.safe_t_amount,
        )


class ReturnReceived(Event, frozen=True, kw_only=True):
    """The carrier delivered a return to the seller."""

    TOPIC: ClassVar[str] = "return-received.v1"

    order_id: str
    rma_id: str | None = None
    sku: str
    asin: str | None = None
    quantity: int
    reason: str | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """The units are with the seller."""
        case.returns.append(
            Return(
                ref=ref,
                programme="FBM",
                sku=self.sku,
                fnsku=None,
                asin=self.asin,
                quantity=self.quantity,
                disposition=None,
                reason=self.reason,
            )
        )
