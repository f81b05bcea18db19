"""How what a row tells becomes the entries that record it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.event import Entry, Event, Source, Telling
from ledger.glancing import Reported
from ledger.reading import Statement
from ledger.recognising import News, first_tellings, in_brief
from ledger.report import Part, RowTold
from ledger.store import Body

Encode = Callable[[Body[Event]], bytes]
"""Makes the state that is kept of what an entry says."""


class Scribe:
    """Writes the rows of one file, as an import with this statement records them."""

    def __init__(self, statement: Statement, digest: str, not_yet: str, encode: Encode) -> None:
        self._actor = statement.actor
        self._command_id = statement.command_id
        self._digest = digest
        self._not_yet = not_yet
        self._encode = encode

    def reported(self, told: RowTold, number: int, line: int, place: Any) -> Reported:
        """A row with the entries that record it where nobody has spoken of the same thing.

        When the file was told is known when all of it is read: `not_yet` stands for that.
        """
        told_at = told.told_at or self._not_yet
        source = Source(digest=self._digest, row=line)
        facts = [self._fact(*one, source) for one in first_tellings(told, told_at)]
        return Reported(
            told.stream,
            number,
            line,
            len(told.rows),
            told_at,
            told.keys,
            tuple(facts),
            bool(told.personal),
            place,
        )

    def in_brief(self, told: RowTold, number: int, line: int, place: Any) -> Reported:
        """A row with what shows whether it is known, and no entries."""
        return Reported(
            told.stream,
            number,
            line,
            len(told.rows),
            told.told_at or self._not_yet,
            told.keys,
            (),
            bool(told.personal),
            place,
            in_brief(told),
        )

    def _fact(self, part: Part, telling: Telling, source: Source) -> tuple[str, bytes, str]:
        """Topic, state and local key of the entry that records a telling."""
        event = part.event
        body = Body(
            event=event,
            occurred_at=occurrence(part, telling),
            actor=self._actor,
            source=source,
            telling=telling,
            correlation=self._command_id,
        )
        return event.TOPIC, self._encode(body), telling.local_key


def occurrence(part: Part, telling: Telling) -> str:
    """A fact occurs when it happened, a state when it was told."""
    happened = None if part.event.SNAPSHOT else part.occurred_at
    return happened or telling.told_at


def entry_of(news: News, version: int, line: int, digest: str, statement: Statement) -> Entry:
    """The entry that records a telling."""
    return Entry(
        stream=news.told.stream,
        version=version,
        event=news.part.event,
        occurred_at=occurrence(news.part, news.telling),
        actor=statement.actor,
        source=Source(digest=digest, row=line),
        telling=news.telling,
        correlation=statement.command_id,
    )
