"""A claim's life: drafted, filed, asked about, answered, decided, appealed; paid and taken back."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.event import Deed
from ledger.values import Money

Door = Literal["fba", "safe_t", "a_to_z", "carrier", "chargeback"]
"""Where a claim is put: each door has its own window, and opens for its own refunds only."""
Outcome = Literal["granted", "partly_granted", "denied", "withdrawn"]


class ClaimDrafted(Deed, frozen=True, kw_only=True):
    """The text of a claim was written; nothing was filed."""

    TOPIC: ClassVar[str] = "claim-drafted.v1"

    claim: str
    """The seller's own name for the claim, the same from draft to decision."""
    claim_type: str
    door: Door
    finding_id: str | None = None
    amount: Money | None = None
    lang: str | None = None
    text: str | None = None
    """SHA-256 of the text, which is kept as evidence is."""


class ClaimFiled(Deed, frozen=True, kw_only=True):
    """A claim was put to Amazon or a carrier by the seller, or by the buyer against him (A-to-z)."""

    TOPIC: ClassVar[str] = "claim-filed.v1"

    claim: str
    claim_type: str
    door: Door
    by: Literal["seller", "buyer"] = "seller"
    finding_id: str | None = None
    case_id: str | None = None
    """Amazon's or the carrier's own number."""
    sku: str | None = None
    quantity: int = 1
    amount: Money | None = None
    evidence: tuple[str, ...] = ()


class ClaimInfoRequested(Deed, frozen=True, kw_only=True):
    """Amazon or the carrier wants to know more about a claim."""

    TOPIC: ClassVar[str] = "claim-info-requested.v1"

    claim: str
    due_at: str | None = None
    """The day or moment that the request itself names, where it names one."""
    on_appeal: bool = False


class ClaimInfoAnswered(Deed, frozen=True, kw_only=True):
    """The seller answered what was asked about a claim."""

    TOPIC: ClassVar[str] = "claim-info-answered.v1"

    claim: str
    evidence: tuple[str, ...] = ()


class ClaimDecided(Deed, frozen=True, kw_only=True):
    """A claim was decided; for an A-to-z claim `granted` means for the buyer and `amount` is what he gets."""

    TOPIC: ClassVar[str] = "claim-decided.v1"

    claim: str
    outcome: Outcome
    amount: Money | None = None
    appeal_until: str | None = None
    """The last day to appeal as the decision shows it, where it shows one."""
    funded_by: Literal["amazon", "seller", "carrier"] | None = None
    """Who pays what was granted."""


class AppealFiled(Deed, frozen=True, kw_only=True):
    """The seller appealed a decision."""

    TOPIC: ClassVar[str] = "appeal-filed.v1"

    claim: str
    late: bool = False
    """True where the seller knew that the window had closed."""
    evidence: tuple[str, ...] = ()


class AppealDecided(Deed, frozen=True, kw_only=True):
    """An appeal was decided; `granted` means for the seller."""

    TOPIC: ClassVar[str] = "appeal-decided.v1"

    claim: str
    outcome: Outcome
    amount: Money | None = None


class ClaimPaid(Deed, frozen=True, kw_only=True):
    """A claim was paid to the seller; Amazon's reports, when they come, confirm it and add nothing."""

    TOPIC: ClassVar[str] = "claim-paid.v1"

    claim: str
    amount: Money
    reimbursement_id: str | None = None


class ClaimPaymentReversed(Deed, frozen=True, kw_only=True):
    """What had been paid on a claim was taken back."""

    TOPIC: ClassVar[str] = "claim-payment-reversed.v1"

    claim: str
    amount: Money
    """What was taken back: plus."""
    reimbursement_id: str | None = None
