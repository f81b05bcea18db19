"""What an import makes of files that overlap, differ, repeat or contradict each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.errors import DoesNotFoot, LedgerError
from ledger.events import BY_TOPIC
from ledger.events.imports import ReportImported, RowRefused
from ledger.importing import FileResult, RefusedRows, Statement, import_file, open_account
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.store import open_log
from projections import STATUS
from tests.story import ORDER, Story, begin, files_of, refunded, returned, sold

PLATED = {"plate": "LPN1"}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = begin(tmp_path / "ledger")
    yield told
    told.close()


def counts(result: FileResult) -> tuple[int, int, int, int]:
    return (result.new, result.unchanged, result.revised, result.refused)


def returns(story: Story, as_of: date = date(2026, 8, 1)) -> list[str]:
    """Day and disposition of each unit that came back, as the case has them."""
    case = Recall(story.log, as_of).case(f"order/{ORDER}")
    return sorted(f"{one.ref.day} {one.disposition}" for one in case.returns)


def test_a_plate_whose_date_moved_is_one_return_revised(story: Story) -> None:
    """Amazon reports the same return with different dates in different pulls."""
    story.imports(returned(ORDER, "2026-06-01", **PLATED), told_at="2026-07-01")
    (moved,) = story.imports(returned(ORDER, "2026-06-04", **PLATED), told_at="2026-07-08")

    assert counts(moved) == (0, 0, 1, 0)
    assert returns(story) == ["2026-06-04 SELLABLE"]


def test_one_plate_twice_in_one_file_is_two_returns(story: Story) -> None:
    """Where identity is doubtful, the reading that claims less."""
    told = [returned(ORDER, f"2026-06-0{day}", **PLATED) for day in (1, 4)]
    (result,) = story.imports(*told, told_at="2026-07-01")

    assert counts(result) == (2, 0, 0, 0)
    assert returns(story) == ["2026-06-01 SELLABLE", "2026-06-04 SELLABLE"]


def test_a_plate_told_later_is_a_new_fact_about_the_same_unit(story: Story) -> None:
    """An old form of the report has no plates: its row and the new form's are one unit."""
    story.imports(returned(ORDER, "2026-06-01"), told_at="2026-07-01")
    (result,) = story.imports(returned(ORDER, "2026-06-01", **PLATED), told_at="2026-07-08")

    assert counts(result) == (1, 0, 0, 0)
    assert returns(story) == ["2026-06-01 SELLABLE"]


def test_a_row_without_its_plate_repeats_the_unit_with_one(story: Story) -> None:
    """The other way round nothing is new."""
    story.imports(returned(ORDER, "2026-06-01", **PLATED), told_at="2026-07-01")
    (result,) = story.imports(returned(ORDER, "2026-06-01"), told_at="2026-07-08")

    assert counts(result) == (0, 1, 0, 0)
    assert returns(story) == ["2026-06-01 SELLABLE"]


