"""Looks after what is personal: what is due to be erased, what is held on a buyer, who opened what; erases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import click
from msgspec.structs import replace

from cli.answer import Answer, Column, Row, Section
from cli.options import InOrder, account_option, shared_options
from cli.output import show
from cli.session import Session
from ledger.errors import UnknownThing

if TYPE_CHECKING:
    from ledger.erasing import Erased, Lying
    from ledger.keystore import KeyStore
    from ledger.store import Log

WITHIN_MAX: Final = 3650


class DueRow(Row, frozen=True, kw_only=True):
    """What is personal of one order, and when it is to be erased."""

    account: str
    subject: str
    """`order/ID`; `file/SHA-256` of what no order is named for; `message/NAME`."""
    due_on: str | None
    """The last day on which it may be kept."""
    days_left: int | None
    basis: str
    """What the 30 days are counted from: `delivered`, `shipped` or `told`."""
    since: str | None
    values: int
    files: int
    held: str | None
    """Why it may not be erased now."""

    @property
    def what(self) -> str:
        """The order's id, or the subject with a SHA-256 cut short."""
        return _short(self.subject)


class ErasedRow(Row, frozen=True, kw_only=True):
    """What became of one order's personal data."""

    account: str
    subject: str
    state: str
    """`erased`, `erased before`, or `would be erased`."""
    values: int
    files: int
    position: int | None
    """Of the entry that says so."""

    @property
    def what(self) -> str:
        """The order's id, or the subject with a SHA-256 cut short."""
        return _short(self.subject)


class HeldRow(Row, frozen=True, kw_only=True):
    """One thing that is held on a person, or was erased."""

    account: str
    subject: str
    kind: str
    """`value`, `evidence`, `file` or `erased`."""
    field: str
    value: str
    position: int | None
    occurred_at: str | None
    source: str | None
    """The file and row that told it, or the command."""

    @property
    def what(self) -> str:
        """The order's id, or the subject with a SHA-256 cut short."""
        return _short(self.subject)

    @property
    def day(self) -> str:
        """The day on which it was told."""
        return (self.occurred_at or "")[:10]


class UseRow(Row, frozen=True, kw_only=True):
    """One time that sealed data was opened, or was asked for."""

    account: str
    at: str
    actor: str
    command: str
    subject: str
    field: str
    why: str

    @property
    def what(self) -> str:
        """The order's id, or the subject with a SHA-256 cut short."""
        return _short(self.subject)


class FileRow(Row, frozen=True, kw_only=True):
    """How an imported report is kept."""

    account: str
    digest: str
    file: str
    kept: str
    """`sealed`, `nothing personal`, or `in clear`."""
    cells: int
    """Personal cells that are kept in clear."""
    unknown_columns: tuple[str, ...] = ()
    """Columns that this program does not know, sealed for that."""

    @property
    def short(self) -> str:
        """As much of the SHA-256 as tells it apart."""
        return self.digest[:12]


def _short(subject: str) -> str:
    kind, _, name = subject.partition("/")
    return name if kind == "order" else f"{kind}/{name[:12]}" if kind == "file" else subject


@click.group("privacy", cls=InOrder, short_help="Look after what is personal, and erase it.")
def command() -> None:
    """Look after what is personal, and erase it.

    What is personal is kept sealed under a key of its order. To erase is to destroy that key: every
    proof stands, and nobody can open the words any more.
    """


# --- due --------------------------------------------------------------------------------------


@command.command("due", short_help="List whose personal data is to be erased.")
@click.option(
    "--within",
    type=click.IntRange(0, WITHIN_MAX),
    default=0,
    metavar="DAYS",
    help="Those too whose time comes within so many days.",
)
@click.option("--all", "everybody", is_flag=True, help="Everybody of whom something is kept.")
@account_option
@shared_options
@click.pass_obj
def due(session: Session, within: int, everybody: bool, account: str | None) -> int:
    """List whose personal data is to be erased.

    Amazon's Data Protection Policy: no longer than 30 days after the order was delivered. Where
    nothing tells the delivery, it is counted from the dispatch, else from the last telling. Ends 3
    where something is to be erased.
    """
    from ledger.erasing import POLICY, lying

    name = _account(session, account)
    today = session.workspace.today()
    with session.workspace.log(name) as log, session.workspace.keystore(name) as keys:
        found = [one for one in lying(log, keys) if not one.is_complete]
    until = today + timedelta(days=within)
    chosen = [one for one in found if everybody or one.due_on is None or one.due_on <= until]
    chosen.sort(key=lambda one: (one.due_on or today, one.subject))
    rows = [
        DueRow(
            account=name,
            subject=one.subject,
            due_on=one.due_on.isoformat() if one.due_on else None,
            days_left=(one.due_on - today).days if one.due_on else None,
            basis=one.basis,
            since=one.since.isoformat() if one.since else None,
            values=sum(one.values.values()),
            files=len(one.originals),
            held="; ".join(one.holds) or None,
        )
        for one in chosen
    ]
    open_now = [one for one in chosen if not one.holds and (one.due_on or today) <= today]
    later = len(found) - len(chosen)
    then = [f"Source: {POLICY}."]
    if open_now:
        then = ["Erase what is due: `returns-ledger privacy erase --due --why WHY`.", *then]
    if later:
        then.append(f"{later:,} more are kept and not due yet: `returns-ledger privacy due --all`.")
    show(
        session,
        Answer(
            command="privacy-due",
            kind=DueRow,
            rows=rows,
            as_of=today,
            sections=[Section(rows=rows, columns=DUE_COLUMNS)],
            empty="Nothing personal is due to be erased.",
            then=then,
        ),
    )
    return 3 if open_now else 0


