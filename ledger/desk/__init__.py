"""An order as it lies on the seller's desk: what the reports tell and what he tells himself, put together once."""

from ledger.desk.claiming import Claim, claims_of
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
from ledger.desk.refunding import GivenBack, refund_named, refunds_of
from ledger.desk.returning import (
    Receipt,
    Request,
    graded,
    receipts_of,
    received_units,
    requests_of,
)

__all__ = [
    "Claim",
    "GivenBack",
    "Receipt",
    "Request",
    "claims_of",
    "delivered",
    "dispatched",
    "graded",
    "lines_of",
    "paid_for",
    "placed",
    "programme_of",
    "quantity_of",
    "receipts_of",
    "received_units",
    "refund_named",
    "refunds_of",
    "requests_of",
    "skus_of",
    "unit_price",
]
