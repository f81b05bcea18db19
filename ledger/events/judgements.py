"""What was answered: a judgement is recorded when it differs from the last one for its finding."""

from __future__ import annotations

from typing import ClassVar

from ledger.case import Case, Ref
from ledger.event import Event
from ledger.values import Money


class JudgementRecorded(Event, frozen=True, kw_only=True):
    """An audit answered so for a finding; the mere passing of days is not a new judgement.

    It says what was answered and nothing that happened: no case is another one for having been audited.
    """

    TOPIC: ClassVar[str] = "judgement-recorded.v1"
    SILENT: ClassVar[bool] = True

    finding_id: str
    claim_type: str
    verdict: str
    standing: str
    """The verdict without the day: `open` for what waits, is ready or has expired."""
    reason: str
    quantity: int
    window_opens: str | None = None
    window_closes: str | None = None
    amount_expected: Money | None = None
    amount_paid: Money | None = None
    amount_open: Money | None = None
    rule_ids: tuple[str, ...] = ()
    rulebook: str
    entries: tuple[int, ...] = ()
    """Positions of the entries that decided it."""
    fingerprint: str
    """Digest of everything above but the verdict: equal means nothing new was answered."""

    def apply(self, case: Case, ref: Ref) -> None:
        """It says nothing of the case."""
