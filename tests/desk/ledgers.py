"""The ledger beside the oracle: its checks and folds by themselves, or the whole of it with its store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final, Protocol

import msgspec

from ledger.book import Book, stated_in
from ledger.case import Case
from ledger.deciding import Allowed, Decided, Decision, decide
from ledger.deciding.checks import check
from ledger.deciding.proposal import propose
from ledger.event import ACCOUNT_STREAM, Deed, Entry, Source, order_stream
from ledger.events import BY_TOPIC
from ledger.events.imports import ReportImported
from ledger.folding import fold
from ledger.importing import Statement, import_file, open_account, read_file
from ledger.recall import NOTHING_KNOWN, Recall
from ledger.recognising import Stream
from ledger.rulebook import shipped
from ledger.store import Log, open_log
from ledger.values import instant
from tests.story import File


class Ledger(Protocol):
    """What a machine asks of a ledger; what it knew once is asked for by the moment of that time."""

    keeps_ids: bool
    """True where a command sent twice is recorded once."""

    def decide(self, order: str, deed: Deed, at: str, allowed: Allowed, command_id: str) -> Decided:
        """Record what the seller tells; raises Refused."""

    def tell(self, file: File, marketplace: str) -> None:
        """Import a file."""

    def entries(self, order: str) -> list[Entry]:
        """The entries of an order, in the order in which they were recorded."""

    def position(self) -> int:
        """The last position."""

    def moment(self) -> str:
        """The moment of the last entry."""

    def case(self, order: str, as_of: date, known_at: str | None = None) -> Case:
        """An order as it stood on a day."""

    def book(self, as_of: date, known_at: str | None = None) -> Book:
        """What cases need from outside themselves."""

    def stated(self) -> Mapping[str, str]:
        """Marketplaces stated at import, by original."""


class Clock:
    """The time in the little world, which stands still unless somebody waits."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    @property
    def now(self) -> str:
        return instant(self.moment)


class Loose:
    """Checks, folds and report formats on lists of entries: everything that decides, and nothing that keeps.

    It takes the same steps as `decide` and `import_file` do between two looks into the store.
    """

    keeps_ids = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)
        self._position = 0
        self._rulebook: Final = shipped()
        self._known: tuple[tuple[date, str], Book] | None = None

    def decide(self, order: str, deed: Deed, at: str, allowed: Allowed, command_id: str) -> Decided:
        stream = order_stream(order)
        known = self._entries[stream]
        entry = Entry(
            stream=stream,
            version=len(known) + 1,
            event=deed,
            occurred_at=at,
            actor="seller",
            source=Source(command="desk", command_id=command_id),
        )
        proposal = propose(
            entry,
            known,
            stated=self.stated(),
            book_of=lambda: Book(self._rulebook, date.max),
            now=self._clock.now,
            allowed=allowed,
        )
        cautions = check(proposal)
        return Decided(entry=self._append(entry), cautions=cautions)

    def tell(self, file: File, marketplace: str) -> None:
        read = read_file(file.data, file.name, _statement(file, marketplace))
        for row in read.told:
            known = self._entries[row.stream]
            for one in Stream(row.stream, known).recognise([row], read.told_at, read.digest):
                for news in one.news:
                    snapshot = news.part.event.SNAPSHOT or news.part.occurred_at is None
                    at = news.telling.told_at if snapshot else news.part.occurred_at
                    assert at is not None
                    self._tell(row.stream, news.part.event, at, read.digest, news.telling)
        imported = ReportImported(
            digest=read.digest,
            file=file.name,
            report_format=read.form.name,
            root="",
            lines=1,
            rows=read.rows,
            marketplace=marketplace,
            told_at=read.told_at,
        )
        self._tell(ACCOUNT_STREAM, imported, read.told_at, read.digest, None)

    def _tell(self, stream: str, event: object, at: str, digest: str, telling: object) -> None:
        entry = Entry(
            stream=stream,
            version=len(self._entries[stream]) + 1,
            event=event,  # type: ignore[arg-type]  # an event
            occurred_at=at,
            actor="seller",
            source=Source(digest=digest, row=2),
            telling=telling,  # type: ignore[arg-type]  # a telling or None
        )
        self._append(entry)

    def _append(self, entry: Entry) -> Entry:
        self._position += 1
        entry = msgspec.structs.replace(entry, position=self._position, recorded_at=self._clock.now)
        self._entries[entry.stream].append(entry)
        return entry

    def entries(self, order: str) -> list[Entry]:
        return list(self._entries[order_stream(order)])

    def position(self) -> int:
        return self._position

    def moment(self) -> str:
        return str(self._position)

    def stated(self) -> Mapping[str, str]:
        return stated_in(self._entries[ACCOUNT_STREAM])

    def case(self, order: str, as_of: date, known_at: str | None = None) -> Case:
        return self._fold(order_stream(order), as_of, known_at)

    def book(self, as_of: date, known_at: str | None = None) -> Book:
        asked = (as_of, known_at or self.moment())
        if self._known is None or self._known[0] != asked:
            book = Book(self._rulebook, as_of)
            for stream in sorted(self._entries):
                book.add(self._fold(stream, as_of, known_at))
            self._known = (asked, book)
        return self._known[1]

    def _fold(self, stream: str, as_of: date, known_at: str | None) -> Case:
        entries: list[Entry] = self._entries[stream]
        if known_at is not None:
            entries = [one for one in entries if (one.position or 0) <= int(known_at)]
        return fold(stream, entries, stated=self.stated(), as_of=as_of)


class Stored:
    """The whole ledger on a store of its own, through the doors that everybody uses."""

    keeps_ids = True

    def __init__(self, log: Log, clock: Clock) -> None:
        self.log = log
        self._clock = clock
        open_account(log, "desk", None, shipped(), "seller")

    def decide(self, order: str, deed: Deed, at: str, allowed: Allowed, command_id: str) -> Decided:
        return decide(
            self.log,
            Decision(stream=order_stream(order), event=deed, occurred_at=at),
            actor="seller",
            command="desk",
            command_id=command_id,
            now=self._clock.now,
            late=allowed.late,
            again=allowed.again,
            against_advice=allowed.against_advice,
        )

    def tell(self, file: File, marketplace: str) -> None:
        import_file(self.log, file.data, file.name, _statement(file, marketplace))

    def entries(self, order: str) -> list[Entry]:
        return list(self.log.entries(order_stream(order)))

    def position(self) -> int:
        return self.log.position()

    def moment(self) -> str:
        return self.log.recorded_at() or NOTHING_KNOWN

    def stated(self) -> Mapping[str, str]:
        return stated_in(list(self.log.entries(ACCOUNT_STREAM)))

    def case(self, order: str, as_of: date, known_at: str | None = None) -> Case:
        return Recall(self.log, as_of, known_at).case(order_stream(order))

    def book(self, as_of: date, known_at: str | None = None) -> Book:
        return Recall(self.log, as_of, known_at).book


@contextmanager
def stored(url: str, clock: Clock) -> Iterator[Stored]:
    """A ledger on an empty store."""
    log = open_log(url, "desk", event_types=BY_TOPIC, clock=clock)
    try:
        yield Stored(log, clock)
    finally:
        log.close()


def _statement(file: File, marketplace: str) -> Statement:
    return Statement(
        actor="seller", command_id="import", marketplace=marketplace, told_at=file.told_at
    )
