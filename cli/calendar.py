"""Deadlines as an iCalendar file (RFC 5545) that any calendar can take in, again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from cli import VERSION

OCTETS_MAX: Final = 75
"""A line of an iCalendar file is no longer; the next begins with a blank."""
SHOWN: Final = timedelta(minutes=15)
"""A moment is shown as the time before it: what has no length is easily overlooked."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One whole day to be remembered, with an alarm a day before it begins."""

    uid: str
    """The same for the same deadline in every run, so that a calendar moves it and adds no second."""
    on: date
    summary: str
    description: str

    def lines(self) -> list[str]:
        """When it is, as a calendar reads it."""
        return [
            f"DTSTART;VALUE=DATE:{self.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{self.on + timedelta(days=1):%Y%m%d}",
        ]

    @property
    def alarm(self) -> str:
        """When to remind of it."""
        return "TRIGGER:-P1D"


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A moment by which something must be done, with an alarm an hour before it."""

    uid: str
    at: datetime
    summary: str
    description: str

    def lines(self) -> list[str]:
        """The quarter of an hour that ends at the moment, in UTC."""
        return [f"DTSTART:{_utc(self.at - SHOWN)}", f"DTEND:{_utc(self.at)}"]

    @property
    def alarm(self) -> str:
        """When to remind of it."""
        return "TRIGGER;RELATED=END:-PT1H"


def calendar(events: Iterable[Day | Moment], now: datetime) -> bytes:
    """The file: CRLF lines, folded, one event a deadline; `now` is when it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Returns Ledger//Returns Ledger {VERSION}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Returns Ledger deadlines",
    ]
    for event in events:
        lines += _event(event, _utc(now))
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(event: Day | Moment, stamp: str) -> Iterator[str]:
    summary = _escaped(event.summary)
    yield from (
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{stamp}",
        "SEQUENCE:0",
        *event.lines(),
        f"SUMMARY:{summary}",
        f"DESCRIPTION:{_escaped(event.description)}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        event.alarm,
        f"DESCRIPTION:{summary}",
        "END:VALARM",
        "END:VEVENT",
    )


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


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
