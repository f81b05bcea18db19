"""A log of any length, made quickly: units sent back, as their entries would be, without any file."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.event import Entry, Source, order_stream
from ledger.events.returns import UnitReturned
from ledger.store import Log

AT_ONCE = 20_000


def grow(log: Log, entries: int) -> None:
    """Append so many entries, one to each order: the same for the same number."""
    for start in range(0, entries, AT_ONCE):
        log.append(list(_returned(start, min(AT_ONCE, entries - start))))


def _returned(start: int, count: int) -> Iterator[Entry]:
    for number in range(start, start + count):
        yield returned(f"114-{number // 10_000_000:07}-{number % 10_000_000:07}", number)


def returned(order: str, number: int, version: int = 1) -> Entry:
    """A unit of an order sent back; the number decides which unit, and when."""
    return Entry(
        stream=order_stream(order),
        version=version,
        event=UnitReturned(
            order_id=order,
            sku=f"SKU-{number % 500:04}",
            fnsku=f"X00{number % 500:07}",
            asin=f"B0{number % 500:08}",
            quantity=1,
            fulfillment_center=f"LEX{(number + version - 1) % 9}",
            disposition="SELLABLE",
            reason="UNWANTED_ITEM",
        ),
        occurred_at=f"2026-{number % 10 + 1:02}-{number % 28 + 1:02}T12:00:00Z",
        actor="bench",
        source=Source(command="bench"),
    )
