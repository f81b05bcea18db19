"""Several processes make the very rows that one does, whatever becomes of them meanwhile."""

from __future__ import annotations

from datetime import date
from multiprocessing import active_children
from typing import Any

import msgspec
import pytest

from ledger.judging import audit, judge, judge_in_short, judged, owing, to_judge
from ledger.recall import Recall
from projections import COVERAGE, LIABILITY, PROJECTIONS, STATUS, asking, local
from projections.asking import ask_where_found, judge_each
from projections.catching_up import answer, ask, catch_up, rebuild
from projections.projection import Projection
from tests.story import Story, refunded, reimbursed, returned, sold

ORDERS = [f"114-{number:07}-0000001" for number in range(24)]


@pytest.fixture
def much(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    """An account whose every share is for another process, however little there is."""
    for name in ("POOL_ENTRIES", "SHARE_ENTRIES", "SHARE_STREAMS"):
        monkeypatch.setattr(local, name, 5)
    monkeypatch.setattr(local, "PROCESSES_MAX", 1)
    story.checked = False
    story.imports(
        *(sold(order, "2026-06-01") for order in ORDERS),
        *(refunded(order, "2026-06-10") for order in ORDERS[::2]),
        *(returned(order, "2026-06-15") for order in ORDERS[::3]),
        *(reimbursed("2026-07-20", order, order=order) for order in ORDERS[::6]),
    )
    return story


def rebuilt(story: Story) -> dict[str, str]:
    rebuild(story.recall(), story.views)
    return story.digests()


def test_several_processes_make_the_rows_that_one_does(
    much: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebuilt, compared and caught up."""
    alone = rebuilt(much)
    monkeypatch.setattr(local, "PROCESSES_MAX", 2)
    monkeypatch.setattr(local, "cores", lambda: 2)
    assert alone == rebuilt(much)
    assert all(one.equal for one in rebuild(much.recall(), much.views, verify=True))

    much.imports(*(refunded(order, "2026-07-01", number="2") for order in ORDERS[:12]))
    catch_up(much.recall(), much.views)
    assert all(one.equal for one in rebuild(much.recall(), much.views, verify=True))


def test_several_processes_judge_as_one_does(much: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a book of what is kept, as by one that is read out of the log."""
    recall = much.recall()
    alone = list(audit(recall))
    monkeypatch.setattr(local, "PROCESSES_MAX", 2)
    monkeypatch.setattr(local, "cores", lambda: 2)
    each = ask_where_found(recall, much.views, judge)

    assert alone
    assert alone == [finding for findings in each for finding in findings]


@pytest.mark.parametrize("day", [date(2026, 6, 12), date(2026, 7, 10), date(2026, 8, 1)])
@pytest.mark.parametrize("earlier", [False, True])
def test_several_processes_answer_for_a_past_day_as_one_does(
    much: Story, monkeypatch: pytest.MonkeyPatch, day: date, earlier: bool
) -> None:
    """As one reads the log case by case, whether or not that day was also known then."""
    known_at = much.recall().moment if earlier else None
    much.imports(*(refunded(order, "2026-07-01", number="2") for order in ORDERS[:12]))
    rebuilt(much)
    monkeypatch.setattr(local, "PROCESSES_MAX", 2)
    monkeypatch.setattr(local, "cores", lambda: 2)
    recall = Recall(much.log, day, known_at)
    asked: list[Projection[Any]] = [STATUS, LIABILITY, COVERAGE]
    for projection in asked:
        assert list(ask(projection, recall, much.views)) == list(answer(projection, recall))
    assert list(answer(STATUS, recall))


def test_what_is_due_is_looked_for_where_something_was_found_or_told_by_the_seller(
    much: Story,
) -> None:
    """After an import the table of what was found is caught up first."""
    rebuilt(much)
    much.imports(*(refunded(order, "2026-07-01", number="2") for order in ORDERS[:12]))
    recall = much.recall()
    all_of_them = [
        judged(case, recall.book, recall.as_of) for case in recall.cases(to_judge(recall))
    ]
    told = list(ask_where_found(recall, much.views, judged, owing(recall)))

    assert [one for one in all_of_them if any(one)] == [one for one in told if any(one)]
    assert len(told) < len(all_of_them)
    assert much.views.standings()["eligibility"].position == recall.log.position()


def test_several_processes_ask_whether_judgements_stand_and_judge_the_others(
    much: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what they find the tests stay with them, where it is only to be listed and recorded."""
    rebuilt(much)
    recall = much.recall()
    alone = list(audit(recall))
    monkeypatch.setattr(local, "PROCESSES_MAX", 2)
    monkeypatch.setattr(local, "cores", lambda: 2)
    monkeypatch.setattr(asking, "RESTS_AT_ONCE", 5)
    monkeypatch.setattr(
        asking, "fallen", _refusing
    )  # here; others have read the program themselves

    assert alone == list(judge_each(recall, much.views))
    assert [msgspec.structs.replace(one, tests=()) for one in alone] == list(
        judge_each(recall, much.views, judge_in_short)
    )


def test_the_share_of_a_process_that_was_killed_is_done_all_the_same(
    much: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = rebuilt(much)
    monkeypatch.setattr(local, "PROCESSES_MAX", 2)
    monkeypatch.setattr(local, "cores", lambda: 2)
    killed: list[object] = []

    def killing(done: int, of: int | None) -> None:
        if not killed:
            killed.extend(active_children())
            for process in active_children():
                process.kill()

    rebuild(much.recall(), much.views, progress=killing)

    assert len(killed) == 2
    assert alone == much.digests()


def test_what_goes_wrong_in_another_process_leaves_the_old_rows(
    much: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error is an error wherever it happens: nothing is written, and readers keep what was there."""
    before = rebuilt(much)
    monkeypatch.setattr(local, "PROCESSES_MAX", 2)
    monkeypatch.setattr(local, "cores", lambda: 2)
    monkeypatch.setattr(local, "_folded_of", _refusing)
    with pytest.raises(ValueError, match="cannot be folded"):
        rebuild(much.recall(), much.views)

    assert before == {one.name: much.views.digest(one)[1] for one in PROJECTIONS}


def _refusing(*_: object) -> None:
    raise ValueError("cannot be folded")


def test_a_small_log_starts_no_process(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "cores", lambda: 2)
    monkeypatch.setattr(local, "pool", _refusing)
    story.imports(sold(ORDERS[0], "2026-06-01"))

    assert story.status(ORDERS[0]).units_shipped == 1
