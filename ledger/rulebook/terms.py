"""The words in which a rule states what it demands: each name has one kind and one meaning."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from ledger.values import Money

Kind = Literal["number", "flag", "text", "words", "day", "amounts"]

TermValue = bool | int | str | tuple[str, ...] | dict[str, str]
"""A term as it is kept: a day as `2026-01-31`, amounts as decimal strings by currency."""


class Term(msgspec.Struct, frozen=True):
    """One thing that a rule can state besides its window: what it is, counted in what."""

    kind: Kind
    unit: str
    """What a number counts; empty for the other kinds."""
    meaning: str


class MisstatedTerm(ValueError):
    """A term that the vocabulary does not know, or that is not told as its kind is."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


def _number(unit: str, meaning: str) -> Term:
    return Term("number", unit, meaning)


def _flag(meaning: str) -> Term:
    return Term("flag", "", meaning)


def _text(meaning: str) -> Term:
    return Term("text", "", meaning)


def _words(meaning: str) -> Term:
    return Term("words", "", meaning)


def _day(meaning: str) -> Term:
    return Term("day", "", meaning)


def _amounts(meaning: str) -> Term:
    return Term("amounts", "", meaning)


_ANSWERING: Final = {
    "respond_hours": _number("hours", "within which the seller answers"),
    "respond_days": _number("days", "within which the seller answers"),
    "binding": _flag("false where the page only recommends it"),
    "buyer_contact_answer_hours": _number(
        "hours", "without an answer to the buyer after which Amazon grants the claim"
    ),
    "answer_delivery_messages_hours": _number(
        "hours", "within which a message about the delivery is answered"
    ),
    "auto_reply_counts": _flag("whether an automatic reply counts as an answer"),
    "may_mark_no_response_needed": _flag(
        "whether the seller may mark a message as needing no answer"
    ),
    "info_reply_hours": _number("hours", "within which a request for information is answered"),
    "info_reply_business_days": _number(
        "business days", "within which a request for information is answered"
    ),
}

_DEADLINES: Final = {
    "deadline_days": _number("calendar days", "within which the seller must have acted"),
    "deadline_business_days": _number("business days", "within which the seller must have acted"),
    "deadline_shown_on": _text("the page that shows the last day, where no number is told"),
    "on_miss": _text("what happens when the seller misses the deadline"),
    "return_processing_days": _number("days", "the seller has to process a return"),
    "wait_hours": _number("hours", "to wait before the next step is open"),
    "wait_days": _number("days", "to wait before the next step is open"),
    "counted_from_next_day": _flag("true where the day after the fact is day one"),
    "odr_update_days": _number("days", "until the order defect rate shows the decision"),
}

_RETURN_WINDOWS: Final = {
    "return_until": _day("the last day of a return, whenever the item was delivered"),
    "later_wins": _flag("true where the later of this last day and the normal one holds"),
    "product": _text("the group of products it holds for"),
    "categories": _words("the categories of products it holds for"),
    "excluded_products": _words("products that it does not hold for"),
    "transition_until": _day("the last day on which the terms before it were still taken"),
    "transition_days": _number("days", "of the window that was still taken in the transition"),
    "dates_are_of": _text("the fact that lies between its dates, where it is not the order"),
}

_RUNNING_A_RETURN: Final = {
    "authorized_by_amazon": _words("requests that Amazon authorizes without the seller"),
    "authorized_by_seller": _words("requests that the seller authorizes or declines"),
    "options": _words("what the seller may offer the buyer"),
    "high_value_exemption": _flag("whether dear items may be kept out of prepaid labels"),
    "exempt_products": _words("products that stay out of it"),
    "refund_trigger": _text("the fact at which Amazon refunds the buyer"),
    "not_for": _words("returns to which it does not apply"),
    "considers": _words("what Amazon takes into account"),
    "outbound_postage_refunded": _flag("whether the refund includes the postage to the buyer"),
    "return_fee_deducted_unless": _words("cases in which no return postage is deducted"),
    "binds_though_deleted": _flag(
        "true where a seller's rule holds for its orders though it was deleted since"
    ),
    "threshold": _amounts("the item's price, tax included, up to which it holds"),
    "threshold_inclusive": _flag("false where the price must lie below the threshold"),
    "threshold_above": _amounts("the item's price, tax included, above which it holds"),
    "domestic_address": _flag("true where the seller must give a return address in the store"),
    "international_label_paid_by": _text("who bears an international return label"),
    "grading_required": _flag("true where the seller must grade the returned unit"),
}

_POSTAGE: Final = {
    "seller_reason_outbound": _text("who bears the way out where the seller is at fault"),
    "seller_reason_return": _text("who bears the way back where the seller is at fault"),
    "buyer_reason_outbound": _text("who bears the way out where the buyer changed their mind"),
    "buyer_reason_outbound_late": _text("who bears that way out after the first days"),
    "buyer_reason_return": _text("who bears the way back where the buyer changed their mind"),
    "outbound_first_days": _number("days", "from delivery that count as the first days"),
    "outbound_last_days": _number("days", "from delivery until which the later part runs"),
    "seller_pays_return_anyway": _words("cases in which the seller bears the way back anyway"),
    "buyer_reasons": _words("reasons for a return that put it down to the buyer"),
}

