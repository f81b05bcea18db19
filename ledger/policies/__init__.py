"""One module per kind of claim or duty; POLICIES lists them."""

from __future__ import annotations

from typing import Final

from ledger.policies.a_to_z_appeal import AToZAppeal
from ledger.policies.appeal_window import AppealWindow
from ledger.policies.buyer_fee import BuyerFee
from ledger.policies.carrier_damage import CarrierDamage
from ledger.policies.claim_answer import ClaimAnswer
from ledger.policies.cross_border import CrossBorder
from ledger.policies.declining import Declining
from ledger.policies.fc_damaged import FcDamaged
from ledger.policies.fc_lost import FcLost
from ledger.policies.goodwill import Goodwill
from ledger.policies.holiday_extension import HolidayExtension
from ledger.policies.message_deadline import MessageDeadline
from ledger.policies.own_terms import OwnTerms
from ledger.policies.postage import Postage
from ledger.policies.refund_clock import RefundClock
from ledger.policies.refund_fee import RefundFee
from ledger.policies.refunded_goods import RefundedGoods
from ledger.policies.removal_damaged import RemovalDamaged
from ledger.policies.removal_lost import RemovalLost
from ledger.policies.restocking import Restocking
from ledger.policies.return_by import ReturnBy
from ledger.policies.return_damaged import ReturnDamaged
from ledger.policies.return_missing import ReturnMissing
from ledger.policies.return_not_restocked import ReturnNotRestocked
from ledger.policies.return_request import ReturnRequest
from ledger.policies.return_window import ReturnWindow
from ledger.policies.return_wrong_item import ReturnWrongItem
from ledger.policies.returnless import Returnless
from ledger.policies.reversal_unsupported import ReversalUnsupported
from ledger.policies.safe_t import SafeT
from ledger.policies.statutory_right import StatutoryRight
from ledger.policies.underpaid import Underpaid
from ledger.policies.withdrawal_refund import WithdrawalRefund
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
    ReturnWrongItem(),
    SafeT(),
    AToZAppeal(),
    CarrierDamage(),
    ReturnRequest(),
    RefundClock(),
    CrossBorder(),
    WithdrawalRefund(),
    MessageDeadline(),
    ClaimAnswer(),
    AppealWindow(),
    ReturnWindow(),
    HolidayExtension(),
    OwnTerms(),
    StatutoryRight(),
    ReturnBy(),
    Declining(),
    Returnless(),
    RefundedGoods(),
    Postage(),
    Restocking(),
    BuyerFee(),
    RefundFee(),
    Goodwill(),
)

__all__ = ["POLICIES"]
