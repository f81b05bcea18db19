"""A report file gathered for its import: rows ready to be recorded, stream by stream, and the file as it is kept."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from hashlib import sha256
from operator import itemgetter
from typing import Final, NamedTuple, Protocol

import msgspec

from ledger.content import Content
from ledger.event import ACCOUNT_STREAM
from ledger.glancing import Reported, plainly
from ledger.keystore import KeyStore
from ledger.reading import FileTold, Statement, Summary, latest_told, read_file
from ledger.report import Reading, RowTold
from ledger.sealing import kept_already, sealed_report, unpacked_pieces, with_sealed
from ledger.slicing import (
    Cutting,
    NotSliced,
    Readers,
    Sheet,
    Slice,
    SliceRead,
    SliceReader,
    leaves_of,
    sheet_of,
    slices,
)
from ledger.spool import Spool
from ledger.store import Log, Original, Packed, Tree, leaf_hash, lines_of
from ledger.telling import Scribe

HASH_BYTES: Final = 32
BATCH: Final = 4096
"""Rows of a file read at once that are compared together, about."""
SAMPLE_BYTES: Final = 1 << 16
"""Of a file, to see whether most of it is known."""
LEVEL: Final = 1
"""How hard a large file is packed: a third of the work, for a fifth more than zlib's usual level leaves."""


class Copy(NamedTuple):
    """A file as it is kept, and the root over its lines."""

    original: Original | Packed
    root: str
    lines: int


class Rows(Protocol):
    """The rows of a file that was read."""

    told: FileTold
    not_yet: str
    """What stands in the rows for the moment at which the file was told."""
    looked_at: int | None
    """Where the log ended when readers began to look in it; None where they did not."""

    def batches(self) -> Iterator[list[Reported]]:
        """All rows by stream, those of one stream in the order of the file and in one batch."""

    def again(self, rows: Sequence[Reported]) -> list[RowTold]:
        """The rows as they were read."""

    def in_full(self, rows: Sequence[Reported]) -> list[Reported]:
        """Rows that were read in brief, with the entries that record them."""


class Gathered(Rows, Protocol):
    """A file on its way into the log."""

    def elsewhere(self) -> Rows | None:
        """The rows as another process can have them, while it is started; None where that does not pay."""

    def copy(self, log: Log, keys: KeyStore | None) -> Copy:
        """The file as it is to be kept."""

    def close(self) -> None:
        """Give up what is held of it."""


def gather(
    log: Log,
    content: Content,
    file: str,
    statement: Statement,
    digest: str,
    keys: KeyStore | None,
    cutting: Cutting,
    *,
    now: str,
    keeps_rows: bool = True,
) -> Gathered:
    """Read a file; raises a LedgerError where it cannot be believed. Who only looks through it keeps no rows."""
    latest = latest_told(now)
    if content.size > cutting.sliced_from:
        try:
            return _Sliced(log, content, file, statement, digest, keys, cutting, latest, keeps_rows)
        except NotSliced:
            pass
    return _Whole(log, content.read(), file, statement, digest, latest)


class _Whole:
    """A file read at once: small, or such that its rows cannot be read by themselves."""

    def __init__(
        self, log: Log, data: bytes, file: str, statement: Statement, digest: str, latest: str
    ) -> None:
        read = read_file(data, file, statement, digest=digest, latest=latest)
        self.told: FileTold = read
        self.not_yet = secrets.token_hex(16)
        self.looked_at: int | None = None
        self._read = read
        scribe = Scribe(statement, digest, self.not_yet, log.state)
        self._rows = [
            scribe.reported(row, number, row.rows[0], row) for number, row in enumerate(read.told)
        ]
        self._rows.sort(key=itemgetter(0, 1))

    def batches(self) -> Iterator[list[Reported]]:
        """Some thousand rows at a time, and no more than those are ever compared at once."""
        start, rows = 0, self._rows
        while start < len(rows):
            end = start + BATCH
            while end < len(rows) and rows[end].stream == rows[end - 1].stream:
                end += 1
            yield rows[start:end]
            start = end

    def again(self, rows: Sequence[Reported]) -> list[RowTold]:
        """The rows, which are held as they are."""
        return [row.place for row in rows]

    def elsewhere(self) -> None:
        """They are few."""

    def in_full(self, rows: Sequence[Reported]) -> list[Reported]:
        """None is read in brief."""
        return list(rows)

    def copy(self, log: Log, keys: KeyStore | None) -> Copy:
        """What is kept of it already, else with what is personal in it sealed."""
        read = self._read
        if log.has_original(read.digest):
            return copy_of(kept_already(log, read.digest, len(read.data)))
        return copy_of(
            sealed_report(
                read.data,
                read.digest,
                read.table,
                read.form,
                keys,
                refused=[row.row for row in read.refused if row.row],
                marketplace=read.statement.marketplace,
            )
        )

    def close(self) -> None:
        """Nothing is held outside of memory."""


