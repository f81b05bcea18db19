"""Asked back sellable, and sent back damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import gates
from ledger.book import REIMBURSEMENTS, REMOVAL_SHIPMENTS, REMOVALS, Book
from ledger.case import Case, RemovalShipment
from ledger.policy import Examination, Finding, Policy
from ledger.removals import RemovalAccount, removal_accounts
from ledger.values import code

DAMAGED_BY_AMAZON: Final = frozenset(
    {"WAREHOUSE_DAMAGED", "CARRIER_DAMAGED", "DISTRIBUTOR_DAMAGED", "DAMAGED"}
)


class RemovalDamaged(Policy):
    """Units that left Amazon in a worse state than they were asked back in."""

    claim_type: ClassVar[str] = "removal_damaged"
    title: ClassVar[str] = "Removal: units damaged"
    families: ClassVar[tuple[str, ...]] = (gates.REMOVAL_OTHER, gates.VALUED_BEFORE_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REMOVALS, REMOVAL_SHIPMENTS, REIMBURSEMENTS)
    untold: ClassVar[str] = "when the parcel arrived, and in what state: only the seller can tell"

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each shipment whose state differs from the line it belongs to."""
        if case.kind != "removal":
            return
        for account in removal_accounts(case):
            for shipment in account.shipments:
                if (
                    code(account.line.disposition or "") == "SELLABLE"
                    and code(shipment.disposition or "") in DAMAGED_BY_AMAZON
                ):
                    yield self._judge(case, book, as_of, account, shipment)

    def _judge(
        self,
        case: Case,
        book: Book,
        as_of: date,
        account: RemovalAccount,
        shipment: RemovalShipment,
    ) -> Finding:
        exam = Examination(self.claim_type, as_of)
        exam.passed(
            "Did it leave in another state than it was asked back in?",
            f"asked back as {account.line.disposition}, shipped as {shipment.disposition}",
            exam.saw(account.line.ref),
            exam.saw(shipment.ref),
            flip="A newer report that states the same state in both.",
        )
        marketplace = shipment.ref.marketplace
        gates.ask_marketplace(exam, marketplace, case.marketplace_doubt, shipment.ref)
        gates.ask_removal_unpaid(exam, book, shipment.fnsku, shipment.ref.day)
        gates.ask_unpaid(exam, book, shipment.ref.day)
        exam.doubt(
            "What did the seller find on receipt?",
            "no report tells the day of delivery and the state on arrival, and the clock runs from the delivery",
            flip="The day of delivery, photos of unit, packaging and box, and the licence plate.",
        )
        family = gates.VALUED_BEFORE_ORDER
        gates.ask_worth(exam, book, family, marketplace, account.line.ref.day)
        return gates.conclude(
            exam,
            case,
            anchor=shipment.ref.slot,
            unit=1,
            quantity=shipment.quantity,
            units=[f"{shipment.ref.slot}/{number}" for number in range(1, shipment.quantity + 1)],
            marketplace=marketplace,
            programme="FBA",
            sku=shipment.sku,
            fnsku=shipment.fnsku,
        )
