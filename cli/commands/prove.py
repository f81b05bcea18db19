"""Writes proofs that anybody can check offline: of an entry, of a row, of the log's growth."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.files import read, written
from cli.options import InOrder, account_option, shared_options
from cli.session import Session
from ledger.errors import LedgerError, UnknownThing

if TYPE_CHECKING:
    from ledger.store import Checkpoint, Log

Function = TypeVar("Function", bound=Callable[..., Any])


@click.group("prove", cls=InOrder, short_help="Write proofs that anybody can check, offline.")
def command() -> None:
    """Write proofs that anybody can check, offline, without this program.

    A proof shows that the log holds an entry or a file's row, or that it only grew, and shows
    nothing else of it.
    """


def output_option(help: str) -> Callable[[Function], Function]:
    """Where to write the proof."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        required=True,
        help=help,
    )


@command.command("entry", short_help="Prove that the log holds an entry.")
@click.argument("entry", type=click.IntRange(min=1))
@output_option("Where to write the proof; the entry's line is written beside it, as FILE.json.")
@account_option
@shared_options
@click.pass_obj
def entry(session: Session, entry: int, output: Path, account: str | None) -> None:
    """Prove that the log holds an entry: a tlog-proof (C2SP), and the line that it proves.

    ENTRY is its number, as `story` shows it.
    """
    from ledger.store import tlog_proof

    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        made = session.workspace.notary(log).checkpoint(log)
        line = _line(log, entry, made)
        proof = tlog_proof(entry - 1, log.inclusion(entry, made.size), made.note)
    written(session, output, proof.encode())
    written(session, output.with_name(f"{output.name}.json"), line)


def _line(log: Log, entry: int, made: Checkpoint) -> bytes:
    line = log.lines_at([entry]).get(entry)
    if line is None:
        raise UnknownThing(
            f"the log has {made.size:,} entries",
            found=str(entry),
            advice="`returns-ledger story ORDER` shows the numbers of an order's entries.",
        )
    return line


@command.command("row", short_help="Prove that a file that was imported has a row.")
@click.argument("file")
@click.argument("row", type=click.IntRange(min=1))
@output_option("Where to write the proof, one JSON object.")
@account_option
@shared_options
@click.pass_obj
def row(session: Session, file: str, row: int, output: Path, account: str | None) -> None:
    """Prove that a file that was imported has a row, without showing any other row of it.

    FILE is its name or the beginning of its SHA-256; ROW is counted as an editor counts lines: the
    header is row 1. What is personal in the row stays sealed.
    """
    import msgspec

    from ledger.store import base64_of, tlog_proof

    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        proof = log.row_proof(_digest(log, file), row)
        made = session.workspace.notary(log).checkpoint(log)
        inclusion = log.inclusion(proof.position, made.size)
        told: dict[str, Any] = {
            "schema": "returns-ledger/row-proof/1",
            "digest": proof.digest,
            "row": proof.row,
            "index": proof.index,
            "lines": proof.lines,
            "line": base64_of(proof.line),
            "hashes": [base64_of(one) for one in proof.hashes],
            "entry": log.lines_at([proof.position])[proof.position].decode(),
            "proof": tlog_proof(proof.position - 1, inclusion, made.note),
        }
    data = msgspec.json.format(msgspec.json.encode(told, order="sorted"), indent=2)
    written(session, output, data + b"\n")


def _digest(log: Log, file: str) -> str:
    """The SHA-256 of the imported file that is meant."""
    from ledger.importing import imports_of

    wanted = file.strip()
    found = {
        one.digest: one.file
        for one in imports_of(log)
        if one.file == wanted or (len(wanted) >= 6 and one.digest.startswith(wanted.lower()))
    }
    if len(found) == 1:
        return next(iter(found))
    raise UnknownThing(
        "several files have this name" if found else "no such file was imported",
        found=file,
        advice="Name one by its SHA-256: "
        + (
            ", ".join(digest[:12] for digest in found)
            or "`returns-ledger story account` lists them"
        )
        + ".",
    )


@command.command("growth", short_help="Prove that the log only grew since a checkpoint.")
@click.argument("checkpoint", type=click.Path(dir_okay=False, path_type=Path))
@output_option("Where to write the proof, one JSON object with both checkpoints.")
@account_option
@shared_options
@click.pass_obj
def growth(session: Session, checkpoint: Path, output: Path, account: str | None) -> None:
    """Prove that the log only grew since a checkpoint: nothing was changed, removed or put between.

    CHECKPOINT is a file with the earlier signed note.
    """
    import msgspec

    from ledger.store import BadNote, base64_of
    from ledger.store import Checkpoint as Read

    try:
        earlier = Read.read(read(checkpoint).decode())
    except (BadNote, UnicodeDecodeError) as error:
        raise LedgerError(
            "this is no checkpoint",
            file=str(checkpoint),
            advice="It is a file that `returns-ledger checkpoint make -o FILE` writes.",
        ) from error
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        made = session.workspace.notary(log).checkpoint(log)
        _refuse_other(log, earlier, made, checkpoint)
        hashes = log.consistency(earlier.size, made.size)
    told = {
        "schema": "returns-ledger/growth/1",
        "from": earlier.note,
        "to": made.note,
        "hashes": [base64_of(one) for one in hashes],
    }
    data = msgspec.json.format(msgspec.json.encode(told, order="sorted"), indent=2)
    written(session, output, data + b"\n")


def _refuse_other(log: Log, earlier: Checkpoint, made: Checkpoint, file: Path) -> None:
    if earlier.origin != made.origin:
        raise LedgerError(
            f"this is a checkpoint of {earlier.origin}, and the log is {made.origin}",
            file=str(file),
            advice="Name the account of that log with --account.",
        )
    if earlier.size > made.size or log.root_at(earlier.size) != earlier.root:
        raise LedgerError(
            f"the log is no continuation of it: it had {earlier.size:,} entries of another root",
            file=str(file),
            advice="Entries are missing or were changed since: `returns-ledger check` says more.",
        )
