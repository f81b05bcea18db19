"""Replays the book under other rules, and shows what would change; records nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from cli.answer import Answer, Column, Line, Row, Section
from cli.findings import VERDICTS, counted
from cli.options import Day, question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.rules import CHANGE_COLUMNS, ChangeRow, change_rows
from cli.session import Session
from ledger.values import Money, in_words

if TYPE_CHECKING:
    from ledger.book import Book
    from ledger.case import Case
    from ledger.policy import Finding
    from ledger.recall import Recall
    from ledger.rulebook import Rulebook
    from ledger.rulebook.own import Merged
    from ledger.ruling import Ruling
    from ledger.store import Log

NONE: Final = "-"
"""What stands for a finding that there is not."""


class SideRow(Row, frozen=True, kw_only=True):
    """What is answered under one of the two rulebooks."""

    verdict: str
    """Of a claim its verdict; of a duty, a right or a cost its state."""
    opens: date | None
    closes: str | None
    """The last day, or the last moment where hours count."""
    bearer: str | None
    currency: str | None
    amount: str | None
    expected: str | None
    reason: str
    rule_ids: tuple[str, ...]

    @property
    def text(self) -> str:
        """As short as it can be said."""
        days = [str(self.opens)] if self.opens else []
        days += [f"to {self.closes}"] if self.closes else []
        window = f", {' '.join(days)}" if days else ""
        money = f", {self.amount} {self.currency}" if self.amount else ""
        who = f", {self.bearer}" if self.bearer else ""
        return f"{self.verdict.replace('_', ' ')}{window}{who}{money}"


class ChangedRow(Row, frozen=True, kw_only=True):
    """One answer that the other rules change."""

    account: str
    kind: str
    """claim, duty, right or cost."""
    id: str
    """Of a claim the finding's id; of anything else what it is about."""
    what: str
    stream: str
    order_id: str | None
    sku: str | None
    marketplace: str | None
    changed: tuple[str, ...]
    """verdict, window, bearer, amount; or appears, disappears."""
    before: SideRow | None
    after: SideRow | None

    @property
    def thing(self) -> str:
        """What it is about, as short as it can be said."""
        return self.order_id or self.stream

    @property
    def was(self) -> str:
        """The answer by the rules in use."""
        return self.before.text if self.before else NONE

    @property
    def would_be(self) -> str:
        """The answer by the other rules."""
        return self.after.text if self.after else NONE


class SumRow(Row, frozen=True, kw_only=True):
    """What the claims of one verdict and currency come to, before and after."""

    account: str
    verdict: str
    currency: str | None
    findings_before: int
    findings_after: int
    amount_before: str | None
    amount_after: str | None
    difference: str | None


class WhatIf(Row, frozen=True, kw_only=True):
    """The rules that are other, the answers that change, and the sums."""

    rules: tuple[ChangeRow, ...]
    changes: tuple[ChangedRow, ...]
    sums: tuple[SumRow, ...]


_CHANGED_COLUMNS: Final = (
    Column("account", "account", rank=5),
    Column("id", "finding", rank=3),
    Column("what", "what"),
    Column("thing", "about"),
    Column("sku", "SKU", rank=4),
    Column("was", "now", wraps=True),
    Column("would_be", "by these rules", wraps=True),
)
_SUM_COLUMNS: Final = (
    Column("account", "account", rank=5),
    Column("verdict", "verdict"),
    Column("currency", "currency"),
    Column("findings_before", "findings", right=True),
    Column("findings_after", "would be", right=True),
    Column("amount_before", "open amount", right=True),
    Column("amount_after", "would be", right=True),
    Column("difference", "difference", right=True),
)


