"""Rules as programs read them, and in words: what they state, what picks them, how sure they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from cli.answer import Column, Row
from ledger.rulebook import EVERYWHERE, EVIDENCE_MEANS, TERMS, Cap, Rule, Rulebook
from ledger.rulebook.own import Change

SELECTED_BY: Final = {
    "claim_submitted_at": "the day on which the claim is filed",
    "loss_event_date": "the day of the loss or damage",
    "return_disposition_date": "the day on which the warehouse graded the return",
    "adjustment_date": "the day of the adjustment",
    "reversal_date": "the day of the reversal",
    "order_placed_at": "the day of the order",
    "order_delivered_at": "the day of the delivery",
    "contract_date": "the day of the contract",
    "return_requested_at": "the day on which the return was requested",
    "return_first_scanned_at": "the day of the return's first scan",
    "return_received_at": "the day on which the return arrived",
    "return_graded_at": "the day on which the return was graded",
    "refund_issued_at": "the day of the refund",
    "appeal_submitted_at": "the day on which the appeal is filed",
    "claim_filed_at": "the day on which the claim was filed",
    "info_requested_at": "the day on which information was requested",
    "granted_and_debited_at": "the day on which the claim was granted and charged",
    "message_received_at": "the day on which the message arrived",
    "action_at": "the day of the action",
    "request_date": "the day of the request",
    "received_at": "the day on which it was received",
    "incident_detected_at": "the day on which the incident was found",
    "notice_or_authorisation_end": "the day of the notice, or of the end of the authorization",
    "report_requested_at": "the day on which the report is asked for",
    "period_end": "the last day of the period",
    "always": "the day of the question itself",
}
"""The fact whose date picks a rule's version, in words."""

CLOCKS: Final = {
    "customer_refund_or_replacement_date": "the buyer's refund or replacement",
    "reported_lost_or_damaged_date": "the day on which the unit was reported lost or damaged",
    "last_confirmed_movement_date": "the last confirmed movement",
    "removed_from_network_date": "the day on which the unit left Amazon's network",
    "removal_shipment_created_date": "the day on which the removal's shipment was created",
    "removal_ship_date": "the day on which the removal was shipped",
    "removal_delivered_date": "the removal's delivery",
    "reimbursement_issued_date": "the reimbursement",
    "return_date": "the return",
    "delivery_date": "the delivery",
    "estimated_delivery_date": "the latest estimated day of delivery",
    "refund_date": "the refund",
    "later_of_return_scan_and_refund_date": (
        "the return's delivery scan or the refund, whichever is later"
    ),
    "last_carrier_scan_date": "the carrier's last scan",
    "marked_returned_to_seller_date": "the day on which it was marked as returned to the seller",
    "shipment_created_date": "the day on which the shipment was created",
    "shipment_delivered_date": "the shipment's delivery",
    "fee_charged_date": "the day on which the fee was charged",
}
"""The fact from which a window is counted, in words."""

STATED: Final[dict[str, tuple[str, str]]] = {
    "window_start_days": ("days", "after the clock's fact: the window's first day"),
    "window_end_days": ("days", "after the clock's fact: the window's last day"),
    "window_end_months": ("months", "after the clock's fact: the window's end"),
    "day_unit": ("", "the days that are counted"),
    "opens_when": ("", "what opens the window, where no day is told"),
    "hard_stop_from": ("", "the fact of a second clock that ends the window in any case"),
    "hard_stop_months": ("months", "after that fact: the window's end in any case"),
    "basis": ("", "what a unit is worth"),
    "basis_meaning": ("", "how that worth is meant"),
    "basis_excludes": ("", "what that worth leaves out"),
    "seller_cost_else_amazon_estimate": ("", "whether the seller's own cost counts first"),
    "per_unit_cap": ("", "the most that is paid for a unit"),
    "per_unit_cap_unverified": ("", "a cap that a weak source tells: never reckoned with"),
    "disposition": ("", "the state in which the unit came back"),
    "liable_party": ("", "who bears the loss"),
    "liable_detail": ("", "who exactly"),
    "not_returned_within_days": ("days", "after which a return counts as missing"),
    "not_returned_outcome": ("", "what follows where it does not come back"),
    "sellable_outcome": ("", "what follows where it comes back sellable"),
    "unsellable_amazon_fault_outcome": ("", "what follows where Amazon damaged it"),
    "unsellable_other_outcome": ("", "what follows where another did"),
    "automatic": ("", "whether Amazon pays without being asked"),
    "manual_still_needed": ("", "what has to be asked for all the same"),
    "time_limit_days": ("days", "within which it may be done"),
    "settlement_codes": ("", "how settlements name it"),
    "required_evidence": ("", "what a claim has to show"),
    "excluded": ("", "what is left out"),
}
"""The fields in which a rule states something, beside its terms: what a number counts, what it means."""

