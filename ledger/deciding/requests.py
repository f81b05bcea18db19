"""Refusals of what is done about a request: it was made, it is open, and nobody declines what is a right."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.case import Case, Ref
from ledger.deciding.arrivals import sent_units
from ledger.deciding.proposal import Proposal
from ledger.desk import Request, answers_of, no_other_rma, requests_of
from ledger.errors import UnknownThing
from ledger.event import Deed
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnLabelIssued,
    ReturnOptionOffered,
)
from ledger.reasons import reason_of
from ledger.rights import Basis, Right, any_reason, basis_of, guarantee_of, law_of
from ledger.rulebook import Rule

Answering = ReturnAuthorized | ReturnDeclined


def is_a_new_request(proposal: Proposal[RequestReceived]) -> None:
    """A request with its own number is told once."""
    event, case = proposal.event, proposal.case
    for ref, one in case.told(RequestReceived):
        if event.rma_id and one.rma_id == event.rma_id:
            proposal.refuse(
                "this request was told before",
                advice=f"If that was wrong, take it back first: `returns-ledger correct {case.name} {ref.position}`.",
                by=ref,
                found=event.rma_id,
            )
        if one.sku == event.sku and None in (one.rma_id, event.rma_id) and ref.day == proposal.day:
            proposal.caution(
                f"a request for this SKU was told of the same day (entry {ref.position})"
            )
    _caution_of_more_than_was_sent(proposal)


def _caution_of_more_than_was_sent(proposal: Proposal[RequestReceived]) -> None:
    """Each request has a duty of its own: of a unit that is asked back twice, it would be due twice."""
    sku = proposal.event.sku
    sent = sent_units(proposal.case, sku)
    before, with_it = _standing(proposal.case, sku), _standing(proposal.after, sku)
    asked = sum(one.quantity for one in before)
    # A request that a report tells, too, is one with it, and asks for no more.
    if before and sent is not None and sum(one.quantity for one in with_it) > max(sent, asked):
        proposal.caution(
            f"{sent} of {sku} sent, and {asked} asked back before (entry {before[-1].ref.position})"
        )


def _standing(case: Case, sku: str) -> list[Request]:
    """The requests that were not declined: after that the buyer may ask anew."""
    answers = answers_of(case)
    declined = {slot for slot, answer in answers.items() if answer.how == "declined"}
    return [one for one in requests_of(case, sku) if one.ref.slot not in declined]


# --- what is open -----------------------------------------------------------------------------


def open_request(proposal: Proposal[Answering]) -> Request:
    """The request that is answered: made by then, meant by the answer, and without one so far."""
    event, case = proposal.event, proposal.case
    meant = [one for one in requests_of(case, event.sku) if _meant(one, event)]
    if not meant:
        proposal.refuse(
            "the buyer has not asked to return it",
            advice="Record the request first: `returns-ledger return request`, or import the returns report.",
            found=event.rma_id or event.sku,
        )
    by_then = [one for one in meant if one.ref.day <= proposal.day]
    if not by_then:
        proposal.refuse(
            f"the buyer asked on {meant[0].ref.day}, later than that",
            advice="Check the day given with `--at`.",
            by=meant[0].ref,
            found=proposal.occurred_at,
        )
    answers = dict(_answers(proposal, requests_of(case, event.sku)))
    still_open = [one for one in by_then if one.ref.slot not in answers]
    if not still_open:
        ref, answer = answers[by_then[-1].ref.slot]
        proposal.refuse(
            f"the request was {'allowed' if isinstance(answer, ReturnAuthorized) else 'declined'} already",
            advice=f"If that was wrong, take it back first: `returns-ledger correct {case.name} {ref.position}`.",
            by=ref,
            found=event.rma_id or event.sku,
        )
    return still_open[0]


def _answers(
    proposal: Proposal[Answering], requests: list[Request]
) -> Iterator[tuple[str, tuple[Ref, Answering]]]:
    """What allowed or declined each request, by the request's slot: an answer is for the first that is open."""
    taken: set[str] = set()
    for ref, deed in proposal.case.deeds:
        if not isinstance(deed, ReturnAuthorized | ReturnDeclined):
            continue
        for one in requests:
            if one.ref.slot not in taken and one.ref.day <= ref.day and _meant(one, deed):
                taken.add(one.ref.slot)
                yield one.ref.slot, (ref, deed)
                break


