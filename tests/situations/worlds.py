"""What several situations begin with: an FBA refund without a return, a parcel that holds the wrong thing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from tests.situations.seller import Seller, only
from tests.story import OTHER_ORDER, File, files_of, refunded, reimbursed, returned, sold

ORDER = "114-1000001-1000001"
ELSEWHERE = {
    "US": (b"Amazon.com", b"USD"),
    "SE": (b"Amazon.se", b"SEK"),
    "DE": (b"Amazon.de", b"EUR"),
}
ELSEWHERE["ES"] = (b"Amazon.es", b"EUR")


def in_store(file: File, store: str) -> File:
    """The same report as another store of Amazon's writes it."""
    name, currency = ELSEWHERE[store]
    data = file.data.replace(b"Amazon.com", name).replace(b"USD", currency)
    return msgspec.structs.replace(file, data=data)


def refunded_and_not_back(seller: Seller, day: str, store: str, until: str) -> None:
    """An FBA order that Amazon refunded; the reports up to a day show neither a return nor a payment."""
    first = str(date.fromisoformat(day) - timedelta(days=30))
    told = [
        sold(ORDER, first),
        refunded(ORDER, day),
        returned(OTHER_ORDER, until, sku="OTHER", fnsku="X9", asin="B9"),
        reimbursed(until, "77", order=OTHER_ORDER, sku="OTHER", fnsku="X9", asin="B9"),
    ]
    for file in files_of(*told, period=(first, until)):
        seller.import_file(until, in_store(file, store), store)


def missing(seller: Seller, on: str) -> dict[str, Any]:
    """The one finding about the order's unit."""
    rows = seller.asks(on, "audit", "--order", ORDER, "--as-of", on)
    return only(rows, claim_type="return_missing")


def refunded_at_the_first_scan(seller: Seller) -> None:
    """Refunded on 1 March; the parcel is back on the 10th."""
    seller.sells(ORDER, "2026-02-20", delivered="2026-02-24")
    seller.does("2026-02-20", "order", "dispatch", ORDER, "--carrier", "UPS", "--tracking", "1Z1")
    asked = ["return", "request", ORDER, "--reason", "CR-DEFECTIVE", "--in-policy"]
    seller.does("2026-02-26T10:00", *asked)
    seller.does("2026-03-01", "return", "scan", ORDER, "--carrier", "UPS", "--tracking", "1Z2")
    given = ["refund", "give", ORDER, "--by", "amazon", "--trigger", "first_scan"]
    seller.does("2026-03-01", *given, "--amount", "100.00 USD")
    seller.does("2026-03-10", "return", "receive", ORDER)


def show_it(seller: Seller, on: str) -> None:
    """Everything that the rule asks to be shown."""
    photos = [seller.file(f"{name}.jpg") for name in ("item", "packaging", "label", "serial")]
    shown = [word for photo in photos for word in ("--evidence", photo)]
    wrong = ["return", "wrong-item", ORDER, "--arrived", "a bag of sand", "--serial-sent", "S-1"]
    seller.does(on, *wrong, *shown)
    invoice, words = seller.file("invoice.pdf"), seller.file("messages.txt")
    seller.does(on, "evidence", "attach", ORDER, invoice, "--kind", "invoice")
    seller.does(on, "evidence", "attach", ORDER, words, "--kind", "message")
