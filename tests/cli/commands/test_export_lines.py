"""The whole log in one file: the very lines that are hashed, and the root that they make, signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.store import leaf_hash, root
from tests.cli.terminal import imported, typed
from tests.story import ORDER, refunded, returned, sold


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the log of an order that was sold, refunded and sent back is written to."""
    told = sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"), returned(ORDER, "2026-07-20")
    imported(tmp_path / "files", *told)
    return tmp_path / "log.jsonl"


def test_the_lines_make_the_root_that_is_signed(file: Path) -> None:
    said = typed("export", "--jsonl", file)

    assert said.code == 0, said.err
    lines = file.read_bytes().splitlines()
    assert said.row["entries"] == len(lines) > 3
    assert said.row["bytes"] == file.stat().st_size
    assert said.row["root"] == root(map(leaf_hash, lines)).hex()
    assert typed("verify", said.row["checkpoint"]).code == 0
    assert {"log.jsonl", "log.jsonl.checkpoint"} <= {path.name for path in file.parent.iterdir()}


def test_they_are_verified_where_the_log_is_known(file: Path) -> None:
    typed("export", "--jsonl", file)
    said = typed("verify", file)

    assert said.code == 0, said.out
    assert ["checkpoint", "entries", "home"] == [row["name"] for row in said.rows]

    file.write_bytes(file.read_bytes().replace(ORDER.encode(), b"114-0000000-0000000", 1))
    assert typed("verify", file).code == 1


def test_they_are_those_of_an_export_of_all(file: Path) -> None:
    typed("export", "--jsonl", file)
    typed("export", "--all", "-o", file.parent / "all")

    assert (file.parent / "all" / "entries.ndjson").read_bytes() == file.read_bytes()


def test_nothing_is_written_over(file: Path) -> None:
    for taken in (file, file.with_name("log.jsonl.checkpoint")):
        taken.write_text("kept")
        said = typed("export", "--jsonl", file)

        assert said.code == 1
        assert "nothing is written over" in said.err
        assert taken.read_text() == "kept"
        taken.unlink()
    assert not list(file.parent.glob("*.part"))


def test_it_goes_with_no_other_question(file: Path) -> None:
    for others in (["--all"], ["--order", ORDER], ["--parquet", "dataset"], ["-o", "x"]):
        assert typed("export", "--jsonl", file, *others).code == 2
    assert not file.exists()
