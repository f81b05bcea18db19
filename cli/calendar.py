"""Deadlines as an iCalendar file (RFC 5545) that any calendar can take in, again and again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from cli import VERSION

OCTETS_MAX: Final = 75
"""A line of an iCalendar file is no longer; the next begins with a blank."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One whole day to be remembered."""

    uid: str
    """The same for the same deadline in every run, so that a calendar moves it and adds no second."""
    on: date
    summary: str
    description: str


def calendar(days: Iterable[Day], now: datetime) -> bytes:
    """The file: CRLF lines, folded, one event a day; `now` is when it was made."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Returns Ledger//Returns Ledger {VERSION}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Returns Ledger deadlines",
    ]
    for day in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day.uid}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(day.summary)}",
            f"DESCRIPTION:{_escaped(day.description)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _escaped(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return "".join(letter for letter in text if letter.isprintable())


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets; no letter is cut in two."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        told = letter.encode()
        if len(piece) + len(told) > OCTETS_MAX:
            pieces.append(piece)
            piece = b" "
        piece += told
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
