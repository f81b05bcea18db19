"""Refusals of what is kept back from the buyer, and of what is sent to him again."""

from __future__ import annotations

from datetime import date
from typing import Final

from ledger.deciding.proposal import Proposal
from ledger.desk import (
    graded,
    paid_for,
    receipts_of,
    received_units,
    refunds_of,
    requests_of,
    unit_price,
)
from ledger.events.arrivals import DamageInvestigated, UnitGraded
from ledger.events.refunds import ReplacementSent, RestockingFeeApplied
from ledger.reasons import reason_of
from ledger.rights import any_reason, basis_of
from ledger.rulebook import Rule
from ledger.values import Money

_SHARES: Final = {
    "late": "late_pct",
    "used_or_damaged": "used_or_damaged_pct",
    "materially_different": "materially_different_pct",
    "opened_software": "opened_software_or_games_pct",
}
"""The term that bounds a fee, by the fee's reason."""


def is_not_more_than_the_price(proposal: Proposal[RestockingFeeApplied]) -> None:
    """No more can be kept back than was paid for the units."""
    price = _price(proposal)
    if price is None:
        proposal.caution("nothing tells what the buyer paid: whether it is more cannot be checked")
    elif proposal.event.amount > price:
        proposal.refuse(
            f"the buyer paid {price} for it",
            advice="Give what was kept back, not what was refunded.",
            found=proposal.event.amount,
        )


def _price(proposal: Proposal[RestockingFeeApplied]) -> Money | None:
    event, case = proposal.event, proposal.case
    each = unit_price(case, event.sku)
    return each * event.quantity if each is not None else paid_for(case, event.sku)


def is_the_buyers_fault(proposal: Proposal[RestockingFeeApplied]) -> None:
    """Nothing is kept back for what the buyer did not do."""
    event, case = proposal.event, proposal.case
    if event.reason == "used_or_damaged":
        for ref, found in case.told(DamageInvestigated):
            if found.sku == event.sku and found.cause not in ("customer", "unknown"):
                proposal.refuse(
                    f"it was not the buyer who damaged it: {found.cause.replace('_', ' ')}",
                    advice="Refund in full; a carrier or Amazon may owe you the damage.",
                    by=ref,
                )
        grades = [one for one in graded(case, event.sku) if isinstance(one[1], UnitGraded)]
        if grades and all(found.condition == "as_new" for _, found in grades):  # type: ignore[union-attr]
            proposal.refuse(
                "every unit that came back was graded as new",
                advice="Correct the grade if it was wrong, or refund in full.",
                by=grades[-1][0],
            )
    table = _table(proposal)
    if table is None or not table.states("seller_fault_pct"):
        return
    for request in requests_of(case, event.sku):
        reason = reason_of(request.reason, proposal.rule("ret.postage", request.ref.day))
        if reason.fault == "seller":
            share = table.number("seller_fault_pct")
            _refuse_above(proposal, table, share, f"the buyer names the seller's fault: {reason}")


def is_within_the_rules(proposal: Proposal[RestockingFeeApplied]) -> None:
    """How much may be kept, for which state, with which photos."""
    event, case = proposal.event, proposal.case
    rule, table = proposal.rule("ret.restocking", _on(proposal)), _table(proposal)
    if rule is not None:
        _original_condition(proposal, rule)
        _photos(proposal, rule)
    share = _SHARES[event.reason]
    if table is not None and table.states(share):
        most = table.number(share)
        _refuse_above(
            proposal, table, most, f"at most {most} % may be kept for this ({event.reason})"
        )
    if not received_units(case, event.sku):
        proposal.caution("nothing has come back yet for which it could be kept")
    got = [one.amount for one in refunds_of(case, event.sku) if one.amount]
    paid = paid_for(case, event.sku)
    if paid and got and sum(one.minor for one in got) + event.amount.minor > paid.minor:
        proposal.caution("the buyer was refunded so much that this is no longer kept back")


def _original_condition(proposal: Proposal[RestockingFeeApplied], rule: Rule) -> None:
    """Nothing is kept of what came back in time and as it was sent."""
    event, case = proposal.event, proposal.case
    grades = graded(case, event.sku)
    in_time = any(one.in_policy for one in requests_of(case, event.sku)) or _came_in_time(proposal)
    as_sent = grades and all(
        isinstance(found, UnitGraded) and found.condition == "as_new" for _, found in grades
    )
    if in_time and as_sent and rule.states("in_policy_original_condition_pct"):
        most = rule.number("in_policy_original_condition_pct")
        _refuse_above(proposal, rule, most, "it came back in time and as it was sent")


def _came_in_time(proposal: Proposal[RestockingFeeApplied]) -> bool:
    """True where all that came back surely came while the buyer needed no reason."""
    case, book, sku = proposal.case, proposal.book, proposal.event.sku
    days = [one.ref.day for one in receipts_of(case, sku)]
    return bool(days) and all(
        any(right.covers(day) for right in any_reason(basis_of(case, book, sku, day)))
        for day in days
    )


def _photos(proposal: Proposal[RestockingFeeApplied], rule: Rule) -> None:
    event, price = proposal.event, _price(proposal)
    if event.evidence or price is None or not rule.states("photo_required_from_pct"):
        return
    least = rule.number("photo_required_from_pct")
    if event.amount.minor * 100 >= price.minor * least:
        proposal.refuse_by(
            rule,
            f"a fee of {least} % or more needs photos",
            advice="Attach the photos first and name them: `returns-ledger evidence attach`.",
            found=event.amount,
        )


def _refuse_above(
    proposal: Proposal[RestockingFeeApplied], rule: Rule, most: int, reason: str
) -> None:
    """Refuse more than this share of the price, where the rule is sure."""
    price, amount = _price(proposal), proposal.event.amount
    if price is not None and amount.minor * 100 > price.minor * most:
        left = Money(price.minor * most // 100, price.currency)
        proposal.refuse_by(rule, reason, advice=f"Keep back at most {left}.", found=amount)


def _table(proposal: Proposal[RestockingFeeApplied]) -> Rule | None:
    return proposal.rule("ret.restocking_table", _on(proposal))


def _on(proposal: Proposal[RestockingFeeApplied]) -> date:
    """The day of the grade picks the rule; that of the fee, where nothing is graded."""
    grades = graded(proposal.case, proposal.event.sku)
    return grades[-1][0].day if grades else proposal.day


# --- sent again -------------------------------------------------------------------------------


def replaces_what_is_owed(proposal: Proposal[ReplacementSent]) -> None:
    """A replacement beside the whole money back is given twice; that should be known."""
    event, case = proposal.event, proposal.case
    paid = paid_for(case, event.sku)
    got = [one.amount for one in refunds_of(case, event.sku) if one.amount]
    if paid and got and sum(one.minor for one in got) >= paid.minor:
        proposal.caution("the buyer has the whole money back already")
