"""SAFE-T: a refund that Amazon made at the seller's cost, of an order that the seller fulfilled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar, Final

from ledger import clocks, exhibits, filed, gates
from ledger.book import Book
from ledger.case import Case, RequestState
from ledger.desk import (
    Claim,
    GivenBack,
    claims_of,
    graded,
    is_for_others,
    placed,
    programme_of,
    receipts_of,
    refunds_of,
    requests_of,
    standing_rules,
    unit_price,
)
from ledger.events.refunds import RefundGiven
from ledger.events.requests import ReturnLost
from ledger.grounds import Grounds, ask_grounds
from ledger.policy import Deadline, Evidence, Examination, Finding, Policy, finding_id
from ledger.rulebook import ClaimWindow, Rule
from ledger.values import Money, code, day_told, in_words

WINDOW: Final = "safet.window"
APPEAL: Final = "safet.appeal"
ABROAD: Final = "ret.intl"
RETURNLESS: Final = "ret.returnless"
PAID: Final = "SAFE_T_REIMBURSEMENT"
SELLERS_OWN: Final = "seller_refunds_eligible"
"""The term of a rule that admits what the seller refunded himself."""

_BACK: Final = (
    "return_tracking",
    "return_delivery_scan",
    "multiple clear photos of item, packaging, label, serial",
    "shipped-item serial/weight",
    "buyer's return reason vs condition",
)
"""Proofs about a unit that came back: where nothing did, there are none."""
_TO_WHOM: Final = "Who refunded the buyer, and what set it off?"
_OTHER_DOORS: Final = {
    "a_to_z": "an A-to-z claim set it off: its own appeal is the door, and SAFE-T is closed",
    "chargeback": "a chargeback set it off: the buyer's bank decides it, and SAFE-T is closed",
    "fba": "it is Amazon's refund of an FBA order: its door is an FBA claim",
    "statutory": "the law gave the buyer this refund: no door takes it back",
}
_FOR_SELLERS: Final = "SAFE-T is for orders that the seller fulfils"
_NOT_REFUSED: Final = "You did not refuse the parcel: a refused return is not paid for."


class SafeT(Policy):
    """A refund by Amazon is claimable where the unit came back wrong or spoilt, or where none was owed."""

    claim_type: ClassVar[str] = "safe_t"
    title: ClassVar[str] = "SAFE-T: a refund by Amazon at the seller's cost"
    families: ClassVar[tuple[str, ...]] = (WINDOW, clocks.REFUND)

    def concerns(self, case: Case, book: Book) -> bool:
        """It takes the seller's own word."""
        return case.kind == "order" and bool(case.deeds)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each refund that the seller tells of."""
        if case.kind != "order":
            return
        told = {ref.slot for ref, _ in case.told(RefundGiven)}
        for given in refunds_of(case):
            if any(ref.slot in told for ref in given.refs):
                yield self._judge(case, book, as_of, given)

    def _judge(self, case: Case, book: Book, as_of: date, given: GivenBack) -> Finding:
        exam = Examination(self.claim_type, as_of)
        rule = _rule_of(case, book, as_of)
        _ask_issuer(exam, given, rule)
        gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt, *case.refs[:1])
        programme = programme_of(case, given.sku)
        gates.ask_fulfilled_by_seller(exam, case, given.sku, programme, _FOR_SELLERS)
        claim = _ask_claims(exam, case, given, rule)
        grounds = None
        if exam.final is None and (claim is None or filed.stage_of(claim) == "withdrawn"):
            _ask_trigger(exam, case, book, given, rule)
            _ask_a_to_z(exam, case)
        if exam.final is None and (claim is None or filed.stage_of(claim) == "withdrawn"):
            grounds = ask_grounds(exam, case, given)
        if exam.final is None and grounds is not None:
            _ask_graded_in_time(exam, case, book, given, grounds)
            besides = () if grounds.ground in ("different", "unsellable") else _BACK
            exhibits.ask_exhibits(exam, case, rule, given.sku, besides=besides)
        if exam.final is None:
            _ask_window(exam, case, book, given, claim)
            exam.assume(_NOT_REFUSED)
        return self._concluded(exam, case, given, grounds, claim, rule)

    def _concluded(
        self,
        exam: Examination,
        case: Case,
        given: GivenBack,
        grounds: Grounds | None,
        claim: Claim | None,
        rule: Rule | None,
    ) -> Finding:
        units = grounds.units if grounds else given.quantity or 1
        expected = _worth(exam, case, given, grounds, rule) if exam.final is None else None
        paid = claim.net_paid if claim else _settled(case, given.sku)
        return gates.conclude(
            exam,
            case,
            anchor=given.ref.slot,
            unit=1,
            quantity=units,
            units=[f"{given.ref.slot}/{number}" for number in range(1, units + 1)],
            marketplace=case.marketplace,
            programme=programme_of(case, given.sku),
            sku=given.sku,
            expected=expected,
            paid=paid,
        )


def _rule_of(case: Case, book: Book, as_of: date) -> Rule | None:
    if case.marketplace is None:
        return None
    return book.rulebook.in_force(WINDOW, case.marketplace, as_of)


# --- whether SAFE-T is the door ---------------------------------------------------------------


def _ask_issuer(exam: Examination, given: GivenBack, rule: Rule | None) -> None:
    """The hinge: only what Amazon gave back by itself can be asked back from it."""
    seen: list[Evidence] = [exam.saw(ref) for ref in given.refs]
    trigger = in_words(given.trigger or "nothing told")
    allowed = rule is not None and rule.states(SELLERS_OWN) and rule.sure
    if given.by == "amazon" or allowed:
        flip = "A correction of who refunded, and why."
        exam.passed(_TO_WHOM, f"{given.by}, by {trigger}", *seen, flip=flip)
    elif given.by == "seller":
        cited = [exam.by(rule)] if rule is not None and not allowed else []
        answer = "the seller did: what one gives oneself, SAFE-T does not give back"
        flip = "A correction: Amazon refunded it."
        exam.ends("not_claimable", _TO_WHOM, answer, *cited, *seen, flip=flip)
    else:
        flip = "An entry that says who refunded, and what set it off."
        exam.doubt(_TO_WHOM, "nobody says who did", *seen, flip=flip)


def _ask_trigger(
    exam: Examination, case: Case, book: Book, given: GivenBack, rule: Rule | None
) -> None:
    """Which remedy there is, what set the refund off decides."""
    question = "Is SAFE-T open for what set it off?"
    trigger = given.trigger or ""
    flip = "A correction of what set the refund off."
    seen = [exam.saw(ref) for ref in given.refs]
    if trigger in _OTHER_DOORS:
        exam.ends("not_claimable", question, _OTHER_DOORS[trigger], *seen, flip=flip)
    elif trigger == "automated":
        _ask_automated(exam, case, book, given)
    elif trigger == "international_deadline":
        _ask_abroad(exam, case, book, given)
    elif trigger in ("first_scan", "csba"):
        how = {"first_scan": "at the first scan", "csba": "by its customer service"}[trigger]
        exam.passed(question, f"yes: Amazon refunded {how}", *seen, flip=flip)
    elif trigger == "returnless":
        _ask_returnless(exam, case, book, given)
    elif trigger == "manual" and given.by == "seller" and rule is not None:
        answer = "yes: the rule of the day admits what the seller refunded himself"
        exam.passed(question, answer, exam.by(rule), *seen, flip=flip)
    else:
        who = "the seller" if given.by == "seller" else "Amazon"
        why = in_words(trigger) or "an unknown cause"
        answer = f"{who} refunded by {why}: whether SAFE-T is open for that, no rule says"
        exam.doubt(question, answer, *seen, flip=flip)


def _ask_returnless(exam: Examination, case: Case, book: Book, given: GivenBack) -> None:
    """A refund without a return is the seller's own where a rule of his stood when it was ordered."""
    question = "Did a rule of the seller's own refund it without a return?"
    ordered = placed(case, given.sku)
    product = book.products.get(given.sku)
    price, category = unit_price(case, given.sku), product.category if product else None
    own = [
        (ref, one)
        for ref, one in (standing_rules(book, ordered) if ordered else [])
        if not is_for_others(one, case.marketplace, price, category)
    ]
    seen = [exam.saw(ref) for ref, _ in own]
    flip = "Another day of the order, or terms that stood on it and are recorded."
    binding = book.rulebook.in_force(RETURNLESS, case.marketplace or "", given.ref.day)
    if own and binding is not None and binding.sure:
        answer = f"yes: {own[0][1].name} stood when it was ordered, and binds although it was dropped since"
        exam.ends("not_claimable", question, answer, exam.by(binding), *seen, flip=flip)
    elif own:
        answer = f"{own[0][1].name} stood when it was ordered: does it bind? No rule that is certain says so"
        exam.doubt(question, answer, *seen, flip=flip)
    else:
        answer = (
            "no rule of the seller's that is told stood then: whether SAFE-T is open, no rule says"
        )
        exam.doubt(question, answer, flip=flip)


