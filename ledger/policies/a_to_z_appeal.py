"""An A-to-z claim that Amazon granted to the buyer and charged to the seller: the appeal against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar, Final, Literal

from ledger import clocks, exhibits, gates
from ledger.book import Book
from ledger.case import Case
from ledger.desk import (
    GRANTED,
    Claim,
    claims_of,
    dispatched,
    programme_of,
    refunds_of,
    requests_of,
)
from ledger.events.messages import MessageReceived
from ledger.policy import Deadline, Examination, Finding, Policy
from ledger.rulebook import Rule
from ledger.values import Money, day_told

APPEAL: Final = "az.appeal"
FUNDING: Final = "az.funding.buy_shipping"

About = Literal["not_received", "return"]
"""What the buyer's claim is about: each wants other proofs."""

_OF_RETURNS: Final = ("return eligibility", "domestic return address", "return label proof")
_OF_DELIVERY: Final = ("proof of delivery/signature", "tracking + carrier", "dispatch date")
_BY_AMAZON: Final = "Amazon answers for what it sends itself"
_HELPFUL: Final = ("buyer messages acknowledging receipt",)
"""Proofs that help where there are any: a buyer need not have written."""


class AToZAppeal(Policy):
    """A granted claim is appealed within the days that the rule gives, with the proofs of what it was about."""

    claim_type: ClassVar[str] = "a_to_z_appeal"
    title: ClassVar[str] = "A-to-z: the appeal against a granted claim"
    families: ClassVar[tuple[str, ...]] = (APPEAL,)

    def concerns(self, case: Case, book: Book) -> bool:
        """It takes the seller's own word."""
        return case.kind == "order" and bool(case.deeds)

    def findings(self, case: Case, book: Book, as_of: date) -> Iterator[Finding]:
        """One finding for each claim of the buyer's that was granted."""
        if case.kind != "order":
            return
        for claim in claims_of(case).values():
            if (claim.door, claim.by) == ("a_to_z", "buyer") and _was_granted(claim):
                yield self._judge(case, book, as_of, claim)

    def _judge(self, case: Case, book: Book, as_of: date, claim: Claim) -> Finding:
        exam = Examination(
            self.claim_type, as_of, because="every test passed and the days to appeal are open"
        )
        _ask_charged(exam, case, claim)
        gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt, *case.refs[:1])
        programme = programme_of(case, claim.sku)
        gates.ask_fulfilled_by_seller(exam, case, claim.sku, programme, _BY_AMAZON)
        _ask_appealed(exam, claim)
        if exam.final is None:
            own = _ask_own_refund(exam, case, claim)
            about = _ask_about(exam, case, claim)
            borne = _ask_funding(exam, case, book, claim, about, own=own)
            rule = _ask_days(exam, case, book, claim)
            _ask_proofs(exam, case, rule, claim, about, borne=borne)
        return gates.conclude(
            exam,
            case,
            anchor=f"a_to_z|{claim.name}",
            unit=1,
            quantity=claim.quantity,
            units=[f"a_to_z|{claim.name}"],
            marketplace=case.marketplace,
            programme=programme_of(case, claim.sku),
            sku=claim.sku,
            expected=_charged(case, claim),
            paid=claim.net_paid,
        )


def _was_granted(claim: Claim) -> bool:
    return (
        claim.filed is not None
        and claim.decision is not None
        and claim.decision[1].outcome in GRANTED
    )


# --- what happened ----------------------------------------------------------------------------


def _charged(case: Case, claim: Claim) -> Money | None:
    """What the grant cost: as the decision says, else as the refund of the order does."""
    assert claim.decision is not None
    if claim.decision[1].amount is not None:
        return claim.decision[1].amount
    told = [one.amount for one in refunds_of(case, claim.sku) if one.trigger == "a_to_z"]
    return told[0] if len(told) == 1 else None


