"""Which rows speak of one thing, and what stands of it, whatever order they were told in."""

from __future__ import annotations

from itertools import permutations

import pytest

from ledger.events.returns import ReturnStatusReported, UnitIdentified, UnitReturned
from ledger.tellings import Fact, Heard, Saying, Thing

PLATE = "plate:P"
OTHER_PLATE = "plate:Q"


def row(
    told_at: str,
    *keys: str,
    source: str = "",
    number: int = 1,
    sku: str = "MUG",
    plate: str | None = None,
    status: str | None = None,
) -> Saying:
    """A return as one file told it; a file is told at one moment only, so its day names it too."""
    facts = {"": Fact(UnitReturned(order_id="1", sku=sku, quantity=1), "2026-06-01")}
    if plate is not None:
        facts["plate"] = Fact(UnitIdentified(license_plate=plate), "2026-06-01")
    if status is not None:
        facts["status"] = Fact(ReturnStatusReported(status=status), None)
    return Saying(told_at, source or told_at, keys, number, facts)


def statuses(thing: Thing) -> list[tuple[str, str]]:
    """Every story of a thing's status: when it was first told, and what."""
    told = []
    for run in thing.runs("status"):
        assert isinstance(run.fact.event, ReturnStatusReported)
        told.append((run.told_at, run.fact.event.status))
    return told


def things(*sayings: Saying) -> list[Thing]:
    """The things, by name, after a look that they are the same in every order of arrival."""
    heard = [Heard(order).things for order in permutations(sayings)]
    told = {repr(sorted(repr(thing.history) for thing in some)) for some in heard}

    assert len(told) == 1
    return sorted(heard[0], key=lambda thing: (thing.strong or "", thing.name, thing.stories))


# --- across files -----------------------------------------------------------------------------


def test_rows_of_one_name_in_several_files_are_one_thing() -> None:
    assert len(things(row("01", "k"), row("02", "k"), row("03", "k"))) == 1


def test_rows_of_one_name_in_one_file_are_things_of_their_own() -> None:
    assert len(things(row("01", "k"), row("01", "k", number=2))) == 2


def test_the_file_with_most_rows_alike_says_how_many_things_there_are() -> None:
    three = [row("02", "k", number=number) for number in (1, 2, 3)]
    two = [row("03", "k", number=number) for number in (1, 2)]

    assert len(things(row("01", "k"), *three, *two[:1])) == 3
    assert len(Heard([row("01", "k"), *three, *two]).things) == 3


def test_the_last_of_three_rows_says_that_there_are_three() -> None:
    """The first two said nothing new, so only the third was recorded."""
    assert len(things(row("01", "k"), row("01", "k", number=2), row("02", "k", number=3))) == 3


def test_another_name_is_another_thing() -> None:
    assert len(things(row("01", "k"), row("02", "other"))) == 2


# --- plates -----------------------------------------------------------------------------------


def test_a_plate_names_its_unit_when_the_date_has_moved() -> None:
    (thing,) = things(
        row("01", PLATE, "k"), row("02", PLATE, "k2", sku="B"), row("03", PLATE, "k3")
    )

    assert (thing.strong, thing.name) == (PLATE, "k3")


def test_a_unit_without_its_plate_is_the_one_that_gets_it_later() -> None:
    (thing,) = things(row("01", "k"), row("02", PLATE, "k", plate="P"))

    assert thing.strong == PLATE
    assert set(thing.tellings) == {"", "plate"}


def test_a_file_without_plates_speaks_of_the_unit_that_has_one() -> None:
    assert len(things(row("01", PLATE, "k"), row("02", "k"), row("03", "k"))) == 1


def test_a_unit_is_found_where_its_plate_has_moved_it() -> None:
    """A form of the report without plates, after Amazon has changed the date."""
    moved = row("02", PLATE, "k2", sku="B")

    assert len(things(row("01", PLATE, "k"), moved, row("03", "k2", sku="B"))) == 1