def _ask_automated(exam: Examination, case: Case, book: Book, given: GivenBack) -> None:
    """The refund after the seller's days to refund: no claim is left, unless the parcel never came."""
    question = "Is SAFE-T open after the days to refund were missed?"
    received = receipts_of(case, given.sku)
    lost = [ref for ref, one in case.told(ReturnLost) if one.sku == given.sku]
    wrong = [one.ref for one in received if one.scan_wrong]
    day = received[0].ref.day if received else given.ref.day
    rule = book.rulebook.in_force(clocks.REFUND, case.marketplace or "", day)
    if rule is None or not rule.states("safe_t_after_miss"):
        answer = "no rule of that day closes it"
        cited = [exam.by(rule)] if rule else []
        exam.passed(question, answer, *cited, flip="A rule of the day of receipt that closes it.")
        return
    cited = [exam.by(rule)]
    flip = "A return that was lost, or a delivery scan that is wrong by no fault of yours."
    if lost or wrong:
        told = "the return was lost" if lost else "the delivery scan is wrong"
        seen = [exam.saw(ref) for ref in (*lost, *wrong)]
        exam.passed(question, f"yes, as an exception: {told}", *cited, *seen, flip=flip)
    elif not received:
        answer = "only where the return was lost or its delivery scan is wrong, and neither is told"
        exam.doubt(question, answer, *cited, flip=flip)
    elif not rule.sure or rule.flag("safe_t_after_miss"):
        gates.ask_rule(exam, question, rule)
    else:
        seen = [exam.saw(one.ref) for one in received]
        answer = "no: the return was there, and the days to refund it had passed"
        exam.ends("not_claimable", question, answer, *cited, *seen, flip=flip)


