"""Who bears the way to the buyer and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold
from ledger.events.refunds import RefundPart, RestockingFeeApplied
from ledger.events.requests import ReturnFirstScanned, ReturnLabelIssued, WithdrawalDeclared
from ledger.events.terms import ProductDescribed, ReturnPolicySet, Trait
from ledger.ruling import Ruling
from ledger.values import BY_CODE, Money
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer

OUT = "the way to the buyer"
BACK = "the way back"


def sold(
    store: str = "US", *, shipping: str | None = "4.99", traits: tuple[Trait, ...] = ()
) -> Buyer:
    """Ordered on 1 March 2026 for 100 and delivered on the 5th."""
    told = Buyer(store)
    currency = BY_CODE[store].currency
    if traits:
        told.says_of_account(ProductDescribed(sku=SKU, traits=traits), "2026-02-01")
    told.says(
        OrderTold(
            order_id=ORDER,
            sku=SKU,
            marketplace=store,
            price=Money.of("100.00", currency),
            shipping=Money.of(shipping, currency) if shipping else None,
        ),
        "2026-03-01",
    )
    return told.says(OrderDelivered(order_id=ORDER), "2026-03-05")


def asked(reason: str | None = "CR-UNWANTED_ITEM", store: str = "US", **more: Any) -> Buyer:
    return sold(store, **more).asked("2026-03-10", reason=reason)


def labelled(told: Buyer, cost: str | None = "7.50", **more: Any) -> Buyer:
    label = {"payer": "seller", "kind": "amazon_prepaid", **more}
    price = told.money(cost) if cost else None
    return told.says(ReturnLabelIssued(order_id=ORDER, sku=SKU, cost=price, **label), "2026-03-11")


def the(told: Buyer, what: str) -> Ruling:
    (found,) = [one for one in told.rulings("postage", on=LONG_AFTER) if one.what == what]
    return found


def borne(told: Buyer, what: str) -> list[tuple[str, str | None]]:
    return [
        (str(one.bearer), str(one.amount) if one.amount else None)
        for one in told.rulings("postage", on=LONG_AFTER)
        if one.what == what
    ]


# --- by the reason, in the US -----------------------------------------------------------------


@pytest.mark.parametrize("reason", ["CR-DEFECTIVE", "AMZ-PG-BAD-DESC", "CR-SWITCHEROO"])
def test_the_sellers_fault_puts_both_ways_on_him(reason: str) -> None:
    told = labelled(asked(reason))

    assert [("seller", "4.99 USD")] == borne(told, OUT)
    assert [("seller", "7.50 USD")] == borne(told, BACK)
    assert "ret.postage.US.1" == the(told, BACK).rule_ids[0]


@pytest.mark.parametrize("reason", ["CR-UNWANTED_ITEM", "CR-ORDERED_WRONG_ITEM", None])
def test_the_buyers_own_reason_puts_the_way_back_on_him(reason: str | None) -> None:
    told = labelled(asked(reason))

    assert [("buyer", "7.50 USD")] == borne(told, BACK)
    assert (reason is None) == any(
        "changed his mind" in text for text in the(told, BACK).assumptions
    )


def test_before_the_refund_the_way_out_of_a_changed_mind_is_open() -> None:
    found = the(asked(), OUT)

    assert ("review", "undetermined", None) == (found.state, found.bearer, found.amount)
    assert "will the refund give the way out back" in (found.question or "")


def test_a_refund_that_leaves_it_out_leaves_it_with_the_buyer() -> None:
    assert [("buyer", "4.99 USD")] == borne(asked().refunds("2026-03-16", "100.00"), OUT)


@pytest.mark.parametrize("reason", ["AMZ-PG-APP-TOO-SMALL", "DID_NOT_LIKE_COLOR", "CR-NEWLY_MADE"])
def test_a_reason_on_no_list_is_asked_about_with_its_code(reason: str) -> None:
    told = labelled(asked(reason))
    for what in (OUT, BACK):
        found = the(told, what)
        assert ("review", "undetermined", None) == (found.state, found.bearer, found.amount)
        assert f"whose fault is {reason}" in (found.question or "")


# --- what a refund gave back ------------------------------------------------------------------


def test_what_the_refund_gave_back_is_borne_in_fact() -> None:
    parts = (RefundPart("item", Money(10000, "USD")), RefundPart("shipping", Money(499, "USD")))
    told = asked().refunds("2026-03-16", "", parts=parts)

    assert [("seller", "4.99 USD")] == borne(told, OUT)


def test_a_refund_told_in_one_sum_above_the_price_gives_the_way_out_back() -> None:
    told = asked().refunds("2026-03-16", "104.99")

    assert [("seller", "4.99 USD")] == borne(told, OUT)
    assert [("seller", "100.00 USD")] == told.costs("refunded_goods")


def test_what_the_settlement_gave_back_of_it_counts() -> None:
    told = asked().refunds("2026-03-16", "104.99")
    told.refunded(
        "2026-03-18",
        principal="100.00",
        programme="FBM",
        more=[("ItemPrice", "Shipping", "-4.99"), ("ItemPrice", "ReturnShipping", "-6.00")],
    )

    assert [("seller", "4.99 USD")] == borne(told, OUT)
    assert [("seller", "6.00 USD")] == borne(told, BACK)


@pytest.mark.parametrize(
    ("scanned", "rule"), [("2026-03-12", "ret.rfs.US.1"), ("2021-05-03", "ret.postage.US.1")]
)
def test_a_refund_at_first_scan_gives_the_way_out_back_whatever_the_reason(
    scanned: str, rule: str
) -> None:
    told = asked().says(ReturnFirstScanned(order_id=ORDER, sku=SKU), scanned)
    told.refunds("2026-03-16", "100.00", trigger="first_scan", by="amazon")
    found = the(told, OUT)

    assert rule == found.rule_ids[0]
    assert ("seller" if rule == "ret.rfs.US.1" else "buyer") == found.bearer


# --- the label --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refund", "costs"),
    [
        ("92.50", [("buyer", "7.50 USD")]),
        ("90.00", [("buyer", "7.50 USD")]),
        ("95.00", [("buyer", "5.00 USD"), ("seller", "2.50 USD")]),
        ("100.00", [("seller", "7.50 USD")]),
    ],
)
def test_what_was_not_deducted_of_the_label_the_seller_bears(
    refund: str, costs: list[tuple[str, str]]
) -> None:
    assert costs == borne(labelled(asked()).refunds("2026-03-16", refund), BACK)


def test_a_restocking_fee_is_no_deduction_for_the_label() -> None:
    told = labelled(asked()).says(
        RestockingFeeApplied(order_id=ORDER, sku=SKU, amount=Money(2000, "USD"), reason="late"),
        "2026-03-15",
    )

    assert [("seller", "7.50 USD")] == borne(told.refunds("2026-03-16", "80.00"), BACK)


def test_a_settlement_says_what_was_deducted() -> None:
    told = labelled(asked()).refunded(
        "2026-03-18",
        principal="100.00",
        programme="FBM",
        more=[("ItemPrice", "ReturnShipping", "3.00")],
    )

    assert [("buyer", "3.00 USD"), ("seller", "4.50 USD")] == borne(told, BACK)
    assert [("seller", "82.00 USD"), ("amazon", "15.00 USD")] == told.costs("refunded_goods")


def test_a_buyer_who_pays_his_own_label_bears_it() -> None:
    told = labelled(asked(), "9.00", payer="buyer", kind="buyer_ships").refunds(
        "2026-03-16", "100.00"
    )

    assert [("buyer", "9.00 USD")] == borne(told, BACK)


@pytest.mark.parametrize(
    ("store", "rule"), [("US", ("ret.intl.US.2",)), ("UK", ("ret.intl.UK.1",)), ("DE", ())]
)
@pytest.mark.parametrize("reason", ["CR-UNWANTED_ITEM", "CR-DEFECTIVE", "CR-NEWLY_MADE"])
def test_the_sellers_own_international_label_is_always_his(
    reason: str, store: str, rule: tuple[str, ...]
) -> None:
    told = labelled(asked(reason, store), kind="own_international")
    found = the(told, BACK)

    assert ("seller", told.money("7.50")) == (found.bearer, found.amount)
    assert rule == tuple(one for one in found.rule_ids if one.startswith("ret.intl"))


@pytest.mark.parametrize("promise", ["product", "terms"])
def test_a_promise_of_free_returns_binds_the_seller(promise: str) -> None:
    told = asked(traits=("free_return",)) if promise == "product" else asked()
    if promise == "terms":
        told.says_of_account(ReturnPolicySet(free_returns=True), "2026-02-01")

    assert [("seller", "7.50 USD")] == borne(labelled(told), BACK)


def test_a_free_return_item_cites_the_rule_that_lets_nothing_be_deducted() -> None:
    assert "ret.rfs.US.1" == the(labelled(asked(traits=("free_return",))), BACK).rule_ids[0]


@pytest.mark.parametrize(
    ("asked_on", "traits", "words"),
    [
        ("2026-02-07", (), "unless the item is kept out for its high value"),
        ("2026-02-08", (), "whatever the item is worth"),
        ("2026-02-09", ("dangerous",), "none: dangerous goods stay out of it"),
    ],
)
def test_which_label_amazon_demands_is_said(
    asked_on: str, traits: tuple[Trait, ...], words: str
) -> None:
    told = sold(traits=traits).asked(asked_on, reason="CR-DEFECTIVE")

    assert any(words in test.answer for test in the(told, BACK).tests)


# --- withdrawal -------------------------------------------------------------------------------


def withdrawn(store: str = "SE", on: str = "2026-03-12") -> Buyer:
    return sold(store).says(WithdrawalDeclared(order_id=ORDER, sku=SKU), on)


@pytest.mark.parametrize("store", ["SE", "DE", "FR"])
def test_who_withdraws_gets_the_way_out_back(store: str) -> None:
    told = withdrawn(store)
    currency = BY_CODE[store].currency

    assert [("seller", f"4.99 {currency}")] == borne(told, OUT)
    assert ("law.eu.withdrawal.1", "L") == (
        the(told, OUT).rule_ids[-1],
        the(told, OUT).rule_evidence,
    )


def test_the_way_back_of_a_withdrawal_is_the_buyers_where_he_was_told_so() -> None:
    told = withdrawn("DE")
    assert "was the buyer told who pays it" in (the(told, BACK).question or "")
    told = withdrawn("DE").says_of_account(ReturnPolicySet(window_days=30), "2026-02-01")
    assert [("buyer", None)] == borne(told, BACK)
    assert any("told before the order" in text for text in the(told, BACK).assumptions)


def test_a_label_from_the_seller_is_an_offer_to_pay() -> None:
    assert [("seller", "7.50 EUR")] == borne(labelled(withdrawn("DE")), BACK)


def test_a_late_withdrawal_changes_nothing() -> None:
    told = withdrawn("DE", "2026-03-20").asked("2026-03-20", reason="CR-UNWANTED_ITEM")

    assert "ret.postage.EU.1" in (the(told, OUT).question or "")


@pytest.mark.parametrize("store", ["UK"])
def test_where_no_law_was_read_on_it_nobody_is_named(store: str) -> None:
    assert ["review", "review"] == [
        one.state for one in withdrawn(store).rulings("postage", on=LONG_AFTER)
    ]


# --- other stores -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("store", "question"), [("DE", "ret.postage.EU.1"), ("FR", "No rule is known for FR")]
)
def test_what_is_not_verified_in_europe_names_nobody(store: str, question: str) -> None:
    told = labelled(asked("CR-DEFECTIVE", store))
    for what in (OUT, BACK):
        found = the(told, what)
        assert ("review", "undetermined", None) == (found.state, found.bearer, found.amount)
        assert question in (found.question or "")


def test_what_the_way_out_cost_the_seller_counts_where_the_buyer_paid_nothing() -> None:
    told = asked("CR-DEFECTIVE", shipping=None)
    told.says(OrderDispatched(order_id=ORDER, postage=Money(399, "USD")), "2026-03-02")

    assert [("seller", "3.99 USD")] == borne(told, OUT)
    assert any("paid nothing" in text for text in the(told, OUT).assumptions)


def test_nothing_that_amazon_ships_is_in_question() -> None:
    told = Buyer("US").sold("2026-03-01").refunded("2026-03-10").returned("2026-03-12")

    assert [] == told.rulings("postage", on=LONG_AFTER)


def test_a_concession_brings_nothing_on_its_way() -> None:
    assert [] == sold().refunds("2026-03-10", "15.00", trigger="goodwill").rulings(
        "postage", on=LONG_AFTER
    )
