"""One module per report of Amazon's; REPORT_FORMATS lists them."""

from __future__ import annotations

from typing import Final

from ledger.report import ReportFormat
from ledger.reports.fba_customer_returns import FbaCustomerReturns
from ledger.reports.fba_reimbursements import FbaReimbursements
from ledger.reports.fba_replacements import FbaReplacements
from ledger.reports.inventory_ledger import InventoryLedger
from ledger.reports.removal_orders import RemovalOrders
from ledger.reports.removal_shipments import RemovalShipments

REPORT_FORMATS: Final[tuple[ReportFormat, ...]] = (
    FbaCustomerReturns(),
    FbaReimbursements(),
    FbaReplacements(),
    InventoryLedger(),
    RemovalOrders(),
    RemovalShipments(),
)
