"""An account as it stood on a day, as it was known at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from ledger.event import ACCOUNT_STREAM
from ledger.events import BY_TOPIC
from ledger.importing import open_account
from ledger.recall import Recall, adopted_rulebook
from ledger.rulebook import Rulebook, shipped
from ledger.store import open_log
from tests.story import ORDER as ORDER_ID
from tests.story import (
    OTHER_ORDER,
    Story,
    begin,
    ordered,
    refunded,
    reimbursed,
    replaced,
    returned,
    sold,
    taken_back,
)

ORDER = f"order/{ORDER_ID}"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = begin(tmp_path / "ledger", checked=False)
    yield told
    told.close()


def known(story: Story) -> str:
    moment = story.log.recorded_at()
    assert moment is not None
    return moment


def another_rulebook() -> Rulebook:
    """The shipped rules but one."""
    rules = msgspec.json.decode(shipped().to_json())
    rules["rules"] = rules["rules"][1:]
    return Rulebook.from_json(msgspec.json.encode(rules))


# --- what had happened, and what was known ----------------------------------------------------


def test_a_case_is_as_it_stood_on_the_day(story: Story) -> None:
    story.imports(sold(ORDER_ID, "2026-06-01"), refunded(ORDER_ID, "2026-06-10"))

    assert story.recall(date(2026, 6, 9)).case(ORDER).refunds == []
    assert len(story.recall(date(2026, 6, 10)).case(ORDER).refunds) == 1


def test_a_case_is_as_it_was_known_at_the_moment(story: Story) -> None:
    story.imports(sold(ORDER_ID, "2026-06-01"))
    before = known(story)
    story.imports(refunded(ORDER_ID, "2026-06-10"))

    assert story.recall(known_at=before).case(ORDER).refunds == []
    assert len(story.recall(known_at=known(story)).case(ORDER).refunds) == 1
    assert len(story.recall().case(ORDER).refunds) == 1


def test_before_the_first_entry_nothing_was_known(story: Story) -> None:
    story.imports(sold(ORDER_ID, "2026-06-01"))
    recall = story.recall(known_at="2020-01-01T00:00:00Z")

    assert list(recall.cases()) == []
    assert recall.case(ORDER).refs == []
    assert recall.book.imports == []


def test_what_is_imported_while_it_answers_is_not_in_some_of_its_answers(story: Story) -> None:
    """Coverage without the return that it covers would claim a return that came back."""
    story.imports(sold(ORDER_ID, "2026-06-01"), refunded(ORDER_ID, "2026-06-10"))
    recall = story.recall()
    before = [len(case.refs) for case in recall.cases()]
    story.imports(returned(ORDER_ID, "2026-06-20"), period=("2026-06-01", "2026-07-28"))

    assert recall.book.coverage("fba-customer-returns").spans == ()
    assert recall.case(ORDER).returns == []
    assert [len(case.refs) for case in recall.cases()] == before
    assert len(story.recall().case(ORDER).returns) == 1


def test_an_account_without_entries_stays_so_for_who_asked_then(tmp_path: Path) -> None:
    log = open_log(
        f"sqlite:///{tmp_path / 'new.db'}",
        "new",
        event_types=BY_TOPIC,
        clock=lambda: datetime(2026, 7, 1, tzinfo=UTC),
    )
    recall = Recall(log, date(2026, 7, 1))
    open_account(log, "new", "NA", another_rulebook(), "seller")

    assert list(recall.cases()) == []
    assert recall.rulebook.digest == shipped().digest
    log.close()


def test_what_was_stated_of_a_file_counts_from_when_it_was_stated(story: Story) -> None:
    told = returned(ORDER_ID, "2026-06-10")
    story.imports(told, marketplace=None)
    before = known(story)
    story.imports(told, marketplace="US")

    assert story.recall(known_at=before).case(ORDER).marketplace is None
    assert story.recall().case(ORDER).marketplace == "US"


# --- cases ------------------------------------------------------------------------------------


def test_a_stream_without_entries_is_an_empty_case(story: Story) -> None:
    case = story.recall().case("order/none")

    assert (case.stream, case.refs) == ("order/none", [])


def test_every_case_comes_once_in_the_order_of_names(story: Story) -> None:
    story.imports(ordered(OTHER_ORDER, "2026-06-01"), ordered(ORDER_ID, "2026-06-02"))

    assert [case.stream for case in story.recall().cases()] == [
        ACCOUNT_STREAM,
        ORDER,
        f"order/{OTHER_ORDER}",
    ]


def test_the_cases_asked_for_come_once_in_the_order_of_names(story: Story) -> None:
    story.imports(ordered(OTHER_ORDER, "2026-06-01"), ordered(ORDER_ID, "2026-06-02"))
    asked = [f"order/{OTHER_ORDER}", ORDER, ORDER, "order/none"]
    cases = list(story.recall().cases(asked))

    assert [case.stream for case in cases] == sorted(set(asked))
    assert [len(case.lines) for case in cases] == [1, 1, 0]


def test_a_case_by_itself_is_the_same_as_among_the_others(story: Story) -> None:
    story.imports(
        sold(ORDER_ID, "2026-06-01"),
        refunded(ORDER_ID, "2026-06-10"),
        returned(ORDER_ID, "2026-06-20"),
        reimbursed("2026-06-25", "1", order=ORDER_ID),
    )
    recall = story.recall()

    for case in recall.cases():
        assert vars(recall.case(case.stream)) == vars(case)


# --- the book ---------------------------------------------------------------------------------


def test_the_book_holds_what_other_streams_tell(story: Story) -> None:
    story.imports(
        reimbursed("2026-06-25", "1", order=ORDER_ID),
        taken_back("2026-06-30", "2", of="1"),
        returned(OTHER_ORDER, "2026-06-20"),
        replaced(ORDER_ID, "2026-06-12", by=OTHER_ORDER),
    )
    book = story.recall().book

    assert set(book.payments) == {"1"}
    assert set(book.reversals) == {"1"}
    assert book.original_of == {OTHER_ORDER: ORDER_ID}
    assert [one.ref.day.day for one in book.replacement_returns[ORDER_ID]] == [20]
    assert {one.report_format for one in book.imports} == {
        "fba-reimbursements",
        "fba-customer-returns",
        "fba-replacements",
    }


def test_the_book_is_of_the_day_and_the_moment_asked_about(story: Story) -> None:
    story.imports(reimbursed("2026-06-25", "1", order=ORDER_ID))
    before = known(story)
    story.imports(reimbursed("2026-06-26", "2", order=ORDER_ID))

    assert set(story.recall(known_at=before).book.payments) == {"1"}
    assert set(story.recall(date(2026, 6, 25)).book.payments) == {"1"}
    assert set(story.recall().book.payments) == {"1", "2"}


def test_coverage_is_what_we_know_and_not_what_had_happened(story: Story) -> None:
    """A file of July that speaks for May covers May, whatever day is asked about."""
    story.imports(
        returned(ORDER_ID, "2026-05-20"), period=("2026-05-01", "2026-05-31"), told_at="2026-07-01"
    )
    coverage = story.recall(date(2026, 5, 31)).book.coverage("fba-customer-returns")

    assert coverage.gap(date(2026, 5, 1), date(2026, 5, 31)) is None


# --- the rulebook -----------------------------------------------------------------------------


def test_the_rulebook_is_the_one_adopted_by_the_moment(story: Story) -> None:
    before = known(story)
    adopted = another_rulebook()
    open_account(story.log, "seller", "NA", adopted, "seller")

    assert adopted_rulebook(story.log).digest == adopted.digest
    assert story.recall().rulebook.digest == adopted.digest
    assert story.recall(known_at=before).rulebook.digest == shipped().digest
    assert story.recall(known_at="2020-01-01T00:00:00Z").rulebook.digest == shipped().digest


def test_the_rulebook_in_use_is_not_adopted_again(story: Story) -> None:
    before = story.log.position()
    open_account(story.log, "seller", "NA", shipped(), "seller")

    assert story.log.position() == before


def test_a_rulebook_may_be_adopted_again_after_another(story: Story) -> None:
    for rulebook in (another_rulebook(), shipped()):
        open_account(story.log, "seller", "NA", rulebook, "seller")

    assert adopted_rulebook(story.log).digest == shipped().digest


def test_another_rulebook_may_be_tried_without_adopting_it(story: Story) -> None:
    tried = another_rulebook()
    recall = Recall(story.log, date(2026, 7, 1), rulebook=tried)

    assert recall.book.rulebook is tried
    assert adopted_rulebook(story.log).digest == shipped().digest
