"""Rulings as programs read them and as a person sees them: duties, rights and costs of an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cli.answer import Column, Line, Row, Section
from ledger.policy import Test
from ledger.ruling import Ruling

NOT_VERIFIED: Final = "not verified"


class RulingRow(Row, frozen=True, kw_only=True):
    """One ruling under the names that programs read."""

    account: str
    order_id: str | None
    marketplace: str | None
    sku: str | None
    policy: str
    kind: str
    what: str
    state: str
    since: str | None
    due_at: str | None
    bearer: str | None
    amount: str | None
    currency: str | None
    reason: str
    question: str | None
    if_missed: str | None
    claim: str | None
    rule_id: str | None
    rule_ids: tuple[str, ...]
    rule_evidence: str | None
    assumptions: tuple[str, ...]
    entries: tuple[int, ...]
    stream: str

    @property
    def shown(self) -> str:
        """The state as a person reads it: what is in review is not verified."""
        return NOT_VERIFIED if self.state == "review" else self.state


class ExplainedRow(RulingRow, frozen=True, kw_only=True):
    """A ruling with each step to it: the question, the answer, and what decided it."""

    tests: tuple[Test, ...]


RIGHT_COLUMNS: Final = (
    Column("what", "the buyer"),
    Column("shown", "state"),
    Column("due_at", "to"),
    Column("rule_id", "rule"),
    Column("rule_evidence", "evidence", rank=1),
)
COST_COLUMNS: Final = (
    Column("what", "what"),
    Column("bearer", "bears it"),
    Column("amount", "amount", right=True, unit="currency"),
    Column("rule_id", "rule"),
)


def row_of(account: str, ruling: Ruling) -> RulingRow:
    """A ruling as a row."""
    return RulingRow(**_told(account, ruling))  # type: ignore[arg-type]


def explained_row_of(account: str, ruling: Ruling) -> ExplainedRow:
    """A ruling as a row, with each step to it."""
    return ExplainedRow(**_told(account, ruling), tests=ruling.tests)  # type: ignore[arg-type]


def _told(account: str, ruling: Ruling) -> dict[str, object]:
    return {
        "account": account,
        "order_id": ruling.order_id,
        "marketplace": ruling.marketplace,
        "sku": ruling.sku,
        "policy": ruling.policy,
        "kind": ruling.kind,
        "what": ruling.what,
        "state": ruling.state,
        "since": ruling.since,
        "due_at": ruling.due_at,
        "bearer": ruling.bearer,
        "amount": ruling.amount.text if ruling.amount else None,
        "currency": ruling.amount.currency if ruling.amount else None,
        "reason": ruling.reason,
        "question": ruling.question,
        "if_missed": ruling.if_missed,
        "claim": ruling.claim,
        "rule_id": ruling.rule_ids[0] if ruling.rule_ids else None,
        "rule_ids": ruling.rule_ids,
        "rule_evidence": ruling.rule_evidence,
        "assumptions": ruling.assumptions,
        "entries": ruling.entries,
        "stream": ruling.stream,
    }


def skus_in(rows: Iterable[RulingRow]) -> list[str | None]:
    """The SKUs that rows are about, in their order."""
    return list(dict.fromkeys(row.sku for row in rows))


def assumed(rows: Iterable[RulingRow]) -> Section:
    """What had to be assumed in any of the rows, once."""
    told = dict.fromkeys(text for row in rows for text in row.assumptions)
    lines = [Line(text, indent=2) for text in told]
    return Section(title="Assumed" if lines else "", lines=lines, tone="quiet")


def because(rows: Iterable[RulingRow]) -> list[Line]:
    """What each row rests on, in words; of what is not verified, the question to settle."""
    return [Line(f"{row.what}: {row.reason}.", indent=2) for row in rows]


def steps(row: ExplainedRow, entries: Mapping[str, str]) -> Section:
    """Each step to one ruling: the question, the answer, what decided it; entries in words by position."""
    lines = []
    for number, test in enumerate(row.tests, 1):
        lines.append(Line(f"{number}. {test.test} {test.answer}."))
        for one in test.decided_by:
            said = entries.get(one.id, one.text) if one.kind == "entry" else one.text
            lines.append(Line(f"{one.kind} {one.id}: {said}", "faint", 5))
    lines.append(Line(f"So: {row.bearer or row.shown}: {row.reason}.", "strong"))
    title = f"{row.what[0].upper()}{row.what[1:]}"
    return Section(title=f"{title}, {row.sku}" if row.sku else title, lines=lines)