_FEES: Final = {
    "in_policy_original_condition_pct": _number(
        "per cent", "kept of an item returned in time and as it was sent"
    ),
    "photo_required_from_pct": _number("per cent", "kept from which a photograph is demanded"),
    "late_pct": _number("per cent", "at most kept of an item returned late, as it was sent"),
    "used_or_damaged_pct": _number("per cent", "at most kept of an item used or damaged"),
    "materially_different_pct": _number(
        "per cent", "at most kept where something else was returned"
    ),
    "opened_software_or_games_pct": _number("per cent", "at most kept of opened software or games"),
    "seller_fault_pct": _number("per cent", "kept where the seller is at fault"),
    "late_fee_first_days": _number("days", "after the return's last day at the lower late fee"),
    "late_fee_first_pct": _number("per cent", "charged to the buyer in these first days"),
    "late_fee_after_pct": _number("per cent", "charged to the buyer after them"),
    "damage_fee_max_pct": _number("per cent", "at most charged to the buyer for damage"),
    "luxury_damage_pct": _number("per cent", "charged to the buyer for a damaged luxury item"),
    "opened_collectibles_pct": _number("per cent", "charged to the buyer for opened collectibles"),
    "pct_of_referral_fee": _number("per cent", "of the referral fee that Amazon keeps"),
    "cap": _amounts("the most that is paid or charged"),
    "cap_per": _text("what the cap is counted for"),
    "media_full_refund_fee": _amounts("kept when media is refunded in full"),
    "amounts_told": _text("which amounts the source tells, and which it leaves out"),
}

_CLAIMS: Final = {
    "max_appeals": _number("appeals", "at most"),
    "appeal_business_days": _number("business days", "within which to appeal"),
    "max_claims_per_shipment": _number("claims", "at most for one shipment"),
    "one_claim_per_order": _flag("true where an order may be claimed for once"),
    "reevaluation_days": _number("days", "within which a decision is looked at again"),
    "invoice_max_age_days": _number("days", "an invoice may be old"),
    "customer_damage_cap_pct": _number(
        "per cent", "of the order's value at most paid for a buyer's damage"
    ),
    "claimable_for": _words("what may be claimed for"),
    "safe_t": _flag("whether a SAFE-T claim is open for it"),
    "safe_t_after_miss": _flag("whether a SAFE-T claim is open after the deadline was missed"),
    "safe_t_exceptions": _words("cases in which a SAFE-T claim is open all the same"),
    "seller_refunds_eligible": _flag("whether refunds by the seller may be claimed for, too"),
    "claims_in_progress_unaffected": _flag("true where claims filed before it keep their terms"),
    "latest_days_after_estimated_delivery": _number(
        "days", "after the latest estimated delivery until which a buyer may claim"
    ),
    "amazon_may_allow_later": _flag("whether Amazon may take a claim after its last day"),
    "decided_on": _text("what Amazon decides on"),
    "cost_or_odr_reversed_apart": _flag(
        "whether cost and order defect rate may be reversed one without the other"
    ),
    "funded_if_all": _words("conditions under which Amazon bears the claim, all of them"),
    "odr_counted": _flag("whether the claim counts in the order defect rate"),
    "funding_exception": _text("when Amazon does not bear it after all"),
    "on_refused_returning": _text("what happens where the refused parcel is on its way back"),
    "on_not_shipped_in_time": _text("what happens where it was not shipped by its day"),
}

_CONDUCT: Final = {
    "forbidden": _words("what a seller must not do"),
    "penalties": _words("what Amazon may do about it"),
    "channels": _words("where to report it"),
}

_LAW: Final = {
    "refund_within_days": _number("days", "within which the buyer is refunded"),
    "refund_counts_from": _text("the fact from which the refund's days are counted"),
    "may_withhold_until": _text("until when the refund may wait"),
    "return_postage_paid_by": _text("who bears the way back"),
    "not_informed_extra_months": _number(
        "months", "added where the buyer was not told of the right"
    ),
    "reverse_burden_months": _number(
        "months", "from delivery in which a defect counts as there from the start"
    ),
    "notify_months_safe": _number(
        "months", "after finding a defect in which telling it is in time"
    ),
    "limitation_years": _number("years", "after which the right is barred"),
    "may_deduct_for_diminished_value": _flag("whether handling beyond a shop test may be deducted"),
    "paused_during_repair": _flag("whether the days stand still during a repair"),
    "manufacturer_repair_duty": _flag("whether the maker must repair"),
    "extra_guarantee_months_after_repair": _number("months", "added to the guarantee by a repair"),
    "requirement": _text("what the law demands"),
}

