"""What the seller finds when units come back: received, graded, damaged, not what was sent."""

from __future__ import annotations

from typing import ClassVar, Literal

from ledger.event import Deed

Condition = Literal[
    "as_new",
    "opened",
    "used",
    "damaged",
    "defective",
    "incomplete",
    "materially_different",
    "empty_box",
]
Cause = Literal[
    "carrier_outbound", "carrier_return", "production", "customer", "fulfillment_center", "unknown"
]
"""Who or what damaged a unit."""


class UnitsReceived(Deed, frozen=True, kw_only=True):
    """Units came back to the seller, as he tells it himself; it happened at the carrier's delivery scan."""

    TOPIC: ClassVar[str] = "units-received.v1"

    order_id: str
    sku: str
    quantity: int = 1
    carrier: str | None = None
    tracking: str | None = None
    scan_wrong: bool = False
    """True where the carrier's delivery scan is wrong, and not by the seller's fault."""


class UnitGraded(Deed, frozen=True, kw_only=True):
    """The seller looked at a returned unit and says what state it is in."""

    TOPIC: ClassVar[str] = "unit-graded.v1"

    order_id: str
    sku: str
    quantity: int = 1
    condition: Condition
    serial: str | None = None
    serial_sent: str | None = None
    """The serial number of the unit that was sent to the buyer."""
    grams: int | None = None
    grams_sent: int | None = None
    license_plate: str | None = None
    """The licence plate number on a unit that Amazon sent back (LPN)."""
    evidence: tuple[str, ...] = ()
    """SHA-256 of the photos and papers that show it."""


class WrongItemReceived(Deed, frozen=True, kw_only=True):
    """Something else came back than what was sent."""

    TOPIC: ClassVar[str] = "wrong-item-received.v1"

    order_id: str
    sku: str
    quantity: int = 1
    arrived: str
    """What came instead."""
    serial: str | None = None
    serial_sent: str | None = None
    """The serial number of the unit that was sent to the buyer."""
    grams: int | None = None
    grams_sent: int | None = None
    license_plate: str | None = None
    evidence: tuple[str, ...] = ()


class DamageReported(Deed, frozen=True, kw_only=True):
    """Somebody says that units are damaged."""

    TOPIC: ClassVar[str] = "damage-reported.v1"

    order_id: str
    sku: str
    quantity: int = 1
    by: Literal["buyer", "seller", "carrier", "fulfillment_center"]
    evidence: tuple[str, ...] = ()


class DamageInvestigated(Deed, frozen=True, kw_only=True):
    """The seller found out, as far as he could, who or what damaged the units."""

    TOPIC: ClassVar[str] = "damage-investigated.v1"

    order_id: str
    sku: str
    quantity: int = 1
    cause: Cause
    carrier: str | None = None
    evidence: tuple[str, ...] = ()


class RemovalReceived(Deed, frozen=True, kw_only=True):
    """Units of a removal order reached the seller: only he can tell how many, and in what state."""

    TOPIC: ClassVar[str] = "removal-received.v1"

    fnsku: str
    quantity: int
    damaged: int = 0
    tracking: str | None = None
    evidence: tuple[str, ...] = ()
