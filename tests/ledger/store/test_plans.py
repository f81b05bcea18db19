"""The questions that are asked often go by an index, on either store: none of them reads all entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from time import sleep
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import Engine, event

from ledger.event import ACCOUNT_STREAM, order_stream
from ledger.events import BY_TOPIC
from ledger.events.account import AccountOpened
from ledger.importing import open_account
from ledger.recall import Recall
from ledger.rulebook import shipped
from ledger.store import Log, open_log
from projections import STATUS
from projections.catching_up import catch_up
from projections.views import Views, open_views
from tests import postgres
from tests.bench.growing import grow
from tests.ledger.store.invented import ticking

ENTRIES = 5000
ORDERS = [order_stream(f"114-0000000-{number:07}") for number in (7, 77, 777)]


class Asked(NamedTuple):
    """A statement as it was sent."""

    engine: Engine
    statement: str
    parameters: Any
    as_cursor: bool


class Store(NamedTuple):
    """A log and views with enough in them that an index is worth its while."""

    log: Log
    views: Views


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    on_server = request.param == "postgresql"
    folder = tmp_path_factory.mktemp("plans")
    url = postgres.fresh_database() if on_server else f"sqlite:///{folder}/ledger.db"
    with (
        closing(open_log(url, "main", event_types=BY_TOPIC, clock=ticking())) as log,
        closing(open_views(url, "main")) as views,
    ):
        open_account(log, "main", "NA", shipped(), "test")
        grow(log, ENTRIES)
        catch_up(Recall(log, date.max), views, only=[STATUS])
        if on_server:
            with log._database.writing() as connection:
                connection.exec_driver_sql("ANALYZE")
        yield Store(log, views)
    if on_server:
        postgres.drop(url)


QUESTIONS: dict[str, Callable[[Store], object]] = {
    "one stream": lambda store: list(store.log.entries(ORDERS[0])),
    "one stream as the library asks": lambda store: store.log._recorder.select_events(ORDERS[0]),
    "some streams": lambda store: store.log.streams(ORDERS),
    "streams as they are stored": lambda store: list(store.log.stored_streams(ORDERS)),
    "heads": lambda store: store.log.heads(ORDERS),
    "changed streams": lambda store: store.log.changed_streams(ENTRIES - 20),
    "a topic of few entries": lambda store: list(store.log.entries(topics=[AccountOpened.TOPIC])),
    "a topic in a stream": lambda store: list(
        store.log.entries(ACCOUNT_STREAM, topics=[AccountOpened.TOPIC])
    ),
    "lines at positions": lambda store: store.log.lines_at([3, 300, 3000]),
    "entries at positions": lambda store: store.log.entries_at([3, 300, 3000]),
    "the end of the log": lambda store: (store.log.position(), store.log.recorded_at()),
    "the end at a moment": lambda store: store.log.position_at("2026-11-23T04:30:03Z"),
    "the tree": lambda store: store.log.tree(),
    "a proof": lambda store: store.log.inclusion(1234, ENTRIES),
    "what a follower fetches": lambda store: store.log._recorder.select_notifications(
        ENTRIES - 20, 10, inclusive_of_start=False
    ),
    "views by stream": lambda store: list(store.views.rows(STATUS, ORDERS)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_frequent_question_goes_by_an_index(store: Store, question: str) -> None:
    with sent(store) as asked:
        QUESTIONS[question](store)

    assert asked
    scans = [f"{scan} in: {one.statement}" for one in asked for scan in scans_in(one)]
    assert scans == []


def test_a_question_that_reads_everything_is_seen(store: Store) -> None:
    """The test can fail: the whole log is read where the whole log is asked for."""
    with sent(store) as asked:
        list(store.log.cases())

    assert any(scans_in(one) for one in asked)


@pytest.mark.postgres
def test_many_streams_go_by_the_index_before_the_server_knows_how_many_there_are() -> None:
    """As while a file is compared right after another one: nothing has counted the table yet."""
    url = postgres.fresh_database()
    names = [order_stream(f"114-0000000-{number:07}") for number in range(ENTRIES // 5)]
    with closing(open_log(url, "main", event_types=BY_TOPIC, clock=ticking())) as log:
        with log._database.writing() as connection:
            entries = log._database.quoted(log._tables.entries)
            connection.exec_driver_sql(f"ALTER TABLE {entries} SET (autovacuum_enabled = off)")
        grow(log, ENTRIES)
    before = scans_done(url)
    with closing(open_log(url, "main", event_types=BY_TOPIC, clock=ticking())) as log:
        assert len(names) == len(list(log.stored_streams(names)))
    whole, by_index = scans_done(url)

    assert before[0] == whole
    assert before[1] < by_index
    postgres.drop(url)


def scans_done(url: str) -> tuple[int, int]:
    """How often the log was read as a whole and by an index, as the server counts when a connection ends."""
    with psycopg.connect(url, autocommit=True) as server:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        while server.execute(others).fetchone() != (1,):
            sleep(0.05)
        counted = "SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname = 'entries'"
        found = server.execute(counted).fetchone()
    assert found is not None
    return found


@contextmanager
def sent(store: Store) -> Iterator[list[Asked]]:
    """Every question that is sent meanwhile, as the driver sends it."""
    asked: list[Asked] = []
    engines = (store.log._database.engine, store.views._engine)
    hearing = [(engine, _hearing(engine, asked)) for engine in engines]
    for engine, hear in hearing:
        event.listen(engine, "checkout", hear)
    try:
        yield asked
    finally:
        for engine, hear in hearing:
            event.remove(engine, "checkout", hear)
            engine.dispose()  # what hears is a connection's own


def _hearing(engine: Engine, asked: list[Asked]) -> Callable[..., None]:
    """Makes each connection tell what is asked on it."""

    def take(statement: str, parameters: Any = None, *, as_cursor: bool = False) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append(Asked(engine, statement, parameters, as_cursor))

    class Plain(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **told: Any) -> Any:
            take(query, params)
            return super().execute(query, params, **told)

    class OnServer(psycopg.ServerCursor[Any]):
        def execute(self, query: Any, params: Any = None, **told: Any) -> Any:
            take(query, params, as_cursor=True)
            return super().execute(query, params, **told)

    def hear(connection: Any, *_rest: object) -> None:
        if engine.dialect.name == "sqlite":
            connection.set_trace_callback(take)
        else:
            connection.cursor_factory, connection.server_cursor_factory = Plain, OnServer

    return hear


GROWS = ("entries", "tiles", "status")
_SCAN = re.compile(rf"SCAN ({'|'.join(GROWS)})\b")


def scans_in(asked: Asked) -> list[str]:
    """What reads a table as a whole, of the tables that grow."""
    with asked.engine.connect() as connection:
        if asked.engine.dialect.name == "sqlite":
            explain = f"EXPLAIN QUERY PLAN {asked.statement}"
            found = connection.exec_driver_sql(explain)
            return [row.detail for row in found if _SCAN.search(row.detail)]
        # A cursor is planned for its first rows, so it is explained as the cursor that it is.
        cursor = "DECLARE explained CURSOR FOR " if asked.as_cursor else ""
        explain = f"EXPLAIN (FORMAT JSON) {cursor}{asked.statement}"
        rows = connection.exec_driver_sql(explain, asked.parameters)
        return list(_scans_in_plan(rows.scalar_one()[0]["Plan"]))


def _scans_in_plan(plan: dict[str, Any], *, is_limited: bool = False) -> Iterator[str]:
    """Nodes on a table that grows, which neither a condition of an index narrows nor a limit ends."""
    by_index = plan["Node Type"].startswith("Index") and (plan.get("Index Cond") or is_limited)
    if plan.get("Relation Name") in GROWS and not (
        by_index or plan["Node Type"] == "Bitmap Heap Scan"
    ):
        yield f"{plan['Node Type']} on {plan['Relation Name']}"
    for part in plan.get("Plans", ()):
        yield from _scans_in_plan(part, is_limited=plan["Node Type"] == "Limit")
