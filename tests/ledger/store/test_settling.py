"""What SQLite leaves to be done behind a commit: nothing is less durable by it, and nothing is done twice."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import StoreTrouble
from ledger.event import ACCOUNT_STREAM
from ledger.store import Encoded, Log, settling
from ledger.store.mapper import EntryMapper
from ledger.store.recorder import encoded_of
from tests.ledger.store.invented import EVENT_TYPES, opened, returned

MANY = 600


def batch(number: int, first: str = "order") -> list[Encoded]:
    """So many entries of as many streams, which come in order behind those of the batches before."""
    mapper = EntryMapper(EVENT_TYPES)
    entries = [returned(f"{first}/{number:03}-{at:05}", 1) for at in range(MANY)]
    return [encoded_of(mapper.to_stored_event(entry)) for entry in entries]


def file_of(folder: Path) -> Path:
    return folder / "ledger.db"


def wal(folder: Path) -> bytes:
    return (folder / "ledger.db-wal").read_bytes()


def in_the_database_alone(folder: Path) -> int:
    """How many entries are there without what waits beside it."""
    copy = folder / "copy.db"
    copy.write_bytes(file_of(folder).read_bytes())
    with sqlite3.connect(copy) as alone:
        (found,) = alone.execute("SELECT count(*) FROM entries").fetchone()
    alone.close()
    return int(found)


def test_what_does_not_settle_is_read_by_all_and_moved_when_it_is_asked_for(tmp_path: Path) -> None:
    with opened(f"sqlite:///{file_of(tmp_path)}") as log:
        log.settle()
        log.append_encoded([batch(number) for number in range(8)], settles=False)

        assert 0 == in_the_database_alone(tmp_path)
        with opened(log.url) as other:
            assert 8 * MANY == other.position()
            other.settle()

        assert 8 * MANY == in_the_database_alone(tmp_path)
        log.append_encoded([batch(8)])
        assert all(check.ok for check in log.verify())


def test_what_nobody_settles_the_next_commit_moves(tmp_path: Path) -> None:
    with opened(f"sqlite:///{file_of(tmp_path)}") as log:
        log.append_encoded([batch(number) for number in range(20)], settles=False)
        log.append([returned("order/after", 1)])

        assert 20 * MANY + 1 == in_the_database_alone(tmp_path)


def test_what_was_begun_with_a_log_has_ended_when_it_is_closed(tmp_path: Path) -> None:
    ended: list[str] = []
    log = opened(f"sqlite:///{file_of(tmp_path)}")
    log.wait_for(lambda: ended.append("one"))
    log.wait_for(lambda: ended.append("another"))
    log.close()

    assert {"one", "another"} == set(ended)


def test_an_import_writes_nothing_twice_into_the_write_ahead_log(tmp_path: Path) -> None:
    """Its last entry goes into pages that its first ones went into: they were held until then."""
    before: list[bytes] = []

    def batches() -> Iterator[list[Encoded]]:
        for number in range(20):
            yield batch(number)
        before.append(wal(tmp_path))
        yield batch(0, ACCOUNT_STREAM)[:1]

    with opened(f"sqlite:///{file_of(tmp_path)}") as log:
        hold_little(log)
        log.append_encoded(batches(), settles=False)
        (written,) = before

        assert len(written) > 500_000, "most of it was written before the commit"
        assert wal(tmp_path).startswith(written)


def test_what_the_disk_does_not_take_is_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it refuses once only, SQLite may never hear of it."""
    refusals = [OSError(errno.EIO, "Input/output error")]
    refused = threading.Event()

    def refusing(_file: int) -> None:
        if refusals:
            refused.set()
            raise refusals.pop()

    def batches() -> Iterator[list[Encoded]]:
        yield batch(0)
        assert refused.wait(30)
        yield batch(1)

    monkeypatch.setattr(settling, "FLUSHED_EVERY_SECONDS", 0)
    monkeypatch.setattr(os, "fsync", refusing)
    with opened(f"sqlite:///{file_of(tmp_path)}") as log:
        with pytest.raises(StoreTrouble, match="nothing was written"):
            log.append_encoded(batches(), settles=False)

        assert 0 == log.position()
        log.append_encoded(iter([batch(0)]), settles=False)
        assert MANY == log.position()


def hold_little(log: Log) -> None:
    """Two megabytes of pages: more than a batch needs, and less than all of them."""
    with log._database.writing() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = -2000")
