"""An account in memory, in the words of a seller: what happened, what the files cover, what is found.

account = Account().covers("2026-01-01", "2026-11-20")
account.sold("2026-08-20").refunded("2026-09-01")
account.the("return_missing", on="2026-11-20").verdict
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any, Final, Self

import msgspec

from ledger.book import (
    ORDERS,
    REFUNDS,
    REIMBURSEMENTS,
    REMOVAL_SHIPMENTS,
    REMOVALS,
    REPLACEMENTS,
    RETURNS,
    STOCK,
    Book,
    stated_in,
)
from ledger.case import Case, MoneyLine, Untold
from ledger.event import (
    ACCOUNT_STREAM,
    Entry,
    Event,
    Source,
    Telling,
    order_stream,
    removal_stream,
    stock_stream,
)
from ledger.events.imports import ReportImported
from ledger.events.inventory import ReconciliationReported, StockMoved
from ledger.events.orders import OrderPlaced, OrderStatusReported, ReplacementShipped, UnitsShipped
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.removals import RemovalProgressed, RemovalRequested, RemovalShipped
from ledger.events.returns import ReturnStatusReported, UnitReturned
from ledger.events.settlements import RefundIssued, SaleSettled, TransactionSettled
from ledger.folding import fold
from ledger.judging import judge
from ledger.policy import Finding, Test
from ledger.rulebook import Rulebook
from ledger.rulebook import shipped as shipped_rules
from ledger.values import BY_CODE, Money

ORDER: Final = "114-0000001-0000001"
OTHER: Final = "114-0000002-0000002"
THIRD: Final = "114-0000003-0000003"
SKU: Final = "MUG-BLUE"
OTHER_SKU: Final = "MUG-RED"
ASIN: Final = "B000000001"
FNSKU: Final = "X000000001"
TODAY: Final = "2026-11-20"

EVERYTHING: Final = (
    ORDERS,
    REFUNDS,
    RETURNS,
    REIMBURSEMENTS,
    STOCK,
    REMOVALS,
    REMOVAL_SHIPMENTS,
    REPLACEMENTS,
)
"""The report formats on which any policy rests."""


_STATED: Final = "stated"


def after(day: str, days: int) -> str:
    """The day so many days after another; before it where the number is negative."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


