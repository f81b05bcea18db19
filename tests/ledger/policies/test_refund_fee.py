"""What a refund costs the seller in fees, and what Amazon charges a buyer."""

from __future__ import annotations

import pytest

from ledger.case import MoneyLine
from ledger.event import order_stream
from ledger.events.settlements import SaleSettled
from ledger.events.terms import ProductDescribed
from ledger.ruling import Ruling
from ledger.values import Money
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer, bought

ADMINISTRATION = "administration fee"


def sale(
    told: Buyer,
    commission: str,
    *,
    price: str = "100.00",
    quantity: int = 1,
    more: tuple[MoneyLine, ...] = (),
    programme: str = "FBM",
) -> Buyer:
    """A settled sale with its referral fee, of all units."""
    lines = (
        MoneyLine("ItemPrice", "Principal", told.money(price)),
        MoneyLine("ItemFees", "Commission", -told.money(commission)),
        *more,
    )
    event = SaleSettled(
        settlement_id="1",
        order_id=ORDER,
        sku=SKU,
        quantity=quantity,
        programme=programme,
        marketplace=told.marketplace,
        lines=lines,
    )
    return told.tell(order_stream(ORDER), event, "2026-03-02")


def fee(told: Buyer) -> Ruling:
    (found,) = [
        one for one in told.rulings("refund_fee", on=LONG_AFTER) if ADMINISTRATION in one.what
    ]
    return found


@pytest.mark.parametrize(
    ("store", "commission", "kept"),
    [
        ("US", "15.00", "3.00 USD"),
        ("US", "24.99", "5.00 USD"),
        ("US", "25.00", "5.00 USD"),
        ("US", "25.05", "5.00 USD"),
        ("US", "24.90", "4.98 USD"),
        ("US", "0.03", "0.01 USD"),
        ("US", "0.02", "0.00 USD"),
        ("UK", "15.00", "3.00 GBP"),
        ("UK", "40.00", "5.00 GBP"),
    ],
)
def test_a_fifth_of_the_referral_fee_and_five_at_most(
    store: str, commission: str, kept: str
) -> None:
    told = sale(Buyer(store), commission).refunds("2026-03-16", "100.00")
    found = fee(told)

    assert ("seller", kept, f"fee.refund_admin.{store}.1") == (
        found.bearer,
        str(found.amount),
        found.rule_ids[0],
    )


def test_the_settled_line_counts_before_any_reckoning() -> None:
    told = sale(Buyer("US"), "15.00").refunds("2026-03-16", "100.00")
    told.refunded("2026-03-18", principal="100.00", fees="14.00", programme="FBM")
    found = fee(told)

    assert ("2.80 USD", ("fee.refund_admin.US.1",), None) == (
        str(found.amount),
        found.rule_ids,
        found.question,
    )
    assert "more was charged" not in found.reason


@pytest.mark.parametrize(
    ("store", "undone", "charged", "more"),
    [
        ("US", "25.00", "5.00 USD", None),
        ("US", "45.00", "9.00 USD", "4.00 USD"),
        ("UK", "25.05", "5.01 GBP", "0.01 GBP"),
    ],
)
def test_what_was_charged_beyond_the_rule_is_told(
    store: str, undone: str, charged: str, more: str | None
) -> None:
    told = sale(Buyer(store), "45.00", price="300.00")
    found = fee(told.refunded("2026-03-18", principal="300.00", fees=undone, programme="FBM"))

    assert (charged, f"fee.refund_admin.{store}.1") == (str(found.amount), found.rule_ids[0])
    assert (f"{more} more was charged" in found.reason) == (more is not None)


def test_without_the_settled_referral_fee_only_the_bearer_is_known() -> None:
    found = fee(bought("US", "2026-03-01", delivered=None).refunds("2026-03-16", "100.00"))

    assert ("holds", "seller", None, None) == (
        found.state,
        found.bearer,
        found.amount,
        found.question,
    )
    assert "the settlement will tell" in found.reason


def test_a_part_refund_is_not_reckoned() -> None:
    assert fee(sale(Buyer("US"), "15.00").refunds("2026-03-16", "40.00")).amount is None


