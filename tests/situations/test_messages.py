"""Talking with the buyer: situations 8, 12, 13, 14 and 17 of the twenty."""

from __future__ import annotations

from tests.situations.seller import Seller, only

ORDER = "114-1000001-1000001"


def test_8_a_buyer_who_complains_and_keeps_the_product_is_given_something(seller: Seller) -> None:
    """Answer within 24 hours; what is given is the seller's cost, and never for a review."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    said = ["message", "received", ORDER, "--topic", "complaint", "--message", "M1"]
    seller.does("2026-03-07T10:00", *said)
    duty = seller.duty("2026-03-07", "message_deadline")
    give = ["refund", "concession", ORDER, "--kind", "partial_refund", "--amount", "15.00 USD"]
    refused = seller.refused("2026-03-07", *give, "--why", "so that the bad review goes away")

    assert duty is not None
    assert (duty["due_at"], duty["rule_id"]) == ("2026-03-08T10:00:00Z", "msg.sla.US.1")
    assert "review.seller_conduct.ANY.1" in refused

    seller.does("2026-03-07T16:00", "message", "answered", ORDER, "--message", "M1")
    seller.does("2026-03-08", *give, "--why", "a scratch on the handle", "--approver", "owner")

    assert seller.duty("2026-03-09", "message_deadline") is None
    assert seller.cost("2026-03-09", ORDER, policy="goodwill") == ("seller", "15.00")
    assert "At most 85.00 USD is left to give back" in seller.refused(
        "2026-03-10", "refund", "give", ORDER, *BY_HAND, "--amount", "90.00 USD"
    )


BY_HAND = ("--by", "seller", "--trigger", "manual")


def test_12_weekends_count_and_a_machines_answer_does_not(seller: Seller) -> None:
    """Written on a Saturday: the answer is due on Sunday."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-03-14T08:30", "message", "received", ORDER, "--message", "M1")
    seller.does("2026-03-14T08:31", "message", "answered", ORDER, "--message", "M1", "--automatic")
    duty = seller.duty("2026-03-14", "message_deadline")

    assert duty is not None
    assert (duty["state"], duty["due_at"]) == ("open", "2026-03-15T08:30:00Z")

    seller.does("2026-03-15T08:00", "message", "answered", ORDER, "--message", "M1")

    assert seller.duty("2026-03-16", "message_deadline") is None


def test_13_an_unhappy_buyer_gets_goodwill_and_nothing_is_asked_for_it(seller: Seller) -> None:
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    give = ["refund", "concession", ORDER, "--kind", "voucher", "--amount", "10.00 USD"]
    refused = seller.refused("2026-03-20", *give, "--why", "Dafür bitte 5 Sterne")
    seller.does("2026-03-20", *give, "--why", "the way back took long", "--approver", "owner")

    assert "review.seller_conduct.ANY.1" in refused
    assert seller.cost("2026-03-21", ORDER, policy="goodwill") == ("seller", "10.00")


def test_14_a_threat_is_kept_and_the_return_decided_by_the_policy_alone(seller: Seller) -> None:
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-05-01", "return", "request", ORDER, "--out-of-policy")
    seen = seller.file("threat.png")
    seller.does("2026-05-01", "message", "threat", ORDER, "--evidence", seen)
    declining = seller.ruling("2026-05-01", "rights", ORDER, "declining")
    seller.does("2026-05-01", "return", "decline", ORDER, "--rule", "ret.window.US.1")
    seller.does("2026-05-02", "message", "abuse", ORDER, "--channel", "report_abuse_link")
    told = [row["event"] for row in seller.asks("2026-05-02", "story", ORDER)]

    assert declining["state"] == "ended", "it is late, whatever the buyer threatens with"
    assert seller.status("2026-05-02", ORDER) == "declined"
    assert told[-3:] == ["ReviewThreatened", "ReturnDeclined", "AbuseReported"]
    assert "review" not in only_text(seller, "under_pressure").lower()


def only_text(seller: Seller, kind: str) -> str:
    (written,) = seller.asks("2026-05-02", "draft", "write", kind, ORDER)
    body: str = written["body"]
    return body


def test_17_silence_for_two_days_grants_the_buyers_claim(seller: Seller) -> None:
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    seller.does("2026-03-09", "terms", "contact", "--way", "email", "--way", "phone")
    seller.does("2026-03-10T09:00", "message", "received", ORDER, "--topic", "contact")
    missed = seller.duty("2026-03-13", "message_deadline")

    assert missed is not None
    assert missed["state"] == "missed"
    assert "48 hours" in missed["if_missed"]
    assert "A-to-z" in missed["if_missed"]
    account = seller.asks("2026-03-13", "story", "account")
    assert only(account, event="ContactSet")["summary"].endswith("email, phone.")
