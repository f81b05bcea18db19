"""The tables of an export: what was recorded and what follows from it, under names that stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cli.answer import Row
from cli.exports.fields import Field, fields_of
from cli.findings import FindingRow
from cli.summaries import summary
from ledger.event import Entry
from ledger.events.imports import ReportImported
from ledger.events.judgements import JudgementRecorded
from ledger.events.keeping import EvidenceAttached
from ledger.values import Money
from projections import LIABILITY, STATUS
from projections.coverage import Covered
from projections.liability import LiabilityRow, liability
from projections.status import StatusRow, statuses

if TYPE_CHECKING:
    from cli.exports.material import Material

READ_AT_ONCE: Final = 1000


class EntryRow(Row, frozen=True, kw_only=True):
    """An entry of the log, as `story` tells it."""

    account: str
    position: int
    part: str
    stream: str
    version: int
    event: str
    topic: str
    occurred_at: str
    recorded_at: str
    actor: str
    summary: str
    source_digest: str | None
    source_file: str | None
    source_row: int | None
    command: str | None
    causation: str | None
    correlation: str | None


class PostingRow(Row, frozen=True, kw_only=True):
    """What one event puts on one party: over the parties, every event sums to zero."""

    account: str
    stream: str
    day: str
    month: str
    order_id: str | None
    sku: str | None
    asin: str | None
    currency: str
    party: str
    line: str
    amount: str
    provisional: bool


class TotalRow(Row, frozen=True, kw_only=True):
    """What each party bears of one kind of cost: together they bear nothing."""

    account: str
    currency: str
    line: str
    provisional: bool
    seller: str
    buyer: str
    amazon: str
    carrier: str
    together: str


class JudgementRow(Row, frozen=True, kw_only=True):
    """What was answered for a finding, and when: recorded whenever the answer was another one."""

    account: str
    position: int
    recorded_at: str
    stream: str
    finding_id: str
    claim_type: str
    verdict: str
    standing: str
    reason: str
    quantity: int
    window_opens: str | None
    window_closes: str | None
    currency: str | None
    amount_expected: str | None
    amount_paid: str | None
    amount_open: str | None
    rule_ids: tuple[str, ...]
    rulebook: str
    entries: tuple[int, ...]


class CoverageRow(Row, frozen=True, kw_only=True):
    """Days without a gap that the files of one report speak for, and the gap that follows."""

    account: str
    report_format: str
    first_day: str | None
    last_day: str | None
    basis: str | None
    files: int
    rows: int
    told_on: str | None
    gap_first: str | None
    gap_last: str | None


class ImportRow(Row, frozen=True, kw_only=True):
    """A file that was imported, and its control totals."""

    account: str
    position: int
    file: str
    digest: str
    report_format: str
    period_start: str | None
    period_end: str | None
    stated: bool
    told_at: str | None
    marketplace: str | None
    rows: int
    refused: int
    lines: int
    root: str
    totals: tuple[str, ...]


class OriginalRow(Row, frozen=True, kw_only=True):
    """A file that an entry names: a report, a piece of evidence, the seller's own rules."""

    account: str
    digest: str
    name: str | None
    bytes: int
    sealed: str | None
    included: bool
    entries: tuple[int, ...]


