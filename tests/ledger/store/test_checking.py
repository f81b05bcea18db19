"""Whatever is changed behind the log's back is found, and never ends the check."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from ledger.errors import StoreTrouble
from ledger.store import Check, leaf_hash
from tests.ledger.store.invented import opened, returned, returns

FILES = [b"first file", b"second file"]


@pytest.fixture
def url(store_url: str) -> str:
    """A store with twenty entries in four streams and two originals."""
    with opened(store_url) as log:
        for number in range(4):
            log.append(returns(f"order/{number}", range(1, 6)), originals=FILES)
        told = [returned("order/told", 1, told="LPN1"), returned("order/told", 2, told="LPN2")]
        log.append(told)
    return store_url


def tamper(url: str, *statements: str) -> None:
    """Change the store as somebody can who removes the guards first."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
            guards = connection.execute(triggers).fetchall()
            for name, _sql in guards:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            for _name, sql in guards:
                connection.execute(sql)
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = main_ledger")
        for table in ("entries", "originals", "head"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        for statement in statements:
            connection.execute(statement.encode())
        for table in ("entries", "originals", "head"):
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())
            for guard in ("change", "return") if table == "head" else ("change",):
                always = f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_{guard}"
                connection.execute(always.encode())


def verified(url: str) -> dict[str, Check]:
    with opened(url) as log:
        return {check.name: check for check in log.verify()}


def found(url: str) -> dict[str, list[str]]:
    """The problems of each check that has any."""
    return {name: check.problems for name, check in verified(url).items() if not check.ok}


def test_a_log_as_it_was_written_has_no_problems(url: str) -> None:
    checks = verified(url)

    assert {} == found(url)
    counted = {name: check.checked for name, check in checks.items()}
    assert (22, 22, 5, 2) == tuple(
        counted[name] for name in ("leaves", "entries", "versions", "originals")
    )


def test_an_empty_log_has_no_problems(store_url: str) -> None:
    assert {} == found(store_url)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("state = replace(CAST(state AS TEXT), 'SKU-1', 'SKU-2')", {"leaves", "tree"}),
        ("leaf = 'x'", {"leaves"}),
        ("version = 9", {"leaves", "tree", "versions"}),
        ("stream = 'order/9'", {"leaves", "tree", "versions"}),
        ("topic = 'refund-issued.v1'", {"leaves", "tree", "entries"}),
        ("topic = 'never-heard.v1'", {"leaves", "tree", "entries"}),
        ("recorded_at = recorded_at - 1000000000", {"leaves", "tree", "times"}),
        ("recorded_at = 9000000000000000000", {"leaves", "tree", "times"}),
        ("local_key = 'another'", {"entries"}),
        ("state = 'x'", {"leaves", "tree", "entries"}),
    ],
)
def test_a_changed_column_is_found(url: str, change: str, names: set[str]) -> None:
    if not url.startswith("sqlite"):
        change = change.replace("CAST(state AS TEXT)", "convert_from(state, 'UTF8')")
        change = change.replace("replace(", "convert_to(replace(").replace(
            "'SKU-2')", "'SKU-2'), 'UTF8')"
        )
    if "AS TEXT" in change:
        change = change.replace("replace(", "CAST(replace(").replace(
            "'SKU-2')", "'SKU-2') AS BLOB)"
        )
    tamper(url, f"UPDATE entries SET {change} WHERE position = 7")
    problems = found(url)

    assert names == set(problems)
    if "leaves" in names:
        assert "position 7 (order/" in problems["leaves"][0]


def test_one_flipped_bit_is_found(url: str) -> None:
    with opened(url) as log, log._database.reading() as connection:
        entries = log._database.tables.entries
        state = connection.execute(entries.select().where(entries.c.position == 3)).one().state
    flipped = state.replace(b"import", b"imporu").hex()
    literal = f"X'{flipped}'" if url.startswith("sqlite") else f"'\\x{flipped}'"
    tamper(url, f"UPDATE entries SET state = {literal} WHERE position = 3")

    assert {"leaves", "tree"} == set(found(url))


