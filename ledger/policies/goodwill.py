"""What the seller gives of his own will: concessions to buyers who keep the goods, and goods sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import desk
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.events.refunds import ConcessionGranted, ReplacementSent
from ledger.policy import Examination, Policy
from ledger.ruling import Ruling, ruling

CONDUCT: Final = "review.seller_conduct"
KINDS: Final = {
    "partial_refund": "a part of the price",
    "voucher": "a voucher",
    "discount": "a discount",
    "spare_part": "a spare part",
}


class Goodwill(Policy):
    """The seller bears it, whoever approved it; it may never be given for a review."""

    claim_type: ClassVar[str] = "goodwill"
    title: ClassVar[str] = "Goodwill and replacements"
    families: ClassVar[tuple[str, ...]] = (CONDUCT,)
    claims: ClassVar[bool] = False

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One ruling for each concession that no refund tells as well, and for each replacement."""
        if case.kind != "order" or not case.deeds:
            return
        for one in desk.concessions_of(case):
            if one.refund is None:
                yield _conceded(case, book, one.ref, one.granted, as_of)
        for ref, sent in case.told(ReplacementSent):
            yield _sent_again(case, ref, sent, as_of)


def _conceded(case: Case, book: Book, ref: Ref, granted: ConcessionGranted, as_of: date) -> Ruling:
    exam = Examination("goodwill", as_of)
    by = f", approved by {granted.approver}" if granted.approver else ", by nobody named"
    answer = f"{KINDS[granted.kind]} of {granted.amount} on {ref.day}{by}"
    exam.passed("What was conceded?", answer, exam.saw(ref), flip="A correction of the entry.")
    if granted.kind in ("voucher", "discount"):
        exam.assume("The buyer uses it: until then it costs nothing.")
    _say_conduct(exam, case, book, ref)
    return ruling(
        exam,
        case,
        "cost",
        f"goodwill: {KINDS[granted.kind]}",
        "holds",
        f"the seller's own will{by}; it may not be tied to a review",
        sku=granted.sku,
        since=str(ref.day),
        bearer="seller",
        amount=granted.amount,
    )


def _say_conduct(exam: Examination, case: Case, book: Book, ref: Ref) -> None:
    """What Amazon forbids a seller who gives something: asked where a certain rule says it."""
    if case.marketplace is None:
        return
    rule = book.rulebook.in_force(CONDUCT, case.marketplace, ref.day)
    if rule is not None and rule.sure:
        forbidden = "; ".join(rule.words("forbidden"))
        answer = f"no: Amazon forbids {forbidden}"
        question = "May it be given for a review, or for changing one?"
        exam.passed(question, answer, exam.by(rule), flip="Nothing.")


def _sent_again(case: Case, ref: Ref, sent: ReplacementSent, as_of: date) -> Ruling:
    exam = Examination("goodwill", as_of)
    cost = f"{sent.cost} for the way" if sent.cost else "its cost is not told"
    answer = f"{sent.quantity} of {sent.sku} on {ref.day}: {cost}"
    exam.passed("What was sent again?", answer, exam.saw(ref), flip="A correction of the entry.")
    exam.assume("What the goods themselves are worth is not counted.")
    return ruling(
        exam,
        case,
        "cost",
        "sending it again",
        "holds",
        "the seller: a replacement is free of charge to the buyer",
        sku=sent.sku,
        since=str(ref.day),
        bearer="seller",
        amount=sent.cost,
    )
