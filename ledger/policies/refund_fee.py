"""The fees that a refund costs the seller: Amazon keeps a part of its own, and the fulfilment fee whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final

from ledger import bearing, desk, gates
from ledger.allocation import WHOLE_PERCENT
from ledger.book import Book
from ledger.case import Case, MoneyLine
from ledger.desk import GivenBack
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule
from ledger.ruling import Ruling, ruling
from ledger.values import BY_CODE, Money, code

ADMINISTRATION: Final = "fee.refund_admin"
RETURN_RATE: Final = "fee.high_return_rate"
MEDIA: Final = frozenset({"books", "music", "video", "video_dvd", "software", "video_games"})
"""Categories of which a rule may say that nothing is kept of a full refund."""
OF_THE_BUYER: Final = ("ITEMPRICE", "PROMOTION")


class RefundFee(Policy):
    """The seller bears them whoever is at fault; a settled line counts before any reckoning."""

    claim_type: ClassVar[str] = "refund_fee"
    title: ClassVar[str] = "Fees of a refund"
    families: ClassVar[tuple[str, ...]] = (ADMINISTRATION, RETURN_RATE)
    claims: ClassVar[bool] = False

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """The administration fee of each refund, and what of FBA's fees is not given back."""
        if not bearing.concerns(case):
            return
        for refund in bearing.given_back(case):
            if refund.amount is None or refund.amount.minor > 0:
                yield from _of_refund(case, book, refund, as_of)
        yield from _fulfilment(case, as_of)
        yield from _return_fees(case, book, as_of)


# --- the refund administration fee ------------------------------------------------------------


def _of_refund(case: Case, book: Book, refund: GivenBack, as_of: date) -> Iterator[Ruling]:
    settled = bearing.settled_of(case, refund)
    if settled is not None and settled.lines:
        for line in settled.lines:
            if code(line.kind) not in OF_THE_BUYER and line.amount.minor < 0:
                yield _charged(case, book, refund, line, as_of)
        return
    yield _reckoned(case, book, refund, as_of)


def _charged(case: Case, book: Book, refund: GivenBack, line: MoneyLine, as_of: date) -> Ruling:
    exam = Examination("refund_fee", as_of)
    seen = [exam.saw(ref) for ref in refund.refs]
    answer = f"{line.what}: {-line.amount}, as the settlement tells it"
    exam.passed("What was charged with the refund?", answer, *seen, flip="A newer settlement.")
    named = code(line.what) == "REFUNDCOMMISSION"
    words = "the refund administration fee" if named else f"{line.what} charged with the refund"
    reason = "the seller, whoever is at fault"
    most = _most(exam, case, book, refund) if named else None
    if most is not None and most.currency == line.amount.currency and -line.amount > most:
        reason += f"; by the rule it is {most}: {-line.amount - most} more was charged"
    return _ruling(case, exam, words, refund, -line.amount, reason)


def _most(exam: Examination, case: Case, book: Book, refund: GivenBack) -> Money | None:
    """What a rule that is certain lets Amazon keep; what was charged stands whatever the rule says."""
    store = case.marketplace
    rule = book.rulebook.in_force(ADMINISTRATION, store, refund.ref.day) if store else None
    if rule is None or not rule.sure:
        return None
    gates.ask_rule(exam, "What does the rule say?", rule)
    return _fee(exam, case, book, refund, rule)


def _reckoned(case: Case, book: Book, refund: GivenBack, as_of: date) -> Ruling:
    """By the rule, where the settlement has not told it yet."""
    exam = Examination("refund_fee", as_of)
    seen = [exam.saw(ref) for ref in refund.refs]
    exam.passed("Was it settled?", "not yet, as far as it is told", *seen, flip="A settlement.")
    gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
    store, words = case.marketplace, "the refund administration fee"
    rule = book.rulebook.in_force(ADMINISTRATION, store, refund.ref.day) if store else None
    if rule is None:
        answer = f"what does Amazon keep of its fee? No rule is known for {store or 'the store'}"
        exam.doubt("What does the rule say?", answer, flip="A rule, or the settlement.")
        return _ruling(case, exam, words, refund, None, answer)
    gates.ask_rule(exam, "What does the rule say?", rule)
    amount = _fee(exam, case, book, refund, rule)
    reason = "the seller, whoever is at fault"
    if amount is None:
        reason += "; how much it is the settlement will tell"
    return _ruling(case, exam, words, refund, amount, reason)


