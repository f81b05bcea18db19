"""Who bears the postage to the buyer and back: by label, promise, law, then by the reason for the return."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

import msgspec

from ledger import bearing, desk, gates
from ledger.bearing import Share
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import Request
from ledger.events.deliveries import OrderTold
from ledger.events.refunds import RestockingFeeApplied
from ledger.events.requests import ReturnFirstScanned, ReturnLabelIssued
from ledger.events.terms import ReturnPolicySet, Trait
from ledger.policy import Examination, Policy
from ledger.reasons import Reason, reason_of
from ledger.rights import basis_of, law_of, terms_of
from ledger.rulebook import Rule
from ledger.ruling import Bearer, Ruling, ruling
from ledger.values import Money, code

POSTAGE: Final = "ret.postage"
FIRST_SCAN: Final = "ret.rfs"
LABELS: Final = "ret.aprl"
ABROAD: Final = "ret.intl"
OUT: Final = "the way to the buyer"
BACK: Final = "the way back"
EXEMPT: Final[dict[Trait, str]] = {
    "handmade": "Handmade",
    "certified_watch": "certified pre-owned watches",
    "non_physical": "non-physical",
    "dangerous": "dangerous goods",
    "extra_large": "extra-large or heavy",
    "label_ineligible": "label-ineligible items",
}
"""What the seller says of a product, by what the rule calls products without Amazon's label."""
SOURCE: Final = "A rule for the store, with its source."


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of an order that is coming back, or did."""

    case: Case
    book: Book
    sku: str
    as_of: date
    request: Request | None
    withdrawn: Request | None
    label: tuple[Ref, ReturnLabelIssued] | None
    scanned: Ref | None
    terms: tuple[Ref, ReturnPolicySet] | None

    @property
    def day(self) -> date:
        """The day that picks the rules: of the request, else of the first thing that is told."""
        told = [self.request.ref] if self.request else []
        told += [self.withdrawn.ref] if self.withdrawn else []
        told += [self.label[0]] if self.label else []
        told += [self.scanned] if self.scanned else []
        told += [one.ref for one in bearing.given_back(self.case) if one.sku == self.sku]
        return told[0].day if told else self.as_of

    def rule(self, family: str, day: date | None = None) -> Rule | None:
        """The rule of a family that holds in the store."""
        store = self.case.marketplace
        return self.book.rulebook.in_force(family, store, day or self.day) if store else None

    def has(self, trait: Trait) -> bool:
        """True where the seller says so of the product."""
        product = self.book.products.get(self.sku)
        return product is not None and trait in product.traits


class Postage(Policy):
    """A label of the seller's own from abroad and a promise come first, then the law, then the reason."""

    claim_type: ClassVar[str] = "postage"
    title: ClassVar[str] = "Return postage"
    families: ClassVar[tuple[str, ...]] = (POSTAGE, FIRST_SCAN, LABELS)
    claims: ClassVar[bool] = False

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """The way out and the way back of each SKU that the seller shipped and that is coming back."""
        if not bearing.concerns(case):
            return
        for sku in dict.fromkeys([*desk.skus_of(case), *(r.sku for r in desk.requests_of(case))]):
            way = _way(case, book, sku, as_of)
            if desk.programme_of(case, sku) == "FBM" and _is_coming_back(way):
                shares = [one for one in bearing.shares_of(case, book) if one.refund.sku == sku]
                yield from _way_out(way, [one for one in shares if one.part == "way_out"])
                yield from _way_back(way, [one for one in shares if one.part == "way_back"])


def _way(case: Case, book: Book, sku: str, as_of: date) -> Way:
    requests = desk.requests_of(case, sku)
    asked = [one for one in requests if not one.withdrawal]
    withdrawn = [one for one in requests if one.withdrawal]
    labels = [told for told in case.told(ReturnLabelIssued) if told[1].sku == sku]
    scans = [ref for ref, told in case.told(ReturnFirstScanned) if told.sku == sku]
    return Way(
        case=case,
        book=book,
        sku=sku,
        as_of=as_of,
        request=asked[-1] if asked else None,
        withdrawn=withdrawn[0] if withdrawn else None,
        label=labels[-1] if labels else None,
        scanned=scans[0] if scans else None,
        terms=terms_of(basis_of(case, book, sku, as_of)),
    )


