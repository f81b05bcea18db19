"""Returns from abroad: offering the buyer a way within the store's days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import clocks, gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.clocks import Done, Limit
from ledger.desk import Request, answers_of, refunds_of, requests_of, unit_price
from ledger.events.requests import ReturnLabelIssued, ReturnOptionOffered
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule
from ledger.ruling import Ruling
from ledger.values import Money

LOW_VALUE: Final = "ret.intl.EU_low"
DEADLINE: Final = "ret.intl"
AMAZONS_OWN: Final = "international_deadline"
"""Amazon's refund after a missed cross-border deadline."""
GOODWILL: Final = "goodwill"
OFFER: Final = "offer the buyer abroad a way to return"
WITH_TAX: Final = "The price that is told includes value added tax, as the threshold does."


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
    """The rule on cheap items where the unit is one; a doubt where its price is not known."""
    rule = _threshold_rule(exam, case, book, request.ref)
    if rule is None:
        return None
    question = "Is it a cheap item?"
    price = unit_price(case, request.sku)
    evidence = exam.by(rule)
    if price is None:
        flip = "The orders report, or the price as the seller tells it."
        exam.doubt(question, "nobody tells what the buyer paid for it", evidence, flip=flip)
        return None
    threshold = rule.money("threshold", price.currency)
    if threshold is None:
        answer = f"{rule.id} tells no threshold in {price.currency}"
        exam.doubt(question, answer, evidence, flip="A threshold in that currency.")
        return None
    exam.assume(WITH_TAX)
    flip = f"A price on the other side of {threshold}."
    if _below(price, threshold, rule):
        exam.passed(
            question, f"yes: {price}, and the threshold is {threshold}", evidence, flip=flip
        )
        return rule
    exam.failed(question, f"no: {price}, and the threshold is {threshold}", evidence, flip=flip)
    return None


def _threshold_rule(exam: Examination, case: Case, book: Book, asked: Ref) -> Rule | None:
    """The rule that tells what a cheap item is: Europe has one of its own, the US in its deadline's."""
    if case.marketplace is None:
        return None
    for family in (LOW_VALUE, DEADLINE):
        rule = book.rulebook.in_force(family, case.marketplace, asked.day)
        if rule is not None and rule.states("threshold"):
            gates.ask_rule(exam, "From what price on does a deadline hold?", rule)
            _ask_begun(exam, book, case.marketplace, rule, asked)
            return rule
    clocks.no_rule(exam, LOW_VALUE, case.marketplace, "From what price on does a deadline hold?")
    return None


def _ask_begun(exam: Examination, book: Book, marketplace: str, rule: Rule, asked: Ref) -> None:
    """A version of unknown beginning cannot have held before the one that it replaced."""
    replaced = [
        other
        for other in book.rulebook.versions(rule.family, marketplace)
        if other.status == "superseded_date_unknown" and other.effective_from is not None
    ]
    if rule.effective_from is not None or not replaced:
        return
    began = min(other.effective_from for other in replaced if other.effective_from)
    question = "Did the rule hold by then?"
    if asked.day < began:
        answer = f"{rule.id} followed {replaced[0].id}, which had not begun by then"
        exam.doubt(question, answer, exam.by(rule), flip="The rule before it, with its source.")
    else:
        exam.assume(
            f"{rule.id} held by then: on which day it replaced {replaced[0].id} was not found."
        )


def _below(price: Money, threshold: Money, rule: Rule) -> bool:
    included = not rule.states("threshold_inclusive") or rule.flag("threshold_inclusive")
    return price.minor <= threshold.minor if included else price.minor < threshold.minor


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
        if option.sku == request.sku and _meant(option.rma_id, request):
            yield ref, f"the seller offered a {option.option.replace('_', ' ')}"
    for ref, label in case.told(ReturnLabelIssued):
        if label.sku == request.sku and _meant(label.rma_id, request):
            yield ref, "the buyer got a label"
    answer = answers_of(case).get(request.ref.slot)
    if answer is not None and answer.how == "declined":
        yield answer.ref, "the seller declined it"


def _meant(rma_id: str | None, request: Request) -> bool:
    return None in (rma_id, request.rma_id) or rma_id == request.rma_id
