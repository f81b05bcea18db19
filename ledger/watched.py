"""A day and a book that write down what is asked of them: what was answered stands until one of these is another.

Nothing has to be said by who asks. A comparison with the day narrows the days on which all comparisons come
out the same; whatever else is read of it holds on this day only. A question put through `Book.ask` is noted
with its answer, and can be asked again; whatever else is read of the book counts as read as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from types import MethodType
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import msgspec

from ledger.book import Book, Coverage

A = TypeVar("A")

FIRST: Final = date.min.toordinal()
LAST: Final = date.max.toordinal()
_SHORT: Final = 16
"""An answer of so few letters is noted as it is, a longer one by its digest."""
_encode: Final = msgspec.json.Encoder(order="sorted").encode


class Rests(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the judgement of a case rests on; days as ordinals, both ends included."""

    stream: str
    since: int
    until: int
    noted: Sequence[Sequence[Any]]
    """Of each question its name, what it was asked of, and the answer."""


# --- the day ----------------------------------------------------------------------------------


class _Watch:
    """The days on which everything that was asked so far is answered alike."""

    def __init__(self) -> None:
        self.since = FIRST
        self.until = LAST

    def from_then(self, ordinal: int) -> None:
        """Before that day something was answered otherwise."""
        self.since = max(self.since, ordinal)

    def till_then(self, ordinal: int) -> None:
        """After that day something will be answered otherwise."""
        self.until = min(self.until, ordinal)


class WatchedDay(date):
    """A day, or one that lies so many days from it, whose comparisons are watched."""

    plain: date
    shift: int
    _watch: _Watch

    @classmethod
    def on(cls, day: date, watch: _Watch, shift: int = 0) -> WatchedDay:
        """The day as it is watched."""
        made = cls(day.year, day.month, day.day)
        made.plain, made.shift, made._watch = day, shift, watch
        return made

    # compared, it says for which days the answer holds

    def __lt__(self, other: date, /) -> bool:
        return self._before(other, 0)

    def __le__(self, other: date, /) -> bool:
        return self._before(other, 1)

    def __gt__(self, other: date, /) -> bool:
        return not self._before(other, 1)

    def __ge__(self, other: date, /) -> bool:
        return not self._before(other, 0)

    def __eq__(self, other: object, /) -> bool:
        if not isinstance(other, date):
            return False
        # Asked both, as what is true of one day only is narrowed from both sides.
        not_after, not_before = self <= other, self >= other
        return not_after and not_before

    def __ne__(self, other: object, /) -> bool:
        return not self == other

    def _before(self, other: date, more: int) -> bool:
        """Whether it is before a day, or before so many days after it."""
        limit = _ordinal(other) + more
        mine = self.plain.toordinal()
        if isinstance(other, WatchedDay):
            return mine < limit  # both move together
        if mine < limit:
            self._watch.till_then(limit - 1 - self.shift)
            return True
        self._watch.from_then(limit - self.shift)
        return False

    # so many days from it is watched as well

    def __add__(self, other: timedelta, /) -> WatchedDay:
        return WatchedDay.on(self.plain + other, self._watch, self.shift + other.days)

    __radd__ = __add__

    def __sub__(self, other: Any, /) -> Any:
        if isinstance(other, timedelta):
            return self + -other
        return self._pinned - other

    def __rsub__(self, other: date, /) -> timedelta:
        return other - self._pinned

    # anything else is read of this day

    @property
    def _pinned(self) -> date:
        self._watch.from_then(self.plain.toordinal() - self.shift)
        self._watch.till_then(self.plain.toordinal() - self.shift)
        return self.plain

    def __getattribute__(self, name: str) -> Any:
        if name in _READ:
            return getattr(self._pinned, name)
        return super().__getattribute__(name)

    def __hash__(self) -> int:
        return hash(self._pinned)

    def __str__(self) -> str:
        return str(self._pinned)

    def __repr__(self) -> str:
        return repr(self._pinned)

    def __format__(self, told: str, /) -> str:
        return format(self._pinned, told)


_READ: Final = frozenset(name for name in vars(date) if not name.startswith("_"))


def in_words(day: date) -> date:
    """The day as it may be told: what is worked out from it must be words, and decide nothing."""
    return day.plain if isinstance(day, WatchedDay) else day


def _ordinal(day: date) -> int:
    return in_words(day).toordinal()


# --- the book ---------------------------------------------------------------------------------


class WatchedBook:
    """Stands for a book while one case is judged."""

    def __init__(self, book: Book) -> None:
        self._watching = book
        self._watch = _Watch()
        self._noted: dict[tuple[Any, ...], str] = {}
        self.rulebook: Final = book.rulebook
        self.as_of: Final = WatchedDay.on(book.as_of, self._watch)

    @property
    def as_book(self) -> Book:
        """Itself, as who judges knows it: a book like any other."""
        return cast("Book", self)

    def ask(self, question: Callable[..., A], *key: Any) -> A:
        """The answer of the book, which is noted."""
        answer = question(self._watching, *map(_plain, key))
        self._noted[question.__name__, *map(_written, key)] = told(answer)
        return answer

    def coverage(self, report_format: str) -> Coverage:
        """Whatever is read of it, all of it is noted."""
        return self.ask(coverage_in, report_format)

    def coverage_in_words(self, report_format: str) -> Coverage:
        """Not noted."""
        return self._watching.coverage(report_format)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._watching, name)
        if isinstance(found, MethodType):
            return MethodType(found.__func__, self)  # what it reads is read through this one
        self.ask(whole_of, name)
        return found

    def rests(self, stream: str, since: int, until: int) -> Rests:
        """What the answers so far rest on; the case itself is the same from one day to another."""
        return Rests(
            stream=stream,
            since=max(since, self._watch.since),
            until=min(until, self._watch.until),
            noted=[(*key, answer) for key, answer in self._noted.items()],
        )


def told(answer: object) -> str:
    """An answer as it is noted: two that differ are noted differently."""
    words = _encode(answer)
    return words.decode() if len(words) <= _SHORT else blake2b(words, digest_size=9).hexdigest()


def _plain(one: Any) -> Any:
    return one.plain if isinstance(one, WatchedDay) else one


def _written(one: Any) -> Any:
    """What a question was asked of; a day that moves with today is written as what lies between."""
    if isinstance(one, WatchedDay):
        return ("today", one.shift)
    return (one.toordinal(),) if isinstance(one, date) else one


def read_back(one: Any, today: date) -> Any:
    """The same on another day."""
    if not isinstance(one, list):
        return one
    return date.fromordinal(one[0]) if len(one) == 1 else today + timedelta(days=one[1])


def coverage_in(book: Book, report_format: str) -> Coverage:
    """All that the files of one format speak for."""
    return book.coverage(report_format)


_WHOLE: Final[WeakKeyDictionary[Book, dict[str, str]]] = WeakKeyDictionary()


def whole_of(book: Book, name: str) -> str:
    """A digest of all that the book has under a name; made once, when the book is complete."""
    known = _WHOLE.setdefault(book, {})
    if name not in known:
        known[name] = blake2b(_encode(getattr(book, name)), digest_size=9).hexdigest()
    return known[name]
