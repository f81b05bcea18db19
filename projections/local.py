"""The work of folding done on this machine: by this process alone, or by several where there is much to do."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import msgspec

from ledger.book import Book
from ledger.case import Case
from ledger.event import ACCOUNT_STREAM
from ledger.events import BY_TOPIC
from ledger.helpers import pool
from ledger.store import Log, StoredCase, open_log
from projections.projection import EVER
from projections.views import chunked
from projections.work import (
    EXCERPTED,
    Asked,
    Context,
    Folded,
    Folding,
    Summed,
    Wanted,
    excerpt_cases,
    streams_after,
    unlike,
)

CASES_AT_ONCE: Final = 2_000
"""How many cases are folded before their rows are handed on."""
SHARE_ENTRIES: Final = 10_000
"""About how many entries one share of the work has."""
SHARE_STREAMS: Final = 2_000
"""How many streams it has where they are named."""
POOL_ENTRIES: Final = 50_000
"""Of fewer entries one process makes short work: to start others takes longer."""
BOOK_COSTS: Final = 50
"""To make the book takes about as long as to fold one in so many entries of the log."""
ENTRIES_OF_A_STREAM: Final = 5
"""About so many entries has one of which something is asked."""
PROCESSES_MAX: Final = 2
"""How many processes fold; each of them has a book of its own in memory."""
AHEAD: Final = 2
"""Shares given out for each process: what is done before it can be written waits in memory."""

A = TypeVar("A")
T = TypeVar("T")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A log as it was known at a moment, and what was stated of its files: all that a worker reads."""

    url: str
    account: str
    known_at: str | None
    stated: Mapping[str, str]


class Share(msgspec.Struct, frozen=True):
    """Some streams, whole: those after one name up to another, or those named."""

    after: str = ""
    until: str | None = None
    names: frozenset[str] | None = None

    def cases(self, log: Log, known_at: str | None) -> Iterator[StoredCase]:
        """The streams, by name, with their entries."""
        if self.names is not None:
            return log.stored_streams(self.names, known_at=known_at)
        return log.stored_cases(known_at=known_at, after=self.after, until=self.until)


