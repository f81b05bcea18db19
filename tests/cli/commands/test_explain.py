"""Explaining a finding: tests, evidence, and what would change the answer."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cli.questions import Question
from tests.cli.terminal import typed

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def missing(demo_day: str) -> dict[str, Any]:
    """A missing return that may be claimed."""
    return next(
        row
        for row in typed("audit", "--as-of", demo_day, "--verdict", "ready").rows
        if row["claim_type"] == "return_missing"
    )


def test_it_gives_the_finding_and_every_test(missing: dict[str, Any], demo_day: str) -> None:
    told = typed("explain", missing["finding_id"], "--as-of", demo_day, "--format", "json").json

    assert list(told) == ["schema", "as_of", "known_at", "finding", "tests"]
    assert told["schema"] == "returns-ledger/explain/1"
    assert told["finding"] == missing
    for test in told["tests"]:
        assert {"test", "answer", "decided_by", "would_flip"} <= set(test)
        for decided in test["decided_by"]:
            assert {"kind", "id", "text"} <= set(decided)
            assert decided["kind"] in ("entry", "rule", "coverage")


def test_an_entry_is_named_with_file_and_row(missing: dict[str, Any], demo_day: str) -> None:
    (told,) = typed("explain", missing["finding_id"], "--as-of", demo_day).rows
    decided = [one for test in told["tests"] for one in test["decided_by"]]
    entries = [one for one in decided if one["kind"] == "entry"]
    story = {str(row["position"]): row for row in typed("story", missing["stream"]).rows}

    assert entries
    for entry in entries:
        row = story[entry["id"]]
        assert (entry["source_file"], entry["source_row"]) == (
            row["source_file"],
            row["source_row"],
        )
        assert row["summary"] in entry["text"]
    assert {int(entry["id"]) for entry in entries} <= set(missing["entries"])


def test_a_rule_is_named_with_its_words_and_where_they_stand(
    missing: dict[str, Any], demo_day: str
) -> None:
    (told,) = typed("explain", missing["finding_id"], "--as-of", demo_day).rows
    rules = [one for test in told["tests"] for one in test["decided_by"] if one["kind"] == "rule"]

    assert missing["rule_id"] in [rule["id"] for rule in rules]
    assert all(rule["sources"] and "evidence" in rule["text"] for rule in rules)


def test_every_finding_can_be_explained(demo_day: str) -> None:
    kinds: dict[tuple[str, str], str] = {}
    for row in typed("audit", "--as-of", demo_day).rows:
        kinds.setdefault((row["claim_type"], row["verdict"]), row["finding_id"])
    for finding_id in kinds.values():
        said = typed("explain", finding_id, "--as-of", demo_day, "--format", "table")
        assert said.code == 0
        assert f"`returns-ledger story {said.out.split('story ')[1].split('`')[0]}`" in said.out


# --- names ------------------------------------------------------------------------------------


def test_an_id_may_be_shortened_and_its_case_does_not_matter(
    missing: dict[str, Any], demo_day: str
) -> None:
    whole = missing["finding_id"]

    def explained(name: str) -> Any:
        return typed("explain", name, "--as-of", demo_day).rows

    assert explained(whole.lower()) == explained(whole)
    assert explained(whole.removeprefix("F-")) == explained(whole)
    assert explained(whole[:9]) == explained(whole)


def test_a_beginning_that_several_share_is_an_error_that_names_some() -> None:
    said = typed("explain", "F-")

    assert said.code == 1
    assert "findings begin like this: F-" in said.err
    assert "→ Write a few more letters of the one that is meant." in said.err


def test_a_finding_that_two_accounts_have_needs_the_account(
    missing: dict[str, Any], demo: Path, demo_day: str
) -> None:
    """As where the same files went into two ledgers."""
    shutil.copytree(demo / "accounts" / "demo", demo / "accounts" / "again")
    explain = ("explain", missing["finding_id"], "--as-of", demo_day)
    said = typed(*explain, "--account", "all")

    assert said.code == 1
    assert "several accounts have this finding: again, demo" in said.err
    assert typed(*explain, "--account", "again").code == 0


def test_an_id_that_no_finding_has_is_an_error_with_advice() -> None:
    said = typed("explain", "F-0000000000")

    assert said.code == 1
    assert "there is no such finding" in said.err
    assert "→ `returns-ledger audit` lists them" in said.err


def test_a_finding_that_was_recorded_is_found_where_it_stands(missing: dict[str, Any]) -> None:
    """The trail says in which stream to look."""
    typed("audit")
    told = typed("explain", missing["finding_id"]).row

    assert told["finding"]["finding_id"] == missing["finding_id"]


def test_a_whole_id_that_the_table_has_is_explained_without_judging_every_case(
    missing: dict[str, Any], demo: Path, demo_day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a million orders all others are left alone."""
    whole, judging = missing["finding_id"], Question._every_finding
    typed("rebuild")
    asked: list[str] = []

    def every_finding(question: Question, *of: Any) -> Any:
        asked.append(of[0].log.account)
        return judging(question, *of)

    monkeypatch.setattr(Question, "_every_finding", every_finding)
    commands = (
        ("explain", whole),
        ("guard", whole),
        ("dossier", whole, "-o", f"{demo}/d.zip", "--despite", "tried"),
    )
    for command in commands:
        assert typed(*command, "--as-of", demo_day).code in (0, 3), command
    assert not asked
    typed("explain", whole[:9], "--as-of", demo_day)
    assert asked, "of a shortened id it takes all to know that one alone is meant"


def test_an_id_is_found_whatever_the_table_says(
    missing: dict[str, Any], demo: Path, demo_day: str
) -> None:
    """It may be there no more, or be behind, or have another finding under the id."""
    whole = missing["finding_id"]
    typed("rebuild")
    told = typed("explain", whole, "--as-of", demo_day).row
    views = demo / "accounts" / "demo" / "views.db"
    with sqlite3.connect(views) as connection:
        connection.execute("UPDATE eligibility SET finding_id = 'F-0000000000'")
    connection.close()

    assert told == typed("explain", whole, "--as-of", demo_day).row
    assert typed("explain", "F-0000000000", "--as-of", demo_day).code == 1
    views.unlink()
    assert told == typed("explain", whole, "--as-of", demo_day).row


# --- as a person reads it ---------------------------------------------------------------------


def test_a_table_asks_and_answers(missing: dict[str, Any], demo_day: str) -> None:
    shown = typed("explain", missing["finding_id"], "--as-of", demo_day, "--format", "table").out

    assert shown.startswith(f"{missing['finding_id']}  return missing\n")
    assert f"Answer on {demo_day}: ready" in shown
    assert "1. Was the buyer refunded?\n   ✓ yes, on" in shown
    assert "     Would change it: " in shown
    assert "Assumed, as no report says\n" in shown


def test_csv_has_a_line_for_each_test(missing: dict[str, Any], demo_day: str) -> None:
    (told,) = typed("explain", missing["finding_id"], "--as-of", demo_day).rows
    cells = typed("explain", missing["finding_id"], "--as-of", demo_day, "--format", "csv").cells

    assert [cell["test"] for cell in cells] == [test["test"] for test in told["tests"]]
