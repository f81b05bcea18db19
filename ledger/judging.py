"""Runs the policies over a case, then removes the forbidden double claims; records what was answered anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from typing import Final

import msgspec

from ledger import filed
from ledger.book import Book, Gone, told_no_more
from ledger.case import Case
from ledger.desk import Claim, claims_of
from ledger.errors import ConcurrentChange
from ledger.event import Deed, Entry, Source
from ledger.events import BY_TOPIC
from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold
from ledger.events.judgements import JudgementRecorded
from ledger.events.orders import OrderPlaced, OrderStatusReported, UnitsShipped
from ledger.events.personal import PersonalErased, PersonalTold
from ledger.events.returns import ReturnRequested
from ledger.events.settlements import SaleSettled
from ledger.policies import POLICIES
from ledger.policy import Evidence, Finding, Test, Verdict, entry_evidence
from ledger.recall import Recall
from ledger.ruling import Ruling
from ledger.store import Log
from ledger.values import Money

CLAIMING: Final = frozenset({"ready", "waiting", "underpaid", "review", "expired"})
"""Verdicts that lay hands on a unit: no two findings may do so on one."""
_CLAIMING: Final = tuple(policy for policy in POLICIES if policy.claims)
"""The policies that have findings, in their order."""
QUIET: Final = frozenset(
    kind.TOPIC
    for kind in (
        OrderPlaced,
        OrderStatusReported,
        UnitsShipped,
        SaleSettled,
        OrderTold,
        OrderDispatched,
        OrderDelivered,
        PersonalTold,
        PersonalErased,
        JudgementRecorded,
    )
)
"""Kinds of event from which neither a claim nor a duty follows: a case that holds no others need not be judged.

