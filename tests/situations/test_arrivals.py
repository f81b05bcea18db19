"""What comes back, and who bears it: situations 3, 10 and 15 of the twenty."""

from __future__ import annotations

from tests.situations.seller import Seller, only
from tests.situations.worlds import ORDER, refunded_at_the_first_scan, show_it

BY_HAND = ("--by", "seller", "--trigger", "manual")


def test_3_a_product_that_comes_back_damaged_is_borne_by_who_damaged_it(seller: Seller) -> None:
    """Grade it with photos before the days to refund have passed; find out who did it."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-03-10", "return", "request", ORDER, "--reason", "CR-DEFECTIVE", "--in-policy")
    label = ["return", "label", ORDER, "--payer", "seller", "--kind", "own_domestic"]
    seller.does("2026-03-11", *label, "--cost", "8.00 USD", "--carrier", "UPS", "--tracking", "1Z2")
    seller.does("2026-03-16", "return", "receive", ORDER)
    clock = seller.duty("2026-03-16", "refund_clock", what="refund the buyer")

    assert clock is not None
    assert (clock["due_on"], clock["rule_id"]) == ("2026-03-20", "ret.refund_clock.US.2")
    assert "SAFE-T" in clock["if_missed"]

    photo = seller.file("dent.jpg")
    grade = ["return", "grade", ORDER, "--condition", "damaged"]
    seller.does("2026-03-17", *grade, "--evidence", photo)
    seller.does("2026-03-17", "return", "investigate", ORDER, "--cause", "carrier_return")
    seller.does("2026-03-17", "refund", "give", ORDER, *BY_HAND, "--amount", "100.00 USD")

    assert seller.cost("2026-03-17", ORDER, policy="refunded_goods") == ("seller", "100.00")

    claim = ["claim", "file", ORDER, "UPS-1", "--type", "carrier_damage", "--door", "carrier"]
    seller.does("2026-03-18", *claim, "--amount", "100.00 USD")
    decided = ["claim", "decide", ORDER, "UPS-1", "--outcome", "granted"]
    seller.does("2026-04-02", *decided, "--amount", "80.00 USD", "--funded-by", "carrier")
    seller.does("2026-04-05", "claim", "paid", ORDER, "UPS-1", "--amount", "80.00 USD")

    assert seller.bears("2026-04-06", ORDER) == {"carrier": "80.00", "seller": "28.00"}
    assert seller.duty("2026-04-06", "refund_clock") is None


def test_3_a_fee_for_damage_is_not_more_than_is_certain(seller: Seller) -> None:
    """Half the price is what blogs say: the program does not present it as Amazon's rule."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-03-10", "return", "request", ORDER, "--reason", "CR-UNWANTED_ITEM")
    seller.does("2026-03-16", "return", "receive", ORDER)
    seller.does("2026-03-17", "return", "grade", ORDER, "--condition", "used")
    fee = seller.ruling("2026-03-17", "rights", ORDER, "restocking")

    assert (fee["state"], fee["amount"]) == ("review", None)
    assert "ret.restocking_table.US.1" in fee["rule_ids"]
    assert "not verified" in fee["reason"]


def test_15_postage_follows_the_reason_and_the_label(seller: Seller) -> None:
    """A faulty item: both ways on the seller; one no longer wanted: the way back on the buyer.

    Whether the way out is given back, too, no rule says that was read: it is not presented as known.
    """
    for order, reason, bearers in (
        (ORDER, "CR-DEFECTIVE", ["seller", "seller"]),
        ("114-1000002-1000002", "CR-UNWANTED_ITEM", ["undetermined", "buyer"]),
    ):
        seller.sells(order, "2026-03-02", delivered="2026-03-05", shipping="6.00 USD")
        seller.does("2026-03-10", "return", "request", order, "--reason", reason, "--in-policy")
        label = ["return", "label", order, "--kind", "amazon_prepaid", "--payer", "buyer"]
        seller.does("2026-03-10", *label, "--cost", "7.50 USD")
        rows = seller.asks("2026-03-12", "postage", order, "--as-of", "2026-03-12")

        assert [row["bearer"] for row in rows] == bearers
        assert all("ret.postage.US.1" in row["rule_ids"] for row in rows)


def test_15_the_sellers_own_international_label_is_always_the_sellers_cost(seller: Seller) -> None:
    seller.sells(ORDER, "2026-03-02", price="80.00 GBP", marketplace="UK", delivered="2026-03-05")
    asked = ["return", "request", ORDER, "--reason", "CR-UNWANTED_ITEM", "--cross-border"]
    seller.does("2026-03-10", *asked)
    label = ["return", "label", ORDER, "--kind", "own_international", "--payer", "seller"]
    seller.does("2026-03-10", *label, "--cost", "19.00 GBP")
    back = only(seller.costs("2026-03-12", ORDER)["rows"], what="the way back")

    assert (back["bearer"], back["amount"]) == ("seller", "19.00")
    assert back["state"] == "holds"


def test_10_the_wrong_item_came_back_and_amazon_pays_for_its_own_refund(seller: Seller) -> None:
    """Refunded at the first scan; graded with photos within four days; SAFE-T within thirty."""
    refunded_at_the_first_scan(seller)

    assert seller.status("2026-03-10", ORDER) == "refunded"
    show_it(seller, "2026-03-11")

    assert seller.cost("2026-03-11", ORDER, policy="refunded_goods") == ("seller", "100.00")

    due = seller.asks("2026-03-12", "due", "--as-of", "2026-03-12")
    claim = only(due, claim_type="safe_t")

    assert (claim["due_on"], claim["rule_id"]) == ("2026-04-09", "safet.window.US.2")
    assert (claim["state"], claim["amount"]) == ("open", "100.00")

    filed = ["claim", "file", ORDER, "S1", "--finding", claim["finding_id"]]
    seller.does("2026-03-12", *filed)
    granted = ["claim", "decide", ORDER, "S1", "--outcome", "granted", "--funded-by", "amazon"]
    seller.does("2026-03-20", *granted, "--amount", "100.00 USD")
    seller.does("2026-03-24", "claim", "paid", ORDER, "S1", "--amount", "100.00 USD")

    assert seller.bears("2026-03-25", ORDER) == {"amazon": "100.00"}
    assert seller.status("2026-03-25", ORDER) == "reimbursed"
