"""The log of one account: what is appended to it, and every way to read it back."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, IntegrityError
from eventsourcing.utils import Environment, EnvType
from sqlalchemy import Connection, select, tuple_

from ledger.errors import ConcurrentChange, LedgerError, StoreTrouble, UnknownThing
from ledger.event import ACCOUNT_STREAM, Entry, Event
from ledger.events.imports import ReportImported
from ledger.store.checking import Check, checks, may_append, may_read_originals
from ledger.store.database import NewerTables, driver_of
from ledger.store.engines import place_of
from ledger.store.entries import Entries, are_hashes, as_trouble
from ledger.store.factory import StoreFactory
from ledger.store.lining import Said, write_lines
from ledger.store.mapper import (
    Body,
    EntryMapper,
    instant_of,
    read_lines,
)
from ledger.store.placing import Batches, Encoded, Row
from ledger.store.proofs import Lines, Proofs, RowProof
from ledger.store.recorder import (
    Clock,
    Original,
    Packed,
    Receipt,
    Recorder,
)
from ledger.store.stored import StoredRow, chunked
from ledger.store.sweeping import SHARED_FROM, Address, sweeping
from ledger.store.tree import TILE_WIDTH, Tree, leaf_hashes
from ledger.values import instant

T = TypeVar("T")


class Kept(NamedTuple):
    """A file that the log keeps."""

    digest: str
    """SHA-256 of the file as it was delivered."""
    size: int
    """Bytes of the file as it was delivered."""
    sealed: str | None
    """SHA-256 of what is kept, where personal data is sealed in it."""


MANY: Final = 500
"""So many entries together are part of an import."""
ADOPTED_AT_ONCE: Final = 500
"""How many lines of another log are read at a time."""


def open_log(
    url: str, account: str, *, event_types: Mapping[str, type[Event]], clock: Clock
) -> Log:
    """Open the log of an account, and make it where there is none yet."""
    address = Address(url, account)
    try:
        with as_trouble("the store cannot be opened", address):
            return Log(url, account, event_types=event_types, clock=clock)
    except NewerTables as trouble:
        trouble.file = place_of(*address)
        raise


class Log(Entries, Application[str]):
    """The append-only log of one account."""

    name = "Log"

    def __init__(
        self, url: str, account: str, *, event_types: Mapping[str, type[Event]], clock: Clock
    ) -> None:
        self.account = account
        self.url = url
        self._address = Address(url, account)
        self._event_types = event_types
        self._clock = clock
        self._awaited: list[Callable[[], None]] = []
        super().__init__({StoreFactory.STORE_URL: url, StoreFactory.STORE_ACCOUNT: account})

    # --- how the library is told what to use

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """The settings given, and none of the process's environment variables."""
        return Environment(name, env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        self._factory = StoreFactory(env, clock=self._clock)
        self._database = self._factory.database
        self._tables = self._database.tables
        return self._factory

    def construct_recorder(self) -> Recorder:
        self._recorder = self._factory.application_recorder()
        return self._recorder

    def construct_mapper(self) -> EntryMapper:
        self._mapper = EntryMapper(self._event_types)
        return self._mapper

    # --- how much of it is held

    def hold_little(self) -> None:
        """Hold few pages of the database: for one of several processes that look things up beside each other."""
        self._database.hold_little()

    def settle(self) -> None:
        """Have SQLite bring what was appended to its place in the file."""
        with as_trouble("the log cannot be brought into order", self._address):
            self._database.settle()

    def wait_for(self, ends: Callable[[], None]) -> None:
        """Wait for something before the log is closed."""
        self._awaited.append(ends)

    def close(self) -> None:
        """Close it, when all that was begun with it has ended."""
        while self._awaited:
            self._awaited.pop()()
        super().close()

    # --- appending

    distrusted: LedgerError | None = None
    """Why nothing may be appended: the log is not a continuation of what was signed before."""

    def append(
        self, entries: Sequence[Entry], *, originals: Sequence[Original | bytes] = ()
    ) -> list[Entry]:
        """Append all of it or nothing, and return the entries as recorded.

        Raises ConcurrentChange where somebody else has taken a version or told the same.
        """
        mapped = self._mapper.encoded
        encoded = [Encoded(entry.stream, entry.version, *mapped(entry)) for entry in entries]
        positions, moment = self.append_encoded([encoded], originals=originals)
        recorded_at = None if moment is None else instant_of(moment)
        return [
            msgspec.structs.replace(entry, position=position, recorded_at=recorded_at)
            for entry, position in zip(entries, positions, strict=True)
        ]

    def encoded(self, entry: Entry) -> tuple[str, bytes, str | None]:
        """The topic, the state and the local key by which an entry is kept."""
        return self._mapper.encoded(entry)

    def state(self, body: Body[Event]) -> bytes:
        """What an entry says as it is kept."""
        return self._mapper.state(body)

    def read(self, row: StoredRow) -> Entry:
        """The entry that a row of the log holds."""
        return self._mapper.entry(*row)

    def append_encoded(
        self,
        batches: Batches,
        *,
        originals: Sequence[Original | Packed | bytes] = (),
        settles: bool = True,
    ) -> Receipt:
        """Append all of it or nothing: entries as they are kept, in their order, a batch at a time.

        No batch is held longer than until it is written, so there may be millions. Each is asked for
        under the lock: what the log says meanwhile stays true until they are written. Whoever gives
        them when he knows where the log ends may place them there himself. Whatever the batches raise
        leaves as it is, and nothing was written. What does not settle is as durable, and stays where SQLite
        wrote it first until somebody asks a log of the same address to `settle`.

        Raises ConcurrentChange where somebody else has taken a version or told the same.
        """
        if self.distrusted is not None:
            raise self.distrusted
        written: Sequence[Sequence[Any]] = ()

        def examine(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
            nonlocal written
            written = rows
            self._refuse_late(connection, _first_versions(rows))
            if len(rows) >= MANY:
                self._keep_at_hand(connection)

        with as_trouble("nothing was written", self._address):
            try:
                return self._recorder.record_encoded(
                    batches, originals=originals, examine=examine, settles=settles
                )
            except IntegrityError as error:
                raise self._conflict(written, error) from error

    def _refuse_late(self, connection: Connection, first: Mapping[str, int]) -> None:
        """Entries go on where their stream ends; one that ends further on was changed meanwhile.

        A stream that begins is left to the database, which refuses a second first entry.
        """
        names = [stream for stream, version in first.items() if version > 1]
        if not names:
            return
        for stream, head in self._heads(names, connection).items():
            if head >= first[stream]:
                raise _changed(stream)
            assert head + 1 == first[stream], f"{stream} ends at {head}, not before {first[stream]}"

    def _keep_at_hand(self, connection: Connection) -> None:
        """Have SQLite hold the pages that an import changes at its beginning and at its end, with its own entry.

        A page that was written into the write-ahead log already and is written once more changes the checksums of
        all that stands behind it: of a million rows, a gigabyte was read and written twice.
        """
        if self._database.is_sqlite:
            driver = driver_of(connection)
            asked = f"SELECT max(version) FROM {self._quoted} WHERE stream = ?"  # noqa: S608
            driver.execute(asked, (ACCOUNT_STREAM,)).fetchone()
            asked = f"SELECT max(position) FROM {self._quoted} WHERE topic = ?"  # noqa: S608
            driver.execute(asked, (ReportImported.TOPIC,)).fetchone()

    def _conflict(self, rows: Sequence[Sequence[Any]], error: IntegrityError) -> Exception:
        first = _first_versions(rows)
        for stream, head in self.heads(first).items():
            if head >= first[stream]:
                return _changed(stream)
        for stream, _key in self._told(_keys_of(rows)):
            return _changed(stream)
        return StoreTrouble(
            f"the log refuses an entry that fits it: {error}",
            advice="Run `returns-ledger check`: the log may be damaged.",
        )

    def _told(self, keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        table = self._tables.entries.c
        key = tuple_(table.stream, table.local_key)
        for some in chunked(keys):
            for row in self._rows(select(table.stream, table.local_key).where(key.in_(some))):
                yield row[0], row[1]

    def now(self) -> str:
        """The moment by the log's clock, as the ledger writes moments."""
        return instant(self._clock())

    # --- originals

    opens: Callable[[str, bytes], bytes] | None = None
    """Makes the delivered file out of a sealed form, given its SHA-256; None without the keys."""

    def original(self, digest: str) -> bytes:
        """A file as Amazon delivered it, checked against its SHA-256; a sealed one is opened."""
        kept, data = self._kept(digest)
        if kept.sealed is None:
            return data
        if self.opens is None:
            raise StoreTrouble(
                f"the original {digest} holds personal data and is kept sealed",
                advice="Open it where the keys are: in the home that imported it, or with --keys.",
            )
        return self.opens(digest, data)

    def kept(self, digest: str) -> bytes:
        """A file as it is kept, checked: what is personal in it may be sealed."""
        return self._kept(digest)[1]

    def _kept(self, digest: str) -> tuple[Kept, bytes]:
        table = self._tables.originals.c
        found = select(table.size, table.sealed, table.content).where(table.digest == digest)
        with (
            as_trouble("the log cannot be read", self._address),
            self._database.reading() as connection,
        ):
            row = connection.execute(found).first()
        if row is None:
            raise UnknownThing(
                f"no original {digest} is kept", advice="Import the file that has this SHA-256."
            )
        size, sealed, content = row
        try:
            data = zlib.decompress(content)
        except zlib.error:
            data = b""
        if sha256(data).hexdigest() != (sealed or digest):
            raise StoreTrouble(
                f"the original {digest} is damaged",
                advice="Restore the store from a backup, or find the file that has this SHA-256.",
            )
        return Kept(digest, size, sealed), data

    def has_original(self, digest: str) -> bool:
        """True where the file with this SHA-256 is kept."""
        table = self._tables.originals.c
        return self._one(select(table.digest).where(table.digest == digest)) is not None

    def originals(self) -> Iterator[str]:
        """The SHA-256 of every file that is kept, sorted."""
        for kept in self.originals_kept():
            yield kept.digest

    def originals_kept(self) -> Iterator[Kept]:
        """Every file that is kept, and how, sorted by SHA-256."""
        table = self._tables.originals.c
        found = select(table.digest, table.size, table.sealed)
        for row in self._rows(found.order_by(table.digest)):
            yield Kept(*row)

    def may_read_originals(self) -> bool:
        """False for an auditor on a server, who sees which files are kept, but not what is in them."""
        with as_trouble("the log cannot be read", self._address):
            return may_read_originals(self._database)

    def may_append(self) -> bool:
        """False for a reader or an auditor on a server: whoever writes does not sign by their key."""
        with as_trouble("the log cannot be read", self._address):
            return may_append(self._database)

    # --- proving

    def write_lines(
        self,
        path: Path,
        size: int,
        *,
        processes: int = 1,
        said: Said = lambda done: None,
    ) -> tuple[Tree, int]:
        """Write the lines of the first entries into an empty file; the tree that they make, and its bytes.

        Several processes share a log that is long enough.
        """
        with as_trouble("the log cannot be read", self._address):
            return write_lines(
                self._database,
                self._address,
                path,
                size,
                processes=processes,
                said=said,
            )

    def verify(self, processes: int = 1) -> Iterator[Check]:
        """Re-derive everything from what is stored, one check after the other; never raises.

        Several processes share the reading of a log that is long enough for it, and of any log a thread
        takes over what the database does by itself.
        """
        entries = self.position() if processes > 1 else 0
        readers = processes if entries >= SHARED_FROM else 1
        with sweeping(self._address, entries, self._event_types, readers) as sweep:
            yield from checks(self._database, self._mapper, sweep, processes)

    def root_at(self, size: int) -> bytes:
        """The root of the tree over the first `size` entries."""
        with self._provable(size):
            return self._proofs.root(size)

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """The hashes that lead from an entry to the root of the first `size` entries."""
        if not 0 < position <= size:
            raise UnknownThing(
                f"a log of {size} entries has no entry {position}",
                advice="Entries are counted from 1; `returns-ledger story` shows their numbers.",
            )
        with self._provable(size):
            return self._proofs.inclusion(position - 1, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The hashes that show the log of `first` entries to be the beginning of that of `second`."""
        assert 0 <= first <= second, f"{first} is not before {second}"
        with self._provable(second):
            return self._proofs.consistency(first, second)

    @contextlib.contextmanager
    def _provable(self, size: int) -> Iterator[None]:
        try:
            yield
        except LookupError as error:
            raise StoreTrouble(
                f"the log cannot prove anything about {size} entries: {error}",
                advice="Run `returns-ledger check`: it ends before them, or it is damaged.",
            ) from error

    @cached_property
    def _proofs(self) -> Proofs:
        return Proofs(self._foot)

    def _foot(self, level: int, number: int) -> Sequence[bytes]:
        """The hashes at the foot of a tile: leaves, or the roots of full tiles one level below."""
        first = number * TILE_WIDTH
        if level == 0:
            entries = self._tables.entries.c
            place, found = entries.position - 1, select(entries.leaf)
            found = found.where(entries.position.between(first + 1, first + TILE_WIDTH))
        else:
            tiles = self._tables.tiles.c
            place, found = tiles.number, select(tiles.root).where(tiles.level == level - 1)
            found = found.where(tiles.number.between(first, first + TILE_WIDTH - 1))
        hashes = [row[0] for row in self._rows(found.order_by(place))]
        if not are_hashes(hashes):
            raise StoreTrouble(
                "the log keeps something else in the place of a hash",
                advice="Run `returns-ledger check`: it is damaged.",
            )
        return hashes

    def row_proof(self, digest: str, row: int) -> RowProof:
        """One line of an imported file as it is kept, proved by the root that its import recorded."""
        lines = self._lines(digest)
        if not 0 < row <= len(lines.lines):
            raise UnknownThing(
                f"the file {digest} has {len(lines.lines)} lines", found=str(row), advice=_AS_LINES
            )
        root = lines.root.hex()
        told = self.entries(ACCOUNT_STREAM, topics=[ReportImported.TOPIC])
        for entry in told:
            event = entry.event
            if isinstance(event, ReportImported) and (event.digest, event.root) == (digest, root):
                return RowProof(
                    digest=digest,
                    row=row,
                    lines=len(lines.lines),
                    line=lines.lines[row - 1],
                    hashes=lines.inclusion(row - 1),
                    position=entry.position or 0,
                )
        raise UnknownThing(
            f"no import of {digest} recorded the root over its lines",
            advice="Only rows of imported reports are proved one by one; a file that was attached "
            "is proved whole, by its SHA-256.",
        )

    def _lines(self, digest: str) -> Lines:
        """Of the file asked about last, as its rows are most likely asked for one after the other."""
        if self._lines_of is None or self._lines_of[0] != digest:
            self._lines_of = None  # two large trees are never held at once
            self._lines_of = (digest, Lines(self.kept(digest)))
        return self._lines_of[1]

    _lines_of: tuple[str, Lines] | None = None

    # --- taking over

    def adopt(
        self,
        lines: Iterable[bytes],
        originals: Iterable[tuple[Kept, bytes]],
        *,
        size: int,
        root: bytes,
    ) -> None:
        """Make an empty log the one that these lines tell, entry for entry; all of it or nothing.

        Raises StoreTrouble where the log is not empty, a line is none, or they make another tree.
        """
        rows = chain.from_iterable(self._adopted(lines))
        files = (Original(kept.digest, kept.size, data, kept.sealed) for kept, data in originals)
        with as_trouble("nothing was written", self._address):
            self._recorder.adopt(rows, files, size=size, root=root)

    def _adopted(self, lines: Iterable[bytes]) -> Iterator[list[Row]]:
        before, remaining = 0, iter(lines)
        while some := list(islice(remaining, ADOPTED_AT_ONCE)):
            yield self._rows_of(before, some)
            before += len(some)

    def _rows_of(self, before: int, lines: list[bytes]) -> list[Row]:
        try:
            told = read_lines(lines)
        except ValueError as error:
            if len(lines) > 1:  # one of them is none, and whoever has the copy is told which
                return [
                    row for at, one in enumerate(lines) for row in self._rows_of(before + at, [one])
                ]
            raise StoreTrouble(f"line {before + 1} is {error}", advice=_ANOTHER_COPY) from error
        rows = []
        for (position, stream, version, topic, state, moment), leaf in zip(
            told, leaf_hashes(lines), strict=True
        ):
            before += 1
            telling = self._mapper.body_of(stream, version, topic, state).telling
            if position != before:
                raise StoreTrouble(f"line {before} is entry {position}", advice=_ANOTHER_COPY)
            local_key = None if telling is None else telling.local_key
            rows.append(Row(position, stream, version, topic, state, local_key, moment, leaf))
        return rows


_AS_LINES: Final = "Rows are counted as an editor counts lines: the header is row 1."
_ANOTHER_COPY: Final = "The copy is damaged: take another one."


def _first_versions(rows: Sequence[Sequence[Any]]) -> dict[str, int]:
    """Where each stream goes on; rows that do not fit themselves are a defect of ours."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for row in rows:
        stream, version = row[1], row[2]
        before = last.get(stream)
        if before is None:
            before = version - 1
            first[stream] = version
        assert version == before + 1 > 0, f"{stream}: {version} after {before}"
        last[stream] = version
    keys = list(_keys_of(rows))
    assert len(keys) == len(set(keys)), "the same telling twice in one append"
    return first


def _keys_of(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[str, str]]:
    return ((row[1], row[5]) for row in rows if row[5] is not None)


# --- troubles ---------------------------------------------------------------------------------


def _changed(stream: str) -> ConcurrentChange:
    return ConcurrentChange(
        f"{stream} was changed by somebody else meanwhile; nothing was written",
        advice="Try again: what they wrote will be taken into account.",
    )
