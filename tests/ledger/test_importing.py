"""What an import records: the file, its proofs and totals, what was stated of it, and nothing twice."""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger import importing
from ledger.comparing import Comparison
from ledger.errors import ConcurrentChange, LedgerError
from ledger.event import ACCOUNT_STREAM
from ledger.events import BY_TOPIC
from ledger.events.imports import ReportImported, RowRefused
from ledger.gathering import Gathered
from ledger.importing import (
    FileResult,
    RefusedRows,
    Statement,
    import_file,
    imports_of,
    look_through,
    open_account,
)
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.slicing import Cutting
from ledger.store import Encoded, Log, Receipt, open_log
from ledger.values import Money
from tests.story import (
    ORDER,
    File,
    Story,
    Told,
    begin,
    files_of,
    ordered,
    refunded,
    reimbursed,
    requested,
    returned,
    settled,
    sold,
)

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
JULY = (date(2026, 7, 1), date(2026, 7, 31))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = begin(tmp_path / "ledger", checked=False)
    yield told
    told.close()


def stated(**said: Any) -> Statement:
    return Statement(actor="seller", command_id="test", **said)


def one_file(*told: Told) -> bytes:
    (file,) = files_of(*told)
    return file.data


def imported(story: Story, data: bytes, **said: Any) -> FileResult:
    result = import_file(story.log, data, "downloads/june.txt", stated(**said))

    assert result.rows == result.new + result.unchanged + result.revised + result.refused
    return result


def last_import(story: Story) -> ReportImported:
    return imports_of(story.log)[-1]


def recorded_since(story: Story, position: int) -> list[str]:
    """The topics of what has been recorded after a position."""
    return [entry.event.TOPIC for entry in story.log.entries(after=position)]


RETURNS = one_file(*(returned(ORDER, f"2026-06-0{day}") for day in (1, 2, 3)))


# --- what is kept of a file -------------------------------------------------------------------


def test_the_file_is_kept_as_it_was_delivered(story: Story) -> None:
    data = RETURNS + b"\r\n\r\n"
    result = imported(story, data)

    assert result.digest == hashlib.sha256(data).hexdigest()
    assert story.log.original(result.digest) == data


def test_the_name_is_kept_without_its_folder(story: Story) -> None:
    assert imported(story, RETURNS).file == "downloads/june.txt"
    assert last_import(story).file == "june.txt"


