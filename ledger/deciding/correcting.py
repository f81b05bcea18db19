"""Refusals of corrections: what reports told is doubted and not taken back, and nothing is left in the air."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ledger.deciding.proposal import ANYTHING, Proposal, Refused, in_place, propose
from ledger.event import Deed, Entry
from ledger.events.keeping import EntryCorrected

Asked = Callable[[Proposal[Deed]], object]
"""Everything that is asked of a proposal; raises Refused where it is not allowed."""


def is_the_sellers_own(proposal: Proposal[EntryCorrected]) -> None:
    """Only what the seller himself told of this case can be taken back, and once."""
    position = proposal.event.corrects
    entry = next((one for one in proposal.entries if one.position == position), None)
    if entry is None:
        proposal.refuse(
            "no such entry is recorded here",
            advice="`returns-ledger story` shows the entries with their positions.",
            found=position,
        )
    if not isinstance(entry.event, Deed):
        proposal.refuse(
            "a report told it: what Amazon says is not taken back",
            advice="Say what is wrong with it in a note; a later report may tell it otherwise.",
            by=position,
        )
    standing = [one for one in proposal.entries if one.position not in _corrected(proposal.entries)]
    for other in standing:
        if isinstance(other.event, EntryCorrected) and other.event.corrects == position:
            proposal.refuse(
                "it is corrected already",
                advice="Record what was right instead.",
                by=other.position,
                found=position,
            )


def leaves_nothing_in_the_air(proposal: Proposal[EntryCorrected], asked: Asked) -> None:
    """What was recorded later would still be allowed without the entry.

    Each later deed is asked about again, as the case stood when it was recorded, with the correction and
    without it. What is refused only with the correction rests on the entry.
    """
    correction = in_place(proposal.entry, proposal.entries)
    undone = _corrected(proposal.entries)
    for number, later in enumerate(proposal.entries):
        if (
            (later.position or 0) <= proposal.event.corrects
            or not isinstance(later.event, Deed)
            or isinstance(later.event, EntryCorrected)
            or later.position in undone
        ):
            continue
        before = proposal.entries[:number]
        refused = _refused(proposal, later, [*before, correction], asked)
        if refused is None or _refused(proposal, later, before, asked) is not None:
            continue
        proposal.refuse(
            f"a later entry rests on it: without it, {refused.message}",
            advice=f"Correct the later one first: `returns-ledger correct {proposal.case.name} {later.position}`.",
            by=later.position,
            found=proposal.event.corrects,
        )


def _refused(
    proposal: Proposal[EntryCorrected], later: Entry, before: Sequence[Entry], asked: Asked
) -> Refused | None:
    """Why the later entry would have been refused after these; None where it would not."""
    entry = msgspec.structs.replace(later, position=None)
    again = propose(
        entry,
        before,
        stated=proposal.stated,
        book_of=proposal.book_of,
        now=later.recorded_at or proposal.now,
        allowed=ANYTHING,
    )
    try:
        asked(again)
    except Refused as refused:
        return refused
    return None


def _corrected(entries: Sequence[Entry]) -> set[int]:
    """Positions of the entries that do not count: a correction may itself be corrected."""
    wrong: set[int] = set()
    for entry in sorted(entries, key=lambda one: one.position or 0, reverse=True):
        if entry.position not in wrong and isinstance(entry.event, EntryCorrected):
            wrong.add(entry.event.corrects)
    return wrong
