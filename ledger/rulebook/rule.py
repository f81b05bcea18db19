"""One version of one of Amazon's rules: where and when it holds, its numbers, how sure it is."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal, TypeVar, get_args

import msgspec

from ledger.errors import LedgerError
from ledger.rulebook.terms import TermValue
from ledger.values import BY_CODE, Money

Status = Literal[
    "in_force",
    "superseded",
    "possibly_stale",
    "assumed",
    "doubtful",
    "never_in_force",
    "superseded_date_unknown",
]

Selector = Literal[
    "claim_submitted_at",
    "loss_event_date",
    "return_disposition_date",
    "adjustment_date",
    "reversal_date",
    "order_placed_at",
    "order_delivered_at",
    "contract_date",
    "return_requested_at",
    "return_first_scanned_at",
    "return_received_at",
    "return_graded_at",
    "refund_issued_at",
    "appeal_submitted_at",
    "claim_filed_at",
    "info_requested_at",
    "granted_and_debited_at",
    "message_received_at",
    "action_at",
    "request_date",
    "received_at",
    "incident_detected_at",
    "notice_or_authorisation_end",
    "report_requested_at",
    "period_end",
    "always",
]
"""The facts whose date picks the version of a rule; `always` is the day of the question itself."""

ClockFact = Literal[
    "customer_refund_or_replacement_date",
    "reported_lost_or_damaged_date",
    "last_confirmed_movement_date",
    "removed_from_network_date",
    "removal_shipment_created_date",
    "removal_ship_date",
    "removal_delivered_date",
    "reimbursement_issued_date",
    "return_date",
    "delivery_date",
    "estimated_delivery_date",
    "refund_date",
    "later_of_return_scan_and_refund_date",
    "last_carrier_scan_date",
    "marked_returned_to_seller_date",
    "shipment_created_date",
    "shipment_delivered_date",
    "fee_charged_date",
]
"""The facts from whose date a window is counted."""

Precedence = Literal["statutory", "overlay", "holiday", "category", "store", "default"]
"""Which of two rules for one day comes first: the law, then what holds for a while, then less."""

PRECEDENCES: Final[tuple[str, ...]] = get_args(Precedence)

Evidence = Literal["A", "B", "C", "D", "L"]

EVIDENCE_MEANS: Final[dict[str, str]] = {
    "A": "Amazon's own page or staff said so",
    "B": "another page quotes Amazon's words",
    "C": "Amazon's words were only paraphrased",
    "D": "one weak source, or our inference",
    "L": "a statute or an official body said so",
}

_STATUS_MEANS: Final[dict[str, str]] = {
    "possibly_stale": "the page read is old and the rule may have changed since",
    "assumed": "it is assumed from another store's rule, or another year's",
    "doubtful": "what tells it may be wrong",
    "never_in_force": "it was announced but never came into force",
    "superseded_date_unknown": "it was replaced on a day that is not known",
}

_SURE_STATUS: Final = ("in_force", "superseded")
_REGIONS: Final = ("EU", "ANY")

EVERYWHERE: Final = "ALL"
"""The store of a rule that holds in every store."""

_SOURCE: Final = re.compile(r"https?://\S+|public GitHub file, index id \d+( \(.+\))?")
_MONTH_OR_DAY: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")


class UnreadableRulebook(LedgerError):
    """A rulebook, or one rule in it, that cannot be trusted as it stands."""


_Told = TypeVar("_Told")


class Cap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that is paid for one unit: a decimal string, exact to the currency's minor unit."""

    amount: str
    currency: str

    @property
    def money(self) -> Money:
        """The cap as money."""
        return Money.of(self.amount, self.currency)


