"""Refunded, never came back, never paid for: when it is owed, and everything that speaks against it."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.book import REFUNDS, REIMBURSEMENTS, REPLACEMENTS, RETURNS
from ledger.gates import NO_OPEN_CASE, REFUNDED_BY_AMAZON, TO_BE_SENT_BACK
from ledger.policy import Finding
from tests.ledger.account import (
    FNSKU,
    ORDER,
    OTHER,
    OTHER_SKU,
    SKU,
    THIRD,
    TODAY,
    Account,
    after,
    answer_to,
)

REFUND = "2026-09-01"
OPENS = "2026-10-31"
CLOSES = "2026-12-30"
S01 = "S01-0000001-0000001"
FEE = "FBA Customer Returns Fee"


def account(store: str | None = "US", **sale: Any) -> Account:
    """A unit was sold, and the files speak for half a year."""
    return Account(store).covers("2026-06-01", TODAY).sold("2026-08-20", **sale)


def missing(on: str = REFUND, **sale: Any) -> Account:
    """A unit was sold and refunded."""
    return account(**sale).refunded(on)


def covered(store: str, first: str, last: str) -> Account:
    """The files speak for these days alone."""
    return Account(store).covers(first, last)


def the(found: Account, on: str = TODAY) -> Finding:
    return found.the("return_missing", on=on)


# --- what is owed -----------------------------------------------------------------------------


def test_a_refunded_unit_that_never_came_back_is_ready() -> None:
    finding = the(missing())

    assert ("ready", "open", 1) == (finding.verdict, finding.standing, finding.quantity)
    assert (OPENS, CLOSES) == (str(finding.window_opens), str(finding.window_closes))
    assert ("FBA", "US", ORDER, SKU) == (
        finding.programme,
        finding.marketplace,
        finding.order_id,
        finding.sku,
    )
    assert ("fba.customer_return.window.US.3", "fba.valuation.post_order.ANY.1") == finding.rule_ids
    assert "B" == finding.rule_evidence


def test_it_is_worth_the_price_paid_less_the_fees_that_the_refund_undid() -> None:
    """The price of 20.00 less a promotion of 2.00 and fees of 2.70; the refund fee stays the seller's."""
    finding = the(account().refunded(REFUND, promotion="2.00", fees="2.70"))

    assert "15.30 USD" == str(finding.amount_expected)
    assert "15.30 USD" == str(finding.amount_open)
    assert finding.amount_paid is None


def test_every_fee_on_the_price_counts_and_none_on_postage_or_wrapping() -> None:
    """Media have a closing fee, too; what was charged on the postage belongs to the postage."""
    more = (
        ("ItemFees", "VariableClosingFee", "1.80"),
        ("ItemFees", "ShippingChargeback", "3.00"),
        ("ItemFees", "GiftwrapChargeback", "1.00"),
        ("ItemPrice", "Shipping", "-3.00"),
    )
    finding = the(account().refunded(REFUND, fees="3.00", more=more))

    assert "15.20 USD" == str(finding.amount_expected)


def test_what_no_report_can_tell_is_assumed_aloud() -> None:
    assert (REFUNDED_BY_AMAZON, TO_BE_SENT_BACK, NO_OPEN_CASE) == the(missing()).assumptions


def test_every_test_says_what_decided_it_and_what_would_change_it() -> None:
    """In the order in which an auditor asks."""
    tests = the(missing()).tests

    assert [
        "Was the buyer refunded?",
        "Was one whole unit refunded?",
        "Which marketplace's rules apply?",
        "Did Amazon fulfil it and refund the buyer (FBA)?",
        "Has this unit been paid for?",
        "Did money come for it another way?",
        "Did it come back under a replacement's order id?",
        "Do the imported files show that nothing else came back?",
        "Do the imported files show that it was not paid for already?",
        "Do the imported files show that the refund was not taken back?",
        "Is today a day on which it may be filed?",
        "What is a unit worth?",
    ] == [test.test for test in tests]
    assert all(test.would_flip for test in tests)
    decided = {evidence.kind for test in tests for evidence in test.decided_by}
    assert {"entry", "rule", "coverage"} == decided


# --- the window -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        (6, "waiting"),
        (59, "waiting"),
        (60, "ready"),
        (61, "ready"),
        (119, "ready"),
        (120, "ready"),
        (121, "expired"),
    ],
)
def test_it_may_be_filed_from_day_60_to_day_120_in_the_united_states(
    days: int, verdict: str
) -> None:
    assert verdict == the(missing(after(TODAY, -days))).verdict


@pytest.mark.parametrize("store", ["UK", "DE", "FR", "IT", "ES", "NL", "PL", "SE", "BE", "IE"])
@pytest.mark.parametrize(
    ("days", "verdict"),
    [
        (44, "waiting"),
        (45, "ready"),
        (46, "ready"),
        (104, "ready"),
        (105, "ready"),
        (106, "expired"),
    ],
)
def test_it_may_be_filed_from_day_45_to_day_105_in_europe(
    store: str, days: int, verdict: str
) -> None:
    assert verdict == the(account(store).refunded(after(TODAY, -days))).verdict


