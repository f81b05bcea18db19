"""Refunds that others decided, and the door that is open for each: situations 9, 11 and 18 of the twenty."""

from __future__ import annotations

import pytest

from tests.situations.seller import Seller

ORDER = "114-1000001-1000001"


def test_9_a_refund_without_a_return_is_bound_by_the_rule_on_the_day_of_the_order(
    seller: Seller,
) -> None:
    """Dropping the rule later does not undo it: Amazon's own example."""
    seller.begins("2026-01-01", "NA")
    seller.does("2026-01-02", "terms", "returnless", "cheap", "--max-price", "25.00 USD")
    seller.sells(ORDER, "2026-03-02", price="19.00 USD", delivered="2026-03-05")
    seller.does("2026-03-08", "terms", "returnless", "cheap", "--drop")
    seller.does("2026-03-10", "return", "request", ORDER, "--reason", "CR-UNWANTED_ITEM")
    given = ["refund", "give", ORDER, "--by", "amazon", "--trigger", "returnless"]
    seller.does("2026-03-10", *given, "--amount", "19.00 USD")
    bound = seller.ruling("2026-03-11", "rights", ORDER, "returnless")
    (remedy,) = seller.asks("2026-03-11", "remedy", ORDER, "--as-of", "2026-03-11")

    assert "ret.returnless.ANY.1" in bound["rule_ids"]
    assert seller.bears("2026-03-11", ORDER) == {"seller": "19.00"}
    assert remedy["door"] == "none"


@pytest.mark.parametrize(
    ("asked", "until", "rule"),
    [
        ("2025-08-10T10:00", "2025-08-14", "ret.intl.UK.1"),
        ("2025-08-11T10:00", "2025-08-14", "ret.intl.UK.2"),
    ],
)
def test_11_and_case_7_a_buyer_abroad_is_offered_a_way_in_three_or_four_days(
    seller: Seller, asked: str, until: str, rule: str
) -> None:
    """United Kingdom, above the threshold: the day of the request picks the rule."""
    seller.sells(ORDER, "2025-08-01", price="80.00 GBP", marketplace="UK", delivered="2025-08-05")
    seller.does(asked, "return", "request", ORDER, "--cross-border", "--in-policy")
    duty = seller.duty(asked, "cross_border")

    assert duty is not None
    assert (duty["due_on"], duty["rule_id"]) == (until, rule)
    assert "Amazon refunds" in duty["if_missed"]
    assert seller.duty("2025-08-15", "cross_border", state="missed")

    seller.does("2025-08-12", "return", "offer", ORDER, "--option", "domestic_address")

    assert seller.duty("2025-08-15", "cross_border") is None


def test_11_what_is_cheap_comes_back_to_nobody(seller: Seller) -> None:
    seller.sells(ORDER, "2025-08-01", price="15.00 GBP", marketplace="UK", delivered="2025-08-05")
    seller.does("2025-08-12", "return", "request", ORDER, "--cross-border", "--in-policy")

    duty = seller.duty("2025-08-12", "cross_border")

    assert duty is not None
    assert duty["what"] == "give a return address in the store's country"
    assert (duty["due_on"], duty["rule_id"]) == (None, "ret.intl.EU_low.1")
    assert duty["if_missed"] == "Amazon refunds without a return"


def test_11_where_no_deadline_was_read_none_is_told(seller: Seller) -> None:
    """Sweden: Amazon's notice names the United Kingdom and Germany only."""
    seller.sells(ORDER, "2025-08-01", price="900.00 SEK", marketplace="SE", delivered="2025-08-05")
    seller.does("2025-08-12", "return", "request", ORDER, "--cross-border", "--in-policy")
    duty = seller.duty("2025-08-12", "cross_border")

    assert duty is not None
    assert (duty["state"], duty["due_on"], duty["due_at"]) == ("review", None, None)
    assert duty["question"]


def declined_in_time(seller: Seller) -> None:
    """A late request, declined by the rule that says so."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-05-01T09:00", "return", "request", ORDER, "--out-of-policy")
    decline = ["return", "decline", ORDER, "--rule", "ret.window.US.1"]
    seller.does("2026-05-01T10:00", *decline, "--why", "it came after the last day")


@pytest.mark.parametrize(
    ("trigger", "door", "status"),
    [
        ("first_scan", "safe_t", "refunded"),
        ("csba", "safe_t", "refunded"),
        ("a_to_z", "a_to_z", "disputed"),
        ("chargeback", "none", "disputed"),
    ],
)
def test_18_what_set_amazons_refund_off_decides_the_door(
    seller: Seller, trigger: str, door: str, status: str
) -> None:
    """Seller Support can overrule none of them."""
    declined_in_time(seller)
    seller.does("2026-05-04", "return", "override", ORDER)
    given = ["refund", "give", ORDER, "--by", "amazon", "--trigger", trigger]
    seller.does("2026-05-08", *given, "--amount", "100.00 USD")
    (remedy,) = seller.asks("2026-05-10", "remedy", ORDER, "--as-of", "2026-05-10")

    assert remedy["door"] == door
    assert any("Seller Support" in one for one in remedy["wrong"])
    assert seller.bears("2026-05-10", ORDER) == {"seller": "100.00"}
    assert seller.status("2026-05-10", ORDER) == status


def test_18_an_appeal_has_thirty_days_and_its_proofs(seller: Seller) -> None:
    declined_in_time(seller)
    claim = ["claim", "file", ORDER, "AZ", "--type", "a_to_z", "--door", "a_to_z", "--by", "buyer"]
    seller.does("2026-05-04", *claim, "--amount", "100.00 USD")
    granted = ["claim", "decide", ORDER, "AZ", "--outcome", "granted", "--funded-by", "seller"]
    seller.does("2026-05-08", *granted, "--amount", "100.00 USD")
    duty = seller.duty("2026-05-09", "appeal_window")
    due = seller.asks("2026-05-09", "due", "--as-of", "2026-05-09")

    assert seller.status("2026-05-09", ORDER) == "declined"
    assert {row["due_on"] for row in due if row["due_on"]} == {"2026-06-07"}
    assert {row["rule_id"] for row in due if row["due_on"]} == {"az.appeal.ANY.1"}
    assert duty is None or duty["due_on"] == "2026-06-07"
    late = seller.refused("2026-06-08", "claim", "appeal", ORDER, "AZ")
    assert "--late" in late

    seller.does("2026-06-07", "claim", "appeal", ORDER, "AZ")

    assert seller.duty("2026-06-08", "appeal_window") is None
