"""What makes a rule of the seller's own usable: it states what is asked of its kind, in numbers that can be counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ledger.rulebook.rule import Rule
from ledger.rulebook.terms import TERMS

ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "az.appeal": ("deadline_days",),
    "fee.refund_admin": ("pct_of_referral_fee",),
    "law.eu.withdrawal": ("refund_within_days", "refund_counts_from", "may_withhold_until"),
    "msg.sla": ("respond_hours",),
    "ret.aprl": ("high_value_exemption",),
    "ret.authorization": ("respond_hours",),
    "ret.buyer_fees": (
        *("late_fee_first_days", "late_fee_first_pct", "late_fee_after_pct"),
        *("damage_fee_max_pct", "luxury_damage_pct", "opened_collectibles_pct"),
    ),
    "ret.holiday": ("return_until", "later_wins"),
    "ret.postage": ("seller_reason_outbound", "seller_reason_return", "buyer_reason_return"),
    "ret.restocking": (
        *("in_policy_original_condition_pct", "photo_required_from_pct", "grading_required"),
    ),
    "ret.returnless": ("binds_though_deleted",),
    "review.seller_conduct": ("forbidden",),
}
"""Terms without which a rule of that family, or below it, answers nothing."""
TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "refund_within_days": ("refund_counts_from",),
    "threshold": ("threshold_inclusive",),
    "transition_until": ("transition_days",),
}
"""Terms that say nothing without others."""
MOST: Final[Mapping[str, int]] = {"hours": 87_600, "months": 1_200, "per cent": 100, "years": 100}
"""No number of that unit is greater; a slip of the hand is."""
MOST_DAYS: Final = 36_500
_WINDOW: Final[Mapping[str, int]] = {
    "window_start_days": MOST_DAYS,
    "window_end_days": MOST_DAYS,
    "window_end_months": MOST["months"],
    "hard_stop_months": MOST["months"],
}


def missing_in(rule: Rule) -> tuple[str, ...]:
    """The terms that are asked of a rule of its kind, and that it does not state."""
    asked = [
        term
        for family, terms in ASKED.items()
        if f"{rule.series}.".startswith(f"{family}.")
        for term in terms
    ]
    asked += [term for one, terms in TOGETHER.items() if one in rule.terms for term in terms]
    return tuple(dict.fromkeys(term for term in asked if term not in rule.terms))


def too_great_in(rule: Rule) -> Iterator[tuple[str, int, int]]:
    """Each number that is greater than can be meant: its field, the number, and the most it may be."""
    for field, most in _WINDOW.items():
        number = getattr(rule, field)
        if number is not None and number > most:
            yield field, number, most
    for term, told in rule.terms.items():
        most = MOST.get(TERMS[term].unit, MOST_DAYS) if term in TERMS else MOST_DAYS
        if isinstance(told, int) and told > most:
            yield f"terms.{term}", told, most
