"""Damaged in Amazon's fulfilment centre, not made good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import gates
from ledger.allocation import stock_losses
from ledger.book import REIMBURSEMENTS, STOCK, Book
from ledger.case import Case
from ledger.losses import judge_loss
from ledger.policy import Finding, Policy

UNCERTAIN: Final = frozenset({"7", "H", "K", "U"})
"""Damage to units that were unsellable already: whether Amazon pays for them is not known."""


class FcDamaged(Policy):
    """Units damaged at the fulfilment centre (E, 6, 7, H, K, U) are owed while they stay unreconciled."""

    claim_type: ClassVar[str] = "fc_damaged"
    title: ClassVar[str] = "Damaged in a fulfilment centre"
    families: ClassVar[tuple[str, ...]] = (gates.FC_OPERATIONS, gates.VALUED_BEFORE_ORDER)
    needs: ClassVar[tuple[str, ...]] = (STOCK, REIMBURSEMENTS)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """A finding for what is open of each damage, and one for what of it was paid."""
        if case.kind != "stock":
            return
        for loss in stock_losses(case, book).damaged:
            reason = loss.movement.reason or ""
            doubt = (
                f"code {reason} damages units that were unsellable already: whether they are paid is not known"
                if reason in UNCERTAIN
                else ""
            )
            yield from judge_loss(self.claim_type, case, book, as_of, loss, doubt=doubt)