def test_a_changed_entry_with_a_leaf_to_match_does_not_fit_the_tree(url: str) -> None:
    with opened(url) as log:
        line = next(log.raw_lines(after=21)).replace(b'"order/told"', b'"order/sold"')
    leaf = leaf_hash(line).hex()
    literal = f"X'{leaf}'" if url.startswith("sqlite") else f"'\\x{leaf}'"
    tamper(url, f"UPDATE entries SET stream = 'order/sold', leaf = {literal} WHERE position = 22")

    assert {"tree", "versions"} == set(found(url))


@pytest.mark.parametrize(
    ("position", "names"), [(7, {"positions", "tree", "versions"}), (22, {"positions", "tree"})]
)
def test_a_deleted_entry_is_found(url: str, position: int, names: set[str]) -> None:
    tamper(url, f"DELETE FROM entries WHERE position = {position}")

    assert names == set(found(url))


def test_an_entry_that_was_slipped_in_is_found(url: str) -> None:
    tamper(
        url,
        "INSERT INTO entries (position, stream, version, topic, state, recorded_at, leaf)"
        " SELECT 23, 'order/9', 1, topic, state, recorded_at, leaf FROM entries"
        " WHERE position = 22",
    )

    assert {"positions", "tree", "leaves", "entries"} >= set(found(url)) >= {"positions", "tree"}


@pytest.mark.parametrize("change", ["content = 'x'", "size = 3", "digest = 'abc'"])
def test_a_damaged_original_is_found(url: str, change: str) -> None:
    tamper(url, f"UPDATE originals SET {change} WHERE size = 10")

    assert {"originals"} == set(found(url))


def test_an_exchanged_original_is_found(url: str) -> None:
    packed = zlib.compress(b"another").hex()
    literal = f"X'{packed}'" if url.startswith("sqlite") else f"'\\x{packed}'"
    tamper(url, f"UPDATE originals SET content = {literal} WHERE size = 10")

    assert ["another file" in problem for problem in found(url)["originals"]] == [True]


def test_a_lost_head_is_found(url: str) -> None:
    tamper(url, "DELETE FROM head")

    assert {"positions"} == set(found(url))


def test_a_missing_guard_is_found(url: str) -> None:
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TRIGGER entries_refuse_delete")
            connection.execute("DROP TRIGGER originals_refuse_update")
            connection.execute(
                "CREATE TRIGGER originals_refuse_update BEFORE UPDATE ON originals"
                " BEGIN SELECT 1; END"
            )
    else:
        with psycopg.connect(url) as connection:
            connection.execute("SET search_path = main_ledger")
            connection.execute("DROP TRIGGER entries_refuse_change ON entries")
            connection.execute("ALTER TABLE originals DISABLE TRIGGER originals_refuse_change")

    assert 2 == len(found(url)["guards"])


def test_many_problems_are_counted_and_not_all_listed(store_url: str) -> None:
    with opened(store_url) as log:
        log.append(returns("order/1", range(1, 201)))
    tamper(store_url, "UPDATE entries SET leaf = 'x'")
    problems = found(store_url)["leaves"]

    assert (101, "and 100 more") == (len(problems), problems[-1])


def test_what_is_done_beside_the_reading_finds_the_same(url: str) -> None:
    with opened(url) as log:
        assert list(log.verify()) == list(log.verify(processes=2))
    tamper(
        url,
        "UPDATE originals SET content = 'x' WHERE size = 10",
        "UPDATE entries SET version = 9 WHERE position = 7",
    )
    with opened(url) as log:
        checks = list(log.verify(processes=2))
        assert list(log.verify()) == checks
    assert {"leaves", "tree", "versions", "originals"} == {one.name for one in checks if not one.ok}


def test_who_does_not_wait_for_the_answers_leaves_nothing_behind(url: str) -> None:
    with opened(url) as log:
        assert next(iter(log.verify(processes=2))).ok
        assert all(check.ok for check in log.verify())


# --- files that are damaged -------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "stream = CAST(X'6FFF' AS TEXT)",
        "stream = 7",
        "topic = X'FF'",
        "version = 'one'",
        "version = 1.5",
        "state = 7",
        "state = ''",
        "recorded_at = 'then'",
        "recorded_at = -9000000000000000000",
        "leaf = 'text'",
        "local_key = 7",
    ],
)
def test_a_column_of_another_type_is_a_problem(sqlite_url: str, change: str) -> None:
    with opened(sqlite_url) as log:
        log.append([returned("order/1", 1)])
    tamper(sqlite_url, f"UPDATE entries SET {change}")

    assert {"leaves", "entries"} & set(found(sqlite_url))


