"""What may be kept back of a refund for the state in which a unit came back, and what was kept back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import bearing, desk, gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.events.arrivals import UnitGraded, WrongItemReceived
from ledger.events.refunds import RestockingFeeApplied
from ledger.policy import Examination, Policy
from ledger.rights import any_reason, basis_of
from ledger.rulebook import Rule
from ledger.ruling import Ruling, ruling
from ledger.values import Money

FEE: Final = "ret.restocking"
TABLE: Final = "ret.restocking_table"
KEPT: Final = "RESTOCKINGFEE"
AS_SENT: Final = "Did it come back in time, and as it was sent?"


class Restocking(Policy):
    """Nothing may be kept of what came back in time and as it was sent; what was kept the buyer bears."""

    claim_type: ClassVar[str] = "restocking"
    title: ClassVar[str] = "Restocking fees"
    families: ClassVar[tuple[str, ...]] = (FEE, TABLE)
    claims: ClassVar[bool] = False

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """For each graded unit what may be kept, and for each SKU what was kept."""
        if not bearing.concerns(case):
            return
        for sku in desk.skus_of(case):
            if desk.programme_of(case, sku) == "FBM":
                for ref, told in desk.graded(case, sku):
                    yield from _may_be_kept(case, book, sku, ref, told, as_of)
            yield from _was_kept(case, book, sku, as_of)


# --- what may be kept -------------------------------------------------------------------------


def _may_be_kept(
    case: Case,
    book: Book,
    sku: str,
    ref: Ref,
    told: UnitGraded | WrongItemReceived,
    as_of: date,
) -> Iterator[Ruling]:
    exam = Examination("restocking", as_of)
    gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
    condition = desk.condition_of(told)
    words = condition.replace("_", " ")
    graded = f"{words}, on {ref.day}"
    exam.passed(
        "How was it graded?", graded, exam.saw(ref), flip="A photograph that shows otherwise."
    )
    rule = _rule(case, book, FEE, ref.day)
    amount: Money | None = None
    reason = f"it came back {words}"
    if rule is None:
        if case.marketplace and condition == "as_new":
            return
        answer = f"what may be kept? No rule is known for {case.marketplace or 'the store'}"
        exam.doubt("What may be kept back?", answer, flip="A rule for the store, with its source.")
    elif condition == "as_new" and _ask_in_time(exam, case, book, sku, ref.day):
        pct = rule.number("in_policy_original_condition_pct")
        gates.ask_rule(exam, "What may be kept back?", rule)
        amount = _part_of_price(case, sku, told.quantity, pct)
        reason = f"{pct} % of the price: it came back in time and as it was sent"
    else:
        _ask_table(exam, case, book, ref.day)
        _say_photo(exam, rule)
    yield ruling(
        exam,
        case,
        "right",
        "may be charged a restocking fee of at most",
        "holds",
        reason,
        sku=sku,
        since=str(ref.day),
        amount=amount,
    )


def _rule(case: Case, book: Book, family: str, day: date) -> Rule | None:
    return book.rulebook.in_force(family, case.marketplace, day) if case.marketplace else None


def _ask_in_time(exam: Examination, case: Case, book: Book, sku: str, graded_on: date) -> bool:
    """Whether it was asked back while the buyer needed no reason."""
    asked = [one for one in desk.requests_of(case, sku) if one.ref.day <= graded_on]
    if not asked:
        answer = "when was it asked back? No request is told"
        exam.doubt(AS_SENT, answer, flip="Tell the request: `returns-ledger return request`.")
        return True
    day = asked[-1].ref.day
    seen = [exam.saw(ref) for ref in asked[-1].refs]
    found = any_reason(basis_of(case, book, sku, day))
    covering = next((right for right in found if right.covers(day)), None)
    if covering is not None or asked[-1].in_policy:
        if covering is not None and covering.surely_by is not None:
            seen.append(exam.by(covering.surely_by))
        exam.passed(AS_SENT, f"yes, asked back on {day}", *seen, flip="A later request.")
        return True
    open_ = [right for right in found if not right.firm]
    if open_:
        question = open_[0].exam.open_question() or "no day can be told"
        exam.doubt(AS_SENT, question, *seen, flip="An answer to that question.")
        return True
    exam.failed(AS_SENT, f"no: it was asked back late, on {day}", *seen, flip="An earlier request.")
    return False


def _ask_table(exam: Examination, case: Case, book: Book, day: date) -> None:
    """How much may be kept in another state, or late, only blogs tell: that is asked, and not reckoned."""
    table = _rule(case, book, TABLE, day)
    question = "How much may be kept back in this state?"
    if table is None:
        answer = f"how much? No rule is known for {case.marketplace or 'the store'}"
        exam.doubt(question, answer, flip="Amazon's own guidelines for restocking fees.")
    else:
        gates.ask_rule(exam, question, table)


def _say_photo(exam: Examination, rule: Rule) -> None:
    if rule.states("photo_required_from_pct") and rule.sure:
        answer = f"from {rule.number('photo_required_from_pct')} % of the price on"
        exam.passed(
            "From when is a photograph demanded?", answer, exam.by(rule), flip="A newer rule."
        )


def _part_of_price(case: Case, sku: str, units: int, pct: int) -> Money | None:
    price = desk.unit_price(case, sku)
    return Money(price.minor * units * pct // 100, price.currency) if price else None


# --- what was kept ----------------------------------------------------------------------------


def _was_kept(case: Case, book: Book, sku: str, as_of: date) -> Iterator[Ruling]:
    """The settlement's line counts; where there is none yet, what the seller tells."""
    told = [(ref, fee) for ref, fee in case.told(RestockingFeeApplied) if fee.sku == sku]
    refunds = [one for one in desk.refunds_of(case, sku) if bearing.kept_back(case, one, KEPT)]
    amounts = [
        Money(bearing.kept_back(case, one, KEPT), one.amount.currency)
        for one in refunds
        if one.amount is not None
    ] or [fee.amount for _, fee in told]
    if not amounts:
        return
    amount = sum(amounts[1:], start=amounts[0])
    exam = Examination("restocking", as_of)
    refs = [*(ref for one in refunds for ref in one.refs), *(ref for ref, _ in told)]
    seen = [exam.saw(ref) for ref in refs]
    exam.passed("What was kept back?", str(amount), *seen, flip="A settlement that says otherwise.")
    since = min(ref.day for ref in refs)
    yield ruling(
        exam,
        case,
        "cost",
        "the restocking fee",
        "holds",
        "; ".join(["it was kept back from the buyer", *_objections(exam, case, book, sku, amount)]),
        sku=sku,
        since=str(since),
        bearer="buyer",
        amount=amount,
    )


