"""Hands out what the ledger holds, with proofs, so that a stranger can check it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli.answer import Answer, Column, Line, Row, Section
from cli.files import read
from cli.options import Day, Instant, Period, account_option, shared_options
from cli.output import progress, show
from cli.questions import Wanted
from cli.session import Session
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from cli.exports import Asked
    from cli.packs import Pack
    from ledger.nearby import Linked
    from ledger.store import Log

FORMS: Final = ("csv", "ndjson", "parquet", "xlsx", "sqlite")


class ExportRow(Row, frozen=True, kw_only=True):
    """What was handed out, and by which words it is known."""

    account: str
    file: str
    entries: int
    originals: int
    files: int
    complete: bool
    size: int
    root: str
    origin: str
    manifest: str


COLUMNS: Final = (
    Column("file", "export"),
    Column("entries", "entries", right=True),
    Column("originals", "files kept", right=True, rank=1),
    Column("files", "files in it", right=True, rank=2),
    Column("complete", "whole log"),
    Column("manifest", "SHA-256 of the manifest", rank=3),
)


class Span(click.ParamType[tuple[date, date]]):
    """A month, a year, or two days, both included: `2026-10`, `2026`, `2026-10-01..2026-10-31`."""

    name = "period"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, date]:
        text = str(value)
        try:
            if len(text) == 4:
                return date(int(text), 1, 1), date(int(text), 12, 31)
            if len(text) == 7:
                first = date.fromisoformat(f"{text}-01")
                return first, first.replace(day=monthrange(first.year, first.month)[1])
        except ValueError:
            self.fail(f"{value!r} is no month; write it as 2026-10", param, ctx)
        return Period().convert(value, param, ctx)


class Listed(click.ParamType[tuple[str, ...]]):
    """Forms with a comma between them: `csv,parquet`."""

    name = "forms"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        named = tuple(dict.fromkeys(part.strip() for part in str(value).lower().split(",")))
        for one in named:
            if one not in FORMS:
                self.fail(f"{one!r} is no form; one or more of {','.join(FORMS)}", param, ctx)
        return named


@click.command("export", short_help="Hand out entries, tables and files, with proofs.")
@click.option(
    "--period", type=Span(), help="What happened then: 2026-10, or 2026-10-01..2026-10-31."
)
@click.option("--order", "orders", multiple=True, metavar="ID", help="Only this order; repeatable.")
@click.option("--all", "whole", is_flag=True, help="Everything: a log can be made of it again.")
@click.option(
    "--parquet",
    "dataset",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The whole log as a dataset for other machines, case by case, into a new folder.",
)
@click.option(
    "--buckets",
    type=click.IntRange(min=1),
    metavar="N",
    help="About so many files of a dataset; by default as many as keep each one small.",
)
@click.option(
    "--jsonl",
    "lines",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The whole log as one file, an entry a line, and its signed root beside it.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR|FILE.zip",
    help="A new folder, or a new .zip.",
)
@click.option(
    "--with",
    "forms",
    type=Listed(),
    default="csv",
    help=f"The tables' forms, with commas: {','.join(FORMS)}; csv is always there.",
)
@click.option(
    "--originals",
    type=click.Choice(["all", "digests"]),
    help="The files themselves, or only their SHA-256; by default all, and digests with --order.",
)
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A checkpoint to show to be this log's beginning; by default the last export's.",
)
@click.option(
    "--as-of",
    type=Day(),
    help="The day on which it is judged; by default the period's last, else that of the last telling.",
)
@click.option("--known-at", type=Instant(), help="The log as it was recorded by this moment.")
@account_option
@shared_options
@click.pass_obj
def command(
    session: Session,
    period: tuple[date, date] | None,
    orders: tuple[str, ...],
    whole: bool,
    dataset: Path | None,
    buckets: int | None,
    lines: Path | None,
    output: Path | None,
    forms: tuple[str, ...],
    originals: str | None,
    since: Path | None,
    as_of: date | None,
    known_at: datetime | None,
    account: str | None,
) -> None:
    """Hand out entries, tables and files, with proofs.

    One of --period, --order and --all says what. Whoever gets it can check it with the verify.py
    inside, without this program. What is personal stays sealed. The same question gives the same
    bytes. With --parquet it is the whole log as tables for many machines, with --jsonl as one file
    of lines, and nothing besides.
    """
    from cli.exports import Asked

    if dataset is not None:
        _refuse_besides_dataset(period, orders, whole, lines, output, since, as_of, known_at)
        _export_dataset(session, dataset, buckets, account)
        return
    if lines is not None:
        _refuse_besides_lines(period, orders, whole, buckets, output, since, as_of, known_at)
        _export_lines(session, lines, account)
        return
    if sum(map(bool, (period, orders, whole))) != 1:
        raise click.UsageError(
            "say what to export: one of --period, --order, --all, --parquet and --jsonl"
        )
    if output is None:
        raise click.UsageError("say where to: -o DIR or -o FILE.zip")
    asked = Asked(
        period=period,
        orders=orders,
        as_of=as_of,
        forms=tuple(sorted({"csv", *forms})),
        originals="digests"
        if (originals or ("digests" if orders else "all")) == "digests"
        else "all",
    )
    _refuse_missing(asked.forms)
    name = session.workspace.one(account)
    session.accounts.append(name)
    earlier = read(since).decode(errors="replace") if since else None
    with session.workspace.log(name) as log:
        row = _exported(session, log, asked, output, earlier, known_at)
    session.count(entries=row.entries, files=row.files)
    show(session, _answer(row))


def _refuse_besides_dataset(*others: object) -> None:
    if any(others):
        raise click.UsageError(
            "--parquet writes the whole log into its own folder, and goes with nothing else but --buckets"
        )


def _refuse_besides_lines(*others: object) -> None:
    if any(others):
        raise click.UsageError("--jsonl writes the whole log into its own file, and nothing else")


def _export_lines(session: Session, file: Path, account: str | None) -> None:
    """The whole log as it stands, signed, as the lines that are hashed."""
    from cli.lines import answer, lines_of

    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        row = lines_of(session, log, file)
    session.count(entries=row.entries, files=1)
    show(session, answer(row))


def _export_dataset(
    session: Session, folder: Path, buckets: int | None, account: str | None
) -> None:
    """The whole log as it stands, signed, as Parquet files in a folder."""
    from cli.datasets import DatasetRow, answer, dataset_of

    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        manifest = dataset_of(session, log, folder, buckets)
    row = DatasetRow.of(manifest, folder)
    session.count(entries=row.entries, files=row.buckets)
    show(session, answer(row))


def _refuse_missing(forms: Sequence[str]) -> None:
    """Before any work is done: what a form needs is there."""
    from cli.exports.extras import EXTRAS, needed

    for form in forms:
        if form in EXTRAS:
            needed(EXTRAS[form], form)


def _exported(
    session: Session,
    log: Log,
    asked: Asked,
    output: Path,
    earlier: str | None,
    known_at: datetime | None,
) -> ExportRow:
    from cli.exports import fill
    from cli.packs import Pack

    streams = _streams(log, asked.orders)
    until = _until(log, known_at)
    with (
        _links(session, log, streams) as linked,
        progress(session, log.position()) as told,
        Pack(
            kind="export",
            log=log,
            notary=session.workspace.notary(log),
            question=asked.told(),
            output=output,
            until=until,
        ) as pack,
    ):
        _add_consistency(pack, earlier)

        def said(doing: str, done: int) -> None:
            told(f"{log.account}: {doing}", done)

        fill(pack, asked, streams, said, linked)
    return _row(pack, output)


def _streams(log: Log, orders: Sequence[str]) -> list[str]:
    wanted = Wanted(orders)
    streams = wanted.streams(log)
    wanted.refuse_unknown([log.account])
    return streams or []


@contextmanager
def _links(session: Session, log: Log, streams: Sequence[str]) -> Iterator[Linked | None]:
    """What the orders asked for can depend on, looked up; None where everything is read anyway."""
    from projections.links import Links
    from projections.views import open_views

    if not streams:
        yield None
        return
    with closing(open_views(session.workspace.address(log.account), log.account)) as views:
        yield Links(log, views)


def _until(log: Log, known_at: datetime | None) -> int | None:
    """The last entry that had been recorded by a moment."""
    if known_at is None:
        return None
    from ledger.values import instant

    until = log.position_at(instant(known_at))
    if until == 0:
        raise LedgerError(
            "nothing had been recorded by then",
            found=instant(known_at),
            advice=f"The first entry was recorded later; the last one at {log.recorded_at()}.",
        )
    return until


def _add_consistency(pack: Pack, earlier: str | None) -> None:
    """That this log goes on from the one of the export before; the one before is always the same one.

    What was exported of entries that were given up as lost since is no beginning of this log.
    """
    if earlier is not None:
        pack.consistency(earlier)
        return
    before = pack.notary.memory.last_export(pack.position)
    while before is not None and not pack.goes_on_from(before.checkpoint):
        before = pack.notary.memory.last_export(before.checkpoint.size)
    if before is not None:
        pack.consistency(before.checkpoint.note)


def _row(pack: Pack, output: Path) -> ExportRow:
    from hashlib import sha256

    return ExportRow(
        account=pack.account,
        file=str(output),
        entries=pack.counts["entries"],
        originals=pack.counts["originals"],
        files=pack.files,
        complete=pack.complete,
        size=pack.position,
        root=pack.checkpoint.root.hex(),
        origin=pack.notary.origin,
        manifest=sha256(pack.manifest).hexdigest(),
    )


def _answer(row: ExportRow) -> Answer:
    lines = [
        Line(f"Of {row.size:,} entries in the log {row.origin}."),
        Line(f"SHA-256 of the manifest: {row.manifest}"),
    ]
    then = [
        f"Check it, here or anywhere: `returns-ledger verify {row.file}`.",
        "Tell whoever gets it your key by another way: `returns-ledger checkpoint keys`.",
    ]
    return Answer(
        command="export",
        kind=ExportRow,
        rows=[row],
        sections=[Section(rows=[row], columns=COLUMNS[:-1], lines=lines)],
        then=then,
    )
