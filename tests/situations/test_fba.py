"""What Amazon fulfils: situations 7 and 20 of the twenty."""

from __future__ import annotations

from typing import Any

import pytest

from tests.situations.seller import Seller, only
from tests.situations.worlds import ORDER, missing, refunded_and_not_back
from tests.story import OTHER_ORDER, files_of, refunded, reimbursed, returned, sold


def test_7_what_amazon_handles_is_audited_and_claimed_in_time(seller: Seller) -> None:
    """Refunded on 10 June and never back: Amazon owes the price less its fees, from day 60 to day 120."""
    refunded_and_not_back(seller, "2026-06-10", "US", "2026-09-01")
    finding = missing(seller, "2026-09-01")
    due = seller.asks("2026-09-01", "due", "--as-of", "2026-09-01")
    bears = {
        row["party"]: row["amount"]
        for row in seller.asks("2026-09-01", "liability", ORDER, "--as-of", "2026-09-01")
        if row["line"] == "product"
    }

    assert seller.status("2026-09-01", ORDER) == "refunded_not_returned"
    assert (finding["verdict"], finding["amount_open"]) == ("ready", "17.00")
    assert (finding["window_opens"], finding["window_closes"]) == ("2026-08-09", "2026-10-08")
    assert finding["rule_id"] == "fba.customer_return.window.US.3"
    assert only(due, order_id=ORDER)["due_on"] == "2026-10-08"
    assert bears == {"buyer": "-20.00", "seller": "20.00"}


@pytest.mark.parametrize(
    ("disposition", "verdict", "rule"),
    [
        ("CUSTOMER_DAMAGED", "not_claimable", "fba.disposition.CUSTOMER_DAMAGED.1"),
        ("DEFECTIVE", "not_claimable", "fba.disposition.DEFECTIVE.1"),
        ("DAMAGED", "review", "fba.disposition.DAMAGED.1"),
        ("CARRIER_DAMAGED", "review", "fba.disposition.CARRIER_DAMAGED.1"),
    ],
)
def test_20_who_pays_for_a_damaged_return_its_disposition_decides(
    seller: Seller, disposition: str, verdict: str, rule: str
) -> None:
    """Never for what the customer damaged or what is defective; of Amazon's own only a paraphrase is known."""
    finding = came_back(seller, disposition)
    explained = seller.types("2026-09-01", "explain", finding["finding_id"], "--format", "json")

    assert finding["verdict"] == verdict
    assert rule in finding["rule_ids"]
    assert rule in explained.out
    assert seller.status("2026-09-01", ORDER) == "refunded"


def came_back(seller: Seller, disposition: str) -> dict[str, Any]:
    """Sold, refunded and back in that state; the reports reach to 1 September."""
    told = [
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-20"),
        returned(ORDER, "2026-06-25", disposition=disposition),
        reimbursed("2026-09-01", "77", order=OTHER_ORDER, sku="OTHER", fnsku="X9", asin="B9"),
    ]
    for file in files_of(*told, period=("2026-06-01", "2026-09-01")):
        seller.import_file("2026-09-01", file, "US")
    rows = seller.asks("2026-09-01", "audit", "--as-of", "2026-09-01", "--order", ORDER)
    return only(rows, claim_type="return_damaged")


def test_20_before_an_order_a_unit_is_worth_what_it_cost(seller: Seller) -> None:
    """From 31 March 2025: the sourcing cost, as the seller sets it with his invoice."""
    seller.begins("2026-01-01", "NA")
    invoice = seller.file("invoice.pdf")
    cost = ["product", "cost", "SKU-1", "7.30 USD", "--invoice-on", "2025-12-20"]
    (row,) = seller.does("2026-01-02", *cost, "--invoice", invoice)[-1:]

    assert row["summary"] == "One unit of SKU-1 costs 7.30 USD, invoice of 2025-12-20."
