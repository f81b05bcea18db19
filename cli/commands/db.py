"""Looks after stores: who may do what on a server, and moving a ledger from one store to another."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final, cast

import click

from cli.answer import Answer, Line, Row, Section
from cli.options import InOrder, accounts_option, shared_options
from cli.output import show
from cli.session import Session

if TYPE_CHECKING:
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
    rows = []
    for one in session.workspace.chosen(account):
        session.accounts.append(one)
        rows.append(_granted(session, one, kind, name, dry_run=dry_run))
    show(session, _grants(rows))


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
