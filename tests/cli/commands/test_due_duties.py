"""What the seller must do, among the deadlines: moments and days, what has no day, what is too late."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest

from tests.cli.terminal import TODAY, Said, typed

US, DE, SE = "114-0000001-0000001", "302-0000002-0000002", "303-0000003-0000003"
"""It is noon (UTC) of Friday, 2026-11-20, when these are typed."""


def say(*words: str) -> None:
    said = typed(*words)
    assert said.code in (0, 3), said.err


def order(name: str, store: str, price: str, on: str = "2026-11-01") -> None:
    say("order", "tell", name, "--sku", "MUG", "--price", price, "--marketplace", store, "--at", on)


def asked(name: str, at: str, *more: str) -> None:
    say("return", "request", name, "--at", at, *more)


@pytest.fixture
def desk() -> None:
    """Orders of three stores: a message and a request to answer, a refund to make, and more."""
    order(US, "US", "100.00 USD")
    order(DE, "DE", "100.00 EUR")
    order(SE, "SE", "900.00 SEK")
    say("message", "received", US, "--message", "M-1", "--at", "2026-11-20T08:00:00Z")
    say("return", "receive", US, "--at", "2026-11-18")
    asked(DE, "2026-11-19", "--cross-border")
    say("message", "received", SE, "--message", "M-2", "--at", "2026-11-20T08:00:00Z")
    say("return", "withdraw", SE, "--at", "2026-11-10")


def due(*more: str) -> Said:
    return typed("due", *more)


def told(said: Said) -> list[tuple[Any, ...]]:
    return [(row["what"], row["due_at"] or row["due_on"], row["state"]) for row in said.rows]


@pytest.mark.usefixtures("desk")
def test_what_runs_out_first_comes_first_and_what_has_no_day_last() -> None:
    said = due()

    assert 3 == said.code
    assert [
        ("answer the return request (recommended)", "2026-11-20", "open"),
        ("answer the message M-1", "2026-11-21T08:00:00Z", "open"),
        ("grade the unit", "2026-11-22", "open"),
        ("offer the buyer abroad a way to return", "2026-11-22", "open"),
        ("refund the buyer", "2026-11-22", "open"),
        ("refund the withdrawal", None, "open"),
        ("answer the message M-2", None, "review"),
    ] == sorted(told(said), key=lambda row: (row[1] or "9999", row[2], row[0]))
    dated = [row["due_on"] for row in said.rows if row["due_on"]]
    assert sorted(dated) == dated
    assert [None, None] == [row["due_on"] for row in said.rows[len(dated) :]]


@pytest.mark.usefixtures("desk")
def test_a_row_says_what_it_is_about_by_which_rule_and_what_follows() -> None:
    rows = {row["what"]: row for row in due().rows}
    refund, unsure = rows["refund the buyer"], rows["answer the message M-2"]

    assert ("duty", US, "MUG", "ret.refund_clock.US.2", "B") == tuple(
        refund[name] for name in ("kind", "order_id", "sku", "rule_id", "rule_evidence")
    )
    assert "no SAFE-T claim is left" in refund["if_missed"]
    assert "no rule of msg.sla is known for SE" in unsure["question"]
    assert (None, None, None) == (unsure["due_on"], unsure["due_at"], unsure["if_missed"])


@pytest.mark.usefixtures("desk")
def test_what_a_report_does_not_tell_is_shown_in_a_table_too() -> None:
    out = due("--format", "table").out

    assert "2026-11-21 08:00 UTC" in out
    assert "Not certain: settle this first" in out
    assert "Open, and no day is set" in out
    assert "if missed: nothing" in " ".join(out.split())


@pytest.mark.usefixtures("desk")
def test_within_a_span_only_its_days() -> None:
    said = due("--within", "1d")

    assert ["2026-11-20", "2026-11-21"] == [row["due_on"] for row in said.rows]
    assert "2 things without a day" in due("--within", "1d", "--format", "table").out


@pytest.mark.usefixtures("desk")
def test_a_store_has_its_own() -> None:
    assert {DE} == {row["order_id"] for row in due("--marketplace", "DE").rows}


@pytest.mark.usefixtures("desk")
def test_what_is_done_is_due_no_more() -> None:
    say("message", "answered", US, "--message", "M-1", "--at", "2026-11-20T09:00:00Z")
    say("return", "grade", US, "--condition", "as_new", "--at", "2026-11-19")

    assert {"refund the buyer"} == {row["what"] for row in due("--marketplace", "US").rows}


@pytest.mark.usefixtures("desk")
def test_what_was_not_done_in_time_is_counted_and_listed_where_asked() -> None:
    later = ("--as-of", "2026-11-23", "--marketplace", "US")
    said = due(*later, "--missed")

    assert ([], 0) == (due(*later).rows, due(*later).code)
    assert "3 things were not done in time" in due(*later, "--format", "table").out
    assert ["missed"] * 3 == [row["state"] for row in said.rows]
    assert 0 == said.code, "it is too late for it"
    assert "Not done in time" in due(*later, "--missed", "--format", "table").out


def test_a_moment_that_has_passed_today_is_missed() -> None:
    """Asked about today the clock counts; asked about a day it is that day as a whole."""
    order(US, "US", "100.00 USD")
    say("message", "received", US, "--message", "M-1", "--at", "2026-11-19T11:59:00Z")
    say("message", "received", US, "--message", "M-2", "--at", "2026-11-19T12:01:00Z")

    assert [("answer the message M-2", "2026-11-20T12:01:00Z", "open")] == told(due())
    assert 2 == len(told(due("--as-of", "2026-11-20")))


def test_it_ends_0_where_there_is_nothing_to_do_now() -> None:
    order(SE, "SE", "900.00 SEK")
    say("return", "withdraw", SE, "--at", "2026-11-10")

    assert (0, 1) == (due().code, len(due().rows))


def test_a_claims_last_day_is_told_once() -> None:
    """An appeal is a claim of its own: the duty to file it in time says the same."""
    order(US, "US", "100.00 USD", "2026-10-01")
    filed = ("claim", "file", US, "C-1", "--door", "a_to_z", "--by", "buyer")
    say(*filed, "--at", "2026-11-02")
    decided = ("claim", "decide", US, "C-1", "--outcome", "granted", "--funded-by", "seller")
    say(*decided, "--amount", "100.00 USD", "--at", "2026-11-10")

    assert [("appeal the decision about the claim C-1", "2026-12-10", "open")] == told(due())


# --- the calendar -----------------------------------------------------------------------------


def calendar(path: Path, *more: str) -> dict[str, icalendar.Event]:
    """The events of the file as another program reads them, by their names."""
    typed("due", "--ics", path, *more)
    found = icalendar.Calendar.from_ical(path.read_bytes())
    events = [one for one in found.walk("VEVENT") if isinstance(one, icalendar.Event)]
    assert [] == [error for one in (found, *events) for error in one.errors]
    return {str(one["SUMMARY"]): one for one in events}


@pytest.mark.usefixtures("desk")
def test_moments_and_days_are_in_the_calendar_and_nothing_without_a_day(tmp_path: Path) -> None:
    events = calendar(tmp_path / "due.ics")
    answer = events[f"Answer the message M-1, {US}"]
    refund = events[f"Refund the buyer, {US}"]

    assert 5 == len(events)
    assert datetime(2026, 11, 21, 8, tzinfo=UTC) == answer.decoded("DTEND")
    assert datetime(2026, 11, 21, 7, 45, tzinfo=UTC) == answer.decoded("DTSTART")
    assert (date(2026, 11, 22), date(2026, 11, 23)) == (
        refund.decoded("DTSTART"),
        refund.decoded("DTEND"),
    )
    assert "If missed: Amazon refunds the buyer" in str(refund["DESCRIPTION"])
    assert [1] * 5 == [len(one.walk("VALARM")) for one in events.values()]
    assert all(one.decoded("DTSTAMP") == TODAY for one in events.values())


@pytest.mark.usefixtures("desk")
def test_a_deadline_keeps_its_name_and_no_two_share_one(tmp_path: Path) -> None:
    say("message", "received", US, "--message", "M-3", "--at", "2026-11-20T08:00:00Z")
    first = calendar(tmp_path / "due.ics")
    names = [str(one["UID"]) for one in first.values()]
    say("message", "answered", US, "--message", "M-3", "--at", "2026-11-20T09:00:00Z")
    then = {str(one["UID"]) for one in calendar(tmp_path / "due.ics").values()}

    assert len(set(names)) == len(names)
    assert {str(first[f"Answer the message M-3, {US}"]["UID"])} == set(names) - then


def test_what_is_only_recommended_is_not_missed_when_its_moment_is_over() -> None:
    """Asked at eight on the day before: at noon the recommended 24 hours are over."""
    order(DE, "DE", "100.00 EUR")
    asked(DE, "2026-11-19T08:00:00Z")
    (row,) = due("--missed").rows

    assert ("answer the return request (recommended)", "open", None) == (
        row["what"],
        row["state"],
        row["due_at"],
    )
