"""What happens in a sequence, in plain words and numbers that the ledger and the oracle both understand."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

DAY: Final = len("2026-03-01")


@dataclass(frozen=True, kw_only=True)
class Line:
    """Units of one SKU that a buyer ordered."""

    sku: str
    quantity: int
    each: int
    """The price of one unit in cents, tax included."""
    shipping: int = 0


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order of the little world: everything about it that never changes."""

    id: str
    store: str
    domain: str
    zone: str
    currency: str
    programme: str
    placed: str
    lines: tuple[Line, ...]

    def line(self, sku: str) -> Line:
        return next(line for line in self.lines if line.sku == sku)


ORDERS: Final = (
    Order(
        id="111-0000001-0000001",
        store="US",
        domain="Amazon.com",
        zone="America/Los_Angeles",
        currency="USD",
        programme="FBM",
        placed="2026-01-02T12:00:00Z",
        lines=(
            Line(sku="CUP", quantity=3, each=20_00, shipping=4_99),
            Line(sku="BOWL", quantity=1, each=100_00),
        ),
    ),
    Order(
        id="302-0000002-0000002",
        store="DE",
        domain="Amazon.de",
        zone="Europe/Berlin",
        currency="EUR",
        programme="FBM",
        placed="2026-01-03T12:00:00Z",
        lines=(Line(sku="LAMP", quantity=2, each=40_00, shipping=5_00),),
    ),
    Order(
        id="203-0000003-0000003",
        store="UK",
        domain="Amazon.co.uk",
        zone="Europe/London",
        currency="GBP",
        programme="FBM",
        placed="2026-01-04T12:00:00Z",
        lines=(
            Line(sku="RUG", quantity=1, each=30_00),
            Line(sku="PIN", quantity=3, each=5_00),
        ),
    ),
    Order(
        id="114-0000004-0000004",
        store="US",
        domain="Amazon.com",
        zone="America/Los_Angeles",
        currency="USD",
        programme="FBA",
        placed="2026-01-05T12:00:00Z",
        lines=(Line(sku="FORK", quantity=2, each=25_00),),
    ),
)
BY_ID: Final = {order.id: order for order in ORDERS}
PLACES: Final = tuple((order, line.sku) for order in ORDERS for line in order.lines)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that the seller tells or decides, or that a report tells; most fields are for a few kinds."""

    kind: str
    order: str
    at: str
    """A day or a moment, as it is told."""
    sku: str | None = None
    quantity: int = 1
    name: str | None = None
    """Of a message, a claim, a reimbursement, a plate or a settled refund."""
    rma: str | None = None
    by: str | None = None
    trigger: str | None = None
    """What set a refund off; also the door of a claim."""
    money: tuple[tuple[str, int], ...] = ()
    """Cents by component."""
    currency: str | None = None
    """None for that of the store."""
    outcome: str | None = None
    until: str | None = None
    in_policy: bool | None = None
    abroad: bool = False
    defect: bool = False
    """True where the buyer says that it is defective."""
    automatic: bool = False
    on_appeal: bool = False
    approved: bool = False
    goodwill: bool = False
    text: str | None = None
    """What is written, the state of a unit, the reason of a fee, the name of a rule, the status of a return."""
    delivered: str | None = None
    corrects: int | None = None
    """Number of the fact that was wrong."""
    late: bool = False
    again: bool = False
    against_advice: bool = False
    by_report: bool = False
    told_at: str | None = None
    """When the report was made."""
    number: int = 0
    """Its place among all that was recorded, from 1."""
    recorded_at: str = ""

    @property
    def cents(self) -> int:
        return sum(cents for _, cents in self.money)

    def __str__(self) -> str:
        """As a line that a person can follow."""
        shown = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _SAID_FIRST or value == field.default:
                continue
            if field.name == "order":
                value = f"{BY_ID[value].store} {BY_ID[value].programme}"
            if field.name == "money":
                value = " ".join(f"{name} {cents / 100:.2f}" for name, cents in value)
            shown.append(f"{value}" if field.name in _PLAIN else f"{field.name}={value}")
        who = "report" if self.by_report else "seller"
        return f"{who}: {self.kind} {' '.join(shown)}"


_SAID_FIRST: Final = ("kind", "by_report", "number", "recorded_at")
_PLAIN: Final = ("order", "sku", "money", "name")