def _ask_abroad(exam: Examination, case: Case, book: Book, given: GivenBack) -> None:
    """The refund after a missed deadline for returns from abroad."""
    question = "Is SAFE-T open after a deadline for returns from abroad was missed?"
    asked = [one.ref for one in requests_of(case, given.sku)]
    day = asked[0].day if asked else given.ref.day
    rules = book.rulebook.holding(ABROAD, case.marketplace or "", day)
    closing = [rule for rule in rules if rule.states("safe_t") and not rule.flag("safe_t")]
    seen = [exam.saw(ref) for ref in asked]
    flip = "A rule of the day of the request that opens it."
    if any(rule.sure for rule in closing):
        cited = [exam.by(rule) for rule in closing if rule.sure]
        answer = "no: the rule for returns from abroad closes it"
        exam.ends("not_claimable", question, answer, *cited, *seen, flip=flip)
    else:
        cited = [exam.by(rule) for rule in rules if rule.ever_in_force and rule.sure]
        answer = "no rule of that day says so for certain"
        exam.doubt(question, answer, *cited, *seen, flip=flip)


def _ask_a_to_z(exam: Examination, case: Case) -> None:
    """One order has one door: an A-to-z claim on it closes SAFE-T."""
    question = "Is there no A-to-z claim and no chargeback on the order?"
    told = [one for one in claims_of(case).values() if one.door in ("a_to_z", "chargeback")]
    reported = [state.ref for state in case.request_states.values() if state.a_to_z]
    refunds = [one.ref for one in refunds_of(case) if one.trigger in ("a_to_z", "chargeback")]
    seen = [exam.saw(ref) for one in told for ref in one.refs]
    seen += [exam.saw(ref) for ref in (*reported, *refunds)]
    flip = "An A-to-z claim or a chargeback that is told later."
    ended = [one for one in told if one.outcome in ("denied", "withdrawn")]
    if not (told or reported or refunds):
        exam.passed(question, "none is told", flip=flip)
    elif told and len(ended) == len(told) and not refunds:
        answer = (
            "there was one that came to nothing: whether it closes SAFE-T all the same is not told"
        )
        exam.doubt(question, answer, *seen, flip="Amazon's own word on claims that were denied.")
    else:
        answer = "there is one: SAFE-T is closed for the whole order"
        flip = "The claim being withdrawn or denied."
        exam.ends("not_claimable", question, answer, *seen, flip=flip)