@pytest.mark.parametrize("change", ["leaf = 7", "leaf = X'00'", "leaf = 'text'"])
def test_what_is_no_hash_proves_nothing(sqlite_url: str, change: str) -> None:
    with opened(sqlite_url) as log:
        log.append(returns("order/1", range(1, 6)))
    tamper(sqlite_url, f"UPDATE entries SET {change}")
    with opened(sqlite_url) as log, pytest.raises(StoreTrouble, match="in the place of a hash"):
        log.root_at(3)


@pytest.mark.parametrize("change", ["peaks = 'text'", "peaks = X''", "position = 'many'"])
def test_a_damaged_head_is_told_of(sqlite_url: str, change: str) -> None:
    with opened(sqlite_url) as log:
        log.append([returned("order/1", 1)])
    tamper(sqlite_url, f"UPDATE head SET {change}")
    with opened(sqlite_url) as log, pytest.raises(StoreTrouble, match="head is damaged"):
        log.tree()


def test_tables_that_do_not_say_which_they_are_are_refused(sqlite_url: str) -> None:
    with opened(sqlite_url) as log:
        log.append([returned("order/1", 1)])
    tamper(sqlite_url, "DELETE FROM schema_version")
    with pytest.raises(StoreTrouble, match="which tables"), opened(sqlite_url):
        pass


def test_a_revision_stands_behind_what_it_revises(sqlite_url: str) -> None:
    first = returned("order/1", 1, told="LPN1")
    assert first.telling is not None
    second = replace(first.telling, told_at="2026-11-02", digest="1" * 64, revises="0" * 64)
    unknown = replace(first.telling, told_at="2026-11-03", digest="2" * 64, revises="3" * 64)
    with opened(sqlite_url) as log:
        log.append([first, replace(first, version=2, telling=second)])
        assert [(1, [])] == [(c.checked, c.problems) for c in log.verify() if c.name == "chain"]
        log.append([replace(first, version=3, telling=unknown)])

    assert found(sqlite_url) == {
        "chain": ["position 3 (order/1, version 3) revises a telling that does not stand before it"]
    }


def test_a_damaged_page_is_a_problem(sqlite_url: str) -> None:
    """Opening the file may be refused, and then it says so; what is opened can be checked."""
    with opened(sqlite_url) as log:
        log.append(returns("order/1", range(1, 1000)), originals=[bytes(range(256)) * 200])
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    pages = range(0, len(whole) // 4096, 4)
    for page in pages:
        start = page * 4096
        path.write_bytes(whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :])
        assert _told(sqlite_url), f"page {page}"

    assert len(pages) > 20


@pytest.mark.parametrize(
    "made",
    [
        "(topic, position) WHERE position <> 3",
        "(topic, position + (position = 3))",
        "(position, topic)",
    ],
)
def test_an_index_that_does_not_hold_the_entries_is_a_problem(sqlite_url: str, made: str) -> None:
    """Whoever asks by it would be told less than the log holds, or something else."""
    with opened(sqlite_url) as log:
        log.append(returns("order/1", range(1, 4)))
    name = "entries_topic_position"
    tamper(
        sqlite_url,
        f"DROP INDEX {name}",
        f"CREATE INDEX {name} ON entries {made}",
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_schema SET sql = 'CREATE INDEX {name} ON entries (topic, position)'"
        f" WHERE name = '{name}'",
    )

    assert ["file"] == list(found(sqlite_url))


def _told(url: str) -> object:
    try:
        return found(url)
    except StoreTrouble as trouble:
        return trouble.advice()


def test_a_table_that_was_made_otherwise_is_a_problem(sqlite_url: str) -> None:
    with opened(sqlite_url) as log:
        log.append(returns("order/1", range(1, 4)))
    tamper(
        sqlite_url,
        "ALTER TABLE entries RENAME TO before",
        "CREATE TABLE entries AS SELECT 'p' || position AS position, stream, version, topic, state,"
        " local_key, recorded_at, leaf FROM before",
    )

    assert "positions" in found(sqlite_url)
