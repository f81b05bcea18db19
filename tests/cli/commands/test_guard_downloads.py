"""`audit`, `guard` and newer downloads: a row that Amazon took back, or tells otherwise, is not claimed for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.cli.terminal import typed
from tests.ledger.reports.files import Cells, report
from tests.ledger.reports.test_fba_reimbursements import ROW as PAID
from tests.ledger.reports.test_inventory_ledger import ROW

QUESTION: Final = "Do the newest downloads still tell it?"
LOST: Final = ROW | {"Date": "10/05/2026", "Date and Time": "", "Reference ID": ""}
OTHER: Final = LOST | {"FNSKU": "X000000002"}


def downloaded(folder: Path, told_on: str, *rows: Cells, last: str = "2026-11-18") -> None:
    """An inventory ledger of June on with these rows; it shows, too, that nothing was paid."""
    folder.mkdir()
    (folder / "stock.txt").write_bytes(report(*rows) if rows else header_of(LOST))
    (folder / "paid.txt").write_bytes(header_of(PAID))
    for name, end in (("stock.txt", last), ("paid.txt", "2026-11-18")):
        days = ("--period", f"2026-06-01..{end}", "--told-at", told_on, "--marketplace", "US")
        said = typed("import", folder / name, *days)
        assert said.code == 0, said.err


def header_of(row: Cells) -> bytes:
    """A report that has no rows."""
    return report(row).split(b"\r\n")[0] + b"\r\n"


def guarded(on: str = "2026-11-20") -> list[tuple[str, int, str | None]]:
    """The verdict of each finding about the FNSKU, how `guard` ends, and what it answers about newer downloads."""
    found = typed("audit", "--as-of", on, "--order", "X000000001").rows
    answers = []
    for finding in found:
        said = typed("guard", finding["finding_id"], "--as-of", on)
        states = [row["state"] for row in said.rows if row["check"] == QUESTION]
        answers.append((finding["verdict"], said.code, states[0] if states else None))
    return sorted(answers, key=str)


def test_where_there_is_no_newer_download_it_is_not_asked(tmp_path: Path) -> None:
    downloaded(tmp_path / "a", "2026-11-19", LOST)

    assert [("ready", 0, None)] == guarded()


def test_a_row_that_is_told_again_passes(tmp_path: Path) -> None:
    downloaded(tmp_path / "a", "2026-11-18", LOST)
    downloaded(tmp_path / "b", "2026-11-19", LOST, OTHER)

    assert [("ready", 0, "passed")] == guarded()


@pytest.mark.parametrize("newer", [(OTHER,), ()], ids=["another row", "no row"])
def test_a_row_that_is_gone_speaks_against_filing(tmp_path: Path, newer: tuple[Cells, ...]) -> None:
    downloaded(tmp_path / "a", "2026-11-18", LOST)
    downloaded(tmp_path / "b", "2026-11-19", *newer)

    assert [("review", 3, "failed")] == guarded()


def test_the_files_may_come_in_any_order(tmp_path: Path) -> None:
    downloaded(tmp_path / "b", "2026-11-19", OTHER)
    downloaded(tmp_path / "a", "2026-11-18", LOST)

    assert [("review", 3, "failed")] == guarded()


def test_a_row_that_is_told_otherwise_is_claimed_for_once(tmp_path: Path) -> None:
    """Both rows stand in the log, as both were told: the unit would be claimed for twice."""
    downloaded(tmp_path / "a", "2026-11-18", LOST)
    downloaded(tmp_path / "b", "2026-11-19", LOST | {"MSKU": "MUG-NEW"})

    assert [("ready", 0, None), ("review", 3, "failed")] == guarded()


def test_of_two_rows_alike_one_may_be_gone(tmp_path: Path) -> None:
    downloaded(tmp_path / "a", "2026-11-18", LOST, LOST)
    downloaded(tmp_path / "b", "2026-11-19", LOST)

    assert [("ready", 0, "passed"), ("review", 3, "failed")] == guarded()


def test_what_came_back_in_a_download_newer_still_is_told(tmp_path: Path) -> None:
    downloaded(tmp_path / "a", "2026-11-17", LOST, last="2026-11-16")
    downloaded(tmp_path / "b", "2026-11-18", OTHER, last="2026-11-17")
    downloaded(tmp_path / "c", "2026-11-19", LOST, OTHER)

    assert [("ready", 0, "passed")] == guarded()


@pytest.mark.parametrize("last", ["2026-10-05", "2026-10-04"])
def test_a_download_that_ends_on_its_day_says_nothing_of_it(tmp_path: Path, last: str) -> None:
    """On its last day it may have been made before the row."""
    downloaded(tmp_path / "a", "2026-11-18", LOST)
    downloaded(tmp_path / "b", "2026-11-19", OTHER | {"Date": "10/02/2026"}, last=last)

    assert [("ready", 0, None)] == guarded()


def test_a_day_before_the_newer_download_does_not_know_it(tmp_path: Path) -> None:
    downloaded(tmp_path / "a", "2026-11-18", LOST)
    downloaded(tmp_path / "b", "2026-11-19", OTHER)

    assert [("ready", 0, None)] == guarded("2026-11-18")


def test_what_is_left_out_is_said_when_it_is_imported_and_explained_afterwards(
    tmp_path: Path,
) -> None:
    downloaded(tmp_path / "a", "2026-11-18", LOST)
    (tmp_path / "newer.txt").write_bytes(report(OTHER))
    days = ("--period", "2026-06-01..2026-11-18", "--told-at", "2026-11-19", "--marketplace", "US")
    said = typed("import", tmp_path / "newer.txt", *days)
    (found,) = typed("audit", "--as-of", "2026-11-20", "--order", "X000000001").rows
    why = typed("explain", found["finding_id"], "--as-of", "2026-11-20", "--format", "table").out

    assert "the newest download leaves out 1: what rests on that is in review" in said.err
    assert "newer.txt of 2026-11-19 speaks for the day of entry" in " ".join(why.split())


@pytest.mark.parametrize("newer", ["Adjustments", "CustomerReturns"])
def test_a_download_of_one_kind_of_event_leaves_out_none_of_another(
    tmp_path: Path, newer: str
) -> None:
    """Amazon offers the inventory ledger for one kind of event alone, too."""
    kept = OTHER | {"Event Type": newer}
    downloaded(tmp_path / "a", "2026-11-18", LOST, kept)
    downloaded(tmp_path / "b", "2026-11-19", kept)
    left_out = newer == LOST["Event Type"]

    assert ([("review", 3, "failed")] if left_out else [("ready", 0, None)]) == guarded()
