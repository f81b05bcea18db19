"""What wakes the followers of a log: the commits of this process, and what a server tells of those of others."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, func, literal

from ledger.store.servers import NAME

if TYPE_CHECKING:
    import psycopg

POLL_SECONDS: Final = 0.05
"""How soon a follower that is not notified sees what another process has written."""
NOTIFIED_POLL_SECONDS: Final = 1.0
"""How soon one that listens looks again all the same: a notification can be lost, an entry cannot."""
AGAIN_SECONDS: Final = 1.0
"""How soon a connection for listening that broke is made anew."""
ENDS_SECONDS: Final = 0.25
"""How soon nobody listens after the last follower has stopped."""


class Bells:
    """The followers of one log in this process, each with a bell that is rung when there may be news."""

    def __init__(self, engine: Engine, schema: str | None) -> None:
        self._bells: weakref.WeakSet[threading.Event] = weakref.WeakSet()
        self._listener: _Listener | None = None
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self.channel = schema if engine.get_execution_options().get("notify") else None
        """What followers listen to, where they do."""
        self._engine = engine

    def new(self) -> threading.Event:
        """A bell for one more follower."""
        bell = threading.Event()
        with self._lock:
            self._bells.add(bell)
            if self.channel and (self._listener is None or self._listener.is_over):
                self._listener = _Listener(
                    self._engine, self.channel, self._bells, self._lock, self.ended
                )
                self._listener.start()
        return bell

    def gone(self, bell: threading.Event) -> None:
        """Its follower has stopped."""
        self._bells.discard(bell)

    def ring(self) -> None:
        """Wake the followers."""
        if self._bells:
            _ring(self._bells)

    @property
    def patience(self) -> float:
        """How long a follower waits for its bell before it looks again."""
        listens = self._listener is not None and self._listener.listens
        return NOTIFIED_POLL_SECONDS if listens else POLL_SECONDS


def _ring(bells: weakref.WeakSet[threading.Event]) -> None:
    for bell in list(bells):
        bell.set()


class _Listener(threading.Thread):
    """Rings the bells of a process when the server notifies it, for as long as there are any."""

    def __init__(
        self,
        engine: Engine,
        channel: str,
        bells: weakref.WeakSet[threading.Event],
        lock: threading.Lock,
        ended: threading.Event,
    ) -> None:
        super().__init__(name=f"listens to {channel}", daemon=True)
        self._connect = _connector(engine)
        self._channel = channel
        self._bells = bells
        self._lock = lock
        self._ended = ended
        self.listens = False
        """True while notifications arrive."""
        self.is_over = False
        """True once it was found that nobody follows: the next follower needs another one."""

    def run(self) -> None:
        import psycopg

        while self._is_wanted():
            # Whatever became of the connection, followers go on by looking, and it is made anew.
            with contextlib.suppress(psycopg.Error):
                self._listen()
            self.listens = False
            if self._is_wanted():
                self._ended.wait(AGAIN_SECONDS)

    def _is_wanted(self) -> bool:
        with self._lock:
            self.is_over = self.is_over or not self._bells or self._ended.is_set()
            return not self.is_over

    def _listen(self) -> None:
        from psycopg import sql

        with self._connect() as connection:
            # First the sign that somebody follows, then the looking: whoever commits in between
            # either sees the sign or is seen.
            connection.execute("SELECT pg_advisory_lock_shared(%s)", [_sign(self._channel)])
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            self.listens = True
            _ring(self._bells)
            while self._is_wanted():
                for _notification in connection.notifies(timeout=ENDS_SECONDS, stop_after=1):
                    _ring(self._bells)


def _connector(engine: Engine) -> Callable[[], psycopg.Connection[Any]]:
    """Makes a connection of its own, outside the pool."""
    arguments, told = engine.dialect.create_connect_args(engine.url)

    def connect() -> psycopg.Connection[Any]:
        import psycopg

        said = {"application_name": f"{NAME} follower", "connect_timeout": 10, **told}
        return psycopg.connect(*arguments, autocommit=True, **said)

    return connect


# --- the writer's side ------------------------------------------------------------------------


def nobody_follows(channel: str) -> Any:
    """True, in a statement of the transaction that appends, where no follower listens.

    A follower holds the lock shared for as long as it listens, so that a writer gets it only where there is none,
    and has it until the commit. No further question to the server is needed for that.
    """
    return func.pg_try_advisory_xact_lock(literal(_sign(channel)))


def notify(connection: Connection, channel: str) -> None:
    """Tell the followers of a log, after the commit and apart from it.

    Within the transaction it would make every commit on the server wait for one lock. What is lost
    here is only a delay, so no trouble with it is an error: the entries are recorded.
    """
    import psycopg

    raw: Any = connection.connection.driver_connection
    with contextlib.suppress(psycopg.Error):
        raw.autocommit = True
        try:
            raw.execute("SELECT pg_notify(%s, '')", [channel])
        finally:
            raw.autocommit = False


def _sign(channel: str) -> int:
    """The lock by which it is known that somebody follows."""
    digest = sha256(f"followers of {channel}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
