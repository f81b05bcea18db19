"""Proves that the log, the originals and every view still agree, and says what does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

import click

from cli import checks
from cli.answer import Answer, Column, Line, Row, Section
from cli.checks import NOT_LOOKED_AT, OF_THE_LOG, OPENED, OPENS
from cli.options import accounts_option, shared_options
from cli.output import Progress, progress, show
from cli.questions import Question, question
from cli.session import Session
from ledger.errors import LedgerError, StoreTrouble

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
    advice: list[str] = []

    def of_log(log: Log) -> Iterator[CheckRow]:
        with progress(session, len(MEANING)) as told:
            yield from _checks(log, asked, told, advice)

    def in_trouble(name: str, trouble: StoreTrouble) -> CheckRow:
        advice.append(trouble.advice())
        return _row(name, OPENED, 0, [str(trouble)])

    rows = list(asked.of_each_log(of_log, at_once=True, in_trouble=in_trouble))
    session.count(checks=len(rows), problems=sum(len(row.problems) for row in rows))
    show(session, _answer(rows, asked, advice))
    return 0 if all(row.ok for row in rows) else 1


def _checks(log: Log, asked: Question, told: Progress, advice: list[str]) -> Iterator[CheckRow]:
    done = 0
    notary = asked.session.workspace.notary(log)
    for check in chain(log.verify(os.cpu_count() or 1), notary.checks(log)):
        yield _row(log.account, check.name, check.checked, check.problems)
        done += 1
        told(check.name, done)
    for name, derive in _derived(log, asked):
        told(name, done)
        try:
            checked, problems = derive(log)
        except LedgerError as error:
            checked, problems = 0, [str(error)]
            advice.append(error.advice())
        yield _row(log.account, name, checked, problems)
        done += 1


def _derived(log: Log, asked: Question) -> Iterator[tuple[str, _Derive]]:
    """What is derived from keys and files; an auditor on a server may not read the files."""
    yield "sealed", partial(_sealed, session=asked.session)
    if log.may_read_originals():
        yield "roots", _roots
        yield "identities", _identities
    else:
        asked.session.note(f"{log.account}: {NOT_LOOKED_AT}")
    yield "views", partial(_views, asked=asked)


_Derive = Callable[["Log"], tuple[int, list[str]]]


def _row(account: str, name: str, checked: int, problems: list[str]) -> CheckRow:
    unlisted = len(problems) - PROBLEMS_MAX
    more = [f"and {unlisted:,} more"] if unlisted > 0 else []
    return CheckRow(
        account=account,
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


def _answer(rows: list[CheckRow], asked: Question, advice: Sequence[str]) -> Answer:
    several = len(asked.accounts) > 1
    shown = [_shown(row) for row in rows]
    wrong = [
        Line(_said(row, problem, several=several), "bad", 2)
        for row in rows
        for problem in row.problems
    ]
    sections = [
        Section(rows=shown, columns=[one for one in COLUMNS if several or one.field != "account"])
    ]
    if wrong:
        sections.append(Section(title="What does not agree", lines=wrong, tone="bad"))
        then = [one for one in dict.fromkeys(advice) if one]
        differing = {row.name for row in rows if not row.ok and row.name != OPENED}
        if differing == {"views"}:
            then += ["Only derived tables differ: `returns-ledger rebuild` makes them again."]
        elif differing:
            then += [
                "Keep this store as it is, and restore the last backup that `check` finds whole."
            ]
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


def _said(row: CheckRow, problem: str, *, several: bool) -> str:
    if row.name == OPENED:
        return problem  # it names the account
    return f"{row.account}, {row.name}: {problem}" if several else f"{row.name}: {problem}"


def _shown(row: CheckRow) -> ShownCheck:
    return ShownCheck(
        account=row.account,
        name=row.name,
        ok=row.ok,
        checked=row.checked,
        problems=row.problems,
        meaning=OPENS if row.name == OPENED else MEANING.get(row.name, ""),
    )
