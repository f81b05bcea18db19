"""The fast way through a log says that all of it agrees when, and only when, the thorough way finds nothing."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.store import Log
from ledger.store.sweeping import Address, Sweep, Swept, sweeping, tree_over
from ledger.store.tree import TILE_WIDTH
from tests.ledger.store.invented import EVENT_TYPES, opened, returned, returns
from tests.ledger.store.test_checking import tamper

ENTRIES = 3 * TILE_WIDTH + 44


@pytest.fixture
def long_url(store_url: str) -> str:
    """A store in which three tiles are full."""
    with opened(store_url) as log:
        log.append(returns("order/1", range(1, 301)))
        log.append([returned("order/2", 1, told="LPN1")])
        log.append(returns("order/1", range(301, ENTRIES)))
    return store_url


def swept(log: Log, url: str, *, processes: int = 1, share: int = TILE_WIDTH) -> Swept | None:
    entries = log.position()
    with (
        sweeping(Address(url, "main"), entries, EVENT_TYPES, processes, share) as sweep,
        log._database.snapshot() as connection,
    ):
        return sweep.result(connection, log._database, log._mapper)


def test_a_sound_log_is_looked_through_once(long_url: str) -> None:
    with opened(long_url) as log:
        found = swept(log, long_url)
        assert found is not None
        assert ENTRIES == found.entries
        assert (log.tree().size, log.tree().root) == (tree_over(found).size, tree_over(found).root)


def test_processes_that_share_it_find_the_same(long_url: str) -> None:
    with opened(long_url) as log:
        assert swept(log, long_url) == swept(log, long_url, processes=2)
    tamper(long_url, "UPDATE entries SET version = 900 WHERE position = 300")
    with opened(long_url) as log:
        assert swept(log, long_url, processes=2) is None


def test_what_another_process_leaves_undone_is_done_here(long_url: str) -> None:
    gone: Future[Swept | None] = Future()
    gone.set_running_or_notify_cancel()
    gone.set_exception(BrokenExecutor())
    with opened(long_url) as log, log._database.snapshot() as connection:
        found = Sweep([gone, Future()], TILE_WIDTH).result(connection, log._database, log._mapper)
        assert swept(log, long_url) == found


def test_an_empty_log_agrees(log: Log, store_url: str) -> None:
    found = swept(log, store_url, processes=2)
    assert found is not None
    assert 0 == found.entries


CHANGES = [
    "UPDATE entries SET position = 900 WHERE position = 7",
    "UPDATE entries SET stream = 'order/3' WHERE position = 301",
    "UPDATE entries SET version = 900 WHERE position = 7",
    "UPDATE entries SET topic = 'refund-issued.v1' WHERE position = 7",
    "UPDATE entries SET topic = 'unheard-of.v1' WHERE position = 7",
    "UPDATE entries SET local_key = 'x' WHERE position = 301",
    "UPDATE entries SET local_key = 'x' WHERE position = 302",
    "UPDATE entries SET local_key = NULL WHERE position = 301",
    "UPDATE entries SET recorded_at = recorded_at + 1 WHERE position = 7",
    "UPDATE entries SET recorded_at = 0 WHERE position = 700",
    "UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE position = 8) WHERE position = 7",
    "DELETE FROM entries WHERE position = 7",
]
ON_SQLITE = [
    "UPDATE entries SET state = CAST(state AS TEXT) WHERE position = 7",
    "UPDATE entries SET state = state || X'0A' WHERE position = 7",
    "UPDATE entries SET state = X'7B7D' WHERE position = 7",
    "UPDATE entries SET stream = CAST(X'FF' AS TEXT) WHERE position = 7",
    "UPDATE entries SET stream = CAST(stream AS BLOB) WHERE position = 7",
    "UPDATE entries SET version = 1.5 WHERE position = 7",
    "UPDATE entries SET leaf = 'x' WHERE position = 7",
    "UPDATE entries SET recorded_at = 'x' WHERE position = 700",
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_was_changed_does_not_agree(long_url: str, change: str) -> None:
    tamper(long_url, change)
    with opened(long_url) as log:
        assert swept(log, long_url) is None
        assert any(check.problems for check in log.verify())


@pytest.mark.parametrize("change", ON_SQLITE)
def test_what_only_sqlite_keeps_does_not_agree(sqlite_url: str, change: str) -> None:
    with opened(sqlite_url) as log:
        log.append(returns("order/1", range(1, 701)))
    tamper(sqlite_url, change)
    with opened(sqlite_url) as log:
        assert swept(log, sqlite_url) is None
        assert any(check.problems for check in log.verify())


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(names, names, names | st.none()), max_size=20, unique_by=lambda t: t[0]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_log_that_was_written_agrees(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, str, str | None]]
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('any')}/ledger.db"
    with opened(url) as log:
        log.append([returned(stream, 1, sku=sku, told=name) for stream, sku, name in told])

        assert swept(log, url) is not None
