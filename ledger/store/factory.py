"""Builds the recorders for the eventsourcing library from a store's address."""

from __future__ import annotations

from typing import Final, TypeVar

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool

from ledger.store.database import Database
from ledger.store.engines import engine_for
from ledger.store.recorder import Clock, Recorder, StreamRecorder, Tracker

R = TypeVar("R", bound=Tracker)


class StoreFactory(InfrastructureFactory[Tracker]):
    """Recorders on the database that STORE_URL names, in the log of the account STORE_ACCOUNT."""

    STORE_URL: Final = "STORE_URL"
    STORE_ACCOUNT: Final = "STORE_ACCOUNT"
    CREATE_TABLE: Final = "CREATE_TABLE"

    def __init__(self, env: Environment | EnvType | None, *, clock: Clock) -> None:
        super().__init__(env)
        url, account = self.env.get(self.STORE_URL), self.env.get(self.STORE_ACCOUNT)
        if url is None or account is None:
            raise OSError(f"{self.STORE_URL} and {self.STORE_ACCOUNT} are needed")
        self._clock = clock
        self.database = Database(*engine_for(url, account))

    def aggregate_recorder(self, purpose: str = "events") -> StreamRecorder:
        """The log as streams; there is no other purpose, as cases are folded and never kept."""
        assert purpose == "events", f"the store keeps no {purpose}"
        return self._made(StreamRecorder(self.database, self._clock))

    def application_recorder(self) -> Recorder:
        return self._made(Recorder(self.database, self._clock))

    def process_recorder(self) -> Recorder:
        return self._made(Recorder(self.database, self._clock))

    def tracking_recorder(self, tracking_recorder_class: type[Tracker] | None = None) -> Tracker:
        topic = self.env.get(self.TRACKING_RECORDER_TOPIC)
        if tracking_recorder_class is None and topic:
            tracking_recorder_class = resolve_topic(topic)
        return self._made((tracking_recorder_class or Tracker)(self.database))

    def _made(self, recorder: R) -> R:
        if strtobool(self.env.get(self.CREATE_TABLE) or "yes"):
            recorder.create_table()
        return recorder

    def close(self) -> None:
        self.database.close()
