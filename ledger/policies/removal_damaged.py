"""Asked back sellable, and sent back damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar, Final

from ledger import exhibits, gates
from ledger.book import REIMBURSEMENTS, REMOVAL_SHIPMENTS, REMOVALS, Book
from ledger.case import Case, RemovalShipment
from ledger.policy import Examination, Finding, Policy
from ledger.removals import Arrival, RemovalAccount, removal_accounts
from ledger.values import code

DAMAGED_BY_AMAZON: Final = frozenset(
    {"WAREHOUSE_DAMAGED", "CARRIER_DAMAGED", "DISTRIBUTOR_DAMAGED", "DAMAGED"}
)


class RemovalDamaged(Policy):
    """Units that left Amazon in a worse state than they were asked back in, or arrived in one."""

    claim_type: ClassVar[str] = "removal_damaged"
    title: ClassVar[str] = "Removal: units damaged"
    families: ClassVar[tuple[str, ...]] = (gates.REMOVAL_OTHER, gates.VALUED_BEFORE_ORDER)
    needs: ClassVar[tuple[str, ...]] = (REMOVALS, REMOVAL_SHIPMENTS, REIMBURSEMENTS)

    def concerns(self, case: Case, book: Book) -> bool:
        """Only removal orders."""
        return case.kind == "removal"

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each shipment that left damaged, and one for each count of damaged units."""
        if case.kind != "removal":
            return
        for account in removal_accounts(case):
            if code(account.line.disposition or "") != "SELLABLE":
                continue
            left_damaged = [one for one in account.shipments if _left_damaged(one)]
            for shipment in left_damaged:
                yield self._judge(case, book, as_of, account, shipment)
            for arrival in account.arrivals:
                if arrival.damaged > 0 and arrival.shipment not in left_damaged:
                    yield self._judge_arrival(case, book, as_of, account, arrival)

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
        arrivals = account.arrivals_of(shipment)
        quantity = _ask_found(exam, shipment, arrivals)
        return self._ended(
            case, book, account, exam, shipment, arrivals, shipment.ref.slot, quantity
        )

    def _judge_arrival(
        self,
        case: Case,
        book: Book,
        as_of: date,
        account: RemovalAccount,
        arrival: Arrival,
    ) -> Finding:
        exam = Examination(self.claim_type, as_of)
        question = "Did it arrive in another state than it was asked back in?"
        answer = f"asked back as {account.line.disposition}, {arrival.damaged} arrived damaged"
        seen = [exam.saw(account.line.ref), exam.saw(arrival.ref)]
        flip = "A correction of the count."
        exam.passed(question, answer, *seen, flip=flip)
        if arrival.shipment is None and len(account.shipments) != 1:
            told = "several shipments may have brought them"
            flip = "The tracking number of the parcel."
            exam.doubt("Which shipment brought them?", told, *seen, flip=flip)
        shipment = arrival.shipment
        slot = arrival.ref.slot
        return self._ended(case, book, account, exam, shipment, [arrival], slot, arrival.damaged)

    def _ended(
        self,
        case: Case,
        book: Book,
        account: RemovalAccount,
        exam: Examination,
        shipment: RemovalShipment | None,
        arrivals: Sequence[Arrival],
        slot: str,
        quantity: int,
    ) -> Finding:
        """What every damaged unit is asked: paid for, shown, in time, and worth what."""
        line = account.line
        sent = shipment.ref if shipment else line.ref
        market = sent.marketplace
        gates.ask_marketplace(exam, market, case.marketplace_doubt, sent)
        expected = None
        if exam.final is None:
            gates.ask_removal_unpaid(exam, book, line.fnsku, sent.day)
            gates.ask_unpaid(exam, book, sent.day)
            if arrivals:
                _ask_shown(exam, case, book, market)
                first = min(one.ref.day for one in arrivals)
                anchors = {"removal_delivered_date": first}
                gates.ask_window(exam, book, gates.REMOVAL_OTHER, market, anchors)
            family, day = gates.VALUED_BEFORE_ORDER, line.ref.day
            expected = gates.ask_worth(
                exam, book, family, market, day, sku=line.sku, quantity=quantity
            )
        return gates.conclude(
            exam,
            case,
            anchor=slot,
            unit=1,
            quantity=quantity,
            units=[f"{slot}/{number}" for number in range(1, quantity + 1)],
            marketplace=market,
            programme="FBA",
            sku=line.sku,
            fnsku=line.fnsku,
            expected=expected,
        )


def _left_damaged(shipment: RemovalShipment) -> bool:
    return code(shipment.disposition or "") in DAMAGED_BY_AMAZON


def _ask_found(exam: Examination, shipment: RemovalShipment, arrivals: Sequence[Arrival]) -> int:
    """What the seller found of a shipment that Amazon itself calls damaged."""
    question = "What did the seller find on receipt?"
    if not arrivals:
        exam.doubt(
            question,
            "no report tells the day of delivery and the state on arrival, and the clock runs from the delivery",
            flip="The day of delivery, photos of unit, packaging and box, and the licence plate.",
        )
        return shipment.quantity
    seen = [exam.saw(one.ref) for one in arrivals]
    damaged = sum(one.damaged for one in arrivals)
    received = sum(one.quantity for one in arrivals)
    flip = "A correction of the count."
    if damaged == 0:
        answer = f"{received} arrived, and none of them damaged"
        exam.ends("not_claimable", question, answer, *seen, flip=flip)
        return max(received, 1)
    exam.passed(question, f"{received} arrived, {damaged} of them damaged", *seen, flip=flip)
    return damaged


def _ask_shown(exam: Examination, case: Case, book: Book, market: str | None) -> None:
    rule = book.rulebook.in_force(gates.REMOVAL_OTHER, market, exam.as_of) if market else None
    exhibits.ask_exhibits(exam, case, rule, besides=("LPN",))
    exam.assume("The units bear no licence plate: where they do, show it, too.")
