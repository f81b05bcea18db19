"""An order that the seller fulfilled, refunded by Amazon and sent back: what he tells of it, step by step."""

from __future__ import annotations

from typing import Any, Final, Self

from ledger.event import Deed
from ledger.events.arrivals import DamageInvestigated, UnitGraded, UnitsReceived
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimFiled,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.events.deliveries import OrderDelivered, OrderDispatched
from ledger.events.messages import MessageReceived
from ledger.events.refunds import RefundGiven, RefundPart
from ledger.values import Money
from tests.ledger.account import ORDER, SKU
from tests.ledger.desk import Desk

PHOTOS: Final = ("a" * 64, "b" * 64)
SENT: Final = "2026-02-21"
ASKED: Final = "2026-03-01"
REFUNDED: Final = "2026-03-05"
BACK: Final = "2026-03-09"
GRADED: Final = "2026-03-10"
ON: Final = "2026-03-11"
"""A day on which a claim may be filed."""


class Parcel(Desk):
    """One seller's desk with one order on it."""

    def sent(
        self, on: str = SENT, *, price: str = "100.00", quantity: int = 1, **more: Any
    ) -> Self:
        """The order was placed the day before, and sent."""
        self.sold_by_seller("2026-02-20", price=price, quantity=quantity)
        more.setdefault("carrier", "UPS")
        more.setdefault("tracking", "1Z1")
        return self.says(OrderDispatched(order_id=ORDER, sku=SKU, **more), on)

    def refund(
        self,
        on: str = REFUNDED,
        *,
        by: str = "amazon",
        trigger: str = "first_scan",
        amount: str = "100.00",
        quantity: int = 1,
        sku: str = SKU,
    ) -> Self:
        """The buyer was refunded."""
        parts = (RefundPart("item", self.money(amount)),)
        given = RefundGiven(
            order_id=ORDER,
            sku=sku,
            quantity=quantity,
            by=by,  # type: ignore[arg-type]  # one of the two
            trigger=trigger,  # type: ignore[arg-type]  # one of the triggers
            parts=parts,
        )
        return self.says(given, on)

    def received(self, on: str = BACK, **more: Any) -> Self:
        """The return reached the seller."""
        more.setdefault("tracking", "1Z9")
        return self.says(UnitsReceived(order_id=ORDER, sku=SKU, **more), on)

    def graded(
        self, condition: str = "materially_different", on: str = GRADED, **more: Any
    ) -> Self:
        """The seller looked at the unit, took photos, and compared the serial numbers."""
        more = {"serial": "S-2", "serial_sent": "S-1", "evidence": PHOTOS} | more
        grade = UnitGraded(
            order_id=ORDER,
            sku=SKU,
            condition=condition,  # type: ignore[arg-type]  # one of the conditions
            **more,
        )
        return self.says(grade, on)

    def damaged_by(self, cause: str, on: str = GRADED, **more: Any) -> Self:
        """The seller found out who damaged it."""
        cause_: Any = cause
        found = DamageInvestigated(order_id=ORDER, sku=SKU, cause=cause_, **more)
        return self.says(found, on)

    def wrote(self, on: str = "2026-03-02", topic: Any = "return") -> Self:
        """The buyer wrote."""
        return self.says(MessageReceived(message="M-1", order_id=ORDER, topic=topic), on)

    def arrived(self, on: str = "2026-02-25", proof: Any = "signature") -> Self:
        """The order was delivered to its buyer."""
        return self.says(OrderDelivered(order_id=ORDER, sku=SKU, proof=proof), on)

    # --- claims

    def filed(self, on: str, *, name: str = "C-1", door: str = "safe_t", **more: Any) -> Self:
        """A claim was filed."""
        door_: Any = door
        more.setdefault("sku", SKU)
        more.setdefault("claim_type", door)
        return self.says(ClaimFiled(claim=name, door=door_, **more), on)

    def decided(self, on: str, outcome: str, *, name: str = "C-1", **more: Any) -> Self:
        """The claim was decided."""
        outcome_: Any = outcome
        return self.says(ClaimDecided(claim=name, outcome=outcome_, **more), on)

    def appealed(self, on: str, *, name: str = "C-1") -> Self:
        """The decision was appealed."""
        return self.says(AppealFiled(claim=name), on)

    def appeal_decided(self, on: str, outcome: str, *, name: str = "C-1") -> Self:
        """The appeal was decided."""
        outcome_: Any = outcome
        return self.says(AppealDecided(claim=name, outcome=outcome_), on)

    def paid_out(self, on: str, amount: str, *, name: str = "C-1") -> Self:
        """The claim was paid."""
        return self.says(ClaimPaid(claim=name, amount=self.money(amount)), on)

    def taken_back_again(self, on: str, amount: str, *, name: str = "C-1") -> Self:
        """What was paid was taken back."""
        return self.says(ClaimPaymentReversed(claim=name, amount=self.money(amount)), on)

    def adds(self, *deeds: Deed, on: str) -> Self:
        """What else is told."""
        for deed in deeds:
            self.says(deed, on)
        return self


def wrong_item_back(store: str = "US", **more: Any) -> Parcel:
    """Refunded at the first scan, a different item came back: everything is told and shown."""
    told = (
        Parcel(store).sent().asked(f"{ASKED}T09:30:00Z", reason="CR-UNWANTED_ITEM", in_policy=True)
    )
    return told.wrote().refund(**more).received().graded()


def of(amount: str, currency: str = "USD") -> Money:
    """An amount."""
    return Money.of(amount, currency)
