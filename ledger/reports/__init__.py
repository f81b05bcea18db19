"""One module per report of Amazon's; REPORT_FORMATS lists them."""

from __future__ import annotations

from typing import Final

from ledger.report import ReportFormat
from ledger.reports.all_orders import AllOrders
from ledger.reports.fba_customer_returns import FbaCustomerReturns
from ledger.reports.fba_reimbursements import FbaReimbursements
from ledger.reports.fba_replacements import FbaReplacements
from ledger.reports.fba_shipments import FbaShipments
from ledger.reports.inventory_ledger import InventoryLedger
from ledger.reports.mfn_returns import MfnReturns
from ledger.reports.removal_orders import RemovalOrders
from ledger.reports.removal_shipments import RemovalShipments
from ledger.reports.settlement import Settlement

REPORT_FORMATS: Final[tuple[ReportFormat, ...]] = (
    AllOrders(),
    FbaCustomerReturns(),
    FbaReimbursements(),
    FbaReplacements(),
    FbaShipments(),
    InventoryLedger(),
    MfnReturns(),
    RemovalOrders(),
    RemovalShipments(),
    Settlement(),
)
