"""What is asked for is handed out, nothing besides, and the same question gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from ledger.verify import verify_pack
from tests.cli.packs.conftest import files_in, lines_in
from tests.cli.terminal import Said, ended, imported, started, typed
from tests.story import ORDER, OTHER_ORDER, refunded, returned, shipped, sold

FORMS = "csv,ndjson,parquet,xlsx,sqlite"


def exported(output: Path, *asked: str | Path, **more: Any) -> dict[str, bytes]:
    """The files of an export, which the standalone verifier accepts."""
    said = typed("export", *asked, "-o", output, **more)
    assert said.code == 0, said.err
    report = verify_pack(output)
    assert report.ok, report.problems
    return files_in(output)


def refused(output: Path, *asked: str | Path, code: int = 1) -> Said:
    """An export that is not made, and of which nothing is left."""
    before = set(output.parent.iterdir())
    said = typed("export", *asked, "-o", output)
    assert said.code == code, said.out
    assert before == set(output.parent.iterdir())
    return said


def cells(files: dict[str, bytes], table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"tables/{table}.csv"].decode())))


def two_orders(tmp_path: Path) -> None:
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(ORDER, "2026-07-20"),
        sold(OTHER_ORDER, "2026-06-02"),
        refunded(OTHER_ORDER, "2026-07-02", principal="10.00"),
    )


# --- everything -------------------------------------------------------------------------------


def test_the_whole_ledger_is_handed_out_with_its_files_and_views(
    demo: Path, tmp_path: Path
) -> None:
    files = exported(tmp_path / "all.zip", "--all")
    manifest = json.loads(files["manifest.json"])
    rebuilt = {row["name"]: row for row in typed("rebuild", "--verify").rows}

    assert manifest["complete"]
    assert manifest["counts"] == {"entries": 2429, "originals": 24}
    assert {name: (view["rows"], view["digest"]) for name, view in manifest["views"].items()} == {
        name: (row["rows"], row["digest"]) for name, row in rebuilt.items()
    }
    assert demo.is_dir()


def test_the_tables_say_what_the_commands_say(demo: Path, tmp_path: Path) -> None:
    files = exported(tmp_path / "all", "--all")
    day = json.loads(files["manifest.json"])["question"]["as_of"]

    assert day is None
    assert files["tables/status.csv"].decode() == typed("status", "--format", "csv").out
    assert files["tables/liability.csv"].decode() == typed("liability", "--format", "csv").out
    told = typed("audit", "--as-of", "2026-11-18", "--format", "csv").out
    assert sorted(files["tables/audit.csv"].decode().splitlines()) == sorted(told.splitlines())
    assert demo.is_dir()


def test_everything_borne_comes_to_nothing_together(demo: Path, tmp_path: Path) -> None:
    files = exported(tmp_path / "all", "--all")

    assert cells(files, "totals")
    assert {row["together"] for row in cells(files, "totals")} == {"0.00"}
    assert demo.is_dir()


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_the_same_question_gives_the_same_bytes(demo: Path, tmp_path: Path, name: str) -> None:
    """On another day, in another process, however the answer is shown."""
    asked = ("export", "--all", "--with", FORMS)
    later = datetime(2031, 1, 1, tzinfo=UTC)
    for folder in ("first", "second", "third"):
        (tmp_path / folder).mkdir()
    assert typed(*asked, "-o", tmp_path / "first" / name).code == 0
    second = typed(
        *asked, "-o", tmp_path / "second" / name, "--format", "table", clock=lambda: later
    )
    assert second.code == 0
    assert ended(started(*asked, "-o", tmp_path / "third" / f"x{name}")).code == 0
    made = [tmp_path / "first" / name, tmp_path / "second" / name, tmp_path / "third" / f"x{name}"]

    assert files_in(made[0]) == files_in(made[1]) == files_in(made[2])
    if name == "pack.zip":
        assert 1 == len({path.read_bytes() for path in made})
    assert demo.is_dir()


def test_the_procedure_names_every_rule_view_and_report_that_is_in_it(
    demo: Path, tmp_path: Path
) -> None:
    files = exported(tmp_path / "all", "--all")
    page = files["procedure.md"].decode()
    manifest = json.loads(files["manifest.json"])
    rules = {rule for row in cells(files, "audit") for rule in row["rule_ids"].split("; ") if rule}

    assert rules
    assert [] == [rule for rule in rules if f"| {rule} |" not in page]
    assert [] == [view for view in manifest["views"].values() if view["digest"][:16] not in page]
    assert [] == [row for row in cells(files, "imports") if row["report_format"] not in page]
    assert manifest["log"]["origin"] in page
    assert demo.is_dir()


def test_the_keys_are_never_handed_out(demo: Path, tmp_path: Path) -> None:
    """Nor is any other file of the home."""
    files = exported(tmp_path / "all", "--all", "--with", FORMS)
    kept = next((demo).rglob("keys.db")).read_bytes()

    assert not any(path.endswith("keys.db") for path in files)
    assert not any(data[:16] == kept[:16] for path, data in files.items() if "sqlite" not in path)


# --- an order ---------------------------------------------------------------------------------


def test_an_order_comes_with_the_rows_that_tell_of_it_and_nobody_elses(tmp_path: Path) -> None:
    two_orders(tmp_path)
    files = exported(tmp_path / "order", "--order", ORDER)
    rows = lines_in(files["rows.ndjson"])

    assert {"basis", "asked"} == {row["part"] for row in cells(files, "entries")}
    assert {ORDER} == {row["order_id"] for row in cells(files, "postings")}
    assert [ORDER] == [row["order_id"] for row in cells(files, "status")]
    assert {row["source_row"] for row in cells(files, "entries") if row["source_row"]} == {
        str(row["row"]) for row in rows
    }
    assert [] == [path for path, data in files.items() if OTHER_ORDER.encode() in data]
    assert [] == [path for path in files if path.startswith("originals/")]


def test_an_order_comes_with_whole_files_where_that_is_wanted(tmp_path: Path) -> None:
    two_orders(tmp_path)
    files = exported(tmp_path / "order", "--order", ORDER, "--originals", "all")
    told = {row["digest"]: row["included"] for row in cells(files, "originals")}

    assert {"true"} == set(told.values())
    assert {f"originals/{digest}" for digest in told} == {
        path for path in files if path.startswith("originals/")
    }
    assert "rows.ndjson" not in files


def test_several_orders_are_one_question_in_whatever_order(tmp_path: Path) -> None:
    two_orders(tmp_path)
    first = exported(tmp_path / "first", "--order", ORDER, "--order", OTHER_ORDER)
    second = exported(tmp_path / "second", "--order", OTHER_ORDER, "--order", ORDER)

    assert first == second


def test_an_order_that_is_not_known_is_refused(tmp_path: Path) -> None:
    two_orders(tmp_path)
    said = refused(tmp_path / "order", "--order", "114-9999999-9999999")

    assert "114-9999999-9999999" in said.err


# --- a period ---------------------------------------------------------------------------------


def happened(files: dict[str, bytes], *parts: str) -> set[tuple[str, str]]:
    """Stream and day of each entry that is there for such a reason."""
    return {
        (row["stream"], row["occurred_at"][:10])
        for row in cells(files, "entries")
        if row["part"] in parts
    }


def test_a_period_has_what_happened_in_it_whenever_that_was_recorded(tmp_path: Path) -> None:
    two_orders(tmp_path)
    files = exported(tmp_path / "june", "--period", "2026-06")

    assert happened(files, "asked", "late") == {
        (f"order/{ORDER}", "2026-06-01"),
        (f"order/{ORDER}", "2026-06-10"),
        (f"order/{OTHER_ORDER}", "2026-06-02"),
    }
    assert {row["day"][:7] for row in cells(files, "postings")} == {"2026-06"}
    assert {row["event"] for row in cells(files, "entries") if row["part"] == "basis"} >= {
        "AccountOpened",
        "RulebookAdopted",
        "ReportImported",
    }


def test_what_was_recorded_after_the_period_is_marked(tmp_path: Path) -> None:
    """Everything is told on 20 November: of June it is late, of November it is not."""
    two_orders(tmp_path)
    imported(tmp_path / "more", refunded(ORDER, "2026-11-05", number="2"))
    june = exported(tmp_path / "june", "--period", "2026-06")
    november = exported(tmp_path / "november", "--period", "2026-11-01..2026-11-30")

    assert "asked" not in {row["part"] for row in cells(june, "entries")}
    assert (f"order/{ORDER}", "2026-11-05") in happened(november, "asked")


def test_a_correction_comes_with_what_it_corrects(tmp_path: Path) -> None:
    two_orders(tmp_path)
    noted = typed("note", ORDER, "seen on the shelf", "--at", "2026-06-15", "--format", "json")
    assert noted.code == 0, noted.err
    position = max(row["position"] for row in typed("story", ORDER).rows)
    corrected = typed("correct", ORDER, str(position), "--why", "it was another shelf")
    assert corrected.code == 0, corrected.err
    files = exported(tmp_path / "june", "--period", "2026-06")
    told = {row["event"]: row["part"] for row in cells(files, "entries")}

    assert (told["NoteAdded"], told["EntryCorrected"]) == ("late", "basis")


def test_days_end_at_midnight_where_the_store_is(tmp_path: Path) -> None:
    """Three hours after midnight UTC it is still June in Seattle."""
    told = shipped(ORDER, "2026-07-01")
    night = {**told.rows[0], "shipment-date": "2026-07-01T03:00:00+00:00"}
    imported(tmp_path / "files", replace(told, rows=(night,)))
    files = exported(tmp_path / "june", "--period", "2026-06-30..2026-06-30")

    assert (f"order/{ORDER}", "2026-07-01") in happened(files, "late")
    assert "nothing is recorded" in refused(tmp_path / "july", "--period", "2026-07").err


def test_it_is_judged_on_the_last_day_of_the_period(demo: Path, tmp_path: Path) -> None:
    files = exported(tmp_path / "october", "--period", "2026-10")
    told = typed("audit", "--as-of", "2026-10-31", "--format", "csv").out
    audited = {row["finding_id"]: row for row in csv.DictReader(io.StringIO(told))}

    assert cells(files, "audit")
    assert [] == [row for row in cells(files, "audit") if row != audited[row["finding_id"]]]
    assert "| judged on | 2026-10-31 |" in files["procedure.md"].decode()
    assert demo.is_dir()


def test_a_period_in_which_nothing_happened_is_refused(tmp_path: Path) -> None:
    two_orders(tmp_path)
    said = refused(tmp_path / "none", "--period", "2019")

    assert "nothing is recorded that happened from 2019-01-01 to 2019-12-31" in said.err
    assert "coverage" in said.err


def test_nothing_falls_between_two_periods_or_into_both(demo: Path, tmp_path: Path) -> None:
    """Entry by entry and cent by cent, the months of a ledger are the whole of it."""
    whole = exported(tmp_path / "all", "--all")
    days = [row["occurred_at"][:7] for row in cells(whole, "entries")]
    first, last = min(days), max(days)
    parts = [
        exported(tmp_path / month, "--period", month)
        for month in (
            f"{year}-{number:02}" for year in range(2025, 2028) for number in range(1, 13)
        )
        if first <= month <= last and month in days
    ]
    positions = [
        row["position"]
        for part in parts
        for row in cells(part, "entries")
        if row["part"] != "basis"
    ]
    borne = sorted(str(row) for part in parts for row in cells(part, "postings"))

    assert sorted(positions) == sorted(row["position"] for row in cells(whole, "entries"))
    assert borne == sorted(str(row) for row in cells(whole, "postings"))
    assert demo.is_dir()


# --- before and since -------------------------------------------------------------------------


def test_an_export_goes_on_from_the_one_before(tmp_path: Path) -> None:
    two_orders(tmp_path)
    first = exported(tmp_path / "first", "--all")
    imported(tmp_path / "more", refunded(ORDER, "2026-11-05", number="2"))
    second = exported(tmp_path / "second", "--all")
    again = exported(tmp_path / "again", "--all")

    assert "consistency.json" not in first
    assert first["checkpoint"].decode() == json.loads(second["consistency.json"])["from"]
    assert second == again


def test_an_export_goes_on_from_the_checkpoint_that_is_named(tmp_path: Path) -> None:
    two_orders(tmp_path)
    kept = tmp_path / "kept"
    kept.write_bytes(exported(tmp_path / "first", "--all")["checkpoint"])
    for number, day in enumerate(("2026-11-05", "2026-11-06")):
        imported(tmp_path / day, refunded(ORDER, day, number=str(number + 2)))
        exported(tmp_path / f"export-{day}", "--all")
    files = exported(tmp_path / "last", "--order", ORDER, "--since", kept)

    assert kept.read_text() == json.loads(files["consistency.json"])["from"]
    assert verify_pack(tmp_path / "last", checkpoint=kept.read_text()).ok


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"returns-ledger/x\n3\nAAAA\n\n"])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, data: bytes) -> None:
    two_orders(tmp_path)
    other = tmp_path / "other"
    other.write_bytes(data)

    assert "no checkpoint" in refused(tmp_path / "x", "--all", "--since", other).err


def test_what_was_exported_of_entries_that_are_lost_is_no_beginning(tmp_path: Path) -> None:
    """An older backup was put back and the loss accepted: the last export is of another history."""
    two_orders(tmp_path)
    first = exported(tmp_path / "first", "--all")
    assert typed("backup", "-o", tmp_path / "b.zip").code == 0
    assert typed("note", ORDER, "will be lost").code == 0
    exported(tmp_path / "second", "--all")
    for path in (tmp_path / "home" / "accounts" / "seller").glob("ledger.db*"):
        path.unlink()
    assert typed("restore", tmp_path / "b.zip").code == 1
    assert typed("checkpoint", "accept-loss", "--why", "the disk is gone").code == 0
    assert typed("note", ORDER, "it goes on").code == 0
    third = exported(tmp_path / "third", "--all")

    assert first["checkpoint"].decode() == json.loads(third["consistency.json"])["from"]


def test_the_log_of_an_earlier_moment_is_handed_out_as_it_was(tmp_path: Path) -> None:
    two_orders(tmp_path)
    before = exported(tmp_path / "before", "--all")
    later = datetime(2026, 11, 25, tzinfo=UTC)
    typed("note", ORDER, "again", clock=lambda: later)
    then = exported(tmp_path / "then", "--all", "--known-at", "2026-11-21")
    now = exported(tmp_path / "now", "--all")

    assert before == then
    assert before["checkpoint"] != now["checkpoint"]


def test_a_moment_before_the_first_entry_is_refused(tmp_path: Path) -> None:
    two_orders(tmp_path)

    assert (
        "nothing had been recorded"
        in refused(tmp_path / "x", "--all", "--known-at", "2020-01-01").err
    )


# --- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ((), "say what to export"),
        (("--all", "--period", "2026-10"), "say what to export"),
        (("--all", "--with", "pdf"), "'pdf' is no form"),
        (("--period", "2026-13"), "is no month"),
        (("--period", "October"), "is no month"),
        (("--period", "2026-10-31..2026-10-01"), "ends before it begins"),
    ],
)
def test_a_question_that_is_not_one_is_a_matter_of_usage(
    tmp_path: Path, asked: tuple[str, ...], why: str
) -> None:
    assert why in refused(tmp_path / "x", *asked, code=2).err


@pytest.mark.parametrize(("form", "module"), [("parquet", "pyarrow"), ("xlsx", "xlsxwriter")])
def test_a_form_that_needs_more_says_how_to_install_it(
    tmp_path: Path, form: str, module: str
) -> None:
    two_orders(tmp_path)
    with patch.dict(sys.modules, {module: None}):
        said = refused(tmp_path / "x", "--all", "--with", form)

    assert f"pip install 'returns-ledger[{form}]'" in said.err


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    two_orders(tmp_path)
    (tmp_path / "x.zip").write_text("precious")

    assert "nothing is written over" in refused(tmp_path / "x.zip", "--all").err
    assert "precious" == (tmp_path / "x.zip").read_text()
