"""Reads Amazon's report files into the ledger: what is news in them, and nothing twice."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import click

from cli.answer import Answer, Column, Row, Section
from cli.deliveries import Delivery, contents, deliveries, is_no_report
from cli.options import (
    Day,
    MarketplaceCode,
    NamedPath,
    Period,
    account_option,
    shared_options,
)
from cli.output import Progress, progress, show
from cli.session import Session
from ledger.book import coverage_of
from ledger.delivery import clip
from ledger.errors import LedgerError
from ledger.event import ACCOUNT_STREAM

if TYPE_CHECKING:
    from ledger.importing import FileResult, Statement
    from ledger.keystore import KeyStore
    from ledger.store import Log

PROBLEMS_MAX: Final = 20
"""As many rows that cannot be read as one file lists; the rest are counted."""
GAPS_MAX: Final = 5
DAY: Final = timedelta(days=1)


class ImportRow(Row, frozen=True, kw_only=True):
    """What became of one file; rows = new + unchanged + revised + refused."""

    file: str
    digest: str | None = None
    report_format: str | None = None
    account: str
    period_start: str | None = None
    period_end: str | None = None
    period_basis: str | None = None
    rows: int = 0
    new: int = 0
    unchanged: int = 0
    revised: int = 0
    refused: int = 0
    unknown_codes: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    """Kept sealed, as nobody knows what is in them."""
    error: str | None = None
    """Why nothing of the file was recorded."""

    @property
    def name(self) -> str:
        """The file without its folder; a member of a .zip with the name of that."""
        folders, _, name = self.file.rpartition("/")
        inside = folders.lower().endswith(".zip")
        return f"{folders.rpartition('/')[2]}/{name}" if inside else name


COLUMNS: Final = (
    Column("name", "file"),
    Column("report_format", "report"),
    Column("period_start", "from", rank=2),
    Column("period_end", "to", rank=2),
    Column("period_basis", "known", rank=3),
    Column("rows", "rows", right=True),
    Column("new", "new", right=True),
    Column("unchanged", "unchanged", right=True, rank=1),
    Column("revised", "revised", right=True, rank=1),
    Column("refused", "refused", right=True),
)


@click.command("import", short_help="Read Amazon's report files into the ledger.")
@click.argument("paths", nargs=-1, required=True, type=NamedPath())
@account_option
@click.option(
    "--marketplace",
    type=MarketplaceCode(),
    help="The Amazon store of rows that do not tell theirs.",
)
@click.option(
    "--period",
    type=Period(),
    help="The days that the report was asked for, where you know them: 2026-05-01..2026-05-31.",
)
@click.option("--told-at", type=Day(), help="The day of the download, where you know it.")
@click.option("--keep-going", is_flag=True, help="Record the rows that can be read of a bad file.")
@click.option("--dry-run", is_flag=True, help="Say what would be news, and change nothing.")
@click.option(
    "--verified",
    is_flag=True,
    help="Make a ledger of an export of everything, once it is verified.",
)
@click.option(
    "--key", "trusted", multiple=True, metavar="VKEY", help="With --verified: a key you trust."
)
@shared_options
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    account: str | None,
    marketplace: str | None,
    period: tuple[date, date] | None,
    told_at: date | None,
    keep_going: bool,
    dry_run: bool,
    verified: bool,
    trusted: tuple[str, ...],
) -> int:
    """Read Amazon's report files into the ledger.

    PATHS are files or folders, also .gz and .zip. What a file is, is found from its content; the
    same file, or one that overlaps another, adds only what is new. Each file is recorded whole or
    not at all, and one that cannot be read does not hold up the others.
    """
    from ledger.importing import Statement

    if verified:
        if len(paths) != 1 or marketplace or period or told_at or keep_going or dry_run:
            raise click.UsageError("--verified takes one export, and --account and --key besides")
        return _restored(session, paths[0], account, trusted)
    if trusted:
        raise click.UsageError("--key belongs to --verified")
    files = deliveries(session, paths)
    name = session.workspace.to_be_written(account)
    session.accounts.append(name)
    statement = Statement(
        actor=session.workspace.actor,
        command_id=str(uuid4()),
        marketplace=marketplace,
        period=period,
        told_at=told_at.isoformat() if told_at else None,
        keep_going=keep_going,
        dry_run=dry_run,
    )
    size = sum(file.size for file in files)
    with Importing(session, name, statement) as importing:
        with progress(session, size) as told:
            rows = list(_imported(importing, files, told))
            told("noting which cases know of which others", size)
            importing.link()
        gaps = importing.gaps({row.report_format for row in rows if row.report_format})
    show(session, _answer(rows, gaps, name, dry_run=dry_run))
    return 1 if any(row.error for row in rows) else 0


def _restored(session: Session, path: Path, account: str | None, keys: Sequence[str]) -> int:
    """The ledger that an export holds, entry for entry."""
    from cli.restoring import restored, show_proved

    rows = restored(session, path, account=account, keys=keys, with_keys=False)
    name = session.accounts[-1]
    then = f"It is the same ledger. Look at it: `returns-ledger status --account {name}`."
    return show_proved(session, "import-verified", rows, then)


class Importing:
    """Files on their way into one account, which is made when the first file fits it."""

    def __init__(self, session: Session, account: str, statement: Statement) -> None:
        self.session = session
        self.account = account
        self.statement = statement
        self._opened = contextlib.ExitStack()
        self._log: Log | None = None
        self._keys: KeyStore | None = None

    def __enter__(self) -> Importing:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def record(
        self, data: bytes | Path, file: str, stage: Callable[[str, int], None]
    ) -> FileResult:
        """Record what is news in a file; raises LedgerError where nothing of it was recorded."""
        from ledger.importing import import_file

        if self._log is None:
            self._log = self._open(data, file)
        return import_file(self._log, data, file, self.statement, keys=self._keys, progress=stage)

    def _open(self, data: bytes | Path, file: str) -> Log:
        """The account's log; one that is not there yet is not made for a file that cannot be read."""
        from ledger.importing import open_account
        from ledger.rulebook import shipped

        workspace = self.session.workspace
        if self.account not in workspace.accounts():
            if self.statement.dry_run:
                return self._opened.enter_context(workspace.passing_log(self.account))
            self._try(data, file)
        log = self._opened.enter_context(workspace.log(self.account))
        self._keys = self._opened.enter_context(workspace.keystore(self.account))
        if not self.statement.dry_run:
            self.session.failures += open_account(
                log, self.account, None, shipped(), workspace.actor
            )
        return log

    def _try(self, data: bytes | Path, file: str) -> None:
        """Raise LedgerError where nothing of the file would be recorded."""
        from ledger.importing import RefusedRows, look_through, read_file
        from ledger.reading import latest_told
        from ledger.values import instant

        if isinstance(data, Path) or self.statement.period or self.statement.told_at:
            with self.session.workspace.passing_log(self.account) as log:
                look_through(log, data, file, self.statement)
            return
        latest = latest_told(instant(self.session.clock()))
        read = read_file(data, file, self.statement, latest=latest)
        if read.refused and not self.statement.keep_going:
            raise RefusedRows(file, read.refused)

    def link(self) -> None:
        """Note which cases know of which others, so that the first dossier need not read the whole log."""
        from projections.links import Links
        from projections.views import open_views

        if self._log is None or self.statement.dry_run:
            return
        with contextlib.closing(
            open_views(self.session.workspace.address(self.account), self.account)
        ) as views:
            Links(self._log, views)

    def gaps(self, formats: Collection[str]) -> list[str]:
        """The days between imported files for which nobody spoke, one hint for each."""
        from ledger.recall import Recall

        if self._log is None or self.statement.dry_run or not formats:
            return []
        known = Recall(self._log, self.session.workspace.today()).case(ACCOUNT_STREAM).imports
        return [
            f"{report_format} says nothing of {before.last + DAY} to {after.first - DAY}: "
            "download it for these days, too."
            for report_format in sorted(formats)
            for before, after in pairwise(coverage_of(report_format, known).spans)
        ]


