"""A unit that Amazon sent back to the seller, and that is not what the buyer was sold (FBA)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import exhibits, filed, gates
from ledger.allocation import Unit, order_units
from ledger.book import REIMBURSEMENTS, RETURNS, Book
from ledger.case import Case, Ref
from ledger.desk import claims_of, graded, programme_of, skus_of
from ledger.events.arrivals import UnitGraded, UnitsReceived, WrongItemReceived
from ledger.grounds import WRONG
from ledger.policy import Examination, Finding, Policy, finding_id

Inspection = UnitGraded | WrongItemReceived
READ_IN: Final = "JP"
"""The store on whose page Amazon says what it wants to be shown of a wrong item."""


class ReturnWrongItem(Policy):
    """What an inspection finds may overturn the state that Amazon gave a return: a person looks at it first."""

    claim_type: ClassVar[str] = "return_wrong_item"
    title: ClassVar[str] = "FBA return: a wrong item, or an empty box"
    families: ClassVar[tuple[str, ...]] = (gates.REMOVAL_OTHER, gates.VALUED_AFTER_ORDER)
    needs: ClassVar[tuple[str, ...]] = (RETURNS, REIMBURSEMENTS)
    untold: ClassVar[str] = (
        "what Amazon wants to be shown today: its list was read on the Japanese page only, in an old copy"
    )

    def concerns(self, case: Case, book: Book) -> bool:
        """It takes the seller's own word."""
        return case.kind == "order" and bool(case.deeds)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each unit of an FBA order that is found to be another."""
        if case.kind != "order":
            return
        skus = dict.fromkeys([*skus_of(case), *(back.sku for back in case.returns)])
        for sku in skus:
            for ref, found in graded(case, sku):
                if _is_wrong(found) and _is_fba(case, found):
                    yield self._judge(case, book, as_of, ref, found)

    def _judge(self, case: Case, book: Book, as_of: date, ref: Ref, found: Inspection) -> Finding:
        exam = Examination(self.claim_type, as_of)
        what = found.arrived if isinstance(found, WrongItemReceived) else found.condition
        answer = f"{what.replace('_', ' ')} instead of {found.sku}"
        exam.passed(
            "What came back?", answer, exam.saw(ref), flip="A correction of the inspection."
        )
        gates.ask_store(exam, case)
        gates.ask_programme(exam, case, found.sku)
        unit = _ask_which(exam, case, book, found)
        if exam.final is None:
            _ask_filed(exam, case, ref, found)
        if exam.final is None:
            _ask_shown(exam, case, book, found, as_of)
            gates.ask_unpaid(exam, book, ref.day)
            _ask_days(exam, case, book, ref, found)
            worth = unit.worth if unit else None
            family = gates.VALUED_AFTER_ORDER
            gates.ask_worth(exam, book, family, case.marketplace, ref.day, amount=worth)
        names = [unit.returned.name] if unit and unit.returned else [f"{ref.slot}/1"]
        return gates.conclude(
            exam,
            case,
            anchor=ref.slot,
            unit=1,
            quantity=found.quantity,
            units=names,
            marketplace=case.marketplace,
            programme=programme_of(case, found.sku),
            sku=found.sku,
            expected=unit.worth if unit and found.quantity == 1 else None,
            paid=unit.paid if unit else None,
        )


def _is_wrong(found: Inspection) -> bool:
    return isinstance(found, WrongItemReceived) or found.condition in WRONG


def _is_fba(case: Case, found: Inspection) -> bool:
    """Where nobody tells the programme, a licence plate does: only Amazon's returns bear one."""
    programme = programme_of(case, found.sku)
    return programme == "FBA" or (programme is None and bool(found.license_plate))


def _ask_which(exam: Examination, case: Case, book: Book, found: Inspection) -> Unit | None:
    """The unit that bears the licence plate, and what became of it already."""
    question = "Which return was it?"
    plates = {slot: plate for slot, plate in case.license_plates.items() if plate}
    units = [
        unit
        for unit in order_units(case, book).units
        if unit.returned is not None
        and plates.get(unit.returned.returned.ref.slot) == found.license_plate
        and found.license_plate
    ]
    if len(units) != 1:
        answer = "no licence plate tells which of Amazon's returns this is"
        flip = "The licence plate on the unit, and the customer returns report with the same."
        exam.doubt(question, answer, flip=flip)
        return None
    (unit,) = units
    assert unit.returned is not None
    back = unit.returned.returned
    flip = "Another licence plate."
    answer = f"the one of {back.ref.day}, as {back.disposition or 'no disposition'}"
    exam.passed(question, answer, exam.saw(back.ref), flip=flip)
    if unit.payment is not None and unit.payment.reversal is None:
        line = unit.payment.line
        answer = f"yes, on {line.ref.day}, reimbursement {line.reimbursement_id}"
        flip = "A reversal of it."
        exam.ends("paid", "Has this unit been paid for?", answer, exam.saw(line.ref), flip=flip)
    return unit


def _ask_filed(exam: Examination, case: Case, ref: Ref, found: Inspection) -> None:
    own_id = finding_id(exam.claim_type, f"{case.stream}|{ref.slot}")
    claims = [
        one
        for one in claims_of(case).values()
        if one.door == "fba"
        and one.claim_type == exam.claim_type
        and filed.is_about(one, own_id, found.sku)
    ]
    filed.ask_filed(exam, claims)


def _ask_shown(exam: Examination, case: Case, book: Book, found: Inspection, as_of: date) -> None:
    """What Amazon wanted to see when its page was read: whether it still does is not known."""
    rule = book.rulebook.in_force(gates.CUSTOMER_RETURN, READ_IN, as_of)
    if rule is None:
        answer = "no rule says what Amazon wants to see"
        exam.doubt(exhibits.QUESTION, answer, flip="Amazon's own page on wrong items.")
        return
    exhibits.ask_exhibits(exam, case, rule, found.sku)
    gates.ask_rule(exam, "Is it certain what Amazon wants to be shown?", rule)
    if case.marketplace != READ_IN:
        answer = f"what it wants in {case.marketplace or 'this store'} was not read"
        flip = "Amazon's own page of this store on wrong items."
        exam.doubt("Does that hold in this store?", answer, exam.by(rule), flip=flip)


def _ask_days(exam: Examination, case: Case, book: Book, ref: Ref, found: Inspection) -> None:
    """The clock of removals runs from their delivery to the seller."""
    arrived = [one for one, units in case.told(UnitsReceived) if units.sku == found.sku]
    arrived = [one for one in arrived if one.day <= ref.day]
    if not arrived:
        exam.doubt(
            "Is today a day on which it may be filed?",
            "on which day the removal was delivered is not told, and the clock runs from it",
            flip="The day of the delivery.",
        )
        return
    anchors = {"removal_delivered_date": min(one.day for one in arrived)}
    gates.ask_window(exam, book, gates.REMOVAL_OTHER, case.marketplace, anchors)
