"""The invented example on the page of each duty is what the policy rules."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ledger.events.arrivals import UnitsReceived
from ledger.events.claims import ClaimDecided, ClaimFiled, ClaimInfoRequested
from ledger.events.deliveries import OrderDelivered
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.events.requests import ReturnFirstScanned, WithdrawalDeclared
from tests.ledger.account import ORDER, SKU
from tests.ledger.desk import Desk

PAGES: Final = Path(__file__).resolve().parents[3] / "docs" / "policies"


def says(policy: str, *words: str) -> bool:
    """Whether the example on the page has all of these words."""
    text = (PAGES / f"{policy}.md").read_text("utf-8").partition("## An invented example")[2]
    told = " ".join(text.split())
    return all(word in told for word in words)


def sold(store: str = "US", on: str = "2026-01-02") -> Desk:
    return Desk(store).sold_by_seller(on)


def back(on: str) -> Desk:
    return sold(on="2025-12-01").says(UnitsReceived(order_id=ORDER, sku=SKU), on)


def filed(door: str = "a_to_z") -> Desk:
    by = "buyer" if door == "a_to_z" else "seller"
    claim = ClaimFiled(claim="C-1", claim_type=door, door=door, by=by)  # type: ignore[arg-type]
    return sold().says(claim, "2026-03-01")


def test_a_mug_that_a_buyer_wants_to_return() -> None:
    us = sold().asked("2026-03-01T09:30:00Z", in_policy=False)
    de = sold("DE").asked("2026-03-01T09:30:00Z", in_policy=False)
    dues = [one.duty("return_request", on="2026-03-02").due_at for one in (us, de)]

    assert ["2026-03-02T09:30:00Z"] * 2 == dues
    assert "missed" == us.duty("return_request", on="2026-03-03").state
    assert says("return_request", "2026-03-02 at 09:30 UTC", "missed from 2026-03-03")


def test_a_mug_that_comes_back() -> None:
    states = [
        [(one.state, one.due_at) for one in back("2026-03-06").rulings("refund_clock", on=day)]
        for day in ("2026-03-10", "2026-03-11")
    ]
    (refund, _) = back("2026-01-23").rulings("refund_clock", on="2026-01-23")

    assert [[("open", "2026-03-10")] * 2, [("missed", "2026-03-10")] * 2] == states
    assert "2026-01-27" == refund.due_at
    assert says("refund_clock", "2026-03-10", "2026-03-11", "2026-01-27")


def test_a_lamp_from_abroad() -> None:
    dues = [
        sold("UK", "2025-07-01").asked(day, cross_border=True).duty("cross_border", on=day).due_at
        for day in ("2025-08-10", "2025-08-11")
    ]

    assert ["2025-08-14", "2025-08-14"] == dues
    assert says("cross_border", "2025-08-14", "four days became three")


def test_a_lamp_that_a_buyer_in_sweden_gives_up() -> None:
    def due(scanned: str, on: str) -> str | None:
        told = sold("SE").says(OrderDelivered(order_id=ORDER), "2026-02-20")
        told.says(WithdrawalDeclared(order_id=ORDER, sku=SKU), "2026-03-02")
        told.says(ReturnFirstScanned(order_id=ORDER, sku=SKU), scanned)
        return told.duty("withdrawal_refund", on=on).due_at

    assert "2026-03-16" == due("2026-03-04", "2026-03-04")
    assert [None, "2026-03-18"] == [due("2026-03-18", day) for day in ("2026-03-17", "2026-03-18")]
    assert says("withdrawal_refund", "2026-03-16", "2026-03-18", "until then it may wait")


def test_a_message_on_a_saturday() -> None:
    told = sold().says(MessageReceived(message="M-1", order_id=ORDER), "2026-03-07T18:00:00Z")
    told.says(MessageAnswered(message="M-1", automatic=True), "2026-03-07T18:00:01Z")
    found = told.duty("message_deadline", on="2026-03-08")

    assert ("open", "2026-03-08T18:00:00Z") == (found.state, found.due_at)
    assert says("message_deadline", "2026-03-08 at 18:00 UTC", "automatic reply does not")


def test_a_question_about_a_claim() -> None:
    plain, named = (
        ClaimInfoRequested(claim="C-1"),
        ClaimInfoRequested(claim="C-1", due_at="2026-03-20"),
    )
    dues = [
        filed().says(one, "2026-03-06T12:00:00Z").duty("claim_answer", on="2026-03-06").due_at
        for one in (plain, named)
    ]

    assert ["2026-03-08T12:00:00Z", "2026-03-20"] == dues
    assert says("claim_answer", "2026-03-08 at 12:00 UTC", "2026-03-20")


def test_a_claim_that_was_denied_and_one_that_was_granted() -> None:
    shown = ClaimDecided(claim="C-1", outcome="denied", appeal_until="2026-03-20")
    bare = ClaimDecided(claim="C-1", outcome="denied")
    granted = ClaimDecided(claim="C-1", outcome="granted")
    dues = [
        filed(door).says(one, "2026-03-06").duty("appeal_window", on="2026-03-06").due_at
        for door, one in (("safe_t", shown), ("safe_t", bare), ("a_to_z", granted))
    ]

    assert ["2026-03-20", None, "2026-04-05"] == dues
    assert says("appeal_window", "2026-03-20", "2026-04-05")