_KEEPING: Final = {
    "retention_days": _number("days", "to keep it"),
    "retention_months": _number("months", "to keep it"),
    "retention_years": _number("years", "to keep it"),
    "retention_from": _text("the day from which keeping is counted"),
    "original_retention_years": _number("years", "to keep the paper after a safe transfer"),
    "books_retention_years": _number("years", "to keep books and annual accounts"),
    "letters_retention_years": _number("years", "to keep commercial letters"),
    "omitted_income_retention_years": _number("years", "to keep it where income was left out"),
    "bad_debt_retention_years": _number("years", "to keep it for bad debt or worthless shares"),
    "applies_to": _text("what it holds for"),
    "permitted_purposes": _words("what the data may be used for"),
    "longer_only_if_law": _flag("true where only a law allows keeping it longer"),
    "delete_within_days": _number("days", "within which the data is deleted"),
    "deletion_method": _text("the standard that deletion follows"),
}

_SECURITY: Final = {
    "encryption_at_rest": _words("the least that encrypts stored data"),
    "encryption_in_transit": _text("the least that encrypts sent data"),
    "review_days": _number("days", "between reviews"),
    "notify_hours": _number("hours", "within which Amazon is told"),
    "notify_to": _text("whom to tell"),
    "plan_review_months": _number("months", "between reviews of the plan"),
    "access_review": _text("how often access is reviewed"),
    "removal_hours": _number("hours", "within which access is taken away"),
    "password_min_length": _number("characters", "a password has at least"),
    "lockout_attempts": _number("attempts", "after which an account is locked"),
    "credential_rotation_months": _number("months", "after which a credential is replaced"),
    "contradicted_start": _day("another day that other notices give for its start"),
    "removed_reports": _words("reports that can no longer be asked for"),
    "use_instead": _text("the report to ask for instead"),
}

_ACCOUNTING: Final = {
    "revenue": _text("what counts as revenue"),
    "refund_liability": _text("what is owed to buyers"),
    "return_asset": _text("what the goods that will come back are worth"),
    "remeasured": _text("how often it is measured again"),
    "not_covering": _words("what it does not cover"),
}

TERMS: Final[dict[str, Term]] = (
    _ANSWERING
    | _DEADLINES
    | _RETURN_WINDOWS
    | _RUNNING_A_RETURN
    | _POSTAGE
    | _FEES
    | _CLAIMS
    | _CONDUCT
    | _LAW
    | _KEEPING
    | _SECURITY
    | _ACCOUNTING
)
"""Everything that a rule can state besides its window and the FBA fields it has of its own."""

_HOW_WRITTEN: Final[dict[Kind, str]] = {
    "number": "a whole number from 0 up, such as 24",
    "flag": "true or false",
    "text": 'text in quotes, such as "carrier"',
    "words": 'a list of texts, such as ["toys", "books"]',
    "day": "a day without quotes, such as 2026-01-31",
    "amounts": 'amounts by currency, such as { EUR = "25.00" }',
}


def read_term(name: str, told: object) -> TermValue:
    """A term as it is kept; raises MisstatedTerm where it is unknown or not told as its kind is."""
    term = TERMS.get(name)
    if term is None:
        raise MisstatedTerm("no such term", f"Use one of: {', '.join(sorted(TERMS))}.")
    kept = _READERS[term.kind](told)
    if kept is None:
        advice = f"Write {_HOW_WRITTEN[term.kind]}: {term.unit} {term.meaning}".replace(":  ", ": ")
        raise MisstatedTerm(f"not {_HOW_WRITTEN[term.kind].partition(',')[0]}", f"{advice}.")
    return kept


def _read_number(told: object) -> TermValue | None:
    is_number = isinstance(told, int) and not isinstance(told, bool) and told >= 0
    return told if is_number else None  # type: ignore[return-value]


def _read_flag(told: object) -> TermValue | None:
    return told if isinstance(told, bool) else None


def _read_text(told: object) -> TermValue | None:
    return told if isinstance(told, str) and told.strip() else None


def _read_words(told: object) -> TermValue | None:
    if not isinstance(told, list | tuple) or not told:
        return None
    words = tuple(word for word in told if _read_text(word))
    return words if len(words) == len(told) else None


def _read_day(told: object) -> TermValue | None:
    if type(told) is date:
        return told.isoformat()
    try:
        return date.fromisoformat(told).isoformat() if isinstance(told, str) else None
    except ValueError:
        return None


def _read_amounts(told: object) -> TermValue | None:
    if not isinstance(told, dict) or not told:
        return None
    try:
        for currency, amount in told.items():
            Money.of(amount, currency)
    except (ValueError, TypeError):
        return None
    return {str(currency): str(amount) for currency, amount in told.items()}


_READERS: Final = {
    "number": _read_number,
    "flag": _read_flag,
    "text": _read_text,
    "words": _read_words,
    "day": _read_day,
    "amounts": _read_amounts,
}
