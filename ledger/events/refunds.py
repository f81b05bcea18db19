"""Money and goods that the buyer gets back, as the seller tells it: who gave it, and what set it off."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from ledger.event import Deed
from ledger.values import Money

Trigger = Literal[
    "manual",
    "first_scan",
    "automated",
    "csba",
    "international_deadline",
    "a_to_z",
    "chargeback",
    "returnless",
    "fba",
    "statutory",
    "goodwill",
]
"""What set a refund off; it decides which remedy there is.

`first_scan` is Amazon's refund at first scan, `automated` the refund after the seller's days to refund have
passed, `csba` Amazon's customer service for orders shipped with its labels, `international_deadline` the
refund after a missed cross-border deadline.
"""
Component = Literal["item", "shipping", "item_tax", "shipping_tax", "gift_wrap", "return_postage"]
FeeReason = Literal["late", "used_or_damaged", "materially_different", "opened_software"]


class RefundPart(msgspec.Struct, frozen=True, gc=False):
    """One component of a refund, as the buyer gets it: plus."""

    component: Component
    amount: Money


class RefundGiven(Deed, frozen=True, kw_only=True):
    """The buyer was refunded; the settlement, when it comes, confirms the money and adds none."""

    TOPIC: ClassVar[str] = "refund-given.v1"

    order_id: str
    sku: str
    quantity: int = 1
    by: Literal["seller", "amazon"]
    trigger: Trigger
    parts: tuple[RefundPart, ...]
    """What the buyer gets, after the restocking fee and postage that were kept back."""
    approver: str | None = None

    @property
    def amount(self) -> Money:
        """What the buyer gets in all."""
        total = Money(0, self.parts[0].amount.currency)
        for part in self.parts:
            total += part.amount
        return total


class RestockingFeeApplied(Deed, frozen=True, kw_only=True):
    """The seller kept back a part of the price for the state in which, or the day on which, a unit came back."""

    TOPIC: ClassVar[str] = "restocking-fee-applied.v1"

    order_id: str
    sku: str
    quantity: int = 1
    amount: Money
    reason: FeeReason
    evidence: tuple[str, ...] = ()


class ConcessionGranted(Deed, frozen=True, kw_only=True):
    """The seller gave the buyer something of his own will; the buyer keeps the goods."""

    TOPIC: ClassVar[str] = "concession-granted.v1"

    order_id: str
    sku: str | None = None
    kind: Literal["partial_refund", "voucher", "discount", "spare_part"]
    amount: Money
    why: str
    approver: str | None = None


class ReplacementSent(Deed, frozen=True, kw_only=True):
    """The seller sent the units again, free of charge."""

    TOPIC: ClassVar[str] = "replacement-sent.v1"

    order_id: str
    sku: str
    quantity: int = 1
    replacement_order_id: str | None = None
    cost: Money | None = None
    """What sending it again cost the seller, goods not counted."""
