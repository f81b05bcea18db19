"""Events, entries and a clock that the tests of the store make up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from ledger.event import Entry, Event, Source, Telling
from ledger.store import Log, open_log
from ledger.values import Money


class UnitReturned(Event, frozen=True, kw_only=True):
    TOPIC: ClassVar[str] = "unit-returned.v1"

    sku: str
    quantity: int = 1
    price: Money | None = None


class RefundIssued(Event, frozen=True, kw_only=True):
    TOPIC: ClassVar[str] = "refund-issued.v1"

    amount: Money


EVENT_TYPES: dict[str, type[Event]] = {kind.TOPIC: kind for kind in (UnitReturned, RefundIssued)}

START = datetime(2026, 11, 23, 4, 30, 2, tzinfo=UTC)


def ticking(start: datetime = START) -> Callable[[], datetime]:
    """A clock that goes on by a second each time it is asked."""
    asked = 0

    def clock() -> datetime:
        nonlocal asked
        asked += 1
        return start + timedelta(seconds=asked - 1)

    return clock


def opened(url: str, account: str = "main", clock: Callable[[], datetime] | None = None) -> Log:
    """The log at an address, with the invented events."""
    return open_log(url, account, event_types=EVENT_TYPES, clock=clock or ticking())


def returned(stream: str, version: int, sku: str = "SKU-1", told: str | None = None) -> Entry:
    """An entry that says that a unit came back."""
    telling = None
    if told is not None:
        telling = Telling(identity=told, occurrence=1, digest="0" * 64, told_at="2026-11-01")
    return Entry(
        stream=stream,
        version=version,
        event=UnitReturned(sku=sku, price=Money(1299, "USD")),
        occurred_at="2026-11-01T10:00:00Z",
        actor="import",
        source=Source(digest="ab" * 32, row=version + 1),
        telling=telling,
    )


def returns(stream: str, versions: range) -> list[Entry]:
    """Entries of one stream, one after the other."""
    return [returned(stream, version) for version in versions]
