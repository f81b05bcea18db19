"""Live tables are what the log amounts to: after every change, crash, rebuild and race."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from ledger.book import Book
from ledger.case import Case
from ledger.folding import fold
from ledger.judging import audit, record_judgements
from ledger.recall import Recall
from projections import ELIGIBILITY, PROJECTIONS, STATUS, keeping, work
from projections.catching_up import answer, ask, catch_up, rebuild
from projections.keeping import are_of
from projections.status import Status, Statuses
from projections.views import Standing, open_views
from tests import forking
from tests.story import (
    ORDER,
    OTHER_ORDER,
    TODAY,
    Story,
    begin,
    ordered,
    refunded,
    reimbursed,
    returned,
    sold,
)


class NewerStatuses(Statuses):
    """The same projection after somebody changed it."""

    version = Statuses.version + 1

    def rows(self, case: Case, book: Book) -> Iterator[Status]:
        return (row for row in super().rows(case, book) if row.units_returned)


class Stopped(Exception):
    """The power is cut."""


def told_much(story: Story) -> None:
    story.imports(
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(OTHER_ORDER, "2026-06-15"),
        reimbursed("2026-07-20", "1", order=OTHER_ORDER),
    )


def standings(story: Story) -> dict[str, Standing]:
    return story.views.standings()


def test_a_table_that_is_up_to_date_is_left_alone(story: Story, tmp_path: Path) -> None:
    """Nothing is locked and nothing is written: a question about an unchanged log only reads."""
    told_much(story)
    before = standings(story)
    with story.views.filling():
        catch_up(story.recall(), story.views)

    assert before == standings(story)


def test_only_what_changed_is_folded_again(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    told_much(story)
    folded = []
    rows = Statuses.rows

    def seen(self: Statuses, case: Case, book: Book) -> Iterator[Status]:
        folded.append(case.stream)
        return rows(self, case, book)

    monkeypatch.setattr(Statuses, "rows", seen)
    story.checked = False
    story.imports(refunded(ORDER, "2026-06-25", number="2"))
    catch_up(story.recall(), story.views)

    assert sorted(folded) == ["account", f"order/{ORDER}"]


def test_a_case_that_changed_is_folded_once_for_its_excerpt_and_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = begin(tmp_path, checked=False)
    told_much(story)
    catch_up(story.recall(), story.views)
    folded = []

    def seen(stream: str, *args: Any, **others: Any) -> Case:
        folded.append(stream)
        return fold(stream, *args, **others)

    monkeypatch.setattr(work, "fold", seen)
    story.imports(returned(ORDER, "2026-06-20"))
    catch_up(story.recall(), story.views)
    story.close()

    assert folded.count(f"order/{ORDER}") == 1


def test_an_audit_that_was_recorded_changes_no_case(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each audit made the next one dearer: all that was found would be folded anew, on two days."""
    told_much(story)
    before = standings(story)
    recall = story.recall()
    recorded = record_judgements(recall, audit(recall), actor="seller", command_id="1")
    folded = []

    def seen(stream: str, *args: Any, **others: Any) -> Case:
        folded.append(stream)
        return fold(stream, *args, **others)

    monkeypatch.setattr(work, "fold", seen)
    catch_up(story.recall(), story.views)

    assert recorded > 0
    assert [stream for stream in folded if stream.startswith("order/")] == []
    assert {one.position for one in standings(story).values()} == {story.log.position()}
    assert {name: one.latest for name, one in standings(story).items()} == {
        name: one.latest for name, one in before.items()
    }


def test_a_table_that_is_caught_up_tells_how_many_rows_it_has(story: Story) -> None:
    """Counted as they go and come; nobody looks at those that stay."""
    told_much(story)
    story.imports(refunded(OTHER_ORDER, "2026-06-20"), returned(ORDER, "2026-06-21"))
    caught_up = {name: one.rows for name, one in standings(story).items()}
    rebuild(story.recall(), story.views)

    assert caught_up == {name: one.rows for name, one in standings(story).items()}
    assert caught_up["status"] == len(list(story.views.rows(STATUS)))


def test_a_log_that_has_grown_much_is_read_once_as_a_whole(tmp_path: Path) -> None:
    """Caught up in one go or step by step: the tables are the same."""
    steps, whole = begin(tmp_path / "steps"), begin(tmp_path / "whole", checked=False)
    for story in (steps, whole):
        told_much(story)
        story.imports(refunded(OTHER_ORDER, "2026-06-25"))

    assert steps.digests() == whole.digests()
    steps.close()
    whole.close()


def test_a_marketplace_stated_later_changes_rows_of_old_entries(story: Story) -> None:
    """The file is the same, and no entry of the order is new: its rows are made again all the same."""
    told = returned(ORDER, "2026-06-15")
    story.imports(told, marketplace=None)
    before = story.status().marketplace
    story.imports(told, marketplace="CA")

    assert (None, "CA") == (before, story.status().marketplace)


