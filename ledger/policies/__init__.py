"""One module per kind of claim or duty; POLICIES lists them."""

from __future__ import annotations

from typing import Final

from ledger.policies.cross_border import CrossBorder
from ledger.policies.fc_damaged import FcDamaged
from ledger.policies.fc_lost import FcLost
from ledger.policies.refund_clock import RefundClock
from ledger.policies.removal_damaged import RemovalDamaged
from ledger.policies.removal_lost import RemovalLost
from ledger.policies.return_damaged import ReturnDamaged
from ledger.policies.return_missing import ReturnMissing
from ledger.policies.return_not_restocked import ReturnNotRestocked
from ledger.policies.return_request import ReturnRequest
from ledger.policies.reversal_unsupported import ReversalUnsupported
from ledger.policies.safe_t import SafeT
from ledger.policies.underpaid import Underpaid
from ledger.policy import Policy

POLICIES: Final[tuple[Policy, ...]] = (
    ReturnMissing(),
    ReturnDamaged(),
    ReturnNotRestocked(),
    FcLost(),
    FcDamaged(),
    RemovalLost(),
    RemovalDamaged(),
    Underpaid(),
    ReversalUnsupported(),
    SafeT(),
    ReturnRequest(),
    RefundClock(),
    CrossBorder(),
)

__all__ = ["POLICIES"]
