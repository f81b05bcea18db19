"""What is appended can be read back in every way that is asked for, and in no other state."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any
from weakref import WeakSet

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import ConcurrentChange, StoreTrouble, UnknownThing
from ledger.event import Entry, Event
from ledger.store import Encoded, Log, Packed, leaf_hash, microseconds_of, open_log, root
from ledger.store.mapper import EntryMapper
from ledger.store.recorder import encoded_of
from ledger.values import Money
from tests.ledger.store.invented import (
    EVENT_TYPES,
    RefundIssued,
    UnitReturned,
    opened,
    returned,
    returns,
    ticking,
)
from tests.ledger.store.test_checking import tamper

FIRST, SECOND, THIRD = (f"2026-11-23T04:30:0{second}.000000Z" for second in (2, 3, 4))
"""When the ticking clock records the first three appends."""


@pytest.fixture
def filled(log: Log) -> Log:
    """Three appends: two streams, then one of them again, then a refund."""
    log.append([*returns("order/2", range(1, 3)), *returns("order/1", range(1, 3))])
    log.append(returns("order/2", range(3, 5)))
    log.append([msgspec.structs.replace(returned("stock/X1", 1), event=REFUND)])
    return log


REFUND = RefundIssued(amount=Money(500, "EUR"))


def places(entries: Iterator[Entry] | list[Entry]) -> list[tuple[str, int]]:
    return [(entry.stream, entry.version) for entry in entries]


# --- appending


def test_an_append_returns_the_entries_as_they_are_read(log: Log) -> None:
    appended = log.append(returns("order/1", range(1, 4)))

    assert [(1, FIRST), (2, FIRST), (3, FIRST)] == [(e.position, e.recorded_at) for e in appended]
    assert appended == list(log.entries())


def test_nothing_appended_is_nothing_recorded(log: Log) -> None:
    assert [] == log.append([])
    assert (0, None) == (log.position(), log.recorded_at())


def test_a_version_that_is_taken_is_a_concurrent_change(filled: Log) -> None:
    before = list(filled.raw_lines())
    for version in (1, 2):
        with pytest.raises(ConcurrentChange, match="order/1"):
            filled.append([returned("order/3", 1), returned("order/1", version)], originals=[b"x"])

    assert before == list(filled.raw_lines())
    assert [] == list(filled.originals())


@pytest.mark.parametrize("stream", ["order/1", "stock/X1", "account"])
def test_a_telling_that_is_there_is_a_concurrent_change(log: Log, stream: str) -> None:
    log.append([returned(stream, 1, told="LPN1")])
    with pytest.raises(ConcurrentChange, match=stream):
        log.append([returned("order/2", 1), returned(stream, 2, told="LPN1")])

    assert 1 == log.position()


def test_the_same_telling_may_be_told_in_another_stream(log: Log) -> None:
    log.append([returned("order/1", 1, told="LPN1"), returned("order/2", 1, told="LPN1")])

    assert 2 == log.position()


@pytest.mark.parametrize(
    "entries",
    [
        [returned("order/1", 0)],
        [returned("order/1", 2)],
        [returned("order/1", 1), returned("order/1", 3)],
        [returned("order/1", 1), returned("order/1", 1)],
        [returned("order/1", 1, told="LPN1"), returned("order/1", 2, told="LPN1")],
    ],
)
def test_entries_that_leave_a_gap_or_repeat_are_a_defect(log: Log, entries: list[Entry]) -> None:
    with pytest.raises(AssertionError):
        log.append(entries)

    assert 0 == log.position()


def test_a_head_that_does_not_fit_is_no_concurrent_change(filled: Log, store_url: str) -> None:
    """Otherwise whoever imports would try again for ever."""
    tamper(store_url, "UPDATE head SET position = 4, peaks = (SELECT leaf FROM entries LIMIT 1)")
    with pytest.raises(StoreTrouble, match="refuses"):
        filled.append([returned("order/9", 1)])


# --- appending what is encoded, however much


def encoded(entries: list[Entry]) -> list[Encoded]:
    mapper = EntryMapper(EVENT_TYPES)
    return [encoded_of(mapper.to_stored_event(entry)) for entry in entries]


def many(count: int) -> list[Entry]:
    """As many entries, three of each stream."""
    return [
        returned(f"order/{number // 3:06}", number % 3 + 1, told=f"LPN{number}")
        for number in range(count)
    ]


def test_what_is_appended_in_batches_is_what_is_appended_at_once(log: Log, sqlite_url: str) -> None:
    rows = encoded(many(1000))
    cuts = [0, 1, 2, 300, 300, 999, 1000]
    batches = [rows[start:end] for start, end in pairwise(cuts)]
    log.append([returned("order/before", 1)])
    receipt = log.append_encoded(iter(batches), originals=[b"file"])
    with opened(f"{sqlite_url}2") as other:
        other.append([returned("order/before", 1)])
        other.append(many(1000), originals=[b"file"])

        assert range(2, 1002) == receipt.positions
        assert list(other.raw_lines()) == list(log.raw_lines())
        assert (other.tree().size, other.tree().root) == (log.tree().size, log.tree().root)
        assert list(other.originals_kept()) == list(log.originals_kept())
        assert all(check.ok for check in log.verify())
        assert other.inclusion(500, 1001) == log.inclusion(500, 1001)


def test_no_batch_is_held_after_it_is_written(log: Log) -> None:
    """So that millions can be appended."""
    alive: WeakSet[Batch] = WeakSet()

    def batches() -> Iterator[Batch]:
        for start in range(0, 300, 3):
            alive.add(batch := Batch(encoded(many(300)[start : start + 3])))
            yield batch
            del batch
            assert len(alive) <= 2

    assert 300 == len(log.append_encoded(batches()).positions)


class Batch(list[Encoded]):
    """A list that can be watched."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # watched as what it is


