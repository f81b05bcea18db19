"""Requests: situations 1, 2, 4, 5 and 19 of the twenty."""

from __future__ import annotations

from tests.situations.seller import Seller, only

ORDER = "114-1000001-1000001"
WITHDRAWAL = "law.eu.withdrawal.1"


def test_1_a_return_request_is_answered_in_time(seller: Seller) -> None:
    """Amazon authorises what is in policy; the rest the seller answers within 24 hours (US)."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    asked = ["return", "request", ORDER, "--reason", "CR-DEFECTIVE", "--out-of-policy"]
    (recorded,) = seller.does("2026-04-20T09:00", *asked, "--rma", "RMA-1")
    duty = seller.duty("2026-04-20", "return_request")

    assert recorded["due"][0]["due_at"] == "2026-04-21T09:00:00Z"
    assert duty is not None
    assert (duty["state"], duty["due_at"]) == ("open", "2026-04-21T09:00:00Z")
    assert (duty["rule_id"], duty["rule_evidence"]) == ("ret.authorization.US.1", "A")
    assert seller.status("2026-04-20", ORDER) == "requested"
    missed = seller.duty("2026-04-22", "return_request")
    assert missed is not None
    assert missed["state"] == "missed"

    seller.does("2026-04-20T15:00", "return", "authorize", ORDER)

    assert seller.status("2026-04-20", ORDER) == "authorized"
    assert seller.duty("2026-04-22", "return_request") is None


def test_1_an_in_policy_request_in_the_united_states_is_authorised_by_amazon(
    seller: Seller,
) -> None:
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-03-10", "return", "request", ORDER, "--in-policy")

    assert seller.duty("2026-03-10", "return_request") is None


def test_2_the_later_of_amazons_window_the_holidays_and_the_law_counts(seller: Seller) -> None:
    """A toy bought in Germany before Christmas: four windows, and the later wins."""
    seller.begins("2025-10-01", "EU")
    seller.does("2025-10-02", "product", "describe", "TEDDY", "--category", "toys")
    seller.sells(
        ORDER,
        "2025-11-10",
        sku="TEDDY",
        price="29.90 EUR",
        marketplace="DE",
        delivered="2025-11-12",
    )
    holidays = "ret.holiday.2025.DE-IT.14day_categories"
    by = {
        "return_window": ("2025-11-26", "ret.window.DEIT_more.1"),
        "holiday_extension": ("2026-01-15", holidays),
        "return_by": ("2026-01-15", holidays),
    }

    for policy, (until, rule) in by.items():
        right = seller.ruling("2025-12-20", "rights", ORDER, policy)
        assert right["due_at"] == until
        assert rule in right["rule_ids"]
    withdrawal = seller.ruling("2025-12-20", "rights", ORDER, "statutory_right", rule_id=WITHDRAWAL)
    assert (withdrawal["state"], withdrawal["due_at"]) == ("ended", "2025-11-26")


def test_4_inside_the_days_of_withdrawal_no_reason_is_needed(seller: Seller) -> None:
    """Sweden: declining it is refused, the seller bears the way out and the buyer the way back."""
    seller.sells(
        ORDER,
        "2026-03-02",
        price="499.00 SEK",
        shipping="49.00 SEK",
        marketplace="SE",
        delivered="2026-03-05",
    )
    seller.does("2026-03-10", "return", "request", ORDER)
    reason = seller.refused(
        "2026-03-11", "return", "decline", ORDER, "--rule", "ret.window.EU.1", "--why", "no reason"
    )
    withdrawal = seller.ruling(
        "2026-03-11", "rights", ORDER, "statutory_right", rule_id="law.se.distans.1", state="holds"
    )
    declining = seller.ruling("2026-03-11", "rights", ORDER, "declining")

    assert "ret.window.EU.1" in reason
    assert "A-to-z" in reason
    assert withdrawal["due_at"] == "2026-03-19"
    assert "no reason is needed" in withdrawal["reason"]
    assert declining["state"] == "holds", "the right not to be declined"
    assert seller.status("2026-03-11", ORDER) == "requested"


def test_4_who_withdraws_gets_the_way_out_back_and_bears_the_way_back(seller: Seller) -> None:
    """Declared as a withdrawal, it is nobody's to decline; the refund is due within 14 days of it."""
    seller.begins("2026-01-01", "EU")
    seller.does("2026-01-02", "terms", "returns", "--window-days", "30")
    seller.sells(
        ORDER,
        "2026-03-02",
        price="499.00 SEK",
        shipping="49.00 SEK",
        marketplace="SE",
        delivered="2026-03-05",
    )
    seller.does("2026-03-10", "return", "withdraw", ORDER)
    decline = ["return", "decline", ORDER, "--rule", "law.se.distans.1", "--against-advice"]

    assert "law.se.distans.1" in seller.refused("2026-03-11", *decline)
    assert seller.cost("2026-03-11", ORDER, what="the way to the buyer") == ("seller", "49.00")
    assert seller.cost("2026-03-11", ORDER, what="the way back") == ("buyer", None)

    seller.does("2026-03-12", "return", "receive", ORDER)
    duty = seller.duty("2026-03-12", "withdrawal_refund")

    assert duty is not None
    assert duty["due_on"] == "2026-03-24"


