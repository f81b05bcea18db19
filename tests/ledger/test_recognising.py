"""Rows told new, unchanged and revised apart, and no more recorded of them than is news."""

from __future__ import annotations

import pytest

from ledger.event import Entry, Source
from ledger.events.returns import UnitReturned
from ledger.recognising import Recognised, Standing, Stream
from tests.ledger.reports.files import Cells, read, report, without

RETURN = {
    "return-date": "2026-06-05T10:00:00+00:00",
    "order-id": "111-0000001-0000001",
    "sku": "MUG",
    "asin": "B000000001",
    "fnsku": "X000000001",
    "quantity": "1",
    "fulfillment-center-id": "LEX1",
    "detailed-disposition": "SELLABLE",
    "reason": "UNWANTED_ITEM",
    "status": "Reimbursed",
    "license-plate-number": "LPN1",
}
PLAIN = without(RETURN, "license-plate-number")
BARE = without(PLAIN, "status")
STOCK = {
    "Date": "06/05/2026",
    "FNSKU": "X000000001",
    "ASIN": "B000000001",
    "MSKU": "MUG",
    "Event Type": "Adjustments",
    "Reference ID": "1",
    "Quantity": "-1",
    "Fulfillment Center": "LEX1",
    "Disposition": "SELLABLE",
    "Reason": "M",
    "Country": "US",
    "Reconciled Quantity": "0",
    "Unreconciled Quantity": "1",
}
FOUND = STOCK | {"Reconciled Quantity": "1", "Unreconciled Quantity": "0"}


class Telling:
    """One stream, told file after file as an import would."""

    def __init__(self) -> None:
        self.stream = Stream("a stream")
        self.files = 0

    def __call__(self, told_at: str, *rows: Cells) -> list[Recognised]:
        self.files += 1
        told = read(report(*rows)).told
        return self.stream.recognise(told, told_at, f"file {self.files}")

    def standings(self, told_at: str, *rows: Cells) -> list[Standing]:
        return sorted(one.standing for one in self(told_at, *rows))

    def news(self, told_at: str, *rows: Cells) -> list[str]:
        """What is recorded: the part, and what goes with it in the same entry."""
        return sorted(
            "+".join([item.telling.part or "row", *sorted(item.part.event.carried())])
            for one in self(told_at, *rows)
            for item in one.news
        )


@pytest.fixture
def tell() -> Telling:
    return Telling()


# --- new, unchanged, revised ------------------------------------------------------------------


def test_what_was_never_told_is_new_in_one_entry(tell: Telling) -> None:
    assert tell.news("2026-07-01", RETURN) == ["row+plate+status"]


def test_what_is_told_again_is_unchanged_and_not_recorded(tell: Telling) -> None:
    tell("2026-07-01", RETURN)
    (again,) = tell("2026-07-02", RETURN)

    assert (again.standing, again.news, again.disturbs) == ("unchanged", (), frozenset())


def test_what_is_told_otherwise_is_revised_and_only_that_is_recorded(tell: Telling) -> None:
    tell("2026-07-01", RETURN)
    (revised,) = tell("2026-07-02", RETURN | {"status": "Disposed"})
    (news,) = revised.news

    assert revised.standing == "revised"
    assert (news.telling.part, news.telling.told_at) == ("status", "2026-07-02")


def test_a_revision_names_what_it_revises(tell: Telling) -> None:
    (first,) = tell("2026-07-01", STOCK)
    (second,) = tell("2026-07-02", STOCK | {"ASIN": "B000000001", "Reconciled Quantity": "1"})
    (third,) = tell("2026-07-03", STOCK)

    assert first.news[0].telling.revises is None
    assert third.news[0].telling.revises == second.news[0].telling.digest
    assert second.news[0].telling.revises not in (None, third.news[0].telling.revises)


