"""Begins the ledger of an Amazon seller account, and lists those there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from cli.accounts import of_each
from cli.answer import Answer, Column, Line, Row, Section
from cli.options import InOrder, shared_options
from cli.output import show
from cli.session import Session
from ledger.errors import StoreTrouble
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
    error: str | None = None
    """What is wrong with an account that cannot be read."""


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
def list_accounts(session: Session) -> int:
    """List the accounts there are, and how much their ledgers hold.

    One that cannot be read is listed with what is wrong with it. Ends 1 where there is one.
    """
    advice: list[str] = []

    def of_account(account: str) -> Iterator[AccountRow]:
        with session.workspace.log_there(account) as log:
            yield _row(log)

    def in_trouble(account: str, trouble: StoreTrouble) -> AccountRow:
        advice.append(trouble.advice())
        return AccountRow(
            account=account, region=None, entries=0, files=0, recorded_at=None, error=str(trouble)
        )

    workspace = session.workspace
    names = sorted({*workspace.accounts(), *workspace.lost()})
    rows = list(of_each(session, names, of_account, in_trouble=in_trouble))
    then = "Begin one: `returns-ledger account add NAME --region NA|EU|FE`."
    show(session, _answer(rows, *(dict.fromkeys(advice) or [then])))
    return 1 if any(row.error for row in rows) else 0


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


def _answer(rows: list[AccountRow], *then: str) -> Answer:
    wrong = [Line(row.error, "bad") for row in rows if row.error]
    whole = [row for row in rows if row.error is None]
    return Answer(
        command="account",
        kind=AccountRow,
        rows=rows,
        sections=[Section(rows=whole, columns=COLUMNS, lines=wrong)],
        empty="There is no account yet.",
        then=then,
    )
