"""Whatever the log has ever written can be read, and is written alike again.

`history/events.jsonl` holds, for every kind of event, bodies as the log stored them. Its lines are
what sellers' logs hold: a line that stands there is never changed and never removed. A field that a
kind of event gains needs one more line; a retired kind keeps its lines and what still reads them.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

import msgspec
import pytest

from ledger.event import Event
from ledger.events import BY_TOPIC, EVENT_TYPES
from ledger.store.mapper import EntryMapper

HISTORY: Final = Path(__file__).with_name("history") / "events.jsonl"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One body as the log stored it, under its topic."""

    topic: str
    body: msgspec.Raw

    @property
    def state(self) -> bytes:
        """The very bytes."""
        return bytes(self.body)


LINES: Final = tuple(
    msgspec.json.decode(line, type=Line) for line in HISTORY.read_bytes().splitlines()
)

every_line = pytest.mark.parametrize(
    "line", LINES, ids=[f"{number} {line.topic}" for number, line in enumerate(LINES, 1)]
)
every_kind = pytest.mark.parametrize("kind", EVENT_TYPES, ids=[kind.TOPIC for kind in EVENT_TYPES])


@every_line
def test_what_was_written_is_read_and_written_alike(line: Line) -> None:
    """To the byte: the log's hashes are over these bytes."""
    mapper = EntryMapper(BY_TOPIC)
    entry = mapper.entry(1, "order/111-0000001-0000001", 1, line.topic, line.state, None)

    assert type(entry.event) is BY_TOPIC[line.topic]
    assert mapper.to_stored_event(entry).state == line.state


@every_kind
def test_every_kind_of_event_has_a_line_with_each_of_its_fields(kind: type[Event]) -> None:
    """A field that no line holds could be renamed, and nobody would notice."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for line in LINES:
        body = msgspec.json.decode(line.state, type=dict[str, msgspec.Raw])
        told[line.topic] |= set(msgspec.json.decode(body["event"], type=dict[str, msgspec.Raw]))
    untold = set(kind.__struct_fields__) - told[kind.TOPIC]

    assert untold == set(), f"add a line for {kind.TOPIC} to {HISTORY.name} that holds these fields"


def test_every_part_of_an_entry_is_in_some_line() -> None:
    """Not only the events, but also what stands around them."""
    bodies = [msgspec.json.decode(line.state) for line in LINES]
    around = {name for body in bodies for name in body}
    tellings = {name for body in bodies for name in body.get("telling", ())}
    sources = {name for body in bodies for name in body["source"]}

    assert around == {
        "actor",
        "causation",
        "correlation",
        "event",
        "occurred_at",
        "source",
        "telling",
    }
    assert tellings == {"digest", "identity", "keys", "occurrence", "part", "revises", "told_at"}
    assert sources == {"command", "command_id", "digest", "row"}


def test_every_line_is_of_a_kind_that_can_be_read() -> None:
    assert sorted({line.topic for line in LINES} - BY_TOPIC.keys()) == []
