"""What happened to the invented seller, before any report is written of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from cli.demo.catalogue import Product, commission
from cli.demo.truth import Expected

Item = TypeVar("Item")

AS_OF: Final = date(2026, 11, 20)
"""The day on which the demo asks."""
FIRST_DAY: Final = date(2026, 6, 1)
LAST_ORDER_DAY: Final = date(2026, 11, 15)
LAST_DAY: Final = date(2026, 11, 18)
"""The day of the last download."""

_WINTER_BEGINS: Final = datetime(2026, 11, 1, 9, tzinfo=UTC)


def pacific_offset(moment: datetime) -> timedelta:
    """Amazon.com's clock: seven hours behind UTC until 1 November 2026, then eight.

    Worked out here, not looked up, so that every machine writes the same bytes.
    """
    return timedelta(hours=-7 if moment < _WINTER_BEGINS else -8)


def pacific_day(moment: datetime) -> date:
    """The day that this moment has on Amazon.com's clock."""
    return (moment + pacific_offset(moment)).date()


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment on Amazon.com's clock."""
    local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)
    summer = local + timedelta(hours=7)
    return summer if summer < _WINTER_BEGINS else local + timedelta(hours=8)


_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def english(day: date) -> str:
    """A day as the seller-fulfilled returns report writes it, whatever this machine's language."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


class Dice:
    """Chance that falls alike on every machine: only `random()` is promised to, so only it is used."""

    __slots__ = ("_random", "_used")

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - a demo, not a secret
        self._used: set[str] = set()

    def below(self, bound: int) -> int:
        """A whole number from 0 up to, not including, the bound."""
        return int(self._random() * bound)

    def between(self, first: int, last: int) -> int:
        """A whole number, both ends included."""
        return first + int(self._random() * (last - first + 1))

    def happens(self, chance: float) -> bool:
        """True as often as the chance says."""
        return self._random() < chance

    def pick(self, items: Sequence[Item]) -> Item:
        """One of these."""
        return items[int(self._random() * len(items))]

    def digits(self, length: int) -> str:
        """A number of this many digits, the first not zero, never given twice."""
        return self._fresh(lambda: str(self.between(10 ** (length - 1), 10**length - 1)))

    def word(self, length: int) -> str:
        """Letters and digits as Amazon mixes them in its ids, never given twice."""
        return self._fresh(lambda: "".join(self.pick(ALPHABET) for _ in range(length)))

    def capitals(self, length: int) -> str:
        """Capitals and digits, never given twice."""
        return self._fresh(lambda: "".join(self.pick(CAPITALS) for _ in range(length)))

    def order_id(self, prefix: str = "11") -> str:
        """An order id that nothing else in this world has."""
        return self._fresh(
            lambda: f"{prefix}{self.below(5)}-{self.below(10**7):07d}-{self.below(10**7):07d}"
        )

    def moment(self, day: date, first_hour: int = 7, last_hour: int = 20) -> datetime:
        """Some moment of this day on Amazon.com's clock."""
        return at(day, self.between(first_hour, last_hour), self.below(60), self.below(60))

    def _fresh(self, make: Callable[[], str]) -> str:
        made = make()
        while made in self._used:
            made = make()
        self._used.add(made)
        return made


CAPITALS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ALPHABET: Final = CAPITALS + "abcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Line:
    """Units of one product in an order; promotion and shipping are for one unit, in cents."""

    product: Product
    quantity: int
    item_code: str
    shipment_id: str
    shipment_item_id: str
    fc: str
    promotion: int = 0
    shipping: int = 0
    taxed: bool = False

    @property
    def unit_tax(self) -> int:
        """Sales tax on one unit; Amazon collects it and passes it on."""
        return (self.product.price - self.promotion) * 8 // 100 if self.taxed else 0

    @property
    def unit_commission(self) -> int:
        """Amazon's referral fee on one unit."""
        return commission(self.product.price - self.promotion)

    @property
    def unit_worth(self) -> int:
        """What Amazon owes for one unit lost after this order: the price paid less the referral fee."""
        return self.product.price - self.promotion - self.unit_commission


@dataclass(frozen=True, slots=True)
class Order:
    """One order; its buyer is a number from which an obviously invented person is written."""

    order_id: str
    programme: str
    """FBA, FBM or MCF."""
    purchased: datetime
    shipped: datetime | None
    status: str
    lines: tuple[Line, ...]
    buyer: int
    replacement: bool = False
    """Sent free of charge in the place of another order: no price, and nothing to settle."""

    @property
    def line(self) -> Line:
        """The first line: most orders have no other."""
        return self.lines[0]


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for some units of one line, or for the shipping alone."""

    order: Order
    line: Line
    quantity: int
    moment: datetime
    kind: str
    adjustment_id: str
    item_id: str
    percent: int = 100
    """How much of the units' price was given back."""
    shipping_only: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    """One unit that came back to a fulfilment centre, as the returns report tells it."""

    order_id: str
    product: Product
    moment: datetime
    fc: str
    disposition: str
    reason: str
    status: str
    plate: str
    comment: str = ""
    first_told: Return | None = None
    """What an earlier download said of the same unit, where it said something else."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A unit sent again under an order id of its own."""

    original: Order
    order: Order
    reason: int


@dataclass(frozen=True, slots=True)
class Reimbursement:
    """One line of the reimbursements report; a reversal has a negative cash quantity."""

    reimbursement_id: str
    approved: datetime
    day_only: bool
    """Amazon writes about one in three as midnight: a day without a time."""
    reason: str
    product: Product
    amount_per_unit: int
    cash: int
    inventory: int = 0
    order_id: str = ""
    case_id: str = ""
    original_id: str = ""
    original_type: str = ""

    @property
    def amount(self) -> int:
        """The line's money in cents, signed as Amazon signs it."""
        return self.amount_per_unit * abs(self.cash)


@dataclass(frozen=True, slots=True)
class Movement:
    """One row of the inventory ledger; the quantity is signed."""

    day: date
    product: Product
    kind: str
    quantity: int
    fc: str
    disposition: str = "SELLABLE"
    reason: str = ""
    reference: str = ""
    reconciled: int = 0
    unreconciled: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A buyer's request to send a seller-fulfilled order back, as last told."""

    order: Order
    day: date
    status: str
    rma_id: str
    reason: str
    received: date | None = None
    refunded: int | None = None
    resolution: str = "StandardRefund"
    a_to_z: bool = False
    safe_t: tuple[str, str, str, str, int] | None = None
    """Action reason, claim id, state, creation time, amount in cents."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Units of a removal order handed to a carrier."""

    moment: datetime
    quantity: int
    carrier: str
    tracking: str


@dataclass(frozen=True, slots=True)
class Removal:
    """One line of a removal order as last told, with its parcels."""

    order_id: str
    kind: str
    product: Product
    disposition: str
    requested_at: datetime
    updated_at: datetime
    status: str
    requested: int
    cancelled: int = 0
    disposed: int = 0
    in_process: int = 0
    shipped: int = 0
    fee: int = 0
    parcels: tuple[Parcel, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """Money of a settlement that belongs to no sale: fees, advertising, reimbursements, claims."""

    moment: datetime
    transaction: str
    kind: str
    what: str
    amount: int
    order_id: str = ""
    sku: str = ""
    quantity: int | None = None


@dataclass(slots=True)
class World:
    """Everything that happened, in no particular order; reports are views of it."""

    seed: int
    orders: list[Order] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    replacements: list[Replacement] = field(default_factory=list)
    reimbursements: list[Reimbursement] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
