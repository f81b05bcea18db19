"""Making the views again, and proving that they are what they would be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from projections import PROJECTIONS
from tests.cli.terminal import imported, typed
from tests.story import ORDER, refunded, returned, sold


@pytest.fixture(autouse=True)
def an_order(tmp_path: Path) -> None:
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(ORDER, "2026-06-20"),
    )


def test_every_projection_is_made_again() -> None:
    told = typed("rebuild", "--format", "json").json

    assert list(told) == ["schema", "as_of", "known_at", "projections"]
    assert [one["name"] for one in told["projections"]] == [one.name for one in PROJECTIONS]
    assert {one["equal"] for one in told["projections"]} == {None}
    assert {one["entries"] for one in told["projections"]} == {
        typed("account", "list").row["entries"]
    }


def test_verifying_finds_them_equal_and_changes_nothing() -> None:
    made = typed("rebuild").rows
    verified = typed("rebuild", "--verify")

    assert verified.code == 0
    assert [one["digest"] for one in verified.rows] == [one["digest"] for one in made]
    assert {one["equal"] for one in verified.rows} == {True}


def test_verifying_works_before_any_question_was_asked() -> None:
    assert typed("rebuild", "--verify").code == 0


def test_a_view_that_differs_ends_1(tmp_path: Path) -> None:
    typed("rebuild")
    views = tmp_path / "home" / "accounts" / "seller" / "views.db"
    with sqlite3.connect(views) as connection:
        connection.execute("DELETE FROM liability")
    connection.close()
    said = typed("rebuild", "--verify")

    assert said.code == 1
    assert [one["name"] for one in said.rows if not one["equal"]] == ["liability"]
