"""Whether the buyer is refunded without sending it back: by the seller's own rule, or a low price from abroad."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import abroad, desk, gates
from ledger.abroad import DEADLINE
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.events.requests import ReturnOptionOffered
from ledger.events.terms import ReturnlessRuleSet
from ledger.policy import Examination
from ledger.rights import Basis, RightsPolicy, ask_order, bases
from ledger.ruling import Ruling, State, ruling

RULES: Final = "ret.returnless"
WHAT: Final = "may keep it and be refunded"


class Returnless(RightsPolicy):
    """A seller's rule binds the orders that were placed while it stood, though it was deleted since."""

    claim_type: ClassVar[str] = "returnless"
    title: ClassVar[str] = "Refunds without a return"
    families: ClassVar[tuple[str, ...]] = (RULES, "ret.intl.EU_low", DEADLINE)

    def rights(self, case: Case, book: Book, day: date) -> Iterator[Ruling]:
        """One ruling for each seller's rule that stood for a SKU, and one for a low price from abroad."""
        for basis in bases(case, book, day):
            if desk.programme_of(case, basis.sku) == "FBM":
                yield from _by_sellers_rules(basis)
                yield from _by_a_low_price(basis)


# --- the seller's own rules -------------------------------------------------------------------


def _by_sellers_rules(basis: Basis) -> Iterator[Ruling]:
    if basis.placed is None:
        return
    price = desk.unit_price(basis.case, basis.sku)
    for ref, own in desk.standing_rules(basis.book, basis.placed):
        if not desk.is_for_others(own, basis.store, price, basis.category):
            yield _by_own_rule(basis, ref, own)


def _by_own_rule(basis: Basis, ref: Ref, own: ReturnlessRuleSet) -> Ruling:
    exam = Examination("returnless", basis.day)
    ask_order(exam, basis)
    answer = f"yes: {own.name}, set on {ref.day}"
    question = "Which rule of the seller's stood when it was ordered?"
    exam.passed(question, answer, exam.saw(ref), flip="Another day of the order.")
    dropped = [
        one
        for where, one in basis.book.returnless_rules
        if one.name == own.name and where.day > ref.day
    ]
    _ask_binding(exam, basis, dropped=bool(dropped))
    _ask_fits(exam, basis, own)
    reasons = _ask_reasons(exam, basis, own)
    state: State = "ended" if reasons is False else "holds"
    words = f"by the seller's rule {own.name}, which stood on the day of the order"
    if dropped:
        words += " and was changed or dropped since"
    if reasons is False:
        words = f"the seller's rule {own.name} names other reasons"
    return ruling(
        exam,
        basis.case,
        "right",
        WHAT,
        state,
        words,
        sku=basis.sku,
        since=str(basis.placed.day) if basis.placed else None,
    )


def _ask_binding(exam: Examination, basis: Basis, *, dropped: bool) -> None:
    question = "Does a rule bind the orders that were placed under it?"
    store, placed = basis.store, basis.placed
    rule = basis.book.rulebook.in_force(RULES, store, placed.day) if store and placed else None
    if rule is None:
        answer = f"does it bind them? No rule of Amazon's is known for {store or 'the store'}"
        exam.doubt(question, answer, flip="Amazon's page for the store.")
        return
    gates.ask_rule(exam, question, rule)
    if dropped and not rule.flag("binds_though_deleted"):
        answer = "does it still bind? It was changed or dropped since"
        exam.doubt(
            "Does it hold though it was dropped?",
            answer,
            exam.by(rule),
            flip="A rule that says so.",
        )


def _ask_fits(exam: Examination, basis: Basis, own: ReturnlessRuleSet) -> None:
    """What must be known of the item for the rule to be about it."""
    price = desk.unit_price(basis.case, basis.sku)
    if own.max_price is not None:
        question = f"Does it cost {own.max_price} at most?"
        if price is None or price.currency != own.max_price.currency:
            answer = "what does one cost? No price in that currency is told"
            exam.doubt(question, answer, flip="Import the orders report, or tell the order.")
        else:
            exam.passed(question, f"yes: {price}", flip="Another price.")
    if own.categories:
        question = "Is it of a category that the rule names?"
        if basis.category is None:
            answer = f"which category is it? The rule is for {', '.join(own.categories)}"
            flip = f"`returns-ledger product describe {basis.sku} --category ...`."
            exam.doubt(question, answer, flip=flip)
        else:
            exam.passed(question, f"yes: {basis.category}", flip="Another category.")


def _ask_reasons(exam: Examination, basis: Basis, own: ReturnlessRuleSet) -> bool | None:
    """Whether the buyer's reason is one that the rule names; None before anybody asked."""
    if not own.reasons:
        return True
    question = "Is it for a reason that the rule names?"
    asked = [one for one in desk.requests_of(basis.case, basis.sku) if one.ref.day <= basis.day]
    named = ", ".join(own.reasons)
    if not asked:
        answer = f"for which reason? The rule is for {named}, and nobody has asked yet"
        exam.doubt(question, answer, flip="A request with its reason.")
        return None
    reason = asked[-1].reason
    seen = [exam.saw(ref) for ref in asked[-1].refs]
    if reason in own.reasons:
        exam.passed(question, f"yes: {reason}", *seen, flip="Another reason.")
        return True
    exam.failed(
        question,
        f"no: {reason or 'none given'}, and the rule is for {named}",
        *seen,
        flip="Another reason.",
    )
    return False


# --- a low price from abroad ------------------------------------------------------------------


def _by_a_low_price(basis: Basis) -> Iterator[Ruling]:
    """Amazon refunds what is cheap and would have to go abroad, unless there is an address in the country."""
    asked = [
        one
        for one in desk.requests_of(basis.case, basis.sku)
        if one.cross_border and one.ref.day <= basis.day
    ]
    if not asked or basis.store is None:
        return
    request = asked[-1]
    exam = Examination("returnless", basis.day)
    seen = [exam.saw(ref) for ref in request.refs]
    ask_order(exam, basis)
    exam.passed("Would it have to go abroad?", "yes", *seen, flip="A request within the country.")
    rule = abroad.ask_threshold(exam, basis.book, basis.store, request.ref)
    cheap = abroad.ask_cheap(exam, basis.case, basis.sku, rule) if rule else None
    if cheap is False:
        return
    if cheap is None:
        yield _low(basis, exam, "holds", "whether it is cheap enough is not told")
    elif _ask_address(exam, basis):
        yield _low(basis, exam, "ended", "an address in the country was offered")
    else:
        price = desk.unit_price(basis.case, basis.sku)
        words = f"{price} from abroad: without an address in the country Amazon refunds it"
        yield _low(basis, exam, "holds", words)


def _ask_address(exam: Examination, basis: Basis) -> bool:
    """Whether the buyer was given an address in the country: then it is to be sent there."""
    question = "Was an address in the country offered?"
    offered = _domestic_address(basis)
    if offered is None:
        flip = "An offer: `returns-ledger return offer`."
        exam.failed(question, "not that it were told", flip=flip)
        return False
    answer = f"yes, on {offered.day}: it is to be sent there"
    exam.passed(question, answer, exam.saw(offered), flip="No such offer.")
    return True


def _domestic_address(basis: Basis) -> Ref | None:
    return next(
        (
            ref
            for ref, told in basis.case.told(ReturnOptionOffered)
            if told.sku == basis.sku and told.option == "domestic_address"
        ),
        None,
    )


def _low(basis: Basis, exam: Examination, state: State, reason: str) -> Ruling:
    return ruling(
        exam,
        basis.case,
        "right",
        WHAT,
        state,
        reason,
        sku=basis.sku,
    )