PRECEDENCE_MEANS: Final = {
    "statutory": "the law comes before all",
    "overlay": "it lies over what holds otherwise, for a while",
    "holiday": "a holiday's rule comes before the category's and the store's",
    "category": "a category's rule comes before the store's",
    "store": "the store's rule",
    "default": "it holds where nothing else does",
}

Fact = Literal["announced", "postponed", "never in force", "in force", "superseded", "ended"]


class CitedRow(Row, frozen=True, kw_only=True):
    """A version of a rule as it is cited: when it holds, where it is written, how sure that is."""

    id: str
    title: str
    effective_from: date | None
    """First day."""
    effective_to: date | None
    """First day on which it holds no longer."""
    status: str
    own: bool
    """The seller's own: corrected or added by the seller's file."""
    evidence: str
    verified: bool
    sure: bool
    """Whether a claim or a firm date may rest on it."""
    why_unsure: str
    sources: tuple[str, ...]

    @property
    def trust(self) -> str:
        """The level of evidence, and whether it is verified."""
        return f"{self.evidence}, verified" if self.verified else f"{self.evidence}, not verified"

    @property
    def written(self) -> str:
        """Where it is written: the site of the first source, and how many more there are."""
        if not self.sources:
            return "nowhere"
        site = urlsplit(self.sources[0]).netloc.removeprefix("www.") or self.sources[0]
        more = len(self.sources) - 1
        return f"{site} +{more}" if more else site


R = TypeVar("R", bound=CitedRow)


def cited(kind: type[R], rule: Rule, **more: Any) -> R:
    """A row of that kind, filled with what the rule itself has under the names of its fields."""
    told = {name: getattr(rule, name) for name in kind.__struct_fields__ if hasattr(rule, name)}
    return kind(**told, **more)


class RuleRow(CitedRow, frozen=True, kw_only=True):
    """One version of a rule: where and when it holds, where it is written and how sure that is."""

    series: str
    family: str
    marketplaces: tuple[str, ...]
    programmes: tuple[str, ...]
    claim_types: tuple[str, ...]
    announced_on: str | None
    announced_for: date | None
    precedence: str
    note: str

    @property
    def state(self) -> str:
        """The status as a person reads it."""
        return self.status.replace("_", " ")

    @property
    def says(self) -> str:
        """The title, and where it is written."""
        return f"{self.title} ({self.written})"

    @property
    def stores(self) -> str:
        """Where it holds."""
        return "all" if EVERYWHERE in self.marketplaces else " ".join(self.marketplaces)

    @property
    def whose(self) -> str:
        """Says so where it is the seller's own."""
        return "your own" if self.own else ""


COLUMNS: Final = (
    Column("id", "rule"),
    Column("says", "what it says (where it is written)", wraps=True),
    Column("stores", "stores", rank=2, wraps=True),
    Column("effective_from", "from"),
    Column("effective_to", "to"),
    Column("state", "status", rank=1),
    Column("trust", "evidence"),
    Column("whose", "whose"),
)


def letters(rules: Iterable[Rule | RuleRow]) -> str:
    """What the letters of evidence mean, as far as these rules have them."""
    levels = sorted({rule.evidence for rule in rules})
    return "Evidence: " + "; ".join(f"{level} {EVIDENCE_MEANS[level]}" for level in levels) + "."


# --- one rule, whole --------------------------------------------------------------------------


class StatedRow(Row, frozen=True, kw_only=True):
    """One thing that a rule states: a number with its unit, or words."""

    name: str
    value: int | bool | str | tuple[str, ...] | dict[str, str]
    unit: str
    meaning: str

    @property
    def text(self) -> str:
        """The value with its unit."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        if isinstance(self.value, tuple):
            return "; ".join(self.value)
        if isinstance(self.value, dict):
            return ", ".join(f"{amount} {name}" for name, amount in self.value.items())
        return f"{self.value} {self.unit}".strip()


class FactRow(Row, frozen=True, kw_only=True):
    """One fact of a series' history: announced, postponed and in force are different facts."""

    day: str | None
    """A day or a month; None where it is not known."""
    fact: Fact
    rule_id: str
    text: str

    @property
    def when(self) -> str:
        """The day as a person reads it."""
        return self.day or "unknown"