def test_rows_alike_in_every_column_are_units_and_files_never_add_up(story: Story) -> None:
    """Two, then three of them, then two again: three units, the most that one file told."""
    alike = returned(ORDER, "2026-06-01")
    first = story.imports(alike, alike, told_at="2026-07-01")
    more = story.imports(alike, alike, alike, told_at="2026-07-02")
    fewer = story.imports(alike, alike, told_at="2026-07-03")

    assert [counts(one) for one in (*first, *more, *fewer)] == [
        (2, 0, 0, 0),
        (1, 2, 0, 0),
        (0, 2, 0, 0),
    ]
    assert len(returns(story)) == 3


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 0, 1), (2, 1, 0)])
def test_a_story_changed_and_changed_back_stands_as_told_last(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    """On the 1st sellable, on the 8th damaged, on the 15th sellable: in whatever order files arrive."""
    tellings = [
        files_of(
            returned(ORDER, "2026-06-01", disposition=disposition, **PLATED),
            told_at=f"2026-07-{day}",
        )[0]
        for day, disposition in (("01", "SELLABLE"), ("08", "DAMAGED"), ("15", "SELLABLE"))
    ]
    story = begin(tmp_path / "ledger")
    for place in order:
        story.imports_file(tellings[place])

    assert returns(story) == ["2026-06-01 SELLABLE"]
    story.close()


def test_an_older_file_that_tells_the_same_revises_nothing(story: Story) -> None:
    """That it was so a week earlier already is kept, so that an answer about that week knows it."""
    newer = returned(ORDER, "2026-06-01", status="Reimbursed", **PLATED)
    story.imports(newer, told_at="2026-07-15")
    (file,) = files_of(newer, told_at="2026-07-08")
    result = import_file(
        story.log, file.data + b"\r\n", "older.txt", statement(told_at="2026-07-08")
    )

    assert counts(result) == (0, 1, 0, 0)
    before = Recall(story.log, date(2026, 7, 10)).case(f"order/{ORDER}")
    assert list(before.return_status.values()) == ["Reimbursed"]


def test_what_has_no_date_of_its_own_says_nothing_of_the_time_before(story: Story) -> None:
    """A July row that shows a status says nothing of June."""
    story.imports(returned(ORDER, "2026-06-01", status="Reimbursed"), told_at="2026-07-15")
    in_june = Recall(story.log, date(2026, 6, 20)).case(f"order/{ORDER}")
    in_july = Recall(story.log, date(2026, 7, 20)).case(f"order/{ORDER}")

    assert list(in_june.return_status.values()) == []
    assert list(in_july.return_status.values()) == ["Reimbursed"]


def test_a_file_whose_rows_cannot_all_be_read_changes_nothing(story: Story) -> None:
    """Unless it is said to go on: then the rest is recorded, and the bad row is kept as a fact."""
    (file,) = files_of(returned(ORDER, "2026-06-01"), returned(ORDER, "2026-06-02"))
    data = file.data.replace(b"2026-06-02T", b"2026-13-02T")
    before = story.log.position()
    with pytest.raises(RefusedRows, match="row 3, column 'return-date'"):
        import_file(story.log, data, "june.txt", statement())
    assert story.log.position() == before

    result = import_file(story.log, data, "june.txt", statement(keep_going=True))

    assert counts(result) == (1, 0, 0, 1)
    refused = [one.event for one in story.log.entries("account", topics=[RowRefused.TOPIC])]
    assert [(one.row, one.column) for one in refused if isinstance(one, RowRefused)] == [
        (3, "return-date")
    ]


def test_a_settlement_that_does_not_foot_changes_nothing_even_when_going_on(story: Story) -> None:
    """There is no part of it that could be believed."""
    (file,) = files_of(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    data = file.data.replace(b"\t20.00\t", b"\t21.00\t")
    before = story.log.position()
    with pytest.raises(DoesNotFoot):
        import_file(story.log, data, "s.txt", statement(keep_going=True))

    assert story.log.position() == before


def test_a_dry_run_says_what_would_be_new_and_records_nothing(story: Story) -> None:
    """The same counts, and not one entry."""
    (file,) = files_of(returned(ORDER, "2026-06-01"))
    before = story.log.position()
    result = import_file(story.log, file.data, file.name, statement(dry_run=True))

    assert counts(result) == (1, 0, 0, 0)
    assert story.log.position() == before


def test_a_period_that_ends_in_the_future_is_refused(story: Story) -> None:
    """It would say that nothing came back on days that are still to come."""
    (file,) = files_of(returned(ORDER, "2026-06-01"), period=("2026-06-01", "2027-01-01"))
    with pytest.raises(LedgerError, match="in the future"):
        story.imports_file(file)


def test_no_rows_for_a_stated_period_is_coverage(story: Story) -> None:
    """Amazon had nothing to tell for those days: that is an answer, and kept as one."""
    (file,) = files_of(returned(ORDER, "2026-06-01"), period=("2026-06-01", "2026-06-30"))
    header = file.data.partition(b"\r\n")[0] + b"\r\n"
    result = import_file(
        story.log, header, "none.txt", statement(period=(date(2026, 6, 1), date(2026, 6, 30)))
    )

    assert (result.rows, result.period_basis) == (0, "stated")
    coverage = Recall(story.log, date(2026, 7, 1)).book.coverage("fba-customer-returns")
    assert coverage.gap(date(2026, 6, 1), date(2026, 6, 30)) is None


def test_writers_that_import_the_same_files_at_once_record_each_once(tmp_path: Path) -> None:
    """The one who is late finds everything known, and says so."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    files = [
        file
        for day in (1, 2, 3)
        for file in files_of(*(returned(ORDER, f"2026-06-0{day}") for _ in range(20)))
    ]
    logs = [
        open_log(url, "seller", event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
        for _ in range(4)
    ]
    open_account(logs[0], "seller", "NA", shipped(), "seller")
    told: list[FileResult] = []

    def work(number: int) -> None:
        for file in files[number % 3 :] + files[: number % 3]:
            told.append(import_file(logs[number], file.data, file.name, statement()))  # noqa: PERF401

    writers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    entries = list(logs[0].entries("account", topics=[ReportImported.TOPIC]))
    checks = [check for check in logs[0].verify() if not check.ok]
    for log in logs:
        log.close()

    assert len(told) == 12
    assert sum(result.new for result in told) == 60
    assert len(entries) == 3
    assert checks == []


def test_the_status_counts_each_unit_once_whatever_the_downloads(story: Story) -> None:
    """Two overlapping downloads of the same two returns."""
    one, two = returned(ORDER, "2026-06-01", **PLATED), returned(ORDER, "2026-06-02", plate="LPN2")
    story.imports(sold(ORDER, "2026-05-20", quantity=2, price="40.00"))
    story.imports(one, two, told_at="2026-07-01")
    story.imports(two, told_at="2026-07-02")

    assert [row.units_returned for row in story.rows(STATUS)] == [2]


def statement(
    *,
    keep_going: bool = False,
    dry_run: bool = False,
    period: tuple[date, date] | None = None,
    told_at: str | None = None,
) -> Statement:
    return Statement(
        actor="seller",
        command_id="test",
        marketplace="US",
        keep_going=keep_going,
        dry_run=dry_run,
        period=period,
        told_at=told_at,
    )
