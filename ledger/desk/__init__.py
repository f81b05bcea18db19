"""An order as it lies on the seller's desk: what the reports tell and what he tells himself, put together once."""

from ledger.desk.answering import Answer, answers_of
from ledger.desk.claiming import GRANTED, Claim, claims_of
from ledger.desk.conceding import Concession, concessions_of
from ledger.desk.orders import (
    delivered,
    dispatched,
    lines_of,
    paid_for,
    placed,
    programme_of,
    quantity_of,
    skus_of,
    unit_price,
)
from ledger.desk.refunding import (
    SETTLED_WITHIN,
    GivenBack,
    refund_named,
    refunds_of,
)
from ledger.desk.repaying import Repayment, partly_repaid, repaid, repayments_of
from ledger.desk.returning import (
    Receipt,
    Request,
    condition_of,
    graded,
    no_other_rma,
    receipts_of,
    received_units,
    requests_of,
)
from ledger.desk.returnless import is_for_others, standing_rules

__all__ = [
    "GRANTED",
    "SETTLED_WITHIN",
    "Answer",
    "Claim",
    "Concession",
    "GivenBack",
    "Receipt",
    "Repayment",
    "Request",
    "answers_of",
    "claims_of",
    "concessions_of",
    "condition_of",
    "delivered",
    "dispatched",
    "graded",
    "is_for_others",
    "lines_of",
    "no_other_rma",
    "paid_for",
    "partly_repaid",
    "placed",
    "programme_of",
    "quantity_of",
    "receipts_of",
    "received_units",
    "refund_named",
    "refunds_of",
    "repaid",
    "repayments_of",
    "requests_of",
    "skus_of",
    "standing_rules",
    "unit_price",
]
