"""Says what speaks against filing a claim, before it is filed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from cli.answer import Answer, Line, Row, Section
from cli.findings import counted
from cli.options import question_options
from cli.output import show
from cli.questions import Question, Wanted, question
from cli.session import Session
from ledger.errors import UnknownThing
from ledger.policy import ACT_ON
from ledger.values import in_words

if TYPE_CHECKING:
    from ledger.guarding import Guarded, Volume
    from ledger.policy import Finding
    from ledger.recall import Recall
    from ledger.store import Log

MARKS: Final = {"passed": "✓", "failed": "✗", "unknown": "?"}


class GuardRow(Row, frozen=True, kw_only=True):
    """One check of one finding under the names that programs read."""

    account: str
    finding_id: str
    claim_type: str
    stream: str
    order_id: str | None
    sku: str | None
    quantity: int
    amount_open: str | None
    currency: str | None
    verdict: str
    ok: bool
    """True where nothing speaks against filing the finding: the same in each of its rows."""
    check: str
    state: str
    answer: str
    entries: tuple[int, ...]
    rule_ids: tuple[str, ...]


@click.command("guard", short_help="Say what speaks against filing a claim, before you file it.")
@click.argument("target", metavar="[ORDER|FINDING]", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that could be filed now.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    metavar="N",
    help="Your own limit: no more than N claims in thirty days. Amazon names none.",
)
@question_options
@click.pass_obj
def command(
    session: Session,
    target: str | None,
    everything: bool,
    most: int | None,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """Say what speaks against filing a claim, before you file it.

    Too early, too late, claimed already, contradicted by other facts, too many, not claimable, not proved,
    a rule that is not certain. Ends 0 where nothing does, else 3.
    """
    from ledger.guarding import volume_of

    if (target is None) != everything:
        raise click.UsageError("Name an order or a finding, or say --all.")
    asked = question(session, account, marketplace, as_of, known_at)
    chosen = _Chosen(target, everything=everything)

    def of_log(log: Log) -> Iterator[tuple[str, Guarded]]:
        streams = chosen.streams(log, asked)
        recall = asked.recall(log, streams)
        found = _guarded(recall, streams, chosen, asked, volume_of(recall, most))
        yield from ((log.account, one) for one in found)

    guarded = list(asked.of_each_log(of_log))
    chosen.refuse_unknown(asked, found=bool(guarded))
    show(session, _answer(guarded, asked))
    return 0 if all(one.ok for _, one in guarded) else 3


class _Chosen:
    """What is to be guarded: a finding, everything about a thing, or everything that could be filed."""

    def __init__(self, target: str | None, *, everything: bool) -> None:
        self.everything = everything
        self.name = (target or "").strip()
        upper = self.name.upper()
        self.finding = upper if upper.startswith("F-") else None
        self.wanted = Wanted([self.name]) if self.name and self.finding is None else None

    def streams(self, log: Log, asked: Question) -> Sequence[str]:
        """Where to look: where something is that is meant, if nothing is named that tells the place."""
        if self.wanted is not None:
            return self.wanted.streams(log) or ()
        if self.finding is not None:
            found: Iterable[Finding] = asked.findings_named(log, self.finding)
        else:
            found = asked.findings(asked.recall(log), in_short=True)
        return sorted({one.stream for one in found if self.means(one)})

    def means(self, finding: Finding) -> bool:
        """True for a finding that is meant."""
        if self.finding is not None:
            return finding.finding_id.startswith(self.finding)
        return not self.everything or finding.verdict in ACT_ON

    def refuse_unknown(self, asked: Question, *, found: bool) -> None:
        """Raise UnknownThing where nothing goes by that name."""
        if self.wanted is not None:
            self.wanted.refuse_unknown(asked.looked_in)
        if self.finding is not None and not found:
            raise UnknownThing(
                f"there is no such finding on {asked.as_of} in {', '.join(asked.looked_in)}",
                found=self.name,
                advice="`returns-ledger audit` lists them; one of another day may need --as-of.",
            )


def _guarded(
    recall: Recall,
    streams: Sequence[str],
    chosen: _Chosen,
    asked: Question,
    volume: Volume,
) -> Iterator[Guarded]:
    """Each finding that is meant; of everything that could be filed, each counts for those after it."""
    from msgspec.structs import replace

    from ledger.dropped import Downloads
    from ledger.guarding import guard
    from ledger.judging import judge

    downloads = Downloads(recall)
    for case in recall.cases(streams):
        for finding in judge(case, recall.book, asked.as_of):
            if chosen.means(finding) and asked.admits(finding.marketplace):
                told = guard(case, recall.book, finding, asked.as_of, volume, downloads)
                if chosen.everything and told.ok:
                    volume = replace(volume, planned=volume.planned + 1)
                yield told


def rows_of(account: str, guarded: Guarded) -> Iterator[GuardRow]:
    """A guarded finding as rows, one a check."""
    finding = guarded.finding
    amount = finding.amount_open
    for check in guarded.checks:
        entries = (one.id for one in check.decided_by if one.kind == "entry")
        rules = (one.id for one in check.decided_by if one.kind == "rule")
        yield GuardRow(
            account=account,
            finding_id=finding.finding_id,
            claim_type=finding.claim_type,
            stream=finding.stream,
            order_id=finding.order_id,
            sku=finding.sku,
            quantity=finding.quantity,
            amount_open=amount.text if amount else None,
            currency=amount.currency if amount else None,
            verdict=finding.verdict,
            ok=guarded.ok,
            check=check.check,
            state=check.state,
            answer=check.answer,
            entries=tuple(int(one) for one in entries),
            rule_ids=tuple(dict.fromkeys((*check.rule_ids, *rules))),
        )


# --- as a person reads it ---------------------------------------------------------------------


def _answer(guarded: Sequence[tuple[str, Guarded]], asked: Question) -> Answer:
    return Answer(
        command="guard",
        kind=GuardRow,
        rows=[row for account, one in guarded for row in rows_of(account, one)],
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[_section(one) for _, one in guarded],
        empty="Nothing can be filed: no finding is open.",
        then=_what_now([one for _, one in guarded]),
    )


def _section(guarded: Guarded) -> Section:
    finding = guarded.finding
    what = in_words(finding.claim_type)
    thing = ", ".join(part for part in (finding.order_id or finding.stream, finding.sku) if part)
    verdict = "nothing speaks against filing it" if guarded.ok else "do not file it yet"
    if not guarded.ok and finding.verdict in ("paid", "not_claimable", "overpaid", "expired"):
        verdict = "do not file it"
    return Section(
        title=f"{finding.finding_id}  {what}, {finding.quantity} x {thing}: {verdict}",
        lines=[
            Line(f"{MARKS[one.state]} {one.check} {one.answer[0].upper()}{one.answer[1:]}", tone, 2)
            for one in guarded.checks
            for tone in ("" if one.state == "passed" else "soon",)
        ],
        tone="good" if guarded.ok else "soon",
    )


def _what_now(guarded: Sequence[Guarded]) -> list[str]:
    free = [one for one in guarded if one.ok]
    if free:
        first = free[0].finding
        thing = first.stream.partition("/")[2]
        how = f"`returns-ledger claim file {thing} --finding {first.finding_id}`"
        if first.claim_type == "a_to_z_appeal":  # it goes on with the buyer's claim
            how = f"`returns-ledger claim appeal {thing}`"
        return [
            f"{counted(len(free), 'claim')} of {len(guarded)}: nothing speaks against filing.",
            f"When you have filed it: {how}.",
        ]
    if not guarded:
        return ["`returns-ledger audit` lists every finding."]
    first = guarded[0].finding
    return [f"How it came about: `returns-ledger explain {first.finding_id}`."]
