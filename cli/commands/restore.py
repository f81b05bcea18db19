"""Makes a ledger of a backup again and proves that it is the same, or says where it is not."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import account_option, shared_options
from cli.session import Session


@click.command("restore", short_help="Make a ledger of a backup again, or compare the two.")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@account_option
@click.option("--into", metavar="NAME", help="Restore it into a new account of this name.")
@click.option("--compare", is_flag=True, help="Compare it with the ledger that is there; no more.")
@click.option("--with-keys", is_flag=True, help="Put back the keys that are in it, too.")
@click.option("--key", "trusted", multiple=True, metavar="VKEY", help="The key that you trust.")
@shared_options
@click.pass_obj
def command(
    session: Session,
    file: Path,
    account: str | None,
    into: str | None,
    compare: bool,
    with_keys: bool,
    trusted: tuple[str, ...],
) -> int:
    """Make a ledger of a backup again, or compare the two.

    FILE is a backup, or an export of everything. It is verified, restored into an account that is
    empty or not there, and compared with it: entries, tree, files, views. Ends 1 where something
    differs, or where the ledger does not go on from what was signed of it here.
    """
    from cli.restoring import compared, restored, show_proved

    if compare and (into or with_keys):
        raise click.UsageError("--compare changes nothing: leave --into and --with-keys out")
    if into and account:
        raise click.UsageError("--into names the account: leave --account out")
    if compare:
        rows = compared(session, file, account=account, keys=trusted)
        return show_proved(session, "restore", rows, "Both are the same, up to where it ends.")
    rows = restored(session, file, account=into or account, keys=trusted, with_keys=with_keys)
    name = session.accounts[-1]
    then = f"Everything is back. Look at it: `returns-ledger status --account {name}`."
    return show_proved(session, "restore", rows, then)
