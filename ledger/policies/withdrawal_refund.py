"""Refunding a buyer who withdrew from the contract, as the law demands it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

import msgspec

from ledger import clocks, gates
from ledger.book import Book
from ledger.case import Case, Ref, Return
from ledger.clocks import Done, Limit
from ledger.desk import delivered, placed, receipts_of, repaid
from ledger.events.requests import ReturnFirstScanned, WithdrawalDeclared
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule, clock_days
from ledger.ruling import Ruling

WITHDRAWAL: Final = "law.eu.withdrawal"
UNITED_KINGDOM: Final = "law.uk.ccr"
IN_TIME: Final = "The buyer withdrew in time: nobody tells the day of delivery."
SAME_LAW: Final = "The law of that day held when the order was placed: nobody tells when that was."


class WithdrawalRefund(Policy):
    """Who withdraws gets the money back within the law's days, and not before goods or proof are there."""

    claim_type: ClassVar[str] = "withdrawal_refund"
    title: ClassVar[str] = "Refunding a withdrawal"
    families: ClassVar[tuple[str, ...]] = (WITHDRAWAL,)
    claims: ClassVar[bool] = False
    duties: ClassVar[bool] = True

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One duty for each withdrawal."""
        if not case.deeds or case.kind != "order":
            return
        units: dict[str, int] = {}
        first: dict[str, Ref] = {}
        for ref, withdrawal in case.told(WithdrawalDeclared):
            sku = withdrawal.sku
            first.setdefault(sku, ref)
            units[sku] = units.get(sku, 0) + withdrawal.quantity
            notice = _Notice(ref=ref, first=first[sku], sku=sku, units=units[sku])
            yield self._judge(case, book, as_of, notice)

    def _judge(self, case: Case, book: Book, as_of: date, notice: _Notice) -> Ruling:
        exam = Examination(self.claim_type, as_of)
        gates.ask_store(exam, case)
        paid = repaid(case, notice.sku, notice.units, since=notice.first)
        done = Done(ref=paid.ref, what="the buyer was refunded") if paid else None
        rule = _ask_law(exam, case, book, notice)
        limit, undone = None, "no refund is recorded"
        if rule is not None:
            days = clocks.days_after(notice.ref, rule.number("refund_within_days"), rule)
            limit, undone = _ask_goods(exam, case, rule, notice, days)
            if done is not None and limit is None:
                limit = days if clocks.in_time(done.ref, days.due_at) else None
        return clocks.duty(
            exam,
            case,
            "refund the withdrawal",
            notice.ref,
            limit,
            done,
            happened="the buyer withdrew on",
            undone=undone,
            sku=notice.sku,
            if_missed="the law is broken: the buyer can claim the money",
        )


class _Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A withdrawal, and the units of its SKU that were withdrawn up to it."""

    ref: Ref
    first: Ref
    """The first withdrawal of the SKU."""
    sku: str
    units: int


def _ask_law(exam: Examination, case: Case, book: Book, notice: _Notice) -> Rule | None:
    """The law of the day of the contract, where it tells within how many days the refund is due."""
    store = case.marketplace
    if store is None:
        return None
    question = "Within how many days is a withdrawal refunded?"
    order = placed(case, notice.sku)
    contract = order or notice.ref
    family = UNITED_KINGDOM if book.rulebook.versions(UNITED_KINGDOM, store) else WITHDRAWAL
    rule = clocks.ask_rule(exam, book, family, store, contract, question)
    if rule is None:
        return None
    if not rule.states("refund_within_days"):
        answer = f"{rule.id} tells the buyer's days, and not the seller's to refund"
        exam.doubt(question, answer, exam.by(rule), flip="The law's own words, read and cited.")
        return None
    if order is None:
        exam.assume(SAME_LAW)
    _ask_withdrawn_in_time(exam, case, rule, notice)
    return rule


def _ask_withdrawn_in_time(exam: Examination, case: Case, rule: Rule, notice: _Notice) -> None:
    """A withdrawal after its days binds nobody, unless the buyer had not been told of the right."""
    question = "Did the buyer withdraw in time?"
    delivery = delivered(case, notice.sku)
    if delivery is None:
        exam.assume(IN_TIME)
        return
    days = clock_days(rule, {"delivery_date": delivery.day})
    flip = "Another day of delivery."
    if days is None or days.last is None or notice.ref.day <= days.last:
        exam.passed(question, "yes", exam.saw(delivery), exam.by(rule), flip=flip)
        return
    answer = "the notice came after the law's days: was the buyer told of the right to withdraw?"
    flip = "How the buyer was told; who was not told has longer."
    exam.doubt(question, answer, exam.saw(delivery), exam.by(rule), flip=flip)


def _ask_goods(
    exam: Examination, case: Case, rule: Rule, notice: _Notice, days: Limit
) -> tuple[Limit | None, str]:
    """The refund may wait for the goods, or for proof that they were sent, whichever is first."""
    question = "Are the goods back, or is it proved that they were sent?"
    undone = "no refund is recorded"
    if not rule.states("may_withhold_until"):
        return days, undone
    proof = _back_or_sent(case, notice)
    if proof is None:
        flip = "The receipt of the goods, or the carrier's first scan."
        exam.failed(question, "no: the refund may wait for them", exam.by(rule), flip=flip)
        waits = f"it may wait for {rule.text('may_withhold_until')}"
        return None, f"{undone}, and {waits}; the law's days end on {days.due_at}"
    answer = f"yes, on {proof.day}"
    exam.passed(question, answer, exam.saw(proof), flip="A correction of that entry.")
    later = max(days.due_at, proof.day.isoformat())
    return msgspec.structs.replace(days, due_at=later), undone


def _back_or_sent(case: Case, notice: _Notice) -> Ref | None:
    """The first receipt or first scan of so many units, counted from the first withdrawal of their SKU."""
    back = [(one.ref, one.quantity) for one in receipts_of(case, notice.sku)]
    back += [(one.ref, one.quantity) for one in case.returns if _to_amazon(one, notice.sku)]
    scans = case.told(ReturnFirstScanned)
    sent = [(ref, one.quantity) for ref, one in scans if one.sku == notice.sku]
    since = [[one for one in told if one[0].day >= notice.first.day] for told in (back, sent)]
    reached = [_reached(told, notice) for told in since]
    return min((ref for ref in reached if ref), key=lambda ref: ref.day, default=None)


def _to_amazon(returned: Return, sku: str) -> bool:
    return returned.programme == "FBA" and returned.sku == sku


def _reached(told: list[tuple[Ref, int]], notice: _Notice) -> Ref | None:
    counted = 0
    for ref, quantity in told:
        counted += quantity
        if counted >= notice.units:
            return ref
    return None
