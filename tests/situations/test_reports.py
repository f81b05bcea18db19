"""What the ledger tells of the whole business: situations 6 and 16 of the twenty."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import typed
from tests.situations.seller import Seller, only

ORDER = "114-1000001-1000001"


def test_6_reasons_and_products_show_where_returns_come_from(demo: Path, demo_day: str) -> None:
    """Every rate says of how many; nothing of a buyer is in it."""
    reasons = typed("--home", demo, "report", "reasons", "--as-of", demo_day).rows
    products = typed("--home", demo, "report", "asin", "--as-of", demo_day).rows
    first = reasons[0]

    assert (first["reason"], first["units"]) == ("UNWANTED_ITEM", 15)
    assert sum(row["units"] for row in reasons) == 72
    lantern = only(products, skus=["FW-LANTERN"])
    assert (lantern["units_returned"], lantern["units_shipped"]) == (5, 26)
    assert (lantern["rate_low"], lantern["rate_high"]) == (0.0851, 0.3788), "Wilson's interval"


def test_16_service_is_measured_in_hours_and_claims_won(seller: Seller) -> None:
    """Two messages: one answered in four hours, one in thirty; one of two claims won."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    for name, asked, answered in (
        ("M1", "2026-03-07T08:00", "2026-03-07T12:00"),
        ("M2", "2026-03-10T08:00", "2026-03-11T14:00"),
    ):
        seller.does(asked, "message", "received", ORDER, "--message", name)
        seller.does(answered, "message", "answered", ORDER, "--message", name)
    rows = seller.asks("2026-03-20", "report", "service", "--as-of", "2026-03-20")
    by = {(row["area"], row["measure"]): row for row in rows}
    time, day = by["messages", "time_to_answer"], by["messages", "answered_in_24h"]
    missed = by["duties", "missed: message deadline"]

    assert (time["median"], time["ninetieth"], time["unit"]) == (17.0, 30.0, "hours")
    assert (day["count"], day["of"]) == (1, 2)
    assert (missed["count"], missed["of"]) == (1, 2)


def test_16_claims_won_are_counted_with_their_money(seller: Seller) -> None:
    for order, outcome in ((ORDER, "granted"), ("114-1000002-1000002", "denied")):
        seller.sells(order, "2026-03-02", delivered="2026-03-05")
        file = ["claim", "file", order, "A", "--type", "carrier_damage", "--door", "carrier"]
        seller.does("2026-03-10", *file, "--amount", "40.00 USD")
        seller.does("2026-03-20", "claim", "decide", order, "A", "--outcome", outcome)
    rows = seller.asks("2026-03-30", "report", "service", "--as-of", "2026-03-30")
    won = only(rows, area="claims", measure="carrier: won")

    assert (won["count"], won["of"], won["share"]) == (1, 2, 0.5)
