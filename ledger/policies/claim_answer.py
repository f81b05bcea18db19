"""Answering what Amazon or a carrier wants to know about a claim."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import clocks, gates
from ledger.book import Book
from ledger.case import Case, Ref, RequestState
from ledger.clocks import Done, Limit
from ledger.desk import Claim, claims_of, requests_of
from ledger.events.claims import ClaimInfoRequested
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule
from ledger.ruling import Ruling
from ledger.values import code, in_words

INFORMATION: Final = "az.info_request"
APPEAL: Final = "az.appeal"
SAFE_T: Final = "safet.window"
AWAITING: Final = "AWAITING_SELLER_RESPONSE"
"""What the seller-fulfilled returns report calls a SAFE-T claim about which Amazon wants to know more."""
SHORTER: Final = "Another of Amazon's pages says 72 hours: the shorter time is the safe one."


class ClaimAnswer(Policy):
    """A request for information is answered by the day that it shows, else by the rule of its door."""

    claim_type: ClassVar[str] = "claim_answer"
    title: ClassVar[str] = "Answering a request for information"
    families: ClassVar[tuple[str, ...]] = (INFORMATION, APPEAL)
    claims: ClassVar[bool] = False
    duties: ClassVar[bool] = True

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One duty for each request about a claim, and for a SAFE-T claim that the report says awaits one."""
        if not (case.deeds or case.requests):
            return
        claims = claims_of(case)
        for claim in claims.values():
            for ref, asked in claim.asked:
                yield self._judge(case, book, as_of, claim, ref, asked)
        for state in _awaiting(case, claims):
            yield self._reported(case, as_of, state)

    def _judge(
        self,
        case: Case,
        book: Book,
        as_of: date,
        claim: Claim,
        ref: Ref,
        asked: ClaimInfoRequested,
    ) -> Ruling:
        exam = Examination(self.claim_type, as_of)
        rule = _rule(case, book, claim, ref, asked)
        if asked.due_at is not None:
            limit: Limit | None = Limit(due_at=asked.due_at, rule=rule)
            answer = f"by {clocks.when(asked.due_at)}, as the request itself shows"
            flip = "A correction of that entry."
            exam.passed("By when is it answered?", answer, exam.saw(ref), flip=flip)
        else:
            gates.ask_marketplace(exam, case.marketplace, case.marketplace_doubt)
            limit = _ask_limit(exam, case, claim, ref, rule)
        return clocks.duty(
            exam,
            case,
            f"answer what is asked about the claim {claim.name}",
            ref,
            limit,
            _answered(claim, ref, asked),
            happened="it was asked on",
            undone="no answer is recorded",
            sku=claim.sku,
            claim=claim.name,
            if_missed=rule.text("on_miss") if rule and rule.states("on_miss") else None,
        )

    def _reported(self, case: Case, as_of: date, state: RequestState) -> Ruling:
        """Only the claim's page shows by when; the report tells that there is something to answer."""
        exam = Examination(self.claim_type, as_of)
        answer = (
            "the report says that the SAFE-T claim awaits an answer, and its page shows until when"
        )
        flip = "The request as Manage SAFE-T Claims shows it, with its day, recorded for the claim."
        exam.doubt("By when is it answered?", answer, exam.saw(state.ref), flip=flip)
        return clocks.duty(
            exam,
            case,
            "answer what is asked about the SAFE-T claim",
            state.ref,
            None,
            None,
            happened="it was asked by",
            undone="no answer is recorded",
            claim=state.safe_t_claim_id,
        )


def _rule(case: Case, book: Book, claim: Claim, ref: Ref, asked: ClaimInfoRequested) -> Rule | None:
    """The certain rule that says within what time this door's requests are answered."""
    if case.marketplace is None:
        return None
    if claim.door == "a_to_z" and asked.on_appeal:
        family, day, term = APPEAL, _decided_on(claim, ref), "info_reply_hours"
    elif claim.door == "a_to_z":
        family, day, term = INFORMATION, ref.day, "respond_hours"
    elif claim.door == "safe_t" and not asked.on_appeal and claim.filed is not None:
        family, day, term = SAFE_T, claim.filed.day, "info_reply_business_days"
    else:
        return None
    rule = book.rulebook.in_force(family, case.marketplace, day)
    return rule if rule is not None and rule.states(term) else None


def _decided_on(claim: Claim, ref: Ref) -> date:
    """The day of the decision that was appealed."""
    return claim.decision[0].day if claim.decision else ref.day


def _ask_limit(
    exam: Examination, case: Case, claim: Claim, ref: Ref, rule: Rule | None
) -> Limit | None:
    question = "By when is it answered?"
    if rule is None:
        answer = (
            f"the request shows no day, and no rule for {in_words(claim.door)} claims is known"
            f" for {case.marketplace or 'an unknown store'}"
        )
        flip = "The day that the claim's page shows, recorded with the request."
        exam.doubt(question, answer, exam.saw(ref), flip=flip)
        return None
    gates.ask_rule(exam, question, rule)
    if rule.states("info_reply_business_days"):
        days = rule.number("info_reply_business_days")
        last = min(clocks.business_days_after(day, days) for day in clocks.days_of(ref))
        return Limit(due_at=last.isoformat(), rule=rule, assumptions=(clocks.NO_HOLIDAYS,))
    if rule.states("respond_hours"):
        exam.assume(SHORTER)
        return clocks.hours_after(ref, rule.number("respond_hours"), rule)
    return clocks.hours_after(ref, rule.number("info_reply_hours"), rule)


def _answered(claim: Claim, ref: Ref, asked: ClaimInfoRequested) -> Done | None:
    """The first answer after the request, or the decision that made one needless."""
    found = [Done(ref=one, what="it was answered") for one in claim.answered if _follows(one, ref)]
    decision = claim.appeal_decision if asked.on_appeal else claim.decision
    if decision is not None and _follows(decision[0], ref):
        found.append(Done(ref=decision[0], what="the claim was decided"))
    return min(found, key=lambda done: (done.ref.occurred_at, done.ref.position), default=None)


def _follows(one: Ref, other: Ref) -> bool:
    """True where an entry tells of what came after; of one and the same day, the later recorded."""
    if clocks.told_first(other, one):
        return True
    return not clocks.told_first(one, other) and one.position > other.position


def _awaiting(case: Case, claims: dict[str, Claim]) -> Iterator[RequestState]:
    """SAFE-T claims that the report says await the seller, and of which he has told nothing since."""
    told = [ref for claim in claims.values() if claim.door == "safe_t" for ref in claim.answered]
    told += [ref for claim in claims.values() if claim.door == "safe_t" for ref, _ in claim.asked]
    for request in requests_of(case):
        state = case.request_states.get(request.ref.slot)
        if state is None or code(state.safe_t_state or "") != AWAITING:
            continue
        if not any(claim.open and claim.unanswered for claim in claims.values()) and not any(
            ref.day >= state.ref.day for ref in told
        ):
            yield state
