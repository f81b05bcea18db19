"""A log copied to another store as it is: each row's hash made anew on the way, and the same tree at the end."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Final, NamedTuple

from eventsourcing.persistence import IntegrityError
from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from ledger.errors import StoreTrouble
from ledger.store.entries import as_trouble
from ledger.store.log import Log
from ledger.store.mapper import canonical_lines
from ledger.store.placing import Row
from ledger.store.recorder import Packed
from ledger.store.tree import HASH_BYTES, Tree, leaf_hashes

READ_AT_ONCE: Final = 5000
_BITE: Final = 1 << 20
"""Bytes of a file that are unpacked at a time."""
_KEEP: Final = "Run `returns-ledger check` on the store that is copied: it is damaged."


class Copied(NamedTuple):
    """What was copied."""

    entries: int
    originals: int
    root: bytes
    """The root over all entries, the same in both stores."""


def copy_log(
    source: Log, target: Log, told: Callable[[int], None] = lambda _entries: None
) -> Copied:
    """Write everything that one log is into an empty one, in one transaction, as it stood at one moment.

    Raises StoreTrouble where an entry does not have its hash, a file is another one, the trees differ, or the
    target is not empty; nothing is written then. A target that is the same already is left as it is.
    """
    with (
        as_trouble("nothing was copied", source._address),
        source._database.snapshot() as connection,
    ):
        tree = _head(source, connection)
        digests = _digests(source, connection)
        copied = Copied(tree.size, len(digests), tree.root)
        if not _is_the_same(target, copied):
            rows = _rows(source, connection, told)
            files = (_original(source, connection, digest) for digest in digests)
            try:
                target._recorder.adopt(rows, files, size=tree.size, root=tree.root)
            except IntegrityError as error:
                raise StoreTrouble(f"nothing was copied: {error}", advice=_KEEP) from error
    return copied


def _is_the_same(target: Log, copied: Copied) -> bool:
    """True for what was copied before; raises StoreTrouble where something else is there."""
    there = target.tree()
    files = sum(1 for _ in target.originals_kept())
    if (there.size, files) == (0, 0):
        return copied.entries == copied.originals == 0
    if Copied(there.size, files, there.root) == copied:
        return True
    raise StoreTrouble(
        f"{target.account} has {there.size:,} entries there already, and nothing is put over them",
        advice="Copy to a store that does not have the account, or has it without an entry.",
    )


def _head(source: Log, connection: Connection) -> Tree:
    head = source._tables.head.c
    size, peaks = connection.execute(select(head.position, head.peaks)).one()
    if len(peaks) != size.bit_count() * HASH_BYTES:
        raise StoreTrouble("the log's head is damaged", advice=_KEEP)
    return Tree(size, peaks)


def _rows(source: Log, connection: Connection, told: Callable[[int], None]) -> Iterator[Row]:
    """The rows in order, each as it lies there; its hash is made from it, and not taken over."""
    entries = source._tables.entries
    asked = select(*(entries.c[name] for name in Row._fields)).order_by(entries.c.position)
    done = 0
    for some in connection.execute(asked).partitions(READ_AT_ONCE):
        rows = [Row._make(row) for row in some]
        _compare(rows, done)
        yield from rows
        done += len(rows)
        told(done)


def _compare(rows: list[Row], done: int) -> None:
    try:
        lines = canonical_lines(
            [
                (row.position, row.stream, row.version, row.topic, row.state, row.recorded_at)
                for row in rows
            ]
        )
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise StoreTrouble(
            f"an entry behind {done:,} makes no line: {error}", advice=_KEEP
        ) from error
    for position, (row, leaf) in enumerate(zip(rows, leaf_hashes(lines), strict=True), done + 1):
        if (row.position, row.leaf) != (position, leaf):
            raise StoreTrouble(
                f"entry {position:,} does not have the hash it was recorded with", advice=_KEEP
            )


def _digests(source: Log, connection: Connection) -> list[str]:
    table = source._tables.originals.c
    return list(connection.execute(select(table.digest).order_by(table.digest)).scalars())


def _original(source: Log, connection: Connection, digest: str) -> Packed:
    """A file as it is kept, packed as it is; it is unpacked bit by bit, to see that it is that file."""
    table = source._tables.originals.c
    content = type_coerce(table.content, NullType())
    asked = select(table.digest, table.size, content, table.sealed).where(table.digest == digest)
    packed = Packed(*connection.execute(asked).one())
    if _unpacked_digest(packed.content) != (packed.sealed or digest):
        raise StoreTrouble(f"the original {digest} is damaged", advice=_KEEP)
    return packed


def _unpacked_digest(content: Any) -> str | None:
    unpacking, digest, remaining = zlib.decompressobj(), sha256(), bytes(content)
    try:
        while remaining and not unpacking.eof:
            digest.update(unpacking.decompress(remaining, _BITE))
            remaining = unpacking.unconsumed_tail
        digest.update(unpacking.flush())
    except zlib.error:
        return None
    return digest.hexdigest()
