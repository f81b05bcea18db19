"""Tells everything recorded of one thing: an order, an FNSKU in stock, a removal, the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click
from msgspec.structs import replace

from cli.answer import Answer, Column, Row, Section
from cli.options import question_options
from cli.output import show
from cli.questions import Question, question, stream_of
from cli.session import Session
from cli.summaries import summary
from ledger.errors import UnknownThing
from ledger.event import (
    ACCOUNT_STREAM,
    Entry,
)
from ledger.values import day_of

if TYPE_CHECKING:
    from ledger.store import Log


class StoryRow(Row, frozen=True, kw_only=True):
    """One entry: what happened, when, who recorded it when, and the row of the file that says so."""

    account: str
    position: int
    stream: str
    version: int
    event: str
    occurred_at: str
    recorded_at: str
    actor: str
    summary: str
    source_digest: str | None
    source_file: str | None
    source_row: int | None
    causation: str | None

    @property
    def day(self) -> str:
        """The day on which it happened, or the moment without its seconds."""
        return self.occurred_at[:16].replace("T", " ")

    @property
    def source(self) -> str:
        """File and row, or who recorded it."""
        if self.source_file is None:
            return self.actor
        row = f":{self.source_row}" if self.source_row else ""
        return f"{self.source_file}{row}"


COLUMNS: Final = (
    Column("position", "entry", right=True),
    Column("day", "happened"),
    Column("event", "event", rank=2),
    Column("summary", "what", wraps=True),
    Column("source", "source", rank=1),
)


@click.command("story", short_help="Tell everything recorded of an order, an FNSKU or a removal.")
@click.argument("thing", metavar="ORDER")
@click.option(
    "--by",
    type=click.Choice(["position", "occurrence"]),
    default="position",
    help="In the order of recording, or in that of what happened.",
)
@click.option(
    "--reveal",
    is_flag=True,
    help="Show what is sealed, in clear; the access log says that you looked.",
)
@question_options
@click.pass_obj
def command(
    session: Session,
    thing: str,
    by: str,
    reveal: bool,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Tell everything recorded of an order, an FNSKU or a removal.

    ORDER is an order id, an FNSKU, a removal order's id, or a stream: order/..., stock/...,
    removal/..., account. What is personal stays sealed, but with --reveal.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    told_until = asked.as_of if as_of else None
    rows = list(asked.of_each_log(lambda log: _rows(log, thing, asked, told_until, reveal)))
    if not rows:
        raise UnknownThing(
            f"nothing is recorded of it in {', '.join(asked.looked_in)}",
            found=thing,
            advice="`returns-ledger coverage` shows which reports and days were imported."
            if asked.plain
            else "It may have happened, or been told, later: leave --as-of and --known-at out.",
        )
    if by == "occurrence":
        rows.sort(key=lambda row: (row.occurred_at, row.position))
    show(session, _answer(rows, asked))


def _rows(
    log: Log, thing: str, asked: Question, until: date | None, reveal: bool
) -> Iterator[StoryRow]:
    from ledger.importing import imports_of

    stream = stream_of(log, thing.strip())
    if stream is None or (stream != ACCOUNT_STREAM and not _belongs(log, stream, asked)):
        return
    files = {one.digest: one.file for one in imports_of(log)}
    told = [
        entry
        for entry in log.entries(stream, known_at=asked.asked_known_at)
        if until is None or _day(entry) <= until
    ]
    clear = _revealed(asked.session, log, told) if reveal else {}
    for entry in told:
        row = _row(log.account, entry, files)
        words = clear.get(row.position)
        yield replace(row, summary=f"{row.summary} {words}") if words else row


def _revealed(session: Session, log: Log, told: Sequence[Entry]) -> dict[int, str]:
    """What is sealed in the entries, in clear, by their positions."""
    from ledger.persons import ERASED, opened

    with session.workspace.keystore(log.account) as keys:
        found = opened(told, keys, why="story --reveal")
    return {
        position: " ".join(f"{field}: {text}." for field, text in values.items())
        if any(text != ERASED for text in values.values())
        else ERASED
        for position, values in found.items()
    }


def _belongs(log: Log, stream: str, asked: Question) -> bool:
    if asked.marketplace is None:
        return True
    return asked.admits(asked.recall(log).case(stream).marketplace)


def _day(entry: Entry) -> date:
    return day_of(entry.occurred_at, getattr(entry.event, "marketplace", None))


def _row(account: str, entry: Entry, files: Mapping[str, str]) -> StoryRow:
    digest = entry.source.digest
    return StoryRow(
        account=account,
        position=entry.position or 0,
        stream=entry.stream,
        version=entry.version,
        event=type(entry.event).__name__,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at or "",
        actor=entry.actor,
        summary=summary(entry.event),
        source_digest=digest,
        source_file=files.get(digest) if digest else None,
        source_row=entry.source.row,
        causation=entry.causation,
    )


def _answer(rows: list[StoryRow], asked: Question) -> Answer:
    stream = rows[0].stream
    then = [f"Who bears the cost: `returns-ledger liability {stream.partition('/')[2]}`."]
    if not stream.startswith("order/"):
        then = [f"What the machine makes of it: `returns-ledger doctor replay {stream}`."]
    if all(row.event != "JudgementRecorded" for row in rows):
        then.append("What Amazon owes for it: `returns-ledger audit`.")
    sections = [
        Section(
            title=stream if len(asked.accounts) == 1 else f"{account}: {stream}",
            rows=[row for row in rows if (row.account, row.stream) == (account, stream)],
            columns=COLUMNS,
        )
        for account, stream in dict.fromkeys((row.account, row.stream) for row in rows)
    ]
    return Answer(
        command="story",
        kind=StoryRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=sections,
        then=then,
    )