class Account:
    """One account's log; each fact is told once, and facts alike in everything are separate units."""

    def __init__(self, marketplace: str | None = "US", rulebook: Rulebook | None = None) -> None:
        self.marketplace = marketplace
        self.rulebook = rulebook or shipped_rules()
        self.entries: defaultdict[str, list[Entry]] = defaultdict(list)
        self._alike: Counter[tuple[str, str]] = Counter()
        self._position = 0
        if marketplace:
            self._states(marketplace)

    # --- orders

    def ordered(
        self,
        on: str,
        *,
        order: str = ORDER,
        sku: str = SKU,
        quantity: int = 1,
        price: str | None = "20.00",
        programme: str | None = "FBA",
        status: str | None = None,
        asin: str = ASIN,
    ) -> Self:
        """A line of an order; the price is of the whole line."""
        event = OrderPlaced(
            order_id=order,
            sku=sku,
            asin=asin,
            quantity=quantity,
            programme=programme,
            marketplace=self.marketplace,
            price=self.money(price) if price else None,
        )
        states = [OrderStatusReported(order_id=order, order_status=status)] if status else []
        return self.tell(order_stream(order), event, on, *states)

    def shipped(
        self,
        on: str,
        *,
        order: str = ORDER,
        sku: str = SKU,
        quantity: int = 1,
        price: str = "20.00",
    ) -> Self:
        """Units that left a fulfilment centre, as the shipments report tells it."""
        event = UnitsShipped(
            order_id=order,
            shipment_item_id=f"D{on}",
            sku=sku,
            quantity=quantity,
            programme="FBA",
            marketplace=self.marketplace,
            price=self.money(price),
        )
        return self.tell(order_stream(order), event, on)

    def sold(
        self,
        on: str,
        *,
        order: str = ORDER,
        sku: str = SKU,
        quantity: int = 1,
        price: str = "20.00",
        programme: str | None = "FBA",
        currency: str | None = None,
    ) -> Self:
        """A sale as a settlement tells it; the price is of one unit."""
        total = self.money(price, currency) * quantity
        event = SaleSettled(
            settlement_id="1",
            order_id=order,
            sku=sku,
            quantity=quantity,
            programme=programme,
            marketplace=self.marketplace,
            lines=(MoneyLine("ItemPrice", "Principal", total),),
        )
        return self.tell(order_stream(order), event, on)

    def refunded(
        self,
        on: str,
        *,
        order: str = ORDER,
        sku: str = SKU,
        principal: str = "20.00",
        fees: str | None = None,
        promotion: str = "0.00",
        trigger: str = "refund",
        programme: str | None = "FBA",
        currency: str | None = None,
        number: int = 1,
        more: Iterable[tuple[str, str, str]] = (),
    ) -> Self:
        """Money given back to a buyer; 15 % of it are fees that Amazon gives back, unless said."""
        given = self.money(principal, currency)
        undone = (
            self.money(fees, currency) if fees else Money(given.minor * 15 // 100, given.currency)
        )
        lines = [
            MoneyLine("ItemPrice", "Principal", -given),
            MoneyLine("ItemFees", "Commission", undone),
            MoneyLine("ItemFees", "RefundCommission", Money(-undone.minor // 5, undone.currency)),
            MoneyLine("Promotion", "Principal", self.money(promotion, currency)),
        ]
        lines += [MoneyLine(*line[:2], self.money(line[2], currency)) for line in more]
        event = RefundIssued(
            settlement_id="1",
            order_id=order,
            transaction="Refund",
            trigger=trigger,
            adjustment_id=str(number),
            sku=sku,
            programme=programme,
            marketplace=self.marketplace,
            lines=tuple(lines),
        )
        return self.tell(order_stream(order), event, on)

    def returned(
        self,
        on: str,
        *,
        order: str = ORDER,
        sku: str = SKU,
        fnsku: str | None = FNSKU,
        asin: str | None = ASIN,
        disposition: str | None = "SELLABLE",
        status: str | None = None,
        told: str | None = None,
        quantity: int = 1,
    ) -> Self:
        """A unit that came back to a fulfilment centre."""
        event = UnitReturned(
            order_id=order,
            sku=sku,
            fnsku=fnsku,
            asin=asin,
            quantity=quantity,
            disposition=disposition,
        )
        states = [ReturnStatusReported(status=status)] if status else []
        return self.tell(order_stream(order), event, on, *states, told=told)

    def replaced(
        self, on: str, *, by: str, order: str = ORDER, sku: str = SKU, quantity: int = 1
    ) -> Self:
        """Units sent to the buyer again, under an order id of their own."""
        event = ReplacementShipped(
            order_id=order, replacement_order_id=by, sku=sku, quantity=quantity
        )
        return self.tell(order_stream(order), event, on)

    def settled(
        self,
        on: str,
        what: str,
        amount: str,
        *,
        order: str = ORDER,
        sku: str | None = SKU,
        kind: str = "FBA Inventory Reimbursement",
        transaction: str = "other-transaction",
    ) -> Self:
        """Money of a settlement that is neither a sale nor a refund."""
        event = TransactionSettled(
            settlement_id="1",
            transaction=transaction,
            order_id=order,
            sku=sku,
            lines=(MoneyLine(kind, what, self.money(amount)),),
        )
        return self.tell(order_stream(order), event, on)

    # --- reimbursements

    def paid(
        self,
        on: str,
        payment: str = "1000",
        *,
        order: str | None = ORDER,
        reason: str = "CustomerReturn",
        amount: str = "17.00",
        cash: int | None = 1,
        inventory: int | None = 0,
        total: int | None = None,
        sku: str | None = SKU,
        fnsku: str | None = FNSKU,
        asin: str | None = ASIN,
        currency: str | None = None,
        case: str | None = None,
    ) -> Self:
        """A line of a reimbursement; without an order it is told of the FNSKU."""
        event = ReimbursementPosted(
            reimbursement_id=payment,
            case_id=case,
            order_id=order,
            reason=reason,
            sku=sku,
            fnsku=fnsku,
            asin=asin,
            amount=self.money(amount, currency),
            cash=cash,
            inventory=inventory,
            total=(cash or 0) + (inventory or 0) if total is None and cash is not None else total,
        )
        return self.tell(_payment_stream(order, fnsku), event, on)

    def taken_back(
        self,
        on: str,
        of: str | None = "1000",
        payment: str = "9000",
        *,
        order: str | None = None,
        amount: str = "-17.00",
        cash: int | None = -1,
        inventory: int | None = 0,
        sku: str | None = SKU,
        fnsku: str | None = FNSKU,
        asin: str | None = ASIN,
    ) -> Self:
        """A reimbursement taken back; Amazon tells it of the FNSKU, seldom of the order."""
        event = ReimbursementReversed(
            reimbursement_id=payment,
            order_id=order,
            reason="Reimbursement_Reversal",
            sku=sku,
            fnsku=fnsku,
            asin=asin,
            amount=self.money(amount),
            cash=cash,
            inventory=inventory,
            total=(cash or 0) + (inventory or 0),
            original_id=of,
        )
        return self.tell(_payment_stream(order, fnsku), event, on)

    # --- stock

    def moved(
        self,
        on: str,
        reason: str | None,
        quantity: int,
        *,
        kind: str = "Adjustments",
        disposition: str | None = "SELLABLE",
        unreconciled: int | None = None,
        reconciled: int | None = None,
        told: str | None = None,
        fnsku: str = FNSKU,
        sku: str | None = SKU,
        asin: str | None = ASIN,
        centre: str = "LEX1",
        country: str | None = None,
    ) -> Self:
        """A row of the inventory ledger, with Amazon's own numbers where they are given."""
        event = StockMoved(
            kind=kind,
            fnsku=fnsku,
            asin=asin,
            sku=sku,
            quantity=quantity,
            fulfillment_center=centre,
            disposition=disposition,
            reason=reason,
            marketplace=country or self.marketplace,
        )
        states = []
        if unreconciled is not None:
            numbers = ReconciliationReported(reconciled=reconciled, unreconciled=unreconciled)
            states.append(numbers)
        return self.tell(stock_stream(fnsku), event, on, *states, told=told)

    def lost(self, on: str, quantity: int = 1, *, left: int | None = None, **more: Any) -> Self:
        """Units misplaced at a fulfilment centre, of which Amazon has accounted for none, unless said."""
        more.setdefault("unreconciled", quantity if left is None else left)
        return self.moved(on, more.pop("reason", "M"), -quantity, **more)

    def broken(self, on: str, quantity: int = 1, *, left: int | None = None, **more: Any) -> Self:
        """Units damaged at a fulfilment centre, with the row that puts them into its damaged stock."""
        more.setdefault("unreconciled", quantity if left is None else left)
        self.moved(on, more.pop("reason", "E"), -quantity, **more)
        return self.moved(on, "P", quantity, disposition="WAREHOUSE_DAMAGED")

    def found(self, on: str, quantity: int = 1, **more: Any) -> Self:
        """Units that were found again."""
        return self.moved(on, more.pop("reason", "F"), quantity, **more)

    def restocked(self, on: str, quantity: int = 1, **more: Any) -> Self:
        """Units that customers sent back, put into stock."""
        return self.moved(on, None, quantity, kind="CustomerReturns", **more)

    # --- removals

    def removal(
        self,
        on: str,
        requested: int,
        *,
        shipped: int = 0,
        cancelled: int = 0,
        disposed: int = 0,
        in_process: int = 0,
        status: str = "Completed",
        order_type: str = "Return",
        name: str = "REM-1",
        disposition: str = "SELLABLE",
        fnsku: str = FNSKU,
    ) -> Self:
        """A line of a removal order, as far as it has come."""
        event = RemovalRequested(
            removal_order_id=name,
            order_type=order_type,
            sku=SKU,
            fnsku=fnsku,
            disposition=disposition,
            requested=requested,
        )
        progress = RemovalProgressed(
            removal_order_id=name,
            status=status,
            shipped=shipped,
            cancelled=cancelled,
            disposed=disposed,
            in_process=in_process,
        )
        return self.tell(removal_stream(name), event, on, progress)

    def removal_shipped(
        self,
        on: str,
        quantity: int,
        *,
        name: str = "REM-1",
        disposition: str = "SELLABLE",
        fnsku: str = FNSKU,
        tracking: str = "1Z1",
    ) -> Self:
        """Units of a removal order handed to a carrier."""
        event = RemovalShipped(
            removal_order_id=name,
            sku=SKU,
            fnsku=fnsku,
            disposition=disposition,
            quantity=quantity,
            tracking_number=tracking,
        )
        return self.tell(removal_stream(name), event, on)

    # --- files

    def covers(
        self,
        first: str,
        last: str,
        *formats: str,
        told: str | None = None,
        without: Collection[str] = (),
    ) -> Self:
        """Files that speak for these days were imported: of these reports, or of all but some."""
        for report_format in formats or EVERYTHING:
            if report_format in without:
                continue
            self._imports(
                report_format,
                told or last,
                digest=hashlib.sha256(f"{report_format}|{first}|{last}".encode()).hexdigest(),
                period_start=first,
                period_end=last,
                stated=True,
                told_at=told or last,
                marketplace=self.marketplace,
            )
        return self

    def leaves_out(self, positions: Collection[int]) -> Self:
        """A download that speaks for no other day leaves these entries out."""
        untold = Untold(digest="newer", entries=tuple(sorted(positions)))
        self._imports("newer", TODAY, digest="newer", told_at=TODAY, untold=(untold,))
        return self

    def tell(
        self, stream: str, event: Event, on: str, *states: Event, told: str | None = None
    ) -> Self:
        """A fact, and what is told beside it; a state is told on the day of the fact, unless said."""
        identity = hashlib.sha256(f"{event!r}|{on}".encode()).hexdigest()[:16]
        self._alike[stream, identity] += 1
        telling = Telling(
            identity=identity,
            occurrence=self._alike[stream, identity],
            digest=identity,
            told_at=told or on,
        )
        self._append(stream, event, on, telling)
        for state in states:
            digest = hashlib.sha256(repr(state).encode()).hexdigest()[:16]
            part = msgspec.structs.replace(telling, part=state.TOPIC, digest=digest)
            self._append(stream, state, told or on, part)
        return self

    def _states(self, marketplace: str) -> None:
        """What is told without a store comes from a file of which the store was stated."""
        self._imports("stated", "2020-01-01", digest=_STATED, marketplace=marketplace)

    def _imports(self, report_format: str, on: str, **said: Any) -> None:
        event = ReportImported(
            file=f"{report_format}.txt",
            report_format=report_format,
            root="",
            lines=1,
            rows=1,
            **said,
        )
        self._append(ACCOUNT_STREAM, event, on)

    def _append(self, stream: str, event: Event, on: str, telling: Telling | None = None) -> None:
        self._position += 1
        entry = Entry(
            stream=stream,
            version=len(self.entries[stream]) + 1,
            event=event,
            occurred_at=on,
            actor="seller",
            source=Source(digest=_STATED, row=self._position),
            telling=telling,
            position=self._position,
        )
        self.entries[stream].append(entry)

    def in_another_order(self, dice: random.Random) -> Account:
        """The same facts, arrived in another order: only the positions differ."""
        other = Account(self.marketplace, self.rulebook)
        other.entries.clear()
        everything = [entry for entries in self.entries.values() for entry in entries]
        dice.shuffle(everything)
        for position, entry in enumerate(everything, 1):
            stream = other.entries[entry.stream]
            version = len(stream) + 1
            stream.append(msgspec.structs.replace(entry, position=position, version=version))
        return other

    # --- what is found

    def case(self, stream: str, on: str = TODAY) -> Case:
        """One case as it stood on a day."""
        stated = stated_in(self.entries[ACCOUNT_STREAM])
        return fold(
            stream, self.entries.get(stream, []), stated=stated, as_of=date.fromisoformat(on)
        )

    def book(self, on: str = TODAY) -> Book:
        """What the account's cases need from outside themselves."""
        book = Book(self.rulebook, date.fromisoformat(on))
        for stream in sorted(self.entries):
            book.add(self.case(stream, on))
        book.link(self.case(order_stream(order), on) for order in sorted(book.original_of))
        return book

    def findings(self, *claim_types: str, on: str = TODAY) -> list[Finding]:
        """Every finding, or those of some kinds, in order of stream and id."""
        book = self.book(on)
        return [
            finding
            for stream in sorted(self.entries)
            for finding in judge(self.case(stream, on), book, date.fromisoformat(on))
            if not claim_types or finding.claim_type in claim_types
        ]

    def verdicts(self, *claim_types: str, on: str = TODAY) -> list[str]:
        """The verdicts of all findings, or of some kinds, sorted."""
        return sorted(finding.verdict for finding in self.findings(*claim_types, on=on))

    def the(self, claim_type: str, *, on: str = TODAY) -> Finding:
        """The one finding of a kind."""
        (found,) = self.findings(claim_type, on=on)
        return found

    def money(self, amount: str, currency: str | None = None) -> Money:
        """An amount in the store's currency, unless said; `20.00` are twenty yen."""
        code = currency or BY_CODE[self.marketplace or "US"].currency
        return Money.of(amount, code)


def answer_to(finding: Finding, question: str) -> Test:
    """The one test of a finding that asks this question."""
    (found,) = [test for test in finding.tests if question in test.test]
    return found


def _payment_stream(order: str | None, fnsku: str | None) -> str:
    if order:
        return order_stream(order)
    return stock_stream(fnsku) if fnsku else ACCOUNT_STREAM
