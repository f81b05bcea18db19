"""What would have to go abroad: whether it is so cheap that Amazon has it refunded without a return."""

from __future__ import annotations

from typing import Final

from ledger import clocks, gates
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import unit_price
from ledger.policy import Examination
from ledger.rulebook import Rule
from ledger.values import Money

DEADLINE: Final = "ret.intl"
"""The family of the rules on returns from abroad; a rule on cheap items stands in it or below it."""
CHEAP: Final = "Is it a cheap item?"
WITH_TAX: Final = "The price that is told includes value added tax, as the threshold does."
_THRESHOLD: Final = "From what price on does a deadline hold?"


def ask_threshold(
    exam: Examination, book: Book, marketplace: str | None, asked: Ref
) -> Rule | None:
    """The rule that tells what is cheap: Europe has one of its own, the US in its deadline's."""
    if marketplace is None:
        return None
    for rule in book.rulebook.holding(DEADLINE, marketplace, asked.day):
        if rule.states("threshold"):
            gates.ask_rule(exam, _THRESHOLD, rule)
            _ask_begun(exam, book, marketplace, rule, asked)
            return rule
    clocks.no_rule(exam, DEADLINE, marketplace, _THRESHOLD)
    return None


def ask_cheap(exam: Examination, case: Case, sku: str, rule: Rule) -> bool | None:
    """Whether a unit's price lies within the rule's threshold; None, and a doubt, where one is not told."""
    price, evidence = unit_price(case, sku), exam.by(rule)
    if price is None:
        flip = "The orders report, or the price as the seller tells it."
        exam.doubt(CHEAP, "nobody tells what the buyer paid for it", evidence, flip=flip)
        return None
    threshold = rule.money("threshold", price.currency)
    if threshold is None:
        answer = f"{rule.id} tells no threshold in {price.currency}"
        exam.doubt(CHEAP, answer, evidence, flip="A threshold in that currency.")
        return None
    exam.assume(WITH_TAX)
    cheap = _is_within(price, threshold, rule)
    tell = exam.passed if cheap else exam.failed
    answer = f"{'yes' if cheap else 'no'}: {price}, and the threshold is {threshold}"
    tell(CHEAP, answer, evidence, flip=f"A price on the other side of {threshold}.")
    return cheap


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


def _is_within(price: Money, threshold: Money, rule: Rule) -> bool:
    included = not rule.states("threshold_inclusive") or rule.flag("threshold_inclusive")
    return price.minor <= threshold.minor if included else price.minor < threshold.minor