def test_a_late_batch_takes_back_all_that_were_before_it(filled: Log) -> None:
    before = list(filled.raw_lines())
    taken = [encoded([returned("order/1", 2)]), encoded([returned("order/1", 1)])]
    for late in taken:
        with pytest.raises(ConcurrentChange, match="order/1"):
            filled.append_encoded([encoded([returned("order/3", 1)]), late], originals=[b"x"])

    assert before == list(filled.raw_lines())
    assert [] == list(filled.originals())


def test_a_batch_that_leaves_a_gap_is_a_defect(filled: Log) -> None:
    before = list(filled.raw_lines())
    with pytest.raises(AssertionError, match="order/3"):
        filled.append_encoded(
            [encoded([returned("order/3", 1)]), encoded([returned("order/3", 3)])]
        )

    assert before == list(filled.raw_lines())


def test_what_the_batches_raise_leaves_as_it_is_and_nothing_is_written(filled: Log) -> None:
    before = list(filled.raw_lines())

    def batches() -> Iterator[list[Encoded]]:
        yield encoded([returned("order/3", 1)])
        raise KeyError("the reader's own trouble")

    with pytest.raises(KeyError, match="own trouble"):
        filled.append_encoded(batches(), originals=[b"x"])

    assert before == list(filled.raw_lines())
    assert [] == list(filled.originals())
    assert 8 == filled.append([returned("order/3", 1)])[0].position


def test_an_original_may_come_packed(log: Log) -> None:
    content = b"as Amazon delivered it" * 100
    digest = sha256(content).hexdigest()
    packed = Packed(digest, len(content), memoryview(zlib.compress(content)), None)
    log.append_encoded([encoded([returned("order/1", 1)])], originals=[packed])

    assert content == log.original(digest)
    assert all(check.ok for check in log.verify())


def test_streams_and_bodies_may_hold_any_text(log: Log) -> None:
    names = ["order/ä", "order/\u2028", 'order/"', "order/🐈", "order/%s", "order/:name", "order/'"]
    appended = log.append([returned(name, 1, sku=name, told=name) for name in names])

    assert appended == list(log.entries())
    assert {name: [entry] for name, entry in zip(names, appended, strict=True)} == log.streams(
        names
    )
    assert all(check.ok for check in log.verify())


