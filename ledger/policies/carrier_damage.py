"""Damaged by a carrier whom the seller chose: his own claim, and the carrier's own terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import exhibits, filed, gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import claims_of, delivered, dispatched, programme_of, receipts_of
from ledger.events.arrivals import DamageInvestigated
from ledger.events.requests import ReturnLabelIssued
from ledger.policy import Examination, Finding, Policy, finding_id

CARRIER: Final = "carrier.damage.window"
"""The family of a rule by which a seller writes down his carrier's terms, in his own file of rules."""
BY_CARRIER: Final = ("carrier_outbound", "carrier_return")


class CarrierDamage(Policy):
    """Amazon has no rule for it: until when and how, the carrier's terms say, and only the seller has them."""

    claim_type: ClassVar[str] = "carrier_damage"
    title: ClassVar[str] = "Damaged by the seller's carrier"
    families: ClassVar[tuple[str, ...]] = ()
    untold: ClassVar[str] = (
        "the carrier's own terms: until when it takes a claim, and what it wants to see"
    )

    def concerns(self, case: Case, book: Book) -> bool:
        """It takes the seller's own word."""
        return case.kind == "order" and bool(case.deeds)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each damage that the seller puts down to a carrier."""
        if case.kind != "order":
            return
        for ref, found in case.told(DamageInvestigated):
            if found.cause in BY_CARRIER and programme_of(case, found.sku) in ("FBM", None):
                yield self._judge(case, book, as_of, ref, found)

    def _judge(
        self, case: Case, book: Book, as_of: date, ref: Ref, found: DamageInvestigated
    ) -> Finding:
        exam = Examination(self.claim_type, as_of)
        way = "on its way to the buyer" if found.cause == "carrier_outbound" else "on its way back"
        who = found.carrier or "a carrier that is not named"
        answer = f"{who}, {way}"
        flip = "A correction of what the investigation found."
        exam.passed("Who damaged it?", answer, exam.saw(ref), flip=flip)
        gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt, *case.refs[:1])
        _ask_filed(exam, case, ref, found)
        if exam.final is None:
            _ask_label(exam, case, found)
            _ask_shown(exam, case, found)
            _ask_terms(exam, case, book, found)
            exam.assume("The amount is not stated: how much a carrier pays, its terms say.")
        return gates.conclude(
            exam,
            case,
            anchor=ref.slot,
            unit=1,
            quantity=found.quantity,
            units=[f"{ref.slot}/{number}" for number in range(1, found.quantity + 1)],
            marketplace=case.marketplace,
            programme=programme_of(case, found.sku),
            sku=found.sku,
        )


def _ask_filed(exam: Examination, case: Case, ref: Ref, found: DamageInvestigated) -> None:
    own_id = finding_id(exam.claim_type, f"{case.stream}|{ref.slot}")
    claims = [
        one
        for one in claims_of(case).values()
        if one.door == "carrier" and filed.is_about(one, own_id, found.sku)
    ]
    filed.ask_filed(exam, claims)


def _ask_label(exam: Examination, case: Case, found: DamageInvestigated) -> None:
    """Who bought the label has the contract with the carrier: that decides the door."""
    question = "Whose contract with the carrier is it?"
    flip = "An entry that says which label was used."
    if found.cause == "carrier_outbound":
        sent = dispatched(case, found.sku)
        seen = [exam.saw(sent[0])] if sent else []
        if sent is not None and sent[1].claims_protected:
            answer = (
                "the label was bought through Amazon (Claims Protected): the claim goes where it was "
                "bought, and no rule about damage is known"
            )
            exam.doubt(question, answer, *seen, flip=flip)
        elif sent is not None:
            exam.passed(question, "yours: the label was not Amazon's", *seen, flip=flip)
        else:
            exam.doubt(question, "how the order was sent is not told", flip=flip)
        return
    labels = [told for told in case.told(ReturnLabelIssued) if told[1].sku == found.sku]
    seen = [exam.saw(ref) for ref, _ in labels]
    kind = labels[-1][1].kind if labels else None
    if kind == "amazon_prepaid":
        answer = (
            "Amazon's, as its prepaid label was used: SAFE-T is the door if there is one, and Amazon's "
            "texts contradict each other on damage on the way back"
        )
        exam.doubt(question, answer, *seen, flip=flip)
    elif kind == "buyer_ships":
        answer = "the buyer's, who sent it himself: only he can claim it from the carrier"
        exam.ends("not_claimable", question, answer, *seen, flip=flip)
    elif kind is not None:
        exam.passed(question, "yours: it was your own label", *seen, flip=flip)
    else:
        exam.doubt(question, "which label was used is not told", flip=flip)


def _ask_shown(exam: Examination, case: Case, found: DamageInvestigated) -> None:
    question = "Do photos show the damage?"
    shown = set(found.evidence) | set(exhibits.photos(case, found.sku))
    seen = [exam.saw(ref) for ref in exhibits.photos(case, found.sku).values()]
    flip = "Photos of the unit, its packaging and the box."
    if len(shown) >= exhibits.MULTIPLE:
        exam.passed(question, f"yes, {len(shown)} files", *seen, flip="Fewer photos.")
    else:
        answer = "one file" if shown else "none is attached"
        exam.doubt(question, answer, *seen, flip=flip)


def _ask_terms(exam: Examination, case: Case, book: Book, found: DamageInvestigated) -> None:
    """A seller may write his carrier's terms down as a rule of his own; else only they say until when."""
    market = case.marketplace
    anchors = _anchors(case, found)
    if market is not None and anchors and book.rulebook.versions(CARRIER, market):
        gates.ask_window(exam, book, CARRIER, market, anchors)
        return
    exam.doubt(
        "Until when does the carrier take a claim?",
        "no rule says: read the carrier's own terms, today",
        flip=f"A rule of your own of the family {CARRIER}, with the carrier's page as its source, "
        "and the day of the delivery.",
    )


def _anchors(case: Case, found: DamageInvestigated) -> dict[str, date]:
    if found.cause == "carrier_outbound":
        arrived = delivered(case, found.sku)
        return {"delivery_date": arrived.day} if arrived else {}
    back = receipts_of(case, found.sku)
    return {"return_date": min(one.ref.day for one in back)} if back else {}
