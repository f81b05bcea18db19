"""The one recorder of the log, for SQLite and PostgreSQL: what the eventsourcing library writes through."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from sqlalchemy import Connection, Select, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ledger.store.database import Database
from ledger.store.mapper import (
    RecordedEntry,
    StoredEntry,
    joined,
    line_around,
    microseconds,
)
from ledger.store.tree import Tree, leaf_hash

Clock = Callable[[], datetime]

POLL_SECONDS: Final = 0.05
"""How soon a follower sees what another process has written."""
FOLLOWED_AT_ONCE: Final = 1000
"""How many entries a follower fetches at a time."""


class Row(NamedTuple):
    """A row of the log, as it is written."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    local_key: str | None
    recorded_at: int
    leaf: bytes


class Tracker(TrackingRecorder):
    """Records how far a follower has come, in the same transaction as what it makes of it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create_table(self) -> None:
        """Make the tables that are missing."""
        self.database.create()

    def insert_tracking(self, tracking: Tracking) -> None:
        with self.database.writing() as connection:
            self.track(connection, tracking)

    def track(self, connection: Connection, tracking: Tracking) -> None:
        """Move a follower on, within a transaction; it never stands still and never goes back.

        The row itself is what two equal positions race for: the second waits for it, and then finds
        a position that is not below its own.
        """
        table = self.database.tables.tracking
        dialect = sqlite if self.database.is_sqlite else postgresql
        row = dialect.insert(table).values(
            application_name=tracking.application_name, notification_id=tracking.notification_id
        )
        forward = row.on_conflict_do_update(
            index_elements=[table.c.application_name],
            set_={"notification_id": row.excluded.notification_id},
            where=table.c.notification_id < row.excluded.notification_id,
        ).returning(table.c.notification_id)
        if connection.execute(forward).scalar_one_or_none() is None:
            raise IntegrityError(
                f"{tracking.application_name} has already come to {tracking.notification_id}"
            )

    def max_tracking_id(self, application_name: str) -> int | None:
        table = self.database.tables.tracking
        found = select(table.c.notification_id).where(table.c.application_name == application_name)
        with self.database.reading() as connection:
            return connection.execute(found).scalar_one_or_none()


class Recorder(Tracker, ProcessRecorder):
    """Appends to the log and reads it, in the library's terms."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock

    # --- appending

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append all of it or nothing: the entries, the `originals` they came from, the `tracking`."""
        packed = self._packed(kwargs.get("originals") or ())
        tracking: Tracking | None = kwargs.get("tracking")
        with self.database.writing() as connection:
            positions = self._append(connection, stored_events, packed)
            if tracking is not None:
                self.track(connection, tracking)
        return positions

    def _append(
        self, connection: Connection, stored_events: Sequence[StoredEvent], packed: list[Packed]
    ) -> list[int]:
        if not stored_events and not packed:
            return []
        head = self.database.tables.head
        # Held until the commit, so that positions are given in the order of commits: whoever has
        # seen one position has seen all below it.
        last = connection.execute(select(head).with_for_update()).one()
        recorded_at = max(microseconds(self._clock()), last.recorded_at + 1)
        tree = Tree(last.position, last.peaks)
        rows = _rows(stored_events, last.position, recorded_at)
        tree.extend(row.leaf for row in rows)
        self._write(connection, rows)
        self._keep(connection, packed)
        new = {"position": tree.size, "peaks": tree.peaks}
        if rows:
            new["recorded_at"] = recorded_at
        connection.execute(update(head).values(new))
        return [row.position for row in rows]

    def _write(self, connection: Connection, rows: list[Row]) -> None:
        if rows:
            statement = str(
                insert(self.database.tables.entries).compile(dialect=connection.dialect)
            )
            connection.exec_driver_sql(statement, rows)

    # --- originals

    def _packed(self, originals: Iterable[bytes]) -> list[Packed]:
        """Compressed before the lock is taken, so that nobody waits for it."""
        by_digest = {sha256(original).hexdigest(): original for original in originals}
        if not by_digest:
            return []
        with self.database.reading() as connection:
            kept = self._kept(connection, by_digest)
        return [
            Packed(digest, len(original), zlib.compress(original))
            for digest, original in by_digest.items()
            if digest not in kept
        ]

    def _kept(self, connection: Connection, digests: Iterable[str]) -> set[str]:
        table = self.database.tables.originals
        found = select(table.c.digest).where(table.c.digest.in_(list(digests)))
        return set(connection.execute(found).scalars())

    def _keep(self, connection: Connection, packed: list[Packed]) -> None:
        kept = self._kept(connection, [original.digest for original in packed]) if packed else set()
        new = [original._asdict() for original in packed if original.digest not in kept]
        if new:
            connection.execute(insert(self.database.tables.originals), new)

    # --- reading

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        entries = self.database.tables.entries.c
        found = select(entries.stream, entries.version, entries.topic, entries.state)
        found = found.where(entries.stream == str(originator_id))
        if gt is not None:
            found = found.where(entries.version > gt)
        if lte is not None:
            found = found.where(entries.version <= lte)
        found = found.order_by(entries.version.desc() if desc else entries.version).limit(limit)
        with self.database.reading() as connection:
            return [StoredEvent(*row) for row in connection.execute(found)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        entries = self.database.tables.entries.c
        found = _in_order(self.database)
        if start is not None:
            after = entries.position >= start if inclusive_of_start else entries.position > start
            found = found.where(after)
        if stop is not None:
            found = found.where(entries.position <= stop)
        if topics:
            found = found.where(entries.topic.in_(topics))
        with self.database.reading() as connection:
            return [RecordedEntry(*row) for row in connection.execute(found.limit(limit))]

    def max_notification_id(self) -> int | None:
        with self.database.reading() as connection:
            found = select(func.max(self.database.tables.entries.c.position))
            return connection.execute(found).scalar_one()

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return Following(self, gt=gt, topics=topics)


class StreamRecorder(Recorder):
    """The recorder without a sequence of its own, as the library's aggregates know it."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class Packed(NamedTuple):
    """An original as it is kept."""

    digest: str
    size: int
    content: bytes


