"""A sentence for every kind of event."""

from __future__ import annotations

import msgspec
import pytest

from cli.summaries import summary
from ledger.event import Event
from ledger.events import BY_TOPIC, EVENT_TYPES
from ledger.events.orders import OrderPlaced, OrderStatusReported
from ledger.store.mapper import EntryMapper
from tests.registries import ROOT

HISTORY = ROOT / "tests" / "history" / "events.jsonl"


class Written(msgspec.Struct):
    """A body as it was stored."""

    topic: str
    body: msgspec.Raw


def recorded() -> list[Event]:
    """Events of every kind, as the log has ever written them."""
    mapper = EntryMapper(BY_TOPIC)
    lines = [msgspec.json.decode(line, type=Written) for line in HISTORY.read_bytes().splitlines()]
    return [
        mapper.entry(1, "order/1", 1, line.topic, bytes(line.body), None).event for line in lines
    ]


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_every_kind_of_event_has_a_sentence(kind: type[Event]) -> None:
    events = [event for event in recorded() if type(event) is kind]

    assert events, f"{HISTORY.name} shows no {kind.__name__}"
    for event in events:
        told = summary(event)
        assert told.endswith(".")
        assert "None" not in told
        assert "  " not in told


def test_what_the_same_row_told_besides_is_said_too() -> None:
    placed = OrderPlaced(
        order_id="1",
        sku="A",
        quantity=2,
        sales_channel="Amazon.de",
        status=OrderStatusReported(order_id="1", order_status="Shipped"),
    )

    assert summary(placed) == (
        "2 units of A ordered on Amazon.de. The orders report says: Shipped."
    )
