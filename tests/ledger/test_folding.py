"""Entries of one stream as the case they amount to: in order of occurrence, on a day, under canonical names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import permutations

import pytest

from ledger.case import Case, MoneyLine
from ledger.event import Entry, Event, Source, Telling, digest_of
from ledger.events.account import AccountOpened
from ledger.events.imports import ReportImported
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.events.judgements import JudgementRecorded
from ledger.events.reimbursements import ReimbursementPosted
from ledger.events.returns import ReturnStatusReported, UnitIdentified, UnitReturned
from ledger.events.settlements import RefundIssued
from ledger.folding import fold
from ledger.values import Money

ORDER = "order/111-0000001-0000001"


def told(
    event: Event,
    on: str | None,
    *,
    at: str = "2026-07-01",
    keys: tuple[str, ...] = ("k",),
    number: int = 1,
    part: str = "",
    source: str = "a file",
    position: int = 1,
) -> Entry:
    """An entry that a row tells; what has no date of its own occurs when it is told."""
    return Entry(
        stream=ORDER,
        version=position,
        event=event,
        occurred_at=on or at,
        actor="seller",
        source=Source(digest=source, row=2),
        telling=Telling(
            identity=keys[0],
            occurrence=number,
            part=part,
            digest=digest_of(event, on),
            told_at=at,
            keys=keys[1:],
        ),
        position=position,
    )


def returned(sku: str = "MUG", status: str | None = None, plate: str | None = None) -> UnitReturned:
    return UnitReturned(
        order_id="111-0000001-0000001",
        sku=sku,
        quantity=1,
        status=ReturnStatusReported(status=status) if status else None,
        plate=UnitIdentified(license_plate=plate) if plate else None,
    )


def status(text: str) -> ReturnStatusReported:
    return ReturnStatusReported(status=text)


def refund(amount: Money, marketplace: str | None = None) -> RefundIssued:
    return RefundIssued(
        settlement_id="1",
        order_id="111-0000001-0000001",
        transaction="Refund",
        trigger="refund",
        sku="MUG",
        marketplace=marketplace,
        lines=(MoneyLine("ItemPrice", "Principal", amount),),
    )


def folded(entries: Iterable[Entry], as_of: str | None = None, **stated: str) -> Case:
    return fold(ORDER, entries, stated=stated, as_of=date.fromisoformat(as_of) if as_of else None)


# --- in order of occurrence -------------------------------------------------------------------


def test_facts_stand_in_order_of_occurrence_in_whatever_order_they_arrived() -> None:
    entries = [
        told(returned(sku), f"2026-06-0{day}", keys=(sku,), position=position)
        for position, (sku, day) in enumerate([("C", 3), ("A", 1), ("B", 2)], 1)
    ]

    for order in permutations(entries):
        case = folded(order)

        assert [one.sku for one in case.returns] == ["A", "B", "C"]
        assert [ref.day.day for ref in case.refs] == [1, 2, 3]


def test_no_entries_are_an_empty_case() -> None:
    case = folded([])

    assert (case.refs, case.marketplace, case.kind) == ([], None, "order")


def test_what_was_answered_of_a_case_makes_it_no_other() -> None:
    judged = JudgementRecorded(
        finding_id="F-1",
        claim_type="return_missing",
        verdict="ready",
        standing="open",
        reason="",
        quantity=1,
        rulebook="",
        fingerprint="1",
    )
    audited = Entry(
        stream=ORDER,
        version=2,
        event=judged,
        occurred_at="2026-07-01",
        actor="seller",
        source=Source(command="audit"),
        position=2,
    )
    plain, after = (
        folded([told(returned(), "2026-06-05")]),
        folded([told(returned(), "2026-06-05"), audited]),
    )

    assert vars(after) == vars(plain)
    assert after.latest == date(2026, 6, 5)


# --- as of a day ------------------------------------------------------------------------------


def test_a_fact_is_hidden_before_the_day_it_happened() -> None:
    entries = [told(returned(), "2026-06-05")]

    assert folded(entries, "2026-06-04").returns == []
    assert len(folded(entries, "2026-06-05").returns) == 1


@pytest.mark.parametrize(("marketplace", "day"), [("US", 5), ("DE", 6), ("JP", 6), ("XX", 6)])
def test_a_day_ends_in_the_zone_of_its_marketplace(marketplace: str, day: int) -> None:
    """Two o'clock in the morning, UTC, is the evening before in Seattle."""
    case = folded([told(returned(), "2026-06-06T02:00:00Z", source="file")], None, file=marketplace)

    assert case.returns[0].ref.day == date(2026, 6, day)


def test_what_is_known_of_the_account_is_not_hidden_by_the_day() -> None:
    opened = told(AccountOpened(name="a"), "2026-07-01", keys=("a",))
    imported = ReportImported(
        digest="d", file="f", report_format="settlement", root="", lines=1, rows=1
    )
    case = folded([opened, told(imported, "2026-07-01", keys=("i",))], "2025-01-01")

    assert [one.file for one in case.imports] == ["f"]


def test_a_state_says_nothing_of_the_days_before_it_was_told() -> None:
    entries = [told(returned(status="Reimbursed"), "2026-06-05", at="2026-07-15")]

    assert list(folded(entries, "2026-07-14").return_status.values()) == []
    assert list(folded(entries, "2026-07-15").return_status.values()) == ["Reimbursed"]