def _is_coming_back(way: Way) -> bool:
    told = way.request or way.withdrawn or way.label or way.scanned
    returned = bool(told) or bool(desk.receipts_of(way.case, way.sku))
    return returned or any(
        share.refund.sku == way.sku and share.part in ("way_out", "way_back")
        for share in bearing.shares_of(way.case, way.book)
    )


# --- the way out ------------------------------------------------------------------------------


def _way_out(way: Way, given: list[Share]) -> Iterator[Ruling]:
    """What the refund gave back of it is borne in fact; what it did not, by the rules."""
    for share in given:
        yield _by_refund(way, share, OUT)
    if given:
        return
    exam, bearer, reason = _begun(way), None, ""
    first_scan = _ask_first_scan(exam, way)
    if first_scan is not None:
        bearer, reason = first_scan
    elif way.withdrawn is not None and _ask_withdrawn(exam, way):
        bearer, reason = _out_by_law(exam, way)
    else:
        bearer, reason = _out_by_reason(exam, way)
    yield _ruling(way, exam, OUT, bearer, reason, _paid_for_the_way_out(exam, way))


def _ask_first_scan(exam: Examination, way: Way) -> tuple[Bearer, str] | None:
    """A refund at the carrier's first scan gives the way out back, whoever is at fault."""
    refund = next(
        (
            one
            for one in desk.refunds_of(way.case, way.sku)
            if one.trigger == "first_scan" and one.amount is not None
        ),
        None,
    )
    if refund is None:
        return None
    rule = way.rule(FIRST_SCAN, way.scanned.day if way.scanned else refund.ref.day)
    question = "Did Amazon refund at the carrier's first scan?"
    seen = [exam.saw(ref) for ref in refund.refs]
    if rule is None or not rule.states("outbound_postage_refunded"):
        answer = (
            f"yes, on {refund.ref.day}; no rule of the store says that it gives the way out back"
        )
        exam.passed(question, answer, *seen, flip=SOURCE)
        return None
    answer = f"yes, on {refund.ref.day}: it gives the way out back whoever is at fault"
    exam.passed(question, answer, *seen, exam.by(rule), flip="Another trigger of the refund.")
    return "seller", "a refund at first scan gives it back, whatever the reason"


def _out_by_law(exam: Examination, way: Way) -> tuple[Bearer, str]:
    rule = way.rule("law.eu.withdrawal", _contract_day(way))
    question = "Who bears the way out of a contract that was withdrawn from?"
    if rule is None or not rule.states("outbound_postage_refunded"):
        answer = "who bears the way out? No law read for the store says"
        exam.doubt(question, answer, flip=SOURCE)
        return "undetermined", answer
    evidence = exam.by(rule)
    gates.ask_rule(exam, "Is that law certain?", rule)
    answer = "the seller: the refund includes the standard way out"
    exam.passed(
        question, answer, evidence, flip="A surcharge for a faster way, which is not in it."
    )
    return "seller", "the law has it refunded with the price, at the standard rate"


def _out_by_reason(exam: Examination, way: Way) -> tuple[Bearer, str]:
    rule, reason = _ask_reason(exam, way)
    if rule is None or reason.fault == "unclear":
        return "undetermined", "it follows from the reason"
    if reason.fault == "seller":
        return _named(rule.text("seller_reason_outbound")), f"the seller is at fault: {reason}"
    if rule.states("buyer_reason_outbound"):
        return _named(rule.text("buyer_reason_outbound")), f"the buyer's own reason: {reason}"
    question = "Does anything put the way out on the seller?"
    refunds = [one for one in desk.refunds_of(way.case, way.sku) if one.amount is not None]
    if refunds:
        seen = [exam.saw(ref) for one in refunds for ref in one.refs]
        answer = "no: the refund gives none of it back, and no rule read demands it"
        exam.passed(question, answer, *seen, flip="A rule that demands it.")
        return "buyer", f"the buyer's own reason, and the refund does not include it: {reason}"
    answer = (
        "will the refund give the way out back? A refund at first scan does; no rule read says more"
    )
    exam.doubt(question, answer, flip="The refund.")
    return "undetermined", answer


def _paid_for_the_way_out(exam: Examination, way: Way) -> Money | None:
    """What the buyer paid for it; where he paid nothing, what it cost the seller."""
    question = "What did the way out cost?"
    paid = _buyer_paid(way)
    if paid is not None and paid[1].minor > 0:
        exam.passed(question, f"{paid[1]}, paid by the buyer", exam.saw(paid[0]), flip="The sale.")
        return paid[1]
    sent = desk.dispatched(way.case, way.sku)
    if sent is not None and sent[1].postage is not None:
        answer = f"{sent[1].postage}, paid by the seller"
        exam.passed(question, answer, exam.saw(sent[0]), flip="Another label.")
        if paid is None:
            exam.assume("The buyer paid nothing for the way out.")
        return sent[1].postage
    return None


