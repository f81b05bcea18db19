"""How what a row tells becomes the entries that record it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.event import Entry, Source
from ledger.reading import Statement
from ledger.recognising import News, Reported, first_news
from ledger.report import RowTold

Encode = Callable[[Entry], tuple[str, bytes, str | None]]
"""An entry's topic, state and local key."""


class Scribe:
    """Writes the rows of one file, as an import with this statement records them."""

    def __init__(self, statement: Statement, digest: str, not_yet: str, encode: Encode) -> None:
        self._statement = statement
        self._digest = digest
        self._not_yet = not_yet
        self._encode = encode

    def reported(self, told: RowTold, number: int, line: int, place: Any) -> Reported:
        """A row with the entries that record it where nobody has spoken of the same thing.

        When the file was told is known when all of it is read: `not_yet` stands for that.
        """
        news = first_news(told, self._not_yet)
        entries = [entry_of(one, 0, line, self._digest, self._statement) for one in news]
        return Reported(
            told.stream,
            number,
            line,
            len(told.rows),
            told.told_at or self._not_yet,
            told.keys,
            tuple(map(self._encode, entries)),
            bool(told.personal),
            place,
        )


def entry_of(news: News, version: int, line: int, digest: str, statement: Statement) -> Entry:
    """The entry that records a telling: a fact occurs when it happened, a state when it was told."""
    event = news.part.event
    happened = None if event.SNAPSHOT else news.part.occurred_at
    return Entry(
        stream=news.told.stream,
        version=version,
        event=event,
        occurred_at=happened or news.telling.told_at,
        actor=statement.actor,
        source=Source(digest=digest, row=line),
        telling=news.telling,
        correlation=statement.command_id,
    )