DUE_COLUMNS: Final = (
    Column("what", "order"),
    Column("due_on", "erase by"),
    Column("days_left", "days left", right=True),
    Column("since", "counted from", rank=1),
    Column("basis", "because", rank=1),
    Column("values", "values", right=True),
    Column("files", "files", right=True, rank=2),
    Column("held", "held", wraps=True),
)


# --- erase ------------------------------------------------------------------------------------


@command.command("erase", short_help="Erase what is personal, for good.")
@click.argument("orders", nargs=-1, metavar="[ORDER]...")
@click.option("--buyer", metavar="EMAIL|NAME|PHONE", help="Everything found by this, exactly.")
@click.option(
    "--due", "is_due", is_flag=True, help="Everything whose time has come, but what is held."
)
@click.option("--why", required=True, help="Why, in a few words and nothing personal; it is kept.")
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and change nothing.")
@account_option
@shared_options
@click.pass_obj
def erase(
    session: Session,
    orders: tuple[str, ...],
    buyer: str | None,
    is_due: bool,
    why: str,
    dry_run: bool,
    account: str | None,
) -> None:
    """Erase what is personal, for good.

    The key of each order is destroyed, and then that is recorded. Nothing brings it back: no backup
    of the log does, only one of the keys. Facts, findings and every proof stand. What is held by
    `hold place` is refused.
    """
    from ledger.erasing import erase as erased

    if bool(orders) + bool(buyer) + is_due != 1:
        raise click.UsageError("name orders, or --buyer, or --due: one of them")
    name = _account(session, account)
    with session.workspace.log(name) as log, session.workspace.keystore(name) as keys:
        subjects = _due_subjects(session, log, keys) if is_due else _subjects(keys, orders, buyer)
        done = erased(
            log,
            keys,
            subjects,
            why=why,
            actor=session.workspace.actor,
            command_id=str(uuid4()),
            dry_run=dry_run,
        )
    rows = [_erased(name, one, dry_run=dry_run) for one in done]
    session.count(erased=sum(row.state == "erased" for row in rows))
    for one in done:
        for digest in one.with_files:
            session.note(f"{digest[:12]} was sealed as a whole: nobody can open that file any more")
    show(session, _erased_answer(rows, dry_run=dry_run))


def _due_subjects(session: Session, log: Log, keys: KeyStore) -> Sequence[str]:
    """Whose time has come; what is held is said and left."""
    from ledger.erasing import due

    found = due(log, keys, session.workspace.today())
    for subject, holds in found.held.items():
        session.note(f"{_short(subject)} is held and stays: {'; '.join(holds)}")
    return found.subjects


def _subjects(keys: KeyStore, orders: Sequence[str], buyer: str | None) -> list[str]:
    """The subjects that are meant: by the orders' ids, or by what is known of a buyer."""
    if buyer is None:
        return [_subject(one.strip()) for one in orders]
    kinds = ("e-mail",) if "@" in buyer else ("name", "phone")
    found = sorted({subject for kind in kinds for subject in keys.find(kind, buyer)})
    if found:
        return found
    raise UnknownThing(
        "nothing is kept that is found by this",
        advice="Names and addresses are compared as a whole, as the reports write them. Where you know an "
        "order of theirs, name the order.",
    )


def _subject(thing: str) -> str:
    return thing if "/" in thing else f"order/{thing}"


def _erased(account: str, one: Erased, *, dry_run: bool) -> ErasedRow:
    before = one.lying.is_complete
    state = "erased before" if before else "would be erased" if dry_run else "erased"
    return ErasedRow(
        account=account,
        subject=one.lying.subject,
        state=state,
        values=sum(one.lying.values.values()),
        files=len(one.lying.originals),
        position=one.entry.position if one.entry else None,
    )


