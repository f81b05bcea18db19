"""What a policy answers beside claims: a duty with its clock, a right with its last day, a cost with its bearer."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from ledger.case import Case
from ledger.policy import Examination, Test, weakest
from ledger.rulebook import Rule
from ledger.values import Money, day_told

RulingKind = Literal["duty", "right", "cost"]
State = Literal["open", "met", "missed", "holds", "ended", "review"]
"""A duty is open, met or missed; a right holds or has ended; a cost holds; whatever is uncertain is `review`."""
Bearer = Literal["seller", "buyer", "amazon", "carrier", "nobody", "undetermined"]

NOT_FIRM: Final = "not verified"


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """One answer about an order: what must be done until when, what the buyer may do, or who bears what."""

    policy: str
    kind: RulingKind
    stream: str
    marketplace: str | None
    order_id: str | None = None
    sku: str | None = None
    claim: str | None = None
    what: str
    """In the trade's words: `answer the return request`, `may return it`, `bears the return postage`."""
    state: State
    since: str | None = None
    """Day or moment from which it counts."""
    due_at: str | None = None
    """Its last day, or last moment where hours count; None where nothing firm can be said."""
    bearer: Bearer | None = None
    amount: Money | None = None
    """What the bearer bears: plus."""
    reason: str
    question: str | None = None
    """What would have to be settled before anything firm can be said; None where all is firm."""
    if_missed: str | None = None
    """What follows when the duty is not met."""
    rule_ids: tuple[str, ...] = ()
    rule_evidence: str | None = None
    assumptions: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    entries: tuple[int, ...] = ()

    @property
    def firm(self) -> bool:
        """True where a date, a bearer or an amount may be relied on."""
        return self.question is None

    def open_on(self, day: date) -> bool:
        """True for a duty that is still to be met on that day."""
        return self.state == "open" and (self.due_at is None or day_told(self.due_at) >= day)


def ruling(
    exam: Examination,
    case: Case,
    kind: RulingKind,
    what: str,
    state: State,
    reason: str,
    *,
    sku: str | None = None,
    claim: str | None = None,
    since: str | None = None,
    due_at: date | str | None = None,
    bearer: Bearer | None = None,
    amount: Money | None = None,
    if_missed: str | None = None,
    by: Rule | None = None,
) -> Ruling:
    """The ruling that an examination allows; `by` is the rule that decided it, and is named first.

    Where a fact is doubtful or a rule is not certain it is `review` with the question to settle, and
    tells neither a day nor a bearer nor an amount: what is not verified must not look like a date.
    """
    question = exam.open_question()
    firm = question is None
    return Ruling(
        policy=exam.claim_type,
        kind=kind,
        stream=case.stream,
        marketplace=case.marketplace,
        order_id=case.name if case.kind == "order" else None,
        sku=sku,
        claim=claim,
        what=what,
        state=state if firm or state == "met" else "review",
        since=since,
        due_at=str(due_at) if due_at is not None and firm else None,
        bearer=bearer if firm or bearer is None else "undetermined",
        amount=amount if firm else None,
        reason=reason if firm else f"{NOT_FIRM}: {question}",
        question=question,
        if_missed=if_missed if firm else None,
        rule_ids=tuple(sorted(exam.rules, key=lambda rule_id: by is None or rule_id != by.id)),
        rule_evidence=weakest(exam.rules.values()),
        assumptions=tuple(exam.assumptions),
        tests=tuple(exam.tests),
        entries=tuple(sorted(exam.positions)),
    )