@pytest.mark.parametrize(
    ("on", "verdict", "closes"),
    [
        ("2024-10-21", "ready", "2024-10-22"),
        ("2024-10-22", "ready", "2024-10-22"),
        ("2024-10-23", "expired", "2024-10-22"),
    ],
)
def test_the_day_of_filing_picks_the_rule_and_closes_an_older_window_in_the_united_states(
    on: str, verdict: str, closes: str
) -> None:
    """A refund of January 2024 had 18 months; from 2024-10-23 on it had 120 days, which had passed."""
    told = covered("US", "2023-12-01", on).sold("2023-12-20").refunded("2024-01-10")
    finding = the(told, on=on)

    assert (verdict, closes) == (finding.verdict, str(finding.window_closes))
    assert {"fba.customer_return.window.US.2", "fba.customer_return.window.US.3"} < set(
        finding.rule_ids
    )


@pytest.mark.parametrize(
    ("on", "verdict"),
    [("2025-01-07", "review"), ("2025-01-08", "review"), ("2025-01-09", "expired")],
)
def test_the_day_of_filing_picks_the_rule_in_europe_too(on: str, verdict: str) -> None:
    """The older European rule was only paraphrased: by it nothing is ready, and nothing expired."""
    told = covered("DE", "2024-01-01", on).sold("2024-01-20").refunded("2024-02-10")

    assert verdict == the(told, on=on).verdict


def test_a_window_opens_earlier_by_a_rule_that_comes_into_force() -> None:
    """Europe's day 45 fell into the new rule, which is sure: what rests on it is ready."""
    told = covered("DE", "2024-10-01", "2025-01-20").sold("2024-11-20").refunded("2024-12-01")

    assert ("review", "ready") == (the(told, "2025-01-08").verdict, the(told, "2025-01-15").verdict)


@pytest.mark.parametrize(
    ("refund", "verdict"),
    [
        ("2026-09-21T06:59:59Z", "ready"),
        ("2026-09-21T07:00:01Z", "ready"),
        ("2026-09-22T06:59:00Z", "ready"),
        ("2026-09-22T07:01:00Z", "waiting"),
    ],
)
def test_a_day_ends_at_midnight_of_the_store(refund: str, verdict: str) -> None:
    """At one minute to midnight in Seattle on 21 September it is the 22nd by the log's clock."""
    assert verdict == the(account().refunded(refund)).verdict


@pytest.mark.parametrize(
    ("refund", "verdict"),
    [
        ("2026-10-05T21:59:00Z", "ready"),
        ("2026-10-06T21:59:00Z", "ready"),
        ("2026-10-06T22:01:00Z", "waiting"),
    ],
)
def test_a_day_ends_in_berlin_for_the_german_store(refund: str, verdict: str) -> None:
    assert verdict == the(account("DE").refunded(refund)).verdict


@pytest.mark.parametrize("store", ["CA", "JP"])
@pytest.mark.parametrize("days", [30, 80, 200, 700])
def test_a_store_without_a_certain_rule_is_in_review_on_every_day(store: str, days: int) -> None:
    """Too late, too, may only be said by a rule that is certain."""
    told = covered(store, "2024-01-01", TODAY).sold("2024-10-01").refunded(after(TODAY, -days))

    assert ("review", "review") == (the(told).verdict, the(told).standing)


@pytest.mark.parametrize("store", ["BR", "MX", "AU", "AE"])
def test_a_store_without_a_rule_is_in_review(store: str) -> None:
    told = Account(store).covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)

    assert "review" == the(told).verdict
    assert "no rule" in answer_to(the(told), "Is today a day").answer


def test_an_unknown_store_is_in_review() -> None:
    told = Account(None).covers("2026-06-01", TODAY).sold("2026-08-20").refunded(REFUND)

    assert "review" == the(told).verdict
    assert "--marketplace" in answer_to(the(told), "marketplace's rules").would_flip


def test_a_currency_that_contradicts_the_store_is_in_review() -> None:
    told = account(currency="GBP").refunded(REFUND, currency="GBP")

    assert ("review", None) == (the(told).verdict, the(told).marketplace)


# --- units ------------------------------------------------------------------------------------


def test_one_return_stands_for_one_refund_only() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00").returned("2026-09-05")

    assert ["ready"] == told.verdicts("return_missing")


def test_two_refunds_in_two_transactions_are_two_units() -> None:
    """The first came back; what is missing is the second, and the clock is its own."""
    told = account(quantity=2).refunded(REFUND).refunded("2026-09-10", number=2)
    told.returned("2026-09-05")

    assert "2026-11-09" == str(the(told).window_opens)


def test_a_refund_of_three_units_at_once_is_three_findings() -> None:
    told = account(quantity=3).refunded(REFUND, principal="60.00")
    findings = told.findings("return_missing")

    assert ["17.00 USD"] * 3 == [str(finding.amount_open) for finding in findings]
    assert 3 == len({finding.finding_id for finding in findings})


def test_what_does_not_divide_goes_to_the_first_unit() -> None:
    """Nothing of the money is lost between the units."""
    told = account(quantity=3, price="10.00").refunded(REFUND, principal="30.00", fees="4.00")
    amounts = [finding.amount_open for finding in told.findings("return_missing")]

    assert 2600 == sum(amount.minor for amount in amounts if amount)


