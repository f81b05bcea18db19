"""Messages, notes, holds, corrections and the account's own terms; what is personal in the seller's words."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ledger.deciding.checks import CHECKS
from ledger.deciding.texts import IDENTIFIERS, NAMES, TEXTS
from ledger.event import Deed
from ledger.events import EVENT_TYPES
from ledger.events.arrivals import UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.claims import ClaimFiled
from ledger.events.keeping import (
    EntryCorrected,
    EvidenceAttached,
    LegalHoldPlaced,
    LegalHoldReleased,
    NoteAdded,
)
from ledger.events.messages import (
    AbuseReported,
    MessageAnswered,
    MessageReceived,
    ReviewThreatened,
)
from ledger.events.refunds import ConcessionGranted
from ledger.events.requests import (
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
)
from ledger.events.terms import (
    ContactSet,
    ProductDescribed,
    ReturnlessRuleSet,
    ReturnPolicySet,
    SourcingCostSet,
)
from tests.ledger.seller import PHOTO, SHOWN, Seller, refund, usd
from tests.story import ORDER, SKU, ordered

DEEDS = [kind for kind in EVENT_TYPES if issubclass(kind, Deed)]


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path).sells()


def test_every_kind_of_deed_has_its_checks() -> None:
    assert set(DEEDS) == set(CHECKS)


# --- messages ---------------------------------------------------------------------------------


def test_only_a_message_that_came_is_answered(seller: Seller) -> None:
    answer = MessageAnswered(message="M")

    assert "no message of this name" in seller.refused(answer).message
    seller.tells(MessageReceived(message="M"), "2026-07-02T10:00:00Z")
    seller.refused(answer, "2026-07-01T10:00:00Z")
    seller.refused(answer, "2026-07-02T09:59:59Z")
    assert () == seller.tells(answer, "2026-07-02T11:00:00Z").cautions
    assert any("answered before" in one for one in seller.tells(answer, "2026-07-03").cautions)


def test_a_message_has_a_name_of_its_own(seller: Seller) -> None:
    first = seller.tells(MessageReceived(message="M"))

    assert first.entry.position == seller.refused(MessageReceived(message="M")).entry


def test_an_automatic_reply_is_no_answer(seller: Seller) -> None:
    seller.tells(MessageReceived(message="M"))
    automatic = seller.tells(MessageAnswered(message="M", automatic=True))
    answered = seller.tells(MessageAnswered(message="M"))

    assert any("msg.sla.US.1" in one for one in automatic.cautions)
    assert () == answered.cautions


def test_a_threat_stands_in_a_message_that_came(seller: Seller) -> None:
    seller.refused(ReviewThreatened(order_id=ORDER, message="M"))
    seller.tells(MessageReceived(message="M"))
    seller.tells(ReviewThreatened(order_id=ORDER, message="M"))


def test_abuse_is_reported_after_it_is_recorded(seller: Seller) -> None:
    event = AbuseReported(order_id=ORDER, channel="seller_support")
    before = seller.tells(event).cautions
    seller.tells(ReviewThreatened(order_id=ORDER))

    assert any("no threat" in one for one in before)
    assert () == seller.tells(event).cautions


# --- the record itself ------------------------------------------------------------------------


def test_a_note_says_something(seller: Seller) -> None:
    seller.refused(NoteAdded(text="  "))
    seller.tells(NoteAdded(text="the lid is scratched"))


def test_only_what_is_held_is_released(seller: Seller) -> None:
    seller.refused(LegalHoldReleased(why="settled"))
    assert () == seller.tells(LegalHoldPlaced(why="a dispute")).cautions
    assert any("already" in one for one in seller.tells(LegalHoldPlaced(why="two")).cautions)
    seller.tells(LegalHoldReleased(why="settled"))
    last = seller.tells(LegalHoldReleased(why="settled"))

    assert last.entry.position == seller.refused(LegalHoldReleased(why="settled")).entry


def test_evidence_that_is_attached_already_is_cautioned_of(seller: Seller) -> None:
    event = EvidenceAttached(digest=SHOWN, name="box.jpg", size=len(PHOTO))

    assert () == seller.tells(event, originals=(PHOTO,)).cautions
    assert any("already" in one for one in seller.tells(event, originals=(PHOTO,)).cautions)
    assert PHOTO == seller.story.log.original(SHOWN)


def test_evidence_is_kept_under_its_own_digest(seller: Seller) -> None:
    event = EvidenceAttached(digest=SHOWN, name="box.jpg", size=len(PHOTO))

    with pytest.raises(AssertionError):
        seller.tells(event, originals=(b"another photo",))
    with pytest.raises(AssertionError):
        seller.tells(event)


# --- corrections ------------------------------------------------------------------------------


def corrects(position: int | None) -> EntryCorrected:
    assert position is not None
    return EntryCorrected(corrects=position, why="mistyped")


def test_a_deed_is_corrected_once(seller: Seller) -> None:
    note = seller.tells(NoteAdded(text="wrong")).entry.position
    first = seller.tells(corrects(note))

    assert first.entry.position == seller.refused(corrects(note)).entry


def test_a_correction_may_be_corrected_and_made_again(seller: Seller) -> None:
    note = seller.tells(refund(("item", "20.00"))).entry.position
    first = seller.tells(corrects(note)).entry.position
    seller.tells(corrects(first))

    seller.refused(refund(("item", "1.00")), "2026-07-09")
    seller.tells(corrects(note))
    seller.tells(refund(("item", "1.00")), "2026-07-09")


def test_only_an_entry_of_the_same_case_is_corrected(seller: Seller) -> None:
    other = "114-0000002-0000002"
    seller.sells(order=other)
    position = seller.tells(NoteAdded(text="wrong"), order=other).entry.position

    assert "no such entry" in seller.refused(corrects(position)).message
    seller.tells(corrects(position), order=other)


def test_what_a_report_told_is_not_taken_back(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    seller.story.imports(ordered(ORDER, "2026-06-01"))
    (entry,) = seller.story.log.entries(f"order/{ORDER}")

    assert "a report told it" in seller.refused(corrects(entry.position)).message


def test_a_receipt_is_not_taken_back_from_under_a_grade(seller: Seller) -> None:
    came = seller.tells(UnitsReceived(order_id=ORDER, sku=SKU)).entry.position
    grade = seller.tells(UnitGraded(order_id=ORDER, sku=SKU, condition="as_new")).entry.position

    refused = seller.refused(corrects(came))
    assert grade == refused.entry
    assert f"`returns-ledger correct {ORDER} {grade}`" in refused.advice()
    seller.tells(corrects(grade))
    seller.tells(corrects(came))


def test_an_order_is_not_taken_back_from_under_what_followed(seller: Seller) -> None:
    (told,) = seller.story.log.entries(f"order/{ORDER}")
    refunded = seller.tells(refund()).entry.position

    assert refunded == seller.refused(corrects(told.position)).entry


def test_a_decline_is_taken_back_to_allow_the_return(seller: Seller) -> None:
    seller.delivers("2026-06-03").is_asked("2026-07-04")
    declined = ReturnDeclined(order_id=ORDER, sku=SKU, rule_id="ret.window.US.1")
    allowed = ReturnAuthorized(order_id=ORDER, sku=SKU)
    position = seller.tells(declined, "2026-07-05").entry.position

    seller.refused(allowed, "2026-07-06")
    seller.tells(corrects(position))
    seller.tells(allowed, "2026-07-06")


def test_what_was_recorded_against_advice_does_not_stand_in_the_way(seller: Seller) -> None:
    """What the seller insisted on then is not held against a correction now."""
    first = seller.tells(refund(("item", "5.00"))).entry.position
    seller.tells(refund(("item", "5.00")), again=True)

    seller.tells(corrects(first))


def test_a_correction_that_restores_too_much_is_refused(seller: Seller) -> None:
    first = seller.tells(refund(("item", "15.00"))).entry.position
    correction = seller.tells(corrects(first)).entry.position
    second = seller.tells(refund(("item", "20.00")), "2026-07-09").entry.position

    assert second == seller.refused(corrects(correction)).entry


# --- the account's terms ----------------------------------------------------------------------


def test_terms_are_set_for_the_account(seller: Seller) -> None:
    event = ProductDescribed(sku=SKU, category="toys")

    seller.refused(event)
    seller.tells(event, order=None)


def test_goods_cost_something_and_an_invoice_shows_it(seller: Seller) -> None:
    seller.refused(SourcingCostSet(sku=SKU, cost=usd("0.00")), order=None)
    without = seller.tells(SourcingCostSet(sku=SKU, cost=usd("4.00")), order=None)
    shown = SourcingCostSet(sku=SKU, cost=usd("4.00"), invoice=SHOWN)
    seller.refused(shown, order=None)
    seller.photographs(order=None)

    assert any("no invoice" in one for one in without.cautions)
    assert () == seller.tells(shown, order=None).cautions


@pytest.mark.parametrize(("days", "cautioned"), [(14, True), (30, False), (60, False)])
def test_terms_shorter_than_amazons_do_not_bind_the_buyer(
    seller: Seller, days: int, cautioned: bool
) -> None:
    event = ReturnPolicySet(marketplace="US", window_days=days)

    told = seller.tells(event, order=None).cautions

    assert cautioned == any("ret.window.US.1" in one for one in told)


def test_terms_are_whole_days(seller: Seller) -> None:
    seller.refused(ReturnPolicySet(window_days=-1), order=None)


def test_only_a_rule_that_was_set_is_ended(seller: Seller) -> None:
    ended = ReturnlessRuleSet(name="small", active=False)

    seller.refused(ended, order=None)
    seller.tells(ReturnlessRuleSet(name="small"), order=None)
    seller.tells(ended, order=None)


@pytest.mark.parametrize(
    ("longest", "too_long"),
    [
        (ReturnPolicySet(window_days=36_500), ReturnPolicySet(window_days=36_501)),
        (ReturnPolicySet(guarantee_months=1_200), ReturnPolicySet(guarantee_months=1_201)),
    ],
)
def test_terms_end_within_a_hundred_years(seller: Seller, longest: Deed, too_long: Deed) -> None:
    """Beyond the calendar's end nothing about the account's orders could be answered."""
    seller.tells(longest, order=None)

    assert "hundred years" in seller.refused(too_long, order=None).message


def test_contact_details_name_a_way(seller: Seller) -> None:
    seller.refused(ContactSet(ways=()), order=None)
    seller.tells(ContactSet(ways=("email",)), order=None)


# --- what is personal -------------------------------------------------------------------------


def test_every_field_that_holds_words_is_screened_or_an_identifier() -> None:
    """A new field is a text, a name, or an identifier whose form says what it is: decide which."""
    identifiers = {
        *("order_id", "replacement_order_id", "rma_id", "case_id", "reimbursement_id"),
        *("sku", "asin", "fnsku", "license_plate", "serial", "serial_sent", "tracking"),
        *("marketplace", "reason", "rule_id", "claim_type", "finding_id", "lang"),
        *("digest", "invoice"),
        *("due_at", "appeal_until", "deliver_by", "invoice_on"),
        *("sealed", "sealed_for", "words", "words_of"),
    }
    words = {
        field.name
        for kind in DEEDS
        for field in msgspec.structs.fields(kind)
        if field.type in (str, str | None)
    }

    assert words == (TEXTS | NAMES | identifiers) & words
    assert words >= TEXTS | NAMES
    assert words | {"categories", "reasons"} >= IDENTIFIERS


@pytest.mark.parametrize(
    "event",
    [
        NoteAdded(text="ask Mrs Berg"),
        WrongItemReceived(order_id=ORDER, sku=SKU, arrived="a letter to anna@example.com"),
        ConcessionGranted(
            order_id=ORDER, sku=SKU, kind="voucher", amount=usd("1.00"), why="ring 070-123 45 67"
        ),
        LegalHoldPlaced(why="Mr Smith sues"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_personal_is_refused_and_never_repeated(seller: Seller, event: Deed) -> None:
    seller.receives()

    refused = seller.refused(event)

    said = f"{refused} {refused.advice()} {refused.found}"
    assert "--redact" in refused.advice()
    assert not any(word in said for word in ("Berg", "anna", "070", "Smith"))


@pytest.mark.parametrize(
    "typed", ["anna@example.com", "+46 70 123 45 67", "Anna Berg, Storgatan 12, 114 55 Stockholm"]
)
def test_no_identifier_is_personal(seller: Seller, typed: str) -> None:
    """It is refused also where texts are blotted out: with a part of it gone it would be another one."""
    for event in (
        RequestReceived(order_id=ORDER, sku=SKU, reason=typed),
        ReturnFirstScanned(order_id=ORDER, sku=SKU, tracking=typed),
        UnitGraded(order_id=ORDER, sku=SKU, condition="as_new", serial=typed),
        ClaimFiled(claim="C", claim_type="carrier_damage", door="carrier", case_id=typed),
    ):
        refused = seller.refused(event, redact=True)
        assert "personal" in refused.message
        assert typed not in f"{refused} {refused.advice()} {refused.found}"
    seller.refused(ProductDescribed(sku=typed), order=None)
    seller.refused(ReturnlessRuleSet(name="small", reasons=(typed,)), order=None)


@pytest.mark.parametrize(
    "tracking",
    ["1Z 999 AA1 01 2345 6784", "9400 1000 0000 0000 0000 00", "0701234567", "JJD0390007"],
)
def test_a_number_of_a_parcel_may_look_like_a_telephone_number(
    seller: Seller, tracking: str
) -> None:
    seller.tells(ReturnFirstScanned(order_id=ORDER, sku=SKU, tracking=tracking))


def test_what_is_personal_is_blotted_out_where_the_seller_says_so(seller: Seller) -> None:
    decided = seller.tells(NoteAdded(text=f"order {ORDER}: ask Mrs Berg"), redact=True)

    assert NoteAdded(text=f"order {ORDER}: ask Mrs [redacted]") == decided.entry.event
    assert ("name",) == decided.redacted
    assert b"Berg" not in b"".join(seller.story.log.raw_lines())


def test_the_same_note_blotted_out_twice_is_recorded_once(seller: Seller) -> None:
    note = NoteAdded(text="ask Mrs Berg")
    seller.tells(note, command_id="one", redact=True)

    assert seller.tells(note, command_id="one", redact=True).repeated


def test_a_name_is_not_blotted_out(seller: Seller) -> None:
    event = MessageReceived(message="anna@example.com")

    seller.refused(event, redact=True)
    seller.refused(ReturnlessRuleSet(name="for Mrs Berg"), order=None, redact=True)