def _imported(
    importing: Importing, files: Sequence[Delivery], told: Progress
) -> Iterator[ImportRow]:
    done = 0
    for file in files:
        told(f"{file.path.name}: opening", done)
        if not file.named and is_no_report(file):
            importing.session.note(f"{file.path}: not a report, left alone")
        else:
            yield from _of_one_file(importing, file, told, done)
        done += file.size
    told("", done)


_STAGES: Final = {"read": 0.4, "compared": 0.6, "recorded": 1.0}
"""How much of the work on a file is done after each stage, roughly."""


def _of_one_file(
    importing: Importing, file: Delivery, told: Progress, done: int
) -> Iterator[ImportRow]:
    try:
        members = contents(file)
    except LedgerError as error:
        yield _failed(importing, str(file.path), error)
        return
    part = file.size / len(members) if members else 0
    for number, (name, data) in enumerate(members):
        start = done + int(part * number)

        def stage(doing: str, rows: int, start: int = start) -> None:
            told(f"{file.path.name}: {doing} {rows:,} rows", start + int(part * _STAGES[doing]))

        try:
            result = importing.record(data, name, stage)
        except LedgerError as error:
            yield _failed(importing, name, error)
        else:
            yield _recorded(importing, result)


def _recorded(importing: Importing, result: FileResult) -> ImportRow:
    session = importing.session
    session.count(
        files=1,
        new=result.new,
        unchanged=result.unchanged,
        revised=result.revised,
        refused=result.refused,
    )
    for problem in result.problems[:PROBLEMS_MAX]:
        session.note(f"refused: {problem}")
    if len(result.problems) > PROBLEMS_MAX:
        more = len(result.problems) - PROBLEMS_MAX
        session.note(f"{more:,} more rows were refused; `returns-ledger doctor rows` lists them")
    if result.refused:
        session.note(
            f"{result.file}: it speaks for no day, as rows were left out. What it does not tell counts "
            "as absent once a download of these days is read whole."
        )
    if result.untold:
        session.note(
            f"{result.file}: of what was told for its days before, or is told by it now, the newest download "
            f"leaves out {result.untold:,}: what rests on that is in review."
        )
    if result.unknown_codes and result.new + result.revised:
        session.note(
            f"{result.file}: codes that this program does not know, kept as they are: "
            f"{'; '.join(result.unknown_codes)}"
        )
    if result.unknown_columns:
        names = ", ".join(f"'{clip(name, 40)}'" for name in result.unknown_columns)
        session.note(
            f"{result.file}: columns that this program does not know, kept sealed and not read: {names}"
        )
    return ImportRow(
        file=result.file,
        digest=result.digest,
        report_format=result.report_format,
        account=importing.account,
        period_start=result.period_start,
        period_end=result.period_end,
        period_basis=result.period_basis,
        rows=result.rows,
        new=result.new,
        unchanged=result.unchanged,
        revised=result.revised,
        refused=result.refused,
        unknown_codes=result.unknown_codes,
        unknown_columns=result.unknown_columns,
    )


def _failed(importing: Importing, file: str, error: LedgerError) -> ImportRow:
    """A file of which nothing was recorded."""
    importing.session.failures.append(error)
    importing.session.count(files=1, failed=1)
    return ImportRow(file=file, account=importing.account, error=str(error).partition("\n")[0])


def _answer(
    rows: Sequence[ImportRow], gaps: Sequence[str], account: str, *, dry_run: bool
) -> Answer:
    recorded = [row for row in rows if row.error is None]
    then = list(gaps[:GAPS_MAX])
    if len(gaps) > GAPS_MAX:
        then.append("`returns-ledger coverage` shows every gap.")
    if dry_run:
        then.append("This was a trial: nothing was changed. Import without --dry-run to record it.")
    elif recorded:
        then.append(f"See what Amazon owes: `returns-ledger audit --account {account}`.")
    else:
        then.append("Nothing was recorded.")
    return Answer(
        command="import",
        kind=ImportRow,
        rows=rows,
        sections=[
            Section(
                title="What would be recorded" if dry_run else "", rows=recorded, columns=COLUMNS
            )
        ],
        empty="There is no report in there.",
        then=then,
    )
