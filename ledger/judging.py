"""Runs the policies over a case, then removes the forbidden double claims; records what was answered anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Final

import msgspec

from ledger.book import Book
from ledger.case import Case
from ledger.errors import ConcurrentChange
from ledger.event import Entry, Source
from ledger.events.judgements import JudgementRecorded
from ledger.policies import POLICIES
from ledger.policy import Finding, Test
from ledger.recall import Recall
from ledger.values import Money

CLAIMING: Final = frozenset({"ready", "waiting", "underpaid", "review", "expired"})
"""Verdicts that lay hands on a unit: no two findings may do so on one."""
_BATCH: Final = 1000
_ATTEMPTS: Final = 20


def judge(case: Case, book: Book, as_of: date) -> list[Finding]:
    """Every finding about a case on a day, in order of finding id, no unit claimed twice."""
    findings = [finding for policy in POLICIES for finding in policy.findings(case, book, as_of)]
    return sorted(without_double_claims(findings), key=lambda one: one.finding_id)


def without_double_claims(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Where two findings lay hands on one unit, the first policy's stands and the other is not claimable."""
    holder: dict[str, Finding] = {}
    for finding in findings:
        taken = next((holder[unit] for unit in finding.units if unit in holder), None)
        if finding.verdict not in CLAIMING:
            yield finding
        elif taken is not None:
            yield _second(finding, taken)
        else:
            holder.update(dict.fromkeys(finding.units, finding))
            yield finding


def _second(finding: Finding, taken: Finding) -> Finding:
    answer = f"the unit is claimed already: {taken.claim_type}, {taken.finding_id}"
    flip = "The other finding coming to nothing."
    test = Test(test="Is the unit claimed only once?", answer=answer, passed=False, would_flip=flip)
    still_open = finding.amount_open
    return msgspec.structs.replace(
        finding,
        verdict="not_claimable",
        standing="not_claimable",
        reason=answer,
        amount_open=Money(0, still_open.currency) if still_open else None,
        tests=(*finding.tests, test),
    )


def audit(recall: Recall, streams: Collection[str] | None = None) -> Iterator[Finding]:
    """Every finding of an account, or of some streams, in order of stream and finding id."""
    for case in recall.cases(streams):
        yield from judge(case, recall.book, recall.as_of)


def record_judgements(
    recall: Recall, findings: Iterable[Finding], *, actor: str, command_id: str
) -> int:
    """Record each judgement that differs from the last one for its finding; returns how many did.

    The judgement is an event in the case's own stream: the eligibility audit trail.
    """
    recorded = 0
    batch: list[Finding] = []
    for finding in findings:
        batch.append(finding)
        if len(batch) >= _BATCH:
            recorded += _record(recall, batch, actor, command_id)
            batch = []
    return recorded + (_record(recall, batch, actor, command_id) if batch else 0)


def _record(recall: Recall, findings: list[Finding], actor: str, command_id: str) -> int:
    for _ in range(_ATTEMPTS):
        entries = _changed(recall, findings, actor, command_id)
        if not entries:
            return 0
        try:
            recall.log.append(entries)
        except ConcurrentChange:
            continue
        return len(entries)
    raise ConcurrentChange(
        "other writers were first each time the audit was to be recorded",
        advice="Run the audit again when the others are done.",
    )


def _changed(recall: Recall, findings: list[Finding], actor: str, command_id: str) -> list[Entry]:
    told = recall.log.streams({finding.stream for finding in findings})
    versions = {
        stream: max((entry.version for entry in entries), default=0)
        for stream, entries in told.items()
    }
    last = {
        entry.event.finding_id: entry.event.fingerprint
        for entries in told.values()
        for entry in entries
        if isinstance(entry.event, JudgementRecorded)
    }
    changed = []
    for finding in findings:
        if last.get(finding.finding_id) == finding.fingerprint:
            continue
        versions[finding.stream] += 1
        changed.append(
            Entry(
                stream=finding.stream,
                version=versions[finding.stream],
                event=judgement(finding, recall.rulebook.digest),
                occurred_at=recall.as_of.isoformat(),
                actor=actor,
                source=Source(command="audit", command_id=command_id),
                correlation=command_id,
            )
        )
    return changed


def judgement(finding: Finding, rulebook: str) -> JudgementRecorded:
    """A finding as the event that records it."""
    return JudgementRecorded(
        finding_id=finding.finding_id,
        claim_type=finding.claim_type,
        verdict=finding.verdict,
        standing=finding.standing,
        reason=finding.reason,
        quantity=finding.quantity,
        window_opens=finding.window_opens.isoformat() if finding.window_opens else None,
        window_closes=finding.window_closes.isoformat() if finding.window_closes else None,
        amount_expected=finding.amount_expected,
        amount_paid=finding.amount_paid,
        amount_open=finding.amount_open,
        rule_ids=finding.rule_ids,
        rulebook=rulebook,
        entries=finding.entries,
        fingerprint=finding.fingerprint,
    )
