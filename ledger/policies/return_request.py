"""Answering a buyer's request to send something back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from ledger import clocks, gates
from ledger.book import Book
from ledger.case import Case, RequestState
from ledger.clocks import Done, Limit
from ledger.desk import Answer, Request, answers_of, requests_of
from ledger.policy import Examination, Policy
from ledger.rulebook import Rule
from ledger.ruling import Ruling
from ledger.values import code

AUTHORIZATION: Final = "ret.authorization"
RECOMMENDED: Final = "nothing: Amazon recommends it only"
"""What follows if a request is not answered where no rule demands it."""
UNANSWERED: Final = "PENDING"
"""What the seller-fulfilled returns report calls a request that nobody has answered."""


class ReturnRequest(Policy):
    """A request is answered within the hours that its store demands or recommends."""

    claim_type: ClassVar[str] = "return_request"
    title: ClassVar[str] = "Answering a return request"
    families: ClassVar[tuple[str, ...]] = (AUTHORIZATION,)
    claims: ClassVar[bool] = False
    duties: ClassVar[bool] = True

    def rulings(self, case: Case, book: Book, as_of: date) -> Iterator[Ruling]:
        """One duty for each request to the seller; a withdrawal is none, and nobody may decline it."""
        if not (case.deeds or case.requests) or case.kind != "order":
            return
        answers = answers_of(case)
        for request in requests_of(case):
            if not request.withdrawal:
                found = self._judge(case, book, as_of, request, answers.get(request.ref.slot))
                if found is not None:
                    yield found

    def _judge(
        self, case: Case, book: Book, as_of: date, request: Request, answer: Answer | None
    ) -> Ruling | None:
        exam = Examination(self.claim_type, as_of)
        for ref in request.refs:
            exam.saw(ref)
        if not clocks.ask_seller_fulfilled(exam, case, request.sku):
            return None
        gates.ask_store(exam, case)
        question = "By when is a request answered?"
        rule = clocks.ask_rule(exam, book, AUTHORIZATION, case.marketplace, request.ref, question)
        done = _answered(case, request, answer)
        limit, what, if_missed = None, "answer the return request", None
        undone = "no answer is recorded"
        if rule is not None and _amazon_answers(exam, rule, request):
            undone = "it is within Amazon's policy, and Amazon allows it by itself"
            done = done or Done(ref=request.ref, what=undone)
        elif rule is not None:
            limit = clocks.hours_after(request.ref, rule.number("respond_hours"), rule)
            if rule.states("binding") and not rule.flag("binding"):
                what, if_missed = f"{what} (recommended)", RECOMMENDED
                limit, undone = _recommended(limit, done, as_of, undone)
        _ask_told_since(exam, case, request, limit, done)
        return clocks.duty(
            exam,
            case,
            what,
            request.ref,
            limit,
            done,
            happened=f"request {request.rma_id}, of" if request.rma_id else "the buyer asked on",
            undone=undone,
            sku=request.sku,
            if_missed=if_missed,
        )


def _amazon_answers(exam: Examination, rule: Rule, request: Request) -> bool:
    """True where the store's rule leaves requests of this kind to Amazon; a doubt where nobody tells."""
    if not rule.states("authorized_by_amazon"):
        return False
    question = "Does Amazon allow it by itself?"
    evidence = exam.by(rule)
    flip = "What Manage Returns says: within the policy, or not."
    if request.in_policy is None:
        answer = "nobody tells whether the request is within Amazon's policy, and Amazon allows those itself"
        exam.doubt(question, answer, evidence, flip=flip)
    elif request.in_policy:
        exam.passed(question, "yes: it is within the policy", evidence, flip=flip)
    else:
        answer = "no: it is out of policy, and the seller's to answer"
        exam.failed(question, answer, evidence, flip=flip)
    return bool(request.in_policy)


def _recommended(
    limit: Limit, done: Done | None, as_of: date, undone: str
) -> tuple[Limit | None, str]:
    """What is only recommended is not missed: when its time has passed, no day is left."""
    if done is None and clocks.passed(limit.due_at, as_of):
        return None, f"{undone}, and the recommended time has passed"
    if done is not None and not clocks.in_time(done.ref, limit.due_at):
        return None, undone
    return limit, undone


def _answered(case: Case, request: Request, answer: Answer | None) -> Done | None:
    if answer is not None:
        who = "Amazon" if answer.by == "amazon" else "the seller"
        words = {
            "allowed": f"{who} allowed it",
            "declined": f"{who} declined it",
            "offered": f"{who} offered the buyer a way",
        }
        return Done(ref=answer.ref, what=words[answer.how])
    state = case.request_states.get(request.ref.slot)
    if state is None or state.status is None or _unanswered(state):
        return None
    return Done(ref=state.ref, what=f"the report called it {state.status}", by_then=True)


def _unanswered(state: RequestState) -> bool:
    return state.status is not None and code(state.status) == UNANSWERED


def _ask_told_since(
    exam: Examination, case: Case, request: Request, limit: Limit | None, done: Done | None
) -> None:
    """A request that only a report tells may have been answered since: its newest telling must be later."""
    if done is not None or limit is None or not clocks.passed(limit.due_at, exam.as_of):
        return
    if len(request.refs) > 1 or request.ref.slot.startswith("@"):
        return
    state = case.request_states.get(request.ref.slot)
    if state is not None and clocks.passed(limit.due_at, state.ref.day):
        return
    answer = "no report told since then tells whether it was answered"
    flip = "Import a newer seller-fulfilled returns report."
    seen = [exam.saw(state.ref)] if state is not None else []
    exam.outdated("Is it still unanswered?", answer, *seen, flip=flip)
