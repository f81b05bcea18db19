"""A log is handed over to many machines, and whoever has it can prove that it is the log."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from cli.exports import extras
from tests.cli.terminal import imported, typed
from tests.story import ORDER, refunded, returned, sold


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The dataset of an order that was sold, refunded and sent back."""
    told = sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"), returned(ORDER, "2026-07-20")
    imported(tmp_path / "files", *told)
    return tmp_path / "dataset"


def test_the_whole_log_is_written_and_proved(folder: Path) -> None:
    said = typed("export", "--parquet", folder, "--buckets", "2")

    assert said.code == 0, said.err
    assert said.row["folder"] == str(folder)
    assert said.row["buckets"] == 2
    files = {path.name for path in folder.iterdir()}
    assert files == {
        "bucket-00000.parquet",
        "bucket-00001.parquet",
        "checkpoint",
        "dataset.json",
        "rulebook.json",
    }
    proved = typed("verify", folder)
    assert proved.code == 0, proved.err
    assert {row["name"] for row in proved.rows} == {"buckets", "cases", "leaves", "tree", "home"}
    assert typed("verify", folder / "checkpoint").code == 0


def test_a_dataset_that_was_changed_is_refused(folder: Path) -> None:
    root = typed("export", "--parquet", folder).row["root"]
    told = (folder / "dataset.json").read_text()
    (folder / "dataset.json").write_text(told.replace(root, "0" * 64))

    said = typed("verify", folder)

    assert said.code == 1
    refused = {row["name"] for row in said.rows if not row["ok"]}
    assert refused == {"tree", "home"}


def test_nothing_is_written_over(folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.txt").write_text("kept")

    said = typed("export", "--parquet", folder)

    assert said.code == 1
    assert "nothing is written over" in said.err
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert not list(folder.parent.glob("*.part"))


def test_it_goes_with_no_other_question(folder: Path) -> None:
    assert typed("export", "--parquet", folder, "--all").code == 2
    assert typed("export", "--parquet", folder, "--order", ORDER).code == 2
    assert typed("export", "--all").code == 2
    assert not folder.exists()


def test_what_it_needs_is_said(folder: Path) -> None:
    with patch.object(extras, "import_module", side_effect=ModuleNotFoundError):
        said = typed("export", "--parquet", folder)

    assert said.code == 1
    assert "`--parquet` needs pyarrow" in said.err
    assert "returns-ledger[parquet]" in said.err
