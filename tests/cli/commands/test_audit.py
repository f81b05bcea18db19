"""Finding what Amazon owes: filters, exit codes, and the trail of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.findings import CLAIM_TYPES, VERDICTS
from ledger.gates import NO_OPEN_CASE, REFUNDED_BY_AMAZON, TO_BE_SENT_BACK
from ledger.policies import POLICIES
from tests.cli.terminal import typed

FIELDS = [
    "finding_id",
    "account",
    "marketplace",
    "programme",
    "claim_type",
    "stream",
    "order_id",
    "sku",
    "fnsku",
    "asin",
    "quantity",
    "verdict",
    "reason",
    "window_opens",
    "window_closes",
    "currency",
    "amount_expected",
    "amount_paid",
    "amount_open",
    "rule_id",
    "rule_evidence",
    "assumptions",
    "entries",
]

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def found(demo_day: str) -> list[dict[str, Any]]:
    """Every finding of the invented seller."""
    return typed("audit", "--as-of", demo_day).rows


def test_a_row_is_a_finding_with_every_field(found: list[dict[str, Any]]) -> None:
    ready = next(
        row for row in found if (row["claim_type"], row["verdict"]) == ("return_missing", "ready")
    )

    assert list(ready)[: len(FIELDS)] == FIELDS
    assert ready["account"] == "demo"
    assert ready["marketplace"] == "US"
    assert ready["programme"] == "FBA"
    assert ready["stream"] == f"order/{ready['order_id']}"
    assert ready["amount_open"] == ready["amount_expected"]
    assert ready["currency"] == "USD"
    assert ready["rule_id"].startswith("fba.customer_return.window.US")
    assert ready["assumptions"] == [
        REFUNDED_BY_AMAZON,
        TO_BE_SENT_BACK,
        NO_OPEN_CASE,
    ]
    assert all(isinstance(position, int) for position in ready["entries"])


def test_every_finding_has_an_id_of_its_own_that_is_the_same_in_every_run(
    found: list[dict[str, Any]], demo_day: str
) -> None:
    ids = [row["finding_id"] for row in found]

    assert len(set(ids)) == len(ids)
    assert ids == [row["finding_id"] for row in typed("audit", "--as-of", demo_day).rows]


def test_json_is_one_object(demo_day: str) -> None:
    told = typed("audit", "--as-of", demo_day, "--format", "json").json

    assert told["schema"] == "returns-ledger/audit/1"
    assert told["as_of"] == demo_day
    assert {row["verdict"] for row in told["rows"]} <= set(VERDICTS)


# --- filters and exit codes -------------------------------------------------------------------


def test_it_ends_3_only_where_something_shown_is_to_be_acted_on(demo_day: str) -> None:
    def code(*options: str) -> int:
        return typed("audit", "--as-of", demo_day, *options).code

    assert code() == 3
    assert code("--verdict", "ready") == 3
    assert code("--verdict", "underpaid") == 3
    assert code("--verdict", "paid") == 0
    assert code("--verdict", "paid", "--verdict", "ready") == 3
    assert code("--marketplace", "DE") == 0


def test_filters_narrow_what_is_shown(found: list[dict[str, Any]], demo_day: str) -> None:
    def rows(*options: str) -> list[dict[str, Any]]:
        return typed("audit", "--as-of", demo_day, *options).rows

    some = next(row for row in found if row["order_id"])

    assert rows("--claim-type", "fc_lost") == [
        row for row in found if row["claim_type"] == "fc_lost"
    ]
    assert rows("--verdict", "review") == [row for row in found if row["verdict"] == "review"]
    assert rows("--order", some["order_id"]) == [
        row for row in found if row["stream"] == some["stream"]
    ]
    assert rows("--marketplace", "US") == [row for row in found if row["marketplace"] == "US"]


def test_an_order_that_nobody_knows_is_an_error() -> None:
    said = typed("audit", "--order", "999-9999999-9999999")

    assert said.code == 1
    assert "nothing is recorded of it in demo" in said.err


def test_every_policy_can_be_asked_for_by_its_kind_of_claim() -> None:
    assert {policy.claim_type for policy in POLICIES if policy.claims} <= set(CLAIM_TYPES)


def test_a_verdict_that_does_not_exist_is_a_usage_error() -> None:
    assert typed("audit", "--verdict", "maybe").code == 2


# --- the trail --------------------------------------------------------------------------------


def entries() -> int:
    count: int = typed("account", "list").row["entries"]
    return count


def test_a_plain_audit_records_each_answer_that_is_new_and_nothing_twice() -> None:
    before = entries()
    said = typed("audit")
    recorded = entries() - before

    assert recorded == len(said.rows)
    assert f"{recorded} new judgements recorded in the ledger of demo." in said.err
    again = typed("audit")
    assert entries() == before + recorded
    assert "recorded" not in again.err
    assert again.rows == said.rows


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
def test_an_audit_of_another_day_or_moment_records_nothing(option: str, demo_day: str) -> None:
    before = entries()
    typed("audit", option, demo_day)

    assert entries() == before


def test_an_answer_for_a_moment_of_knowing_does_not_change_later(demo: Path) -> None:
    """Before the first file was imported nothing was known."""
    moment = typed("story", "account").rows[0]["recorded_at"]
    before = typed("audit", "--as-of", "2026-11-20", "--known-at", moment).rows
    typed("audit")

    assert before == []
    assert typed("audit", "--as-of", "2026-11-20", "--known-at", moment).rows == before
    assert demo.is_dir()


# --- as a person sees it ----------------------------------------------------------------------


def test_a_table_groups_by_verdict_with_sums_and_says_what_to_do(
    found: list[dict[str, Any]], demo_day: str
) -> None:
    shown = typed("audit", "--as-of", demo_day, "--format", "table").out
    ready = [row for row in found if row["verdict"] == "ready"]
    total = sum(round(float(row["amount_open"] or 0) * 100) for row in ready)
    unknown = sum(row["amount_open"] is None for row in ready)

    assert (
        f"ready: {len(ready)} findings, {total / 100:.2f} USD, {unknown} of unknown worth "
        "(file these now)\n"
    ) in shown
    assert shown.index("ready: ") < shown.index("waiting: ") < shown.index("expired: ")
    assert "(settled). Listed by --verdict paid." in shown
    first = min(row["window_closes"] for row in ready)
    (line,) = (line for line in shown.splitlines() if line.startswith("→") and "explain" in line)
    named = next(row for row in found if f"`returns-ledger explain {row['finding_id']}`" in line)
    assert named["window_closes"] == first
    assert shown.splitlines()[-1].startswith("→ Put the days into your calendar")
