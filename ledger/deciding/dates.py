"""Refusals by the day: nothing is told before it has happened, and nothing happens before its order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ledger.deciding.proposal import Proposal
from ledger.desk import placed
from ledger.event import Deed
from ledger.events.deliveries import OrderTold
from ledger.values import is_day

_AHEAD: Final = timedelta(days=1)
"""Clocks and zones differ by no more than this."""


def is_no_day_to_come(proposal: Proposal[Deed]) -> None:
    """What is to come has not happened; a day ahead may be another zone's today."""
    told = proposal.occurred_at
    if _is_day_ahead(proposal) if is_day(told) else _is_moment_ahead(proposal):
        proposal.refuse(
            f"it has not happened yet: today is {proposal.today}",
            advice="Give the day on which it happened with `--at`; record it once it has happened.",
            found=told,
        )


def _is_day_ahead(proposal: Proposal[Deed]) -> bool:
    return proposal.day > proposal.today + _AHEAD


def _is_moment_ahead(proposal: Proposal[Deed]) -> bool:
    moment, now = map(datetime.fromisoformat, (proposal.occurred_at, proposal.now))
    return moment > now + _AHEAD


def is_no_day_before_the_order(proposal: Proposal[Deed]) -> None:
    """Nothing happens to an order before it is placed."""
    if isinstance(proposal.event, OrderTold):
        return
    order = placed(proposal.case)
    if order is not None and proposal.day < order.day:
        proposal.refuse(
            f"the order was placed on {order.day}, later than that",
            advice="Check the order id, and the day given with `--at`.",
            by=order,
            found=proposal.occurred_at,
        )
