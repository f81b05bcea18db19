"""Sent back to the seller by Amazon, and lost on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar, Final

from ledger import exhibits, gates
from ledger.book import REIMBURSEMENTS, REMOVAL_SHIPMENTS, REMOVALS, Book
from ledger.case import Case, RemovalShipment
from ledger.policy import Examination, Finding, Policy
from ledger.removals import Arrival, RemovalAccount, parcels_of, removal_accounts

PHOTOS: Final = ("images_units", "images_packaging", "images_shipping_box")


class RemovalLost(Policy):
    """Units of a completed removal that no report accounts for, and units that left and did not arrive.

    That Amazon's numbers add up to what was asked for was not seen on real files yet: what only they leave
    open is never more than `review`. What a shipment row hands to a carrier, and the seller did not get, is.
    """

    claim_type: ClassVar[str] = "removal_lost"
    title: ClassVar[str] = "Removal: units missing"
    families: ClassVar[tuple[str, ...]] = (
        gates.REMOVAL_LOST,
        gates.REMOVAL_OTHER,
        gates.VALUED_BEFORE_ORDER,
    )
    needs: ClassVar[tuple[str, ...]] = (REMOVALS, REMOVAL_SHIPMENTS, REIMBURSEMENTS)

    def concerns(self, case: Case, book: Book) -> bool:
        """Only removal orders."""
        return case.kind == "removal"

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each line whose numbers leave units open, and for each parcel that came short."""
        if case.kind != "removal":
            return
        for account in removal_accounts(case):
            if not account.sent_back:
                continue
            if account.complete:
                yield from self._unaccounted(case, book, as_of, account)
            yield from self._short(case, book, as_of, account)

    def _unaccounted(
        self, case: Case, book: Book, as_of: date, account: RemovalAccount
    ) -> Iterator[Finding]:
        """What Amazon's own numbers leave open, less what arrived beyond them."""
        beyond = max(account.received - account.handed_over, 0)
        if account.unaccounted > 0:
            missing = account.unaccounted - beyond
            if missing > 0:
                yield self._judge(case, book, as_of, account, missing, handed_over=True)
        elif account.not_handed_over > 0 and account.shipments:
            missing = account.not_handed_over - beyond
            if missing > 0:
                yield self._judge(case, book, as_of, account, missing, handed_over=False)

    def _short(
        self, case: Case, book: Book, as_of: date, account: RemovalAccount
    ) -> Iterator[Finding]:
        """What left and did not arrive: of a parcel that the seller counted, else of all of them together."""
        if account.untold:
            if account.received < account.handed_over:
                yield self._judge_short(case, book, as_of, account, None)
            return
        for shipment in account.shipments:
            counted = account.arrivals_of(shipment)
            if counted and sum(one.quantity for one in counted) < shipment.quantity:
                yield self._judge_short(case, book, as_of, account, shipment)

    def _judge_short(
        self,
        case: Case,
        book: Book,
        as_of: date,
        account: RemovalAccount,
        shipment: RemovalShipment | None,
    ) -> Finding:
        exam = Examination(self.claim_type, as_of)
        line = account.line
        sent = [shipment] if shipment else list(account.shipments)
        counted = account.arrivals_of(shipment) if shipment else list(account.arrivals)
        arrived = sum(one.quantity for one in counted)
        missing = sum(one.quantity for one in sent) - arrived
        since = min(one.ref.day for one in sent)
        market = sent[0].ref.marketplace
        _ask_counted(exam, sent, counted, missing)
        gates.ask_marketplace(exam, market, case.marketplace_doubt, sent[0].ref)
        gates.ask_removal_unpaid(exam, book, line.fnsku, since)
        gates.ask_coverage(exam, book, REMOVAL_SHIPMENTS, since, "no other shipment left")
        gates.ask_unpaid(exam, book, since)
        family = gates.REMOVAL_OTHER if arrived else gates.REMOVAL_LOST
        _ask_proofs(exam, case, book, family, market, arrived=bool(arrived))
        gates.ask_window(exam, book, family, market, _anchors(sent, counted, arrived=bool(arrived)))
        expected = gates.ask_worth(
            exam, book, gates.VALUED_BEFORE_ORDER, market, since, sku=line.sku, quantity=missing
        )
        slot = (shipment or line).ref.slot
        return gates.conclude(
            exam,
            case,
            anchor=f"{slot}|short",
            unit=1,
            quantity=missing,
            units=[f"{slot}/{arrived + number}" for number in range(1, missing + 1)],
            marketplace=market,
            programme="FBA",
            sku=line.sku,
            fnsku=line.fnsku,
            expected=expected,
        )

    def _judge(
        self,
        case: Case,
        book: Book,
        as_of: date,
        account: RemovalAccount,
        missing: int,
        *,
        handed_over: bool,
    ) -> Finding:
        exam = Examination(self.claim_type, as_of)
        line = account.line
        market = line.ref.marketplace
        _ask_accounted(exam, account, missing, handed_over=handed_over)
        gates.ask_marketplace(exam, market, case.marketplace_doubt, line.ref)
        gates.ask_removal_unpaid(exam, book, line.fnsku, line.ref.day)
        gates.ask_coverage(exam, book, REMOVALS, line.ref.day, "the order stayed as it was told")
        gates.ask_coverage(exam, book, REMOVAL_SHIPMENTS, line.ref.day, "no other shipment left")
        gates.ask_unpaid(exam, book, line.ref.day)
        _ask_arrived(exam, account)
        _ask_when(exam, book, account)
        family = gates.VALUED_BEFORE_ORDER
        expected = gates.ask_worth(
            exam, book, family, market, line.ref.day, sku=line.sku, quantity=missing
        )
        return gates.conclude(
            exam,
            case,
            anchor=line.ref.slot,
            unit=1,
            quantity=missing,
            units=[f"{line.ref.slot}/unaccounted/{number}" for number in range(1, missing + 1)],
            marketplace=market,
            programme="FBA",
            sku=line.sku,
            fnsku=line.fnsku,
            expected=expected,
        )


