"""Verifies what was handed out, by this ledger or another, or the log itself and all that was signed of it."""

from __future__ import annotations

import base64
import contextlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from cli.answer import Answer, Line, Row, Section
from cli.checks import COLUMNS, NOT_LOOKED_AT, OF_THE_LOG, OPENED, OPENS
from cli.files import read
from cli.options import accounts_option, shared_options
from cli.output import progress, show
from cli.questions import question
from cli.session import Session
from ledger.errors import LedgerError, StoreTrouble

if TYPE_CHECKING:
    from ledger import verify
    from ledger.store import Checkpoint, CheckpointStore, Log


class VerifiedRow(Row, frozen=True, kw_only=True):
    """One check of a file or of an account's log: how many were looked at, and what does not hold."""

    what: str
    """The file, or the account."""
    name: str
    ok: bool
    checked: int
    problems: tuple[str, ...]
    meaning: str


class Home(NamedTuple):
    """An account of this home that has signed something."""

    account: str
    keys: list[str]
    memory: CheckpointStore
    last: Checkpoint


@click.command("verify", short_help="Verify an export, a dossier, a proof, or the log itself.")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--key",
    "trusted",
    metavar="VKEY",
    multiple=True,
    help="A verifier key that you trust; repeatable.",
)
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An earlier checkpoint that the log must continue.",
)
@click.option(
    "--with",
    "second",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The entry of a .tlog-proof, the checkpoint of a log's lines, or consistency.json.",
)
@accounts_option
@shared_options
@click.pass_obj
def command(
    session: Session,
    files: tuple[Path, ...],
    trusted: tuple[str, ...],
    checkpoint: Path | None,
    second: Path | None,
    account: str | None,
) -> int:
    """Verify an export, a log's lines, a dossier, a backup, a proof, or the log itself.

    With FILE it needs no ledger, and does what the verify.py in every pack does; where this home
    knows the log, its keys and its last checkpoint count as given. Without FILE everything is derived
    again from what is stored, and compared with all that was ever signed. Ends 1 where anything is refused.
    """
    if not files:
        return _verify_logs(session, account)
    earlier = None if checkpoint is None else read(checkpoint)
    homes = _homes(session)
    rows: list[VerifiedRow] = []
    sections: list[Section] = []
    for file in files:
        if (file / DATASET).is_file():
            of_dataset = list(_dataset_checks(file, homes))
            rows += of_dataset
            sections.append(_section(str(file), of_dataset, _refusals(of_dataset)))
            continue
        report = _verified(session, _Asked(file, second, trusted, earlier), homes)
        checks = [
            _row(str(file), one.name, one.checked, one.problems, one.meaning)
            for one in report.checks
            if one.checked or one.problems
        ]
        rows += checks
        sections.append(_section(str(file), checks, _said(report)))
    missing = [str(file) for file in files if not file.exists()]
    return _shown(session, rows, sections, missing)


# --- files ------------------------------------------------------------------------------------


class _Asked(NamedTuple):
    """A file, and what was typed with it."""

    file: Path
    second: Path | None
    keys: Sequence[str]
    earlier: bytes | None

    @property
    def is_pack(self) -> bool:
        """True where the keys that it may be signed by are in it."""
        return self.file.is_dir() or zipfile.is_zipfile(self.file)

    def verified(self, keys: Sequence[str], earlier: bytes | None) -> verify.Report:
        """By the same code as everywhere."""
        from ledger import verify

        return verify.verify(self.file, self.second, [*self.keys, *keys], earlier)

    def known_to(self, home: Home) -> list[str]:
        """This home's keys, for a pack those that it tells: it may be older than the newest of them."""
        from ledger import verify

        if not self.is_pack:
            return home.keys
        told: list[str] = []
        with (
            contextlib.suppress(*verify.DAMAGE),
            contextlib.closing(verify.Pack(self.file)) as pack,
        ):
            told = pack.read("keys.txt").decode().splitlines()
        return [key for key in home.keys if key in told] or home.keys


def _verified(session: Session, asked: _Asked, homes: Sequence[Home]) -> verify.Report:
    """The file as a stranger would verify it, and then with what this home knows of its log."""
    every = [] if asked.is_pack else [key for home in homes for key in home.keys]
    report = asked.verified(every, asked.earlier)
    for home in homes:
        if report.about.get("origin") == home.last.origin:
            if asked.is_pack:
                report = asked.verified(asked.known_to(home), asked.earlier)
            if report.ok:
                with report.check("home", "it is of the log that is kept here") as check:
                    check.checked = 1
                    _compare(session, asked, home, report, check)
    return report


def _compare(
    session: Session, asked: _Asked, home: Home, report: verify.Report, check: verify.Check
) -> None:
    """The file's tree is one that was signed here, the log's own at that size, or goes on from it."""
    size, root = report.about["size"], base64.b64decode(report.about["root"])
    signed = [one.checkpoint for one in home.memory.all() if one.checkpoint.size == size]
    if root in [one.root for one in signed]:
        return
    with session.workspace.log(home.account) as log:
        if log.distrusted is None and size <= log.position():
            if log.root_at(size) != root:
                check.found(f"the log that is kept here had another tree of {size:,} entries")
            return
    if size > home.last.size:
        keys = asked.known_to(home)
        for problem in asked.verified(keys, home.last.note.encode()).problems:
            check.found(problem)
    elif signed:
        check.found(f"another tree of {size:,} entries was signed here")
    else:
        report.unchecked.append(
            "whether it is of the log that is kept here, which itself is a fork"
        )


