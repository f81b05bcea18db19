"""The views are made from a dataset too, by whoever is named, and are the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyarrow import parquet

from tests.cli.terminal import imported, typed
from tests.story import ORDER, OTHER_ORDER, refunded, returned, sold


@pytest.fixture(autouse=True)
def an_account(tmp_path: Path) -> None:
    told = sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"), returned(ORDER, "2026-06-20")
    imported(tmp_path / "files", *told)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """The log as Parquet files."""
    folder = tmp_path / "dataset"
    assert typed("export", "--parquet", folder, "--buckets", "2").code == 0
    return folder


def made(*arguments: str | Path) -> list[dict[str, object]]:
    said = typed("rebuild", *arguments)
    assert said.code == 0, said.err
    return said.rows


def test_a_dataset_fills_the_live_views_as_the_log_does(dataset: Path) -> None:
    assert made() == made("--dataset", dataset)
    assert typed("rebuild", "--verify").code == 0


@pytest.mark.postgres
def test_a_dataset_fills_the_views_on_a_server(
    dataset: Path, tmp_path: Path, server_url: str
) -> None:
    expected = made()
    assert typed("db", "copy", tmp_path / "home", server_url).code == 0

    assert expected == made("--dataset", dataset, "--store", server_url)
    assert typed("rebuild", "--verify", "--store", server_url).code == 0


def test_a_folder_of_views_needs_no_ledger(dataset: Path, tmp_path: Path) -> None:
    """Whoever has the dataset can work the views out, and what is here stays as it is."""
    expected = made()
    elsewhere = ("--home", tmp_path / "nowhere")

    assert expected == made("--dataset", dataset, "--output", tmp_path / "views", *elsewhere)
    names = {path.name for path in (tmp_path / "views").iterdir()}
    assert names == {"views.json", *(f"{one['name']}.parquet" for one in expected)}
    (row,) = parquet.read_table(tmp_path / "views" / "status.parquet").to_pylist()
    assert row["stream"] == f"order/{ORDER}"


@pytest.mark.slow
def test_dask_makes_the_dataset_itself_and_says_what_it_took(tmp_path: Path) -> None:
    expected = made()
    said = typed("rebuild", "--engine", "dask-local", "--output", tmp_path / "views", terminal=True)

    assert said.code == 0, said.err
    assert " workers, at most " in said.out
    assert all(str(one["digest"])[:16] in said.out for one in expected)


def test_another_accounts_dataset_is_refused(dataset: Path, tmp_path: Path) -> None:
    imported(tmp_path / "more", sold(OTHER_ORDER, "2026-06-03"), account="other")

    said = typed("rebuild", "--dataset", dataset, "--account", "other")

    assert said.code == 1
    assert "of another log than that of other" in said.err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--engine", "spark"),
        ("--engine", "dask://nowhere"),
        ("--engine", "dask-local", "--verify"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: tuple[str, ...]) -> None:
    assert typed("rebuild", *wrong).code == 2


def test_nothing_is_written_over(dataset: Path) -> None:
    said = typed("rebuild", "--dataset", dataset, "--output", dataset)

    assert said.code == 1
    assert "nothing is written over" in said.err
