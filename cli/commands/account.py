"""Begins the ledger of an Amazon seller account, and lists those there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Column, Row, Section
from cli.options import InOrder, shared_options
from cli.output import show
from cli.session import Session
from ledger.event import ACCOUNT_STREAM
from ledger.events.account import AccountOpened

if TYPE_CHECKING:
    from ledger.store import Log


class AccountRow(Row, frozen=True, kw_only=True):
    """One account: its region, and how much its ledger holds."""

    account: str
    region: str | None
    entries: int
    files: int
    recorded_at: str | None
    """When the last entry was recorded."""


COLUMNS: Final = (
    Column("account", "account"),
    Column("region", "region"),
    Column("entries", "entries", right=True),
    Column("files", "files", right=True),
    Column("recorded_at", "last recorded", rank=1),
)


@click.group("account", cls=InOrder, short_help="Begin an account, or list the accounts there are.")
def command() -> None:
    """Begin an account, or list the accounts there are.

    An account is one Amazon seller account in one region. It has a ledger of its own. The first
    import makes it, too.
    """


@command.command("add", short_help="Begin the ledger of an account.")
@click.argument("name")
@click.option(
    "--region",
    type=click.Choice(["NA", "EU", "FE"], case_sensitive=False),
    required=True,
    help="North America, Europe or the Far East, as Amazon divides its stores.",
)
@shared_options
@click.pass_obj
def add(session: Session, name: str, region: str) -> None:
    """Begin the ledger of an account; one that is there is left as it is."""
    from ledger.importing import open_account
    from ledger.rulebook import shipped

    workspace = session.workspace
    account = workspace.to_be_written(name)
    session.accounts.append(account)
    with workspace.log(account) as log:
        session.failures += open_account(log, account, region.upper(), shipped(), workspace.actor)
        row = _row(log)
    then = f"Import its reports: `returns-ledger import FOLDER --account {account}`."
    show(session, _answer([row], then))


@command.command("list", short_help="List the accounts there are.")
@shared_options
@click.pass_obj
def list_accounts(session: Session) -> None:
    """List the accounts there are, and how much their ledgers hold."""
    rows = []
    for account in session.workspace.accounts():
        session.accounts.append(account)
        with session.workspace.log(account) as log:
            rows.append(_row(log))
    then = "Begin one: `returns-ledger account add NAME --region NA|EU|FE`."
    show(session, _answer(rows, then))


def _row(log: Log) -> AccountRow:
    from ledger.importing import imports_of

    opened = [
        entry.event
        for entry in log.entries(ACCOUNT_STREAM, topics=[AccountOpened.TOPIC])
        if isinstance(entry.event, AccountOpened)
    ]
    return AccountRow(
        account=log.account,
        region=opened[0].region if opened else None,
        entries=log.position(),
        files=len({one.digest for one in imports_of(log)}),
        recorded_at=log.recorded_at(),
    )


def _answer(rows: list[AccountRow], then: str) -> Answer:
    return Answer(
        command="account",
        kind=AccountRow,
        rows=rows,
        sections=[Section(rows=rows, columns=COLUMNS)],
        empty="There is no account yet.",
        then=[then],
    )
