"""The line that each command leaves: what ran, and nothing personal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.terminal import imported, typed, written
from tests.story import ORDER, returned


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "home" / "log" / "returns-ledger.jsonl"
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def test_a_command_leaves_one_line_with_its_counts(tmp_path: Path) -> None:
    imported(tmp_path / "files", returned(ORDER, "2026-06-20"))
    typed("status")
    first, second = lines(tmp_path)

    assert (first["command"], first["accounts"], first["exit_code"]) == ("import", ["seller"], 0)
    assert (first["files"], first["new"], first["refused"]) == (1, 1, 0)
    assert (second["command"], second["rows"]) == ("status", 1)
    assert {"event", "level", "timestamp", "seconds", "version"} <= set(second)


def test_an_error_leaves_a_line_too(tmp_path: Path) -> None:
    imported(tmp_path / "files", returned(ORDER, "2026-06-20"))
    typed("status", "999-9999999-9999999")

    assert lines(tmp_path)[-1]["exit_code"] == 1


def test_it_names_no_order_no_file_and_nobody(tmp_path: Path) -> None:
    imported(tmp_path / "files", returned(ORDER, "2026-06-20", sku="SECRET-SKU"))
    typed("story", ORDER)
    typed("import", tmp_path / "files" / "nowhere.txt")
    told = (tmp_path / "home" / "log" / "returns-ledger.jsonl").read_text()

    assert [
        word for word in (ORDER, "SECRET-SKU", "nowhere", ".txt", "files/") if word in told
    ] == []


def test_verbose_writes_it_to_standard_error_too(tmp_path: Path) -> None:
    (path,) = written(tmp_path / "files", returned(ORDER, "2026-06-20"))
    said = typed("import", path, "-v")

    assert msgspec.json.decode(said.err.splitlines()[-1])["command"] == "import"


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    imported(tmp_path / "files", returned(ORDER, "2026-06-20"))
    path = tmp_path / "home" / "log" / "returns-ledger.jsonl"

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("audit", "--help"), ("adit",)])
def test_what_opens_no_ledger_leaves_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    typed(*arguments)

    assert not (tmp_path / "home").exists()
