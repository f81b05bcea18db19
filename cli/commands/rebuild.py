"""Makes the views again from the log, or proves that they equal what the log amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import asdict

from cli.answer import Answer, Column, Line, Row, Section
from cli.options import LOCAL, EngineName, accounts_option, shared_options
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
@click.option(
    "--engine",
    type=EngineName(),
    default=LOCAL,
    metavar="ENGINE",
    help="Who folds: local (the default), dask-local, or a Dask scheduler at dask://HOST:PORT.",
)
@click.option(
    "--dataset",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="What `export --parquet` wrote, reachable by every worker; by default it is written first.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Hand the views out as Parquet into a new folder, and leave the live ones as they are.",
)
@accounts_option
@shared_options
@click.pass_obj
def command(
    session: Session,
    verify: bool,
    engine: str,
    dataset: Path | None,
    output: Path | None,
    account: str | None,
) -> int:
    """Make the views again from the log, or compare them with it.

    The new tables are filled beside the live ones and take their place at once. With --verify ends
    1 where one is not equal. With --engine the work is shared out to the workers of a cluster.
    """
    if engine != LOCAL or dataset or output:
        if verify:
            raise click.UsageError("--verify compares by itself: leave the other options out")
        from cli.spreading import rebuilt_by

        done = rebuilt_by(session, engine, dataset, output, account)
        made = [RebuildRow(account=done.account, **asdict(one)) for one in done.rebuilt]
        show(session, _handed_back(made, done.lines, output))
        return 0
    asked = question(session, account, None, None, None)
    rows = list(asked.of_each_log(lambda log: _rebuilt(log, asked, verify=verify)))
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


def _handed_back(rows: list[RebuildRow], lines: Sequence[str], output: Path | None) -> Answer:
    """What an engine made of a dataset: nothing in it depends on this day or moment."""
    then = "Prove them: `returns-ledger rebuild --verify`."
    if output is not None:
        then = f"Read them with whatever reads Parquet: {output}."
    return Answer(
        command="rebuild",
        kind=RebuildRow,
        rows=rows,
        key="projections",
        sections=[
            Section(
                rows=rows,
                columns=[one for one in COLUMNS if one.field not in ("account", "equal")],
                lines=[Line(line, "faint") for line in lines],
            )
        ],
        then=[then],
    )
