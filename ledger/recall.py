"""An account as it stood on a day, as it was known at a moment: its book and its cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import copy
from datetime import date
from typing import Final

from ledger.book import BOOK_TOPICS, Book, stated_in
from ledger.case import Case
from ledger.event import ACCOUNT_STREAM
from ledger.events.account import RulebookAdopted
from ledger.events.imports import ReportImported
from ledger.folding import fold
from ledger.rulebook import Rulebook, shipped
from ledger.store import Log

NOTHING_KNOWN: Final = "1970-01-01T00:00:00Z"
"""A moment before every log."""


class Recall:
    """One account's ledger on one day (as_of) as it was known at one moment (known_at, None for now).

    Now is when it is made: what others import while its questions are answered would be in one answer
    and not in the next, and a case without the return that the coverage says was told is a false claim.
    """

    def __init__(
        self,
        log: Log,
        as_of: date,
        known_at: str | None = None,
        *,
        rulebook: Rulebook | None = None,
        make_book: Callable[[Recall], Book] | None = None,
    ) -> None:
        """`make_book` makes the book out of what is kept beside the log, so that it need not be read whole."""
        self.log = log
        self.as_of = as_of
        self.known_at = known_at
        self._moment: Final = known_at or log.recorded_at() or NOTHING_KNOWN
        self.rulebook = rulebook or adopted_rulebook(log, self._moment)
        topics = [ReportImported.TOPIC]
        imports = log.entries(ACCOUNT_STREAM, topics=topics, known_at=self._moment)
        self._stated = stated_in(imports)
        self._make_book: Final = make_book
        self._book: Book | None = None

    @property
    def moment(self) -> str:
        """The moment up to which it knows what was recorded."""
        return self._moment

    @property
    def stated(self) -> Mapping[str, str]:
        """Marketplaces stated at import, by original."""
        return self._stated

    def seeing(self, book: Book) -> Recall:
        """The same account on the same day, with a book that was made already."""
        other = copy(self)
        other._book = book
        return other

    @property
    def book(self) -> Book:
        """What the account's cases need from outside themselves; made at the first question."""
        if self._book is None:
            self._book = self._make_book(self) if self._make_book else self.whole_book()
        return self._book

    def case(self, stream: str) -> Case:
        """One case; empty where the stream has no entries."""
        entries = self.log.streams([stream], known_at=self._moment)[stream]
        return fold(stream, entries, stated=self._stated, as_of=self.as_of)

    def cases(self, streams: Collection[str] | None = None) -> Iterator[Case]:
        """Every case, or those named, one after the other in the order of their streams' names."""
        if streams is None:
            for stream, entries in self.log.cases(known_at=self._moment):
                yield fold(stream, entries, stated=self._stated, as_of=self.as_of)
            return
        names = sorted(set(streams))
        for start in range(0, len(names), 500):
            told = self.log.streams(names[start : start + 500], known_at=self._moment)
            for stream in names[start : start + 500]:
                yield fold(stream, told[stream], stated=self._stated, as_of=self.as_of)

    def whole_book(self) -> Book:
        """The book read out of the log, of every case that tells what others need."""
        book = Book(self.rulebook, self.as_of)
        streams = {
            entry.stream for entry in self.log.entries(topics=BOOK_TOPICS, known_at=self._moment)
        }
        streams.add(ACCOUNT_STREAM)
        for case in self.cases(streams):
            book.add(case)
        book.link(self.cases([f"order/{order_id}" for order_id in book.original_of]))
        return book


def adopted(log: Log, known_at: str | None = None) -> RulebookAdopted | None:
    """What the account had adopted last at a moment; None where it had adopted nothing."""
    told = [
        entry.event
        for entry in log.entries(ACCOUNT_STREAM, topics=[RulebookAdopted.TOPIC], known_at=known_at)
        if isinstance(entry.event, RulebookAdopted)
    ]
    return told[-1] if told else None


def adopted_rulebook(log: Log, known_at: str | None = None) -> Rulebook:
    """The rulebook that the account worked by at a moment; the shipped one where none was adopted."""
    newest = adopted(log, known_at)
    if newest is None or newest.digest == shipped().digest:
        return shipped()
    return Rulebook.from_json(log.original(newest.digest))
