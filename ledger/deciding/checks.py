"""What may speak against each kind of thing that a seller records, in the order in which it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from ledger.deciding import (
    appeals,
    arrivals,
    claims,
    correcting,
    dates,
    evidence,
    fees,
    keeping,
    messages,
    orders,
    refunds,
    requests,
    terms,
)
from ledger.deciding.proposal import Check, Proposal
from ledger.event import Deed
from ledger.events import arrivals as came
from ledger.events import claims as claimed
from ledger.events import deliveries
from ledger.events import keeping as kept
from ledger.events import messages as written
from ledger.events import refunds as given
from ledger.events import requests as asked
from ledger.events import terms as set_

EVERY: Final[tuple[Check[Any], ...]] = (
    terms.is_of_the_account,
    orders.is_known,
    orders.is_about_it,
    orders.is_not_more_than_ordered,
    dates.is_no_day_to_come,
    dates.is_no_day_before_the_order,
    evidence.is_attached,
)
"""Asked of everything."""


def check(proposal: Proposal[Deed]) -> tuple[str, ...]:
    """What should be known though it is allowed; raises Refused where it is not."""
    for one in (*EVERY, *CHECKS[type(proposal.event)]):
        one(proposal)
    return tuple(proposal.cautions)


CHECKS: Final[Mapping[type[Deed], tuple[Check[Any], ...]]] = {
    deliveries.OrderTold: (orders.is_told_once, refunds.is_an_amount),
    deliveries.OrderDispatched: (orders.is_shipped_by_the_seller,),
    deliveries.OrderDelivered: (orders.is_not_delivered_before_it_left,),
    asked.RequestReceived: (requests.is_a_new_request,),
    asked.WithdrawalDeclared: (),
    asked.ReturnAuthorized: (requests.is_asked_for,),
    asked.ReturnDeclined: (requests.names_a_rule_that_holds, requests.is_no_right_of_the_buyers),
    asked.DeclineOverridden: (requests.was_declined,),
    asked.ReturnOptionOffered: (),
    asked.ReturnLabelIssued: (requests.bears_the_label,),
    asked.ReturnFirstScanned: (),
    asked.ReturnLost: (),
    came.UnitsReceived: (arrivals.is_not_more_than_was_sent,),
    came.UnitGraded: (
        arrivals.has_come_back,
        arrivals.was_there_before_it_was_looked_at,
        arrivals.shows_what_it_says,
    ),
    came.WrongItemReceived: (
        arrivals.has_come_back,
        arrivals.was_there_before_it_was_looked_at,
        arrivals.shows_what_it_says,
    ),
    came.DamageReported: (arrivals.shows_what_it_says,),
    came.DamageInvestigated: (arrivals.was_reported,),
    came.RemovalReceived: (arrivals.is_not_more_than_the_removal,),
    given.RefundGiven: (
        refunds.has_parts,
        refunds.is_an_amount,
        refunds.is_not_paid_by_a_claim,
        refunds.is_not_sent_twice,
        refunds.is_not_more_than_paid,
        refunds.is_the_sellers_to_know,
    ),
    given.ConcessionGranted: (
        refunds.is_an_amount,
        refunds.is_not_more_than_paid,
        refunds.is_not_for_a_review,
    ),
    given.RestockingFeeApplied: (
        refunds.is_an_amount,
        fees.is_not_more_than_the_price,
        fees.is_the_buyers_fault,
        fees.is_within_the_rules,
    ),
    given.ReplacementSent: (fees.replaces_what_is_owed,),
    claimed.ClaimDrafted: (claims.is_not_filed_yet, claims.is_in_the_claims_currency),
    claimed.ClaimFiled: (
        claims.is_not_filed_yet,
        claims.is_in_the_claims_currency,
        claims.is_the_only_claim,
        claims.is_open_for_the_refund,
    ),
    claimed.ClaimInfoRequested: (claims.is_under_way,),
    claimed.ClaimInfoAnswered: (claims.was_asked,),
    claimed.ClaimDecided: (claims.is_in_the_claims_currency, claims.is_decided_once),
    claimed.AppealFiled: (appeals.has_lost, appeals.is_not_one_too_many, appeals.is_in_time),
    claimed.AppealDecided: (claims.is_in_the_claims_currency, appeals.is_appealed),
    claimed.ClaimPaid: (claims.is_in_the_claims_currency, claims.is_not_more_than_granted),
    claimed.ClaimPaymentReversed: (
        claims.is_in_the_claims_currency,
        claims.is_not_more_than_was_paid,
    ),
    written.MessageReceived: (messages.is_new,),
    written.MessageAnswered: (messages.is_there, messages.is_the_answer),
    written.ReviewThreatened: (messages.is_there,),
    written.AbuseReported: (messages.has_a_cause,),
    set_.ProductDescribed: (),
    set_.SourcingCostSet: (terms.is_a_cost,),
    set_.ReturnPolicySet: (terms.is_a_term,),
    set_.ReturnlessRuleSet: (terms.is_known_where_it_ends,),
    set_.ContactSet: (terms.names_a_way,),
    kept.EvidenceAttached: (evidence.is_not_attached_before,),
    kept.NoteAdded: (keeping.says_something,),
    kept.EntryCorrected: (
        correcting.is_the_sellers_own,
        partial(correcting.leaves_nothing_in_the_air, asked=check),
    ),
    kept.LegalHoldPlaced: (keeping.is_held_once,),
    kept.LegalHoldReleased: (keeping.is_held,),
}
"""Asked of each kind besides; a kind without a line here cannot be recorded."""
