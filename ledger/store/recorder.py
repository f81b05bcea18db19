"""The one recorder of the log, for both databases: what the library writes through."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from sqlalchemy import Connection, Select, bindparam, func, insert, select, update
from sqlalchemy.dialects import sqlite

from ledger.store.database import FOLLOWED, Database, driver_of
from ledger.store.listening import nobody_follows
from ledger.store.mapper import RecordedEntry, StoredEntry, microseconds
from ledger.store.placing import (
    WRITTEN_AT_ONCE,
    Batches,
    Encoded,
    Head,
    Placed,
    Row,
    chunked,
    in_parts,
    place,
)
from ledger.store.tree import Tile, Tree

R = TypeVar("R")

Clock = Callable[[], datetime]

FOLLOWED_AT_ONCE: Final = 1000
"""How many entries a follower fetches at a time."""


class Original(NamedTuple):
    """A file to be kept: as it was delivered, or in a form in which what is personal is sealed."""

    digest: str
    """SHA-256 of the file as it was delivered."""
    size: int
    """Bytes of the file as it was delivered."""
    content: bytes
    """What is kept."""
    sealed: str | None = None
    """SHA-256 of what is kept where that is the sealed form."""

    @classmethod
    def of(cls, delivered: Original | bytes) -> Original:
        """A file that is kept as it was delivered, unless it says otherwise."""
        if isinstance(delivered, Original):
            return delivered
        return cls(sha256(delivered).hexdigest(), len(delivered), delivered)


class Packed(NamedTuple):
    """A file to be kept, packed already: a large one need not be in memory as it was delivered."""

    digest: str
    """SHA-256 of the file as it was delivered."""
    size: int
    """Bytes of the file as it was delivered."""
    content: bytes | memoryview
    """What is kept, packed by zlib."""
    sealed: str | None
    """SHA-256 of what is kept, before it was packed, where that is the sealed form."""


Examine = Callable[[Connection, Sequence[Sequence[Any]]], None]
"""Looks at rows before they are written, within the transaction; raises where they must not be."""


class Receipt(NamedTuple):
    """What an append was given: its positions and its one moment."""

    positions: range
    recorded_at: int | None


class Tracker(TrackingRecorder):
    """Records how far a follower has come, in the same transaction as what it makes of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        table = database.tables.tracking
        if database.is_sqlite:
            row: Any = sqlite.insert(table)
        else:  # read only by those who have a server, as it takes its time
            from sqlalchemy.dialects import postgresql

            row = postgresql.insert(table)
        # The row itself is what two equal positions race for: the second waits for it, and then
        # finds a position that is not below its own.
        self._forward = row.on_conflict_do_update(
            index_elements=[table.c.application_name],
            set_={"notification_id": row.excluded.notification_id},
            where=table.c.notification_id < row.excluded.notification_id,
        ).returning(table.c.notification_id)

    def create_table(self) -> None:
        """Make the tables that are missing."""
        self.database.create()

    def insert_tracking(self, tracking: Tracking) -> None:
        with self.database.writing() as connection:
            self.track(connection, tracking)

    def track(self, connection: Connection, tracking: Tracking) -> None:
        """Move a follower on, within a transaction; it never stands still and never goes back."""
        moved = {
            "application_name": tracking.application_name,
            "notification_id": tracking.notification_id,
        }
        if connection.execute(self._forward, moved).first() is None:
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
        tables = database.tables
        dialect = database.engine.dialect
        # As text for the driver: what is asked at each commit is not put together at each commit.
        self._last = str(select(tables.head).with_for_update().compile(dialect=dialect))
        self._move = "UPDATE head SET position = ?, recorded_at = ?, peaks = ?"
        self._advance = update(tables.head).values(
            {name: bindparam(f"new_{name}") for name in ("position", "recorded_at", "peaks")}
        )
        if channel := database.bells.channel:
            self._advance = self._advance.returning(nobody_follows(channel))
        self._insert = _insertion(database)
        columns = ", ".join(Row._fields)
        entries = dialect.identifier_preparer.format_table(tables.entries)
        self._copy = f"COPY {entries} ({columns}) FROM STDIN (FORMAT BINARY)"

    # --- appending

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        originals: Sequence[Original | bytes] = kwargs.get("originals", ())
        tracking: Tracking | None = kwargs.get("tracking")
        return list(self.record(stored_events, originals=originals, tracking=tracking).positions)

    def record(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        originals: Sequence[Original | bytes] = (),
        tracking: Tracking | None = None,
    ) -> Receipt:
        """Append all of it or nothing: entries, the files they came from, a follower's position."""
        encoded = [encoded_of(stored) for stored in stored_events]
        return self.record_encoded([encoded], originals=originals, tracking=tracking)

    def record_encoded(
        self,
        batches: Batches,
        *,
        originals: Sequence[Original | Packed | bytes] = (),
        tracking: Tracking | None = None,
        examine: Examine = lambda _connection, _rows: None,
        settles: bool = True,
    ) -> Receipt:
        """Append all of it or nothing, a batch at a time; each is examined under the lock first."""
        packed = self._packed(originals)
        with self.database.writing(settles=settles) as connection:
            receipt = self._append(connection, batches, packed, examine)
            if tracking is not None:
                self.track(connection, tracking)
        return receipt

    def _append(
        self, connection: Connection, batches: Batches, packed: list[Packed], examine: Examine
    ) -> Receipt:
        # Locked until the commit, so that positions are given in the order of commits: whoever has
        # seen one position has seen all below it.
        last, last_recorded_at, peaks = self._head(connection)
        self._keep(connection, packed)
        head = Head(last, max(microseconds(self._clock()), last_recorded_at + 1), peaks)
        for batch in in_parts(batches(head) if callable(batches) else batches):
            placed = batch if isinstance(batch, Placed) else place(batch, head)
            assert placed.rows[0][0] == head.position + 1, "it was placed behind another end"
            examine(connection, placed.rows)
            self._write(connection, placed.rows)
            self._keep_tiles(connection, placed.tiles)
            head = placed.head
        if head.position == last:
            return Receipt(range(0), None)
        self._move_head(connection, head)
        return Receipt(range(last + 1, head.position + 1), head.recorded_at)

    def _head(self, connection: Connection) -> tuple[int, int, bytes]:
        """The last position and moment and the peaks, locked until the commit."""
        found = driver_of(connection).execute(self._last).fetchone()
        if found is None:
            raise OperationalError("the log has lost its head")
        _one, last, recorded_at, peaks = found
        return last, recorded_at, peaks

    def _keep_tiles(self, connection: Connection, tiles: Sequence[Tile]) -> None:
        if tiles:
            connection.execute(
                insert(self.database.tables.tiles), [tile._asdict() for tile in tiles]
            )

    def _move_head(self, connection: Connection, head: Head) -> None:
        if self.database.is_sqlite:
            driver_of(connection).execute(self._move, head)
            return
        found = connection.execute(
            self._advance, {f"new_{name}": value for name, value in head._asdict().items()}
        )
        if self.database.bells.channel:
            connection.info[FOLLOWED] = not found.scalar_one()

    def _write(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        if self.database.is_sqlite:
            driver_of(connection).executemany(self._insert, rows)
            return
        cursor = driver_of(connection).cursor()
        with cursor, cursor.copy(self._copy) as copy:
            copy.set_types(["int8", "text", "int8", "text", "bytea", "text", "int8", "bytea"])
            for row in rows:
                copy.write_row(row)

    # --- originals

    def _packed(self, originals: Sequence[Original | Packed | bytes]) -> list[Packed]:
        """Compressed before the lock is taken, so that nobody waits for it."""
        if not originals:
            return []
        by_digest = {one.digest: one for one in map(_named, originals)}
        with self.database.reading() as connection:
            kept = self._kept(connection, by_digest)
        return [packed(one) for digest, one in by_digest.items() if digest not in kept]

    def _kept(self, connection: Connection, digests: Iterable[str]) -> set[str]:
        table = self.database.tables.originals
        found = select(table.c.digest).where(table.c.digest.in_(list(digests)))
        return set(connection.execute(found).scalars())

    def _keep(self, connection: Connection, packed: list[Packed]) -> None:
        if not packed:
            return
        kept = self._kept(connection, [original.digest for original in packed])
        for original in packed:
            if original.digest not in kept:
                row = insert(self.database.tables.originals)
                connection.execute(row, original._asdict())

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
        found = select(func.max(self.database.tables.entries.c.position))
        with self.database.reading() as connection:
            return cast(int | None, connection.execute(found).scalar_one())

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return Following(self, gt=gt, topics=topics)

    # --- taking over a log

    def adopt(
        self,
        rows: Iterable[Row],
        originals: Iterable[Original | Packed],
        *,
        size: int,
        root: bytes,
    ) -> None:
        """Write the whole log that these rows are into an empty one; raises IntegrityError otherwise."""
        with self.database.writing() as connection:
            last, _recorded_at, peaks = self._head(connection)
            if last:
                raise IntegrityError(f"the log has {last} entries already")
            tree, recorded_at = Tree(last, peaks), 0
            for some in chunked(rows, WRITTEN_AT_ONCE):
                self._write(connection, some)
                tree.extend(row.leaf for row in some)
                self._keep_tiles(connection, tree.tiles)
                tree.tiles.clear()
                recorded_at = some[-1].recorded_at
            if (tree.size, tree.root) != (size, root):
                raise IntegrityError("the entries do not make the tree that was promised")
            if tree.size:
                self._move_head(connection, Head(tree.size, recorded_at, tree.peaks))
            for original in originals:
                connection.execute(
                    insert(self.database.tables.originals), packed(original)._asdict()
                )


class StreamRecorder(Recorder):
    """The recorder without a sequence of its own, as the library's aggregates know it."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


def _named(original: Original | Packed | bytes) -> Original | Packed:
    return original if isinstance(original, Packed) else Original.of(original)


def packed(original: Original | Packed) -> Packed:
    """An original as it is written."""
    if isinstance(original, Packed):
        return original
    content = zlib.compress(original.content)
    return Packed(original.digest, original.size, content, original.sealed)


def encoded_of(stored: StoredEvent) -> Encoded:
    """What the library calls a stored event, as it is written."""
    local_key = stored.local_key if isinstance(stored, StoredEntry) else None
    stream, version = str(stored.originator_id), stored.originator_version
    return Encoded(stream, version, stored.topic, stored.state, local_key)


def _insertion(database: Database) -> str:
    """One INSERT for a row.

    SQLite can undo one statement alone, for which it keeps a copy of every page that the statement
    touches. Nobody needs that here, as a row that is refused ends the whole transaction: without
    the copies, rows go in twice as fast.
    """
    row = insert(database.tables.entries)
    if database.is_sqlite:
        row = row.prefix_with("OR ROLLBACK")
    return str(row.compile(dialect=database.engine.dialect))


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
    """Yields what has been recorded and then waits for more.

    A commit of this process wakes it at once, that of another where the server notifies it; else, and
    where a notification is lost, it is seen by looking again.
    """

    def __init__(
        self, recorder: Recorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._bell = recorder.database.bells.new()
        self._fetched: deque[Notification] = deque()

    def stop(self) -> None:
        super().stop()
        self._bell.set()
        self._recorder.database.bells.gone(self._bell)

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._fetched:
                return self._fetched.popleft()
            self._bell.clear()
            self._fetch()
            if not self._fetched and not self._has_been_stopped:
                self._bell.wait(self._recorder.database.bells.patience)
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