def _homes(session: Session) -> list[Home]:
    """What this home knows; nothing where there is no home, or none that can be opened."""
    from ledger.store import BadNote

    homes = []
    with contextlib.suppress(LedgerError):
        for account in session.workspace.accounts():
            with contextlib.suppress(LedgerError, BadNote):
                memory = session.workspace.checkpoints(account)
                last = memory.last()
                with session.workspace.keystore(account) as keys:
                    told = [key.vkey for key in keys.signing_keys()] if last else []
                if last is not None:
                    homes.append(Home(account, told, memory, last.checkpoint))
    return homes


def _said(report: verify.Report) -> list[Line]:
    """What does not hold, what cannot be known, and whose log it is."""
    if not report.ok:
        return [Line(f"REFUSED: {problem}", "bad", 2) for problem in report.problems]
    about = report.about
    return [
        *(Line(f"not checked: {one}", "faint", 2) for one in report.unchecked),
        Line(f"log: {about['origin']}, {about['size']:,} entries", "faint", 2),
        Line(f"key: {about['key']}", "faint", 2),
    ]


# --- the log itself -----------------------------------------------------------------------------


def _verify_logs(session: Session, account: str | None) -> int:
    rows: list[VerifiedRow] = []
    sections: list[Section] = []
    advice: list[str] = []

    def in_trouble(name: str, trouble: StoreTrouble) -> VerifiedRow:
        advice.append(trouble.advice())
        return _row(name, OPENED, 0, [str(trouble)], OPENS)

    asked = question(session, account, None, None, None)
    found = asked.of_each_log(partial(_checks, session), at_once=True, in_trouble=in_trouble)
    for name, of_it in groupby(found, key=lambda row: row.what):
        checks = list(of_it)
        rows += checks
        sections.append(_section(name, checks, _refusals(checks)))
    return _shown(session, rows, sections, advice=advice)


def _checks(session: Session, log: Log) -> Iterator[VerifiedRow]:
    notary = session.workspace.notary(log)
    with progress(session, len(OF_THE_LOG)) as told:
        for done, one in enumerate(chain(log.verify(os.cpu_count() or 1), notary.checks(log)), 1):
            meaning = OF_THE_LOG.get(one.name, "")
            yield _row(log.account, one.name, one.checked, one.problems, meaning)
            told(one.name, done)
    if not log.may_read_originals():
        session.note(f"{log.account}: {NOT_LOOKED_AT}")


def _refusals(checks: Sequence[VerifiedRow]) -> list[Line]:
    problems = [f"{row.name}: {problem}" for row in checks for problem in row.problems]
    return [Line(f"REFUSED: {problem}", "bad", 2) for problem in problems]


# --- datasets ---------------------------------------------------------------------------------

DATASET: Final = "dataset.json"
"""A folder that holds it is a log as Parquet files."""


def _dataset_checks(folder: Path, homes: Sequence[Home]) -> Iterator[VerifiedRow]:
    """The files of a dataset against its manifest, and its root against what was signed here."""
    from cli.datasets import MEANING
    from cli.exports.extras import needed

    needed("pyarrow", "parquet", "verify")
    from ledger.dataset import Dataset, checks

    dataset = Dataset(folder)
    for one in checks(dataset):
        yield _row(str(folder), one.name, one.checked, one.problems, MEANING[one.name])
    known = dataset.manifest
    for home in homes:
        signed = [
            one.checkpoint.root.hex()
            for one in home.memory.all()
            if one.checkpoint.size == known.position
        ]
        if home.account == known.account and signed:
            problems = (
                [] if known.root in signed else ["another tree of so many entries was signed here"]
            )
            yield _row(str(folder), "home", 1, problems, "it is of the log that is kept here")


# --- the answer ---------------------------------------------------------------------------------


def _row(what: str, name: str, checked: int, problems: Sequence[str], meaning: str) -> VerifiedRow:
    return VerifiedRow(
        what=what,
        name=name,
        ok=not problems,
        checked=checked,
        problems=tuple(problems),
        meaning=meaning,
    )


def _section(what: str, rows: Sequence[VerifiedRow], lines: list[Line]) -> Section:
    refused = not all(row.ok for row in rows)
    title = f"{what}: {'REFUSED' if refused else 'VERIFIED'}"
    tone = "bad" if refused else "good"
    return Section(title=title, rows=rows, columns=COLUMNS, lines=lines, tone=tone)


def _shown(
    session: Session,
    rows: list[VerifiedRow],
    sections: list[Section],
    missing: Sequence[str] = (),
    advice: Sequence[str] = (),
) -> int:
    refused = {row.what for row in rows if not row.ok}
    ok = not refused
    session.count(checks=len(rows), problems=sum(len(row.problems) for row in rows))
    then = ["Everything that can be checked holds."] if ok else list(dict.fromkeys(advice))
    if refused.difference(missing):
        then.append(
            "Do not rely on what is refused: keep it as it is, and ask whoever made it for another."
        )
    then += [f"There is no {path}: check how it is written." for path in missing]
    answer = Answer(
        command="verify", kind=VerifiedRow, rows=rows, key="checks", sections=sections, then=then
    )
    show(session, answer)
    return 0 if ok else 1
