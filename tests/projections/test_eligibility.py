"""Findings as a table: judged on the day of the last telling, and the same whatever day it is read."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.event import order_stream
from ledger.judging import judge, record_judgements
from projections import ELIGIBILITY
from projections.catching_up import answer, ask
from tests.story import ORDER, OTHER_ORDER, TODAY, Story, refunded, reimbursed, returned, sold


def told_of_a_missing_unit(story: Story) -> None:
    story.imports(sold(ORDER, "2026-04-01"), refunded(ORDER, "2026-04-10"))
    period = ("2026-04-01", "2026-07-20")
    story.imports(
        returned(OTHER_ORDER, "2026-04-20"),
        reimbursed("2026-05-20", "1", order=OTHER_ORDER),
        told_at="2026-07-20",
        period=period,
    )


def test_a_missing_unit_is_found_and_judged_on_the_day_of_the_last_telling(story: Story) -> None:
    told_of_a_missing_unit(story)
    mine = [row for row in story.rows(ELIGIBILITY) if row.order_id == ORDER]
    (row,) = (row for row in mine if row.claim_type == "return_missing")

    assert (order_stream(ORDER), 1, "USD") == (row.stream, row.quantity, row.currency)
    assert "2026-07-20" == row.judged_on
    assert row.window_opens is not None
    assert row.rule_ids


def test_every_finding_is_what_the_policies_say_on_that_day(story: Story) -> None:
    """The table says no more and no less than a judgement of each case."""
    told_of_a_missing_unit(story)
    rows = story.rows(ELIGIBILITY)
    recall = story.recall(date.fromisoformat(rows[0].judged_on))
    found = [
        (case.stream, finding.finding_id, finding.standing, finding.quantity)
        for case in recall.cases()
        for finding in judge(case, recall.book, recall.as_of)
    ]

    assert found == [(row.stream, row.finding_id, row.standing, row.quantity) for row in rows]
    assert rows == list(answer(ELIGIBILITY, recall))


def test_an_import_elsewhere_can_change_every_finding(story: Story) -> None:
    """A later telling moves the day of judgement, and closes or opens gaps for all."""
    told_of_a_missing_unit(story)
    story.imports(returned("114-0000003-0000003", "2026-07-25"), told_at="2026-07-25")

    assert {"2026-07-25"} == {row.judged_on for row in story.rows(ELIGIBILITY)}


def test_recorded_judgements_change_no_finding(story: Story) -> None:
    """Policies ignore them: a judgement is what was answered, not a reason for the next answer."""
    told_of_a_missing_unit(story)
    before = story.rows(ELIGIBILITY)
    recall = story.recall()
    findings = [finding for case in recall.cases() for finding in judge(case, recall.book, TODAY)]
    recorded = record_judgements(recall, findings, actor="seller", command_id="1")
    story.check()

    assert recorded == len(findings) > 0
    assert before == story.rows(ELIGIBILITY)


def test_what_may_be_filed_today_is_asked_by_folding(story: Story) -> None:
    """A live table cannot say it: deadlines pass without events."""
    told_of_a_missing_unit(story)
    later = story.recall(TODAY + timedelta(days=400))

    assert {"2027-09-05"} == {row.judged_on for row in ask(ELIGIBILITY, later, story.views)}
