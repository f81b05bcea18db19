"""What the desk answers: what was recorded, what should be known of it, and what is due next."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import msgspec

from cli.answer import Answer, Column, Line, Row, Section
from cli.desk.form import Form, Values
from cli.output import show
from cli.session import Session
from ledger.event import ACCOUNT_STREAM
from ledger.values import instant

if TYPE_CHECKING:
    from cli.desk.recording import Recorded, Sending
    from ledger.deciding import Decided
    from ledger.ruling import Ruling
    from ledger.store import Log


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A duty that is open after what was recorded: what, until when, and what follows if it is missed."""

    what: str
    due_at: str | None
    sku: str | None
    claim: str | None
    state: str
    """`open`, or `review` where the rule or a fact is not certain; it then has no date."""
    reason: str
    question: str | None
    if_missed: str | None
    rule_ids: tuple[str, ...]
    rule_evidence: str | None

    @property
    def until(self) -> str:
        """The last day, or the last moment without its seconds."""
        if self.due_at is None:
            return "not certain" if self.question else ""
        return self.due_at[:16].replace("T", " ") + (" UTC" if "T" in self.due_at else "")

    @property
    def then(self) -> str:
        """What follows, or what would have to be settled first."""
        return f"to be settled: {self.question}" if self.question else self.if_missed or ""


class DeedRow(Row, frozen=True, kw_only=True):
    """One entry that a command of the desk recorded, found recorded already, or would record."""

    account: str
    command: str
    id: str
    """The command's id; the evidence that came with it has ids that begin with it."""
    state: str
    """`recorded`, `repeated` where the same command was sent before, `rehearsed` with --dry-run."""
    position: int | None
    stream: str
    event: str
    occurred_at: str
    recorded_at: str | None
    actor: str
    summary: str
    name: str | None
    """Of the refund, claim or message; the SHA-256 of a file."""
    cautions: tuple[str, ...] = ()
    due: tuple[Due, ...] = ()

    @property
    def known_as(self) -> str | None:
        """The name; of a SHA-256 as much as `evidence save` needs to find the file."""
        return self.name[:12] if self.event == "EvidenceAttached" and self.name else self.name


COLUMNS: Final = (
    Column("position", "entry", right=True),
    Column("summary", "what", wraps=True),
    Column("known_as", "name"),
)
DUE_COLUMNS: Final = (
    Column("until", "until"),
    Column("what", "what", wraps=True),
    Column("then", "if not", wraps=True),
    Column("rule_ids", "rule", rank=1),
)
TITLES: Final = {
    "recorded": ("Recorded", "good"),
    "repeated": ("Recorded before under this id; nothing was added", "quiet"),
    "rehearsed": ("Would be recorded", "soon"),
}


def answered(session: Session, form: Form, command: str, values: Values) -> int:
    """Record a form as it was filled in on the command line, and say what came of it."""
    from cli.desk.recording import record

    account = account_for(session, values.get("account"), begins=form.begins)
    sending = sending_of(session, command, values)
    dry_run = bool(values.get("dry_run"))
    if form.begins and account not in session.workspace.accounts():
        with session.workspace.passing_log(account) as log:  # no account is begun for nothing
            record(log, form, values, sending, dry_run=True)
    with opened(session, account, begins=form.begins, dry_run=dry_run) as log:
        recorded = record(log, form, values, sending, dry_run=dry_run)
    rows = rows_of(account, command, recorded, dry_run=dry_run)
    session.count(recorded=sum(row.state == "recorded" for row in rows))
    show(session, _answer(session, command, rows, recorded))
    return 0


def sending_of(session: Session, command: str, values: Values) -> Sending:
    """Who sends it and when, with what was left out filled in."""
    from cli.desk.recording import Sending

    workspace = session.workspace
    for option in ("actor", "id"):
        _refuse_personal(option, values.get(option))
    return Sending(
        actor=values.get("actor") or workspace.actor,
        command=command,
        command_id=values.get("id") or str(uuid4()),
        at=values.get("at"),
        now=instant(workspace.clock().replace(microsecond=0)),
        keys_of=workspace.keystore,
    )


def _refuse_personal(option: str, text: str | None) -> None:
    """Who records is a role, and an id is no person's: both are kept for ever."""
    from ledger.errors import LedgerError
    from ledger.personal import kinds_in

    if text and (found := kinds_in(text)):
        raise LedgerError(
            f"what is recorded is kept for ever, and --{option} holds what is most likely personal: "
            f"{' and '.join(found)}",
            advice="Name a role, such as `service`, and give an id that says nothing of a person.",
        )