@click.command("whatif", short_help="Replay the book under other rules; record nothing.")
@click.option(
    "--rules",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="A file of rules, as `rules adopt` takes it.",
)
@click.option(
    "--from", "since", type=Day(), help="The day from which they hold, where they name none."
)
@click.option(
    "--order", "orders", multiple=True, metavar="ID", help="Only this order, FNSKU or removal."
)
@question_options
@click.pass_obj
def command(
    session: Session,
    file: Path,
    since: date | None,
    orders: tuple[str, ...],
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> None:
    """Replay the book under other rules, and show what would change; nothing is recorded.

    The rules of the file lie over those in use, your own among them. Shown is each claim whose
    verdict, window or amount changes, each duty, right and cost whose deadline or bearer does, and
    what the claims come to before and after.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    wanted = Wanted(orders)
    content = file.read_bytes()
    compared = list(
        asked.of_each_log(
            lambda log: [_compared(log, asked, wanted.streams(log), file.name, content, since)]
        )
    )
    wanted.refuse_unknown(asked.looked_in)
    changes = [row for one in compared for row in one.changes]
    whole = WhatIf(
        rules=tuple(row for one in compared for row in one.rules),
        changes=tuple(sorted(changes, key=lambda row: (row.account, row.what, row.thing, row.id))),
        sums=tuple(row for one in compared for row in one.sums),
    )
    session.count(changed=len(whole.changes))
    show(session, _answer(whole, asked, file))


# --- both answers -----------------------------------------------------------------------------


def _compared(
    log: Log,
    asked: Question,
    streams: Sequence[str] | None,
    file: str,
    content: bytes,
    since: date | None,
) -> WhatIf:
    """One account under the rules in use, and under the other ones, as known at one moment."""
    from ledger.recall import Recall

    moment = asked.asked_known_at or log.recorded_at()
    merged = _other_rules(log, moment, file, content, since)
    recall = Recall(log, asked.as_of, moment)
    changes: list[ChangedRow] = []
    was, would_be = _Sums(), _Sums()
    for both in _of_each(recall, streams, merged.rulebook, asked.marketplace):
        changes += both.changes
        was.take(both.open_before)
        would_be.take(both.open_after)
    changes.sort(key=lambda row: (row.kind != "claim", row.before is None))
    return WhatIf(
        rules=tuple(change_rows(log.account, merged.changes, merged.rulebook)),
        changes=tuple(changes),
        sums=tuple(_sums(log.account, was, would_be)),
    )


def _other_rules(
    log: Log, moment: str | None, file: str, content: bytes, since: date | None
) -> Merged:
    """The rules of the file over those that the account worked by, the seller's own beneath them."""
    from ledger.adopting import own_rules
    from ledger.recall import adopted, adopted_rulebook
    from ledger.rulebook import Rulebook
    from ledger.rulebook.own import merge

    last = adopted(log, moment)
    came = adopted_rulebook(log, moment)
    if last is not None and last.shipped is not None:
        came = Rulebook.from_json(log.original(last.shipped))
    return merge(came, file, content, since, own_rules(log, moment))


class _Both(msgspec.Struct, frozen=True):
    """What is answered of one case under both rulebooks, as far as it is shown or summed."""

    changes: list[ChangedRow]
    open_before: list[_Open]
    open_after: list[_Open]


def _of_each(
    recall: Recall, streams: Sequence[str] | None, other: Rulebook, marketplace: str | None
) -> Iterator[_Both]:
    """Both answers of each case of which there may be any: each is folded once, and what is alike is let go."""
    from projections.moments import Moment
    from projections.work import Folding

    log = recall.log
    moment = Moment(log, log.position_at(recall.moment), recall.moment)
    with TemporaryDirectory(prefix="returns-ledger-") as folder, moment.crew() as crew:
        rules = Path(folder) / "rules"
        rules.write_bytes(other.to_json())
        comparing = partial(_both, log.account, marketplace, str(rules))
        context = moment.context(crew, b"".join(crew.excerpts()), [recall.as_of])
        named = _answerable(recall) if streams is None else streams
        for answers in crew.ask(Folding(context), comparing, recall.as_of, named):
            yield from answers


def _answerable(recall: Recall) -> set[str]:
    """The streams of which there may be a claim, a duty, a right or a cost: most orders are sold, and that is all."""
    from ledger.event import Deed
    from ledger.events import BY_TOPIC
    from ledger.judging import QUIET

    # From what the seller tells of a sale follow rights, though neither a claim nor a duty does.
    silent = {topic for topic in QUIET if not issubclass(BY_TOPIC[topic], Deed)}
    return recall.log.streams_with(BY_TOPIC.keys() - silent, known_at=recall.moment)


def _both(
    account: str, marketplace: str | None, rules: str, case: Case, book: Book, as_of: date
) -> _Both:
    before = _Answers(case, book, as_of, marketplace)
    after = _Answers(case, _by_other_rules(book, rules), as_of, marketplace)
    return _Both(
        list(_changes(account, before, after)), _open_in(before.findings), _open_in(after.findings)
    )


@lru_cache(maxsize=1)
def _by_other_rules(book: Book, rules: str) -> Book:
    """The same book by the rules of a file, read once."""
    from ledger.rulebook import Rulebook

    return book.under(Rulebook.from_json(Path(rules).read_bytes()))


class _Answers:
    """Everything that is answered of a case by one book, by what it is about."""

    def __init__(self, case: Case, book: Book, as_of: date, marketplace: str | None) -> None:
        from ledger.judging import judge, rulings

        self.findings: list[Finding] = [
            one for one in judge(case, book, as_of) if marketplace in (None, one.marketplace)
        ]
        self.rulings: dict[tuple[str, ...], Ruling] = {}
        for ruled in rulings(case, book, as_of):
            if marketplace in (None, ruled.marketplace):
                self.rulings[self._name(ruled)] = ruled

    def _name(self, ruled: Ruling) -> tuple[str, ...]:
        """What a ruling is about, with a number where several are about the same."""
        told = (ruled.stream, ruled.policy, ruled.kind, ruled.what, ruled.sku, ruled.claim)
        name = tuple(part or "" for part in told)
        number = 1
        while (*name, str(number)) in self.rulings:
            number += 1
        return (*name, str(number))


def _changes(account: str, before: _Answers, after: _Answers) -> Iterator[ChangedRow]:
    was = {one.finding_id: one for one in before.findings}
    would_be = {one.finding_id: one for one in after.findings}
    for name in dict.fromkeys([*was, *would_be]):
        sides = [_of_finding(found.get(name)) for found in (was, would_be)]
        told = was.get(name) or would_be[name]
        row = _changed(account, told.claim_type, name, "claim", told, *sides)
        if row:
            yield row
    for key in dict.fromkeys([*before.rulings, *after.rulings]):
        sides = [_of_ruling(found.rulings.get(key)) for found in (before, after)]
        ruled = before.rulings.get(key) or after.rulings[key]
        row = _changed(account, ruled.what, ruled.policy, ruled.kind, ruled, *sides)
        if row:
            yield row


def _changed(
    account: str,
    what: str,
    name: str,
    kind: str,
    told: Finding | Ruling,
    before: SideRow | None,
    after: SideRow | None,
) -> ChangedRow | None:
    changed = tuple(_differences(before, after))
    if not changed:
        return None
    return ChangedRow(
        account=account,
        kind=kind,
        id=name,
        what=in_words(what),
        stream=told.stream,
        order_id=told.order_id,
        sku=told.sku,
        marketplace=told.marketplace,
        changed=changed,
        before=before,
        after=after,
    )


def _differences(before: SideRow | None, after: SideRow | None) -> Iterator[str]:
    if before is None or after is None:
        yield "appears" if before is None else "disappears"
        return
    if before.verdict != after.verdict:
        yield "verdict"
    if (before.opens, before.closes) != (after.opens, after.closes):
        yield "window"
    if before.bearer != after.bearer:
        yield "bearer"
    if _money(before) != _money(after):
        yield "amount"


def _money(side: SideRow) -> tuple[Any, ...]:
    return side.amount, side.expected, side.currency


def _of_finding(finding: Finding | None) -> SideRow | None:
    if finding is None:
        return None
    amount, expected = finding.amount_open, finding.amount_expected
    some = amount or expected
    return SideRow(
        verdict=finding.verdict,
        opens=finding.window_opens,
        closes=str(finding.window_closes) if finding.window_closes else None,
        bearer=None,
        currency=some.currency if some else None,
        amount=amount.text if amount else None,
        expected=expected.text if expected else None,
        reason=finding.reason,
        rule_ids=finding.rule_ids,
    )


def _of_ruling(ruled: Ruling | None) -> SideRow | None:
    if ruled is None:
        return None
    return SideRow(
        verdict=ruled.state,
        opens=None,
        closes=ruled.due_at,
        bearer=ruled.bearer,
        currency=ruled.amount.currency if ruled.amount else None,
        amount=ruled.amount.text if ruled.amount else None,
        expected=None,
        reason=ruled.reason,
        rule_ids=ruled.rule_ids,
    )


# --- sums -------------------------------------------------------------------------------------

_Group = tuple[str, str | None]
"""Verdict and currency."""


class _Open(msgspec.Struct, frozen=True, gc=False):
    """What is open in one claim, in the currency's smallest unit."""

    verdict: str
    currency: str | None
    minor: int


class _Sums:
    """How many claims each verdict and currency has, and what is open in them."""

    def __init__(self) -> None:
        self.findings: Counter[_Group] = Counter()
        self.minor: Counter[_Group] = Counter()

    def take(self, some: Iterable[_Open]) -> None:
        """Take in the claims of one case."""
        for one in some:
            self.findings[one.verdict, one.currency] += 1
            self.minor[one.verdict, one.currency] += one.minor


def _open_in(findings: Iterable[Finding]) -> list[_Open]:
    return [
        _Open(one.verdict, one.amount_open.currency, one.amount_open.minor)
        if one.amount_open
        else _Open(one.verdict, None, 0)
        for one in findings
    ]


def _sums(account: str, was: _Sums, would_be: _Sums) -> Iterator[SumRow]:
    """Of each verdict and currency: how many claims, and what is open in them."""
    groups = sorted(
        {*was.findings, *would_be.findings},
        key=lambda group: (VERDICTS.index(group[0]), group[1] or ""),
    )
    for group in groups:
        verdict, currency = group
        old, new = was.minor[group], would_be.minor[group]
        amounts = [None if currency is None else Money(one, currency) for one in (old, new)]
        yield SumRow(
            account=account,
            verdict=verdict,
            currency=currency,
            findings_before=was.findings[group],
            findings_after=would_be.findings[group],
            amount_before=amounts[0].text if amounts[0] else None,
            amount_after=amounts[1].text if amounts[1] else None,
            difference=(amounts[1] - amounts[0]).text if amounts[0] and amounts[1] else None,
        )


# --- as a person reads it ---------------------------------------------------------------------


def _answer(whole: WhatIf, asked: Question, file: Path) -> Answer:
    several = len(asked.accounts) > 1
    said = f"{counted(len(whole.changes), 'answer')} would change on {asked.as_of}"
    return Answer(
        command="whatif",
        kind=ChangedRow,
        rows=whole.changes,
        whole=whole,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[
            Section(title="Other rules", rows=whole.rules, columns=_shown(CHANGE_COLUMNS, several)),
            Section(
                title=said,
                rows=whole.changes,
                columns=_shown(_CHANGED_COLUMNS, several),
                lines=[] if whole.changes else [Line("Every verdict, window and amount stays.")],
            ),
            Section(
                title="What the claims come to" if whole.sums else "",
                rows=whole.sums,
                columns=_shown(_SUM_COLUMNS, several),
                lines=[Line("Nothing was recorded.", "faint")],
            ),
        ],
        then=[f"Work by these rules: `returns-ledger rules adopt {file}`."],
    )


def _shown(columns: Sequence[Column], several: bool) -> list[Column]:
    return [column for column in columns if several or column.field != "account"]
