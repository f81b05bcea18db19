"""Records many commands of the desk at once: one JSON object a line, each recorded once however often it is sent."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Column, Row, Section
from cli.options import account_option, shared_options
from cli.output import show
from cli.session import Session
from ledger.errors import LedgerError, UnreadableFile

if TYPE_CHECKING:
    from cli.desk.lines import Filled, Unread
    from ledger.deciding import Account
    from ledger.store import Log


class BatchRow(Row, frozen=True, kw_only=True):
    """What became of one line."""

    line: int
    id: str | None
    command: str | None
    state: str
    """`recorded`, `repeated`, `rehearsed`, `refused`; `left` where it was not tried."""
    position: int | None = None
    stream: str | None = None
    event: str | None = None
    summary: str | None = None
    name: str | None = None
    """Of the refund, claim or message; the SHA-256 of a file."""
    cautions: tuple[str, ...] = ()
    error: str | None = None
    advice: str | None = None

    @property
    def what(self) -> str:
        """What was recorded, or why not."""
        known = f"To be known: {'; '.join(self.cautions)}." if self.cautions else None
        return " ".join(filter(None, (self.summary or self.error, known)))


COLUMNS: Final = (
    Column("line", "line", right=True),
    Column("state", "state"),
    Column("position", "entry", right=True),
    Column("command", "command", rank=2),
    Column("what", "what", wraps=True),
    Column("name", "name", rank=1),
)


@click.command("batch", short_help="Record many commands at once, one JSON object a line.")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--keep-going", is_flag=True, help="Record what can be, whatever is refused.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded, and change nothing.")
@account_option
@shared_options
@click.pass_obj
def command(
    session: Session, file: Path, keep_going: bool, dry_run: bool, account: str | None
) -> int:
    """Record many commands at once, one JSON object a line.

    A line is {"command": "return grade", "order": "302-...", "id": "...", ...}: the fields are
    those of the command's options, with `_` for `-`. Every line is read before the first is
    recorded. Each is recorded once under its id, so that a batch may be sent again. FILE may be
    `-` for standard input.
    """
    from cli.desk.lines import Unread, lines_of

    lines = list(lines_of(_text(file), _named(file)))
    unread = [line for line in lines if isinstance(line, Unread)]
    session.failures += _each_once(line.problems for line in unread)
    if unread and not keep_going:
        rows = [_unread(one) if isinstance(one, Unread) else _left(one) for one in lines]
    else:
        rows = list(_tried(session, lines, _named(file), account, keep_going, dry_run))
    session.count(recorded=sum(row.state == "recorded" for row in rows))
    show(session, _answer(rows, dry_run=dry_run))
    return 1 if any(row.state == "refused" for row in rows) else 0


def _tried(
    session: Session,
    lines: Sequence[Filled | Unread],
    file: str,
    account: str | None,
    keep_going: bool,
    dry_run: bool,
) -> Iterator[BatchRow]:
    from cli.desk.lines import Unread
    from ledger.deciding import Account

    stopped = False
    with _opened(session, lines, account, dry_run=dry_run) as log:
        own = Account(log)
        for line in lines:
            if isinstance(line, Unread):
                yield _unread(line)
            elif stopped:
                yield _left(line)
            else:
                row = _recorded(session, log, own, line, file, dry_run=dry_run)
                stopped = row.state == "refused" and not keep_going
                yield row


@contextlib.contextmanager
def _opened(
    session: Session, lines: Sequence[Filled | Unread], account: str | None, *, dry_run: bool
) -> Iterator[Log]:
    """The account's log; a log to try things on where nothing is to be kept."""
    from cli.desk.answering import account_for, opened
    from cli.desk.lines import Filled
    from cli.desk.rehearsing import Rehearsal

    begins = any(isinstance(line, Filled) and line.form.begins for line in lines)
    name = account_for(session, account, begins=begins)
    with opened(session, name, begins=begins, dry_run=dry_run) as log:
        yield Rehearsal(log) if dry_run else log


def _recorded(
    session: Session, log: Log, own: Account, line: Filled, file: str, *, dry_run: bool
) -> BatchRow:
    from cli.desk.answering import rows_of, sending_of
    from cli.desk.recording import record

    try:
        sending = sending_of(session, line.command, line.values)
        recorded = record(log, line.form, line.values, sending, dry_run=False, account=own)
    except (LedgerError, click.UsageError) as error:
        return _refused(session, line, file, error)
    deed = rows_of(log.account, line.command, recorded, dry_run=dry_run)[-1]
    return BatchRow(
        line=line.number,
        id=line.values["id"],
        command=line.command,
        state=deed.state,
        position=deed.position,
        stream=deed.stream,
        event=deed.event,
        summary=deed.summary,
        name=deed.name,
        cautions=deed.cautions,
    )


def _refused(
    session: Session, line: Filled, file: str, error: LedgerError | click.UsageError
) -> BatchRow:
    from cli.desk.lines import shown

    if isinstance(error, click.UsageError):
        error = LedgerError(error.message, advice="Put the line right and send the batch again.")
    error.file, error.row = error.file or file, line.number
    error.found = None if error.found is None else shown(error.found)
    session.failures.append(error)
    return BatchRow(
        line=line.number,
        id=line.values["id"],
        command=line.command,
        state="refused",
        error=error.message,
        advice=error.advice() or None,
    )


def _each_once(problems: Iterable[Sequence[LedgerError]]) -> list[LedgerError]:
    """Each trouble where it is met first, and in how many more lines it is; the rows tell of every line."""
    alike: dict[tuple[str, str | None], list[LedgerError]] = {}
    for problem in chain.from_iterable(problems):
        alike.setdefault((problem.message, problem.column), []).append(problem)
    return [_of_many(first, len(more)) for first, *more in alike.values()]


def _of_many(problem: LedgerError, more: int) -> LedgerError:
    told = copy(problem)
    if more:
        told.message += f", as in {more:,} more line{'s' if more > 1 else ''}"
    return told


def _unread(line: Unread) -> BatchRow:
    problems = [
        f"{problem.column}: {problem.message}" if problem.column else problem.message
        for problem in line.problems
    ]
    return BatchRow(
        line=line.number,
        id=line.command_id,
        command=line.command,
        state="refused",
        error="; ".join(problems),
        advice=line.problems[0].advice() or None,
    )


def _left(line: Filled) -> BatchRow:
    return BatchRow(line=line.number, id=line.values["id"], command=line.command, state="left")


def _named(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _text(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(
            f"it cannot be read: {error.strerror}",
            file=_named(file),
            advice="Name a file of JSON lines, or `-` for standard input.",
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            "it is not UTF-8", file=_named(file), advice="Save the file as UTF-8."
        ) from error


def _answer(rows: Sequence[BatchRow], *, dry_run: bool) -> Answer:
    refused = any(row.state == "refused" for row in rows)
    if refused:
        then = [
            "Put the refused lines right, and send the whole batch again: what is recorded stays."
        ]
    elif dry_run:
        then = ["Record it: the same command without --dry-run."]
    else:
        then = ["What is due now: `returns-ledger due`."]
    return Answer(
        command="batch",
        kind=BatchRow,
        rows=rows,
        sections=[Section(rows=rows, columns=COLUMNS)],
        empty="The batch holds no line.",
        then=then,
    )
