"""What the seller promises himself: his own return window and his guarantee."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ledger.rights import Basis, Right, RightsPolicy, guarantee_of, own_window_of


class OwnTerms(RightsPolicy):
    """The terms that stood on the day of the order; they add to the other rights and shorten none."""

    claim_type: ClassVar[str] = "own_terms"
    title: ClassVar[str] = "The seller's own terms and guarantee"
    families: ClassVar[tuple[str, ...]] = ()

    def tells(self, basis: Basis) -> Iterable[Right]:
        """The seller's window, then his guarantee."""
        return [*own_window_of(basis), *guarantee_of(basis)]
