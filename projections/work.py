"""What one worker does: whole cases in, the rows of every projection wanted out, whoever asks it and wherever.

`excerpt_cases` and `fold_cases` are functions of their arguments alone, and all of these pickle. So one
process, several of this machine, or a cluster run the very same code and come to the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from hashlib import sha256
from io import BytesIO
from itertools import chain
from typing import Any, Final, TypeVar

import msgspec

from ledger.book import BOOK_TOPICS, RETURN_TOPICS, Book, Excerpt, excerpt_of
from ledger.case import Case, Movement, Reimbursement, Return
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events import BY_TOPIC, SILENT
from ledger.folding import fold
from ledger.rulebook import Rulebook, shipped
from ledger.store import StoredCase, StoredRow, reader_of, uncollected
from ledger.watched import FIRST, LAST, WatchedBook
from projections.projection import EVER, Projection
from projections.views import values_of

T = TypeVar("T")
Asked = Callable[[Case, Book, date], T]
"""What is asked of each case; a function of a module, so that it pickles."""
Summed = Callable[[Iterable[Case], Book], T]
"""What some cases come to; a function of a module, too."""

_entry_of: Final = reader_of(BY_TOPIC)
_encode: Final = msgspec.json.Encoder().encode
read_excerpt: Final[Callable[[bytes], Excerpt]] = msgspec.json.Decoder(Excerpt).decode
_row: Final[Callable[[bytes], list[tuple[Any, ...]]]] = msgspec.json.Decoder(
    tuple[Any, ...]
).decode_lines


# --- what every share of the work is given ----------------------------------------------------


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What the cases of an account are folded and judged with: the same for every share of the work.

    The book crosses as what it is made of, an excerpt of each case that others may ask for (some 350
    bytes for a unit that came back), and is made where it is used, once for each day.
    """

    rulebook: bytes
    """As JSON."""
    stated: Mapping[str, str] = {}
    """Marketplaces stated at import, by original."""
    excerpts: bytes = b""
    """One JSON array a line, by stream, of all that was ever told."""
    on_days: Mapping[date, bytes] = {}
    """The excerpts that are others on a day: some of what they tell had not happened by then."""

    @property
    def key(self) -> str:
        """Names what it says, so that a worker that has it need not make the book again."""
        digest = sha256(self.rulebook)
        for part in (_encode(self.stated), self.excerpts, _encode(sorted(self.on_days.items()))):
            digest.update(sha256(part).digest())
        return digest.hexdigest()


class Wanted(msgspec.Struct, frozen=True):
    """The rows of one projection on one day, of all cases or of some."""

    projection: Projection[Any]
    day: date
    streams: frozenset[str] | None = None


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """What came of some cases; whole cases, so that what came of many can be put together."""

    entries: int
    lines: Sequence[bytes]
    """Of each projection wanted the rows as they are kept: one JSON array a line, by stream and place.

    The digest of a table is SHA-256 over these lines of all cases in the order of their streams.
    """
    latest: Sequence[str | None]
    """Of each projection wanted the latest day of any fact that was folded for it."""
    rests: Sequence[bytes] = ()
    """Of each projection wanted, where that is said, what the rows of each case rest on: one JSON array a line."""


# --- first what cases can ask of each other -----------------------------------------------------


EXCERPTED: Final = BOOK_TOPICS | RETURN_TOPICS
"""Beside the account's own stream, those that hold none of these say nothing that another case needs."""


def excerpt_cases(
    stated: Mapping[str, str],
    cases: Iterable[StoredCase],
    day: date = EVER,
    kept: dict[str, Case] | None = None,
) -> bytes:
    """The excerpts, on a day, of all cases that say anything which another case needs: one JSON array a line.

    The cases are put down in `kept`, by stream, where they are needed again.
    """
    found = []
    for stream, rows in cases:
        topics = {row[3] for row in rows}
        whole = stream == ACCOUNT_STREAM or not topics.isdisjoint(BOOK_TOPICS)
        if whole or not topics.isdisjoint(RETURN_TOPICS):
            case = fold(stream, _entries(rows), stated=stated, as_of=day)
            found.append(_encode(excerpt_of(case, whole=whole)) + b"\n")
            if kept is not None:
                kept[stream] = case
    return b"".join(found)


def unlike(others: bytes, told: bytes) -> bytes:
    """Of some excerpts those that are not told in the same words."""
    same = set(BytesIO(others)).intersection(BytesIO(told))
    return b"".join(line for line in BytesIO(others) if line not in same)


def streams_after(excerpts: bytes, day: date) -> list[str]:
    """The streams whose excerpts may be others on a day: something of them had not happened by then."""
    dated = map(_dated, BytesIO(excerpts))
    return [one.stream for one in dated if one.latest is not None and one.latest > day]


