"""Which door each refund of an order leaves open: what set it off decides, and each door has its own window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from ledger import filed
from ledger.book import Book
from ledger.case import Case
from ledger.desk import Claim, GivenBack, claims_of, programme_of, refunds_of
from ledger.exhibits import Exhibit, exhibits
from ledger.judging import duties, judge
from ledger.policy import ACT_ON, Finding, finding_id
from ledger.rulebook import Rule
from ledger.ruling import Ruling
from ledger.values import Money, day_told, in_words

Door = Literal["safe_t", "a_to_z", "fba", "carrier", "none", "unknown"]

FBA_CLAIMS: Final = (
    "return_missing",
    "return_damaged",
    "return_not_restocked",
    "return_wrong_item",
    "underpaid",
)
"""What Amazon may owe for units of an order that it fulfilled."""
_RULES: Final[dict[Door, str]] = {"safe_t": "safet.window", "a_to_z": "az.appeal"}
_DATED: Final = ACT_ON | {"waiting"}
"""Verdicts whose window may be told as a day to keep."""

_SUPPORT: Final = "Asking Seller Support to overrule it: it cannot, and the days run on."
_AGAIN: Final = "Refunding the buyer yourself as well: what one gives oneself, no door gives back."
_SECOND: Final = (
    "Filing a second claim about the same, or a second appeal: an appeal is heard once."
)
_ADMITTED: Final = (
    "you refunded it yourself, and the rule of the day admits that: SAFE-T is the door"
)
_EARLY: Final = "Filing before the unit is graded and shown: the claim is decided on what it shows."


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done about one refund, or about one damage that no refund tells."""

    refund: str | None
    """The refund's name; None where it is about no refund."""
    sku: str | None
    given_on: date | None
    by: str | None
    trigger: str | None
    amount: Money | None
    door: Door
    why: str
    """Why this is the door."""
    findings: tuple[Finding, ...] = ()
    until: date | None = None
    """The last day, where it is firm."""
    opens: date | None = None
    """The first day, where it is firm and still to come."""
    question: str | None = None
    """What is to be settled before a day can be told."""
    papers: tuple[Exhibit, ...] = ()
    wrong: tuple[str, ...] = ()
    """What would be wrong to do."""
    claims: tuple[str, ...] = ()
    """Claims about it, each with how far it has come."""
    rule_ids: tuple[str, ...] = ()

    @property
    def to_file(self) -> bool:
        """True where something can be filed now."""
        return any(one.verdict in ACT_ON for one in self.findings)

    @property
    def state(self) -> str:
        """The verdicts of what can be claimed, the most urgent first; `closed` where there is no door."""
        verdicts = list(dict.fromkeys(one.verdict for one in self.findings))
        if verdicts:
            return min(verdicts, key=_URGENCY.index)
        return "review" if self.question else "closed"


_URGENCY: Final = (
    "ready",
    "underpaid",
    "review",
    "waiting",
    "overpaid",
    "expired",
    "paid",
    "not_claimable",
)


def remedies(case: Case, book: Book, as_of: date) -> list[Remedy]:
    """One remedy for each refund of an order, and for each damage that is claimed elsewhere."""
    findings = judge(case, book, as_of)
    ruled = duties(case, book, as_of)
    known = _Known(case, book, as_of, findings, ruled)
    found = [known.of(given) for given in refunds_of(case)]
    told = {one.finding_id for remedy in found for one in remedy.findings}
    return [*found, *known.besides(one for one in findings if one.finding_id not in told)]


