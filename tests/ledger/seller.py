"""A seller at the desk: what happens, day by day, and what the ledger does not take from him."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ledger.deciding import Decided, Decision, Refused, decide
from ledger.event import ACCOUNT_STREAM, Deed, order_stream
from ledger.events.arrivals import UnitGraded, UnitsReceived
from ledger.events.deliveries import OrderDelivered, OrderTold
from ledger.events.keeping import EvidenceAttached
from ledger.events.refunds import Component, RefundGiven, RefundPart, Trigger
from ledger.events.requests import RequestReceived
from ledger.events.terms import ContactSet, ProductDescribed, ReturnPolicySet
from ledger.values import Money
from tests.story import ORDER, SKU, Story, begin

NOW = "2026-08-01T12:00:00Z"
PHOTO = b"a photo"
SHOWN = hashlib.sha256(PHOTO).hexdigest()


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def refund(
    *parts: tuple[Component, str],
    sku: str = SKU,
    quantity: int = 1,
    by: str = "seller",
    trigger: Trigger = "manual",
    currency: str = "USD",
    order: str = ORDER,
) -> RefundGiven:
    """A refund of so much per component; of the whole price where nothing is said."""
    return RefundGiven(
        order_id=order,
        sku=sku,
        quantity=quantity,
        by=by,  # type: ignore[arg-type]
        trigger=trigger,
        parts=tuple(
            RefundPart(component, Money.of(amount, currency))
            for component, amount in parts or (("item", "20.00"),)
        ),
    )


class Seller:
    """One account; each thing that is told has an id of its own unless one is given."""

    def __init__(self, folder: Path, *, store: str = "US") -> None:
        self.story: Story = begin(folder, checked=False)
        self.store = store
        self._number = 0

    def tells(
        self,
        event: Deed,
        at: str | None = "2026-07-01",
        *,
        order: str | None = ORDER,
        stream: str | None = None,
        command_id: str | None = None,
        originals: tuple[bytes, ...] = (),
        now: str = NOW,
        dry_run: bool = False,
        late: bool = False,
        again: bool = False,
        against_advice: bool = False,
        redact: bool = False,
    ) -> Decided:
        """The seller tells or decides something; it is recorded unless it is refused."""
        self._number += 1
        if stream is None:
            stream = ACCOUNT_STREAM if order is None else order_stream(order)
        return decide(
            self.story.log,
            Decision(stream=stream, event=event, occurred_at=at, originals=originals),
            actor="seller",
            command="test",
            command_id=command_id or f"id-{self._number}",
            now=now,
            dry_run=dry_run,
            late=late,
            again=again,
            against_advice=against_advice,
            redact=redact,
        )

    def refused(self, event: Deed, at: str | None = "2026-07-01", **how: object) -> Refused:
        """The same, where it is not taken; nothing is recorded then."""
        before = self.story.log.position()
        with pytest.raises(Refused) as caught:
            self.tells(event, at, **how)  # type: ignore[arg-type]
        assert self.story.log.position() == before
        assert caught.value.advice()
        return caught.value

    # --- what usually comes before

    def sells(
        self,
        on: str = "2026-06-01",
        *,
        quantity: int = 1,
        price: str = "20.00",
        sku: str = SKU,
        order: str = ORDER,
        currency: str = "USD",
        shipping: str | None = None,
    ) -> Seller:
        event = OrderTold(
            order_id=order,
            sku=sku,
            quantity=quantity,
            marketplace=self.store,
            price=Money.of(price, currency),
            shipping=Money.of(shipping, currency) if shipping else None,
        )
        self.tells(event, on, order=order)
        return self

    def delivers(self, on: str = "2026-06-03") -> Seller:
        self.tells(OrderDelivered(order_id=ORDER), on)
        return self

    def is_asked(self, on: str = "2026-06-10", **told: object) -> Seller:
        self.tells(RequestReceived(order_id=ORDER, sku=SKU, **told), on)  # type: ignore[arg-type]
        return self

    def receives(self, on: str = "2026-06-20", quantity: int = 1) -> Seller:
        self.tells(UnitsReceived(order_id=ORDER, sku=SKU, quantity=quantity), on)
        return self

    def grades(self, condition: str = "as_new", on: str = "2026-06-21") -> Seller:
        event = UnitGraded(order_id=ORDER, sku=SKU, condition=condition)  # type: ignore[arg-type]
        self.tells(event, on)
        return self

    def photographs(self, on: str = "2026-06-21", *, order: str | None = ORDER) -> Seller:
        event = EvidenceAttached(digest=SHOWN, name="box.jpg", kind="photo", size=len(PHOTO))
        self.tells(event, on, order=order, originals=(PHOTO,))
        return self


__all__ = [
    "NOW",
    "PHOTO",
    "SHOWN",
    "ContactSet",
    "ProductDescribed",
    "ReturnPolicySet",
    "Seller",
    "refund",
    "usd",
]