def test_a_row_under_the_date_that_a_plate_has_left_is_another_return() -> None:
    """Moved back, or another unit: two returns rather than one claim the less."""
    moved = row("02", PLATE, "k2", sku="B")

    assert len(things(row("01", PLATE, "k"), moved, row("03", "k"))) == 2


def test_two_plates_under_one_name_are_two_units_though_no_file_shows_both() -> None:
    assert len(things(row("01", PLATE, "k"), row("02", OTHER_PLATE, "k"))) == 2


def test_one_plate_twice_in_one_file_is_two_returns() -> None:
    told = [row("01", PLATE, "k"), row("01", PLATE, "k2", number=2)]

    assert len(things(*told)) == 2
    assert len(things(*told, row("02", PLATE, "k2"))) == 2


def test_a_row_without_a_plate_beside_one_with_a_plate_is_another_unit() -> None:
    """They stand in one file, alike but for the plate; the rows with plates are counted first."""
    assert len(things(row("01", PLATE, "k"), row("01", "k", number=2))) == 2
    assert len(things(row("01", PLATE, "k"), row("02", "k", number=2))) == 2


def test_the_first_unit_to_be_found_gets_the_plate_and_the_next_plate_is_another() -> None:
    (first, second) = things(row("01", "k"), row("02", PLATE, "k"), row("03", OTHER_PLATE, "k"))

    assert (first.strong, second.strong) == (PLATE, OTHER_PLATE)


# --- stories ----------------------------------------------------------------------------------


def test_a_story_told_once_more_is_no_other_story() -> None:
    (thing,) = things(row("01", "k", status="A"), row("02", "k", status="A"))

    assert statuses(thing) == [("01", "A")]


def test_a_story_changed_and_changed_back_is_three_stories() -> None:
    (thing,) = things(
        row("01", "k", status="A"), row("02", "k", status="B"), row("03", "k", status="A")
    )

    assert statuses(thing) == [("01", "A"), ("02", "B"), ("03", "A")]


def test_of_two_stories_of_one_moment_always_the_same_stands() -> None:
    one, other = row("01", "k", status="A"), row("01", "k", source="another", status="B")
    (thing,) = things(one, other)
    first, last = sorted((one, other), key=lambda saying: saying.facts["status"].digest)

    assert thing.standing["status"].fact.digest == last.facts["status"].digest
    assert [run.fact.digest for run in thing.runs("status")] == [
        first.facts["status"].digest,
        last.facts["status"].digest,
    ]


def test_two_files_of_one_moment_tell_of_the_same_units() -> None:
    """Two downloads of one day, the second of a form without plates."""
    plated = [row("01", PLATE, "k"), row("01", OTHER_PLATE, "k")]
    plain = [row("01", "k", source="plain"), row("01", "k", source="plain", number=2)]

    assert len(things(*plated, *plain)) == 2


def test_of_units_alike_the_one_is_meant_of_which_the_same_is_told() -> None:
    first = [row("01", "k", status="A"), row("01", "k", number=2, status="B")]
    told = [statuses(thing) for thing in things(*first, row("02", "k", status="B"))]

    assert sorted(told) == [[("01", "A")], [("01", "B")]]


def test_a_change_is_given_to_the_unit_that_is_not_told_of_unchanged() -> None:
    first = [row("01", "k", status="A"), row("01", "k", number=2, status="B")]
    second = [row("02", "k", status="B"), row("02", "k", number=2, status="C")]
    told = [statuses(thing) for thing in things(*first, *second)]

    assert sorted(told) == [[("01", "A"), ("02", "C")], [("01", "B")]]


@pytest.mark.parametrize("status", ["A", None])
def test_a_part_that_is_not_told_stays_as_it_was(status: str | None) -> None:
    (thing,) = things(row("01", "k", status="A"), row("02", "k", status=status))

    assert statuses(thing) == [("01", "A")]


def test_nothing_heard_is_nothing_known() -> None:
    assert Heard([]).things == []
