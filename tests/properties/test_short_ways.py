"""What is folded and judged by a short way is what the thorough way gives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from types import FunctionType
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.case import Case
from ledger.event import Entry
from ledger.events import BY_TOPIC
from ledger.events.returns import ReturnRequested
from ledger.folding import heard_in, standing_in
from ledger.judging import OWING, QUIET, duties
from ledger.policies import POLICIES
from ledger.policy import Policy
from ledger.values import MARKETPLACES, Marketplace, day_of, instant
from projections.items import items_of
from projections.quantities import quantities_of
from projections.status import more_is_told, steps_of
from tests.desk.drawing import Step, sequences
from tests.desk.living import lived, of_a_life
from tests.ledger.account import Account
from tests.ledger.invented import accounts
from tests.properties.worlds import DAYS, Download, downloads, log_of


def standing(told: list[Entry], day: date, *, thoroughly: bool) -> list[Any]:
    """What stands of rows on a day, in order of occurrence."""
    case = Case("order/1", day)
    case.marketplace = "US"
    found = list(heard_in(told, case) if thoroughly else standing_in(told, case))
    return sorted(([*key], msgspec.to_builtins(ref), repr(event)) for key, ref, event in found)


@given(downloads())
def test_rows_told_once_stand_as_if_all_were_heard_again(files: list[Download]) -> None:
    with log_of(files) as log:
        for _, entries in log.cases():
            told = [entry for entry in entries if entry.telling is not None]
            for day in DAYS:
                assert standing(told, day, thoroughly=False) == standing(told, day, thoroughly=True)


moments = st.integers(600_000_000_000_000, 2_500_000_000_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
market = st.sampled_from(MARKETPLACES)


@given(moments, market, st.sampled_from(["seconds", "microseconds"]))
def test_the_day_of_a_moment_is_looked_up_as_it_is_worked_out(
    moment: datetime, market: Marketplace, exact: str
) -> None:
    told = moment if exact == "microseconds" else moment.replace(microsecond=0)

    assert day_of(instant(told), market.code) == told.astimezone(ZoneInfo(market.zone)).date()
    assert day_of(told.isoformat(), market.code) == day_of(instant(told), market.code)


@given(market, st.integers(1990, 2049), st.integers(0, 59), st.data())
def test_the_days_on_which_clocks_are_changed_are_told_as_any_other(
    market: Marketplace, year: int, minute: int, data: st.DataObject
) -> None:
    changed = changes(market.zone, year)
    if changed:
        moment = data.draw(st.sampled_from(changed)).replace(minute=minute)
        assert (
            day_of(instant(moment), market.code) == moment.astimezone(ZoneInfo(market.zone)).date()
        )


def changes(zone: str, year: int) -> list[datetime]:
    """The hours of a year about which a zone's clocks are put on or back."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=number) for number in range(8760)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    turns = [n for n in range(1, 8760) if offsets[n] != offsets[n - 1]]
    return [hours[place] for turn in turns for place in (turn - 1, turn)]


def names_in(function: object) -> set[str]:
    """What a function reads of other things."""
    assert isinstance(function, FunctionType)
    return set(function.__code__.co_names)


def unconcerned(case: Case, book: Book) -> list[Policy]:
    return [policy for policy in POLICIES if not policy.concerns(case, book)]


def check_short_ways(case: Case, book: Book, entries: Iterable[Entry]) -> int:
    """What is said at a glance of policies, of duties and of an item's status is what a thorough look gives."""
    if OWING.isdisjoint({entry.event.TOPIC for entry in entries}):
        assert duties(case, book, book.as_of) == []
    for item in items_of(case) if case.kind == "order" else ():
        if not more_is_told(item, case):
            quantities = quantities_of(item, case, book)
            steps = steps_of(item, case, book, quantities, "FBA")
            assert steps == ({"returned"} if quantities.returned else set())
    aside = unconcerned(case, book)
    for policy in aside:
        assert list(policy.findings(case, book, book.as_of)) == [], policy.name
    return len(aside)


@given(accounts())
@settings(suppress_health_check=list(HealthCheck))
def test_a_glance_is_enough_of_what_reports_tell(account: Account) -> None:
    book = account.book()
    for stream in account.entries:
        assert check_short_ways(account.case(stream), book, account.entries[stream])


@given(sequences())
@of_a_life
def test_a_glance_is_enough_of_what_the_seller_tells(
    steps: list[Step],
) -> None:
    machine, today, book = lived(steps)
    for order in {fact.order for fact in machine.facts}:
        entries = machine.ledger.entries(order)
        assert check_short_ways(machine.ledger.case(order, today), book, entries)


def test_duties_follow_only_from_kinds_that_are_asked_for() -> None:
    """Every policy with duties asks a case first for what the seller did, or for requests to him."""
    others = [kind for topic, kind in BY_TOPIC.items() if topic not in OWING | QUIET]

    assert others
    assert [kind for kind in others if {"deeds", "requests"} & names_in(kind.apply)] == []
    assert names_in(ReturnRequested.apply) >= {"requests"}


def test_only_policies_that_claim_have_findings() -> None:
    silent = [policy for policy in POLICIES if not policy.claims]
    assert all(type(policy).findings is Policy.findings for policy in silent)
