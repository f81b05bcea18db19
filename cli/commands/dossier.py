"""Makes a dossier on one claim: printed pages, exhibits untouched, and proofs that anybody can check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli.answer import Answer, Line, Row, Section
from cli.options import question_options
from cli.output import show
from cli.questions import Question, Wanted, question, refuse_several
from cli.session import Session
from ledger.errors import LedgerError, UnknownThing

if TYPE_CHECKING:
    from cli.dossier import Chosen, Made, Matter, Opener
    from ledger.event import Entry
    from ledger.store import Log

KINDS: Final = ("fba", "safe-t", "a-to-z", "inbound", "removal", "reversal")
LANGS: Final = ("en", "sv", "de")


class DossierRow(Row, frozen=True, kw_only=True):
    """What was made, and what it is about."""

    account: str
    finding_id: str
    claim_type: str
    kind: str
    lang: str
    stream: str
    order_id: str | None
    sku: str | None
    quantity: int
    amount_open: str | None
    currency: str | None
    verdict: str
    ok: bool
    """True where nothing speaks against filing it."""
    despite: str | None
    failed: tuple[str, ...]
    """The checks that speak against it."""
    file: str
    entries: int
    exhibits: int
    sealed: int
    """Files that were attached, are personal and are not handed out."""
    characters: int | None
    limit: int | None
    origin: str
    checkpoint_size: int


@click.command("dossier", short_help="Make a dossier on a claim: pages, exhibits and proofs.")
@click.argument("target", metavar="ORDER|FINDING")
@click.option(
    "--kind", type=click.Choice(KINDS), help="Which kind; else found from the finding or the order."
)
@click.option("--lang", type=click.Choice(LANGS), default="en", help="The language of its words.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.zip",
    required=True,
    help="Where to write it: a .zip, or a folder that is not there yet.",
)
@click.option(
    "--despite",
    metavar="WHY",
    help="Make it although something speaks against filing; the reason is printed in it.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Characters that the form takes, where that is not what the draft's template says.",
)
@click.option(
    "--reveal", is_flag=True, help="Hand out what is personal of this order, and log that."
)
@question_options
@click.pass_obj
def command(
    session: Session,
    target: str,
    kind: str | None,
    lang: str,
    output: Path,
    despite: str | None,
    limit: int | None,
    reveal: bool,
    account: str | None,
    marketplace: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """Make a dossier on a claim: pages, exhibits and proofs.

    A PDF to read, the exhibits byte for byte, and what proves both to somebody who has never seen this
    program. Refused where `guard` speaks against filing, unless told why. Ends 3 where it was made despite that.
    """
    asked = question(session, account, marketplace, as_of, known_at)
    wanted = {
        "kind": kind,
        "lang": lang,
        "despite": _reason(despite),
        "limit": limit,
        "reveal": reveal,
    }
    names = Wanted([target])
    made: list[DossierRow] = []

    def of_log(log: Log) -> Iterator[DossierRow]:
        chosen = _chosen(asked, log, names, target, kind)
        if chosen is None or not asked.admits(chosen.finding.marketplace):
            return
        if made:
            raise UnknownThing(
                f"several accounts have it: {made[0].account}, {log.account}",
                found=target,
                advice="Name one of them with --account.",
            )
        yield _make(session, log, chosen, output, wanted, target, asked)

    for one in asked.of_each_log(of_log):
        made.append(one)  # noqa: PERF402  the next account is asked what the one before it had
    if not made:
        if not target.strip().upper().startswith("F-"):
            names.refuse_unknown(asked.looked_in)
        raise UnknownThing(
            f"there is no such claim on {asked.as_of} in {', '.join(asked.looked_in)}",
            found=target,
            advice="`returns-ledger audit` lists them; one of another day may need --as-of.",
        )
    show(session, _answer(made, asked))
    return 3 if any(not one.ok for one in made) else 0


def _reason(despite: str | None) -> str | None:
    if despite is not None and not despite.strip():
        raise click.UsageError("--despite needs a reason: it is printed in the dossier.")
    return despite.strip() if despite else None


def _chosen(
    asked: Question, log: Log, names: Wanted, target: str, kind: str | None
) -> Chosen | None:
    from cli.dossier import KINDS as ALL
    from cli.dossier import choose, is_finding
    from projections.links import Links
    from projections.views import open_views

    wanted = next((one for one in ALL if one == kind), None)
    if is_finding(target):
        named = asked.findings_named(log, target.strip().upper())
        refuse_several([one.finding_id for one in named], target.strip().upper())
        if not named:
            return None
        target, streams = named[0].finding_id, [named[0].stream]
    else:
        streams = names.streams(log) or []
    address = asked.session.workspace.address(log.account)
    with closing(open_views(address, log.account)) as views:
        return choose(asked.recall(log), Links(log, views), streams, target, wanted)


def _make(
    session: Session,
    log: Log,
    chosen: Chosen,
    output: Path,
    wanted: dict[str, Any],
    target: str,
    asked: Question,
) -> DossierRow:
    from cli.dossier import LANGS as SPOKEN
    from cli.dossier import Wish, gather, pack

    wish = Wish(
        lang=next(one for one in SPOKEN if one == wanted["lang"]),
        despite=wanted["despite"],
        limit=wanted["limit"],
        drafts=session.workspace.home / "drafts",
        opens=_opener(session, log, chosen) if wanted["reveal"] else None,
    )
    matter = gather(chosen, wish)
    if matter.forbidding and wish.despite is None:
        raise _refusal(matter)
    told = {
        "target": target.strip(),
        "finding": chosen.finding.finding_id,
        "as_of": asked.as_of.isoformat(),
        "known_at": asked.asked_known_at,
        **wanted,
        "kind": chosen.kind,
    }
    notary = session.workspace.notary(log)
    made = pack(log, notary, matter, output, told, reveal=wanted["reveal"])
    return _row(matter, made, output)


def _opener(session: Session, log: Log, chosen: Chosen) -> Opener:
    """Opens what is personal of the case itself and of nobody else; the access log says so first."""
    from ledger.persons import opened

    def opens(entries: Sequence[Entry]) -> Mapping[int, Mapping[str, str]]:
        own = [one for one in entries if one.stream == chosen.case.stream]
        with session.workspace.keystore(log.account) as keys:
            return opened(own, keys, why="dossier --reveal")

    return opens


def _refusal(matter: Matter) -> LedgerError:
    """Every check that speaks against it, and what to do."""
    lines = [f"✗ {one.check} {one.answer}" for one in matter.forbidding]
    finding = matter.finding.finding_id
    return LedgerError(
        f"something speaks against filing {finding}, so that no dossier was made:\n"
        + "\n".join(lines),
        advice=f"`returns-ledger explain {finding}` says what would change it; "
        'or make it all the same with --despite "WHY", which is printed in it.',
    )


def _row(matter: Matter, made: Made, output: Path) -> DossierRow:
    finding, draft = matter.finding, matter.draft
    amount = finding.amount_open
    return DossierRow(
        account=matter.account,
        finding_id=finding.finding_id,
        claim_type=finding.claim_type,
        kind=matter.chosen.kind,
        lang=matter.wish.lang,
        stream=finding.stream,
        order_id=finding.order_id,
        sku=finding.sku,
        quantity=finding.quantity,
        amount_open=amount.text if amount else None,
        currency=amount.currency if amount else None,
        verdict=finding.verdict,
        ok=not matter.failed,
        despite=matter.wish.despite,
        failed=tuple(one.check for one in matter.failed),
        file=str(output),
        entries=len(matter.entries),
        exhibits=len(made.exhibits.shown),
        sealed=len(made.exhibits.sealed),
        characters=draft.characters if draft else None,
        limit=draft.limit if draft else None,
        origin=made.origin,
        checkpoint_size=made.checkpoint_size,
    )


# --- as a person reads it ---------------------------------------------------------------------


def _answer(rows: list[DossierRow], asked: Question) -> Answer:
    return Answer(
        command="dossier",
        kind=DossierRow,
        rows=rows,
        as_of=asked.as_of,
        known_at=asked.known_at,
        sections=[_section(row) for row in rows],
        then=[
            "Read dossier.pdf before you send anything: nothing was sent.",
            *(f"Anybody can check it: `python3 verify.py {row.file}`." for row in rows),
        ],
    )


def _section(row: DossierRow) -> Section:
    amount = f", {row.amount_open} {row.currency}" if row.amount_open else ""
    lines = [
        Line(f"{row.exhibits} exhibits, {row.entries} entries with their proofs."),
        Line(f"Log {row.origin}, {row.checkpoint_size:,} entries."),
    ]
    if row.characters is not None:
        lines.append(Line(f"Draft: {row.characters:,} of {row.limit:,} characters."))
    if row.sealed:
        told = "1 attached file is" if row.sealed == 1 else f"{row.sealed} attached files are"
        lines.append(Line(f"{told} personal and not in it: --reveal hands them out.", "soon"))
    lines += [Line(f"Speaks against filing: {check}", "soon") for check in row.failed]
    return Section(
        title=f"{row.file}: {row.kind}, {row.finding_id}{amount}",
        lines=lines,
        tone="good" if row.ok else "soon",
    )