def _erased_answer(rows: Sequence[ErasedRow], *, dry_run: bool) -> Answer:
    columns = (
        Column("position", "entry", right=True),
        Column("what", "order"),
        Column("state", "what became of it"),
        Column("values", "values", right=True),
        Column("files", "files", right=True, rank=1),
    )
    then = ["Backups of keys.db made before still hold the keys: destroy them, too."]
    if dry_run:
        then = ["This was a trial: nothing was changed. Without --dry-run it is done, for good."]
    elif rows:
        shown = rows[0].what
        then.append(f"What is left of it: `returns-ledger privacy report {shown}`.")
    return Answer(
        command="privacy-erase",
        kind=ErasedRow,
        rows=rows,
        sections=[Section(rows=rows, columns=columns)],
        empty="Nothing personal is due to be erased.",
        then=then if rows else (),
    )


# --- report -----------------------------------------------------------------------------------


@command.command("report", short_help="Show everything that is held on one buyer.")
@click.argument("orders", nargs=-1, metavar="[ORDER]...")
@click.option("--buyer", metavar="EMAIL|NAME|PHONE", help="Everything found by this, exactly.")
@account_option
@shared_options
@click.pass_obj
def report(
    session: Session, orders: tuple[str, ...], buyer: str | None, account: str | None
) -> None:
    """Show everything that is held on one buyer.

    For a request of somebody who wants to know what you keep of them: every value in clear, where it
    came from, and the files it lies in. After an erasure: what was erased, when and why. The access
    log says that you looked.
    """
    from ledger.erasing import lying

    if bool(orders) == bool(buyer):
        raise click.UsageError("name orders, or --buyer: one of them")
    name = _account(session, account)
    with session.workspace.log(name) as log, session.workspace.keystore(name) as keys:
        told = lying(log, keys, _subjects(keys, orders, buyer), in_every_file=True)
        rows = [row for one in told for row in _held(log, keys, one)]
    columns = (
        Column("what", "order"),
        Column("day", "told", rank=1),
        Column("field", "what"),
        Column("value", "value", wraps=True),
        Column("source", "source", rank=1),
    )
    then = []
    if any(row.kind == "evidence" for row in rows):
        then.append("Get a file: `returns-ledger evidence save DIGEST -o FILE`.")
    if any(one.destroyed_at is None for one in told):
        then.append("Erase it: `returns-ledger privacy erase ORDER --why WHY`.")
    show(
        session,
        Answer(
            command="privacy-report",
            kind=HeldRow,
            rows=rows,
            sections=[Section(rows=rows, columns=columns)],
            empty="Nothing personal is held on them.",
            then=[*then, "Who looked at it: `returns-ledger privacy log`."],
        ),
    )


def _held(log: Log, keys: KeyStore, one: Lying) -> Iterator[HeldRow]:
    """A row for each value, each piece of evidence, each file, and each erasure."""
    from ledger.events.keeping import EvidenceAttached
    from ledger.importing import imports_of
    from ledger.persons import opened, sealed_in

    files = {imported.digest: imported.file for imported in imports_of(log)}
    entries = [
        entry
        for entry in log.entries(one.stream)
        if any(told.subject == one.subject for told in sealed_in(entry).values())
        or (
            isinstance(entry.event, EvidenceAttached)
            and entry.event.sealed
            and (entry.event.sealed_for or entry.stream) == one.subject
        )
    ]
    values = {} if one.destroyed_at else opened(entries, keys, why="privacy report")
    for entry in entries:
        digest = entry.source.digest
        source = (
            f"{files.get(digest, digest[:12])}:{entry.source.row}"
            if digest
            else entry.source.command
        )
        shown = dict(values.get(entry.position or 0, {}))
        if isinstance(entry.event, EvidenceAttached) and not one.destroyed_at:
            shown["evidence"] = (
                f"{entry.event.name} ({entry.event.size:,} bytes), {entry.event.digest[:12]}"
            )
        for field, value in shown.items():
            yield HeldRow(
                account=log.account,
                subject=one.subject,
                kind="evidence" if field == "evidence" else "value",
                field=field,
                value=value,
                position=entry.position,
                occurred_at=entry.occurred_at,
                source=source,
            )
    for digest in one.originals if not one.destroyed_at else ():
        if digest in files:
            yield from _cells(log, keys, one, digest, files[digest])
        yield _plain_row(
            log, one, "file", "file it lies in", f"{files.get(digest, 'attached')}, {digest[:12]}"
        )
    for erasure in one.erasures:
        lay = (
            ", ".join(f"{count} {what}" for what, count in erasure.values.items()) or "nothing told"
        )
        told = f"{lay}, in {len(erasure.originals)} files: {erasure.why}"
        row = _plain_row(log, one, "erased", "erased for good", told)
        yield replace(row, occurred_at=erasure.destroyed_at)
    if one.destroyed_at and not one.erasures:
        told = "the key was destroyed, and that is not recorded yet: erase it again to complete it"
        yield _plain_row(log, one, "erased", "erased for good", told)


