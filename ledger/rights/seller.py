"""What the seller promises himself: his own return window and his guarantee, which can only add to a buyer's rights."""

from __future__ import annotations

from datetime import timedelta

from ledger.case import Ref
from ledger.events.terms import ReturnPolicySet
from ledger.policy import Examination
from ledger.rights.right import Basis, Right, ask_delivered, ask_order
from ledger.rulebook import months_after


def terms_of(basis: Basis) -> tuple[Ref, ReturnPolicySet] | None:
    """The seller's terms for the store on the day of the order; those for this store come before general ones."""
    if basis.placed is None:
        return None
    known = [told for told in basis.book.terms if told[0].day <= basis.placed.day]
    own = [told for told in known if told[1].marketplace == basis.store]
    general = [told for told in known if told[1].marketplace is None]
    return next((told[-1] for told in (own, general) if told), None)


def own_window(basis: Basis) -> Right | None:
    """Until when the seller's own terms take a return; None where they name no days."""
    told = terms_of(basis)
    if told is None or told[1].window_days is None:
        return None
    ref, terms = told
    days = terms.window_days or 0
    exam = _begun(basis, "own_terms")
    soonest = basis.reached_no_sooner
    surely = soonest + timedelta(days=days) if soonest else None
    delivered = ask_delivered(exam, basis, surely)
    answer = f"{days} days from delivery, by the terms of {ref.day}"
    flip = "Terms with other days, set before the order."
    exam.passed("What do the seller's own terms grant?", answer, exam.saw(ref), flip=flip)
    last = delivered + timedelta(days=days) if delivered else None
    return Right(
        kind="own_window",
        what="may return it by the seller's own terms",
        exam=exam,
        since=delivered,
        last=last,
        surely=last or surely,
        gives="they add to Amazon's window and the law, and shorten neither",
    )


def guarantee(basis: Basis) -> Right | None:
    """Until when the seller's own guarantee runs; None where he gives none."""
    told = terms_of(basis)
    if told is None or told[1].guarantee_months is None:
        return None
    ref, terms = told
    months = terms.guarantee_months or 0
    exam = _begun(basis, "own_terms")
    soonest = basis.reached_no_sooner
    surely = months_after(soonest, months) if soonest else None
    delivered = ask_delivered(exam, basis, surely)
    answer = f"{months} months from delivery, by the terms of {ref.day}"
    flip = "A guarantee of other months, set before the order."
    exam.passed("How long is the seller's guarantee?", answer, exam.saw(ref), flip=flip)
    last = months_after(delivered, months) if delivered else None
    return Right(
        kind="guarantee",
        what="may call on the seller's guarantee",
        exam=exam,
        since=delivered,
        last=last,
        surely=last or surely,
        gives="its end ends no right by law",
    )


def _begun(basis: Basis, policy: str) -> Examination:
    exam = Examination(policy, basis.day)
    ask_order(exam, basis)
    return exam
