"""Writes a text for the buyer, the carrier or Amazon from what the ledger knows; it sends nothing."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem

from cli.answer import Answer, Column, Line, Row, Section
from cli.options import InOrder, question_options, shared_options
from cli.output import show
from cli.questions import Wanted, question
from cli.session import Session
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from cli.drafting import Template, Written
    from cli.questions import Question
    from ledger.store import Log

LANGS: Final = ("en", "sv", "de")
READER: Final = {"buyer": "the buyer", "amazon": "Amazon", "carrier": "the carrier"}


class Kind(click.ParamType[str]):
    """A kind of text; those that come with the program complete on TAB."""

    name = "kind"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from cli.drafting import shipped_kinds

        return [CompletionItem(kind) for kind in shipped_kinds() if kind.startswith(incomplete)]


class KindRow(Row, frozen=True, kw_only=True):
    """One kind of text: who reads it and when it is used."""

    kind: str
    audience: str
    about: str
    own: bool
    """True where the seller has a template of their own for it."""


class DraftRow(Row, frozen=True, kw_only=True):
    """A text with its facts filled in."""

    kind: str
    lang: str
    audience: str
    account: str
    subject: str
    body: str
    characters: int
    limit: int
    left_out: tuple[str, ...]
    cautions: tuple[str, ...]


@click.group(
    "draft",
    cls=InOrder,
    short_help="Write a text for the buyer, the carrier or Amazon; send nothing.",
)
def command() -> None:
    """Write a text for the buyer, the carrier or Amazon; send nothing.

    A text says what the ledger knows and nothing else. The templates are data: `draft copy` writes one
    to your home folder, where you can edit it.
    """


@command.command("list", short_help="List the kinds of text there are.")
@shared_options
@click.pass_obj
def list_kinds(session: Session) -> None:
    """List the kinds of text there are."""
    from cli.drafting import shipped_kinds, template

    own = _own(session)
    rows = []
    for kind in shipped_kinds():
        found = template(kind, own)
        has_own = (own / f"{kind}.toml").is_file()
        rows.append(KindRow(kind=kind, audience=found.audience, about=found.about, own=has_own))
    columns = (
        Column("kind", "kind"),
        Column("audience", "for"),
        Column("about", "when", wraps=True),
    )
    then = ["Write one: `returns-ledger draft write KIND ORDER --lang en|sv|de`."]
    sections = [Section(rows=rows, columns=columns)]
    show(session, Answer(command="draft", kind=KindRow, rows=rows, sections=sections, then=then))


@command.command("write", short_help="Write a text about an order, an FNSKU or a removal.")
@click.argument("kind", type=Kind())
@click.argument("thing", metavar="ORDER")
@click.option("--lang", type=click.Choice(LANGS), default="en", help="The language of the text.")
@click.option("--finding", metavar="ID", help="The claim that is meant; else the first that fits.")
@click.option("--refund", metavar="ID", help="The refund that is meant; else the last.")
@click.option("--claim", metavar="NAME", help="The claim filed that is meant; else the last.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the text to a file instead.",
)
@question_options
@click.pass_obj
def write_text(
    session: Session,
    kind: str,
    thing: str,
    lang: str,
    finding: str | None,
    refund: str | None,
    claim: str | None,
    output: Path | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """Write a text about an order, an FNSKU or a removal.

    It is refused where it would have to say what the ledger does not know. Ends 3 where something speaks
    against sending it.
    """
    from cli.drafting import template

    found = template(kind, _own(session))
    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted([thing])
    named = {"finding": finding, "refund": refund, "claim": claim}
    rows = list(
        asked.of_each_log(
            lambda log: [
                _row(log.account, _written(asked, log, stream, (kind, found), lang, named))
                for stream in wanted.streams(log) or ()
            ]
        )
    )
    wanted.refuse_unknown(asked.looked_in)
    for row in rows:
        for caution in row.cautions:
            session.note(f"caution: {caution}")
    if output is not None:
        _save(output, rows)
        session.note(f"{output}: {len(rows)} text written.")
    else:
        show(session, _answer(rows, asked))
    return 3 if any(row.cautions for row in rows) else 0


def _written(
    asked: Question,
    log: Log,
    stream: str,
    kind: tuple[str, Template],
    lang: str,
    named: dict[str, str | None],
) -> Written:
    from cli.drafting import LANGS as WRITTEN_IN
    from cli.drafting import about, write
    from ledger.judging import judge, rulings

    name, found = kind
    recall = asked.recall(log, [stream])
    case = recall.case(stream)
    language = next(one for one in WRITTEN_IN if one == lang)
    meant = about(
        case,
        asked.as_of,
        language,
        found,
        findings=judge(case, recall.book, asked.as_of),
        rulings=rulings(case, recall.book, asked.as_of),
        **named,
    )
    return write(name, found, meant)


def _row(account: str, written: Written) -> DraftRow:
    return DraftRow(
        kind=written.kind,
        lang=written.lang,
        audience=written.audience,
        account=account,
        subject=written.subject,
        body=written.body,
        characters=written.characters,
        limit=written.limit,
        left_out=written.left_out,
        cautions=written.cautions,
    )


def _save(output: Path, rows: list[DraftRow]) -> None:
    text = "\n".join(f"{row.subject}\n\n{row.body}" for row in rows)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LedgerError(
            f"cannot be written: {error.strerror}",
            file=str(output),
            advice="Name a file in a folder that is there and that you may write to.",
        ) from error


def _answer(rows: list[DraftRow], asked: Question) -> Answer:
    return Answer(
        command="draft",
        kind=DraftRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[_section(row) for row in rows],
        then=["Nothing was sent. Read it, change what is not yours, and send it yourself."],
    )


def _section(row: DraftRow) -> Section:
    lines = [Line(line) for line in row.body.rstrip("\n").split("\n")]
    lines += [
        Line(""),
        Line(
            f"{row.characters:,} characters of {row.limit:,}, for {READER[row.audience]}.", "quiet"
        ),
    ]
    if row.left_out:
        facts = ", ".join(name.replace("_", " ") for name in row.left_out)
        lines.append(Line(f"Left out, because the ledger does not know it: {facts}.", "quiet"))
    return Section(title=row.subject, lines=lines)


@command.command("copy", short_help="Copy a template to your home folder, to be edited there.")
@click.argument("kind", type=Kind())
@shared_options
@click.pass_obj
def copy(session: Session, kind: str) -> None:
    """Copy a template to your home folder, to be edited there.

    From then on your copy is used. Delete it to go back to the one that is shipped.
    """
    from cli.drafting import shipped_source

    source = shipped_source(kind)
    file = _own(session) / f"{kind}.toml"
    if file.exists():
        raise LedgerError(
            "your own template is there already",
            file=str(file),
            advice="Edit it, or delete it to begin again from the shipped one.",
        )
    from cli.workspace import make_private_folder

    make_private_folder(session.workspace.home)
    make_private_folder(file.parent)
    file.write_text(source, encoding="utf-8")
    session.note(f"{file}: edit it; `draft write {kind}` uses it from now on.")


def _own(session: Session) -> Path:
    return session.workspace.home / "drafts"
