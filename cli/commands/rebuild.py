"""Makes the views again from the log, or proves that they equal what the log amounts to."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import asdict

from cli.answer import Answer, Column, Row, Section
from cli.options import accounts_option, shared_options
from cli.output import progress, show
from cli.questions import Question, question
from cli.session import Session

if TYPE_CHECKING:
    from ledger.store import Log


class RebuildRow(Row, frozen=True, kw_only=True):
    """One projection: what it was made of and amounts to; equal says whether the live rows do, too."""

    account: str
    name: str
    entries: int
    rows: int
    digest: str
    equal: bool | None


COLUMNS: Final = (
    Column("account", "account"),
    Column("name", "view"),
    Column("entries", "entries", right=True),
    Column("rows", "rows", right=True),
    Column("digest", "SHA-256 of all rows", rank=1),
    Column("equal", "equal"),
)


@click.command("rebuild", short_help="Make the views again from the log, or compare them with it.")
@click.option(
    "--verify", is_flag=True, help="Change nothing: prove that the live views equal a rebuild."
)
@accounts_option
@shared_options
@click.pass_obj
def command(session: Session, verify: bool, account: str | None) -> int:
    """Make the views again from the log, or compare them with it.

    The new tables are filled beside the live ones and take their place at once. With --verify ends
    1 where one is not equal.
    """
    asked = question(session, account, None, None, None)
    rows = [row for log in asked.logs() for row in _rebuilt(log, asked, verify=verify)]
    show(session, _answer(rows, asked, verify=verify))
    return 1 if any(row.equal is False for row in rows) else 0


def _rebuilt(log: Log, asked: Question, *, verify: bool) -> list[RebuildRow]:
    from projections import PROJECTIONS
    from projections.catching_up import catch_up, rebuild
    from projections.views import open_views

    recall = asked.recall(log)
    entries = log.position()
    with (
        closing(open_views(asked.session.workspace.address(log.account), log.account)) as views,
        progress(asked.session, entries) as told,
    ):

        def folded(done: int, of: int | None) -> None:
            told(f"{log.account}: {done:,} entries folded", done if of else entries)

        if verify:
            standing = views.standings()
            catch_up(
                recall, views, folded, only=[one for one in PROJECTIONS if one.name not in standing]
            )
        made = rebuild(recall, views, verify=verify, progress=folded)
    return [RebuildRow(account=log.account, **asdict(one)) for one in made]


def _answer(rows: list[RebuildRow], asked: Question, *, verify: bool) -> Answer:
    several = len(asked.accounts) > 1
    if not verify:
        then = "Prove it: `returns-ledger rebuild --verify`."
    elif all(row.equal for row in rows):
        then = "The live views equal a rebuild, row for row."
    else:
        then = "Make them again: `returns-ledger rebuild`. If it stays, `returns-ledger check`."
    return Answer(
        command="rebuild",
        kind=RebuildRow,
        rows=rows,
        key="projections",
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[
            Section(
                rows=rows, columns=[one for one in COLUMNS if several or one.field != "account"]
            )
        ],
        then=[then],
    )
