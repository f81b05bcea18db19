"""Attaches files that show something, lists them, and gives them back byte for byte."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Column, Row, Section
from cli.desk import Field, Form, group_of
from cli.files import write
from cli.options import account_option, shared_options
from cli.output import show
from cli.session import Session
from ledger.errors import UnknownThing
from ledger.events.keeping import EvidenceAttached

if TYPE_CHECKING:
    from ledger.store import Log


class EvidenceRow(Row, frozen=True, kw_only=True):
    """One file that is attached to something."""

    account: str
    stream: str
    position: int
    digest: str
    """SHA-256, by which `evidence save` gives it back."""
    name: str
    kind: str
    size: int
    sku: str | None
    claim: str | None
    occurred_at: str
    recorded_at: str | None
    actor: str
    sealed: bool = False
    """True where it is personal, and opens only by the order's key."""

    @property
    def day(self) -> str:
        """The day on which it was attached."""
        return self.occurred_at[:10]


COLUMNS: Final = (
    Column("position", "entry", right=True),
    Column("day", "day"),
    Column("kind", "kind"),
    Column("name", "file"),
    Column("size", "bytes", right=True, rank=2),
    Column("claim", "claim", rank=1),
    Column("digest", "SHA-256"),
)

FORMS: Final = (
    Form(
        name="attach",
        records=EvidenceAttached,
        about="thing",
        without=("digest", "name", "size", "sealed", "sealed_for"),
        files=True,
        help="""Keep files that show something, byte for byte, each under its SHA-256.

        THING is an order, an FNSKU or a removal. What is kept cannot be taken out again: cover what
        is personal, or say --personal, and it is kept sealed until the order is erased.
        """,
        fields={
            "kind": Field("What they are; found from the file's name where it is left out."),
            "claim": Field("The claim for which they are meant.", metavar="CLAIM"),
            "sku": "Which SKU they show.",
        },
        beside={
            "personal": Field(
                "They show a person: kept sealed under the order's key, and erased with it.",
                type=click.BOOL,
            )
        },
    ),
)

command = group_of(
    "evidence",
    "Attach files that show something, list them, get them back.",
    "A file is kept byte for byte, so that it can be proved later that nothing was changed.",
    FORMS,
)


@command.command("list", short_help="List the files that are attached to an order.")
@click.argument("thing", metavar="THING")
@account_option
@shared_options
@click.pass_obj
def list_evidence(session: Session, thing: str, account: str | None) -> None:
    """List the files that are attached to an order, an FNSKU or a removal."""
    from cli.questions import stream_of

    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        stream = stream_of(log, thing.strip())
        rows = _rows(log, stream) if stream else []
    if stream is None:
        raise UnknownThing(
            f"nothing is recorded of it in {name}",
            found=thing,
            advice="`returns-ledger coverage` shows which reports and days were imported.",
        )
    then = [f"Attach one: `returns-ledger evidence attach {thing} FILE`."]
    if rows:
        then = ["Get one back, byte for byte: `returns-ledger evidence save DIGEST -o FILE`."]
    show(
        session,
        Answer(
            command="evidence",
            kind=EvidenceRow,
            rows=rows,
            sections=[Section(title=stream, rows=rows, columns=COLUMNS)],
            empty="No file is attached to it.",
            then=then,
        ),
    )


def _rows(log: Log, stream: str) -> list[EvidenceRow]:
    return [
        EvidenceRow(
            account=log.account,
            stream=stream,
            position=entry.position or 0,
            digest=entry.event.digest,
            name=entry.event.name,
            kind=entry.event.kind,
            size=entry.event.size,
            sku=entry.event.sku,
            claim=entry.event.claim,
            occurred_at=entry.occurred_at,
            recorded_at=entry.recorded_at,
            actor=entry.actor,
            sealed=entry.event.sealed is not None,
        )
        for entry in log.entries(stream, topics=[EvidenceAttached.TOPIC])
        if isinstance(entry.event, EvidenceAttached)
    ]


@command.command("save", short_help="Write an attached file, byte for byte as it was.")
@click.argument("digest")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    required=True,
    help="Where to write it; `-` for standard output. A file that is there is not overwritten.",
)
@account_option
@shared_options
@click.pass_obj
def save(session: Session, digest: str, output: Path, account: str | None) -> None:
    """Write an attached file, byte for byte as it was.

    DIGEST is its SHA-256, or as much of its beginning as tells it apart. It is checked before it
    is written.
    """
    name = session.workspace.one(account)
    session.accounts.append(name)
    with session.workspace.log(name) as log:
        data, erased = _opened(session, log, _whole(log, digest.strip().lower()))
    write(output, data)
    if str(output) == "-":
        return
    if erased:
        session.note(
            f"{output}: what is left of it. {erased:,} pieces were erased, so these are not the bytes that "
            "were delivered."
        )
    else:
        session.note(f"{output}: {len(data):,} bytes, as they were attached.")


def _opened(session: Session, log: Log, digest: str) -> tuple[bytes, int]:
    """The file, and how many pieces of it were erased; a file that is gone as a whole is an error."""
    from ledger.sealing import is_sealed_whole, opened_original

    kept = log.kept(digest)
    if is_sealed_whole(kept) or sha256(kept).hexdigest() == digest:
        return log.original(digest), 0
    with session.workspace.keystore(log.account) as keys:
        opened = opened_original(log, keys, digest, kept, "evidence save")
    return opened.content, opened.erased


def _whole(log: Log, begins: str) -> str:
    """The SHA-256 that begins like this."""
    found = [one for one in log.originals() if one.startswith(begins)] if begins else []
    if len(found) == 1:
        return found[0]
    raise UnknownThing(
        "several files have a SHA-256 that begins like this" if found else "no such file is kept",
        found=begins,
        advice="`returns-ledger evidence list ORDER` shows the SHA-256 of each file.",
    )
