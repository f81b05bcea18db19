"""The refund clock: refunding, and grading, what came back to the seller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import clocks, gates
from ledger.allocation import WHOLE_PERCENT
from ledger.book import Book
from ledger.case import Case, Ref, RequestState
from ledger.clocks import Done, Limit
from ledger.desk import Receipt, graded, partly_repaid, receipts_of, repaid, requests_of, unit_price
from ledger.events.arrivals import UnitsReceived
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule
from ledger.ruling import Ruling
from ledger.values import Money

GRADING: Final = "ret.restocking"
"""The family of the rule that demands that returned units be graded."""
AUTOMATED: Final = "automated"
"""Amazon's refund after the seller's days have passed."""
UNGRADED: Final = "an ungraded unit counts as sellable as new, and nothing can be kept back for it"
PICKED_BY_RECEIPT: Final = (
    "The day of receipt picks the version of the rule: Amazon names only the day of the change."
)


class RefundClock(Policy):
    """From the receipt of a return the seller has so many days to refund it, and to say in what state it is."""

    claim_type: ClassVar[str] = "refund_clock"
    title: ClassVar[str] = "The refund clock"
    families: ClassVar[tuple[str, ...]] = (clocks.REFUND, GRADING)
    claims: ClassVar[bool] = False
    duties: ClassVar[bool] = True

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """For each parcel that came back: to refund it, and where a rule demands it to grade it."""
        if not (case.deeds or case.requests) or case.kind != "order":
            return
        for sku in _skus_back(case):
            units = 0
            for receipt in receipts_of(case, sku):
                units += receipt.quantity
                yield from self._judge(case, book, as_of, receipt, units)

    def _judge(
        self, case: Case, book: Book, as_of: date, receipt: Receipt, units: int
    ) -> Iterator[Ruling]:
        exam = Examination(self.claim_type, as_of)
        exam.saw(receipt.ref)
        if not clocks.ask_seller_fulfilled(exam, case, receipt.sku):
            return
        limit = _ask_clock(exam, case, book, receipt.ref)
        done = _refund(exam, case, receipt, units, limit)
        yield clocks.duty(
            exam,
            case,
            "refund the buyer",
            receipt.ref,
            limit,
            done,
            happened=_came_back(receipt),
            undone="no refund is recorded",
            sku=receipt.sku,
            if_missed=_if_missed(limit, receipt),
        )
        if _must_be_graded(book, case, receipt.ref) and not receipt.scan_wrong:
            grading = self._grading(case, book, as_of, receipt, units)
            if grading.state != "missed" or _told_by_seller(receipt):
                yield grading

    def _grading(self, case: Case, book: Book, as_of: date, receipt: Receipt, units: int) -> Ruling:
        exam = Examination(self.claim_type, as_of)
        clocks.ask_seller_fulfilled(exam, case, receipt.sku)
        limit = _ask_clock(exam, case, book, receipt.ref)
        family, store = GRADING, case.marketplace
        clocks.ask_rule(exam, book, family, store, receipt.ref, "Must a unit be graded?")
        return clocks.duty(
            exam,
            case,
            "grade the unit" if receipt.quantity == 1 else "grade the units",
            receipt.ref,
            limit,
            _grade(case, receipt, units),
            happened=_came_back(receipt),
            undone="no grade is recorded",
            sku=receipt.sku,
            if_missed=UNGRADED,
        )


def _skus_back(case: Case) -> list[str]:
    """The SKUs of which anything came back to the seller."""
    told = [one.sku for one in case.returns if one.programme == "FBM"]
    told += [one.sku for _, one in case.told(UnitsReceived)]
    return list(dict.fromkeys(told))


def _told_by_seller(receipt: Receipt) -> bool:
    """True where no report tells of it: whoever records receipts records what follows from them."""
    return receipt.ref.slot.startswith("@")


def _came_back(receipt: Receipt) -> str:
    return "it came back on" if receipt.quantity == 1 else f"{receipt.quantity} units came back on"


def _ask_clock(exam: Examination, case: Case, book: Book, receipt: Ref) -> Limit | None:
    gates.ask_store(exam, case)
    question = "By when is it refunded?"
    rule = clocks.ask_rule(exam, book, clocks.REFUND, case.marketplace, receipt, question)
    if rule is None or case.marketplace is None:
        return None
    limit = clocks.refund_limit(book, case.marketplace, receipt)
    if limit is None or limit.rule is None:
        clocks.no_rule(exam, clocks.REFUND, case.marketplace, "How many days is that?")
        return None
    if limit.rule is not rule:
        longer = limit.rule.family == clocks.LONGER
        which = "that gives longer for a while" if longer else "of UTC's day"
        gates.ask_rule(exam, f"Is the rule {which} certain?", limit.rule)
    if len(book.rulebook.versions(clocks.REFUND, case.marketplace)) > 1:
        exam.assume(PICKED_BY_RECEIPT)
    return limit


def _if_missed(limit: Limit | None, receipt: Receipt) -> str | None:
    """What the rule says, and whether a SAFE-T claim is left then."""
    rule = limit.rule if limit else None
    if rule is None or not rule.states("on_miss"):
        return None
    told = rule.text("on_miss")
    if not rule.states("safe_t_after_miss") or rule.flag("safe_t_after_miss"):
        return told
    if receipt.scan_wrong and rule.states("safe_t_exceptions"):
        return f"{told}; a SAFE-T claim stays open, as the delivery scan is wrong"
    return f"{told}; no SAFE-T claim is left{_but(rule)}"


def _but(rule: Rule) -> str:
    if not rule.states("safe_t_exceptions"):
        return ""
    return f", but for: {', '.join(rule.words('safe_t_exceptions'))}"


# --- what was done ----------------------------------------------------------------------------


def _refund(
    exam: Examination, case: Case, receipt: Receipt, units: int, limit: Limit | None
) -> Done | None:
    """The refund that pays for this parcel and those before it; a doubt where it cannot be told."""
    sku = receipt.sku
    paid = repaid(case, sku, units)
    if paid is not None and paid.trigger == AUTOMATED:
        return Done(ref=paid.ref, what="Amazon refunded by itself", in_vain=True)
    if paid is not None:
        who = "Amazon" if paid.by == "amazon" else "the seller" if paid.by else "somebody"
        what = f"{who} sent another" if paid.replaced else f"{who} refunded the buyer"
        return Done(ref=paid.ref, what=what)
    told = _told_by_report(case, sku)
    price = unit_price(case, sku)
    if told is not None and price is not None and told[1].currency == price.currency:
        state, refunded = told
        if refunded.minor * 100 >= price.minor * units * WHOLE_PERCENT:
            what = f"the report told of {refunded} refunded"
            return Done(ref=state.ref, what=what, by_then=True)
    parts = [*partly_repaid(case, sku, receipt.ref), *([told[0].ref] if told else [])]
    if parts:
        answer = "a part of the price was refunded, and nobody tells whether that was all"
        flip = "What was refunded and kept back, as the seller tells it."
        exam.doubt("Was it refunded?", answer, *map(exam.saw, parts), flip=flip)
    elif limit is not None:
        _ask_told_since(exam, case, receipt, limit)
    return None


def _told_by_report(case: Case, sku: str) -> tuple[RequestState, Money] | None:
    """What the seller-fulfilled returns report says was refunded, and its newest word; it tells no day."""
    told = [state for state in _states(case, sku) if state.refunded and state.refunded.minor > 0]
    amounts = [state.refunded for state in told if state.refunded is not None]
    if not amounts or len({one.currency for one in amounts}) > 1:
        return None
    newest = max(told, key=lambda state: state.ref.occurred_at)
    return newest, sum(amounts[1:], start=amounts[0])


def _states(case: Case, sku: str) -> list[RequestState]:
    """What the report last said of each request for a SKU."""
    known = [case.request_states.get(one.ref.slot) for one in requests_of(case, sku)]
    return [state for state in known if state is not None]


def _ask_told_since(exam: Examination, case: Case, receipt: Receipt, limit: Limit) -> None:
    """A return that only the report tells may have been refunded since: its newest telling must be later."""
    if _told_by_seller(receipt) or not clocks.passed(limit.due_at, exam.as_of):
        return
    if any(clocks.passed(limit.due_at, one.ref.day) for one in _states(case, receipt.sku)):
        return
    answer = "no report told since then tells whether it was refunded"
    flip = "Import a newer seller-fulfilled returns report, or the settlement with the refund."
    exam.outdated("Is it still to be refunded?", answer, flip=flip)


def _must_be_graded(book: Book, case: Case, receipt: Ref) -> bool:
    """True where a rule of the store demands it; elsewhere a grade helps, and no rule is known."""
    if case.marketplace is None:
        return False
    rule = book.rulebook.in_force(GRADING, case.marketplace, receipt.day)
    return rule is not None and rule.states("grading_required") and rule.flag("grading_required")


def _grade(case: Case, receipt: Receipt, units: int) -> Done | None:
    """The grade that completes those of this parcel and of those before it."""
    counted = 0
    for ref, grade in graded(case, receipt.sku):
        counted += grade.quantity
        if counted >= units:
            return Done(ref=ref, what="the seller graded it")
    return None
