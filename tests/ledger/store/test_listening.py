"""Followers are notified by the server, and miss nothing where notifications are lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Thread

import psycopg
import pytest
from eventsourcing.persistence import Subscription
from sqlalchemy.engine import make_url

from ledger.store import listening
from ledger.store.database import Database
from ledger.store.engines import engine_for
from ledger.store.recorder import Following, Recorder
from tests.ledger.store.invented import ticking
from tests.ledger.store.test_recorder import stored

pytestmark = pytest.mark.postgres

LONG = 60.0
"""So long that only a notification can have been the reason."""


@pytest.fixture
def new(server_url: str) -> Iterator[Callable[..., Recorder]]:
    """Makes recorders that know nothing of each other, as those of several processes."""
    made: list[Database] = []

    def recorder(said: str = "") -> Recorder:
        url = f"{server_url}{'&' if '?' in server_url else '?'}{said}" if said else server_url
        made.append(Database(*engine_for(url, "main")))
        made[-1].create()
        return Recorder(made[-1], ticking())

    yield recorder
    for database in made:
        database.close()


def append(recorder: Recorder, stream: str, first: int, last: int) -> None:
    for version in range(first, last + 1):
        recorder.insert_events(stored(stream, range(version, version + 1)))


def until(condition: Callable[[], object]) -> None:
    last = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < last, "it did not come about"
        time.sleep(0.01)


def is_listening(recorder: Recorder) -> bool:
    return recorder.database.bells.patience > listening.POLL_SECONDS


class Followed:
    """A follower in a thread of its own, and what it has seen."""

    def __init__(self, recorder: Recorder) -> None:
        self.seen: list[int] = []
        self.following: Subscription[Recorder] = Following(recorder, gt=0)
        self._thread = Thread(target=self._follow)

    def _follow(self) -> None:
        for notification in self.following:
            self.seen.append(notification.id)

    def __enter__(self) -> Followed:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.following.stop()
        self._thread.join(10)
        assert not self._thread.is_alive()


def listeners(url: str) -> list[int]:
    """The server processes of the connections that listen."""
    asked = (
        "SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name LIKE '%%follower'"
    )
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(asked, [make_url(url).database])]


def test_another_process_wakes_a_follower_at_once(
    new: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "NOTIFIED_POLL_SECONDS", LONG)
    reader, writer = new(), new()
    with Followed(reader) as follower:
        until(lambda: is_listening(reader))
        append(writer, "a", 1, 5)

        until(lambda: follower.seen == [1, 2, 3, 4, 5])


def test_writers_notify_only_where_somebody_follows(
    server_url: str, new: Callable[..., Recorder]
) -> None:
    """Whoever listens without a sign is not notified either: the sign is what writers look at."""
    writer, reader = new(), new()
    with psycopg.connect(server_url, autocommit=True) as overhearing:
        overhearing.execute("LISTEN main_ledger")
        append(writer, "a", 1, 5)
        heard = len(list(overhearing.notifies(timeout=0.5)))
        assert heard == 0
        with Followed(reader):
            until(lambda: is_listening(reader))
            append(writer, "a", 6, 10)
            heard = len(list(overhearing.notifies(timeout=5, stop_after=5)))
            assert heard == 5
        until(lambda: not listeners(server_url))
        append(writer, "a", 11, 15)
        assert list(overhearing.notifies(timeout=0.5)) == []


def test_what_is_rolled_back_notifies_nobody(server_url: str, new: Callable[..., Recorder]) -> None:
    writer, reader = new(), new()
    append(writer, "a", 1, 1)
    with Followed(reader), psycopg.connect(server_url, autocommit=True) as overhearing:
        until(lambda: is_listening(reader))
        overhearing.execute("LISTEN main_ledger")
        with pytest.raises(Exception, match="entries_stream_version"):
            writer.insert_events(stored("a", range(1, 2)))
        assert list(overhearing.notifies(timeout=0.5)) == []
        append(writer, "a", 2, 2)
        assert len(list(overhearing.notifies(timeout=5, stop_after=1))) == 1


def test_a_killed_listener_loses_nothing_and_is_made_anew(
    server_url: str, new: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = new(), new()
    with Followed(reader) as follower:
        until(lambda: is_listening(reader))
        (before,) = listeners(server_url)
        append(writer, "a", 1, 50)
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", [before])
        append(writer, "a", 51, 200)
        until(lambda: len(follower.seen) == 200)
        assert follower.seen == list(range(1, 201))

        until(lambda: is_listening(reader) and listeners(server_url) not in ([], [before]))
        monkeypatch.setattr(listening, "NOTIFIED_POLL_SECONDS", LONG)
        append(writer, "a", 201, 201)
        time.sleep(0.2)
        append(writer, "a", 202, 203)
        until(lambda: follower.seen == list(range(1, 204)))


def test_without_a_listener_a_follower_looks_again_and_again(
    server_url: str, new: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN_SECONDS", LONG)
    reader, writer = new(), new()
    with Followed(reader) as follower:
        until(lambda: is_listening(reader))
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", listeners(server_url))
        until(lambda: not is_listening(reader))
        append(writer, "a", 1, 100)

        until(lambda: follower.seen == list(range(1, 101)))
        assert listeners(server_url) == []


@pytest.mark.parametrize("said", ["notify=off", "pooler=transaction"])
def test_whoever_does_not_want_it_neither_listens_nor_notifies(
    server_url: str, new: Callable[..., Recorder], said: str
) -> None:
    reader, writer = new(said), new(said)
    with Followed(reader) as follower:
        append(writer, "a", 1, 20)

        until(lambda: follower.seen == list(range(1, 21)))
        assert listeners(server_url) == []


def test_the_last_follower_that_stops_ends_the_listening(
    server_url: str, new: Callable[..., Recorder]
) -> None:
    reader = new()
    with Followed(reader):
        with Followed(reader):
            until(lambda: is_listening(reader))
        assert len(listeners(server_url)) == 1
    until(lambda: not listeners(server_url))
    with Followed(reader):
        until(lambda: is_listening(reader))
