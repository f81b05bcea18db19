"""Signs what the log is, shows what was signed, and hands it to somebody else to keep."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.accounts import of_each
from cli.answer import Answer, Column, Line, Row, Section
from cli.files import read, written
from cli.options import InOrder, account_option, accounts_option, shared_options
from cli.output import show
from cli.session import Session
from ledger.errors import LedgerError, StoreTrouble, UnknownThing

if TYPE_CHECKING:
    from ledger.store import Checkpoint, Log, Remembered


class CheckpointRow(Row, frozen=True, kw_only=True):
    """What a log was at a size, signed."""

    account: str
    size: int
    """Entries of the log."""
    root: str
    """RFC 6962 root over the entries' lines, in base64."""
    origin: str
    """The log's name, which stands for its first key."""
    made_at: str
    purpose: str
    note: str
    """The signed note (C2SP tlog-checkpoint)."""

    @property
    def when(self) -> str:
        """The minute in which it was signed."""
        return self.made_at[:16].replace("T", " ")


class KeyRow(Row, frozen=True, kw_only=True):
    """A key that signs, or signed, checkpoints."""

    account: str
    vkey: str
    """The verifier key, as golang.org/x/mod/sumdb/note reads it."""
    introduced_at: str
    retired_at: str | None


class AnchorRow(Row, frozen=True, kw_only=True):
    """What somebody else can say of a checkpoint."""

    account: str
    size: int
    kind: str
    made_at: str
    detail: str


COLUMNS: Final = (
    Column("account", "account"),
    Column("size", "entries", right=True),
    Column("when", "signed"),
    Column("purpose", "for"),
    Column("root", "root", rank=1),
)
KEY_COLUMNS: Final = (
    Column("account", "account"),
    Column("vkey", "verifier key"),
    Column("introduced_at", "since", rank=1),
    Column("retired_at", "until", rank=1),
)
ANCHOR_COLUMNS: Final = (
    Column("account", "account"),
    Column("size", "entries", right=True),
    Column("kind", "kind"),
    Column("made_at", "when"),
    Column("detail", "what", wraps=True),
)

output_option: Final = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write the signed note there; `-` for standard output.",
)


@click.group("checkpoint", cls=InOrder, short_help="Sign what the log is, and see what was signed.")
def command() -> None:
    """Sign what the log is, and see what was signed.

    A checkpoint is made after every command that records something. Whoever has an old one can tell
    for ever that the log only grew since. Keep some elsewhere: with a witness, in a mail, under a
    time stamp.
    """


def _row(account: str, checkpoint: Checkpoint, made_at: str, purpose: str) -> CheckpointRow:
    from ledger.store import base64_of

    return CheckpointRow(
        account=account,
        size=checkpoint.size,
        root=base64_of(checkpoint.root),
        origin=checkpoint.origin,
        made_at=made_at,
        purpose=purpose,
        note=checkpoint.note,
    )


def _remembered(account: str, one: Remembered) -> CheckpointRow:
    return _row(account, one.checkpoint, one.made_at, one.purpose)


# --- making -----------------------------------------------------------------------------------


@command.command("make", short_help="Sign the log as it stands, or as it was.")
@click.option("--at", "size", type=click.IntRange(min=1), help="As it was at this entry.")
@output_option
@account_option
@shared_options
@click.pass_obj
def make(session: Session, size: int | None, output: Path | None, account: str | None) -> None:
    """Sign the log as it stands, or as it was at an earlier entry.

    The note can be checked by anybody: see the page on verifying.
    """
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        _refuse_empty(log)
        notary = session.workspace.notary(log)
        made = notary.checkpoint(log) if size is None else notary.at(log, _there(log, size))
        row = _row(name, made, log.now(), "command" if size is None else "earlier")
    if output is not None:
        written(session, output, made.note.encode())
        return
    then = "Keep it elsewhere: `returns-ledger checkpoint make -o FILE`, or give it to a witness."
    show(
        session,
        Answer(
            command="checkpoint",
            kind=CheckpointRow,
            rows=[row],
            sections=[Section(lines=[Line(line) for line in made.note.splitlines()])],
            then=[then],
        ),
    )