def cores() -> int:
    """How many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not every system can tell
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def context_of(
    log: Log, told: Told, rulebook: bytes, days: Iterable[date], excerpts: bytes
) -> Context:
    """What every case is folded with: the excerpts, and those that are others on one of the days."""
    on_days = {}
    for day in set(days) - {EVER}:
        streams = streams_after(excerpts, day)
        cases = log.stored_streams(streams, known_at=told.known_at)
        if changed := unlike(excerpt_cases(told.stated, cases, day), excerpts):
            on_days[day] = changed
    return Context(rulebook=rulebook, stated=told.stated, excerpts=excerpts, on_days=on_days)


# --- one process or several -------------------------------------------------------------------


class Crew:
    """Who folds a log as it was known at a moment; to be used in a `with`.

    One process does what is little. Several share what is much: each reads its own share of the log over
    its own connection. Whatever way, what came of the shares comes in the order of their streams.
    """

    def __init__(self, log: Log, told: Told, entries: int, processes: int | None = None) -> None:
        self._log = log
        self.told: Final = told
        self._entries = entries
        self._processes = min(cores(), PROCESSES_MAX) if processes is None else processes
        self._pool: ProcessPoolExecutor | None = None
        self._left = contextlib.ExitStack()
        self._handed: tuple[Folding, str] | None = None
        self._read: dict[str, StoredCase] = {}
        self._folded: dict[str, Case] = {}
        """Few cases, whole, of which excerpts were made: rows will be."""

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()

    def excerpts(self, streams: Collection[str] | None = None) -> Iterator[bytes]:
        """The excerpts of all cases, or of some."""
        if streams is None:
            # Few cases say anything that others need: the rest of the log is not read for it.
            streams = self._log.streams_with(EXCERPTED, known_at=self.told.known_at)
            streams.add(ACCOUNT_STREAM)
            found = self._in_pieces(Share(names=frozenset(streams)))
            kept = None
        else:
            kept = self._folded
            found = self.some_cases(streams)
        if self._is_much(streams):
            yield from self._shared(partial(_excerpts_of, self.told), self._shares(streams))
            return
        for cases in found:
            yield excerpt_cases(self.told.stated, cases, kept=kept)

    def fold(
        self,
        folding: Folding,
        wanted: Sequence[Wanted],
        streams: Collection[str] | None = None,
    ) -> Iterator[Folded]:
        """The rows of every projection wanted, of all cases or of some."""
        if self._is_much(streams):
            task = partial(_folded_of, self.told, self._handed_over(folding))
            work = (_Work(share, _within(wanted, share)) for share in self._shares(streams))
            yield from self._shared(task, work)
            return
        for cases in self.some_cases(streams):
            yield folding.fold(wanted, cases, self._folded)

    def ask(
        self, folding: Folding, asked: Asked[T], day: date, streams: Collection[str]
    ) -> Iterator[list[T]]:
        """What is answered of each of these cases on a day, by a function of case, book and day."""
        if self._is_much(streams):
            task = partial(_answers_of, self.told, self._handed_over(folding), asked, day)
            yield from self._shared(task, self._shares(streams))
            return
        for cases in self.some_cases(streams):
            yield folding.ask(asked, day, cases)

    def sum_up(
        self,
        folding: Folding,
        summed: Summed[T],
        day: date,
        streams: Collection[str] | None = None,
    ) -> Iterator[T]:
        """What all cases come to on a day, or some: one sum of so many at a time."""
        if self._is_much(streams):
            task = partial(_sum_of, self.told, self._handed_over(folding), summed, day)
            yield from self._shared(task, self._shares(streams))
            return
        for cases in self.some_cases(streams):
            yield folding.sum_up(summed, day, cases)

    def ask_book(
        self,
        folding: Folding,
        asked: Callable[[Book, A], T],
        day: date,
        shares: Iterable[A],
        streams: Collection[str],
    ) -> Iterator[T]:
        """What is answered of a share by the book of a day: by those who will be asked of these streams with it."""
        if self._is_much(streams):
            task = partial(_answer_of_book, self._handed_over(folding), asked, day)
            yield from self._shared(task, shares)
            return
        for share in shares:
            yield asked(folding.book(day), share)

    def _handed_over(self, folding: Folding) -> str:
        """The context in a file of which the other processes are told."""
        if self._handed is not None and self._handed[0] is folding:
            return self._handed[1]
        folding.forget_books()
        folder = Path(self._left.enter_context(TemporaryDirectory(prefix="returns-ledger-")))
        kept = folder / "context"
        kept.write_bytes(msgspec.msgpack.encode(folding.context))
        self._handed = folding, str(kept)
        return str(kept)

    def _is_much(self, streams: Collection[str] | None) -> bool:
        """True where others are worth their start; of some cases, their books as well, which this one has."""
        if streams is None:
            entries, enough = self._entries, POOL_ENTRIES
        else:
            entries = len(streams) * ENTRIES_OF_A_STREAM
            enough = POOL_ENTRIES + self._entries // BOOK_COSTS
        return self._processes > 1 and entries >= enough

    def some_cases(self, streams: Collection[str] | None) -> Iterator[Iterator[StoredCase]]:
        """All cases, or some, so many at a time as one process folds before it hands their rows on."""
        if streams is None or self._is_much(streams):
            names = None if streams is None else frozenset(streams)
            yield from self._in_pieces(Share(names=names))
        else:
            yield from _pieces(self._once(streams))

    def _in_pieces(self, share: Share) -> Iterator[Iterator[StoredCase]]:
        if self._entries > 0:
            yield from _pieces(share.cases(self._log, self.told.known_at))

    def _once(self, streams: Collection[str]) -> Iterator[StoredCase]:
        """Few cases, each read once: excerpts and rows are made of the same ones."""
        if self._entries == 0:
            return
        unread = [name for name in streams if name not in self._read]
        for stream, rows in self._log.stored_streams(unread, known_at=self.told.known_at):
            self._read[stream] = stream, rows
        for name in sorted(streams):
            if name in self._read:
                yield self._read[name]

    # --- several

    def _shared(self, task: Callable[[A], T], shares: Iterable[A]) -> Iterator[T]:
        """What comes of each share, in order; a share whose process was lost is done by this one."""
        waiting: deque[tuple[A, Future[T] | None]] = deque()
        for share in shares:
            waiting.append((share, self._given(task, share)))
            if len(waiting) >= self._processes * AHEAD:
                yield _done(task, *waiting.popleft())
        while waiting:
            yield _done(task, *waiting.popleft())

    def _shares(self, streams: Collection[str] | None) -> Iterator[Share]:
        if streams is not None:
            for names in chunked(sorted(streams), SHARE_STREAMS):
                yield Share(names=frozenset(names))
            return
        after = ""
        for until in self._log.stream_ends(SHARE_ENTRIES):
            yield Share(after=after, until=until)
            after = until
        yield Share(after=after)

    def _given(self, task: Callable[[A], T], share: A) -> Future[T] | None:
        if self._pool is None:
            # To fork them from one that has read the program saves half a second, and takes 40 MiB more.
            self._pool = pool(self._processes)
            self._left.callback(self._pool.shutdown, cancel_futures=True)
        try:
            return self._pool.submit(task, share)
        except BrokenProcessPool:
            return None


def _pieces(cases: Iterator[StoredCase]) -> Iterator[Iterator[StoredCase]]:
    for first in cases:
        yield _with(first, islice(cases, CASES_AT_ONCE - 1))


def _with(first: T, others: Iterator[T]) -> Iterator[T]:
    yield first
    yield from others


def _done(task: Callable[[A], T], share: A, given: Future[T] | None) -> T:
    if given is not None:
        with contextlib.suppress(BrokenProcessPool):
            return given.result()
    return task(share)


# --- what another process does ----------------------------------------------------------------


def _excerpts_of(told: Told, share: Share) -> bytes:
    cases = share.cases(_opened(told.url, told.account), told.known_at)
    return excerpt_cases(told.stated, cases)


class _Work(msgspec.Struct, frozen=True):
    share: Share
    wanted: Sequence[Wanted]


def _within(wanted: Sequence[Wanted], share: Share) -> list[Wanted]:
    """Of what is wanted what a share can give: names of other streams need not travel."""
    if share.names is None:
        return list(wanted)
    names = share.names
    return [
        msgspec.structs.replace(one, streams=None if one.streams is None else one.streams & names)
        for one in wanted
    ]


def _folded_of(told: Told, context: str, work: _Work) -> Folded:
    cases = work.share.cases(_opened(told.url, told.account), told.known_at)
    return _folding(context).fold(work.wanted, cases)


def _answers_of(told: Told, context: str, asked: Asked[T], day: date, share: Share) -> list[T]:
    cases = share.cases(_opened(told.url, told.account), told.known_at)
    return _folding(context).ask(asked, day, cases)


def _sum_of(told: Told, context: str, summed: Summed[T], day: date, share: Share) -> T:
    cases = share.cases(_opened(told.url, told.account), told.known_at)
    return _folding(context).sum_up(summed, day, cases)


def _answer_of_book(context: str, asked: Callable[[Book, A], T], day: date, share: A) -> T:
    return asked(_folding(context).book(day), share)


@lru_cache(maxsize=1)
def _opened(url: str, account: str) -> Log:
    """The log, over a connection of this process, which reads each page once."""
    log = open_log(url, account, event_types=BY_TOPIC, clock=_no_clock)
    log.hold_little()
    return log


def _no_clock() -> datetime:
    raise AssertionError("who folds appends nothing")


@lru_cache(maxsize=1)
def _folding(context: str) -> Folding:
    def read() -> Context:
        return msgspec.msgpack.decode(Path(context).read_bytes(), type=Context)

    return Folding(read(), again=read)
