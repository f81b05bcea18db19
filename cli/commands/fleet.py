"""Audits every account there is, and sums up what is owed to each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Column, Line, Row, Section
from cli.options import LOCAL, EngineName, accounts_option, day_options, shared_options
from cli.output import progress, show
from cli.questions import Question, question
from cli.session import Session
from cli.workspace import EVERY, Workspace
from ledger.errors import StoreTrouble

if TYPE_CHECKING:
    from projections.fleet import Audited

NOW: Final = ("ready", "underpaid")
"""To be acted on now."""
CHECK: Final = "Look into it: `returns-ledger check --account NAME`."


class FleetRow(Row, frozen=True, kw_only=True):
    """One account and currency: how many findings, and what is open of them; or why there is no answer."""

    account: str
    entries: int
    currency: str | None
    ready: int
    """Ready or underpaid: to act on now."""
    amount_ready: str | None
    waiting: int
    amount_waiting: str | None
    review: int
    amount_review: str | None
    error: str | None


COLUMNS: Final = (
    Column("account", "account"),
    Column("entries", "entries", right=True, rank=2),
    Column("ready", "ready", right=True),
    Column("amount_ready", "amount", right=True, unit="currency"),
    Column("waiting", "waiting", right=True),
    Column("amount_waiting", "amount", right=True, unit="currency"),
    Column("review", "review", right=True),
    Column("amount_review", "amount", right=True, unit="currency", rank=1),
)


@click.command("fleet", short_help="Audit every account there is, here or by a cluster.")
@click.option(
    "--engine",
    type=EngineName(),
    default=LOCAL,
    metavar="ENGINE",
    help="Who audits: local (the default), dask-local, or a Dask scheduler at dask://HOST:PORT.",
)
@accounts_option
@day_options
@shared_options
@click.pass_obj
def command(
    session: Session,
    engine: str,
    account: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """Audit every account there is, and sum up what is owed to each.

    Nothing is recorded. An account that cannot be read stops no other. Ends 1 where there is one,
    else 3 where anything is ready or underpaid.
    """
    from cli.exports.extras import needed

    needed("pyarrow", "parquet", "fleet")
    asked = question(session, account or EVERY, None, as_of, known_at)
    session.accounts += asked.accounts
    found, lines = _audited(session, engine, asked)
    rows = [row for one in found for row in _rows(one)]
    show(session, _answer(rows, found, lines, asked))
    if any(one.error for one in found):
        return 1
    return 3 if any(row.ready for row in rows) else 0


def _audited(session: Session, engine: str, asked: Question) -> tuple[list[Audited], list[str]]:
    from cli.spreading import engine_named
    from ledger.dataset import Place
    from projections.fleet import audit_each

    found = list(_lost(session.workspace, asked.accounts))
    there = [name for name in asked.accounts if name not in {one.account for one in found}]
    places = [Place(session.workspace.address(name), name) for name in there]
    with engine_named(engine) as (workers, lines), progress(session, len(places)) as told:
        for one in audit_each(workers, places, asked.as_of, asked.asked_known_at):
            found.append(one)
            told(f"{one.account}: audited", len(found))
        return sorted(found, key=lambda one: asked.accounts.index(one.account)), lines()


def _lost(workspace: Workspace, accounts: Sequence[str]) -> Iterator[Audited]:
    """The accounts whose ledger is gone: to audit them would begin another."""
    from projections.fleet import in_trouble

    for name in accounts:
        try:
            workspace.refuse_lost(name)
        except StoreTrouble as trouble:
            yield in_trouble(name, trouble)


def _rows(one: Audited) -> Iterator[FleetRow]:
    """A row for each currency; one where there is none."""
    currencies: list[str | None] = [
        *sorted({told.currency for told in one.sums if told.currency})
    ] or [None]
    for currency in currencies:
        counts = {}
        for name, verdicts in (("ready", NOW), ("waiting", ("waiting",)), ("review", ("review",))):
            those = [
                told
                for told in one.sums
                if told.verdict in verdicts and told.currency in (currency, None)
            ]
            # What is worth nobody knows how much is counted once, with the first currency.
            those = [told for told in those if told.currency or currency == currencies[0]]
            counts[name] = (
                sum(told.findings for told in those),
                _text(sum(told.minor for told in those), currency),
            )
        yield FleetRow(
            account=one.account,
            entries=one.entries,
            currency=currency,
            ready=counts["ready"][0],
            amount_ready=counts["ready"][1],
            waiting=counts["waiting"][0],
            amount_waiting=counts["waiting"][1],
            review=counts["review"][0],
            amount_review=counts["review"][1],
            error=one.error,
        )


def _text(minor: int, currency: str | None) -> str | None:
    from ledger.values import Money

    return Money(minor, currency).text if currency else None


def _answer(
    rows: list[FleetRow], found: Sequence[Audited], lines: Sequence[str], asked: Question
) -> Answer:
    said = [Line(one.error, "bad") for one in found if one.error]
    said += [Line(line, "faint") for line in lines]
    whole = [row for row in rows if row.error is None]
    then = ["See what is behind a sum: `returns-ledger audit --account NAME`."]
    then[:0] = dict.fromkeys(one.advice or CHECK for one in found if one.error)
    return Answer(
        command="fleet",
        kind=FleetRow,
        rows=rows,
        key="accounts",
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[Section(rows=whole, columns=COLUMNS, lines=said)],
        then=then,
    )
