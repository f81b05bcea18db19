"""Looks after stores: who may do what on a server, and moving a ledger from one store to another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from cli.accounts import of_each
from cli.answer import Answer, Column, Line, Row, Section
from cli.options import InOrder, accounts_option, shared_options
from cli.output import progress, show
from cli.session import Session
from cli.workspace import EVERY, is_a_server
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from cli.workspace import Workspace
    from ledger.store import Granted, Kind

KINDS: Final = ("writer", "reader", "auditor")


class GrantRow(Row, frozen=True, kw_only=True):
    """What a role was granted with an account, or would be."""

    account: str
    role: str
    kind: str
    granted: bool
    """False where it was only shown."""
    statements: tuple[str, ...]
    """The SQL, in order."""


@click.group("db", cls=InOrder, short_help="Grant rights on a server, or copy between stores.")
def command() -> None:
    """Look after stores: who may do what on a server, and moving ledgers between stores."""


@command.command("grant", short_help="Let a role of the server write, read or audit.")
@click.option(
    "--role",
    "kind",
    type=click.Choice(KINDS),
    required=True,
    help="What it may do: append; read; or read proofs and views, and no file.",
)
@click.argument("name", metavar="ROLE")
@click.option("--dry-run", is_flag=True, help="Show the SQL; grant nothing.")
@accounts_option
@shared_options
@click.pass_obj
def grant_rights(
    session: Session, kind: str, name: str, dry_run: bool, account: str | None
) -> None:
    """Let a role of the server write, read or audit an account's ledger.

    It may do exactly that afterwards, whatever it might before. The role has to be there; whoever grants owns
    the ledger and may make roles.
    """
    rows = of_each(
        session,
        session.workspace.chosen(account),
        lambda one: [_granted(session, one, kind, name, dry_run=dry_run)],
    )
    show(session, _grants(list(rows)))


def _granted(session: Session, account: str, kind: str, role: str, *, dry_run: bool) -> GrantRow:
    from ledger.store import grant, grants
    from projections.views import open_views, views_schema

    address = session.workspace.address(account)
    made: Granted = grants(address, account, views_schema(account), cast("Kind", kind), role)
    if not dry_run:
        with closing(open_views(address, account)):
            grant(address, made)  # the first tables are there, so that they too get their owner
    return GrantRow(
        account=account,
        role=role,
        kind=kind,
        granted=not dry_run,
        statements=made.statements,
    )


def _grants(rows: list[GrantRow]) -> Answer:
    sections = [
        Section(
            title=f"{row.account}: {row.role} is {'a' if row.kind != 'auditor' else 'an'} {row.kind}"
            + ("" if row.granted else ", once this is done"),
            lines=[Line(f"{statement};") for statement in row.statements],
        )
        for row in rows
    ]
    return Answer(
        command="db grant",
        kind=GrantRow,
        rows=rows,
        sections=sections,
        then=["What each may do, and how to take it back: docs/postgresql.md."],
    )


# --- copying ------------------------------------------------------------------------------------


class Beside(Row, frozen=True, kw_only=True):
    """A file that is no part of a store, and where it belongs for the new one to go on as the old."""

    old: str
    new: str


class CopiedRow(Row, frozen=True, kw_only=True):
    """An account that was copied: both stores have this much of it, under this root."""

    account: str
    entries: int
    originals: int
    root: str
    by_hand: tuple[Beside, ...]
    """What is still to be copied, and is not there yet."""


COPIED: Final = (
    Column("account", "account"),
    Column("entries", "entries", right=True),
    Column("originals", "files kept", right=True),
    Column("root", "root of both trees"),
)
BY_HAND: Final = (
    Column("old", "copy this file", wraps=True),
    Column("new", "to", wraps=True),
)


@command.command("copy", short_help="Copy ledgers to another store, with equal trees.")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--all", "every", is_flag=True, help="Every account there is.")
@accounts_option
@shared_options
@click.pass_obj
def copy_between_stores(
    session: Session, source: str, target: str, every: bool, account: str | None
) -> None:
    """Copy ledgers to another store: a home's folder, or the address of a file or a server.

    Every entry and file as it is; the hashes are made anew on the way, and the trees of both are the same, or
    nothing is written. An account that is there already, and the same, is left; any other is refused.
    """
    if "://" not in source and not Path(source).is_dir():
        raise LedgerError(
            "there is no such folder",
            file=source,
            advice="Name the home that the ledgers are in, or the address of a store.",
        )
    here, there = _workspace(session, source), _workspace(session, target)
    accounts = here.chosen(EVERY if every else account)
    if len(accounts) > 1 and there.store is not None and not is_a_server(there.store):
        raise LedgerError(
            "a file is the ledger of one account",
            found=target,
            advice="Name the account with --account, or copy to a home's folder or a server.",
        )
    rows = list(of_each(session, accounts, lambda one: [_copied(session, here, there, one)]))
    session.count(entries=sum(row.entries for row in rows))
    show(session, _copies(rows))


def _copies(rows: list[CopiedRow]) -> Answer:
    missing = list(dict.fromkeys(one for row in rows for one in row.by_hand))
    sections = [Section(rows=rows, columns=COPIED)]
    then = ["Compare for yourself: `returns-ledger check` on both."]
    if missing:
        sections.append(
            Section(title="Not copied: keys and checkpoints", rows=missing, columns=BY_HAND)
        )
        then.insert(
            0,
            "Copy these files, while nothing runs and before anything is recorded there: then the new ledger signs "
            "as the old one does and, under the same master key, opens what is sealed.",
        )
    return Answer(command="db copy", kind=CopiedRow, rows=rows, sections=sections, then=then)


def _by_hand(here: Workspace, there: Workspace, account: str) -> Iterator[Beside]:
    """What does not move by itself: keys never do, and what was signed is no part of a store."""
    from cli.master_key import FILE

    for of in (
        _keys_of,
        lambda one, name: one.beside_log(name, "checkpoints.db"),
        lambda one, _name: one.keys / FILE,
    ):
        old, new = of(here, account), of(there, account)
        if old.exists() and not new.exists():
            yield Beside(old=str(old), new=str(new))


def _keys_of(workspace: Workspace, account: str) -> Path:
    with workspace.keystore(account) as keys:
        return keys.path


def _workspace(session: Session, place: str) -> Workspace:
    """What a folder or an address names, with the keys that belong there."""
    from cli.workspace import Workspace

    own = session.workspace
    if "://" in place:
        return Workspace(own.home, place, own.clock, session.keys, own.command)
    return Workspace(Path(place), None, own.clock, session.keys, own.command)


def _copied(session: Session, here: Workspace, there: Workspace, account: str) -> CopiedRow:
    from ledger.store import copy_log

    here.refuse_lost(account)
    with here.log(account) as source, there.bare_log(account) as target:
        if source.distrusted is not None:
            raise source.distrusted  # what was signed of it would not come along to show that
        entries = source.position()
        with progress(session, entries) as told:
            copied = copy_log(source, target, lambda done: told(f"{account}: copying", done))
    return CopiedRow(
        account=account,
        entries=copied.entries,
        originals=copied.originals,
        root=copied.root.hex(),
        by_hand=tuple(_by_hand(here, there, account)),
    )