def test_more_is_never_missing_than_was_sold() -> None:
    told = account(quantity=1).refunded(REFUND).refunded("2026-09-02", number=2)

    assert ["ready"] == told.verdicts("return_missing")


def test_a_refund_in_part_is_no_unit() -> None:
    """The buyer was allowed to keep it for less."""
    assert [] == account().refunded(REFUND, principal="6.00").findings("return_missing")


def test_a_refund_of_the_postage_is_no_unit() -> None:
    told = account().refunded(REFUND, principal="0.00", more=[("ItemPrice", "Shipping", "-5.99")])

    assert [] == told.findings("return_missing")


@pytest.mark.parametrize(("principal", "units"), [("18.99", 0), ("19.00", 1), ("20.00", 1)])
def test_a_refund_is_for_a_unit_from_95_percent_of_its_price_on(principal: str, units: int) -> None:
    told = account().refunded(REFUND, principal=principal)

    assert units == len(told.findings("return_missing"))


def test_a_price_given_back_in_parts_is_in_review() -> None:
    """Two concessions of a half may be one unit refunded, or one kept for nothing."""
    told = account().refunded(REFUND, principal="10.00")
    told.refunded("2026-09-03", principal="10.00", number=2)
    finding = the(told)

    assert ("review", "17.00 USD") == (finding.verdict, str(finding.amount_expected))
    assert "in parts" in finding.reason


def test_a_refund_of_no_whole_number_of_units_is_in_review() -> None:
    """Of 30.00 at 20.00 a unit one unit is counted, and its worth is not that of one and a half."""
    told = account(quantity=2).refunded(REFUND, principal="30.00")

    assert ("review", "17.00 USD") == (the(told).verdict, str(the(told).amount_expected))


def test_units_of_several_prices_are_in_review() -> None:
    """20.00 is one unit of the dearer kind or two of the cheaper: the reading with fewer units, and a doubt."""
    told = account(price="10.00").sold("2026-08-21", price="20.00").refunded(REFUND)

    assert ["review"] == told.verdicts("return_missing")


def test_without_a_price_a_refund_may_be_one_in_part() -> None:
    """No file tells what 100 % would be, and a wrong claim costs more than a look into the orders."""
    told = Account().covers("2026-06-01", TODAY).refunded(REFUND).refunded("2026-09-02", number=2)
    finding = the(told)

    assert "review" == finding.verdict
    assert "no imported report tells its price" in finding.reason


def test_a_price_may_come_from_the_orders_report_or_the_shipments_report() -> None:
    by_order = Account().covers("2026-06-01", TODAY).ordered("2026-08-20").refunded(REFUND)
    by_shipment = Account().covers("2026-06-01", TODAY).shipped("2026-08-20").refunded(REFUND)

    assert ["ready"] == by_order.verdicts("return_missing")
    assert ["ready"] == by_shipment.verdicts("return_missing")


def test_a_buyer_who_was_charged_again_is_not_refunded() -> None:
    """Amazon charges a buyer who keeps the unit: the seller has the money."""
    told = missing().refunded("2026-10-20", principal="-20.00", fees="-3.00", number=2)

    assert [] == told.findings("return_missing")


def test_of_two_refunded_units_one_may_be_charged_again() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.refunded("2026-10-20", principal="-20.00", fees="-3.00", number=2)

    assert ["ready"] == told.verdicts("return_missing")


def test_a_recharge_told_beside_the_order_is_in_review() -> None:
    told = missing().settled("2026-10-20", "BuyerRecharge", "20.00", kind="other-transaction")

    assert "review" == the(told).verdict


@pytest.mark.parametrize("sku", [SKU, None])
def test_an_order_retrocharge_says_that_the_buyer_was_charged_again(sku: str | None) -> None:
    """The row holds the tax alone: the price comes as another kind of money, which may name no order."""
    told = missing().settled(
        "2026-10-20", "Tax", "1.60", kind="ItemPrice", transaction="Order_Retrocharge", sku=sku
    )

    assert "review" == the(told).verdict
    assert "charged again on 2026-10-20" in the(told).reason


def test_a_retrocharge_of_another_item_says_nothing_of_this_one() -> None:
    told = missing().settled(
        "2026-10-20", "Tax", "1", kind="ItemPrice", transaction="Order_Retrocharge", sku=OTHER_SKU
    )

    assert "ready" == the(told).verdict


def test_a_unit_for_which_the_buyer_paid_nothing_is_in_review() -> None:
    """By the rule it is worth nothing: a claim for 0.00 is none that could be filed."""
    finding = the(account().refunded(REFUND, promotion="20.00", fees="0.00"))

    assert ("review", "0.00 USD") == (finding.verdict, str(finding.amount_open))
    assert "there is nothing to ask for" in finding.reason
    assert (
        "expired" == the(account().refunded("2026-06-15", promotion="20.00", fees="0.00")).verdict
    )


