"""Refusals about the record itself: a note says something, a hold that ends was placed."""

from __future__ import annotations

from ledger.deciding.proposal import Proposal
from ledger.events.keeping import LegalHoldPlaced, LegalHoldReleased, NoteAdded


def says_something(proposal: Proposal[NoteAdded]) -> None:
    """An empty note is none."""
    if not proposal.event.text.strip():
        proposal.refuse("the note is empty", advice="Write what is to be remembered.")


def is_held_once(proposal: Proposal[LegalHoldPlaced]) -> None:
    """A second hold is allowed, each for its own reason; both are to be released."""
    if _holds(proposal) > 0:
        proposal.caution("it is held already: it stays held until each hold is released")


def is_held(proposal: Proposal[LegalHoldReleased]) -> None:
    """Only what is held can be released."""
    if _holds(proposal) > 0:
        return
    released = proposal.case.told(LegalHoldReleased)
    proposal.refuse(
        "it is not held" if not released else "it is not held any more",
        advice="Nothing is to be released; see `returns-ledger story`.",
        by=released[-1][0] if released else None,
    )


def _holds(proposal: Proposal[LegalHoldPlaced] | Proposal[LegalHoldReleased]) -> int:
    case = proposal.case
    return len(case.told(LegalHoldPlaced)) - len(case.told(LegalHoldReleased))
