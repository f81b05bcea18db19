"""Calendar files as RFC 5545 wants them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from cli.calendar import OCTETS_MAX, Day, Moment, calendar

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def written(summary: str, description: str = "") -> bytes:
    day = Day(uid="one@example", on=date(2026, 12, 31), summary=summary, description=description)
    return calendar([day], NOW)


def test_a_day_is_a_whole_day_that_takes_up_no_time() -> None:
    assert written("Last day; to file, now", "one\ntwo") == (
        b"BEGIN:VCALENDAR\r\n"
        b"VERSION:2.0\r\n"
        b"PRODID:-//Returns Ledger//Returns Ledger 0.1.0//EN\r\n"
        b"CALSCALE:GREGORIAN\r\n"
        b"METHOD:PUBLISH\r\n"
        b"X-WR-CALNAME:Returns Ledger deadlines\r\n"
        b"BEGIN:VEVENT\r\n"
        b"UID:one@example\r\n"
        b"DTSTAMP:20261120T120000Z\r\n"
        b"SEQUENCE:0\r\n"
        b"DTSTART;VALUE=DATE:20261231\r\n"
        b"DTEND;VALUE=DATE:20270101\r\n"
        b"SUMMARY:Last day\\; to file\\, now\r\n"
        b"DESCRIPTION:one\\ntwo\r\n"
        b"TRANSP:TRANSPARENT\r\n"
        b"BEGIN:VALARM\r\n"
        b"ACTION:DISPLAY\r\n"
        b"TRIGGER:-P1D\r\n"
        b"DESCRIPTION:Last day\\; to file\\, now\r\n"
        b"END:VALARM\r\n"
        b"END:VEVENT\r\n"
        b"END:VCALENDAR\r\n"
    )


def test_a_calendar_without_a_day_is_still_one() -> None:
    assert calendar([], NOW).startswith(b"BEGIN:VCALENDAR\r\n")


def plain(escaped: str) -> str:
    """A text as a calendar reads it."""
    return re.sub(r"\\(.)", lambda told: "\n" if told[1] == "n" else told[1], escaped)


@given(st.text(max_size=300))
def test_lines_are_folded_and_nothing_that_can_be_read_is_lost(summary: str) -> None:
    data = written(summary)
    lines = data.split(b"\r\n")
    unfolded = data.replace(b"\r\n ", b"").split(b"\r\n")
    (told,) = (line for line in unfolded if line.startswith(b"SUMMARY:"))
    expected = "".join(letter for letter in summary if letter.isprintable() or letter == "\n")

    assert max(map(len, lines)) <= OCTETS_MAX
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert [line.decode() for line in lines], "no letter is cut in two"
    assert plain(told.decode().removeprefix("SUMMARY:")) == expected


# --- as another program reads it --------------------------------------------------------------


def read(data: bytes) -> list[icalendar.Event]:
    """What an independent reader finds, which must find nothing wrong."""
    found = icalendar.Calendar.from_ical(data)
    assert [] == found.errors
    events = [one for one in found.walk("VEVENT") if isinstance(one, icalendar.Event)]
    assert [] == [error for one in events for error in one.errors]
    return events


def moment(at: datetime) -> Moment:
    return Moment(uid="two@example", at=at, summary="Answer", description="Now")


def test_a_day_is_read_as_a_whole_day_with_an_alarm_on_the_day_before() -> None:
    (event,) = read(written("Last day; to file, now", "one\ntwo"))
    (alarm,) = event.walk("VALARM")

    assert (date(2026, 12, 31), date(2027, 1, 1)) == (
        event.decoded("DTSTART"),
        event.decoded("DTEND"),
    )
    assert ("Last day; to file, now", "one\ntwo") == (event["SUMMARY"], event["DESCRIPTION"])
    assert timedelta(days=-1) == alarm.decoded("TRIGGER")
    assert ("one@example", 0, "TRANSPARENT") == (event["UID"], event["SEQUENCE"], event["TRANSP"])


def test_a_moment_is_read_as_the_quarter_of_an_hour_before_it_with_an_alarm_an_hour_before() -> (
    None
):
    at = datetime(2026, 11, 21, 0, 10, tzinfo=UTC)
    (event,) = read(calendar([moment(at)], NOW))
    (alarm,) = event.walk("VALARM")

    assert (at - timedelta(minutes=15), at) == (event.decoded("DTSTART"), event.decoded("DTEND"))
    assert UTC.utcoffset(None) == event.decoded("DTEND").utcoffset()
    assert (timedelta(hours=-1), "END") == (
        alarm.decoded("TRIGGER"),
        alarm["TRIGGER"].params["RELATED"],
    )


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    at = datetime(2026, 11, 21, 1, tzinfo=timezone(timedelta(hours=2)))

    assert b"DTEND:20261120T230000Z\r\n" in calendar([moment(at)], NOW)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_read_as_it_was_written(summary: str, description: str) -> None:
    (event,) = read(written(summary, description))

    def expected(text: str) -> str:
        return "".join(letter for letter in text if letter.isprintable() or letter == "\n")

    assert (expected(summary), expected(description)) == (event["SUMMARY"], event["DESCRIPTION"])