def _rows(stored_events: Sequence[StoredEvent], last: int, recorded_at: int) -> list[Row]:
    rows = []
    for position, stored in enumerate(stored_events, start=last + 1):
        stream, version = str(stored.originator_id), stored.originator_version
        head, tail = line_around(stream, version, stored.topic, stored.state)
        leaf = leaf_hash(joined(head, position, recorded_at, tail))
        local_key = stored.local_key if isinstance(stored, StoredEntry) else None
        rows.append(
            Row(position, stream, version, stored.topic, stored.state, local_key, recorded_at, leaf)
        )
    return rows


def _in_order(database: Database) -> Select[Any]:
    entries = database.tables.entries.c
    return select(
        entries.stream,
        entries.version,
        entries.topic,
        entries.state,
        entries.position,
        entries.recorded_at,
    ).order_by(entries.position)


class Following(Subscription[Recorder]):
    """Yields what has been recorded and then waits for more, without a thread of its own.

    A commit of this process wakes it at once, that of another is seen by looking again. PostgreSQL's
    NOTIFY would be no cheaper: it makes every commit wait for one lock of the whole server.
    """

    def __init__(
        self, recorder: Recorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._bell = recorder.database.bell()
        self._fetched: deque[Notification] = deque()

    def stop(self) -> None:
        super().stop()
        self._bell.set()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._fetched:
                return self._fetched.popleft()
            self._bell.clear()
            self._fetch()
            if not self._fetched and not self._has_been_stopped:
                self._bell.wait(POLL_SECONDS)
        raise StopIteration

    def _fetch(self) -> None:
        found = self._recorder.select_notifications(
            start=self._last_notification_id or 0,
            limit=FOLLOWED_AT_ONCE,
            topics=self._topics,
            inclusive_of_start=False,
        )
        if found:
            self._fetched.extend(found)
            self._last_notification_id = found[-1].id
