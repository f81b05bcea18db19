"""Lists what runs out: requests to answer, refunds to make, messages, claims to file and to appeal."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Column, Row, Section
from cli.calendar import Day, Moment, calendar
from cli.files import overwrite
from cli.findings import FindingRow, counted, row_of
from cli.options import Within, question_options
from cli.output import Progress, progress, show
from cli.questions import SAID_EVERY, Question, question
from cli.session import Session
from ledger.values import in_words

if TYPE_CHECKING:
    from ledger.recall import Recall
    from ledger.ruling import Ruling
    from ledger.store import Log

STATES: Final = {"ready": "open", "underpaid": "open", "waiting": "waiting", "review": "review"}
"""What a deadline is, by the verdict it comes from; other verdicts have no deadline ahead."""
APPEAL: Final = "appeal_window"
APPEALED: Final = ("a_to_z_appeal", "safe_t")
"""Kinds of claims whose last day may be that of an appeal, which is a duty, too."""


class DueRow(Row, frozen=True, kw_only=True):
    """One deadline: of a claim, or of what the seller must do.

    It is `open` until due_on, `waiting` until it opens on due_on, `missed`, or `review` while something
    must be settled first.
    """

    due_on: date | None
    """The day on which it ends; None where no day is set, or none is certain."""
    what: str
    account: str
    order_id: str | None
    finding_id: str | None
    amount: str | None
    currency: str | None
    rule_id: str | None
    state: str
    claim_type: str
    stream: str
    kind: str
    """claim or duty."""
    due_at: str | None = None
    """The moment at which it ends, where hours count."""
    sku: str | None = None
    claim: str | None = None
    since: str | None = None
    reason: str | None = None
    question: str | None = None
    if_missed: str | None = None
    rule_evidence: str | None = None
    assumptions: tuple[str, ...] = ()
    uid: str
    """Its name in a calendar."""

    @property
    def thing(self) -> str:
        """What it is about."""
        return self.order_id or self.stream

    @property
    def by(self) -> str:
        """The day or moment, as one reads it."""
        if self.due_at is not None:
            return f"{datetime.fromisoformat(self.due_at):%Y-%m-%d %H:%M} UTC"
        return str(self.due_on or "")

    @property
    def order(self) -> tuple[str, ...]:
        """What runs out first comes first; a day ends after all of its moments."""
        day = str(self.due_on or "9999")
        return (day, self.due_at or "~", self.account, self.finding_id or "", self.stream, self.uid)


ABOUT: Final = (Column("account", "account"), Column("thing", "about"))
COLUMNS: Final = (
    Column("by", "by"),
    Column("what", "what"),
    *ABOUT,
    Column("amount", "amount", right=True, unit="currency"),
    Column("finding_id", "finding", rank=3),
    Column("if_missed", "if missed", rank=4, wraps=True),
    Column("rule_id", "rule", rank=5),
)
UNDATED: Final = (Column("what", "what"), *ABOUT, Column("reason", "why", wraps=True))
UNSETTLED: Final = (
    Column("what", "what"),
    *ABOUT,
    Column("question", "settle first", wraps=True),
)


@click.command("due", short_help="List the deadlines that run out, or write them to a calendar.")
@click.option("--within", type=Within(), help="Only the days to come so soon: 14d, 2w.")
@click.option("--missed", is_flag=True, help="Also what was not done in time.")
@click.option(
    "--ics",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Write them to an iCalendar file, too; `-` for standard output, and nothing else there.",
)
@question_options
@click.pass_obj
def command(
    session: Session,
    within: timedelta | None,
    missed: bool,
    ics: Path | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """List what runs out, or write it to a calendar.

    A claim has a last day; one that waits has a first. What a seller must do ends on a day, or at a
    moment where hours count. Ends 3 where there is something to do now.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    found = asked.of_each_log(lambda log: _rows(log, asked))
    rows = sorted(found, key=lambda row: row.order)
    ahead = [row for row in rows if row.due_on and row.state != "missed"]
    if within is not None:
        ahead = [row for row in ahead if row.due_on and row.due_on <= asked.as_of + within]
    told = _Told(
        ahead=ahead,
        undated=[row for row in rows if row.due_on is None and row.state == "open"],
        unsettled=[row for row in rows if row.due_on is None and row.state == "review"],
        missed=[row for row in rows if row.state == "missed"],
        soon=within is not None,
        late=missed,
    )
    if ics is not None:
        overwrite(ics, calendar(map(_event, ahead), session.clock()), "the calendar")
    if ics is None or str(ics) != "-":
        show(session, _answer(told, asked, ics))
    return 3 if any(row.state == "open" for row in ahead) else 0


# --- what there is ----------------------------------------------------------------------------


