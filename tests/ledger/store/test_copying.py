"""A log copied to another store is the same log, or nothing of it is there."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from ledger.errors import StoreTrouble
from ledger.events import BY_TOPIC
from ledger.store import Log, Original, copy_log, open_log
from ledger.store.placing import Row
from tests import postgres
from tests.bench.growing import grow
from tests.ledger.store.invented import opened, returned, ticking

KINDS = ("file", "server")


def address(kind: str, folder: Path, name: str) -> str:
    """Of an empty store."""
    if kind == "server":
        return postgres.fresh_database()
    return f"sqlite:///{folder}/{name}/ledger.db"


def dropped(*urls: str) -> None:
    for url in urls:
        if url.startswith("postgres"):
            postgres.drop(url)


def filled(log: Log) -> None:
    """Streams, tellings, files (a sealed one among them), and more than one full tile."""
    log.append(
        [returned("order/1", number, told=f"row-{number}") for number in range(1, 300)],
        originals=[b"a report\n" * 5000, b""],
    )
    sealed = Original("ab" * 32, 7, b"sealed form", sealed=_sha256(b"sealed form"))
    log.append([returned("konto/\u00e4\u00f6", 1)], originals=[sealed])


def _sha256(data: bytes) -> str:
    from hashlib import sha256

    return sha256(data).hexdigest()


def everything(log: Log) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the log, whatever store it is in."""
    tables = (log._tables.entries, log._tables.originals, log._tables.tiles, log._tables.head)
    with log._database.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(table.select().order_by(*table.primary_key.columns))
            ]
            for table in tables
        }


@pytest.mark.postgres
@pytest.mark.parametrize(("first", "second"), [*permutations(KINDS, 2), *[(k, k) for k in KINDS]])
def test_a_copy_is_the_same_row_for_row(tmp_path: Path, first: str, second: str) -> None:
    urls = address(first, tmp_path, "first"), address(second, tmp_path, "second")
    with opened(urls[0]) as source, opened(urls[1]) as target:
        filled(source)
        copied = copy_log(source, target)

        assert (copied.entries, copied.originals) == (300, 3)
        assert copied.root == source.root_at(300) == target.root_at(300)
        assert everything(source) == everything(target)
        assert {check.name for check in target.verify() if not check.ok} <= {"originals"}
        target.append([returned("order/1", 300)])
        assert target.position() == 301
    dropped(*urls)


def test_a_copy_that_was_made_is_left_and_another_log_is_refused(tmp_path: Path) -> None:
    with (
        opened(address("file", tmp_path, "first")) as source,
        opened(address("file", tmp_path, "second")) as target,
        opened(address("file", tmp_path, "third")) as other,
    ):
        filled(source)
        assert copy_log(source, target) == copy_log(source, target)
        other.append([returned("order/9", 1)])
        before = everything(other)
        with pytest.raises(StoreTrouble, match="nothing is put over them"):
            copy_log(source, other)

        assert everything(other) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE entries SET state = x'7b7d' WHERE position = 7", "entry 7 does not have the hash"),
        ("UPDATE entries SET leaf = zeroblob(32) WHERE position = 8", "entry 8 does not"),
        ("DELETE FROM entries WHERE position = 9", "entry 9 does not"),
        ("DELETE FROM entries WHERE position = 300", "promised"),
        ("UPDATE originals SET content = x'00' WHERE size > 100", "is damaged"),
    ],
)
def test_what_is_damaged_is_not_copied(
    store_url: str, tmp_path: Path, change: str, said: str
) -> None:
    """Nothing of it is in the other store then, whichever that is."""
    with opened(address("file", tmp_path, "first")) as source:
        filled(source)
    with closing(sqlite3.connect(tmp_path / "first" / "ledger.db")) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(change)
        connection.commit()
    url = store_url.replace("accounts", "others")
    with opened(f"sqlite:///{tmp_path}/first/ledger.db") as source, opened(url) as target:
        with pytest.raises(StoreTrouble, match=said):
            copy_log(source, target)

        assert everything(target)["entries"] == []
        assert target.tree().size == 0


def test_a_copy_that_breaks_off_leaves_nothing(store_url: str, tmp_path: Path) -> None:
    def breaks_off(done: int) -> None:
        raise InterruptedError(done)

    with opened(address("file", tmp_path, "first")) as source, opened(store_url) as target:
        filled(source)
        with pytest.raises(InterruptedError):
            copy_log(source, target, breaks_off)
        assert target.position() == 0
        copy_log(source, target)
        assert everything(source) == everything(target)


def test_a_copy_holds_no_more_of_a_longer_log(tmp_path: Path) -> None:
    peaks = []
    for entries in (10_000, 30_000):
        folder = tmp_path / str(entries)
        with (
            open_log(
                address("file", folder, "first"), "main", event_types=BY_TOPIC, clock=ticking()
            ) as source,
            opened(address("file", folder, "second")) as target,
        ):
            grow(source, entries)
            tracemalloc.start()
            copy_log(source, target)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    assert all(second < 1.2 * first for first, second in pairwise(peaks))
    assert Row._fields == tuple(column.name for column in source._tables.entries.columns)
