"""The invented example on each policy's page is what the policy answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from ledger.book import RETURNS, STOCK
from ledger.event import removal_stream
from ledger.events.arrivals import RemovalReceived
from ledger.policies import POLICIES
from ledger.policy import Policy, best_verdict
from ledger.rulebook import shipped
from tests import write_docs
from tests.ledger.account import FNSKU, TODAY, Account
from tests.ledger.desk import Desk
from tests.ledger.policies.test_a_to_z_appeal import signed_for
from tests.ledger.policies.test_carrier_damage import broken, terms
from tests.ledger.policies.test_removal_lost import PHOTOS, came
from tests.ledger.policies.test_return_wrong_item import received, sent_back, stone
from tests.ledger.returned_to_seller import Parcel, wrong_item_back

PAGES: Final = Path(__file__).resolve().parents[3] / "docs" / "policies"
EUROPE: Final = ("DE", "FR", "IT", "ES", "NL", "PL", "SE", "BE", "IE")
Answer = tuple[str, int, str | None, str | None, str | None]


def example(claim_type: str) -> str:
    """The example as the page tells it, in one line."""
    text = (PAGES / f"{claim_type}.md").read_text("utf-8")
    return " ".join(text.partition("## An invented example")[2].split())


def answers(told: Account, claim_type: str, on: str = TODAY) -> list[Answer]:
    """Verdict, units, first day, last day and open amount of each finding."""
    return [
        (
            one.verdict,
            one.quantity,
            str(one.window_opens) if one.window_opens else None,
            str(one.window_closes) if one.window_closes else None,
            str(one.amount_open) if one.amount_open else None,
        )
        for one in told.findings(claim_type, on=on)
    ]


def says(claim_type: str, *words: str) -> bool:
    """Whether the page's example has all of these words."""
    return all(word in example(claim_type) for word in words)


def covered(store: str = "US") -> Account:
    return Account(store).covers("2026-01-01", TODAY)


def mug(store: str = "US") -> Account:
    return covered(store).sold("2026-08-20").refunded("2026-09-01", fees="3.00")


def test_a_mug_that_never_came_back() -> None:
    window = ("2026-10-31", "2026-12-30", "17.00 USD")

    assert [("ready", 1, *window)] == answers(mug(), "return_missing")
    assert [("waiting", 1, *window)] == answers(mug(), "return_missing", "2026-10-01")
    assert [("ready", 1, "2026-10-16", "2026-12-15", "17.00 EUR")] == answers(
        mug("DE"), "return_missing"
    )
    assert says("return_missing", "2026-10-31", "2026-12-30", "2026-10-16", "2026-12-15", "17.00")


def test_a_mug_that_came_back_damaged() -> None:
    carrier = mug().returned("2026-09-10", disposition="CARRIER_DAMAGED")
    customer = mug().returned("2026-09-10", disposition="CUSTOMER_DAMAGED")

    assert [("review", 1, "2026-10-31", "2026-12-30", "17.00 USD")] == answers(
        carrier, "return_damaged"
    )
    assert [("not_claimable", 1, None, None, "0.00 USD")] == answers(customer, "return_damaged")
    assert says("return_damaged", "2026-10-31 to 2026-12-30", "17.00 USD", "0.00 USD")


def test_a_mug_that_was_not_put_back_into_stock() -> None:
    def told() -> Account:
        files = Account().covers("2026-01-01", TODAY, without=[STOCK])
        files.covers("2026-09-07", TODAY, STOCK).sold("2026-08-20").refunded("2026-09-01")
        return files.returned("2026-09-10")

    assert [("ready", 1, "2026-10-31", "2026-12-30", "17.00 USD")] == answers(
        told(), "return_not_restocked"
    )
    assert ["review"] == told().restocked("2026-09-25").verdicts("return_not_restocked")
    assert [] == told().restocked("2026-09-11").verdicts("return_not_restocked")
    assert says("return_not_restocked", "2026-09-07 to 2026-11-20", "2026-09-25", "2026-09-11")


def test_three_mugs_lost_and_one_found() -> None:
    told = covered().lost("2026-10-15", 3, left=2).found("2026-10-25")

    assert [("ready", 2, "2026-10-15", "2026-12-14", None)] == answers(told, "fc_lost")
    assert says("fc_lost", "`ready` for two units", "2026-12-14")


def test_two_mugs_damaged_and_one_paid() -> None:
    told = covered().broken("2026-10-15", 2, left=1)
    told.paid("2026-10-20", order=None, reason="Damaged_Warehouse", amount="6.40")
    found = {one.verdict: one for one in told.findings("fc_damaged")}

    assert {"paid": 1, "ready": 1} == {verdict: one.quantity for verdict, one in found.items()}
    assert "6.40 USD" == str(found["paid"].amount_paid)
    assert "2026-12-14" == str(found["ready"].window_closes)
    assert says("fc_damaged", "6.40 USD", "2026-12-14")