def _objections(
    exam: Examination, case: Case, book: Book, sku: str, amount: Money
) -> Iterator[str]:
    """What a certain rule has against what was kept back."""
    graded = desk.graded(case, sku)
    day = graded[-1][0].day if graded else exam.as_of
    rule = _rule(case, book, FEE, day)
    if rule is None or not rule.sure:
        return
    price = desk.unit_price(case, sku)
    evidence = [*(fee.evidence for _, fee in case.told(RestockingFeeApplied) if fee.sku == sku)]
    evidence += [told.evidence for _, told in graded]
    from_pct = rule.number("photo_required_from_pct")
    if price and amount.minor * 100 >= price.minor * from_pct and not any(evidence):
        exam.failed(
            "Is there a photograph?",
            f"none is attached, and from {from_pct} % of the price on one is demanded",
            exam.by(rule),
            flip="A photograph attached to the grade or the fee.",
        )
        yield f"from {from_pct} % of the price a photograph is demanded, and none is attached"
    newest = graded[-1][1] if graded else None
    as_sent = isinstance(newest, UnitGraded) and newest.condition == "as_new"
    if newest and as_sent and _in_time_for_certain(case, book, sku, day):
        pct = rule.number("in_policy_original_condition_pct")
        allowed = _part_of_price(case, sku, newest.quantity, pct)
        if allowed is not None and amount > allowed:
            exam.by(rule)
            yield f"{pct} % may be kept of what came back in time and as it was sent"
    if not graded and rule.flag("grading_required"):
        exam.by(rule)
        yield "a unit must be graded before anything is kept"


def _in_time_for_certain(case: Case, book: Book, sku: str, day: date) -> bool:
    asked = [one for one in desk.requests_of(case, sku) if one.ref.day <= day]
    if not asked:
        return False
    found = any_reason(basis_of(case, book, sku, asked[-1].ref.day))
    return any(right.covers(asked[-1].ref.day) for right in found)
