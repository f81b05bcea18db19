"""What may speak against each kind of thing that a seller records, in the order in which it is asked."""

from __future__ import annotations

from typing import Any

from ledger.deciding import dates, orders
from ledger.deciding.proposal import Check, Proposal
from ledger.event import Deed

EVERY: tuple[Check[Any], ...] = (
    orders.is_known,
    orders.is_about_it,
    dates.is_no_day_to_come,
    dates.is_no_day_before_the_order,
)
"""Asked of everything."""


def check(proposal: Proposal[Deed]) -> tuple[str, ...]:
    """What is to be known though it is allowed; raises Refused where it is not."""
    for one in EVERY:
        one(proposal)
    return tuple(proposal.cautions)
