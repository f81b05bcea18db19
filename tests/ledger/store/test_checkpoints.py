"""What was signed is remembered behind what was signed before, and never taken back."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import StoreTrouble
from ledger.store.checkpoints import Anchor, CheckpointStore
from ledger.store.notes import Checkpoint


def made(size: int) -> Checkpoint:
    return Checkpoint("returns-ledger/x", size, bytes([size % 256]) * 32, f"note {size}\n")


@pytest.fixture
def memory(tmp_path: Path) -> CheckpointStore:
    return CheckpointStore(tmp_path / "accounts" / "main" / "checkpoints.db")


def test_where_nothing_was_signed_there_is_no_file(memory: CheckpointStore) -> None:
    assert memory.last() is None
    assert memory.all() == []
    assert memory.anchors() == []
    assert not memory.is_there


def test_what_is_put_is_remembered_in_order(memory: CheckpointStore) -> None:
    assert memory.put(made(3), behind=None, made_at="2026-11-28T08:00:00Z")
    assert memory.put(made(9), behind=memory.last(), made_at="2026-11-28T09:00:00Z")

    assert [made(3), made(9)] == [one.checkpoint for one in memory.all()]
    last = memory.last()
    assert last is not None
    assert (made(9), "command") == (last.checkpoint, last.purpose)


def test_a_checkpoint_behind_another_than_the_last_is_not_kept(memory: CheckpointStore) -> None:
    assert memory.put(made(3), behind=None, made_at="a")
    first = memory.last()
    assert memory.put(made(9), behind=first, made_at="b")

    assert not memory.put(made(8), behind=first, made_at="c")
    assert not memory.put(made(8), behind=None, made_at="c")
    assert [made(3), made(9)] == [one.checkpoint for one in memory.all()]


def test_of_many_at_once_one_is_kept(memory: CheckpointStore) -> None:
    assert memory.put(made(1), behind=None, made_at="a")
    last = memory.last()
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: memory.put(made(n), behind=last, made_at="b"), range(2, 10)))

    assert 1 == sum(kept)
    assert 2 == len(memory.all())


def test_the_newest_export_before_a_size_is_found(memory: CheckpointStore) -> None:
    for size, purpose in ((3, "export"), (5, "command"), (7, "export"), (9, "command")):
        assert memory.put(made(size), behind=memory.last(), made_at="a", purpose=purpose)  # type: ignore[arg-type]

    sizes = [found and found.checkpoint.size for found in map(memory.last_export, (3, 4, 7, 8))]
    assert [None, 3, 3, 7] == sizes


@pytest.mark.parametrize("change", ["DELETE FROM checkpoints", "UPDATE checkpoints SET size = 1"])
def test_the_file_refuses_to_take_anything_back(memory: CheckpointStore, change: str) -> None:
    assert memory.put(made(3), behind=None, made_at="a")
    with (
        closing(sqlite3.connect(memory.path)) as file,
        pytest.raises(sqlite3.IntegrityError, match="never taken back"),
    ):
        file.execute(change)


def test_it_is_for_its_owner_alone(memory: CheckpointStore) -> None:
    assert memory.put(made(3), behind=None, made_at="a")

    assert 0o600 == memory.path.stat().st_mode & 0o777
    assert 0o700 == memory.path.parent.stat().st_mode & 0o777


def test_what_others_say_is_kept_beside_it(memory: CheckpointStore) -> None:
    anchor = Anchor(3, "witness", "2026-11-28T08:00:00Z", "a folder", b"note")
    memory.add_anchor(anchor)

    assert [anchor] == memory.anchors()


def test_a_damaged_file_is_told_of(memory: CheckpointStore) -> None:
    assert memory.put(made(3), behind=None, made_at="a")
    memory.path.write_bytes(b"no database at all, but long enough to look like one" * 20)

    with pytest.raises(StoreTrouble, match="checkpoints cannot be used"):
        memory.last()


def changed(memory: CheckpointStore, *statements: str) -> None:
    """Somebody has removed the triggers and changed what was remembered."""
    with closing(sqlite3.connect(memory.path)) as file, file:
        for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            file.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            file.execute(statement)


def test_a_checkpoint_that_is_there_no_more_is_told_of(memory: CheckpointStore) -> None:
    memory.put(made(3), behind=None, made_at="a")
    memory.put(made(9), behind=memory.last(), made_at="b")
    assert memory.problems() == []
    changed(memory, "DELETE FROM checkpoints WHERE size = 9")

    assert memory.problems() == ["2 checkpoints were kept, and 1 are there"]


@pytest.mark.parametrize("change", ["root = NULL", "size = 'many'", "note = x'ff'"])
def test_a_row_that_holds_something_else_is_told_of(memory: CheckpointStore, change: str) -> None:
    memory.put(made(3), behind=None, made_at="a")
    with closing(sqlite3.connect(memory.path)) as file, file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
    changed(memory, f"UPDATE checkpoints SET {change}")

    with pytest.raises(StoreTrouble, match="something else than a checkpoint"):
        memory.last()