def test_on_each_day_the_state_stands_that_was_told_last_by_then() -> None:
    entries = [
        told(returned(status="A"), "2026-06-05", at="2026-07-01"),
        told(status("B"), None, at="2026-07-08", part="status"),
        told(status("A"), None, at="2026-07-15", part="status"),
    ]
    days = ["2026-06-30", "2026-07-07", "2026-07-14", "2026-07-31"]
    stood = [list(folded(entries, day).return_status.values()) for day in days]

    assert stood == [[], ["A"], ["B"], ["A"]]


def test_a_dated_fact_stands_as_it_was_told_last_whatever_day_is_asked_about() -> None:
    """Amazon has corrected what happened in June; what we know of June is the correction."""
    entries = [
        told(returned("MUG"), "2026-06-05", at="2026-07-01"),
        told(returned("CUP"), "2026-06-05", at="2026-07-08"),
    ]

    assert [one.sku for one in folded(entries, "2026-06-10").returns] == ["CUP"]


def test_a_state_told_again_has_stood_since_it_was_first_told() -> None:
    entries = [
        told(StockMoved(kind="Adjustments", fnsku="X", quantity=-1), "2026-06-01"),
        told(ReconciliationReported(reconciled=0), None, at="2026-07-08", part="reconciliation"),
        told(ReconciliationReported(reconciled=0), None, at="2026-07-01", part="reconciliation"),
    ]
    (state,) = folded(entries).reconciliations.values()

    assert (state.ref.day, state.ref.tellings) == (date(2026, 7, 1), 1)


# --- names ------------------------------------------------------------------------------------


def test_a_plated_unit_goes_by_its_plate_and_keeps_its_slot_when_its_date_moves() -> None:
    first = told(returned(plate="P"), "2026-06-05", keys=("lpn", "k"))
    moved = told(returned(plate="P"), "2026-06-08", keys=("lpn", "k2"), at="2026-07-08")

    assert folded([first]).license_plates == {"lpn#1": "P"}
    assert folded([first, moved]).license_plates == {"lpn#1": "P"}
    assert [one.ref.slot for one in folded([first, moved]).returns] == ["lpn#1"]


def test_units_alike_are_numbered_by_what_was_told_of_them_and_not_by_the_day() -> None:
    """So a finding has one id on every day that is asked about, and in whatever order files came."""
    entries = [
        told(returned(status="A"), "2026-06-05"),
        told(returned(status="B"), "2026-06-05", number=2),
        told(returned(status="A"), "2026-06-05", at="2026-07-08"),
        told(returned(status="Z"), "2026-06-05", at="2026-07-08", number=2),
    ]
    then = folded(entries, "2026-07-01").return_status
    now = {slot: "Z" if told == "B" else told for slot, told in then.items()}

    assert sorted(then) == ["k#1", "k#2"]
    for order in permutations(entries):
        assert folded(order, "2026-07-01").return_status == then
        assert folded(order, "2026-07-31").return_status == now


def test_a_ref_says_how_often_amazon_told_it_differently_and_where() -> None:
    entries = [
        told(returned("MUG"), "2026-06-05", source="first"),
        told(returned("CUP"), "2026-06-05", at="2026-07-08", source="second", position=7),
    ]
    (one,) = folded(entries).returns

    assert (one.ref.tellings, one.ref.source_digest, one.ref.source_row) == (2, "second", 2)
    assert (one.ref.position, one.ref.told_at) == (7, "2026-07-08")


# --- the marketplace --------------------------------------------------------------------------


def test_what_a_report_says_of_the_marketplace_comes_before_what_was_stated() -> None:
    case = folded([told(refund(Money(-100, "EUR"), "DE"), "2026-06-05", source="f")], None, f="US")

    assert (case.marketplace, case.marketplace_doubt) == ("DE", "")


def test_what_was_stated_at_import_stands_for_rows_that_do_not_say() -> None:
    case = folded([told(returned(), "2026-06-05", source="f")], None, f="US")

    assert (case.marketplace, case.marketplace_doubt) == ("US", "")


def test_nothing_said_and_nothing_stated_is_a_doubt() -> None:
    case = folded([told(returned(), "2026-06-05")])

    assert case.marketplace is None
    assert "none was stated" in case.marketplace_doubt


def test_two_marketplaces_are_a_doubt_that_names_both() -> None:
    entries = [
        told(returned("MUG"), "2026-06-05", source="f"),
        told(returned("CUP"), "2026-06-05", source="g", keys=("other",)),
    ]
    case = folded(entries, None, f="US", g="CA")

    assert case.marketplace is None
    assert case.marketplace_doubt == "the reports name several marketplaces: CA, US"


@pytest.mark.parametrize(
    "event",
    [
        refund(Money(-100, "CAD")),
        ReimbursementPosted(
            reimbursement_id="1", reason="CustomerReturn", amount=Money(100, "CAD")
        ),
    ],
)
def test_a_currency_that_the_marketplace_does_not_pay_in_is_a_doubt(event: Event) -> None:
    case = folded([told(event, "2026-06-05", source="f")], None, f="US")

    assert case.marketplace is None
    assert case.marketplace_doubt == "CAD was paid, but US pays in USD"
