"""Proving that everything agrees, and noticing where somebody has tampered."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.terminal import imported, typed
from tests.story import ORDER, refunded, reimbursed, returned, sold

NAMES = {
    "guards",
    "leaves",
    "tree",
    "positions",
    "versions",
    "originals",
    "roots",
    "identities",
    "views",
}


@pytest.fixture(autouse=True)
def an_order(tmp_path: Path) -> None:
    """With its views filled."""
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(ORDER, "2026-06-20"),
        reimbursed("2026-06-22", "R-1", order=ORDER),
    )
    typed("status")
    typed("audit")


def change(tmp_path: Path, database: str, *statements: str) -> None:
    """Change a database behind the program's back."""
    path = tmp_path / "home" / "accounts" / "seller" / database
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def wrong() -> dict[str, list[str]]:
    """The checks that find something."""
    said = typed("check")
    assert said.code == 1
    return {row["name"]: row["problems"] for row in said.rows if not row["ok"]}


def test_what_agrees_ends_0() -> None:
    said = typed("check", "--format", "json")

    assert said.code == 0
    assert list(said.json) == ["schema", "as_of", "known_at", "checks"]
    checks = said.json["checks"]
    assert {check["name"] for check in checks} >= NAMES
    assert all(check["ok"] and not check["problems"] for check in checks)
    # Nothing is revised or corrected in this ledger, and nothing personal.
    assert [check["name"] for check in checks if not check["checked"]] == ["chain", "sealed"]


def test_an_entry_that_was_changed_is_found(tmp_path: Path) -> None:
    (trigger,) = triggers(tmp_path, "entries", "UPDATE")
    change(
        tmp_path,
        "ledger.db",
        f"DROP TRIGGER {trigger}",
        "UPDATE entries SET state = replace(state, '\"quantity\":1', '\"quantity\":9') WHERE position = 4",
    )
    found = wrong()

    assert set(found) >= {"guards", "leaves", "tree"}
    assert found["leaves"] != []


def triggers(tmp_path: Path, table: str, action: str) -> list[str]:
    path = tmp_path / "home" / "accounts" / "seller" / "ledger.db"
    with sqlite3.connect(path) as connection:
        asked = (
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? AND sql LIKE ?"
        )
        found = connection.execute(asked, (table, f"%BEFORE {action}%")).fetchall()
    connection.close()
    return [name for (name,) in found]


def test_an_original_that_is_gone_is_found(tmp_path: Path) -> None:
    (trigger,) = triggers(tmp_path, "originals", "DELETE")
    change(tmp_path, "ledger.db", f"DROP TRIGGER {trigger}", "DELETE FROM originals")
    found = wrong()

    assert any("is not kept" in problem for problem in found["roots"])
    assert "identities" in found


def test_a_view_that_was_changed_is_found_and_made_again(tmp_path: Path) -> None:
    change(tmp_path, "views.db", "UPDATE status SET units_returned = 7")

    assert wrong() == {
        "views": ["status is not what the log amounts to: run `returns-ledger rebuild`"]
    }
    shown = typed("check", "--format", "table").out
    assert "→ Only derived tables differ: `returns-ledger rebuild` makes them again." in shown
    assert typed("rebuild").code == 0
    assert typed("check").code == 0


def test_views_that_were_never_filled_are_no_problem(tmp_path: Path) -> None:
    (tmp_path / "home" / "accounts" / "seller" / "views.db").unlink()

    assert typed("check").code == 0


def test_views_that_cannot_be_used_hide_nothing_else(tmp_path: Path) -> None:
    typed("status")
    (views,) = (tmp_path / "home" / "accounts").glob("*/views.db")
    views.write_bytes(b"no database" * 1000)
    said = typed("check")

    assert said.code == 1
    assert [row["name"] for row in said.rows if not row["ok"]] == ["views"]
    assert "remove this file" in typed("check", "--format", "table").out


# --- a file that is damaged --------------------------------------------------------------------


def break_page(file: Path, number: int) -> None:
    """What a disk that dies may leave of a page."""
    with sqlite3.connect(file) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with file.open("r+b") as written:
        written.seek((number - 1) * size + (100 if number == 1 else 0))
        written.write(b"\xff" * 1000)


def page_of_entries(file: Path) -> int:
    """The page at which the table of entries begins."""
    with sqlite3.connect(file) as connection:
        asked = "SELECT rootpage FROM sqlite_schema WHERE name = 'entries'"
        (page,) = connection.execute(asked).fetchone()
    connection.close()
    return int(page)


@pytest.mark.parametrize("command", ["audit", "status", "due", "liability"])
def test_of_several_accounts_the_one_that_is_damaged_is_named(command: str, tmp_path: Path) -> None:
    for account in ("sound", "broken"):
        typed("import", tmp_path / "files", "--account", account)
    file = tmp_path / "home" / "accounts" / "broken" / "ledger.db"
    break_page(file, page_of_entries(file))
    said = typed(command, "--account", "all")

    assert said.code == 1
    assert f"error: account broken, {file}: the log cannot be read: " in said.err
    assert "`returns-ledger check --account broken`" in said.err
    assert "`returns-ledger restore`" in said.err


def test_a_damaged_file_that_is_named_by_its_address_is_named(tmp_path: Path) -> None:
    file = tmp_path / "one.db"
    store = ("--store", f"sqlite:///{file}")
    typed(*store, "import", tmp_path / "files", "--account", "one")
    break_page(file, page_of_entries(file))
    said = typed(*store, "status")

    assert said.code == 1
    assert f"error: {file}: the log cannot be read: " in said.err


def test_a_file_so_damaged_that_it_cannot_be_opened_is_named_as_well(tmp_path: Path) -> None:
    (file,) = (tmp_path / "home" / "accounts").glob("*/ledger.db")
    break_page(file, 1)
    said = typed("status")

    assert said.code == 1
    assert f"error: account {file.parent.name}, {file}: the store cannot be opened: " in said.err
    assert "`returns-ledger restore`" in said.err
