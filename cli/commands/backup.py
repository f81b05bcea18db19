"""Copies the whole ledger while it is in use: every entry and every file, under one signature."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Column, Line, Row, Section
from cli.options import account_option, shared_options
from cli.output import progress, show
from cli.session import Session
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from cli.packs import Pack
    from ledger.store import Log


class BackupRow(Row, frozen=True, kw_only=True):
    """What was copied, and by which words it is known."""

    account: str
    file: str
    entries: int
    originals: int
    keys: bool
    root: str
    origin: str
    manifest: str


COLUMNS: Final = (
    Column("file", "backup"),
    Column("entries", "entries", right=True),
    Column("originals", "files kept", right=True),
    Column("keys", "with keys"),
)


@click.command("backup", short_help="Copy the whole ledger while it is in use.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR|FILE.zip",
    help="A new folder, or a new .zip.",
)
@click.option(
    "--with-keys",
    is_flag=True,
    help="The keys, too, under the master key, which is not in it. What is erased later lives on there.",
)
@account_option
@shared_options
@click.pass_obj
def command(session: Session, output: Path, with_keys: bool, account: str | None) -> None:
    """Copy the whole ledger while it is in use.

    Every entry and every file as it is kept, up to one moment, whoever goes on recording. What is
    personal stays sealed; without the keys it stays so for ever.
    """
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        row = _copied(session, log, output, with_keys=with_keys)
    session.count(entries=row.entries, files=row.originals)
    show(session, _answer(row))


def _copied(session: Session, log: Log, output: Path, *, with_keys: bool) -> BackupRow:
    from cli.packs import Pack
    from cli.packs.viewing import viewed

    workspace = session.workspace
    with (
        progress(session, log.position()) as told,
        Pack(
            kind="backup",
            log=log,
            notary=workspace.notary(log),
            question={"of": "all", "with_keys": with_keys},
            output=output,
        ) as pack,
    ):

        def folded(done: int, of: int | None) -> None:
            told(f"{log.account}: {done:,} entries folded", done if of else pack.position)

        pack.entries()
        pack.every_original()
        views = viewed(log, workspace.address(log.account), pack.position, folded)
        pack.tell("views", views)
        if with_keys:
            _copy_keys(session, pack)
        told(f"{log.account}: writing", pack.position)
    return BackupRow(
        account=pack.account,
        file=str(output),
        entries=pack.counts["entries"],
        originals=pack.counts["originals"],
        keys=with_keys,
        root=pack.checkpoint.root.hex(),
        origin=pack.notary.origin,
        manifest=sha256(pack.manifest).hexdigest(),
    )


def _copy_keys(session: Session, pack: Pack) -> None:
    """A whole copy of the keys as they stand, each under the master key; no unused page comes with it."""
    from cli.restoring import KEYS
    from ledger.keystore import EVERYBODY

    with session.workspace.keystore(pack.account) as keystore:
        place = keystore.path
        # Whoever has the copy can open everything: that is said before it is made.
        keystore.note_use([EVERYBODY], field="every key", why="backup --with-keys")
    with pack.place(KEYS) as copy:
        try:
            with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as keys:
                keys.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as error:
            raise LedgerError(
                f"the keys cannot be copied: {error}",
                file=str(place),
                advice="Make room on the disk, or leave --with-keys out.",
            ) from error


def _answer(row: BackupRow) -> Answer:
    lines = [Line(f"SHA-256 of the manifest: {row.manifest}")]
    if row.keys:
        lines.append(
            Line(
                "The keys in it open what is sealed, for whoever has the master key. What you erase "
                "from now on is only gone once this backup is gone, too.",
                "soon",
            )
        )
    return Answer(
        command="backup",
        kind=BackupRow,
        rows=[row],
        sections=[Section(rows=[row], columns=COLUMNS, lines=lines)],
        then=[
            f"Try it before you need it: `returns-ledger restore {row.file} --compare`.",
            "Keep it somewhere else. `checkpoints.db` is not in it and is never put back with it.",
        ],
    )
