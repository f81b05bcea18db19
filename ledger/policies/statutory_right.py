"""What the law gives a consumer: withdrawal for any reason, and remedies for a defect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ledger.rights import Basis, Right, RightsPolicy, law_of


class StatutoryRight(RightsPolicy):
    """No return policy, of Amazon's or the seller's, can take these away."""

    claim_type: ClassVar[str] = "statutory_right"
    title: ClassVar[str] = "Statutory rights"
    families: ClassVar[tuple[str, ...]] = (
        "law.eu.withdrawal",
        "law.se.distans",
        "law.uk.ccr",
        "law.eu.conformity",
        "law.se.kkl",
        "law.uk.cra",
    )

    def tells(self, basis: Basis) -> Iterable[Right]:
        """Withdrawal, then defects, and until when the seller must disprove one."""
        return law_of(basis)
