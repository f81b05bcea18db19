"""What the law gives a consumer: withdrawal from a contract made at a distance, and a remedy for defects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ledger import gates
from ledger.policy import Examination
from ledger.rights.right import (
    Basis,
    Right,
    RightKind,
    ask_days,
    ask_delivered,
    ask_order,
    last_day,
)
from ledger.rulebook import Rule, months_after

WITHDRAWAL: Final = ("law.se.distans", "law.uk.ccr", "law.eu.withdrawal")
"""Where several hold in a country the later day counts; the country's own is cited first."""
CONFORMITY: Final = ("law.se.kkl", "law.eu.conformity")
REJECTION: Final = ("law.uk.cra",)
LEAST: Final = frozenset({"law.eu.conformity"})
"""Laws that say what every country must grant at least: some grant more, and no rule tells which."""

CONSUMER: Final = "The buyer is a consumer, who bought for private use."
INFORMED: Final = "The buyer was told of the right of withdrawal in time."
NOT_REPAIRED: Final = "Nothing was repaired or replaced since: that can lengthen the right."


def withdrawal(basis: Basis) -> Right | None:
    """Until when the buyer may withdraw without a reason; None where no such law is known for the store."""
    exam = Examination("statutory_right", basis.day)
    what = "may withdraw from the contract"
    rules = _asked(exam, basis, WITHDRAWAL)
    if rules is None:
        return None
    if not rules:
        return Right(kind="withdrawal", what=what, exam=exam)
    evidence = exam.by(rules[0])
    gates.ask_rule(exam, "Is that law certain?", rules[0])
    exam.assume(CONSUMER)
    exam.assume(INFORMED)
    _ask_excluded(exam, basis)
    last, surely = ask_days(exam, basis, rules[0], evidence)
    for rule in rules[1:]:
        exam.by(rule)
        if last is not None and basis.delivered is not None:
            last = max(last, last_day(rule, basis.delivered.day) or last)
    if last is not None:
        surely = last if exam.open_question() is None else None
    return Right(
        kind="withdrawal",
        what=what,
        exam=exam,
        since=basis.delivered_on,
        last=last,
        surely=surely,
        surely_by=rules[0],
        gives=_terms_of_withdrawal(rules),
    )


def defects(basis: Basis) -> Iterator[Right]:
    """Until when the buyer may complain of a defect, and until when the seller must disprove one."""
    exam = Examination("statutory_right", basis.day)
    rules = _asked(exam, basis, (*CONFORMITY, *REJECTION))
    if rules is None:
        return
    if not rules:
        yield Right(kind="conformity", what="may complain of a defect", exam=exam)
        return
    for rule in rules:
        rejects = rule.series in REJECTION
        if rejects:
            yield _right(basis, "rejection", "may reject it for a defect", rule, _rejection(rule))
        yield _complaint(basis, rule)
        if rule.states("reverse_burden_months"):
            yield _burden(basis, rule)


# --- the pieces -------------------------------------------------------------------------------


def _asked(exam: Examination, basis: Basis, series: Sequence[str]) -> list[Rule] | None:
    """The laws that hold for the contract's day.

    None where no such law is known for the store, empty where one is, but none for that day.
    """
    known = [
        rule
        for rule in basis.book.rulebook.rules
        if rule.series in series and (basis.store is None or rule.holds_in(basis.store))
    ]
    if not known:
        return None
    if not ask_order(exam, basis):
        return []
    assert basis.store is not None
    assert basis.placed is not None
    holding = basis.book.rulebook.holding("law", basis.store, basis.placed.day)
    rules = sorted(
        (rule for rule in holding if rule.series in series),
        key=lambda rule: series.index(rule.series),
    )
    if not rules:
        names = ", ".join(rule.id for rule in known)
        answer = f"the law before {names} is not in the rulebook: which one holds?"
        evidence = [exam.by(rule) for rule in known]
        exam.doubt("Which law holds?", answer, *evidence, flip=gates.RULE_FOUND)
    return rules


def _right(basis: Basis, kind: RightKind, what: str, rule: Rule, gives: str) -> Right:
    exam = Examination("statutory_right", basis.day)
    ask_order(exam, basis)
    evidence = exam.by(rule)
    gates.ask_rule(exam, "Is that law certain?", rule)
    exam.assume(CONSUMER)
    last, surely = ask_days(exam, basis, rule, evidence)
    return Right(
        kind=kind,
        what=what,
        exam=exam,
        since=basis.delivered_on,
        last=last,
        surely=surely,
        surely_by=rule,
        gives=gives,
    )


