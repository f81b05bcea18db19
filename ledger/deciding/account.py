"""The account's own entries and what they amount to, read once and then only what came since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date

from ledger.book import Book, stated_in
from ledger.case import Case
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.account import RulebookAdopted
from ledger.folding import fold, with_deed
from ledger.recall import adopted_rulebook
from ledger.rulebook import Rulebook
from ledger.store import Log


class Account:
    """What the account's own entries amount to, for one command after the other; each reads what is new."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._read_to = 0
        self._entries: list[Entry] = []
        self._stated: dict[str, str] = {}
        self._case: Case | None = None
        self._rulebook: Rulebook | None = None
        self._books: dict[date | None, Book] = {}

    def beside(self, log: Log) -> Account:
        """The same of a log that goes on from this one's, on which something is tried."""
        other = copy(self)
        other._log = log
        other._entries = [*self._entries]
        other._stated = {**self._stated}
        other._books = {**self._books}
        return other

    def entries(self) -> Sequence[Entry]:
        """Its entries, up to now."""
        ended = self._log.position()
        if ended > self._read_to:
            for entry in list(self._log.entries(ACCOUNT_STREAM, after=self._read_to)):
                self._take(entry)
                ended = max(ended, entry.position or 0)
            self._read_to = ended
        return self._entries

    def _take(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._stated.update(stated_in([entry]))
        self._books.clear()
        if isinstance(entry.event, RulebookAdopted):
            self._rulebook = None
        if self._case is not None:
            self._case = with_deed(self._case, entry)

    # --- what they amount to, as far as they were read

    @property
    def stated(self) -> Mapping[str, str]:
        """Marketplaces stated at import, by original."""
        return self._stated

    @property
    def case(self) -> Case:
        """All that is known of the account itself."""
        if self._case is None:
            self._case = fold(ACCOUNT_STREAM, self._entries, stated=self._stated)
        return self._case

    def book(self, as_of: date | None = None) -> Book:
        """The rules and the account's own terms: no decision asks for what other orders' files tell."""
        if as_of not in self._books:
            if self._rulebook is None:
                self._rulebook = adopted_rulebook(self._log)
            book = Book(self._rulebook, as_of or date.max)
            book.add(fold(ACCOUNT_STREAM, self._entries, as_of=as_of))
            self._books[as_of] = book
        return self._books[as_of]