def _fee(exam: Examination, case: Case, book: Book, refund: GivenBack, rule: Rule) -> Money | None:
    """The rule's part of the settled referral fee, its cap at most; None where that fee is not told."""
    question = "What does it come to?"
    sales = [sale for sale in case.sales if sale.sku == refund.sku]
    fees = [line.amount for sale in sales for line in sale.lines if _is_commission(line)]
    sold = sum(sale.quantity for sale in sales)
    currency = BY_CODE[case.marketplace].currency if case.marketplace in BY_CODE else ""
    units = refund.quantity or 1
    if not fees or not sold or not _is_whole(case, refund, units):
        answer = "it cannot be reckoned: no settled referral fee of a whole refund is told"
        exam.passed(question, answer, flip="The settlement of the sale, or of the refund.")
        return None
    product = book.products.get(refund.sku)
    if rule.states("media_full_refund_fee") and product and product.category in MEDIA:
        amount = rule.money("media_full_refund_fee", currency)
        exam.passed(question, f"{amount} for {product.category}", flip="Another category.")
        return amount
    referral = Decimal(-sum(fee.minor for fee in fees)) * units / sold
    part = referral * rule.number("pct_of_referral_fee") / 100
    minor = int(part.quantize(Decimal(1), ROUND_HALF_UP))
    cap = rule.money("cap", currency)
    least = min(minor, cap.minor) if cap else minor
    seen = [exam.saw(sale.ref) for sale in sales]
    answer = f"{Money(least, fees[0].currency)}: {rule.number('pct_of_referral_fee')} % of the fee"
    answer += f", {cap} at most" if cap else ""
    exam.passed(question, answer, *seen, flip="The settlement's own line.")
    exam.assume("Amazon rounds the fee to the nearest cent.")
    return Money(least, fees[0].currency)


def _is_commission(line: MoneyLine) -> bool:
    return code(line.kind) == "ITEMFEES" and code(line.what) == "COMMISSION"


def _is_whole(case: Case, refund: GivenBack, units: int) -> bool:
    price = desk.unit_price(case, refund.sku)
    if price is None or refund.amount is None:
        return False
    parts = bearing.parts_of(case, refund)
    goods = parts.goods + parts.fees_back
    return goods * 100 >= price.minor * units * WHOLE_PERCENT


# --- FBA --------------------------------------------------------------------------------------


def _fulfilment(case: Case, as_of: date) -> Iterator[Ruling]:
    """What Amazon took for sending the unit out and does not give back with the refund."""
    for refund in bearing.given_back(case):
        settled = bearing.settled_of(case, refund)
        sales = [sale for sale in case.sales if sale.sku == refund.sku]
        sold = sum(sale.quantity for sale in sales)
        if settled is None or not sold or refund.amount is None or refund.amount.minor <= 0:
            continue
        if not _is_whole(case, refund, 1):
            continue
        taken = [line.amount for sale in sales for line in sale.lines if _is_fulfilment(line)]
        back = sum(line.amount.minor for line in settled.lines if _is_fulfilment(line))
        kept = -sum(fee.minor for fee in taken) * (refund.quantity or 1) // sold - back
        if taken and kept > 0:
            exam = Examination("refund_fee", as_of)
            seen = [exam.saw(ref) for ref in (*refund.refs, *(sale.ref for sale in sales))]
            answer = "the sale's settlement charges it, and the refund gives none of it back"
            exam.passed("Was the fulfilment fee given back?", answer, *seen, flip="A credit of it.")
            amount = Money(kept, taken[0].currency)
            reason = "the seller: a refund does not give it back"
            yield _ruling(case, exam, "the fulfilment fee", refund, amount, reason)


def _is_fulfilment(line: MoneyLine) -> bool:
    what = code(line.what).replace("_", "")
    return what.startswith("FBA") and "FULFILLMENT" in what


def _return_fees(case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
    """What Amazon charges for handling a return; where nothing is settled the rule leaves it open."""
    charged = [
        (told, line)
        for told in case.transactions
        for line in told.lines
        if "CUSTOMERRETURN" in code(line.what).replace("_", "") and line.amount.minor < 0
    ]
    for told, line in charged:
        exam = Examination("refund_fee", as_of)
        answer = f"{-line.amount} on {told.ref.day}"
        exam.passed("What was charged?", answer, exam.saw(told.ref), flip="A credit of it.")
        yield ruling(
            exam,
            case,
            "cost",
            "the returns processing fee",
            "holds",
            "the seller: Amazon charged it",
            sku=told.sku,
            since=str(told.ref.day),
            bearer="seller",
            amount=-line.amount,
        )
    if not charged:
        yield from _maybe_charged(case, book, as_of)


def _maybe_charged(case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
    for sku in dict.fromkeys(one.sku for one in case.returns if one.programme == "FBA"):
        back = next(one for one in case.returns if one.sku == sku)
        store = case.marketplace
        rule = book.rulebook.in_force(RETURN_RATE, store, back.ref.day) if store else None
        if rule is None:
            continue
        exam = Examination("refund_fee", as_of)
        exam.saw(back.ref)
        gates.ask_rule(exam, "Does Amazon charge for products that come back often?", rule)
        yield ruling(
            exam,
            case,
            "cost",
            "the returns processing fee",
            "holds",
            "the seller, where the product comes back too often",
            sku=sku,
            since=str(back.ref.day),
            bearer="seller",
        )


def _ruling(
    case: Case,
    exam: Examination,
    what: str,
    refund: GivenBack,
    amount: Money | None,
    reason: str,
) -> Ruling:
    return ruling(
        exam,
        case,
        "cost",
        f"{what} of refund {refund.name}",
        "holds",
        reason,
        sku=refund.sku,
        since=str(refund.ref.day),
        bearer="seller",
        amount=amount,
    )