class Rule(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A rule as it holds between two dates, with its source and how far it can be believed."""

    id: str
    series: str
    """The versions that follow one another; the id is the series with the version in it."""
    title: str
    marketplaces: tuple[str, ...]
    programmes: tuple[str, ...]
    claim_types: tuple[str, ...]
    effective_from: date | None = None
    """First day on which it holds; None where the start is unknown."""
    effective_to: date | None = None
    """First day on which it no longer holds; None where it still does."""
    announced_on: str | None = None
    """Day or month of the announcement: `2024-09`."""
    announced_for: date | None = None
    """The day first announced for its start, where the start was moved since."""
    status: Status
    version_selected_by: Selector
    """The fact whose date picks the version; not always the one that starts the clock."""
    precedence: Precedence = "store"
    own: bool = False
    """True for a rule of the seller's own file."""

    clock_from: ClockFact | None = None
    """The fact from whose date the window is counted."""
    lost_clock_from: ClockFact | None = None
    """The fact that takes its place where the parcel was lost on its way."""
    opens_when: str | None = None
    """What opens a window for which no first day is told; it then counts from day 0."""
    window_start_days: int | None = None
    window_end_days: int | None = None
    window_end_months: int | None = None
    day_unit: Literal["calendar"] | None = None
    hard_stop_from: ClockFact | None = None
    """A second clock that ends the window, whatever the first one says."""
    hard_stop_months: int | None = None

    basis: Literal["estimated_proceeds", "sourcing_cost", "order_sales_price_less_fees"] | None = (
        None
    )
    """What a unit is worth when Amazon pays for it."""
    basis_meaning: str | None = None
    basis_excludes: tuple[str, ...] = ()
    seller_cost_else_amazon_estimate: bool | None = None
    """True where the seller's own cost counts, and Amazon's estimate only without one."""
    per_unit_cap: Cap | None = None
    per_unit_cap_unverified: Cap | None = None
    """A cap that a weak source tells: to be shown, never to be reckoned with."""

    disposition: str | None = None
    liable_party: Literal["nobody", "seller", "amazon", "undetermined"] | None = None
    liable_detail: str | None = None
    not_returned_within_days: int | None = None
    not_returned_outcome: str | None = None
    sellable_outcome: str | None = None
    unsellable_amazon_fault_outcome: str | None = None
    unsellable_other_outcome: str | None = None

    automatic: bool | None = None
    """True where Amazon pays without being asked."""
    manual_still_needed: tuple[str, ...] = ()
    time_limit_days: int | None = None
    settlement_codes: tuple[str, ...] = ()

    terms: dict[str, TermValue] = {}
    """What else it states, each under a name of the vocabulary (`ledger.rulebook.terms`)."""

    required_evidence: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sources: tuple[str, ...]
    evidence: Evidence
    verified: bool
    first_hand: bool
    """True where the source itself was read, not a copy of its words."""
    note: str = ""

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def family(self) -> str:
        """The series without its store: `fba.customer_return.window`."""
        return family_of(self.series)

    @property
    def sure(self) -> bool:
        """True where a claim may rest on it."""
        return self.verified and self.status in _SURE_STATUS

    @property
    def why_unsure(self) -> str:
        """Why no claim may rest on it, in words; empty where one may."""
        reasons = [_STATUS_MEANS[self.status]] if self.status in _STATUS_MEANS else []
        if not self.verified:
            reasons.append(f"it is not verified ({EVIDENCE_MEANS[self.evidence]})")
        return "; ".join(reasons)

    @property
    def ever_in_force(self) -> bool:
        """False for a rule that was announced and withdrawn or postponed."""
        return self.status != "never_in_force"

    @property
    def rank(self) -> int:
        """Where its precedence stands, the first one being 0."""
        return PRECEDENCES.index(self.precedence)

    def covers(self, day: date) -> bool:
        """True where the day lies between its dates, whether or not it came into force."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day < self.effective_to)

    def holds_in(self, marketplace: str) -> bool:
        """True where it holds in that store."""
        return marketplace in self.marketplaces or EVERYWHERE in self.marketplaces

    def states(self, name: str) -> bool:
        """True where it states something under that name, as a term or as a field of its own."""
        return name in self.terms or getattr(self, name, None) not in (None, ())

    def number(self, name: str) -> int:
        """The number under that name."""
        return self._stated(name, int)

    def flag(self, name: str) -> bool:
        """The yes or no under that name."""
        return self._stated(name, bool)

    def text(self, name: str) -> str:
        """The text under that name."""
        return self._stated(name, str)

    def words(self, name: str) -> tuple[str, ...]:
        """The list of texts under that name."""
        return self._stated(name, tuple)

    def day(self, name: str) -> date:
        """The day under that name."""
        if name in self.terms:
            return date.fromisoformat(self.text(name))
        return self._stated(name, date)

    def money(self, name: str, currency: str) -> Money | None:
        """The amount under that name, or None where none is told in that currency."""
        if name not in self.terms:
            cap = self._stated(name, Cap)
            return cap.money if cap.currency == currency else None
        amount = self._stated(name, dict).get(currency)
        return None if amount is None else Money.of(amount, currency)

    def _stated(self, name: str, kind: type[_Told]) -> _Told:
        """What stands under a name; KeyError where nothing does, or something of another kind."""
        told = self.terms[name] if name in self.terms else getattr(self, name, None)
        if type(told) is not kind:
            raise KeyError(f"{self.id} states no {kind.__name__} called {name}")
        return told


def family_of(series: str) -> str:
    """The series without the store or region it ends in; a series without one is its own family."""
    family, _, last = series.rpartition(".")
    return family if last in BY_CODE or last in _REGIONS else series


def version_of(rule_id: str, series: str) -> str:
    """The one word that the id has beside the series' words in their order; empty where not one.

    Most end in it; a holiday rule has its year in the middle.
    """
    words, parts = rule_id.split("."), series.split(".")
    if len(words) != len(parts) + 1:
        return ""
    before = next((i for i, part in enumerate(parts) if words[i] != part), len(parts))
    return words[before] if words[before + 1 :] == parts[before:] else ""


def check_rule(rule: Rule) -> None:
    """Refuse a rule that contradicts itself.

    Raises UnreadableRulebook naming file, rule and field. Rulebooks are kept for ever, so a check
    that an older rulebook would fail must not be added here.
    """
    _check_name(rule)
    _check_dates(rule)
    _check_trust(rule)
    _check_window(rule)
    _check_caps(rule)


def refusal(rule: Rule, field: str, message: str, advice: str) -> UnreadableRulebook:
    """The error for one field of one rule."""
    return UnreadableRulebook(
        f"{rule.id}, field '{field}': {message}",
        file=f"{rule.series}.toml",
        found=_as_written(getattr(rule, field)),
        advice=advice,
    )


def _as_written(value: object) -> str | None:
    return None if value is None else str(value)


def _check_name(rule: Rule) -> None:
    if not version_of(rule.id, rule.series).isalnum():
        advice = f"Call it {rule.series}.1, or the next free version, or move it to its own file."
        raise refusal(rule, "id", "not the series and a version", advice)
    for market in rule.marketplaces:
        if market not in BY_CODE and market != EVERYWHERE:
            advice = f"Use codes of known stores: {', '.join(BY_CODE)}."
            raise refusal(rule, "marketplaces", f"no store is called {market}", advice)
    if not rule.marketplaces:
        raise refusal(rule, "marketplaces", "holds in no store", "Name the stores it holds in.")


def _check_dates(rule: Rule) -> None:
    start, end = rule.effective_from, rule.effective_to
    if start and end and end <= start:
        advice = "effective_to is the first day after the rule; swap or correct the two dates."
        raise refusal(rule, "effective_to", f"not after effective_from ({start})", advice)
    if rule.announced_on and not _MONTH_OR_DAY.fullmatch(rule.announced_on):
        advice = 'Write it in quotes as "2024-09" or "2024-09-05".'
        raise refusal(rule, "announced_on", "neither a month nor a day", advice)
    if rule.status == "never_in_force" and start is None:
        advice = "Give the day that was announced for it."
        raise refusal(rule, "effective_from", "an announced rule needs its day", advice)
    if rule.status == "superseded" and end is None:
        advice = "Give the day it was replaced, or use the status superseded_date_unknown."
        raise refusal(rule, "effective_to", "a superseded rule needs its end", advice)


def _check_trust(rule: Rule) -> None:
    if rule.verified and rule.evidence in "CD":
        advice = "Set verified = false, or name a source of level A, B or L."
        raise refusal(rule, "verified", f"evidence {rule.evidence} does not verify it", advice)
    for source in rule.sources:
        if not _SOURCE.fullmatch(source):
            raise refusal(rule, "sources", "not a web address", "Cite pages as https://...")


def _check_window(rule: Rule) -> None:
    if rule.version_selected_by == "claim_submitted_at":
        _demand(rule, "clock_from")
        if rule.opens_when is None:
            _demand(rule, "window_start_days")
    if (rule.hard_stop_from is None) != (rule.hard_stop_months is None):
        _demand(rule, "hard_stop_from")
        _demand(rule, "hard_stop_months")
    for field in ("window_start_days", "window_end_days", "window_end_months", "hard_stop_months"):
        number = getattr(rule, field)
        if number is not None and number < 0:
            raise refusal(rule, field, "less than nothing", "Count forward from the clock's fact.")
    _check_order(rule)


def _demand(rule: Rule, field: str) -> None:
    if getattr(rule, field) is None:
        raise refusal(rule, field, "missing", "A claim window needs it; see the source.")


def _check_order(rule: Rule) -> None:
    start, end = rule.window_start_days, rule.window_end_days
    if start is None and rule.opens_when is not None:
        start = 0
    if end is not None and (start is None or end < start):
        advice = "Both count from the same day; the end cannot come before the start."
        raise refusal(rule, "window_end_days", f"before window_start_days ({start})", advice)


def _check_caps(rule: Rule) -> None:
    for field in ("per_unit_cap", "per_unit_cap_unverified"):
        cap: Cap | None = getattr(rule, field)
        if cap is None:
            continue
        try:
            cap.money  # noqa: B018 - reading it is the check
        except ValueError as error:
            advice = 'Write it as { amount = "5000.00", currency = "USD" }.'
            raise refusal(rule, field, str(error), advice) from error