def _there(log: Log, size: int) -> int:
    if size > log.position():
        raise UnknownThing(
            f"the log has {log.position():,} entries",
            found=str(size),
            advice="Name one of them, or leave --at out.",
        )
    return size


def _refuse_empty(log: Log) -> None:
    if not log.position():
        raise UnknownThing(
            "the log is empty: there is nothing to sign",
            advice="Import a folder of downloaded reports: `returns-ledger import FOLDER`.",
        )


@command.command("list", short_help="List what was signed, and what others can say of it.")
@accounts_option
@shared_options
@click.pass_obj
def list_checkpoints(session: Session, account: str | None) -> None:
    """List what was signed, and what others can say of it."""
    found = list(of_each(session, session.workspace.chosen(account), partial(_signed, session)))
    rows = [row for signed, _ in found for row in signed]
    anchors = [row for _, said in found for row in said]
    several = len({row.account for row in rows}) > 1
    columns = [one for one in COLUMNS if several or one.field != "account"]
    sections = [Section(rows=rows, columns=columns)]
    if anchors:
        sections.append(Section(title="What others can say", rows=anchors, columns=ANCHOR_COLUMNS))
    show(
        session,
        Answer(
            command="checkpoint",
            kind=CheckpointRow,
            rows=rows,
            sections=sections,
            empty="Nothing was signed yet.",
            then=["Prove that the log goes on from one: `returns-ledger prove growth FILE`."],
        ),
    )


def _signed(
    session: Session, account: str
) -> Iterator[tuple[list[CheckpointRow], list[AnchorRow]]]:
    """What was signed of an account's log, and what others can say of it."""
    with session.workspace.log_there(account) as log:
        memory = session.workspace.notary(log).memory
        anchors = [
            AnchorRow(
                account=account,
                size=one.size,
                kind=one.kind,
                made_at=one.made_at,
                detail=one.detail,
            )
            for one in memory.anchors()
        ]
        yield [_remembered(account, one) for one in memory.all()], anchors


@command.command("line", short_help="Write one line to mail, print or commit somewhere.")
@account_option
@shared_options
@click.pass_obj
def line(session: Session, account: str | None) -> None:
    """Write one line to mail, print or commit somewhere: the log's name, its size and its root.

    Whoever has the line can tell later whether a checkpoint of that size is the same.
    """
    from ledger.store import base64_of

    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        _refuse_empty(log)
        made = session.workspace.notary(log).checkpoint(log)
    click.echo(f"{made.origin} {made.size} {base64_of(made.root)}")


# --- keys -------------------------------------------------------------------------------------


@command.command("keys", short_help="Show the keys by which checkpoints are verified.")
@accounts_option
@shared_options
@click.pass_obj
def keys(session: Session, account: str | None) -> None:
    """Show the keys by which checkpoints are verified: give them to whoever is to verify.

    The log's name stands for its first key; a later key is vouched for by the one before it.
    """
    rows = list(of_each(session, session.workspace.chosen(account), partial(_keys, session)))
    show(
        session,
        Answer(
            command="checkpoint",
            kind=KeyRow,
            rows=rows,
            sections=[Section(rows=rows, columns=KEY_COLUMNS)],
            then=[
                "Publish it where it cannot be changed quietly: on paper, in a contract, in a mail."
            ],
        ),
    )


def _keys(session: Session, account: str) -> Iterator[KeyRow]:
    with session.workspace.log_there(account) as log:
        session.workspace.note_whose_key(log)
        for key in session.workspace.notary(log).signing_keys():
            yield KeyRow(
                account=account,
                vkey=key.vkey,
                introduced_at=key.introduced_at,
                retired_at=key.retired_at,
            )


@command.command("rotate", short_help="Sign by a new key from here on.")
@click.option("--why", required=True, help="Why; nothing personal, as it is recorded.")
@click.option(
    "--lost", is_flag=True, help="The old key is lost: it does not vouch for the new one."
)
@account_option
@shared_options
@click.pass_obj
def rotate(session: Session, why: str, lost: bool, account: str | None) -> None:
    """Sign by a new key from here on, and record it. What the old key signed stays good.

    The old key vouches for the new one, so that whoever trusts the one can trust the other. Where
    it is lost, say so: then a verifier says that nobody vouches for the new key.
    """
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        _refuse_empty(log)
        entry = session.workspace.notary(log).rotate(log, why=why, lost=lost)
    session.note(f"entry {entry.position}: checkpoints are signed by another key from here on.")


