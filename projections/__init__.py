"""What the facts amount to: every projection, one line each."""

from __future__ import annotations

from typing import Any, Final

from projections.coverage import Coverages
from projections.eligibility import Eligibilities
from projections.liability import Liability
from projections.projection import Projection
from projections.status import Statuses

STATUS: Final = Statuses()
LIABILITY: Final = Liability()
ELIGIBILITY: Final = Eligibilities()
COVERAGE: Final = Coverages()

PROJECTIONS: Final[tuple[Projection[Any], ...]] = (
    STATUS,
    LIABILITY,
    ELIGIBILITY,
    COVERAGE,
)

__all__ = ["COVERAGE", "ELIGIBILITY", "LIABILITY", "PROJECTIONS", "STATUS"]
