"""Calendar files as RFC 5545 wants them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from cli.calendar import OCTETS_MAX, Day, calendar

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
        b"DTSTART;VALUE=DATE:20261231\r\n"
        b"DTEND;VALUE=DATE:20270101\r\n"
        b"SUMMARY:Last day\\; to file\\, now\r\n"
        b"DESCRIPTION:one\\ntwo\r\n"
        b"TRANSP:TRANSPARENT\r\n"
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
    (told,) = (line for line in data.replace(b"\r\n ", b"").split(b"\r\n") if b"SUMMARY:" in line)
    expected = "".join(letter for letter in summary if letter.isprintable() or letter == "\n")

    assert max(map(len, lines)) <= OCTETS_MAX
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert [line.decode() for line in lines], "no letter is cut in two"
    assert plain(told.decode().removeprefix("SUMMARY:")) == expected
