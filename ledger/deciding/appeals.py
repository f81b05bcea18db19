"""Refusals of appeals: of a decision, once where the rule says so, in time unless the seller knows better."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.deciding.claims import amount_fits, filed, on_appeal
from ledger.deciding.proposal import Proposal
from ledger.desk import Claim
from ledger.events.claims import AppealDecided, AppealFiled
from ledger.rulebook import Rule
from ledger.values import day_told


def has_lost(proposal: Proposal[AppealFiled]) -> None:
    """There is something to appeal: a decision against the seller, which nothing has undone."""
    claim = filed(proposal)
    if claim.decision is None:
        proposal.refuse(
            "the claim is not decided",
            advice="Record the decision first: `returns-ledger claim decide`.",
            by=claim.filed,
            found=claim.name,
        )
    ref, decided = claim.decision
    if proposal.day < ref.day:
        proposal.refuse(
            f"the claim was decided on {ref.day}, later than that",
            advice="Check the day given with `--at`.",
            by=ref,
            found=proposal.occurred_at,
        )
    if not claim.lost:
        proposal.refuse(
            f"there is nothing to appeal: the claim was {decided.outcome.replace('_', ' ')}",
            advice="Correct the decision if it was recorded wrongly.",
            by=ref,
            found=claim.name,
        )


def is_not_one_too_many(proposal: Proposal[AppealFiled]) -> None:
    """One appeal at a time; where a rule bounds their number, no more."""
    claim = filed(proposal)
    if not claim.appeals:
        return
    if on_appeal(proposal.case, claim):
        proposal.refuse(
            "an appeal is under way",
            advice="Wait for its decision, and record it: `returns-ledger claim appeal-decided`.",
            by=claim.appeals[-1][0],
            found=claim.name,
        )
    rule = proposal.rule("safet.appeal") if claim.door == "safe_t" else None
    if rule is not None and rule.states("max_appeals"):
        most = rule.number("max_appeals")
        if len(claim.appeals) >= most:
            proposal.refuse_by(
                rule,
                f"a SAFE-T claim may be appealed {'once' if most == 1 else f'{most} times'}, "
                f"and was (entry {claim.appeals[-1][0].position})",
                advice="There is no second appeal; new evidence belonged into the first.",
                found=claim.name,
            )
    if claim.appeal_decision is not None and claim.appeal_decision[1].outcome == "granted":
        proposal.refuse(
            "the appeal was granted",
            advice="Record what was paid with `returns-ledger claim paid`.",
            by=claim.appeal_decision[0],
            found=claim.name,
        )


def is_in_time(proposal: Proposal[AppealFiled]) -> None:
    """An appeal after its last day is refused unless the seller says that he knows."""
    claim = filed(proposal)
    known = _last_day(proposal, claim)
    if known is None:
        proposal.caution("no last day to appeal is known: record the one that the decision shows")
        return
    last, rule = known
    if proposal.day <= last:
        return
    reason = f"the last day to appeal was {last}"
    if proposal.event.late or proposal.allowed.late:
        proposal.caution(reason)
        return
    assert claim.decision is not None, "what is not decided is not appealed"
    advice = "If you appealed all the same, or know that it is taken, say so with `--late`."
    if rule is None:
        proposal.refuse(reason, advice=advice, by=claim.decision[0], found=proposal.occurred_at)
    proposal.refuse_by(rule, reason, advice=advice, found=proposal.occurred_at)


def _last_day(proposal: Proposal[AppealFiled], claim: Claim) -> tuple[date, Rule | None] | None:
    """The day that the decision shows, else that of the rule which the decision's day picks."""
    assert claim.decision is not None, "what is not decided is not appealed"
    ref, decided = claim.decision
    if decided.appeal_until is not None:
        return day_told(decided.appeal_until), None
    rule = proposal.rule("az.appeal", ref.day) if claim.door == "a_to_z" else None
    if rule is None or not rule.states("deadline_days"):
        return None
    return ref.day + timedelta(days=rule.number("deadline_days")), rule


def is_appealed(proposal: Proposal[AppealDecided]) -> None:
    """Only an appeal that is under way is decided."""
    claim = filed(proposal)
    if not on_appeal(proposal.case, claim):
        decided = claim.appeal_decision
        proposal.refuse(
            "no appeal of this claim is under way",
            advice="Record the appeal first: `returns-ledger claim appeal`.",
            by=decided[0] if decided else claim.filed,
            found=claim.name,
        )
    if proposal.day < claim.appeals[-1][0].day:
        proposal.refuse(
            f"the appeal was filed on {claim.appeals[-1][0].day}, later than that",
            advice="Check the day given with `--at`.",
            by=claim.appeals[-1][0],
            found=proposal.occurred_at,
        )
    amount_fits(proposal, proposal.event)