# --- reading


def test_entries_come_in_the_order_they_were_recorded(filled: Log) -> None:
    assert [1, 2, 3, 4, 5, 6, 7] == [entry.position for entry in filled.entries()]
    assert [5, 6, 7] == [entry.position for entry in filled.entries(after=4)]
    assert [1, 2, 5, 6] == [entry.position for entry in filled.entries("order/2")]
    assert [5, 6] == [entry.position for entry in filled.entries("order/2", after=2)]
    assert [] == list(filled.entries("order/9"))


def test_entries_can_be_chosen_by_topic(filled: Log) -> None:
    refund, returned_unit = RefundIssued.TOPIC, UnitReturned.TOPIC

    assert [REFUND] == [entry.event for entry in filled.entries(topics=[refund])]
    assert 7 == len(list(filled.entries(topics={refund, returned_unit})))
    assert [] == list(filled.entries(topics=["never-heard.v1"]))


@pytest.mark.parametrize(
    ("known_at", "count"),
    [
        ("2026-11-23T04:30:01.999999Z", 0),
        (FIRST, 4),
        ("2026-11-23T04:30:02Z", 4),
        ("2026-11-23T05:30:02.5+01:00", 4),
        (SECOND, 6),
        (THIRD, 7),
        ("2030-01-01T00:00:00Z", 7),
    ],
)
def test_what_was_known_at_a_moment_is_what_had_been_recorded(
    filled: Log, known_at: str, count: int
) -> None:
    known = [entry for entry in filled.entries() if (entry.position or 0) <= count]

    assert known == list(filled.entries(known_at=known_at))
    of_order_2 = [entry for entry in known if entry.stream == "order/2"]
    assert {"order/2": of_order_2} == filled.streams(["order/2"], known_at=known_at)
    assert count == sum(len(entries) for _stream, entries in filled.cases(known_at=known_at))


def test_a_moment_without_a_zone_is_refused(log: Log) -> None:
    with pytest.raises(ValueError, match="zone"):
        log.entries(known_at="2026-11-23T04:30:02")


def test_streams_are_read_together_in_the_order_of_versions(filled: Log) -> None:
    streams = filled.streams(["order/9", "order/2", "order/1"])

    assert ["order/9", "order/2", "order/1"] == list(streams)
    assert [] == streams["order/9"]
    assert [1, 2, 3, 4] == [entry.version for entry in streams["order/2"]]
    assert [1, 2] == [entry.version for entry in streams["order/1"]]


def test_more_streams_than_one_question_holds_are_read_too(log: Log) -> None:
    names = [f"order/{number:05d}" for number in range(1500)]
    log.append([returned(name, 1) for name in names])

    assert dict.fromkeys(names, 1) == log.heads(names)
    assert {1} == {len(entries) for entries in log.streams(names).values()}


def test_what_is_stored_of_streams_is_read_by_name_and_version(filled: Log) -> None:
    found = list(filled.stored_streams(["order/2", "order/9", "order/1", "order/2"]))
    rows = [(row[1], row[2], row[3], row[4]) for _stream, told in found for row in told]

    assert ["order/1", "order/2"] == [stream for stream, _told in found]
    assert [
        (row.stream, row.version, row.topic, row.state) for row in encoded_rows(filled, "order/")
    ] == rows


def encoded_rows(log: Log, begins: str) -> list[Encoded]:
    entries = [entry for entry in log.entries() if entry.stream.startswith(begins)]
    return encoded(sorted(entries, key=lambda entry: (entry.stream, entry.version)))


def test_cases_are_whole_streams_by_name(filled: Log) -> None:
    cases = list(filled.cases())

    assert ["order/1", "order/2", "stock/X1"] == [stream for stream, _entries in cases]
    assert [("order/2", version) for version in (1, 2, 3, 4)] == places(cases[1][1])


