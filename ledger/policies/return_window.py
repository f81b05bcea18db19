"""Until when a buyer may return what was bought, by Amazon's window for the store or the category."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ledger.rights import Basis, Right, RightsPolicy, windows_of


class ReturnWindow(RightsPolicy):
    """The day of the order picks the rule, and the days count from the delivery."""

    claim_type: ClassVar[str] = "return_window"
    title: ClassVar[str] = "Amazon's return window"
    families: ClassVar[tuple[str, ...]] = (
        "ret.window",
        "ret.window.DEIT_electronics",
        "ret.window.DEIT_more",
    )

    def tells(self, basis: Basis) -> Iterable[Right]:
        """Amazon's window, and the one before it while that was still taken."""
        return windows_of(basis)
