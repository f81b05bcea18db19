"""The log proves its entries, the rows of its files, and that it only ever grew."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from ledger.errors import ConcurrentChange, StoreTrouble, UnknownThing
from ledger.event import ACCOUNT_STREAM, Entry, Source
from ledger.events import BY_TOPIC
from ledger.events.imports import ReportImported
from ledger.store import Kept, Log, Original, leaf_hash, open_log, root, root_of_lines
from tests.ledger.store.invented import opened, returned, returns, ticking
from tests.ledger.store.test_proofs import climbed, compared

FILE = b"order-id\tcomment\n1\tsealed:abc\n2\t\n"
DELIVERED = hashlib.sha256(b"as it was delivered").hexdigest()
SEALED = Original(DELIVERED, 19, FILE, hashlib.sha256(FILE).hexdigest())


@pytest.fixture
def grown(log: Log) -> Log:
    """A log of 700 entries, written in appends of several sizes."""
    first = 1
    for count in (1, 255, 1, 300, 143):
        log.append(returns("order/1", range(first, first + count)))
        first += count
    return log


@pytest.fixture
def told(store_url: str) -> Iterator[Log]:
    """A log that knows the ledger's own events."""
    with open_log(store_url, "main", event_types=BY_TOPIC, clock=ticking()) as log:
        yield log


def imported(digest: str, data: bytes, sealed: str | None = None) -> Entry:
    event = ReportImported(
        digest=digest,
        file="returns.txt",
        report_format="fba-customer-returns",
        root=root_of_lines(data).hex(),
        lines=data.count(b"\n"),
        rows=2,
        sealed=sealed,
    )
    return Entry(
        stream=ACCOUNT_STREAM,
        version=1,
        event=event,
        occurred_at="2026-11-01",
        actor="import",
        source=Source(digest=digest),
    )


def test_every_entry_is_proved_in_every_later_tree(grown: Log) -> None:
    lines = list(grown.raw_lines())
    for position, size in ((1, 1), (1, 700), (256, 256), (257, 257), (257, 700), (700, 700)):
        hashes = grown.inclusion(position, size)
        leaf = leaf_hash(lines[position - 1])

        assert grown.root_at(size) == climbed(position - 1, size, leaf, hashes)
    assert grown.tree().root == grown.root_at(700)
    assert root(map(leaf_hash, lines[:513])) == grown.root_at(513)


def test_the_log_is_proved_to_go_on_from_every_earlier_size(grown: Log) -> None:
    for first, second in ((1, 700), (256, 257), (255, 256), (300, 700), (699, 700)):
        roots = grown.root_at(first), grown.root_at(second)

        assert roots == compared(first, second, roots[0], grown.consistency(first, second))


def test_nothing_is_proved_of_entries_that_are_not_there(grown: Log) -> None:
    with pytest.raises(UnknownThing):
        grown.inclusion(701, 700)
    with pytest.raises(StoreTrouble, match="701 entries"):
        grown.root_at(701)


def test_lines_and_entries_are_found_by_their_positions(grown: Log) -> None:
    lines = list(grown.raw_lines())

    assert {2: lines[1], 700: lines[699]} == grown.lines_at([700, 2, 9999])
    assert [2, 700] == [entry.position for entry in grown.entries_at([700, 2]).values()]
    assert lines[9:20] == list(grown.raw_lines(9, 20))


def test_a_row_is_proved_without_the_others(told: Log) -> None:
    digest = hashlib.sha256(FILE).hexdigest()
    told.append([imported(digest, FILE)], originals=[FILE])
    proof = told.row_proof(digest, 2)

    assert b"1\tsealed:abc" == proof.line
    assert root_of_lines(FILE) == climbed(1, 3, leaf_hash(proof.line), proof.hashes)
    assert (1, 3, 1) == (proof.position, proof.lines, proof.index)


def test_a_row_of_a_sealed_file_is_proved_as_it_is_kept(told: Log) -> None:
    told.append([imported(DELIVERED, FILE)], originals=[SEALED])

    assert b"1\tsealed:abc" == told.row_proof(DELIVERED, 2).line


def test_a_row_that_no_import_vouches_for_is_not_proved(told: Log) -> None:
    digest = hashlib.sha256(FILE).hexdigest()
    told.append([imported(digest, b"another")], originals=[FILE])

    with pytest.raises(UnknownThing, match="no import"):
        told.row_proof(digest, 2)
    with pytest.raises(UnknownThing, match="3 lines"):
        told.row_proof(digest, 4)


def test_a_sealed_original_is_opened_by_whoever_has_the_keys(told: Log) -> None:
    told.append([imported(DELIVERED, FILE, SEALED.sealed)], originals=[SEALED])

    assert FILE == told.kept(DELIVERED)
    assert [Kept(DELIVERED, 19, SEALED.sealed)] == list(told.originals_kept())
    with pytest.raises(StoreTrouble, match="kept sealed"):
        told.original(DELIVERED)
    told.opens = lambda digest, kept: digest.encode() + kept
    assert DELIVERED.encode() + FILE == told.original(DELIVERED)
    assert all(check.ok for check in told.verify())


def test_a_sealed_form_that_no_entry_names_is_found(told: Log) -> None:
    """Else any file could stand in the place of another."""
    told.append([imported(DELIVERED, FILE, "0" * 64)], originals=[SEALED])
    (found,) = [check for check in told.verify() if not check.ok]

    assert found.problems == [f"{DELIVERED} is kept in a sealed form that no entry names"]


