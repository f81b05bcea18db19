"""A returns report of any size, in Amazon's format, the same bytes for the same size."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

HEADER = (
    "return-date order-id sku asin fnsku product-name quantity fulfillment-center-id "
    "detailed-disposition reason status license-plate-number customer-comments"
).split()
DISPOSITIONS = ("SELLABLE", "SELLABLE", "SELLABLE", "CUSTOMER_DAMAGED", "DEFECTIVE", "DAMAGED")
REASONS = ("UNWANTED_ITEM", "DEFECTIVE", "NOT_AS_DESCRIBED", "NO_REASON_GIVEN")


def returns_report(rows: int, seed: int = 7) -> bytes:
    """So many units sent back, one row each, evenly over 300 days; every order has one or two."""
    chance = random.Random(seed)
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    step = timedelta(days=300) / max(rows, 1)
    lines = ["\t".join(HEADER)]
    order = ""
    for number in range(rows):
        if not order or chance.random() < 0.85:
            order = f"{chance.randrange(100, 120)}-{number:07}-{chance.randrange(10**7):07}"
        product = chance.randrange(500)
        cells = (
            (begun + step * number).replace(microsecond=0).isoformat(),
            order,
            f"SKU-{product:04}",
            f"B0{product:08}",
            f"X00{product:07}",
            f'Invented thing no. {product}, 12" wide',
            "1",
            f"LEX{chance.randrange(9)}",
            chance.choice(DISPOSITIONS),
            chance.choice(REASONS),
            "Unit returned to inventory",
            f"LPNBN{number:010}",
            "",
        )
        lines.append("\t".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode()