def test_a_story_changed_and_changed_back_is_told_three_times(tell: Telling) -> None:
    days = [("2026-07-01", STOCK), ("2026-07-02", FOUND), ("2026-07-03", STOCK)]

    assert [tell.standings(day, row) for day, row in days] == [["new"], ["revised"], ["revised"]]


def test_the_same_row_in_two_files_of_one_day_is_recorded_once(tell: Telling) -> None:
    tell("2026-07-01", RETURN)

    assert tell.news("2026-07-01", RETURN) == []


# --- rows alike -------------------------------------------------------------------------------


def test_rows_alike_in_every_column_are_counted_in_each_file_and_never_added_up(
    tell: Telling,
) -> None:
    assert tell.standings("2026-07-01", STOCK, STOCK) == ["new", "new"]
    assert tell.standings("2026-07-02", STOCK) == ["unchanged"]
    assert tell.standings("2026-07-03", *[STOCK] * 4) == ["new", "new", "unchanged", "unchanged"]
    assert tell.standings("2026-07-04", *[STOCK] * 4) == ["unchanged"] * 4


def test_of_three_rows_alike_only_the_third_is_recorded(tell: Telling) -> None:
    tell("2026-07-01", STOCK, STOCK)
    news = [item for one in tell("2026-07-02", STOCK, STOCK, STOCK) for item in one.news]

    assert [item.telling.occurrence for item in news] == [3]


def test_of_two_rows_alike_one_of_which_has_changed_one_is_revised(tell: Telling) -> None:
    tell("2026-07-01", STOCK, STOCK)

    assert tell.standings("2026-07-02", STOCK, FOUND) == ["revised", "unchanged"]
    assert tell.standings("2026-07-03", FOUND, FOUND) == ["revised", "unchanged"]
    assert tell.standings("2026-07-04", FOUND, FOUND) == ["unchanged", "unchanged"]


def test_a_row_that_is_missing_from_the_next_file_changes_nothing(tell: Telling) -> None:
    tell("2026-07-01", STOCK, FOUND)

    assert tell.standings("2026-07-02", FOUND) == ["unchanged"]
    assert tell.standings("2026-07-03", STOCK) == ["unchanged"]


# --- plates -----------------------------------------------------------------------------------


def test_a_plate_whose_date_has_moved_is_one_return_revised(tell: Telling) -> None:
    tell("2026-07-01", RETURN)

    assert tell.standings("2026-07-02", RETURN | {"return-date": "2026-06-08"}) == ["revised"]


def test_one_plate_twice_in_one_file_is_two_returns(tell: Telling) -> None:
    moved = RETURN | {"return-date": "2026-06-08"}

    assert tell.standings("2026-07-01", RETURN, moved) == ["new", "new"]
    assert tell.standings("2026-07-02", RETURN, moved) == ["unchanged", "unchanged"]


def test_a_column_that_only_a_newer_form_has_is_a_new_fact_of_the_same_unit(tell: Telling) -> None:
    tell("2026-07-01", BARE)

    assert tell.news("2026-07-02", PLAIN) == ["status"]
    assert tell.news("2026-07-03", RETURN) == ["plate"]


def test_a_column_that_an_older_form_lacks_is_no_change(tell: Telling) -> None:
    tell("2026-07-01", RETURN)

    assert tell.standings("2026-07-02", PLAIN) == ["unchanged"]
    assert tell.standings("2026-07-03", BARE) == ["unchanged"]


def test_a_moved_unit_is_known_in_a_form_without_plates(tell: Telling) -> None:
    tell("2026-07-01", RETURN)
    tell("2026-07-02", RETURN | {"return-date": "2026-06-08"})

    assert tell.standings("2026-07-03", PLAIN | {"return-date": "2026-06-08"}) == ["unchanged"]


def test_a_unit_without_a_plate_beside_one_with_a_plate_is_another(tell: Telling) -> None:
    blank = RETURN | {"license-plate-number": ""}

    assert tell.standings("2026-07-01", RETURN, blank) == ["new", "new"]
    assert tell.standings("2026-07-02", RETURN) == ["unchanged"]
    assert tell.standings("2026-07-03", blank, RETURN) == ["unchanged", "unchanged"]