def test_a_restocking_fee_is_kept_back_of_what_came_back() -> None:
    """The seller has the fee already, and somebody looked at the unit: most likely it came back."""
    finding = the(account().refunded(REFUND, more=[("ItemPrice", "RestockingFee", "10.00")]))

    assert ("review", "7.00 USD") == (finding.verdict, str(finding.amount_open))
    assert "a restocking fee of 10.00 USD was kept back" in finding.reason


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (FEE, "BASE_FEE"),
        ("ItemFees", "FBACustomerReturnPerUnitFee"),
        ("ItemFees", "FBACustomerReturnWeightBasedFee"),
    ],
)
def test_a_fee_for_a_return_that_is_not_told_contradicts_it(kind: str, what: str) -> None:
    told = missing().settled("2026-09-12", what, "-2.00", kind=kind)
    other = missing().settled("2026-09-12", what, "-2.00", kind=kind, sku=OTHER_SKU)
    given_back = missing().settled("2026-09-12", what, "2.00", kind=kind)

    assert "review" == the(told).verdict
    assert "no report tells the return" in the(told).reason
    assert ("ready", "ready") == (the(other).verdict, the(given_back).verdict)


def test_a_fee_within_the_refund_contradicts_it_too() -> None:
    more = [("ItemFees", "FBACustomerReturnPerOrderFee", "-2.00")]

    finding = the(account().refunded(REFUND, more=more))

    assert ("review", "17.00 USD") == (finding.verdict, str(finding.amount_open))


def test_a_fee_for_the_unit_that_came_back_says_nothing_of_the_other() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00").returned("2026-09-10")

    assert "ready" == the(told.settled("2026-09-12", "BASE_FEE", "-2.00", kind=FEE)).verdict


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("Other Transactions", "SAFE-T Reimbursement"),
        ("other-transaction", "REVERSAL_REIMBURSEMENT"),
        ("MCF Inventory Reimbursement", "MULTICHANNEL_ORDER_LOST"),
    ],
)
def test_settled_money_is_a_reimbursement_under_whatever_kind(kind: str, what: str) -> None:
    assert "review" == the(missing().settled("2026-10-20", what, "17.00", kind=kind)).verdict


@pytest.mark.parametrize("trigger", ["a_to_z", "chargeback"])
def test_a_refund_through_another_door_is_in_review(trigger: str) -> None:
    told = account().refunded(REFUND, trigger=trigger)

    assert "review" == the(told).verdict


def test_the_other_sku_of_an_order_is_another_unit() -> None:
    told = missing().sold("2026-08-20", sku=OTHER_SKU).refunded(REFUND, sku=OTHER_SKU)
    told.returned("2026-09-05", sku=OTHER_SKU, asin="B000000002")

    assert [SKU] == [finding.sku for finding in told.findings("return_missing")]


# --- what came back ---------------------------------------------------------------------------


@pytest.mark.parametrize("on", ["2026-08-30", REFUND, "2026-09-05", "2026-11-18"])
def test_a_unit_that_came_back_is_not_missing_whenever_it_did(on: str) -> None:
    assert [] == missing().returned(on).findings("return_missing")


def test_an_unknown_disposition_came_back_too() -> None:
    told = missing().returned("2026-09-05", disposition="SCENTED")

    assert [] == told.findings("return_missing")


def test_a_return_under_another_sku_of_the_same_asin_stands_for_the_unit() -> None:
    """Amazon gives units that it grades a SKU of its own."""
    told = missing().ordered("2026-08-20").returned("2026-09-05", sku="amzn.gr.MUG-BLUE-x-LN")

    assert [] == told.findings("return_missing")


def test_a_return_under_a_name_that_nobody_sold_may_be_the_unit() -> None:
    """Without the orders report nothing tells that both names are one item."""
    told = missing().returned("2026-09-05", sku="amzn.gr.MUG-BLUE-x-LN")

    assert ["review"] == told.verdicts("return_missing")


def test_a_return_of_something_else_that_was_sold_with_it_is_another_unit() -> None:
    told = missing().sold("2026-08-20", sku=OTHER_SKU)
    told.returned("2026-09-05", sku=OTHER_SKU, asin="B000000002")

    assert ["ready"] == told.verdicts("return_missing")


def test_a_unit_that_is_missing_has_the_fnsku_that_its_order_names() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00").returned("2026-09-05")

    assert FNSKU == the(told).fnsku


def test_commingled_units_of_an_order_are_told_apart_by_sku_and_not_by_fnsku() -> None:
    """One order can have units under both FNSKUs; the same FNSKU stands in many orders."""
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.returned("2026-09-05", fnsku="B000000001").returned("2026-09-05", fnsku=FNSKU)
    told.sold("2026-08-20", order=OTHER).refunded(REFUND, order=OTHER)

    assert [OTHER] == [finding.order_id for finding in told.findings("return_missing")]


def test_rows_of_two_units_alike_in_everything_are_two_units() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.returned("2026-09-05").returned("2026-09-05")

    assert [] == told.findings("return_missing")


def test_a_row_of_several_units_is_so_many() -> None:
    told = (
        account(quantity=3).refunded(REFUND, principal="60.00").returned("2026-09-05", quantity=2)
    )

    assert ["ready"] == told.verdicts("return_missing")


# --- replacements -----------------------------------------------------------------------------


@pytest.mark.parametrize("under", [ORDER, OTHER])
def test_a_replaced_unit_comes_back_under_either_order_id(under: str) -> None:
    told = missing().replaced("2026-08-28", by=OTHER).returned("2026-09-05", order=under)

    assert [] == told.findings("return_missing")