class RuleRow(Row, frozen=True, kw_only=True):
    """A version of a rule on which a finding rests."""

    id: str
    title: str
    effective_from: date | None
    effective_to: date | None
    status: str
    evidence: str
    verified: bool
    own: bool
    sources: tuple[str, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: a name, what a row is, and how the rows come about."""

    name: str
    title: str
    kind: type[msgspec.Struct]
    key: tuple[str, ...]
    """The columns that tell one row from another; none where rows may be alike."""
    rows: Callable[[Material], Iterator[msgspec.Struct]]
    meaning: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns, in order."""
        return fields_of(self.kind)


# --- rows -------------------------------------------------------------------------------------


def _entries(material: Material) -> Iterator[EntryRow]:
    for entry in material.entries():
        yield _entry(entry, material)


def _entry(entry: Entry, material: Material) -> EntryRow:
    digest = entry.source.digest
    return EntryRow(
        account=material.account,
        position=entry.position or 0,
        part=material.chosen.part(entry.position or 0),
        stream=entry.stream,
        version=entry.version,
        event=type(entry.event).__name__,
        topic=entry.event.TOPIC,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at or "",
        actor=entry.actor,
        summary=summary(entry.event),
        source_digest=digest,
        source_file=material.names.get(digest) if digest else None,
        source_row=entry.source.row,
        command=entry.source.command,
        causation=entry.causation,
        correlation=entry.correlation,
    )


def _statuses(material: Material) -> Iterator[StatusRow]:
    yield from statuses(material.account, material.view(STATUS))


def _liability(material: Material) -> Iterator[LiabilityRow]:
    yield from liability(material.account, material.view(LIABILITY))


def _postings(material: Material) -> Iterator[PostingRow]:
    for posting in material.view(LIABILITY):
        yield PostingRow(
            account=material.account,
            stream=posting.stream,
            day=posting.day,
            month=posting.month,
            order_id=posting.order_id,
            sku=posting.sku,
            asin=posting.asin,
            currency=posting.currency,
            party=posting.party,
            line=posting.line,
            amount=Money(posting.amount, posting.currency).text,
            provisional=bool(posting.provisional),
        )


def _totals(material: Material) -> Iterator[TotalRow]:
    sums: defaultdict[tuple[str, bool, str], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(("seller", "buyer", "amazon", "carrier"), 0)
    )
    for posting in material.view(LIABILITY):
        group = (posting.currency, bool(posting.provisional), posting.line)
        sums[group][posting.party] += posting.amount
    for (currency, provisional, line), borne in sorted(sums.items()):
        yield TotalRow(
            account=material.account,
            currency=currency,
            line=line,
            provisional=provisional,
            together=Money(sum(borne.values()), currency).text,
            **{party: Money(minor, currency).text for party, minor in borne.items()},
        )


def _audit(material: Material) -> Iterator[FindingRow]:
    yield from material.findings()


def _judgements(material: Material) -> Iterator[JudgementRow]:
    for entry in material.entries(topics=(JudgementRecorded.TOPIC,)):
        event = entry.event
        if isinstance(event, JudgementRecorded):
            yield _judgement(entry, event, material.account)


def _judgement(entry: Entry, event: JudgementRecorded, account: str) -> JudgementRow:
    amounts = (event.amount_expected, event.amount_paid, event.amount_open)
    expected, paid, left = (None if one is None else one.text for one in amounts)
    return JudgementRow(
        account=account,
        position=entry.position or 0,
        recorded_at=entry.recorded_at or "",
        stream=entry.stream,
        finding_id=event.finding_id,
        claim_type=event.claim_type,
        verdict=event.verdict,
        standing=event.standing,
        reason=event.reason,
        quantity=event.quantity,
        window_opens=event.window_opens,
        window_closes=event.window_closes,
        currency=next((one.currency for one in amounts if one), None),
        amount_expected=expected,
        amount_paid=paid,
        amount_open=left,
        rule_ids=event.rule_ids,
        rulebook=event.rulebook,
        entries=event.entries,
    )


def _coverage(material: Material) -> Iterator[CoverageRow]:
    from projections import COVERAGE

    told: Iterator[Covered] = material.view(COVERAGE)
    for row in told:
        fields = msgspec.structs.asdict(row)
        del fields["stream"]
        yield CoverageRow(account=material.account, **fields)


def _imports(material: Material) -> Iterator[ImportRow]:
    for entry in material.naming_entries():
        event = entry.event
        if isinstance(event, ReportImported):
            told: dict[str, Any] = {
                name: getattr(event, name)
                for name in ImportRow.__struct_fields__
                if hasattr(event, name)
            }
            told["totals"] = tuple(str(total) for total in event.totals)
            yield ImportRow(account=material.account, position=entry.position or 0, **told)


def _originals(material: Material) -> Iterator[OriginalRow]:
    for digest, (kept, positions) in material.originals().items():
        yield OriginalRow(
            account=material.account,
            digest=digest,
            name=material.names.get(digest),
            bytes=kept.size,
            sealed=kept.sealed,
            included=material.pack.has(f"originals/{digest}"),
            entries=tuple(positions),
        )


def _rules(material: Material) -> Iterator[RuleRow]:
    ids = {rule_id for row in material.told(AUDIT) for rule_id in row.rule_ids}
    for rule in material.rulebook.rules:
        if rule.id in ids:
            told = {name: getattr(rule, name) for name in RuleRow.__struct_fields__}
            yield RuleRow(**told)


def names_of(entries: Collection[Entry]) -> dict[str, str]:
    """What the files are called that entries name."""
    names: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.event, ReportImported):
            names[entry.event.digest] = entry.event.file
        elif isinstance(entry.event, EvidenceAttached):
            names[entry.event.digest] = entry.event.name
    return names


# --- the list ---------------------------------------------------------------------------------

AUDIT: Final = Table(
    name="audit",
    title="Findings",
    meaning="What is owed, was paid or may be taken back: one finding of one policy.",
    kind=FindingRow,
    key=("finding_id",),
    rows=_audit,
)
TABLES: Final = (
    Table(
        name="entries",
        title="Entries of the log",
        meaning="An entry of the log, and why it is in this export.",
        kind=EntryRow,
        key=("position",),
        rows=_entries,
    ),
    Table(
        name="status",
        title="Orders and SKUs",
        meaning="One SKU of one order: how far its return has come.",
        kind=StatusRow,
        key=(),
        rows=_statuses,
    ),
    Table(
        name="liability",
        title="Who bears what, by order",
        meaning="What one party bears of one kind of cost in one order.",
        kind=LiabilityRow,
        key=(),
        rows=_liability,
    ),
    Table(
        name="postings",
        title="Every posting",
        meaning="What one event puts on one party: over the parties, every event sums to zero.",
        kind=PostingRow,
        key=(),
        rows=_postings,
    ),
    Table(
        name="totals",
        title="Who bears what, altogether",
        meaning="What each party bears of one kind of cost: together they bear nothing.",
        kind=TotalRow,
        key=("currency", "line", "provisional"),
        rows=_totals,
    ),
    AUDIT,
    Table(
        name="judgements",
        title="Judgements recorded",
        meaning="What was answered for a finding, and when: the trail of its eligibility.",
        kind=JudgementRow,
        key=("position",),
        rows=_judgements,
    ),
    Table(
        name="coverage",
        title="Days covered",
        meaning="Days without a gap that the files of one report speak for, and the gap after them.",
        kind=CoverageRow,
        key=(),
        rows=_coverage,
    ),
    Table(
        name="imports",
        title="Files imported",
        meaning="A file that was imported, and its control totals.",
        kind=ImportRow,
        key=("position",),
        rows=_imports,
    ),
    Table(
        name="originals",
        title="Files kept",
        meaning="A file that an entry names: a report, a piece of evidence, a rulebook.",
        kind=OriginalRow,
        key=("digest",),
        rows=_originals,
    ),
    Table(
        name="rules",
        title="Rules in use",
        meaning="A version of a rule on which a finding of this export rests.",
        kind=RuleRow,
        key=("id",),
        rows=_rules,
    ),
)
"""In the order in which they are made: the rules are those of the findings."""