def account_for(session: Session, name: str | None, *, begins: bool) -> str:
    """The account that is written to; it need not be there yet where the form may begin it."""
    workspace = session.workspace
    account = workspace.to_be_written(name) if begins else workspace.one(name)
    session.accounts.append(account)
    return account


@contextlib.contextmanager
def opened(session: Session, account: str, *, begins: bool, dry_run: bool) -> Iterator[Log]:
    """The account's log; begun where it may be, and not for a try."""
    from ledger.importing import open_account
    from ledger.rulebook import shipped

    workspace = session.workspace
    there = not begins or account in workspace.accounts()
    opening = workspace.passing_log if dry_run and not there else workspace.log
    with opening(account) as log:
        if not there:
            open_account(log, account, None, shipped(), workspace.actor)
        yield log


# --- as rows ----------------------------------------------------------------------------------


def rows_of(account: str, command: str, recorded: Recorded, *, dry_run: bool) -> list[DeedRow]:
    """A row for each entry: the evidence that came with it first, then the deed itself."""
    told = [
        _row(account, command, one, getattr(one.entry.event, "digest", None), dry_run=dry_run)
        for one in recorded.attached
    ]
    name = None if dry_run and recorded.name and recorded.name.startswith("R-") else recorded.name
    return [*told, _row(account, command, recorded.decided, name, dry_run=dry_run)]


def _row(
    account: str, command: str, decided: Decided, name: str | None, *, dry_run: bool
) -> DeedRow:
    from cli.summaries import summary

    entry = decided.entry
    state = "repeated" if decided.repeated else "rehearsed" if dry_run else "recorded"
    told = state != "rehearsed"
    return DeedRow(
        account=account,
        command=command,
        id=entry.source.command_id or "",
        state=state,
        position=entry.position if told else None,
        stream=entry.stream,
        event=type(entry.event).__name__,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at if told else None,
        actor=entry.actor,
        summary=summary(entry.event),
        name=name,
        cautions=(*decided.cautions, *_blotted(decided)),
        due=tuple(map(_due, decided.due)),
    )


def _blotted(decided: Decided) -> list[str]:
    if not decided.redacted:
        return []
    return [f"what is most likely personal was blotted out: {', '.join(decided.redacted)}"]


def _due(ruling: Ruling) -> Due:
    return Due(
        what=ruling.what,
        due_at=ruling.due_at,
        sku=ruling.sku,
        claim=ruling.claim,
        state=ruling.state,
        reason=ruling.reason,
        question=ruling.question,
        if_missed=ruling.if_missed,
        rule_ids=ruling.rule_ids,
        rule_evidence=ruling.rule_evidence,
    )


# --- as a person reads it ---------------------------------------------------------------------


def _answer(session: Session, command: str, rows: Sequence[DeedRow], recorded: Recorded) -> Answer:
    deed = rows[-1]
    title, tone = TITLES[deed.state]
    cautions = [Line(caution) for row in rows for caution in row.cautions]
    sections = [Section(title=title, rows=rows, columns=COLUMNS, tone=tone)]
    if cautions:
        sections.append(Section(title="To be known", lines=cautions, tone="soon"))
    if deed.due:
        due = sorted(deed.due, key=lambda one: one.due_at or "~")
        sections.append(Section(title="Due next", rows=due, columns=DUE_COLUMNS))
    return Answer(
        command=command.partition(" ")[0],
        kind=DeedRow,
        rows=rows,
        as_of=session.workspace.today(),
        sections=sections,
        then=_then(deed, recorded),
    )


def _then(deed: DeedRow, recorded: Recorded) -> list[str]:
    from ledger.desk import refunds_of

    if deed.state == "rehearsed":
        return ["Record it: the same command without --dry-run."]
    if deed.stream == ACCOUNT_STREAM:
        return ["All that is set for the account: `returns-ledger story account`."]
    thing = recorded.case.name
    then = []
    if refunds_of(recorded.case):
        then.append(f"What may be claimed for it, and where: `returns-ledger remedy {thing}`.")
    then.append(f"Everything recorded of it: `returns-ledger story {thing}`.")
    return then
