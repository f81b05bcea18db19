"""The power is cut while a file is written: what reached the disk, in whatever order, is a whole log."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from tests.durability.files import FILES, import_all, opened
from tests.durability.holding import Undisturbed, complete, files_found, undisturbed
from tests.durability.test_kill import KILLS

SECTOR = 512
"""Bytes that a disk writes whole."""
WAL_HEADER = 32
"""SQLite waits until a new one is on the disk before it writes anything behind it."""
CUTS = max(KILLS // 3, 1)


class OnDisk(msgspec.Struct, frozen=True):
    """The bytes of the files of a log: the database and its write-ahead log."""

    database: bytes
    ahead: bytes


class Step(msgspec.Struct, frozen=True):
    """A file was acknowledged; after every other one, pages move from the write-ahead log to the database."""

    acknowledged: OnDisk
    settled: OnDisk


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """What is on the disk when the account has been opened, and when each file has been acknowledged."""
    path = tmp_path_factory.mktemp("steps") / "ledger.db"
    log = opened(f"sqlite:///{path}", "steps")
    taken: list[Step] = []

    def take(line: str) -> None:
        if line.startswith(("opened", "acknowledged")):
            acknowledged = on_disk(path)
            if len(taken) % 2:
                checkpoint(path)
            taken.append(Step(acknowledged, on_disk(path)))

    import_all(log, take)
    log.close()
    return taken


def on_disk(path: Path) -> OnDisk:
    return OnDisk(path.read_bytes(), path.with_name("ledger.db-wal").read_bytes())


def checkpoint(path: Path) -> None:
    """As SQLite does it by itself once the write-ahead log has a thousand pages."""
    with closing(sqlite3.connect(path)) as connection:
        busy, pages, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    assert (busy, pages) == (0, moved)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(f"sqlite:///{tmp_path_factory.mktemp('undisturbed')}/ledger.db")


def cut_off(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """Written in order, up to some byte."""
    length = chance.randrange(WAL_HEADER, max(len(before), len(after)) + 1)
    return after[:length] + before[length:]


def torn(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """Written in any order: of each block the old bytes are there, or the new ones."""
    share = chance.random()
    blocks = [
        (after if chance.random() < share else before)[start : start + SECTOR].ljust(SECTOR, b"\0")
        for start in range(0, max(len(before), len(after)), SECTOR)
    ]
    whole = b"".join(blocks)[: max(len(before), len(after))]
    return after[:WAL_HEADER] + whole[WAL_HEADER:]


def found_after(folder: Path, disk: OnDisk, expected: Undisturbed) -> int:
    """Start the machine again with what is on its disk."""
    folder.mkdir()
    path = folder / "ledger.db"
    path.write_bytes(disk.database)
    path.with_name("ledger.db-wal").write_bytes(disk.ahead)
    log = opened(f"sqlite:///{path}", folder.name)
    found = files_found(log, expected)
    complete(log, expected)
    log.close()
    return found


@pytest.mark.parametrize("damage", [cut_off, torn])
def test_a_transaction_that_did_not_reach_the_disk_whole_is_not_there(
    steps: list[Step],
    expected: Undisturbed,
    tmp_path: Path,
    damage: Callable[[bytes, bytes, random.Random], bytes],
) -> None:
    """Everything acknowledged before is."""
    for number in range(CUTS):
        chance = random.Random(f"{damage.__name__} {number}")
        files = chance.randrange(1, len(steps))
        before, after = steps[files - 1].settled, steps[files].acknowledged
        assert before.database == after.database
        ahead = damage(before.ahead, after.ahead, chance)
        found = found_after(tmp_path / str(number), OnDisk(before.database, ahead), expected)

        assert found == (files if ahead == after.ahead else files - 1)


def test_a_checkpoint_that_was_cut_off_loses_nothing(
    steps: list[Step], expected: Undisturbed, tmp_path: Path
) -> None:
    """Until all pages have reached the database, the write-ahead log still has them."""
    moved = [files for files, step in enumerate(steps) if step.settled != step.acknowledged]
    for number in range(CUTS):
        chance = random.Random(f"checkpoint {number}")
        files = chance.choice(moved)
        before, after = steps[files].acknowledged, steps[files].settled
        assert before.ahead == after.ahead
        disk = OnDisk(torn(before.database, after.database, chance), before.ahead)

        assert files == found_after(tmp_path / str(number), disk, expected)


def test_a_file_is_on_the_disk_when_it_is_acknowledged(
    steps: list[Step], expected: Undisturbed, tmp_path: Path
) -> None:
    for files, step in enumerate(steps):
        assert files == found_after(tmp_path / str(files), step.acknowledged, expected)

    assert len(FILES) == len(steps) - 1
