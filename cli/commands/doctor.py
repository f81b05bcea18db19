"""Opens the machine at each stage: what a file is, what its rows tell, what is recorded, what it folds to."""

from __future__ import annotations

import hashlib
import platform
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from cli import VERSION
from cli.answer import Answer, Column, Row, Section
from cli.deliveries import contents, deliveries
from cli.options import (
    InOrder,
    MarketplaceCode,
    NamedPath,
    account_option,
    day_options,
    shared_options,
)
from cli.output import show
from cli.questions import Question, question, stream_of
from cli.session import Session
from cli.summaries import summary
from ledger.case import Case
from ledger.errors import LedgerError, UnknownThing, UnreadableRow
from ledger.reading import latest_told
from ledger.report import Reading, RowTold, identify
from ledger.reports import REPORT_FORMATS
from ledger.rulebook import shipped
from ledger.table import read_table
from ledger.values import instant

if TYPE_CHECKING:
    from ledger.store import Log

LIBRARIES: Final = ("sqlalchemy", "eventsourcing", "msgspec", "click", "rich", "psycopg")


@click.group("doctor", cls=InOrder, invoke_without_command=True)
@shared_options
@click.pass_context
def command(context: click.Context) -> None:
    """Look into the machine: files, rows, entries, cases.

    Alone it says where everything is and which versions are at work. The commands below open one
    stage each.
    """
    if context.invoked_subcommand is None:
        session = context.find_object(Session)
        assert session is not None
        show(session, _surroundings(session))


# --- where everything is ----------------------------------------------------------------------


class SettingRow(Row, frozen=True, kw_only=True):
    """One thing that the program found or was told."""

    name: str
    value: str


def _surroundings(session: Session) -> Answer:
    from importlib.metadata import version

    workspace = session.workspace
    try:
        accounts = ", ".join(workspace.accounts()) or "none yet"
    except LedgerError as error:
        accounts = str(error)
    told = {
        "returns-ledger": VERSION,
        "home": str(workspace.home),
        "store": _without_password(workspace.store) if workspace.store else "SQLite in the home",
        "accounts": accounts,
        "today (UTC)": workspace.today().isoformat(),
        "rulebook": f"{shipped().digest[:12]} ({len(shipped().rules)} rules)",
        "report formats": str(len(REPORT_FORMATS)),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{library: version(library) for library in LIBRARIES},
    }
    rows = [SettingRow(name=name, value=value) for name, value in told.items()]
    return _answer(
        "doctor",
        SettingRow,
        rows,
        [Column("name", "what"), Column("value", "value")],
        "Prove that the ledger is whole: `returns-ledger check`.",
    )


def _without_password(url: str) -> str:
    """Scheme, host and database; whoever reads a bug report shall not read a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def _answer(
    name: str, kind: type[Row], rows: list[Any], columns: list[Column], *then: str
) -> Answer:
    return Answer(
        command=name,
        kind=kind,
        rows=rows,
        sections=[Section(rows=rows, columns=columns)],
        then=then,
    )


# --- formats ----------------------------------------------------------------------------------


class FormatRow(Row, frozen=True, kw_only=True):
    """A report that can be read."""

    report_format: str
    title: str
    amazon_type: str
    download: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    sealed: tuple[str, ...]
    """Personal: kept and told only under the order's key."""
    ignored: tuple[str, ...]


@command.command("formats", short_help="The reports that can be read, and their columns.")
@shared_options
@click.pass_obj
def formats(session: Session) -> None:
    """List the reports that can be read, their columns, and where to download them."""
    rows = [
        FormatRow(
            report_format=form.name,
            title=form.title,
            amazon_type=form.amazon_type,
            download=form.download,
            required=tuple(c.name for c in form.columns if c.required),
            optional=tuple(
                c.name for c in form.columns if not (c.required or c.ignored or c.personal)
            ),
            sealed=tuple(c.name for c in form.columns if c.personal),
            ignored=tuple(c.name for c in form.columns if c.ignored),
        )
        for form in REPORT_FORMATS
    ]
    columns = [
        Column("report_format", "report"),
        Column("title", "called", rank=2),
        Column("required", "columns it must have", wraps=True),
        Column("sealed", "kept sealed", rank=1, wraps=True),
        Column("ignored", "never read", rank=1, wraps=True),
    ]
    then = "See which of them a file is: `returns-ledger doctor identify FILE`."
    show(session, _answer("doctor-formats", FormatRow, rows, columns, then))


