"""What Amazon paid for lost and damaged units, in cash or in kind, and what it took back."""

from __future__ import annotations

from typing import Final

from ledger.event import ACCOUNT_STREAM, order_stream, stock_stream
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.report import Column, Part, ReportFormat, Row, RowTold, key
from ledger.values import Money, code

REVERSAL: Final = "REIMBURSEMENT_REVERSAL"

_REASONS: Final = (
    "Lost_Warehouse",
    "Damaged_Warehouse",
    "CustomerReturn",
    "Lost_Inbound",
    "CustomerServiceIssue",
    "Lost_Outbound",
    "GeneralAdjustment",
    "Reimbursement_Reversal",
)
KNOWN_REASONS: Final = frozenset((*_REASONS, *map(code, _REASONS)))
"""As Amazon's files write them, and folded: `LOST_WAREHOUSE` is no other reason."""


class FbaReimbursements(ReportFormat):
    """The FBA reimbursements report: 18 columns, one or several lines for each reimbursement id."""

    name = "fba-reimbursements"
    title = "FBA reimbursements"
    amazon_type = "GET_FBA_REIMBURSEMENTS_DATA"
    download = "Seller Central > Reports > Fulfillment > Payments > Reimbursements"
    order_column = "amazon-order-id"
    columns = (
        Column("approval-date"),
        Column("reimbursement-id"),
        Column("case-id"),
        Column("amazon-order-id"),
        Column("reason"),
        Column("sku"),
        Column("fnsku"),
        Column("asin"),
        Column(
            "product-name",
            required=False,
            ignored="a title is changed at will and names no unit; SKU, ASIN and FNSKU do",
        ),
        Column("condition"),
        Column("currency-unit"),
        Column("amount-per-unit"),
        Column("amount-total"),
        Column("quantity-reimbursed-cash"),
        Column("quantity-reimbursed-inventory"),
        Column("quantity-reimbursed-total"),
        Column("original-reimbursement-id"),
        Column("original-reimbursement-type"),
    )

    def told(self, row: Row) -> RowTold:
        """A line of a reimbursement, or of one taken back."""
        line = _line(row)
        return RowTold(
            rows=(row.line,),
            stream=_stream(line),
            keys=(_key(line),),
            parts=(Part(event=line, occurred_at=row.moment("approval-date")),),
            money=(line.amount,),
        )


def _line(row: Row) -> ReimbursementPosted | ReimbursementReversed:
    currency = row.currency("currency-unit")
    amount = row.money("amount-total", currency)
    reason = row.code("reason", KNOWN_REASONS) or row.need("reason")
    total = row.number_or_none("quantity-reimbursed-total")
    original_id = row.text("original-reimbursement-id")
    taken_back = _takes_back(reason, amount, total, original_id)
    kind = ReimbursementReversed if taken_back else ReimbursementPosted
    return kind(
        reimbursement_id=row.need("reimbursement-id"),
        case_id=row.text("case-id"),
        order_id=row.text("amazon-order-id"),
        reason=reason,
        sku=row.text("sku"),
        fnsku=row.text("fnsku"),
        asin=row.text("asin"),
        condition=row.text("condition"),
        amount_per_unit=row.money_or_none("amount-per-unit", currency),
        amount=amount,
        cash=row.number_or_none("quantity-reimbursed-cash"),
        inventory=row.number_or_none("quantity-reimbursed-inventory"),
        total=total,
        original_id=original_id,
        original_reason=row.text("original-reimbursement-type"),
    )


def _takes_back(reason: str, amount: Money, total: int | None, original_id: str | None) -> bool:
    """By its reason, by its sign, or because it names an earlier payment and gives nothing."""
    gives_nothing = amount.minor <= 0 and (original_id is not None or (total or 0) < 0)
    return code(reason) == REVERSAL or amount.minor < 0 or gives_nothing


def _stream(line: ReimbursementPosted | ReimbursementReversed) -> str:
    """The order it speaks of, else the stock, else the account."""
    if line.order_id is not None:
        return order_stream(line.order_id)
    return ACCOUNT_STREAM if line.fnsku is None else stock_stream(line.fnsku)


def _key(line: ReimbursementPosted | ReimbursementReversed) -> str:
    """An id may have several lines; two that are alike in everything are two payments."""
    return key(
        "fba-reimbursement",
        line.reimbursement_id,
        line.sku,
        line.fnsku,
        code(line.reason),
        str(line.amount),
        *(
            None if units is None else str(units)
            for units in (line.cash, line.inventory, line.total)
        ),
    )
