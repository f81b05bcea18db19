"""The things that can happen to the invented seller, one method each; every report follows from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from cli.demo.catalogue import CENTRES, RETURN_REASONS, TAX_FREE, TOWNS, Product
from cli.demo.world import (
    LAST_DAY,
    Charge,
    Dice,
    Line,
    Movement,
    Order,
    Refund,
    Reimbursement,
    Replacement,
    Return,
    World,
    pacific_day,
)

SETTLED_AS: Final = {
    "CustomerReturn": "REVERSAL_REIMBURSEMENT",
    "Lost_Warehouse": "WAREHOUSE_LOST",
    "Damaged_Warehouse": "WAREHOUSE_DAMAGE",
    "CustomerServiceIssue": "CS_ERROR_ITEMS",
    "Reimbursement_Reversal": "COMPENSATED_CLAWBACK",
}
"""What a settlement calls the reasons of the reimbursements report."""


class History:
    """Writes what happens into a world; each thing leaves all its traces at once."""

    def __init__(self, world: World, dice: Dice) -> None:
        self.world = world
        self.dice = dice

    # --- orders ---------------------------------------------------------------------------------------

    def line(
        self, product: Product, quantity: int = 1, *, promotion: int = 0, shipping: int = 0
    ) -> Line:
        """Units of one product, with the ids that Amazon gives them."""
        dice = self.dice
        return Line(
            product=product,
            quantity=quantity,
            item_code=dice.digits(14),
            shipment_id="D" + dice.word(8),
            shipment_item_id="D" + dice.word(8),
            fc=dice.pick(CENTRES),
            promotion=promotion,
            shipping=shipping,
        )

    def order(
        self,
        shipped: datetime,
        *lines: Line,
        programme: str = "FBA",
        order_id: str | None = None,
        replacement: bool = False,
    ) -> Order:
        """An order that was bought, shipped and, if Amazon sent it, taken from stock."""
        dice = self.dice
        buyer = dice.below(10**6)
        taxed = TOWNS[buyer % len(TOWNS)][1] not in TAX_FREE and not replacement
        order = Order(
            order_id=order_id or dice.order_id(),
            programme=programme,
            purchased=shipped - timedelta(minutes=dice.between(300, 2600)),
            shipped=shipped,
            status="Shipped",
            lines=tuple(replace(line, taxed=True) for line in lines)
            if taxed and programme != "MCF"
            else lines,
            buyer=buyer,
            replacement=replacement,
        )
        self.world.orders.append(order)
        if programme != "FBM":
            for line in order.lines:
                self.move(pacific_day(shipped), line.product, "Shipments", -line.quantity, line.fc)
        return order

    def sale(
        self,
        day: date,
        product: Product,
        quantity: int = 1,
        *,
        promotion: int = 0,
        shipping: int = 0,
    ) -> Order:
        """An FBA order of one line, shipped on this day."""
        line = self.line(product, quantity, promotion=promotion, shipping=shipping)
        return self.order(self.dice.moment(day), line)

    def unshipped(self, bought: datetime, product: Product, status: str) -> Order:
        """An order that never left: cancelled, or still pending."""
        order = Order(
            order_id=self.dice.order_id(),
            programme="FBA",
            purchased=bought,
            shipped=None,
            status=status,
            lines=(self.line(product),),
            buyer=self.dice.below(10**6),
        )
        self.world.orders.append(order)
        return order

    def replace(self, original: Order, day: date) -> Order:
        """Amazon sends the first line again, free of charge, under an order id of its own."""
        line = self.line(original.line.product, 1)
        again = self.order(self.dice.moment(day), line, replacement=True)
        self.world.replacements.append(Replacement(original, again, self.dice.between(1, 9)))
        return again

    # --- money ----------------------------------------------------------------------------------------

    def refund(
        self,
        order: Order,
        moment: datetime,
        quantity: int = 1,
        *,
        kind: str = "Refund",
        percent: int = 100,
        shipping_only: bool = False,
        line: Line | None = None,
    ) -> Refund:
        """Money goes back to the buyer in one transaction."""
        refund = Refund(
            order=order,
            line=line or order.line,
            quantity=quantity,
            moment=moment,
            kind=kind,
            adjustment_id=f"amzn1:crow:{self.dice.word(22)}",
            item_id=self.dice.digits(12),
            percent=percent,
            shipping_only=shipping_only,
        )
        self.world.refunds.append(refund)
        return refund

    def reimburse(
        self,
        moment: datetime,
        reason: str,
        product: Product,
        amount_per_unit: int,
        cash: int = 1,
        *,
        inventory: int = 0,
        order_id: str = "",
        case_id: str = "",
        original: Reimbursement | None = None,
        original_id: str = "",
    ) -> Reimbursement:
        """Amazon pays, or takes back where the amount is negative; the settlement shows the same money."""
        paid = Reimbursement(
            reimbursement_id=self.dice.digits(11),
            approved=moment,
            day_only=self.dice.happens(0.3),
            reason=reason,
            product=product,
            amount_per_unit=amount_per_unit,
            cash=cash,
            inventory=inventory,
            order_id=order_id,
            case_id=case_id,
            original_id=original.reimbursement_id if original else original_id,
            original_type=original.reason
            if original
            else ("CustomerReturn" if original_id else ""),
        )
        self.world.reimbursements.append(paid)
        if paid.amount:
            self.charge(
                moment + timedelta(minutes=self.dice.between(5, 200)),
                "other-transaction",
                "FBA Inventory Reimbursement",
                SETTLED_AS[reason],
                paid.amount,
                order_id=order_id,
                sku=product.sku,
                quantity=abs(cash),
            )
        return paid

    def charge(
        self,
        moment: datetime,
        transaction: str,
        kind: str,
        what: str,
        amount: int,
        *,
        order_id: str = "",
        sku: str = "",
        quantity: int | None = None,
    ) -> None:
        """Money of a settlement that belongs to no sale and no refund."""
        self.world.charges.append(
            Charge(moment, transaction, kind, what, amount, order_id, sku, quantity)
        )

    # --- units ----------------------------------------------------------------------------------------

    def come_back(
        self,
        order: Order,
        moment: datetime,
        disposition: str = "SELLABLE",
        *,
        restocked: bool = True,
        status: str = "Unit returned to inventory",
        reason: str | None = None,
        plate: bool = True,
        comment: str = "",
        first_told: tuple[datetime, str] | None = None,
    ) -> Return:
        """One unit arrives at a fulfilment centre and is graded there."""
        dice = self.dice
        product, fc = order.line.product, dice.pick(CENTRES)
        unit = Return(
            order_id=order.order_id,
            product=product,
            moment=moment,
            fc=fc,
            disposition=disposition,
            reason=reason or dice.pick(RETURN_REASONS),
            status=status,
            plate="LPN" + dice.capitals(10) if plate else "",
            comment=comment,
        )
        if first_told is not None:
            told_at, told_status = first_told
            before = replace(unit, moment=told_at, status=told_status)
            unit = replace(unit, first_told=before)
        self.world.returns.append(unit)
        if restocked:
            day = min(pacific_day(moment) + timedelta(days=dice.below(2)), LAST_DAY)
            self.move(day, product, "CustomerReturns", 1, fc, disposition=disposition)
        return unit

    def move(
        self,
        day: date,
        product: Product,
        kind: str,
        quantity: int,
        fc: str,
        *,
        disposition: str = "SELLABLE",
        reason: str = "",
        reconciled: int = 0,
        unreconciled: int = 0,
        reference: str | None = None,
    ) -> None:
        """Units enter or leave a fulfilment centre's stock: one row of the inventory ledger."""
        if reference is None:
            silent = kind in ("Shipments", "CustomerReturns")
            reference = "" if silent else self.dice.digits(11)
        self.world.movements.append(
            Movement(
                day=day,
                product=product,
                kind=kind,
                quantity=quantity,
                fc=fc,
                disposition=disposition,
                reason=reason,
                reference=reference,
                reconciled=reconciled,
                unreconciled=unreconciled,
            )
        )

    def adjust(
        self,
        day: date,
        product: Product,
        code: str,
        quantity: int,
        *,
        reconciled: int = 0,
        disposition: str = "SELLABLE",
        reference: str | None = None,
    ) -> None:
        """An adjustment by Amazon's code; what it has not reconciled of a loss stays open."""
        loss = quantity < 0 and code in "M5E67HKU"
        self.move(
            day,
            product,
            "Adjustments",
            quantity,
            CENTRES[len(product.sku) % len(CENTRES)],
            disposition=disposition,
            reason=code,
            reconciled=reconciled if loss else abs(quantity),
            unreconciled=-quantity - reconciled if loss else 0,
            reference=reference,
        )
