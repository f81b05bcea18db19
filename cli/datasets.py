"""A log handed over to many machines: written as a dataset, and what is said of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.answer import Answer, Column, Line, Row, Section
from cli.exports.extras import needed
from cli.output import progress
from cli.packs.target import as_trouble, refuse_taken
from cli.session import Session

if TYPE_CHECKING:
    from ledger.dataset import Manifest
    from ledger.store import Log

MEANING: Final = {
    "buckets": "every file is the one that the manifest names",
    "cases": "each case lies whole in one file, in the order of its entries",
    "leaves": "every entry has the hash it was recorded with",
    "tree": "the hashes make up the tree that the manifest names",
}
"""What the checks of a dataset prove."""


class DatasetRow(Row, frozen=True, kw_only=True):
    """A dataset that was written: of which log, up to which entry."""

    account: str
    folder: str
    entries: int
    buckets: int
    bytes: int
    root: str
    known_at: str | None

    @classmethod
    def of(cls, manifest: Manifest, folder: Path) -> DatasetRow:
        """What its manifest tells."""
        return cls(
            account=manifest.account,
            folder=str(folder),
            entries=manifest.rows,
            buckets=len(manifest.buckets),
            bytes=sum(bucket.size for bucket in manifest.buckets),
            root=manifest.root,
            known_at=manifest.known_at,
        )


COLUMNS: Final = (
    Column("folder", "dataset"),
    Column("entries", "entries", right=True),
    Column("buckets", "files", right=True),
    Column("bytes", "bytes", right=True),
)


def dataset_of(session: Session, log: Log, folder: Path, buckets: int | None = None) -> Manifest:
    """Write the log as it stands, signed, into a folder that is there whole in the end or not at all."""
    needed("pyarrow", "parquet", "--parquet")
    from ledger.dataset import Place, planned, write

    refuse_taken(folder)
    checkpoint = session.workspace.notary(log).checkpoint(log, "export")
    place = Place(session.workspace.address(log.account), log.account)
    with beside(folder) as part, progress(session, checkpoint.size) as told:
        return write(
            log,
            place,
            part,
            planned(checkpoint.size, buckets),
            checkpoint=checkpoint.note,
            processes=os.cpu_count() or 1,
            said=lambda done: told(f"{log.account}: entries", done),
        )


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """A folder beside the one that is wanted, moved to its place when it is whole."""
    with as_trouble(folder):
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            yield made
            made.rename(folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise


def answer(row: DatasetRow) -> Answer:
    """What was written, and what can be done with it."""
    return Answer(
        command="export",
        kind=DatasetRow,
        rows=[row],
        sections=[
            Section(rows=[row], columns=COLUMNS, lines=[Line(f"The root of the log: {row.root}")])
        ],
        then=[
            f"Prove it: `returns-ledger verify {row.folder}`.",
        ],
    )