@command.command("accept-loss", short_help="Go on from a log of which signed entries are lost.")
@click.option("--why", required=True, help="What happened; nothing personal, as it is recorded.")
@account_option
@shared_options
@click.pass_obj
def accept_loss(session: Session, why: str, account: str | None) -> None:
    """Go on from a log of which signed entries are lost: recorded in it for everybody to see.

    Only where the newer store is gone for good. Everybody who has a later checkpoint will be able
    to tell that entries are missing; the recorded loss says why.
    """
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        entry = session.workspace.notary(log).accept_loss(log, why=why)
    session.note(f"entry {entry.position} records what is lost; the ledger goes on from here.")


# --- somebody else ----------------------------------------------------------------------------


@command.command("witness", short_help="Leave a checkpoint in a folder that somebody else keeps.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@account_option
@shared_options
@click.pass_obj
def witness(session: Session, folder: Path, account: str | None) -> None:
    """Leave a checkpoint in a folder that somebody else keeps: a share, a stick, a clone of a repository.

    Every checkpoint of this log that lies there is compared first: a log that is no continuation of
    one of them is refused.
    """
    from ledger.store import Anchor

    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        _refuse_empty(log)
        notary = session.workspace.notary(log)
        made = notary.checkpoint(log)
        place = folder / made.origin.replace("/", "-")
        agreeing = _compared(log, place)
        file = place / f"{made.size:012d}.checkpoint"
        try:
            place.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                file.write_bytes(made.note.encode())
        except OSError as error:
            raise LedgerError(
                f"the checkpoint cannot be left there: {error.strerror}",
                file=str(file),
                advice="Choose a folder that you may write to.",
            ) from error
        anchor = Anchor(made.size, "witness", log.now(), folder.name, made.note.encode())
        notary.memory.add_anchor(anchor)
    session.note(
        f"{file}: {made.size:,} entries; the log goes on from the {agreeing} that lay there."
    )


def _compared(log: Log, place: Path) -> int:
    """How many checkpoints lie there that the log goes on from; StoreTrouble where one is of another."""
    from ledger.store import BadNote, Checkpoint

    found = sorted(place.glob("*.checkpoint"))
    for file in found:
        try:
            told = Checkpoint.read(read(file).decode())
        except (BadNote, UnicodeDecodeError) as error:
            raise LedgerError(
                "this is no checkpoint",
                file=str(file),
                advice="Somebody has changed what the witness keeps: find out who, before you go on.",
            ) from error
        if told.size > log.position() or log.root_at(told.size) != told.root:
            raise StoreTrouble(
                f"the log is no continuation of what the witness saw at {told.size:,} entries",
                file=str(file),
                advice="Entries are missing or were changed since: `returns-ledger check` says more.",
            )
    return len(found)


@command.command(
    "timestamp", short_help="Have a time stamp authority say when a checkpoint was there."
)
@click.option(
    "--request",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a request (RFC 3161) to send to an authority.",
)
@click.option(
    "--reply",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check the authority's reply and keep it.",
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The authority's root certificate (PEM), with --reply.",
)
@account_option
@shared_options
@click.pass_obj
def timestamp(
    session: Session,
    request: Path | None,
    reply: Path | None,
    certificate: Path | None,
    account: str | None,
) -> None:
    """Have a time stamp authority say when a checkpoint was there (RFC 3161).

    This program talks to nobody: it writes the request, you send it, and it checks the reply.
    Needs the extra `returns-ledger[timestamp]`.
    """
    from cli.timestamps import keep_reply, request_for

    if (request is None) == (reply is None) or (reply is not None) != (certificate is not None):
        raise click.UsageError("give --request FILE, or --reply FILE with --certificate FILE")
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        _refuse_empty(log)
        notary = session.workspace.notary(log)
        if request is not None:
            made = notary.checkpoint(log)
            written(session, request, request_for(made))
            session.note(
                "send it: curl -H 'Content-Type: application/timestamp-query' "
                f"--data-binary @{request.name} -o reply.tsr ADDRESS"
            )
        elif reply is not None and certificate is not None:
            session.note(keep_reply(notary, read(reply), read(certificate), log.now()))
