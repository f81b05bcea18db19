"""Money as Amazon settled it: sales, refunds, fees, claims; a settlement never changes once closed."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, MoneyLine, Ref, Refund, Sale, SettledTransaction
from ledger.event import Event
from ledger.values import Money


class SettlementClosed(Event, frozen=True, kw_only=True):
    """Amazon closed a settlement period; its rows sum to this total."""

    TOPIC: ClassVar[str] = "settlement-closed.v1"

    settlement_id: str
    starts_at: str
    ends_at: str
    deposited_at: str | None = None
    total: Money

    def apply(self, case: Case, ref: Ref) -> None:
        """A total repeats what its rows say: nothing to fold."""


class SaleSettled(Event, frozen=True, kw_only=True):
    """Units of one order item were sold and settled, with the money lines of that shipment."""

    TOPIC: ClassVar[str] = "sale-settled.v1"

    settlement_id: str
    order_id: str
    order_item_code: str | None = None
    shipment_id: str | None = None
    sku: str
    quantity: int
    programme: str | None = None
    marketplace: str | None = None
    lines: tuple[MoneyLine, ...]

    def apply(self, case: Case, ref: Ref) -> None:
        """One more settled sale."""
        case.sales.append(
            Sale(
                ref=ref,
                sku=self.sku,
                quantity=self.quantity,
                programme=self.programme,
                lines=self.lines,
            )
        )


class RefundIssued(Event, frozen=True, kw_only=True):
    """A buyer got money back: one event per transaction and item, its money lines inside."""

    TOPIC: ClassVar[str] = "refund-issued.v1"

    settlement_id: str
    order_id: str
    transaction: str
    """Amazon's transaction type, verbatim."""
    trigger: str
    """refund, a_to_z or chargeback."""
    adjustment_id: str | None = None
    adjustment_item_id: str | None = None
    order_item_code: str | None = None
    sku: str
    programme: str | None = None
    marketplace: str | None = None
    lines: tuple[MoneyLine, ...]

    def apply(self, case: Case, ref: Ref) -> None:
        """One more refund."""
        case.refunds.append(
            Refund(
                ref=ref,
                sku=self.sku,
                programme=self.programme,
                trigger=self.trigger,
                lines=self.lines,
            )
        )


class TransactionSettled(Event, frozen=True, kw_only=True):
    """Money of a settlement that is neither sale nor refund: fees, reimbursements, claims, debts."""

    TOPIC: ClassVar[str] = "transaction-settled.v1"

    settlement_id: str
    transaction: str
    order_id: str | None = None
    shipment_id: str | None = None
    sku: str | None = None
    quantity: int | None = None
    programme: str | None = None
    marketplace: str | None = None
    lines: tuple[MoneyLine, ...]

    def apply(self, case: Case, ref: Ref) -> None:
        """One more transaction."""
        case.transactions.append(
            SettledTransaction(
                ref=ref,
                transaction=self.transaction,
                sku=self.sku,
                quantity=self.quantity,
                lines=self.lines,
            )
        )
