"""What decided a test, in words: an entry with the row it comes from, a rule with its source, or coverage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cli.answer import Row
from cli.findings import FindingRow, row_of
from cli.summaries import summary
from ledger.event import Entry
from ledger.policy import Evidence, Finding, Test
from ledger.rulebook import EVIDENCE_MEANS, Rule, Rulebook
from ledger.values import day_of

if TYPE_CHECKING:
    from ledger.recall import Recall
    from ledger.store import Log


class DecidedBy(Row, frozen=True, kw_only=True):
    """What decided a test: an entry with the row it comes from, a rule with its source, or coverage."""

    kind: str
    id: str
    text: str
    source_file: str | None = None
    source_row: int | None = None
    source_digest: str | None = None
    sources: tuple[str, ...] = ()
    """Where a rule is written."""


class TestRow(Row, frozen=True, kw_only=True):
    """One question, its answer and what would change it."""

    test: str
    answer: str
    passed: bool
    decided_by: tuple[DecidedBy, ...]
    would_flip: str


class Explanation(Row, frozen=True, kw_only=True):
    """A finding and the tests behind it."""

    finding: FindingRow
    tests: tuple[TestRow, ...]


def explained(log: Log, recall: Recall, finding: Finding) -> Explanation:
    """A finding with each of its tests, and what decided it."""
    return Explanation(
        finding=row_of(log.account, finding), tests=tested(log, recall, finding.tests)
    )


def tested(log: Log, recall: Recall, tests: Iterable[Test]) -> tuple[TestRow, ...]:
    """Tests with what decided them in words."""
    told = tuple(tests)
    evidence = _Evidence(log, recall.rulebook, told)
    return tuple(evidence.read(test) for test in told)


class _Evidence:
    """Reads what tests name as having decided them."""

    def __init__(self, log: Log, rulebook: Rulebook, tests: Iterable[Test]) -> None:
        from ledger.importing import imports_of

        named = {
            int(evidence.id)
            for test in tests
            for evidence in test.decided_by
            if evidence.kind == "entry"
        }
        self._rulebook = rulebook
        self._files = {one.digest: one.file for one in imports_of(log)}
        self._entries = log.entries_at(named)

    def read(self, test: Test) -> TestRow:
        """A test with its evidence in words."""
        return TestRow(
            test=test.test,
            answer=test.answer,
            passed=test.passed,
            decided_by=tuple(self._decided_by(evidence) for evidence in test.decided_by),
            would_flip=test.would_flip,
        )

    def _decided_by(self, evidence: Evidence) -> DecidedBy:
        if evidence.kind == "entry" and int(evidence.id) in self._entries:
            return self._entry(self._entries[int(evidence.id)])
        if evidence.kind == "rule":
            return rule_in_words(self._rulebook.rule(evidence.id))
        return DecidedBy(kind=evidence.kind, id=evidence.id, text=evidence.text)

    def _entry(self, entry: Entry) -> DecidedBy:
        digest = entry.source.digest
        day = day_of(entry.occurred_at, getattr(entry.event, "marketplace", None))
        return DecidedBy(
            kind="entry",
            id=str(entry.position),
            text=f"{day}: {summary(entry.event)}",
            source_file=self._files.get(digest) if digest else None,
            source_row=entry.source.row,
            source_digest=digest,
        )


def rule_in_words(rule: Rule) -> DecidedBy:
    """A rule with its dates, and how sure it is."""
    begins = rule.effective_from or "an unknown day"
    held = f"since {begins}" if rule.effective_to is None else f"{begins} to {rule.effective_to}"
    sure = "" if rule.verified else ", not verified"
    whose = "your own rule, " if rule.own else ""
    return DecidedBy(
        kind="rule",
        id=rule.id,
        text=f"{rule.title} ({whose}{rule.status.replace('_', ' ')}, {held}; "
        f"evidence {rule.evidence}{sure}: {EVIDENCE_MEANS[rule.evidence]})",
        sources=rule.sources,
    )