def copy_of(original: Original) -> Copy:
    """A file that is held as it is kept."""
    tree, lines = Tree(), [leaf_hash(line) for line in lines_of(original.content)]
    tree.extend(lines)
    return Copy(original, tree.root.hex(), len(lines))


class _Sliced:
    """A large file, of which only slices are held; its rows lie in a spool."""

    def __init__(
        self,
        log: Log,
        content: Content,
        file: str,
        statement: Statement,
        digest: str,
        keys: KeyStore | None,
        cutting: Cutting,
        latest: str,
        keeps_rows: bool,
    ) -> None:
        self.not_yet = secrets.token_hex(16)
        self._content = content
        self._shares = cutting.processes > 0
        sheet = sheet_of(content, file, statement, digest, self.not_yet)
        sheet = msgspec.structs.replace(sheet, keeps_rows=keeps_rows, latest=latest)
        self.looked_at: int | None = None
        brief = msgspec.structs.replace(sheet, in_brief=True)
        if keeps_rows and _is_mostly_known(log, content, brief):
            sheet = brief
            if not statement.dry_run:
                sheet = msgspec.structs.replace(brief, log=(log.url, log.account))
                self.looked_at = log.position()
        self._sheet = sheet
        self._packing = (
            None if statement.dry_run or log.has_original(digest) else _Packing(sheet, keys)
        )
        self._readers = Readers(sheet, cutting.processes, log)
        self._spool = self._readers.spool
        try:
            self.told = self._gathered(sheet, slices(content, sheet, cutting.slice_bytes))
        except BaseException:
            self.close()
            raise
        finally:
            self._readers.close()

    def _gathered(self, sheet: Sheet, cut: Iterator[Slice]) -> FileTold:
        summary = Summary()
        copied = self._copied(sheet, self._taken(cut, summary))
        for _ in copied:
            pass
        if self._packing is not None:
            self._packing.finish(self._content.size)
        if not summary.rows:
            raise NotSliced("a file without rows tells something by that")
        reading = Reading(sheet.table.file, sheet.statement.marketplace)
        return summary.told(sheet.table.file, sheet.digest, sheet.statement, sheet.form, reading)

    def _taken(self, cut: Iterator[Slice], summary: Summary) -> Iterator[tuple[Slice, SliceRead]]:
        """The rows of each slice go to the spool."""
        for one, read in self._readers.read(cut):
            self._spool.take(read.run)
            summary.join(read.summary)
            yield one, read

    def _copied(self, sheet: Sheet, read: Iterator[tuple[Slice, SliceRead]]) -> Iterator[None]:
        """Each slice is packed as it is kept; what is sealed is read again before."""
        packing = self._packing
        if packing is not None:
            header = self._content.read(0, sheet.begin)
            packing.add(header, leaves_of(header))
        for one, told in read:
            if packing is None:
                continue
            if told.pieces:
                kept = packing.sealed(one, told)
                (leaves,) = self._readers.checked(iter([(one, kept, told.refused)]))
            else:
                kept, leaves = one.data, told.leaves
            packing.add(kept, leaves)
            yield

    def batches(self) -> Iterator[list[Reported]]:
        """Some thousand rows at a time."""
        return reported_in(self._spool)

    def again(self, rows: Sequence[Reported]) -> list[RowTold]:
        """The rows, read in the file once more."""
        read = [self._content.read(*row.place) for row in rows]
        return self._readers.again(read, [row.line for row in rows])

    def in_full(self, rows: Sequence[Reported]) -> list[Reported]:
        """Rows that were read in brief, read once more."""
        return self._readers.in_full([self._content.read(*row.place) for row in rows], rows)

    def elsewhere(self) -> Rows | None:
        """They are in files, which are the same in another process."""
        if not (self._shares and self._content.in_file):
            return None
        return _Elsewhere(
            self.told, self.not_yet, self.looked_at, self._spool, self._content, self._sheet
        )

    def copy(self, log: Log, keys: KeyStore | None) -> Copy:
        """What was packed while it was read, or what is kept of it already."""
        if self._packing is None or log.has_original(self.told.digest):
            return copy_of(kept_already(log, self.told.digest, self._content.size))
        return self._packing.done

    def close(self) -> None:
        """Give up the spool."""
        self._spool.close()