def test_a_unit_that_came_back_under_both_order_ids_is_two_returns_of_two_units() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00").replaced("2026-08-28", by=OTHER)
    told.returned("2026-09-05").returned("2026-09-06", order=OTHER)

    assert [] == told.findings("return_missing")


def test_the_replacement_of_a_replacement_comes_back_for_the_first_order() -> None:
    told = missing().replaced("2026-08-25", by=OTHER).replaced("2026-08-28", order=OTHER, by=THIRD)
    told.returned("2026-09-05", order=THIRD)

    assert [] == told.findings("return_missing")


def test_orders_that_name_each_other_as_replacements_keep_their_own_returns() -> None:
    """Nobody's report should say so; then nothing is claimed of either."""
    told = missing().replaced("2026-08-25", by=OTHER).replaced("2026-08-28", order=OTHER, by=ORDER)

    assert [] == told.returned("2026-09-05").findings("return_missing")


@pytest.mark.parametrize(
    ("on", "verdict"), [("2026-08-24", "ready"), ("2026-08-25", "review"), ("2026-10-01", "review")]
)
def test_a_return_of_an_order_that_nobody_paid_for_may_be_a_replacements(
    on: str, verdict: str
) -> None:
    """Only the replacements report tells which order another one replaces; Amazon sends none where there is none."""
    told = Account().covers("2026-06-01", TODAY, without=[REPLACEMENTS])
    told.sold("2026-08-20").refunded(REFUND).returned(on, order=OTHER)

    assert [verdict] == told.verdicts("return_missing")


def test_where_the_replacements_report_covers_it_such_a_return_is_another_orders() -> None:
    assert ["ready"] == missing().returned("2026-09-05", order=OTHER).verdicts("return_missing")


@pytest.mark.parametrize("told_by", ["sale", "refund", "order"])
def test_a_return_of_an_order_that_was_paid_for_is_that_orders(told_by: str) -> None:
    told = Account().covers("2026-06-01", TODAY, without=[REPLACEMENTS])
    told.sold("2026-08-20").refunded(REFUND).returned("2026-09-05", order=OTHER)
    if told_by == "sale":
        told.sold("2026-08-20", order=OTHER)
    elif told_by == "order":
        told.ordered("2026-08-20", order=OTHER)
    else:
        told.refunded("2026-09-02", order=OTHER)

    assert ["ready"] == told.verdicts("return_missing")


def test_an_order_of_no_price_was_not_paid_for() -> None:
    told = Account().covers("2026-06-01", TODAY, without=[REPLACEMENTS])
    told.sold("2026-08-20").refunded(REFUND).returned("2026-09-05", order=OTHER)

    assert ["review"] == told.ordered("2026-08-25", order=OTHER, price="0.00").verdicts(
        "return_missing"
    )


def paid_elsewhere(first: str = "2026-06-01", **how: Any) -> Account:
    """A unit is missing, another order of the SKU was paid for, and no report tells of replacements."""
    told = Account().covers(first, TODAY, without=[REPLACEMENTS]).sold("2026-08-20")
    return told.refunded(REFUND).paid("2026-10-15", order=OTHER, **how)


def test_a_payment_for_an_order_that_nobody_paid_for_may_be_the_units() -> None:
    """It must replace another order: of one that was bought the refund would have been settled."""
    finding = the(paid_elsewhere())

    assert "review" == finding.verdict
    assert f"names order {OTHER}, which nobody paid for" in finding.reason


@pytest.mark.parametrize("told_by", ["sale", "refund", "order", "replacements", "reversal"])
def test_a_payment_that_is_explained_is_another_orders(told_by: str) -> None:
    told = paid_elsewhere()
    if told_by == "sale":
        told.sold("2026-08-20", order=OTHER)
    elif told_by == "refund":
        told.refunded("2026-08-30", order=OTHER)
    elif told_by == "order":
        told.ordered("2026-08-20", order=OTHER)
    elif told_by == "replacements":
        told.covers("2026-06-01", TODAY, REPLACEMENTS)
    else:
        told.taken_back("2026-10-25")

    found = {one.order_id: one.verdict for one in told.findings("return_missing")}

    assert "ready" == found[ORDER]


def test_a_payment_for_a_sale_before_the_first_settlement_is_that_sales() -> None:
    assert "ready" == the(paid_elsewhere("2026-08-01")).verdict


@pytest.mark.parametrize("reason", ["Lost_Warehouse", "Lost_Inbound", "GeneralAdjustment"])
def test_a_payment_for_no_return_says_nothing_of_it(reason: str) -> None:
    assert "ready" == the(paid_elsewhere(reason=reason)).verdict


def test_a_payment_under_the_replacements_order_id_is_the_units() -> None:
    told = missing().replaced("2026-08-28", by=OTHER).paid("2026-10-15", order=OTHER)

    assert ["paid"] == told.verdicts("return_missing")


def test_a_unit_sent_again_that_nobody_sent_back_is_in_review() -> None:
    """The clock runs from the replacement; whether the first was to come back no report tells."""
    finding = the(account().replaced(REFUND, by=OTHER))

    assert ("review", OPENS) == (finding.verdict, str(finding.window_opens))
    assert finding.amount_expected is None


