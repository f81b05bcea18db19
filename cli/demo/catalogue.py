"""What the invented seller sells, and where Amazon keeps it: nothing here exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SELLER: Final = "Fernwick Home & Hearth"
"""The invented seller: no such business, brand or product."""


@dataclass(frozen=True, slots=True)
class Product:
    """One thing sold; money is in cents."""

    sku: str
    asin: str
    fnsku: str
    title: str
    price: int
    cost: int
    """What it costs to buy; Amazon's reports never say it, so an audit of them cannot know it."""
    fee: int
    """What Amazon takes to pack and send one unit."""


def commission(amount: int) -> int:
    """Amazon's referral fee on this amount: 15 per cent, rounded half up, never under 30 cents."""
    return max(30, (amount * 15 + 50) // 100)


_TITLES: Final = (
    ("LANTERN", 'Storm Lantern 9.5"', 3499),
    ("TEATOWEL", "Tea Towels, set of 3", 1999),
    ("CAFETIERE", "Caf\u00e9 Press, 1 litre", 4295),
    ("BREADBIN", "Bread Bin, bamboo", 3899),
    ("KETTLE", "Stove Kettle", 4599),
    ("CUSHION", 'Cushion 18" x 18"', 1599),
    ("PLANTER", 'Wall Planter 5"', 2699),
    ("MUGS", "Mugs, set of 4", 3299),
    ("DOORMAT", 'Doormat 30" x 18"', 2499),
    ("CLOCK", "Kitchen Clock", 2899),
    ("BASKET", "Log Basket", 3999),
    ("SCALE", "Balance Scale", 5899),
)
_COLOURS: Final = (
    ("SLT", "slate"),
    ("IVY", "ivy"),
    ("RST", "rust"),
    ("FOG", "fog"),
    ("OAT", "oat"),
    ("INK", "ink"),
)
_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _code(prefix: str, number: int, length: int) -> str:
    """A made-up code of fixed length: the number spelled with digits and capitals, well mixed."""
    mixed = (number * 32_461_215_617 + 20_062_131_407) % 34**length
    letters = []
    for _ in range(length):
        mixed, place = divmod(mixed, 34)
        letters.append(_LETTERS[place])
    return prefix + "".join(letters)


def _product(
    number: int, name: str, title: str, price: int, assortment: int, *, commingled: bool
) -> Product:
    asin = _code("B0F", number + 1000 * assortment, 7)
    return Product(
        sku=f"FW{assortment or ''}-{name}",
        asin=asin,
        fnsku=asin if commingled else _code("X00", number + 1000 * assortment + 500, 7),
        title=title,
        price=price,
        cost=price * 28 // 100,
        fee=322 + price // 25,
    )


@dataclass(frozen=True, slots=True)
class Assortment:
    """What one seller sells."""

    bestsellers: tuple[Product, ...]
    """Sold and returned every day; one in five has no label of its own, so its FNSKU is its ASIN."""
    variants: tuple[Product, ...]
    """Sold now and then; each keeps at most one story of its own in Amazon's stock."""


def assortment(number: int = 0) -> Assortment:
    """The invented seller's products; each further number has products of its own, with codes of their own."""
    return Assortment(
        bestsellers=tuple(
            _product(row, name, title, price, number, commingled=row % 5 == 4)
            for row, (name, title, price) in enumerate(_TITLES)
        ),
        variants=tuple(
            _product(
                100 + 10 * row + column,
                f"{name}-{short}",
                f"{title}, {colour}",
                price + 200 * (column + 1),
                number,
                commingled=False,
            )
            for row, (name, title, price) in enumerate(_TITLES)
            for column, (short, colour) in enumerate(_COLOURS)
        ),
    )


CENTRES: Final = ("LEX1", "ONT8", "PHX6", "MDW7", "CMH1", "RIC2", "SDF8", "TPA1")
"""Amazon's names of fulfilment centres, as reports write them."""

TAX_FREE: Final = frozenset({"OR", "MT", "NH", "DE"})

TOWNS: Final = (
    ("Mossbury Falls", "OR", "97000"),
    ("Tarn Hollow", "NH", "03001"),
    ("Eastmere", "NH", "03000"),
    ("Port Larkin", "TX", "75000"),
    ("Cedar Quay", "DE", "19700"),
    ("Nettlebrook", "MT", "59000"),
    ("Saint Alder", "DE", "19701"),
    ("Winterfold", "OR", "97001"),
)
"""Invented places: no such town, and no post office has these codes."""

GIVEN_NAMES: Final = (
    "Testina",
    "Fictus",
    "Imagina",
    "Nemo",
    "Fabula",
    "Placida",
    "Example",
    "Mock",
)
FAMILY_NAMES: Final = ("Nobody", "Invented", "Madeup", "Notreal", "Fakeman", "Pretend", "Sampleton")
STREETS: Final = ("Nowhere Lane", "Imaginary Road", "Fictional Ave", "Made-Up Street")

RETURN_REASONS: Final = (
    "UNWANTED_ITEM",
    "UNWANTED_ITEM",
    "ORDERED_WRONG_ITEM",
    "NOT_AS_DESCRIBED",
    "QUALITY_UNACCEPTABLE",
    "FOUND_BETTER_PRICE",
    "NO_REASON_GIVEN",
    "MISSED_ESTIMATED_DELIVERY",
)
COMMENTS: Final = ("", "", "", "Not my colour", "Smaller than I thought", 'says 18" but is 17"')
