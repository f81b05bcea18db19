"""Many write at once, readers follow, and nobody misses or overwrites anything."""

from __future__ import annotations

import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from threading import Barrier, Event, Thread
from typing import TypeVar

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking

from ledger.errors import ConcurrentChange
from ledger.event import Entry
from ledger.store import leaf_hash
from ledger.store.database import Database
from ledger.store.engines import engine_for
from ledger.store.recorder import Receipt, Recorder
from tests import forking
from tests.ledger.store import writers
from tests.ledger.store.invented import opened, returned, returns

T = TypeVar("T")


@pytest.fixture
def new_recorder(store_url: str) -> Iterator[Callable[[], Recorder]]:
    """Makes recorders with connections of their own on one store."""
    with ExitStack() as opened_databases:

        def new() -> Recorder:
            database = Database(*engine_for(store_url, "main"))
            opened_databases.callback(database.close)
            database.create()
            return Recorder(database, lambda: datetime.now(UTC))

        yield new


def stored(stream: str, versions: range) -> list[StoredEvent]:
    return [StoredEvent(stream, version, "written.v1", b"{}") for version in versions]


def at_once(number: int, do: Callable[[int], T]) -> list[T | Exception]:
    """What each of several threads came to that began at the same moment."""
    gate = Barrier(number)

    def done(index: int) -> T | Exception:
        gate.wait()
        try:
            return do(index)
        except Exception as error:  # the race's loser, looked at by the test
            return error

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(done, range(number)))


def test_a_follower_of_sixteen_writers_misses_nothing(
    store_url: str, new_recorder: Callable[[], Recorder]
) -> None:
    """Four processes open the new store at once and write with four threads each."""
    processes = 4
    expected = processes * writers.WRITERS * writers.APPENDS * writers.ENTRIES
    assert expected == 100_000
    started = [
        subprocess.Popen(
            [*forking.python(), "-m", writers.__name__, store_url, f"process-{number}"]
        )
        for number in range(processes)
    ]
    seen: list[int] = []
    streams: Counter[str] = Counter()
    with new_recorder().subscribe(gt=0) as following:
        for notification in following:
            seen.append(notification.id)
            streams[str(notification.originator_id)] += 1
            if len(seen) == expected:
                break

    assert [0] * processes == [process.wait() for process in started]
    assert list(range(1, expected + 1)) == seen
    assert {writers.APPENDS * writers.ENTRIES} == set(streams.values())


def test_positions_are_gapless_in_the_order_of_commits(
    new_recorder: Callable[[], Recorder],
) -> None:
    recorders = [new_recorder() for _ in range(4)]

    def write(writer: int) -> list[Receipt]:
        return [
            recorders[writer].record(stored(f"{writer}/{number}", range(1, 4)))
            for number in range(20)
        ]

    receipts = sorted(
        (receipt for written in at_once(4, write) for receipt in _expect(written)),
        key=lambda receipt: receipt.positions.start,
    )

    assert [p for receipt in receipts for p in receipt.positions] == list(range(1, 241))
    moments = [receipt.recorded_at or 0 for receipt in receipts]
    assert sorted(set(moments)) == moments


def _expect(outcome: T | Exception) -> T:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def test_the_clock_going_back_does_not_turn_the_order_round(store_url: str) -> None:
    moments = iter([datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)])
    with opened(store_url, clock=lambda: next(moments)) as log:
        log.append([returned("order/1", 1)])
        log.append([returned("order/1", 2)])

        assert ["2026-05-02T00:00:00.000000Z", "2026-05-02T00:00:00.000001Z"] == [
            entry.recorded_at for entry in log.entries()
        ]


def test_of_many_writers_to_one_stream_one_wins_and_nothing_else_is_written(
    store_url: str,
) -> None:
    def write(writer: int) -> list[Entry]:
        with opened(store_url) as log:
            mine = [returned("order/1", version, sku=f"SKU-{writer}") for version in (1, 2, 3)]
            return log.append(
                [returned(f"order/of-{writer}", 1), *mine], originals=[b"%d" % writer]
            )

    opened(store_url).close()
    outcomes = at_once(6, write)
    won = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]

    assert 1 == len(won)
    assert {ConcurrentChange} == set(map(type, lost))
    with opened(store_url) as log:
        assert won[0] == list(log.entries())
        assert 1 == len(list(log.originals()))


def test_of_two_equal_tracking_positions_one_is_accepted(
    new_recorder: Callable[[], Recorder],
) -> None:
    recorders = [new_recorder(), new_recorder()]
    for position in range(1, 51):

        def move(index: int, position: int = position) -> None:
            recorders[index].insert_tracking(Tracking("upstream", position))

        outcomes = at_once(2, move)

        assert 1 == outcomes.count(None), outcomes
        assert 1 == [type(outcome) for outcome in outcomes].count(IntegrityError), outcomes
        assert position == recorders[0].max_tracking_id("upstream")


def test_entries_and_tracking_are_written_together_or_not_at_all(
    new_recorder: Callable[[], Recorder],
) -> None:
    recorder = new_recorder()
    recorder.insert_events(stored("a", range(1, 3)), tracking=Tracking("upstream", 5))
    with pytest.raises(IntegrityError):
        recorder.insert_events(
            stored("b", range(1, 3)), tracking=Tracking("upstream", 5), originals=[b"file"]
        )

    assert 2 == recorder.max_notification_id()
    assert [] == list(recorder.select_events("b"))


@contextmanager
def somebody_writing(url: str) -> Iterator[None]:
    """A transaction of another program that has the lock and is not done yet."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(url) as other:
        other.execute("SELECT * FROM main_ledger.head FOR UPDATE")
        yield
        other.rollback()


def test_a_writer_waits_for_its_turn(store_url: str) -> None:
    with opened(store_url) as log, ThreadPoolExecutor(1) as threads:
        with somebody_writing(store_url):
            waiting = threads.submit(log.append, [returned("order/1", 1)])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
            assert [] == list(log.entries()), "readers do not wait"

        assert [1] == [entry.position for entry in waiting.result(timeout=10)]


def test_a_leaf_is_the_hash_of_the_line(store_url: str) -> None:
    with opened(store_url) as log:
        log.append(returns("order/1", range(1, 20)))
        log.append(returns("order/2", range(1, 20)))
        table = log._database.tables.entries
        with log._database.reading() as connection:
            leaves = [row.leaf for row in connection.execute(table.select().order_by("position"))]

        assert leaves == [leaf_hash(line) for line in log.raw_lines()]


def test_a_follower_is_woken_by_its_own_process(new_recorder: Callable[[], Recorder]) -> None:
    recorder = new_recorder()
    followed: list[int] = []
    all_seen = Event()
    following = recorder.subscribe(gt=0, topics=["written.v1"])

    def follow() -> None:
        with following:
            for notification in following:
                followed.append(notification.id)
                if len(followed) == 10:
                    all_seen.set()

    thread = Thread(target=follow)
    thread.start()
    for version in range(1, 11):
        recorder.insert_events(stored("a", range(version, version + 1)))
    assert all_seen.wait(10)
    following.stop()
    thread.join(10)

    assert not thread.is_alive()
    assert list(range(1, 11)) == followed