# --- taking over ------------------------------------------------------------------------------


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Log]:
    with opened(f"sqlite:///{tmp_path}/other/ledger.db") as made:
        yield made


def taken(log: Log) -> tuple[list[bytes], list[tuple[Kept, bytes]]]:
    return list(log.raw_lines()), [(kept, log.kept(kept.digest)) for kept in log.originals_kept()]


def test_a_log_is_taken_over_entry_for_entry(grown: Log, other: Log) -> None:
    grown.append([], originals=[b"plain", SEALED])
    lines, originals = taken(grown)
    other.adopt(lines, originals, size=700, root=grown.tree().root)

    assert taken(grown) == taken(other)
    assert grown.tree().root == other.tree().root
    assert grown.inclusion(3, 700) == other.inclusion(3, 700)
    # No entry of these names the sealed file.
    assert [check.name for check in other.verify() if not check.ok] == ["originals"]
    assert [701] == [entry.position for entry in other.append(returns("order/1", range(701, 702)))]


def test_a_log_that_has_entries_is_not_taken_over(grown: Log) -> None:
    lines, originals = taken(grown)
    with pytest.raises(StoreTrouble, match="700 entries already"):
        grown.adopt(lines, originals, size=700, root=grown.tree().root)


@pytest.mark.parametrize("harm", ["changed", "missing", "swapped", "no line"])
def test_entries_of_another_tree_are_not_taken_over(grown: Log, other: Log, harm: str) -> None:
    lines, originals = taken(grown)
    if harm == "changed":
        lines[5] = lines[5].replace(b"SKU-1", b"SKU-2")
    elif harm == "missing":
        lines.pop()
    elif harm == "swapped":
        lines[3], lines[4] = lines[4], lines[3]
    else:
        lines[7] = lines[7] + b" "
    with pytest.raises(StoreTrouble):
        other.adopt(lines, originals, size=700, root=grown.tree().root)

    assert 0 == other.position()
    assert [] == list(other.originals())


# --- a log of version 1 -----------------------------------------------------------------------


def made_old(url: str) -> None:
    """The tables as version 1 had them: no tiles, and no sealed form."""
    steps = ["DROP TABLE tiles", "ALTER TABLE originals DROP COLUMN sealed"]
    steps.append("UPDATE schema_version SET version = 1")
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            for step in steps:
                file.execute(step)
        return
    with psycopg.connect(url, options="-c search_path=main_ledger") as server:
        for step in steps:
            server.execute(step.encode())


def test_a_log_of_version_1_is_brought_up_to_date(store_url: str) -> None:
    with opened(store_url) as log:
        log.append(returns("order/1", range(1, 601)), originals=[b"delivered"])
        lines, proof = list(log.raw_lines()), log.inclusion(300, 600)
    made_old(store_url)
    with opened(store_url) as log:
        assert (lines, proof) == (list(log.raw_lines()), log.inclusion(300, 600))
        assert b"delivered" == log.original(hashlib.sha256(b"delivered").hexdigest())
        assert [] == [problem for check in log.verify() for problem in check.problems]


GUARD_OF_2 = """CREATE TRIGGER entries_refuse_replace BEFORE INSERT ON entries WHEN
 EXISTS (SELECT 1 FROM entries WHERE stream = NEW.stream AND local_key = NEW.local_key)
 BEGIN SELECT RAISE(ABORT, 'the log is append-only: this row of entries is taken'); END"""
INDEX_OF_2 = (
    "CREATE UNIQUE INDEX entries_stream_local_key ON entries (stream, local_key)"
    " WHERE local_key IS NOT NULL"
)


def test_a_log_of_version_2_is_brought_up_to_date(sqlite_url: str) -> None:
    """Its guard and its index are those of today, and nothing else has changed."""
    with opened(sqlite_url) as log:
        log.append([returned(f"order/{number}", 1, told="LPN1") for number in range(300)])
        lines, proof = list(log.raw_lines()), log.inclusion(100, 300)
    today = words_of(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as file, file:
        file.execute("DROP TRIGGER entries_refuse_replace")
        file.execute("DROP INDEX entries_stream_local_key")
        file.execute(INDEX_OF_2)
        file.execute(GUARD_OF_2)
        file.execute("UPDATE schema_version SET version = 2")
    assert today != words_of(sqlite_url)
    with opened(sqlite_url) as log:
        assert (lines, proof) == (list(log.raw_lines()), log.inclusion(100, 300))
        assert [] == [problem for check in log.verify() for problem in check.problems]
        with pytest.raises(ConcurrentChange):
            log.append([returned("order/7", 2, told="LPN1")])

    assert today == words_of(sqlite_url)


def words_of(url: str) -> dict[str, str]:
    """What the database was told that makes it what it is."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        return dict(file.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))


def test_a_tile_that_was_changed_is_found(sqlite_url: str) -> None:
    with opened(sqlite_url) as log:
        log.append(returns("order/1", range(1, 601)))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as file, file:
        file.execute("DROP TRIGGER tiles_refuse_update")
        file.execute("DROP TRIGGER tiles_refuse_replace")
        file.execute("UPDATE tiles SET root = zeroblob(32) WHERE number = 1")
        file.execute("INSERT INTO tiles VALUES (1, 5, zeroblob(32))")
    with opened(sqlite_url) as log:
        problems = {check.name: check.problems for check in log.verify()}

    assert [
        "tile 1 of level 0 is not what the entries make",
        "tile 5 of level 1 stands for no entries",
    ] == problems["tree"]
