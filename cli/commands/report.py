"""Reports on what returns are about: reasons, products, the seller's service, what his policy costs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import deepcopy
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar

import click
import msgspec

from cli.answer import Answer, Column, Line, Section
from cli.options import Day, InOrder, Period, question_options
from cli.output import progress, show, shows_a_table
from cli.plots import Pen, pen
from cli.questions import Question, question
from cli.session import Session
from ledger.values import in_words

if TYPE_CHECKING:
    from ledger.book import Book
    from ledger.case import Case
    from ledger.recall import Recall
    from ledger.store import Log
    from projections import tallying
    from projections.products import ProductRow
    from projections.reasons import By, ReasonRow
    from projections.service import ServiceRow
    from projections.spending import PolicyRow

GROUPINGS: Final = ("sku", "asin", "marketplace")
SMALL: Final = "few"
FEW: Final = "`few`: fewer than 30 units or cases; chance alone moves such a rate."

Function = TypeVar("Function", bound=Callable[..., Any])
Days = tuple[date, date]


@click.group(
    "report", cls=InOrder, short_help="Report on reasons, products, service and policy, with plots."
)
def command() -> None:
    """Report on reasons, products, service and policy, with plots.

    Worked out from the log; nothing of a buyer is in it. Every rate says of how many.
    """


# --- what is asked of all of them -------------------------------------------------------------


def report_options(function: Function) -> Function:
    """A period, and what every question may be narrowed to."""
    options = (
        click.option("--from", "first", type=Day(), help="The first day of the period."),
        click.option("--to", "last", type=Day(), help="The last day of the period."),
        click.option("--period", type=Period(), help="Both at once: 2026-05-01..2026-05-31."),
    )
    for option in reversed(options):
        function = option(function)
    return question_options(function)


def _period(first: date | None, last: date | None, period: Days | None) -> tallying.Period:
    from projections.tallying import Period as Told

    if period and (first or last):
        raise click.UsageError("--period says both days: leave --from and --to out")
    first, last = period or (first, last)
    if first and last and first > last:
        raise click.UsageError("--from is after --to")
    return Told(first, last)


R = TypeVar("R", bound=msgspec.Struct)


class Tally(Protocol[R]):
    """A report while the cases go by."""

    def take(self, case: Case, book: Book) -> None:
        """Take in what one case tells."""

    def add(self, later: Self) -> None:
        """Take in what later cases told another one."""

    def rows(self, book: Book) -> list[R]:
        """What it all comes to."""


def _rows(
    asked: Question,
    begin: Callable[[str], Tally[R]],
    among: Callable[[Recall], Collection[str]] | None = None,
) -> list[R]:
    """The rows of every account: one pass over its cases, or over those among which are all that tell anything."""

    def of_log(log: Log) -> Iterable[R]:
        recall = asked.recall(log)
        tally = begin(log.account)
        summed = partial(_tallied, begin(log.account), asked.marketplace)
        number = 0
        with progress(asked.session, None) as told:
            for cases, part in asked.sums(recall, summed, among(recall) if among else None):
                tally.add(part)
                number += cases
                told(f"{log.account}: {number:,} cases so far", number)
        return tally.rows(recall.book)

    return list(asked.of_each_log(of_log))


def _tallied(
    empty: Tally[R], marketplace: str | None, cases: Iterable[Case], book: Book
) -> tuple[int, Tally[R]]:
    """How many cases these are, and what those of a store come to."""
    tally, number = deepcopy(empty), 0
    for case in cases:
        number += 1
        if marketplace in (None, case.marketplace):
            tally.take(case, book)
    return number, tally


def _answer(
    name: str,
    kind: type[msgspec.Struct],
    rows: Sequence[msgspec.Struct],
    asked: Question,
    sections: Callable[[], list[Section]],
    *then: str,
) -> Answer:
    """The answer; what is drawn is drawn for a person alone."""
    return Answer(
        command=f"report-{name}",
        kind=kind,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=sections() if rows and shows_a_table(asked.session) else [],
        empty="Nothing of the kind is told of this period.",
        then=then,
    )


def _columns(asked: Question, *columns: Column) -> list[Column]:
    several = len(asked.accounts) > 1
    return [*([Column("account", "account")] if several else []), *columns]


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{100 * rate:.1f} %"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


# --- reasons ----------------------------------------------------------------------------------


class _Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason as a person reads it."""

    account: str
    group: str
    reason: str
    units: int
    share: str
    rate: str
    bar: str
    trend: str
    dispositions: str
    small: str


