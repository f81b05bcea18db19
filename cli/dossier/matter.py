"""Everything that a dossier tells, gathered from one account on one day: nothing here is put into words yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cli.dossier.absence import Report, Searched, not_back, searched
from cli.dossier.choosing import Chosen
from cli.dossier.kinds import PAPERS
from cli.dossier.language import Lang
from cli.drafting import MissingFacts, Written, about, shipped_kinds, template, write
from cli.explaining import TestRow, tested
from ledger.case import Case
from ledger.desk import Claim, claims_of
from ledger.dropped import Downloads
from ledger.event import Deed, Entry
from ledger.events.imports import ReportImported
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.events.judgements import JudgementRecorded
from ledger.events.keeping import EntryCorrected
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.exhibits import Exhibit as Paper
from ledger.exhibits import exhibits as papers_of
from ledger.filed import stage_of
from ledger.guarding import Check, Guarded, guard, volume_of
from ledger.judging import judge, rulings
from ledger.policy import Finding
from ledger.recall import adopted
from ledger.rulebook import Rule
from ledger.values import code, day_of

if TYPE_CHECKING:
    from ledger.recall import Recall

WRITTEN: Final = "Can the text be written?"
NEAR: Final = timedelta(days=30)
"""Movements of an item that long before the first fact of a claim belong to it."""
MOVEMENTS_MAX: Final = 400
"""So many movements of an item are told one by one."""
_JOURNEYS: Final = frozenset(("SHIPMENTS", "WHSETRANSFERS", "RECEIPTS"))
"""Movements that say nothing of a unit lost or found."""


Opener = Callable[[Sequence[Entry]], Mapping[int, Mapping[str, str]]]
"""Opens what is sealed in entries: in clear, by position and field."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How the dossier is wanted."""

    lang: Lang
    despite: str | None = None
    """Why it is wanted though something speaks against filing."""
    limit: int | None = None
    """The characters that the form takes, where that is not what the template says."""
    drafts: Path
    """The folder with the seller's own templates."""
    opens: Opener | None = None
    """Opens what is personal in entries, where it is to be revealed."""


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """One claim with all that shows it."""

    account: str
    as_of: date
    moment: str
    """Up to which it was known what had been recorded."""
    chosen: Chosen
    wish: Wish
    guarded: Guarded
    tests: tuple[TestRow, ...]
    rules: tuple[Rule, ...]
    rulebook: str | None
    """SHA-256 of the rulebook that was adopted."""
    entries: tuple[Entry, ...]
    """Those that bear on the claim, in the order in which their facts happened."""
    entries_all: int
    """How many there are about the same thing."""
    taken_back: Mapping[int, int]
    """Entries that a later one corrects, each with the one that does."""
    files: Mapping[str, ReportImported]
    searched: Searched
    """The reports that would show a payment."""
    not_back: Searched | None
    """The reports that would show its return, where the claim is that it never came back."""
    clear: Mapping[int, Mapping[str, str]]
    """What was revealed, by entry and field."""
    papers: tuple[Paper, ...]
    claims: tuple[Claim, ...]
    draft: Written | None
    why_no_draft: str | None

    @property
    def case(self) -> Case:
        """The case that it is about."""
        return self.chosen.case

    @property
    def finding(self) -> Finding:
        """The claim that it is about."""
        return self.chosen.finding

    @property
    def thing(self) -> str:
        """The order, FNSKU or removal."""
        return self.case.name

    @property
    def silent(self) -> tuple[Report, ...]:
        """Every report that is handed out whole, as nothing of it stands there."""
        back = self.not_back.silent if self.not_back else ()
        return (*self.searched.silent, *back)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that speak against filing it."""
        return tuple(one for one in self.guarded.checks if one.state != "passed")

    @property
    def forbidding(self) -> tuple[Check, ...]:
        """Those of them for which no dossier is made without a reason: a text can still be written by hand."""
        return tuple(one for one in self.failed if one.check != WRITTEN)


def gather(chosen: Chosen, wish: Wish) -> Matter:
    """All that a dossier about a claim tells."""
    recall, case, finding = chosen.recall, chosen.case, chosen.finding
    log = recall.log
    stream = log.streams([case.stream], known_at=recall.moment)[case.stream]
    clear = wish.opens(stream) if wish.opens is not None else {}
    told = [one for one in stream if _is_told(one, clear)]
    entries = _bearing(recall, chosen, told)
    files = _imports(recall)
    draft, why_not = _draft(recall, chosen, wish)
    days = _days(entries, case)
    guarded = guard(case, recall.book, finding, recall.as_of, volume_of(recall), Downloads(recall))
    guarded = msgspec.structs.replace(
        guarded, checks=(*guarded.checks, _written(draft, why_not, wish))
    )
    return Matter(
        account=log.account,
        as_of=recall.as_of,
        moment=recall.moment,
        chosen=chosen,
        wish=wish,
        guarded=guarded,
        tests=tested(log, recall, finding.tests),
        rules=tuple(recall.rulebook.rule(one) for one in finding.rule_ids),
        rulebook=_adopted(recall),
        entries=tuple(entries),
        entries_all=len(told),
        taken_back={
            one.event.corrects: one.position or 0
            for one in told
            if isinstance(one.event, EntryCorrected)
        },
        files=files,
        searched=searched(recall, chosen, days),
        not_back=not_back(recall, chosen, days),
        clear=clear,
        papers=tuple(_papers(recall, chosen)),
        claims=tuple(_claims(case, finding)),
        draft=draft,
        why_no_draft=why_not,
    )


# --- entries ----------------------------------------------------------------------------------


def day_in(entry: Entry, case: Case) -> date:
    """The day on which it happened, in its store's zone."""
    place = getattr(entry.event, "marketplace", None) or case.marketplace
    return day_of(entry.occurred_at, place)