# --- what left and did not arrive -------------------------------------------------------------


def _ask_counted(
    exam: Examination,
    sent: Sequence[RemovalShipment],
    counted: Sequence[Arrival],
    missing: int,
) -> None:
    question = "Did all that left arrive?"
    seen = [exam.saw(ref) for ref in (*(one.ref for one in sent), *(one.ref for one in counted))]
    left = sum(one.quantity for one in sent)
    answer = f"no: {left} left, and {left - missing} arrived by the seller's own count"
    flip = "A further arrival, or a correction of the count."
    told = {one.tracking for one in counted if one.tracking}
    open_ = sorted(parcels_of(sent[0]) - told) if len(parcels_of(sent[0])) > 1 else []
    if len(sent) > 1:
        told_not = f"{answer}; of which of the {len(sent)} shipments they are is not told"
        each = "The count of each parcel, with its tracking number."
        exam.doubt(question, told_not, *seen, flip=each)
    elif open_:
        rest = f"{answer}; {', '.join(open_)} of the same shipment may be still to come"
        exam.doubt(
            question, rest, *seen, flip="The count of each parcel, also of one that is lost."
        )
    else:
        exam.passed(question, answer, *seen, flip=flip)


def _ask_proofs(
    exam: Examination,
    case: Case,
    book: Book,
    family: str,
    market: str | None,
    *,
    arrived: bool,
) -> None:
    """Of a parcel that never came there is nothing to photograph."""
    rule = book.rulebook.in_force(family, market, exam.as_of) if market else None
    besides = ("LPN",) if arrived else ("LPN", *PHOTOS)
    exhibits.ask_exhibits(exam, case, rule, besides=besides)
    exam.assume("The missing units bear no licence plate that you could name.")


def _anchors(
    sent: Sequence[RemovalShipment], counted: Sequence[Arrival], *, arrived: bool
) -> dict[str, date]:
    if arrived:
        return {"removal_delivered_date": min(one.ref.day for one in counted)}
    day = min(one.ref.day for one in sent)
    return {"removal_shipment_created_date": day, "removal_ship_date": day}


# --- what the numbers leave open --------------------------------------------------------------


def _ask_arrived(exam: Examination, account: RemovalAccount) -> None:
    question = "Did the units get lost on their way to the seller?"
    if not account.arrivals:
        exam.doubt(
            question,
            "only the seller's own count on receipt tells what arrived",
            flip="The count of what arrived, with the tracking number of the shipment.",
        )
        return
    seen = [exam.saw(one.ref) for one in account.arrivals]
    answer = (
        f"{account.received} arrived by the seller's own count; whether Amazon's numbers must add up to "
        "what was asked for was not seen on real files yet"
    )
    flip = "Amazon's own word on what became of the units."
    exam.doubt(question, answer, *seen, flip=flip)


def _ask_accounted(
    exam: Examination, account: RemovalAccount, missing: int, *, handed_over: bool
) -> None:
    question = "Are all units accounted for?"
    seen = [exam.saw(ref) for ref in account.refs]
    if handed_over:
        answer = (
            f"{missing} of {account.line.requested} were neither cancelled, disposed of nor shipped, "
            "and the order is completed"
        )
        flip = "A newer removal order report with other numbers."
    else:
        answer = f"{missing} are called shipped, but no shipment row hands them to a carrier"
        flip = "The removal shipment report with the missing row."
    exam.passed(question, answer, *seen, flip=flip)


def _ask_when(exam: Examination, book: Book, account: RemovalAccount) -> None:
    days = [shipment.ref.day for shipment in account.shipments]
    if not days:
        exam.doubt(
            "Is today a day on which it may be filed?",
            "nothing was shipped, and the clock runs from a shipment's creation",
            flip="The removal shipment report with a row of this order.",
        )
        return
    anchors = {
        "removal_shipment_created_date": max(days),
        "removal_ship_date": max(days),
    }
    gates.ask_window(exam, book, gates.REMOVAL_LOST, account.line.ref.marketplace, anchors)