def test_a_projection_whose_version_rose_is_filled_again(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_much(story)
    newer = NewerStatuses()
    catch_up(story.recall(), story.views, only=[newer])

    assert [OTHER_ORDER] == [row.order_id for row in story.views.rows(newer)]
    assert standings(story)["status"].version == newer.version


def test_views_of_another_log_are_not_believed(story: Story, tmp_path: Path) -> None:
    """A log that was restored or begun anew may have come as far, and says something else."""
    told_much(story)
    other = begin(tmp_path / "other", checked=False)
    other.log._clock.moment = story.log._clock.moment  # type: ignore[attr-defined]
    told_much(other)
    other.imports(returned(ORDER, "2026-06-20"))
    catch_up(other.recall(), story.views)

    assert 1 == next(
        row.units_returned for row in story.views.rows(STATUS) if row.order_id == ORDER
    )
    other.close()


def test_a_log_that_lost_its_end_is_followed_back(story: Story, tmp_path: Path) -> None:
    told_much(story)
    other = begin(tmp_path / "other", checked=False)
    other.imports(sold(ORDER, "2026-06-01"))
    catch_up(other.recall(), story.views)

    assert [ORDER] == [row.order_id for row in story.views.rows(STATUS)]
    other.close()


def test_a_crash_leaves_the_tables_as_they_were(story: Story) -> None:
    """Rows and position move together, or not at all."""
    told_much(story)
    before = (standings(story), story.digests())
    story.checked = False
    story.imports(refunded(OTHER_ORDER, "2026-06-25"))

    def stop(done: int, _of: int | None) -> None:
        raise Stopped

    for _ in range(2):
        with pytest.raises(Stopped):
            catch_up(story.recall(), story.views, stop)
        with pytest.raises(Stopped):
            rebuild(story.recall(), story.views, progress=stop)

    assert before[0] == standings(story)
    story.check()


def test_a_rebuild_makes_the_same_rows_and_tells_their_digest(story: Story) -> None:
    told_much(story)
    live = story.digests()
    rebuilt = rebuild(story.recall(), story.views)

    assert live == {one.name: one.digest for one in rebuilt}
    assert {story.log.position()} == {one.entries for one in rebuilt}
    assert {one.name: one.rows for one in rebuilt} == {
        one.name: len(list(story.views.rows(one))) for one in PROJECTIONS
    }
    assert {one.name: one.digest for one in rebuilt} == {
        one.name: standings(story)[one.name].digest for one in PROJECTIONS
    }


def test_verifying_finds_a_row_that_somebody_changed_and_leaves_it(
    story: Story, tmp_path: Path
) -> None:
    told_much(story)
    story.checked = False
    engine = create_engine(f"sqlite:///{tmp_path / 'views.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE liability SET amount = amount + 1 WHERE party = 'seller'"))
    engine.dispose()
    found = {one.name: one.equal for one in rebuild(story.recall(), story.views, verify=True)}
    again = {one.name: one.equal for one in rebuild(story.recall(), story.views, verify=True)}
    rebuild(story.recall(), story.views)

    assert {"status": True, "liability": False, "eligibility": True, "coverage": True} == found
    assert found == again
    story.check()


def test_tables_that_were_never_filled_are_not_equal_to_anything(story: Story) -> None:
    story.checked = False
    told_much(story)

    assert {False} == {one.equal for one in rebuild(story.recall(), story.views, verify=True)}


def test_tables_behind_the_log_are_verified_where_they_stand(story: Story) -> None:
    told_much(story)
    story.checked = False
    story.imports(refunded(OTHER_ORDER, "2026-06-25"))

    assert {True} == {one.equal for one in rebuild(story.recall(), story.views, verify=True)}


def test_a_question_for_another_day_folds_again_and_keeps_nothing(story: Story) -> None:
    """What happened later is not in the answer, and the live tables are not in the way of it."""
    told_much(story)
    before = story.digests()
    on_the_fifth = Recall(story.log, date(2026, 6, 5))
    rows = list(ask(STATUS, on_the_fifth, story.views, [f"order/{ORDER}"]))

    assert [(1, 0)] == [(row.units_shipped, row.units_refunded) for row in rows]
    assert before == story.digests()


