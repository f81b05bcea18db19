"""Who bears the price of goods that were refunded: by what came back, in what state, and what was granted for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar, Final

import msgspec

from ledger import bearing, desk
from ledger.bearing import Share
from ledger.book import Book
from ledger.case import Case
from ledger.desk import GivenBack
from ledger.policy import Examination, Policy
from ledger.ruling import Ruling, ruling
from ledger.values import Money

WHAT: Final = {"goods": "the goods of refund", "fees_back": "the fee in refund"}
TRIGGERS: Final = {
    "manual": "by hand",
    "first_scan": "at the carrier's first scan",
    "automated": "by Amazon, after the days to refund had passed",
    "csba": "by Amazon's customer service",
    "international_deadline": "by Amazon, after a missed cross-border deadline",
    "a_to_z": "through an A-to-z claim",
    "chargeback": "through a chargeback",
    "returnless": "without a return",
    "fba": "by Amazon, which fulfilled it",
    "statutory": "by law",
    "goodwill": "out of goodwill",
}


class RefundedGoods(Policy):
    """The seller bears them, unless they came back as new or somebody granted money for them."""

    claim_type: ClassVar[str] = "refunded_goods"
    title: ClassVar[str] = "Who bears refunded goods"
    families: ClassVar[tuple[str, ...]] = (
        "fba.disposition.SELLABLE",
        "fba.disposition.CUSTOMER_DAMAGED",
        "fba.disposition.DEFECTIVE",
        "fba.return_liability",
    )
    claims: ClassVar[bool] = False

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One ruling for each part of a refund that one party bears for one reason."""
        if not bearing.concerns(case):
            return
        for refund in desk.refunds_of(case):
            if refund.amount is None:
                yield _without_an_amount(case, refund, as_of)
        for share in _summed(bearing.shares_of(case, book)):
            if share.part in WHAT:
                yield _judge(case, share, as_of)


def _summed(shares: Iterable[Share]) -> list[Share]:
    """Units of a refund that one party bears for the same reason are one line."""
    found: dict[tuple[object, ...], Share] = {}
    for share in shares:
        name = (share.refund.name, share.part, share.bearer, share.why, share.refs, share.question)
        known = found.get(name)
        found[name] = share if known is None else _added(known, share.amount)
    return list(found.values())


def _added(share: Share, amount: Money) -> Share:
    return msgspec.structs.replace(share, amount=share.amount + amount)


def _judge(case: Case, share: Share, as_of: date) -> Ruling:
    refund = share.refund
    exam = Examination("refunded_goods", as_of)
    _say_refund(exam, refund)
    evidence = [exam.saw(ref) for ref in share.refs]
    if share.rule is not None:
        evidence.append(exam.by(share.rule))
    flip = "Another grade, or something granted, paid or taken back for it."
    if share.question is None:
        exam.passed("Who bears it?", f"{share.bearer}: {share.why}", *evidence, flip=flip)
    else:
        exam.doubt("Who bears it?", share.question, *evidence, flip=flip)
    return ruling(
        exam,
        case,
        "cost",
        f"{WHAT[share.part]} {refund.name}",
        "holds",
        _reason(share),
        sku=refund.sku,
        since=str(refund.ref.day),
        bearer=share.bearer,
        amount=share.amount,
    )


def _reason(share: Share) -> str:
    rule = share.rule
    if rule is None or rule.not_returned_within_days is None or rule.not_returned_outcome is None:
        return share.why
    days, then = rule.not_returned_within_days, rule.not_returned_outcome
    return f"{share.why}; where nothing comes back in {days} days, {then}"


def _say_refund(exam: Examination, refund: GivenBack) -> None:
    how = f", {TRIGGERS[refund.trigger]}" if refund.trigger in TRIGGERS else ""
    answer = f"{refund.amount or 'an amount that is not told'} on {refund.ref.day}{how}"
    seen = [exam.saw(ref) for ref in refund.refs]
    flip = "A settlement that tells it otherwise."
    exam.passed("What was refunded?", answer, *seen, flip=flip)


def _without_an_amount(case: Case, refund: GivenBack, as_of: date) -> Ruling:
    exam = Examination("refunded_goods", as_of)
    _say_refund(exam, refund)
    answer = "how much was refunded? Nothing tells its amount"
    exam.doubt("How much was it?", answer, flip="Import the settlement that holds the refund.")
    return ruling(
        exam,
        case,
        "cost",
        f"the goods of refund {refund.name}",
        "review",
        answer,
        sku=refund.sku,
        since=str(refund.ref.day),
        bearer="undetermined",
    )