class WholeRow(RuleRow, frozen=True, kw_only=True):
    """A rule with all that it states, in words, and the history of its series."""

    evidence_means: str
    question: str | None
    """What would have to be settled before anything may rest on it."""
    version_selected_by: str
    selected_by_means: str
    clock_from: str | None
    clock_means: str | None
    stated: tuple[StatedRow, ...]
    history: tuple[FactRow, ...]


def whole(rule: Rule, rulebook: Rulebook) -> WholeRow:
    """All there is to know of a rule."""
    return cited(
        WholeRow,
        rule,
        evidence_means=EVIDENCE_MEANS[rule.evidence],
        question=question(rule),
        selected_by_means=SELECTED_BY[rule.version_selected_by],
        clock_means=clock_in_words(rule),
        stated=tuple(stated(rule)),
        history=tuple(history(rulebook.history(rule.series))),
    )


def clock_in_words(rule: Rule) -> str | None:
    """What its window is counted from; None where it has no clock."""
    if rule.clock_from is None:
        return None
    words = CLOCKS[rule.clock_from]
    if rule.lost_clock_from is not None:
        words += f"; for a parcel lost on its way, {CLOCKS[rule.lost_clock_from]}"
    return words


def stated(rule: Rule) -> Iterator[StatedRow]:
    """Everything that a rule states, its own fields first."""
    for name, (unit, meaning) in STATED.items():
        value = getattr(rule, name)
        if value is None or value == ():
            continue
        if isinstance(value, Cap):
            value = {value.currency: value.amount}
        yield StatedRow(name=name, value=value, unit=unit, meaning=meaning)
    for name, told in rule.terms.items():
        term = TERMS.get(name)
        yield StatedRow(
            name=name,
            value=told,
            unit=term.unit if term else "",
            meaning=term.meaning if term else "",
        )


def question(rule: Rule) -> str | None:
    """What has to be settled before anything may rest on a rule; None where it already may."""
    if rule.sure:
        return None
    asked = {
        "possibly_stale": "Does the page still say so today?",
        "assumed": "Where does Amazon say so of this store?",
        "doubtful": "Which of the sources is right?",
        "never_in_force": "None: it was announced and never held.",
        "superseded_date_unknown": "On which day was it replaced?",
    }
    return asked.get(rule.status, "Where does Amazon itself, or the law, say so?")


# --- the history of a series ------------------------------------------------------------------


def history(versions: Iterable[Rule]) -> list[FactRow]:
    """What became of each version, in the order of days; what is of unknown day comes first."""
    known = list(versions)
    begins = {rule.effective_from: rule.id for rule in known if rule.ever_in_force}
    facts = [fact for rule in known for fact in _facts(rule, begins)]
    return sorted(facts, key=lambda fact: fact.day or "")


def _facts(rule: Rule, begins: dict[date | None, str]) -> Iterator[FactRow]:
    start, end, planned = rule.effective_from, rule.effective_to, rule.announced_for

    def fact(what: Fact, day: date | str | None, text: str) -> FactRow:
        return FactRow(day=str(day) if day else None, fact=what, rule_id=rule.id, text=text)

    if rule.announced_on:
        meant = planned or start
        yield fact("announced", rule.announced_on, f"announced for {meant}" if meant else "")
    if planned and rule.ever_in_force and planned != start:
        yield fact("postponed", planned, f"was to begin, and began on {start or 'another day'}")
    if not rule.ever_in_force:
        yield fact("never in force", start, "was to begin, and never came into force")
        return
    yield fact("in force", start, "began" if start else "held already; since when is not known")
    if end is not None:
        following = begins.get(end)
        text = f"replaced by {following}" if following else "held no longer"
        yield fact("superseded" if following else "ended", end, text)
    elif rule.status == "superseded_date_unknown":
        yield fact("superseded", None, "replaced; on which day is not known")


# --- on a day ---------------------------------------------------------------------------------


