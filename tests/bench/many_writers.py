"""Many processes that append to a PostgreSQL server, and what it costs them that somebody follows.

`python -m tests.bench.many_writers` prints a table: commits a second, and the milliseconds of CPU that a commit
costs the writer and the server's process that serves it; medians of five turns in which every way is measured
once. Each commit waits for the disk, unless `without-disk` stands behind it: what is left then is the work.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, Final

import psycopg
from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, text

from ledger.store.database import Database
from ledger.store.engines import engine_for
from ledger.store.placing import Head
from ledger.store.recorder import Following, Recorder
from tests import postgres

ENTRIES: Final = 3
"""In a commit, as one command of a seller's desk records."""
SECONDS: Final = 1.5
TURNS: Final = 5
STATE: Final = b'{"actor":"bench","event":{"sku":"SKU-1","quantity":1},"occurred_at":"2026-11-01"}'


class NotifiesWithin(Recorder):
    """What is not done: the notification is part of the transaction that appends."""

    def _move_head(self, connection: Connection, head: Head) -> None:
        super()._move_head(connection, head)
        connection.execute(text("SELECT pg_notify('within', '')"))


WAYS: Final[dict[str, tuple[str, type[Recorder], bool]]] = {
    "nobody is ever notified": ("notify=off", Recorder, False),
    "nobody follows": ("", Recorder, False),
    "followed, looking again": ("notify=off", Recorder, True),
    "followed, notified after the commit": ("", Recorder, True),
    "followed, notified within it": ("notify=off", NotifiesWithin, True),
}


def _opened(url: str, said: str, account: str, kind: type[Recorder] = Recorder) -> Recorder:
    address = f"{url}{'&' if '?' in url else '?'}{said}" if said else url
    database = Database(*engine_for(address, account))
    database.create()
    return kind(database, lambda: datetime.now(UTC))


def _write(url: str, way: str, account: str, start: Any, counts: Any) -> None:
    said, kind, _followed = WAYS[way]
    recorder = _opened(url, said, account, kind)
    stream = f"{way} {multiprocessing.current_process().pid}"
    start.wait()
    before = time.process_time() + _server_seconds(recorder)
    last, version = time.monotonic() + SECONDS, 0
    while time.monotonic() < last:
        recorder.insert_events(
            [
                StoredEvent(stream, version + number, "written.v1", STATE)
                for number in range(1, ENTRIES + 1)
            ]
        )
        version += ENTRIES
    done = version // ENTRIES
    counts.put((done, 1000 * (time.process_time() + _server_seconds(recorder) - before) / done))
    recorder.database.close()


def _server_seconds(recorder: Recorder) -> float:
    """CPU of the server's process for the one connection that a writer uses."""
    with recorder.database.reading() as connection:
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _followers(url: str, way: str, accounts: set[str]) -> Iterator[None]:
    said, _kind, followed = WAYS[way]
    recorders = [_opened(url, said, account) for account in sorted(accounts)] if followed else []
    following = [Following(one, gt=one.max_notification_id() or 0) for one in recorders]
    threads = [Thread(target=lambda one=one: list(one), daemon=True) for one in following]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    yield
    for one in following:
        one.stop()
    for recorder in recorders:
        recorder.database.close()


def measured(
    url: str, way: str, writers: int, account_of: Callable[[int], str]
) -> tuple[float, float]:
    """Commits a second of so many processes, and what one of them costs."""
    context = multiprocessing.get_context("fork")
    start, counts = context.Barrier(writers), context.Queue()
    accounts = {account_of(number) for number in range(writers)}
    processes = [
        context.Process(target=_write, args=(url, way, account_of(number), start, counts))
        for number in range(writers)
    ]
    with _followers(url, way, accounts):
        for process in processes:
            process.start()
        done = [counts.get() for _ in processes]
        for process in processes:
            process.join()
    return sum(count for count, _ in done) / SECONDS, statistics.mean(cost for _, cost in done)


def main() -> None:
    url = postgres.fresh_database()
    with psycopg.connect(postgres.server_url(), autocommit=True) as connection:
        waits = "off" if "without-disk" in sys.argv else "on"
        connection.execute(f"ALTER SYSTEM SET fsync = {waits}".encode())
        connection.execute("SELECT pg_reload_conf()")
    places: dict[str, Callable[[int], str]] = {
        "one account": lambda _number: "main",
        "an account each": lambda number: f"account-{number}",
    }
    for place, account_of in places.items():
        for number in range(8):
            _opened(url, "", account_of(number)).database.close()
        for writers in (1, 4, 8):
            if (place, writers) == ("an account each", 1):
                continue
            found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
            for _turn in range(TURNS):
                for way in WAYS:
                    found[way].append(measured(url, way, writers, account_of))
            for way, figures in found.items():
                commits, costs = (
                    statistics.median(column) for column in zip(*figures, strict=True)
                )
                print(f"| {place} | {writers} | {way} | {commits:,.0f} | {costs:.2f} |")
                sys.stdout.flush()
    postgres.drop(url)


if __name__ == "__main__":
    main()
