"""Damaged in Amazon's fulfilment centre, not made good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from ledger import gates
from ledger.book import REIMBURSEMENTS, STOCK, Book
from ledger.case import Case
from ledger.losses import judge_losses
from ledger.policy import Finding, Policy


class FcDamaged(Policy):
    """Units damaged at the fulfilment centre (E, 6, 7, H, K, U) are owed while they stay unreconciled."""

    claim_type: ClassVar[str] = "fc_damaged"
    title: ClassVar[str] = "Damaged in a fulfilment centre"
    families: ClassVar[tuple[str, ...]] = (gates.FC_OPERATIONS, gates.VALUED_BEFORE_ORDER)
    needs: ClassVar[tuple[str, ...]] = (STOCK, REIMBURSEMENTS)

    def concerns(self, case: Case, book: Book) -> bool:
        """Only stock is lost or damaged in a fulfilment centre."""
        return case.kind == "stock"

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each damage, and more where only part of it was settled, or too much."""
        if case.kind == "stock":
            yield from judge_losses(self.claim_type, case, book, as_of)
