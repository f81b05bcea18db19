"""Comparing what was found with what was planted: each finding meets one case at most."""

from __future__ import annotations

from datetime import date
from typing import Any

from cli.answer_key import Key, compared
from cli.findings import FindingRow

PLANTED: dict[str, Any] = {
    "case": "missing",
    "claim_type": "return_missing",
    "order_id": "114-1",
    "removal_order_id": None,
    "sku": "A",
    "fnsku": "X1",
    "quantity": 1,
    "verdict": "ready",
    "window_opens": "2026-06-01",
    "window_closes": "2026-07-31",
    "amount_expected": "10.00",
}


def key(*planted: dict[str, Any]) -> Key:
    return Key(
        seller="x",
        as_of=date(2026, 6, 2),
        marketplace="US",
        complete_for=("ready", "review"),
        expected=planted,
    )


def finding(number: int = 1, **more: Any) -> FindingRow:
    told: dict[str, Any] = {
        "finding_id": f"F-{number}",
        "account": "x",
        "marketplace": "US",
        "programme": "FBA",
        "claim_type": "return_missing",
        "stream": "order/114-1",
        "order_id": "114-1",
        "sku": "A",
        "fnsku": None,
        "asin": None,
        "quantity": 1,
        "verdict": "ready",
        "reason": "",
        "window_opens": date(2026, 6, 1),
        "window_closes": date(2026, 7, 31),
        "currency": "USD",
        "amount_expected": "10.00",
        "amount_paid": None,
        "amount_open": "10.00",
        "rule_id": None,
        "rule_evidence": None,
        "assumptions": (),
        "entries": (),
        "rule_ids": (),
    }
    return FindingRow(**{**told, **more})


def differs(planted: list[dict[str, Any]], found: list[FindingRow]) -> list[tuple[str, ...]]:
    return [row.differs for row in compared(key(*planted), found)]


def test_what_was_planted_is_found() -> None:
    assert differs([PLANTED], [finding()]) == [()]


def test_every_field_that_the_key_judges_is_compared() -> None:
    wrong = finding(verdict="waiting", window_closes=date(2026, 7, 30), amount_expected=None)

    assert differs([PLANTED], [wrong]) == [
        (
            "verdict: waiting, not ready",
            "window_closes: 2026-07-30, not 2026-07-31",
            "amount_expected: None, not 10.00",
        )
    ]


def test_what_is_not_found_differs() -> None:
    assert differs([PLANTED], []) == [("verdict: nothing found, not ready",)]


def test_one_finding_meets_one_case() -> None:
    assert differs([PLANTED, PLANTED], [finding()]) == [
        (),
        ("verdict: nothing found, not ready",),
    ]


def test_each_case_meets_the_finding_that_fits_it() -> None:
    later = {**PLANTED, "window_opens": "2026-06-05"}
    found = [finding(1), finding(2, window_opens=date(2026, 6, 5))]

    assert differs([later, PLANTED], found) == [(), ()]
    assert differs([PLANTED, later], found) == [(), ()]


def test_where_nothing_is_owed_there_is_nothing_or_one_that_says_so() -> None:
    nothing = {**PLANTED, "verdict": None}

    assert differs([nothing], []) == [()]
    assert differs([nothing], [finding(verdict="paid")]) == [()]
    assert differs([nothing], [finding(verdict="expired")]) == [()]
    planted, unplanted = compared(key(nothing), [finding()])
    assert planted.match
    assert (unplanted.case, unplanted.found, unplanted.match) == ("(not planted)", "ready", False)


def test_a_finding_that_nobody_planted_is_told_where_the_key_is_complete() -> None:
    assert [row.case for row in compared(key(), [finding(), finding(2, verdict="paid")])] == [
        "(not planted)"
    ]
