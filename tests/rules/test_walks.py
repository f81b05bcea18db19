"""The day before, the day of and the day after each change, for every series and every store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from ledger.rulebook import family_of, shipped
from tests.rules.changes import CHANGES, UNCHANGED


def walks() -> Iterator[tuple[str, str, date, str, str]]:
    for series, stores, day, before, after in CHANGES:
        for store in stores.split():
            yield series, store, date.fromisoformat(day), before, after


@pytest.mark.parametrize(("series", "store", "day", "before", "after"), list(walks()))
def test_each_change_takes_effect_on_its_day(
    series: str, store: str, day: date, before: str, after: str
) -> None:
    """The day before is the old version's last; the day itself is the new version's first."""
    for shift, expected in ((-1, before), (0, after), (1, after)):
        asked = day + timedelta(days=shift)

        holding = shipped().holding(series, store, asked)
        first = shipped().in_force(family_of(series), store, asked)

        assert [rule.id for rule in holding] == expected.split(), asked
        assert ([first.id] if first else []) == expected.split()[:1], asked


def test_no_change_is_left_unwalked() -> None:
    walked = {(series, store, day) for series, store, day, _, _ in walks()}
    dated = {
        (rule.series, store, day)
        for rule in shipped().rules
        for day in (rule.effective_from, rule.effective_to)
        for store in rule.marketplaces
        if day is not None
    }

    assert walked == dated


@pytest.mark.parametrize(("series", "stores", "rule_id"), UNCHANGED)
def test_a_rule_without_dates_holds_on_every_day(series: str, stores: str, rule_id: str) -> None:
    for store in stores.split():
        for day in (date(2015, 1, 1), date(2026, 11, 1)):
            assert [rule.id for rule in shipped().holding(series, store, day)] == [rule_id]


def test_every_series_is_walked() -> None:
    told = {row[0] for row in CHANGES} | {row[0] for row in UNCHANGED}

    assert told == {rule.series for rule in shipped().rules}


@pytest.mark.parametrize(
    ("family", "day", "told"),
    [
        ("fba.valuation.pre_order", "2025-03-09", None),
        ("fba.valuation.pre_order", "2025-03-10", "fba.valuation.pre_order.US.1x"),
        ("fba.valuation.pre_order", "2025-03-30", "fba.valuation.pre_order.US.1x"),
        ("fba.valuation.pre_order", "2025-03-31", None),
        ("src.settlement_v1_removed", "2026-03-24", None),
        ("src.settlement_v1_removed", "2026-03-25", "src.settlement_v1_removed.1"),
        ("src.settlement_v1_removed", "2026-11-10", "src.settlement_v1_removed.1"),
        ("src.settlement_v1_removed", "2026-11-11", None),
    ],
)
def test_a_postponed_rule_is_told_from_its_announced_to_its_real_day(
    family: str, day: str, told: str | None
) -> None:
    found = shipped().postponed(family, "US", date.fromisoformat(day))

    assert (found.id if found else None) == told
