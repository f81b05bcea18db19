"""What is stored is canonical, names no code, and reads back as what was meant."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import StoreTrouble
from ledger.event import Entry, Event, Source, Telling
from ledger.store.mapper import (
    EntryMapper,
    RecordedEntry,
    canonical_line,
    canonical_lines,
    instant_of,
    microseconds,
    microseconds_of,
)
from ledger.values import Money
from tests.ledger.store.invented import EVENT_TYPES, RefundIssued, UnitReturned, returned

mapper = EntryMapper(EVENT_TYPES)

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
tellings = st.builds(
    Telling, identity=names, occurrence=st.integers(1, 9), digest=names, told_at=names
)
events = st.one_of(
    st.builds(UnitReturned, sku=names, quantity=st.integers(-(2**53), 2**53), price=st.none()),
    st.builds(RefundIssued, amount=st.builds(Money, st.integers(-(10**15), 10**15), names)),
)
entries = st.builds(
    Entry,
    stream=names,
    version=st.integers(1, 2**31),
    event=events,
    occurred_at=names,
    actor=names,
    source=st.builds(Source, digest=names, row=st.none() | st.integers(1, 10**9)),
    telling=st.none() | tellings,
    causation=st.none() | names,
    correlation=st.none() | names,
    position=st.none(),
    recorded_at=st.none(),
)


@given(entries)
def test_what_is_written_reads_back_the_same(entry: Entry) -> None:
    assert entry == mapper.to_domain_event(mapper.to_stored_event(entry))


@given(entries)
def test_the_state_is_sorted_json_without_blanks(entry: Entry) -> None:
    state = mapper.to_stored_event(entry).state
    again = json.dumps(json.loads(state), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    # The escapes of the two encoders may differ; what they mean may not.
    assert json.loads(again) == json.loads(state)
    assert sorted(json.loads(state)) == list(json.loads(state))


def test_the_state_says_what_happened_and_nothing_that_is_not_there() -> None:
    stored = mapper.to_stored_event(returned("order/1", 1))

    assert (
        b'{"actor":"import",'
        b'"event":{"price":{"currency":"USD","minor":1299},"quantity":1,"sku":"SKU-1"},'
        b'"occurred_at":"2026-11-01T10:00:00Z",'
        b'"source":{"digest":"' + b"ab" * 32 + b'","row":2}}'
    ).replace(b'"quantity":1,', b"") == stored.state
    assert "unit-returned.v1" == stored.topic


def test_the_local_key_is_that_of_the_telling() -> None:
    entry = returned("order/1", 1, told="LPN1")
    assert entry.telling is not None

    assert entry.telling.local_key == mapper.to_stored_event(entry).local_key
    assert mapper.to_stored_event(returned("order/1", 1)).local_key is None


def test_a_recorded_entry_knows_its_place_and_moment() -> None:
    stored = mapper.to_stored_event(returned("order/1", 2))
    moment = microseconds(datetime(2026, 11, 23, 4, 30, 2, 1, tzinfo=UTC))
    recorded = RecordedEntry("order/1", 2, stored.topic, stored.state, 7, moment)
    entry = mapper.to_domain_event(recorded)

    assert isinstance(entry, Entry)
    assert (7, "2026-11-23T04:30:02.000001Z") == (entry.position, entry.recorded_at)


def test_an_unknown_topic_is_named_and_asks_for_an_update() -> None:
    with pytest.raises(StoreTrouble, match=r"'buyer-thanked\.v1'") as trouble:
        mapper.to_domain_event(StoredEvent("order/1", 3, "buyer-thanked.v1", b"{}"))

    assert "update the program" in trouble.value.advice()


@pytest.mark.parametrize("state", [b"", b"{}", b"[", b"\xff", b'{"event":{"sku":1}}'])
def test_a_damaged_state_says_where_it_is(state: bytes) -> None:
    with pytest.raises(StoreTrouble, match="version 3 of order/1"):
        mapper.to_domain_event(StoredEvent("order/1", 3, "unit-returned.v1", state))


def test_a_wrong_type_is_found_before_it_is_written() -> None:
    wrong: Any = "two"
    entry = msgspec.structs.replace(
        returned("order/1", 1), event=UnitReturned(sku="SKU-1", quantity=wrong)
    )
    with pytest.raises(AssertionError, match="cannot be read back"):
        mapper.to_stored_event(entry)


def test_what_reads_back_as_something_else_is_not_written() -> None:
    wrong: Any = datetime(2026, 1, 1, tzinfo=UTC)  # would come back as text
    entry = msgspec.structs.replace(returned("order/1", 1), actor=wrong)
    with pytest.raises(AssertionError, match="reads back as something else"):
        mapper.to_stored_event(entry)


def test_an_event_that_is_not_in_the_list_is_a_defect() -> None:
    class Unlisted(Event, frozen=True):
        TOPIC: ClassVar[str] = "unlisted.v1"

    class Impostor(UnitReturned, frozen=True):
        pass

    for event in (Unlisted(), Impostor(sku="SKU-1")):
        with pytest.raises(AssertionError, match="not in the list"):
            mapper.to_stored_event(msgspec.structs.replace(returned("order/1", 1), event=event))


# --- the line ---------------------------------------------------------------------------------


def line(state: bytes, stream: str = "order/1") -> bytes:
    return canonical_line(
        position=7, stream=stream, version=2, topic="a.v1", state=state, recorded_at=1
    )


def test_the_line_holds_the_whole_envelope_and_the_state_verbatim() -> None:
    assert (
        b'{"body":{"b": 1},"position":7,"recorded_at":"1970-01-01T00:00:00.000001Z",'
        b'"stream":"order/1","topic":"a.v1","version":2}' == line(b'{"b": 1}')
    )


@given(st.binary(max_size=30), names)
def test_every_line_is_one_line_of_json_that_tells_its_state(state: bytes, stream: str) -> None:
    made = line(state, stream)
    read = json.loads(made)

    assert b"\n" not in made
    assert b"\r" not in made
    assert stream == read["stream"]
    assert sorted(read) == list(read)


@pytest.mark.parametrize("state", [b"state1", b"\xff", b"", b'{"a":\n1}', b'{"a":1', b"{} {}"])
def test_a_state_that_is_no_json_goes_in_as_base64(state: bytes) -> None:
    assert ["base64"] == list(json.loads(line(state))["body"])


@pytest.mark.parametrize("number", [1.5, 1.0, "1", None, True])
def test_a_line_counts_in_whole_numbers(number: Any) -> None:
    """A broken number would show in the line as one that was never recorded, or as another."""
    for row in ((number, "order/1", 1, "a.v1", b"{}", 0), (1, "order/1", number, "a.v1", b"{}", 0)):
        with pytest.raises(ValueError, match="whole numbers"):
            canonical_lines([row])


# --- moments ----------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"{}", b"1,2", b"[1", b"2]", b""])))
def test_lines_made_together_are_those_made_one_by_one(states: list[bytes]) -> None:
    rows = [
        (number, f"order/{number}", 1, "x.v1", state, 0) for number, state in enumerate(states, 1)
    ]

    assert [
        canonical_line(
            position=position,
            stream=stream,
            version=version,
            topic=topic,
            state=state,
            recorded_at=recorded_at,
        )
        for position, stream, version, topic, state, recorded_at in rows
    ] == canonical_lines(rows)


@given(st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1)))  # noqa: DTZ001 - given a zone below
def test_moments_are_exact(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    text = instant_of(microseconds(moment))

    assert moment == datetime.fromisoformat(text)
    assert len("2026-11-23T04:30:02.000001Z") == len(text)
    assert microseconds(moment) == microseconds_of(text)


def test_a_moment_may_be_given_in_any_zone() -> None:
    moment = datetime(2026, 11, 23, 5, 30, tzinfo=timezone(timedelta(hours=1)))

    assert microseconds_of("2026-11-23T04:30:00Z") == microseconds_of(moment.isoformat())


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        microseconds_of("2026-11-23T04:30:00")
