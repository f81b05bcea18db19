"""Refusals by evidence: what a fact names as its evidence is attached to the same case before."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.deciding.proposal import Proposal
from ledger.event import Deed
from ledger.events.claims import ClaimDrafted
from ledger.events.keeping import EvidenceAttached
from ledger.events.terms import SourcingCostSet


def is_attached(proposal: Proposal[Deed]) -> None:
    """A fact that names a file nobody has kept proves nothing."""
    attached = {one.digest for _, one in proposal.case.told(EvidenceAttached)}
    for digest in _named(proposal.event):
        if digest not in attached:
            proposal.refuse(
                "the evidence is not attached",
                advice="Attach the file first: `returns-ledger evidence attach`.",
                found=digest,
            )


def _named(event: Deed) -> Iterator[str]:
    """The SHA-256 of each file that it names."""
    yield from getattr(event, "evidence", ())
    if isinstance(event, SourcingCostSet) and event.invoice:
        yield event.invoice
    if isinstance(event, ClaimDrafted) and event.text:
        yield event.text


def is_not_attached_before(proposal: Proposal[EvidenceAttached]) -> None:
    """The same file may show two things; that it is attached already should be known."""
    for ref, one in proposal.case.told(EvidenceAttached):
        if one.digest == proposal.event.digest:
            proposal.caution(f"the same file is attached already (entry {ref.position})")