@command.command("reasons", short_help="Why buyers send things back, and in what state.")
@click.option("--by", type=click.Choice(GROUPINGS), help="Each SKU, ASIN or store by itself.")
@report_options
@click.pass_obj
def reasons(
    session: Session,
    by: By | None,
    first: date | None,
    last: date | None,
    period: Days | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Why buyers send things back, and in what state.

    A reason counts on the day of the return to a fulfilment centre, or of the request to the
    seller. Its share is of all units sent back, its rate of the units shipped in the same period.
    """
    from projections.reasons import ReasonRow, Reasons

    days = _period(first, last, period)
    asked = question(session, account, marketplace, as_of, known_at)
    rows = _rows(asked, lambda name: Reasons(name, days, by))
    shown = [
        "Per product, with intervals and money: `returns-ledger report asin`.",
        *([FEW] if any(row.small for row in rows) else []),
    ]
    show(
        session,
        _answer("reasons", ReasonRow, rows, asked, lambda: _reasons(rows, by, asked), *shown),
    )


def _reasons(rows: Sequence[ReasonRow], by: str | None, asked: Question) -> list[Section]:
    drawn = pen()
    most = max((row.units for row in rows), default=0)
    columns = _columns(
        asked,
        *([Column("group", by)] if by else []),
        Column("reason", "reason"),
        Column("units", "units", right=True),
        Column("bar", "", rank=3),
        Column("share", "share", right=True),
        Column("rate", "of shipped", right=True, rank=1),
        Column("trend", "by month", rank=2),
        Column("dispositions", "found to be", rank=4, wraps=True),
        Column("small", "", rank=1),
    )
    shown = [
        _Reason(
            account=row.account,
            group=str(getattr(row, by) or "") if by else "",
            reason=row.reason,
            units=row.units,
            share=_percent(row.share),
            rate=_percent(row.rate),
            bar=drawn.bar(row.units, most),
            trend=drawn.spark(list(row.months.values())),
            dispositions=_counted(row.dispositions),
            small=SMALL if row.small else "",
        )
        for row in rows
    ]
    return [Section(rows=shown, columns=columns, lines=_denominators(rows, by))]


def _denominators(rows: Sequence[ReasonRow], by: str | None) -> list[Line]:
    if by:
        return []
    totals = {row.account: (row.of, row.units_shipped) for row in rows}
    back, shipped = (sum(one[place] for one in totals.values()) for place in (0, 1))
    months = [month for row in rows for month in row.months]
    return [
        Line(f"Shares are of {back:,} units sent back, rates of {shipped:,} shipped."),
        Line(f"Months: {min(months)} to {max(months)}."),
    ]


# --- products ---------------------------------------------------------------------------------


class _Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product as a person reads it."""

    account: str
    asin: str
    sku: str
    marketplace: str
    shipped: int
    returned: int
    rate: str
    interval: str
    trend: str
    reasons: str
    lost: str
    small: str


@command.command("asin", short_help="Each product: rates with intervals, reasons, money lost.")
@report_options
@click.pass_obj
def asin(
    session: Session,
    first: date | None,
    last: date | None,
    period: Days | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Each product: rates with intervals, reasons, money lost.

    Of the units shipped in the period, how many have come back so far. The interval (Wilson's)
    holds the true rate 19 times in 20. Money is what the seller bore in the period.
    """
    from projections.products import ProductRow, Products

    days = _period(first, last, period)
    asked = question(session, account, marketplace, as_of, known_at)
    rows = _rows(asked, lambda name: Products(name, days, asked.as_of))
    then = [
        "Why, product by product: `returns-ledger report reasons --by asin`.",
        "What each party bears: `returns-ledger liability --by asin`.",
        *([FEW] if any(row.small for row in rows) else []),
    ]
    show(session, _answer("asin", ProductRow, rows, asked, lambda: _products(rows, asked), *then))


def _products(rows: Sequence[ProductRow], asked: Question) -> list[Section]:
    drawn = pen()
    columns = _columns(
        asked,
        Column("asin", "ASIN"),
        Column("sku", "SKU", rank=3),
        Column("marketplace", "store", rank=5),
        Column("shipped", "shipped", right=True),
        Column("returned", "returned", right=True),
        Column("rate", "rate", right=True),
        Column("interval", "95 % interval", right=True, rank=1),
        Column("trend", "by month", rank=2),
        Column("lost", "lost", right=True),
        Column("reasons", "reasons", rank=4, wraps=True),
        Column("small", "", rank=1),
    )
    shown = [
        _Product(
            account=row.account,
            asin=row.asin or "not told",
            sku=_first_of(row.skus),
            marketplace=row.marketplace or "",
            shipped=row.units_shipped,
            returned=row.units_returned,
            rate=_percent(row.return_rate),
            interval=_interval(row),
            trend=_trend(row, drawn),
            reasons=_counted(row.reasons),
            lost=", ".join(f"{amount} {currency}" for currency, amount in row.lost.items()),
            small=SMALL if row.small else "",
        )
        for row in rows
    ]
    return [Section(rows=shown, columns=columns, lines=_products_notes(rows))]


def _first_of(skus: Sequence[str]) -> str:
    more = f" +{len(skus) - 1}" if len(skus) > 1 else ""
    return f"{skus[0]}{more}" if skus else ""


def _interval(row: ProductRow) -> str:
    if row.rate_low is None or row.rate_high is None:
        return ""
    return f"{100 * row.rate_low:.1f}-{100 * row.rate_high:.1f} %"


def _trend(row: ProductRow, drawn: Pen) -> str:
    """Months that are over, then where the newest of them goes."""
    ripe = [month.rate for month in row.months.values() if month.ripe]
    return f"{drawn.spark(ripe)} {drawn.arrow(row.trend)}".strip()


def _products_notes(rows: Sequence[ProductRow]) -> list[Line]:
    unplaced = sum(row.unplaced for row in rows)
    notes = [
        "Rates are of the units shipped in the period; months whose buyers may still return are not drawn."
    ]
    if unplaced:
        notes.append(f"Units returned of orders that no file tells of, in no rate: {unplaced:,}.")
    provisional = any(row.lost_provisional for row in rows)
    if provisional:
        notes.append("Some of the money is provisional: `returns-ledger liability` shows it apart.")
    return [Line(note) for note in notes]


# --- service ----------------------------------------------------------------------------------


class _Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A measure as a person reads it."""

    account: str
    area: str
    measure: str
    count: int
    of: int | None
    share: str
    bar: str
    span: str
    amount: str
    small: str


@command.command("service", short_help="Answers, refunds, grades, duties missed, claims won.")
@report_options
@click.pass_obj
def service(
    session: Session,
    first: date | None,
    last: date | None,
    period: Days | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Answers, refunds, grades, duties missed, claims won.

    How fast messages and requests were answered (weekends count), how long from receipt to refund
    and to grading, which duties were missed, and what became of the claims filed in the period.
    """
    from ledger.judging import duties
    from projections.service import Service, ServiceRow

    days = _period(first, last, period)
    asked = question(session, account, marketplace, as_of, known_at)
    rows = _rows(asked, lambda name: Service(name, days, asked.as_of, duties))
    then = [
        "What is due next: `returns-ledger due`.",
        *([FEW] if any(row.small for row in rows) else []),
    ]
    show(session, _answer("service", ServiceRow, rows, asked, lambda: _service(rows, asked), *then))


def _service(rows: Sequence[ServiceRow], asked: Question) -> list[Section]:
    drawn = pen()
    columns = _columns(
        asked,
        Column("area", "about"),
        Column("measure", "measure"),
        Column("count", "number", right=True),
        Column("of", "of", right=True),
        Column("share", "share", right=True),
        Column("bar", "", rank=3),
        Column("span", "median (9 of 10)", right=True),
        Column("amount", "money", right=True, rank=1),
        Column("small", "", rank=1),
    )
    shown = [
        _Measure(
            account=row.account,
            area=row.area.replace("_", "-"),
            measure=re.sub(r"\w+", lambda word: in_words(word[0]), row.measure),
            count=row.count,
            of=row.of,
            share=_percent(row.share),
            bar=drawn.bar(row.share or 0, 1),
            span="" if row.median is None else f"{row.median} ({row.ninetieth}) {row.unit}",
            amount="" if row.amount is None else f"{row.amount} {row.currency}",
            small=SMALL if row.small else "",
        )
        for row in rows
    ]
    return [Section(rows=shown, columns=columns)]


# --- policy -----------------------------------------------------------------------------------


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was given or kept, all months together, as a person reads it."""

    account: str
    what: str
    kind: str
    approver: str
    count: int
    units: int | None
    amount: str
    bar: str
    trend: str


@command.command("policy", short_help="What goodwill, concessions and your terms cost.")
@report_options
@click.pass_obj
def policy(
    session: Session,
    first: date | None,
    last: date | None,
    period: Days | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """What goodwill, concessions and your terms cost.

    By kind, approver and month. One refund may stand under several words (by what set it off, and
    as goodwill): amounts under different words are not to be added.
    """
    from ledger.judging import to_judge
    from projections.spending import PolicyRow, Spending

    days = _period(first, last, period)
    asked = question(session, account, marketplace, as_of, known_at)
    # Nothing was given or kept in an order that was only sold.
    rows = _rows(asked, lambda name: Spending(name, days), to_judge)
    then = ["Who bears what in all: `returns-ledger liability --by party`."]
    show(session, _answer("policy", PolicyRow, rows, asked, lambda: _policy(rows, asked), *then))


def _policy(rows: Sequence[PolicyRow], asked: Question) -> list[Section]:
    """A section for each word: what stands under different words may be the same money."""
    from projections.tallying import months_of

    drawn = pen()
    months = months_of(row.month for row in rows)
    by_what: defaultdict[str, list[PolicyRow]] = defaultdict(list)
    for row in rows:
        by_what[row.what].append(row)
    columns = _columns(
        asked,
        Column("kind", "kind"),
        Column("approver", "approved by", rank=1),
        Column("count", "times", right=True),
        Column("units", "units", right=True, rank=1),
        Column("amount", "amount", right=True),
        Column("bar", "", rank=3),
        Column("trend", "by month", rank=2),
    )
    return [
        Section(title=what.replace("_", " "), rows=_given(found, months, drawn), columns=columns)
        for what, found in by_what.items()
    ]


def _given(rows: Iterable[PolicyRow], months: Sequence[str], drawn: Pen) -> list[_Given]:
    from ledger.values import Money

    kinds: defaultdict[tuple[str, ...], list[PolicyRow]] = defaultdict(list)
    for row in rows:
        kinds[row.account, row.kind, row.approver or "", row.currency or ""].append(row)
    sums = {
        key: sum(
            Money.of(row.amount, row.currency).minor for row in found if row.amount and row.currency
        )
        for key, found in kinds.items()
    }
    most: Counter[str] = Counter()
    for key, minor in sums.items():
        most[key[3]] = max(most[key[3]], minor)
    return [
        _Given(
            account=key[0],
            what=found[0].what,
            kind=key[1],
            approver=key[2],
            count=sum(row.count for row in found),
            units=sum(row.units or 0 for row in found) or None,
            amount=str(Money(sums[key], key[3])) if key[3] else "",
            bar=drawn.bar(sums[key], most[key[3]]),
            trend=drawn.spark(
                [sum(row.count for row in found if row.month == month) for month in months]
            ),
        )
        for key, found in kinds.items()
    ]