def test_a_question_for_another_moment_knows_nothing_newer(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"))
    known_at = story.log.recorded_at()
    story.imports(refunded(ORDER, "2026-06-10"))
    then = list(ask(STATUS, Recall(story.log, TODAY, known_at), story.views))
    now = list(ask(STATUS, story.recall(), story.views))

    assert [0] == [row.units_refunded for row in then]
    assert [1] == [row.units_refunded for row in now]


def test_the_live_tables_answer_as_folding_does(story: Story) -> None:
    told_much(story)

    for projection in PROJECTIONS:
        if not projection.judges:
            live = list(story.views.rows(projection))
            assert live == list(answer(projection, story.recall()))
            assert live == list(ask(projection, story.recall(), story.views))


def test_what_has_not_happened_yet_is_not_answered_from_the_live_tables(story: Story) -> None:
    """A report may tell of the next day, which has begun elsewhere; on the day before, that is not so."""
    before = TODAY - timedelta(days=1)
    back = returned(ORDER, TODAY.isoformat())
    story.imports(ordered(ORDER, "2026-06-01"), back, told_at=before.isoformat())
    today = list(ask(STATUS, story.recall(before), story.views))
    later = list(ask(STATUS, story.recall(), story.views))

    assert ([0], [1]) == (
        [row.units_returned for row in today],
        [row.units_returned for row in later],
    )


def test_some_streams_are_answered_alone(story: Story) -> None:
    told_much(story)

    assert [ORDER] == [
        row.order_id for row in story.views.rows(STATUS, [f"order/{ORDER}", "order/unknown"])
    ]


def test_an_empty_log_amounts_to_nothing(tmp_path: Path) -> None:
    story = begin(tmp_path)
    story.check()

    assert {0} == {standing.rows for standing in standings(story).values()}
    story.close()


def test_progress_ends_with_every_entry_folded(story: Story) -> None:
    told_much(story)
    told: list[tuple[int, int | None]] = []
    rebuild(story.recall(), story.views, progress=lambda done, of: told.append((done, of)))
    size = story.log.position()

    assert (size, size) == told[-1]
    assert told == sorted(told, key=lambda one: one[0])


def test_threads_that_catch_up_at_once_do_it_once(tmp_path: Path) -> None:
    """The second waits for the first, and finds the work done."""
    story = begin(tmp_path, checked=False)
    told_much(story)

    def follow(_number: int) -> dict[str, str | None]:
        views = open_views(story.url, "seller")
        catch_up(story.recall(), views)
        digests = {one.name: views.digest(one)[1] for one in PROJECTIONS}
        views.close()
        return digests

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(follow, range(16)))

    assert all(digests == seen[0] for digests in seen)
    story.check()
    story.close()


FOLLOWER = """
import os, sys
from tests.story import Story, refunded, sold, returned
from projections.catching_up import catch_up, rebuild

url, number, kill = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
story = Story(url, checked=False)

def stop(done, of):
    if kill and done > kill:
        os.kill(os.getpid(), 9)

for turn in range(3):
    order = f"114-{number:07}-{turn:07}"
    story.imports(sold(order, "2026-06-01"), refunded(order, "2026-06-10"))
    catch_up(story.recall(), story.views, stop)
    rebuild(story.recall(), story.views, progress=stop)
story.close()
"""


def followers(url: str, *, killed: bool) -> None:
    """Six processes import, catch up and rebuild at once; some are killed in the middle."""
    running = [
        subprocess.Popen(
            [
                *(*forking.python(), "-c", FOLLOWER),
                *(url, str(number), str(number * 2 if killed else 0)),
            ],
            stderr=subprocess.PIPE,
        )
        for number in range(1, 7)
    ]
    for process in running:
        _out, told = process.communicate(timeout=120)
        assert process.returncode in ((0, -9) if killed else (0,)), told.decode()


@pytest.mark.parametrize("killed", [False, True])
def test_processes_that_catch_up_at_once_corrupt_nothing(tmp_path: Path, killed: bool) -> None:
    story = begin(tmp_path, checked=False)
    followers(story.url, killed=killed)
    story.check()

    assert killed or len(story.rows(STATUS)) == 18
    story.close()


@pytest.mark.postgres
@pytest.mark.parametrize("killed", [False, True])
def test_processes_on_a_server_corrupt_nothing(server_url: str, killed: bool) -> None:
    story = Story(server_url, checked=False)
    followers(story.url, killed=killed)
    story.check()

    assert killed or len(story.rows(STATUS)) == 18
    story.close()


@pytest.mark.postgres
def test_the_digest_of_rows_does_not_depend_on_the_database(
    server_url: str, tmp_path: Path
) -> None:
    stories = [begin(tmp_path), Story(server_url)]
    for story in stories:
        told_much(story)
        story.imports(
            returned("114-0000009-0000009", "2026-06-20", sku="Größe-Ä-ﬁ", fnsku="X 9"),
            returned("114-0000009-0000009", "2026-06-20", sku="größe-b", fnsku="X-9"),
            returned("114-0000009-0000009", "2026-06-20", sku="Zed", fnsku="\\N"),
        )

    assert stories[0].digests() == stories[1].digests()
    for story in stories:
        story.close()


def test_where_other_questions_are_noted_all_is_judged_once_more(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every audit would judge all of it, until something is imported."""
    told_much(story)
    catch_up(story.recall(), story.views)
    monkeypatch.setattr(keeping, "RESTS_VERSION", 1)
    catch_up(story.recall(), story.views)
    standing, rests, _found, _kept = story.views.found(ELIGIBILITY)

    assert standing
    assert rests
    assert are_of(rests, standing)