def _rows(log: Log, asked: Question) -> Iterator[DueRow]:
    recall = asked.recall(log)
    with progress(asked.session, None) as told:
        for number, row in enumerate(_account(recall, asked, told), 1):
            if number % SAID_EVERY == 1:
                told(f"{log.account}: judging, {number:,} deadlines so far", number)
            yield row


def _account(recall: Recall, asked: Question, progressed: Progress) -> Iterator[DueRow]:
    from ledger.judging import judged

    account = recall.log.account
    for findings, duties in asked.of_each(recall, judged, progressed):
        claims = [
            row
            for finding in findings
            if asked.admits(finding.marketplace)
            for row in _claim(row_of(account, finding), asked.as_of)
        ]
        told = [
            row
            for duty, name in _named(account, duties)
            if asked.admits(duty.marketplace)
            for row in _duty(account, duty, name, asked)
        ]
        yield from _once(claims, told)


def _named(account: str, duties: Iterable[Ruling]) -> Iterator[tuple[Ruling, str]]:
    """Each duty with a name that is the same in every run; those alike in everything are numbered."""
    alike: Counter[str] = Counter()
    for duty in duties:
        name = _digest(account, duty)
        alike[name] += 1
        yield duty, f"{name}{alike[name]}"


def _once(claims: list[DueRow], duties: list[DueRow]) -> Iterator[DueRow]:
    """An appeal that is a claim and a duty of one day is told once: where the claim is in doubt, as the duty."""
    sure = {row.due_on for row in claims if row.claim_type in APPEALED and row.state == "open"}
    kept = [row for row in duties if row.claim_type != APPEAL or row.due_on not in sure]
    days = {row.due_on for row in kept if row.claim_type == APPEAL and row.due_on}
    yield from (row for row in claims if row.claim_type not in APPEALED or row.due_on not in days)
    yield from kept


def _claim(finding: FindingRow, today: date) -> Iterator[DueRow]:
    state = STATES.get(finding.verdict)
    if state is None:
        return
    waits = state == "waiting"
    due_on = finding.window_opens if waits else finding.window_closes
    if due_on is None or due_on < today:
        return
    claim = in_words(finding.claim_type)
    words = {
        "open": f"last day to file: {claim}",
        "waiting": f"may be filed from here on: {claim}",
        "review": f"last day, if it holds: {claim}",
    }
    # Which end of the window: doubt that turns into certainty moves no deadline.
    end = "first" if waits else "last"
    yield DueRow(
        due_on=due_on,
        what=words[state],
        account=finding.account,
        order_id=finding.order_id,
        finding_id=finding.finding_id,
        amount=finding.amount_open,
        currency=finding.currency,
        rule_id=finding.rule_id,
        state=state,
        claim_type=finding.claim_type,
        stream=finding.stream,
        kind="claim",
        sku=finding.sku,
        reason=finding.reason,
        rule_evidence=finding.rule_evidence,
        assumptions=finding.assumptions,
        uid=f"{finding.account}-{finding.finding_id}-{end}@returns-ledger",
    )


def _duty(account: str, duty: Ruling, name: str, asked: Question) -> Iterator[DueRow]:
    """The deadline of a duty that is not met; what is only recommended is never missed."""
    from ledger.policies.return_request import RECOMMENDED

    if duty.state not in ("open", "missed", "review"):
        return
    due_at, state = duty.due_at, duty.state
    moment = _moment(due_at)
    if state == "open" and moment is not None and _is_over(moment, asked):
        if duty.if_missed == RECOMMENDED:
            due_at = moment = None
        else:
            state = "missed"
    yield DueRow(
        due_on=moment.date() if moment else date.fromisoformat(due_at) if due_at else None,
        what=duty.what,
        account=account,
        order_id=duty.order_id,
        finding_id=None,
        amount=duty.amount.text if duty.amount else None,
        currency=duty.amount.currency if duty.amount else None,
        rule_id=duty.rule_ids[0] if duty.rule_ids else None,
        state=state,
        claim_type=duty.policy,
        stream=duty.stream,
        kind="duty",
        due_at=_instant(moment),
        sku=duty.sku,
        claim=duty.claim,
        since=duty.since,
        reason=duty.reason,
        question=duty.question,
        if_missed=duty.if_missed,
        rule_evidence=duty.rule_evidence,
        assumptions=duty.assumptions,
        uid=f"{account}-D-{name}@returns-ledger",
    )


def _moment(due_at: str | None) -> datetime | None:
    """The moment at which it ends; None where it ends with a day."""
    if due_at is None or len(due_at) == len("2026-03-01"):
        return None
    return datetime.fromisoformat(due_at).astimezone(UTC)