def test_a_unit_that_was_sent_again_and_refunded_is_one_unit() -> None:
    told = missing().replaced("2026-08-28", by=OTHER)

    assert ["ready"] == told.verdicts("return_missing")


# --- what was paid ----------------------------------------------------------------------------


def test_a_unit_that_was_paid_for_is_paid() -> None:
    finding = the(missing().paid("2026-10-15"))

    assert ("paid", "17.00 USD", "17.00 USD", "0.00 USD") == (
        finding.verdict,
        str(finding.amount_expected),
        str(finding.amount_paid),
        str(finding.amount_open),
    )


@pytest.mark.parametrize(
    "reason",
    [
        "CustomerReturn",
        "CustomerServiceIssue",
        "Lost_Outbound",
        "GeneralAdjustment",
        "NeverHeardOf",
    ],
)
def test_a_payment_on_the_order_counts_whatever_its_reason(reason: str) -> None:
    assert "paid" == the(missing().paid("2026-10-15", reason=reason)).verdict


def test_a_payment_for_a_case_counts_like_one_of_itself() -> None:
    assert "paid" == the(missing().paid("2026-11-15", case="12345678901")).verdict


def test_a_unit_in_kind_is_a_payment() -> None:
    told = missing().paid("2026-10-15", amount="0.00", cash=0, inventory=1)

    assert "paid" == the(told).verdict
    assert "in kind" in the(told).reason


def test_cash_and_kind_in_one_line_are_two_units_and_the_money_is_the_first_ones() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.paid("2026-10-15", amount="17.00", cash=1, inventory=1)
    findings = told.findings("return_missing")

    assert ["paid", "paid"] == [finding.verdict for finding in findings]
    assert {"17.00 USD", "0.00 USD"} == {str(finding.amount_paid) for finding in findings}
    assert [] == told.findings("underpaid")


def test_a_total_beyond_cash_and_kind_counts() -> None:
    """One real row says 1 in cash, 0 in kind, 2 in all: what may have been paid is not claimed."""
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.paid("2026-10-15", amount="17.00", cash=1, inventory=0, total=2)

    assert ["paid", "paid"] == told.verdicts("return_missing")


def test_several_lines_of_one_reimbursement_are_several_units() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.paid("2026-10-15").paid("2026-10-15")

    assert ["paid", "paid"] == told.verdicts("return_missing")


def test_of_two_units_one_payment_pays_one() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00").paid("2026-10-15")

    assert ["paid", "ready"] == told.verdicts("return_missing")


def test_a_payment_for_service_without_an_item_may_be_any_units() -> None:
    one = missing().paid(
        "2026-10-15", reason="CustomerServiceIssue", sku=None, fnsku=None, asin=None
    )
    two = account(quantity=2).refunded(REFUND, principal="40.00")
    two.paid("2026-10-15", reason="CustomerServiceIssue", sku=None, fnsku=None, asin=None)

    assert ["paid"] == one.verdicts("return_missing")
    assert ["review", "review"] == two.verdicts("return_missing")


def test_where_units_met_different_fates_a_payment_is_nobodys_for_sure() -> None:
    """One is missing, one came back damaged, one was paid: nothing is claimed."""
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.returned("2026-09-05", disposition="DAMAGED").paid("2026-10-15")

    assert ["review"] == told.verdicts("return_missing")
    assert ["review"] == told.verdicts("return_damaged")


def test_the_returns_reports_status_says_whose_a_payment_is() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00")
    told.returned("2026-09-05", disposition="DAMAGED", status="Reimbursed").paid("2026-10-15")

    assert ["ready"] == told.verdicts("return_missing")
    assert ["paid"] == told.verdicts("return_damaged")


def test_a_payment_for_the_sku_that_names_no_order_is_a_doubt() -> None:
    before, since = missing(), missing()
    before.paid("2026-08-01", order=None)
    since.paid("2026-10-15", order=None)

    assert ["ready"] == before.verdicts("return_missing")
    assert ["review"] == since.verdicts("return_missing")


def test_a_payment_that_a_settlement_alone_shows_is_a_doubt() -> None:
    """The reimbursements report counts; where the settlement shows more, a line of it is missing."""
    told = missing().settled("2026-10-15", "REVERSAL_REIMBURSEMENT", "17.00")

    assert "review" == the(told).verdict


def test_a_settlement_that_shows_the_same_money_confirms_it_and_adds_nothing() -> None:
    told = account(quantity=2).refunded(REFUND, principal="40.00").paid("2026-10-15")
    told.settled("2026-10-15", "REVERSAL_REIMBURSEMENT", "17.00")

    assert ["paid", "ready"] == told.verdicts("return_missing")


# --- what was taken back ----------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["order", "fnsku"])
def test_what_was_paid_and_taken_back_is_the_reversals_claim_alone(stream: str) -> None:
    """Amazon tells reversals of the FNSKU, and the payment of the order."""
    told = missing().paid("2026-10-15")
    told.taken_back("2026-11-10", order=ORDER if stream == "order" else None)

    assert ["not_claimable"] == told.verdicts("return_missing")
    assert ["review"] == told.verdicts("reversal_unsupported")