def test_units_whose_plates_two_files_tell_are_two_though_the_old_form_had_two_rows_alike(
    tell: Telling,
) -> None:
    other = RETURN | {"license-plate-number": "LPN2"}

    assert tell.standings("2026-07-01", PLAIN, PLAIN) == ["new", "new"]
    assert tell.news("2026-07-02", RETURN, other) == ["plate", "plate"]
    assert tell.standings("2026-07-03", PLAIN, PLAIN) == ["unchanged", "unchanged"]


# --- files that arrive late -------------------------------------------------------------------


def test_an_older_file_with_the_same_fact_adds_nothing(tell: Telling) -> None:
    tell("2026-07-02", BARE)

    assert tell.news("2026-07-01", BARE) == []


def test_an_older_file_with_the_same_state_says_since_when(tell: Telling) -> None:
    """A state occurs when it is told: a question about the days between needs the older telling."""
    tell("2026-07-03", PLAIN)
    (older,) = tell("2026-07-01", PLAIN)

    assert older.standing == "unchanged"
    assert [(item.telling.part, item.telling.told_at) for item in older.news] == [
        ("status", "2026-07-01")
    ]


def test_an_older_file_with_another_story_is_a_revision_that_disturbs_what_was_known(
    tell: Telling,
) -> None:
    tell("2026-07-03", STOCK)
    (older,) = tell("2026-07-01", FOUND)

    assert older.standing == "revised"
    assert older.disturbs == set(older.told.keys)


def test_a_file_heard_again_is_told_what_has_become_a_change_back(tell: Telling) -> None:
    """Told A, A and, late, B between them: the second A is news now, the first is not."""
    rows = read(report(STOCK)).told
    tell.stream.recognise(rows, "2026-07-01", "first")
    tell.stream.recognise(rows, "2026-07-03", "third")
    tell.stream.recognise(read(report(FOUND)).told, "2026-07-02", "second")
    (third,) = tell.stream.recognise(rows, "2026-07-03", "third")
    (first,) = tell.stream.recognise(rows, "2026-07-01", "first")

    assert [item.telling.told_at for item in third.news] == ["2026-07-03"]
    assert (third.standing, first.standing) == ("revised", "unchanged")


# --- what a stream reads back -----------------------------------------------------------------


def test_a_stream_read_back_from_its_entries_knows_what_it_told(tell: Telling) -> None:
    rows = [RETURN, RETURN | {"license-plate-number": ""}, BARE | {"sku": "CUP"}]
    entries = [
        Entry(
            stream="a stream",
            version=number,
            event=item.part.event,
            occurred_at=item.part.occurred_at or item.telling.told_at,
            actor="seller",
            source=Source(digest="file 1", row=item.told.rows[0]),
            telling=item.telling,
        )
        for number, item in enumerate(
            (item for one in tell("2026-07-01", *rows) for item in one.news), 1
        )
    ]
    stream = Stream("a stream", entries)
    again = stream.recognise(read(report(*rows)).told, "2026-07-02", "file 2")

    assert stream.version == len(entries) == 3
    assert [one.standing for one in again] == ["unchanged"] * 3


def test_what_nobody_told_is_no_matter_of_recognising() -> None:
    """Decisions and judgements carry no telling; they count in the versions only."""
    entry = Entry(
        stream="a stream",
        version=1,
        event=UnitReturned(order_id="1", sku="MUG", quantity=1),
        occurred_at="2026-07-01",
        actor="seller",
        source=Source(command="test"),
    )
    stream = Stream("a stream", [entry])

    assert stream.version == 1
    assert [
        one.standing for one in stream.recognise(read(report(BARE)).told, "2026-07-01", "")
    ] == ["new"]
