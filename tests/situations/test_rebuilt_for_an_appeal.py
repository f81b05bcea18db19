"""An order rebuilt for an appeal: on every day of its life the program answers what it answered on that day."""

from __future__ import annotations

from typing import Any

from tests.situations.seller import Seller
from tests.situations.worlds import ORDER
from tests.story import OTHER_ORDER, refunded, reimbursed, requested, returned, sold, taken_back

QUESTIONS = (
    ("status", ORDER),
    ("liability", ORDER),
    ("audit", "--order", ORDER),
    ("remedy", ORDER),
    ("rights", ORDER),
    ("costs", ORDER),
    ("due", "--missed"),
    ("story", ORDER),
)


def answered(seller: Seller, on: str, *known: str) -> dict[str, Any]:
    """What the program answers about the order."""
    return {words[0]: seller.types(on, *words, *known).out for words in QUESTIONS}


def test_a_seller_fulfilled_order_on_every_day_of_its_life(seller: Seller) -> None:
    """Requests, refunds, wrong goods, a claim, its denial, its appeal; corrected, and told again by reports."""
    photo = seller.file("item.jpg")
    by_amazon = ("--by", "amazon", "--trigger", "first_scan", "--amount", "100.00 USD")
    life: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("2026-02-20", ("order", "tell", ORDER, "--sku", "SKU-1", "--price", "100.00 USD", *US)),
        ("2026-02-24", ("order", "deliver", ORDER)),
        ("2026-02-26", ("return", "request", ORDER, "--reason", "CR-DEFECTIVE", "--in-policy")),
        ("2026-03-01", ("return", "scan", ORDER)),
        ("2026-03-02", ("refund", "give", ORDER, *by_amazon)),
        ("2026-03-10", ("return", "receive", ORDER)),
        ("2026-03-11", ("return", "grade", ORDER, "--condition", "used", "--evidence", photo)),
        ("2026-03-12", ("message", "received", ORDER, "--message", "M1")),
        ("2026-03-14", ("claim", "file", ORDER, "S1", "--type", "safe_t", "--door", "safe_t")),
        ("2026-03-20", ("claim", "decide", ORDER, "S1", "--outcome", "denied", *UNTIL)),
        ("2026-03-25", ("claim", "appeal", ORDER, "S1")),
        ("2026-04-02", ("claim", "appeal-decided", ORDER, "S1", "--outcome", "granted")),
        ("2026-04-05", ("claim", "paid", ORDER, "S1", "--amount", "50.00 USD")),
    )
    then = {}
    for on, words in life:
        seller.does(on, *words)
        then[on] = answered(seller, on)
    told = (sold(ORDER, "2026-02-20", price="100.00", by="MFN"),)
    seller.imports("2026-04-10", *told, refunded(ORDER, "2026-03-03", principal="100.00", by="MFN"))
    seller.imports("2026-04-12", requested(ORDER, "2026-02-26"), told_at="2026-04-12")
    seller.does("2026-04-15", "rules", "adopt", own_rules(seller))

    assert all(before["status"] and before["story"] for before in then.values())
    for on, before in then.items():
        assert answered(seller, on, "--as-of", on, "--known-at", on) == before, on
    assert answered(seller, "2026-04-16")["liability"] != then["2026-04-05"]["liability"]


US = ("--marketplace", "US")
UNTIL = ("--appeal-until", "2026-03-30")


def own_rules(seller: Seller) -> Any:
    """A rule of the seller's own, adopted when all is over: it says nothing of the days before."""
    file = seller.folder / "own.toml"
    file.write_text(
        """
        [[rules]]
        id = "ret.window.US.1"
        window_end_days = 45
        sources = ["https://example.org/returns"]
        evidence = "A"
        verified = true
        """
    )
    return file


def test_an_order_of_amazons_on_every_day_of_its_life(seller: Seller) -> None:
    """Sold, refunded, missing, paid for, come back after all, and the payment taken back."""
    other = {"sku": "OTHER", "fnsku": "X9", "asin": "B9"}
    life = (
        ("2026-06-03", [sold(ORDER, "2026-06-01")]),
        ("2026-06-24", [refunded(ORDER, "2026-06-20")]),
        ("2026-08-20", [returned(OTHER_ORDER, "2026-08-20", **other)]),
        ("2026-08-21", [reimbursed("2026-08-21", "77", order=OTHER_ORDER, **other)]),
        ("2026-09-03", [reimbursed("2026-09-02", "501", order=ORDER, amount="17.00")]),
        ("2026-10-03", [returned(ORDER, "2026-09-28")]),
        ("2026-10-20", [taken_back("2026-10-18", "777", of="501", amount="-17.00")]),
    )
    then = {}
    for on, told in life:
        seller.imports(on, *told, period=("2026-06-01", on))
        then[on] = answered(seller, on)

    assert all(before["status"] and before["story"] for before in then.values())
    for on, before in then.items():
        assert answered(seller, on, "--as-of", on, "--known-at", on) == before, on