# --- claims that were filed already -----------------------------------------------------------


def _ask_claims(exam: Examination, case: Case, given: GivenBack, rule: Rule | None) -> Claim | None:
    claims = [one for one in claims_of(case).values() if one.door == "safe_t"]
    own_id = finding_id(exam.claim_type, f"{case.stream}|{given.ref.slot}")
    mine = [one for one in claims if filed.is_about(one, own_id, given.sku)]
    claim = filed.ask_filed(exam, mine)
    if claim is None and not _reported(exam, case, given.sku):
        others = [one for one in claims if one not in mine and one.filed]
        _ask_other_claim(exam, others, rule)
    return claim


def _reported(exam: Examination, case: Case, sku: str) -> bool:
    """What Amazon's own reports tell of a SAFE-T claim that the seller did not record."""
    question = "Do reports tell of a SAFE-T claim?"
    paid = _settled(case, sku)
    seen = [exam.saw(one.ref) for one in case.transactions if code(one.transaction) == PAID]
    states = _states(case, sku)
    if paid is not None and paid.minor > 0:
        answer = f"yes: a settlement tells {paid} as SAFE-T reimbursement of the order"
        exam.ends("paid", question, answer, *seen, flip="The payment being taken back.")
    elif states:
        said = states[-1]
        state = (said.safe_t_state or "no state").replace("_", " ").lower()
        answer = f"yes: the returns report tells of claim {said.safe_t_claim_id}, {state}"
        flip = "The claim's decision, recorded here."
        if code(said.safe_t_state or "") == "DENIED":
            exam.doubt(question, answer, exam.saw(said.ref), flip=flip)
        else:
            exam.ends("not_claimable", question, answer, exam.saw(said.ref), flip=flip)
    else:
        exam.passed(question, "none", flip=filed.NOT_BEFORE)
    return bool(states) or paid is not None


def _states(case: Case, sku: str) -> list[RequestState]:
    asked = {one.ref.slot for one in case.requests if one.sku == sku}
    return [
        state
        for slot, state in case.request_states.items()
        if slot in asked and state.safe_t_claim_id
    ]


def _settled(case: Case, sku: str) -> Money | None:
    """What settlements tell as SAFE-T reimbursement of the order, for this SKU or for none named."""
    amounts = [
        line.amount
        for one in case.transactions
        if code(one.transaction) == PAID and one.sku in (None, sku)
        for line in one.lines
    ]
    if not amounts or len({money.currency for money in amounts}) > 1:
        return None
    return sum(amounts[1:], start=amounts[0])


