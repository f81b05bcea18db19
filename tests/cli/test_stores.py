"""The same commands on a PostgreSQL server: import, ask, prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.demo import REPORTS
from tests.cli.terminal import typed, written
from tests.ledger.test_sealing import ORDER as LINE_ORDER
from tests.ledger.test_sealing import plain, row
from tests.postgres import fresh_database
from tests.story import ORDER, OTHER_ORDER, returned, sold

pytestmark = pytest.mark.postgres


@pytest.fixture
def store() -> str:
    return fresh_database()


def test_a_server_answers_as_a_file_does(store: str, demo: Path, demo_day: str) -> None:
    def on_server(*arguments: str) -> list[dict[str, object]]:
        return typed(*arguments, "--store", store).rows

    said = typed("import", REPORTS, "--account", "demo", "--marketplace", "US", "--store", store)
    assert said.code == 0
    again = on_server("import", str(REPORTS), "--marketplace", "US")
    assert {row["new"] for row in again} == {0}

    assert on_server("status") == typed("status").rows
    assert on_server("liability", "--by", "month") == typed("liability", "--by", "month").rows
    assert on_server("coverage") == typed("coverage").rows
    audited = ("audit", "--as-of", demo_day)
    assert on_server(*audited) == typed(*audited).rows
    assert on_server("due", "--as-of", demo_day) == typed("due", "--as-of", demo_day).rows
    assert demo.is_dir()


def test_a_server_is_proved_as_a_file_is(store: str, tmp_path: Path) -> None:
    (path,) = written(tmp_path / "files", returned(ORDER, "2026-06-20"))
    typed("import", path, "--store", store)
    typed("audit", "--store", store)

    assert typed("check", "--store", store).code == 0
    assert typed("rebuild", "--verify", "--store", store).code == 0
    assert not (tmp_path / "home" / "accounts").exists()


def test_accounts_on_a_server_stand_side_by_side(store: str, tmp_path: Path) -> None:
    (first,) = written(tmp_path / "one", sold(ORDER, "2026-06-01"))
    (second,) = written(tmp_path / "two", sold(OTHER_ORDER, "2026-06-01"))
    typed("import", first, "--store", store, "--account", "one")
    typed("import", second, "--store", store, "--account", "two-eu")

    assert [row["account"] for row in typed("account", "list", "--store", store).rows] == [
        "one",
        "two-eu",
    ]
    rows = typed("status", "--account", "all", "--store", store).rows
    assert [(row["account"], row["order_id"]) for row in rows] == [
        ("one", ORDER),
        ("two-eu", OTHER_ORDER),
    ]


def test_a_trial_makes_nothing_on_a_server(store: str, tmp_path: Path) -> None:
    (path,) = written(tmp_path / "files", returned(ORDER, "2026-06-20"))
    typed("import", path, "--store", store, "--dry-run")

    assert typed("account", "list", "--store", store).rows == []


def test_on_a_server_the_keys_lie_elsewhere_and_erasing_is_the_same(
    store: str, tmp_path: Path
) -> None:
    report = tmp_path / "june.txt"
    report.write_bytes(plain(row("Leave it with Ulrika")).encode())
    there = ("--store", store, "--keys", tmp_path / "keys")
    typed("import", report, "--marketplace", "US", "--account", "us", *there)

    assert "Ulrika" in typed("story", LINE_ORDER, "--reveal", *there).out
    assert typed("privacy", "erase", LINE_ORDER, "--why", "asked for", *there).code == 0
    assert "Ulrika" not in typed("story", LINE_ORDER, "--reveal", *there).out
    assert typed("check", *there).code == 0
    assert (tmp_path / "keys" / "accounts" / "us" / "keys.db").is_file()
    assert not (tmp_path / "home" / "accounts" / "us" / "keys.db").exists()
