"""The audit of the invented seller's reports is the planted truth: nothing missed, nothing beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.demo import ANSWER_KEY, REPORTS
from ledger.delivery import unpacked
from ledger.events import BY_TOPIC
from ledger.importing import Statement, import_file, open_account
from ledger.judging import audit
from ledger.policy import ACT_ON, Finding
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.store import Log, open_log

AMOUNTS = ("amount_expected", "amount_paid", "amount_open")
Thing = tuple[str, str]


@pytest.fixture(scope="module")
def key() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ANSWER_KEY.read_text("utf-8"))
    return told


FILES = tuple(
    found for path in sorted(REPORTS.iterdir()) for found in unpacked(path.read_bytes(), path.name)
)
"""Every report that was delivered, with its bytes."""


def imported(folder: Path, key: dict[str, Any], *, without: str = "") -> Log:
    """The invented seller's ledger, every file but one imported as it is delivered."""
    day = datetime.fromisoformat(key["as_of"]).replace(tzinfo=UTC)
    made = open_log(
        f"sqlite:///{folder}/ledger.db", "demo", event_types=BY_TOPIC, clock=lambda: day
    )
    open_account(made, "demo", "NA", shipped(), "seller")
    statement = Statement(actor="seller", command_id="1", marketplace=key["marketplace"])
    for name, data in FILES:
        if name != without:
            import_file(made, data, name, statement)
    return made


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, key: dict[str, Any]) -> Iterator[Log]:
    """The invented seller's ledger with every file."""
    made = imported(tmp_path_factory.mktemp("demo"), key)
    yield made
    made.close()


@pytest.fixture(scope="module")
def findings(log: Log, key: dict[str, Any]) -> list[Finding]:
    return list(audit(Recall(log, date.fromisoformat(key["as_of"]))))


def thing(finding: Finding) -> Thing:
    """What a finding is about: its claim type, and the order and SKU, the removal, or the FNSKU."""
    if finding.order_id:
        return finding.claim_type, f"{finding.order_id} {finding.sku}"
    if finding.stream.startswith("removal/"):
        return finding.claim_type, finding.stream.removeprefix("removal/")
    return finding.claim_type, str(finding.fnsku)


def planted(expected: dict[str, Any]) -> Thing:
    """The same of an expected answer."""
    if expected["order_id"]:
        return expected["claim_type"], f"{expected['order_id']} {expected['sku']}"
    return expected["claim_type"], expected["removal_order_id"] or expected["fnsku"]


def test_every_answer_that_wants_a_person_is_planted_and_every_planted_one_is_given(
    findings: list[Finding], key: dict[str, Any]
) -> None:
    """Both ways, unit by unit, for all the verdicts for which the key is complete."""
    given = Counter(
        (*thing(one), one.verdict, one.quantity)
        for one in findings
        if one.verdict in key["complete_for"]
    )
    wanted = Counter(
        (*planted(one), one["verdict"], one["quantity"])
        for one in key["expected"]
        if one["verdict"] in key["complete_for"]
    )

    assert wanted == given


def test_windows_and_amounts_are_the_planted_ones(
    findings: list[Finding], key: dict[str, Any]
) -> None:
    wrong = [
        (expected["case"], *planted(expected))
        for expected in key["expected"]
        if expected["verdict"] and not any(agrees(one, expected) for one in findings)
    ]

    assert [] == wrong


def agrees(finding: Finding, expected: dict[str, Any]) -> bool:
    """Whether a finding gives this answer, in everything that the key says of it."""
    amounts = {name: getattr(finding, name) for name in AMOUNTS if name in expected}
    said = {name: amount.text if amount else None for name, amount in amounts.items()}
    days = {"window_opens": finding.window_opens, "window_closes": finding.window_closes}
    dated = {name: str(day) for name, day in days.items() if expected[name]}
    return (
        (thing(finding), finding.verdict, finding.quantity)
        == (planted(expected), expected["verdict"], expected["quantity"])
        and all(expected[name] == (amount or _zero(name)) for name, amount in said.items())
        and all(expected[name] == day for name, day in dated.items())
        and all(amount.currency == expected["currency"] for amount in amounts.values() if amount)
    )


def _zero(name: str) -> str | None:
    """Nothing paid is told as no amount."""
    return "0.00" if name == "amount_paid" else None


def test_where_nothing_is_owed_nothing_is_claimed(
    findings: list[Finding], key: dict[str, Any]
) -> None:
    nothing = {planted(one) for one in key["expected"] if one["verdict"] is None}
    owed = {planted(one) for one in key["expected"] if one["verdict"] in key["complete_for"]}
    claimed = [
        (one.verdict, *thing(one))
        for one in findings
        if thing(one) in nothing - owed and one.verdict in key["complete_for"]
    ]

    assert [] == claimed


@pytest.mark.parametrize("left_out", [name for name, _ in FILES])
def test_no_file_left_out_makes_anything_ready(
    findings: list[Finding], key: dict[str, Any], tmp_path: Path, left_out: str
) -> None:
    """What the whole files disprove is never claimed for want of one of them."""
    partly = imported(tmp_path, key, without=left_out)
    found = list(audit(Recall(partly, date.fromisoformat(key["as_of"]))))
    partly.close()

    assert to_act_on(found) <= to_act_on(findings)


def to_act_on(findings: list[Finding]) -> set[str]:
    return {one.finding_id for one in findings if one.verdict in ACT_ON}


def test_nothing_is_ready_a_fortnight_after_the_last_download(
    log: Log, key: dict[str, Any]
) -> None:
    """The files have grown old, and nothing else has changed."""
    later = Recall(log, date(2026, 12, 4))

    assert [] == [one for one in audit(later) if one.verdict in ("ready", "underpaid")]


def test_every_finding_has_tests_that_say_what_would_change_them(findings: list[Finding]) -> None:
    assert findings
    assert all(test.would_flip for one in findings for test in one.tests)
