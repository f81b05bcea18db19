"""What the seller does about a buyer's request to send something back."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.event import Deed
from ledger.values import Money

Option = Literal["domestic_address", "prepaid_international_label", "refund_without_return"]
"""How a buyer abroad may be helped (Amazon's three options for cross-border returns)."""
Payer = Literal["seller", "buyer", "amazon"]
LabelKind = Literal["amazon_prepaid", "own_domestic", "own_international", "buyer_ships"]


class RequestReceived(Deed, frozen=True, kw_only=True):
    """The buyer asked to send units back, as the seller tells it before any report does."""

    TOPIC: ClassVar[str] = "request-received.v1"

    order_id: str
    sku: str
    quantity: int = 1
    rma_id: str | None = None
    reason: str | None = None
    """Amazon's reason code, verbatim; None where the buyer gave none."""
    in_policy: bool | None = None
    """What Amazon says of it; None where it does not."""
    cross_border: bool = False
    """True where the buyer is in another country than the seller's return address."""
    out_of_guarantee: bool = False
    """True where the buyer asks after the seller's own guarantee has ended."""


class WithdrawalDeclared(Deed, frozen=True, kw_only=True):
    """The buyer withdrew from the contract: a statutory right, and not a request that may be declined."""

    TOPIC: ClassVar[str] = "withdrawal-declared.v1"

    order_id: str
    sku: str
    quantity: int = 1


class ReturnAuthorized(Deed, frozen=True, kw_only=True):
    """The return was allowed: by the seller, or by Amazon without asking."""

    TOPIC: ClassVar[str] = "return-authorized.v1"

    order_id: str
    sku: str
    quantity: int = 1
    rma_id: str | None = None
    by: Literal["seller", "amazon"] = "seller"
    goodwill: bool = False
    """True where no rule obliged the seller."""
    approver: str | None = None


class ReturnDeclined(Deed, frozen=True, kw_only=True):
    """The seller declined the return, and by which rule."""

    TOPIC: ClassVar[str] = "return-declined.v1"

    order_id: str
    sku: str
    quantity: int = 1
    rma_id: str | None = None
    rule_id: str
    why: str | None = None


class DeclineOverridden(Deed, frozen=True, kw_only=True):
    """Amazon allowed a return that the seller had declined."""

    TOPIC: ClassVar[str] = "decline-overridden.v1"

    order_id: str
    sku: str
    quantity: int = 1
    rma_id: str | None = None


class ReturnOptionOffered(Deed, frozen=True, kw_only=True):
    """The seller offered a buyer abroad a way to return or to be refunded."""

    TOPIC: ClassVar[str] = "return-option-offered.v1"

    order_id: str
    sku: str
    rma_id: str | None = None
    option: Option


class ReturnLabelIssued(Deed, frozen=True, kw_only=True):
    """The buyer got a label for the way back; its cost is of the whole parcel."""

    TOPIC: ClassVar[str] = "return-label-issued.v1"

    order_id: str
    sku: str
    quantity: int = 1
    rma_id: str | None = None
    payer: Payer
    kind: LabelKind
    cost: Money | None = None
    carrier: str | None = None
    tracking: str | None = None


class ReturnFirstScanned(Deed, frozen=True, kw_only=True):
    """A carrier scanned the returning parcel for the first time."""

    TOPIC: ClassVar[str] = "return-first-scanned.v1"

    order_id: str
    sku: str
    quantity: int = 1
    carrier: str | None = None
    tracking: str | None = None


class ReturnLost(Deed, frozen=True, kw_only=True):
    """The carrier lost the returning parcel; it happened at the last scan there was."""

    TOPIC: ClassVar[str] = "return-lost.v1"

    order_id: str
    sku: str
    quantity: int = 1
    carrier: str | None = None
    tracking: str | None = None