def _ask_other_claim(exam: Examination, others: Sequence[Claim], rule: Rule | None) -> None:
    question = "Is it the only claim about the order?"
    if not others:
        exam.passed(question, "no other is told", flip=filed.NOT_BEFORE)
        if rule is not None and rule.states("one_claim_per_order"):
            exam.assume("An order may be claimed for once: put all of its units into one claim.")
        return
    seen = [exam.saw(ref) for one in others for ref in one.refs]
    flip = "The other claim being withdrawn."
    if rule is not None and rule.states("one_claim_per_order") and rule.sure:
        answer = f"no: {filed.in_words(others[0])}, and an order may be claimed for once"
        exam.ends("not_claimable", question, answer, exam.by(rule), *seen, flip=flip)
    else:
        answer = (
            f"{filed.in_words(others[0])}: whether the order may be claimed for again is not told"
        )
        exam.doubt(question, answer, *seen, flip=flip)


# --- in time, and for how much ----------------------------------------------------------------


def _ask_graded_in_time(
    exam: Examination, case: Case, book: Book, given: GivenBack, grounds: Grounds
) -> None:
    """A unit that is not graded while the refund clock runs may count as sellable as new."""
    received = receipts_of(case, given.sku)
    if grounds.ground not in ("different", "unsellable") or case.marketplace is None:
        return
    question = "Was it graded before the days to refund had passed?"
    if not received:
        answer = "on which day it was delivered is not told"
        exam.doubt(question, answer, flip="The day of the carrier's delivery scan.")
        return
    first = min((one.ref for one in received), key=lambda ref: ref.occurred_at)
    limit = clocks.refund_limit(book, case.marketplace, first)
    if limit is None or limit.rule is None:
        exam.passed(question, "no rule sets such days", exam.saw(first), flip="A rule that does.")
        return
    for text in limit.assumptions:
        exam.assume(text)
    gates.ask_rule(exam, "Is the rule about those days certain?", limit.rule)
    seen = [exam.saw(first), *(exam.saw(ref) for ref, _ in graded(case, given.sku))]
    late = [ref for ref in grounds.refs if not clocks.in_time(ref, limit.due_at)]
    early = [ref for ref in grounds.refs if ref.day < first.day]
    if early:
        answer = f"graded on {early[0].day}, before it is told to have come back on {first.day}"
        exam.doubt(question, answer, *seen, flip="A correction of one of the two days.")
    elif late and limit.rule.sure:
        answer = f"no: received on {first.day}, graded on {late[0].day}, due by {limit.due_at}"
        flip = "A grade of those days: what nobody graded may count as sellable as new."
        exam.doubt(question, answer, exam.by(limit.rule), *seen, flip=flip)
    elif not late:
        answer = f"yes: received on {first.day}, graded on {grounds.refs[-1].day}"
        exam.passed(question, answer, exam.by(limit.rule), *seen, flip="A correction of a day.")


def _ask_window(
    exam: Examination, case: Case, book: Book, given: GivenBack, claim: Claim | None
) -> None:
    if claim is not None and filed.stage_of(claim) == "denied":
        _ask_appeal(exam, case, book, claim)
        return
    own = SELLERS_OWN if given.by == "seller" else None
    gates.ask_window(exam, book, WINDOW, case.marketplace, _anchors(case, given), stating=own)
    if isinstance(exam.window, ClaimWindow):
        exam.assume("Days are counted in the store's time: Amazon names no time zone.")


def _anchors(case: Case, given: GivenBack) -> dict[str, date]:
    """The days that the clocks run from: of several readings the one that ends first."""
    refunded = min(day for ref in given.refs for day in clocks.days_of(ref))
    found = {"refund_date": refunded}
    back = [day for one in receipts_of(case, given.sku) for day in clocks.days_of(one.ref)]
    lost = [ref for ref, one in case.told(ReturnLost) if one.sku == given.sku]
    if back:
        found["later_of_return_scan_and_refund_date"] = max(refunded, min(back))
        found["marked_returned_to_seller_date"] = min(back)
    elif lost:
        found["last_carrier_scan_date"] = min(day for ref in lost for day in clocks.days_of(ref))
    else:
        found["later_of_return_scan_and_refund_date"] = refunded
    return found


