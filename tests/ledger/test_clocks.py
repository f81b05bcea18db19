"""Counting hours, days and business days; the earlier of two zones; done in time or not."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.case import Ref
from ledger.clocks import (
    EARLIER_DAY,
    ONLY_A_DAY,
    business_days_after,
    days_after,
    days_of,
    hours_after,
    in_time,
    passed,
    told_first,
    when,
)
from ledger.values import BY_CODE, day_of

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def ref(at: str, store: str | None = "US", position: int = 1) -> Ref:
    return Ref(
        position=position,
        slot="@1",
        occurred_at=at,
        day=day_of(at, store),
        marketplace=store,
        told_at=at,
    )


@pytest.mark.parametrize(
    ("day", "after"),
    [
        ("2026-03-02", "2026-03-04"),
        ("2026-03-05", "2026-03-09"),
        ("2026-03-06", "2026-03-10"),
        ("2026-03-07", "2026-03-10"),
        ("2026-03-08", "2026-03-10"),
    ],
)
def test_two_business_days_leave_out_the_weekend(day: str, after: str) -> None:
    """Monday, Thursday, Friday, Saturday, Sunday."""
    assert date.fromisoformat(after) == business_days_after(date.fromisoformat(day), 2)


@given(days, st.integers(1, 30))
def test_business_days_are_counted_one_by_one(day: date, count: int) -> None:
    last = business_days_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]

    assert last.weekday() < 5
    assert count == sum(one.weekday() < 5 for one in between)


def test_hours_of_a_moment_end_at_a_moment_and_those_of_a_day_on_a_day() -> None:
    assert "2026-03-09T01:30:00Z" == hours_after(ref("2026-03-08T01:30:00Z"), 24).due_at
    assert "2026-03-09T01:30:00Z" == hours_after(ref("2026-03-08T02:30:00+01:00"), 24).due_at
    found = hours_after(ref("2026-03-08"), 48)

    assert ("2026-03-10", (ONLY_A_DAY,)) == (found.due_at, found.assumptions)


@pytest.mark.parametrize(
    ("at", "store", "due"),
    [
        ("2026-03-08", "US", "2026-03-11"),
        ("2026-03-08T12:00:00Z", "US", "2026-03-11"),
        ("2026-03-08T02:00:00Z", "US", "2026-03-10"),
        ("2026-03-08T23:30:00Z", "DE", "2026-03-11"),
    ],
)
def test_of_two_zones_the_earlier_day_is_counted_from(at: str, store: str, due: str) -> None:
    found = days_after(ref(at, store), 3)

    assert due == found.due_at
    assert (EARLIER_DAY in found.assumptions) is (len(days_of(ref(at, store))) == 2)


@given(
    days,
    st.times(),
    st.sampled_from(sorted(BY_CODE)),
    st.integers(0, 30),
)
def test_no_zone_ends_the_days_earlier_than_what_is_told(
    day: date, at: time, store: str, count: int
) -> None:
    told = f"{day}T{at.isoformat()}Z"
    due = date.fromisoformat(days_after(ref(told, store), count).due_at)

    assert due == min(day_of(told, store), day_of(told, None)) + timedelta(days=count)


@pytest.mark.parametrize(
    ("at", "due", "expected"),
    [
        ("2026-03-08", "2026-03-08", True),
        ("2026-03-09", "2026-03-08", False),
        ("2026-03-08T23:59:59Z", "2026-03-08", True),
        ("2026-03-09T03:00:00Z", "2026-03-08", True),
        ("2026-03-09T12:00:00Z", "2026-03-08", False),
        ("2026-03-08T12:00:00Z", "2026-03-08T12:00:00Z", True),
        ("2026-03-08T12:00:00.5Z", "2026-03-08T12:00:00Z", False),
        ("2026-03-08", "2026-03-08T12:00:00Z", True),
        ("2026-03-09", "2026-03-08T12:00:00Z", False),
    ],
)
def test_in_time_is_until_the_end_of_the_day_or_the_moment(
    at: str, due: str, expected: bool
) -> None:
    """Three in the morning in UTC is still the day before in Los Angeles."""
    assert expected is in_time(ref(at), due)


def test_a_day_has_passed_when_the_next_begins() -> None:
    assert [False, False, True] == [passed("2026-03-08", date(2026, 3, day)) for day in (7, 8, 9)]
    assert [False, True] == [passed("2026-03-08T01:00:00Z", date(2026, 3, day)) for day in (8, 9)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2026-03-08", "2026-03-09", True),
        ("2026-03-08", "2026-03-08T12:00:00Z", False),
        ("2026-03-08T12:00:00Z", "2026-03-08", False),
        ("2026-03-08T11:00:00Z", "2026-03-08T12:00:00Z", True),
        ("2026-03-08T13:00:00+02:00", "2026-03-08T12:00:00Z", True),
    ],
)
def test_what_is_told_with_a_day_may_be_of_any_moment_of_it(
    one: str, other: str, expected: bool
) -> None:
    assert expected is told_first(ref(one), ref(other))


def test_a_moment_is_read_in_utc() -> None:
    assert "2026-03-08" == when("2026-03-08")
    assert "2026-03-08 11:30 UTC" == when("2026-03-08T12:30:00+01:00")