class _Known:
    """An order with everything that is judged of it."""

    def __init__(
        self,
        case: Case,
        book: Book,
        as_of: date,
        findings: Sequence[Finding],
        ruled: Sequence[Ruling],
    ) -> None:
        self.case = case
        self.book = book
        self.as_of = as_of
        self.findings = findings
        self.ruled = ruled
        self.claims = list(claims_of(case).values())

    def of(self, given: GivenBack) -> Remedy:
        """What can be done about a refund."""
        door, why = self._door(given)
        findings = self._about(given, door)
        if door == "safe_t" and self._is_closed(findings):
            door, why = "none", findings[0].reason
        if door == "none" and _is_admitted(given, findings):
            door, why = "safe_t", _ADMITTED
        question = why if door == "unknown" else None
        if door == "a_to_z" and not findings:
            question = "the claim and its decision are not recorded, and the days to appeal run from the decision"
        rule = self._rule(door)
        return self._remedy(
            door,
            why,
            findings,
            refund=given.name,
            sku=given.sku,
            given=given,
            question=question,
            papers=exhibits(self.case, rule.required_evidence, given.sku) if rule else [],
            wrong=_wrong(door, given, ready=any(one.verdict in ACT_ON for one in findings)),
        )

    def besides(self, findings: Iterable[Finding]) -> Iterator[Remedy]:
        """Findings about the order that no refund tells."""
        for finding in findings:
            door: Door = "carrier" if finding.claim_type == "carrier_damage" else "fba"
            if finding.claim_type == "safe_t":
                continue  # it speaks of a refund that has another door
            if finding.claim_type == "a_to_z_appeal":
                door = "a_to_z"
            rule = self._rule(door)
            yield self._remedy(
                door,
                _BESIDES.get(finding.claim_type, "it is about what Amazon did with the unit"),
                [finding],
                refund=None,
                sku=finding.sku,
                given=None,
                question=None,
                papers=exhibits(self.case, rule.required_evidence, finding.sku) if rule else [],
                wrong=(_SUPPORT, _SECOND) if door != "carrier" else (_SECOND,),
            )

    def _remedy(
        self,
        door: Door,
        why: str,
        findings: Sequence[Finding],
        *,
        refund: str | None,
        sku: str | None,
        given: GivenBack | None,
        question: str | None,
        papers: Sequence[Exhibit],
        wrong: tuple[str, ...],
    ) -> Remedy:
        claims = self._claims(door, sku, findings)
        until, opens, asked = self._days(findings, claims)
        rules = dict.fromkeys(rule for one in findings for rule in one.rule_ids)
        return Remedy(
            refund=refund,
            sku=sku,
            given_on=given.ref.day if given else None,
            by=given.by if given else None,
            trigger=given.trigger if given else None,
            amount=given.amount if given else None,
            door=door,
            why=why,
            findings=tuple(findings),
            until=until,
            opens=opens,
            question=question or asked,
            papers=_asked_for(papers, findings),
            wrong=wrong,
            claims=tuple(filed.in_words(one) for one in claims),
            rule_ids=tuple(rules),
        )

    # --- which door

    def _door(self, given: GivenBack) -> tuple[Door, str]:
        """What set the refund off, and who fulfilled the order, decide."""
        programme = programme_of(self.case, given.sku)
        if given.trigger == "a_to_z":
            return (
                "a_to_z",
                "an A-to-z claim set it off: the appeal against its decision is the door",
            )
        if given.trigger == "chargeback":
            return (
                "none",
                "a chargeback set it off: the buyer's bank decides it, and Amazon only asks you",
            )
        if programme in ("FBA", "MCF") or given.trigger == "fba":
            return (
                "fba",
                "Amazon fulfilled the order: what it owes for the unit is claimed from FBA",
            )
        if given.by == "seller":
            return "none", "you refunded it yourself: what one gives oneself, no door gives back"
        if given.by is None:
            return (
                "unknown",
                "nobody says who refunded it and what set it off, and that decides the door",
            )
        if given.trigger == "statutory":
            return "none", "the law gave the buyer this refund: no door takes it back"
        how = in_words(given.trigger or "unknown")
        return "safe_t", f"Amazon refunded an order that you fulfilled ({how}): SAFE-T is the door"

    def _is_closed(self, findings: Sequence[Finding]) -> bool:
        """True where SAFE-T was never open for it: a claim that was filed there shows that it was."""
        filed = any(claim.door == "safe_t" for claim in self.claims)
        return bool(findings) and not filed and findings[0].verdict == "not_claimable"

    def _about(self, given: GivenBack, door: Door) -> list[Finding]:
        """The findings that answer for a refund."""
        if door in ("safe_t", "none"):
            own = finding_id("safe_t", f"{self.case.stream}|{given.ref.slot}")
            return [one for one in self.findings if one.finding_id == own]
        if door == "a_to_z":
            return [
                one
                for one in self.findings
                if one.claim_type == "a_to_z_appeal" and one.sku in (None, given.sku)
            ]
        if door == "fba":
            return [
                one
                for one in self.findings
                if one.claim_type in FBA_CLAIMS and one.sku in (None, given.sku)
            ]
        return []

    def _rule(self, door: Door) -> Rule | None:
        family = _RULES.get(door)
        if family is None or self.case.marketplace is None:
            return None
        return self.book.rulebook.in_force(family, self.case.marketplace, self.as_of)

    # --- claims, and until when

    def _claims(self, door: Door, sku: str | None, findings: Sequence[Finding]) -> list[Claim]:
        ids = {one.finding_id for one in findings}
        return [
            one
            for one in self.claims
            if one.finding_id in ids
            or (one.finding_id is None and one.door == door and one.sku in (None, sku))
        ]

    def _days(
        self, findings: Sequence[Finding], claims: Sequence[Claim]
    ) -> tuple[date | None, date | None, str | None]:
        """The last day and the first, where they are firm; else what is to be settled."""
        dated = [one for one in findings if one.verdict in _DATED and one.window_closes]
        last = min((one.window_closes for one in dated if one.window_closes), default=None)
        waiting = [one.first_day for one in dated if one.verdict == "waiting"]
        first = min((day for day in waiting if day), default=None)
        asked = [one.reason for one in findings if one.verdict == "review"]
        duty = self._appeal_of(claims)
        if duty is not None and duty.due_at is not None:
            last = day_told(duty.due_at)
        elif duty is not None and duty.question:
            asked.append(duty.question)
        return last, first, "; ".join(asked) or None

    def _appeal_of(self, claims: Sequence[Claim]) -> Ruling | None:
        """The open duty to appeal a decision, where one of the claims was decided against the seller."""
        names = {one.name for one in claims}
        told = [
            one
            for one in self.ruled
            if one.policy == "appeal_window"
            and one.claim in names
            and one.state in ("open", "review")
        ]
        return told[-1] if told else None