def _ask_appeal(exam: Examination, case: Case, book: Book, claim: Claim) -> None:
    """A denied claim may be appealed once, until the day that the claim itself shows."""
    question = "Until when may the denial be appealed?"
    assert claim.decision is not None, "what was denied was decided"
    ref, decided = claim.decision
    rule = book.rulebook.in_force(APPEAL, case.marketplace or "", exam.as_of)
    cited = [exam.by(rule)] if rule else []
    if decided.appeal_until is None or rule is None:
        answer = "until the day that the claim shows in Seller Central, which is not recorded"
        exam.doubt(question, answer, *cited, exam.saw(ref), flip="The day that the claim shows.")
        return
    last = day_told(decided.appeal_until)
    exam.window = Deadline(ref.day, last, (rule,))
    exam.window_firm = rule.sure
    tell = exam.passed if exam.as_of <= last else exam.failed
    answer = f"until {last}, as the claim shows, and once only" if rule.sure else "once only"
    tell(question, answer, *cited, exam.saw(ref), flip="Another day on the claim itself.")
    gates.ask_rule(exam, "Is the rule about appeals certain?", rule)


def _worth(
    exam: Examination,
    case: Case,
    given: GivenBack,
    grounds: Grounds | None,
    rule: Rule | None,
) -> Money | None:
    """What Amazon refunded for the units, within what the rule pays at most."""
    if given.amount is None or grounds is None or rule is None:
        return None
    question = "How much may be asked for?"
    units, of = grounds.units, max(given.quantity or 1, 1)
    refunded = Money(given.amount.minor * units // of, given.amount.currency)
    seen = [exam.saw(ref) for ref in given.refs]
    flip = "Another refund, or another price of the unit."
    amount = _within(refunded, _limits(case, given, grounds, rule))
    before = _before(exam, rule)
    if amount is None:
        answer = "at most a part of the price, and what was paid for the unit is not told"
    elif before is not None and amount != _within(refunded, _limits(case, given, grounds, before)):
        answer = (
            f"{before.id} paid less than {amount}, and today's rule does not say how much it pays"
        )
        amount = None
    else:
        bound = "" if amount == refunded else f", of {refunded} refunded: the rule pays no more"
        answer = f"{amount}{bound}"
        exam.assume(
            "It is what the buyer got, tax included where it is told: Amazon decides on it."
        )
    exam.passed(question, answer, exam.by(rule), *seen, flip=flip)
    return amount


def _before(exam: Examination, rule: Rule) -> Rule | None:
    """The version before, for what today's does not say."""
    versions = exam.window.versions if exam.window else ()
    ended = [one for one in versions if one.rank == rule.rank and one.effective_to]
    return next((one for one in ended if one.effective_to == rule.effective_from), None)


def _within(refunded: Money, limits: Iterator[Money | None]) -> Money | None:
    """A refund within every limit; None where one cannot be reckoned."""
    told = list(limits)
    if any(limit is None for limit in told):
        return None
    return min([refunded, *(one for one in told if one)], key=lambda money: money.minor)


def _limits(case: Case, given: GivenBack, grounds: Grounds, rule: Rule) -> Iterator[Money | None]:
    """The most that the rule pays; None where a limit holds and cannot be reckoned."""
    assert given.amount is not None
    currency = given.amount.currency
    if rule.states("cap"):
        cap = rule.money("cap", currency)
        if cap is not None:
            yield cap
    if grounds.by_buyer and rule.states("customer_damage_cap_pct"):
        each = unit_price(case, given.sku)
        if each is None or each.currency != currency:
            yield None
        else:
            percent = rule.number("customer_damage_cap_pct")
            yield Money(each.minor * grounds.units * percent // 100, currency)