def _cells(log: Log, keys: KeyStore, one: Lying, digest: str, file: str) -> Iterator[HeldRow]:
    """What a file holds beside what was told of it in entries: numbers of parcels, columns nobody knows."""
    from ledger.sealing import cells_of
    from ledger.table import normalised

    told = {normalised(field) for field in one.values}
    cells = [
        cell for cell in cells_of(log, digest, one.subject) if normalised(cell.column) not in told
    ]
    fields = ", ".join(dict.fromkeys(cell.column for cell in cells))
    values = keys.unseal_many([cell.told for cell in cells], field=fields, why="privacy report")
    for cell, value in zip(cells, values, strict=True):
        if value is not None:
            text = value.decode(errors="replace").strip()
            row = _plain_row(log, one, "value", cell.column, text)
            yield replace(row, source=f"{file}:{cell.line}")


def _plain_row(log: Log, one: Lying, kind: str, field: str, value: str) -> HeldRow:
    return HeldRow(
        account=log.account,
        subject=one.subject,
        kind=kind,
        field=field,
        value=value,
        position=None,
        occurred_at=one.destroyed_at if kind == "erased" else None,
        source=None,
    )


# --- log and files ----------------------------------------------------------------------------


@command.command("log", short_help="Show who opened what, when and why.")
@click.argument("order", required=False)
@account_option
@shared_options
@click.pass_obj
def access(session: Session, order: str | None, account: str | None) -> None:
    """Show who opened what, when and why.

    Every opening of something sealed is told there before it is opened, and the database refuses to
    change it. With ORDER only what was opened of that order, be it with a file in which it lies.
    """
    from ledger.erasing import opened_of

    name = _account(session, account)
    with session.workspace.log(name) as log, session.workspace.keystore(name) as keys:
        used = opened_of(log, keys, _subject(order.strip())) if order else keys.uses()
    rows = [UseRow(account=name, **one._asdict()) for one in used]
    columns = (
        Column("at", "when"),
        Column("actor", "who"),
        Column("command", "command", rank=1),
        Column("what", "order"),
        Column("field", "what", wraps=True),
        Column("why", "why"),
    )
    show(
        session,
        Answer(
            command="privacy-log",
            kind=UseRow,
            rows=rows,
            sections=[Section(rows=rows, columns=columns)],
            empty="Nothing that is sealed was opened.",
        ),
    )


@command.command("files", short_help="Show which imported reports are kept sealed.")
@account_option
@shared_options
@click.pass_obj
def files(session: Session, account: str | None) -> None:
    """Show which imported reports are kept sealed, and which hold personal data in clear.

    Versions before this one kept reports as they were delivered, and the log cannot give anything up.
    """
    from ledger.erasing import holds_clear_cells, unknown_columns
    from ledger.importing import imports_of

    name = _account(session, account)
    rows = []
    with session.workspace.log(name) as log:
        for one in {imported.digest: imported for imported in imports_of(log)}.values():
            cells = 0
            if one.sealed is None:
                cells = holds_clear_cells(log, one.digest, one.file, one.marketplace)
            kept = "sealed" if one.sealed else "in clear" if cells else "nothing personal"
            rows.append(
                FileRow(
                    account=name,
                    digest=one.digest,
                    file=one.file,
                    kept=kept,
                    cells=cells,
                    unknown_columns=unknown_columns(log, one) if one.sealed else (),
                )
            )
    columns = (
        Column("file", "file"),
        Column("short", "SHA-256"),
        Column("kept", "kept"),
        Column("cells", "cells in clear", right=True),
        Column("unknown_columns", "sealed as unknown", rank=1, wraps=True),
    )
    then = []
    if any(row.cells for row in rows):
        then = [
            (
                "What is in clear stays: the log gives nothing up. Export the account's reports, import them "
                "into a new account, which seals them, and delete the old account's folder with its backups."
            )
        ]
    show(
        session,
        Answer(
            command="privacy-files",
            kind=FileRow,
            rows=rows,
            sections=[Section(rows=rows, columns=columns)],
            empty="No report was imported.",
            then=then,
        ),
    )


def _account(session: Session, account: str | None) -> str:
    name = session.workspace.one(account)
    session.accounts.append(name)
    return name