# --- identify ---------------------------------------------------------------------------------


class FileRow(Row, frozen=True, kw_only=True):
    """What a file turned out to be, or why it is nothing that can be read."""

    file: str
    digest: str
    size: int
    report_format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    columns: int | None = None
    unknown_columns: tuple[str, ...] = ()
    error: str | None = None


@command.command("identify", short_help="What a file is, and how that is known.")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=NamedPath())
@shared_options
@click.pass_obj
def identify_files(session: Session, paths: tuple[Path, ...]) -> int:
    """Say what files are: their report, encoding and columns. Nothing is recorded."""
    rows = [_identified(name, data) for name, data in _contents(session, paths)]
    columns = [
        Column("file", "file"),
        Column("report_format", "report"),
        Column("encoding", "encoding", rank=2),
        Column("delimiter", "cells apart by", rank=3),
        Column("columns", "columns", right=True, rank=2),
        Column("unknown_columns", "not known", rank=4, wraps=True),
        Column("error", "not read", wraps=True),
    ]
    then = "See what its rows tell: `returns-ledger doctor rows FILE`."
    show(session, _answer("doctor-identify", FileRow, rows, columns, then))
    return 1 if any(row.error for row in rows) else 0


def _contents(session: Session, paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for delivery in deliveries(session, paths):
        for name, data in contents(delivery):
            yield name, data if isinstance(data, bytes) else data.read_bytes()


def _identified(name: str, data: bytes) -> FileRow:
    known = {"file": name, "digest": hashlib.sha256(data).hexdigest(), "size": len(data)}
    try:
        table = read_table(data, name)
        form = identify(table, REPORT_FORMATS)
    except LedgerError as error:
        return msgspec.convert({**known, "error": str(error)}, FileRow)
    return msgspec.convert(
        {
            **known,
            "report_format": form.name,
            "encoding": table.encoding,
            "delimiter": {"\t": "tab", ",": "comma", ";": "semicolon"}[table.delimiter],
            "columns": len(table.header),
            "unknown_columns": form.unexpected(table),
        },
        FileRow,
    )


# --- rows -------------------------------------------------------------------------------------


class ToldRow(Row, frozen=True, kw_only=True):
    """What one row of a file tells, or why it cannot be read."""

    file: str
    row: int | None
    stream: str | None = None
    key: str | None = None
    """The name under which the thing is known; the same in every download."""
    events: tuple[str, ...] = ()
    summary: str | None = None
    occurred_at: str | None = None
    error: str | None = None


@command.command("rows", short_help="What each row of a file tells.")
@click.argument("file", type=NamedPath())
@click.option("--marketplace", type=MarketplaceCode(), help="As `import` would be told.")
@click.option("--refused", is_flag=True, help="Only rows that cannot be read.")
@shared_options
@click.pass_obj
def rows(session: Session, file: Path, marketplace: str | None, refused: bool) -> int:
    """Say what each row of a file tells, or why it cannot be read. Nothing is recorded."""
    latest = latest_told(instant(session.clock()))
    told = [
        row
        for name, data in _contents(session, [file])
        for row in _told(name, data, marketplace, latest)
        if row.error or not refused
    ]
    columns = [
        Column("row", "row", right=True),
        Column("stream", "stream"),
        Column("occurred_at", "happened", rank=1),
        Column("summary", "tells", wraps=True),
        Column("error", "cannot be read", wraps=True),
    ]
    then = "Record it: `returns-ledger import FILE`; with --keep-going, without what is refused."
    show(session, _answer("doctor-rows", ToldRow, told, columns, then))
    return 1 if any(row.error for row in told) else 0


def _told(name: str, data: bytes, marketplace: str | None, latest: str) -> Iterator[ToldRow]:
    table = read_table(data, name, marketplace)
    form = identify(table, REPORT_FORMATS)
    reading = Reading(file=name, marketplace=marketplace, latest=latest)
    for fact in form.read(table, reading):
        if isinstance(fact, UnreadableRow):
            yield ToldRow(file=name, row=fact.row, error=str(fact))
        else:
            yield _of_row(name, fact)


def _of_row(name: str, told: RowTold) -> ToldRow:
    return ToldRow(
        file=name,
        row=told.rows[0],
        stream=told.stream,
        key=told.keys[0],
        events=tuple(type(part.event).__name__ for part in told.parts),
        summary=" ".join(summary(part.event) for part in told.parts),
        occurred_at=told.parts[0].occurred_at,
    )


# --- entries ----------------------------------------------------------------------------------


class EntryRow(Row, frozen=True, kw_only=True):
    """An entry as it is kept: its canonical line, and the leaf hash over that line."""

    position: int
    stream: str
    version: int
    topic: str
    recorded_at: str
    leaf: str
    line: str


class _Line(msgspec.Struct, frozen=True):
    """What a canonical line says of itself."""

    position: int
    stream: str
    version: int
    topic: str
    recorded_at: str


@command.command("entries", short_help="Entries as they are kept: canonical line and leaf hash.")
@click.argument("stream", required=False)
@click.option("--position", type=click.IntRange(min=1), help="The one entry there, or the first.")
@click.option("--limit", type=click.IntRange(min=1), default=100, help="How many at most: 100.")
@account_option
@shared_options
@click.pass_obj
def entries(
    session: Session, stream: str | None, position: int | None, limit: int, account: str | None
) -> None:
    """Show entries as they are kept: the canonical line, and the hash that anybody can check.

    STREAM is order/..., stock/..., removal/... or account; without one, the log as a whole. The
    leaf is sha256 of a zero byte and the line.
    """
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        found = [_entry(line) for line in islice(_lines(log, stream, position), limit)]
    columns = [
        Column("position", "entry", right=True),
        Column("stream", "stream"),
        Column("version", "version", right=True, rank=3),
        Column("topic", "kind"),
        Column("recorded_at", "recorded", rank=2),
        Column("leaf", "leaf hash", rank=1),
    ]
    then = "The lines themselves: --format ndjson. What a stream folds to: `doctor replay STREAM`."
    show(session, _answer("doctor-entries", EntryRow, found, columns, then))


def _lines(log: Log, stream: str | None, position: int | None) -> Iterator[bytes]:
    if stream is None:
        lines = log.raw_lines(after=position - 1 if position else 0)
        yield from islice(lines, 1 if position else None)
        return
    known = _known_stream(log, stream)
    for entry in log.entries(known, after=position - 1 if position else 0):
        assert entry.position is not None
        yield next(log.raw_lines(after=entry.position - 1))


def _known_stream(log: Log, name: str) -> str:
    stream = stream_of(log, name)
    if stream is None:
        raise UnknownThing(
            f"there is no such stream in {log.account}",
            found=name,
            advice="Streams are order/ID, stock/FNSKU, removal/ID and account.",
        )
    return stream


def _entry(line: bytes) -> EntryRow:
    from ledger.store import leaf_hash

    told = msgspec.json.decode(line, type=_Line)
    return EntryRow(
        position=told.position,
        stream=told.stream,
        version=told.version,
        topic=told.topic,
        recorded_at=told.recorded_at,
        leaf=leaf_hash(line).hex(),
        line=line.decode(),
    )


# --- replay -----------------------------------------------------------------------------------


class ReplayRow(Row, frozen=True, kw_only=True):
    """One thing that the case knows on that day."""

    field: str
    value: Any


@command.command("replay", short_help="What a stream folds to on a day.")
@click.argument("stream")
@account_option
@day_options
@shared_options
@click.pass_obj
def replay(
    session: Session,
    stream: str,
    account: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Fold a stream's entries into the case that policies and views see, and show all of it."""
    asked = question(session, session.workspace.one(account), None, as_of, known_at)
    found = list(
        asked.of_each_log(
            lambda log: _case_rows(asked.recall(log).case(_known_stream(log, stream)))
        )
    )
    show(session, _replayed(found, asked))


def _case_rows(case: Case) -> Iterator[ReplayRow]:
    """Every field of the case that says something; of lists and mappings each item."""
    for field, value in vars(case).items():
        if field in ("kind", "name", "refs", "latest") or value in (None, "", [], {}):
            continue
        items: Iterable[Any] = (
            value
            if isinstance(value, list)
            else [{key: item} for key, item in value.items()]
            if isinstance(value, dict)
            else [value]
        )
        for item in items:
            yield ReplayRow(field=field, value=msgspec.to_builtins(item))


def _replayed(found: list[ReplayRow], asked: Question) -> Answer:
    columns = [Column("field", "field"), Column("value", "value", wraps=True)]
    return Answer(
        command="doctor-replay",
        kind=ReplayRow,
        rows=found,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[Section(rows=found, columns=columns)],
        then=["See it in words: `returns-ledger story STREAM`."],
    )
