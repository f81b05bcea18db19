"""Refusals of what the seller sets for the whole account."""

from __future__ import annotations

from typing import Final

from ledger.deciding.proposal import Proposal
from ledger.event import ACCOUNT_STREAM, Deed
from ledger.events.terms import (
    ContactSet,
    ProductDescribed,
    ReturnlessRuleSet,
    ReturnPolicySet,
    SourcingCostSet,
)

_MOST_DAYS: Final = 36_500
_MOST_MONTHS: Final = 1_200
OF_THE_ACCOUNT: Final = (
    ContactSet,
    ProductDescribed,
    ReturnPolicySet,
    ReturnlessRuleSet,
    SourcingCostSet,
)


def is_of_the_account(proposal: Proposal[Deed]) -> None:
    """What holds for the whole account is recorded with the account, and nowhere else."""
    if isinstance(proposal.event, OF_THE_ACCOUNT) and proposal.case.stream != ACCOUNT_STREAM:
        proposal.refuse(
            "it holds for the whole account, not for one case",
            advice="Record it with the account.",
            found=proposal.case.stream,
        )


def is_a_cost(proposal: Proposal[SourcingCostSet]) -> None:
    """Goods cost something."""
    if proposal.event.cost.minor <= 0:
        proposal.refuse(
            "not more than nothing",
            advice="Give what one unit costs to make or buy, without freight.",
            found=proposal.event.cost,
        )
    if proposal.event.invoice is None:
        proposal.caution("no invoice shows it: Amazon asks for one where it doubts a cost")


def names_a_way(proposal: Proposal[ContactSet]) -> None:
    """Contact details are reached by some way."""
    if not proposal.event.ways:
        proposal.refuse("no way is named", advice="Name email, phone or address.")


def is_a_term(proposal: Proposal[ReturnPolicySet]) -> None:
    """A policy says something; one that is shorter than Amazon's does not bind the buyer."""
    event = proposal.event
    if (event.window_days or 0) < 0 or (event.guarantee_months or 0) < 0:
        proposal.refuse("less than nothing", advice="Give days and months as whole numbers from 0.")
    if (event.window_days or 0) > _MOST_DAYS or (event.guarantee_months or 0) > _MOST_MONTHS:
        proposal.refuse(
            "longer than a hundred years",
            advice="Give days and months as you promise them.",
            found=event.window_days or event.guarantee_months,
        )
    if event.window_days is None:
        return
    stores = [event.marketplace] if event.marketplace else sorted(_stores(proposal))
    for store in stores:
        rule = proposal.book.rulebook.in_force("ret.window", store, proposal.day)
        days = rule.window_end_days if rule is not None else None
        if rule is not None and days is not None and event.window_days < days:
            proposal.caution(
                f"{store}: Amazon's own window of {days} days holds all the same ({rule.id})"
            )


def _stores(proposal: Proposal[ReturnPolicySet]) -> set[str]:
    return {
        store
        for rule in proposal.book.rulebook.rules
        if rule.family == "ret.window"
        for store in rule.marketplaces
    }


def is_known_where_it_ends(proposal: Proposal[ReturnlessRuleSet]) -> None:
    """Only a rule that was set can be ended; one that ends binds the orders placed under it."""
    event = proposal.event
    if event.active:
        return
    if not any(one.name == event.name for _, one in proposal.case.told(ReturnlessRuleSet)):
        proposal.refuse(
            "no rule of this name was set",
            advice="Check its name.",
            found=event.name,
        )
    proposal.caution("orders placed while the rule stood stay bound by it")