def root(lines: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word by word."""
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\x00" + lines[0]).digest()
    split = 1
    while split * 2 < len(lines):
        split *= 2
    return hashlib.sha256(b"\x01" + root(lines[:split]) + root(lines[split:])).digest()


@pytest.mark.parametrize(
    "ending", [b"", b"\r\n", b"\r\n\r\n"], ids=["cut", "as delivered", "blank line"]
)
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 7])
def test_the_root_over_the_lines_is_that_of_the_standard(
    story: Story, rows: int, ending: bytes
) -> None:
    """What stands before each LF is a line; so is what is left after the last one, if anything."""
    told = one_file(*(returned(ORDER, f"2026-06-0{day}") for day in range(1, rows + 1)))
    data = told.removesuffix(b"\r\n") + ending
    imported(story, data)
    lines = data.split(b"\n")
    lines = lines if lines[-1] else lines[:-1]

    assert last_import(story).root == root(lines).hex()
    assert last_import(story).lines == len(lines)


def test_a_carriage_return_within_a_line_makes_no_line_of_the_tree(story: Story) -> None:
    data = RETURNS.replace(b"UNWANTED_ITEM", b"UNWANTED\rITEM", 1)
    imported(story, data)

    assert last_import(story).lines == data.count(b"\n")
    assert last_import(story).root == root(data.split(b"\n")[:-1]).hex()


def test_the_totals_are_the_sums_of_the_money_in_each_currency(story: Story) -> None:
    data = one_file(
        reimbursed("2026-06-01", "1", amount="15.10"),
        reimbursed("2026-06-02", "2", amount="-5.05"),
        reimbursed("2026-06-03", "3", amount="900.00"),
    ).replace(b"USD\t900.00\t900.00", b"JPY\t900\t900")
    imported(story, data)

    assert last_import(story).totals == (Money(900, "JPY"), Money(1005, "USD"))


def test_a_settlement_counts_every_line_and_its_summary_but_its_money_once(story: Story) -> None:
    """Three lines of a refund are one fact, and three rows."""
    data = one_file(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    result = imported(story, data)

    assert result.rows == result.new == len(data.splitlines()) - 1 == 6
    assert last_import(story).totals == (Money(0 + 2000 - 300 - 2000 + 300 - 60, "USD"),)


def test_codes_that_are_not_known_are_reported_and_recorded(story: Story) -> None:
    data = one_file(returned(ORDER, "2026-06-01", reason="CHANGED_MY_MIND"))
    result = imported(story, data)
    again = imported(story, data)

    assert result.unknown_codes == again.unknown_codes == ("reason: CHANGED_MY_MIND",)
    assert last_import(story).unknown_codes == result.unknown_codes


def test_every_entry_names_its_row_its_file_and_the_command(story: Story) -> None:
    position = story.log.position()
    result = imported(story, RETURNS)
    entries = list(story.log.entries(after=position))

    assert [entry.source.row for entry in entries] == [2, 3, 4, None]
    assert {entry.source.digest for entry in entries} == {result.digest}
    assert {entry.correlation for entry in entries} == {"test"}
    assert {entry.actor for entry in entries} == {"seller"}
    assert result.entries == len(entries)


def test_progress_is_told_stage_by_stage(story: Story) -> None:
    told: list[tuple[str, int]] = []
    import_file(story.log, RETURNS, "f", stated(), progress=lambda *one: told.append(one))

    assert told == [("read", 3), ("compared", 3), ("recorded", 3)]


# --- the same file again ----------------------------------------------------------------------


def test_the_same_file_under_another_name_adds_nothing(story: Story) -> None:
    imported(story, RETURNS)
    position = story.log.position()
    result = import_file(story.log, RETURNS, "copy.txt", stated())

    assert (result.file, result.rows, result.unchanged, result.entries) == ("copy.txt", 3, 3, 0)
    assert story.log.position() == position


def test_the_same_rows_in_another_file_add_that_file_only(story: Story) -> None:
    imported(story, RETURNS)
    position = story.log.position()
    result = imported(story, RETURNS + b"\r\n")

    assert (result.unchanged, result.entries) == (3, 1)
    assert recorded_since(story, position) == [ReportImported.TOPIC]


def test_a_period_stated_later_makes_the_files_coverage_certain(story: Story) -> None:
    first = imported(story, RETURNS)
    position = story.log.position()
    again = imported(story, RETURNS, period=JUNE)
    coverage = story.recall().book.coverage("fba-customer-returns")

    assert (first.period_start, first.period_end) == ("2026-06-01", "2026-06-03")
    assert (first.period_basis, again.period_basis) == ("inferred", "stated")
    assert (again.period_start, again.period_end) == ("2026-06-01", "2026-06-30")
    assert (again.unchanged, again.entries) == (3, 1)
    assert recorded_since(story, position) == [ReportImported.TOPIC]
    assert (coverage.files, coverage.stated) == (1, True)
    assert coverage.gap(*JUNE) is None


def test_a_period_that_was_stated_wrongly_can_be_taken_back(story: Story) -> None:
    imported(story, RETURNS, period=(JUNE[0], JULY[1]))
    imported(story, RETURNS, period=JUNE)
    coverage = story.recall().book.coverage("fba-customer-returns")

    assert coverage.gap(*JUNE) is None
    assert coverage.gap(*JULY) is not None


def test_the_store_that_was_stated_last_stands(story: Story) -> None:
    for store in ("US", "CA", "US"):
        imported(story, RETURNS, marketplace=store)

        assert story.recall().case(f"order/{ORDER}").marketplace == store


def test_what_was_stated_before_holds_where_nothing_else_is_stated(story: Story) -> None:
    imported(story, RETURNS, period=JUNE, told_at="2026-07-15")
    imported(story, RETURNS, marketplace="US")
    position = story.log.position()
    known = last_import(story)

    assert (known.period_start, known.period_end, known.stated) == (
        "2026-06-01",
        "2026-06-30",
        True,
    )
    assert (known.told_at, known.marketplace) == ("2026-07-15", "US")

    imported(story, RETURNS)
    imported(story, RETURNS, marketplace="US", period=JUNE, told_at="2026-07-15")

    assert story.log.position() == position


def test_a_day_of_the_download_stated_later_is_another_telling(story: Story) -> None:
    """What the row says has stood since the first of them."""
    imported(story, RETURNS, told_at="2026-07-15")
    result = imported(story, RETURNS, told_at="2026-07-01")
    stream = f"order/{ORDER}"

    assert result.unchanged == 3
    assert story.recall(date(2026, 6, 30)).case(stream).return_status == {}
    assert len(story.recall(date(2026, 7, 1)).case(stream).return_status) == 3


def test_no_rows_twice_are_one_answer(story: Story) -> None:
    header = RETURNS.splitlines(keepends=True)[0]
    first = imported(story, header, period=JUNE)
    again = imported(story, header, period=JUNE)

    assert (first.rows, first.entries, again.entries) == (0, 1, 0)
    assert (last_import(story).told_at, last_import(story).row_days) == ("2026-06-30", 0)


# --- what is stated must be possible ----------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"period": (date(2026, 6, 1), date(2026, 8, 2))},
        {"told_at": "2026-08-02"},
        {"told_at": "2027-01-01", "marketplace": "AU"},
    ],
)
def test_a_day_to_come_is_refused(story: Story, said: dict[str, Any]) -> None:
    """By the log's clock it is the 1st of August."""
    position = story.log.position()
    with pytest.raises(LedgerError, match=r"june\.txt: the period .* ends in the future") as error:
        imported(story, RETURNS, **said)

    assert "up to the day of its download" in error.value.advice()
    assert story.log.position() == position


def test_today_is_today_where_the_store_is(tmp_path: Path) -> None:
    """In Sydney it is the 2nd when the clock of the log, in UTC, shows the evening of the 1st."""
    evening = datetime(2026, 8, 1, 20, tzinfo=UTC)
    log = open_log(
        f"sqlite:///{tmp_path / 'l.db'}", "a", event_types=BY_TOPIC, clock=lambda: evening
    )
    until_the_2nd = (date(2026, 6, 1), date(2026, 8, 2))
    with pytest.raises(LedgerError, match="future"):
        import_file(log, RETURNS, "f", stated(period=until_the_2nd, marketplace="US"))
    result = import_file(log, RETURNS, "f", stated(period=until_the_2nd, marketplace="AU"))
    log.close()

    assert result.new == 3


# --- rows that cannot be read -----------------------------------------------------------------

BROKEN = RETURNS.replace(b"2026-06-02T", b"2026-13-02T").replace(b"2026-06-03T", b"2026-06-31T")


def test_the_error_names_the_first_bad_row_and_counts_the_others(story: Story) -> None:
    with pytest.raises(RefusedRows) as error:
        imported(story, BROKEN)

    assert str(error.value).startswith("downloads/june.txt, row 3, column 'return-date'")
    assert str(error.value).endswith("\n1 more rows of this file cannot be read.")
    assert "--keep-going" in error.value.advice()
    assert [problem.row for problem in error.value.problems] == [3, 4]


def test_going_on_records_the_good_rows_and_the_bad_ones_as_refused(story: Story) -> None:
    result = imported(story, BROKEN, keep_going=True)

    assert (result.rows, result.new, result.refused) == (3, 1, 2)
    assert [problem.row for problem in result.problems] == [3, 4]
    assert last_import(story).refused == 2


def test_a_file_with_bad_rows_is_refused_again_unless_one_goes_on_again(story: Story) -> None:
    imported(story, BROKEN, keep_going=True)
    position = story.log.position()
    again = imported(story, BROKEN, keep_going=True)
    with pytest.raises(RefusedRows):
        imported(story, BROKEN)

    assert (again.unchanged, again.refused) == (1, 2)
    assert story.log.position() == position


def test_a_bad_row_is_kept_as_a_fact_once(story: Story) -> None:
    imported(story, BROKEN, keep_going=True)
    imported(story, BROKEN, keep_going=True, period=JUNE)
    refused = [entry.event for entry in story.log.entries(topics=[RowRefused.TOPIC])]

    assert [one.row for one in refused if isinstance(one, RowRefused)] == [3, 4]


def test_a_new_download_without_the_damage_adds_the_rows_that_were_refused(story: Story) -> None:
    imported(story, BROKEN, keep_going=True)
    result = imported(story, RETURNS)

    assert (result.new, result.unchanged) == (2, 1)


# --- days to come -----------------------------------------------------------------------------

SLICES = Cutting(sliced_from=0, slice_bytes=300, processes=2)
CUTTINGS = pytest.mark.parametrize("cutting", [Cutting(), SLICES], ids=["whole", "in slices"])


@CUTTINGS
def test_a_row_of_days_to_come_is_refused(story: Story, cutting: Cutting, tmp_path: Path) -> None:
    """It would keep the report fresh for months in which nobody looked."""
    path = tmp_path / "june.txt"
    path.write_bytes(RETURNS + one_file(returned(ORDER, "2027-01-14")).partition(b"\n")[2])
    with pytest.raises(RefusedRows, match=r"june\.txt, row 5, column 'return-date'") as error:
        import_file(story.log, path, "june.txt", stated(), cutting=cutting)

    assert "has not come yet (found '2027-01-14T12:00:00+00:00')" in str(error.value)
    assert "the clock of this machine" in error.value.advice()
    assert imports_of(story.log) == []


@CUTTINGS
def test_rows_of_days_to_come_are_left_out_where_one_goes_on(
    story: Story, cutting: Cutting, tmp_path: Path
) -> None:
    path = tmp_path / "june.txt"
    path.write_bytes(one_file(*(returned(ORDER, f"20{year}-06-01") for year in (99, 26, 27, 25))))
    result = import_file(story.log, path, "june.txt", stated(keep_going=True), cutting=cutting)

    assert (result.rows, result.new, result.refused) == (4, 2, 2)
    assert [problem.row for problem in result.problems] == [2, 4]
    assert (result.period_start, result.period_end) == ("2025-06-01", "2026-06-01")
    assert last_import(story).told_at == "2026-06-01T12:00:00Z"


@pytest.mark.parametrize(
    ("told", "column"),
    [
        (ordered(ORDER, "2026-06-01", updated="2026-08-03"), "last-updated-date"),
        (ordered(ORDER, "2026-08-03", updated="2026-06-01"), "purchase-date"),
        (reimbursed("2026-08-03", "R-1", order=ORDER), "approval-date"),
        (requested(ORDER, "2026-08-03"), "Return request date"),
        (requested(ORDER, "2026-06-01", delivered="2026-08-03"), "Return delivery date"),
        (refunded(ORDER, "2026-08-03"), "settlement-end-date"),
    ],
)
def test_each_date_that_dates_a_row_must_have_come(story: Story, told: Told, column: str) -> None:
    with pytest.raises(LedgerError, match=f"column '{column}': this date has not come yet"):
        imported(story, one_file(told))

    assert imports_of(story.log) == []


def test_tomorrow_is_today_elsewhere(story: Story) -> None:
    """By the log's clock it is the night to the 1st of August: in Japan that is soon over."""
    assert imported(story, one_file(returned(ORDER, "2026-08-01"))).new == 1
    with pytest.raises(RefusedRows, match="has not come yet"):
        imported(story, one_file(returned(ORDER, "2026-08-02")))


def test_the_day_of_a_deposit_may_still_come(story: Story) -> None:
    told = one_file(refunded(ORDER, "2026-07-30"))
    end = b"2026-07-30 23:00:00 UTC	"
    assert told.count(end + end) == 1

    assert imported(story, told.replace(end + end, end + b"2026-08-05 23:00:00 UTC	")).new > 0


@CUTTINGS
def test_a_row_from_before_amazon_began_is_refused(
    story: Story, cutting: Cutting, tmp_path: Path
) -> None:
    path = tmp_path / "june.txt"
    path.write_bytes(RETURNS.replace(b"2026-06-02", b"1926-06-02"))
    with pytest.raises(
        RefusedRows, match="row 3, column 'return-date': a date before Amazon began"
    ):
        import_file(story.log, path, "june.txt", stated(), cutting=cutting)


def test_a_row_that_had_not_come_is_not_heard_when_its_day_has(story: Story) -> None:
    """What was left out of a file stays left out: nothing is recorded as told by it afterwards."""

    def file(status: str) -> bytes:
        days = {"LPN1": "2026-06-01", "LPN2": "2026-09-01"}
        return one_file(
            *(returned(ORDER, day, status=status, plate=plate) for plate, day in days.items())
        )

    left_out = imported(story, file("Reimbursed"), keep_going=True, told_at="2026-07-30")
    story.clock.moment = datetime(2026, 10, 1, tzinfo=UTC)
    imported(story, file("Unit returned to inventory"), told_at="2026-07-20")
    sources = {
        entry.source.row for entry in story.log.entries() if entry.source.digest == left_out.digest
    }

    assert left_out.refused == 1
    assert sources == {2, 3, None}  # row 3 is refused by an entry of the account's
    assert [
        entry.stream
        for entry in story.log.entries()
        if (entry.source.digest, entry.source.row) == (left_out.digest, 3)
    ] == [ACCOUNT_STREAM]


@CUTTINGS
@pytest.mark.parametrize("keep_going", [True, False])
def test_a_row_that_had_not_come_is_recorded_when_the_file_is_imported_again_later(
    story: Story, cutting: Cutting, keep_going: bool, tmp_path: Path
) -> None:
    path = tmp_path / "june.txt"
    days = ("2026-06-01", "2026-09-01", "2026-09-03", "2026-06-04")
    path.write_bytes(one_file(*(returned(ORDER, day) for day in days)))

    def again(**said: Any) -> FileResult:
        return import_file(story.log, path, "june.txt", stated(**said), cutting=cutting)

    again(keep_going=True)
    refused_then = last_import(story).refused
    story.clock.moment = datetime(2026, 9, 1, 12, tzinfo=UTC)
    tried = again(keep_going=True, dry_run=True)
    in_part = again(keep_going=True)
    refused_in_part = last_import(story).refused
    story.clock.moment = datetime(2026, 10, 1, tzinfo=UTC)
    whole = again(keep_going=keep_going)

    assert (refused_then, refused_in_part, last_import(story).refused) == (2, 1, 0)
    assert (tried.new, tried.unchanged, tried.refused) == (1, 2, 1)
    assert (in_part.new, in_part.unchanged, in_part.refused) == (1, 2, 1)
    assert (whole.new, whole.unchanged, whole.refused) == (1, 3, 0)
    assert last_import(story).period_end == "2026-09-03"
    covered = Recall(story.log, date(2026, 10, 1)).whole_book().coverage("fba-customer-returns")
    assert (covered.incomplete, covered.told_on) == (0, date(2026, 9, 3))


@pytest.mark.parametrize("keep_going", [True, False])
def test_once_its_day_has_come_and_it_is_recorded_a_file_says_nothing_more(
    story: Story, keep_going: bool
) -> None:
    data = one_file(returned(ORDER, "2026-06-01"), returned(ORDER, "2026-09-01"))
    imported(story, data, keep_going=True)
    position = story.log.position()
    imported(story, data, keep_going=True)
    before_it_came = story.log.position()
    story.clock.moment = datetime(2026, 10, 1, tzinfo=UTC)
    imported(story, data, keep_going=True)
    recorded = story.log.position()
    imported(story, data, keep_going=keep_going)

    assert position == before_it_came < recorded == story.log.position()


def test_what_is_kept_of_a_file_is_read_as_it_was_when_it_was_recorded(story: Story) -> None:
    """Else each row that was refused would be news to a check once its day has come."""
    data = one_file(returned(ORDER, "2026-06-01"), returned(ORDER, "2026-09-01"))
    digest = imported(story, data, keep_going=True).digest
    story.clock.moment = datetime(2026, 10, 1, tzinfo=UTC)
    said = stated(keep_going=True, dry_run=True, period=JUNE)
    again = import_file(story.log, data, "june.txt", said, kept_as=digest)

    assert (again.new, again.unchanged, again.refused) == (0, 1, 1)
    assert imported(story, data).new == 1


# --- files in any order -----------------------------------------------------------------------

CHANGED_BACK: dict[str, Callable[[str], Told]] = {
    "returns": lambda status: returned(ORDER, "2026-06-01", status=status),
    "plated returns": lambda status: returned(ORDER, "2026-06-01", status=status, plate="LPN1"),
    "requests": lambda status: requested(ORDER, "2026-06-01", status=status),
    "dispositions": lambda status: returned(
        ORDER, "2026-06-01", disposition=status, plate="LPN1", status=""
    ),
}


@pytest.mark.parametrize("told", CHANGED_BACK.values(), ids=CHANGED_BACK)
def test_a_story_changed_and_changed_back_is_the_same_in_every_order_of_files(
    tmp_path: Path, told: Callable[[str], Told]
) -> None:
    """A, A, B, A: the second A is a repetition that the others turn into what stood until B."""
    files = [
        files_of(told(status), told_at=day)[0]
        for day, status in [
            ("2026-07-01", "A"),
            ("2026-07-05", "A"),
            ("2026-07-10", "B"),
            ("2026-07-15", "A"),
        ]
    ]
    seen = set()
    for number, order in enumerate(permutations(files)):
        story = begin(tmp_path / str(number), checked=False)
        for file in order:
            imported(story, file.data, told_at=file.told_at, marketplace="US")
        seen.add(str([stood(story, day) for day in (1, 5, 9, 10, 14, 15, 31)]))
        story.close()

    assert len(seen) == 1


def stood(story: Story, day: int) -> list[object]:
    """What the order's case says of a day of July, but for which entry says it."""
    case = story.recall(date(2026, 7, day)).case(f"order/{ORDER}")
    states = {slot: state.status for slot, state in case.request_states.items()}
    dispositions = [(one.ref.slot, one.disposition) for one in case.returns]
    return [case.return_status, states, dispositions, len(case.requests)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_rows_that_tell_their_own_time_may_arrive_in_any_order(
    story: Story, order: tuple[int, ...]
) -> None:
    """The orders report is dated row by row: the day of the download does not matter."""
    files = [
        one_file(ordered(ORDER, "2026-06-01", status=status, updated=day))
        for status, day in [
            ("Pending", "2026-06-01"),
            ("Shipped", "2026-06-03"),
            ("Pending", "2026-06-05"),
        ]
    ]
    for number in order:
        imported(story, files[number], told_at=f"2026-07-0{number + 1}")
    stood = [
        list(story.recall(date(2026, 6, day)).case(f"order/{ORDER}").order_status.values())
        for day in (2, 4, 6)
    ]

    assert stood == [["Pending"], ["Shipped"], ["Pending"]]


def test_what_has_become_a_change_back_is_told_by_the_file_that_said_it(story: Story) -> None:
    first, second, third = (
        files_of(returned(ORDER, "2026-06-01", status=status), told_at=day)[0]
        for status, day in [("A", "2026-07-01"), ("B", "2026-07-08"), ("A", "2026-07-15")]
    )
    later = first.data + b"\r\n"
    imported(story, first.data, told_at=first.told_at)
    imported(story, later, told_at=third.told_at)
    position = story.log.position()
    result = imported(story, second.data, told_at=second.told_at)
    told = list(story.log.entries(f"order/{ORDER}", after=position))

    assert (result.revised, result.entries) == (1, 3)
    assert [entry.source.digest for entry in told] == [
        hashlib.sha256(second.data).hexdigest(),
        hashlib.sha256(later).hexdigest(),
    ]
    assert [entry.occurred_at for entry in told] == [second.told_at, third.told_at]


def test_the_next_telling_of_what_is_known_reads_no_other_file(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nearly every import is the newest: it costs no more for what came before."""
    for day, status in [(1, "A"), (2, "B")]:
        imported(
            story, one_file(returned(ORDER, "2026-06-01", status=status)), told_at=f"2026-07-0{day}"
        )
    monkeypatch.delattr(Log, "original")

    for day, status in [(3, "B"), (4, "A")]:
        data = one_file(returned(ORDER, "2026-06-01", status=status))
        imported(story, data + b"\r\n" * day, told_at=f"2026-07-0{day}")


def test_files_taken_from_the_newest_to_the_oldest_read_no_other_file(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They overlap and agree: older ones say since when something stood, and disturb nothing."""
    monkeypatch.delattr(Log, "original")
    for day in (5, 4, 3, 2, 1):
        told = [returned(ORDER, f"2026-06-0{number}", status="A") for number in range(1, day + 1)]
        imported(story, one_file(*told), told_at=f"2026-07-0{day}")

    assert [entry.event.TOPIC for entry in story.log.entries(f"order/{ORDER}")].count(
        "unit-returned.v1"
    ) == 5


# --- several who import -----------------------------------------------------------------------


class Contested:
    """A log in which somebody else is first a few times, whenever something is to be appended."""

    def __init__(self, log: Log, others: list[Callable[[], object]]) -> None:
        self._log = log
        self._others = others

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append_encoded(self, batches: Iterable[Sequence[Encoded]], **more: Any) -> Receipt:
        if self._others:
            self._others.pop(0)()
        return self._log.append_encoded(batches, **more)


def contested(story: Story, *others: Callable[[], object]) -> Log:
    log: Any = Contested(story.log, list(others))
    found: Log = log
    return found


def test_a_writer_who_was_first_is_waited_out(story: Story) -> None:
    other = one_file(returned(ORDER, "2026-06-02"), returned(ORDER, "2026-06-09"))
    log = contested(story, lambda: imported(story, other))
    result = import_file(log, RETURNS, "june.txt", stated())

    assert (result.new, result.unchanged) == (2, 1)
    assert len(story.recall().case(f"order/{ORDER}").returns) == 4


def test_what_somebody_else_has_imported_meanwhile_is_not_recorded_twice(story: Story) -> None:
    log = contested(story, lambda: imported(story, RETURNS))
    result = import_file(log, RETURNS, "june.txt", stated())

    assert (result.new, result.unchanged, result.entries) == (0, 3, 0)
    assert len(imports_of(story.log)) == 1


def test_what_somebody_else_has_stated_meanwhile_holds(story: Story) -> None:
    log = contested(story, lambda: imported(story, RETURNS, period=JUNE))
    import_file(log, RETURNS, "june.txt", stated(marketplace="US"))
    known = last_import(story)

    assert (known.stated, known.period_end, known.marketplace) == (True, "2026-06-30", "US")


def test_a_repetition_imported_meanwhile_is_a_change_back_all_the_same(story: Story) -> None:
    """It left no entry in the order's stream, so only the list of imports shows that it is there."""
    kept = returned(ORDER, "2026-06-01", status="A")
    imported(story, one_file(kept), told_at="2026-07-01")
    repetition = one_file(kept) + b"\r\n"
    log = contested(story, lambda: imported(story, repetition, told_at="2026-07-15"))
    changed = one_file(returned(ORDER, "2026-06-01", status="B"))
    import_file(log, changed, "june.txt", stated(told_at="2026-07-08"))

    assert list(story.recall().case(f"order/{ORDER}").return_status.values()) == ["A"]


def test_a_file_is_not_compared_again_because_of_what_does_not_concern_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[Any] = []

    class Counted(Comparison):
        def __init__(self, log: Log, gathered: Gathered, *more: Any) -> None:
            compared.append(gathered.told.file)
            super().__init__(log, gathered, *more)

    monkeypatch.setattr(importing, "Comparison", Counted)
    elsewhere = one_file(settled("2026-06-01", kind="other-transaction", what="X", amount="-1.00"))
    others = [lambda data=elsewhere + b"\r\n" * n: imported(story, data) for n in range(3)]
    result = import_file(contested(story, *others), RETURNS, "june.txt", stated())

    assert (result.new, compared.count("june.txt")) == (3, 1)


def test_who_is_never_first_gives_up_and_has_changed_nothing(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ATTEMPTS", 3)
    others = [one_file(returned(ORDER, f"2026-06-1{number}")) for number in range(3)]
    log = contested(story, *(lambda data=data: imported(story, data) for data in others))
    with pytest.raises(
        ConcurrentChange, match=r"june\.txt: other writers were first 3 times"
    ) as error:
        import_file(log, RETURNS, "june.txt", stated())

    assert "Import it again" in error.value.advice()
    assert len(imports_of(story.log)) == 3


def pieces(count: int) -> list[File]:
    """Files that overlap by half, of forty orders."""
    rows = [returned(f"114-00000{n:02}-0000001", "2026-06-01", plate=f"L{n}") for n in range(40)]
    step = len(rows) // count
    return [
        files_of(*rows[place * step : (place + 1) * step + step // 2])[0] for place in range(count)
    ]


def work(url: str, seed: int, same: bool, told: Any) -> None:
    """One importer among several, in an order of its own."""
    log = open_log(url, "shared", event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
    try:
        files = pieces(8)
        files = files if same else files[seed::4]
        random.Random(seed).shuffle(files)
        results = [import_file(log, file.data, file.name, stated()) for file in files]
        told.put([(one.new, one.unchanged, one.revised) for one in results])
    finally:
        log.close()


@pytest.mark.parametrize("same", [True, False], ids=["the same files", "files of their own"])
@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_importers_beside_each_other_record_each_file_and_each_row_once(
    store_url: str, kind: str, same: bool
) -> None:
    log = open_log(store_url, "shared", event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
    open_account(log, "shared", "NA", shipped(), "seller")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.story"])
    told: Any = context.SimpleQueue() if kind == "processes" else _Told()
    start: Any = context.Process if kind == "processes" else threading.Thread
    workers = [start(target=work, args=(store_url, seed, same, told)) for seed in range(4)]
    for worker in workers:
        worker.start()
    results = [one for _ in workers for one in told.get()]
    for worker in workers:
        worker.join()
    digests = Counter(one.digest for one in imports_of(log))
    problems = [check for check in log.verify() if not check.ok]
    cases = sum(stream.startswith("order/") for stream, _ in log.cases())
    log.close()

    assert sum(new for new, _, _ in results) == cases == 40
    assert sum(revised for _, _, revised in results) == 0
    assert set(digests.values()) == {1}
    assert len(digests) == 8
    assert problems == []


class _Told:
    """What threads have to tell."""

    def __init__(self) -> None:
        self._told: list[Any] = []
        self._some = threading.Semaphore(0)

    def put(self, told: Any) -> None:
        self._told.append(told)
        self._some.release()

    def get(self) -> Any:
        assert self._some.acquire(timeout=120)
        return self._told.pop()


def test_accounts_opened_at_once_are_opened_once(store_url: str) -> None:
    logs = [
        open_log(store_url, "shared", event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
        for _ in range(4)
    ]
    threads = [
        threading.Thread(target=open_account, args=(log, "shared", "NA", shipped(), "seller"))
        for log in logs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    topics = [entry.event.TOPIC for entry in logs[0].entries(ACCOUNT_STREAM)]
    for log in logs:
        log.close()

    assert topics == ["account-opened.v1", "rulebook-adopted.v1"]


# --- nothing is changed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a report",
        b"\x00\x01\x02",
        RETURNS[:40],
        RETURNS.replace(b"order-id", b"odrer-id"),
    ],
    ids=["empty", "text", "binary", "cut in its header", "a column missing"],
)
def test_what_is_no_report_changes_nothing(story: Story, data: bytes) -> None:
    position = story.log.position()
    with pytest.raises(LedgerError) as error:
        imported(story, data, keep_going=True)

    assert error.value.advice()
    assert story.log.position() == position
    assert not story.log.has_original(hashlib.sha256(data).hexdigest())


def test_a_dry_run_counts_as_the_import_would_and_changes_nothing(story: Story) -> None:
    imported(story, RETURNS)
    more = one_file(
        returned(ORDER, "2026-06-01"),
        returned(ORDER, "2026-06-02", status="Disposed"),
        returned(ORDER, "2026-06-09"),
    )
    position = story.log.position()
    tried = imported(story, more, dry_run=True, told_at="2026-07-20")

    assert (tried.new, tried.unchanged, tried.revised, tried.entries) == (1, 1, 1, 0)
    assert story.log.position() == position
    assert not story.log.has_original(tried.digest)

    done = imported(story, more, told_at="2026-07-20")

    assert msgspec.structs.replace(done, entries=0) == tried


@pytest.mark.parametrize("cutting", [Cutting(), Cutting(sliced_from=0, processes=0)])
def test_who_looks_through_a_file_refuses_what_an_import_would_and_compares_nothing(
    story: Story, cutting: Cutting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(importing, "Comparison")
    position = story.log.position()
    look_through(story.log, RETURNS, "june.txt", stated(), cutting=cutting)
    look_through(story.log, BROKEN, "june.txt", stated(keep_going=True), cutting=cutting)
    with pytest.raises(RefusedRows, match=r"june\.txt, row 3, column 'return-date'"):
        look_through(story.log, BROKEN, "june.txt", stated(), cutting=cutting)
    with pytest.raises(LedgerError, match="ends in the future"):
        look_through(story.log, RETURNS, "june.txt", stated(told_at="2027-01-01"), cutting=cutting)
    with pytest.raises(LedgerError, match="not a report"):
        look_through(story.log, b"one\ttwo\n1\t2\n", "june.txt", stated(), cutting=cutting)

    assert story.log.position() == position
    assert not story.log.has_original(hashlib.sha256(RETURNS).hexdigest())
