"""Money and units that Amazon gives the seller for what it lost or damaged, and takes back."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, Ref, Reimbursement
from ledger.event import Event
from ledger.values import Money


class _ReimbursementLine(Event, frozen=True, kw_only=True):
    """One line of the reimbursements report; an id may have several lines."""

    reimbursement_id: str
    case_id: str | None = None
    """Set where the seller opened a case: claimed, not automatic."""
    order_id: str | None = None
    reason: str
    sku: str | None = None
    fnsku: str | None = None
    asin: str | None = None
    condition: str | None = None
    amount_per_unit: Money | None = None
    amount: Money
    """As Amazon signs it: minus is taken back from the seller."""
    cash: int | None = None
    inventory: int | None = None
    total: int | None = None
    original_id: str | None = None
    original_reason: str | None = None

    def _line(self, ref: Ref, *, reversal: bool) -> Reimbursement:
        return Reimbursement(
            ref=ref,
            reimbursement_id=self.reimbursement_id,
            case_id=self.case_id,
            order_id=self.order_id,
            reason=self.reason,
            sku=self.sku,
            fnsku=self.fnsku,
            asin=self.asin,
            amount=self.amount,
            cash=self.cash,
            inventory=self.inventory,
            total=self.total,
            reversal=reversal,
            original_id=self.original_id,
            original_reason=self.original_reason,
        )


class ReimbursementPosted(_ReimbursementLine, frozen=True, kw_only=True):
    """Amazon reimbursed the seller, in cash or with a unit in kind."""

    TOPIC: ClassVar[str] = "reimbursement-posted.v1"

    def apply(self, case: Case, ref: Ref) -> None:
        """One more payment."""
        case.reimbursements.append(self._line(ref, reversal=False))


class ReimbursementReversed(_ReimbursementLine, frozen=True, kw_only=True):
    """Amazon took a reimbursement back; the original may lie outside every file we have."""

    TOPIC: ClassVar[str] = "reimbursement-reversed.v1"

    def apply(self, case: Case, ref: Ref) -> None:
        """One more payment taken back."""
        case.reimbursements.append(self._line(ref, reversal=True))