def _buyer_paid(way: Way) -> tuple[Ref, Money] | None:
    for sale in way.case.sales:
        lines = [
            line.amount
            for line in sale.lines
            if code(line.kind) == "ITEMPRICE" and code(line.what) in ("SHIPPING", "SHIPPINGTAX")
        ]
        if sale.sku == way.sku and lines:
            return sale.ref, sum(lines[1:], start=lines[0])
    for ref, told in way.case.told(OrderTold):
        if told.sku == way.sku and told.shipping is not None:
            return ref, told.shipping
    return None


# --- the way back -----------------------------------------------------------------------------


def _way_back(way: Way, given: list[Share]) -> Iterator[Ruling]:
    for share in given:
        yield _by_refund(way, share, BACK)
    if given and (way.label is None or way.label[1].cost is None):
        return
    exam = _begun(way)
    _say_label(exam, way)
    bearer, reason = (
        _own_label_abroad(exam, way) or _promised(exam, way) or _by_law_or_reason(exam, way)
    )
    _say_demanded(exam, way)
    cost = way.label[1].cost if way.label else None
    if bearer == "buyer" and cost is not None and way.label and way.label[1].payer != "buyer":
        yield from _deducted(way, exam, cost, reason)
        return
    yield _ruling(way, exam, BACK, bearer, reason, cost)


def _own_label_abroad(exam: Examination, way: Way) -> tuple[Bearer, str] | None:
    """The seller's own international label is the seller's, whatever the reason."""
    if way.label is None or way.label[1].kind != "own_international":
        return None
    question = "Is it the seller's own international label?"
    rule = _stating(way, "international_label_paid_by")
    evidence = [exam.saw(way.label[0]), *([exam.by(rule)] if rule else [])]
    exam.passed(
        question,
        "yes: the seller bears it whatever the reason",
        *evidence,
        flip="A label of another kind.",
    )
    if rule is None:
        exam.assume("No rule of the store would let the seller deduct his own international label.")
    elif not rule.covers(way.day):
        exam.assume(
            f"What {rule.id} says of the label still holds: the rule after it is silent on it."
        )
    bearer = _named(rule.text("international_label_paid_by")) if rule else "seller"
    return bearer, "the seller's own international label"


def _stating(way: Way, term: str) -> Rule | None:
    """The newest rule on returns from abroad that the store had by that day and that states a term."""
    store = way.case.marketplace
    if store is None:
        return None
    rules = [
        rule
        for rule in way.book.rulebook.rules
        if f"{rule.series}.".startswith(f"{ABROAD}.")
        and rule.holds_in(store)
        and rule.states(term)
        and rule.sure
        and (rule.effective_from or date.min) <= way.day
    ]
    return max(rules, key=lambda rule: rule.effective_from or date.min, default=None)


def _promised(exam: Examination, way: Way) -> tuple[Bearer, str] | None:
    """The seller promised it: a free-return item, or terms by which he pays the way back."""
    question = "Did the seller promise to pay the way back?"
    if way.terms is not None and way.terms[1].free_returns:
        answer = f"yes, by the terms of {way.terms[0].day}"
        exam.passed(question, answer, exam.saw(way.terms[0]), flip="Other terms before the order.")
        return "seller", "the seller's own terms promise it, whatever the reason"
    if way.has("free_return"):
        rule = way.rule(FIRST_SCAN)
        said = rule is not None and rule.sure and rule.states("return_fee_deducted_unless")
        cited = [exam.by(rule)] if rule is not None and said else []
        flip = "Another description of the product."
        exam.passed(question, "yes: it is a free-return item", *cited, flip=flip)
        return "seller", "a free-return item"
    exam.failed(question, "no such promise is told", flip="Terms or a product with free returns.")
    return None


def _by_law_or_reason(exam: Examination, way: Way) -> tuple[Bearer, str]:
    if way.withdrawn is not None and _ask_withdrawn(exam, way):
        return _back_by_law(exam, way)
    rule, reason = _ask_reason(exam, way)
    if rule is None or reason.fault == "unclear":
        return "undetermined", "it follows from the reason"
    if reason.fault == "seller":
        return _named(rule.text("seller_reason_return")), f"the seller is at fault: {reason}"
    return _named(rule.text("buyer_reason_return")), f"the buyer's own reason: {reason}"


