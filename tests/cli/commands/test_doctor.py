"""Looking into the machine, stage by stage."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from ledger.reports import REPORT_FORMATS
from tests.cli.terminal import imported, typed, written
from tests.story import ORDER, OTHER_ORDER, refunded, returned, sold


def test_alone_it_says_where_everything_is(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"), account="northwind")
    told = {row["name"]: row["value"] for row in typed("doctor").rows}

    assert told["home"] == str(tmp_path / "home")
    assert told["accounts"] == "northwind"
    assert told["today (UTC)"] == "2026-11-20"
    assert told["store"] == "SQLite in the home"


def test_it_repeats_no_password() -> None:
    url = "postgresql://ann:s3cret@localhost:1/db?password=s3cret"
    said = typed("doctor", "--store", url)

    assert said.code == 0
    assert "postgresql://localhost:1/db" in said.out
    assert "s3cret" not in said.out + said.err


def test_formats_are_the_reports_that_can_be_read() -> None:
    rows = typed("doctor", "formats").rows

    assert [row["report_format"] for row in rows] == [form.name for form in REPORT_FORMATS]
    assert all(row["required"] and row["download"] for row in rows)


def test_identify_says_what_files_are_and_why_others_are_not(tmp_path: Path) -> None:
    (good,) = written(tmp_path, returned(ORDER, "2026-06-20"))
    bad = tmp_path / "notes.txt"
    bad.write_text("hello\n")
    said = typed("doctor", "identify", good, bad)
    first, second = said.rows

    assert said.code == 1
    assert first["report_format"] == "fba-customer-returns"
    assert (first["encoding"], first["delimiter"], first["columns"]) == ("utf-8-sig", "tab", 11)
    assert first["digest"] == hashlib.sha256(good.read_bytes()).hexdigest()
    assert second["report_format"] is None
    assert "not a report that this ledger reads" in second["error"]
    assert not (tmp_path / "home").exists()


def test_rows_say_what_each_tells_or_why_it_cannot_be_read(tmp_path: Path) -> None:
    (path,) = written(tmp_path, returned(ORDER, "2026-06-20"), returned(OTHER_ORDER, "2026-06-21"))
    path.write_bytes(path.read_bytes().replace(b"\t1\tLEX1", b"\tone\tLEX1", 1))
    said = typed("doctor", "rows", path)
    bad, good = said.rows

    assert said.code == 1
    assert (bad["row"], bad["stream"]) == (2, None)
    assert "not a whole number" in bad["error"]
    assert (good["row"], good["stream"]) == (3, f"order/{OTHER_ORDER}")
    assert "came back" in good["summary"]
    assert typed("doctor", "rows", path, "--refused").rows == [bad]


# --- what is recorded -------------------------------------------------------------------------


@pytest.fixture
def an_order(tmp_path: Path) -> None:
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(ORDER, "2026-06-20"),
    )


@pytest.mark.usefixtures("an_order")
def test_entries_are_the_lines_over_which_the_hashes_are() -> None:
    rows = typed("doctor", "entries", ORDER).rows

    assert [row["stream"] for row in rows] == [f"order/{ORDER}"] * 3
    for row in rows:
        leaf = hashlib.sha256(b"\0" + row["line"].encode()).hexdigest()
        assert row["leaf"] == leaf
        assert msgspec.json.decode(row["line"])["position"] == row["position"]


@pytest.mark.usefixtures("an_order")
def test_entries_may_be_one_by_its_position_or_the_first_few() -> None:
    assert [row["position"] for row in typed("doctor", "entries", "--position", "3").rows] == [3]
    assert [row["position"] for row in typed("doctor", "entries", "--limit", "2").rows] == [1, 2]
    assert typed("doctor", "entries", "stock/NOBODY").code == 1


@pytest.mark.usefixtures("an_order")
def test_replay_shows_the_case_that_policies_see() -> None:
    def fields(*options: str) -> list[str]:
        return [row["field"] for row in typed("doctor", "replay", ORDER, *options).rows]

    assert {"sales", "refunds", "returns", "marketplace"} <= set(fields())
    assert "returns" not in fields("--as-of", "2026-06-15")
    assert typed("doctor", "replay", ORDER, "--format", "json").json["schema"] == (
        "returns-ledger/doctor-replay/1"
    )


@pytest.mark.usefixtures("an_order")
@pytest.mark.parametrize("stage", [["entries"], ["replay", ORDER], ["formats"], []], ids=str)
def test_each_stage_has_a_table(stage: list[str]) -> None:
    said = typed("doctor", *stage, "--format", "table")

    assert said.code == 0
    assert "\n→ " in said.out
