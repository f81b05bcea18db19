"""Whether anything speaks against filing a claim: its day, its facts and rules, other claims, their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from ledger import exhibits, filed
from ledger.book import Book
from ledger.case import Case, Ref
from ledger.desk import Claim, claims_of, graded, quantity_of
from ledger.dropped import Downloads
from ledger.events.arrivals import DamageInvestigated, UnitGraded, UnitsReceived
from ledger.events.claims import ClaimFiled
from ledger.judging import STILL_TOLD
from ledger.policy import ACT_ON, Evidence, Finding, entry_evidence
from ledger.recall import Recall

State = Literal["passed", "failed", "unknown"]

WEEK: Final = 7
MONTH: Final = 30
_BORNE: Final[frozenset[filed.Stage]] = frozenset({"open", "appealed", "granted", "paid"})
"""Claims that stand: what is claimed for by them is claimed."""
_NOT_BACK: Final = frozenset({"return_missing"})
"""Claims that say that nothing came back."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may speak against filing, and what decided it."""

    check: str
    state: State
    answer: str
    decided_by: tuple[Evidence, ...] = ()
    rule_ids: tuple[str, ...] = ()


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """A finding before it is filed: every check, and whether all of them passed."""

    finding: Finding
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True where nothing speaks against filing it now."""
        return all(one.state == "passed" for one in self.checks)


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """How many claims the seller filed of late, and how many he means to file at most."""

    filed_on: tuple[date, ...] = ()
    """The day of each claim that he filed."""
    most: int | None = None
    """The most that he wants to file in thirty days: his own measure, as Amazon names none."""
    planned: int = 0
    """Claims that are about to be filed before this one."""


def guard(
    case: Case,
    book: Book,
    finding: Finding,
    as_of: date,
    volume: Volume | None = None,
    downloads: Downloads | None = None,
) -> Guarded:
    """What speaks against filing a finding on a day.

    Without the account's claims their number is not asked, without its downloads not whether the newest still
    tell what it rests on.
    """
    checks = [
        _early(finding, as_of),
        _late(finding, as_of),
        _claimable(finding),
        _certain_facts(finding),
        _certain_rules(finding, book),
        _papers(finding),
        _twice(case, finding),
        _elsewhere(case, finding),
        _contradicted(case, finding),
        _units(case, finding),
    ]
    if downloads is not None:
        checks += _still_told(downloads, finding)
    if volume is not None:
        checks.append(_volume(volume, as_of))
    return Guarded(finding=finding, checks=tuple(checks))


def volume_of(recall: Recall, most: int | None = None) -> Volume:
    """How many claims an account has filed; those that a correction took back do not count."""
    streams = {entry.stream for entry in recall.log.entries(topics=[ClaimFiled.TOPIC])}
    days = [
        ref.day
        for case in recall.cases(streams)
        for ref, one in case.told(ClaimFiled)
        if one.by == "seller"
    ]
    return Volume(filed_on=tuple(sorted(days)), most=most)


# --- the day ----------------------------------------------------------------------------------


def _early(finding: Finding, as_of: date) -> Check:
    name = "Not too early?"
    if finding.verdict == "waiting":
        opens = finding.first_day
        return _failed(name, f"it is: it may be filed from {opens} on", finding.rule_ids)
    return _passed(name, f"not on {as_of}", finding.rule_ids[:1])


def _late(finding: Finding, as_of: date) -> Check:
    name = "Not too late?"
    if finding.verdict == "expired":
        return _failed(name, f"it is: {finding.reason}", finding.rule_ids)
    if finding.window_closes is not None:
        answer = f"not on {as_of}: the last day is {finding.window_closes}"
        if finding.window_closes < as_of:
            answer = f"the days to file have passed on {finding.window_closes}"
            return _failed(name, answer, finding.rule_ids[:1])
        return _passed(name, answer, finding.rule_ids[:1])
    if finding.verdict in ACT_ON:
        return _passed(name, "no last day is known", finding.rule_ids[:1])
    return _unknown(name, "no last day can be told")


# --- what the judgement says ------------------------------------------------------------------


def _claimable(finding: Finding) -> Check:
    name = "Can it be claimed?"
    if finding.verdict in ("not_claimable", "overpaid", "paid"):
        return _failed(name, f"no: {finding.reason}", finding.rule_ids)
    return _passed(name, "nothing says that it cannot", finding.rule_ids[:1])


def _certain_facts(finding: Finding) -> Check:
    name = "Are the facts certain?"
    if finding.verdict == "review":
        doubts = [test for test in finding.tests if not test.passed]
        seen = tuple(evidence for test in doubts for evidence in test.decided_by)
        return Check(check=name, state="failed", answer=finding.reason, decided_by=_once(seen))
    return _passed(name, "no test leaves a doubt")


def _certain_rules(finding: Finding, book: Book) -> Check:
    """What was announced and never came decides nothing, and is cited all the same."""
    name = "Are the rules certain?"
    rules = [book.rulebook.rule(rule_id) for rule_id in finding.rule_ids]
    unsure = [rule for rule in rules if rule.ever_in_force and not rule.sure]
    if unsure:
        answer = "; ".join(f"{rule.id}: {rule.why_unsure}" for rule in unsure)
        return _failed(name, answer, tuple(rule.id for rule in unsure))
    if not rules:
        return _unknown(name, "it rests on no rule")
    return _passed(name, "all that it rests on are verified", finding.rule_ids)


def _papers(finding: Finding) -> Check:
    name = "Is everything there that must be shown?"
    told = [test for test in finding.tests if test.test == exhibits.QUESTION]
    if any(not test.passed for test in told):
        answer = " ".join(test.would_flip for test in told if not test.passed)
        seen = tuple(evidence for test in told for evidence in test.decided_by)
        return Check(check=name, state="failed", answer=answer, decided_by=_once(seen))
    if told:
        return _passed(name, told[0].answer)
    return _passed(name, "no papers are asked beside Amazon's own records")


# --- other claims and other facts -------------------------------------------------------------


def _twice(case: Case, finding: Finding) -> Check:
    """The same claim once more: by its finding, or by what it is about."""
    name = "Not claimed already?"
    same = [one for one in _standing(case) if _is_same(one, finding)]
    if same:
        answer = "; ".join(filed.in_words(one) for one in same)
        return _failed_by(name, answer, [ref for one in same for ref in one.refs])
    if finding.verdict == "paid":
        return _failed(name, f"it was paid: {finding.reason}")
    return _passed(name, "no claim about it is recorded")


def _is_same(claim: Claim, finding: Finding) -> bool:
    alike = claim.finding_id is not None or claim.claim_type == finding.claim_type
    return alike and filed.is_about(claim, finding.finding_id, finding.sku)


def _elsewhere(case: Case, finding: Finding) -> Check:
    """One unit has one door: nobody is paid twice for it."""
    name = "Not claimed through another door?"
    others = [
        one
        for one in _standing(case)
        if not _is_same(one, finding)
        and one.by == "seller"
        and one.claim_type != finding.claim_type
        and one.sku in (None, finding.sku)
    ]
    if others:
        answer = "; ".join(filed.in_words(one) for one in others)
        told = f"{answer}: of one unit no more than one may be paid"
        return _failed_by(name, told, [ref for one in others for ref in one.refs])
    return _passed(name, "no other claim about the same units is recorded")


def _standing(case: Case) -> list[Claim]:
    return [one for one in claims_of(case).values() if filed.stage_of(one) in _BORNE]


def _contradicted(case: Case, finding: Finding) -> Check:
    """What is told elsewhere must not speak against what the claim says."""
    name = "Do all facts say the same?"
    against = list(_contradictions(case, finding))
    if against:
        answer = "; ".join(answer for answer, _ in against)
        return _failed_by(name, answer, [ref for _, refs in against for ref in refs])
    return _passed(name, "nothing that is told contradicts it")


def _contradictions(case: Case, finding: Finding) -> Iterator[tuple[str, list[Ref]]]:
    sku = finding.sku
    if sku is None or case.kind != "order":
        return
    received = [ref for ref, one in case.told(UnitsReceived) if one.sku == sku]
    if finding.claim_type in _NOT_BACK and received:
        yield (
            f"it claims that nothing came back, and units were received on {received[0].day}",
            received,
        )
    found = graded(case, sku)
    states = {one.condition if isinstance(one, UnitGraded) else "a wrong item" for _, one in found}
    if len(states) > 1 and finding.quantity == 1:
        words = " and ".join(sorted(state.replace("_", " ") for state in states))
        yield f"the unit is graded {words}", [ref for ref, _ in found]
    causes = [(ref, one.cause) for ref, one in case.told(DamageInvestigated) if one.sku == sku]
    if len({cause for _, cause in causes}) > 1:
        words = " and ".join(sorted({cause.replace("_", " ") for _, cause in causes}))
        yield f"the damage is put down to {words}", [ref for ref, _ in causes]


def _still_told(downloads: Downloads, finding: Finding) -> Iterator[Check]:
    """Asked where a newer download speaks for the days of a row on which the finding rests."""
    name = STILL_TOLD
    looked = list(downloads.check(finding.entries))
    gone = [one for one in looked if not one.told]
    if gone:
        first = gone[0]
        answer = (
            f"{first.file} of {first.told_on} speaks for {first.entry.occurred_at[:10]} and does not tell "
            f"what entry {first.entry.position} tells: Amazon may have taken it back, or tell it otherwise"
        )
        seen = tuple(
            Evidence("entry", str(one.entry.position), one.entry.event.TOPIC) for one in gone
        )
        yield Check(check=name, state="failed", answer=answer, decided_by=_once(seen))
    elif looked:
        newest = max(looked, key=lambda one: one.told_on)
        yield _passed(name, f"yes, up to {newest.file} of {newest.told_on}")


# --- how many ---------------------------------------------------------------------------------


def _units(case: Case, finding: Finding) -> Check:
    """No more units are claimed for than were sold."""
    name = "No more units than there are?"
    if case.kind != "order" or finding.sku is None:
        return _passed(name, f"{finding.quantity} by the ledger's own count")
    ordered = quantity_of(case, finding.sku)
    mine = [
        one
        for one in _standing(case)
        if one.by == "seller" and one.sku == finding.sku and not _is_same(one, finding)
    ]
    claimed = sum(one.quantity for one in mine) + finding.quantity
    if ordered is None:
        return _unknown(name, "how many were ordered is not told")
    if claimed > ordered:
        answer = f"{claimed} would be claimed for, and {ordered} were ordered"
        return _failed_by(name, answer, [ref for one in mine for ref in one.refs])
    return _passed(name, f"{claimed} of {ordered} ordered")


def _volume(volume: Volume, as_of: date) -> Check:
    """Amazon names no number: how many are too many the seller says himself."""
    name = "Not too many claims at once?"
    week = sum(as_of - timedelta(days=WEEK) < day <= as_of for day in volume.filed_on)
    month = sum(as_of - timedelta(days=MONTH) < day <= as_of for day in volume.filed_on)
    told = f"{week} filed in the last {WEEK} days, {month} in the last {MONTH}"
    if volume.planned:
        told += f", and {volume.planned} more before this one"
    if volume.most is not None and month + volume.planned >= volume.most:
        return _failed(name, f"{told}: your own limit is {volume.most}")
    limit = f"your own limit is {volume.most}" if volume.most is not None else _NO_LIMIT
    return _passed(name, f"{told}; {limit}")


_NO_LIMIT: Final = "Amazon names no number, and warns of frivolous and early claims"


# --- how a check ends -------------------------------------------------------------------------


def _passed(check: str, answer: str, rule_ids: Sequence[str] = ()) -> Check:
    return Check(check=check, state="passed", answer=answer, rule_ids=tuple(rule_ids))


def _failed(check: str, answer: str, rule_ids: Sequence[str] = ()) -> Check:
    return Check(check=check, state="failed", answer=answer, rule_ids=tuple(rule_ids))


def _unknown(check: str, answer: str) -> Check:
    return Check(check=check, state="unknown", answer=answer)


def _failed_by(check: str, answer: str, refs: Iterable[Ref]) -> Check:
    seen = [entry_evidence(ref) for ref in refs]
    return Check(check=check, state="failed", answer=answer, decided_by=_once(seen))


def _once(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence))