def _back_by_law(exam: Examination, way: Way) -> tuple[Bearer, str]:
    """The buyer, unless the seller offered to pay or did not say who pays."""
    rule = way.rule("law.eu.withdrawal", _contract_day(way))
    question = "Who bears the way back of a contract that was withdrawn from?"
    if rule is None or not rule.states("return_postage_paid_by"):
        answer = "who bears the way back? No law read for the store says"
        exam.doubt(question, answer, flip=SOURCE)
        return "undetermined", answer
    evidence = exam.by(rule)
    gates.ask_rule(exam, "Is that law certain?", rule)
    told = rule.text("return_postage_paid_by")
    if way.label is not None and way.label[1].payer == "seller":
        answer = f"the seller, who gave the label: {told}"
        exam.passed(
            question, answer, evidence, exam.saw(way.label[0]), flip="A label of the buyer's."
        )
        return "seller", "the seller offered to pay it"
    if way.terms is not None:
        answer = f"the buyer: {told}"
        exam.passed(question, answer, evidence, exam.saw(way.terms[0]), flip="A promise to pay it.")
        exam.assume("The buyer was told before the order that he bears the way back.")
        return "buyer", "the law leaves it to the buyer, who was told so"
    answer = f"was the buyer told who pays it? The law says: {told}"
    flip = "The seller's terms on the day of the order: `returns-ledger terms`."
    exam.doubt(question, answer, evidence, flip=flip)
    return "undetermined", answer


def _deducted(way: Way, exam: Examination, cost: Money, reason: str) -> Iterator[Ruling]:
    """The buyer bears of the label what was kept back of the refund; the rest the seller let him have."""
    kept = _kept_of(way, cost)
    if kept is None:
        question = "Was the label deducted from the refund?"
        answer = "was it deducted? Nothing tells what the buyer had paid"
        exam.doubt(question, answer, flip="Import the settlement of the sale, or tell the order.")
        yield _ruling(way, exam, BACK, "undetermined", answer, None)
        return
    if kept.minor:
        yield _ruling(way, exam, BACK, "buyer", reason, kept)
    if kept < cost:
        rest = "it could have been deducted from the refund, and was not"
        yield _ruling(way, exam, BACK, "seller", rest, cost - kept)


def _kept_of(way: Way, cost: Money) -> Money | None:
    """As much of the label as the refunds fall short of what the buyer paid; all of it before a refund."""
    refunds = [
        one for one in bearing.given_back(way.case) if one.sku == way.sku and one.amount is not None
    ]
    if not refunds:
        return cost
    settled = [one for one in refunds if bearing.settled_of(way.case, one) is not None]
    if settled:
        minor = sum(bearing.kept_back(way.case, one, "RETURNSHIPPING") for one in settled)
        return Money(min(minor, cost.minor), cost.currency)
    price = desk.unit_price(way.case, way.sku)
    if price is None or price.currency != cost.currency:
        return None
    units = sum(one.quantity or 1 for one in refunds)
    parts = [bearing.parts_of(way.case, one) for one in refunds]
    short = price.minor * units - sum(part.goods + part.fees_back for part in parts)
    short -= _restocking_told(way)
    return Money(max(min(short, cost.minor), 0), cost.currency)


def _restocking_told(way: Way) -> int:
    fees = way.case.told(RestockingFeeApplied)
    return sum(fee.amount.minor for _, fee in fees if fee.sku == way.sku)


# --- what both ways ask -----------------------------------------------------------------------


def _begun(way: Way) -> Examination:
    exam = Examination("postage", way.as_of)
    gates.ask_marketplace(exam, way.case.marketplace, way.case.marketplace_doubt)
    placed = desk.placed(way.case, way.sku)
    seen = [exam.saw(placed)] if placed else []
    exam.passed("Who shipped it?", "the seller (FBM)", *seen, flip="A report that says FBA.")
    return exam


def _say_label(exam: Examination, way: Way) -> None:
    """Which label the buyer got."""
    if way.label is not None:
        ref, told = way.label
        cost = f", {told.cost}" if told.cost else ""
        answer = f"{told.kind.replace('_', ' ')}, paid by the {told.payer} at first{cost}"
        exam.passed("Which label did the buyer get?", answer, exam.saw(ref), flip="Another label.")


