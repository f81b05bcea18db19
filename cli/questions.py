"""A question as it was asked: of which accounts, about which day, as known at which moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from cli.accounts import of_each
from cli.session import Session
from ledger.errors import StoreTrouble, UnknownThing
from ledger.event import order_stream, removal_stream, stock_stream

if TYPE_CHECKING:
    from cli.output import Progress
    from ledger.book import Book
    from ledger.policy import Finding
    from ledger.recall import Recall
    from ledger.store import Log
    from projections.projection import Projection
    from projections.views import Views
    from projections.work import Asked, Summed

SAID_EVERY: Final = 100
"""Findings between two words about progress."""

NEARBY_MAX: Final = 50
"""Of so many streams it is looked up, name by name, what their judgement can depend on."""

WHOLE: Final = 12
"""Letters of a finding's id, `F-` included."""

R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """What is asked, with today and now in the place of what was left out."""

    session: Session
    accounts: tuple[str, ...]
    marketplace: str | None
    as_of: date
    """The day on which deadlines are judged."""
    known_at: str
    """The moment of knowing, for the answer to name."""
    plain: bool
    """True where neither day nor moment was named: the views answer that."""
    asked_known_at: str | None
    """The moment of knowing that was named; None for all that is recorded."""

    def of_each_log(
        self,
        work: Callable[[Log], Iterable[T]],
        *,
        at_once: bool = False,
        in_trouble: Callable[[str, StoreTrouble], T] | None = None,
    ) -> Iterator[T]:
        """What comes of the log of each account; of several, one that cannot be read stops no other."""

        def of_account(account: str) -> Iterator[T]:
            with self.session.workspace.log_there(account) as log:
                yield from work(log)

        return of_each(
            self.session, self.accounts, of_account, at_once=at_once, in_trouble=in_trouble
        )

    @property
    def looked_in(self) -> list[str]:
        """The accounts that could be read."""
        return [one for one in self.accounts if one not in self.session.left_out]

    def recall(self, log: Log, streams: Collection[str] | None = None) -> Recall:
        """The account as it stood on the day, as it was known at the moment.

        Where the question is about some streams only, its book tells what these can depend on.
        """
        from ledger.recall import Recall

        def make_book(recall: Recall) -> Book:
            return self._book(recall, streams)

        return Recall(log, self.as_of, self.asked_known_at, make_book=make_book)

    def _book(self, recall: Recall, streams: Collection[str] | None) -> Book:
        """The book by what is kept beside the log; out of the log itself where nothing can be kept."""
        from ledger.nearby import book_near
        from projections.asking import book_of, excerpted
        from projections.links import Links
        from projections.views import open_views

        log = recall.log
        try:
            with closing(
                open_views(self.session.workspace.address(log.account), log.account)
            ) as views:
                if streams is None or len(streams) > NEARBY_MAX or not views.may_fill:
                    return book_of(recall, views)
                kept = excerpted(recall, views)
                return book_near(recall, recall.cases(streams), Links(log, views), kept)
        except StoreTrouble:
            return recall.whole_book()

    def rows(
        self, log: Log, projection: Projection[R], streams: Collection[str] | None = None
    ) -> Iterator[R]:
        """The rows of a projection as they are used: of its view, caught up first, or folded anew."""
        from cli.output import progress
        from projections.catching_up import ask

        recall = self.recall(log)
        entries = log.position()
        with closing(self._views(log)) as views, progress(self.session, entries) as told:
            yield from ask(projection, recall, views, streams, _catching_up(log, told))

    def findings(
        self, recall: Recall, streams: Collection[str] | None = None, *, in_short: bool = False
    ) -> Iterator[Finding]:
        """Every finding of an account on the day, or of some streams; where it may be short, without the tests."""
        from cli.output import progress
        from ledger.judging import audit

        account = recall.log.account
        with progress(self.session, None) as told:
            every = streams is None
            found = self._every_finding(recall, in_short, told) if every else audit(recall, streams)
            for number, finding in enumerate(found, 1):
                if number % SAID_EVERY == 1:
                    told(f"{account}: judging, {number:,} findings so far", number)
                yield finding

    def may_record(self, log: Log) -> bool:
        """False for a server's user who may only read: whoever appends to a log may fill its views."""
        with suppress(StoreTrouble), closing(self._views(log)) as views:
            return views.may_fill
        return True

    def findings_named(self, log: Log, wanted: str) -> list[Finding]:
        """The findings on the day that have this id, or whose ids begin so; they may be short of their tests.

        A whole id that the table of findings or an audit has noted is looked for there first; else every case
        of which there may be a finding is judged.
        """
        if len(wanted) >= WHOLE and (noted := self._noted(log, wanted)):
            there = self.findings(self.recall(log, noted), noted)
            if found := [one for one in there if one.finding_id == wanted]:
                return found
        every = self.findings(self.recall(log), in_short=True)
        return [one for one in every if one.finding_id.startswith(wanted)]

    def _noted(self, log: Log, finding_id: str) -> list[str]:
        """Where a finding of this id was once found."""
        from ledger.events.judgements import JudgementRecorded
        from projections import ELIGIBILITY

        with suppress(StoreTrouble), closing(self._views(log)) as views:
            if streams := views.streams_telling(ELIGIBILITY, "finding_id", finding_id):
                return streams
        recorded = log.entries(topics=[JudgementRecorded.TOPIC])
        return sorted(
            {
                entry.stream
                for entry in recorded
                if isinstance(entry.event, JudgementRecorded)
                and entry.event.finding_id == finding_id
            }
        )

    def _every_finding(self, recall: Recall, in_short: bool, told: Progress) -> Iterator[Finding]:
        from ledger.judging import audit, judge, judge_in_short
        from projections.asking import judge_each

        try:
            views = self._views(recall.log)
        except StoreTrouble:  # nothing can be kept beside the log, and nothing need be
            yield from audit(recall)
            return
        with closing(views):
            judging = judge_in_short if in_short else judge
            folded = _catching_up(recall.log, told)
            yield from judge_each(recall, views, judging, progress=folded)

    def of_each(self, recall: Recall, asked: Asked[T], told: Progress) -> Iterator[T]:
        """What is answered of every case of which there may be a finding or a duty."""
        from ledger.judging import owing, to_judge
        from projections.asking import ask_where_found

        try:
            views = self._views(recall.log)
        except StoreTrouble:  # nothing can be kept beside the log, and nothing need be
            for case in recall.cases(to_judge(recall)):
                yield asked(case, recall.book, recall.as_of)
            return
        with closing(views):
            folded = _catching_up(recall.log, told)
            yield from ask_where_found(recall, views, asked, owing(recall), progress=folded)

    def sums(
        self, recall: Recall, summed: Summed[T], streams: Collection[str] | None = None
    ) -> Iterator[T]:
        """What all cases come to, or some: sums of many cases each, in the order of their streams."""
        from projections.asking import sum_up

        try:
            views = self._views(recall.log)
        except StoreTrouble:  # nothing can be kept beside the log, and nothing need be
            yield summed(recall.cases(streams), recall.book)
            return
        with closing(views):
            yield from sum_up(recall, views, summed, streams)

    def _views(self, log: Log) -> Views:
        from projections.views import open_views

        return open_views(self.session.workspace.address(log.account), log.account)

    def streams_here(self, log: Log, streams: Collection[str]) -> list[str]:
        """Those of the streams that belong to the store asked about."""
        from projections import STATUS

        # Of orders the table says it; of the others, who are few, their entries do.
        places = {row.stream: row.marketplace for row in self.rows(log, STATUS, streams)}
        others = self.recall(log).cases(set(streams) - places.keys())
        places.update((case.stream, case.marketplace) for case in others)
        return sorted(stream for stream, place in places.items() if self.admits(place))

    def admits(self, marketplace: str | None) -> bool:
        """True for what belongs to the store asked about."""
        return self.marketplace is None or marketplace == self.marketplace


