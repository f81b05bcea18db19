"""What is folded and judged by a short way is what the thorough way gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings

from ledger.book import Book
from ledger.case import Case
from ledger.event import Entry
from ledger.folding import heard_in, standing_in
from ledger.policies import POLICIES
from ledger.policy import Policy
from projections.items import items_of
from projections.quantities import quantities_of
from projections.status import more_is_told, steps_of
from tests.desk.drawing import Step, sequences
from tests.desk.ledgers import Clock, Loose
from tests.desk.machine import BEGINS, Machine
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


def unconcerned(case: Case, book: Book) -> list[Policy]:
    return [policy for policy in POLICIES if not policy.concerns(case, book)]


def check_short_ways(case: Case, book: Book) -> int:
    """What is said at a glance of policies and of an item's status is what a thorough look gives."""
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
        assert check_short_ways(account.case(stream), book)


@given(sequences())
@settings(
    max_examples=25,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
def test_a_glance_is_enough_of_what_the_seller_tells(
    steps: list[Step],
) -> None:
    clock = Clock(BEGINS)
    machine = Machine(Loose(clock), clock)
    machine.run(steps)
    today = clock.moment.date()
    book = machine.ledger.book(today)
    for order in {fact.order for fact in machine.facts}:
        assert check_short_ways(machine.ledger.case(order, today), book)


def test_only_policies_that_claim_have_findings() -> None:
    silent = [policy for policy in POLICIES if not policy.claims]
    assert all(type(policy).findings is Policy.findings for policy in silent)
