"""Every kind of event, one line each; a topic is a name for ever."""

from __future__ import annotations

from typing import Final

from ledger.event import Event
from ledger.events.account import AccountOpened, RulebookAdopted
from ledger.events.imports import ReportImported, RowRefused
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.events.judgements import JudgementRecorded
from ledger.events.orders import OrderPlaced, OrderStatusReported, ReplacementShipped, UnitsShipped
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.removals import RemovalProgressed, RemovalRequested, RemovalShipped
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

EVENT_TYPES: Final[tuple[type[Event], ...]] = (
    AccountOpened,
    RulebookAdopted,
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
)

BY_TOPIC: Final[dict[str, type[Event]]] = {kind.TOPIC: kind for kind in EVENT_TYPES}

__all__ = ["BY_TOPIC", "EVENT_TYPES", *(kind.__name__ for kind in EVENT_TYPES)]
