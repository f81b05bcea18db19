"""A question as it was asked: of which accounts, about which day, as known at which moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from cli.session import Session
from ledger.errors import UnknownThing
from ledger.event import order_stream, removal_stream, stock_stream

if TYPE_CHECKING:
    from ledger.recall import Recall
    from ledger.store import Log


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

    def logs(self) -> Iterator[Log]:
        """The log of each account, one after the other."""
        for account in self.accounts:
            self.session.accounts.append(account)
            with self.session.workspace.log(account) as log:
                yield log

    def recall(self, log: Log) -> Recall:
        """The account as it stood on the day, as it was known at the moment."""
        from ledger.recall import Recall

        return Recall(log, self.as_of, self.asked_known_at)

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
    """The question as asked; a moment still to come is now, as nobody knows yet what will be known."""
    from ledger.values import instant

    workspace = session.workspace
    now = workspace.clock()
    moment = min(known_at, now) if known_at else None
    return Question(
        session=session,
        accounts=tuple(workspace.chosen(account)),
        marketplace=marketplace,
        as_of=as_of or now.date(),
        known_at=instant(moment or now),
        plain=as_of is None and known_at is None,
        asked_known_at=instant(moment) if moment else None,
    )


def streams_of(log: Log, names: Iterable[str]) -> list[str]:
    """The streams meant by these order ids, FNSKUs, removal order ids or streams' own names.

    Raises UnknownThing for the first of which nothing is recorded.
    """
    found = []
    for name in names:
        stream = stream_of(log, name)
        if stream is None:
            raise UnknownThing(
                f"nothing is recorded of it in {log.account}",
                found=name,
                advice="`returns-ledger coverage` shows which reports and days were imported.",
            )
        found.append(stream)
    return found


def stream_of(log: Log, name: str) -> str | None:
    """The stream that is meant: the one of that name, else the first about such a thing; or None."""
    candidates = [name]
    for bare in dict.fromkeys((name, name.upper())):
        candidates += [order_stream(bare), stock_stream(bare), removal_stream(bare)]
    heads = log.heads(candidates)
    return next((stream for stream in candidates if heads[stream]), None)
