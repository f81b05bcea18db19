"""What a dataset is: its files, their columns, and the manifest that names them all."""

from __future__ import annotations

from typing import Final

import msgspec
import pyarrow as pa

MANIFEST: Final = "dataset.json"
RULEBOOK: Final = "rulebook.json"
"""The rules as the account worked by them at the last entry."""
CHECKPOINT: Final = "checkpoint"
"""The signed root of the tree over exactly these entries."""
LAYOUT: Final = 1
"""Raised when files or columns change: a program refuses what is newer than itself."""
HASH_BYTES: Final = 32

SCHEMA: Final = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        pa.field("stream", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("topic", pa.string(), nullable=False),
        pa.field("state", pa.binary(), nullable=False),
        pa.field("local_key", pa.string()),
        pa.field("recorded_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("leaf", pa.binary(HASH_BYTES), nullable=False),
    ]
)
"""A row of the log, column by column; `state` is the entry's JSON, byte for byte as it was hashed."""


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """A file of whole streams, sorted by stream and version: no stream lies in two of them."""

    file: str
    first: str
    """The first stream in it; those of one bucket come after all of the bucket before."""
    last: str
    rows: int
    size: int
    """Bytes of the file."""
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Which log it is, up to which entry, and every file with its digest."""

    layout: int
    account: str
    position: int
    """The last entry in it; all before it are in it, too."""
    known_at: str | None
    """When that entry was recorded; None of an empty log."""
    root: str
    """Of the tree over these entries, hexadecimal: whoever has the log can say whether it is its beginning."""
    rows: int
    buckets: tuple[Bucket, ...]
    columns: dict[str, str]
    """The type of each column, as Arrow calls it."""
    rulebook: str
    """SHA-256 of `rulebook.json`."""


def columns() -> dict[str, str]:
    """The columns by name, each with its type in words."""
    return {field.name: str(field.type) for field in SCHEMA}
