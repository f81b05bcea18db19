"""The whole log as one file of lines, with the signed root that they make."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.answer import Answer, Column, Line, Row, Section
from cli.output import progress
from cli.packs.target import as_trouble, refuse_taken
from cli.session import Session
from ledger.errors import StoreTrouble

if TYPE_CHECKING:
    from ledger.store import Log


class LinesRow(Row, frozen=True, kw_only=True):
    """A log that was written out: where, up to which entry, and by which root it is known."""

    account: str
    file: str
    checkpoint: str
    entries: int
    bytes: int
    root: str


COLUMNS: Final = (
    Column("file", "lines"),
    Column("checkpoint", "signed root"),
    Column("entries", "entries", right=True),
    Column("bytes", "bytes", right=True),
)


def lines_of(session: Session, log: Log, file: Path) -> LinesRow:
    """Write every entry's line as the log stands, and beside it the checkpoint that signs their root."""
    note = file.with_name(f"{file.name}.checkpoint")
    refuse_taken(file)
    refuse_taken(note)
    signed = session.workspace.notary(log).checkpoint(log, "export")
    with progress(session, signed.size) as told, _beside(file) as written:
        tree, size = log.write_lines(
            written,
            signed.size,
            processes=os.cpu_count() or 1,
            said=partial(told, f"{log.account}: entries"),
        )
        if (tree.size, tree.root) != (signed.size, signed.root):
            raise StoreTrouble(
                "the entries do not make the tree that was signed, and nothing was written",
                advice="Run `returns-ledger check`: the log is damaged.",
            )
        with as_trouble(note):
            note.write_text(signed.note, encoding="utf-8")
    return LinesRow(
        account=log.account,
        file=str(file),
        checkpoint=str(note),
        entries=tree.size,
        bytes=size,
        root=tree.root.hex(),
    )


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """An empty file beside the one that is wanted, which gets its name when it is whole."""
    with as_trouble(file):
        place, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)
        try:
            with os.fdopen(place, "wb"):
                yield Path(name)
                os.fsync(place)
            Path(name).rename(file)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise


def answer(row: LinesRow) -> Answer:
    """What was written, and by what it is known."""
    lines = [Line(f"The root of the log: {row.root}")]
    return Answer(
        command="export",
        kind=LinesRow,
        rows=[row],
        sections=[Section(rows=[row], columns=COLUMNS, lines=lines)],
        then=[f"Check its signature: `returns-ledger verify {row.checkpoint}`."],
    )
