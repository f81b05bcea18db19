"""The words in which planted cases are told: what happens, and what an audit ought to answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from cli.demo.catalogue import Assortment, Product, assortment
from cli.demo.history import History
from cli.demo.truth import CUSTOMER_RETURN, Expected, standing, window
from cli.demo.world import AS_OF, Dice, Line, Order, Refund, World, pacific_day


def ago(days: int) -> date:
    """The day this many days before the day on which the demo asks."""
    return AS_OF - timedelta(days=days)


class Plot(History):
    """A history that also writes down what it plants."""

    def __init__(self, world: World, dice: Dice, products: Assortment | None = None) -> None:
        super().__init__(world, dice)
        products = products or assortment()
        self.bestsellers, self.variants = products.bestsellers, products.variants
        self._unplanted: Iterator[Product] = iter(self.variants)

    def own_product(self) -> Product:
        """A product whose stock has no other story than the one about to be told."""
        return next(self._unplanted)

    def refunded(
        self,
        moment: datetime,
        *,
        shipped: date | None = None,
        product: Product | None = None,
        quantity: int = 1,
        units: int | None = None,
        promotion: int = 0,
        shipping: int = 0,
        percent: int = 100,
        shipping_only: bool = False,
    ) -> Refund:
        """An FBA order, and later the refund of some or all its units."""
        product = product or self.dice.pick(self.bestsellers)
        day = shipped or pacific_day(moment) - timedelta(days=self.dice.between(8, 20))
        order = self.sale(day, product, quantity, promotion=promotion, shipping=shipping)
        refunded = quantity if units is None else units
        return self.refund(order, moment, refunded, percent=percent, shipping_only=shipping_only)

    def expect(self, expected: Expected) -> None:
        """Write down one answer."""
        self.world.expected.append(expected)

    def expect_window(
        self,
        refund: Refund,
        case: str,
        why: str,
        claim_type: str,
        *,
        verdict: str | None = None,
        quantity: int = 1,
        reason: str = "",
    ) -> None:
        """An open unit of a refunded order: the customer-return window decides, if nothing else does."""
        opens, closes = window(pacific_day(refund.moment), CUSTOMER_RETURN)
        worth = refund.line.unit_worth * quantity
        self.expect(
            Expected(
                case=case,
                why=why,
                claim_type=claim_type,
                verdict=verdict or standing(opens, closes, AS_OF),
                sku=refund.line.product.sku,
                fnsku=refund.line.product.fnsku,
                quantity=quantity,
                order_id=refund.order.order_id,
                reason=reason,
                opens=opens,
                closes=closes,
                amounts=(("amount_expected", worth), ("amount_open", worth)),
            )
        )

    def expect_plain(
        self,
        order: Order,
        case: str,
        why: str,
        claim_type: str,
        verdict: str | None,
        *,
        quantity: int = 1,
        reason: str = "",
        amounts: tuple[tuple[str, int | None], ...] = (),
        line: Line | None = None,
    ) -> None:
        """An answer about a unit of an order in which no window matters."""
        product = (line or order.line).product
        self.expect(
            Expected(
                case=case,
                why=why,
                claim_type=claim_type,
                verdict=verdict,
                sku=product.sku,
                fnsku=product.fnsku,
                quantity=quantity,
                order_id=order.order_id,
                reason=reason,
                amounts=amounts,
            )
        )