def _meant(request: Request, answer: Deed) -> bool:
    sku, rma_id = getattr(answer, "sku", None), getattr(answer, "rma_id", None)
    return sku == request.sku and no_other_rma(rma_id, request.rma_id)


# --- allowed ----------------------------------------------------------------------------------


def is_asked_for(proposal: Proposal[ReturnAuthorized]) -> None:
    """Only what the buyer asked for is allowed; of his own will, by somebody who may."""
    event, request = proposal.event, open_request(proposal)
    if event.goodwill and event.approver is None:
        proposal.refuse(
            "goodwill is a choice, and nobody is named who made it",
            advice="Name who approved it with `--approver`.",
        )
    if request.cross_border and not _offered(proposal, event.sku):
        rule = proposal.rule("ret.intl", request.ref.day)
        by = f" ({rule.id})" if rule is not None else ""
        proposal.caution(f"the buyer is abroad and was offered no way to return it yet{by}")


def _offered(proposal: Proposal[ReturnAuthorized], sku: str) -> bool:
    return any(one.sku == sku for _, one in proposal.case.told(ReturnOptionOffered))


def bears_the_label(proposal: Proposal[ReturnLabelIssued]) -> None:
    """The seller's own label from abroad is the seller's to pay, where the rule says so."""
    event = proposal.event
    rule = proposal.rule("ret.intl")
    if (
        event.kind == "own_international"
        and event.payer != "seller"
        and rule is not None
        and rule.states("international_label_paid_by")
        and rule.text("international_label_paid_by") == "seller"
    ):
        proposal.caution(f"an international label of the seller's own is his to pay ({rule.id})")


# --- declined ---------------------------------------------------------------------------------


def is_no_right_of_the_buyers(proposal: Proposal[ReturnDeclined]) -> None:
    """What the buyer may do without a reason is not declined: a withdrawal never, else against advice only.

    A withdrawal that comes too late is still a wish to return it, which Amazon's window may allow.
    Nor is a defect declined for which a guarantee or the law gives a remedy.
    """
    event, request = proposal.event, open_request(proposal)
    basis = basis_of(proposal.case, proposal.book, event.sku, request.ref.day)
    rights = any_reason(basis)
    if request.withdrawal:
        for right in rights:
            if right.kind == "withdrawal":
                _withdrawal_is_not_declined(proposal, request, right)
        rights = [right for right in rights if right.kind != "withdrawal"]
    for right in rights:
        if right.covers(request.ref.day):
            _declined_against_advice(proposal, request, right)
        elif right.last is None or not right.firm:
            _it_may_be(proposal, right)
    if not request.withdrawal:
        _remedy_for_a_defect(proposal, request, basis)


def _remedy_for_a_defect(
    proposal: Proposal[ReturnDeclined], request: Request, basis: Basis
) -> None:
    """A guarantee, and the law while a defect counts as there from the start; after it the buyer must prove."""
    if not (reason_of(request.reason).alleges_defect or request.out_of_guarantee):
        return
    found = {right.kind: right for right in [*guarantee_of(basis), *law_of(basis)]}
    promised, owed, presumed = (found.get(one) for one in ("guarantee", "conformity", "burden"))
    day = request.ref.day
    if promised is not None and promised.covers(day):
        _declined_against_advice(proposal, request, promised)
    elif owed is not None and owed.covers(day):
        if presumed is not None and presumed.covers(day):
            _declined_against_advice(proposal, request, owed)
        else:
            reason = _reason(request, owed)
            proposal.caution(f"{reason}; by now he must prove that it was there from the start")
    elif owed is not None and not owed.firm:
        _it_may_be(proposal, owed)


def _it_may_be(proposal: Proposal[ReturnDeclined], right: Right) -> None:
    question = right.exam.open_question()
    proposal.caution(f"it may be that the buyer {right.what}; not certain: {question}")