def test_one_unit_of_three_bears_its_part() -> None:
    told = sale(Buyer("US"), "30.00", price="150.00", quantity=3).refunds("2026-03-16", "50.00")

    assert "2.00 USD" == str(fee(told).amount)


def test_nothing_is_kept_of_a_full_refund_of_media() -> None:
    told = sale(Buyer("US"), "15.00").refunds("2026-03-16", "100.00")
    told.says_of_account(ProductDescribed(sku=SKU, category="books"), "2026-01-01")

    assert "0.00 USD" == str(fee(told).amount)


@pytest.mark.parametrize("store", ["DE", "SE"])
def test_where_no_rule_is_known_it_is_asked(store: str) -> None:
    found = fee(sale(Buyer(store), "15.00").refunds("2026-03-16", "100.00"))

    assert ("review", "undetermined", None) == (found.state, found.bearer, found.amount)


# --- FBA --------------------------------------------------------------------------------------

FULFILMENT = MoneyLine("ItemFees", "FBAPerUnitFulfillmentFee", Money(-422, "USD"))


def test_the_fulfilment_fee_is_not_given_back() -> None:
    told = sale(Buyer("US"), "15.00", more=(FULFILMENT,), programme="FBA")
    told.refunded("2026-03-16", principal="100.00")

    assert [("seller", "3.00 USD"), ("seller", "4.22 USD")] == told.costs("refund_fee")


def test_what_a_refund_gives_back_of_it_is_no_cost() -> None:
    told = sale(Buyer("US"), "15.00", more=(FULFILMENT,), programme="FBA")
    more = [("ItemFees", "FBAPerUnitFulfillmentFee", "4.22")]
    told.refunded("2026-03-16", principal="100.00", more=more)

    assert [("seller", "3.00 USD")] == told.costs("refund_fee")


def test_a_charge_for_the_return_is_the_sellers() -> None:
    told = Buyer("US").sold("2026-03-01").refunded("2026-03-10").returned("2026-03-12")
    told.settled("2026-03-14", "FBACustomerReturnPerUnitFee", "-1.78", kind="ItemFees")

    assert [("seller", "0.60 USD"), ("seller", "1.78 USD")] == told.costs("refund_fee")


@pytest.mark.parametrize(("back", "asked"), [("2024-05-31", False), ("2024-06-01", True)])
def test_whether_amazon_charges_for_products_that_come_back_often_was_not_read(
    back: str, asked: bool
) -> None:
    told = Buyer("US").sold("2024-05-01").refunded("2024-05-10").returned(back)
    found = [one for one in told.rulings("refund_fee", on=LONG_AFTER) if "processing" in one.what]

    assert asked == bool(found)
    assert all((one.state, one.amount) == ("review", None) for one in found)


# --- what Amazon charges a buyer --------------------------------------------------------------


def sent_back(on: str, disposition: str = "SELLABLE", store: str = "US") -> list[Ruling]:
    told = bought(store, "2026-03-01", delivered="2026-03-10", programme="FBA")
    return told.returned(on, disposition=disposition).rulings("buyer_fee", on=LONG_AFTER)


@pytest.mark.parametrize(
    ("on", "pct"),
    [("2026-04-09", None), ("2026-04-10", 20), ("2026-05-09", 20), ("2026-05-10", 100)],
)
def test_a_late_return_costs_the_buyer_a_fifth_and_later_all_of_it(
    on: str, pct: int | None
) -> None:
    found = sent_back(on)

    assert [] == found or ("buyer", None) == (found[0].bearer, found[0].amount)
    assert [f"charge {pct} % of the price"] * len(found) == [
        one.reason.rpartition("may ")[2] for one in found
    ]
    assert (pct is None) == (found == [])


def test_damage_costs_the_buyer_up_to_half_and_some_goods_all() -> None:
    (found,) = sent_back("2026-04-01", "CUSTOMER_DAMAGED")

    assert "up to 50 % of the price; 100 % of a luxury item's, 100 % of an opened" in found.reason


def test_elsewhere_no_such_fee_is_known() -> None:
    assert [] == sent_back("2026-06-01", "CUSTOMER_DAMAGED", "DE")