def test_ten_mugs_asked_back_of_which_one_is_unaccounted_for() -> None:
    told = Desk().covers("2026-01-01", TODAY)
    told.removal("2026-09-20", 10, shipped=8, cancelled=1)
    told.removal_shipped("2026-10-01", 8)

    assert [("review", 1, "2026-10-16", "2026-12-15", None)] == answers(told, "removal_lost")
    came(told, 7, on="2026-10-08")
    assert {
        ("review", 1, "2026-10-16", "2026-12-15", None),
        ("ready", 1, "2026-10-08", "2026-12-07", None),
    } == set(answers(told, "removal_lost"))
    assert says("removal_lost", "2026-10-16", "2026-12-15", "2026-10-08", "2026-12-07")


def test_ten_mugs_asked_back_of_which_one_left_damaged() -> None:
    told = Desk().covers("2026-01-01", TODAY).removal("2026-09-20", 10, shipped=10)
    told.removal_shipped("2026-10-01", 9, tracking="1Z1")
    told.removal_shipped("2026-10-01", 1, disposition="WAREHOUSE_DAMAGED", tracking="1Z2")

    assert [("review", 1, None, None, None)] == answers(told, "removal_damaged")
    receipt = RemovalReceived(fnsku=FNSKU, quantity=1, damaged=1, tracking="1Z2", evidence=PHOTOS)
    told.says(receipt, "2026-10-08", stream=removal_stream("REM-1"))
    assert [("ready", 1, "2026-10-08", "2026-12-07", None)] == answers(told, "removal_damaged")
    assert says("removal_damaged", "one finding for one unit", "`review`", "2026-12-07")


def test_a_mug_paid_with_12_of_17() -> None:
    told = mug().paid("2026-10-02", amount="12.00")

    assert [("underpaid", 1, "2026-10-02", "2026-12-01", "5.00 USD")] == answers(told, "underpaid")
    assert ["paid"] == told.verdicts("return_missing")
    assert says("underpaid", "5.00 USD", "2026-12-01")


def test_a_payment_for_a_lost_mug_taken_back() -> None:
    def told() -> Account:
        files = Account().covers("2026-01-01", TODAY, without=[STOCK, RETURNS])
        files.covers("2026-09-05", TODAY, STOCK).lost("2026-06-01")
        files.paid("2026-06-10", order=None, reason="Lost_Warehouse", amount="6.40")
        return files.taken_back("2026-10-05", amount="-6.40")

    assert [("review", 1, None, None, "6.40 USD")] == answers(told(), "reversal_unsupported")
    assert ["not_claimable"] == told().found("2026-09-28").verdicts("reversal_unsupported")
    assert says("reversal_unsupported", "2026-09-05 to 2026-11-20", "6.40 USD", "2026-09-28")


def test_a_lamp_refunded_at_the_first_scan_and_another_that_came_back() -> None:
    window = ("2026-03-09", "2026-04-08", "100.00 USD")

    assert [("ready", 1, *window)] == answers(wrong_item_back(), "safe_t", "2026-03-11")
    assert [("review", 1, None, None)] == [
        one[:4] for one in answers(wrong_item_back("DE"), "safe_t", "2026-03-11")
    ]
    assert says("safe_t", "2026-03-05", "2026-03-09", "`ready`, for 100.00 USD", "2026-04-08")


def test_a_lamp_that_was_signed_for_and_said_not_to_have_arrived() -> None:
    window = ("2026-03-10", "2026-04-09", "100.00 USD")

    assert [("ready", 1, *window)] == answers(signed_for(), "a_to_z_appeal", "2026-03-11")
    assert says("a_to_z_appeal", "100.00 USD", "2026-03-10", "`ready`", "2026-04-09 (day 30)")


def test_a_stone_instead_of_a_mug() -> None:
    told = stone(received(sent_back()))
    window = ("2026-10-20", "2026-12-19", "17.00 USD")

    assert [("review", 1, *window)] == answers(told, "return_wrong_item")
    assert says("return_wrong_item", "LPNRR1", "`review`", "2026-10-20 to 2026-12-19")


def test_a_lamp_that_the_carrier_broke() -> None:
    own = broken(Parcel("US", terms()))

    assert [("review", 1, None, None, None)] == answers(broken(), "carrier_damage", "2026-03-11")
    assert [("ready", 1, "2026-02-25", "2026-04-26", None)] == answers(
        own, "carrier_damage", "2026-03-11"
    )
    assert says("carrier_damage", "2026-02-25", "60 days", "2026-04-26")


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_page_has_an_example(policy: Policy) -> None:
    assert re.search(r"\d{4}-\d{2}-\d{2}", example(policy.name))


@pytest.mark.parametrize(
    "policy", [policy for policy in POLICIES if policy.claims], ids=lambda policy: policy.name
)
def test_the_stores_of_a_region_have_one_answer(policy: Policy) -> None:
    """One column stands for all of Europe."""
    found = {best_verdict(policy, shipped(), store, write_docs.DAY) for store in EUROPE}

    assert 1 == len(found)