def test_streams_are_sorted_by_bytes_on_every_database(log: Log) -> None:
    names = ["a", "B", "ä", "Z", "_", "a b", "a-b", "ab", "\ue000", "🐈"]
    log.append([returned(name, 1) for name in names])
    by_bytes = sorted(names, key=str.encode)

    assert by_bytes == [stream for stream, _entries in log.cases()]
    assert by_bytes == log.changed_streams(0)


def test_changed_streams_are_those_with_later_entries(filled: Log) -> None:
    assert ["order/1", "order/2", "stock/X1"] == filled.changed_streams(0)
    assert ["order/2", "stock/X1"] == filled.changed_streams(4)
    assert [] == filled.changed_streams(7)


def test_entries_of_some_kinds_may_change_no_stream(filled: Log) -> None:
    topics = {entry.stream: entry.event.TOPIC for entry in filled.entries(after=4)}

    assert ["order/2"] == filled.changed_streams(4, but_for=[topics["stock/X1"]])


def test_heads_are_the_highest_versions(filled: Log) -> None:
    assert {"order/1": 2, "order/9": 0, "order/2": 4} == filled.heads(
        ["order/1", "order/9", "order/2"]
    )


def test_the_last_position_and_moment_are_known(filled: Log) -> None:
    assert (7, THIRD) == (filled.position(), filled.recorded_at())


def test_the_lines_make_the_tree(filled: Log) -> None:
    lines = list(filled.raw_lines())

    assert root(map(leaf_hash, lines)) == filled.tree().root
    assert 7 == filled.tree().size
    assert lines[4:] == list(filled.raw_lines(after=4))


def test_an_unknown_topic_asks_for_an_update(filled: Log, store_url: str) -> None:
    types: dict[str, type[Event]] = {UnitReturned.TOPIC: UnitReturned}
    with (
        open_log(store_url, "main", event_types=types, clock=ticking()) as older,
        pytest.raises(StoreTrouble, match=r"refund-issued\.v1") as trouble,
    ):
        list(older.entries())

    assert "update the program" in trouble.value.advice()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=8))
def test_any_appends_can_be_read_in_every_way(sqlite_url: str, appends: list[list[int]]) -> None:
    account_url = sqlite_url.replace("main", sha256(repr(appends).encode()).hexdigest()[:16])
    heads: dict[str, int] = {}
    written: list[Entry] = []
    with opened(account_url) as log:
        before = log.position()
        for numbers in appends if not before else []:
            entries = []
            for number in numbers:
                stream = f"order/{number}"
                heads[stream] = heads.get(stream, 0) + 1
                entries.append(returned(stream, heads[stream]))
            written += log.append(entries)
        if before:
            return

        assert written == list(log.entries())
        assert heads == log.heads(heads)
        assert heads == {stream: len(entries) for stream, entries in log.cases()}
        assert sorted(heads) == log.changed_streams(0)
        assert [] == [problem for check in log.verify() for problem in check.problems]


# --- originals


def test_an_original_comes_back_byte_for_byte(log: Log) -> None:
    files = [b"", b"order-id\tsku\r\n", bytes(range(256)) * 5000]
    log.append([returned("order/1", 1)], originals=files)

    digests = sorted(sha256(file).hexdigest() for file in files)
    assert digests == list(log.originals())
    assert sorted(files) == sorted(map(log.original, digests))
    assert log.has_original(digests[0])


def test_an_original_is_kept_once(log: Log) -> None:
    log.append([returned("order/1", 1)], originals=[b"file", b"file"])
    log.append([returned("order/1", 2)], originals=[b"file", b"other"])
    log.append([], originals=[b"third"])

    assert 3 == len(list(log.originals()))
    assert 2 == log.position()


def test_an_original_that_is_not_there_is_unknown(log: Log) -> None:
    assert not log.has_original("ab" * 32)
    with pytest.raises(UnknownThing, match="ab" * 32):
        log.original("ab" * 32)


