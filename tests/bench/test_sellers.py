"""What is planted in a generated seller is what an audit of his reports answers, to the cent."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.events import BY_TOPIC
from ledger.importing import FileResult, Statement, import_file, open_account
from ledger.judging import audit
from ledger.policy import Finding
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.store import Log, open_log
from projections import LIABILITY
from projections.liability import LiabilityRow, liability
from tests.bench.sellers import ANSWERS, write_seller

ORDERS = 3_000
"""Two of the small sellers that a large one is made of."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("seller") / "seller"
    write_seller(made, ORDERS)
    return made


@pytest.fixture(scope="module")
def key(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The answer key's lines by what they are."""
    lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (folder / ANSWERS).read_bytes().splitlines():
        told = msgspec.json.decode(line)
        lines[told["what"]].append(told)
    return lines


@pytest.fixture(scope="module")
def results() -> list[FileResult]:
    """What was said of each file when it was imported."""
    return []


@pytest.fixture(scope="module")
def log(folder: Path, results: list[FileResult]) -> Iterator[Log]:
    """His ledger, every file imported in the order of its name."""
    day = datetime(2026, 11, 20, tzinfo=UTC)
    url = f"sqlite:///{folder}/ledger.db"
    made = open_log(url, "bench", event_types=BY_TOPIC, clock=lambda: day)
    open_account(made, "bench", "NA", shipped(), "bench")
    statement = Statement(actor="bench", command_id="bench", marketplace="US")
    results += [
        import_file(made, file.read_bytes(), file.name, statement)
        for file in sorted((folder / "reports").iterdir())
    ]
    yield made
    made.close()


@pytest.fixture(scope="module")
def findings(log: Log) -> list[Finding]:
    return list(audit(Recall(log, date(2026, 11, 20))))


def test_every_finding_is_planted_and_every_planted_one_is_found(
    findings: list[Finding], key: dict[str, list[dict[str, Any]]]
) -> None:
    complete = key["totals"][0]["complete_for"]
    found = Counter(
        (one.claim_type, about(one), one.sku, one.verdict, one.quantity)
        for one in findings
        if one.verdict in complete
    )
    planted = Counter(
        (
            one["claim_type"],
            one["order_id"] or one["removal_order_id"] or one["fnsku"],
            one["sku"],
            one["verdict"],
            one["quantity"],
        )
        for one in key["finding"]
        if one["verdict"] in complete
    )

    assert planted == found


def about(finding: Finding) -> str | None:
    if finding.stream.startswith("removal/"):
        return finding.stream.removeprefix("removal/")
    return finding.order_id or finding.fnsku


def test_what_is_open_is_planted_to_the_cent(
    findings: list[Finding], key: dict[str, list[dict[str, Any]]]
) -> None:
    found: Counter[str] = Counter()
    for one in findings:
        found[f"cents open {one.claim_type} {one.verdict}"] += (
            one.amount_open.minor if one.amount_open else 0
        )
    planted = {
        name: cents
        for name, cents in key["totals"][0]["totals"].items()
        if name.startswith("cents open ")
    }

    assert planted == {name: found[name] for name in planted}
    assert sum(planted.values()) > 0


def test_what_the_seller_bears_of_each_order_is_planted_to_the_cent(
    log: Log, key: dict[str, list[dict[str, Any]]]
) -> None:
    planted = {
        one["order_id"]: {line: cents for line, cents in one["seller"].items() if cents}
        for one in key["borne"]
        if one["order_id"]
    }
    found: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
    for row in borne(log, "order"):
        if row.party == "seller" and row.order_id:
            found[row.order_id][row.line] = cents_of(row)

    assert {order: lines for order, lines in planted.items() if lines} == found


def test_all_that_anybody_bears_is_planted_to_the_cent(
    log: Log, key: dict[str, list[dict[str, Any]]]
) -> None:
    planted = {
        name: cents
        for name, cents in key["totals"][0]["totals"].items()
        if name.startswith("borne ") and cents
    }

    found = {f"borne {row.party} {row.line}": cents_of(row) for row in borne(log, "party")}

    assert planted == {name: cents for name, cents in found.items() if cents}


def borne(log: Log, by: Any) -> Iterator[LiabilityRow]:
    recall = Recall(log, date(2026, 11, 20))
    postings = (row for case in recall.cases() for row in LIABILITY.rows(case, recall.book))
    return liability("bench", postings, by)


def cents_of(row: LiabilityRow) -> int:
    return int(row.amount.replace(".", ""))


def test_every_row_is_read_and_some_are_told_again_in_a_later_file(
    log: Log, results: list[FileResult]
) -> None:
    returns = [one for one in results if one.file.startswith("returns")]

    assert log.position()
    assert sum(one.refused for one in results) == 0
    assert sum(one.unchanged for one in returns) > 0
    assert sum(one.revised for one in returns) > 0


def test_about_one_order_in_ten_comes_back(key: dict[str, list[dict[str, Any]]]) -> None:
    totals = key["totals"][0]["totals"]

    assert totals["orders"] == ORDERS
    assert 0.08 <= totals["orders refunded"] / ORDERS <= 0.10


def test_the_same_seed_gives_the_same_bytes_in_one_process_or_two(
    folder: Path, tmp_path: Path
) -> None:
    write_seller(tmp_path / "again", ORDERS, processes=2)

    assert digests(tmp_path / "again") == digests(folder)


def digests(folder: Path) -> dict[str, str]:
    made = [folder / ANSWERS, *(folder / "reports").iterdir()]
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in made}