_BESIDES: Final = {
    "carrier_damage": "a carrier damaged it: whoever has the contract with it claims from it",
    "a_to_z_appeal": "an A-to-z claim was granted: the appeal against its decision is the door",
}


def _is_admitted(given: GivenBack, findings: Sequence[Finding]) -> bool:
    """True where a rule of the day lets SAFE-T give back what the seller refunded himself."""
    own = given.by == "seller" and given.trigger == "manual"
    return own and any(one.verdict != "not_claimable" for one in findings)


def _asked_for(papers: Sequence[Exhibit], findings: Sequence[Finding]) -> tuple[Exhibit, ...]:
    """Of all that a rule lists a claim needs what it is about: what can be filed lacks nothing."""
    ready = any(one.verdict in ACT_ON for one in findings)
    return tuple(one for one in papers if one.shown or not ready)


def _wrong(door: Door, given: GivenBack, *, ready: bool) -> tuple[str, ...]:
    """What sellers do all the same, and lose by."""
    if door == "safe_t":
        again = () if given.by == "seller" else (_AGAIN,)
        return (_SUPPORT, *again, *(() if ready else (_EARLY,)), _SECOND)
    if door == "a_to_z":
        safe_t = "A SAFE-T claim: it is closed for an order with an A-to-z claim."
        return _SUPPORT, _AGAIN, safe_t
    if door == "fba":
        fault = "Claiming what a customer damaged, or what was defective, as damaged by Amazon."
        return fault, "Filing before the window opens, or a second time for one unit."
    if given.by == "seller":
        return ("A SAFE-T claim: it is for refunds that Amazon made.",)
    if door == "unknown":
        return ("Filing anything before it is known who refunded, and why.",)
    return (_SUPPORT, _AGAIN)