@pytest.mark.parametrize("content", [b"x", zlib.compress(b"another")])
def test_a_damaged_original_is_not_given_out(log: Log, store_url: str, content: bytes) -> None:
    log.append([], originals=[b"file"])
    literal = f"X'{content.hex()}'" if "sqlite" in store_url else f"'\\x{content.hex()}'"
    tamper(store_url, f"UPDATE originals SET content = {literal}")

    with pytest.raises(StoreTrouble, match="damaged"):
        log.original(sha256(b"file").hexdigest())


# --- around it


def test_the_environment_of_the_process_does_not_leak_in(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PERSISTENCE_MODULE", "MAPPER_TOPIC", "CIPHER_TOPIC", "TRANSCODER_TOPIC"):
        monkeypatch.setenv(name, "nowhere:Nothing")
    monkeypatch.setenv("IS_SNAPSHOTTING_ENABLED", "y")
    monkeypatch.setenv("STORE_URL", "sqlite:///elsewhere.db")
    monkeypatch.setenv("LOG_STORE_URL", "sqlite:///elsewhere.db")
    with opened(store_url) as log:
        log.append([returned("order/1", 1)])

        assert log.snapshots is None
        assert 1 == log.position()


def test_a_log_can_be_closed_under_an_unfinished_reader(store_url: str) -> None:
    with ExitStack() as stack:
        log = stack.enter_context(opened(store_url))
        log.append(returns("order/1", range(1, 3000)))
        reading = log.entries()
        assert 1 == next(reading).position
        stack.close()
        with pytest.raises(StoreTrouble):
            list(reading)


def test_a_reader_that_is_dropped_is_closed(log: Log) -> None:
    log.append(returns("order/1", range(1, 3000)))
    for number in range(50):  # more than the server would have connections for
        assert 1 == next(log.entries()).position, number


def test_reading_goes_on_while_the_log_grows(log: Log) -> None:
    log.append(returns("order/1", range(1, 2501)))
    seen = 0
    for entry in log.entries():
        seen += 1
        if entry.version % 1000 == 0:
            log.append([returned(f"order/new-{entry.version}", 1)])

    assert 2500 == seen
    assert 2502 == log.position()


def test_reading_a_long_log_takes_little_memory(log: Log) -> None:
    long = "SKU-" + "1" * 500
    for number in range(10):
        log.append([returned(f"order/{number}", version, sku=long) for version in range(1, 1001)])
    tracemalloc.start()
    try:
        for read in (log.entries, log.raw_lines):
            assert 10_000 == sum(1 for _entry in read())
        size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4_000_000, f"{peak} bytes for 10 MB of entries, {size} kept"


def test_the_library_reads_the_same_entries(filled: Log) -> None:
    """The log is an application of the eventsourcing library: its own ways in still work."""
    written = list(filled.entries())
    library: Any = filled
    section = library.notification_log["1,10"]

    assert written == [library.mapper.to_domain_event(item) for item in section.items]
    of_order_2 = list(library.events.get("order/2"))
    assert places([e for e in written if e.stream == "order/2"]) == places(of_order_2)


def test_the_clock_is_the_one_that_was_given(store_url: str) -> None:
    moment = datetime(2020, 2, 29, 12, 0, 0, 7, tzinfo=UTC)
    with opened(store_url, clock=lambda: moment) as log:
        log.append([returned("order/1", 1)])

        assert "2020-02-29T12:00:00.000007Z" == log.recorded_at()


def test_the_end_at_a_moment_is_that_of_a_look_at_every_entry(log: Log) -> None:
    """Of commits of one entry and of several, at each moment and between them."""
    for number, entries in enumerate((1, 3, 1, 2, 5, 1), 1):
        log.append(returns(f"order/{number}", range(1, entries + 1)))
    told = [(entry.position or 0, entry.recorded_at or "") for entry in log.entries()]
    moments = {moment for _, moment in told} | {"2000-01-01T00:00:00Z", "2030-01-01T00:00:00Z"}
    moments |= {moment.replace("Z", "").split(".")[0] + ".500000Z" for moment in moments}

    for moment in moments:
        known = [
            position for position, at in told if microseconds_of(at) <= microseconds_of(moment)
        ]
        assert log.position_at(moment) == max(known, default=0), moment