class _Dated(msgspec.Struct, frozen=True, array_like=True):
    """The beginning of an excerpt: the rest is not read."""

    stream: str
    latest: date | None


class _Streamed(msgspec.Struct, frozen=True, array_like=True):
    """The beginning of any line about a stream."""

    stream: str


_streamed: Final[Callable[[bytes], _Streamed]] = msgspec.json.Decoder(_Streamed).decode
_dated: Final[Callable[[bytes], _Dated]] = msgspec.json.Decoder(_Dated).decode


def by_stream(lines: bytes) -> Iterator[tuple[str, bytes]]:
    """Lines that begin with the name of their stream, each under it."""
    return ((_streamed(line).stream, line) for line in BytesIO(lines))


def read_excerpts(lines: bytes) -> Iterator[Excerpt]:
    """Excerpts as they were written, one after the other; a text that stands in many of them is held once."""
    held: dict[str, str] = {}
    for told in map(read_excerpt, BytesIO(lines)):
        rows: Iterable[Return | Movement | Reimbursement]
        rows = chain(told.returns, told.movements, told.reimbursements)
        for one in rows:
            _hold_once(one.ref, _OFTEN_IN_REFS, held)
            _hold_once(one, _OFTEN[type(one)], held)
        yield told


_OFTEN_IN_REFS: Final = ("told_at", "source_digest", "marketplace")
_OFTEN: Final[Mapping[type, Sequence[str]]] = {
    Return: ("programme", "sku", "fnsku", "asin", "disposition", "reason", "fulfillment_center"),
    Movement: ("kind", "fnsku", "asin", "sku", "fulfillment_center", "disposition", "reason"),
    Reimbursement: ("reason", "sku", "fnsku", "asin"),
}


def _hold_once(one: msgspec.Struct, fields: Iterable[str], held: dict[str, str]) -> None:
    """Nothing is changed: each text gives way to one that is equal."""
    for name in fields:
        text = getattr(one, name)
        if text is not None:
            msgspec.structs.force_setattr(one, name, held.setdefault(text, text))


def book_on(context: Context, day: date) -> Book:
    """The book of all excerpts on a day."""
    return books_on(context, [day])[day]


@uncollected()
def books_on(context: Context, days: Iterable[date]) -> dict[date, Book]:
    """The books of some days; what was the same on them is held once."""
    rulebook = _rulebook(context.rulebook)
    others = {
        day: {one.stream: one for one in read_excerpts(context.on_days.get(day, b""))}
        for day in days
    }
    alike = [day for day, other in others.items() if not other]
    books = {day: Book(rulebook, day) for day in others if day not in alike[1:]}
    backs: list[Excerpt] = []
    for told in read_excerpts(context.excerpts):
        if told.returns or any(told.stream in other for other in others.values()):
            backs.append(told)
        for day, book in books.items():
            book.take(others[day].get(told.stream, told))
    for day, book in books.items():
        if book.original_of:
            book.link(others[day].get(told.stream, told) for told in backs)
    return books | {day: books[alike[0]].on(day) for day in alike[1:]}


def _rulebook(kept: bytes) -> Rulebook:
    """The shipped one is made once a process: reading it takes longer than many a case."""
    ours = shipped()
    return ours if kept == ours.to_json() else Rulebook.from_json(kept)


# --- then the rows ------------------------------------------------------------------------------


def fold_cases(context: Context, wanted: Sequence[Wanted], cases: Iterable[StoredCase]) -> Folded:
    """The rows of every projection wanted; the cases come in the order of their streams."""
    return Folding(context).fold(wanted, cases)


