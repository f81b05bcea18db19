"""Of several accounts one that cannot be read stops no other, is named with what is wrong, and the command ends 1."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from ledger.errors import StoreTrouble
from tests.cli.terminal import imported, typed
from tests.story import ORDER, refunded, sold

DAY: Final = ("--as-of", "2026-09-01")


def torn(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


def lost(file: Path) -> None:
    file.unlink()


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE schema_version SET version = 99")


BROKEN: Final[dict[Callable[[Path], None], str]] = {
    torn: "file is not a database",
    lost: "the ledger is gone: there is no such file",
    newer: "tables of version 99",
}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Four accounts; the second to the fourth are broken, each in a way of its own."""
    told = sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10")
    accounts = tmp_path / "home" / "accounts"
    for account in "ae":
        imported(tmp_path / account, *told, account=account)
    for account in "bcd":
        shutil.copytree(accounts / "a", accounts / account)
    ledgers = [accounts / account / "ledger.db" for account in "abcde"]
    for file, broken in zip(ledgers[1:-1], BROKEN, strict=True):
        broken(file)
    return ledgers


def lines_of(text: str, files: list[Path]) -> list[str]:
    """What is said of each broken account: one line each."""
    return [line for line in text.splitlines() if any(f", {file}: " in line for file in files)]


def assert_each_is_named(lines: list[str], files: list[Path]) -> None:
    for line, account, file, what in zip(lines, "bcd", files[1:-1], BROKEN.values(), strict=True):
        assert f"account {account}, {file}: " in line
        assert what in line
        assert line.count(f"account {account}") == 1


def assert_each_is_shown(shown: str) -> None:
    """In a table, too, with what is to be done; its lines are as wide as the terminal."""
    words = " ".join(shown.split())
    assert [words.count(f"account {account},") for account in "abcde"] == [0, 1, 1, 1, 0]
    assert [words.count(what) for what in BROKEN.values()] == [1, 1, 1]
    assert "Check that the file is a log" in words
    assert "Put the file back" in words
    assert "update the program" in words


QUESTIONS: Final = [
    ("audit", *DAY),
    ("checkpoint", "keys"),
    ("checkpoint", "list"),
    ("costs", ORDER),
    ("coverage",),
    ("due", *DAY),
    ("guard", ORDER, *DAY),
    ("liability",),
    ("postage", ORDER),
    ("rebuild",),
    ("remedy", ORDER),
    ("report", "policy", "--period", "2026-06-01..2026-06-30"),
    ("rights", ORDER),
    ("status",),
    ("story", ORDER),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: " ".join(one[:2]))
def test_a_question_is_answered_by_those_that_can_be_read(
    question: tuple[str, ...], files: list[Path]
) -> None:
    asked = (*question, "--format", "csv")
    alone = [typed(*asked, "--account", account) for account in ("a", "e")]
    said = typed(*asked, "--account", "all")

    assert said.code == 1
    assert said.cells == [row for one in alone for row in one.cells]
    assert_each_is_named([one for one in lines_of(said.err, files) if "error: " in one], files)


def test_what_none_of_them_knows_is_said_to_be_unknown_to_those_that_were_asked(
    files: list[Path],
) -> None:
    said = typed("explain", "F-0000000000", "--account", "all", *DAY)

    assert said.code == 1
    assert_each_is_named([one for one in lines_of(said.err, files) if "error: " in one], files)
    assert "there is no such finding on 2026-09-01 in a, e " in said.err


def test_where_none_can_be_read_there_is_no_answer(files: list[Path]) -> None:
    for file in files:
        torn(file)
    said = typed("status", "--account", "all")

    assert (said.code, said.out) == (1, "")
    assert [said.err.count(str(file)) for file in files] == [1] * len(files)


def test_the_list_has_them_with_what_is_wrong(files: list[Path]) -> None:
    said = typed("account", "list")

    assert said.code == 1
    assert [row["account"] for row in said.rows] == ["a", "b", "c", "d", "e"]
    assert [bool(row["entries"]) for row in said.rows] == [True, False, False, False, True]
    assert_each_is_named([row["error"] for row in said.rows if row["error"]], files)
    assert_each_is_shown(typed("account", "list", "--format", "table").out)


@pytest.mark.parametrize(("command", "about"), [("check", "account"), ("verify", "what")])
def test_every_account_is_checked(command: str, about: str, files: list[Path]) -> None:
    whole = [row for one in "ae" for row in typed(command, "--account", one).rows]
    said = typed(command, "--account", "all")

    assert said.code == 1
    assert [row for row in said.rows if row["ok"]] == whole
    refused = [row for row in said.rows if not row["ok"]]
    assert [(row[about], row["name"]) for row in refused] == [(one, "opened") for one in "bcd"]
    assert_each_is_named([row["problems"][0] for row in refused], files)
    assert_each_is_shown(typed(command, "--account", "all", "--format", "table").out)


def test_every_account_is_audited_by_fleet(files: list[Path]) -> None:
    said = typed("fleet", *DAY)

    assert said.code == 1
    assert [row["account"] for row in said.rows] == ["a", "b", "c", "d", "e"]
    assert_each_is_named([row["error"] for row in said.rows if row["error"]], files)
    assert_each_is_shown(typed("fleet", *DAY, "--format", "table").out)
    assert not files[2].exists()


def test_rules_are_adopted_where_they_can_be(files: list[Path], tmp_path: Path) -> None:
    said = typed("rules", "drop", "--account", "all")

    assert said.code == 1
    assert [one in said.err for one in ("a has no rules", "e has no rules")] == [True, True]
    assert_each_is_named([one for one in lines_of(said.err, files) if "error: " in one], files)


def test_those_that_can_be_read_are_copied(files: list[Path], tmp_path: Path) -> None:
    said = typed("db", "copy", tmp_path / "home", tmp_path / "other", "--all")

    assert said.code == 1
    assert [row["account"] for row in said.rows] == ["a", "e"]
    assert_each_is_named([one for one in lines_of(said.err, files) if "error: " in one], files)


def test_a_folder_that_is_not_there_is_no_empty_home_to_copy(tmp_path: Path) -> None:
    said = typed("db", "copy", tmp_path / "nowhere", tmp_path / "other", "--all")

    assert said.code == 1
    assert f"error: {tmp_path / 'nowhere'}: there is no such folder" in said.err
    assert list(tmp_path.glob("*")) == []


@pytest.mark.parametrize("broken", BROKEN)
def test_one_that_is_named_is_an_error_as_before(
    broken: Callable[[Path], None], files: list[Path]
) -> None:
    broken(files[0])
    said = typed("check", "--account", "a")

    assert (said.code, said.out) == (1, "")
    assert BROKEN[broken] in said.err


def test_the_ledger_that_is_gone_is_not_begun_anew(files: list[Path]) -> None:
    for command in ("status", "check"):
        said = typed(command, "--account", "c")
        assert said.code == 1
        assert "`returns-ledger restore FILE`" in said.err

    assert not files[2].exists()


def test_an_account_is_named_once() -> None:
    trouble = StoreTrouble("it is damaged", file="account a, ledger.db")
    trouble.name_account("a")
    other = StoreTrouble("it is damaged")
    other.name_account("a")

    assert (str(trouble), str(other)) == (
        "account a, ledger.db: it is damaged",
        "account a: it is damaged",
    )
