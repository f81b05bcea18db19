"""The planted truth: what an audit ought to answer, by rules written here once more and by hand.

Nothing here uses the product's own rulebook or policies: a mistake there must not hide here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

CUSTOMER_RETURN: Final = (60, 120)
"""Days after the refund on which a claim may be made, both included (US, since 2024-10-23)."""
FULFILMENT_CENTRE: Final = (0, 60)
"""Days after a loss or damage was reported (US, since 2024-10-23)."""
REMOVAL_LOST: Final = (15, 75)
"""Days after the removal's shipment was created (US, since 2024-10-23)."""
RE_EVALUATION: Final = (0, 60)
"""Days after a reimbursement in which its amount may be disputed (US, since 2025-03-31)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One answer that an audit ought to give; money is in cents.

    A verdict of None says that nothing is owed: there is no finding, or one that says `paid` or
    `not_claimable`. Amounts that the key does not judge are absent; None says that the amount must be
    unknown.
    """

    case: str
    why: str
    claim_type: str
    verdict: str | None
    sku: str
    fnsku: str
    quantity: int = 1
    order_id: str | None = None
    removal_order_id: str | None = None
    reason: str = ""
    opens: date | None = None
    closes: date | None = None
    amounts: tuple[tuple[str, int | None], ...] = ()


def window(clock: date, days: tuple[int, int]) -> tuple[date, date]:
    """First and last day of the window, where the clock starts on this day."""
    return clock + timedelta(days=days[0]), clock + timedelta(days=days[1])


def standing(opens: date, closes: date, today: date) -> str:
    """What a claim is on this day, if nothing but its window decides."""
    if today < opens:
        return "waiting"
    return "ready" if today <= closes else "expired"
