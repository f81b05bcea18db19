"""Gives each unit to at most one return, payment, reversal or restocking; once, for everybody."""

from ledger.allocation.orders import (
    AMAZON_FAULT,
    OrderUnits,
    ReplacedUnit,
    ReturnedUnit,
    Unit,
    is_replacement,
    order_units,
)
from ledger.allocation.payments import (
    AFTER_ORDER,
    PaidUnits,
    Payment,
    payments_in,
    taken_by,
    units_of,
)
from ledger.allocation.refunds import (
    WHOLE_PERCENT,
    RefundedUnit,
    money_of,
    part_refunds_of,
    refunded_units,
    unit_price,
    units_sold,
    whole_prices_in,
)
from ledger.allocation.restocks import RESTOCK_DAYS, Restocks, is_amazon_made, restocks_in
from ledger.allocation.reversals import NEAR_DAYS, justified_by
from ledger.allocation.stock import StockLoss, StockLosses, stock_losses

__all__ = [
    "AFTER_ORDER",
    "AMAZON_FAULT",
    "NEAR_DAYS",
    "RESTOCK_DAYS",
    "WHOLE_PERCENT",
    "OrderUnits",
    "PaidUnits",
    "Payment",
    "RefundedUnit",
    "ReplacedUnit",
    "Restocks",
    "ReturnedUnit",
    "StockLoss",
    "StockLosses",
    "Unit",
    "is_amazon_made",
    "is_replacement",
    "justified_by",
    "money_of",
    "order_units",
    "part_refunds_of",
    "payments_in",
    "refunded_units",
    "restocks_in",
    "stock_losses",
    "taken_by",
    "unit_price",
    "units_of",
    "units_sold",
    "whole_prices_in",
]
