"""Proves that the log, the originals and every view still agree, and says what does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

import click

from cli import checks
from cli.answer import Answer, Column, Line, Row, Section
from cli.checks import NOT_LOOKED_AT, OF_THE_LOG
from cli.options import accounts_option, shared_options
from cli.output import Progress, progress, show
from cli.questions import Question, question
from cli.session import Session
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.store import Log

PROBLEMS_MAX: Final = 100
"""As many problems as one check lists; the rest are counted."""


class CheckRow(Row, frozen=True, kw_only=True):
    """One check: how many things were looked at, and what did not agree."""

    account: str
    name: str
    ok: bool
    checked: int
    problems: tuple[str, ...]


COLUMNS: Final = (Column("account", "account"), *checks.COLUMNS)
MEANING: Final = {
    **OF_THE_LOG,
    "sealed": "every data key opens, and what was erased has none",
    "roots": "every import's file is kept, with the lines it was imported with",
    "identities": "telling every file again would record nothing",
    "views": "every live table equals one made anew from the log",
}


class ShownCheck(CheckRow, frozen=True, kw_only=True):
    """A check with what it proves, for a person."""

    meaning: str


@click.command("check", short_help="Prove that log, originals and views still agree.")
@accounts_option
@shared_options
@click.pass_obj
def command(session: Session, account: str | None) -> int:
    """Prove that log, originals and views still agree.

    Everything is derived again from what is stored. Ends 1 where something does not agree.
    """
    asked = question(session, account, None, None, None)
    rows: list[CheckRow] = []
    for log in asked.logs():
        with progress(session, len(MEANING)) as told:
            rows += _checks(log, asked, told)
    session.count(checks=len(rows), problems=sum(len(row.problems) for row in rows))
    show(session, _answer(rows, asked))
    return 0 if all(row.ok for row in rows) else 1


def _checks(log: Log, asked: Question, told: Progress) -> Iterator[CheckRow]:
    done = 0
    notary = asked.session.workspace.notary(log)
    for check in chain(log.verify(os.cpu_count() or 1), notary.checks(log)):
        yield _row(log, check.name, check.checked, check.problems)
        done += 1
        told(check.name, done)
    for name, derive in _derived(log, asked.session):
        told(name, done)
        try:
            checked, problems = derive(log)
        except LedgerError as error:
            checked, problems = 0, [str(error)]
        yield _row(log, name, checked, problems)
        done += 1
    told("views", done)
    yield _row(log, "views", *_views(log, asked))


def _derived(log: Log, session: Session) -> Iterator[tuple[str, _Derive]]:
    """What is derived from keys and files; an auditor on a server may not read the files."""
    yield "sealed", partial(_sealed, session=session)
    if log.may_read_originals():
        yield "roots", _roots
        yield "identities", _identities
    else:
        session.note(f"{log.account}: {NOT_LOOKED_AT}")


_Derive = Callable[["Log"], tuple[int, list[str]]]


def _row(log: Log, name: str, checked: int, problems: list[str]) -> CheckRow:
    unlisted = len(problems) - PROBLEMS_MAX
    more = [f"and {unlisted:,} more"] if unlisted > 0 else []
    return CheckRow(
        account=log.account,
        name=name,
        ok=not problems,
        checked=checked,
        problems=(*problems[:PROBLEMS_MAX], *more),
    )


def _sealed(log: Log, session: Session) -> tuple[int, list[str]]:
    """Each data key unwraps by the master key; whom the log says to be erased has none."""
    from ledger.erasing import risen

    with session.workspace.keystore(log.account) as keys:
        checked = keys.try_keys()
        problems = [
            f"{subject} was erased, and its key is there again: an older keys.db was put back; erase it again"
            for subject in risen(log, keys)
        ]
    return checked, problems


def _roots(log: Log) -> tuple[int, list[str]]:
    """Each import entry names a file that is kept, and the root over that file's lines."""
    from ledger.importing import imports_of
    from ledger.store import root_of_lines

    problems = []
    imports = imports_of(log)
    for known in imports:
        if not log.has_original(known.digest):
            problems.append(f"{known.file}: the original {known.digest} is not kept")
            continue
        try:
            root = root_of_lines(log.kept(known.digest)).hex()
        except LedgerError as error:
            problems.append(f"{known.file}: {error}")
            continue
        if root != known.root:
            problems.append(f"{known.file}: its lines do not make the root {known.root}")
    return len(imports), problems


def _identities(log: Log) -> tuple[int, list[str]]:
    """Each file that was imported, told again as it was told then, has nothing new to say."""
    from ledger.importing import Statement, import_file, imports_of
    from ledger.sealing import readable

    problems = []
    rows = 0
    for known in {known.digest: known for known in imports_of(log)}.values():
        statement = Statement(
            actor="check",
            command_id="check",
            marketplace=known.marketplace,
            told_at=known.told_at,
            # Another period than was stated: else the file is known by its digest and not read.
            period=(date.min, date.min),
            keep_going=True,
            dry_run=True,
        )
        data = readable(log, known.digest)
        if data is None:  # sealed whole, and its key is gone or elsewhere
            continue
        again = import_file(log, data, known.file, statement, kept_as=known.digest)
        rows += again.rows
        if again.new or again.revised:
            problems.append(f"{known.file}: {again.new} rows are new, {again.revised} are revised")
    return rows, problems


def _views(log: Log, asked: Question) -> tuple[int, list[str]]:
    """Each table that was ever filled, compared with what the log amounts to where it stands."""
    from projections import PROJECTIONS
    from projections.catching_up import rebuild
    from projections.views import open_views

    with closing(open_views(asked.session.workspace.address(log.account), log.account)) as views:
        standing = views.standings()
        filled = [one for one in PROJECTIONS if one.name in standing]
        rebuilt = rebuild(asked.recall(log), views, verify=True, only=filled) if filled else []
    problems = [
        f"{one.name} is not what the log amounts to: run `returns-ledger rebuild`"
        for one in rebuilt
        if not one.equal
    ]
    return sum(one.rows for one in rebuilt), problems


def _answer(rows: list[CheckRow], asked: Question) -> Answer:
    several = len(asked.accounts) > 1
    shown = [_shown(row) for row in rows]
    wrong = [Line(f"{row.name}: {problem}", "bad", 2) for row in rows for problem in row.problems]
    sections = [
        Section(rows=shown, columns=[one for one in COLUMNS if several or one.field != "account"])
    ]
    if wrong:
        sections.append(Section(title="What does not agree", lines=wrong, tone="bad"))
        then = ["Keep this store as it is, and restore the last backup that `check` finds whole."]
        if all(row.ok or row.name == "views" for row in rows):
            then = ["Only derived tables differ: `returns-ledger rebuild` makes them again."]
    else:
        then = ["All of it agrees. Nothing needs to be done."]
    return Answer(
        command="check",
        kind=CheckRow,
        rows=rows,
        key="checks",
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=sections,
        then=then,
    )


def _shown(row: CheckRow) -> ShownCheck:
    return ShownCheck(
        account=row.account,
        name=row.name,
        ok=row.ok,
        checked=row.checked,
        problems=row.problems,
        meaning=MEANING.get(row.name, ""),
    )
