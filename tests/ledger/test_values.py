"""Small values: the day on which a moment lies, in every store's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.values import BY_CODE, day_of, instant

STORES = st.sampled_from([None, "??", *BY_CODE])


def expected(moment: datetime, store: str | None) -> date:
    zone = BY_CODE[store].zone if store in BY_CODE else "UTC"
    return moment.astimezone(ZoneInfo(zone)).date()


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), STORES)  # noqa: DTZ001 - below
def test_a_moment_lies_on_the_day_of_its_store(moment: datetime, store: str | None) -> None:
    at = moment.replace(tzinfo=UTC)

    assert day_of(instant(at), store) == expected(at, store)
    assert day_of(at.isoformat(), store) == expected(at, store)


@pytest.mark.parametrize("store", sorted(BY_CODE))
def test_every_quarter_of_an_hour_of_a_year_lies_on_its_day(store: str) -> None:
    """Midnight is at half past an hour in India, and clocks are put forward and back."""
    for quarter in range(0, 366 * 96, 2 if store in ("US", "IN", "DE", "AU") else 37):
        at = datetime.fromtimestamp(1_767_225_600 + quarter * 900 - 1, UTC)
        assert day_of(instant(at), store) == expected(at, store)
        at = datetime.fromtimestamp(1_767_225_600 + quarter * 900, UTC)
        assert day_of(instant(at), store) == expected(at, store)


def test_a_day_is_that_day_wherever_it_is() -> None:
    assert {day_of("2026-03-01", store) for store in (None, *BY_CODE)} == {date(2026, 3, 1)}