Most orders are sold, and that is all.
"""
OWING: Final = (
    frozenset(
        topic
        for topic, kind in BY_TOPIC.items()
        if issubclass(kind, Deed) or kind is ReturnRequested
    )
    - QUIET
)
"""Kinds of event without which there is no duty: what the seller tells himself, and a request to him."""
STILL_TOLD: Final = "Do the newest downloads still tell it?"
"""Asked of what a claim rests on."""
_BATCH: Final = 1000
_ATTEMPTS: Final = 20


def judge(case: Case, book: Book, as_of: date) -> list[Finding]:
    """Every finding about a case on a day, in order of finding id, no unit claimed twice."""
    findings = [
        finding
        for policy in _CLAIMING
        if policy.concerns(case, book)
        for finding in policy.findings(case, book, as_of)
    ]
    if not findings:
        return findings
    told = as_filed(without_double_claims(findings), case)
    return sorted(as_still_told(told, book), key=lambda one: one.finding_id)


def judge_in_short(case: Case, book: Book, as_of: date) -> list[Finding]:
    """The same without the tests, which are most of a finding: what it takes to list findings and to record them."""
    return [msgspec.structs.replace(one, tests=()) for one in judge(case, book, as_of)]


def rulings(case: Case, book: Book, as_of: date) -> list[Ruling]:
    """Every duty, right and cost of a case on a day, policy by policy."""
    return [one for policy in POLICIES for one in policy.rulings(case, book, as_of)]


def duties(case: Case, book: Book, as_of: date) -> list[Ruling]:
    """What the seller must do about a case, and until when, policy by policy."""
    told = [policy for policy in POLICIES if policy.duties]
    return [one for policy in told for one in policy.rulings(case, book, as_of)]


def judged(case: Case, book: Book, as_of: date) -> tuple[list[Finding], list[Ruling]]:
    """What is found of a case, and what the seller must do about it."""
    return judge(case, book, as_of), duties(case, book, as_of)


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


_ANSWERED: Final[Mapping[filed.Stage, Verdict]] = {
    "open": "not_claimable",
    "appealed": "not_claimable",
    "granted": "not_claimable",
    "paid": "paid",
    "denied": "review",
    "lost": "review",
    "taken_back": "review",
}
"""What a claim that names its finding makes of it; a draft, or a claim withdrawn, makes nothing of it."""


def as_filed(findings: Iterable[Finding], case: Case) -> Iterator[Finding]:
    """What was claimed already is not claimed anew; what a policy asked itself about claims stands."""
    claims = {one.finding_id: one for one in claims_of(case).values() if one.finding_id}
    if not claims:
        yield from findings
        return
    for finding in findings:
        claim = claims.get(finding.finding_id)
        asked = any(test.test == filed.QUESTION for test in finding.tests)
        verdict = _ANSWERED.get(filed.stage_of(claim)) if claim and not asked else None
        if claim is None or verdict is None or finding.verdict not in CLAIMING:
            yield finding
        else:
            yield _claimed(finding, claim, verdict)


def _claimed(finding: Finding, claim: Claim, verdict: Verdict) -> Finding:
    answer = filed.in_words(claim)
    told = msgspec.structs.replace(
        finding,
        verdict=verdict,
        standing=verdict,
        reason=answer if verdict != "review" else f"{answer}; {finding.reason}",
        tests=(*finding.tests, _test_of(claim, answer)),
        entries=tuple(sorted({*finding.entries, *(ref.position for ref in claim.refs)})),
    )
    if verdict == "review":
        return told
    still_open = finding.amount_open
    paid = claim.net_paid if verdict == "paid" else None
    return msgspec.structs.replace(
        told,
        amount_paid=paid or finding.amount_paid,
        amount_open=Money(0, still_open.currency) if still_open else None,
    )


def _test_of(claim: Claim, answer: str) -> Test:
    seen = tuple(entry_evidence(ref) for ref in claim.refs)
    flip = "What becomes of that claim: a claim is never filed a second time."
    return Test(test=filed.QUESTION, answer=answer, passed=False, decided_by=seen, would_flip=flip)


_RESTING: Final = frozenset({"ready", "waiting", "underpaid"})
"""Verdicts that say that something may be claimed, now or later, because of what was told."""


def as_still_told(findings: Iterable[Finding], book: Book) -> Iterator[Finding]:
    """What rests on a row that the newest download of its day does not tell any more is not claimed as it is."""
    for finding in findings:
        resting = finding.verdict in _RESTING
        gone = book.ask(told_no_more, *finding.entries) if resting else ()
        yield _untold(finding, gone) if gone else finding


def _untold(finding: Finding, gone: Sequence[Gone]) -> Finding:
    first = gone[0]
    many = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    answer = (
        f"{first.file} of {first.told_on} speaks for the day of entry {first.position}{many} and does not tell it "
        "any more: Amazon may have taken it back, or tell it otherwise"
    )
    seen = [Evidence("entry", str(one.position), "told before, and no more") for one in gone]
    seen += dict.fromkeys(entry_evidence(one.ref) for one in gone)
    flip = "What Amazon says of it today: a download that tells it again, or the row by which it is told now."
    test = Test(
        test=STILL_TOLD, answer=answer, passed=False, decided_by=tuple(seen), would_flip=flip
    )
    reason = f"{answer}; {finding.reason}" if finding.verdict == "waiting" else answer
    return msgspec.structs.replace(
        finding,
        verdict="review",
        standing="review",
        reason=reason,
        opens_next=None,
        tests=(*finding.tests, test),
        entries=tuple(sorted({*finding.entries, *(one.ref.position for one in gone)})),
    )


def audit(recall: Recall, streams: Collection[str] | None = None) -> Iterator[Finding]:
    """Every finding of an account, or of some streams, in order of stream and finding id."""
    for case in recall.cases(to_judge(recall) if streams is None else streams):
        yield from judge(case, recall.book, recall.as_of)


def to_judge(recall: Recall) -> set[str]:
    """The streams of which there may be a finding or a duty."""
    return recall.log.streams_with(BY_TOPIC.keys() - QUIET, known_at=recall.moment)


def owing(recall: Recall) -> set[str]:
    """The streams of which there may be a duty."""
    return recall.log.streams_with(OWING, known_at=recall.moment)


def record_judgements(
    recall: Recall,
    findings: Iterable[Finding],
    *,
    actor: str,
    command_id: str,
    streams: Collection[str] | None = None,
) -> int:
    """Record each judgement that differs from the last one for its finding; returns how many did.

    The judgement is an event in the case's own stream: the eligibility audit trail. What was claimed once
    and is found no more is recorded as well. `streams` are those that were audited, None for all.
    """
    recorded = 0
    writing = _Writing(recall, actor, command_id, streams)
    left = iter(findings)
    while some := list(islice(left, _BATCH)):
        recorded += writing.record(some)
    return recorded + writing.withdraw()


class _Answered(msgspec.Struct, frozen=True, gc=False):
    """What was answered last for a finding; of its judgement no more than is compared, as there are many."""

    stream: str
    claim_type: str
    quantity: int
    standing: str
    fingerprint: str


def _last_answers(log: Log, streams: Collection[str] | None) -> dict[str, _Answered]:
    """The last answer for each finding, of all streams or of some."""
    topics = [JudgementRecorded.TOPIC]
    if streams is None:
        entries = log.entries(topics=topics)
    else:
        entries = chain.from_iterable(log.entries(one, topics=topics) for one in streams)
    return {
        entry.event.finding_id: _Answered(
            entry.stream,
            entry.event.claim_type,
            entry.event.quantity,
            entry.event.standing,
            entry.event.fingerprint,
        )
        for entry in entries
        if isinstance(entry.event, JudgementRecorded)
    }


class _Writing:
    """One audit's judgements, on their way into the log."""

    def __init__(
        self, recall: Recall, actor: str, command_id: str, streams: Collection[str] | None
    ) -> None:
        self._recall = recall
        self._actor = actor
        self._command_id = command_id
        self._last = _last_answers(recall.log, streams)
        self._found: set[str] = set()

    def record(self, findings: Sequence[Finding]) -> int:
        """Record what differs from the last judgement of each finding."""
        digest = self._recall.rulebook.digest
        told = {}
        for one in findings:
            self._found.add(one.finding_id)
            event, last = judgement(one, digest), self._last.get(one.finding_id)
            if last is None or last.fingerprint != event.fingerprint:
                told[one.finding_id] = one.stream, event
        return self._append(told)

    def withdraw(self) -> int:
        """Record that a claim is no more: something was told since that leaves no such finding."""
        digest = self._recall.rulebook.digest
        told = {
            finding_id: (last.stream, _withdrawn(finding_id, last, digest))
            for finding_id, last in self._last.items()
            if finding_id not in self._found and last.standing in _CLAIMS
        }
        return self._append(told)

    def _append(self, told: Mapping[str, tuple[str, JudgementRecorded]]) -> int:
        for _ in range(_ATTEMPTS):
            entries = self._changed(told)
            if not entries:
                return 0
            try:
                self._recall.log.append(entries)
            except ConcurrentChange:
                continue
            return len(entries)
        raise ConcurrentChange(
            "other writers were first each time the audit was to be recorded",
            advice="Run the audit again when the others are done.",
        )

    def _changed(self, told: Mapping[str, tuple[str, JudgementRecorded]]) -> list[Entry]:
        known = self._recall.log.streams({stream for stream, _ in told.values()})
        versions = {
            stream: max((entry.version for entry in entries), default=0)
            for stream, entries in known.items()
        }
        last = {
            entry.event.finding_id: entry.event.fingerprint
            for entries in known.values()
            for entry in entries
            if isinstance(entry.event, JudgementRecorded)
        }
        changed = []
        for finding_id, (stream, event) in told.items():
            if last.get(finding_id) == event.fingerprint:
                continue
            versions[stream] += 1
            changed.append(
                Entry(
                    stream=stream,
                    version=versions[stream],
                    event=event,
                    occurred_at=self._recall.as_of.isoformat(),
                    actor=self._actor,
                    source=Source(command="audit", command_id=self._command_id),
                    correlation=self._command_id,
                )
            )
        return changed


_CLAIMS: Final = frozenset({"open", "review", "underpaid", "overpaid"})
"""Standings that say that something is open: where they are found no more, that is news."""


def _withdrawn(finding_id: str, last: _Answered, rulebook: str) -> JudgementRecorded:
    return JudgementRecorded(
        finding_id=finding_id,
        claim_type=last.claim_type,
        verdict="not_claimable",
        standing="not_claimable",
        reason="what was told since leaves no such finding",
        quantity=last.quantity,
        rulebook=rulebook,
        fingerprint=f"withdrawn {finding_id}",
    )


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