def _complaint(basis: Basis, rule: Rule) -> Right:
    """The long right: by the law's own window, else to the day on which it is barred."""
    gives = "repair or replacement, a lower price or the money back, as the law orders them"
    if rule.states("notify_months_safe"):
        months = rule.number("notify_months_safe")
        gives += f"; telling it within {months} months of finding it is always in time"
    what = "may complain of a defect"
    if not rule.states("limitation_years"):
        return _until(basis, rule, "conformity", what, gives, rule.window_end_months or 0)
    right = _until(basis, rule, "conformity", what, gives, rule.number("limitation_years") * 12)
    right.exam.assume("It was not bought in Scotland, where the right is barred earlier.")
    return right


def _burden(basis: Basis, rule: Rule) -> Right:
    what = "need not prove that a defect was there from the start"
    gives = "until then the seller must show that it was sound; after it the buyer must prove"
    months = rule.number("reverse_burden_months")
    return _until(basis, rule, "burden", what, gives, months)


def _until(basis: Basis, rule: Rule, kind: RightKind, what: str, gives: str, months: int) -> Right:
    """A right by law that lasts so many months from delivery."""
    exam = Examination("statutory_right", basis.day)
    ask_order(exam, basis)
    evidence = exam.by(rule)
    gates.ask_rule(exam, "Is that law certain?", rule)
    exam.assume(CONSUMER)
    exam.assume(NOT_REPAIRED)
    soonest = basis.reached_no_sooner
    surely = months_after(soonest, months) if soonest and rule.sure else None
    delivered = ask_delivered(exam, basis, surely)
    last: date | None = None
    if delivered is not None:
        last = months_after(delivered, months)
        answer = f"{months} months from delivery"
        exam.passed("For how long?", answer, evidence, flip="A law with other months.")
        _ask_least(exam, basis, rule, last)
    return Right(
        kind=kind,
        what=what,
        exam=exam,
        since=delivered,
        last=last,
        surely=(last or surely) if rule.sure else None,
        surely_by=rule,
        gives=gives,
    )


def _ask_least(exam: Examination, basis: Basis, rule: Rule, last: date) -> None:
    """The least that every country grants has surely not ended before its day; whether it has after, is open."""
    if rule.series not in LEAST:
        return
    exam.assume("The country's own law may grant more: this is the least that all must grant.")
    if basis.day > last:
        answer = "does the country's own law grant more? The least that all must grant has passed"
        exam.doubt("Has it ended?", answer, exam.by(rule), flip=gates.RULE_FOUND)


def _ask_excluded(exam: Examination, basis: Basis) -> None:
    if basis.has("non_returnable"):
        answer = (
            "may it be withdrawn from? The law leaves out some goods, such as sealed hygiene goods"
        )
        flip = "`returns-ledger product describe` without non_returnable."
        exam.doubt("Does the right hold for the product?", answer, flip=flip)


# --- what they give, in words -----------------------------------------------------------------


def _terms_of_withdrawal(rules: Sequence[Rule]) -> str:
    said = ["no reason is needed"]
    refund = next((rule for rule in rules if rule.states("refund_within_days")), None)
    if refund is not None:
        days, start = refund.number("refund_within_days"), refund.text("refund_counts_from")
        wait = refund.text("may_withhold_until")
        said.append(f"the refund is due within {days} days of {start}, and may wait until {wait}")
    if any(rule.states("outbound_postage_refunded") for rule in rules):
        said.append("it includes the standard postage to the buyer")
    if any(rule.states("may_deduct_for_diminished_value") for rule in rules):
        said.append("what handling beyond a shop's took of the value may be deducted")
    months = [
        rule.number("not_informed_extra_months")
        for rule in rules
        if rule.states("not_informed_extra_months")
    ]
    if months:
        said.append(f"a buyer who was not told of it has {max(months)} months more")
    return "; ".join(said)


def _rejection(rule: Rule) -> str:
    said = "the whole price back for a defect"
    if rule.states("refund_within_days"):
        days, start = rule.number("refund_within_days"), rule.text("refund_counts_from")
        said += f", within {days} days of {start}"
    if rule.states("return_postage_paid_by"):
        said += f"; the {rule.text('return_postage_paid_by')} bears the way back"
    if rule.states("paused_during_repair"):
        said += "; its days stand still during a repair"
    return said
