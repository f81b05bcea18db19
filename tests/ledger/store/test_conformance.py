"""The suites that the eventsourcing library ships for its recorders, on both databases.

Only those for dynamic consistency boundaries (DCB) are left out: the log does not offer them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import Tracking
from eventsourcing.tests import persistence as suites
from eventsourcing.tests import projection as projections
from eventsourcing.utils import Environment, EnvType, get_topic
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, update

from ledger.store.database import Database
from ledger.store.engines import engine_for
from ledger.store.factory import StoreFactory
from ledger.store.recorder import Recorder, StreamRecorder, Tracker
from tests import postgres


def now() -> datetime:
    return datetime.now(UTC)


class SQLite:
    """Gives each test a file of its own."""

    addCleanup: Callable[..., None]  # noqa: N815 - unittest's name

    def new_url(self) -> str:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return f"sqlite:///{Path(folder.name) / 'ledger.db'}"


@pytest.mark.postgres
class PostgreSQL:
    """Gives each test a database of its own."""

    addCleanup: Callable[..., None]  # noqa: N815 - unittest's name

    def new_url(self) -> str:
        url = postgres.fresh_database()
        self.addCleanup(postgres.drop, url)
        return url


class OnAStore:
    """Makes recorders on a new store, for streams that are named by text."""

    addCleanup: Callable[..., None]  # noqa: N815 - unittest's name
    new_url: Callable[[], str]

    def database(self) -> Database:
        database = Database(*engine_for(self.new_url(), "main"))
        self.addCleanup(database.close)
        database.create()
        return database

    def create_recorder(self) -> Any:
        return Recorder(self.database(), now)

    def new_originator_id(self) -> str:
        return str(uuid4())


class AggregateSuite(OnAStore, suites.AggregateRecorderTestCase):
    __test__ = False

    def create_recorder(self) -> StreamRecorder:
        return StreamRecorder(self.database(), now)


class ApplicationSuite(OnAStore, suites.ApplicationRecorderTestCase[Recorder]):
    __test__ = False

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TrackingSuite(OnAStore, suites.TrackingRecorderTestCase):
    __test__ = False

    def create_recorder(self) -> Tracker:
        return Tracker(self.database())


class ProcessSuite(OnAStore, suites.ProcessRecorderTestCase):
    __test__ = False


class NonInterleavingSuite(OnAStore, suites.NonInterleavingNotificationIDsBaseCase):
    __test__ = False


class TestAggregatesOnSQLite(SQLite, AggregateSuite):
    __test__ = True


class TestAggregatesOnPostgreSQL(PostgreSQL, AggregateSuite):
    __test__ = True


class TestApplicationsOnSQLite(SQLite, ApplicationSuite):
    __test__ = True


class TestApplicationsOnPostgreSQL(PostgreSQL, ApplicationSuite):
    __test__ = True


class TestTrackingOnSQLite(SQLite, TrackingSuite):
    __test__ = True


class TestTrackingOnPostgreSQL(PostgreSQL, TrackingSuite):
    __test__ = True


class TestProcessesOnSQLite(SQLite, ProcessSuite):
    __test__ = True


class TestProcessesOnPostgreSQL(PostgreSQL, ProcessSuite):
    __test__ = True


class TestNonInterleavingOnSQLite(SQLite, NonInterleavingSuite):
    __test__ = True


class TestNonInterleavingOnPostgreSQL(PostgreSQL, NonInterleavingSuite):
    __test__ = True


# --- the factory ------------------------------------------------------------------------------


class ClockedFactory(StoreFactory):
    """The store's factory with a clock, as the library can build it from an environment."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env, clock=now)


class OtherTracker(Tracker):
    """What the factory makes when it is asked for another kind of tracker."""


def environment(url: str) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": get_topic(ClockedFactory),
        "STORE_URL": url,
        "STORE_ACCOUNT": "main",
    }


class FactorySuite(OnAStore, suites.InfrastructureFactoryTestCase[ClockedFactory]):
    __test__ = False

    def setUp(self) -> None:
        self.env = Environment("Test", environment(self.new_url()))
        super().setUp()

    def expected_factory_class(self) -> type[ClockedFactory]:
        return ClockedFactory

    def expected_aggregate_recorder_class(self) -> type[StreamRecorder]:
        return StreamRecorder

    def expected_application_recorder_class(self) -> type[Recorder]:
        return Recorder

    def expected_tracking_recorder_class(self) -> type[Tracker]:
        return Tracker

    def tracking_recorder_subclass(self) -> type[Tracker]:
        return OtherTracker

    def expected_process_recorder_class(self) -> type[Recorder]:
        return Recorder


class TestFactoryOnSQLite(SQLite, FactorySuite):
    __test__ = True


class TestFactoryOnPostgreSQL(PostgreSQL, FactorySuite):
    __test__ = True


# --- projections ------------------------------------------------------------------------------


class CountersView(Tracker, projections.EventCountersView):
    """Counts events in a table beside the tracking, as a projection of the library would."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        metadata = MetaData(schema=database.tables.metadata.schema)
        self.counters = Table(
            "counters", metadata, Column("kind", Text, primary_key=True), Column("number", Integer)
        )

    def create_table(self) -> None:
        super().create_table()
        with self.database.writing() as connection:
            self.counters.create(connection, checkfirst=True)
            for kind in ("created", "subsequent"):
                if not connection.execute(select(self.counters).filter_by(kind=kind)).all():
                    connection.execute(insert(self.counters).values(kind=kind, number=0))

    def get_created_event_counter(self) -> int:
        return self._number("created")

    def get_subsequent_event_counter(self) -> int:
        return self._number("subsequent")

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        self._increment("created", tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        self._increment("subsequent", tracking)

    def _number(self, kind: str) -> int:
        found = select(self.counters.c.number).where(self.counters.c.kind == kind)
        with self.database.reading() as connection:
            number: int = connection.execute(found).scalar_one()
            return number

    def _increment(self, kind: str, tracking: Tracking) -> None:
        counter = update(self.counters).where(self.counters.c.kind == kind)
        with self.database.writing() as connection:
            self.track(connection, tracking)
            connection.execute(counter.values(number=self.counters.c.number + 1))


class ViewSuite(OnAStore, projections.EventCountersViewTestCase):
    __test__ = False

    def construct_event_counters_view(self) -> CountersView:
        view = CountersView(self.database())
        view.create_table()
        return view


class ProjectionSuite(OnAStore, projections.AggregateEventCountersProjectionTestCase):
    __test__ = False
    view_class = CountersView

    def setUp(self) -> None:
        self.env = environment(self.new_url())  # type: ignore[misc]  # one store a test, not a class
        super().setUp()


class EventSourcedProjectionSuite(OnAStore, projections.EventSourcedProjectionTestCase):
    __test__ = False

    def setUp(self) -> None:
        self.env = environment(self.new_url())  # type: ignore[misc]  # one store a test, not a class
        super().setUp()


class TestViewsOnSQLite(SQLite, ViewSuite):
    __test__ = True


class TestViewsOnPostgreSQL(PostgreSQL, ViewSuite):
    __test__ = True


class TestProjectionsOnSQLite(SQLite, ProjectionSuite):
    __test__ = True


class TestProjectionsOnPostgreSQL(PostgreSQL, ProjectionSuite):
    __test__ = True


class TestEventSourcedProjectionsOnSQLite(SQLite, EventSourcedProjectionSuite):
    __test__ = True


class TestEventSourcedProjectionsOnPostgreSQL(PostgreSQL, EventSourcedProjectionSuite):
    __test__ = True
