"""A watched day and book answer as the plain ones do, and tell for how long."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import Book, gap_between
from ledger.rulebook import shipped
from ledger.watched import WatchedBook, in_words, read_back

TODAY = date(2026, 6, 15)
Asked = tuple[Callable[[date, date], bool], int, int, bool]

near = st.integers(-4, 4)
questions = st.lists(
    st.tuples(
        st.sampled_from(
            [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
        ),
        near,
        near,
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def answer(today: date, asked: Asked) -> bool:
    """A comparison of a day so many days from today with another, which may stand on either side."""
    compare, other, shift, other_first = asked
    moved, fixed = today + timedelta(days=shift), TODAY + timedelta(days=other)
    return compare(fixed, moved) if other_first else compare(moved, fixed)


@given(questions)
def test_days_between_since_and_until_answer_alike(asked: list[Asked]) -> None:
    book = WatchedBook(Book(shipped(), TODAY))
    plain = [answer(TODAY, one) for one in asked]
    assert [answer(book.as_of, one) for one in asked] == plain
    rests = book.rests("order/1", 1, date.max.toordinal())

    assert rests.since <= TODAY.toordinal() <= rests.until
    for number in range(-20, 21):
        day = TODAY + timedelta(days=number)
        alike = [answer(day, one) for one in asked] == plain
        if rests.since <= day.toordinal() <= rests.until:
            assert alike
        elif len(asked) == 1 and asked[0][0] not in (operator.eq, operator.ne):
            assert not alike


READ: dict[str, Callable[[date], object]] = {
    "text": str,
    "hash": hash,
    "format": lambda day: f"{day}",
    "method": lambda day: day.isoformat(),
    "part": lambda day: day.month,
    "days since": lambda day: day - date(2026, 1, 1),
    "days until": lambda day: date(2026, 12, 31) - day,
    "key": lambda day: {day: 1},
}


@pytest.mark.parametrize("read", READ.values(), ids=READ)
def test_what_else_is_read_of_a_day_holds_on_that_day_only(read: Callable[[date], object]) -> None:
    book = WatchedBook(Book(shipped(), TODAY))
    assert read(book.as_of) == read(TODAY)
    rests = book.rests("", 1, 10**6)

    assert (rests.since, rests.until) == (TODAY.toordinal(), TODAY.toordinal())


def test_what_is_told_in_words_is_not_watched() -> None:
    book = WatchedBook(Book(shipped(), TODAY))

    assert in_words(book.as_of) is TODAY
    assert f"{in_words(book.as_of - timedelta(days=7))}" == "2026-06-08"
    assert in_words(TODAY) is TODAY
    assert book.rests("", 1, 10**6).until == 10**6


def test_a_question_is_noted_with_its_answer_and_can_be_asked_again() -> None:
    """A day that moves with today is asked about as it lies from the new one."""
    book = WatchedBook(Book(shipped(), TODAY))
    found = book.ask(gap_between, "settlement", TODAY, book.as_of + timedelta(days=2))
    ((name, form, first, last, told),) = book.rests("", 1, 10**6).noted

    assert found is not None
    assert (name, form) == ("gap_between", "settlement")
    assert read_back(list(first), TODAY) == TODAY
    assert read_back(list(last), date(2026, 7, 1)) == date(2026, 7, 3)
    assert len(told) == 18


def test_whatever_else_is_read_of_the_book_is_noted_as_a_whole() -> None:
    book = WatchedBook(Book(shipped(), TODAY))
    assert book.as_book.sourcing_cost("MUG", TODAY) is None
    assert not book.as_book.terms
    assert not book.as_book.coverage("settlement").spans

    noted = [tuple(one[:2]) for one in book.rests("", 1, 10**6).noted]
    assert noted == [
        ("whole_of", "sourcing_costs"),
        ("whole_of", "terms"),
        ("coverage_in", "settlement"),
    ]
