"""The reports at the command line: what may be asked, what programs read, what a person sees."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ledger.book import Book
from ledger.case import Case
from ledger.helpers import pool
from projections import local, spending
from projections.spending import Spent, spent_in
from tests.cli.terminal import environment, imported, typed
from tests.story import ORDER, OTHER_ORDER, refunded, requested, returned, shipped, sold

REPORTS = ("reasons", "asin", "service", "policy")
FIELDS = {
    "reasons": ["account", "marketplace", "sku", "asin", "programme", "reason", "units", "of",
                "share", "units_shipped", "rate", "small", "months", "dispositions"],
    "asin": ["account", "marketplace", "asin", "skus", "units_shipped", "units_refunded",
             "units_returned", "refund_rate", "return_rate", "rate_low", "rate_high", "small",
             "unplaced", "reasons", "dispositions", "lost", "lost_provisional", "months", "trend"],
    "service": ["account", "area", "measure", "count", "of", "share", "small", "median",
                "ninetieth", "unit", "amount", "currency"],
    "policy": ["account", "what", "kind", "approver", "month", "count", "units", "amount",
               "currency"],
}  # fmt: skip
"""What the page promises to programs."""


@pytest.fixture
def told(tmp_path: Path) -> None:
    """An order that came back from a fulfilment centre in June, and one that the seller shipped in July."""
    imported(
        tmp_path / "files",
        shipped(ORDER, "2026-06-01", quantity=2, price="40.00"),
        returned(ORDER, "2026-06-20", reason="DEFECTIVE", disposition="DEFECTIVE"),
        refunded(ORDER, "2026-06-21"),
        sold(OTHER_ORDER, "2026-07-01", by="MFN"),
        requested(OTHER_ORDER, "2026-07-10", delivered="2026-07-15", a_to_z="Y"),
        refunded(OTHER_ORDER, "2026-07-17", number="2", by="MFN"),
    )


def rows(report: str, *arguments: str) -> list[dict[str, Any]]:
    said = typed("report", report, *arguments)
    assert said.code == 0, said.err
    return said.rows


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("report", REPORTS)
def test_the_fields_are_those_of_the_page(report: str) -> None:
    assert FIELDS[report] == list(rows(report)[0])
    assert FIELDS[report] == list(typed("report", report, "--format", "csv").cells[0])


def test_what_the_policy_costs_is_asked_of_no_order_that_was_only_sold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noted(case: Case, book: Book) -> Iterator[Spent]:
        asked.append(case.name)
        return spent_in(case, book)

    monkeypatch.setattr(spending, "spent_in", noted)
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        sold(OTHER_ORDER, "2026-07-01"),
        refunded(OTHER_ORDER, "2026-07-17", number="2"),
    )

    assert [1] == [row["count"] for row in rows("policy")]
    assert [OTHER_ORDER] == asked


@pytest.mark.parametrize("report", REPORTS)
def test_several_processes_report_what_one_does(
    demo: Path, report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = rows(report, "--known-at", "2027-01-01")
    for name in ("POOL_ENTRIES", "SHARE_ENTRIES", "SHARE_STREAMS"):
        monkeypatch.setattr(local, name, 50)
    monkeypatch.setattr(local, "cores", lambda: 2)
    begun: list[int] = []

    def several(processes: int) -> ProcessPoolExecutor:
        begun.append(processes)
        return pool(processes)

    monkeypatch.setattr(local, "pool", several)

    assert demo.is_dir()
    assert rows(report, "--known-at", "2027-01-01") == alone
    assert begun == [2]


@pytest.mark.usefixtures("told")
def test_reasons_are_told_with_their_denominators() -> None:
    assert [("CR-DEFECTIVE", 1, 2, 0.5, 3), ("DEFECTIVE", 1, 2, 0.5, 3)] == sorted(
        (row["reason"], row["units"], row["of"], row["share"], row["units_shipped"])
        for row in rows("reasons")
    )


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "period",
    [
        ["--from", "2026-06-01", "--to", "2026-06-30"],
        ["--period", "2026-06-01..2026-06-30"],
        ["--to", "2026-06-30"],
    ],
)
def test_a_period_may_be_said_in_each_way(period: list[str]) -> None:
    assert [("DEFECTIVE", 2)] == [
        (row["reason"], row["units_shipped"]) for row in rows("reasons", *period)
    ]


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (["--from", "2026-07-01", "--to", "2026-06-30"], "--from is after --to"),
        (["--period", "2026-06-01..2026-06-30", "--to", "2026-06-30"], "leave --from and --to out"),
        (["--period", "2026-06-30..2026-06-01"], "ends before it begins"),
    ],
)
@pytest.mark.usefixtures("told")
def test_a_period_that_is_none_is_refused(period: list[str], said: str) -> None:
    refused = typed("report", "policy", *period)

    assert refused.code == 2
    assert said in refused.err


@pytest.mark.usefixtures("told")
def test_a_report_is_narrowed_to_a_day_a_moment_a_store_and_an_account() -> None:
    assert [("DEFECTIVE", 1)] == [
        (row["reason"], row["of"]) for row in rows("reasons", "--as-of", "2026-07-01")
    ]
    assert rows("reasons", "--marketplace", "DE") == []
    assert rows("reasons", "--known-at", "2020-01-01") == []
    assert rows("reasons", "--account", "all") == rows("reasons")


@pytest.mark.usefixtures("told")
def test_each_account_has_rows_of_its_own(tmp_path: Path) -> None:
    again = [shipped(ORDER, "2026-06-01"), returned(ORDER, "2026-06-20", reason="DEFECTIVE")]
    imported(tmp_path / "other", *again, account="other")
    found = rows("reasons", "--account", "all", "--to", "2026-06-30")

    assert [("other", 1, 1), ("seller", 1, 2)] == sorted(
        (row["account"], row["units"], row["units_shipped"]) for row in found
    )


@pytest.mark.usefixtures("told")
def test_money_of_the_products_is_that_of_the_liability() -> None:
    (row,) = rows("asin")
    borne = [one for one in typed("liability", "--by", "party").rows if one["party"] == "seller"]

    assert {"USD": f"{sum(float(one['amount']) for one in borne):.2f}"} == row["lost"]


@pytest.mark.usefixtures("told")
def test_service_tells_of_an_a_to_z_claim_and_of_duties() -> None:
    found = {(row["area"], row["measure"]): row for row in rows("service")}

    assert (1, 2, 0.5, True) == tuple(
        found["a_to_z", "orders_with_a_claim"][name] for name in ("count", "of", "share", "small")
    )
    assert found["refunds", "receipt_to_refund"]["median"] == 2.0
    assert any(area == "duties" for area, _ in found)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("report", REPORTS)
def test_a_table_is_drawn_for_a_person_alone(report: str) -> None:
    with environment(COLUMNS="160", TERM="xterm"):
        full = typed("report", report, "--format", "table").out
    with environment(COLUMNS="160", TERM="dumb"):
        plain = typed("report", report, "--format", "table").out
    data = typed("report", report).out

    assert any(letter in full for letter in "▁█")
    assert not any(letter in plain for letter in "▁█")
    assert not any(letter in data for letter in "▁█")
    assert "→ " in full


@pytest.mark.usefixtures("told")
def test_a_narrow_terminal_gets_the_numbers_first() -> None:
    with environment(COLUMNS="50", TERM="xterm"):
        shown = typed("report", "reasons", "--format", "table").out

    assert max(len(line) for line in shown.splitlines() if not line.startswith("→")) <= 50
    assert "Too narrow for:" in shown
    assert "50.0 %" in shown


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("width", ["40", "60", "80", "100"])
def test_a_bar_that_has_no_room_is_not_told_of(width: str) -> None:
    """It has no heading, so the line of what is left out would name nothing."""
    with environment(COLUMNS=width, TERM="xterm"):
        shown = typed("report", "service", "--format", "table").out
    left_out = " ".join(shown.split()).partition("Too narrow for: ")[2].partition(". --")[0]

    assert "" not in left_out.split(", ") or "Too narrow" not in shown


@pytest.mark.usefixtures("told")
def test_small_numbers_are_marked_and_what_that_means_is_said() -> None:
    shown = typed("report", "reasons", "--format", "table").out

    assert "few" in shown
    assert "fewer than 30" in shown
    assert "Shares are of 2 units sent back, rates of 3 shipped." in shown


def test_nothing_told_is_said(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))
    shown = typed("report", "reasons", "--format", "table")

    assert shown.code == 0
    assert "Nothing of the kind is told of this period." in shown.out


def test_what_the_seller_records_is_in_the_next_report() -> None:
    """A concession, and a refund that no settlement tells yet."""
    for line in (
        "order tell 114-0000001-0000001 --sku SKU-1 --price 20.00_USD --marketplace US",
        "refund give 114-0000001-0000001 --by seller --trigger goodwill --amount 5.00",
        "refund concession 114-0000001-0000001 --kind voucher --amount 2.00 --why scratched",
    ):
        said = typed(*(word.replace("_USD", " USD") for word in line.split()))
        assert said.code == 0, said.err
    (row,) = rows("asin")

    assert ({"USD": "7.00"}, {"USD": "5.00"}) == (row["lost"], row["lost_provisional"])
    assert {"concession", "refund", "goodwill_refund"} == {one["what"] for one in rows("policy")}