def _ask_charged(exam: Examination, case: Case, claim: Claim) -> None:
    question = "Was the claim granted, and were you charged?"
    assert claim.decision is not None
    ref, decided = claim.decision
    debits = [one.ref for one in refunds_of(case, claim.sku) if one.trigger == "a_to_z"]
    seen = [exam.saw(one) for one in (ref, *debits)]
    if decided.funded_by in ("amazon", "carrier"):
        answer = (
            f"granted on {ref.day}, and {decided.funded_by} bears it: there is nothing to get back"
        )
        flip = "A settlement that charges it to you."
        exam.ends("not_claimable", question, answer, *seen, flip=flip)
        return
    if decided.funded_by is None and not debits:
        exam.assume("You were charged for the claim: no entry says who bears it.")
    flip = "A correction of the decision, or of who bears it."
    exam.passed(question, f"granted on {ref.day}", *seen, flip=flip)


def _ask_appealed(exam: Examination, claim: Claim) -> None:
    """An appeal is under way or decided: it is not filed anew."""
    question = "Was it appealed already?"
    if not claim.appeals:
        exam.passed(question, "no appeal is recorded", flip="An appeal.")
        return
    seen = [exam.saw(ref) for ref, _ in claim.appeals]
    day = claim.appeals[-1][0].day
    if claim.appeal_decision is None:
        answer = f"yes, on {day}, and it is not decided: it is never filed a second time"
        flip = "Its decision, when it comes."
        exam.ends("not_claimable", question, answer, *seen, flip=flip)
        return
    ref, decided = claim.appeal_decision
    seen.append(exam.saw(ref))
    if decided.outcome in GRANTED:
        paid = claim.net_paid
        verdict: Literal["paid", "not_claimable"] = "paid" if paid else "not_claimable"
        answer = f"yes, and it was won on {ref.day}"
        answer += f": {paid} came back" if paid else ": the money is to come back"
        seen += [exam.saw(one) for one, _ in claim.paid]
        exam.ends(verdict, question, answer, *seen, flip="The money being taken again.")
    else:
        answer = f"yes, and the appeal was {decided.outcome} on {ref.day}"
        flip = "Nothing that is recorded here: Amazon has answered."
        exam.ends("not_claimable", question, answer, *seen, flip=flip)


# --- who would have to bear it ----------------------------------------------------------------


def _ask_own_refund(exam: Examination, case: Case, claim: Claim) -> bool:
    """Who refunds the buyer himself loses Amazon's funding, and SAFE-T with it."""
    question = "Did you leave the refund to Amazon?"
    assert claim.decision is not None
    own = [one for one in refunds_of(case, claim.sku) if one.by == "seller"]
    if not own:
        exam.passed(question, "no refund of yours is told", flip="A refund that you gave yourself.")
        return False
    seen = [exam.saw(ref) for one in own for ref in one.refs]
    answer = (
        f"no: you refunded the buyer yourself on {own[0].ref.day}, so Amazon bears nothing and SAFE-T "
        "is closed; what an appeal can still bring is what was taken twice"
    )
    flip = "A correction: Amazon gave that refund."
    exam.doubt(question, answer, *seen, flip=flip)
    return True


def _ask_about(exam: Examination, case: Case, claim: Claim) -> About | None:
    question = "What was the claim about?"
    asked = [ref for one in requests_of(case, claim.sku) for ref in one.refs]
    missed = [ref for ref, one in case.told(MessageReceived) if one.topic == "not_received"]
    flip = "The buyer's message, or the request for a return."
    if asked and not missed:
        seen = [exam.saw(ref) for ref in asked]
        exam.passed(question, "a return that the buyer had asked for", *seen, flip=flip)
        return "return"
    if missed and not asked:
        seen = [exam.saw(ref) for ref in missed]
        exam.passed(question, "the buyer says that it did not arrive", *seen, flip=flip)
        return "not_received"
    told = "both a return and a missing delivery are told" if asked else "nothing tells it"
    seen = [exam.saw(ref) for ref in (*asked, *missed)]
    exam.doubt(question, f"{told}: which proofs count is not known", *seen, flip=flip)
    return None


