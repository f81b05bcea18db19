"""The ten cases that must come out right, each in a test named after it, through the command line."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest

from tests.situations.seller import Seller, only
from tests.situations.worlds import (
    ORDER,
    missing,
    refunded_and_not_back,
    refunded_at_the_first_scan,
    show_it,
)
from tests.story import reimbursed, taken_back


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


def test_case_4_refund_at_first_scan_and_the_wrong_item_back(seller: Seller) -> None:
    """One appeal pack: graded within the four days, thirty days for SAFE-T, one appeal."""
    refunded_at_the_first_scan(seller)
    grading = seller.duty("2026-03-10", "refund_clock", what="grade the unit")
    (before,) = seller.asks("2026-03-10", "remedy", ORDER, "--as-of", "2026-03-10")
    show_it(seller, "2026-03-11")
    (remedy,) = seller.asks("2026-03-12", "remedy", ORDER, "--as-of", "2026-03-12")
    draft = seller.asks("2026-03-12", "draft", "write", "safe_t_claim", ORDER)

    assert grading is not None
    assert (grading["due_on"], grading["rule_id"]) == ("2026-03-14", "ret.refund_clock.US.2")
    assert before["state"] == "review"
    assert (remedy["door"], remedy["state"]) == ("safe_t", "ready")
    assert remedy["until"] == "2026-04-09"
    assert "safet.window.US.2" in remedy["rule_ids"]
    assert seller.types("2026-03-12", "guard", ORDER).code == 0
    assert seller.types("2026-04-10", "guard", ORDER).code == 3, "a day too late"
    assert "a bag of sand" in draft[0]["body"]

    filed = ["claim", "file", ORDER, "S1", "--finding", remedy["findings"][0]]
    seller.does("2026-03-12", *filed, "--case", "4711")
    seller.does("2026-03-20", "claim", "decide", ORDER, "S1", "--outcome", "denied", *SHOWN)
    seller.does("2026-03-25", "claim", "appeal", ORDER, "S1")

    assert "an appeal is under way" in seller.refused("2026-03-26", "claim", "appeal", ORDER, "S1")
    assert seller.status("2026-03-26", ORDER) == "disputed"


SHOWN = ("--appeal-until", "2026-03-27")


def test_case_4_graded_too_late_the_claim_is_lost(seller: Seller) -> None:
    """Day fifteen is one too many: the four days ended on the fourteenth."""
    refunded_at_the_first_scan(seller)
    show_it(seller, "2026-03-15")
    (remedy,) = seller.asks("2026-03-16", "remedy", ORDER, "--as-of", "2026-03-16")

    assert remedy["state"] != "ready"


def test_case_5_refunded_by_the_seller_first_and_then_a_to_z(seller: Seller) -> None:
    """Nobody else pays: Amazon funds no claim of a buyer whom the seller refunded, and SAFE-T is closed."""
    seller.sells(ORDER, "2026-03-02", delivered="2026-03-05")
    given = ["refund", "give", ORDER, "--by", "seller", "--trigger", "manual"]
    seller.does("2026-03-10", *given, "--amount", "60.00 USD")
    claim = ["claim", "file", ORDER, "AZ", "--type", "a_to_z", "--door", "a_to_z", "--by", "buyer"]
    seller.does("2026-03-12", *claim, "--amount", "40.00 USD")
    granted = ["claim", "decide", ORDER, "AZ", "--outcome", "granted", "--funded-by", "seller"]
    seller.does("2026-03-15", *granted, "--amount", "40.00 USD")
    taken = ["refund", "give", ORDER, "--by", "amazon", "--trigger", "a_to_z"]
    seller.does("2026-03-15", *taken, "--amount", "40.00 USD")
    own, by_claim = seller.asks("2026-03-16", "remedy", ORDER, "--as-of", "2026-03-16")

    assert (own["door"], own["by"]) == ("none", "seller")
    assert by_claim["door"] == "a_to_z"
    assert by_claim["until"] == "2026-04-14"
    assert any("SAFE-T" in one for one in by_claim["wrong"])
    assert seller.bears("2026-03-16", ORDER) == {"seller": "100.00"}


def test_case_8_a_unit_found_later_and_the_old_answer_kept(seller: Seller) -> None:
    """Paid, then taken back because a unit was found: a new answer, and the old one for whoever asks."""
    refunded_and_not_back(seller, "2026-06-10", "US", "2026-09-01")
    paid = [reimbursed("2026-09-05", "501", order=ORDER, amount="17.00")]
    seller.imports("2026-09-08", *paid, period=("2026-09-02", "2026-09-08"))
    then = answers(seller, "2026-09-08")
    before = missing(seller, "2026-09-08")
    told = taken_back("2026-10-02", "777", of="501", amount="-17.00")
    seller.imports("2026-10-05", told, period=("2026-09-09", "2026-10-05"))
    after = answers(seller, "2026-10-05")
    finding = missing(seller, "2026-10-05")
    assert before["verdict"] == "paid"
    assert finding["verdict"] != "paid"
    assert (then["reimbursed"], then["amazon"]) == (1, "19.40"), "17.00, and 2.40 of its fee"
    assert (after["reimbursed"], after["amazon"]) == (0, "2.40")
    assert answers(seller, "2026-09-08", "--known-at", "2026-09-08T23:59:59Z") == then


def answers(seller: Seller, on: str, *known: str) -> dict[str, Any]:
    """Whether the unit is paid for, and what Amazon bears in all, on a day."""
    (status,) = seller.asks("2026-10-06", "status", ORDER, "--as-of", on, *known)
    rows = seller.asks("2026-10-06", "liability", "--as-of", on, *known)
    amazon = sum(Decimal(row["amount"]) for row in rows if row["party"] == "amazon")
    other = Decimal("15.00")  # the payment for the other order, which only covers the days
    return {"reimbursed": status["units_reimbursed"], "amazon": f"{amazon - other:.2f}"}


def test_case_9_a_legal_hold_bridges_the_open_appeal_and_the_evidence_is_what_it_was(
    seller: Seller,
) -> None:
    """What ends at thirty days after the delivery is named; the proof stays the same to the byte."""
    refunded_at_the_first_scan(seller)
    show_it(seller, "2026-03-11")
    seller.does("2026-03-12", "claim", "file", ORDER, "S1", "--type", "safe_t", "--door", "safe_t")
    seller.does("2026-03-20", "hold", "place", ORDER, "--why", "an appeal is open")
    (rule,) = seller.asks("2026-03-26", "rules", "show", "dpp.pii_retention.1")
    kept = seller.asks("2026-03-26", "evidence", "list", ORDER)
    digests = {row["digest"] for row in kept}
    proof = seller.folder / "item.jpg"

    assert only(rule["stated"], name="retention_days")["value"] == 30
    assert hashlib.sha256(proof.read_bytes()).hexdigest() in digests
    assert seller.types("2026-03-26", "check").code == 0


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