class _Elsewhere:
    """The rows of a large file, in another process than the one that read it."""

    def __init__(
        self,
        told: FileTold,
        not_yet: str,
        looked_at: int | None,
        spool: Spool,
        content: Content,
        sheet: Sheet,
    ) -> None:
        self.told = told
        self.not_yet = not_yet
        self.looked_at = looked_at
        self._spool = spool
        self._content = content
        self._sheet = sheet

    def batches(self) -> Iterator[list[Reported]]:
        """Some thousand rows at a time."""
        return reported_in(self._spool)

    def again(self, rows: Sequence[Reported]) -> list[RowTold]:
        """The rows, read in the file once more."""
        read = [self._content.read(*row.place) for row in rows]
        return self._reader.again(read, [row.line for row in rows]) if read else []

    def in_full(self, rows: Sequence[Reported]) -> list[Reported]:
        """Rows that were read in brief, read once more."""
        read = [self._content.read(*row.place) for row in rows]
        return self._reader.in_full(read, rows) if read else []

    @cached_property
    def _reader(self) -> SliceReader:
        return SliceReader(self._sheet)


def reported_in(spool: Spool) -> Iterator[list[Reported]]:
    """The rows that lie in a spool."""
    for rows in spool.batches():
        yield list(map(_reported, rows))


_reported: Final = partial(tuple.__new__, Reported)
"""A row of a spool, which has as many fields: `_make` would count them once more."""


def _is_mostly_known(log: Log, content: Content, sheet: Sheet) -> bool:
    """True where most rows at the beginning of a file are known: it is read faster then, and not otherwise."""
    if log.position() == log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]:
        return False
    try:
        first = next(slices(content, sheet, SAMPLE_BYTES), None)
        rows = [] if first is None else SliceReader(sheet).rows(first)
    except NotSliced:
        return False
    by_stream: dict[str, list[Reported]] = {}
    for row in rows:
        by_stream.setdefault(row.stream, []).append(row)
    known = dict(log.stored_streams(by_stream))
    standings = (
        plainly(told, [stored[4] for stored in known.get(name, ())], lambda row: row.told_at)
        for name, told in by_stream.items()
    )
    new = sum(some.count("new") for some in standings if some is not None)
    return 2 * new < len(rows)


class _Packing:
    """A file on its way to be kept: packed slice by slice, what is personal in it sealed."""

    done: Copy

    def __init__(self, sheet: Sheet, keys: KeyStore | None) -> None:
        self._sheet = sheet
        self._keys = keys
        self._zip = zlib.compressobj(LEVEL)
        self._packed = bytearray()
        self._kept = sha256()
        self._pieces = 0
        self._tree = Tree()

    def sealed(self, one: Slice, read: SliceRead) -> bytes:
        """A slice with tokens for its pieces."""
        pieces = unpacked_pieces(read.pieces)
        first, self._pieces = self._pieces, self._pieces + len(pieces)
        sheet = self._sheet
        return with_sealed(one.data, sheet.table.encoding, pieces, sheet.digest, self._keys, first)

    def add(self, kept: bytes, leaves: bytes) -> None:
        """The next lines."""
        self._packed += self._zip.compress(kept)
        self._kept.update(kept)
        self._tree.extend(leaves[at : at + HASH_BYTES] for at in range(0, len(leaves), HASH_BYTES))

    def finish(self, size: int) -> None:
        """No lines come any more."""
        self._packed += self._zip.flush()
        sealed = self._kept.hexdigest() if self._pieces else None
        packed = Packed(self._sheet.digest, size, memoryview(self._packed), sealed)
        self.done = Copy(packed, self._tree.root.hex(), self._tree.size)
