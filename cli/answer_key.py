"""Compares what an audit found with what it ought to find, case by case, as the demo's key tells it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from cli.answer import Row
from cli.findings import FindingRow

COMPARED: Final = (
    "quantity",
    "window_opens",
    "window_closes",
    "amount_expected",
    "amount_paid",
    "amount_open",
)
NOTHING_OWED: Final = ("paid", "not_claimable")
"""What a finding may say where the key says that nothing is owed."""


class Key(msgspec.Struct, frozen=True):
    """The planted truth: what is expected on a day, and of which verdicts it names every finding."""

    seller: str
    as_of: date
    marketplace: str
    complete_for: tuple[str, ...]
    expected: tuple[Mapping[str, Any], ...]


class KeyRow(Row, frozen=True, kw_only=True):
    """One planted case: what ought to be found, what was, and whether that is the same."""

    case: str
    claim_type: str
    order_id: str | None
    sku: str | None
    expected: str
    found: str
    match: bool
    differs: tuple[str, ...]
    finding_id: str | None


def compared(key: Key, found: Iterable[FindingRow]) -> list[KeyRow]:
    """A row for each planted case, and one for each finding that nobody planted."""
    waiting: defaultdict[tuple[str, str], list[FindingRow]] = defaultdict(list)
    for finding in found:
        waiting[finding.claim_type, _thing(finding.stream)].append(finding)
    rows: dict[int, KeyRow] = {}
    # Where several findings are about one thing, the case that fits one best has the first choice.
    cases = sorted(
        enumerate(key.expected),
        key=lambda told: min(
            (len(differences(told[1], one)) for one in waiting[_place(told[1])]), default=0
        ),
    )
    for number, expected in cases:
        rows[number] = _compared(expected, waiting[_place(expected)])
    left = [finding for findings in waiting.values() for finding in findings]
    return [rows[number] for number in sorted(rows)] + list(_unplanted(left, key.complete_for))


def differences(expected: Mapping[str, Any], finding: FindingRow | None) -> list[str]:
    """What the finding says otherwise than the key: `verdict: ready, not waiting`."""
    verdict = expected["verdict"]
    if finding is None:
        return [] if verdict is None else [f"verdict: nothing found, not {verdict}"]
    if verdict is None:
        if finding.verdict in NOTHING_OWED:
            return []
        return [f"verdict: {finding.verdict}, though nothing is owed"]
    said = [] if finding.verdict == verdict else [f"verdict: {finding.verdict}, not {verdict}"]
    for field in COMPARED:
        if field not in expected or (field.startswith("window") and expected[field] is None):
            continue
        value = getattr(finding, field)
        told = value.isoformat() if isinstance(value, date) else value
        if told != expected[field]:
            said.append(f"{field}: {told}, not {expected[field]}")
    return said


def _compared(expected: Mapping[str, Any], candidates: list[FindingRow]) -> KeyRow:
    """The finding that fits best is used up: no two cases are met by one finding."""
    best = min(candidates, key=lambda one: len(differences(expected, one)), default=None)
    if best is not None and expected["verdict"] is None and best.verdict not in NOTHING_OWED:
        # Nothing is owed for this one; what is owed for the same thing may be another case's.
        best = None
    if best is not None:
        candidates.remove(best)
    differs = differences(expected, best)
    return KeyRow(
        case=expected["case"],
        claim_type=expected["claim_type"],
        order_id=expected["order_id"],
        sku=expected["sku"],
        expected=expected["verdict"] or "nothing",
        found=best.verdict if best else "nothing",
        match=not differs,
        differs=tuple(differs),
        finding_id=best.finding_id if best else None,
    )


def _unplanted(findings: Sequence[FindingRow], verdicts: Sequence[str]) -> Iterator[KeyRow]:
    """Findings of a kind of which the key names all, and does not name these."""
    for finding in findings:
        if finding.verdict in verdicts:
            yield KeyRow(
                case="(not planted)",
                claim_type=finding.claim_type,
                order_id=finding.order_id,
                sku=finding.sku,
                expected="nothing",
                found=finding.verdict,
                match=False,
                differs=(f"{finding.stream}: {finding.reason}",),
                finding_id=finding.finding_id,
            )


def _place(expected: Mapping[str, Any]) -> tuple[str, str]:
    thing = expected["order_id"] or expected["removal_order_id"] or expected["fnsku"]
    return expected["claim_type"], thing


def _thing(stream: str) -> str:
    return stream.partition("/")[2]
