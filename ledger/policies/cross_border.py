"""Returns from abroad: offering the buyer a way within the store's days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import abroad, clocks, gates
from ledger.abroad import DEADLINE
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.clocks import Done, Limit
from ledger.desk import Request, answers_of, no_other_rma, refunds_of, requests_of
from ledger.events.requests import ReturnLabelIssued, ReturnOptionOffered
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule
from ledger.ruling import Ruling

LOW_VALUE: Final = "ret.intl.EU_low"
AMAZONS_OWN: Final = "international_deadline"
"""Amazon's refund after a missed cross-border deadline."""
GOODWILL: Final = "goodwill"
OFFER: Final = "offer the buyer abroad a way to return"


class CrossBorder(Policy):
    """A buyer in another country is offered a way to return, or Amazon refunds at the seller's cost."""

    claim_type: ClassVar[str] = "cross_border"
    title: ClassVar[str] = "Returns from abroad"
    families: ClassVar[tuple[str, ...]] = (LOW_VALUE, DEADLINE)
    claims: ClassVar[bool] = False
    duties: ClassVar[bool] = True

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One duty for each request from abroad; only the seller can tell that it is one."""
        if not case.deeds or case.kind != "order":
            return
        for request in requests_of(case):
            if request.cross_border:
                found = self._judge(case, book, as_of, request)
                if found is not None:
                    yield found

    def _judge(self, case: Case, book: Book, as_of: date, request: Request) -> Ruling | None:
        exam = Examination(self.claim_type, as_of)
        for ref in request.refs:
            exam.saw(ref)
        if not clocks.ask_seller_fulfilled(exam, case, request.sku):
            return None
        gates.ask_store(exam, case)
        what, limit, missed, done = OFFER, None, None, _offered(case, request)
        low = _ask_low_value(exam, case, book, request)
        if low is not None and low.states("domestic_address"):
            what = "give a return address in the store's country"
            missed = _on_miss(low)
        elif low is not None:
            done = done or Done(ref=request.ref, what="Amazon refunds it without a return")
        elif case.marketplace is not None:
            limit = _ask_deadline(exam, book, case.marketplace, request.ref)
            missed = _on_miss(limit.rule) if limit and limit.rule else None
        return clocks.duty(
            exam,
            case,
            what,
            request.ref,
            limit,
            done,
            happened="the buyer abroad asked on",
            undone="no way to return was offered" + (", and no day is set for it" if low else ""),
            sku=request.sku,
            if_missed=missed,
        )


def _ask_low_value(exam: Examination, case: Case, book: Book, request: Request) -> Rule | None:
    """The rule on cheap items where the unit is one; a doubt where that cannot be told."""
    rule = abroad.ask_threshold(exam, book, case.marketplace, request.ref)
    if rule is None or not abroad.ask_cheap(exam, case, request.sku, rule):
        return None
    return rule


def _ask_deadline(exam: Examination, book: Book, marketplace: str, asked: Ref) -> Limit | None:
    question = "Within how many days is a way offered?"
    rule = clocks.ask_rule(exam, book, DEADLINE, marketplace, asked, question)
    if rule is None:
        return None
    limit = clocks.limit_by(book, DEADLINE, marketplace, asked)
    if limit is None:
        clocks.no_rule(exam, DEADLINE, marketplace, "How many days is that?")
        return None
    if limit.rule is not None and limit.rule is not rule:
        gates.ask_rule(exam, "Is the rule of UTC's day certain?", limit.rule)
    return limit


def _on_miss(rule: Rule) -> str | None:
    if not rule.states("on_miss"):
        return None
    told = rule.text("on_miss")
    if rule.states("safe_t") and not rule.flag("safe_t"):
        return f"{told}; no SAFE-T claim is left"
    return told


def _offered(case: Case, request: Request) -> Done | None:
    """What helped the buyer first: an option, a label, a refund; or the seller declined.

    An authorization alone gives the buyer no way: it is no option of Amazon's three.
    """
    found = [
        Done(ref=ref, what=what)
        for ref, what in _helped(case, request)
        if not clocks.told_first(ref, request.ref)
    ]
    given = [
        Done(ref=one.ref, what="Amazon refunded by itself", in_vain=True)
        if one.trigger == AMAZONS_OWN
        else Done(ref=one.ref, what="the buyer was refunded")
        for one in refunds_of(case, request.sku)
        if one.trigger != GOODWILL and not clocks.told_first(one.ref, request.ref)
    ]
    return min([*found, *given], key=lambda done: done.ref.occurred_at, default=None)


def _helped(case: Case, request: Request) -> Iterator[tuple[Ref, str]]:
    for ref, option in case.told(ReturnOptionOffered):
        if option.sku == request.sku and no_other_rma(option.rma_id, request.rma_id):
            yield ref, f"the seller offered a {option.option.replace('_', ' ')}"
    for ref, label in case.told(ReturnLabelIssued):
        if label.sku == request.sku and no_other_rma(label.rma_id, request.rma_id):
            yield ref, "the buyer got a label"
    answer = answers_of(case).get(request.ref.slot)
    if answer is not None and answer.how == "declined":
        yield answer.ref, "the seller declined it"