def test_a_reversal_of_one_unit_among_several_takes_back_one() -> None:
    told = (
        account(quantity=2)
        .refunded(REFUND, principal="40.00")
        .paid("2026-10-15")
        .paid("2026-10-15")
    )
    told.taken_back("2026-11-10")

    assert ["not_claimable", "paid"] == told.verdicts("return_missing")


def test_a_reversal_of_one_line_among_several_takes_back_that_one() -> None:
    told = missing().sold("2026-08-20", sku=OTHER_SKU).refunded(REFUND, sku=OTHER_SKU)
    told.paid("2026-10-15").paid("2026-10-15", sku=OTHER_SKU, fnsku="X000000002", asin="B000000002")
    told.taken_back("2026-11-10")
    verdicts = {finding.sku: finding.verdict for finding in told.findings("return_missing")}

    assert {SKU: "not_claimable", OTHER_SKU: "paid"} == verdicts


def test_a_reversal_under_the_found_units_fnsku_takes_the_payment_back_all_the_same() -> None:
    """Real reversals are written `Amazon.Found.` with the ASIN as FNSKU."""
    told = missing().paid("2026-10-15")
    told.taken_back("2026-11-10", sku="Amazon.Found.B000000001", fnsku="B000000001", inventory=1)

    assert ["not_claimable"] == told.verdicts("return_missing")


def test_a_reversal_whose_original_lies_outside_the_files_takes_nothing_back() -> None:
    told = missing().paid("2026-10-15").taken_back("2026-11-10", of="5555")

    assert ["paid"] == told.verdicts("return_missing")


def test_a_reversal_that_names_no_payment_is_a_doubt() -> None:
    told = missing().paid("2026-10-15").taken_back("2026-11-10", of=None)

    assert ["review"] == told.verdicts("return_missing")


def test_what_was_paid_again_is_paid() -> None:
    told = missing().paid("2026-10-15").taken_back("2026-10-20").paid("2026-10-25", "1001")

    assert ["paid"] == told.verdicts("return_missing")


# --- paid, and more than that -----------------------------------------------------------------


def test_a_unit_that_was_paid_and_came_back_may_be_taken_back() -> None:
    told = missing().paid("2026-10-15").returned("2026-11-05").restocked("2026-11-06")
    finding = the(told)

    assert ("overpaid", "-17.00 USD") == (finding.verdict, str(finding.amount_open))


def test_it_may_be_taken_back_too_where_no_ledger_speaks_of_it() -> None:
    told = Account().covers("2026-06-01", TODAY, without=["inventory-ledger"]).sold("2026-08-20")
    told.refunded(REFUND).paid("2026-10-15").returned("2026-11-05")

    assert "overpaid" == the(told).verdict


def test_a_unit_that_was_paid_for_instead_of_restocked_is_paid() -> None:
    told = missing().paid("2026-10-15").returned("2026-11-05")

    assert "paid" == the(told).verdict


def test_a_unit_that_amazon_calls_reimbursed_is_paid_where_no_ledger_says_otherwise() -> None:
    told = Account().covers("2026-06-01", TODAY, without=["inventory-ledger"]).sold("2026-08-20")
    told.refunded(REFUND).paid("2026-10-15").returned("2026-11-05", status="Reimbursed")

    assert "paid" == the(told).verdict


def test_a_unit_that_was_paid_came_back_and_was_taken_back_is_even() -> None:
    told = missing().paid("2026-10-15").returned("2026-11-05").restocked("2026-11-06")
    told.taken_back("2026-11-10")

    assert ["not_claimable"] == told.verdicts("return_missing")
    assert ["not_claimable"] == told.verdicts("reversal_unsupported")


def test_a_unit_that_was_paid_twice_may_be_taken_back_once() -> None:
    told = missing().paid("2026-10-15").paid("2026-10-20", "1001", reason="CustomerServiceIssue")

    assert ["overpaid", "paid"] == told.verdicts("return_missing")


def test_a_second_payment_is_no_overpayment_while_not_every_unit_is_refunded() -> None:
    """The refund that it is for may be in a settlement that was not imported."""
    told = account(quantity=2).refunded(REFUND).paid("2026-10-15").paid("2026-10-20", "1001")

    assert ["paid"] == told.verdicts("return_missing")


# --- programmes -------------------------------------------------------------------------------


def test_a_seller_fulfilled_unit_has_no_fba_claim_and_no_finding() -> None:
    told = account(programme="FBM").refunded(REFUND, programme="FBM")

    assert [] == told.findings("return_missing")


def test_each_sku_of_an_order_has_its_own_programme() -> None:
    """One line shipped by Amazon and one by the seller: only the first can be owed."""
    told = account(sku=OTHER_SKU).returned("2026-09-02", sku=OTHER_SKU, asin="B000000002")
    told.sold("2026-08-20", programme="FBM").refunded(REFUND, programme="FBM")

    assert [] == told.findings("return_missing")


def test_a_multi_channel_order_has_another_policy() -> None:
    told = Account().covers("2026-06-01", TODAY).sold("2026-08-20", order=S01, programme="MCF")
    told.refunded(REFUND, order=S01, programme="FBA")

    assert "not_claimable" == the(told).verdict


@pytest.mark.parametrize("programmes", [(None, None), ("FBA", "FBM")])
def test_a_programme_that_is_unknown_or_contradicted_is_in_review(programmes: Any) -> None:
    told = account(programme=programmes[0]).refunded(REFUND, programme=programmes[1])

    assert "review" == the(told).verdict


