"""Every kind of event, one line each; a topic is a name for ever."""

from __future__ import annotations

from typing import Final

from ledger.event import Event
from ledger.events.account import (
    AccountOpened,
    LossAccepted,
    RulebookAdopted,
    SigningKeyReplaced,
)
from ledger.events.arrivals import (
    DamageInvestigated,
    DamageReported,
    RemovalReceived,
    UnitGraded,
    UnitsReceived,
    WrongItemReceived,
)
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimDrafted,
    ClaimFiled,
    ClaimInfoAnswered,
    ClaimInfoRequested,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold
from ledger.events.imports import ReportImported, RowRefused
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.events.judgements import JudgementRecorded
from ledger.events.keeping import (
    EntryCorrected,
    EvidenceAttached,
    LegalHoldPlaced,
    LegalHoldReleased,
    NoteAdded,
)
from ledger.events.messages import AbuseReported, MessageAnswered, MessageReceived, ReviewThreatened
from ledger.events.orders import OrderPlaced, OrderStatusReported, ReplacementShipped, UnitsShipped
from ledger.events.personal import PersonalErased, PersonalTold
from ledger.events.refunds import (
    ConcessionGranted,
    RefundGiven,
    ReplacementSent,
    RestockingFeeApplied,
)
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.removals import RemovalProgressed, RemovalRequested, RemovalShipped
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
    ReturnLabelIssued,
    ReturnLost,
    ReturnOptionOffered,
    WithdrawalDeclared,
)
from ledger.events.returns import (
    ReturnProgressed,
    ReturnReceived,
    ReturnRequested,
    ReturnStatusReported,
    UnitIdentified,
    UnitReturned,
)
from ledger.events.settlements import (
    RefundIssued,
    SaleSettled,
    SettlementClosed,
    TransactionSettled,
)
from ledger.events.terms import (
    ContactSet,
    ProductDescribed,
    ReturnlessRuleSet,
    ReturnPolicySet,
    SourcingCostSet,
)

EVENT_TYPES: Final[tuple[type[Event], ...]] = (
    AccountOpened,
    RulebookAdopted,
    SigningKeyReplaced,
    LossAccepted,
    ReportImported,
    RowRefused,
    OrderPlaced,
    OrderStatusReported,
    UnitsShipped,
    ReplacementShipped,
    SettlementClosed,
    SaleSettled,
    RefundIssued,
    TransactionSettled,
    UnitReturned,
    UnitIdentified,
    ReturnStatusReported,
    ReturnRequested,
    ReturnProgressed,
    ReturnReceived,
    ReimbursementPosted,
    ReimbursementReversed,
    StockMoved,
    ReconciliationReported,
    RemovalRequested,
    RemovalProgressed,
    RemovalShipped,
    JudgementRecorded,
    OrderTold,
    OrderDispatched,
    OrderDelivered,
    RequestReceived,
    WithdrawalDeclared,
    ReturnAuthorized,
    ReturnDeclined,
    DeclineOverridden,
    ReturnOptionOffered,
    ReturnLabelIssued,
    ReturnFirstScanned,
    ReturnLost,
    UnitsReceived,
    UnitGraded,
    WrongItemReceived,
    DamageReported,
    DamageInvestigated,
    RemovalReceived,
    RefundGiven,
    RestockingFeeApplied,
    ConcessionGranted,
    ReplacementSent,
    ClaimDrafted,
    ClaimFiled,
    ClaimInfoRequested,
    ClaimInfoAnswered,
    ClaimDecided,
    AppealFiled,
    AppealDecided,
    ClaimPaid,
    ClaimPaymentReversed,
    MessageReceived,
    MessageAnswered,
    ReviewThreatened,
    AbuseReported,
    ProductDescribed,
    SourcingCostSet,
    ReturnPolicySet,
    ReturnlessRuleSet,
    ContactSet,
    EvidenceAttached,
    NoteAdded,
    EntryCorrected,
    LegalHoldPlaced,
    LegalHoldReleased,
    PersonalTold,
    PersonalErased,
)

BY_TOPIC: Final[dict[str, type[Event]]] = {kind.TOPIC: kind for kind in EVENT_TYPES}
SILENT: Final = frozenset(kind.TOPIC for kind in EVENT_TYPES if kind.SILENT)
"""The kinds of event from which nothing is folded."""

__all__ = ["BY_TOPIC", "EVENT_TYPES", "SILENT", *(kind.__name__ for kind in EVENT_TYPES)]
