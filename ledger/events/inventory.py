"""Units of an FNSKU in Amazon's stock, as the inventory ledger tells them."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, Movement, Reconciliation, Ref
from ledger.event import Event


class StockMoved(Event, frozen=True, kw_only=True):
    """Units went into or out of a fulfilment centre's stock, with Amazon's reason code."""

    TOPIC: ClassVar[str] = "stock-moved.v1"
    CARRIES: ClassVar[tuple[str, ...]] = ("reconciliation",)

    kind: str
    """Amazon's event type, verbatim."""
    fnsku: str
    asin: str | None = None
    sku: str | None = None
    quantity: int
    fulfillment_center: str | None = None
    disposition: str | None = None
    reason: str | None = None
    reference: str | None = None
    country: str | None = None
    marketplace: str | None = None
    reconciliation: ReconciliationReported | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """One more row of the stock's ledger."""
        case.movements.append(
            Movement(
                ref=ref,
                kind=self.kind,
                fnsku=self.fnsku,
                asin=self.asin,
                sku=self.sku,
                quantity=self.quantity,
                fulfillment_center=self.fulfillment_center,
                disposition=self.disposition,
                reason=self.reason,
                reference=self.reference,
            )
        )


class ReconciliationReported(Event, frozen=True, kw_only=True):
    """The inventory ledger said how much of a movement Amazon had accounted for; it changes on re-pull."""

    TOPIC: ClassVar[str] = "reconciliation-reported.v1"
    SNAPSHOT: ClassVar[bool] = True

    reconciled: int | None = None
    unreconciled: int | None = None

    def apply(self, case: Case, ref: Ref) -> None:
        """The latest numbers stand."""
        case.reconciliations[ref.slot] = Reconciliation(
            ref=ref, reconciled=self.reconciled, unreconciled=self.unreconciled
        )
