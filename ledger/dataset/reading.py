"""Reads a dataset: bucket by bucket, each file compared with the digest that the manifest tells."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import parquet

from ledger.dataset.layout import LAYOUT, MANIFEST, RULEBOOK, SCHEMA, Bucket, Manifest
from ledger.errors import LedgerError
from ledger.rulebook import Rulebook


def is_dataset(folder: Path) -> bool:
    """True for a folder that says of itself that it is one."""
    return (folder / MANIFEST).is_file()


class Dataset:
    """A log as Parquet files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def manifest(self) -> Manifest:
        """Which log it is, and its files."""
        path = self.folder / MANIFEST
        try:
            manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError) as error:
            raise LedgerError(
                f"this is no dataset: {error}",
                file=str(path),
                advice="Make one: `returns-ledger export --parquet DIR`.",
            ) from error
        if manifest.layout > LAYOUT:
            raise LedgerError(
                f"the dataset is laid out as version {manifest.layout}, and this program knows {LAYOUT}",
                file=str(path),
                advice="A newer version of the program made it: update the program.",
            )
        return manifest

    def rulebook(self) -> Rulebook:
        """The rules as the account worked by them at the last entry."""
        return Rulebook.from_json(self._whole(RULEBOOK, self.manifest.rulebook))

    def table(self, bucket: Bucket) -> Any:
        """The rows of a bucket, whole streams one after the other; raises LedgerError where they are not."""
        data = self._whole(bucket.file, bucket.sha256)
        # One thread: the engine that reads has given this process one core.
        table = parquet.read_table(pa.BufferReader(data), use_threads=False)
        if table.schema != SCHEMA:
            raise self._damaged(bucket.file, "has other columns than the manifest says")
        return table

    def tables(self) -> Iterator[Any]:
        """Every bucket, in order: together all streams by name, each in the order of its versions."""
        return map(self.table, self.manifest.buckets)

    def _whole(self, file: str, digest: str) -> bytes:
        """A file's bytes, of which each has been seen before they are believed."""
        try:
            data = (self.folder / file).read_bytes()
        except OSError as error:
            raise self._damaged(file, f"cannot be read: {error.strerror}") from error
        if sha256(data).hexdigest() != digest:
            raise self._damaged(file, "is another file than the manifest says")
        return data

    def _damaged(self, file: str, what: str) -> LedgerError:
        return LedgerError(
            f"the dataset is damaged: {file} {what}",
            file=str(self.folder / file),
            advice="Make it again: `returns-ledger export --parquet DIR`.",
        )