# --- what the files cover ---------------------------------------------------------------------


ABSENT = [RETURNS, REIMBURSEMENTS]
"""Reports in which a row would disprove the claim."""


@pytest.mark.parametrize("report", ABSENT)
def test_without_one_of_its_reports_nothing_is_ready(report: str) -> None:
    told = Account().covers("2026-06-01", TODAY, without=[report])

    assert ["review"] == told.sold("2026-08-20").refunded(REFUND).verdicts("return_missing")


@pytest.mark.parametrize("report", ABSENT)
@pytest.mark.parametrize(
    "hole",
    [("2026-09-01", "2026-09-01"), ("2026-10-01", "2026-10-03"), ("2026-11-18", "2026-11-18")],
)
def test_with_a_hole_in_one_of_its_reports_nothing_is_ready(
    report: str, hole: tuple[str, str]
) -> None:
    """On the clock's first day, in the midst, and in the last days."""
    told = Account().covers("2026-06-01", TODAY, without=[report])
    told.covers("2026-06-01", after(hole[0], -1), report).covers(after(hole[1], 1), TODAY, report)

    assert ["review"] == told.sold("2026-08-20").refunded(REFUND).verdicts("return_missing")


@pytest.mark.parametrize("report", ABSENT)
@pytest.mark.parametrize(("days", "verdict"), [(6, "ready"), (7, "ready"), (8, "review")])
def test_with_an_old_report_nothing_is_ready_though_the_standing_stays(
    report: str, days: int, verdict: str
) -> None:
    told = Account().covers("2026-06-01", TODAY, without=[report])
    told.covers("2026-06-01", after(TODAY, -days), report).sold("2026-08-20").refunded(REFUND)

    assert (verdict, "open") == (the(told).verdict, the(told).standing)


@pytest.mark.parametrize(("days", "assumed"), [(21, False), (22, True)])
def test_what_settlements_do_not_cover_is_assumed_aloud(days: int, assumed: bool) -> None:
    """They close every fortnight: the newest there is may be three weeks old."""
    told = Account().covers("2026-06-01", TODAY, without=[REFUNDS])
    told.covers("2026-06-01", after(TODAY, -days), REFUNDS).sold("2026-08-20").refunded(REFUND)

    assert "ready" == the(told).verdict
    assert assumed == ("charged again" in " ".join(the(told).assumptions))


@pytest.mark.parametrize(("first", "verdict"), [("2026-08-25", "ready"), ("2026-08-26", "review")])
def test_returns_are_asked_for_from_a_week_before_the_refund(first: str, verdict: str) -> None:
    """One return in twenty is processed before its refund."""
    told = Account().covers("2026-06-01", TODAY, without=[RETURNS]).covers(first, TODAY, RETURNS)

    assert verdict == the(told.sold("2026-08-20").refunded(REFUND)).verdict


def test_files_about_later_days_make_no_gap_on_the_day_asked_about() -> None:
    told = missing().covers("2027-02-01", "2027-03-01")

    assert "ready" == the(told).verdict


def test_a_doubt_about_facts_comes_before_a_window_that_has_passed() -> None:
    """A loss is only booked where there surely was one."""
    told = covered("US", "2026-06-20", TODAY).sold("2026-06-01").refunded("2026-06-10")

    assert "review" == the(told).verdict
    assert "2026-10-08" in the(told).reason


# --- ids --------------------------------------------------------------------------------------


def test_a_finding_keeps_its_id_when_it_is_paid_and_when_it_is_taken_back() -> None:
    ids = [
        the(missing()).finding_id,
        the(missing().paid("2026-10-15")).finding_id,
        the(missing().paid("2026-10-15").taken_back("2026-11-01")).finding_id,
    ]

    assert 1 == len(set(ids))


# --- money for several units that is told as for one ----------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [{"cash": 1}, {"cash": None, "inventory": None}],
)
def test_money_beyond_a_units_worth_may_be_for_the_other(how: dict[str, Any]) -> None:
    """Real rows of a lump sum name no number of units."""
    told = account(quantity=2).refunded(REFUND, principal="40.00")

    assert ["paid", "review"] == told.paid("2026-10-15", amount="34.00", **how).verdicts(
        "return_missing"
    )


def test_money_that_is_just_a_units_worth_is_for_no_other() -> None:
    told = (
        account(quantity=2).refunded(REFUND, principal="40.00").paid("2026-10-15", amount="18.50")
    )

    assert ["paid", "ready"] == told.verdicts("return_missing")


def test_money_beyond_a_units_worth_is_for_one_other_only() -> None:
    told = (
        account(quantity=3).refunded(REFUND, principal="60.00").paid("2026-10-15", amount="34.00")
    )

    assert ["paid", "ready", "review"] == told.verdicts("return_missing")


def test_money_for_another_item_is_that_items() -> None:
    told = missing().sold("2026-08-20", sku=OTHER_SKU).refunded(REFUND, sku=OTHER_SKU, number=2)
    told.paid("2026-10-15", amount="34.00", sku=OTHER_SKU, fnsku="X000000002", asin="B000000002")

    assert ["paid", "ready"] == told.verdicts("return_missing")
