"""Beginning an account and listing those there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import imported, typed
from tests.story import ORDER, sold


def test_an_account_can_be_begun_before_there_is_a_file() -> None:
    row = typed("account", "add", "northwind-eu", "--region", "eu").row

    assert (row["account"], row["region"], row["files"]) == ("northwind-eu", "EU", 0)
    assert [entry["event"] for entry in typed("story", "account").rows] == [
        "AccountOpened",
        "RulebookAdopted",
    ]


def test_an_account_that_is_there_is_left_as_it_is() -> None:
    typed("account", "add", "northwind", "--region", "NA")
    row = typed("account", "add", "northwind", "--region", "EU").row

    assert (row["region"], row["entries"]) == ("NA", 2)


def test_the_list_says_how_much_each_ledger_holds(tmp_path: Path) -> None:
    typed("account", "add", "one", "--region", "FE")
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"), account="two")
    rows = typed("account", "list").rows

    assert [(row["account"], row["region"], row["files"]) for row in rows] == [
        ("one", "FE", 0),
        ("two", None, 1),
    ]


@pytest.mark.parametrize(
    "arguments",
    [("add", "x"), ("add", "x", "--region", "XX"), ("add",), ("drop", "x")],
    ids=" ".join,
)
def test_what_is_not_understood_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert typed("account", *arguments).code == 2
