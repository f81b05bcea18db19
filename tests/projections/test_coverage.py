"""The days that files speak for, and which file to download for the others."""

from __future__ import annotations

from datetime import date

from ledger.event import ACCOUNT_STREAM
from ledger.events.imports import ReportImported
from projections import COVERAGE
from projections.coverage import gaps
from tests.story import ORDER, OTHER_ORDER, Story, refunded, returned, sold


def covered(story: Story) -> list[tuple[str, str | None, str | None, str | None, int, int]]:
    return [
        (row.report_format, row.first_day, row.last_day, row.basis, row.files, row.rows)
        for row in story.rows(COVERAGE)
    ]


def test_each_report_speaks_for_its_own_days(story: Story) -> None:
    """A settlement states its days itself; those of a returns report were stated at import."""
    june = ("2026-06-01", "2026-06-30")
    story.imports(
        returned(ORDER, "2026-06-20"),
        sold(ORDER, "2026-06-02"),
        refunded(ORDER, "2026-06-10"),
        period=june,
    )

    assert covered(story) == [
        ("fba-customer-returns", *june, "stated", 1, 1),
        ("settlement", "2026-06-02", "2026-06-10", "stated", 1, 6),
    ]


def test_files_that_meet_speak_as_one_and_those_that_do_not_leave_a_gap(story: Story) -> None:
    story.imports(returned(ORDER, "2026-05-20"), period=("2026-05-01", "2026-05-31"))
    story.imports(returned(ORDER, "2026-06-20"), period=("2026-06-01", "2026-06-30"))
    story.imports(returned(OTHER_ORDER, "2026-07-20"), period=("2026-07-11", "2026-07-31"))
    rows = story.rows(COVERAGE)

    assert [
        ("2026-05-01", "2026-06-30", 2, "2026-07-01", "2026-07-10"),
        ("2026-07-11", "2026-07-31", 1, None, None),
    ] == [(row.first_day, row.last_day, row.files, row.gap_first, row.gap_last) for row in rows]


def test_a_span_with_an_inferred_period_is_inferred(story: Story) -> None:
    story.imports(returned(ORDER, "2026-06-20"), period=("2026-06-01", "2026-06-30"))
    story.imports(returned(OTHER_ORDER, "2026-07-01"), returned(ORDER, "2026-07-05"))

    assert covered(story) == [
        ("fba-customer-returns", "2026-06-01", "2026-07-05", "inferred", 2, 3)
    ]


def test_a_file_without_a_readable_row_speaks_for_no_day(story: Story) -> None:
    """It is known to have been imported, and that is all."""
    imported = ReportImported(
        digest="0" * 64,
        file="returns.txt",
        report_format="fba-customer-returns",
        root="0" * 64,
        lines=2,
        rows=1,
        refused=1,
    )
    story.appends(ACCOUNT_STREAM, imported)

    assert covered(story) == [("fba-customer-returns", None, None, "incomplete", 1, 1)]
    found = gaps("seller", story.rows(COVERAGE), date(2026, 8, 5))
    assert {gap.why for gap in found if gap.report_format == "fba-customer-returns"} == {
        "incomplete"
    }


def test_every_gap_names_the_report_to_download(story: Story) -> None:
    story.imports(returned(ORDER, "2026-05-20"), period=("2026-05-01", "2026-05-31"))
    story.imports(returned(OTHER_ORDER, "2026-07-20"), period=("2026-07-11", "2026-07-31"))
    found = list(gaps("seller", story.rows(COVERAGE), date(2026, 8, 5)))
    mine = [gap for gap in found if gap.report_format == "fba-customer-returns"]

    assert [
        ("hole", "2026-06-01", "2026-07-10"),
        ("stale", "2026-08-01", "2026-08-05"),
    ] == [(gap.why, gap.first_day, gap.last_day) for gap in mine]
    assert all("FBA customer returns" in gap.download for gap in mine)
    assert ("never", None) == next(
        (gap.why, gap.first_day) for gap in found if gap.report_format == "settlement"
    )


def test_gaps_after_the_day_asked_about_are_not_yet_there(story: Story) -> None:
    story.imports(returned(ORDER, "2026-05-20"), period=("2026-05-01", "2026-05-31"))
    story.imports(returned(OTHER_ORDER, "2026-07-20"), period=("2026-07-11", "2026-07-31"))
    found = gaps("seller", story.rows(COVERAGE), date(2026, 6, 3))
    mine = [gap for gap in found if gap.report_format == "fba-customer-returns"]

    assert [("hole", "2026-06-01", "2026-06-03")] == [
        (gap.why, gap.first_day, gap.last_day) for gap in mine
    ]