def _ask_funding(
    exam: Examination, case: Case, book: Book, claim: Claim, about: About | None, *, own: bool
) -> bool:
    """Amazon bears a parcel that did not arrive where its protected label was scanned in time."""
    question = "Does Amazon have to bear it, because its own label was used?"
    if about != "not_received" or case.marketplace is None or claim.filed is None:
        return False
    rule = book.rulebook.in_force(FUNDING, case.marketplace, claim.filed.day)
    if rule is None:
        answer = f"no rule of {case.marketplace} says so"
        exam.passed(question, answer, flip="A rule for this store, with its source.")
        return False
    sent = dispatched(case, claim.sku)
    seen = [exam.saw(sent[0])] if sent else []
    against = []
    if sent is None or not sent[1].claims_protected:
        against.append("its label is not told to show Claims Protected")
    if sent is None or not sent[1].on_time:
        against.append("its first scan is not told to have been in time")
    if own:
        against.append("you refunded the buyer yourself")
    flip = "How the order was sent: label, first scan, and who refunded."
    if against:
        exam.failed(question, f"no: {', '.join(against)}", exam.by(rule), *seen, flip=flip)
        return False
    answer = "yes: the label was protected, its first scan in time, and the refund Amazon's"
    if rule.sure:
        exam.passed(question, answer, exam.by(rule), *seen, flip=flip)
    else:
        gates.ask_rule(exam, question, rule)
    return True


# --- proofs and days --------------------------------------------------------------------------


def _ask_proofs(
    exam: Examination,
    case: Case,
    rule: Rule | None,
    claim: Claim,
    about: About | None,
    *,
    borne: bool,
) -> None:
    if about is None:
        return
    besides = [*(_OF_DELIVERY if about == "return" else _OF_RETURNS), *_HELPFUL]
    if borne:
        besides.append("proof of delivery/signature")
    exhibits.ask_exhibits(exam, case, rule, claim.sku, besides=besides)


def _ask_days(exam: Examination, case: Case, book: Book, claim: Claim) -> Rule | None:
    """The day that the decision shows counts; else the rule's days from the decision."""
    question = "Is today a day on which it may be appealed?"
    assert claim.decision is not None
    ref, decided = claim.decision
    rule = None
    if case.marketplace is not None:
        rule = book.rulebook.in_force(APPEAL, case.marketplace, ref.day)
    cited = [exam.by(rule)] if rule is not None else []
    shown = decided.appeal_until
    days = rule.number("deadline_days") if rule and rule.states("deadline_days") else None
    if shown is None and days is None:
        answer = f"no rule of {APPEAL} tells the days, and the decision shows none"
        exam.doubt(question, answer, *cited, exam.saw(ref), flip="The day that the decision shows.")
        return rule
    if shown is not None:
        last, how = day_told(shown), "as the decision shows"
    else:
        assert days is not None
        last = min(clocks.days_of(ref)) + timedelta(days=days)
        how = f"{days} calendar days after it was granted and charged"
        exam.assume(
            "You were charged on the day of the decision: a later charge would give more days."
        )
    exam.window = Deadline(ref.day, last, (rule,) if rule else ())
    exam.window_firm = shown is not None or (rule is not None and rule.sure)
    open_ = exam.as_of <= last
    words = ("yes" if open_ else "too late") + (f": to {last}, {how}" if exam.window_firm else "")
    tell = exam.passed if open_ else exam.failed
    tell(question, words, *cited, exam.saw(ref), flip="Another day on the decision itself.")
    if rule is None:
        answer = f"no rule of {APPEAL} is known for {case.marketplace or 'an unknown store'}"
        exam.unsettled("Is the rule about appeals certain?", answer, flip="Its source.")
    elif not rule.sure:
        answer = f"{rule.id} is not certain: {rule.why_unsure}"
        flip = "Amazon's own page with this rule, read and dated, would settle it."
        exam.unsettled("Is the rule about appeals certain?", answer, exam.by(rule), flip=flip)
    return rule