def _is_told(entry: Entry, clear: Mapping[int, Mapping[str, str]]) -> bool:
    """Judgements tell nothing that happened; what is personal is told where it was revealed."""
    if isinstance(entry.event, JudgementRecorded):
        return False
    return not entry.event.SILENT or entry.position in clear


def _days(entries: Sequence[Entry], case: Case) -> tuple[date, ...]:
    return tuple(sorted(day_in(one, case) for one in entries))


def _bearing(recall: Recall, chosen: Chosen, told: Sequence[Entry]) -> list[Entry]:
    """Of an order or a removal everything that had happened; of an item in stock what its claim is about."""
    case, finding = chosen.case, chosen.finding
    happened = [one for one in told if _had_happened(one, case, recall.as_of)]
    if case.kind == "stock":
        happened = list(_about_a_loss(happened, chosen))
    known = {one.position for one in happened}
    elsewhere = [one for one in finding.entries if one not in known]
    found = recall.log.entries_at(elsewhere)
    entries = [*happened, *(found[one] for one in sorted(found))]
    return sorted(entries, key=lambda one: (day_in(one, case), one.occurred_at, one.position or 0))


def _had_happened(entry: Entry, case: Case, as_of: date) -> bool:
    return type(entry.event).TIMELESS or day_in(entry, case) <= as_of


def _about_a_loss(told: Sequence[Entry], chosen: Chosen) -> Iterator[Entry]:
    """What decided it, what the seller says, the payments, and the movements since that find or lose units."""
    named = set(chosen.finding.entries)
    deciding = [day_in(one, chosen.case) for one in told if one.position in named]
    since = min(deciding, default=date.max) - NEAR if deciding else date.max
    # That no unit justifies a reversal is shown by every movement of the item.
    journeys = chosen.kind == "reversal" and len(told) < MOVEMENTS_MAX
    for one in told:
        event = one.event
        if one.position in named or isinstance(
            event, Deed | ReimbursementPosted | ReimbursementReversed
        ):
            yield one
        elif isinstance(event, StockMoved):
            if day_in(one, chosen.case) >= since and (journeys or not _is_a_journey(event)):
                yield one
        elif isinstance(event, ReconciliationReported) and day_in(one, chosen.case) >= since:
            yield one


def _is_a_journey(event: StockMoved) -> bool:
    return code(event.kind).replace("_", "") in _JOURNEYS


def _imports(recall: Recall) -> dict[str, ReportImported]:
    """Every file that was imported by the moment, as it was told last."""
    found = recall.log.entries("account", topics=[ReportImported.TOPIC], known_at=recall.moment)
    return {one.event.digest: one.event for one in found if isinstance(one.event, ReportImported)}


def _adopted(recall: Recall) -> str | None:
    newest = adopted(recall.log, recall.moment)
    return newest.digest if newest and newest.digest == recall.rulebook.digest else None


# --- what is asked beside the finding ---------------------------------------------------------


def _papers(recall: Recall, chosen: Chosen) -> Iterator[Paper]:
    """What the rules ask such a claim to show, each once."""
    case, finding = chosen.case, chosen.finding
    rules = [recall.rulebook.rule(one) for one in finding.rule_ids]
    family, place = PAPERS.get(finding.claim_type), finding.marketplace or case.marketplace
    if family and place:
        found = recall.rulebook.in_force(family, place, recall.as_of)
        rules += [found] if found else []
    asked = dict.fromkeys(what for rule in rules for what in rule.required_evidence)
    yield from papers_of(case, asked, finding.sku)


def _claims(case: Case, finding: Finding) -> Iterator[Claim]:
    """Claims about the same, and those that name no SKU."""
    for claim in claims_of(case).values():
        if claim.sku in (None, finding.sku):
            yield claim


# --- the draft --------------------------------------------------------------------------------


def _draft(recall: Recall, chosen: Chosen, wish: Wish) -> tuple[Written | None, str | None]:
    """The text for the form: an appeal where the claim was denied; else why there is none."""
    case, finding = chosen.case, chosen.finding
    kinds = [
        (kind, found)
        for kind in shipped_kinds()
        if finding.claim_type in (found := template(kind, wish.drafts)).claim_types
    ]
    if finding.claim_type == "safe_t" and _was_denied(case, finding):
        kinds = [("safe_t_appeal", template("safe_t_appeal", wish.drafts))]
    why: str | None = "no template is written for this kind of claim"
    for kind, found in kinds:
        meant = about(
            case,
            recall.as_of,
            wish.lang,
            found,
            findings=judge(case, recall.book, recall.as_of),
            rulings=rulings(case, recall.book, recall.as_of),
            finding=finding.finding_id if finding.claim_type in found.claim_types else None,
        )
        try:
            written = write(kind, found, meant)
        except MissingFacts as error:
            why = f"{error.message}. {error.advice()}"
            continue
        limit = wish.limit or written.limit
        return msgspec.structs.replace(written, limit=limit), None
    return None, why


def _was_denied(case: Case, finding: Finding) -> bool:
    stages = [
        stage_of(one) for one in claims_of(case).values() if one.claim_type == finding.claim_type
    ]
    return bool(stages) and stages[-1] == "denied"


def _written(draft: Written | None, why_not: str | None, wish: Wish) -> Check:
    if draft is None:
        return Check(check=WRITTEN, state="failed", answer=why_not or "")
    if draft.characters > draft.limit:
        answer = f"it has {draft.characters:,} characters, and the form takes {draft.limit:,}"
        return Check(check=WRITTEN, state="failed", answer=answer)
    answer = f"{draft.characters:,} of {draft.limit:,} characters"
    return Check(check=WRITTEN, state="passed", answer=answer)