def _instant(moment: datetime | None) -> str | None:
    from ledger.values import instant

    return instant(moment) if moment else None


def _is_over(moment: datetime, asked: Question) -> bool:
    """Asked about today, a moment of this morning is over at noon; a past day is asked about as a whole."""
    return asked.plain and moment < asked.session.clock()


def _digest(account: str, duty: Ruling) -> str:
    """The same for the same duty in every run: whose, about what, since when."""
    told = (account, duty.policy, duty.stream, duty.sku, duty.claim, duty.what, duty.since)
    return hashlib.sha256("|".join(map(str, told)).encode()).hexdigest()[:12].upper()


# --- the calendar -----------------------------------------------------------------------------


def _event(row: DueRow) -> Day | Moment:
    amount = f", {row.amount} {row.currency}" if row.amount else ""
    summary = f"{row.what[0].upper()}{row.what[1:]}, {row.thing}{amount}"
    description = "\n".join(_description(row))
    moment = _moment(row.due_at)
    if moment is not None:
        return Moment(uid=row.uid, at=moment, summary=summary, description=description)
    assert row.due_on is not None, "what has no day is in no calendar"
    return Day(uid=row.uid, on=row.due_on, summary=summary, description=description)


def _description(row: DueRow) -> Iterator[str]:
    if row.finding_id is not None:
        yield f"Finding {row.finding_id} of account {row.account}, rule {row.rule_id}."
        yield f"returns-ledger explain {row.finding_id} --account {row.account}"
        return
    yield f"Account {row.account}, rule {row.rule_id or 'none: the day was shown'}: {row.reason}."
    if row.if_missed:
        yield f"If missed: {row.if_missed}."
    yield f"returns-ledger story {row.thing} --account {row.account}"


# --- the answer -------------------------------------------------------------------------------


class _Told(Row, frozen=True, kw_only=True):
    """What there is to say: what is ahead, what has no day, what must be settled, what is too late."""

    ahead: list[DueRow]
    undated: list[DueRow]
    unsettled: list[DueRow]
    missed: list[DueRow]
    soon: bool
    """True where only the days to come so soon were asked for."""
    late: bool
    """True where what is too late was asked for."""

    @property
    def shown(self) -> list[DueRow]:
        """The rows of the answer, the dated ones first."""
        undated = [] if self.soon else [*self.undated, *self.unsettled]
        return [*self.ahead, *undated, *(self.missed if self.late else [])]


def _answer(told: _Told, asked: Question, ics: Path | None) -> Answer:
    several = len(asked.accounts) > 1

    def section(
        rows: list[DueRow], columns: tuple[Column, ...], title: str = "", tone: str = ""
    ) -> Section:
        kept = [column for column in columns if several or column.field != "account"]
        return Section(title=title, rows=rows, columns=kept, tone=tone)

    sections = [section(told.ahead, COLUMNS)]
    if not told.soon:
        sections.append(section(told.undated, UNDATED, "Open, and no day is set"))
        sections.append(
            section(told.unsettled, UNSETTLED, "Not certain: settle this first", "soon")
        )
    if told.late:
        sections.append(section(told.missed, COLUMNS, "Not done in time", "bad"))
    return Answer(
        command="due",
        kind=DueRow,
        rows=told.shown,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=sections,
        empty="No deadline is ahead.",
        then=list(_then(told, ics)),
    )


def _then(told: _Told, ics: Path | None) -> Iterator[str]:
    open_ = [row for row in told.ahead if row.state == "open"]
    duties = [row for row in open_ if row.kind == "duty"]
    claims = [row for row in open_ if row.kind == "claim"]
    if duties:
        first = duties[0]
        missed = f"; if missed: {first.if_missed}" if first.if_missed else ""
        yield f"{counted(len(duties), 'thing')} to do; the first: {first.what}, {first.thing}{missed}."
    if claims:
        yield (
            f"{counted(len(claims), 'claim')} can be filed now; the first to run out: "
            f"`returns-ledger explain {claims[0].finding_id}`."
        )
    if told.missed and not told.late:
        words = "was" if len(told.missed) == 1 else "were"
        number = counted(len(told.missed), "thing")
        yield f"{number} {words} not done in time: `returns-ledger due --missed` lists them."
    hidden = [*told.undated, *told.unsettled] if told.soon else []
    if hidden:
        yield f"{counted(len(hidden), 'thing')} without a day: `returns-ledger due` lists them."
    if ics is not None:
        yield f"{ics} holds {counted(len(told.ahead), 'deadline')}: open it with your calendar."
    elif told.ahead:
        yield "For your calendar: `returns-ledger due --ics deadlines.ics`."
    else:
        yield "`returns-ledger audit` lists every finding, the expired ones too."
