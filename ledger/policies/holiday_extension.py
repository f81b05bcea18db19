"""Until when what was bought before Christmas may be returned: the later of a fixed day and the normal window."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ledger.rights import Basis, Right, RightsPolicy, holiday_of


class HolidayExtension(RightsPolicy):
    """A year of which no notice was read has no day here."""

    claim_type: ClassVar[str] = "holiday_extension"
    title: ClassVar[str] = "Extended holiday returns"
    families: ClassVar[tuple[str, ...]] = (
        "ret.holiday.US.default",
        "ret.holiday.US.apple",
        "ret.holiday.EU.default",
        "ret.holiday.DE-IT.14day_categories",
        "ret.holiday.ES.default",
    )

    def tells(self, basis: Basis) -> Iterable[Right]:
        """The extension for the day of the order, where there is one."""
        return holiday_of(basis)
