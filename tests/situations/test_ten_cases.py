"""The ten cases that must come out right, each in a test named after it, through the command line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from tests.situations.seller import Seller, only
from tests.story import (
    OTHER_ORDER,
    File,
    files_of,
    refunded,
    reimbursed,
    returned,
    sold,
)

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


@pytest.mark.parametrize(
    ("store", "window"),
    [
        ("US", ("2026-08-09", "2026-10-08")),
        ("SE", ("2026-07-25", "2026-09-23")),
        ("DE", ("2026-07-25", "2026-09-23")),
        ("ES", ("2026-07-25", "2026-09-23")),
    ],
)
def test_case_1_the_same_refund_has_other_days_in_another_store(
    seller: Seller, store: str, window: tuple[str, str]
) -> None:
    refunded_and_not_back(seller, "2026-06-10", store, "2026-09-01")
    finding = missing(seller, "2026-09-01")

    assert (finding["window_opens"], finding["window_closes"]) == window
    assert finding["verdict"] == "ready"
    assert finding["rule_id"] == (
        "fba.customer_return.window.US.3" if store == "US" else "fba.customer_return.window.EU.2"
    )


@pytest.mark.parametrize(
    ("store", "refund", "day_before", "day", "last"),
    [
        ("US", "2024-05-01", "2024-10-22", "2024-10-23", "2024-10-22"),
        ("DE", "2024-07-01", "2025-01-08", "2025-01-09", "2024-10-14"),
    ],
)
def test_case_2_a_day_flips_the_answer_when_the_windows_change(
    seller: Seller, store: str, refund: str, day_before: str, day: str, last: str
) -> None:
    """The window before Europe's change is only paraphrased: in it, and in review; after it, too late."""
    refunded_and_not_back(seller, refund, store, day)
    before, after = missing(seller, day_before), missing(seller, day)

    assert before["verdict"] == ("ready" if store == "US" else "review")
    assert after["verdict"] == "expired"
    assert last in after["reason"]


def test_case_3_a_unit_lost_before_the_postponed_day_is_worth_its_proceeds(seller: Seller) -> None:
    seller.begins("2026-01-01", "NA")
    family = ["rules", "on", "2025-03-15", "fba.valuation.pre_order.US", "--marketplace", "US"]
    rows = seller.asks("2026-01-02", *family)
    holds = only(rows, holds=True)
    postponed = only(rows, status="never_in_force")
    next_ = only(rows, id="fba.valuation.pre_order.US.2")

    assert holds["id"] == "fba.valuation.pre_order.US.1"
    assert "estimated proceeds" in holds["title"]
    assert postponed["why"] == "it was announced for 2025-03-10 and never came into force"
    assert "it holds from 2025-03-31, though it was first announced for 2025-03-10" in next_["why"]


def wrong_item_back(seller: Seller) -> None:
    """Refunded at first scan on 1 March; sand came back on the 10th and was graded on the 11th."""
    seller.sells(ORDER, "2026-02-20", delivered="2026-02-24")
    seller.does("2026-02-20", "order", "dispatch", ORDER, "--carrier", "UPS", "--tracking", "1Z1")
    asked = ["return", "request", ORDER, "--reason", "CR-DEFECTIVE", "--in-policy"]
    seller.does("2026-02-26T10:00", *asked)
    seller.does("2026-03-01", "return", "scan", ORDER, "--carrier", "UPS", "--tracking", "1Z2")
    given = ["refund", "give", ORDER, "--by", "amazon", "--trigger", "first_scan"]
    seller.does("2026-03-01", *given, "--amount", "100.00 USD")
    seller.does("2026-03-10", "return", "receive", ORDER)


def show_it(seller: Seller) -> None:
    """Everything that the rule asks to be shown."""
    photo, invoice, words = (seller.file(name) for name in ("box.jpg", "invoice.pdf", "chat.txt"))
    grade = ["return", "grade", ORDER, "--condition", "empty_box", "--serial-sent", "S-1"]
    seller.does(
        "2026-03-11", "return", "wrong-item", ORDER, "--arrived", "sand", "--evidence", photo
    )
    del grade
    seller.does("2026-03-11", "evidence", "attach", ORDER, invoice, "--kind", "invoice")
    seller.does("2026-03-11", "evidence", "attach", ORDER, words, "--kind", "message")


def test_case_4_refund_at_first_scan_and_the_wrong_item_back(seller: Seller) -> None:
    """One appeal pack: the four-day clock, and thirty days for SAFE-T."""
    wrong_item_back(seller)
    grading = seller.duty("2026-03-10", "refund_clock")
    show_it(seller)
    (remedy,) = seller.asks("2026-03-12", "remedy", ORDER, "--as-of", "2026-03-12")

    print(grading, remedy)
    assert 0


def test_case_10_what_nobody_has_read_has_no_date(seller: Seller) -> None:
    seller.sells(ORDER, "2026-11-05", delivered="2026-11-08")
    rights = seller.asks("2026-11-23", "rights", ORDER, "--on", "2026-11-23")
    holiday = only(rights, policy="holiday_extension")
    inbound = only(seller.asks("2026-11-23", "rules", "show", "fba.inbound.window.US.1"))

    assert holiday["state"] == "review"
    assert holiday["due_at"] is None
    assert "not verified" in holiday["reason"]
    assert "2027" not in str(holiday)
    assert (inbound["sure"], inbound["verified"]) == (False, False)
    assert inbound["question"]
