"""The invented example on each page about a right or a cost is what its policy answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from ledger.events.claims import ClaimFiled, ClaimPaid
from ledger.events.refunds import ConcessionGranted, RestockingFeeApplied
from ledger.events.requests import ReturnLabelIssued
from ledger.events.terms import ReturnlessRuleSet
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer, bought

PAGES: Final = Path(__file__).resolve().parents[3] / "docs" / "policies"


def example(policy: str) -> str:
    """The example as the page tells it, in one line."""
    text = (PAGES / f"{policy}.md").read_text("utf-8")
    return " ".join(text.partition("## An invented example")[2].split())


def days(told: Buyer, policy: str, what: str = "") -> list[str]:
    """The last days that a policy answers."""
    found = [one.due_at for one in told.rulings(policy, on=LONG_AFTER) if what in one.what]
    return [day for day in found if day]


def amounts(told: Buyer, policy: str, what: str = "") -> list[str]:
    """Who bears how much: `seller 50.00 USD`."""
    found = [one for one in told.rulings(policy, on=LONG_AFTER) if what in one.what]
    return [f"{one.bearer} {one.amount}" for one in found if one.amount]


def cameras() -> list[str]:
    longer = bought("DE", "2024-03-24", delivered="2024-03-26", category="camera")
    shorter = bought("DE", "2024-03-25", delivered="2024-03-26", category="camera")
    return [*days(longer, "return_window"), *days(shorter, "return_window")]


def toy() -> Buyer:
    return bought("DE", "2025-11-10", delivered="2025-11-13", category="toys")


def lamp_from_november() -> list[str]:
    told = bought("FR", "2026-11-10", delivered="2026-11-12")
    return [one.reason[:12] for one in told.rulings("holiday_extension", on="2026-11-20")]


def own() -> Buyer:
    told = bought("US", "2026-03-01", delivered="2026-03-10")
    return told.sets_terms("2026-01-01", window_days=60, guarantee_months=12)


def jacket() -> Buyer:
    return bought("SE", "2026-03-01", delivered="2026-03-10")


def declined(store: str, on: str, reason: str | None = None) -> str:
    told = bought(store, "2026-03-01", delivered="2026-03-10").asked(on, reason=reason)
    return told.right("declining").state


def lamp(condition: str = "used", refund: str = "50.00") -> Buyer:
    told = bought("US", "2026-03-01", delivered="2026-03-05")
    told.asked("2026-03-10", reason="CR-UNWANTED_ITEM").gets_back("2026-03-15", condition)
    return told.refunds("2026-03-16", refund)


def kept() -> Buyer:
    fee = RestockingFeeApplied(
        order_id=ORDER, sku=SKU, amount=lamp().money("50.00"), reason="used_or_damaged"
    )
    return lamp().says(fee, "2026-03-16")


def granted() -> Buyer:
    told = lamp().says(ClaimFiled(claim="C", claim_type="safe_t", door="safe_t"), "2026-03-20")
    return told.says(ClaimPaid(claim="C", amount=told.money("30.00")), "2026-03-28")


def labelled() -> Buyer:
    told = lamp("as_new", "92.50")
    label = ReturnLabelIssued(
        order_id=ORDER, sku=SKU, payer="seller", kind="amazon_prepaid", cost=told.money("7.50")
    )
    return told.says(label, "2026-03-10")


def scratched() -> Buyer:
    told = bought("US", "2026-03-01", delivered="2026-03-05")
    given = ConcessionGranted(
        order_id=ORDER, sku=SKU, kind="partial_refund", amount=told.money("15.00"), why="scratch"
    )
    return told.says(given, "2026-03-20")


def settled_scratch() -> list[str]:
    told = scratched().refunded("2026-03-27", principal="15.00", programme="FBM")
    return amounts(told, "goodwill") + amounts(told, "refunded_goods")


def mugs() -> list[int]:
    found = []
    for ordered in ("2026-03-03", "2026-03-06"):
        told = Buyer("US").ordered(ordered, price="15.00", programme="FBM").asked("2026-03-10")
        rule = ReturnlessRuleSet(name="cheap", max_price=told.money("20.00"))
        told.says_of_account(rule, "2026-03-01")
        told.says_of_account(ReturnlessRuleSet(name="cheap", active=False), "2026-03-05")
        found.append(len(told.rulings("returnless", on=LONG_AFTER)))
    return found


def late() -> list[str]:
    told = bought("US", "2026-03-01", delivered="2026-03-10", programme="FBA")
    told.returned("2026-04-20")
    return [one.reason for one in told.rulings("buyer_fee", on=LONG_AFTER)]


CASES: Final[list[tuple[str, Callable[[], list[object]], list[object], list[str]]]] = [
    (
        "return_window",
        lambda: [*cameras()],
        ["2024-04-25", "2024-04-09", "2024-04-25"],
        ["to 2024-04-25", "to 2024-04-09"],
    ),
    (
        "holiday_extension",
        lambda: [*days(toy(), "return_window"), *days(toy(), "holiday_extension")],
        ["2025-11-27", "2026-01-15"],
        ["ends on 2025-11-27", "on 2026-01-15"],
    ),
    ("holiday_extension", lambda: [*lamp_from_november()], ["not verified"], ["not verified"]),
    (
        "own_terms",
        lambda: [*days(own(), "own_terms")],
        ["2026-05-09", "2027-03-10"],
        ["to 2026-05-09", "to 2027-03-10"],
    ),
    (
        "statutory_right",
        lambda: [*days(jacket(), "statutory_right")],
        ["2026-03-24", "2029-03-10", "2028-03-10"],
        ["withdraw to 2026-03-24", "a defect to 2029-03-10", "prove it to 2028-03-10"],
    ),
    ("return_by", lambda: [*days(toy(), "return_by")], ["2026-01-15"], ["to 2026-01-15, by"]),
    (
        "declining",
        lambda: [
            declined("US", "2026-04-09"),
            declined("US", "2026-04-10"),
            *days(jacket(), "statutory_right", "complain"),
        ],
        ["holds", "ended", "2029-03-10"],
        ["2026-04-09", "2026-04-10", "2029-03-10"],
    ),
    (
        "refunded_goods",
        lambda: [*amounts(kept(), "restocking"), *amounts(kept(), "refunded_goods")],
        ["buyer 50.00 USD", "seller 50.00 USD"],
        ["buyer bears the [50.00 USD", "seller the 50.00 USD"],
    ),
    (
        "refunded_goods",
        lambda: [*amounts(granted(), "refunded_goods")],
        ["amazon 30.00 USD", "seller 20.00 USD"],
        ["Amazon bears 30.00 USD and the seller 20.00 USD"],
    ),
    (
        "postage",
        lambda: [*amounts(labelled(), "postage")],
        ["buyer 7.50 USD"],
        ["way back, 7.50 USD"],
    ),
    (
        "restocking",
        lambda: [*amounts(kept(), "restocking")],
        ["buyer 50.00 USD"],
        ["buyer bears 50.00 USD"],
    ),
    (
        "buyer_fee",
        lambda: [*late()],
        ["11 days late: Amazon may charge 20 % of the price"],
        ["11 days late, 20 %"],
    ),
    (
        "goodwill",
        lambda: [*amounts(scratched(), "goodwill")],
        ["seller 15.00 USD"],
        ["seller bears 15.00 USD"],
    ),
    (
        "goodwill",
        lambda: [*settled_scratch()],
        ["seller 12.75 USD", "amazon 2.25 USD"],
        ["gives 2.25 USD of its fee back", "seller bears 12.75 USD"],
    ),
    ("returnless", lambda: [*mugs()], [1, 0], ["2026-03-03 is still", "2026-03-06 is not"]),
]


@pytest.mark.parametrize(("policy", "answers", "expected", "words"), CASES)
def test_the_example_on_a_page_is_what_the_policy_answers(
    policy: str, answers: Callable[[], list[object]], expected: list[object], words: list[str]
) -> None:
    assert expected == answers()
    assert [] == [said for said in words if said not in example(policy)]