def question(
    session: Session,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> Question:
    """The question as asked, today and now in the place of what was left out."""
    from ledger.values import instant

    workspace = session.workspace
    now = workspace.clock()
    return Question(
        session=session,
        accounts=tuple(workspace.chosen(account)),
        marketplace=marketplace,
        as_of=as_of or now.date(),
        known_at=instant(known_at or now),
        plain=as_of is None and known_at is None,
        asked_known_at=instant(known_at) if known_at else None,
    )


def refuse_several(ids: Collection[str], name: str) -> None:
    """Raise UnknownThing where several findings have ids that begin like a name."""
    if len(ids) > 1:
        raise UnknownThing(
            f"{len(ids)} findings begin like this: {', '.join(sorted(ids)[:5])}",
            found=name,
            advice="Write a few more letters of the one that is meant.",
        )


def _catching_up(log: Log, told: Progress) -> Callable[[int, int | None], None]:
    """Says how far the views of an account have been brought to the end of its log."""
    entries = log.position()

    def folded(done: int, of: int | None) -> None:
        told(f"{log.account}: catching up", done if of else entries)

    return folded


class Wanted:
    """The orders, FNSKUs, removals or streams that a question is narrowed to, looked up in each log."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [name.strip() for name in names]
        self._found: set[str] = set()

    def streams(self, log: Log) -> list[str] | None:
        """The streams of this log that are meant; None where the question is about all."""
        if not self._names:
            return None
        streams = {name: stream_of(log, name) for name in self._names}
        self._found.update(name for name, stream in streams.items() if stream)
        return sorted({stream for stream in streams.values() if stream})

    def refuse_unknown(self, accounts: Iterable[str]) -> None:
        """Raise UnknownThing for a name of which no log has an entry."""
        for name in self._names:
            if name not in self._found:
                raise UnknownThing(
                    f"nothing is recorded of it in {', '.join(accounts)}",
                    found=name,
                    advice="`returns-ledger coverage` shows which reports and days were imported.",
                )


def stream_of(log: Log, name: str) -> str | None:
    """The stream that is meant: the one of that name, else the first about such a thing; or None."""
    candidates = [name]
    for bare in dict.fromkeys((name, name.upper())):
        candidates += [order_stream(bare), stock_stream(bare), removal_stream(bare)]
    heads = log.heads(candidates)
    return next((stream for stream in candidates if heads[stream]), None)