def _withdrawal_is_not_declined(
    proposal: Proposal[ReturnDeclined], request: Request, right: Right
) -> None:
    rules = list(right.exam.rules.values())
    if right.covers(request.ref.day):
        proposal.refuse(
            f"a withdrawal in time is not declined: {_reason(request, right)}",
            advice="Take the goods back and refund; only what the buyer's handling took may be deducted.",
            by=_rule(right),
            found=proposal.event.rule_id,
        )
    if right.last is None and rules and all(rule.sure for rule in rules):
        proposal.refuse(
            f"the buyer {right.what}, and nothing shows that the time for it is over",
            advice="Tell the delivery, from which it is counted: `returns-ledger order deliver`.",
            by=rules[0],
            found=proposal.event.rule_id,
        )
    if right.firm:
        _longer_if_not_told(proposal, right)
    else:
        _it_may_be(proposal, right)


def _declined_against_advice(
    proposal: Proposal[ReturnDeclined], request: Request, right: Right
) -> None:
    reason, rule = _reason(request, right), _rule(right)
    if not proposal.allowed.against_advice:
        proposal.refuse(
            reason,
            advice="Authorize it. To decline all the same, which an A-to-z claim most likely undoes, "
            "say so with `--against-advice`.",
            by=rule,
            found=proposal.event.rule_id,
        )
    proposal.caution(f"{reason} ({rule.id if rule else 'his own terms'}): it risks an A-to-z claim")


def _reason(request: Request, right: Right) -> str:
    last = right.last if right.firm else right.surely
    until = f"until {last}" if right.firm else f"at least until {last}"
    return f"the buyer {right.what} {until}, and asked on {request.ref.day}"


def _rule(right: Right) -> Rule | None:
    return right.surely_by or next(iter(right.exam.rules.values()), None)


def _longer_if_not_told(proposal: Proposal[ReturnDeclined], right: Right) -> None:
    for rule in right.exam.rules.values():
        if rule.states("not_informed_extra_months"):
            months = rule.number("not_informed_extra_months")
            proposal.caution(
                f"a buyer who was not told of the right has {months} months more ({rule.id})"
            )
            return


def names_a_rule_that_holds(proposal: Proposal[ReturnDeclined]) -> None:
    """A return is declined by a rule that exists, and holds in the store."""
    rule_id, case = proposal.event.rule_id, proposal.case
    try:
        rule: Rule = proposal.book.rulebook.rule(rule_id)
    except UnknownThing:
        proposal.refuse(
            "no such rule",
            advice="`returns-ledger rules` lists them; add one of your own: `returns-ledger rules adopt`.",
            found=rule_id,
        )
    if case.marketplace is not None and not rule.holds_in(case.marketplace):
        proposal.refuse(
            f"the rule does not hold in {case.marketplace}",
            advice="Name the rule by which it is declined: `returns-ledger rules` lists them.",
            by=rule,
            found=rule_id,
        )
    if not rule.sure:
        proposal.caution(f"{rule_id} is not certain: {rule.why_unsure}")


def was_declined(proposal: Proposal[DeclineOverridden]) -> None:
    """Amazon overrides what was declined, and once."""
    event, case = proposal.event, proposal.case
    declined = [
        (ref, one)
        for ref, one in case.told(ReturnDeclined)
        if _same(one, event) and ref.day <= proposal.day
    ]
    overridden = [ref for ref, one in case.told(DeclineOverridden) if _same(one, event)]
    if len(overridden) < len(declined):
        return
    proposal.refuse(
        "Amazon overrode it already" if declined else "no return of it was declined by then",
        advice="Record the decline first: `returns-ledger return decline`."
        if not declined
        else "Nothing is left to override.",
        by=overridden[-1] if declined else None,
        found=event.rma_id or event.sku,
    )


def _same(one: ReturnDeclined | DeclineOverridden, other: DeclineOverridden) -> bool:
    return one.sku == other.sku and no_other_rma(one.rma_id, other.rma_id)