class Folding:
    """The same for one share after the other, with books that are made once."""

    def __init__(self, context: Context, again: Callable[[], Context] | None = None) -> None:
        self.context = context
        self._again = again
        """Gives the context once more: then its excerpts are not held beside the books."""
        self._books: dict[date, Book] = {}

    def book(self, day: date) -> Book:
        """The book on a day."""
        return self.books([day])[day]

    def books(self, days: Collection[date]) -> Mapping[date, Book]:
        """The books on some days; to ask for them together takes less memory than one after the other."""
        if missing := set(days) - self._books.keys():
            whole = self._again() if self._again and self._books else self.context
            self._books.update(books_on(whole, missing))
            if self._again:
                self.context = msgspec.structs.replace(whole, excerpts=b"")
        return self._books

    def forget_books(self) -> None:
        """Let go of the books, where others do the work: they are made again when they are needed."""
        assert self._again is None, "what is to be handed over is held"
        self._books.clear()

    def fold(
        self,
        wanted: Sequence[Wanted],
        cases: Iterable[StoredCase],
        kept: dict[str, Case] | None = None,
    ) -> Folded:
        """The rows of these cases; those that are kept are folded already, and are kept no longer."""
        books = self.books({one.day for one in wanted})
        makings = [_Making(one, books[one.day]) for one in wanted]
        kept = {} if kept is None else kept
        count = 0
        for stream, rows in cases:
            count += len(rows)
            topics = {row[3] for row in rows}
            wanting = [making for making in makings if making.wants(stream, topics)]
            case = _OnDays(stream, rows, self.context.stated, kept.pop(stream, None))
            for making in wanting:
                whole = None if making.rests is None else case.on(EVER)
                making.add(case.on(making.day), whole)
        return Folded(
            entries=count,
            lines=[b"".join(making.lines) for making in makings],
            latest=[making.latest for making in makings],
            rests=[b"".join(making.rests or ()) for making in makings],
        )

    def ask(self, asked: Asked[T], day: date, cases: Iterable[StoredCase]) -> list[T]:
        """What is answered of each of these cases."""
        book = self.book(day)
        return [asked(case, book, day) for case in self._on(day, cases)]

    def sum_up(self, summed: Summed[T], day: date, cases: Iterable[StoredCase]) -> T:
        """What these cases come to."""
        return summed(self._on(day, cases), self.book(day))

    def _on(self, day: date, cases: Iterable[StoredCase]) -> Iterator[Case]:
        stated = self.context.stated
        return (fold(stream, _entries(rows), stated=stated, as_of=day) for stream, rows in cases)


class _OnDays:
    """A case on several days: the same for every day on which nothing of it was still to come."""

    def __init__(
        self, stream: str, rows: Sequence[StoredRow], stated: Mapping[str, str], whole: Case | None
    ) -> None:
        self._stream = stream
        self._rows = rows
        self._stated = stated
        self._entries: list[Entry] | None = None
        self._known: dict[date, Case] = {} if whole is None else {EVER: whole}

    def on(self, day: date) -> Case:
        """The case on a day."""
        known = self._known.get(day)
        if known is None:
            known = self._known.get(EVER)
            if known is None or (known.latest is not None and known.latest > day):
                known = self._folded(day)
            self._known[day] = known
        return known

    def _folded(self, day: date) -> Case:
        if self._entries is None:
            self._entries = _entries(self._rows)
        return fold(self._stream, self._entries, stated=self._stated, as_of=day)


class _Making:
    """The rows of one projection while the cases go by."""

    def __init__(self, wanted: Wanted, book: Book) -> None:
        self.day = wanted.day
        self.lines: list[bytes] = []
        self.rests: list[bytes] | None = [] if wanted.projection.stands else None
        self._latest: date | None = None
        self._rows = wanted.projection.rows
        self._quiet = wanted.projection.quiet
        self._streams = wanted.streams
        self._book = book

    @property
    def latest(self) -> str | None:
        """The latest day of any fact in the cases so far."""
        return None if self._latest is None else self._latest.isoformat()

    def wants(self, stream: str, topics: Set[str]) -> bool:
        """True where rows may follow from a stream that holds events of these kinds."""
        return (self._streams is None or stream in self._streams) and not topics <= self._quiet

    def add(self, case: Case, whole: Case | None) -> None:
        """Make the rows of a case, as they are kept; `whole` is the case once all of it has happened."""
        if case.latest is not None and (self._latest is None or case.latest > self._latest):
            self._latest = case.latest
        if self.rests is None:
            self._take(self._rows(case, self._book))
            return
        watched = WatchedBook(self._book)
        self._take(self._rows(case, watched.as_book))
        today = self.day.toordinal()
        if case is whole:  # from its latest day on it is the same
            rests = watched.rests(
                case.stream, case.latest.toordinal() if case.latest else FIRST, LAST
            )
        else:
            rests = watched.rests(case.stream, today, today)
        self.rests.append(_encode(rests) + b"\n")

    def _take(self, rows: Iterable[Any]) -> None:
        for place, row in enumerate(rows, 1):
            self.lines.append(_encode(values_of(row, place)) + b"\n")


def entries_of(cases: Iterable[StoredCase], topics: Set[str]) -> Iterator[Entry]:
    """The entries of these kinds in some cases; no others are decoded."""
    return (_entry_of(*row) for _, rows in cases for row in rows if row[3] in topics)


def _entries(rows: Iterable[StoredRow]) -> list[Entry]:
    """Those from which anything is folded."""
    return [_entry_of(*row) for row in rows if row[3] not in SILENT]


def rows_in(lines: bytes) -> list[tuple[Any, ...]]:
    """The rows that lines hold, as they are kept."""
    return _row(lines)
