"""What holds for every duty: nothing firm on a rule that is not verified, the same answer in any order, speed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec
import pytest

from ledger.case import Case
from ledger.events.arrivals import UnitsReceived
from ledger.events.claims import ClaimDecided, ClaimFiled, ClaimInfoRequested
from ledger.events.messages import MessageReceived
from ledger.events.requests import WithdrawalDeclared
from ledger.judging import duties, rulings
from ledger.policies import POLICIES
from ledger.rulebook import Rule, Rulebook, shipped
from tests.ledger.account import ORDER, SKU
from tests.ledger.desk import Desk

DAY: Final = "2026-03-02"
Told = Callable[[Desk], Desk]


def received(desk: Desk) -> Desk:
    return desk.says(UnitsReceived(order_id=ORDER, sku=SKU), DAY)


def asked_for_information(desk: Desk) -> Desk:
    filed = ClaimFiled(claim="C-1", claim_type="a_to_z", door="a_to_z", by="buyer")
    return desk.says(filed, DAY).says(ClaimInfoRequested(claim="C-1"), DAY)


def lost_a_claim(desk: Desk) -> Desk:
    filed = ClaimFiled(claim="C-1", claim_type="a_to_z", door="a_to_z", by="buyer")
    return desk.says(filed, DAY).says(ClaimDecided(claim="C-1", outcome="granted"), DAY)


def withdrawn(desk: Desk) -> Desk:
    return received(desk.says(WithdrawalDeclared(order_id=ORDER, sku=SKU), DAY))


SITUATIONS: Final[dict[str, tuple[str, Told]]] = {
    "return_request": ("US", lambda desk: desk.asked(DAY, in_policy=False)),
    "refund_clock": ("US", received),
    "cross_border": ("DE", lambda desk: desk.asked(DAY, cross_border=True)),
    "withdrawal_refund": ("SE", withdrawn),
    "message_deadline": (
        "US",
        lambda desk: desk.says(MessageReceived(message="M-1", order_id=ORDER), DAY),
    ),
    "claim_answer": ("US", asked_for_information),
    "appeal_window": ("US", lost_a_claim),
}
"""For each duty a situation in which it is open on a day."""

every_duty = pytest.mark.parametrize("policy", SITUATIONS)


def desk_of(policy: str, rulebook: Rulebook | None = None) -> Desk:
    store, told = SITUATIONS[policy]
    desk = Desk(store, rulebook) if rulebook else Desk(store)
    return told(desk.sold_by_seller())


def test_every_duty_has_a_situation() -> None:
    assert {policy.name for policy in POLICIES if policy.duties} == set(SITUATIONS)


@every_duty
def test_it_is_open_and_firm_by_the_rules_that_are_shipped(policy: str) -> None:
    found = desk_of(policy).rulings(policy, on=DAY)

    assert found
    assert [("duty", "open", True, None)] * len(found) == [
        (one.kind, one.state, one.due_at is not None, one.bearer) for one in found
    ]
    assert all(one.rule_ids and one.entries and one.tests and one.reason for one in found)


@every_duty
def test_nothing_is_firm_on_a_rule_that_is_not_verified(policy: str) -> None:
    """Nor is its day told in prose."""
    firm = desk_of(policy).rulings(policy, on=DAY)
    used = {rule for one in firm for rule in one.rule_ids}
    days = {str(one.due_at)[:10] for one in firm}
    weaker = Rulebook(
        msgspec.structs.replace(rule, verified=rule.verified and rule.id not in used)
        for rule in shipped().rules
    )
    for one in desk_of(policy, weaker).rulings(policy, on=DAY):
        assert ("review", None, None) == (one.state, one.due_at, one.if_missed)
        assert one.question
        assert not any(day in f"{one.reason} {one.question}" for day in days)


@every_duty
def test_without_its_rules_there_is_a_question(policy: str) -> None:
    used = {rule for one in desk_of(policy).rulings(policy, on=DAY) for rule in one.rule_ids}
    fewer = Rulebook(rule for rule in shipped().rules if rule.id not in used)

    assert ["review"] == list({one.state for one in desk_of(policy, fewer).rulings(policy, on=DAY)})


@every_duty
def test_the_days_of_the_rule_are_the_days_of_the_duty(policy: str) -> None:
    """One more in the rule is one more here, or the next business day."""
    longer = Rulebook(_longer(rule) for rule in shipped().rules)
    before = {one.what: str(one.due_at) for one in desk_of(policy).rulings(policy, on=DAY)}
    after = {one.what: str(one.due_at) for one in desk_of(policy, longer).rulings(policy, on=DAY)}

    assert before.keys() == after.keys()
    assert all(before[what] < after[what] for what in before)


def _longer(rule: Rule) -> Rule:
    terms = dict(rule.terms)
    for name, more in (
        ("respond_hours", 24),
        ("deadline_days", 1),
        ("deadline_business_days", 1),
        ("refund_within_days", 1),
    ):
        if name in terms:
            terms[name] = rule.number(name) + more
    return msgspec.structs.replace(rule, terms=terms)


@every_duty
def test_the_duties_of_a_case_are_its_rulings_of_that_kind(policy: str) -> None:
    desk = desk_of(policy)
    book, day = desk.book(DAY), date.fromisoformat(DAY)
    case = desk.case(f"order/{ORDER}", DAY)
    expected = [one for one in rulings(case, book, day) if one.kind == "duty"]

    assert expected == duties(case, book, day)


def test_a_case_of_which_the_seller_says_nothing_has_no_duties() -> None:
    told = Desk().sold_by_seller(programme="FBA").sold("2026-01-02").refunded("2026-02-02")
    book, day = told.book(DAY), date.fromisoformat(DAY)

    assert [] == duties(told.case(f"order/{ORDER}", DAY), book, day)
    assert [] == duties(Case("stock/X1"), book, day)
