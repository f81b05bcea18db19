"""Walks through an invented seller's reports: import, audit, one finding explained, one order's story."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from cli.answer import Answer, Column, Line, Row, Section
from cli.answer_key import Key, KeyRow, compared
from cli.demo import ANSWER_KEY, REPORTS
from cli.findings import row_of
from cli.options import shared_options
from cli.output import show
from cli.session import Session
from ledger.errors import LedgerError
from ledger.policy import Finding

ACCOUNT: Final = "demo"
SHOWN: Final = "return_missing"
"""The kind of claim that the walk explains."""
COLUMNS: Final = (
    Column("case", "planted case"),
    Column("claim_type", "claim", rank=2),
    Column("order_id", "order", rank=3),
    Column("expected", "expected"),
    Column("found", "found"),
    Column("match", "match"),
    Column("differs", "differs", wraps=True),
)


@click.command("demo", short_help="See it all on an invented seller's reports, offline.")
@click.option(
    "--answer-key", is_flag=True, help="Compare the audit with the planted truth instead."
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Make the demo's home here and leave it, to go on by yourself.",
)
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Copy the invented seller's reports here instead, to import them yourself.",
)
@shared_options
@click.pass_context
def command(
    context: click.Context, answer_key: bool, keep: Path | None, reports: Path | None
) -> int:
    """See it all on an invented seller's reports, offline.

    The reports ship with the program, in Amazon's own formats, with faults planted in them. Your
    own ledgers are not touched.
    """
    session = context.find_object(Session)
    assert session is not None
    if reports is not None:
        show(session, _copied(reports))
        return 0
    key = msgspec.json.decode(ANSWER_KEY.read_bytes(), type=Key)
    with _home(keep) as home:
        demo = Session(
            home=home, format=session.format, verbosity=session.verbosity, clock=session.clock
        )
        stage = Stage(context, demo, key)
        if answer_key:
            return stage.answer_key(session)
        stage.walk(kept=keep is not None)
    return 0


class CopiedRow(Row, frozen=True, kw_only=True):
    """One of the invented seller's reports."""

    file: str
    size: int


def _copied(folder: Path) -> Answer:
    """The reports, in a folder where they can be looked at and imported."""
    _refuse_used(folder)
    try:
        shutil.copytree(REPORTS, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    except OSError as error:
        raise LedgerError(
            f"the reports cannot be copied: {error.strerror}",
            file=str(folder),
            advice="Name a folder that you may write to.",
        ) from error
    files = sorted(path for path in folder.iterdir() if path.is_file())
    then = (
        f"{len(files)} files of an invented seller are in {folder}. "
        f"Import them: `returns-ledger import {folder} --marketplace US`."
    )
    return Answer(
        command="demo-reports",
        kind=CopiedRow,
        rows=[CopiedRow(file=str(path), size=path.stat().st_size) for path in files],
        then=[then],
    )


def _refuse_used(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise LedgerError(
            "the folder is not empty, and a demo shall not mix with anything",
            file=str(folder),
            advice="Name a folder that does not exist yet.",
        )


@contextlib.contextmanager
def _home(keep: Path | None) -> Iterator[Path]:
    """The folder kept, which must hold nothing yet, or one that is gone afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="returns-ledger-demo-") as folder:
            yield Path(folder) / "home"
        return
    _refuse_used(keep)
    yield keep.absolute()


class Stage:
    """The demo's own home, in which the commands themselves are run."""

    def __init__(self, context: click.Context, session: Session, key: Key) -> None:
        program = context.find_root().command
        assert isinstance(program, click.Group)
        self._program = program
        self._context = context
        self._session = session
        self._key = key

    def walk(self, *, kept: bool) -> None:
        """Import, audit, explain, story: what a first evening with the program is."""
        self._session.format = "table"
        day = self._key.as_of.isoformat()
        self._say(
            f"{self._key.seller} is an invented seller on Amazon.com. These are the reports of its",
            "last half year, as Amazon delivers them. They go into a ledger that is made for this demo.",
        )
        self._type("import", str(REPORTS), "--marketplace", self._key.marketplace, shown="REPORTS")
        self._say(f"It is {day}. What does Amazon owe, and until when may it be claimed?")
        self._type("audit", "--as-of", day, "--verdict", "ready", "--verdict", "underpaid")
        finding, order = self._one_finding()
        self._say("How does it know? Every test names the row of the file that decided it.")
        self._type("explain", finding, "--as-of", day)
        self._say("And everything that was ever recorded of that order:")
        self._type("story", order)
        self._say(*self._farewell(kept=kept))

    def answer_key(self, session: Session) -> int:
        """Compare what the audit finds with what was planted; 1 where anything differs."""
        self._import_quietly()
        rows = compared(self._key, [row_of(ACCOUNT, one) for one in self._findings()])
        wrong = sum(not row.match for row in rows)
        then = f"{len(rows) - wrong:,} of {len(rows):,} cases are found as planted."
        show(
            session,
            Answer(
                command="demo",
                kind=KeyRow,
                rows=rows,
                as_of=self._key.as_of,
                sections=[Section(rows=rows, columns=COLUMNS)],
                then=[then],
            ),
        )
        return 1 if wrong else 0

    def _one_finding(self) -> tuple[str, str]:
        """A claim worth showing: the missing return that runs out first."""
        ready = [
            finding
            for finding in self._findings()
            if (finding.claim_type, finding.verdict) == (SHOWN, "ready") and finding.order_id
        ]
        first = min(ready, key=lambda one: (str(one.window_closes), one.finding_id))
        return first.finding_id, str(first.order_id)

    def _findings(self) -> list[Finding]:
        from ledger.judging import audit
        from ledger.recall import Recall

        with self._session.workspace.log(ACCOUNT) as log:
            return list(audit(Recall(log, self._key.as_of)))

    def _type(self, name: str, *arguments: str, shown: str | None = None) -> None:
        """Show a command line and run it."""
        words = [shown if shown and one == str(REPORTS) else one for one in arguments]
        self._print(Line(f"$ returns-ledger {' '.join((name, *words))}", "strong"))
        self._run(name, *arguments)

    def _import_quietly(self) -> None:
        self._session.verbosity = -1
        with contextlib.redirect_stdout(io.StringIO()):
            self._run("import", str(REPORTS), "--marketplace", self._key.marketplace)

    def _run(self, name: str, *arguments: str) -> None:
        """Run the command itself, not the program: no setting of the user's reaches it that way."""
        command = self._program.get_command(self._context, name)
        assert command is not None
        command.main(
            [*arguments, "--account", ACCOUNT],
            prog_name=f"returns-ledger {name}",
            standalone_mode=False,
            obj=self._session,
        )

    def _say(self, *words: str) -> None:
        self._print(Line(""), *(Line(text) for text in words))

    def _print(self, *lines: Line) -> None:
        said = Answer(command="demo", kind=Row, rows=(), sections=[Section(lines=lines)], empty="")
        show(self._session, said)

    def _farewell(self, *, kept: bool) -> Sequence[str]:
        home = str(self._session.home)
        own = "With your own reports: returns-ledger import FOLDER --marketplace US"
        if kept:
            return (
                f"This ledger stays in {home}. Go on with it:",
                f"  returns-ledger --home {home} audit --as-of {self._key.as_of}",
                f"  returns-ledger --home {home} liability --by month",
                own,
            )
        return (
            "Nothing of this is left behind. To go on with it: returns-ledger demo --keep DIR",
            "What was planted, and was it found: returns-ledger demo --answer-key",
            own,
        )
