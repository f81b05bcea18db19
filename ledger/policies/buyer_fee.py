"""What Amazon may charge a buyer whose FBA return comes late or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import bearing, desk, gates
from ledger.book import Book
from ledger.case import Case, Return
from ledger.policy import Examination, Policy
from ledger.rights import any_reason, basis_of
from ledger.rulebook import Rule
from ledger.ruling import Ruling, ruling
from ledger.values import code

FEE: Final = "ret.buyer_fees"


class BuyerFee(Policy):
    """It is Amazon's to charge and to keep: the seller only learns why the buyer got less."""

    claim_type: ClassVar[str] = "buyer_fee"
    title: ClassVar[str] = "What Amazon charges a buyer for a late or damaged return"
    families: ClassVar[tuple[str, ...]] = (FEE,)
    claims: ClassVar[bool] = False

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One ruling for each FBA return that came late for certain, or damaged by the customer."""
        if not bearing.concerns(case) or case.marketplace is None:
            return
        for back in case.returns:
            rule = book.rulebook.in_force(FEE, case.marketplace, back.ref.day)
            if back.programme != "FBA" or rule is None:
                continue
            late = _days_late(case, book, back)
            if late:
                yield _ruling(case, back, rule, as_of, "a late return", _late(rule, late))
            if code(back.disposition or "") == "CUSTOMER_DAMAGED":
                yield _ruling(case, back, rule, as_of, "a damaged return", _damaged(rule))


def _days_late(case: Case, book: Book, back: Return) -> int:
    """By how many days it missed the last day of every right; 0 where that is not certain."""
    found = any_reason(basis_of(case, book, back.sku, back.ref.day))
    if not found or not all(right.firm for right in found):
        return 0
    last = max(right.last for right in found if right.last is not None)
    return max((back.ref.day - last).days, 0)


def _late(rule: Rule, days: int) -> str:
    first = rule.number("late_fee_first_days")
    pct = rule.number("late_fee_first_pct" if days <= first else "late_fee_after_pct")
    return f"{days} days late: Amazon may charge {pct} % of the price"


def _damaged(rule: Rule) -> str:
    most, luxury = rule.number("damage_fee_max_pct"), rule.number("luxury_damage_pct")
    opened = rule.number("opened_collectibles_pct")
    return (
        f"Amazon may charge up to {most} % of the price; {luxury} % of a luxury item's, "
        f"{opened} % of an opened collectible's"
    )


def _ruling(case: Case, back: Return, rule: Rule, as_of: date, what: str, reason: str) -> Ruling:
    exam = Examination("buyer_fee", as_of)
    answer = f"on {back.ref.day}, as {back.disposition or 'no disposition'}"
    exam.passed(
        "When and how did it come back?", answer, exam.saw(back.ref), flip="A newer report."
    )
    programme = desk.programme_of(case, back.sku)
    exam.passed("Who handles the return?", f"Amazon ({programme})", flip="A report that says FBM.")
    gates.ask_rule(exam, "What may Amazon charge?", rule)
    return ruling(
        exam,
        case,
        "cost",
        f"Amazon's fee for {what}",
        "holds",
        reason,
        sku=back.sku,
        since=str(back.ref.day),
        bearer="buyer",
    )