class OnRow(CitedRow, frozen=True, kw_only=True):
    """One version on a day: whether it holds there and then, and why or why not."""

    series: str
    holds: bool
    place: int | None
    """Of those that hold: 1 comes first."""
    why: str
    precedence: str
    version_selected_by: str

    @property
    def said(self) -> str:
        """Whether it holds, in a word."""
        return "holds" if self.holds else "no"


ON_COLUMNS: Final = (
    Column("said", "holds?"),
    Column("id", "rule"),
    Column("why", "why", wraps=True),
    Column("trust", "evidence"),
    Column("written", "source", rank=1),
)


def on_a_day(rules: Sequence[Rule], day: date, marketplace: str, rulebook: Rulebook) -> list[OnRow]:
    """Of each version whether it holds in a store on a day: what holds first, in its precedence."""
    held = (rulebook.in_force(rule.family, marketplace, day) for rule in rules)
    names = {rule.id for rule in held if rule is not None}
    holding = sorted((r for r in rules if r.id in names), key=lambda rule: (rule.rank, rule.id))
    rows = [
        cited(OnRow, rule, holds=True, place=place, why=_why(rule, holding))
        for place, rule in enumerate(holding, 1)
    ]
    others = sorted(
        (rule for rule in rules if rule.id not in names),
        key=lambda rule: (not rule.holds_in(marketplace), rule.effective_from or date.min, rule.id),
    )
    return rows + [
        cited(OnRow, rule, holds=False, place=None, why=_why_not(rule, day, marketplace, rulebook))
        for rule in others
    ]


def _why(rule: Rule, holding: Sequence[Rule]) -> str:
    begun = f"began on {rule.effective_from}" if rule.effective_from else "began on an unknown day"
    ends = f"ends on {rule.effective_to}" if rule.effective_to else "has no end"
    why = f"it {begun} and {ends}"
    if rule.precedence == "overlay" or len({one.rank for one in holding}) > 1:
        why += f"; {PRECEDENCE_MEANS[rule.precedence]}"
    return why if rule.sure else f"{why}; nothing firm rests on it: {rule.why_unsure}"


def _why_not(rule: Rule, day: date, marketplace: str, rulebook: Rulebook) -> str:
    """What keeps a version from holding in the store on the day."""
    if not rule.holds_in(marketplace):
        return f"it holds in {', '.join(rule.marketplaces)}, not in {marketplace}"
    start, end = rule.effective_from, rule.effective_to
    if not rule.ever_in_force:
        return f"it was announced for {start} and never came into force"
    if start is not None and day < start:
        planned = rule.announced_for
        was = f", though it was first announced for {planned}" if planned else ""
        if rule.states("contradicted_start"):
            was += f", though other notices say {rule.day('contradicted_start')}"
        return f"it had not begun: it holds from {start}{was}"
    if end is not None and end <= day:
        return f"it had ended: {end} is the first day on which it no longer held"
    over = rulebook.in_force(rule.family, marketplace, day)
    assert over is not None, "a version that holds and is not the one in force lies under another"
    if rule.status == "superseded_date_unknown":
        return f"it was replaced on a day that is not known, and {over.id} holds"
    return f"{over.id} lies over it on that day ({over.precedence})"


# --- the seller's own -------------------------------------------------------------------------


class ChangeRow(CitedRow, frozen=True, kw_only=True):
    """What the seller's own file does to one rule."""

    account: str
    change: str
    """corrected, added, or ended by a further version."""
    fields: tuple[str, ...]
    """What a correction says otherwise."""
    ended_by: str | None

    @property
    def said(self) -> str:
        """What is done to it, in words."""
        if self.change == "corrected":
            return f"corrected: {', '.join(self.fields) or 'nothing that it did not say'}"
        return f"ended by {self.ended_by}" if self.ended_by else self.change


CHANGE_COLUMNS: Final = (
    Column("account", "account", rank=4),
    Column("id", "rule"),
    Column("said", "what is done", wraps=True),
    Column("title", "what it says", rank=3, wraps=True),
    Column("effective_from", "from", rank=1),
    Column("effective_to", "to", rank=1),
    Column("trust", "evidence"),
    Column("written", "source", rank=2),
)


def change_rows(account: str, changes: Iterable[Change], rulebook: Rulebook) -> list[ChangeRow]:
    """The changes as rows, each with the rule as it stands now."""
    return [
        cited(
            ChangeRow,
            rulebook.rule(change.rule_id),
            account=account,
            change=change.kind,
            fields=change.fields,
            ended_by=change.by,
        )
        for change in changes
    ]