def test_5_a_late_return_may_be_declined_or_taken_as_goodwill(seller: Seller) -> None:
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-05-01", "return", "request", ORDER, "--out-of-policy")
    window = seller.ruling("2026-05-01", "rights", ORDER, "return_by")
    declining = seller.ruling("2026-05-01", "rights", ORDER, "declining")
    goodwill = ["return", "authorize", ORDER, "--goodwill"]

    assert (window["state"], window["due_at"]) == ("ended", "2026-04-04")
    assert window["rule_id"] == "ret.window.US.1"
    assert declining["state"] == "ended"
    assert "the seller's choice" in declining["reason"]
    assert "approve" in seller.refused("2026-05-01", *goodwill)

    seller.does("2026-05-01", *goodwill, "--approver", "head of service")

    assert seller.status("2026-05-01", ORDER) == "authorized"

    seller.does("2026-05-12", "return", "receive", ORDER)
    seller.does("2026-05-12", "return", "grade", ORDER, "--condition", "used")
    given = ["refund", "give", ORDER, "--by", "seller", "--trigger", "goodwill"]
    seller.does("2026-05-13", *given, "--amount", "80.00 USD", "--approver", "head of service")

    assert seller.bears("2026-05-13", ORDER) == {"seller": "80.00"}
    assert seller.status("2026-05-13", ORDER) == "refunded"


def test_19_after_the_sellers_guarantee_the_law_may_still_hold(seller: Seller) -> None:
    """Sweden: three years to complain; for two of them the seller must prove that the fault is new."""
    seller.begins("2024-01-01", "EU")
    seller.does("2024-01-02", "terms", "returns", "--guarantee-months", "12")
    seller.sells(ORDER, "2024-01-10", price="499.00 SEK", marketplace="SE", delivered="2024-01-12")
    seller.does("2026-03-01", "return", "request", ORDER, "--out-of-guarantee")
    rights = seller.asks("2026-03-01", "rights", ORDER, "--on", "2026-03-01")
    guarantee = only(rights, policy="own_terms")
    complaint = only(rights, what="may complain of a defect")
    burden = only(rights, what="need not prove that a defect was there from the start")
    declining = only(rights, policy="declining")

    assert (guarantee["state"], guarantee["due_at"]) == ("ended", "2025-01-12")
    assert (complaint["state"], complaint["due_at"]) == ("holds", "2027-01-12")
    assert (burden["state"], burden["due_at"]) == ("ended", "2026-01-12")
    assert {complaint["rule_id"], burden["rule_id"]} == {"law.se.kkl.1"}
    assert declining["state"] == "review"
    assert "was the defect there from the start?" in declining["question"]


def test_19_while_the_burden_is_the_sellers_the_claim_stands(seller: Seller) -> None:
    seller.begins("2024-01-01", "EU")
    seller.does("2024-01-02", "terms", "returns", "--guarantee-months", "12")
    seller.sells(ORDER, "2024-01-10", price="499.00 SEK", marketplace="SE", delivered="2024-01-12")
    seller.does("2025-12-01", "return", "request", ORDER, "--out-of-guarantee")
    declining = seller.ruling("2025-12-01", "rights", ORDER, "declining")

    assert declining["state"] == "holds"
    assert "law.se.kkl.1" in declining["rule_ids"]
    assert "unless the seller shows that it was sound" in declining["reason"]