def _say_demanded(exam: Examination, way: Way) -> None:
    """Which label Amazon demands in the store on that day; it decides nothing about who bears the way."""
    rule = way.rule(LABELS)
    if rule is None or not rule.sure:
        return
    exempt = rule.words("exempt_products") if rule.states("exempt_products") else ()
    kept_out = [name for trait, name in EXEMPT.items() if way.has(trait) and name in exempt]
    if kept_out:
        answer = f"none: {', '.join(kept_out)} stay out of it"
    elif rule.flag("high_value_exemption"):
        answer = "its own prepaid one, unless the item is kept out for its high value"
    else:
        answer = "its own prepaid one, whatever the item is worth"
    question = "Which label does Amazon demand?"
    exam.passed(question, answer, exam.by(rule), flip="A request on a day of another rule.")


def _ask_withdrawn(exam: Examination, way: Way) -> bool:
    """Whether the buyer withdrew in time; a withdrawal that came late changes nothing."""
    assert way.withdrawn is not None
    question = "Did the buyer withdraw from the contract in time?"
    ref = way.withdrawn.ref
    seen = [exam.saw(one) for one in way.withdrawn.refs]
    found = law_of(basis_of(way.case, way.book, way.sku, ref.day))
    right = next((one for one in found if one.kind == "withdrawal"), None)
    if right is not None and right.covers(ref.day):
        evidence = [exam.by(right.surely_by)] if right.surely_by else []
        exam.passed(question, f"yes, on {ref.day}", *seen, *evidence, flip="A later withdrawal.")
        return True
    if right is None or right.firm:
        exam.failed(question, f"no: {ref.day} was too late", *seen, flip="An earlier withdrawal.")
        return False
    answer = right.exam.open_question() or "no day can be told"
    exam.doubt(question, answer, *seen, flip="An answer to that question.")
    return True


def _ask_reason(exam: Examination, way: Way) -> tuple[Rule | None, Reason]:
    """Whose fault the reason is, by the store's rule; without a certain rule the answer stays open."""
    rule = way.rule(POSTAGE)
    reason = reason_of(way.request.reason if way.request else None, rule)
    seen = [exam.saw(ref) for ref in way.request.refs] if way.request else []
    question = "Why does it come back, and whose fault is that?"
    if reason.fault == "unclear":
        answer = f"whose fault is {reason}? No rule read says"
        exam.doubt(question, answer, *seen, flip="Amazon's list of reasons with their bearers.")
    else:
        answer = f"{reason}: the {reason.fault}'s"
        exam.passed(question, answer, *seen, flip="Another reason.")
    if reason.told is None:
        exam.assume("Who names no reason has changed his mind.")
    where = way.case.marketplace or "the store"
    if rule is None:
        answer = f"who bears the postage? No rule is known for {where}"
        exam.doubt("Which rule says who bears it?", answer, flip=SOURCE)
    else:
        gates.ask_rule(exam, "Which rule says who bears it?", rule)
    return rule, reason


def _contract_day(way: Way) -> date:
    placed = desk.placed(way.case, way.sku)
    return placed.day if placed else way.day


def _named(bearer: str) -> Bearer:
    return "seller" if bearer == "seller" else "buyer" if bearer == "buyer" else "undetermined"


def _by_refund(way: Way, share: Share, what: str) -> Ruling:
    """A part of a refund: whatever the rules say, somebody bears it now."""
    exam = _begun(way)
    seen = [exam.saw(ref) for ref in (*share.refund.refs, *share.refs)]
    answer = f"yes, {share.amount} on {share.refund.ref.day}"
    exam.passed("Did the refund give it back?", answer, *seen, flip="A newer settlement.")
    if what == OUT and share.bearer == "seller":
        _ask_first_scan(exam, way)
    if share.question is not None:
        exam.doubt("Who bears it?", share.question, *seen, flip="An answer to that question.")
    return _ruling(way, exam, what, share.bearer, share.why, share.amount)


def _ruling(
    way: Way, exam: Examination, what: str, bearer: Bearer, reason: str, amount: Money | None
) -> Ruling:
    return ruling(
        exam,
        way.case,
        "cost",
        what,
        "holds",
        reason,
        sku=way.sku,
        since=str(way.day),
        bearer=bearer,
        amount=amount,
    )
