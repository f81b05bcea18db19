"""An account whose seller tells and decides what no report tells, and what the policies rule on it.

told = Desk().sold_by_seller()
told.says(RequestReceived(order_id=ORDER, sku=SKU, in_policy=False), "2026-03-01T09:30:00Z")
told.duty("return_request", on="2026-03-02").due_at
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Self

from msgspec.structs import replace

from ledger.event import ACCOUNT_STREAM, Deed, Entry, Source, Telling, order_stream
from ledger.events.deliveries import OrderTold
from ledger.events.keeping import EntryCorrected
from ledger.events.requests import RequestReceived
from ledger.events.returns import ReturnProgressed, ReturnReceived, ReturnRequested
from ledger.judging import rulings
from ledger.ruling import Ruling
from ledger.values import BY_CODE, Money
from tests.ledger.account import ORDER, SKU, Account

ORDERED: Final = "2026-01-02"


class Desk(Account):
    """One account, as far as its seller keeps it."""

    def sold_by_seller(
        self,
        on: str = ORDERED,
        *,
        price: str = "100.00",
        quantity: int = 1,
        programme: str = "FBM",
        order: str = ORDER,
    ) -> Self:
        """An order that the orders report tells."""
        return self.ordered(on, order=order, price=price, quantity=quantity, programme=programme)

    def tells_order(self, store: str, on: str = ORDERED, *, price: str = "100.00") -> Self:
        """An order that no report tells, as the seller tells it."""
        amount = Money.of(price, BY_CODE[store].currency)
        told = OrderTold(order_id=ORDER, sku=SKU, marketplace=store, price=amount)
        return self.says(told, on)

    def asked(self, at: str, **more: Any) -> Self:
        """The buyer asked to send something back."""
        return self.says(RequestReceived(order_id=ORDER, sku=SKU, **more), at)

    def reported(
        self,
        on: str,
        *,
        told: str | None = None,
        status: str | None = "Pending",
        in_policy: bool | None = False,
        rma_id: str | None = None,
        delivered: str | None = None,
        refunded: str | None = None,
        safe_t: str | None = None,
    ) -> Self:
        """A row of the seller-fulfilled returns report."""
        asked = ReturnRequested(
            order_id=ORDER, sku=SKU, quantity=1, in_policy=in_policy, rma_id=rma_id
        )
        state = ReturnProgressed(
            order_id=ORDER,
            status=status,
            refunded=self.money(refunded) if refunded else None,
            safe_t_claim_id="S-1" if safe_t else None,
            safe_t_state=safe_t,
        )
        row = Telling(
            identity=rma_id or f"{ORDER}|{SKU}|{on}", occurrence=1, digest="row", told_at=told or on
        )
        self._append(order_stream(ORDER), asked, on, row)
        progress = replace(row, part="progress", digest=f"{status}|{refunded}|{safe_t}")
        self._append(order_stream(ORDER), state, told or on, progress)
        if delivered:
            back = ReturnReceived(order_id=ORDER, sku=SKU, quantity=1)
            self._append(order_stream(ORDER), back, delivered, replace(row, part="received"))
        return self

    def says(self, deed: Deed, at: str, *, stream: str = order_stream(ORDER)) -> Self:
        """What the seller tells or decides, of a day or a moment."""
        self._position += 1
        known = self.entries[stream]
        known.append(
            Entry(
                stream=stream,
                version=len(known) + 1,
                event=deed,
                occurred_at=at,
                actor="seller",
                source=Source(command="test", command_id=str(self._position)),
                position=self._position,
                recorded_at=at,
            )
        )
        return self

    def says_of_account(self, deed: Deed, at: str) -> Self:
        """What is about no order."""
        return self.says(deed, at, stream=ACCOUNT_STREAM)

    def takes_back(self, at: str) -> Self:
        """What was said last was wrong."""
        return self.says(EntryCorrected(corrects=self._position, why="a slip"), at)

    def rulings(self, policy: str | None = None, *, on: str) -> list[Ruling]:
        """What is ruled on a day, by one policy or by all, case by case."""
        book, day = self.book(on), date.fromisoformat(on)
        return [
            one
            for stream in sorted(self.entries)
            for one in rulings(self.case(stream, on), book, day)
            if policy in (None, one.policy)
        ]

    def duty(self, policy: str, *, on: str) -> Ruling:
        """The one ruling of a policy."""
        (found,) = self.rulings(policy, on=on)
        return found
