"""The demo: everything once, on an invented seller's reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.demo import ANSWER_KEY
from tests.cli.terminal import environment, imported, typed
from tests.story import ORDER, sold


def test_it_walks_from_import_to_an_orders_story() -> None:
    said = typed("demo")
    steps = [line for line in said.out.splitlines() if line.startswith("$ ")]

    assert said.code == 0
    assert [step.split()[2] for step in steps] == ["import", "audit", "explain", "story"]
    assert "ready: " in said.out
    assert "Was the buyer refunded?" in said.out
    assert said.out.splitlines()[-1].endswith("returns-ledger import FOLDER --marketplace US")


def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    typed("demo")

    assert list(tmp_path.iterdir()) == []


def test_it_does_not_touch_the_users_own_ledgers(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"), account="demo")
    before = typed("account", "list").rows
    with environment(RETURNS_LEDGER_STORE=f"sqlite:///{tmp_path}/store.db"):
        typed("demo")
        typed("demo", "--answer-key")

    assert typed("account", "list").rows == before
    assert not (tmp_path / "store.db").exists()


def test_it_may_be_kept_to_go_on_with(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    said = typed("demo", "--keep", kept)

    assert f"returns-ledger --home {kept} audit" in said.out
    assert [row["account"] for row in typed("account", "list", "--home", kept).rows] == ["demo"]


def test_its_reports_may_be_had_to_import_them_oneself(tmp_path: Path) -> None:
    copied = typed("demo", "--reports", tmp_path / "downloads").rows

    assert [row["file"] for row in copied] == sorted(map(str, (tmp_path / "downloads").iterdir()))
    assert typed("import", tmp_path / "downloads", "--marketplace", "US").code == 0


@pytest.mark.parametrize("option", ["--keep", "--reports"])
def test_it_does_not_mix_with_what_a_folder_holds(tmp_path: Path, option: str) -> None:
    (tmp_path / "file").write_text("mine")
    said = typed("demo", option, tmp_path)

    assert said.code == 1
    assert "the folder is not empty" in said.err


def test_the_answer_key_has_a_row_for_each_planted_case() -> None:
    said = typed("demo", "--answer-key")
    planted = json.loads(ANSWER_KEY.read_bytes())["expected"]
    rows = [row for row in said.rows if row["case"] != "(not planted)"]

    assert [row["case"] for row in rows] == [case["case"] for case in planted]
    assert {"case", "expected", "found", "match", "differs"} <= set(rows[0])


def test_everything_that_was_planted_is_found_and_nothing_else() -> None:
    said = typed("demo", "--answer-key")

    assert [row for row in said.rows if not row["match"]] == []
    assert said.code == 0


def test_a_table_shows_the_planted_cases_and_how_many_were_found() -> None:
    shown = typed("demo", "--answer-key", "--format", "table").out

    assert shown.splitlines()[0].startswith("planted case")
    assert shown.splitlines()[-1].endswith("cases are found as planted.")
